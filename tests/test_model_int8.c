/* tests/test_model_int8.c - networks on 8-bit whole numbers against the plain loops in double, which are
 * given weights and values rounded here; and how near those come to the network itself.
 */
#include "config.h"
#include "model/int8.h"
#include "lepton/model.h"
#include "base/memory.h"
#include "model_reference.h"
#include "model_team.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SAMPLES 40
#define TEST 10
#define SIDE 9
#define PIXELS (SIDE * SIDE * 2)
#define CAPACITY 7

#define INPUT "[{\"type\":\"Input\",\"shape\":[9,9,2]},"
#define DENSE "{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":4,\"activation\":\"softmax\"}]"

static const char *const networks[] = {
	/* whole numbers from end to end */
	INPUT "{\"type\":\"Conv2D\",\"filters\":5,\"kernel_size\":[3,3],\"activation\":\"relu\"}," DENSE,
	/* linear: zero is not the least; and a pooling between */
	INPUT
	"{\"type\":\"Conv2D\",\"filters\":5,\"kernel_size\":3,\"padding\":\"same\"},{\"type\":"
	"\"MaxPooling2D\"},"
	"{\"type\":\"Conv2D\",\"filters\":17,\"kernel_size\":[2,3],\"strides\":[2,1],\"padding\":\"same\"},"
	"{\"type\":\"Dropout\",\"rate\":0.3},{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":20,"
	"\"activation\":\"relu\"},{\"type\":\"Dense\",\"units\":4,\"activation\":\"softmax\"}]",
	/* activations that are computed on floats */
	INPUT
	"{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":4,\"strides\":2,\"activation\":\"tanh\"},"
	"{\"type\":\"MaxPooling2D\"},{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":6,\"activation\":"
	"\"sigmoid\"},{\"type\":\"Dense\",\"units\":5,\"activation\":\"softmax\"},{\"type\":\"Dense\","
	"\"units\":4,"
	"\"activation\":\"softmax\"}]",
	/* layers that want floats, between */
	INPUT "{\"type\":\"BatchNormalization\"},{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":2,"
	      "\"activation\":"
	      "\"relu\"},{\"type\":\"MaxPooling2D\"},{\"type\":\"AveragePooling2D\"},{\"type\":"
	      "\"BatchNormalization\"},"
	      "{\"type\":\"Conv2D\",\"filters\":6,\"kernel_size\":1},{\"type\":\"GlobalAveragePooling2D\"},{"
	      "\"type\":"
	      "\"Dense\",\"units\":4,\"activation\":\"softmax\"}]",
	/* a pooling at the very beginning and one at the very end */
	INPUT "{\"type\":\"MaxPooling2D\"},{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":3},{\"type\":"
	      "\"MaxPooling2D\"},{\"type\":\"Flatten\"}]",
};
enum { NETWORKS = sizeof networks / sizeof *networks };

static struct lepton_dataset *data;
static float pixels[(SAMPLES + TEST) * PIXELS];

static int make_data(void **state)
{
	uint8_t images[(SAMPLES + TEST) * PIXELS], labels[SAMPLES + TEST];
	const struct lepton_shape shape = {3, {SIDE, SIDE, 2}};
	uint64_t seed = 3;
	(void)state;
	for (int i = 0; i < (SAMPLES + TEST) * PIXELS; i++) {
		images[i] =
			(uint8_t)(128 + 127.9 * test_random(&seed)); /* up to 255: with 254 half of them would
									lie between two whole numbers */
		pixels[i] = (float)images[i] / 255;
	}
	for (int i = 0; i < SAMPLES + TEST; i++)
		labels[i] = (uint8_t)(i % 4);
	return lepton_dataset_from_u8(images, labels, SAMPLES + TEST, TEST, &shape, 4, 0, &data, NULL);
}

static int free_data(void **state)
{
	(void)state;
	lepton_dataset_release(data);
	return 0;
}

/* ---- the network, as lepton has it and as the reference does ---- */

struct bench {
	struct lepton__graph graph;
	float *weights;
	struct lepton__int8_net *net;
	struct ref_network exact, rounded;
};

/* One scale a channel, from the weight largest in size. */
static void round_weights(struct ref_layer *l)
{
	const int channels = l->out[2];
	for (int c = 0; c < channels; c++) {
		double most = 0;
		for (int k = c; k < l->weights; k += channels)
			most = fmax(most, fabs(l->w[k]));
		for (int k = c; k < l->weights; k += channels)
			l->w[k] = most > 0 ? round((float)l->w[k] / (float)(most / 127)) * (most / 127) : 0;
	}
}

static void share_weights(struct bench *b, struct ref_network *net)
{
	for (int i = 0; i < b->graph.count; i++) {
		const struct lepton__layer *layer = &b->graph.layers[i];
		struct ref_layer *l = &net->layer[i];
		if (!layer->tensor_count)
			continue;
		for (int k = 0; k < (l->kind == REF_BATCH_NORMALIZATION ? l->out[2] : l->weights); k++)
			l->w[k] = (double)b->weights[layer->offset[0] + k];
		for (int k = 0; k < l->out[2]; k++)
			l->b[k] = (double)b->weights[layer->offset[1] + k];
		if (l->kind != REF_BATCH_NORMALIZATION)
			continue;
		for (int k = 0; k < l->out[2]; k++) {
			l->mean[k] = (double)b->weights[layer->offset[2] + k];
			l->variance[k] = (double)b->weights[layer->offset[3] + k];
		}
	}
}

static void build_reference(
	struct bench *b, const char *text, struct ref_network *net, double statistics[2][REF_LAYERS][8])
{
	ref_build(net, text, 1);
	for (int i = 0; i < net->count; i++)
		if (net->layer[i].kind == REF_BATCH_NORMALIZATION) {
			net->layer[i].mean = statistics[0][i];
			net->layer[i].variance = statistics[1][i];
		}
	share_weights(b, net);
}

static void free_reference(struct ref_network *net)
{
	for (int i = 0; i < net->count; i++)
		net->layer[i].mean = net->layer[i].variance = NULL;
	ref_free(net);
}

/* Biases and statistics that are not those of the beginning. */
static void stir(struct bench *b, uint64_t seed)
{
	lepton__graph_init(&b->graph, seed, b->weights);
	for (int i = 0; i < b->graph.count; i++) {
		const struct lepton__layer *layer = &b->graph.layers[i];
		for (int t = 1; t < layer->tensor_count; t++)
			for (int64_t k = 0; k < lepton_shape_count(&layer->tensor[t]); k++)
				b->weights[layer->offset[t] + k] += (float)test_random(&seed) / 4;
	}
}

static double statistics[2][REF_LAYERS][8];

static void set_up(struct bench *b, const char *text, uint64_t seed)
{
	struct lepton_error err = {0};
	cJSON *layers = cJSON_Parse(text);
	memset(b, 0, sizeof *b);
	enum lepton__loss_kind loss = strstr(text, "\"units\":4,\"activation\":\"softmax\"}]")
					      ? LEPTON__CATEGORICAL_CROSS_ENTROPY
					      : LEPTON__HINGE;
	if (lepton__graph_build(&b->graph, layers, loss, &err))
		fail_msg("%s", err.message);
	cJSON_Delete(layers);
	b->weights = calloc((size_t)b->graph.floats, sizeof(float));
	assert_non_null(b->weights);
	stir(b, seed);
	build_reference(b, text, &b->exact, statistics);
	build_reference(b, text, &b->rounded, statistics);
	for (int i = 0; i < b->rounded.count; i++)
		if (b->rounded.layer[i].kind == REF_CONV2D || b->rounded.layer[i].kind == REF_DENSE)
			round_weights(&b->rounded.layer[i]);
	if (lepton__int8_new(&b->graph, b->weights, data, 2, CAPACITY, &b->net, &err))
		fail_msg("%s", err.message);
}

static void tear_down(struct bench *b)
{
	lepton__int8_free(b->net);
	lepton__graph_free(&b->graph);
	free_reference(&b->exact);
	free_reference(&b->rounded);
	free(b->weights);
}

/* ---- the reference's way through ---- */

static void round_values(double *x, int n, struct lepton__int8_scale s)
{
	for (int i = 0; i < n; i++) {
		double whole = fmin(fmax(floor(x[i] / (double)s.scale + s.zero + 0.5), 0), 127);
		x[i] = (double)s.scale * (whole - s.zero);
	}
}

/* The last layer's softmax belongs to the loss: what comes before it is compared. */
static void last_is_linear(struct ref_network *net, const struct lepton__graph *graph)
{
	for (int i = 0; i < net->count; i++)
		if (graph->layers[i].fused)
			strcpy(net->layer[i].activation, "linear");
}

static void run_reference(struct bench *b, struct ref_network *net, bool round, const float *x, double *out)
{
	double value[2][4096];
	int now = 0, n = PIXELS;
	last_is_linear(net, &b->graph);
	for (int i = 0; i < n; i++)
		value[0][i] = (double)x[i];
	for (int i = 1; i < net->count; i++) {
		struct ref_layer *l = &net->layer[i];
		const struct lepton__int8_layer *mine = &b->net->layers[i];
		if (l->kind == REF_FLATTEN || l->kind == REF_DROPOUT)
			continue;
		assert_true(ref_values(l->out) <= 4096);
		if (round && mine->weights)
			round_values(value[now], n,
				b->net->output[i - 1]); /* which changes nothing where they are already */
		ref_forward_layer(l, 1, value[now], value[!now]);
		now = !now;
		n = ref_values(l->out);
		if (round && mine->weights && mine->whole)
			round_values(value[now], n, b->net->output[i]);
	}
	memcpy(out, value[now], (size_t)n * sizeof *out);
}

static void test_outputs(void **state)
{
	(void)state;
	for (int k = 0; k < NETWORKS; k++) {
		struct bench b;
		double square = 0, off = 0;
		set_up(&b, networks[k], 11 + (uint64_t)k);
		const int outputs = (int)b.graph.layers[b.graph.count - 1].out_size;
		for (int s = 0; s < SAMPLES; s++) {
			double exact[256], rounded[256];
			const float *x = pixels + s * PIXELS;
			run_reference(&b, &b.exact, false, x, exact);
			run_reference(&b, &b.rounded, true, x, rounded);
			const float *have = lepton__int8_net_forward(b.net, s % 2, x, 1);
			for (int i = 0; i < outputs; i++) {
				if (fabs((double)have[i] - rounded[i]) > 1e-5)
					fail_msg("network %d, sample %d: output %d is %.6f, but should be "
						 "%.6f",
						k, s, i, (double)have[i], rounded[i]);
				square += exact[i] * exact[i];
				off += (exact[i] - rounded[i]) * (exact[i] - rounded[i]);
			}
		}
		if (sqrt(off / square) > 0.05)
			fail_msg("network %d: whole numbers are %.3f of the outputs off", k,
				sqrt(off / square));
		tear_down(&b);
	}
}

/* Several at a time are each alone. */
static void test_batch(void **state)
{
	(void)state;
	for (int k = 0; k < NETWORKS; k++) {
		struct bench b;
		float alone[CAPACITY][256];
		set_up(&b, networks[k], 5);
		const int outputs = (int)b.graph.layers[b.graph.count - 1].out_size;
		for (int s = 0; s < CAPACITY; s++)
			memcpy(alone[s], lepton__int8_net_forward(b.net, 0, pixels + s * PIXELS, 1),
				(size_t)outputs * sizeof(float));
		const float *all = lepton__int8_net_forward(b.net, 1, pixels, CAPACITY);
		for (int s = 0; s < CAPACITY; s++)
			assert_memory_equal(all + s * outputs, alone[s], (size_t)outputs * sizeof(float));
		tear_down(&b);
	}
}

static void test_refused(void **state)
{
	struct lepton_error err = {0};
	struct bench b;
	(void)state;
	set_up(&b, networks[0], 1);
	struct lepton__int8_net *net;
	b.weights[b.graph.layers[1].offset[0] + 3] = NAN;
	assert_int_equal(lepton__int8_new(&b.graph, b.weights, data, 1, 1, &net, &err), LEPTON_E_DIVERGED);
	assert_null(net);
	tear_down(&b);
	memset(&b, 0, sizeof b);
	/* more inputs than a sum of 32 bits holds */
	cJSON *layers = cJSON_Parse("[{\"type\":\"Input\",\"shape\":[400,350,1]},{\"type\":\"Flatten\"},{"
				    "\"type\":\"Dense\",\"units\":2}]");
	if (lepton__graph_build(&b.graph, layers, LEPTON__HINGE, &err))
		fail_msg("%s", err.message);
	cJSON_Delete(layers);
	b.weights = calloc((size_t)b.graph.floats, sizeof(float));
	assert_int_equal(lepton__int8_new(&b.graph, b.weights, data, 1, 1, &net, &err), LEPTON_E_UNSUPPORTED);
	assert_non_null(strstr(err.message, "no Conv2D and no Dense layer that could"));
	free(b.weights);
	lepton__graph_free(&b.graph);
}

/* ---- as a learner ---- */

static struct lepton_learner *learner_new(void)
{
	char config[2048];
	struct lepton_learner *learner;
	struct lepton_error err;
	snprintf(config, sizeof config,
		"{\"layers\":%s,\"batch_size\":16,\"epochs\":20,\"optimizer\":{\"name\":\"adam\"}}",
		networks[1]);
	if (lepton_learner_find("network")->create(config, 1, data, &learner, &err))
		fail_msg("%s", err.message);
	return learner;
}

static struct lepton_score score_of(struct lepton_learner *learner, const struct lepton_team *team)
{
	struct lepton_score score;
	assert_int_equal(learner->ops->evaluate(learner, team, LEPTON_TRAIN, 0, SAMPLES, &score, NULL), 0);
	return score;
}

static bool same(struct lepton_score a, struct lepton_score b)
{
	return memcmp(&a.loss, &b.loss, sizeof a.loss) == 0 &&
	       memcmp(&a.accuracy, &b.accuracy, sizeof a.accuracy) == 0;
}

static void test_learner(void **state)
{
	struct lepton_learner *learner = learner_new();
	struct lepton_step_result result;
	struct lepton_params *weights;
	float p[SAMPLES * 4];
	(void)state;
	for (int i = 0; i < 60 - 3; i++)
		assert_int_equal(learner->ops->step(learner, &lepton_team_alone, &result, NULL), 0);
	struct lepton_score floats = score_of(learner, &lepton_team_alone);
	assert_int_equal(learner->ops->use_int8(learner, NULL), 0);
	struct lepton_score whole = score_of(learner, &lepton_team_alone);
	assert_false(same(floats, whole));
	assert_true(fabs(whole.loss - floats.loss) < 0.05 * floats.loss + 0.01);
	assert_true(fabs(whole.accuracy - floats.accuracy) <= 1.5 / SAMPLES);
	/* predict says the same, and scoring it by hand gives the loss */
	assert_int_equal(learner->ops->predict(learner, pixels, SAMPLES, p, NULL), 0);
	double loss = 0;
	for (int s = 0; s < SAMPLES; s++)
		loss -= log((double)p[s * 4 + s % 4]) / SAMPLES;
	assert_true(fabs(loss - whole.loss) < 1e-5);
	/* any number of threads */
	const struct lepton_team team = test_team(3);
	assert_true(same(whole, score_of(learner, &team)));
	/* back to floats: new weights, and a step */
	assert_int_equal(learner->ops->weights(learner, &weights, NULL), 0);
	assert_int_equal(learner->ops->set_weights(learner, weights, NULL), 0);
	lepton_params_release(weights);
	assert_true(same(floats, score_of(learner, &lepton_team_alone)));
	assert_int_equal(learner->ops->use_int8(learner, NULL), 0);
	assert_int_equal(learner->ops->step(learner, &lepton_team_alone, &result, NULL), 0);
	struct lepton_score stepped = score_of(learner, &lepton_team_alone);
	assert_int_equal(learner->ops->use_int8(learner, NULL), 0);
	assert_false(same(stepped, score_of(learner, &lepton_team_alone)));
	learner->ops->destroy(learner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_outputs), cmocka_unit_test(test_batch),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_learner)};
	return cmocka_run_group_tests(tests, make_data, free_data);
}
