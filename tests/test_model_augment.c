/* tests/test_model_augment.c - RandomTranslation, RandomRotation and RandomZoom: against shifts and turns
 * that are known by construction, and against scipy (tests/oracles/warp_scipy.py); what they draw; that they
 * are nothing outside training; their way back; and that bits do not depend on workers, parts or stops.
 *
 * A range [f, f] leaves nothing to chance.
 */
#include "config.h"
#include "lepton/model.h"
#include "model/graph.h"
#include "model/lane.h"
#include "model/warp.h"
#include "model_hash.h"
#include "model_reference.h"
#include "model_team.h"
#include "oracles/warp_scipy.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define END "{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}]"
#define MOST 256 /* values of a sample */

/* ---- one layer alone
 * ------------------------------------------------------------------------------------------- */

struct bench {
	struct lepton__graph graph;
	const struct lepton__layer *layer;
	void *scratch;
};

static void make_bench(struct bench *b, const char *shape, const char *layer)
{
	char text[512];
	struct lepton_error err = {0};
	snprintf(text, sizeof text, "[{\"type\":\"Input\",\"shape\":%s},%s," END, shape, layer);
	cJSON *layers = cJSON_Parse(text);
	int code = lepton__graph_build(&b->graph, layers, LEPTON__CATEGORICAL_CROSS_ENTROPY, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	cJSON_Delete(layers);
	b->layer = &b->graph.layers[1];
	assert_true(b->layer->in_size <= MOST && b->layer->out_size == b->layer->in_size);
	b->scratch = malloc(b->layer->ops->scratch(b->layer, 1));
	assert_non_null(b->scratch);
}

static void free_bench(struct bench *b)
{
	free(b->scratch);
	lepton__graph_free(&b->graph);
}

static struct lepton__pass pass_of(const struct bench *b, int n, const float *x, float *y)
{
	return (struct lepton__pass){.n = n,
		.part = n,
		.training = true,
		.x = x,
		.y = y,
		.scratch = b->scratch,
		.key = 5,
		.stream = 6};
}

static void run(const char *shape, const char *layer, const float *x, float *y)
{
	struct bench b;
	make_bench(&b, shape, layer);
	const struct lepton__pass pass = pass_of(&b, 1, x, y);
	b.layer->ops->forward(b.layer, &pass);
	free_bench(&b);
}

static void compare(int n, const float *have, const double *want)
{
	for (int i = 0; i < n; i++)
		if (!(fabs((double)have[i] - want[i]) < 2e-6))
			fail_msg("value %d is %.9g, but should be %.9g", i, (double)have[i], want[i]);
}

static void fill_numbers(uint32_t seed, int n, float *x)
{
	for (int i = 0; i < n; i++) {
		seed = seed * 1664525U + 1013904223U;
		x[i] = (float)(seed >> 8) / 16777216.0F - 0.5F;
	}
}

/* Pixel (y, x) of a 5x4 image, in the two ways to see what is outside. */
static double pixel(const float *image, int y, int x, bool nearest, double outside)
{
	if (nearest) {
		y = y < 0 ? 0 : y > 4 ? 4 : y;
		x = x < 0 ? 0 : x > 3 ? 3 : x;
	}
	return y < 0 || y > 4 || x < 0 || x > 3 ? outside : (double)image[y * 4 + x];
}

/* By whole pixels, up to all of them: plain shifting. */
static void test_whole_pixels(void **state)
{
	float x[20], y[20];
	double want[20];
	(void)state;
	fill_numbers(1, 20, x);
	for (int c = 0; c < 2 * 11 * 9; c++) {
		int down = c / 2 % 11 - 5, right = c / 22 - 4;
		bool nearest = c % 2;
		char layer[256];
		snprintf(layer, sizeof layer,
			"{\"type\":\"RandomTranslation\",\"height_factor\":[%.17g,%.17g],\"width_factor\":[%."
			"17g,%.17g],"
			"\"fill_mode\":\"%s\",\"fill_value\":0.25}",
			down / 5.0, down / 5.0, right / 4.0, right / 4.0, nearest ? "nearest" : "constant");
		run("[5,4,1]", layer, x, y);
		for (int i = 0; i < 20; i++)
			want[i] = pixel(x, i / 4 - down, i % 4 - right, nearest, 0.25);
		compare(20, y, want);
	}
}

/* Counter-clockwise: what was right is up. Both an even and an odd side. */
static void test_quarter_turn(void **state)
{
	(void)state;
	for (int side = 4; side <= 5; side++) {
		float x[50], y[50];
		double want[50];
		char shape[16];
		fill_numbers(2, 2 * side * side, x);
		snprintf(shape, sizeof shape, "[%d,%d,2]", side, side);
		run(shape, "{\"type\":\"RandomRotation\",\"factor\":[0.25,0.25]}", x, y);
		for (int r = 0; r < side; r++)
			for (int c = 0; c < side; c++)
				for (int k = 0; k < 2; k++)
					want[(r * side + c) * 2 + k] =
						(double)x[(c * side + side - 1 - r) * 2 + k];
		compare(2 * side * side, y, want);
	}
}

/* Out by 2 shows every second pixel amid nothing; in by 2 lies between pixels, and on a slope it is known
 * there. */
static void test_zoom_by_two(void **state)
{
	float x[49], y[49];
	double want[49];
	(void)state;
	fill_numbers(3, 49, x);
	run("[7,7,1]", "{\"type\":\"RandomZoom\",\"height_factor\":[1,1]}", x, y);
	for (int r = 0; r < 7; r++)
		for (int c = 0; c < 7; c++)
			want[r * 7 + c] =
				r < 2 || r > 4 || c < 2 || c > 4 ? 0 : (double)x[(2 * r - 3) * 7 + 2 * c - 3];
	compare(49, y, want);
	for (int i = 0; i < 49; i++)
		x[i] = 0.1F * (float)(i / 7) - 0.03F * (float)(i % 7);
	run("[7,7,1]", "{\"type\":\"RandomZoom\",\"height_factor\":[-0.5,-0.5],\"width_factor\":[0,0]}", x,
		y);
	for (int i = 0; i < 49; i++)
		want[i] = 0.1 * (1.5 + i / 7 / 2.0) - 0.03 * (i % 7);
	compare(49, y, want);
}

static void test_against_scipy(void **state)
{
	float x[84], y[84];
	(void)state;
	fill_numbers(5, 84, x);
	for (size_t c = 0; c < sizeof scipy_cases / sizeof *scipy_cases; c++) {
		print_message("%s\n", scipy_cases[c].layer);
		run("[6,7,2]", scipy_cases[c].layer, x, y);
		compare(84, y, scipy_cases[c].want);
	}
}

/* ---- what is drawn
 * --------------------------------------------------------------------------------------------- */

#define DRAWS 40000
#define BINS 20

/* Uniform between the bounds (each bin within five deviations), and the two independent. */
static void check_draws(const struct bench *b, const double low[2], const double high[2])
{
	int count[2][BINS] = {{0}};
	double both = 0;
	struct lepton__pass pass = pass_of(b, DRAWS, NULL, NULL);
	pass.part = 100;
	for (int i = 0; i < DRAWS; i++) {
		double drawn[2], share[2];
		lepton__warp_draw(b->layer, &pass, i, drawn);
		for (int k = 0; k < 2; k++) {
			share[k] = (drawn[k] - low[k]) / (high[k] - low[k]);
			assert_true(share[k] >= 0 && share[k] <= 1);
			count[k][(int)fmin(share[k] * BINS, BINS - 1)]++;
		}
		both += (share[0] - 0.5) * (share[1] - 0.5) * 12 / DRAWS;
	}
	for (int i = 0; i < 2 * BINS; i++)
		assert_true(
			fabs(count[i % 2][i / 2] - (double)DRAWS / BINS) < 5 * sqrt((double)DRAWS / BINS));
	assert_true(b->layer->u.warp.tied ? both > 0.99 : fabs(both) < 5 / sqrt(DRAWS));
}

static void test_draws(void **state)
{
	static const struct {
		const char *layer;
		double low[2], high[2];
	} cases[] = {
		{"{\"type\":\"RandomTranslation\",\"height_factor\":0.1,\"width_factor\":[-0.2,0.7]}",
			{-0.1, -0.2}, {0.1, 0.7}},
		{"{\"type\":\"RandomRotation\",\"factor\":0.04}", {-0.04, -0.04}, {0.04, 0.04}},
		{"{\"type\":\"RandomZoom\",\"height_factor\":[0.1,0.2]}", {0.1, 0.1}, {0.2, 0.2}},
		{"{\"type\":\"RandomZoom\",\"height_factor\":0.2,\"width_factor\":0.1}", {-0.2, -0.1},
			{0.2, 0.1}},
	};
	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct bench b;
		make_bench(&b, "[5,4,1]", cases[c].layer);
		check_draws(&b, cases[c].low, cases[c].high);
		free_bench(&b);
	}
}

#define N 10
#define PART 4

/* Three parts as one leave the bits of each by itself; samples, parts and streams are moved unlike each
 * other. */
static void test_parts_as_one(void **state)
{
	float x[N * 40], one[N * 40], apart[N * 40], other[N * 40];
	struct bench b;
	(void)state;
	make_bench(&b, "[5,4,2]", "{\"type\":\"RandomRotation\",\"factor\":0.5,\"fill_mode\":\"nearest\"}");
	for (int s = 0; s < N; s++)
		fill_numbers(4, 40, x + s * 40);
	struct lepton__pass pass = pass_of(&b, N, x, one);
	pass.part = PART;
	b.layer->ops->forward(b.layer, &pass);
	for (int s = 0; s < N; s += PART) {
		struct lepton__pass part =
			pass_of(&b, N - s < PART ? N - s : PART, x + s * 40, apart + s * 40);
		part.stream += (uint64_t)(s / PART);
		b.layer->ops->forward(b.layer, &part);
	}
	assert_memory_equal(one, apart, sizeof one);
	for (int s = 1; s < N; s++)
		for (int t = 0; t < s; t++)
			assert_memory_not_equal(one + s * 40, one + t * 40, 40 * sizeof *one);
	pass.y = other;
	pass.stream += 1 << 8; /* the next layer's */
	b.layer->ops->forward(b.layer, &pass);
	assert_memory_not_equal(one, other, sizeof one);
	free_bench(&b);
}

/* ---- the way back
 * ---------------------------------------------------------------------------------------------- */

/* y is linear in x where nothing is filled in, so dx[i] is dy · (y of a lone 1 at i). */
static void check_transpose(const char *shape, const char *layer)
{
	float x[MOST] = {0}, y[MOST], dy[MOST], dx[MOST];
	struct bench b;
	make_bench(&b, shape, layer);
	int n = (int)b.layer->in_size;
	struct lepton__pass pass = pass_of(&b, 1, x, y);
	fill_numbers(9, n, dy);
	pass.dy = dy;
	pass.dx = dx;
	b.layer->ops->backward(b.layer, &pass);
	for (int i = 0; i < n; i++) {
		double want = 0;
		x[i] = 1;
		b.layer->ops->forward(b.layer, &pass);
		x[i] = 0;
		for (int k = 0; k < n; k++)
			want += (double)dy[k] * (double)y[k];
		compare(1, dx + i, &want);
	}
	free_bench(&b);
}

static void test_transpose(void **state)
{
	static const char *const layers[] = {
		"{\"type\":\"RandomTranslation\",\"height_factor\":0.5,\"width_factor\":0.5",
		"{\"type\":\"RandomRotation\",\"factor\":0.5",
		"{\"type\":\"RandomZoom\",\"height_factor\":0.8"};
	(void)state;
	for (size_t l = 0; l < sizeof layers / sizeof *layers; l++)
		for (int c = 0; c < 4; c++) {
			char layer[200];
			snprintf(layer, sizeof layer, "%s%s}", layers[l],
				c % 2 ? ",\"fill_mode\":\"nearest\"" : "");
			check_transpose(c < 2 ? "[6,5,3]" : "[4,7,1]", layer);
		}
}

#define SAMPLES 4
#define WEIGHTED                                                                                             \
	"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"Conv2D\",\"filters\":2,\"kernel_size\":3,"      \
	"\"activation\":\"tanh\"},"                                                                          \
	"{\"type\":\"RandomRotation\",\"factor\":0.1,\"fill_value\":0.3},{\"type\":\"RandomZoom\",\"height_" \
	"factor\":0.3},"                                                                                     \
	"{\"type\":\"RandomTranslation\",\"height_factor\":0.2,\"width_factor\":0.2,\"fill_mode\":"          \
	"\"nearest\"}," END

static double loss_of(struct lepton__lane *lane, const struct lepton__graph *graph, const float *weights,
	const struct lepton__draw *draw)
{
	struct lepton__loss loss;
	const float *out = lepton__lane_forward(lane, graph, weights, lane->x, SAMPLES, draw);
	lepton__loss(&graph->loss, SAMPLES, out, lane->labels, NULL, 0, NULL, &loss);
	return loss.sum / SAMPLES;
}

/* A convolution below all three: its gradient is what differences of the loss say, of the same draws. */
static void test_differences(void **state)
{
	struct lepton__graph graph;
	struct lepton__lane lane;
	const struct lepton__draw draw = {.seed = 1, .step = 7, .size = SAMPLES};
	cJSON *layers = cJSON_Parse(WEIGHTED);
	(void)state;
	assert_int_equal(lepton__graph_build(&graph, layers, LEPTON__CATEGORICAL_CROSS_ENTROPY, NULL), 0);
	cJSON_Delete(layers);
	lepton__lane_plan_first(&lane, &graph, SAMPLES, 1);
	assert_int_equal(lepton__lane_allocate(&lane, NULL), 0);
	float *weights = aligned_alloc(64, (size_t)graph.floats * sizeof *weights);
	assert_non_null(weights);
	lepton__graph_init(&graph, 4, weights);
	fill_numbers(8, SAMPLES * 36, lane.x);
	for (int s = 0; s < SAMPLES; s++)
		lane.labels[s] = s % 3;
	loss_of(&lane, &graph, weights, &draw);
	lepton__lane_backward(&lane, &graph, weights, lane.x, SAMPLES, &draw, 1.0F / SAMPLES);
	double largest = 0;
	const struct lepton__layer *conv = &graph.layers[1];
	for (int64_t i = 0; i < 18 + 2; i++) {
		float *w = &weights[i < 18 ? conv->offset[0] + i : conv->offset[1] + i - 18], was = *w;
		const double have = (double)lane.gradient[w - weights], h = 2e-2;
		double slope[2];
		for (int k = 0; k < 2; k++) {
			*w = was + (float)(k ? h : -h);
			slope[k] = loss_of(&lane, &graph, weights, &draw);
		}
		*w = was;
		double want = (slope[1] - slope[0]) / (2 * h);
		if (!(fabs(have - want) < 2e-4))
			fail_msg("gradient[%d] is %g, differences say %g", (int)i, have, want);
		largest = fmax(largest, fabs(want));
	}
	assert_true(largest > 0.02);
	free(weights);
	lepton__lane_free(&lane);
	lepton__graph_free(&graph);
}

/* ---- networks
 * -------------------------------------------------------------------------------------------------- */

#define SIDE 8
#define TRAIN 45
#define TEST 15
#define INPUT "{\"layers\":[{\"type\":\"Input\",\"shape\":[8,8,1]},"
#define MOVES                                                                                                \
	"{\"type\":\"RandomRotation\",\"factor\":0.05},{\"type\":\"RandomZoom\",\"height_factor\":0.2,"      \
	"\"width_factor\":0.1},"                                                                             \
	"{\"type\":\"RandomTranslation\",\"height_factor\":0.1,\"width_factor\":[0,0.2],\"fill_mode\":"      \
	"\"nearest\"},"
#define CONV "{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":3,\"activation\":\"relu\"},"
#define POOL CONV "{\"type\":\"MaxPooling2D\"},"
#define NORM CONV "{\"type\":\"BatchNormalization\"},"
#define PLAN ",\"batch_size\":16,\"epochs\":3,\"optimizer\":{\"name\":\"adam\",\"learning_rate\":0.01}"

static struct lepton_dataset *data;

static int make_data(void **state)
{
	static uint8_t images[(TRAIN + TEST) * SIDE * SIDE], labels[TRAIN + TEST];
	const struct lepton_shape sample = {3, {SIDE, SIDE, 1}};
	uint64_t seed = 1;
	(void)state;
	for (int i = 0; i < (TRAIN + TEST) * SIDE * SIDE; i++)
		images[i] = (uint8_t)(128 + 127 * test_random(&seed));
	for (int i = 0; i < TRAIN + TEST; i++)
		labels[i] = (uint8_t)(i % 3);
	return lepton_dataset_from_u8(images, labels, TRAIN + TEST, TEST, &sample, 3, 0, &data, NULL);
}

static int drop_data(void **state)
{
	(void)state;
	lepton_dataset_release(data);
	return 0;
}

static struct lepton_learner *make(const char *config)
{
	struct lepton_learner *learner = NULL;
	struct lepton_error err = {0};
	if (lepton_learner_find("network")->create(config, 3, data, &learner, &err))
		fail_msg("%s", err.message);
	return learner;
}

static void steps(struct lepton_learner *learner, const struct lepton_team *team, int count)
{
	struct lepton_step_result result;
	for (int i = 0; i < count; i++)
		assert_int_equal(learner->ops->step(learner, team, &result, NULL), 0);
}

/* Alone and by three threads, in parts that then run as one and apart, and stopped after every second step.
 */
static void test_same_bits(void **state)
{
	static const char *const configs[] = {
		INPUT MOVES CONV END PLAN "}",
		INPUT MOVES POOL END PLAN ",\"micro_batches\":5}",
		INPUT CONV MOVES "{\"type\":\"Dropout\",\"rate\":0.2}," POOL END PLAN ",\"micro_batches\":3}",
		INPUT MOVES NORM END PLAN "}",
		INPUT MOVES NORM END PLAN ",\"micro_batches\":2}",
		INPUT MOVES END PLAN ",\"micro_batches\":16}",
	};
	const struct lepton_team three = test_team(3);
	(void)state;
	for (size_t c = 0; c < sizeof configs / sizeof *configs; c++) {
		char alone[LEPTON_HASH_HEX], shared[LEPTON_HASH_HEX];
		struct lepton_learner *one = make(configs[c]), *other = make(configs[c]);
		steps(one, &lepton_team_alone, 9);
		hash_of(one, alone);
		for (int step = 0; step < 9; step++) {
			struct lepton_state saved;
			steps(other, step % 4 ? &three : &lepton_team_alone, 1);
			if (step % 2)
				continue;
			assert_int_equal(other->ops->save(other, &saved, NULL), 0);
			other->ops->destroy(other);
			other = make(configs[c]);
			assert_int_equal(other->ops->load(other, &saved, NULL), 0);
			lepton_state_clear(&saved);
		}
		hash_of(other, shared);
		assert_string_equal(alone, shared);
		one->ops->destroy(one);
		other->ops->destroy(other);
	}
}

static void answers(struct lepton_learner *learner, float out[TEST * 3])
{
	static float x[TEST * SIDE * SIDE];
	fill_numbers(6, TEST * SIDE * SIDE, x);
	assert_int_equal(learner->ops->predict(learner, x, TEST, out, NULL), 0);
}

/* With the layers and without, the same weights answer and score with the same bits, on floats and on whole
 * numbers; in training the loss is another. */
static void test_identity_in_evaluation(void **state)
{
	static const char *const pairs[][2] = {{INPUT MOVES POOL END PLAN "}", INPUT POOL END PLAN "}"},
		{INPUT POOL MOVES CONV END PLAN "}", INPUT POOL CONV END PLAN "}"},
		{INPUT MOVES CONV END PLAN "}", INPUT CONV END PLAN "}"}};
	(void)state;
	for (int p = 0; p < 3; p++) {
		struct lepton_learner *with = make(pairs[p][0]), *without = make(pairs[p][1]);
		struct lepton_step_result a, b;
		struct lepton_params *weights;
		for (int whole = 0; whole < 2; whole++) {
			float x[TEST * 3], y[TEST * 3];
			struct lepton_score one, other;
			assert_int_equal(with->ops->weights(with, &weights, NULL), 0);
			assert_int_equal(without->ops->set_weights(without, weights, NULL), 0);
			lepton_params_release(weights);
			if (whole) {
				assert_int_equal(with->ops->use_int8(with, NULL), 0);
				assert_int_equal(without->ops->use_int8(without, NULL), 0);
			}
			answers(with, x);
			answers(without, y);
			assert_memory_equal(x, y, sizeof x);
			assert_int_equal(with->ops->evaluate(
						 with, &lepton_team_alone, LEPTON_TEST, 0, TEST, &one, NULL),
				0);
			assert_int_equal(without->ops->evaluate(without, &lepton_team_alone, LEPTON_TEST, 0,
						 TEST, &other, NULL),
				0);
			assert_true(one.loss <= other.loss && one.loss >= other.loss);
		}
		assert_int_equal(with->ops->step(with, &lepton_team_alone, &a, NULL), 0);
		assert_int_equal(without->ops->step(without, &lepton_team_alone, &b, NULL), 0);
		assert_true(fabs(a.loss - b.loss) > 1e-6);
		with->ops->destroy(with);
		without->ops->destroy(without);
	}
}

static void test_refusals(void **state)
{
	static const struct {
		const char *layers, *words;
		int code;
	} cases[] = {
		{"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"RandomRotation\",\"factor\":1.5}," END,
			"layers[1] RandomRotation: \"factor\" is 1.5, but goes from 0 to 1", LEPTON_E_SPEC},
		{"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"RandomRotation\",\"factor\":-0.1}," END,
			"layers[1] RandomRotation: \"factor\" is -0.1, but goes from 0 to 1", LEPTON_E_SPEC},
		{"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"RandomRotation\",\"factor\":[-0.1,2]}"
		 "," END,
			"layers[1] RandomRotation: \"factor\" is 2, but goes from -1 to 1", LEPTON_E_SPEC},
		{"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"RandomRotation\",\"factor\":[0.2,0.1]}"
		 "," END,
			"layers[1] RandomRotation: \"factor\" goes from 0.2 down to 0.1; put the lower one "
			"first",
			LEPTON_E_SPEC},
		{"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"RandomRotation\",\"factor\":[0.1]}"
		 "," END,
			"layers[1] RandomRotation: \"factor\" takes a number, or the lowest and the highest, "
			"as in [-0.1, 0.2]",
			LEPTON_E_SPEC},
		{"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"RandomRotation\",\"factor\":[0,\"a\"]}"
		 "," END,
			"layers[1] RandomRotation: \"factor\" takes a number from -1 to 1", LEPTON_E_SPEC},
		{"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"RandomTranslation\",\"height_factor\":"
		 "0.1}," END,
			"layers[1] RandomTranslation: \"width_factor\" is missing (share of the width to "
			"move right by, or [low, "
			"high])",
			LEPTON_E_SPEC},
		{"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"RandomZoom\",\"height_factor\":0.1,"
		 "\"fill_mode\":\"wrap\"}," END,
			"layers[1] RandomZoom: \"fill_mode\" is \"wrap\", but is one of constant|nearest",
			LEPTON_E_SPEC},
		{"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"RandomZoom\",\"heightfactor\":0.1}"
		 "," END,
			"layers[1] RandomZoom: unknown key \"heightfactor\"; did you mean \"height_factor\"?",
			LEPTON_E_SPEC},
		{"[{\"type\":\"Input\",\"shape\":[36]},{\"type\":\"RandomZoom\",\"height_factor\":0.1}," END,
			"layers[1] RandomZoom: takes an image [height,width,channels], but gets [36]; put it "
			"behind an Input with "
			"such a \"shape\", before any Flatten",
			LEPTON_E_SHAPE},
		{"[{\"type\":\"Input\",\"shape\":[6,6]},{\"type\":\"RandomRotation\",\"factor\":0.1}," END,
			"layers[1] RandomRotation: takes an image [height,width,channels], but gets [6,6]; "
			"put it behind an Input "
			"with such a \"shape\", before any Flatten",
			LEPTON_E_SHAPE},
		{"[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"RandomRotatoin\",\"factor\":0.1}," END,
			"layers[1]: unknown \"type\" \"RandomRotatoin\"; did you mean \"RandomRotation\"?",
			LEPTON_E_SPEC},
	};
	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct lepton__graph graph;
		struct lepton_error err = {0};
		cJSON *layers = cJSON_Parse(cases[c].layers);
		assert_non_null(layers);
		int code = lepton__graph_build(&graph, layers, LEPTON__CATEGORICAL_CROSS_ENTROPY, &err);
		assert_string_equal(err.message, cases[c].words);
		assert_int_equal(code, cases[c].code);
		cJSON_Delete(layers);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_pixels),
		cmocka_unit_test(test_quarter_turn),
		cmocka_unit_test(test_zoom_by_two),
		cmocka_unit_test(test_against_scipy),
		cmocka_unit_test(test_draws),
		cmocka_unit_test(test_parts_as_one),
		cmocka_unit_test(test_transpose),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_same_bits),
		cmocka_unit_test(test_identity_in_evaluation),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
