/* tests/test_model_embedding.c - Embedding and GlobalAveragePooling1D: against a loop in double, gradients by central
 * differences, padding, and a network of them against the learner for texts, which is written another way.
 */
#include "config.h"
#include "text_make.h"
#include "lepton/model.h"
#include "model/graph.h"
#include "model/lane.h"
#include "model_team.h"

#include <cjson/cJSON.h>
#include <math.h>

#define N 5
#define LENGTH 6
#define NUMBERS 7
#define VALUES 3

static const char *const averaged =
	"[{\"type\":\"Input\",\"shape\":[6]},{\"type\":\"Embedding\",\"input_dim\":7,\"output_dim\":3},"
	"{\"type\":\"GlobalAveragePooling1D\"},{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}]";
static const char *const flattened =
	"[{\"type\":\"Input\",\"shape\":[6]},{\"type\":\"Embedding\",\"input_dim\":7,\"output_dim\":3},"
	"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}]";

struct bench {
	struct lepton__graph graph;
	struct lepton__lane lane;
	float *weights;
};

/* Numbers that come again and again; padding, and what is out of the table, in some samples. */
static void make_bench(struct bench *b, const char *layers)
{
	cJSON *config = cJSON_Parse(layers);
	struct lepton_error err = {0};
	int code = lepton__graph_build(&b->graph, config, LEPTON__CATEGORICAL_CROSS_ENTROPY, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	cJSON_Delete(config);
	lepton__lane_plan_first(&b->lane, &b->graph, N, 1);
	assert_int_equal(lepton__lane_allocate(&b->lane, NULL), 0);
	b->weights = aligned_alloc(64, (size_t)b->graph.floats * sizeof(float));
	assert_non_null(b->weights);
	lepton__graph_init(&b->graph, 4, b->weights);
	for (int64_t i = 0; i < b->graph.floats; i++)
		b->weights[i] *= 20; /* so that differences show */
	for (int i = 0; i < N * LENGTH; i++)
		b->lane.x[i] = (float)(i * i % NUMBERS);
	for (int p = 3; p < LENGTH; p++)
		b->lane.x[LENGTH + p] = NAN;
	for (int p = 0; p < LENGTH; p++)
		b->lane.x[2 * LENGTH + p] = NAN; /* nothing but padding */
	b->lane.x[3 * LENGTH] = -1;
	b->lane.x[3 * LENGTH + 1] = NUMBERS;
	for (int i = 0; i < N; i++)
		b->lane.labels[i] = i % 2;
}

static void free_bench(struct bench *b)
{
	free(b->weights);
	lepton__lane_free(&b->lane);
	lepton__graph_free(&b->graph);
}

static void test_forward(void **state)
{
	(void)state;
	struct bench b;
	make_bench(&b, averaged);
	const struct lepton__layer *embedding = &b.graph.layers[1], *dense = &b.graph.layers[3];
	const float *table = b.weights + embedding->offset[0], *kernel = b.weights + dense->offset[0],
		    *bias = b.weights + dense->offset[1];
	const float *out = lepton__lane_forward(&b.lane, &b.graph, b.weights, b.lane.x, N, NULL);
	for (int s = 0; s < N; s++) {
		double mean[VALUES] = {0};
		int count = 0;
		for (int p = 0; p < LENGTH; p++) {
			float x = b.lane.x[s * LENGTH + p];
			if (isnan(x) || x < 0 || x >= NUMBERS)
				continue;
			count++;
			for (int v = 0; v < VALUES; v++)
				mean[v] += (double)table[(int)x * VALUES + v];
		}
		assert_int_equal(count, s == 1 ? 3 : s == 2 ? 0 : s == 3 ? 4 : 6);
		for (int c = 0; c < 2; c++) {
			double logit = (double)bias[c];
			for (int v = 0; v < VALUES && count; v++)
				logit += mean[v] / count * (double)kernel[v * 2 + c];
			assert_true(fabs((double)out[s * 2 + c] - logit) < 1e-5);
		}
	}
	free_bench(&b);
}

static double loss_of(struct bench *b)
{
	struct lepton__loss loss;
	const float *out = lepton__lane_forward(&b->lane, &b->graph, b->weights, b->lane.x, N, NULL);
	lepton__loss(&b->graph.loss, N, out, b->lane.labels, NULL, 0, NULL, &loss);
	return loss.sum / N;
}

static void check_gradient(const char *layers)
{
	struct bench b;
	const struct lepton__draw draw = {.seed = 1, .size = N};
	const float h = 2e-2f;
	double largest = 0;
	make_bench(&b, layers);
	lepton__lane_forward(&b.lane, &b.graph, b.weights, b.lane.x, N, &draw);
	lepton__lane_backward(&b.lane, &b.graph, b.weights, b.lane.x, N, &draw, 1.0f / N);
	for (int t = 0; t < 3; t++) { /* the gaps behind tensors have no gradient */
		const struct lepton__layer *layer = &b.graph.layers[t ? 3 : 1];
		int64_t at = layer->offset[t == 2], n = lepton_shape_count(&layer->tensor[t == 2]);
		for (int64_t i = at; i < at + n; i++) {
			float was = b.weights[i];
			double slope[4];
			for (int k = 0; k < 4; k++) {
				b.weights[i] = was + h * (float)(k < 2 ? k - 2 : k - 1);
				slope[k] = loss_of(&b);
			}
			b.weights[i] = was;
			double wanted = (slope[0] - 8 * slope[1] + 8 * slope[2] - slope[3]) / (12 * (double)h);
			if (!(fabs((double)b.lane.gradient[i] - wanted) < 5e-4 * (1 + fabs(wanted))))
				fail_msg("tensor %d: gradient[%d] is %g, differences say %g", t, (int)(i - at),
					(double)b.lane.gradient[i], wanted);
			largest = fmax(largest, fabs(wanted));
		}
	}
	assert_true(largest > 0.05);
	free_bench(&b);
}

static void test_gradients(void **state)
{
	(void)state;
	check_gradient(averaged);
	check_gradient(flattened);
}

/* ---- against the learner for texts ---------------------------------------------------------------------------- */

static struct lepton_dataset *make_data(void)
{
	char train[16384] = "", test[64] = "__label__a w1\n__label__b w2\n";
	uint64_t seed = 5;
	for (int i = 0; i < 90; i++) {
		size_t at = strlen(train);
		at += (size_t)snprintf(train + at, sizeof train - at, "__label__%c", 'a' + i % 2);
		for (int w = 0; w < i % 8; w++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			at += (size_t)snprintf(train + at, sizeof train - at, " w%d", (int)((seed >> 40) % 30));
		}
		snprintf(train + at, sizeof train - at, "\n");
	}
	put_text(&place, "train.txt", train);
	put_text(&place, "test.txt", test);
	struct lepton_data_options options = {
		.format = "text", .path = place.folder, .buckets = 50, .max_words = 8, .ngrams = 2};
	return open_table(&options);
}

static struct lepton_learner *make(const char *kind, const char *config, struct lepton_dataset *d)
{
	struct lepton_learner *learner = NULL;
	struct lepton_error err = {0};
	lepton_learner_find(kind)->create(config, 3, d, &learner, &err);
	assert_string_equal(err.message, "");
	return learner;
}

#define SAME "\"batch_size\":16,\"epochs\":4,\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":2}"

/* The tensors are the same in another order of names; so is what the learners do. */
static void test_as_the_text_learner(void **state)
{
	(void)state;
	struct lepton_dataset *d = make_data();
	struct lepton_learner *text = make("text", "{\"dimension\":4," SAME "}", d);
	struct lepton_learner *network = make("network",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Embedding\",\"input_dim\":50,\"output_dim\":4},"
		"{\"type\":\"GlobalAveragePooling1D\"},{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}]," SAME "}",
		d);
	struct lepton_params *from, *to;
	struct lepton_step_result a = {0}, b = {0};
	struct lepton_team team = test_team(3);
	double moved = 0;
	assert_int_equal(text->ops->weights(text, &from, NULL), 0);
	assert_int_equal(network->ops->weights(network, &to, NULL), 0);
	assert_int_equal(lepton_params_count(to), 3);
	for (size_t t = 0; t < 3; t++)
		memcpy(lepton_params_data(to, t), lepton_params_at(from, t)->data,
			(size_t)lepton_shape_count(&lepton_params_at(to, t)->shape) * sizeof(float));
	assert_int_equal(network->ops->set_weights(network, to, NULL), 0);
	lepton_params_release(to);
	while (!a.finished) {
		assert_int_equal(text->ops->step(text, &team, &a, NULL), 0);
		assert_int_equal(network->ops->step(network, &team, &b, NULL), 0);
		assert_true(fabs(a.loss - b.loss) < 1e-5 && a.finished == b.finished);
	}
	struct lepton_params *left, *right;
	assert_int_equal(text->ops->weights(text, &left, NULL), 0);
	assert_int_equal(network->ops->weights(network, &right, NULL), 0);
	for (size_t t = 0; t < 3; t++)
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(left, t)->shape); i++) {
			double x = (double)((const float *)lepton_params_at(left, t)->data)[i],
			       y = (double)((const float *)lepton_params_at(right, t)->data)[i],
			       was = (double)((const float *)lepton_params_at(from, t)->data)[i];
			assert_true(fabs(x - y) < 1e-4);
			moved = fmax(moved, fabs(x - was));
		}
	assert_true(moved > 0.1);
	lepton_params_release(left);
	lepton_params_release(right);
	lepton_params_release(from);
	text->ops->destroy(text);
	network->ops->destroy(network);
	lepton_dataset_release(d);
}

/* The same bits alone, with others, and when the batch is split because the configuration says so. */
static void test_same_bits(void **state)
{
	(void)state;
	struct lepton_dataset *d = make_data();
	static const char *const more[] = {"", ",\"micro_batches\":3"};
	for (int c = 0; c < 2; c++) {
		char config[512], hash[2][LEPTON_HASH_HEX];
		snprintf(config, sizeof config,
			"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Embedding\",\"input_dim\":64,\"output_dim\":4},"
			"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}],\"batch_size\":16,"
			"\"epochs\":3%s}",
			more[c]);
		for (int width = 1; width <= 3; width += 2) {
			struct lepton_learner *network = make("network", config, d);
			struct lepton_team team = test_team(width);
			struct lepton_step_result result = {0};
			struct lepton_params *w;
			while (!result.finished)
				assert_int_equal(network->ops->step(network, &team, &result, NULL), 0);
			assert_int_equal(network->ops->weights(network, &w, NULL), 0);
			lepton_params_hash(w, hash[width > 1]);
			lepton_params_release(w);
			network->ops->destroy(network);
		}
		assert_string_equal(hash[0], hash[1]);
	}
	lepton_dataset_release(d);
}

static void test_refusals(void **state)
{
	(void)state;
	static const struct {
		const char *layers, *words;
	} cases[] = {
		{"{\"type\":\"Embedding\",\"output_dim\":4},{\"type\":\"Flatten\"}", "\"input_dim\" is missing"},
		{"{\"type\":\"Embedding\",\"input_dim\":0,\"output_dim\":4}", "\"input_dim\" is 0"},
		{"{\"type\":\"Embedding\",\"input_dim\":49,\"output_dim\":4},{\"type\":\"Flatten\"}",
			"but the data's words have numbers below 50"},
		{"{\"type\":\"Embedding\",\"input_dim\":50,\"output_dim\":4}", "takes one row of values"},
		{"{\"type\":\"Dense\",\"units\":3},{\"type\":\"Embedding\",\"input_dim\":50,\"output_dim\":4},"
		 "{\"type\":\"Flatten\"}",
			"put it right behind Input"},
		{"{\"type\":\"GlobalAveragePooling1D\"}", "put it behind Embedding"},
		{"{\"type\":\"Dense\",\"units\":3}", "let Embedding follow Input"},
		{"{\"type\":\"Embeding\",\"input_dim\":50,\"output_dim\":4}", "did you mean \"Embedding\""},
	};
	struct lepton_dataset *d = make_data();
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		char config[512];
		struct lepton_learner *learner = NULL;
		struct lepton_error err = {0};
		snprintf(config, sizeof config,
			"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},%s,{\"type\":\"Dense\",\"units\":2,\"activation\":"
			"\"softmax\"}]}",
			cases[c].layers);
		assert_int_not_equal(lepton_learner_find("network")->create(config, 1, d, &learner, &err), 0);
		if (!strstr(err.message, cases[c].words))
			fail_msg("said \"%s\", expected \"%s\"", err.message, cases[c].words);
	}
	lepton_dataset_release(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_gradients),
		cmocka_unit_test_setup_teardown(test_as_the_text_learner, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_same_bits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
