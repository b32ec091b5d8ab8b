/* The format does not drift: blobs that another program wrote from FORMAT.md
 * (tests/oracles/compress_golden.py) are what we write, and read as what they hold. */
#include "config.h"
#include "compress_make.h"
#include "lepton/compress.h"
#include "oracles/compress_golden.h"

#include <sodium.h>
#include <string.h>

static const float kernel[] = {127, 63.5f, -64, -2};

static void writes(const char *method, const struct lepton_params *weights, const struct lepton_params *base,
	const char *settings, const unsigned char *golden, size_t size)
{
	struct lepton_params *blob = NULL, *rebuilt = NULL;
	struct lepton_compress_report report;
	struct lepton_error err;
	if (lepton_compress(method, weights, base, settings, &blob, &rebuilt, &report, &err))
		fail_msg("%s", err.message);
	assert_int_equal(report.bytes, size);
	assert_memory_equal(lepton_params_at(blob, 0)->data, golden, size);
	lepton_params_release(blob);
	lepton_params_release(rebuilt);
}

static struct lepton_params *reads(const unsigned char *golden, size_t size, const struct lepton_params *base)
{
	struct lepton_params *weights = NULL;
	struct lepton_error err;
	if (lepton_decompress(golden, size, base, &weights, &err))
		fail_msg("%s", err.message);
	return weights;
}

static void test_quantize(void **state)
{
	(void)state;
	struct lepton_params *weights = make_one((struct lepton_shape){2, {2, 2}}, kernel);
	writes("quantize", weights, NULL, NULL, golden_quantize, sizeof golden_quantize);
	struct lepton_params *read = reads(golden_quantize, sizeof golden_quantize, NULL);
	assert_int_equal(lepton_params_match(read, weights, NULL), 0);
	assert_memory_equal(numbers(read, 0), kernel, sizeof kernel);
	lepton_params_release(read);
	lepton_params_release(weights);
}

static void test_bias(void **state)
{
	(void)state;
	static const struct lepton_tensor like[] = {
		{.name = "k", .dtype = LEPTON_F32, .shape = {2, {2, 2}}},
		{.name = "b", .dtype = LEPTON_F32, .shape = {1, {2}}},
	};
	static const float bias[] = {0.1f, -3};
	struct lepton_params *weights = make_zeros(like, 2);
	memcpy(lepton_params_data(weights, 0), kernel, sizeof kernel);
	memcpy(lepton_params_data(weights, 1), bias, sizeof bias);
	writes("quantize", weights, NULL, "{}", golden_bias, sizeof golden_bias);
	struct lepton_params *read = reads(golden_bias, sizeof golden_bias, NULL);
	assert_string_equal(lepton_params_at(read, 1)->name, "b");
	assert_memory_equal(numbers(read, 1), bias, sizeof bias);
	lepton_params_release(read);
	lepton_params_release(weights);
}

static void test_delta(void **state)
{
	(void)state;
	static const float base_values[] = {1, -1, 2, 4}, values[] = {127.5f, 2.5f, -1, 2};
	enum { HASH_AT = 4 + 2 + 1 + 1 + 5, SUM_AT = sizeof golden_delta - 32 };
	struct lepton_params *base = make_one((struct lepton_shape){2, {2, 2}}, base_values);
	struct lepton_params *weights = make_one((struct lepton_shape){2, {2, 2}}, values);
	unsigned char expected[sizeof golden_delta];
	char hash[LEPTON_HASH_HEX];
	memcpy(expected, golden_delta, sizeof expected);
	lepton_params_hash(base, hash);
	assert_int_equal(sodium_hex2bin(expected + HASH_AT, 32, hash, 64, NULL, NULL, NULL), 0);
	crypto_generichash(expected + SUM_AT, 32, expected, SUM_AT, NULL, 0);
	writes("delta", weights, base, "{\"alpha\":0.5}", expected, sizeof expected);
	struct lepton_params *read = reads(expected, sizeof expected, base);
	assert_memory_equal(numbers(read, 0), values, sizeof values);
	lepton_params_release(read);
	lepton_params_release(weights);
	lepton_params_release(base);
}

static void test_deflated(void **state)
{
	(void)state;
	struct lepton_params *read = reads(golden_deflated, sizeof golden_deflated, NULL);
	const float *values = numbers(read, 0);
	assert_int_equal(lepton_params_values(read), 6400);
	for (int i = 0; i < 6400; i++)
		assert_true(values[i] * 4 <= (i % 2 ? 5 : -5) && values[i] * 4 >= (i % 2 ? 5 : -5));
	lepton_params_release(read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantize),
		cmocka_unit_test(test_bias),
		cmocka_unit_test(test_delta),
		cmocka_unit_test(test_deflated),
	};
	return cmocka_run_group_tests_name("compress golden", tests, NULL, NULL);
}
