/* tests/test_model_tree_table.c - trees of a table's numbers, with missing ones, for classes and for
 * quantities.
 *
 * The oracles are trees of bytes (checked by themselves in test_model_tree.c), exhaustive search over every
 * threshold and both sides for missing values, and, in oracles/tables_sklearn.py, scikit-learn.
 */
#include "config.h"
#include "lepton/model.h"
#include "model/importance.h"
#include "model_hash.h"
#include "model_team.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define ROWS 400
#define FEATURES 6
#define CLASSES 3

static const char *const kinds[] = {"decision_tree", "random_forest", "gradient_boosting"};
static const char *const configs[] = {"{\"max_depth\":7}", "{\"n_estimators\":5,\"max_features\":0.5}",
	"{\"n_estimators\":5,\"max_leaves\":6,\"subsample\":0.8}"};

static float values[ROWS * FEATURES], targets[ROWS];
static uint8_t bytes[ROWS * FEATURES], labels[ROWS];

static uint32_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

/* Numbers of the bytes' order, so that both have the same splits; `holes`: one in five is missing. */
static void make_rows(bool holes)
{
	uint64_t seed = 9;
	for (int i = 0; i < ROWS; i++) {
		for (int f = 0; f < FEATURES; f++) {
			bytes[i * FEATURES + f] = (uint8_t)(draw(&seed) % 200);
			values[i * FEATURES + f] = (float)bytes[i * FEATURES + f] * 0.37f - 20;
			if (holes && draw(&seed) % 5 == 0)
				values[i * FEATURES + f] = NAN;
		}
		float first = isnan(values[i * FEATURES]) ? 30 : values[i * FEATURES];
		labels[i] = (uint8_t)(((int)(first + 20) / 25 + (int)(draw(&seed) % 5) / 4) % CLASSES);
		targets[i] = first / 10 + (float)(draw(&seed) % 100) / 50;
	}
}

static struct lepton_dataset *make_data(bool regression)
{
	struct lepton_dataset *d = NULL;
	assert_int_equal(lepton_dataset_from_f32(values, regression ? NULL : labels, targets, ROWS, ROWS / 4,
				 FEATURES, CLASSES, 0, &d, NULL),
		0);
	return d;
}

static struct lepton_learner *make(int kind, const char *config, struct lepton_dataset *data)
{
	struct lepton_learner *learner = NULL;
	struct lepton_error err = {0};
	int code = lepton_learner_find(kinds[kind])->create(config, 5, data, &learner, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	return learner;
}

/* Whole steps until `steps` are done, or the end. */
static void train(struct lepton_learner *learner, const struct lepton_team *team, int steps)
{
	struct lepton_step_result result = {0};
	for (int done = 0; done < steps && !result.finished; done += !result.partial) {
		assert_int_equal(learner->ops->step(learner, team, &result, NULL), 0);
		assert_true(result.partial || result.finished || isfinite(result.loss));
	}
}

static struct lepton_score score_of(
	struct lepton_learner *learner, struct lepton_dataset *data, enum lepton_split split)
{
	struct lepton_score score;
	assert_int_equal(learner->ops->evaluate(learner, &lepton_team_alone, split, 0,
				 lepton_dataset_count(data, split), &score, NULL),
		0);
	return score;
}

/* ---- two classes ---------------------------------------------------------------------------------- */

static double logistic(double logit)
{
	return 1 / (1 + exp(-logit));
}

/* Rounds with a learning rate of 1 of a stump on one yes-or-no feature: Newton's steps of each side's logit, done
 * here in double. */
static void test_two_classes_step_by_step(void **state)
{
	(void)state;
	enum { N = 100, ROUNDS = 4 };
	float x[N];
	uint8_t y[N];
	double logit[2], count[2] = {0}, ones[2] = {0}, loss = 0;
	struct lepton_dataset *d = NULL;
	for (int i = 0; i < N; i++) {
		int side = i % 4 == 0;
		x[i] = (float)side;
		y[i] = side ? i % 5 != 0 : i % 3 == 0;
		count[side]++;
		ones[side] += y[i];
	}
	double share = (ones[0] + ones[1]) / N;
	logit[0] = logit[1] = log(share / (1 - share));
	for (int round = 0; round < ROUNDS; round++)
		for (int side = 0; side < 2; side++) {
			double p = logistic(logit[side]);
			logit[side] -= (p * count[side] - ones[side]) / (p * (1 - p) * count[side]);
		}
	for (int side = 0; side < 2; side++)
		loss -= ones[side] * log(logistic(logit[side])) +
			(count[side] - ones[side]) * log(logistic(-logit[side]));
	assert_int_equal(lepton_dataset_from_f32(x, y, NULL, N, 0, 1, 2, 0, &d, NULL), 0);
	struct lepton_learner *learner = make(2,
		"{\"n_estimators\":4,\"max_depth\":1,\"learning_rate\":1,\"min_samples_leaf\":1}", d);
	train(learner, &lepton_team_alone, 1000);
	assert_float_equal(score_of(learner, d, LEPTON_TRAIN).loss, loss / N, 1e-6);
	for (int side = 0; side < 2; side++) {
		float in = (float)side, out[2];
		assert_int_equal(learner->ops->predict(learner, &in, 1, out, NULL), 0);
		assert_float_equal(out[1], logistic(logit[side]), 1e-5);
		assert_float_equal(out[0] + out[1], 1, 1e-6);
	}
	learner->ops->destroy(learner);
	lepton_dataset_release(d);
}

/* ---- as trees of bytes are ------------------------------------------------------------------------ */

static void test_same_as_bytes(void **state)
{
	(void)state;
	const struct lepton_shape shape = {1, {FEATURES}};
	struct lepton_dataset *u8;
	make_rows(false);
	struct lepton_dataset *f32 = make_data(false);
	assert_int_equal(
		lepton_dataset_from_u8(bytes, labels, ROWS, ROWS / 4, &shape, CLASSES, 0, &u8, NULL), 0);
	for (int kind = 0; kind < 3; kind++) {
		/* A row left out of a node may lie between its thresholds: half way of bytes, or of the bytes
		 * there are. */
		const char *config = kind == 1 ? "{\"n_estimators\":5,\"bootstrap\":false,\"max_features\":0."
						 "5,\"max_depth\":5}"
					       : configs[kind];
		struct lepton_learner *a = make(kind, config, u8), *b = make(kind, config, f32);
		train(a, &lepton_team_alone, 1000);
		train(b, &lepton_team_alone, 1000);
		struct lepton_score x = score_of(a, u8, LEPTON_TRAIN), y = score_of(b, f32, LEPTON_TRAIN);
		assert_memory_equal(&x.loss, &y.loss, sizeof x.loss);
		assert_memory_equal(&x.accuracy, &y.accuracy, sizeof x.accuracy);
		assert_true(x.accuracy > 0.6);
		a->ops->destroy(a);
		b->ops->destroy(b);
	}
	lepton_dataset_release(u8);
	lepton_dataset_release(f32);
}

/* ---- against exhaustive search -------------------------------------------------------------------- */

/* What is left of impurity (Gini, or squared error) when rows are parted; INFINITY when a side is empty. */
static double after_split(int rows, bool regression, int feature, double cut, bool missing_left)
{
	double count[2][CLASSES] = {{0}}, n[2] = {0}, sum[2] = {0}, squares[2] = {0}, left = 0;
	for (int i = 0; i < rows; i++) {
		double x = (double)values[i * FEATURES + feature], y = (double)targets[i];
		int side = isnan(x) ? !missing_left : x > cut;
		n[side]++;
		count[side][labels[i]]++;
		sum[side] += y;
		squares[side] += y * y;
	}
	for (int side = 0; side < 2; side++) {
		if (n[side] < 1)
			return INFINITY;
		double gini = n[side];
		for (int c = 0; c < CLASSES; c++)
			gini -= count[side][c] * count[side][c] / n[side];
		left += regression ? squares[side] - sum[side] * sum[side] / n[side] : gini;
	}
	return left;
}

static double best_split(int rows, bool regression)
{
	double best = INFINITY;
	for (int f = 0; f < FEATURES; f++)
		for (int i = 0; i < rows; i++)
			for (int side = 0; side < 2; side++) {
				double cut = (double)values[i * FEATURES + f];
				double left =
					isnan(cut) ? INFINITY : after_split(rows, regression, f, cut, side);
				best = left < best ? left : best;
			}
	return best;
}

static double at(const struct lepton_params *weights, const char *name, int i)
{
	return (double)((const float *)lepton_params_find(weights, name)->data)[i];
}

/* The first split is the best there is; the leaves are what the rows say; the gain is what it won. */
static void test_first_split(void **state)
{
	(void)state;
	make_rows(true);
	for (int regression = 0; regression < 2; regression++) {
		struct lepton_dataset *data = make_data(regression);
		struct lepton_learner *tree = make(0, "{\"max_depth\":1}", data);
		struct lepton_params *weights;
		int rows = ROWS - ROWS / 4;
		train(tree, &lepton_team_alone, 10);
		assert_int_equal(tree->ops->weights(tree, &weights, NULL), 0);
		double left = after_split(rows, regression, (int)at(weights, "feature", 0),
			at(weights, "threshold", 0), at(weights, "missing", 0) > 0.5);
		double best = best_split(rows, regression);
		assert_true(fabs(left - best) < 1e-4 * (1 + best));
		struct lepton_score score = score_of(tree, data, LEPTON_TRAIN);
		if (regression)
			assert_true(fabs(score.loss - left / rows) < 1e-5 && isnan(score.accuracy));
		assert_true(at(weights, "gain", 0) > 0);
		lepton_params_release(weights);
		tree->ops->destroy(tree);
		lepton_dataset_release(data);
	}
}

/* Only whether a number is there says the class. */
static void test_missing_tells(void **state)
{
	(void)state;
	make_rows(false);
	for (int i = 0; i < ROWS; i++) {
		labels[i] = i % 3 == 0;
		targets[i] = i % 3 == 0 ? 5 : -1;
		if (labels[i])
			values[i * FEATURES + 2] = NAN;
	}
	for (int regression = 0; regression < 2; regression++) {
		struct lepton_dataset *data = make_data(regression);
		for (int kind = 0; kind < 3; kind += 2) {
			struct lepton_learner *learner =
				make(kind, kind ? "{\"n_estimators\":200}" : "{\"max_depth\":1}", data);
			train(learner, &lepton_team_alone, 1000);
			struct lepton_score score = score_of(learner, data, LEPTON_TEST);
			assert_true(score.loss < 1e-3);
			assert_true(regression || score.accuracy > 0.999);
			learner->ops->destroy(learner);
		}
		lepton_dataset_release(data);
	}
}

/* A full-grown regression tree gives back what it was shown. */
static void test_regression_by_heart(void **state)
{
	(void)state;
	make_rows(false);
	struct lepton_dataset *data = make_data(true);
	struct lepton_learner *tree = make(0, "{}", data);
	train(tree, &lepton_team_alone, 1000);
	assert_true(score_of(tree, data, LEPTON_TRAIN).loss < 1e-10);
	float answer;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(tree->ops->predict(tree, values + i * FEATURES, 1, &answer, NULL), 0);
		assert_true(fabsf(answer - targets[i]) < 1e-5f);
	}
	tree->ops->destroy(tree);
	lepton_dataset_release(data);
}

/* ---- importance ----------------------------------------------------------------------------------- */

static double impurity(const int *rows, int n)
{
	double count[CLASSES] = {0}, left = n;
	for (int i = 0; i < n; i++)
		count[labels[rows[i]]]++;
	for (int c = 0; c < CLASSES && n; c++)
		left -= count[c] * count[c] / n;
	return left;
}

/* What each split of a tree takes away, from the rows themselves. */
static void add_gains(
	const struct lepton_params *weights, int node, const int *rows, int n, double gains[FEATURES])
{
	int side[2][ROWS], count[2] = {0, 0}, feature = (int)at(weights, "feature", node);
	if (feature < 0)
		return;
	for (int i = 0; i < n; i++) {
		double x = (double)values[rows[i] * FEATURES + feature];
		int right =
			isnan(x) ? at(weights, "missing", node) < 0.5 : x > at(weights, "threshold", node);
		side[right][count[right]++] = rows[i];
	}
	gains[feature] += impurity(rows, n) - impurity(side[0], count[0]) - impurity(side[1], count[1]);
	for (int s = 0; s < 2; s++)
		add_gains(weights, (int)at(weights, "left", node) + s, side[s], count[s], gains);
}

static void test_importance(void **state)
{
	(void)state;
	make_rows(true);
	struct lepton_dataset *data = make_data(false);
	struct lepton_learner *tree = make(0, configs[0], data);
	struct lepton_params *weights;
	double gains[FEATURES] = {0}, total = 0, shares = 0, before = 1;
	int rows[ROWS], count = ROWS - ROWS / 4, seen = 0;
	assert_int_equal(tree->ops->weights(tree, &weights, NULL), 0);
	assert_null(lepton__importance(weights, lepton_dataset_info(data))); /* not split yet */
	lepton_params_release(weights);
	train(tree, &lepton_team_alone, 1000);
	assert_int_equal(tree->ops->weights(tree, &weights, NULL), 0);
	for (int i = 0; i < count; i++)
		rows[i] = i;
	add_gains(weights, 0, rows, count, gains);
	for (int f = 0; f < FEATURES; f++)
		total += gains[f];
	char *text = lepton__importance(weights, lepton_dataset_info(data));
	cJSON *list = cJSON_Parse(text);
	for (const cJSON *item = list->child; item; item = item->next, seen++) {
		int feature = atoi(cJSON_GetObjectItem(item, "feature")->valuestring) - 1;
		double share = cJSON_GetObjectItem(item, "share")->valuedouble;
		assert_true(fabs(share - gains[feature] / total) < 1e-4 && share <= before);
		before = share;
		shares += share;
	}
	assert_int_equal(seen, FEATURES);
	assert_true(fabs(shares - 1) < 1e-4);
	cJSON_Delete(list);
	free(text);
	lepton_params_release(weights);
	tree->ops->destroy(tree);
	lepton_dataset_release(data);
}

/* ---- bits ----------------------------------------------------------------------------------------- */

static void test_stops_and_workers(void **state)
{
	(void)state;
	const struct lepton_team team = test_team(3);
	make_rows(true);
	for (int kind = 0; kind < 3; kind++)
		for (int regression = 0; regression < 2; regression++) {
			struct lepton_dataset *data = make_data(regression);
			struct lepton_learner *whole = make(kind, configs[kind], data),
					      *first = make(kind, configs[kind], data),
					      *second = make(kind, configs[kind], data);
			struct lepton_state saved;
			char a[LEPTON_HASH_HEX], b[LEPTON_HASH_HEX];
			train(whole, &lepton_team_alone, 1000);
			train(first, &team, 2);
			assert_int_equal(first->ops->save(first, &saved, NULL), 0);
			assert_int_equal(second->ops->load(second, &saved, NULL), 0);
			lepton_state_clear(&saved);
			train(second, &team, 1000);
			hash_of(whole, a);
			hash_of(second, b);
			assert_string_equal(a, b);
			whole->ops->destroy(whole);
			first->ops->destroy(first);
			second->ops->destroy(second);
			lepton_dataset_release(data);
		}
}

static void test_damage(void **state)
{
	(void)state;
	make_rows(true);
	struct lepton_dataset *data = make_data(false);
	struct lepton_learner *tree = make(0, configs[0], data);
	static const struct {
		const char *name;
		float value;
	} cases[] = {{"threshold", NAN}, {"threshold", INFINITY}, {"missing", 2}, {"missing", 0.5f},
		{"gain", NAN}, {"left", 0}};
	train(tree, &lepton_team_alone, 1000);
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct lepton_params *weights;
		assert_int_equal(tree->ops->weights(tree, &weights, NULL), 0);
		for (size_t t = 0; t < lepton_params_count(weights); t++)
			if (strcmp(lepton_params_at(weights, t)->name, cases[c].name) == 0)
				*(float *)lepton_params_data(weights, t) = cases[c].value;
		assert_int_equal(tree->ops->set_weights(tree, weights, NULL), LEPTON_E_CORRUPT);
		lepton_params_release(weights);
	}
	tree->ops->destroy(tree);
	lepton_dataset_release(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_bytes),
		cmocka_unit_test(test_two_classes_step_by_step),
		cmocka_unit_test(test_first_split),
		cmocka_unit_test(test_missing_tells),
		cmocka_unit_test(test_regression_by_heart),
		cmocka_unit_test(test_stops_and_workers),
		cmocka_unit_test(test_importance),
		cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
