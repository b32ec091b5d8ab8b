/* tests/test_model_network.c - whole small networks: loss and gradient of every weight against the
 * plain loops in double, and those against central differences of the loss.
 */
#include "config.h"
#include "model/lane.h"
#include "model_reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SAMPLES 5
#define H 1e-5

static const char *const networks[] = {
	/* the seed's network, small */
	"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":[3,3],"
	"\"activation\":\"relu\"},{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":4,"
	"\"activation\":\"softmax\"}]",
	/* deep, with everything */
	"[{\"type\":\"Input\",\"shape\":[8,7,2]},{\"type\":\"Conv2D\",\"filters\":3,\"kernel_size\":3,"
	"\"padding\":\"same\",\"activation\":\"relu\"},{\"type\":\"MaxPooling2D\"},{\"type\":\"Dropout\","
	"\"rate\":0.25},{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":2,\"strides\":[1,2],"
	"\"activation\":\"tanh\"},{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":6,"
	"\"activation\":\"sigmoid\"},{\"type\":\"Dropout\",\"rate\":0.5},{\"type\":\"Dense\",\"units\":3,"
	"\"activation\":\"softmax\"}]",
	/* nothing to learn below the middle */
	"[{\"type\":\"Input\",\"shape\":[6,6,2]},{\"type\":\"MaxPooling2D\"},{\"type\":\"Dropout\",\"rate\":"
	"0.3},"
	"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}]",
	/* softmax in the middle too */
	"[{\"type\":\"Input\",\"shape\":[10]},{\"type\":\"Dense\",\"units\":5,\"activation\":\"softmax\"},"
	"{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}]",
	/* ends without softmax */
	"[{\"type\":\"Input\",\"shape\":[10]},{\"type\":\"Dense\",\"units\":5,\"activation\":\"relu\"},"
	"{\"type\":\"Dense\",\"units\":3,\"activation\":\"sigmoid\"}]",
	/* a convolution gives the classes: one position (fused), and pooled ones (not) */
	"[{\"type\":\"Input\",\"shape\":[4,4,2]},{\"type\":\"Conv2D\",\"filters\":3,\"kernel_size\":4,"
	"\"activation\":\"softmax\"},{\"type\":\"Flatten\"}]",
	"[{\"type\":\"Input\",\"shape\":[5,5,2]},{\"type\":\"Conv2D\",\"filters\":3,\"kernel_size\":4,"
	"\"activation\":\"softmax\"},{\"type\":\"MaxPooling2D\"},{\"type\":\"Flatten\"}]",
	/* the two kinds of averages, one before the end and one as the end */
	"[{\"type\":\"Input\",\"shape\":[9,8,2]},{\"type\":\"Conv2D\",\"filters\":3,\"kernel_size\":3,"
	"\"activation\":\"tanh\"},{\"type\":\"AveragePooling2D\",\"padding\":\"same\"},{\"type\":\"Conv2D\","
	"\"filters\":4,\"kernel_size\":2,\"activation\":\"tanh\"},{\"type\":\"GlobalAveragePooling2D\"},"
	"{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}]",
	"[{\"type\":\"Input\",\"shape\":[5,5,2]},{\"type\":\"Conv2D\",\"filters\":3,\"kernel_size\":2,"
	"\"activation\":\"softmax\"},{\"type\":\"GlobalAveragePooling2D\"}]",
	/* normalised first, in the middle, and before the end */
	"[{\"type\":\"Input\",\"shape\":[6,5,2]},{\"type\":\"BatchNormalization\"},{\"type\":\"Conv2D\","
	"\"filters\":3,\"kernel_size\":3},{\"type\":\"BatchNormalization\",\"momentum\":0.5},{\"type\":"
	"\"Flatten\"},{\"type\":\"Dense\",\"units\":6,\"activation\":\"tanh\"},{\"type\":"
	"\"BatchNormalization\","
	"\"epsilon\":0.1},{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}]",
};
static const bool from_logits[] = {true, true, true, true, false, true, false, true, false, true};

struct bench {
	struct lepton__graph graph;
	struct lepton__lane lane;
	struct ref_network net;
	float *weights;
	double *x;
	int labels[SAMPLES];
};

static void set_up(struct bench *b, const char *text, uint64_t seed)
{
	struct lepton_error err = {0};
	cJSON *layers = cJSON_Parse(text);
	memset(b, 0, sizeof *b);
	assert_int_equal(lepton__graph_build(&b->graph, layers, LEPTON__CATEGORICAL_CROSS_ENTROPY, &err), 0);
	cJSON_Delete(layers);
	ref_build(&b->net, text, SAMPLES);
	lepton__lane_plan_first(&b->lane, &b->graph, SAMPLES, 1);
	assert_int_equal(lepton__lane_allocate(&b->lane, &err), 0);
	b->weights = aligned_alloc(64, (size_t)b->graph.floats * sizeof(float));
	int in = SAMPLES * (int)b->graph.layers[0].in_size;
	b->x = calloc((size_t)in, sizeof *b->x);
	assert_true(b->weights && b->x);
	for (int i = 0; i < in; i++) {
		b->lane.x[i] = (float)test_random(&seed);
		b->x[i] = (double)b->lane.x[i];
	}
	for (int i = 0; i < SAMPLES; i++)
		b->labels[i] = b->lane.labels[i] = (i * 2 + 1) % b->graph.classes;
}

static void tear_down(struct bench *b)
{
	lepton__graph_free(&b->graph);
	lepton__lane_free(&b->lane);
	ref_free(&b->net);
	free(b->weights);
	free(b->x);
}

/* Keras's initial weights, with biases that are not zero, in both. */
static void share_weights(struct bench *b, uint64_t seed)
{
	lepton__graph_init(&b->graph, seed, b->weights);
	for (int i = 0; i < b->graph.count; i++) {
		const struct lepton__layer *layer = &b->graph.layers[i];
		struct ref_layer *ref = &b->net.layer[i];
		if (!layer->tensor_count)
			continue;
		for (int k = 0; k < ref->weights; k++)
			ref->w[k] = (double)b->weights[layer->offset[0] + k];
		for (int k = 0; k < ref->out[2]; k++) {
			b->weights[layer->offset[1] + k] = (float)test_random(&seed) / 4;
			ref->b[k] = (double)b->weights[layer->offset[1] + k];
		}
	}
}

/* What dropout kept in the lane's run, for the reference. */
static void share_masks(struct bench *b)
{
	for (int i = 0; i < b->graph.count; i++) {
		struct ref_layer *ref = &b->net.layer[i];
		size_t n = (size_t)(SAMPLES * ref_values(ref->out));
		if (ref->kind != REF_DROPOUT)
			continue;
		ref->keep = malloc(n);
		assert_non_null(ref->keep);
		memcpy(ref->keep, b->lane.memo[i], n);
	}
}

static void compare(const char *what, int layer, int n, const float *have, const double *want)
{
	for (int i = 0; i < n; i++)
		if (!(fabs((double)have[i] - want[i]) <= 2e-6 + 2e-5 * fabs(want[i])))
			fail_msg("layer %d: %s[%d] is %.9g, but should be %.9g", layer, what, i,
				(double)have[i], want[i]);
}

static void compare_gradients(struct bench *b)
{
	for (int i = 0; i < b->graph.count; i++) {
		const struct lepton__layer *layer = &b->graph.layers[i];
		const struct ref_layer *ref = &b->net.layer[i];
		if (!layer->tensor_count)
			continue;
		compare("dkernel", i, ref->weights, b->lane.gradient + layer->offset[0], ref->dw);
		compare("dbias", i, ref->out[2], b->lane.gradient + layer->offset[1], ref->db);
	}
}

static void test_gradients(void **state)
{
	(void)state;
	for (size_t c = 0; c < sizeof networks / sizeof *networks; c++) {
		struct bench b;
		struct lepton__draw draw = {.seed = 3, .step = 7, .part = 1, .size = SAMPLES};
		set_up(&b, networks[c], 11 + c);
		share_weights(&b, c);
		assert_int_equal(b.graph.loss.from_logits, from_logits[c]);
		lepton__lane_forward(&b.lane, &b.graph, b.weights, b.lane.x, SAMPLES, &draw);
		share_masks(&b);
		lepton__lane_backward(&b.lane, &b.graph, b.weights, b.lane.x, SAMPLES, &draw, 1.0F / SAMPLES);
		int right;
		double loss = ref_gradient(&b.net, b.x, b.labels);
		ref_loss(&b.net, b.x, b.labels, &right);
		assert_true(fabs(b.lane.loss.sum / SAMPLES - loss) < 1e-6);
		assert_int_equal(b.lane.loss.right, right);
		compare_gradients(&b);
		tear_down(&b);
	}
}

/* Outside training batch normalisation goes by its moving statistics. */
static void share_statistics(struct bench *b, uint64_t seed)
{
	for (int i = 0; i < b->graph.count; i++) {
		const struct lepton__layer *layer = &b->graph.layers[i];
		struct ref_layer *ref = &b->net.layer[i];
		if (ref->kind != REF_BATCH_NORMALIZATION)
			continue;
		ref->mean = calloc((size_t)ref->weights, sizeof *ref->mean);
		ref->variance = calloc((size_t)ref->weights, sizeof *ref->variance);
		assert_true(ref->mean && ref->variance);
		for (int c = 0; c < ref->weights; c++) {
			b->weights[layer->offset[2] + c] = (float)test_random(&seed);
			b->weights[layer->offset[3] + c] = (float)(test_random(&seed) + 1.25);
			ref->mean[c] = (double)b->weights[layer->offset[2] + c];
			ref->variance[c] = (double)b->weights[layer->offset[3] + c];
		}
	}
}

/* Without a draw nothing is dropped, and the loss is that of the whole network. */
static void test_scoring(void **state)
{
	(void)state;
	for (size_t c = 0; c < sizeof networks / sizeof *networks; c++) {
		struct bench b;
		struct lepton__loss loss;
		set_up(&b, networks[c], 11 + c);
		share_weights(&b, c);
		share_statistics(&b, c);
		const float *out =
			lepton__lane_forward(&b.lane, &b.graph, b.weights, b.lane.x, SAMPLES, NULL);
		lepton__loss_rows(
			b.graph.loss.from_logits, SAMPLES, b.graph.classes, out, b.lane.labels, 0, NULL, &loss);
		assert_true(fabs(loss.sum / SAMPLES - ref_loss(&b.net, b.x, b.labels, NULL)) < 1e-6);
		float p[SAMPLES * 8];
		lepton__loss_probabilities(b.graph.loss.from_logits, SAMPLES, b.graph.classes, out, p);
		double nll = 0;
		for (int i = 0; i < SAMPLES; i++)
			nll -= log((double)p[i * b.graph.classes + b.labels[i]]);
		assert_true(fabs(nll - loss.sum) < 1e-5);
		tear_down(&b);
	}
}

static void differences(
	struct bench *b, int layer, const char *what, int n, double *w, const double *gradient)
{
	for (int i = 0; i < n; i++) {
		double old = w[i];
		w[i] = old + H;
		double up = ref_loss(&b->net, b->x, b->labels, NULL);
		w[i] = old - H;
		double down = ref_loss(&b->net, b->x, b->labels, NULL), want = (up - down) / (2 * H);
		w[i] = old;
		if (!(fabs(gradient[i] - want) <= 1e-8 + 1e-6 * fabs(want)))
			fail_msg("layer %d: %s[%d] is %.12g, but differences give %.12g", layer, what, i,
				gradient[i], want);
	}
}

static void test_differences(void **state)
{
	(void)state;
	for (size_t c = 0; c < sizeof networks / sizeof *networks; c++) {
		struct bench b;
		struct lepton__draw draw = {.seed = 3, .step = 7, .part = 1, .size = SAMPLES};
		set_up(&b, networks[c], 11 + c);
		share_weights(&b, c);
		lepton__lane_forward(&b.lane, &b.graph, b.weights, b.lane.x, SAMPLES, &draw);
		share_masks(&b);
		ref_gradient(&b.net, b.x, b.labels);
		for (int i = 0; i < b.net.count; i++) {
			struct ref_layer *l = &b.net.layer[i];
			differences(&b, i, "dkernel", l->weights, l->w, l->dw);
			differences(&b, i, "dbias", l->weights ? l->out[2] : 0, l->b, l->db);
		}
		tear_down(&b);
	}
}

/* Hopeless rows: the loss stays finite where a probability underflows, and is NaN where a value is. */
static void test_probability_loss_limits(void **state)
{
	const float rows[] = {0, 1, 0, /* label 0: p = 0 */ 0, 0, 0 /* no probability at all */};
	const int32_t labels[] = {0, 2};
	float d[6];
	struct lepton__loss loss;
	(void)state;
	lepton__loss_rows(false, 2, 3, rows, labels, 1, d, &loss);
	assert_true(fabs(loss.sum - 2 * 7 * log(10)) < 1e-4);
	assert_int_equal(loss.right, 0);
	for (int i = 0; i < 6; i++)
		assert_true(isfinite(d[i]));
	assert_true(d[0] < 0 && d[1] > 0 && d[5] < 0);
	const float bad[] = {0, NAN, 1};
	lepton__loss_rows(false, 1, 3, bad, labels, 1, NULL, &loss);
	assert_true(isnan(loss.sum));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gradients),
		cmocka_unit_test(test_scoring),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_probability_loss_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
