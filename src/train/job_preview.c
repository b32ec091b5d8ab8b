/* train/job_preview.c - "preview": every way to fuse some versions, each made with its default settings,
 * scored on the validation split, and thrown away again.
 *
 * People, like the method "auto", choose by the validation split; the test split is not looked at. A method
 * that refuses these versions says why in its row and does not keep the others from theirs: an ensemble takes
 * versions of unlike shapes and kinds. After each method the table so far goes out as the detail of the job's
 * progress. Nothing is kept but the last table, so that giving it up loses nothing.
 */
#include "config.h"
#include "fuse/preview.h"
#include "train/fuse_help.h"
#include "base/clock.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

struct work {
	struct lepton__job *job;
	struct lepton__version *versions[LEPTON_MAX_PARENTS], *scratch;
	struct lepton_params *weights[LEPTON_MAX_PARENTS];
	int count;
	struct lepton__fuse_desk desk;
	struct lepton_error no_mean; /* why no method but ensemble takes them; 0: they do */
	size_t steps, done;
	struct lepton_preview table;
};

/* The table as it is now goes out with the progress. */
static int tell(struct work *w, struct lepton_error *err)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, (size_t)1 << 20);
	lepton__preview_write(&out, &w->table);
	lepton_text_release(w->job->detail);
	w->job->detail = out.failed ? NULL : lepton_text_new(out.data);
	lepton__buffer_free(&out);
	if (!w->job->detail)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	lepton__job_progress(w->job, (double)w->done / (double)w->steps);
	return LEPTON_OK;
}

/* Faults of the machine or of the user, not of what is tried. */
static bool ends_all(int code)
{
	return code == LEPTON_E_NOMEM || code == LEPTON_E_CANCELED;
}

/* The reason without the "fuse average: " before it, which the row says already. */
static void refuse(struct lepton_preview_row *row, const struct lepton_error *why)
{
	const char *text = why->message, *colon = strstr(text, ": ");
	const bool prefixed = strncmp(text, "fuse ", 5) == 0 || strncmp(text, "preview ", 8) == 0;
	row->state = LEPTON_PREVIEW_REFUSED;
	lepton__copy_name(row->why, sizeof row->why, prefixed && colon ? colon + 2 : text);
}

static int score(struct work *w, struct lepton_learner *learner, const struct lepton_params *weights,
	struct lepton_preview_row *row, struct lepton_error *err)
{
	struct lepton_score found;
	int code = lepton__job_score_on(w->job, learner, weights, LEPTON_VALIDATION, &found, err);
	if (code)
		return code;
	row->val_loss = found.loss;
	row->val_accuracy = found.accuracy;
	row->bytes = lepton_params_bytes(weights);
	row->state = LEPTON_PREVIEW_SCORED;
	return LEPTON_OK;
}

/* What came of a row: a fault is its reason, or the end of all. (Whoever succeeds may have tried things in
 * vain, and left their sentences behind.) */
static int settle(struct work *w, struct lepton_preview_row *row, int code, const struct lepton_error *fault,
	struct lepton_error *err)
{
	if (ends_all(code)) {
		if (err)
			*err = *fault;
		return code;
	}
	if (code)
		refuse(row, fault);
	w->done++;
	return tell(w, err);
}

/* ---- the versions ---- */

static int score_parent(struct work *w, const struct lepton__version *v, const struct lepton_params *weights,
	struct lepton_preview_row *row, struct lepton_error *err)
{
	struct lepton_learner *learner;
	if (v->ops->foreign)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED, "only its own program can score it");
	int code = lepton__job_learner(w->job, v, &learner, err);
	if (code)
		return code;
	code = score(w, learner, weights, row, err);
	learner->ops->destroy(learner);
	return code;
}

static int take(struct work *w, int i, struct lepton_error *err)
{
	struct lepton_preview_row *row = &w->table.parents[i];
	struct lepton__version *v;
	int code = lepton__job_version(w->job, i, &v, err);
	*row = (struct lepton_preview_row){
		.val_loss = (double)NAN, .val_accuracy = (double)NAN, .seconds = (double)NAN};
	if (!code)
		code = lepton__job_snapshot(w->job, v, &w->weights[i], &row->step, NULL, err);
	if (code && v && v->ops->foreign)
		code = LEPTON_OK; /* its program gives none; nothing asks for them below */
	if (code)
		return code;
	row->id = v->id;
	lepton__copy_name(row->name, sizeof row->name, v->name);
	w->versions[i] = v;
	w->count = i + 1;
	w->table.parent_count = (size_t)w->count;
	if (!w->no_mean.code && v->ops->foreign)
		(void)lepton_error_set(&w->no_mean, LEPTON_E_UNSUPPORTED,
			"only the program of %s can score what is made of it", v->name);
	else if (!w->no_mean.code && v->ops->discrete)
		(void)lepton_error_set(&w->no_mean, LEPTON_E_UNSUPPORTED,
			"%s is a %s, whose weights have no mean", v->name, v->learner_name);
	return LEPTON_OK;
}

static int score_parents(struct work *w, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int i = 0; i < w->count && !code; i++) {
		struct lepton_error fault = {0};
		code = score_parent(w, w->versions[i], w->weights[i], &w->table.parents[i], &fault);
		code = settle(w, &w->table.parents[i], code, &fault, err);
	}
	return code;
}

/* ---- the methods ---- */

static int fuse(struct work *w, struct lepton_preview_row *row, struct lepton_error *err)
{
	struct lepton_fuse_parent parents[LEPTON_MAX_PARENTS];
	struct lepton_fuse_help help;
	struct lepton_params *made = NULL;
	if (w->no_mean.code) {
		*err = w->no_mean;
		return err->code;
	}
	for (int i = 0; i < w->count; i++)
		parents[i] = (struct lepton_fuse_parent){w->versions[i]->name, w->weights[i],
			w->table.parents[i].val_loss, w->versions[i]->samples};
	w->desk.learner = w->scratch->learner;
	help = lepton__fuse_help(&w->desk);
	help.report = NULL;
	int code = lepton_fuse_with(row->name, parents, (size_t)w->count, NULL, &help, &made, err);
	if (!code)
		code = score(w, w->desk.learner, made, row, err);
	lepton_params_release(made);
	return code;
}

static int ensemble(struct work *w, struct lepton_preview_row *row, struct lepton_error *err)
{
	struct lepton__version *made = NULL;
	struct lepton_params *all = NULL;
	int code = LEPTON_OK;
	for (int i = 0; i < w->count && !code; i++)
		code = lepton__ensemble_refuse(w->job, w->versions[i], err);
	if (!code)
		code = lepton__ensemble_new(
			w->job, "preview", w->versions, w->weights, w->count, NULL, &made, &all, err);
	if (!code)
		code = score(w, made->learner, all, row, err);
	lepton__version_free(made);
	lepton_params_release(all);
	return code;
}

static int try_method(struct work *w, struct lepton_preview_row *row, struct lepton_error *err)
{
	struct lepton_error fault = {0};
	if (lepton__job_ending(w->job))
		return lepton_error_set(err, LEPTON_E_CANCELED, "given up at %s", row->name);
	const double begun = lepton__monotonic();
	int code = strcmp(row->name, lepton_fuse_ensemble.name) == 0 ? ensemble(w, row, &fault)
								     : fuse(w, row, &fault);
	row->seconds = lepton__monotonic() - begun;
	return settle(w, row, code, &fault, err);
}

static int try_methods(struct work *w, struct lepton_error *err)
{
	const struct lepton__version *like = w->versions[0];
	int code = w->no_mean.code ? LEPTON_OK
				   : lepton__version_new(w->job->engine, like->name, like->learner_name,
					     like->config, like->seed, 1, &w->scratch, err);
	for (size_t i = 0; i < w->table.method_count && !code; i++)
		if (w->table.methods[i].state == LEPTON_PREVIEW_WAITS)
			code = try_method(w, &w->table.methods[i], err);
	return code;
}

/* ---- the job ---- */

static int check(struct work *w, struct lepton_error *err)
{
	const struct lepton_command *command = w->job->command;
	w->table.samples = lepton_dataset_count(w->job->engine->data, LEPTON_VALIDATION);
	if (command->count < 2)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "preview takes two versions or more, not %d", command->count);
	int code = lepton_options_check(
		(const struct lepton_option[]){{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL}},
		lepton_text_get(command->settings), "preview", err);
	if (!code && !w->table.samples)
		code = lepton_error_set(err, LEPTON_E_STATE,
			"a preview scores on validation samples, and there are none: set validation_split");
	return code;
}

static int finish(struct work *w, struct lepton_error *err)
{
	const struct lepton_preview_row *best = lepton_preview_best(&w->table);
	char *text = best ? lepton__format("preview: %s has the lowest validation loss, %.4f", best->name,
				    best->val_loss)
			  : lepton__format("preview: no method makes a version with a validation loss");
	if (!text)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	lepton__copy_name(w->job->message, sizeof w->job->message, text);
	lepton__free(text);
	w->table.done = true;
	return tell(w, err);
}

static int run(struct work *w, struct lepton_error *err)
{
	lepton_preview_init(&w->table);
	int code = check(w, err);
	for (int i = 0; i < w->job->command->count && !code; i++)
		code = take(w, i, err);
	if (code)
		return code;
	w->steps = (size_t)w->count;
	for (size_t i = 0; i < w->table.method_count; i++)
		w->steps += w->table.methods[i].state == LEPTON_PREVIEW_WAITS;
	code = tell(w, err);
	if (!code)
		code = score_parents(w, err);
	if (!code)
		code = try_methods(w, err);
	return code ? code : finish(w, err);
}

int lepton__job_preview(struct lepton__job *job, struct lepton_error *err)
{
	struct work *w = lepton__calloc(1, sizeof *w);
	if (!w)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	w->job = w->desk.job = job;
	int code = run(w, err);
	lepton__version_free(w->scratch);
	for (int i = 0; i < w->count; i++)
		lepton_params_release(w->weights[i]);
	lepton__free(w);
	return code;
}
