/* Entropy coding, pruning, clustering, and rows of them: against closed forms, brute force and numpy. */
#include "config.h"
#include "compress_make.h"
#include "compress/huffman.h"
#include "model/kmeans.h"
#include "compress/levels.h"
#include "lepton/compress.h"
#include "base/memory.h"
#include "tensor/kernels.h"
#include "oracles/methods_numpy.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct lepton_tensor kernel[] = {
	{.name = "k", .dtype = LEPTON_F32, .shape = {2, {100, 40}}},
	{.name = "b", .dtype = LEPTON_F32, .shape = {1, {40}}},
};
enum { WEIGHTS = 4000, BIASES = 40 };

struct outcome {
	struct lepton_params *blob, *rebuilt;
	struct lepton_compress_report report;
};

static struct outcome compressed(
	const char *method, const struct lepton_params *weights, const char *settings)
{
	struct outcome o;
	struct lepton_error err;
	if (lepton_compress(method, weights, NULL, settings, &o.blob, &o.rebuilt, &o.report, &err))
		fail_msg("%s", err.message);
	return o;
}

static void release(struct outcome *o)
{
	lepton_params_release(o->blob);
	lepton_params_release(o->rebuilt);
}

static void refused(
	const char *method, const struct lepton_params *weights, const char *settings, const char *words)
{
	struct outcome o;
	struct lepton_error err;
	assert_int_equal(
		lepton_compress(method, weights, NULL, settings, &o.blob, &o.rebuilt, &o.report, &err),
		LEPTON_E_USAGE);
	if (!strstr(err.message, words))
		fail_msg("\"%s\" does not say \"%s\"", err.message, words);
}

/* Bell-shaped, as trained weights are: the product of three even numbers has heavier tails still. */
static struct lepton_params *make_bell(uint32_t seed)
{
	struct lepton_params *made = make_zeros(kernel, 2);
	for (size_t t = 0; t < 2; t++)
		for (int i = 0; i < (t ? BIASES : WEIGHTS); i++) {
			float number = next_number(&seed);
			number *= next_number(&seed);
			((float *)lepton_params_data(made, t))[i] = number * next_number(&seed);
		}
	return made;
}

static double largest_of(const float *values, int count)
{
	double largest = 0;
	for (int i = 0; i < count; i++)
		largest = fmax(largest, fabs((double)values[i]));
	return largest;
}

/* ---- the coder ---------------------------------------------------------------------------------- */

/* Independent bits of known odds cost what Shannon says, within 3 % and the cost of learning. */
static void test_coder_reaches_the_entropy(void **state)
{
	(void)state;
	static const double odds[] = {0.5, 0.2, 0.05, 0.01};
	enum { BITS = 100000 };
	for (size_t o = 0; o < sizeof odds / sizeof *odds; o++) {
		struct lepton__buffer out;
		struct lepton__range_encoder encoder;
		struct lepton__range_decoder decoder;
		struct lepton__model model = lepton__model_even;
		uint32_t seed = 9;
		lepton__buffer_init(&out, 1 << 20);
		lepton__range_encode_start(&encoder, &out);
		for (int i = 0; i < BITS; i++)
			lepton__range_encode(&encoder, &model, (double)next_number(&seed) + 0.5 < odds[o]);
		lepton__range_encode_end(&encoder);
		double p = odds[o], shannon = BITS * (-p * log2(p) - (1 - p) * log2(1 - p)) / 8;
		assert_true((double)out.size > shannon * 0.97 && (double)out.size < shannon * 1.06 + 60);
		lepton__range_decode_start(&decoder, (const uint8_t *)out.data, out.size);
		model = lepton__model_even;
		seed = 9;
		for (int i = 0; i < BITS; i++)
			assert_int_equal(lepton__range_decode(&decoder, &model),
				(double)next_number(&seed) + 0.5 < odds[o]);
		assert_true(lepton__range_decode_ended(&decoder));
		lepton__buffer_free(&out);
	}
}

static void code_levels(const int32_t *levels, int count, int columns, struct lepton__buffer *out)
{
	struct lepton__range_encoder encoder;
	struct lepton__level_models models;
	lepton__level_models_init(&models);
	lepton__range_encode_start(&encoder, out);
	for (int i = 0; i < count; i++)
		lepton__level_encode(
			&encoder, &models, lepton__level_place(levels, i, i % columns, columns), levels[i]);
	lepton__range_encode_end(&encoder);
}

/* Every magnitude at the borders of the code comes back, and long carries with them. */
static void test_levels_come_back(void **state)
{
	(void)state;
	int32_t levels[2000], back[2000];
	uint32_t seed = 4;
	for (int round = 0; round < 50; round++) {
		struct lepton__buffer out;
		for (int i = 0; i < 2000; i++) {
			int bits = (int)((next_number(&seed) + 0.5f) * (float)(round % 22));
			int32_t size = (int32_t)(((int64_t)1 << bits) - 1 + (i % 19));
			size = size < LEPTON__LEVEL_MOST ? size : LEPTON__LEVEL_MOST;
			levels[i] = next_number(&seed) < 0 ? -size : size;
		}
		lepton__buffer_init(&out, 1 << 20);
		code_levels(levels, 2000, 1 + round * 7, &out);
		assert_true(lepton__levels_decode(
			(const uint8_t *)out.data, out.size, back, 2000, 1 + round * 7));
		assert_memory_equal(back, levels, sizeof levels);
		assert_false(lepton__levels_decode(
			(const uint8_t *)out.data, out.size - 1, back, 2000, 1 + round * 7));
		assert_false(lepton__levels_decode(
			(const uint8_t *)out.data, out.size, back, 1999, 1 + round * 7));
		lepton__buffer_free(&out);
	}
}

/* The bound that the reader checks before it allocates holds for the cheapest stream there is. */
static void test_cheapest_stream(void **state)
{
	(void)state;
	enum { MANY = 3000000 };
	int32_t *levels = lepton__calloc(MANY, sizeof *levels);
	struct lepton__buffer out;
	assert_non_null(levels);
	lepton__buffer_init(&out, 1 << 20);
	code_levels(levels, MANY, 1000, &out);
	assert_true(out.size * LEPTON__RANGE_MOST_BINS >= MANY);
	assert_true(out.size < MANY / 2500);
	lepton__buffer_free(&out);
	lepton__free(levels);
}

/* ---- entropy ------------------------------------------------------------------------------------ */

/* lambda 0: every weight on its nearest multiple of the step, worked out here. */
static void test_nearest_without_lambda(void **state)
{
	(void)state;
	struct lepton_params *weights = make_bell(1);
	const float *w = numbers(weights, 0);
	double sum = 0, by_bits = largest_of(w, WEIGHTS) / 15;
	for (int i = 0; i < WEIGHTS; i++)
		sum += (double)w[i] * (double)w[i];
	struct outcome even = compressed("entropy", weights, "{\"step\":0.25,\"lambda\":0}"),
		       bits = compressed("entropy", weights, "{\"bits\":5,\"lambda\":0}");
	const struct {
		const struct outcome *o;
		double step;
	} cases[] = {{&even, 0.25 * sqrt(sum / WEIGHTS)}, {&bits, by_bits}};
	for (int c = 0; c < 2; c++)
		for (int i = 0; i < WEIGHTS; i++) {
			double step = (double)(float)cases[c].step,
			       r = (double)numbers(cases[c].o->rebuilt, 0)[i];
			assert_true(fabs(r - step * rint((double)w[i] / step)) <= 1e-6 * fabs(r));
		}
	assert_memory_equal(numbers(even.rebuilt, 1), numbers(weights, 1), 4 * BIASES);
	release(&even);
	release(&bits);
	lepton_params_release(weights);
}

/* A dearer bit makes fewer bytes and a larger error; and pricing is worth it: a lambda leaves fewer bytes than
 * coarser steps that err as much. */
static void test_lambda_trades(void **state)
{
	(void)state;
	static const char *const settings[] = {"{\"lambda\":0,\"step\":0.4}",
		"{\"lambda\":0.05,\"step\":0.4}", "{\"lambda\":0.2,\"step\":0.4}",
		"{\"lambda\":1,\"step\":0.4}"};
	struct lepton_params *weights = make_bell(2);
	struct lepton_compress_report last = {.bytes = INT64_MAX, .relative_error = 0};
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		struct outcome o = compressed("entropy", weights, settings[i]);
		assert_true(o.report.bytes < last.bytes && o.report.relative_error > last.relative_error);
		last = o.report;
		release(&o);
	}
	struct outcome priced = compressed("entropy", weights, settings[1]);
	for (int step = 40; step < 80; step++) {
		char coarser[64];
		snprintf(coarser, sizeof coarser, "{\"lambda\":0,\"step\":0.%d}", step);
		struct outcome plain = compressed("entropy", weights, coarser);
		if (plain.report.relative_error <= priced.report.relative_error)
			assert_true(plain.report.bytes > priced.report.bytes);
		release(&plain);
	}
	release(&priced);
	lepton_params_release(weights);
}

static void test_entropy_settings(void **state)
{
	(void)state;
	struct lepton_params *weights = make_bell(3);
	struct outcome kept = compressed("entropy", weights, NULL),
		       coded = compressed("entropy", weights, "{\"biases\":\"coded\"}");
	double step = largest_of(numbers(weights, 1), BIASES) / 127;
	assert_true(coded.report.bytes < kept.report.bytes - 2 * BIASES);
	for (int i = 0; i < BIASES; i++)
		assert_true(fabs((double)numbers(coded.rebuilt, 1)[i] - (double)numbers(weights, 1)[i]) <=
			    step / 2 * (1 + 1e-5));
	release(&kept);
	release(&coded);
	refused("entropy", weights, "{\"bits\":4,\"step\":0.5}", "leave one out");
	refused("entropy", weights, "{\"bits\":1}", "bits");
	refused("entropy", weights, "{\"step\":0}", "step");
	refused("entropy", weights, "{\"lambda\":-1}", "lambda");
	refused("entropy", weights, "{\"sparsity\":0.5}", "unknown setting");
	lepton_params_release(weights);
}

/* The edges of float32, all zeros, and one number alone. */
static void test_extremes(void **state)
{
	(void)state;
	static const float values[3][4] = {
		{0, 0, 0, 0}, {1e-45f, 0, -1e-45f, 3e-45f}, {FLT_MAX, -FLT_MAX, 0, FLT_MAX / 3}};
	for (const struct lepton_compressor *const *m = lepton_compressors(); *m; m++)
		for (int v = 0; v < 3 && !(*m)->needs_base && !(*m)->trees; v++) {
			struct lepton_params *weights = make_one((struct lepton_shape){2, {2, 2}}, values[v]);
			struct outcome o = compressed((*m)->name, weights, NULL);
			for (int i = 0; i < 4; i++)
				if (fpclassify(values[v][i]) == FP_ZERO)
					assert_int_equal(fpclassify(numbers(o.rebuilt, 0)[i]), FP_ZERO);
			release(&o);
			lepton_params_release(weights);
		}
}

/* ---- what Huffman's code would take ------------------------------------------------------------ */

static int64_t huffman_of(const float *values, int rows, int columns)
{
	struct lepton_tensor like = {.name = "k", .dtype = LEPTON_F32, .shape = {2, {rows, columns}}};
	struct lepton_params *weights;
	assert_int_equal(lepton_params_new(&like, 1, &weights, NULL), 0);
	memcpy(lepton_params_data(weights, 0), values, (size_t)(rows * columns) * sizeof *values);
	int64_t bytes = lepton__huffman_bytes(weights);
	lepton_params_release(weights);
	return bytes;
}

/* Codes of 1, 2, 3 and 3 bits; one number alone; 2^k equals, of k bits each; and never a bit more a number
 * than the entropy. */
static void test_huffman(void **state)
{
	(void)state;
	const float four[] = {7, 7, 7, 7, -1, -1, 0, 3}, one[6] = {0};
	static float many[64 * 16], bell[4000];
	assert_int_equal(huffman_of(four, 2, 4), (4 * 1 + 2 * 2 + 3 + 3 + 7) / 8 + 4 * 5);
	assert_int_equal(huffman_of(one, 3, 2), 5);
	for (int i = 0; i < 64 * 16; i++)
		many[i] = (float)(i % 16);
	assert_int_equal(huffman_of(many, 64, 16), 64 * 16 * 4 / 8 + 16 * 5);
	struct lepton__rng rng;
	int count[41] = {0}, symbols = 0;
	double entropy = 0;
	lepton__rng_init(&rng, 1, 0);
	for (int i = 0; i < 4000; i++) {
		int level = (int)fmax(-20, fmin(20, rint(lepton__rng_normal(&rng) * 4)));
		bell[i] = (float)level;
		count[level + 20]++;
	}
	for (int i = 0; i < 41; i++) {
		symbols += count[i] > 0;
		entropy -= count[i] ? count[i] * log2(count[i] / 4000.0) : 0;
	}
	double bits = 8 * (double)(huffman_of(bell, 400, 10) - symbols * 5);
	assert_true(bits >= entropy && bits < entropy * 1.03);
}

/* ---- prune -------------------------------------------------------------------------------------- */

/* Exactly the share asked for, none of it larger than what is kept, and the kept to the bit. */
static void prunes(const char *settings, double sparsity)
{
	struct lepton_params *weights = make_bell(5);
	struct outcome o = compressed("prune", weights, settings);
	const float *w = numbers(weights, 0), *r = numbers(o.rebuilt, 0);
	double least_kept = INFINITY, most_zeroed = 0;
	int zeros = 0;
	for (int i = 0; i < WEIGHTS; i++) {
		bool zero = fpclassify(r[i]) == FP_ZERO;
		zeros += zero;
		if (zero)
			most_zeroed = fmax(most_zeroed, fabs((double)w[i]));
		else
			least_kept = fmin(least_kept, fabs((double)w[i]));
		assert_true(zero || memcmp(&w[i], &r[i], 4) == 0);
	}
	assert_int_equal(zeros, (int)(sparsity * WEIGHTS + 0.5));
	assert_true(most_zeroed <= least_kept);
	assert_memory_equal(numbers(o.rebuilt, 1), numbers(weights, 1), 4 * BIASES);
	release(&o);
	lepton_params_release(weights);
}

static void test_prune_is_exact(void **state)
{
	(void)state;
	prunes(NULL, 0.6);
	prunes("{\"sparsity\":0.5,\"scope\":\"layer\"}", 0.5);
	prunes("{\"sparsity\":0.999}", 0.999);
	prunes("{\"sparsity\":0}", 0);
}

/* Two layers, one a hundred times the other: globally the small one goes first, else each gives its half. */
static void test_prune_scope_and_ties(void **state)
{
	(void)state;
	static const struct lepton_tensor two[] = {
		{.name = "a", .dtype = LEPTON_F32, .shape = {2, {4, 5}}},
		{.name = "b", .dtype = LEPTON_F32, .shape = {2, {4, 5}}},
	};
	struct lepton_params *weights = make_zeros(two, 2);
	for (int i = 0; i < 20; i++) {
		((float *)lepton_params_data(weights, 0))[i] = i % 2 ? 1 : -1;
		((float *)lepton_params_data(weights, 1))[i] = i % 2 ? 100 : -100;
	}
	struct outcome whole = compressed("prune", weights, "{\"sparsity\":0.5}"),
		       each = compressed("prune", weights, "{\"sparsity\":0.5,\"scope\":\"layer\"}");
	for (int i = 0; i < 20; i++) {
		assert_true(fabsf(numbers(whole.rebuilt, 0)[i]) <= 0);
		assert_true(fabsf(numbers(whole.rebuilt, 1)[i]) >= 100);
		assert_int_equal(
			fabsf(numbers(each.rebuilt, 0)[i]) > 0, i >= 10); /* equals: the first ones */
		assert_int_equal(fabsf(numbers(each.rebuilt, 1)[i]) > 0, i >= 10);
	}
	release(&whole);
	release(&each);
	refused("prune", weights, "{\"sparsity\":1}", "sparsity");
	refused("prune", weights, "{\"scope\":\"channel\"}", "scope");
	lepton_params_release(weights);
}

/* ---- cluster ------------------------------------------------------------------------------------ */

static void near_numpy(const float *values, int count, uint32_t wanted, const double *expected, size_t found)
{
	float centroids[64];
	uint32_t got;
	assert_int_equal(lepton__kmeans(values, count, wanted, centroids, &got, NULL), 0);
	assert_int_equal(got, found);
	for (size_t i = 0; i < found; i++)
		if (fabs((double)centroids[i] - expected[i]) > 1e-6)
			fail_msg("%.9g, but numpy has %.9g", (double)centroids[i], expected[i]);
}

static void test_kmeans_as_numpy(void **state)
{
	(void)state;
	struct lepton_params *net = make_random(small_net, SMALL_NET, 200);
	float bell[1000];
	uint32_t seed = 300;
	for (int i = 0; i < 1000; i++) {
		double a = (double)next_number(&seed), b = (double)next_number(&seed);
		bell[i] = (float)(a * b * (double)next_number(&seed));
	}
	near_numpy(numbers(net, 2), 280, 5, numpy_kmeans_dense, sizeof numpy_kmeans_dense / sizeof(double));
	near_numpy(bell, 1000, 12, numpy_kmeans_bell, sizeof numpy_kmeans_bell / sizeof(double));
	lepton_params_release(net);
}

/* Every weight on the nearest of the values in use, found by trying all of them; zeros stay. */
static void test_cluster_is_nearest(void **state)
{
	(void)state;
	struct lepton_params *weights = make_bell(6);
	float *w = lepton_params_data(weights, 0), used[16];
	for (int i = 0; i < WEIGHTS; i += 5)
		w[i] = 0;
	struct outcome o = compressed("cluster", weights, "{\"clusters\":16}");
	const float *r = numbers(o.rebuilt, 0);
	int count = 0;
	for (int i = 0; i < WEIGHTS; i++) {
		int k = 0;
		while (k < count && fabsf(used[k] - r[i]) > 0)
			k++;
		if (k == count && i % 5) {
			assert_true(count < 16);
			used[count++] = r[i];
		}
	}
	for (int i = 0; i < WEIGHTS; i++) {
		double least = INFINITY, off = fabs((double)r[i] - (double)w[i]);
		for (int k = 0; k < count; k++)
			least = fmin(least, fabs((double)used[k] - (double)w[i]));
		assert_true(i % 5 ? off <= least + 1e-9 : fpclassify(r[i]) == FP_ZERO);
	}
	release(&o);
	refused("cluster", weights, "{\"clusters\":0}", "clusters");
	lepton_params_release(weights);
}

/* ---- rows --------------------------------------------------------------------------------------- */

/* What one stage made, the next keeps: zeros stay zeros, and values stay among the shared. Each added
 * stage costs fewer bytes. */
static void test_rows(void **state)
{
	(void)state;
	struct lepton_params *weights = make_bell(7);
	struct outcome prune = compressed("prune", weights, "{\"sparsity\":0.7}"),
		       coded = compressed("prune,entropy", weights, "{\"sparsity\":0.7}"),
		       shared = compressed("prune,cluster", weights, "{\"sparsity\":0.7,\"clusters\":8}"),
		       all = compressed("prune,cluster,entropy", weights,
			       "{\"sparsity\":0.7,\"clusters\":8,\"biases\":\"coded\"}"),
		       same = compressed("prune,cluster,entropy", weights,
			       "{\"sparsity\":0.7,\"clusters\":8,\"lambda\":0}");
	for (int i = 0; i < WEIGHTS; i++)
		if (fpclassify(numbers(prune.rebuilt, 0)[i]) == FP_ZERO) {
			assert_true(fabsf(numbers(coded.rebuilt, 0)[i]) <= 0);
			assert_true(fabsf(numbers(shared.rebuilt, 0)[i]) <= 0);
			assert_true(fabsf(numbers(all.rebuilt, 0)[i]) <= 0);
		}
	assert_memory_equal(numbers(same.rebuilt, 0), numbers(shared.rebuilt, 0), 4 * WEIGHTS);
	assert_true(coded.report.bytes < prune.report.bytes && shared.report.bytes < prune.report.bytes);
	assert_true(all.report.bytes < shared.report.bytes);
	assert_non_null(strstr(all.report.detail, "2800 of 4000 weights zeroed, global; up to 8 shared"));
	release(&prune);
	release(&coded);
	release(&shared);
	release(&all);
	release(&same);
	refused("prune,cluster,entropy", weights, "{\"step\":1}", "unknown setting");
	lepton_params_release(weights);
}

/* A kernel made of two thin ones comes back from its factors; a full one, or a small one, stays whole. */
static void test_lowrank_by_construction(void **state)
{
	(void)state;
	static const struct lepton_tensor like[] = {
		{.name = "thin", .dtype = LEPTON_F32, .shape = {4, {5, 5, 2, 40}}},
		{.name = "small", .dtype = LEPTON_F32, .shape = {2, {3, 3}}},
		{.name = "bias", .dtype = LEPTON_F32, .shape = {1, {40}}},
		{.name = "zero", .dtype = LEPTON_F32, .shape = {2, {30, 20}}},
	};
	struct lepton_params *weights = make_random(like, 4, 9);
	float left[50][2], right[2][40], *thin = lepton_params_data(weights, 0);
	uint32_t seed = 10;
	for (int i = 0; i < 100; i++)
		left[i / 2][i % 2] = next_number(&seed);
	for (int i = 0; i < 80; i++)
		right[i / 40][i % 40] = next_number(&seed);
	for (int i = 0; i < 2000; i++)
		thin[i] = left[i / 40][0] * right[0][i % 40] + left[i / 40][1] * right[1][i % 40];
	memset(lepton_params_data(weights, 3), 0, 600 * sizeof(float));
	struct outcome o = compressed("lowrank", weights, "{\"energy\":0.9999999}"),
		       coded = compressed(
			       "lowrank,entropy", weights, "{\"rank\":2,\"step\":0.05,\"lambda\":0}"),
		       rough = compressed("lowrank,entropy", weights, "{\"rank\":2,\"biases\":\"coded\"}");
	assert_string_equal(o.report.detail, "thin of rank 2; small whole; zero of rank 1");
	for (int i = 0; i < 2000; i++)
		assert_true(fabsf(numbers(o.rebuilt, 0)[i] - thin[i]) < 1e-6f);
	assert_memory_equal(numbers(o.rebuilt, 1), numbers(weights, 1), 9 * sizeof(float));
	assert_memory_equal(numbers(o.rebuilt, 2), numbers(weights, 2), 40 * sizeof(float));
	for (int i = 0; i < 600; i++)
		assert_true(fabsf(numbers(o.rebuilt, 3)[i]) <= 0);
	assert_true(o.report.bytes < (2 * (50 + 40) + 9 + 40) * 4 + 500);
	assert_true(coded.report.bytes < o.report.bytes && rough.report.bytes < coded.report.bytes);
	assert_true(coded.report.relative_error < 0.05 &&
		    rough.report.relative_error > coded.report.relative_error);
	release(&o);
	release(&coded);
	release(&rough);
	refused("lowrank", weights, "{\"rank\":2,\"energy\":0.5}", "leave one out");
	refused("lowrank", weights, "{\"energy\":1.5}", "energy");
	lepton_params_release(weights);
}

/* So few bytes for so many weights that a reader would take them for a bomb are not written. */
static void test_lowrank_bomb(void **state)
{
	(void)state;
	static const struct lepton_tensor like[] = {
		{.name = "zero", .dtype = LEPTON_F32, .shape = {2, {1500, 1500}}}};
	struct lepton_params *weights = make_zeros(like, 1);
	struct lepton_params *blob = NULL, *rebuilt = NULL;
	struct lepton_compress_report report;
	struct lepton_error err;
	assert_int_equal(lepton_compress("lowrank", weights, NULL, "{\"rank\":1}", &blob, &rebuilt, &report, &err),
		LEPTON_E_UNSUPPORTED);
	assert_non_null(strstr(err.message, "zero: "));
	assert_non_null(strstr(err.message, "ask for a higher rank"));
	lepton_params_release(weights);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_coder_reaches_the_entropy),
		cmocka_unit_test(test_levels_come_back),
		cmocka_unit_test(test_cheapest_stream),
		cmocka_unit_test(test_nearest_without_lambda),
		cmocka_unit_test(test_lambda_trades),
		cmocka_unit_test(test_entropy_settings),
		cmocka_unit_test(test_huffman),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_prune_is_exact),
		cmocka_unit_test(test_prune_scope_and_ties),
		cmocka_unit_test(test_kmeans_as_numpy),
		cmocka_unit_test(test_cluster_is_nearest),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_lowrank_by_construction),
		cmocka_unit_test(test_lowrank_bomb),
	};
	return cmocka_run_group_tests_name("compress stages", tests, NULL, NULL);
}
