/* train/job_barrier.c - "barrier": the loss on the straight line between two versions (fuse/barrier.c),
 * scored point by point.
 *
 * Nothing is made: what was found is the detail of the job's last event, which the picture of the run keeps
 * for the pair (run_lists.c). So nothing is lost when it is given up, and both a command without versions and
 * the engine's quitting do so, at the next point or layer. It is measured on the validation split, since
 * people choose by it; the test split is scored only where the settings name it.
 */
#include "config.h"
#include "fuse/barrier.h"
#include "train/outside.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct work {
	struct lepton__job *job;
	struct lepton__version *versions[2], *scratch;
	struct lepton_params *weights[2];
	int64_t steps[2];
	enum lepton_split split;
	char split_name[32];
	size_t points, scored;
	struct lepton_barrier found;
};

static bool go_on(void *context)
{
	return !lepton__job_ending(((struct work *)context)->job);
}

static int evaluate(void *context, const struct lepton_params *weights, double *loss, double *accuracy,
	struct lepton_error *err)
{
	struct work *w = context;
	struct lepton_score score;
	int code = lepton__job_score_on(w->job, w->scratch->learner, weights, w->split, &score, err);
	if (code)
		return code;
	*loss = score.loss;
	*accuracy = score.accuracy;
	lepton__job_progress(w->job, (double)++w->scored / (double)(2 * w->points));
	return LEPTON_OK;
}

static int read_settings(struct work *w, struct lepton_error *err)
{
	const char *settings = lepton_text_get(w->job->command->settings);
	int code = lepton_options_check(lepton_barrier_options, settings, "barrier", err);
	if (!code && w->job->command->count != 2)
		code = lepton_error_set(
			err, LEPTON_E_USAGE, "barrier takes two versions, not %d", w->job->command->count);
	if (code)
		return code;
	w->points = (size_t)lepton_options_number(lepton_barrier_options, settings, "points");
	lepton_options_choice(lepton_barrier_options, settings, "split", w->split_name, sizeof w->split_name);
	w->split = strcmp(w->split_name, "test") == 0 ? LEPTON_TEST : LEPTON_VALIDATION;
	if (lepton_dataset_count(w->job->engine->data, w->split) == 0)
		code = lepton_error_set(err, LEPTON_E_STATE,
			"there are no %s samples: set validation_split, or name the other split",
			w->split_name);
	return code;
}

static int take(struct work *w, int i, struct lepton_error *err)
{
	struct lepton__version *v;
	int code = lepton__job_version(w->job, i, &v, err);
	if (code)
		return code;
	if (v->ops->foreign)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED, LEPTON__SCORES_ITSELF, v->name);
	if (v->ops->discrete)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s is a %s, and between two of them there is no line: name networks, or "
			"others whose weights "
			"have a mean",
			v->name, v->learner_name);
	w->versions[i] = v;
	return lepton__job_snapshot(w->job, v, &w->weights[i], &w->steps[i], NULL, err);
}

static struct lepton_text *detail(const struct work *w)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, (size_t)1 << 20);
	lepton__buffer_string(&out, "{\"versions\":[");
	for (int i = 0; i < 2; i++) {
		lepton__buffer_printf(
			&out, "%s{\"id\":%" PRId64 ",\"name\":", i ? "," : "", w->versions[i]->id);
		lepton__json_string(&out, w->versions[i]->name);
		lepton__buffer_printf(&out, ",\"step\":%" PRId64 "}", w->steps[i]);
	}
	lepton__buffer_printf(&out, "],\"split\":\"%s\",\"samples\":%" PRId64 ",", w->split_name,
		lepton_dataset_count(w->job->engine->data, w->split));
	lepton__barrier_write(&out, &w->found);
	lepton__buffer_string(&out, "}");
	struct lepton_text *text = out.failed ? NULL : lepton_text_new(out.data);
	lepton__buffer_free(&out);
	return text;
}

static int tell(struct work *w, struct lepton_error *err)
{
	struct lepton__job *job = w->job;
	const struct lepton_barrier *b = &w->found;
	char *before = lepton__format("barrier between %s and %s: %.4f as they are", w->versions[0]->name,
		w->versions[1]->name, b->before.barrier);
	char *after = *b->unmatched ? lepton__format("; units not matched: %s", b->unmatched)
				    : lepton__format(", %.4f with units matched", b->after.barrier);
	char *both = before && after ? lepton__format("%s%s", before, after) : NULL;
	lepton__copy_name(job->message, sizeof job->message, both ? both : "");
	lepton__free(before);
	lepton__free(after);
	lepton__free(both);
	job->detail = detail(w);
	return both && job->detail ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
}

static int run(struct work *w, struct lepton_error *err)
{
	struct lepton_error why;
	int code = read_settings(w, err);
	for (int i = 0; i < 2 && !code; i++)
		code = take(w, i, err);
	if (!code && lepton_params_match(w->weights[0], w->weights[1], &why))
		code = lepton_error_set(err, LEPTON_E_SHAPE,
			"%s and %s have unlike shapes, and no line between them: %s", w->versions[0]->name,
			w->versions[1]->name, why.message);
	if (code)
		return code;
	const struct lepton__version *like = w->versions[0];
	code = lepton__version_new(w->job->engine, like->name, like->learner_name, like->config, like->seed,
		1, &w->scratch, err);
	if (code)
		return code;
	struct lepton_fuse_parent ends[2];
	for (int i = 0; i < 2; i++)
		ends[i] = (struct lepton_fuse_parent){
			.name = w->versions[i]->name, .weights = w->weights[i], .val_loss = (double)NAN};
	const struct lepton_fuse_help help = {.evaluate = evaluate, .context = w};
	code = lepton_barrier_measure(ends, w->points, &help, go_on, &w->found, err);
	return code ? code : tell(w, err);
}

int lepton__job_barrier(struct lepton__job *job, struct lepton_error *err)
{
	struct work w = {.job = job};
	int code = run(&w, err);
	lepton__version_free(w.scratch);
	for (int i = 0; i < 2; i++)
		lepton_params_release(w.weights[i]);
	return code;
}
