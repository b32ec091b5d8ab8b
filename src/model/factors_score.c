/* model/factors_score.c - the ratings that factors foretell, and figures over them. */
#include "config.h"
#include "model/score.h"
#include "model/factors.h"

#include <inttypes.h>
#include <math.h>

/* -1: not known. */
static int64_t number_of(const struct lepton__factor_side *side, float value)
{
	return value >= 0 && value < (float)side->count ? (int64_t)value : -1;
}

float lepton__factors_rating(const struct lepton__factors *model, const float *pair)
{
	int64_t u = number_of(&model->side[0], pair[0]), v = number_of(&model->side[1], pair[1]);
	float rating = model->mean, product = 0;
	rating += u < 0 ? 0 : model->side[0].bias[u];
	rating += v < 0 ? 0 : model->side[1].bias[v];
	if (u < 0 || v < 0)
		return rating;
	const float *p = model->side[0].factors + u * model->k, *q = model->side[1].factors + v * model->k;
	for (int f = 0; f < model->k; f++)
		product += p[f] * q[f];
	return rating + product;
}

struct job {
	struct lepton__factors *model;
	enum lepton_split split;
	int64_t from, to;
};

static void score_part(void *arg, int part)
{
	const struct job *job = arg;
	struct lepton__factors *model = job->model;
	const float *values = lepton_dataset_values(model->data, job->split),
		    *targets = lepton_dataset_targets(model->data, job->split);
	int64_t n = job->to - job->from, to = job->from + n * (part + 1) / LEPTON__FACTOR_PARTS;
	double sum = 0;
	for (int64_t i = job->from + n * part / LEPTON__FACTOR_PARTS; i < to; i++)
		sum += pow((double)lepton__factors_rating(model, values + 2 * i) - (double)targets[i], 2);
	model->part_sum[part] = sum;
}

int lepton__factors_evaluate(struct lepton_learner *learner, const struct lepton_team *team,
	enum lepton_split split, int64_t from, int64_t to, struct lepton_score *score,
	struct lepton_error *err)
{
	struct lepton__factors *model = (struct lepton__factors *)learner;
	double sum = 0;
	int code = lepton__score_begin(model->data, split, from, to, score, err);
	if (code || from == to)
		return code;
	struct job job = {model, split, from, to};
	team->run(team, LEPTON__FACTOR_PARTS, score_part, &job);
	for (int p = 0; p < LEPTON__FACTOR_PARTS; p++)
		sum += model->part_sum[p];
	score->samples = to - from;
	score->loss = sum / (double)score->samples;
	return LEPTON_OK;
}

int lepton__factors_predict(
	struct lepton_learner *learner, const float *x, int64_t n, float *out, struct lepton_error *err)
{
	const struct lepton__factors *model = (const struct lepton__factors *)learner;
	if (n < 0)
		return lepton_error_set(err, LEPTON_E_USAGE, "cannot predict %" PRId64 " ratings", n);
	for (int64_t i = 0; i < n; i++)
		out[i] = lepton__factors_rating(model, x + 2 * i);
	return LEPTON_OK;
}
