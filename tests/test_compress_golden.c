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

/* A golden delta blob with the hash of its real base, and the checksum of what it then is. */
static void put_base(unsigned char *blob, size_t size, const struct lepton_params *base)
{
	enum { HASH_AT = 4 + 2 + 1 + 1 + 5 };
	char hash[LEPTON_HASH_HEX];
	lepton_params_hash(base, hash);
	assert_int_equal(sodium_hex2bin(blob + HASH_AT, 32, hash, 64, NULL, NULL, NULL), 0);
	crypto_generichash(blob + size - 32, 32, blob, size - 32, NULL, 0);
}

/* A delta with its real base: with settings, written as the golden blob, and that read back to the bit. */
static void delta_both_ways(struct lepton_shape shape, const float *values, const float *base_values,
	const char *settings, const unsigned char *golden, size_t size)
{
	struct lepton_params *base = make_one(shape, base_values), *weights = make_one(shape, values);
	unsigned char expected[8192];
	assert_true(size <= sizeof expected);
	memcpy(expected, golden, size);
	put_base(expected, size, base);
	if (settings)
		writes("delta", weights, base, settings, expected, size);
	struct lepton_params *read = reads(expected, size, base);
	assert_memory_equal(numbers(read, 0), values, (size_t)lepton_shape_count(&shape) * sizeof *values);
	lepton_params_release(read);
	lepton_params_release(weights);
	lepton_params_release(base);
}

static void test_delta(void **state)
{
	(void)state;
	static const float base[] = {1, -1, 2, 4}, values[] = {127.5f, 2.5f, -1, 2};
	delta_both_ways((struct lepton_shape){2, {2, 2}}, values, base, "{\"alpha\":0.5}", golden_delta,
		sizeof golden_delta);
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

/* The numbers of the range-coded blobs, as compress_golden.py makes them. */
static void make_wide(float wide[600])
{
	for (int64_t i = 0; i < 600; i++) {
		int64_t number = (7919 * i * i + 31 * i) % 37 - 18;
		if (i >= 50 && (i - 50) % 97 == 0)
			number *= 3001;
		wide[i] = (float)(number > 32767 ? 32767 : number < -32767 ? -32767 : number);
	}
	wide[599] = 32767;
}

static void both_ways(const char *method, const char *settings, const float *values,
	const unsigned char *golden, size_t size)
{
	struct lepton_params *weights = make_one((struct lepton_shape){2, {30, 20}}, values);
	writes(method, weights, NULL, settings, golden, size);
	struct lepton_params *read = reads(golden, size, NULL);
	assert_memory_equal(numbers(read, 0), values, 600 * sizeof *values);
	lepton_params_release(read);
	lepton_params_release(weights);
}

static void test_range_coded(void **state)
{
	(void)state;
	float wide[600], few[600];
	make_wide(wide);
	for (int i = 0; i < 600; i++)
		few[i] = wide[i] > -6 && wide[i] < 6 ? wide[i] : 0;
	both_ways("entropy", "{\"bits\":16,\"lambda\":0}", wide, golden_entropy, sizeof golden_entropy);
	few[599] = 127;
	both_ways("quantize", "{\"per\":\"tensor\",\"pack\":\"range\"}", few, golden_ranged,
		sizeof golden_ranged);
	few[599] = 0;
	both_ways("prune", "{\"sparsity\":0}", few, golden_prune, sizeof golden_prune);
	both_ways("cluster", "{\"clusters\":1000}", few, golden_cluster, sizeof golden_cluster);
}

static void test_exact_delta(void **state)
{
	(void)state;
	float wide[600], turned[600];
	make_wide(wide);
	for (int i = 0; i < 600; i++)
		turned[i] = wide[599 - i];
	delta_both_ways((struct lepton_shape){2, {30, 20}}, wide, turned,
		"{\"residual\":\"exact\",\"alpha\":0.5}", golden_exact, sizeof golden_exact);
	delta_both_ways((struct lepton_shape){2, {30, 20}}, wide, turned, NULL, golden_exact_within,
		sizeof golden_exact_within);
}

/* Read only: the step that is written goes by a root mean square. */
static void test_stepped_delta(void **state)
{
	(void)state;
	float wide[600], turned[600], values[600];
	make_wide(wide);
	for (int i = 0; i < 600; i++) {
		turned[i] = wide[599 - i];
		values[i] = 2 * turned[i] + (wide[i] > -6 && wide[i] < 6 ? wide[i] : 0);
	}
	delta_both_ways(
		(struct lepton_shape){2, {30, 20}}, values, turned, NULL, golden_steps, sizeof golden_steps);
}

static void test_products(void **state)
{
	(void)state;
	float wide[600];
	make_wide(wide);
	for (int i = 0; i < 600; i++)
		wide[i] = wide[i] > -6 && wide[i] < 6 ? wide[i] : 0;
	struct lepton_params *read = reads(golden_lowrank, sizeof golden_lowrank, NULL);
	for (int i = 0; i < 600; i++) {
		const float *left = wide + i / 20 * 2, *right = wide + 100 + i % 20;
		float sum = 0 + left[0] * right[0] + left[1] * right[20], half = sum / 2;
		assert_memory_equal(&numbers(read, 0)[i], &half, sizeof half);
		assert_memory_equal(&numbers(read, 1)[i], &sum, sizeof sum);
	}
	lepton_params_release(read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantize),
		cmocka_unit_test(test_bias),
		cmocka_unit_test(test_delta),
		cmocka_unit_test(test_deflated),
		cmocka_unit_test(test_range_coded),
		cmocka_unit_test(test_exact_delta),
		cmocka_unit_test(test_stepped_delta),
		cmocka_unit_test(test_products),
	};
	return cmocka_run_group_tests_name("compress golden", tests, NULL, NULL);
}
