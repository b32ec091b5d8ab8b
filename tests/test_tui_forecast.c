/* tests/test_tui_forecast.c - shares and times: by hand, and beside small steps of time with shares found by
 * bisection.
 */
#include "config.h"
#include "tui/forecast.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static void near(double expected, double got, double tolerance)
{
	if (!(fabs(expected - got) <= tolerance))
		fail_msg("expected %.9g, got %.9g", expected, got);
}

static void by_hand(void **state)
{
	size_t unknown;
	(void)state;
	struct lepton__claim equal[] = {{1, 10, 0, 0}, {1, 20, 0, 0}};
	near(30, lepton__forecast(equal, 2, 1, &unknown), 1e-9);
	near(0.5, equal[0].share, 1e-12);
	near(20, equal[0].left, 1e-9); /* ten of its own among twenty */
	near(30, equal[1].left, 1e-9);
	struct lepton__claim twice[] = {{2, 10, 0, 0}, {1, 10, 0, 0}};
	near(20, lepton__forecast(twice, 2, 1, &unknown), 1e-9);
	near(15, twice[0].left, 1e-9);
	struct lepton__claim few[] = {{1, 5, 0, 0}, {100, 7, 0, 0}};
	near(7, lepton__forecast(few, 2, 4, &unknown), 1e-9); /* nobody has more than one worker */
	near(0.25, few[0].share, 1e-12);
	near(0.25, few[1].share, 1e-12);
	struct lepton__claim capped[] = {{10, 4, 0, 0}, {1, 4, 0, 0}, {1, 4, 0, 0}};
	near(6, lepton__forecast(capped, 3, 2, &unknown),
		1e-9); /* 1, 1/2, 1/2; after 4 the rest has one each */
	near(4, capped[0].left, 1e-9);
	near(6, capped[1].left, 1e-9);
	assert_int_equal(unknown, 0);
}

/* One whose work is not known takes its part for ever. */
static void unknown_work(void **state)
{
	size_t unknown;
	(void)state;
	struct lepton__claim claims[] = {{1, 10, 0, 0}, {1, (double)NAN, 0, 0}};
	near(20, lepton__forecast(claims, 2, 1, &unknown), 1e-9);
	assert_int_equal(unknown, 1);
	near(20, claims[0].left, 1e-9);
	assert_true(isnan(claims[1].left));
	near(0.5, claims[1].share, 1e-12);
	assert_true(lepton__forecast(claims, 0, 2, &unknown) <= 0);
	claims[0].work = 0; /* at its very end */
	near(0, lepton__forecast(claims, 1, 0, &unknown), 1e-9);
	near(0, claims[0].left, 1e-9);
}

#define MANY 7

/* The level at which min(1, level times priority) comes to all workers. */
static void shares_by_bisection(const struct lepton__claim *c, const double *work, int workers, double *rate)
{
	double low = 0, high = 1e6;
	for (int i = 0; i < 100; i++) {
		double level = (low + high) / 2, sum = 0;
		for (int k = 0; k < MANY; k++)
			sum += work[k] > 0 ? fmin(1, level * c[k].priority) : 0;
		*(sum < workers ? &low : &high) = level;
	}
	for (int k = 0; k < MANY; k++)
		rate[k] = work[k] > 0 ? fmin(1, low * c[k].priority) : 0;
}

static void beside_small_steps(void **state)
{
	(void)state;
	srand(11);
	for (int round = 0; round < 20; round++) {
		struct lepton__claim claims[MANY];
		double work[MANY], rate[MANY], left[MANY] = {0}, now = 0;
		int workers = 1 + rand() % 4;
		size_t unknown;
		for (int k = 0; k < MANY; k++) {
			claims[k] = (struct lepton__claim){
				.priority = 0.5 * (1 + rand() % 8), .work = 0.1 + rand() % 100 / 40.0};
			work[k] = claims[k].work;
		}
		const double step = 1e-3;
		for (int busy = MANY; busy > 0; now += step) {
			shares_by_bisection(claims, work, workers, rate);
			busy = 0;
			for (int k = 0; k < MANY; k++) {
				if (work[k] <= 0)
					continue;
				work[k] -= step * rate[k];
				left[k] = now + step;
				busy++;
			}
		}
		lepton__forecast(claims, MANY, workers, &unknown);
		for (int k = 0; k < MANY; k++)
			near(left[k], claims[k].left, 0.02);
	}
}

/* More than are played through: shares by priority, and all of the work by all workers. */
static void very_many(void **state)
{
	static struct lepton__claim claims[1000];
	size_t unknown;
	(void)state;
	for (int i = 0; i < 1000; i++)
		claims[i] = (struct lepton__claim){.priority = 1, .work = 3};
	near(750, lepton__forecast(claims, 1000, 4, &unknown), 1e-9);
	near(0.001, claims[5].share, 1e-12);
	near(750, claims[5].left, 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(unknown_work),
		cmocka_unit_test(beside_small_steps),
		cmocka_unit_test(very_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
