/* model/sweep.c - which settings of many versions went with a good goal.
 *
 * The forest is our own learner, given the settings as a table and the goal as its target. Goals are put to
 * mean 0 and deviation 1 first, so that differences in the fourth digit of an accuracy are not lost in
 * float32.
 */
#include "config.h"
#include "lepton/model.h"
#include "lepton/sweep.h"
#include "model/importance.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FOREST "{\"n_estimators\":100,\"max_features\":1,\"min_samples_leaf\":2}"
#define SEED 1

/* The rows that have a goal. */
struct table {
	float *values, *goal;
	size_t rows, settings;
};

/* ---- Spearman's correlation ---- */

struct ranked {
	double value, rank;
	size_t row;
};

static int by_value(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	return x->value < y->value ? -1 : x->value > y->value;
}

static int by_row(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* Equal values share the mean of their places. */
static void rank(struct ranked *list, size_t n)
{
	qsort(list, n, sizeof *list, by_value);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !(list[end].value > list[i].value); end++)
			;
		for (size_t k = i; k < end; k++)
			list[k].rank = (double)(i + end - 1) / 2;
	}
	qsort(list, n, sizeof *list, by_row);
}

static double pearson(const struct ranked *a, const struct ranked *b, size_t n)
{
	const double middle = (double)(n - 1) / 2; /* the mean of all places */
	double ab = 0, aa = 0, bb = 0;
	for (size_t i = 0; i < n; i++) {
		const double x = a[i].rank - middle, y = b[i].rank - middle;
		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : (double)NAN;
}

static double correlation(const struct table *t, size_t setting, struct ranked *a, struct ranked *b)
{
	size_t n = 0;
	for (size_t r = 0; r < t->rows; r++) {
		const float value = t->values[r * t->settings + setting];
		if (isnan(value))
			continue;
		a[n] = (struct ranked){.value = (double)value, .row = n};
		b[n] = (struct ranked){.value = (double)t->goal[r], .row = n};
		n++;
	}
	if (n < 3)
		return (double)NAN;
	rank(a, n);
	rank(b, n);
	return pearson(a, b, n);
}

static int correlate(const struct table *t, struct lepton_sweep *out, struct lepton_error *err)
{
	struct ranked *a = lepton__calloc(t->rows + 1, sizeof *a),
		      *b = lepton__calloc(t->rows + 1, sizeof *b);
	bool there = a && b;
	for (size_t s = 0; s < t->settings && there; s++)
		out->correlation[s] = correlation(t, s, a, b);
	lepton__free(a);
	lepton__free(b);
	return there ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory comparing settings");
}

/* ---- the forest ---- */

static int grow(struct lepton_learner *learner, struct lepton_error *err)
{
	struct lepton_step_result result = {.finished = false};
	int code = LEPTON_OK;
	while (!code && !result.finished)
		code = learner->ops->step(learner, &lepton_team_alone, &result, err);
	return code;
}

/* Features are called "1", "2", …; those that no split goes by are not named. */
static void take_shares(const char *json, size_t settings, double *out)
{
	cJSON *list = cJSON_Parse(json);
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		const long number = strtol(lepton__json_get_string(item, "feature", "0"), NULL, 10);
		if (number >= 1 && (size_t)number <= settings)
			out[number - 1] = lepton__json_get_number(item, "share", 0);
	}
	cJSON_Delete(list);
}

static int learn(struct lepton_dataset *data, size_t settings, double *out, struct lepton_error *err)
{
	struct lepton_learner *learner = NULL;
	struct lepton_params *weights = NULL;
	const struct lepton_learner_ops *ops = lepton_learner_find("random_forest");
	int code = ops->create(FOREST, SEED, data, &learner, err);
	if (!code)
		code = grow(learner, err);
	if (!code)
		code = ops->weights(learner, &weights, err);
	char *json = code ? NULL : lepton__importance(weights, lepton_dataset_info(data));
	for (size_t s = 0; s < settings; s++)
		out[s] = json ? 0 : (double)NAN;
	if (json)
		take_shares(json, settings, out);
	lepton__free(json);
	lepton_params_release(weights);
	if (learner)
		ops->destroy(learner);
	return code;
}

/* False: they are all the same. */
static bool standardize(float *goal, const double *from, size_t n)
{
	double mean = 0, squares = 0;
	for (size_t i = 0; i < n; i++)
		mean += from[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (from[i] - mean) * (from[i] - mean);
	const double deviation = sqrt(squares / (double)n);
	for (size_t i = 0; i < n && deviation > 0; i++)
		goal[i] = (float)((from[i] - mean) / deviation);
	return deviation > 0;
}

static int judge(const struct table *t, struct lepton_sweep *out, struct lepton_error *err)
{
	struct lepton_dataset *data = NULL;
	int code = correlate(t, out, err);
	if (code || t->rows < LEPTON_SWEEP_LEAST || t->settings == 0)
		return code;
	code = lepton_dataset_from_f32(
		t->values, NULL, t->goal, (int64_t)t->rows, 0, (int64_t)t->settings, 0, 0, &data, err);
	if (!code)
		code = learn(data, t->settings, out->importance, err);
	lepton_dataset_release(data);
	return code;
}

/* Rows with a finite goal, together at the front; false: out of memory. */
static bool take_rows(struct table *t, const float *values, const double *goal, size_t rows, double *goals)
{
	t->values = lepton__calloc(rows * t->settings + 1, sizeof *t->values);
	t->goal = lepton__calloc(rows + 1, sizeof *t->goal);
	for (size_t r = 0; r < rows && t->values && t->goal; r++) {
		if (!isfinite(goal[r]))
			continue;
		for (size_t s = 0; s < t->settings; s++) {
			const float value = values[r * t->settings + s];
			t->values[t->rows * t->settings + s] = isfinite(value) ? value : NAN;
		}
		goals[t->rows++] = goal[r];
	}
	return t->values && t->goal;
}

int lepton_sweep_judge(const float *values, const double *goal, size_t rows, size_t settings,
	struct lepton_sweep *out, struct lepton_error *err)
{
	struct table t = {.settings = settings};
	for (size_t s = 0; s < LEPTON_SWEEP_SETTINGS; s++)
		out->importance[s] = out->correlation[s] = (double)NAN;
	out->rows = 0;
	if (settings > LEPTON_SWEEP_SETTINGS)
		return lepton_error_set(err, LEPTON_E_USAGE, "%zu settings are too many: %d at most",
			settings, LEPTON_SWEEP_SETTINGS);
	double *goals = lepton__calloc(rows + 1, sizeof *goals);
	int code = goals && take_rows(&t, values, goal, rows, goals)
			   ? LEPTON_OK
			   : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory comparing settings");
	out->rows = t.rows;
	if (!code && t.rows && standardize(t.goal, goals, t.rows))
		code = judge(&t, out, err);
	lepton__free(goals);
	lepton__free(t.values);
	lepton__free(t.goal);
	return code;
}
