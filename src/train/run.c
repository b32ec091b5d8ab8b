/* train/run.c - the fold over the stream of events. See run.h.
 *
 * One function an event type, listed in a table. Nothing here knows the engine: the same fold reads
 * events in process, from a store, or from a socket, so all of them end with the same picture.
 */
#include "config.h"
#include "train/run_parts.h"
#include "train/outline.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

int lepton__run_nomem(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory while following the run");
}

void lepton__run_set_text(struct lepton_text **place, struct lepton_text *text)
{
	lepton_text_retain(text);
	lepton_text_release(*place);
	*place = text;
}

/* ---- versions ------------------------------------------------------------------------------- */

static void free_version(struct lepton_run_version *version)
{
	lepton_text_release(version->operation);
	lepton_text_release(version->importance);
	lepton_text_release(version->report);
	lepton_text_release(version->tags);
	lepton_text_release(version->note);
	lepton_text_release(version->hyperparameters);
	lepton_history_clear(&version->history);
	lepton__epochs_free(&version->epochs_done);
	lepton__free(version->notes);
	lepton__free(version);
}

static struct lepton_run_version *new_version(struct lepton_run *run, const struct lepton_event *event)
{
	if (lepton__grow(
		    &run->versions, &run->version_capacity, run->version_count + 1, sizeof *run->versions))
		return NULL;
	struct lepton_run_version *version = lepton__calloc(1, sizeof *version);
	if (!version)
		return NULL;
	version->id = event->version;
	version->created = event->time;
	version->checkpoint_step = -1;
	version->loss = version->accuracy = version->samples_per_second = (double)NAN;
	version->val_loss = version->val_accuracy = version->best_val_accuracy = (double)NAN;
	version->test_loss = version->test_accuracy = (double)NAN;
	run->versions[run->version_count++] = version;
	return version;
}

static void describe(struct lepton_run_version *version, const struct lepton_event *event)
{
	lepton__copy_name(version->name, sizeof version->name, event->u.added.name);
	lepton__copy_name(version->learner, sizeof version->learner, event->u.added.learner);
	lepton__run_set_text(&version->operation, event->u.added.operation);
	lepton__run_set_text(&version->hyperparameters, event->u.added.hyperparameters);
	version->parent_count = event->u.added.parent_count;
	memcpy(version->parents, event->u.added.parents, sizeof version->parents);
	version->seed = event->u.added.seed;
	version->priority = event->u.added.priority;
	version->parameters = event->u.added.parameters;
	version->bytes = event->u.added.bytes;
	version->raw_bytes = event->u.added.raw_bytes;
	version->steps_per_epoch = event->u.added.steps_per_epoch;
	version->epochs = event->u.added.epochs;
}

size_t lepton__run_place(const struct lepton_run *run, int64_t id)
{
	/* Ids count up from 1, so the place is nearly always the id itself. */
	if (id >= 1 && (uint64_t)id <= run->version_count && run->versions[id - 1]->id == id)
		return (size_t)id - 1;
	size_t i = 0;
	while (i < run->version_count && run->versions[i]->id != id)
		i++;
	return i;
}

struct lepton_run_version *lepton_run_version(const struct lepton_run *run, int64_t id)
{
	size_t place = lepton__run_place(run, id);
	return place < run->version_count ? run->versions[place] : NULL;
}

/* ---- one function an event type ----------------------------------------------------------------- */

typedef int apply_function(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err);

double lepton_run_rmse(double loss)
{
	return sqrt(loss); /* NaN stays NaN */
}

static int on_run(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)version;
	(void)err;
	lepton__copy_name(run->experiment, sizeof run->experiment, event->u.run.experiment);
	run->seed = event->u.run.seed;
	if (!(run->created > 0))
		run->created = event->time;
	lepton__run_set_text(&run->environment, event->u.run.environment);
	lepton__run_set_text(&run->data, event->u.run.data);
	cJSON *data = cJSON_Parse(lepton_text_get(run->data));
	run->regression = strcmp(lepton__json_get_string(data, "task", ""), "regression") == 0;
	cJSON_Delete(data);
	lepton__run_set_text(&run->spec, event->u.run.spec);
	run->ended = false;
	return LEPTON_OK;
}

static int on_version(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	bool known = version != NULL;
	if (!known)
		version = new_version(run, event);
	if (!version)
		return lepton__run_nomem(err);
	describe(version, event);
	return known ? LEPTON_OK : lepton__run_note_child(run, version, err);
}

static int on_state(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)run;
	int code = lepton__run_note_state(version, event, err);
	version->state = event->u.state.state;
	version->step = event->u.state.step;
	version->seconds = event->u.state.seconds;
	lepton__copy_name(version->reason, sizeof version->reason, lepton_text_get(event->u.state.reason));
	return code;
}

static int on_metric(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	version->step = event->u.metric.step;
	version->epoch = event->u.metric.epoch;
	version->seconds = event->u.metric.seconds;
	version->loss = event->u.metric.loss;
	version->accuracy = event->u.metric.accuracy;
	version->samples_per_second = event->u.metric.samples_per_second;
	int code = lepton__history_add(&version->history, event, err);
	return code || !run->backed ? code : lepton__history_thin(&version->history, err);
}

static double best(const struct lepton_epochs *epochs)
{
	double best = (double)NAN;
	for (size_t i = 0; i < epochs->count; i++)
		if (!(best >= (double)epochs->val_accuracy[i]))
			best = (double)epochs->val_accuracy[i];
	return best;
}

static int on_epoch(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)run;
	version->step = event->u.epoch.step;
	version->epoch = (double)event->u.epoch.epoch;
	version->seconds = event->u.epoch.seconds;
	version->val_loss = event->u.epoch.val_loss;
	version->val_accuracy = event->u.epoch.val_accuracy;
	if (isnan(version->loss)) {
		version->loss = event->u.epoch.loss;
		version->accuracy = event->u.epoch.accuracy;
	}
	int code = lepton__epochs_add(&version->epochs_done, event, err);
	version->best_val_accuracy = best(&version->epochs_done);
	return code;
}

static int on_test(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)run;
	(void)err;
	version->test_loss = event->u.test.loss;
	version->test_accuracy = event->u.test.accuracy;
	lepton__run_set_text(&version->report, event->u.test.report);
	if (!isnan(event->u.test.val_loss)) {
		version->val_loss = event->u.test.val_loss;
		version->val_accuracy = event->u.test.val_accuracy;
	}
	if (version->epochs_done.count == 0)
		version->best_val_accuracy = version->val_accuracy;
	return LEPTON_OK;
}

static int on_checkpoint(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)run;
	(void)err;
	version->checkpoint_step = event->u.checkpoint.step;
	lepton__run_set_text(&version->importance, event->u.checkpoint.importance);
	if (version->raw_bytes == version->bytes && version->bytes != event->u.checkpoint.bytes) {
		version->raw_bytes = event->u.checkpoint.bytes; /* trees grow, in tensors of float32 */
		version->parameters = event->u.checkpoint.bytes / (int64_t)sizeof(float);
	}
	version->bytes = event->u.checkpoint.bytes;
	lepton__copy_name(
		version->weights_hash, sizeof version->weights_hash, event->u.checkpoint.weights_hash);
	return LEPTON_OK;
}

static int on_job(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)version;
	int code = lepton__run_job(run, event, err);
	if (code || !event->u.job.detail)
		return code;
	return strcmp(event->u.job.kind, "preview") == 0 ? lepton__run_preview(run, event, err)
							 : lepton__run_barrier(run, event, err);
}

static int on_alias(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)version;
	return lepton__run_set_alias(run, event, err);
}

static int on_log(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)version;
	return lepton__run_log(run, event, err);
}

static int on_labels(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)run;
	(void)err;
	lepton__run_set_text(&version->tags, event->u.labels.tags);
	lepton__run_set_text(&version->note, event->u.labels.note);
	return LEPTON_OK;
}

static int on_priority(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)run;
	(void)err;
	version->priority = event->u.priority.value;
	return LEPTON_OK;
}

static int on_node(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)version;
	return lepton__run_node(run, event, err);
}

static int on_end(struct lepton_run *run, struct lepton_run_version *version,
	const struct lepton_event *event, struct lepton_error *err)
{
	(void)version;
	(void)event;
	(void)err;
	run->ended = true;
	return LEPTON_OK;
}

/* A type with `about` needs a version that was announced. */
static const struct {
	apply_function *apply;
	bool about;
} handlers[] = {
	[LEPTON_EVENT_RUN] = {on_run, false},
	[LEPTON_EVENT_VERSION] = {on_version, false},
	[LEPTON_EVENT_STATE] = {on_state, true},
	[LEPTON_EVENT_METRIC] = {on_metric, true},
	[LEPTON_EVENT_EPOCH] = {on_epoch, true},
	[LEPTON_EVENT_TEST] = {on_test, true},
	[LEPTON_EVENT_CHECKPOINT] = {on_checkpoint, true},
	[LEPTON_EVENT_JOB] = {on_job, false},
	[LEPTON_EVENT_ALIAS] = {on_alias, false},
	[LEPTON_EVENT_LOG] = {on_log, false},
	[LEPTON_EVENT_REPLY] = {NULL, false},
	[LEPTON_EVENT_LABELS] = {on_labels, true},
	[LEPTON_EVENT_PRIORITY] = {on_priority, true},
	[LEPTON_EVENT_NODE] = {on_node, false},
	[LEPTON_EVENT_END] = {on_end, false},
};

/* ---- public ----------------------------------------------------------------------------------- */

void lepton_run_init(struct lepton_run *run)
{
	*run = (struct lepton_run){0};
}

void lepton_run_clear(struct lepton_run *run)
{
	for (size_t i = 0; i < run->version_count; i++)
		free_version(run->versions[i]);
	for (size_t i = 0; i < run->log_count; i++)
		lepton_text_release(run->log[i].line);
	for (size_t i = 0; i < run->barrier_count; i++)
		lepton_text_release(run->barriers[i].detail);
	for (size_t i = 0; i < run->preview_count; i++)
		lepton_text_release(run->previews[i].detail);
	lepton__run_nodes_free(run);
	lepton_text_release(run->environment);
	lepton_text_release(run->data);
	lepton_text_release(run->spec);
	lepton__free(run->versions);
	lepton__free(run->aliases);
	lepton__free(run->jobs);
	lepton__free(run->barriers);
	lepton__free(run->previews);
	lepton__free(run->log);
	lepton_run_init(run);
}

int lepton_run_apply(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err)
{
	struct lepton_run_version *version = lepton_run_version(run, event->version);
	if ((unsigned)event->type > LEPTON_EVENT_END)
		return lepton_error_set(
			err, LEPTON_E_CORRUPT, "an event of unknown type %d", (int)event->type);
	run->serial = event->serial;
	if (handlers[event->type].about && !version)
		return lepton_error_set(err, LEPTON_E_CORRUPT,
			"an event about version #%" PRId64 ", which was never announced", event->version);
	if (event->type == LEPTON_EVENT_VERSION && event->version < 1)
		return lepton_error_set(err, LEPTON_E_CORRUPT, "a version with id %" PRId64, event->version);
	return handlers[event->type].apply ? handlers[event->type].apply(run, version, event, err)
					   : LEPTON_OK;
}
