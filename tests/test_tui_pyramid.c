/* tests/test_tui_pyramid.c - spans against brute force on random series that grow; smoothing against its
 * formula. */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tui/pyramid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 40000

static float values[POINTS];

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void make_values(uint32_t seed)
{
	for (size_t i = 0; i < POINTS; i++) {
		uint32_t r = next_random(&seed);
		values[i] = r % 11 == 0 ? NAN : r % 97 == 1 ? INFINITY : (float)r / 65536.0f - 100.0f;
	}
}

static bool same(float a, float b)
{
	return (isnan(a) && isnan(b)) || (a <= b && a >= b);
}

static void check_span(const struct lepton__pyramid *pyramid, size_t from, size_t to)
{
	float min = NAN, max = NAN, least = NAN;
	for (size_t i = from; i < to; i++)
		if (isfinite(values[i])) {
			min = fminf(min, values[i]);
			max = fmaxf(max, values[i]);
			if (values[i] > 0)
				least = fminf(least, values[i]);
		}
	struct lepton__span span = lepton__pyramid_span(pyramid, from, to);
	if (!same(span.min, min) || !same(span.max, max) || !same(span.least, least))
		fail_msg("[%zu, %zu): %g %g %g instead of %g %g %g", from, to, (double)span.min,
			(double)span.max, (double)span.least, (double)min, (double)max, (double)least);
}

static void test_spans(void **state)
{
	(void)state;
	struct lepton__pyramid pyramid;
	uint32_t seed = 3;
	make_values(1);
	lepton__pyramid_init(&pyramid);
	for (size_t count = 0; count <= POINTS; count += 1 + next_random(&seed) % 900) {
		assert_int_equal(lepton__pyramid_update(&pyramid, values, count, NULL), 0);
		for (int round = 0; round < 30 && count > 0; round++) {
			size_t from = next_random(&seed) % count;
			check_span(&pyramid, from, from + next_random(&seed) % (count - from + 1));
		}
		check_span(&pyramid, 0, count);
	}
	lepton__pyramid_free(&pyramid);
}

static void test_every_small_range(void **state)
{
	(void)state;
	struct lepton__pyramid pyramid;
	make_values(9);
	lepton__pyramid_init(&pyramid);
	assert_int_equal(lepton__pyramid_update(&pyramid, values, 300, NULL), 0);
	for (size_t from = 0; from <= 300; from++)
		for (size_t to = from; to <= 300; to++)
			check_span(&pyramid, from, to);
	struct lepton__span past = lepton__pyramid_span(&pyramid, 290, 1000),
			    none = lepton__pyramid_span(&pyramid, 400, 500);
	assert_true(same(past.max, lepton__pyramid_span(&pyramid, 290, 300).max));
	assert_true(isnan(none.min));
	lepton__pyramid_free(&pyramid);
}

static void test_starts_over_when_shorter(void **state)
{
	(void)state;
	struct lepton__pyramid pyramid;
	make_values(5);
	lepton__pyramid_init(&pyramid);
	assert_int_equal(lepton__pyramid_update(&pyramid, values, 5000, NULL), 0);
	make_values(6);
	assert_int_equal(lepton__pyramid_update(&pyramid, values, 1000, NULL), 0);
	for (size_t from = 0; from < 1000; from += 37)
		check_span(&pyramid, from, 1000);
	lepton__pyramid_free(&pyramid);
}

/* The closed form: a weighted mean of all finite values so far, weights falling by the smoothing each. */
static double smoothed_naively(size_t upto, double smoothing)
{
	double sum = 0, weights = 0, weight = 1;
	for (size_t i = upto + 1; i-- > 0;)
		if (isfinite(values[i])) {
			sum += weight * (double)values[i];
			weights += weight;
			weight *= smoothing;
		}
	return sum / weights;
}

static void test_smoothing(void **state)
{
	(void)state;
	struct lepton__trace trace;
	make_values(2);
	lepton__trace_init(&trace);
	for (size_t count = 1; count <= 2000; count += 133)
		assert_int_equal(lepton__trace_update(&trace, values, count, 0.9, NULL), 0);
	for (size_t i = 0; i < trace.smooth.count; i += 7) {
		if (!isfinite(values[i]))
			assert_true(isnan(trace.smoothed[i]));
		else
			assert_true(fabs((double)trace.smoothed[i] - smoothed_naively(i, 0.9)) < 1e-3);
	}
	assert_int_equal(
		lepton__trace_update(&trace, values, 2000, 0.5, NULL), 0); /* another smoothing: all anew */
	for (size_t i = 0; i < 2000; i += 13)
		if (isfinite(values[i]))
			assert_true(fabs((double)trace.smoothed[i] - smoothed_naively(i, 0.5)) < 1e-3);
	lepton__trace_free(&trace);
}

static void test_bias_corrected_start(void **state)
{
	(void)state;
	struct lepton__trace trace;
	static const float flat[] = {3, 3, 3, 3};
	lepton__trace_init(&trace);
	assert_int_equal(lepton__trace_update(&trace, flat, 4, 0.99, NULL), 0);
	for (size_t i = 0; i < 4; i++)
		assert_true(fabsf(trace.smoothed[i] - 3) < 1e-5f); /* not near 0, as without the correction */
	lepton__trace_free(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_every_small_range),
		cmocka_unit_test(test_starts_over_when_shorter),
		cmocka_unit_test(test_smoothing),
		cmocka_unit_test(test_bias_corrected_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
