/* tests/test_model_train.c - training as a whole: it learns; its bits do not depend on threads, pauses
 * or restarts; scoring leaves it alone; divergence is caught.
 */
#include "config.h"
#include "lepton/model.h"
#include "model_reference.h"
#include "model_team.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SIDE 6
#define TRAIN 45
#define VALIDATION 15
#define TEST 20
#define ALL (TRAIN + VALIDATION + TEST)
#define CLASSES 3
#define STEPS 9 /* three epochs of 16, 16, 13 */

#define LAYERS                                                                                               \
	"\"layers\":[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"Conv2D\",\"filters\":4,"             \
	"\"kernel_size\":3,\"activation\":\"relu\"},{\"type\":\"MaxPooling2D\"},{\"type\":\"Flatten\"},"     \
	"{\"type\":\"Dense\",\"units\":8,\"activation\":\"tanh\"},{\"type\":\"Dropout\",\"rate\":0.2},"      \
	"{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}],\"batch_size\":16"
#define LONG_ADAM "{" LAYERS ",\"epochs\":12,\"optimizer\":{\"name\":\"adam\",\"learning_rate\":0.01}"
#define LONG_SGD                                                                                             \
	"{" LAYERS ",\"epochs\":12,\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":0.05,\"momentum\":0.9}"
#define ADAM "{" LAYERS ",\"epochs\":3,\"optimizer\":{\"name\":\"adam\",\"learning_rate\":0.01}"
#define SGD                                                                                                  \
	"{" LAYERS ",\"epochs\":3,\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":0.05,\"momentum\":0.9}"
#define PLAIN "{" LAYERS ",\"epochs\":3,\"optimizer\":{\"name\":\"sgd\"}"

#define NORMAL(optimizer)                                                                                    \
	"{\"layers\":[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"BatchNormalization\"},"             \
	"{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":3,\"activation\":\"relu\"},{\"type\":"           \
	"\"AveragePooling2D\",\"pool_size\":[1,2]},{\"type\":\"BatchNormalization\",\"momentum\":0.5},"      \
	"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}],"               \
	"\"batch_size\":16,\"epochs\":12,\"optimizer\":{" optimizer "}"
#define NORMAL_ADAMW                                                                                         \
	NORMAL("\"name\":\"adamw\",\"learning_rate\":0.01,\"schedule\":{\"name\":\"cosine\",\"warmup_"       \
	       "steps\":2}")
#define NORMAL_RMSPROP NORMAL("\"name\":\"rmsprop\",\"learning_rate\":0.01,\"momentum\":0.5")
#define NORMAL_NESTEROV NORMAL("\"name\":\"sgd\",\"learning_rate\":0.05,\"momentum\":0.9,\"nesterov\":true")

static struct lepton_dataset *data;

/* Each class has a bright band of rows of its own, in noise. */
static int make_data(void **state)
{
	uint8_t images[ALL * SIDE * SIDE], labels[ALL];
	uint64_t seed = 1;
	const struct lepton_shape sample = {3, {SIDE, SIDE, 1}};
	(void)state;
	for (int i = 0; i < ALL; i++) {
		labels[i] = (uint8_t)(i % CLASSES);
		for (int p = 0; p < SIDE * SIDE; p++) {
			int base = p / SIDE / 2 == labels[i] ? 160 : 50;
			images[i * SIDE * SIDE + p] = (uint8_t)(base + (int)(50 * test_random(&seed)));
		}
	}
	return lepton_dataset_from_u8(images, labels, ALL, TEST, &sample, CLASSES, 0.25, &data, NULL);
}

static int drop_data(void **state)
{
	(void)state;
	lepton_dataset_release(data);
	return 0;
}

static struct lepton_learner *make(const char *config, uint64_t seed)
{
	struct lepton_learner *learner = NULL;
	struct lepton_error err = {0};
	int code = lepton_learner_find("network")->create(config, seed, data, &learner, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	return learner;
}

static void steps(struct lepton_learner *learner, const struct lepton_team *team, int count)
{
	struct lepton_error err = {0};
	struct lepton_step_result result;
	for (int i = 0; i < count; i++) {
		int code = learner->ops->step(learner, team, &result, &err);
		assert_string_equal(err.message, "");
		assert_int_equal(code, 0);
	}
}

/* One hash for weights and optimiser together. */
static void fingerprint(struct lepton_learner *learner, char out[2 * LEPTON_HASH_HEX])
{
	struct lepton_state state;
	assert_int_equal(learner->ops->save(learner, &state, NULL), 0);
	lepton_params_hash(state.weights, out);
	out[LEPTON_HASH_HEX - 1] = '+';
	out[LEPTON_HASH_HEX] = '\0';
	if (state.slots)
		lepton_params_hash(state.slots, out + LEPTON_HASH_HEX);
	lepton_state_clear(&state);
}

static void test_it_learns(void **state)
{
	const char *const configs[] = {LONG_ADAM "}", LONG_SGD "}", NORMAL_ADAMW "}", NORMAL_RMSPROP "}",
		NORMAL_NESTEROV ",\"micro_batches\":2}"};
	(void)state;
	for (int c = 0; c < 5; c++) {
		struct lepton_learner *learner = make(configs[c], 4);
		struct lepton_score before, after;
		assert_int_equal(learner->ops->steps_per_epoch(learner), 3);
		assert_int_equal(learner->ops->epochs(learner), 12);
		learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TEST, 0, TEST, &before, NULL);
		steps(learner, &lepton_team_alone, 36);
		learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TEST, 0, TEST, &after, NULL);
		assert_true(after.loss < before.loss / 2);
		assert_true(after.accuracy > 0.94);
		learner->ops->destroy(learner);
	}
}

static void test_results_of_steps(void **state)
{
	struct lepton_learner *learner = make(ADAM "}", 4);
	struct lepton_step_result r;
	struct lepton_error err = {0};
	(void)state;
	for (int i = 0; i < STEPS; i++) {
		assert_int_equal(learner->ops->step(learner, &lepton_team_alone, &r, &err), 0);
		assert_int_equal(r.samples, i % 3 == 2 ? 13 : 16); /* the last batch is kept */
		assert_int_equal(r.epoch_ended, i % 3 == 2);
		assert_int_equal(r.finished, i == STEPS - 1);
		assert_true(r.loss > 0 && r.accuracy >= 0 && r.accuracy <= 1);
	}
	assert_int_equal(learner->ops->step(learner, &lepton_team_alone, &r, &err), LEPTON_E_STATE);
	assert_true(r.finished);
	assert_string_equal(err.message, "training is finished after 3 epochs; raise \"epochs\" to go on");
	learner->ops->destroy(learner);
}

static void test_any_team_makes_the_same_bits(void **state)
{
	static const char *const configs[] = {ADAM ",\"micro_batches\":1}", ADAM ",\"micro_batches\":2}",
		SGD ",\"micro_batches\":5}", PLAIN ",\"micro_batches\":16}", NORMAL_ADAMW "}",
		NORMAL_NESTEROV ",\"micro_batches\":5}", NORMAL_RMSPROP ",\"micro_batches\":16}"};
	(void)state;
	for (int c = 0; c < 7; c++) {
		char want[2 * LEPTON_HASH_HEX], have[2 * LEPTON_HASH_HEX];
		struct lepton_score alone, score;
		struct lepton_learner *learner = make(configs[c], 8);
		steps(learner, &lepton_team_alone, STEPS);
		fingerprint(learner, want);
		learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TRAIN, 3, TRAIN, &alone, NULL);
		learner->ops->destroy(learner);
		for (int width = 1; width <= 8; width = width * 2 + (width == 2)) {
			struct lepton_team team = test_team(width);
			learner = make(configs[c], 8);
			steps(learner, &team, STEPS);
			fingerprint(learner, have);
			assert_string_equal(have, want);
			learner->ops->evaluate(learner, &team, LEPTON_TRAIN, 3, TRAIN, &score, NULL);
			assert_memory_equal(&score, &alone, sizeof score);
			learner->ops->destroy(learner);
		}
	}
}

static void test_seeds_differ(void **state)
{
	char a[2 * LEPTON_HASH_HEX], b[2 * LEPTON_HASH_HEX];
	struct lepton_learner *one = make(ADAM "}", 1), *two = make(ADAM "}", 2);
	(void)state;
	fingerprint(one, a);
	fingerprint(two, b);
	assert_string_not_equal(a, b);
	one->ops->destroy(one);
	two->ops->destroy(two);
}

static void test_initial_weights(void **state)
{
	struct lepton_learner *learner = make(ADAM "}", 3);
	struct lepton_params *w = NULL;
	(void)state;
	assert_int_equal(learner->ops->weights(learner, &w, NULL), 0);
	static const char *const names[] = {"conv2d/kernel", "conv2d/bias", "dense/kernel", "dense/bias",
		"dense_1/kernel", "dense_1/bias"};
	static const double fans[] = {9 + 36, 0, 16 + 8, 0, 8 + 3, 0};
	assert_int_equal(lepton_params_count(w), 6);
	for (size_t t = 0; t < 6; t++) {
		const struct lepton_tensor *tensor = lepton_params_at(w, t);
		const float *v = tensor->data;
		double most = 0, limit = fans[t] > 0 ? sqrt(6 / fans[t]) : 0;
		assert_string_equal(tensor->name, names[t]);
		for (int64_t i = 0; i < lepton_shape_count(&tensor->shape); i++)
			most = fmax(most, fabs((double)v[i]));
		assert_true(most <= limit * 1.000001);
		assert_true(most >= limit * 0.7); /* some weight comes near the limit */
	}
	lepton_params_release(w);
	learner->ops->destroy(learner);
}

/* Whatever the number of parts, the sum is the same but for rounding: empty parts add nothing. */
static void test_parts_only_round(void **state)
{
	const char *const configs[] = {PLAIN ",\"micro_batches\":1}", PLAIN ",\"micro_batches\":16}"};
	struct lepton_params *w[2];
	(void)state;
	for (int c = 0; c < 2; c++) {
		char config[1024];
		snprintf(config, sizeof config, "%s", configs[c]);
		char *rate = strstr(config, "0.2}"); /* masks depend on the parts: drop nothing here */
		rate[2] = '0';
		struct lepton_learner *learner = make(config, 5);
		steps(learner, &lepton_team_alone, STEPS);
		assert_int_equal(learner->ops->weights(learner, &w[c], NULL), 0);
		learner->ops->destroy(learner);
	}
	for (size_t t = 0; t < lepton_params_count(w[0]); t++) {
		const float *a = lepton_params_at(w[0], t)->data, *b = lepton_params_at(w[1], t)->data;
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(w[0], t)->shape); i++)
			assert_true(fabsf(a[i] - b[i]) < 1e-5F);
	}
	lepton_params_release(w[0]);
	lepton_params_release(w[1]);
}

static void test_stop_anywhere_and_go_on(void **state)
{
	static const char *const configs[] = {ADAM ",\"micro_batches\":3}", SGD "}", PLAIN "}",
		NORMAL_ADAMW "}", NORMAL_RMSPROP ",\"micro_batches\":3}", NORMAL_NESTEROV "}"};
	(void)state;
	for (int c = 0; c < 6; c++) {
		char want[2 * LEPTON_HASH_HEX], have[2 * LEPTON_HASH_HEX];
		struct lepton_learner *straight = make(configs[c], 6);
		steps(straight, &lepton_team_alone, STEPS);
		fingerprint(straight, want);
		straight->ops->destroy(straight);
		for (int stop = 0; stop <= STEPS; stop++) {
			struct lepton_state saved;
			struct lepton_learner *first = make(configs[c], 6), *second = make(configs[c], 6);
			steps(first, &lepton_team_alone, stop);
			assert_int_equal(first->ops->save(first, &saved, NULL), 0);
			assert_int_equal(saved.step, stop);
			assert_true(fabs(saved.epoch - (stop / 3 + stop % 3 * 16.0 / TRAIN)) < 1e-12);
			steps(first, &lepton_team_alone, stop < STEPS); /* the snapshot stays as it was */
			first->ops->destroy(first);
			steps(second, &lepton_team_alone, 2); /* load must undo all of it */
			struct lepton_error err = {0};
			int code = second->ops->load(second, &saved, &err);
			assert_string_equal(err.message, "");
			assert_int_equal(code, 0);
			lepton_state_clear(&saved);
			steps(second, &lepton_team_alone, STEPS - stop);
			fingerprint(second, have);
			assert_string_equal(have, want);
			second->ops->destroy(second);
		}
	}
}

static void test_slot_names(void **state)
{
	static const struct {
		const char *config, *first;
		size_t count;
	} cases[] = {{ADAM "}", "adam/m/conv2d/kernel", 12}, {SGD "}", "sgd/momentum/conv2d/kernel", 6},
		{PLAIN "}", NULL, 0}, {NORMAL_ADAMW "}", "adamw/m/batch_normalization/gamma", 16},
		{NORMAL_RMSPROP "}", "rmsprop/v/batch_normalization/gamma", 16},
		{NORMAL_NESTEROV "}", "sgd/momentum/batch_normalization/gamma", 8}};
	(void)state;
	for (int c = 0; c < 6; c++) {
		struct lepton_learner *learner = make(cases[c].config, 6);
		struct lepton_state saved;
		assert_int_equal(learner->ops->save(learner, &saved, NULL), 0);
		if (cases[c].first) {
			assert_int_equal(lepton_params_count(saved.slots), cases[c].count);
			assert_string_equal(lepton_params_at(saved.slots, 0)->name, cases[c].first);
		} else {
			assert_null(saved.slots);
		}
		lepton_state_clear(&saved);
		learner->ops->destroy(learner);
	}
}

/* Moving statistics with a memory of 0 are the last step's: of the whole batch where nothing is said, else
 * the mean of the parts' own. Here the batch is the whole training split, in the order of its first epoch. */
static void statistics(int parts, double *mean, double *variance)
{
	uint32_t order[TRAIN];
	float x[TRAIN * SIDE * SIDE];
	int32_t y[TRAIN];
	*mean = *variance = 0;
	lepton_epoch_order(7, 0, order, TRAIN);
	lepton_dataset_gather(data, LEPTON_TRAIN, order, TRAIN, x, y);
	for (int p = 0; p < parts; p++) {
		int size = (TRAIN + parts - 1) / parts, from = size * p;
		int to = from + size < TRAIN ? from + size : TRAIN;
		double sum = 0, square = 0, n = (to - from) * SIDE * SIDE;
		for (int i = from * SIDE * SIDE; i < to * SIDE * SIDE; i++) {
			sum += (double)x[i];
			square += (double)x[i] * (double)x[i];
		}
		*mean += sum / n * (to - from) / TRAIN;
		*variance += (square / n - sum / n * (sum / n)) * (to - from) / TRAIN;
	}
}

static void test_moving_statistics(void **state)
{
#define ONE_BATCH                                                                                            \
	"{\"layers\":[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"BatchNormalization\",\"momentum\":" \
	"0},"                                                                                                \
	"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}],"               \
	"\"batch_size\":64,\"epochs\":1"
	static const char *const configs[] = {ONE_BATCH "}", ONE_BATCH ",\"micro_batches\":4}"};
	static const int parts[] = {1, 4};
	(void)state;
	for (int c = 0; c < 2; c++) {
		struct lepton_learner *learner = make(configs[c], 7);
		struct lepton_params *w = NULL;
		double mean, variance;
		steps(learner, &lepton_team_alone, 1);
		assert_int_equal(learner->ops->weights(learner, &w, NULL), 0);
		statistics(parts[c], &mean, &variance);
		assert_string_equal(lepton_params_at(w, 2)->name, "batch_normalization/moving_mean");
		assert_string_equal(lepton_params_at(w, 3)->name, "batch_normalization/moving_variance");
		assert_true(fabs((double)*(const float *)lepton_params_at(w, 2)->data - mean) < 1e-6);
		assert_true(fabs((double)*(const float *)lepton_params_at(w, 3)->data - variance) < 1e-7);
		lepton_params_release(w);
		learner->ops->destroy(learner);
	}
}

/* A rate of zero from the sixth step on: weights stand still from there, and moved until then. */
static void test_schedule_goes_by_the_step(void **state)
{
	static const char config[] =
		"{" LAYERS ",\"epochs\":3,\"optimizer\":{\"name\":\"sgd\",\"schedule\":{\"name\":\"step\","
		"\"decay_steps\":5,\"decay_rate\":0}}}";
	struct lepton_learner *learner = make(config, 7);
	char before[2 * LEPTON_HASH_HEX], after[2 * LEPTON_HASH_HEX];
	(void)state;
	fingerprint(learner, before);
	for (int i = 1; i <= STEPS; i++) {
		steps(learner, &lepton_team_alone, 1);
		fingerprint(learner, after);
		assert_int_equal(strcmp(before, after) == 0, i > 5);
		memcpy(before, after, sizeof before);
	}
	learner->ops->destroy(learner);
}

/* A clone with another optimiser takes the weights and the place, and starts its moments at zero. */
static void test_load_into_another_optimizer(void **state)
{
	struct lepton_learner *adam = make(ADAM "}", 6), *sgd = make(SGD "}", 6);
	struct lepton_state saved, after;
	struct lepton_step_result r;
	(void)state;
	steps(adam, &lepton_team_alone, 4);
	steps(sgd, &lepton_team_alone, 2);
	assert_int_equal(adam->ops->save(adam, &saved, NULL), 0);
	assert_int_equal(sgd->ops->load(sgd, &saved, NULL), 0);
	assert_int_equal(sgd->ops->save(sgd, &after, NULL), 0);
	char a[LEPTON_HASH_HEX], b[LEPTON_HASH_HEX];
	lepton_params_hash(saved.weights, a);
	lepton_params_hash(after.weights, b);
	assert_string_equal(a, b);
	assert_int_equal(after.step, 4);
	for (size_t t = 0; t < lepton_params_count(after.slots); t++) {
		const float *v = lepton_params_at(after.slots, t)->data;
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(after.slots, t)->shape); i++)
			assert_true(v[i] <= 0 && v[i] >= 0);
	}
	assert_int_equal(sgd->ops->step(sgd, &lepton_team_alone, &r, NULL), 0);
	lepton_state_clear(&saved);
	lepton_state_clear(&after);
	adam->ops->destroy(adam);
	sgd->ops->destroy(sgd);
}

static void refused(
	struct lepton_learner *learner, const struct lepton_state *state, int code, const char *sentence)
{
	struct lepton_error err = {0};
	char before[2 * LEPTON_HASH_HEX], after[2 * LEPTON_HASH_HEX];
	fingerprint(learner, before);
	assert_int_equal(learner->ops->load(learner, state, &err), code);
	fingerprint(learner, after);
	assert_string_equal(before, after);
	if (!strstr(err.message, sentence))
		fail_msg("\"%s\" does not say \"%s\"", err.message, sentence);
}

static void test_bad_states_are_refused(void **state)
{
	static const char *const extras[] = {"", "{", "[]", "{}",
		"{\"epoch\":-1,\"position\":0,\"updates\":0}",
		"{\"epoch\":0,\"position\":\"x\",\"updates\":0}",
		"{\"epoch\":0,\"position\":0,\"updates\":1e300}"};
	struct lepton_learner *learner = make(ADAM "}", 6);
	struct lepton_state saved, bad;
	(void)state;
	steps(learner, &lepton_team_alone, 1);
	assert_int_equal(learner->ops->save(learner, &saved, NULL), 0);
	for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
		char text[64];
		snprintf(text, sizeof text, "%s", extras[i]);
		bad = saved;
		bad.extra = text;
		refused(learner, &bad, LEPTON_E_CORRUPT, "where training stood");
	}
	bad = saved;
	bad.weights = NULL;
	refused(learner, &bad, LEPTON_E_CORRUPT, "where training stood");
	bad = saved;
	bad.step = -1;
	refused(learner, &bad, LEPTON_E_CORRUPT, "where training stood");
	bad = saved;
	bad.weights = saved.slots;
	refused(learner, &bad, LEPTON_E_SHAPE, "");
	lepton_state_clear(&saved);
	learner->ops->destroy(learner);
}

/* Weights from elsewhere, without the learner's own note. */
static void test_load_without_note(void **state)
{
	struct lepton_learner *learner = make(ADAM "}", 6);
	struct lepton_state saved, after;
	struct lepton_step_result r;
	(void)state;
	steps(learner, &lepton_team_alone, 4);
	assert_int_equal(learner->ops->save(learner, &saved, NULL), 0);
	struct lepton_state foreign = {.weights = saved.weights, .step = 4, .epoch = saved.epoch};
	assert_int_equal(learner->ops->load(learner, &foreign, NULL), 0);
	assert_int_equal(learner->ops->save(learner, &after, NULL), 0);
	assert_true(fabs(after.epoch - saved.epoch) < 1e-12);
	assert_int_equal(learner->ops->step(learner, &lepton_team_alone, &r, NULL), 0);
	assert_int_equal(r.samples, 16);
	lepton_state_clear(&saved);
	lepton_state_clear(&after);
	learner->ops->destroy(learner);
}

static void test_scoring_leaves_training_alone(void **state)
{
	char want[2 * LEPTON_HASH_HEX], have[2 * LEPTON_HASH_HEX];
	struct lepton_learner *plain = make(ADAM "}", 6), *scored = make(ADAM "}", 6);
	struct lepton_score score;
	float x[40 * SIDE * SIDE] = {0}, p[40 * CLASSES];
	(void)state;
	steps(plain, &lepton_team_alone, STEPS);
	for (int i = 0; i < STEPS; i++) {
		scored->ops->evaluate(
			scored, &lepton_team_alone, LEPTON_VALIDATION, 0, VALIDATION, &score, NULL);
		assert_int_equal(scored->ops->predict(scored, x, 40, p, NULL), 0);
		steps(scored, &lepton_team_alone, 1);
	}
	fingerprint(plain, want);
	fingerprint(scored, have);
	assert_string_equal(have, want);
	plain->ops->destroy(plain);
	scored->ops->destroy(scored);
}

/* Scores are those that the single predictions add up to. */
static void test_scores_are_sums_of_predictions(void **state)
{
	struct lepton_learner *learner = make(ADAM ",\"micro_batches\":3}", 6);
	float x[TRAIN * SIDE * SIDE], p[TRAIN * CLASSES];
	int32_t y[TRAIN];
	uint32_t index[TRAIN];
	struct lepton_score score;
	double loss = 0;
	int right = 0;
	(void)state;
	steps(learner, &lepton_team_alone, 5);
	for (uint32_t i = 0; i < TRAIN; i++)
		index[i] = i;
	lepton_dataset_gather(data, LEPTON_TRAIN, index, TRAIN, x, y);
	assert_int_equal(learner->ops->predict(learner, x, TRAIN, p, NULL), 0);
	for (int i = 7; i < 40; i++) {
		const float *row = p + i * CLASSES;
		int best = 0;
		for (int c = 1; c < CLASSES; c++)
			best = row[c] > row[best] ? c : best;
		assert_true(fabsf(row[0] + row[1] + row[2] - 1) < 1e-5F);
		loss -= log((double)row[y[i]]);
		right += best == y[i];
	}
	assert_int_equal(
		learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TRAIN, 7, 40, &score, NULL), 0);
	assert_int_equal(score.samples, 33);
	assert_true(fabs(score.loss - loss / 33) < 1e-5);
	assert_true(fabs(score.accuracy - right / 33.0) < 1e-12);
	learner->ops->destroy(learner);
}

static void test_score_ranges(void **state)
{
	struct lepton_learner *learner = make(ADAM "}", 6);
	struct lepton_score score;
	struct lepton_error err;
	(void)state;
	assert_int_equal(
		learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TEST, 5, 5, &score, &err), 0);
	assert_true(score.samples == 0 && isnan(score.loss) && isnan(score.accuracy));
	const int64_t bad[][2] = {{-1, 5}, {6, 5}, {0, TEST + 1}};
	for (int i = 0; i < 3; i++)
		assert_int_equal(learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TEST, bad[i][0],
					 bad[i][1], &score, &err),
			LEPTON_E_USAGE);
	assert_int_equal(learner->ops->predict(learner, NULL, 0, NULL, &err), 0);
	learner->ops->destroy(learner);
}

static void test_set_weights(void **state)
{
	struct lepton_learner *one = make(ADAM "}", 1), *two = make(ADAM "}", 2);
	struct lepton_params *w = NULL, *back = NULL;
	char a[LEPTON_HASH_HEX], b[LEPTON_HASH_HEX];
	struct lepton_error err = {0};
	(void)state;
	steps(one, &lepton_team_alone, 3);
	assert_int_equal(one->ops->weights(one, &w, NULL), 0);
	lepton_params_hash(w, a);
	steps(one, &lepton_team_alone, 1); /* a snapshot does not follow */
	assert_int_equal(two->ops->set_weights(two, w, NULL), 0);
	assert_int_equal(two->ops->weights(two, &back, NULL), 0);
	lepton_params_hash(back, b);
	assert_string_equal(a, b);
	struct lepton_tensor other = {.name = "dense/kernel", .shape = {1, {3}}};
	lepton_params_release(back);
	assert_int_equal(lepton_params_new(&other, 1, &back, NULL), 0);
	assert_int_equal(two->ops->set_weights(two, back, &err), LEPTON_E_SHAPE);
	lepton_params_release(w);
	lepton_params_release(back);
	one->ops->destroy(one);
	two->ops->destroy(two);
}

static void test_divergence(void **state)
{
	static const char config[] =
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[36]},{\"type\":\"Dense\",\"units\":32,"
		"\"activation\":\"linear\"},{\"type\":\"Dense\",\"units\":32},"
		"{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}],\"batch_size\":16,\"epochs\":"
		"1000,"
		"\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":1000,\"momentum\":1}}";
	struct lepton_learner *wild = make(config, 1), *calm = make(ADAM "}", 1);
	struct lepton_step_result r;
	struct lepton_error err = {0};
	char sentence[64];
	int done = 0, code;
	(void)state;
	while (!(code = wild->ops->step(wild, &lepton_team_alone, &r, &err)) && done < 2999)
		done++;
	assert_int_equal(code, LEPTON_E_DIVERGED);
	snprintf(sentence, sizeof sentence, "training diverged at step %d: ", done + 1);
	assert_memory_equal(err.message, sentence, strlen(sentence));
	steps(calm, &lepton_team_alone, STEPS); /* the other one never notices */
	wild->ops->destroy(wild);
	calm->ops->destroy(calm);
}

static void test_tables(void **state)
{
	const char *const *names = lepton_learner_names();
	int count = 0;
	(void)state;
	for (; names[count]; count++)
		assert_string_equal(lepton_learner_find(names[count])->name, names[count]);
	assert_true(count >= 1);
	assert_null(lepton_learner_find("perceptron"));
	assert_null(lepton_learner_find(NULL));
	assert_int_equal(lepton_team_alone.width, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_learns),
		cmocka_unit_test(test_results_of_steps),
		cmocka_unit_test(test_any_team_makes_the_same_bits),
		cmocka_unit_test(test_seeds_differ),
		cmocka_unit_test(test_initial_weights),
		cmocka_unit_test(test_parts_only_round),
		cmocka_unit_test(test_stop_anywhere_and_go_on),
		cmocka_unit_test(test_slot_names),
		cmocka_unit_test(test_moving_statistics),
		cmocka_unit_test(test_schedule_goes_by_the_step),
		cmocka_unit_test(test_load_into_another_optimizer),
		cmocka_unit_test(test_bad_states_are_refused),
		cmocka_unit_test(test_load_without_note),
		cmocka_unit_test(test_scoring_leaves_training_alone),
		cmocka_unit_test(test_scores_are_sums_of_predictions),
		cmocka_unit_test(test_score_ranges),
		cmocka_unit_test(test_set_weights),
		cmocka_unit_test(test_divergence),
		cmocka_unit_test(test_tables),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
