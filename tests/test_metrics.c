/* tests/test_metrics.c - figures class by class, of a learner that answers what it is told to: against counting by hand,
 * against all pairs (AUC), and against sorting (the five most probable).
 */
#include "config.h"
#include "lepton/metrics.h"
#include "model_reference.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MOST 700
#define CLASSES_MOST 9

/* Sample i has i as its only feature, and is answered by row i. */
struct told {
	struct lepton_learner base; /* first */
	const float *answers;
	int64_t width;
	int code;
};

static int predict(struct lepton_learner *learner, const float *x, int64_t n, float *out, struct lepton_error *err)
{
	struct told *told = (struct told *)(void *)learner;
	if (told->code)
		return lepton_error_set(err, told->code, "told to fail");
	for (int64_t i = 0; i < n; i++)
		memcpy(out + i * told->width, told->answers + (int64_t)x[i] * told->width,
			(size_t)told->width * sizeof *out);
	return LEPTON_OK;
}

static const struct lepton_learner_ops ops = {.name = "told", .predict = predict};
static const struct lepton_learner_ops foreign = {.name = "told", .predict = predict, .foreign = true};

/* All but a first sample are the test split: it has answers + width and labels + 1 on. */
static struct lepton_dataset *make_set(const uint8_t *labels, const float *targets, int64_t n, int64_t classes)
{
	static float x[MOST];
	struct lepton_dataset *data = NULL;
	struct lepton_error err = {0};
	for (int64_t i = 0; i < n; i++)
		x[i] = (float)i;
	int code = lepton_dataset_from_f32(x, labels, targets, n, n - 1, 1, classes, 0, &data, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	return data;
}

static struct lepton_metrics compute(
	const float *answers, const uint8_t *labels, const float *targets, int64_t n, int64_t classes)
{
	struct told told = {{&ops}, answers, classes ? classes : 1, 0};
	struct lepton_dataset *data = make_set(labels, targets, n, classes);
	struct lepton_metrics metrics;
	assert_int_equal(lepton_metrics_compute(&told.base, data, LEPTON_TEST, NULL, NULL, &metrics, NULL), 0);
	lepton_dataset_release(data);
	return metrics;
}

/* In [0, 1). */
static double chance(uint64_t *seed)
{
	return (test_random(seed) + 1) / 2;
}

static void near(double have, double want)
{
	if (!(fabs(have - want) < 1e-12))
		fail_msg("%.15g, but should be %.15g", have, want);
}

/* ---- AUC ---- */

static double by_pairs(const float *score, const bool *positive, int n)
{
	double right = 0, pairs = 0;
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			if (positive[i] && !positive[k]) {
				pairs += 1;
				right += score[i] > score[k] ? 1 : score[i] < score[k] ? 0 : 0.5;
			}
	return right / pairs;
}

static void test_auc(void **state)
{
	(void)state;
	float score[200];
	bool positive[200];
	uint32_t order[200];
	uint64_t seed = 7;
	for (int round = 0; round < 300; round++) {
		int n = 2 + round % 199, steps = 1 + round % 17; /* few steps: many equals */
		for (int i = 0; i < n; i++) {
			score[i] = (float)floor(chance(&seed) * steps);
			positive[i] = chance(&seed) < 0.4;
		}
		positive[0] = true;
		positive[n - 1] = false;
		near(lepton_auc(score, positive, order, n), by_pairs(score, positive, n));
	}
	const float rising[4] = {1, 2, 3, 4};
	near(lepton_auc(rising, (const bool[]){false, false, true, true}, order, 4), 1);
	near(lepton_auc(rising, (const bool[]){true, true, false, false}, order, 4), 0);
	assert_true(isnan(lepton_auc(rising, (const bool[]){true, true, true, true}, order, 4)));
	assert_true(isnan(lepton_auc(rising, (const bool[]){false, false, false, false}, order, 4)));
	assert_true(isnan(lepton_auc(rising, positive, order, 0)));
}

/* ---- classes ---- */

static const float three[7][3] = {{0, 0, 0}, /* the training sample */
	{0.7f, 0.2f, 0.1f}, {0.6f, 0.3f, 0.1f}, {0.2f, 0.5f, 0.3f}, {0.1f, 0.8f, 0.1f}, {0.5f, 0.4f, 0.1f}, {0.4f, 0.4f, 0.2f}};
static const uint8_t three_labels[7] = {2, 0, 0, 0, 1, 1, 1};

/* Said: 0 0 1 1 0 0 (of equals the first); the third class has no sample. */
static void test_by_hand(void **state)
{
	(void)state;
	struct lepton_metrics m = compute(three[0], three_labels, NULL, 7, 3);
	const int64_t confusion[9] = {2, 1, 0, 2, 1, 0, 0, 0, 0};
	assert_int_equal(m.samples, 6);
	assert_int_equal(m.classes, 3);
	assert_memory_equal(m.confusion, confusion, sizeof confusion);
	near(m.accuracy, 3.0 / 6);
	near(m.each[0].precision, 2.0 / 4);
	near(m.each[0].recall, 2.0 / 3);
	near(m.each[0].f1, 4.0 / 7);
	near(m.each[1].precision, 1.0 / 2);
	near(m.each[1].recall, 1.0 / 3);
	near(m.each[1].f1, 2.0 / 5);
	near(m.each[2].precision, 0);
	near(m.each[2].recall, 0);
	near(m.each[2].f1, 0);
	near(m.each[0].auc, 7.0 / 9); /* .7 .6 .2 against .1 .5 .4 */
	near(m.each[1].auc, 7.0 / 9); /* .8 .4 .4 against .2 .3 .5 */
	assert_true(isnan(m.each[2].auc) && isnan(m.top_accuracy));
	near(m.precision, 1.0 / 2);
	near(m.recall, 1.0 / 2);
	near(m.f1, (4.0 / 7 + 2.0 / 5) / 2);
	near(m.auc, 7.0 / 9);
	assert_int_equal(m.each[0].support, 3);
	assert_int_equal(m.each[0].said, 4);
	lepton_metrics_clear(&m);
	assert_null(m.confusion);
}

static void test_two_classes(void **state)
{
	(void)state;
	static const float p[5][2] = {{0, 0}, {0.9f, 0.1f}, {0.3f, 0.7f}, {0.6f, 0.4f}, {0.2f, 0.8f}};
	static const uint8_t labels[5] = {0, 0, 0, 1, 1};
	struct lepton_metrics m = compute(p[0], labels, NULL, 5, 2);
	near(m.auc, 3.0 / 4);
	near(m.each[0].auc, 3.0 / 4);
	lepton_metrics_clear(&m);
}

/* More samples than are asked about at once, and equals among the probabilities. */
static void test_many(void **state)
{
	(void)state;
	static float p[MOST][CLASSES_MOST];
	static uint8_t labels[MOST];
	int64_t confusion[CLASSES_MOST][CLASSES_MOST] = {{0}}, near_enough = 0, right = 0;
	uint64_t seed = 3;
	for (int i = 0; i < MOST; i++) {
		labels[i] = (uint8_t)(chance(&seed) * CLASSES_MOST);
		for (int c = 0; c < CLASSES_MOST; c++)
			p[i][c] = (float)floor(chance(&seed) * 12) / 12 + (c == labels[i] ? 0.25f : 0);
	}
	for (int i = 1; i < MOST; i++) {
		int taken[CLASSES_MOST] = {0};
		for (int place = 0; place < CLASSES_MOST; place++) {
			int best = -1;
			for (int c = 0; c < CLASSES_MOST; c++)
				if (!taken[c] && (best < 0 || p[i][c] > p[i][best]))
					best = c;
			taken[best] = 1;
			near_enough += best == labels[i] && place < LEPTON_TOP;
			right += best == labels[i] && place == 0;
			confusion[labels[i]][best] += place == 0;
		}
	}
	struct lepton_metrics m = compute(p[0], labels, NULL, MOST, CLASSES_MOST);
	assert_memory_equal(m.confusion, confusion, sizeof confusion);
	near(m.accuracy, (double)right / (MOST - 1));
	near(m.top_accuracy, (double)near_enough / (MOST - 1));
	double sum = 0;
	for (int c = 0; c < CLASSES_MOST; c++) {
		static float score[MOST];
		static bool positive[MOST];
		for (int i = 1; i < MOST; i++) {
			score[i - 1] = p[i][c];
			positive[i - 1] = labels[i] == c;
		}
		near(m.each[c].auc, by_pairs(score, positive, MOST - 1));
		sum += m.each[c].auc;
	}
	near(m.auc, sum / CLASSES_MOST);
	lepton_metrics_clear(&m);
}

/* ---- quantities ---- */

static void test_quantities(void **state)
{
	(void)state;
	static const float answers[5] = {0, 1, 2, 4, 4}, targets[5] = {9, 1, 3, 2, 6};
	struct lepton_metrics m = compute(answers, NULL, targets, 5, 0); /* off by 0, -1, 2, -2; the mean is 3 */
	assert_int_equal(m.classes, 0);
	near(m.rmse, sqrt(9.0 / 4));
	near(m.mean_absolute_error, 5.0 / 4);
	near(m.r2, 1 - 9.0 / 14);
	char *json = lepton_metrics_to_json(&m, NULL);
	assert_string_equal(json, "{\"samples\":4,\"rmse\":1.5,\"mean_absolute_error\":1.25,\"r2\":0.3571428571428571}");
	free(json);
	lepton_metrics_clear(&m);
}

/* ---- as JSON ---- */

static void test_json(void **state)
{
	(void)state;
	const char *const names[] = {"night", "\"day\"", "never"};
	struct lepton_metrics m = compute(three[0], three_labels, NULL, 7, 3);
	char *text = lepton_metrics_to_json(&m, names);
	cJSON *json = cJSON_Parse(text);
	assert_non_null(json);
	const cJSON *classes = cJSON_GetObjectItem(json, "classes"), *day = cJSON_GetArrayItem(classes, 1);
	const cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "confusion"), 1);
	assert_int_equal(cJSON_GetArraySize(classes), 3);
	assert_string_equal(cJSON_GetObjectItem(day, "name")->valuestring, "\"day\"");
	near(cJSON_GetObjectItem(day, "f1")->valuedouble, 0.4);
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetArrayItem(classes, 2), "auc")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "top_5_accuracy")));
	near(cJSON_GetObjectItem(json, "auc")->valuedouble, 7.0 / 9);
	assert_int_equal(cJSON_GetArrayItem(row, 0)->valueint, 2);
	cJSON_Delete(json);
	free(text);
	lepton_metrics_clear(&m);
}

/* ---- endings ---- */

static bool twice(void *arg)
{
	int *calls = arg;
	return ++*calls < 3;
}

static void test_endings(void **state)
{
	(void)state;
	static float p[MOST][2];
	static uint8_t labels[MOST];
	struct lepton_dataset *data = make_set(labels, NULL, MOST, 2);
	struct told told = {{&ops}, p[0], 2, 0};
	struct lepton_metrics m;
	struct lepton_error err = {0};
	int calls = 0;
	assert_int_equal(lepton_metrics_compute(&told.base, data, LEPTON_TEST, twice, &calls, &m, &err), LEPTON_E_CANCELED);
	assert_int_equal(calls, 3);
	assert_null(m.confusion);
	assert_int_equal(lepton_metrics_compute(&told.base, data, LEPTON_VALIDATION, NULL, NULL, &m, &err), LEPTON_E_STATE);
	told.code = LEPTON_E_NOMEM;
	assert_int_equal(lepton_metrics_compute(&told.base, data, LEPTON_TEST, NULL, NULL, &m, &err), LEPTON_E_NOMEM);
	assert_string_equal(err.message, "told to fail");
	told.base.ops = &foreign;
	assert_int_equal(lepton_metrics_compute(&told.base, data, LEPTON_TEST, NULL, NULL, &m, &err), LEPTON_E_UNSUPPORTED);
	assert_null(m.each);
	lepton_dataset_release(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_auc),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_two_classes),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_quantities),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_endings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
