/* tests/test_model_loss.c - binary cross-entropy and hinges: against the formulas in double, against central finite
 * differences through a network, the answers they give, and what they refuse.
 */
#include "config.h"
#include "table_make.h"
#include "lepton/model.h"
#include "model/graph.h"
#include "model/lane.h"

#include <cjson/cJSON.h>
#include <math.h>

#define SAMPLES 9
#define IN 4

static double chance(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(*seed >> 40) / (1 << 23) - 1;
}

/* ---- the formulas ------------------------------------------------------------------------------------ */

/* As Keras writes them; the outputs are logits where `logits`. */
static double formula(enum lepton__loss_kind kind, bool logits, int outputs, const double *out, int label)
{
	double sum = 0;
	for (int u = 0; u < outputs; u++) {
		double yes = outputs > 1 ? label == u : label == 1, sign = 2 * yes - 1, lack = fmax(0, 1 - sign * out[u]);
		if (kind == LEPTON__BINARY_CROSS_ENTROPY && logits)
			sum += log1p(exp(-sign * out[u])); /* of the sigmoid */
		else if (kind == LEPTON__BINARY_CROSS_ENTROPY)
			sum -= yes * log(out[u]) + (1 - yes) * log(1 - out[u]);
		else
			sum += kind == LEPTON__HINGE ? lack : lack * lack;
	}
	return sum / outputs;
}

static int said(enum lepton__loss_kind kind, bool logits, int outputs, const double *out)
{
	int best = 0;
	if (outputs == 1)
		return out[0] > (kind == LEPTON__BINARY_CROSS_ENTROPY && !logits ? 0.5 : 0);
	for (int u = 1; u < outputs; u++)
		best = out[u] > out[best] ? u : best;
	return best;
}

static void check_rows(enum lepton__loss_kind kind, bool logits, int outputs, double size)
{
	const struct lepton__loss_form form = {kind, logits, outputs};
	float out[SAMPLES * 3], d[SAMPLES * 3];
	int32_t labels[SAMPLES];
	double exact[3], total = 0, h = 1e-6;
	int64_t right = 0;
	uint64_t seed = 3;
	struct lepton__loss loss, alone;
	for (int i = 0; i < SAMPLES; i++)
		labels[i] = i % (outputs > 1 ? outputs : 2);
	for (int i = 0; i < SAMPLES * outputs; i++)
		out[i] = (float)(kind == LEPTON__BINARY_CROSS_ENTROPY && !logits ? 0.5 + 0.49 * chance(&seed)
										: size * chance(&seed));
	lepton__loss(&form, SAMPLES, out, labels, NULL, 0.25f, d, &loss);
	lepton__loss(&form, SAMPLES, out, labels, NULL, 0, NULL, &alone);
	assert_true(fabs(loss.sum - alone.sum) <= 0 && loss.right == alone.right);
	for (int i = 0; i < SAMPLES; i++) {
		for (int u = 0; u < outputs; u++)
			exact[u] = (double)out[i * outputs + u];
		total += formula(kind, logits, outputs, exact, labels[i]);
		right += said(kind, logits, outputs, exact) == labels[i];
		for (int u = 0; u < outputs; u++) {
			double at = exact[u];
			exact[u] = at + h;
			double up = formula(kind, logits, outputs, exact, labels[i]);
			exact[u] = at - h;
			double slope = (up - formula(kind, logits, outputs, exact, labels[i])) / (2 * h) / 4;
			exact[u] = at;
			if (!(fabs((double)d[i * outputs + u] - slope) < 1e-5 * (1 + fabs(slope))))
				fail_msg("kind %d, %d outputs: slope %g, expected %g", (int)kind, outputs,
					(double)d[i * outputs + u], slope);
		}
	}
	if (!(fabs(loss.sum - total) < 1e-5 * (1 + fabs(total))))
		fail_msg("kind %d, %d outputs: loss %g, expected %g", (int)kind, outputs, loss.sum, total);
	assert_int_equal(loss.right, right);
}

static void test_formulas(void **state)
{
	(void)state;
	for (int outputs = 1; outputs <= 3; outputs += 2) {
		check_rows(LEPTON__BINARY_CROSS_ENTROPY, true, outputs, 3);
		check_rows(LEPTON__BINARY_CROSS_ENTROPY, true, outputs, 20);
		check_rows(LEPTON__BINARY_CROSS_ENTROPY, false, outputs, 0);
		check_rows(LEPTON__HINGE, false, outputs, 2);
		check_rows(LEPTON__SQUARED_HINGE, false, outputs, 2);
	}
}

/* Far out nothing overflows, and a hopeless sample still pulls; no number stays none. */
static void test_extremes(void **state)
{
	(void)state;
	const struct lepton__loss_form logit = {LEPTON__BINARY_CROSS_ENTROPY, true, 1},
				       probability = {LEPTON__BINARY_CROSS_ENTROPY, false, 1};
	const float far[] = {1000, -1000, 1000, -1000}, certain[] = {0, 1, (float)NAN};
	const int32_t labels[] = {1, 0, 0, 1};
	float d[4];
	struct lepton__loss loss;
	lepton__loss(&logit, 4, far, labels, NULL, 1, d, &loss);
	assert_true(fabs(loss.sum - 2000) < 1e-3);
	assert_int_equal(loss.right, 2);
	assert_true(fabsf(d[0]) < 1e-6f && fabsf(d[1]) < 1e-6f && d[2] > 0.999f && d[3] < -0.999f);
	lepton__loss(&probability, 2, certain, labels, NULL, 1, d, &loss);
	assert_true(isfinite(loss.sum) && fabs(loss.sum + 2 * log(1e-7)) < 1e-3 && d[0] < 0 && d[1] > 0);
	lepton__loss(&probability, 1, certain + 2, labels, NULL, 1, d, &loss);
	assert_true(isnan(loss.sum));
}

static void test_answers(void **state)
{
	(void)state;
	static const struct {
		struct lepton__loss_form form;
		float out[3];
		double p[3]; /* in closed form */
	} cases[] = {
		{{LEPTON__BINARY_CROSS_ENTROPY, true, 1}, {1.0986123f}, {0.25, 0.75}},
		{{LEPTON__BINARY_CROSS_ENTROPY, false, 1}, {0.75f}, {0.25, 0.75}},
		{{LEPTON__BINARY_CROSS_ENTROPY, false, 3}, {0.2f, 0.2f, 0.4f}, {0.25, 0.25, 0.5}},
		{{LEPTON__BINARY_CROSS_ENTROPY, true, 3}, {0, 0, 1.0986123f}, {2 / 7.0, 2 / 7.0, 3 / 7.0}},
		{{LEPTON__HINGE, false, 1}, {0.54930615f}, {0.25, 0.75}},
		{{LEPTON__SQUARED_HINGE, false, 1}, {-0.54930615f}, {0.75, 0.25}},
		{{LEPTON__HINGE, false, 3}, {0, 0, 0.6931472f}, {0.25, 0.25, 0.5}},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		float p[3] = {0};
		int answers = lepton__loss_answers(&cases[c].form);
		assert_int_equal(answers, cases[c].form.outputs == 1 ? 2 : 3);
		lepton__loss_answer(&cases[c].form, 1, cases[c].out, p);
		for (int k = 0; k < answers; k++)
			if (!(fabs((double)p[k] - cases[c].p[k]) < 1e-6))
				fail_msg("case %zu: p[%d] is %g, expected %g", c, k, (double)p[k], cases[c].p[k]);
	}
}

/* ---- through a network --------------------------------------------------------------------------------- */

struct bench {
	struct lepton__graph graph;
	struct lepton__lane lane;
	float *weights;
};

static void make_bench(struct bench *b, const char *end, enum lepton__loss_kind kind)
{
	char text[256];
	uint64_t seed = 8;
	snprintf(text, sizeof text,
		"[{\"type\":\"Input\",\"shape\":[4]},{\"type\":\"Dense\",\"units\":5,\"activation\":\"tanh\"},%s]", end);
	cJSON *config = cJSON_Parse(text);
	assert_int_equal(lepton__graph_build(&b->graph, config, kind, NULL), 0);
	cJSON_Delete(config);
	lepton__lane_plan_first(&b->lane, &b->graph, SAMPLES, 1);
	assert_int_equal(lepton__lane_allocate(&b->lane, NULL), 0);
	b->weights = aligned_alloc(64, (size_t)b->graph.floats * sizeof(float));
	assert_non_null(b->weights);
	lepton__graph_init(&b->graph, 1, b->weights);
	for (int i = 0; i < SAMPLES * IN; i++)
		b->lane.x[i] = (float)chance(&seed);
	for (int i = 0; i < SAMPLES; i++)
		b->lane.labels[i] = i % b->graph.classes;
}

/* The mean of the formula over the network's last outputs, taken as probabilities where the loss does the sigmoid. */
static double loss_of(struct bench *b)
{
	const struct lepton__loss_form *form = &b->graph.loss;
	const float *out = lepton__lane_forward(&b->lane, &b->graph, b->weights, b->lane.x, SAMPLES, NULL);
	double sum = 0, exact[3];
	for (int i = 0; i < SAMPLES; i++) {
		for (int u = 0; u < form->outputs; u++)
			exact[u] = (double)out[i * form->outputs + u];
		sum += formula(form->kind, form->from_logits, form->outputs, exact, b->lane.labels[i]);
	}
	return sum / SAMPLES;
}

static void check_network(const char *end, enum lepton__loss_kind kind, bool logits, int classes)
{
	const struct lepton__draw draw = {.seed = 1, .size = SAMPLES};
	const float h = 1e-2f;
	struct bench b;
	make_bench(&b, end, kind);
	assert_int_equal(b.graph.loss.from_logits, logits);
	assert_int_equal(b.graph.classes, classes);
	lepton__lane_forward(&b.lane, &b.graph, b.weights, b.lane.x, SAMPLES, &draw);
	lepton__lane_backward(&b.lane, &b.graph, b.weights, b.lane.x, SAMPLES, &draw, 1.0f / SAMPLES);
	assert_true(fabs(b.lane.loss.sum / SAMPLES - loss_of(&b)) < 1e-6);
	double largest = 0;
	for (int64_t i = 0; i < b.graph.floats; i++) {
		float was = b.weights[i];
		double at[4]; /* a difference of the fourth order: h may be large beside float32's rounding */
		for (int k = 0; k < 4; k++) {
			b.weights[i] = was + h * (float)(k < 2 ? k - 2 : k - 1);
			at[k] = loss_of(&b);
		}
		b.weights[i] = was;
		double slope = (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * (double)h);
		if (!(fabs((double)b.lane.gradient[i] - slope) < 2e-4))
			fail_msg("%s: gradient[%d] is %g, differences say %g", end, (int)i, (double)b.lane.gradient[i],
				slope);
		largest = fmax(largest, fabs(slope));
	}
	assert_true(largest > 0.05);
	free(b.weights);
	lepton__lane_free(&b.lane);
	lepton__graph_free(&b.graph);
}

static void test_networks(void **state)
{
	(void)state;
	check_network("{\"type\":\"Dense\",\"units\":1,\"activation\":\"sigmoid\"}", LEPTON__BINARY_CROSS_ENTROPY, true, 2);
	check_network("{\"type\":\"Dense\",\"units\":3,\"activation\":\"sigmoid\"}", LEPTON__BINARY_CROSS_ENTROPY, true, 3);
	check_network("{\"type\":\"Dense\",\"units\":3,\"activation\":\"tanh\"}", LEPTON__SQUARED_HINGE, false, 3);
	check_network("{\"type\":\"Dense\",\"units\":1}", LEPTON__SQUARED_HINGE, false, 2);
	check_network("{\"type\":\"Dense\",\"units\":1,\"activation\":\"tanh\"}", LEPTON__HINGE, false, 2);
}

/* ---- learning, against logistic regression's own equations ------------------------------------------------- */

#define LAYERS(units, end)                                                                                   \
	"\"layers\":[{\"type\":\"Input\",\"shape\":[2]},{\"type\":\"Dense\",\"units\":" units end "}]"

static struct lepton_dataset *two_clouds(void)
{
	static float values[400];
	static uint8_t labels[200];
	struct lepton_dataset *d = NULL;
	uint64_t seed = 4;
	for (int i = 0; i < 200; i++) {
		labels[i] = i % 2;
		values[2 * i] = (float)(chance(&seed) + 0.6 * (i % 2));
		values[2 * i + 1] = (float)(chance(&seed) - 0.4 * (i % 2));
	}
	assert_int_equal(lepton_dataset_from_f32(values, labels, NULL, 200, 50, 2, 2, 0, &d, NULL), 0);
	return d;
}

/* Newton's method on the training rows. */
static void solve_logistic(const struct lepton_dataset *d, double w[3])
{
	const float *x = lepton_dataset_values(d, LEPTON_TRAIN);
	const uint8_t *y = lepton_dataset_labels(d, LEPTON_TRAIN);
	w[0] = w[1] = w[2] = 0;
	for (int round = 0; round < 30; round++) {
		double a[3][4] = {{0}};
		for (int64_t i = 0; i < lepton_dataset_count(d, LEPTON_TRAIN); i++) {
			const double f[3] = {(double)x[2 * i], (double)x[2 * i + 1], 1};
			double p = 1 / (1 + exp(-(w[0] * f[0] + w[1] * f[1] + w[2])));
			for (int r = 0; r < 3; r++) {
				for (int c = 0; c < 3; c++)
					a[r][c] += p * (1 - p) * f[r] * f[c];
				a[r][3] += (y[i] - p) * f[r];
			}
		}
		for (int r = 0; r < 3; r++)
			for (int q = 0; q < 3; q++)
				for (int c = 3; q != r && c >= r; c--)
					a[q][c] -= a[q][r] / a[r][r] * a[r][c];
		for (int r = 0; r < 3; r++)
			w[r] += a[r][3] / a[r][r];
	}
}

static void test_logistic(void **state)
{
	(void)state;
	struct lepton_dataset *d = two_clouds();
	struct lepton_learner *learner = NULL;
	struct lepton_error err = {0};
	struct lepton_step_result result = {0};
	struct lepton_params *weights;
	double w[3];
	lepton_learner_find("network")->create(
		"{\"loss\":\"binary_crossentropy\",\"epochs\":600,\"batch_size\":150,\"optimizer\":{\"learning_rate\":0.05},"
		LAYERS("1", ",\"activation\":\"sigmoid\"") "}",
		1, d, &learner, &err);
	assert_string_equal(err.message, "");
	while (!result.finished)
		assert_int_equal(learner->ops->step(learner, &lepton_team_alone, &result, &err), 0);
	solve_logistic(d, w);
	assert_int_equal(learner->ops->weights(learner, &weights, &err), 0);
	const float *kernel = lepton_params_at(weights, 0)->data, *bias = lepton_params_at(weights, 1)->data;
	assert_true(fabs((double)kernel[0] - w[0]) < 1e-2 && fabs((double)kernel[1] - w[1]) < 1e-2 &&
		    fabs((double)*bias - w[2]) < 1e-2 && fabs(w[0]) > 0.5);
	/* and its answers are those of the equations */
	float x[2] = {0.5f, -0.25f}, p[2];
	assert_int_equal(learner->ops->predict(learner, x, 1, p, &err), 0);
	double second = 1 / (1 + exp(-(0.5 * (double)kernel[0] - 0.25 * (double)kernel[1] + (double)*bias)));
	assert_true(fabs((double)p[1] - second) < 1e-6 && fabs((double)p[0] + second - 1) < 1e-6);
	lepton_params_release(weights);
	learner->ops->destroy(learner);
	lepton_dataset_release(d);
}

static void test_refusals(void **state)
{
	(void)state;
	static const struct {
		const char *config, *words;
	} cases[] = {
		{"{\"loss\":\"binary_crossentropy\"," LAYERS("1", "") "}", "set \"activation\": \"sigmoid\""},
		{"{\"loss\":\"binary_crossentropy\"," LAYERS("2", ",\"activation\":\"softmax\"") "}", "\"sigmoid\""},
		{"{\"loss\":\"hinge\"," LAYERS("1", ",\"activation\":\"sigmoid\"") "}", "a hinge takes decisions"},
		{"{" LAYERS("1", ",\"activation\":\"sigmoid\"") "}", "\"loss\": \"binary_crossentropy\""},
		{"{\"loss\":\"hinge\"," LAYERS("3", "") "}", "its output is for 3 classes, but the data has 2"},
		{"{\"loss\":\"hing\"," LAYERS("2", "") "}", "\"loss\" is \"hing\""},
	};
	struct lepton_dataset *d = two_clouds();
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct lepton_learner *learner = NULL;
		struct lepton_error err = {0};
		assert_int_not_equal(lepton_learner_find("network")->create(cases[c].config, 1, d, &learner, &err), 0);
		if (!strstr(err.message, cases[c].words))
			fail_msg("said \"%s\", expected \"%s\"", err.message, cases[c].words);
	}
	lepton_dataset_release(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formulas),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_logistic),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
