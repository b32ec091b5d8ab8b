/* tests/test_compress_trees.c - trees: what is coded comes back, to the bit or to half a step; pruning is the
 * cheapest of all prunings, tried one by one; damaged bytes are refused or give trees that a learner reads.
 */
#include "config.h"
#include "lepton/compress.h"
#include "lepton/model.h"
#include "model/trees.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FEATURES 6

static struct lepton__rng rng;

/* ---- trees by chance ---- */

/* A node and all below it, in order: `queue` holds depths that wait. */
static void grow(struct lepton__nodes *nodes, int depth_max)
{
	int32_t root, children;
	int depth[512] = {0};
	assert_int_equal(lepton__nodes_add(nodes, 1, &root, NULL), 0);
	assert_int_equal(lepton__nodes_add_root(nodes, root, NULL), 0);
	for (int at = 0; root + at < (int)nodes->count; at++) {
		if (depth[at] == depth_max || (at && lepton__rng_below(&rng, 4) == 0)) {
			float sum = 0, *value = nodes->value + (root + at) * nodes->width;
			for (int k = 0; k < nodes->width; k++)
				sum += value[k] = lepton__rng_below(&rng, 3) ? 0 : lepton__rng_uniform(&rng);
			for (int k = 0; nodes->width > 1 && k < nodes->width; k++)
				value[k] = sum > 0 ? value[k] / sum : 1 / (float)nodes->width;
			continue;
		}
		depth[nodes->count - (size_t)root] = depth[nodes->count - (size_t)root + 1] = depth[at] + 1;
		assert_int_equal(lepton__nodes_add(nodes, 2, &children, NULL), 0);
		struct lepton__node *node = &nodes->node[root + at];
		node->feature = (int32_t)lepton__rng_below(&rng, FEATURES);
		node->left = children;
		node->threshold = nodes->numbers ? 0 : (int16_t)lepton__rng_below(&rng, 256);
		node->missing_left = nodes->numbers && lepton__rng_below(&rng, 2);
		node->cut = nodes->numbers ? (float)lepton__rng_normal(&rng) * 100 : 0;
		nodes->gain[root + at] = lepton__rng_uniform(&rng) * 10;
	}
}

static struct lepton_params *trees_of(int width, bool numbers, int trees, int depth)
{
	struct lepton__nodes nodes = {.width = width, .numbers = numbers};
	struct lepton_params *params;
	for (int t = 0; t < trees; t++)
		grow(&nodes, depth);
	assert_int_equal(lepton__nodes_params(&nodes, &params, NULL), 0);
	lepton__nodes_free(&nodes);
	return params;
}

static const float *field(const struct lepton_params *params, const char *name, int64_t *count)
{
	const struct lepton_tensor *tensor = lepton_params_find(params, name);
	*count = tensor ? lepton_shape_count(&tensor->shape) : 0;
	return tensor ? tensor->data : NULL;
}

/* ---- there and back ---- */

static struct lepton_params *back_of(const struct lepton_params *params, const char *settings, int64_t *bytes)
{
	struct lepton_params *blob, *rebuilt;
	struct lepton_compress_report report;
	struct lepton_error err = {0};
	if (lepton_compress("trees", params, NULL, settings, &blob, &rebuilt, &report, &err))
		fail_msg("%s", err.message);
	*bytes = report.bytes;
	lepton_params_release(blob);
	return rebuilt;
}

static void check_near(
	const struct lepton_params *a, const struct lepton_params *b, const char *name, double step)
{
	int64_t count, other;
	const float *x = field(a, name, &count), *y = field(b, name, &other);
	assert_int_equal(count, other);
	for (int64_t i = 0; i < count; i++)
		if (!(fabs((double)x[i] - (double)y[i]) <= step))
			fail_msg("%s[%lld] is %.9g, but was %.9g", name, (long long)i, (double)y[i],
				(double)x[i]);
}

/* The widest step of a column's thresholds, or of the leaves' values. */
static double step_of(const struct lepton_params *params, bool thresholds, int bits)
{
	int64_t count, values;
	const float *feature = field(params, "feature", &count),
		    *x = field(params, thresholds ? "threshold" : "value", &values);
	double widest = 0;
	for (int f = thresholds ? 0 : -1; f < (thresholds ? FEATURES : 0); f++) {
		double low = INFINITY, high = -INFINITY;
		for (int64_t i = 0; i < count; i++)
			if ((int)feature[i] == f) {
				low = fmin(low, (double)x[i]);
				high = fmax(high, (double)x[i]);
			}
		widest = fmax(widest, high - low);
	}
	return widest / ((1 << bits) - 1);
}

static void test_there_and_back(void **state)
{
	(void)state;
	static const int widths[] = {1, 2, 10};
	for (int w = 0; w < 3; w++)
		for (int numbers = 0; numbers < 2; numbers++)
			for (int bits = 2; bits <= 32; bits += bits < 8 ? 3 : bits == 8 ? 5 : 19) {
				struct lepton_params *params = trees_of(widths[w], numbers, 20, 6);
				char settings[80];
				int64_t bytes, count;
				snprintf(settings, sizeof settings, "{\"thresholds\":%d,\"values\":%d}", bits,
					bits);
				struct lepton_params *back = back_of(params, settings, &bytes);
				check_near(params, back, "feature", 0);
				check_near(params, back, "left", 0);
				check_near(params, back, "roots", 0);
				double step = bits == 32 || (!numbers && bits >= 8) ? 0
					      : numbers ? step_of(params, true, bits) * 0.5001
							: (1 << (8 - bits)) / 2;
				check_near(params, back, "threshold", step);
				step = bits == 32       ? 0
				       : widths[w] == 1 ? step_of(params, false, bits) * 0.5001
							: (0.5 * widths[w] + 0.5) / ((1 << bits) - 1);
				check_near(params, back, "value", step);
				if (numbers) {
					check_near(params, back, "missing", 0);
					check_near(params, back, "gain", 10 / 256.0);
				}
				const float *feature = field(back, "feature", &count),
					    *value = field(back, "value", &count);
				(void)field(back, "feature", &count);
				for (int64_t i = 0; widths[w] > 1 && i < count; i++) {
					float sum = 0;
					for (int k = 0; k < widths[w]; k++)
						sum += value[i * widths[w] + k];
					assert_true(fabsf(sum - (feature[i] < 0)) < 1e-5F);
				}
				assert_true(bytes * 2 < lepton_params_bytes(params));
				lepton_params_release(params);
				lepton_params_release(back);
			}
}

/* A tree of one leaf, and of a feature nobody asks for. */
static void test_small(void **state)
{
	(void)state;
	int64_t bytes;
	struct lepton_params *params = trees_of(3, true, 2, 0), *back = back_of(params, NULL, &bytes);
	check_near(params, back, "feature", 0);
	check_near(params, back, "value", 0.01);
	lepton_params_release(params);
	lepton_params_release(back);
}

static void test_refused(void **state)
{
	(void)state;
	struct lepton_error err;
	struct lepton_params *blob = NULL, *rebuilt = NULL, *params = trees_of(2, false, 3, 4);
	struct lepton_compress_report report;
	static const struct lepton_tensor net[] = {{.name = "k", .dtype = LEPTON_F32, .shape = {2, {2, 2}}}};
	assert_int_equal(
		lepton_compress("trees", params, NULL, "{\"values\":20}", &blob, &rebuilt, &report, &err),
		LEPTON_E_USAGE);
	assert_non_null(strstr(err.message, "\"values\" takes 2 to 16 bits, or 32"));
	struct lepton_params *disorder;
	assert_int_equal(lepton_params_copy(params, &disorder, NULL), 0);
	((float *)lepton_params_data(disorder, 2))[0] += 2; /* left */
	assert_int_equal(lepton_compress("trees", disorder, NULL, NULL, &blob, &rebuilt, &report, &err),
		LEPTON_E_UNSUPPORTED);
	assert_non_null(strstr(err.message, "not in order"));
	struct lepton_params *network;
	assert_int_equal(lepton_params_new(net, 1, &network, NULL), 0);
	assert_int_equal(lepton_compress("trees", network, NULL, NULL, &blob, &rebuilt, &report, &err),
		LEPTON_E_UNSUPPORTED);
	assert_non_null(strstr(err.message, "not the weights of trees"));
	assert_null(blob);
	lepton_params_release(network);
	lepton_params_release(disorder);
	lepton_params_release(params);
}

/* Every length and every bit, past the envelope: what decodes, a learner's own check must pass. */
static void try_payload(const struct lepton_compressor *method, const uint8_t *bytes, size_t size)
{
	struct lepton_params *back = NULL;
	struct lepton_error err;
	uint8_t *copy = malloc(size + 1);
	assert_non_null(copy);
	memcpy(copy, bytes, size);
	int code = method->decode(copy, size, NULL, &back, &err);
	assert_true((code == 0) == (back != NULL));
	if (back) {
		struct lepton__nodes nodes = {.width = (int)lepton_params_find(back, "value")->shape.dim[1],
			.numbers = lepton_params_find(back, "gain") != NULL};
		assert_int_equal(lepton__nodes_read(&nodes, back, 1 << 20, &err), 0);
		lepton__nodes_free(&nodes);
	} else {
		assert_int_equal(code, LEPTON_E_CORRUPT);
	}
	lepton_params_release(back);
	free(copy);
}

static void test_damaged(void **state)
{
	(void)state;
	const struct lepton_compressor *method;
	assert_int_equal(lepton_compressor_find("trees", &method, NULL), 0);
	for (int numbers = 0; numbers < 2; numbers++) {
		struct lepton_params *params = trees_of(numbers ? 1 : 3, numbers, 3, 4);
		struct lepton_compress_report report;
		uint8_t *payload;
		size_t size;
		assert_int_equal(method->encode(params, NULL, NULL, &payload, &size, &report, NULL), 0);
		for (size_t length = 0; length < size; length++)
			try_payload(method, payload, length);
		for (size_t bit = 0; bit < size * 8; bit++) {
			payload[bit / 8] ^= (uint8_t)(1U << bit % 8);
			try_payload(method, payload, size);
			payload[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
		free(payload);
		lepton_params_release(params);
	}
}

/* ---- pruning ---- */

#define SAMPLES 300

/* The cheapest way to prune below a node, by trying all; of equals that of fewest leaves. */
struct way {
	double cost;
	int leaves;
};

struct oracle {
	const float *feature, *left, *value;
	int width;
	double count[512], sum[512][4];
	double alpha;
};

static double squared(const struct oracle *o, int at)
{
	double square = 0;
	for (int k = 0; k < o->width; k++)
		square += o->sum[at][k] * o->sum[at][k];
	return o->count[at] > 0 ? square / o->count[at] : 0;
}

/* All ways, as a list that the caller frees; what all samples' squares come to is left out everywhere. */
static int ways_of(const struct oracle *o, int at, struct way **out)
{
	struct way whole = {o->alpha - squared(o, at) / SAMPLES, 1}, *left, *right;
	if (o->feature[at] < 0) {
		*out = malloc(sizeof whole);
		**out = whole;
		return 1;
	}
	int a = ways_of(o, (int)o->left[at], &left), b = ways_of(o, (int)o->left[at] + 1, &right);
	*out = malloc((size_t)(a * b + 1) * sizeof **out);
	for (int i = 0; i < a * b; i++)
		(*out)[i] = (struct way){
			left[i / b].cost + right[i % b].cost, left[i / b].leaves + right[i % b].leaves};
	(*out)[a * b] = whole;
	free(left);
	free(right);
	return a * b + 1;
}

static void count_up(struct oracle *o, int at)
{
	if (o->feature[at] < 0)
		return;
	for (int side = 0; side < 2; side++) {
		int child = (int)o->left[at] + side;
		count_up(o, child);
		o->count[at] += o->count[child];
		for (int k = 0; k < o->width; k++)
			o->sum[at][k] += o->sum[child][k];
	}
}

static struct way best_of(struct oracle *o, int root)
{
	struct way *ways, best = {INFINITY, 0};
	count_up(o, root);
	int count = ways_of(o, root, &ways);
	for (int i = 0; i < count; i++)
		if (ways[i].cost < best.cost - 1e-12 ||
			(ways[i].cost < best.cost + 1e-12 && ways[i].leaves < best.leaves))
			best = ways[i];
	free(ways);
	return best;
}

static void test_pruning_is_the_cheapest(void **state)
{
	(void)state;
	static uint8_t images[SAMPLES * FEATURES], labels[SAMPLES];
	const struct lepton_shape shape = {1, {FEATURES}};
	struct lepton_dataset *data;
	for (int i = 0; i < SAMPLES; i++) {
		for (int f = 0; f < FEATURES; f++)
			images[i * FEATURES + f] = (uint8_t)lepton__rng_below(&rng, 256);
		int sum = images[i * FEATURES] + images[i * FEATURES + 1] + (int)lepton__rng_below(&rng, 120);
		labels[i] = sum > 380 ? 2 : sum > 240;
	}
	assert_int_equal(lepton_dataset_from_u8(images, labels, SAMPLES, 0, &shape, 3, 0, &data, NULL), 0);
	for (int depth = 1; depth <= 4; depth++) {
		char config[80];
		struct lepton_learner *learner;
		struct lepton_step_result result = {0};
		snprintf(config, sizeof config, "{\"max_depth\":%d}", depth);
		assert_int_equal(
			lepton_learner_find("decision_tree")->create(config, 1, data, &learner, NULL), 0);
		while (!result.finished)
			assert_int_equal(learner->ops->step(learner, &lepton_team_alone, &result, NULL), 0);
		struct lepton_params *whole;
		assert_int_equal(learner->ops->weights(learner, &whole, NULL), 0);
		int least = 1000, seen = 0;
		for (double alpha = 0.0005; alpha < 0.3; alpha *= 1.5) {
			int64_t count;
			struct oracle o = {.width = 3, .alpha = alpha};
			o.feature = field(whole, "feature", &count);
			o.value = field(whole, "value", &count);
			o.left = field(whole, "left", &count);
			const float *threshold = field(whole, "threshold", &count);
			for (int i = 0; i < SAMPLES; i++) {
				int at = 0;
				while (o.feature[at] >= 0)
					at = (int)o.left[at] +
					     (images[i * FEATURES + (int)o.feature[at]] > (int)threshold[at]);
				o.count[at]++;
				o.sum[at][labels[i]]++; /* a leaf's shares are those of the samples in it */
			}
			struct way best = best_of(&o, 0);
			struct lepton_params *pruned;
			assert_int_equal(lepton__trees_prune(learner, alpha, &pruned, NULL), 0);
			const float *feature = field(pruned, "feature", &count), *value;
			int leaves = 0;
			for (int64_t i = 0; i < count; i++)
				leaves += feature[i] < 0;
			assert_int_equal(leaves, best.leaves);
			assert_true(leaves <= least);
			seen += leaves < least;
			least = leaves;
			value = field(pruned, "value", &count);
			if (leaves == 1) { /* all samples' shares */
				int of[3] = {0};
				for (int i = 0; i < SAMPLES; i++)
					of[labels[i]]++;
				for (int k = 0; k < 3; k++)
					assert_true(fabs((double)value[k] - of[k] / (double)SAMPLES) < 1e-6);
			}
			lepton_params_release(pruned);
		}
		assert_int_equal(least, 1);
		assert_true(seen >= depth / 2 + 1);
		/* without pruning only the order may change: the answers are the same */
		struct lepton_params *sorted;
		float before[SAMPLES * 3], after[SAMPLES * 3], x[SAMPLES * FEATURES];
		for (int i = 0; i < SAMPLES * FEATURES; i++)
			x[i] = (float)images[i] / 255;
		assert_int_equal(learner->ops->predict(learner, x, SAMPLES, before, NULL), 0);
		assert_int_equal(lepton__trees_prune(learner, 0, &sorted, NULL), 0);
		assert_int_equal(learner->ops->set_weights(learner, sorted, NULL), 0);
		assert_int_equal(learner->ops->predict(learner, x, SAMPLES, after, NULL), 0);
		assert_memory_equal(before, after, sizeof before);
		lepton_params_release(sorted);
		lepton_params_release(whole);
		learner->ops->destroy(learner);
	}
	lepton_dataset_release(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_small), cmocka_unit_test(test_refused), cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_pruning_is_the_cheapest)};
	lepton__rng_init(&rng, 4, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
