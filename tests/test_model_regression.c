/* tests/test_model_regression.c - networks that learn a quantity: the squared error's gradient by central
 * finite differences, a linear network against the normal equations, figures in the target's own unit.
 */
#include "config.h"
#include "table_make.h"
#include "lepton/model.h"
#include "model/graph.h"
#include "model/lane.h"
#include "model_team.h"

#include <cjson/cJSON.h>
#include <math.h>

#define SAMPLES 7
#define IN 4

static const char *const layers =
	"[{\"type\":\"Input\",\"shape\":[4]},{\"type\":\"Dense\",\"units\":5,\"activation\":\"tanh\"},"
	"{\"type\":\"Dense\",\"units\":3,\"activation\":\"gelu\"},{\"type\":\"Dense\",\"units\":1}]";

static double chance(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(*seed >> 40) / (1 << 23) - 1;
}

/* Mean of the squared errors of the last layer, summed in double. */
static double loss_of(struct lepton__lane *lane, const struct lepton__graph *graph, const float *weights)
{
	const float *out = lepton__lane_forward(lane, graph, weights, lane->x, SAMPLES, NULL);
	double sum = 0;
	for (int i = 0; i < SAMPLES; i++)
		sum += pow((double)out[i] - (double)lane->targets[i], 2);
	return sum / SAMPLES;
}

static void test_gradient(void **state)
{
	(void)state;
	struct lepton__graph graph;
	struct lepton__lane lane;
	uint64_t seed = 3;
	cJSON *config = cJSON_Parse(layers);
	assert_int_equal(lepton__graph_build(&graph, config, LEPTON__SQUARED_ERROR, NULL), 0);
	cJSON_Delete(config);
	lepton__lane_plan_first(&lane, &graph, SAMPLES, 1);
	assert_int_equal(lepton__lane_allocate(&lane, NULL), 0);
	float *weights = aligned_alloc(64, (size_t)graph.floats * sizeof(float));
	assert_non_null(weights);
	lepton__graph_init(&graph, 1, weights);
	for (int i = 0; i < SAMPLES * IN; i++)
		lane.x[i] = (float)chance(&seed);
	for (int i = 0; i < SAMPLES; i++)
		lane.targets[i] = (float)(3 * chance(&seed));
	const struct lepton__draw draw = {.seed = 1, .size = SAMPLES};
	lepton__lane_forward(&lane, &graph, weights, lane.x, SAMPLES, &draw);
	lepton__lane_backward(&lane, &graph, weights, lane.x, SAMPLES, &draw, 1.0f / SAMPLES);
	assert_true(fabs(lane.loss.sum / SAMPLES - loss_of(&lane, &graph, weights)) < 1e-5);
	int checked = 0;
	for (int i = 0; i < graph.count; i++) {
		const struct lepton__layer *layer = &graph.layers[i];
		for (int t = 0; t < layer->tensor_count; t++)
			for (int64_t k = 0; k < lepton_shape_count(&layer->tensor[t]); k++, checked++) {
				float *w = weights + layer->offset[t] + k, kept = *w;
				const double step = 1.0 / 128;
				*w = kept + (float)step;
				double above = loss_of(&lane, &graph, weights);
				*w = kept - (float)step;
				double below = loss_of(&lane, &graph, weights);
				*w = kept;
				double wanted = (above - below) / (2 * step);
				double have = (double)lane.gradient[layer->offset[t] + k];
				if (!(fabs(have - wanted) <= 2e-3 * (1 + fabs(wanted))))
					fail_msg("layer %d: gradient is %.6g, but should be %.6g", i, have,
						wanted);
			}
	}
	assert_int_equal(checked, 4 * 5 + 5 + 5 * 3 + 3 + 3 + 1);
	free(weights);
	lepton__lane_free(&lane);
	lepton__graph_free(&graph);
}

/* ---- a whole learner ------------------------------------------------------------------------------ */

#define ROWS_MADE 300

/* y = 40 + 12 a - 5 b, and noise, in a csv file. */
static void put_line(struct place *place, double a[], double b[], double y[])
{
	size_t room = ROWS_MADE * 96, used;
	char *text = malloc(room);
	uint64_t seed = 5;
	assert_non_null(text);
	used = (size_t)sprintf(text, "a,b,price\n");
	for (int i = 0; i < ROWS_MADE; i++) {
		a[i] = chance(&seed) * 10;
		b[i] = chance(&seed) * 3 + a[i] / 5;
		y[i] = 40 + 12 * a[i] - 5 * b[i] + 4 * chance(&seed);
		used += (size_t)snprintf(text + used, room - used, "%.6f,%.6f,%.6f\n", a[i], b[i], y[i]);
	}
	put_text(place, "train.csv", text);
	put_text(place, "test.csv", text);
	free(text);
}

/* The least mean of squares that a plane through the points leaves, by the normal equations. */
static double least_squares(const double a[], const double b[], const double y[])
{
	double m[3][4] = {{0}}, sum = 0;
	for (int i = 0; i < ROWS_MADE; i++) {
		const double row[4] = {1, a[i], b[i], y[i]};
		for (int r = 0; r < 3; r++)
			for (int c = 0; c < 4; c++)
				m[r][c] += row[r] * row[c];
	}
	for (int p = 0; p < 3; p++)
		for (int r = 0; r < 3; r++) {
			double factor = m[r][p] / m[p][p];
			for (int c = 0; c < 4 && r != p; c++)
				m[r][c] -= factor * m[p][c];
		}
	for (int i = 0; i < ROWS_MADE; i++) {
		double error = y[i] - m[0][3] / m[0][0] - m[1][3] / m[1][1] * a[i] - m[2][3] / m[2][2] * b[i];
		sum += error * error;
	}
	return sum / ROWS_MADE;
}

#define LINEAR(loss, end)                                                                                    \
	"{\"layers\":[{\"type\":\"Input\",\"shape\":[2]},{\"type\":\"Dense\"," end "}]," loss                \
	"\"batch_size\":50,\"epochs\":200,\"optimizer\":{\"name\":\"adam\",\"learning_rate\":0.01}}"

static void test_linear(void **state)
{
	(void)state;
	struct place place;
	struct lepton_learner *learner = NULL;
	struct lepton_step_result result = {0};
	struct lepton_score score;
	static double a[ROWS_MADE], b[ROWS_MADE], y[ROWS_MADE];
	make_place(&place);
	put_line(&place, a, b, y);
	struct lepton_data_options options = {.format = "csv", .path = place.folder, .task = "regression"};
	struct lepton_dataset *d = open_table(&options);
	const struct lepton_learner_ops *ops = lepton_learner_find("network");
	assert_int_equal(ops->create(LINEAR("\"loss\":\"mse\",", "\"units\":1"), 1, d, &learner, NULL), 0);
	const struct lepton_team team = test_team(2);
	while (!result.finished) {
		assert_int_equal(ops->step(learner, &team, &result, NULL), 0);
		assert_true(isnan(result.accuracy) && isfinite(result.loss));
	}
	assert_int_equal(ops->evaluate(learner, &team, LEPTON_TEST, 0, ROWS_MADE, &score, NULL), 0);
	double best = least_squares(a, b, y);
	assert_true(isnan(score.accuracy));
	assert_true(best > 1 && score.loss >= best - 1e-3 && score.loss < best * 1.01);
	/* answers, turned back, are prices */
	float answer;
	const struct lepton_data_info *info = lepton_dataset_info(d);
	assert_int_equal(ops->predict(learner, lepton_dataset_values(d, LEPTON_TEST), 1, &answer, NULL), 0);
	assert_true(fabs((double)answer * info->target_scale + info->target_mean - y[0]) < 8);
	ops->destroy(learner);
	lepton_dataset_release(d);
	drop_place(&place);
}

static void test_refusals(void **state)
{
	(void)state;
	static const float x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, y[4] = {1, 2, 3, 4};
	static const uint8_t labels[4] = {0, 1, 0, 1};
	struct lepton_dataset *numbers, *classes;
	assert_int_equal(lepton_dataset_from_f32(x, NULL, y, 4, 1, 2, 0, 0, &numbers, NULL), 0);
	assert_int_equal(lepton_dataset_from_f32(x, labels, NULL, 4, 1, 2, 2, 0, &classes, NULL), 0);
	const struct {
		const char *config;
		struct lepton_dataset *data;
		const char *words;
	} cases[] = {
		{LINEAR("", "\"units\":2,\"activation\":\"softmax\""), numbers,
			"the data has numbers to learn; set \"loss\": \"mse\""},
		{LINEAR("\"loss\":\"mse\",", "\"units\":1"), classes, "\"loss\" mse is for regression"},
		{LINEAR("\"loss\":\"mse\",", "\"units\":2"), numbers, "mse learns one number as it is"},
		{LINEAR("\"loss\":\"mse\",", "\"units\":1,\"activation\":\"sigmoid\""), numbers,
			"and no activation"},
		{LINEAR("\"loss\":\"mae\",", "\"units\":1"), numbers, "\"loss\" is \"mae\""},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct lepton_learner *learner = NULL;
		struct lepton_error err = {0};
		int code = lepton_learner_find("network")->create(
			cases[c].config, 1, cases[c].data, &learner, &err);
		assert_int_equal(code, LEPTON_E_SPEC);
		if (!strstr(err.message, cases[c].words))
			fail_msg("said \"%s\", expected \"%s\"", err.message, cases[c].words);
	}
	lepton_dataset_release(numbers);
	lepton_dataset_release(classes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gradient),
		cmocka_unit_test(test_linear),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
