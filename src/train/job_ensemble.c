/* train/job_ensemble.c - "fuse" with the methods "ensemble" and "stacking": the learner that asks all
 * parents. */
#include "config.h"
#include "train/jobs.h"
#include "base/json.h"
#include "base/memory.h"
#include "model/ensemble.h"

#include <string.h>

int lepton__ensemble_refuse(
	const struct lepton__job *job, const struct lepton__version *v, struct lepton_error *err)
{
	const struct lepton_learner_ops *ops = v->ops;
	if (ops->foreign)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"fuse %s: only its own program knows what %s says: leave it out", job->method,
			v->name);
	if (ops == &lepton__learner_ensemble)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"fuse %s: %s is an ensemble itself: take its members instead", job->method, v->name);
	return LEPTON_OK;
}

static char *config_of(struct lepton__version *const *versions, int count, bool stacks)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, (size_t)1 << 24);
	lepton__buffer_string(&out, "{\"members\":[");
	for (int i = 0; i < count; i++) {
		lepton__buffer_string(&out, i ? ",{\"name\":" : "{\"name\":");
		lepton__json_string(&out, versions[i]->name);
		lepton__buffer_string(&out, ",\"learner\":");
		lepton__json_string(&out, versions[i]->learner_name);
		lepton__buffer_string(&out, ",\"config\":");
		lepton__buffer_string(&out, versions[i]->config);
		lepton__buffer_string(&out, "}");
	}
	lepton__buffer_string(&out, stacks ? "],\"stack\":true}" : "]}");
	char *text = lepton__buffer_take(&out);
	lepton__buffer_free(&out);
	return text;
}

/* The parents as they are: each by a learner of its own. */
static int score_one(struct lepton__job *job, const struct lepton__version *v,
	const struct lepton_params *weights, struct lepton__figures *figures, struct lepton_error *err)
{
	struct lepton_learner *learner;
	int code = lepton__job_learner(job, v, &learner, err);
	if (code)
		return code;
	code = lepton__job_score(job, learner, weights, figures, err);
	learner->ops->destroy(learner);
	return code;
}

/* The joined weights, with the model that they are stacked by. */
static int stack(struct lepton__version *made, struct lepton__stacking *stacking, struct lepton_params **all,
	struct lepton_error *err)
{
	struct lepton_params *joined = *all;
	*all = NULL;
	int code = lepton__ensemble_stack(made->learner, joined, stacking->l2, &stacking->score, all, err);
	lepton_params_release(joined);
	return code;
}

int lepton__ensemble_new(struct lepton__job *job, const char *name, struct lepton__version *const *versions,
	struct lepton_params *const *weights, int count, struct lepton__stacking *stacking,
	struct lepton__version **made, struct lepton_params **all, struct lepton_error *err)
{
	char *config = config_of(versions, count, stacking != NULL);
	if (!config)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for an ensemble");
	int code = lepton__version_new(
		job->engine, name, lepton__learner_ensemble.name, config, versions[0]->seed, 1, made, err);
	lepton__free(config);
	if (!code)
		code = lepton__ensemble_join(weights, (size_t)count, all, err);
	if (!code && stacking)
		code = stack(*made, stacking, all, err);
	if (!code) {
		(*made)->parameters = lepton_params_values(*all);
		(*made)->bytes = (*made)->raw_bytes = lepton_params_bytes(*all);
	}
	return code;
}

int lepton__ensemble_make(struct lepton__job *job, const char *name, struct lepton__version *const *versions,
	struct lepton_params *const *weights, int count, struct lepton__stacking *stacking,
	struct lepton__figures *figures, struct lepton__version **made, struct lepton_params **all,
	struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int i = 0; i < count && !code; i++) {
		lepton__job_span(job, 0.6 * i / count, 0.6 * (i + 1) / count);
		code = score_one(job, versions[i], weights[i], &figures[i], err);
		lepton__job_progress(job, 0.6 * (i + 1) / count);
	}
	return code ? code
		    : lepton__ensemble_new(job, name, versions, weights, count, stacking, made, all, err);
}
