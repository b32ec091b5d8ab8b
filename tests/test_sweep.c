/* tests/test_sweep.c - which settings mattered: correlations against pairs counted one by one and closed
 * forms, importance of settings that are known to matter and of one that is chance.
 */
#include "config.h"
#include "lepton/sweep.h"
#include "model_reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MOST 60

static struct lepton_sweep judge(const float *values, const double *goal, size_t rows, size_t settings)
{
	struct lepton_sweep out;
	struct lepton_error err = {0};
	int code = lepton_sweep_judge(values, goal, rows, settings, &out, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	return out;
}

/* How many are smaller, and half of the others that are equal: a place without sorting. */
static double place(const double *x, size_t n, size_t i)
{
	double before = 0;
	for (size_t k = 0; k < n; k++)
		before += x[k] < x[i] ? 1 : x[k] > x[i] || k == i ? 0 : 0.5;
	return before;
}

static double by_places(const double *x, const double *y, size_t n)
{
	double sx = 0, sy = 0, sxy = 0, sxx = 0, syy = 0;
	for (size_t i = 0; i < n; i++) {
		const double a = place(x, n, i), b = place(y, n, i);
		sx += a;
		sy += b;
		sxy += a * b;
		sxx += a * a;
		syy += b * b;
	}
	const double m = (double)n;
	return (m * sxy - sx * sy) / sqrt((m * sxx - sx * sx) * (m * syy - sy * sy));
}

static void correlations(void **state)
{
	(void)state;
	uint64_t seed = 3;
	for (int round = 0; round < 20; round++) {
		float values[MOST];
		double x[MOST], goal[MOST];
		const size_t n = 5 + (size_t)round * 2;
		for (size_t i = 0; i < n; i++) {
			values[i] = floorf((float)test_random(&seed) * 6); /* many are equal */
			x[i] = (double)values[i];
			goal[i] = floor((test_random(&seed) + x[i] / 5) * 8);
		}
		double want = by_places(x, goal, n), have = judge(values, goal, n, 1).correlation[0];
		assert_true(isnan(want) ? isnan(have) : fabs(have - want) < 1e-12);
	}
}

static void closed_forms(void **state)
{
	(void)state;
	float rising[6], falling[6], same[6], some[6];
	double goal[6];
	for (int i = 0; i < 6; i++) {
		goal[i] = 0.9 + 1e-9 * exp(i); /* any rising shape, and small */
		rising[i] = (float)(i * i);
		falling[i] = -expf((float)i);
		same[i] = 3;
		some[i] = i < 4 ? NAN : (float)i;
	}
	float values[24];
	for (int i = 0; i < 6; i++) {
		const float row[] = {rising[i], falling[i], same[i], some[i]};
		memcpy(values + 4 * i, row, sizeof row);
	}
	struct lepton_sweep s = judge(values, goal, 6, 4);
	assert_int_equal(s.rows, 6);
	assert_true(fabs(s.correlation[0] - 1) < 1e-12);
	assert_true(fabs(s.correlation[1] + 1) < 1e-12);
	assert_true(isnan(s.correlation[2])); /* it does not differ */
	assert_true(isnan(s.correlation[3])); /* only two have it */
	assert_true(isfinite(s.importance[0]));
}

/* The goal bends with the first, hangs on the second a little, and not on the third. */
static void importance(void **state)
{
	(void)state;
	static float values[MOST * 3];
	static double goal[MOST];
	uint64_t seed = 8;
	double sum = 0;
	for (int i = 0; i < MOST; i++) {
		for (int s = 0; s < 3; s++)
			values[3 * i + s] = (float)test_random(&seed);
		goal[i] = 0.98 - 0.01 * pow((double)values[3 * i], 2) + 0.002 * (double)values[3 * i + 1];
	}
	struct lepton_sweep s = judge(values, goal, MOST, 3), again = judge(values, goal, MOST, 3);
	for (int i = 0; i < 3; i++)
		sum += s.importance[i];
	assert_true(fabs(sum - 1) < 1e-6);
	assert_true(s.importance[0] > 0.5);
	assert_true(s.importance[1] > s.importance[2]);
	assert_true(fabs(s.correlation[0]) < 0.4); /* it bends: no direction */
	assert_memory_equal(&s, &again, sizeof s);
}

static void too_little(void **state)
{
	(void)state;
	float values[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	double goal[8] = {1, 2, 3, NAN, 5, INFINITY, 7, NAN}, same[8] = {2, 2, 2, 2, 2, 2, 2, 2};
	struct lepton_sweep s = judge(values, goal, 8, 1);
	assert_int_equal(s.rows, 5);
	assert_true(isnan(s.importance[0]));
	assert_true(fabs(s.correlation[0] - 1) < 1e-12);
	s = judge(values, same, 8, 1);
	assert_int_equal(s.rows, 8);
	assert_true(isnan(s.importance[0]) && isnan(s.correlation[0]));
	s = judge(values, goal, 0, 1);
	assert_int_equal(s.rows, 0);
	s = judge(values, goal, 8, 0);
	assert_true(isnan(s.importance[0]));
	struct lepton_error err = {0};
	assert_int_equal(lepton_sweep_judge(values, goal, 1, 21, &s, &err), LEPTON_E_USAGE);
	assert_non_null(strstr(err.message, "21 settings are too many: 20 at most"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(correlations),
		cmocka_unit_test(closed_forms),
		cmocka_unit_test(importance),
		cmocka_unit_test(too_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
