/* tests/test_model_text.c - text models: a step against central finite differences, lazy moments against Adam's own
 * formula, the same bits for any number of workers and after a stop.
 */
#include "config.h"
#include "text_make.h"
#include "lepton/model.h"
#include "model_team.h"

#include <math.h>

#define BUCKETS 11 /* few: words share numbers, and come twice in a text */
#define TEXTS 6
#define KINDS 3

/* `texts` of chance words, some without any; every third is the test's. */
static struct lepton_dataset *make_data(int texts, int64_t buckets)
{
	char train[16384] = "", test[8192] = "";
	uint64_t seed = 9;
	for (int i = 0; i < texts; i++) {
		char *to = i % 3 == 2 ? test : train;
		size_t room = i % 3 == 2 ? sizeof test : sizeof train, at = strlen(to);
		at += (size_t)snprintf(to + at, room - at, "__label__%c", 'a' + i / 3 % KINDS);
		for (int w = 0; w < i % 9; w++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			at += (size_t)snprintf(to + at, room - at, " w%d", (int)((seed >> 40) % 20) + i / 3 % KINDS * 9);
		}
		snprintf(to + at, room - at, "\n");
	}
	put_text(&place, "train.txt", train);
	put_text(&place, "test.txt", test);
	struct lepton_data_options options = {.format = "text", .path = place.folder, .buckets = buckets};
	return open_table(&options);
}

static struct lepton_learner *make(const char *config, struct lepton_dataset *data)
{
	struct lepton_learner *learner = NULL;
	struct lepton_error err = {0};
	int code = lepton_learner_find("text")->create(config, 7, data, &learner, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	return learner;
}

static struct lepton_params *weights_of(struct lepton_learner *learner)
{
	struct lepton_params *out;
	assert_int_equal(learner->ops->weights(learner, &out, NULL), 0);
	return out;
}

static void step(struct lepton_learner *learner, int workers, struct lepton_step_result *result)
{
	struct lepton_team team = test_team(workers);
	struct lepton_error err = {0};
	int code = learner->ops->step(learner, &team, result, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
}

/* Weights with no pattern in them, so that no gradient is 0 by symmetry. */
static void scatter(struct lepton_learner *learner)
{
	struct lepton_params *w = weights_of(learner);
	uint64_t seed = 3;
	for (size_t t = 0; t < lepton_params_count(w); t++) {
		float *data = lepton_params_data(w, t);
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(w, t)->shape); i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			data[i] = (float)((double)(seed >> 40) / (1 << 24) - 0.5);
		}
	}
	assert_int_equal(learner->ops->set_weights(learner, w, NULL), 0);
	lepton_params_release(w);
}

/* ---- the gradient ------------------------------------------------------------------------------------ */

/* The mean cross-entropy of the training texts, all of it in double, from the tensors alone. */
static double loss_of(const struct lepton_dataset *d, double *const *tensor, int dimension)
{
	double total = 0;
	int width = dimension ? dimension : KINDS;
	int64_t n = lepton_dataset_count(d, LEPTON_TRAIN);
	for (int64_t i = 0; i < n; i++) {
		int64_t count;
		double mean[16] = {0}, logit[KINDS], sum = 0;
		const uint32_t *token = lepton_dataset_tokens(d, LEPTON_TRAIN, i, &count);
		for (int64_t k = 0; k < count; k++)
			for (int w = 0; w < width; w++)
				mean[w] += tensor[0][token[k] * width + w] / (double)count;
		for (int c = 0; c < KINDS; c++) {
			logit[c] = tensor[dimension ? 2 : 1][c] + (dimension ? 0 : mean[c]);
			for (int w = 0; w < dimension; w++)
				logit[c] += mean[w] * tensor[1][w * KINDS + c];
			sum += exp(logit[c]);
		}
		total += log(sum) - logit[lepton_dataset_labels(d, LEPTON_TRAIN)[i]];
	}
	return total / (double)n;
}

/* One step of plain descent over all texts: each weight must move by the rate times its difference quotient. */
static void check_gradient(int dimension)
{
	const double rate = 0.25, h = 1e-4;
	char config[200];
	struct lepton_step_result result;
	struct lepton_dataset *d = make_data(30, BUCKETS);
	snprintf(config, sizeof config,
		"{\"dimension\":%d,\"batch_size\":64,\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":%g}}", dimension,
		rate);
	struct lepton_learner *learner = make(config, d);
	scatter(learner);
	struct lepton_params *before = weights_of(learner), *after;
	size_t tensors = lepton_params_count(before);
	double *tensor[3] = {NULL};
	assert_int_equal(tensors, dimension ? 3 : 2);
	for (size_t t = 0; t < tensors; t++) {
		int64_t values = lepton_shape_count(&lepton_params_at(before, t)->shape);
		tensor[t] = malloc((size_t)values * sizeof **tensor);
		for (int64_t i = 0; i < values; i++)
			tensor[t][i] = (double)((const float *)lepton_params_at(before, t)->data)[i];
	}
	step(learner, 3, &result);
	after = weights_of(learner);
	assert_true(fabs(result.loss - loss_of(d, tensor, dimension)) < 1e-5);
	double largest = 0;
	for (size_t t = 0; t < tensors; t++)
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(before, t)->shape); i++) {
			double was = tensor[t][i];
			tensor[t][i] = was + h;
			double up = loss_of(d, tensor, dimension);
			tensor[t][i] = was - h;
			double slope = (up - loss_of(d, tensor, dimension)) / (2 * h);
			tensor[t][i] = was;
			double moved = (was - (double)((const float *)lepton_params_at(after, t)->data)[i]) / rate;
			if (!(fabs(moved - slope) < 2e-6 + 1e-4 * fabs(slope)))
				fail_msg("dimension %d, %s[%d]: %g, but the difference quotient is %g", dimension,
					lepton_params_at(before, t)->name, (int)i, moved, slope);
			largest = fmax(largest, fabs(slope));
		}
	assert_true(largest > 0.01);
	for (size_t t = 0; t < tensors; t++)
		free(tensor[t]);
	lepton_params_release(before);
	lepton_params_release(after);
	learner->ops->destroy(learner);
	lepton_dataset_release(d);
}

static void test_gradient(void **state)
{
	(void)state;
	check_gradient(5);
	check_gradient(0);
	check_gradient(16);
}

/* ---- rows no text has stay; those one has move by Adam's formula ---------------------------------------- */

static bool is_touched(const struct lepton_dataset *d, uint32_t row)
{
	for (int64_t i = 0; i < lepton_dataset_count(d, LEPTON_TRAIN); i++) {
		int64_t count;
		const uint32_t *token = lepton_dataset_tokens(d, LEPTON_TRAIN, i, &count);
		for (int64_t k = 0; k < count; k++)
			if (token[k] == row)
				return true;
	}
	return false;
}

static void test_lazy_adam(void **state)
{
	(void)state;
	const double rate = 0.01;
	struct lepton_dataset *d = make_data(TEXTS, 5000);
	struct lepton_learner *sgd = make("{\"dimension\":4,\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":1}}", d),
			      *adam = make("{\"dimension\":4}", d);
	struct lepton_step_result result;
	scatter(sgd);
	scatter(adam);
	struct lepton_params *before = weights_of(sgd), *slope, *after;
	step(sgd, 1, &result);
	step(adam, 1, &result);
	slope = weights_of(sgd);
	after = weights_of(adam);
	int touched = 0;
	for (uint32_t row = 0; row < 5000; row++)
		for (int w = 0; w < 4; w++) {
			int64_t i = row * 4 + w;
			double was = (double)((const float *)lepton_params_at(before, 0)->data)[i],
			       gradient = was - (double)((const float *)lepton_params_at(slope, 0)->data)[i],
			       now = (double)((const float *)lepton_params_at(after, 0)->data)[i];
			if (!is_touched(d, row)) {
				assert_false(now < was || now > was);
				continue;
			}
			touched++;
			/* the first step: m / (1 - beta1) is the gradient, v / (1 - beta2) its square */
			double v = sqrt(0.001) * fabs(gradient), m = 0.1 * gradient;
			double expected = was - rate * sqrt(0.001) / 0.1 * m / (v + 1e-7);
			if (!(fabs(now - expected) < 1e-3 * rate + 2e-7 * fabs(was) + 1e-7 / (fabs(gradient) + 1e-9) * rate))
				fail_msg("row %u: %.9g, expected %.9g", row, now, expected);
		}
	assert_true(touched > 20);
	lepton_params_release(before);
	lepton_params_release(slope);
	lepton_params_release(after);
	sgd->ops->destroy(sgd);
	adam->ops->destroy(adam);
	lepton_dataset_release(d);
}

/* ---- the same bits ------------------------------------------------------------------------------------- */

static void hash_of(struct lepton_learner *learner, char out[LEPTON_HASH_HEX])
{
	struct lepton_params *w = weights_of(learner);
	lepton_params_hash(w, out);
	lepton_params_release(w);
}

/* To the end, with `workers`; after `stop` steps saved, and gone on with from that in another learner. */
static void train(const char *config, struct lepton_dataset *d, int workers, int stop, char out[LEPTON_HASH_HEX])
{
	struct lepton_step_result result = {0};
	struct lepton_learner *learner = make(config, d);
	int steps = 0;
	for (; !result.finished; steps++) {
		if (steps == stop) {
			struct lepton_state saved;
			assert_int_equal(learner->ops->save(learner, &saved, NULL), 0);
			learner->ops->destroy(learner);
			learner = make(config, d);
			assert_int_equal(learner->ops->load(learner, &saved, NULL), 0);
			lepton_state_clear(&saved);
		}
		step(learner, workers, &result);
	}
	assert_int_equal(steps, learner->ops->epochs(learner) * learner->ops->steps_per_epoch(learner));
	struct lepton_error err = {0};
	assert_int_equal(learner->ops->step(learner, &lepton_team_alone, &result, &err), LEPTON_E_STATE);
	hash_of(learner, out);
	learner->ops->destroy(learner);
}

static void test_same_bits(void **state)
{
	(void)state;
	static const char *const configs[] = {
		"{\"dimension\":6,\"batch_size\":16,\"epochs\":3}",
		"{\"dimension\":0,\"batch_size\":7,\"epochs\":3,\"optimizer\":{\"name\":\"sgd\",\"momentum\":0.9}}",
		"{\"dimension\":6,\"batch_size\":16,\"epochs\":2,\"optimizer\":{\"name\":\"rmsprop\"}}",
	};
	struct lepton_dataset *d = make_data(150, 97);
	for (size_t c = 0; c < sizeof configs / sizeof *configs; c++) {
		char one[LEPTON_HASH_HEX], other[LEPTON_HASH_HEX];
		train(configs[c], d, 1, -1, one);
		train(configs[c], d, 3, -1, other);
		assert_string_equal(one, other);
		train(configs[c], d, 2, 9, other);
		assert_string_equal(one, other);
	}
	lepton_dataset_release(d);
}

/* ---- figures and answers ----------------------------------------------------------------------------------- */

static void test_score(void **state)
{
	(void)state;
	struct lepton_dataset *d = make_data(150, 97);
	struct lepton_learner *learner = make("{\"dimension\":6}", d);
	struct lepton_team team = test_team(3);
	struct lepton_score score;
	int64_t n = lepton_dataset_count(d, LEPTON_TEST), right = 0;
	double loss = 0;
	scatter(learner);
	assert_int_equal(learner->ops->evaluate(learner, &team, LEPTON_TEST, 0, n, &score, NULL), 0);
	for (uint32_t i = 0; i < n; i++) {
		float x[2048], p[KINDS];
		int32_t label;
		lepton_dataset_gather(d, LEPTON_TEST, &i, 1, x, &label);
		assert_int_equal(learner->ops->predict(learner, x, 1, p, NULL), 0);
		assert_true(fabs((double)p[0] + (double)p[1] + (double)p[2] - 1) < 1e-6);
		loss -= log((double)p[label]);
		right += p[label] >= p[0] && p[label] >= p[1] && p[label] >= p[2];
	}
	assert_true(fabs(score.loss - loss / (double)n) < 1e-5);
	assert_int_equal(llround(score.accuracy * (double)n), right);
	assert_int_equal(score.samples, n);
	struct lepton_error err = {0};
	assert_int_equal(
		learner->ops->evaluate(learner, &team, LEPTON_TEST, 0, n + 1, &score, &err), LEPTON_E_USAGE);
	learner->ops->destroy(learner);
	lepton_dataset_release(d);
}

/* It learns: words that only one class has tell the class. */
static void test_learns(void **state)
{
	(void)state;
	static const char *const configs[] = {
		"{\"epochs\":30,\"batch_size\":8}",
		"{\"epochs\":30,\"batch_size\":8,\"dimension\":0}",
	};
	struct lepton_dataset *d = make_data(300, 5000);
	for (size_t c = 0; c < 2; c++) {
		struct lepton_learner *learner = make(configs[c], d);
		struct lepton_step_result result = {0};
		struct lepton_score before, after;
		int64_t n = lepton_dataset_count(d, LEPTON_TRAIN);
		assert_int_equal(learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TRAIN, 0, n, &before, NULL), 0);
		while (!result.finished)
			step(learner, 1, &result);
		assert_int_equal(learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TRAIN, 0, n, &after, NULL), 0);
		assert_true(fabs(before.loss - log(KINDS)) < 1e-6); /* kernel and bias start at 0 */
		assert_true(after.loss < before.loss / 2 && after.accuracy > 0.8);
		learner->ops->destroy(learner);
	}
	lepton_dataset_release(d);
}

/* ---- what does not fit --------------------------------------------------------------------------------------- */

static void refused(const char *learner, const char *config, struct lepton_dataset *d, const char *words)
{
	struct lepton_learner *out = NULL;
	struct lepton_error err = {0};
	assert_int_not_equal(lepton_learner_find(learner)->create(config, 1, d, &out, &err), 0);
	assert_null(out);
	if (!strstr(err.message, words))
		fail_msg("%s said \"%s\", expected \"%s\"", learner, err.message, words);
}

static void test_refusals(void **state)
{
	(void)state;
	struct lepton_dataset *d = make_data(30, BUCKETS), *images;
	static const uint8_t pixels[8] = {0}, labels[8] = {0, 1, 0, 1, 0, 1, 0, 1};
	const struct lepton_shape sample = {1, {1}};
	assert_int_equal(lepton_dataset_from_u8(pixels, labels, 8, 2, &sample, 2, 0, &images, NULL), 0);
	refused("text", "{}", images, "this learner reads \"format\": \"text\"");
	refused("text", "{\"dimension\":-1}", d, "\"dimension\"");
	refused("text", "{\"optimizer\":{\"name\":\"adamm\"}}", d, "did you mean \"adam\"");
	refused("text", "[", d, "not JSON");
	refused("decision_tree", "{}", d, "set \"learner\": \"text\"");
	refused("linear", "{}", d, "set \"learner\": \"text\"");
	refused("network",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[2048]},{\"type\":\"Dense\",\"units\":3,\"activation\":"
		"\"softmax\"}]}",
		d, "set \"learner\": \"text\"");
	struct lepton_learner *five = make("{\"dimension\":5}", d), *six = make("{\"dimension\":6}", d);
	struct lepton_params *w = weights_of(five);
	struct lepton_state state_of_five;
	struct lepton_error err = {0};
	char before[LEPTON_HASH_HEX], after[LEPTON_HASH_HEX];
	hash_of(six, before);
	assert_int_not_equal(six->ops->set_weights(six, w, &err), 0);
	assert_int_equal(five->ops->save(five, &state_of_five, NULL), 0);
	assert_int_not_equal(six->ops->load(six, &state_of_five, &err), 0);
	hash_of(six, after);
	assert_string_equal(before, after);
	lepton_state_clear(&state_of_five);
	lepton_params_release(w);
	five->ops->destroy(five);
	six->ops->destroy(six);
	lepton_dataset_release(images);
	lepton_dataset_release(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_gradient, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lazy_adam, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_same_bits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_score, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_learns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
