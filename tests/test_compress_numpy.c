/* Compression against figures that numpy made (tests/oracles/methods_numpy.py). */
#include "config.h"
#include "compress_make.h"
#include "lepton/compress.h"
#include "oracles/methods_numpy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void near(double value, double expected, double tolerance)
{
	if (!(fabs(value - expected) <= tolerance))
		fail_msg("%.17g, but numpy has %.17g", value, expected);
}

/* The report's range of alphas has four digits; the floats themselves are in the blob. */
static void has_float(const struct lepton_params *blob, double value)
{
	const uint8_t *bytes = lepton_params_at(blob, 0)->data;
	float wanted = (float)value, below = nextafterf(wanted, -INFINITY),
	      above = nextafterf(wanted, INFINITY), found;
	for (int64_t at = 0; at + 4 <= lepton_params_bytes(blob); at++) {
		memcpy(&found, bytes + at, 4);
		if (found >= below && found <= above)
			return;
	}
	fail_msg("%.9g is not in the blob", value);
}

static void test_delta(void **state)
{
	(void)state;
	struct lepton_params *base = make_random(small_net, SMALL_NET, 100), *blob, *rebuilt;
	struct lepton_params *weights = make_random(small_net, SMALL_NET, 200);
	struct lepton_compress_report report;
	assert_int_equal(lepton_compress("delta", weights, base, NULL, &blob, &rebuilt, &report, NULL), 0);
	for (size_t t = 0; t < SMALL_NET; t++)
		has_float(blob, numpy_delta_alphas[t]);
	near(report.relative_error, numpy_delta_error[0], 1e-7);
	for (int i = 0; i < 7; i++)
		near((double)numbers(rebuilt, 2)[i], numpy_delta_dense_0[i], 1e-6);
	lepton_params_release(blob);
	lepton_params_release(rebuilt);
	lepton_params_release(weights);
	lepton_params_release(base);
}

static void test_quantize(void **state)
{
	(void)state;
	struct lepton_params *weights = make_random(small_net, SMALL_NET, 200), *blob, *rebuilt;
	struct lepton_compress_report report;
	assert_int_equal(lepton_compress("quantize", weights, NULL, NULL, &blob, &rebuilt, &report, NULL), 0);
	for (int i = 0; i < 7; i++)
		has_float(blob, numpy_quantize_scales[i]);
	near(report.relative_error, numpy_quantize_error[0], 1e-7);
	for (int i = 0; i < 7; i++)
		near((double)numbers(rebuilt, 2)[i], numpy_quantize_dense_0[i], 1e-6);
	lepton_params_release(blob);
	lepton_params_release(rebuilt);
	lepton_params_release(weights);
}

/* The nearest matrix of rank 3, and how much of the squares a rank of 3 keeps: a little less asked for is
 * rank 3, a little more is rank 4. */
static void test_lowrank(void **state)
{
	(void)state;
	struct lepton_params *weights = make_random(small_net, SMALL_NET, 200), *blob, *rebuilt;
	struct lepton_compress_report report;
	char settings[64];
	assert_int_equal(
		lepton_compress("lowrank", weights, NULL, "{\"rank\":3}", &blob, &rebuilt, &report, NULL), 0);
	near(report.relative_error, numpy_lowrank_error[0], 1e-6);
	for (int i = 0; i < 7; i++)
		near((double)numbers(rebuilt, 2)[i], numpy_lowrank_dense_0[i], 1e-6);
	lepton_params_release(blob);
	lepton_params_release(rebuilt);
	for (int more = 0; more < 2; more++) {
		snprintf(settings, sizeof settings, "{\"energy\":%.6f}",
			numpy_lowrank_energy_3[0] + (more ? 1e-5 : -1e-5));
		assert_int_equal(
			lepton_compress("lowrank", weights, NULL, settings, &blob, &rebuilt, &report, NULL),
			0);
		assert_non_null(
			strstr(report.detail, more ? "dense/kernel of rank 4" : "dense/kernel of rank 3"));
		lepton_params_release(blob);
		lepton_params_release(rebuilt);
	}
	lepton_params_release(weights);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delta),
		cmocka_unit_test(test_quantize),
		cmocka_unit_test(test_lowrank),
	};
	return cmocka_run_group_tests_name("compress numpy", tests, NULL, NULL);
}
