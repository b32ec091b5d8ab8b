/* What compression promises: the best alpha, bounded errors, honest bytes, clear refusals. */
#include "config.h"
#include "compress_make.h"
#include "lepton/compress.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALPHA_AT                                                                                             \
	(4 + 2 + 1 + 1 + 5 + 32 + 8 + 4 + 28) /* in a delta blob of one rank-2 tensor "k"; see FORMAT.md */

struct outcome {
	struct lepton_params *blob, *rebuilt;
	struct lepton_compress_report report;
	struct lepton_error err;
	int code;
};

static struct outcome compress(const char *method, const struct lepton_params *weights,
	const struct lepton_params *base, const char *settings)
{
	struct outcome o = {.blob = NULL};
	o.code = lepton_compress(method, weights, base, settings, &o.blob, &o.rebuilt, &o.report, &o.err);
	if (o.code)
		assert_true(!o.blob && !o.rebuilt);
	return o;
}

static struct outcome compressed(const char *method, const struct lepton_params *weights,
	const struct lepton_params *base, const char *settings)
{
	struct outcome o = compress(method, weights, base, settings);
	if (o.code)
		fail_msg("%s", o.err.message);
	return o;
}

static void release(struct outcome *o)
{
	lepton_params_release(o->blob);
	lepton_params_release(o->rebuilt);
}

static void refused(struct outcome o, int code, const char *words)
{
	assert_int_equal(o.code, code);
	assert_int_equal(o.err.code, code);
	if (!strstr(o.err.message, words))
		fail_msg("\"%s\" does not say \"%s\"", o.err.message, words);
}

/* ---- delta ------------------------------------------------------------------------------------- */

static float stored_alpha(const struct outcome *o)
{
	float alpha;
	memcpy(&alpha, (const uint8_t *)lepton_params_at(o->blob, 0)->data + ALPHA_AT, 4);
	return alpha;
}

static double residual_square(const float *w, const float *b, int64_t n, double alpha)
{
	double sum = 0;
	for (int64_t i = 0; i < n; i++)
		sum += (w[i] - alpha * b[i]) * (w[i] - alpha * b[i]);
	return sum;
}

/* No alpha on a fine scan leaves less than the stored one does. */
static void test_alpha_is_the_least_squares_one(void **state)
{
	(void)state;
	static const float factors[] = {1.0f, 0.9f, -0.4f, 3.0f, 0.0f};
	struct lepton_tensor like = {.name = "k", .dtype = LEPTON_F32, .shape = {2, {30, 11}}};
	for (size_t f = 0; f < sizeof factors / sizeof *factors; f++) {
		struct lepton_params *base = make_random(&like, 1, 7 + (uint32_t)f);
		struct lepton_params *weights = make_near(base, factors[f], 0.2f, 99);
		struct outcome o = compressed("delta", weights, base, NULL);
		double alpha = (double)stored_alpha(&o), least = INFINITY, best = NAN;
		for (int i = -5000; i <= 5000; i++) {
			double left = residual_square(numbers(weights, 0), numbers(base, 0), 330, i * 0.001);
			best = left < least ? i * 0.001 : best;
			least = fmin(least, left);
		}
		assert_true(
			residual_square(numbers(weights, 0), numbers(base, 0), 330, alpha) <= least + 1e-9);
		assert_true(fabs(alpha - best) <= 0.0006);
		release(&o);
		lepton_params_release(weights);
		lepton_params_release(base);
	}
}

/* A multiple of the base needs alpha and nothing else: all residuals are 0 and it comes back exactly. */
static void test_multiple_of_the_base(void **state)
{
	(void)state;
	struct lepton_params *base = make_random(small_net, SMALL_NET, 3),
			     *weights = make_near(base, 0.5f, 0, 1);
	struct outcome o = compressed("delta", weights, base, "{}");
	for (size_t t = 0; t < SMALL_NET; t++)
		assert_memory_equal(numbers(o.rebuilt, t), numbers(weights, t),
			4 * (size_t)lepton_shape_count(&small_net[t].shape));
	assert_true(o.report.relative_error <= 0);
	assert_non_null(strstr(o.report.detail, "alpha 0.5 (least squares)"));
	release(&o);
	lepton_params_release(weights);
	lepton_params_release(base);
}

static void test_zero_base_means_alpha_zero(void **state)
{
	(void)state;
	struct lepton_tensor like = {.name = "k", .dtype = LEPTON_F32, .shape = {2, {9, 4}}};
	struct lepton_params *base = make_zeros(&like, 1), *weights = make_random(&like, 1, 5);
	struct outcome o = compressed("delta", weights, base, NULL);
	struct outcome q = compressed("quantize", weights, NULL, "{\"per\":\"tensor\"}");
	assert_true(fabsf(stored_alpha(&o)) <= 0);
	assert_memory_equal(numbers(o.rebuilt, 0), numbers(q.rebuilt, 0), 4 * 36);
	release(&o);
	release(&q);
	lepton_params_release(weights);
	lepton_params_release(base);
}

static void test_given_alpha_is_used(void **state)
{
	(void)state;
	struct lepton_tensor like = {.name = "k", .dtype = LEPTON_F32, .shape = {2, {9, 4}}};
	struct lepton_params *base = make_random(&like, 1, 8), *weights = make_near(base, 0.7f, 0.1f, 5);
	static const struct {
		const char *settings;
		float alpha;
	} cases[] = {{"{\"alpha\":0.25}", 0.25f}, {"{\"fit\":\"given\"}", 1},
		{"{\"alpha\":-3,\"fit\":\"given\"}", -3}, {"{\"alpha\":0}", 0}};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct outcome o = compressed("delta", weights, base, cases[c].settings);
		assert_memory_equal(&(float){stored_alpha(&o)}, &cases[c].alpha, 4);
		assert_non_null(strstr(o.report.detail, "given"));
		release(&o);
	}
	refused(compress("delta", weights, base, "{\"alpha\":1,\"fit\":\"least_squares\"}"), LEPTON_E_USAGE,
		"leave one out");
	refused(compress("delta", weights, base, "{\"alpha\":1e9}"), LEPTON_E_USAGE, "alpha");
	lepton_params_release(weights);
	lepton_params_release(base);
}

/* |error| <= scale / 2, with the scale worked out here from the residual against the stored alpha, and room
 * for the last rounding to float. */
static void delta_bounds(const char *settings, bool per_channel)
{
	struct lepton_tensor like = {.name = "k", .dtype = LEPTON_F32, .shape = {2, {50, 6}}};
	struct lepton_params *base = make_random(&like, 1, 11), *weights = make_near(base, 0.95f, 0.05f, 12);
	((float *)lepton_params_data(weights, 0))[3] += 1.5f; /* one channel far off */
	struct outcome o = compressed("delta", weights, base, settings);
	const float *w = numbers(weights, 0), *b = numbers(base, 0), *r = numbers(o.rebuilt, 0);
	double alpha = (double)stored_alpha(&o), largest[6] = {0}, all = 0;
	for (int i = 0; i < 300; i++) {
		largest[i % 6] = fmax(largest[i % 6], fabs(w[i] - alpha * b[i]));
		all = fmax(all, fabs(w[i] - alpha * b[i]));
	}
	for (int i = 0; i < 300; i++) {
		double half = (per_channel ? largest[i % 6] : all) / 127 / 2;
		assert_true(fabs((double)r[i] - (double)w[i]) <= half * (1 + 1e-6) + 1e-7);
	}
	release(&o);
	lepton_params_release(weights);
	lepton_params_release(base);
}

static void test_delta_error_bounds(void **state)
{
	(void)state;
	delta_bounds("{\"per\":\"tensor\"}", false);
	delta_bounds("{\"per\":\"channel\"}", true);
}

/* Versions of one past: the difference costs no more bytes and errs far less than quantising. */
static void test_delta_beats_quantize_for_near_versions(void **state)
{
	(void)state;
	struct lepton_params *base = make_random(small_net, SMALL_NET, 21),
			     *weights = make_near(base, 1, 0.01f, 22);
	struct outcome d = compressed("delta", weights, base, NULL),
		       q = compressed("quantize", weights, NULL, NULL);
	assert_true(d.report.relative_error < q.report.relative_error / 10);
	release(&d);
	release(&q);
	lepton_params_release(weights);
	lepton_params_release(base);
}

/* Channels that are each another share of the base's: alphas of their own leave next to nothing, one for all
 * much. To the bit they are right too, in every way of keeping the residual nearer than one alpha is. */
static void test_alphas_of_channels(void **state)
{
	(void)state;
	struct lepton_params *base = make_random(small_net, SMALL_NET, 21),
			     *weights = make_random(small_net, SMALL_NET, 21);
	for (size_t t = 0; t < SMALL_NET; t++) {
		const int rank = small_net[t].shape.rank, columns = (int)small_net[t].shape.dim[rank - 1];
		float *to = lepton_params_data(weights, t);
		for (int64_t i = 0; rank > 1 && i < lepton_shape_count(&small_net[t].shape); i++)
			to[i] *= 0.25F * (float)(1 + i % columns); /* exact in a float */
	}
	struct outcome one = compressed("delta", weights, base, NULL),
		       each = compressed("delta", weights, base, "{\"alphas\":\"channel\"}"),
		       bits = compressed(
			       "delta", weights, base, "{\"alphas\":\"channel\",\"residual\":\"exact\"}"),
		       whole = compressed("delta", weights, base, "{\"residual\":\"exact\"}"),
		       steps = compressed(
			       "delta", weights, base, "{\"alphas\":\"channel\",\"residual\":\"steps\"}");
	assert_true(one.report.relative_error > 1e-4);
	assert_true(each.report.relative_error < 1e-9 && steps.report.relative_error < 1e-9);
	assert_non_null(strstr(each.report.detail, "alpha 0.25 to 1.75 (least squares, one a channel)"));
	assert_true(bits.report.bytes < whole.report.bytes * 2 / 3);
	for (size_t t = 0; t < SMALL_NET; t++)
		assert_memory_equal(numbers(bits.rebuilt, t), numbers(weights, t),
			(size_t)lepton_shape_count(&small_net[t].shape) * sizeof(float));
	release(&one);
	release(&each);
	release(&bits);
	release(&whole);
	release(&steps);
	refused(compress("delta", weights, base, "{\"alpha\":1,\"alphas\":\"channel\"}"), LEPTON_E_USAGE,
		"leave one out");
	lepton_params_release(weights);
	lepton_params_release(base);
}

/* Whatever the two are to each other, what comes back is what went in. */
static void exact(const struct lepton_params *weights, const struct lepton_params *base, const char *settings)
{
	struct outcome o = compressed("delta", weights, base, settings);
	for (size_t t = 0; t < lepton_params_count(weights); t++)
		assert_memory_equal(numbers(o.rebuilt, t), numbers(weights, t),
			(size_t)lepton_shape_count(&lepton_params_at(weights, t)->shape) * sizeof(float));
	release(&o);
}

static void test_exact_is_exact(void **state)
{
	(void)state;
	static const float special[] = {
		0.0f, -0.0f, FLT_MAX, -FLT_MAX, FLT_MIN, -FLT_MIN / 8, 1, -1, 1e-45f, 3};
	static const char *const settings[] = {"{\"residual\":\"exact\"}",
		"{\"residual\":\"exact\",\"alpha\":1000}", "{\"residual\":\"exact\",\"alpha\":-0.5}",
		"{\"residual\":\"exact\",\"fit\":\"given\"}"};
	struct lepton_params *base = make_random(small_net, SMALL_NET, 1),
			     *near = make_near(base, 1, 0.01f, 2),
			     *far = make_random(small_net, SMALL_NET, 3);
	for (int i = 0; i < 10; i++)
		for (int j = 0; j < 10; j++) {
			((float *)lepton_params_data(far, 2))[10 * i + j] = special[i];
			((float *)lepton_params_data(base, 2))[10 * i + j] = special[j];
		}
	for (size_t s = 0; s < sizeof settings / sizeof *settings; s++) {
		exact(near, base, settings[s]);
		exact(far, base, settings[s]);
		exact(base, base, settings[s]);
	}
	lepton_params_release(base);
	lepton_params_release(near);
	lepton_params_release(far);
}

/* Of weights a thousandth apart some 14 of 32 bits are new; of weights that did not change none is. */
static void test_exact_is_short(void **state)
{
	(void)state;
	static const struct lepton_tensor like[] = {
		{.name = "k", .dtype = LEPTON_F32, .shape = {2, {100, 100}}}};
	struct lepton_params *base = make_random(like, 1, 1), *near = make_near(base, 1, 0.001f, 2);
	struct outcome o = compressed("delta", near, base, "{\"residual\":\"exact\"}"),
		       same = compressed("delta", base, base, "{\"residual\":\"exact\"}"),
		       whole = compressed("prune", near, NULL, "{\"sparsity\":0}");
	assert_true(o.report.bytes * 8 < 20 * 10000 && o.report.bytes * 8 > 10 * 10000);
	assert_true(same.report.bytes < 300);
	assert_true(o.report.bytes * 4 < whole.report.bytes * 3);
	release(&o);
	release(&same);
	release(&whole);
	lepton_params_release(base);
	lepton_params_release(near);
}

/* Without a price on bits no number is further off than half a step; with one, bytes go down and errors up.
 */
static void test_steps_of_the_residual(void **state)
{
	(void)state;
	struct lepton_params *base = make_random(small_net, SMALL_NET, 1),
			     *near = make_near(base, 1.1f, 0.01f, 2);
	static const char *const settings[] = {"{\"residual\":\"steps\",\"step\":0.25,\"lambda\":0}",
		"{\"residual\":\"steps\",\"step\":2,\"lambda\":0.2}"};
	struct outcome fine = compressed("delta", near, base, settings[0]),
		       rough = compressed("delta", near, base, settings[1]);
	for (size_t t = 0; t < SMALL_NET; t++) {
		const float *w = numbers(near, t), *b = numbers(base, t), *r = numbers(fine.rebuilt, t);
		int64_t count = lepton_shape_count(&small_net[t].shape);
		double cross = 0, square = 0, sum = 0;
		for (int64_t i = 0; i < count; i++) {
			cross += (double)w[i] * (double)b[i];
			square += (double)b[i] * (double)b[i];
		}
		double alpha = (double)(float)(cross / square);
		for (int64_t i = 0; i < count; i++)
			sum += pow((double)w[i] - alpha * (double)b[i], 2);
		double step = 0.25 * sqrt(sum / (double)count);
		for (int64_t i = 0; i < count; i++)
			if (small_net[t].shape.rank < 2)
				assert_memory_equal(&w[i], &r[i], sizeof *w); /* biases, to the bit */
			else
				assert_true(fabs((double)w[i] - (double)r[i]) <= 0.5001 * step + 1e-7);
	}
	assert_true(rough.report.bytes < fine.report.bytes);
	assert_true(rough.report.relative_error > fine.report.relative_error);
	release(&fine);
	release(&rough);
	lepton_params_release(base);
	lepton_params_release(near);
}

static void test_residual_settings(void **state)
{
	(void)state;
	struct lepton_params *base = make_random(small_net, SMALL_NET, 1),
			     *near = make_near(base, 1, 0.1f, 2);
	refused(compress("delta", near, base, "{\"step\":2}"), LEPTON_E_USAGE,
		"goes with residual \"steps\"");
	refused(compress("delta", near, base, "{\"residual\":\"exact\",\"pack\":\"none\"}"), LEPTON_E_USAGE,
		"goes with residual \"linear\"");
	refused(compress("delta", near, base, "{\"residual\":\"exactly\"}"), LEPTON_E_USAGE, "residual");
	lepton_params_release(base);
	lepton_params_release(near);
}

/* Training first takes an engine, whatever the method: it is said, not left out. */
static void test_retrain_refused(void **state)
{
	(void)state;
	struct lepton_params *weights = make_random(small_net, SMALL_NET, 21);
	int methods = 0;
	for (const struct lepton_compressor *const *m = lepton_compressors(); *m; m++)
		if (lepton_options_has((*m)->options, "retrain")) {
			refused(compress((*m)->name, weights, NULL, "{\"retrain\":2}"), LEPTON_E_USAGE,
				"\"retrain\" takes an engine");
			methods++;
		}
	assert_true(methods >= 6);
	lepton_params_release(weights);
}

static void test_delta_refusals(void **state)
{
	(void)state;
	struct lepton_params *base = make_random(small_net, SMALL_NET, 21),
			     *weights = make_random(small_net, SMALL_NET, 2);
	struct lepton_params *other = make_random(small_net, SMALL_NET - 1, 21);
	refused(compress("delta", weights, NULL, NULL), LEPTON_E_USAGE, "needs a base");
	refused(compress("delta", weights, other, NULL), LEPTON_E_SHAPE, "base");
	((float *)lepton_params_data(base, 2))[17] = INFINITY;
	refused(compress("delta", weights, base, NULL), LEPTON_E_DIVERGED,
		"base: dense/kernel holds infinity at number 17");
	((float *)lepton_params_data(base, 2))[17] = FLT_MAX;
	((float *)lepton_params_data(weights, 2))[17] = -FLT_MAX;
	refused(compress("delta", weights, base, "{\"alpha\":1000}"), LEPTON_E_UNSUPPORTED, "dense/kernel");
	lepton_params_release(other);
	lepton_params_release(weights);
	lepton_params_release(base);
}

/* ---- quantize ---------------------------------------------------------------------------------- */

/* Each channel's error is at most half its own largest / 127. */
static void test_quantize_error_bounds(void **state)
{
	(void)state;
	struct lepton_params *weights = make_random(small_net, SMALL_NET, 31);
	float *kernel = lepton_params_data(weights, 2);
	for (int i = 0; i < 280; i++)
		kernel[i] *= powf(10, (float)(i % 7) - 3); /* channels of very unlike size */
	struct outcome o = compressed("quantize", weights, NULL, NULL);
	for (size_t t = 0; t < SMALL_NET; t += 2) {
		int64_t n = lepton_shape_count(&small_net[t].shape),
			c = small_net[t].shape.dim[small_net[t].shape.rank - 1];
		const float *w = numbers(weights, t), *r = numbers(o.rebuilt, t);
		for (int64_t channel = 0; channel < c; channel++) {
			double largest = 0;
			for (int64_t i = channel; i < n; i += c)
				largest = fmax(largest, fabs((double)w[i]));
			for (int64_t i = channel; i < n; i += c)
				assert_true(
					fabs((double)r[i] - (double)w[i]) <= largest / 127 / 2 * (1 + 1e-6));
		}
	}
	assert_memory_equal(numbers(o.rebuilt, 1), numbers(weights, 1), 4 * 5); /* biases, to the bit */
	assert_memory_equal(numbers(o.rebuilt, 3), numbers(weights, 3), 4 * 7);
	release(&o);
	lepton_params_release(weights);
}

static double squared_error(const float *a, const float *b, int64_t from, int64_t step, int64_t count)
{
	double sum = 0;
	for (int64_t i = from; i < count; i += step)
		sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
	return sum;
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x < y) - (x > y);
}

/* The best a ternary code can do: with the k largest at their mean, the error is less by (their sum)² / k. */
static double least_ternary_error(const float *values, int64_t from, int64_t step, int64_t count)
{
	float sizes[280];
	double whole = 0, sum = 0, most = 0;
	int n = 0;
	for (int64_t i = from; i < count; i += step) {
		sizes[n++] = fabsf(values[i]);
		whole += (double)values[i] * (double)values[i];
	}
	qsort(sizes, (size_t)n, sizeof *sizes, by_size);
	for (int k = 1; k <= n; k++) {
		sum += (double)sizes[k - 1];
		most = fmax(most, sum * sum / k);
	}
	return whole - most;
}

static void test_ternary_is_the_best(void **state)
{
	(void)state;
	struct lepton_params *weights = make_random(small_net, SMALL_NET, 31);
	float *kernel = lepton_params_data(weights, 2);
	for (int i = 0; i < 280; i++)
		kernel[i] *=
			kernel[i] * kernel[i] * powf(10, (float)(i % 7) - 3); /* a few large, many small */
	struct outcome channel = compressed("quantize", weights, NULL, "{\"bits\":2}"),
		       tensor = compressed("quantize", weights, NULL, "{\"bits\":2,\"per\":\"tensor\"}");
	const float *r = numbers(channel.rebuilt, 2);
	for (int c = 0; c < 7; c++) {
		double ours = squared_error(kernel, r, c, 7, 280),
		       least = least_ternary_error(kernel, c, 7, 280);
		assert_true(ours >= least * 0.9999 && ours <= least * 1.0001);
		for (int i = c; i < 280; i += 7) /* three values and no more */
			assert_true(!(fabsf(r[i]) > 0) || !(fabsf(fabsf(r[i]) - fabsf(r[c])) > 0) ||
				    !(fabsf(r[c]) > 0));
	}
	assert_true(squared_error(kernel, numbers(tensor.rebuilt, 2), 0, 1, 280) <=
		    least_ternary_error(kernel, 0, 1, 280) * 1.0001);
	release(&channel);
	release(&tensor);
	lepton_params_release(weights);
}

/* No scale of a fine comb of them does better with 15 codes, and few codes take few bytes. */
static void test_four_bits(void **state)
{
	(void)state;
	struct lepton_params *weights = make_random(small_net, SMALL_NET, 32);
	const float *w = numbers(weights, 2);
	struct outcome o = compressed("quantize", weights, NULL, "{\"bits\":4,\"per\":\"tensor\"}"),
		       eight = compressed("quantize", weights, NULL, NULL);
	double ours = squared_error(w, numbers(o.rebuilt, 2), 0, 1, 280);
	for (int comb = 1; comb <= 2000; comb++) {
		double scale = 0.5 / 7 * comb / 1000, error = 0;
		for (int i = 0; i < 280; i++) {
			double code = fmax(-7, fmin(7, rint((double)w[i] / scale)));
			error += pow((double)w[i] - scale * code, 2);
		}
		assert_true(ours <= error * 1.01);
	}
	assert_memory_equal(numbers(o.rebuilt, 1), numbers(weights, 1), 4 * 5); /* biases, to the bit */
	assert_true(o.report.bytes < eight.report.bytes);
	assert_non_null(strstr(o.report.detail, "4 bits"));
	release(&o);
	release(&eight);
	lepton_params_release(weights);
}

/* The packing changes the bytes, not the numbers. */
static void test_packings_agree(void **state)
{
	(void)state;
	struct lepton_params *weights = make_random(small_net, SMALL_NET, 33);
	static const char *const packs[] = {"{\"bits\":4,\"pack\":\"none\"}",
		"{\"bits\":4,\"pack\":\"deflate\"}", "{\"bits\":4,\"pack\":\"range\"}", "{\"bits\":4}"};
	struct outcome o[4];
	for (int i = 0; i < 4; i++) {
		o[i] = compressed("quantize", weights, NULL, packs[i]);
		for (size_t t = 0; t < SMALL_NET; t++)
			assert_memory_equal(numbers(o[i].rebuilt, t), numbers(o[0].rebuilt, t),
				(size_t)lepton_shape_count(&small_net[t].shape) * sizeof(float));
	}
	assert_int_equal(o[2].report.bytes, o[3].report.bytes);
	assert_true(o[2].report.bytes < o[0].report.bytes && o[1].report.bytes < o[0].report.bytes);
	for (int i = 0; i < 4; i++)
		release(&o[i]);
	lepton_params_release(weights);
}

static void test_quantize_settings(void **state)
{
	(void)state;
	struct lepton_params *weights = make_random(small_net, SMALL_NET, 31);
	struct outcome channel = compressed("quantize", weights, NULL, "{\"pack\":\"none\"}");
	struct outcome tensor =
		compressed("quantize", weights, NULL, "{\"pack\":\"none\",\"per\":\"tensor\"}");
	struct outcome biases =
		compressed("quantize", weights, NULL, "{\"pack\":\"none\",\"biases\":\"int8\"}");
	assert_int_equal(channel.report.bytes - tensor.report.bytes, 4 * (5 + 7 - 2));
	assert_int_equal(channel.report.bytes - biases.report.bytes, 3 * (5 + 7) - 4 * 2);
	assert_memory_not_equal(numbers(biases.rebuilt, 1), numbers(weights, 1), 4 * 5);
	release(&channel);
	release(&tensor);
	release(&biases);
	refused(compress("quantize", weights, NULL, "{\"bits\":1}"), LEPTON_E_USAGE, "bits");
	refused(compress("quantize", weights, NULL, "{\"bits\":9}"), LEPTON_E_USAGE, "bits");
	refused(compress("quantize", weights, NULL, "{\"per\":\"layer\"}"), LEPTON_E_USAGE, "channel|tensor");
	refused(compress("quantize", weights, NULL, "{\"biasses\":\"int8\"}"), LEPTON_E_USAGE,
		"did you mean \"biases\"");
	refused(compress("quantize", weights, NULL, "[1]"), LEPTON_E_USAGE, "compress quantize");
	lepton_params_release(weights);
}

/* Values at the edges of float32: the bound holds, and zero stays zero. */
static void test_quantize_extremes(void **state)
{
	(void)state;
	static const float values[] = {
		0, 0, 1e-45f, FLT_MAX, 0, -0.0f, 3e-44f, -FLT_MAX / 3, 0, 0, -8.9e-44f, 1};
	struct lepton_params *weights = make_one((struct lepton_shape){2, {3, 4}}, values);
	struct outcome o = compressed("quantize", weights, NULL, NULL);
	const float *r = numbers(o.rebuilt, 0);
	for (int i = 0; i < 12; i++) {
		double largest = i % 4 == 3 ? (double)FLT_MAX : i % 4 == 2 ? 8.9e-44 : 0;
		assert_true(fabs((double)r[i] - (double)values[i]) <=
			    fmax(largest / 127 / 2 * (1 + 1e-6), i % 4 == 2 ? 7.1e-46 : 0));
	}
	release(&o);
	lepton_params_release(weights);
}

static void test_scalar_and_deep_shapes(void **state)
{
	(void)state;
	static const struct lepton_tensor like[] = {
		{.name = "s", .dtype = LEPTON_F32, .shape = {0, {0}}},
		{.name = "d", .dtype = LEPTON_F32, .shape = {6, {2, 1, 3, 2, 1, 4}}},
	};
	struct lepton_params *base = make_random(like, 2, 1), *weights = make_near(base, 1, 0.1f, 2);
	struct outcome q = compressed("quantize", weights, NULL, "{\"biases\":\"int8\"}");
	struct outcome d = compressed("delta", weights, base, "{\"per\":\"channel\"}");
	assert_true(q.report.relative_error < 0.01 && d.report.relative_error < 0.001);
	release(&q);
	release(&d);
	lepton_params_release(weights);
	lepton_params_release(base);
}

/* ---- both -------------------------------------------------------------------------------------- */

static void test_same_input_same_bytes(void **state)
{
	(void)state;
	struct lepton_params *base = make_random(small_net, SMALL_NET, 41),
			     *weights = make_near(base, 1, 0.1f, 42);
	char before[LEPTON_HASH_HEX], after[LEPTON_HASH_HEX], one[LEPTON_HASH_HEX], two[LEPTON_HASH_HEX];
	lepton_params_hash(weights, before);
	for (const struct lepton_compressor *const *m = lepton_compressors(); *m; m++) {
		if ((*m)->trees)
			continue;
		struct outcome a = compressed((*m)->name, weights, base, NULL),
			       b = compressed((*m)->name, weights, base, NULL);
		struct lepton_params *again = NULL;
		lepton_params_hash(a.blob, one);
		lepton_params_hash(b.blob, two);
		assert_string_equal(one, two);
		assert_int_equal(lepton_decompress(lepton_params_at(a.blob, 0)->data, (size_t)a.report.bytes,
					 base, &again, NULL),
			0);
		lepton_params_hash(a.rebuilt, one);
		lepton_params_hash(again, two);
		assert_string_equal(one, two);
		lepton_params_release(again);
		release(&a);
		release(&b);
	}
	lepton_params_hash(weights, after);
	assert_string_equal(before, after);
	lepton_params_release(weights);
	lepton_params_release(base);
}

static void test_report_is_true(void **state)
{
	(void)state;
	struct lepton_params *base = make_random(small_net, SMALL_NET, 51),
			     *weights = make_near(base, 1, 0.1f, 52);
	char hash[LEPTON_HASH_HEX], said[LEPTON_HASH_HEX];
	lepton_params_hash(base, hash);
	for (const struct lepton_compressor *const *m = lepton_compressors(); *m; m++) {
		if ((*m)->trees)
			continue;
		bool ranks = strncmp((*m)->name, "lowrank", 7) == 0;
		struct outcome o = compressed((*m)->name, weights, base, ranks ? "{\"rank\":2}" : NULL);
		double wrong = 0, whole = 0;
		for (size_t t = 0; t < SMALL_NET; t++)
			for (int64_t i = 0; i < lepton_shape_count(&small_net[t].shape); i++) {
				double w = (double)numbers(weights, t)[i];
				wrong += pow((double)numbers(o.rebuilt, t)[i] - w, 2);
				whole += w * w;
			}
		assert_true(fabs(o.report.relative_error - sqrt(wrong / whole)) < 1e-12);
		assert_true(o.report.relative_error > 0);
		assert_int_equal(o.report.raw_bytes, 4 * (45 + 5 + 280 + 7));
		assert_int_equal(o.report.bytes, lepton_params_bytes(o.blob));
		assert_string_equal(lepton_params_at(o.blob, 0)->name, "blob");
		assert_int_equal(lepton_params_at(o.blob, 0)->dtype, LEPTON_U8);
		assert_string_equal(o.report.base_hash, (*m)->needs_base ? hash : "");
		assert_int_equal(lepton_blob_base(lepton_params_at(o.blob, 0)->data, (size_t)o.report.bytes,
					 said, NULL),
			0);
		assert_string_equal(said, o.report.base_hash);
		release(&o);
	}
	lepton_params_release(weights);
	lepton_params_release(base);
}

/* Deflate is used where it is shorter, unpacks to the same weights, and never costs. */
static void test_packing(void **state)
{
	(void)state;
	struct lepton_tensor like = {.name = "k", .dtype = LEPTON_F32, .shape = {2, {400, 50}}};
	struct lepton_params *weights = make_random(&like, 1, 61);
	float *w = lepton_params_data(weights, 0);
	struct outcome wide = compressed("quantize", weights, NULL, NULL), plain;
	plain = compressed("quantize", weights, NULL, "{\"pack\":\"none\"}");
	assert_true(wide.report.bytes <=
		    plain.report.bytes); /* codes that fill their range: next to nothing to gain */
	release(&wide);
	release(&plain);
	for (int i = 0; i < 20000; i++)
		w[i] = i % 3 ? 0 : w[i]; /* two thirds zeros: less than 8 bits each */
	wide = compressed("quantize", weights, NULL, "{\"pack\":\"deflate\"}");
	plain = compressed("quantize", weights, NULL, "{\"pack\":\"none\"}");
	assert_true(wide.report.bytes < plain.report.bytes * 6 / 10);
	assert_memory_equal(numbers(wide.rebuilt, 0), numbers(plain.rebuilt, 0), 80000);
	release(&wide);
	release(&plain);
	for (int i = 0; i < 20000; i++)
		w[i] = 0; /* as short as deflate gets: the decoder's bound must still let it through */
	wide = compressed("quantize", weights, NULL, NULL);
	assert_true(wide.report.bytes < 500);
	release(&wide);
	lepton_params_release(weights);
}

static void test_bad_weights(void **state)
{
	(void)state;
	struct lepton_params *weights = make_random(small_net, SMALL_NET, 71);
	float *w = lepton_params_data(weights, 2);
	w[100] = NAN;
	refused(compress("quantize", weights, NULL, NULL), LEPTON_E_DIVERGED,
		"dense/kernel holds NaN at number 100");
	refused(compress("delta", weights, weights, NULL), LEPTON_E_DIVERGED, "NaN");
	w[100] = -INFINITY;
	refused(compress("quantize", weights, NULL, NULL), LEPTON_E_DIVERGED, "infinity");
	w[100] = 0;
	struct outcome o = compressed("quantize", weights, NULL, NULL);
	refused(compress("quantize", o.blob, NULL, NULL), LEPTON_E_UNSUPPORTED, "not float32");
	release(&o);
	lepton_params_release(weights);
}

static void test_unknown_method(void **state)
{
	(void)state;
	struct lepton_params *weights = make_random(small_net, SMALL_NET, 71);
	refused(compress("quantise", weights, NULL, NULL), LEPTON_E_NOTFOUND, "did you mean \"quantize\"");
	refused(compress("zzzzzzzzzz", weights, NULL, NULL), LEPTON_E_NOTFOUND,
		"known: auto, slim, distil, delta, quantize");
	refused(compress("", weights, NULL, NULL), LEPTON_E_NOTFOUND,
		"known: auto, slim, distil, delta, quantize");
	lepton_params_release(weights);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alpha_is_the_least_squares_one),
		cmocka_unit_test(test_multiple_of_the_base),
		cmocka_unit_test(test_zero_base_means_alpha_zero),
		cmocka_unit_test(test_given_alpha_is_used),
		cmocka_unit_test(test_delta_error_bounds),
		cmocka_unit_test(test_alphas_of_channels),
		cmocka_unit_test(test_delta_beats_quantize_for_near_versions),
		cmocka_unit_test(test_exact_is_exact),
		cmocka_unit_test(test_exact_is_short),
		cmocka_unit_test(test_steps_of_the_residual),
		cmocka_unit_test(test_residual_settings),
		cmocka_unit_test(test_retrain_refused),
		cmocka_unit_test(test_delta_refusals),
		cmocka_unit_test(test_quantize_error_bounds),
		cmocka_unit_test(test_ternary_is_the_best),
		cmocka_unit_test(test_four_bits),
		cmocka_unit_test(test_packings_agree),
		cmocka_unit_test(test_quantize_settings),
		cmocka_unit_test(test_quantize_extremes),
		cmocka_unit_test(test_scalar_and_deep_shapes),
		cmocka_unit_test(test_same_input_same_bytes),
		cmocka_unit_test(test_report_is_true),
		cmocka_unit_test(test_packing),
		cmocka_unit_test(test_bad_weights),
		cmocka_unit_test(test_unknown_method),
	};
	return cmocka_run_group_tests_name("compress", tests, NULL, NULL);
}
