/* train/job_fuse.c - several snapshots into one version. Every parent is scored as it is now, so that the
 * weights by validation loss, and the figures shown, are of the very weights that were fused. Methods that
 * try what they make are helped with the validation split only.
 */
#include "config.h"
#include "lepton/fuse.h"
#include "train/fuse_help.h"
#include "train/outside.h"
#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

struct work {
	struct lepton__job *job;
	int count;
	bool ensemble; /* all parents are kept, and may be of any kind */
	bool stacks;   /* likewise, and a model of what they say counts */
	struct lepton__version *versions[LEPTON_MAX_PARENTS], *made;
	struct lepton_params *weights[LEPTON_MAX_PARENTS], *fused;
	struct lepton__figures figures[LEPTON_MAX_PARENTS], after;
	struct lepton__fuse_desk desk;
	int64_t step;
	double epoch;
};

static int snapshots(struct lepton__job *job, struct work *w, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int i = 0; i < job->command->count && !code; i++) {
		int64_t step;
		double epoch;
		code = lepton__job_version(job, i, &w->versions[i], err);
		if (!code)
			code = w->ensemble ? lepton__ensemble_refuse(job, w->versions[i], err)
					   : lepton__job_refuse_discrete(job, w->versions[i], err);
		if (!code)
			code = lepton__job_snapshot(job, w->versions[i], &w->weights[i], &step, &epoch, err);
		if (code)
			break;
		w->count = i + 1;
		w->step = step > w->step ? step : w->step;
		w->epoch = epoch > w->epoch ? epoch : w->epoch;
	}
	return code;
}

static int fuse(struct lepton__job *job, struct work *w, struct lepton_error *err)
{
	struct lepton_fuse_parent parents[LEPTON_MAX_PARENTS];
	for (int i = 0; i < w->count; i++) {
		struct lepton__version *v = w->versions[i];
		parents[i] = (struct lepton_fuse_parent){
			v->name, w->weights[i], w->figures[i].validation.loss, v->samples};
	}
	w->desk.learner = w->made->learner;
	const struct lepton_fuse_help help = lepton__fuse_help(&w->desk);
	return lepton_fuse_with(job->method, parents, (size_t)w->count,
		lepton_text_get(job->command->settings), &help, &w->fused, err);
}

/* Shapes and settings are refused before minutes go into scoring. */
static int check(struct lepton__job *job, struct work *w, struct lepton_error *err)
{
	const struct lepton_fuser *method;
	char what[96];
	int code = lepton_fuser_find(job->method, &method, err);
	snprintf(what, sizeof what, "fuse %s", job->method);
	if (!code)
		code = lepton_options_check(
			method->options, lepton_text_get(job->command->settings), what, err);
	if (!code && job->command->count < 2)
		code = lepton_error_set(
			err, LEPTON_E_USAGE, "fuse takes two versions or more: mark them first");
	if (!code)
		code = snapshots(job, w, err);
	for (int i = 1; i < w->count && !code && !w->ensemble; i++) {
		struct lepton_error why;
		if (lepton_params_match(w->weights[0], w->weights[i], &why))
			code = lepton_error_set(err, LEPTON_E_SHAPE, "%s and %s cannot be fused by %s: %s",
				w->versions[0]->name, w->versions[i]->name, job->method, why.message);
	}
	return code;
}

static int score_all(struct lepton__job *job, struct work *w, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int i = 0; i < w->count && !code; i++) {
		lepton__job_span(job, 0.8 * i / w->count, 0.8 * (i + 1) / w->count);
		code = lepton__job_score(job, w->made->learner, w->weights[i], &w->figures[i], err);
		lepton__outside_figures(job->engine, w->versions[i], &w->figures[i]);
		lepton__job_progress(job, 0.8 * (i + 1) / w->count);
	}
	if (!code)
		code = fuse(job, w, err);
	lepton__job_span(job, 0.8, 1);
	return code ? code : lepton__job_score(job, w->made->learner, w->fused, &w->after, err);
}

static int best(const struct work *w)
{
	int best = 0;
	for (int i = 1; i < w->count; i++)
		if (lepton__score_better(&w->figures[i].test, &w->figures[best].test))
			best = i;
	return best;
}

static struct lepton_text *operation(const struct lepton__job *job, const struct work *w)
{
	struct lepton__buffer out;
	const char *settings = lepton_text_get(job->command->settings);
	int64_t bytes = lepton_params_bytes(w->fused);
	lepton__buffer_init(&out, (size_t)1 << 20);
	lepton__buffer_string(&out, "{\"op\":\"fuse\",\"method\":");
	lepton__json_string(&out, job->method);
	lepton__buffer_printf(&out, ",\"settings\":%s,\"parents\":[", *settings ? settings : "{}");
	lepton__job_parents(&out, w->versions, w->weights, w->figures, w->count);
	lepton__buffer_string(&out, "]");
	if (*lepton_text_get(w->desk.found))
		lepton__buffer_printf(&out, ",\"found\":%s", lepton_text_get(w->desk.found));
	lepton__buffer_string(&out, ",\"before\":"); /* the best parent */
	lepton__job_figures(&out, bytes, &w->figures[best(w)]);
	lepton__buffer_string(&out, ",\"after\":");
	lepton__job_figures(&out, bytes, &w->after);
	lepton__buffer_string(&out, "}");
	struct lepton_text *text = out.failed ? NULL : lepton_text_new(out.data);
	lepton__buffer_free(&out);
	return text;
}

static int publish(struct lepton__job *job, struct work *w, struct lepton_error *err)
{
	struct lepton_checkpoint *c = lepton__calloc(1, sizeof *c);
	struct lepton__version *made = w->made;
	if (!c)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	c->references = 1;
	c->state.weights = lepton_params_retain(w->fused);
	c->state.step = w->step;
	c->state.epoch = w->epoch;
	made->operation = operation(job, w);
	for (int i = 0; i < w->count; i++)
		made->parents[made->parent_count++] = w->versions[i]->id;
	if (made->ops->foreign)
		snprintf(job->message, sizeof job->message, "%s: %s is made; only its program can score it",
			job->method, made->name);
	else
		snprintf(job->message, sizeof job->message,
			"%s: %s has test %s %.4f; its best parent %.4f", job->method, made->name,
			lepton__score_word(&w->after.test), lepton__score_quality(&w->after.test),
			lepton__score_quality(&w->figures[best(w)].test));
	w->made = NULL;
	return lepton__job_publish(job, made, c, &w->after, err);
}

static double l2_of(const struct lepton__job *job)
{
	return lepton_options_number(
		lepton_fuse_stacking.options, lepton_text_get(job->command->settings), "l2");
}

static int run(struct lepton__job *job, struct work *w, struct lepton_error *err)
{
	char name[LEPTON_NAME_MAX];
	int code = check(job, w, err);
	if (code)
		return code;
	lepton__job_name(job, "fused", name);
	code = lepton_name_check(name, err);
	if (!code && w->ensemble) {
		struct lepton__stacking stacking = {.l2 = w->stacks ? l2_of(job) : 0};
		code = lepton__ensemble_make(job, name, w->versions, w->weights, w->count,
			w->stacks ? &stacking : NULL, w->figures, &w->made, &w->fused, err);
		lepton__job_span(job, 0.6, 1);
		if (!code)
			code = lepton__job_score(job, w->made->learner, w->fused, &w->after, err);
		if (w->stacks)
			w->after.validation = stacking.score;
		return code ? code : publish(job, w, err);
	}
	if (!code)
		code = lepton__version_new(job->engine, name, w->versions[0]->learner_name,
			w->versions[0]->config, w->versions[0]->seed, 1, &w->made, err);
	if (!code)
		code = score_all(job, w, err);
	return code ? code : publish(job, w, err);
}

int lepton__job_fuse(struct lepton__job *job, struct lepton_error *err)
{
	struct work w = {
		.job = job, .desk.job = job, .stacks = strcmp(job->method, lepton_fuse_stacking.name) == 0};
	w.ensemble = w.stacks || strcmp(job->method, lepton_fuse_ensemble.name) == 0;
	int code = run(job, &w, err);
	lepton__version_free(w.made);
	for (int i = 0; i < LEPTON_MAX_PARENTS; i++)
		lepton_params_release(w.weights[i]);
	lepton_params_release(w.fused);
	lepton_text_release(w.desk.found);
	return code;
}
