/* train/engine.c - the engine made, filled, started and ended.
 *
 * Threads: the workers (scheduler.c), one for commands (control.c), one for background jobs (jobs.c). All
 * block every signal. The person's side only touches the two queues: commands in, events out (stream.c).
 */
#include "config.h"
#include "train/outside.h"
#include "train/pool.h"
#include "train/shards.h"
#include "train/trial.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/thread.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SLICE_SECONDS 0.010
#define METRIC_SECONDS 0.1
#define CHECKPOINT_SECONDS 30

static void set_defaults(struct lepton_engine_options *o)
{
	o->workers = o->workers > 0 ? o->workers : lepton__cores();
	o->slice_seconds = o->slice_seconds > 0 ? o->slice_seconds : SLICE_SECONDS;
	o->checkpoint_seconds = o->checkpoint_seconds > 0 ? o->checkpoint_seconds : CHECKPOINT_SECONDS;
	if (!(o->metric_seconds < 0 || o->metric_seconds > 0))
		o->metric_seconds = METRIC_SECONDS;
}

static int make_parts(struct lepton_engine *engine, const char *environment, const char *spec_text,
	struct lepton_error *err)
{
	engine->environment =
		environment ? lepton_text_new(environment) : lepton__environment(engine->options.workers);
	engine->data_text = lepton__data_description(engine->data);
	engine->spec = lepton_text_new(spec_text ? spec_text : "");
	engine->workers = lepton__calloc((size_t)engine->options.workers, sizeof *engine->workers);
	if (!engine->environment || !engine->data_text || !engine->spec || !engine->workers)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory making the engine");
	return lepton__stream_new(engine->options.serial, &engine->stream, err);
}

static int make_locks(struct lepton_engine *engine, struct lepton_error *err)
{
	engine->outside_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (engine->outside_wake < 0)
		return lepton_error_set(err, LEPTON_E_IO, "cannot make the engine's descriptor: %s", strerror(errno));
	if (pthread_mutex_init(&engine->lock, NULL) || pthread_cond_init(&engine->boundary, NULL) ||
		pthread_cond_init(&engine->work, NULL))
		return lepton_error_set(err, LEPTON_E_NOMEM, "cannot make the engine's locks");
	return lepton__board_init(&engine->board, err);
}

int lepton_engine_create(const struct lepton_engine_options *options, const char *experiment, uint64_t seed,
	struct lepton_dataset *data, const char *spec_text, struct lepton_engine **out,
	struct lepton_error *err)
{
	struct lepton_engine *engine = lepton__calloc(1, sizeof *engine);
	if (!engine)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory making the engine");
	int code = make_locks(engine, err);
	if (code) {
		lepton__free(engine);
		return code;
	}
	engine->options = *options;
	set_defaults(&engine->options);
	engine->options.environment = NULL; /* the caller's text is copied below */
	lepton__copy_name(engine->experiment, sizeof engine->experiment, experiment);
	engine->seed = seed;
	engine->data = lepton_dataset_retain(data);
	code = make_parts(engine, options->environment, spec_text, err);
	if (!code)
		code = lepton__trial_init(engine, spec_text, err);
	if (code)
		lepton_engine_free(engine);
	else
		*out = engine;
	return code;
}

/* ---- versions ---- */

int lepton_engine_add(struct lepton_engine *engine, const struct lepton_spec_version *version, int64_t *id,
	struct lepton_error *err)
{
	struct lepton__version *v;
	int code =
		lepton__version_new(engine, version->name, *version->learner ? version->learner : "network",
			version->config, version->seed, version->priority, &v, err);
	if (code)
		return code;
	v->operation = lepton_text_new("{\"op\":\"train\"}");
	v->trial = !v->learner->ops->outside;
	code = lepton__labels_set(v, version->tags, version->note, err);
	if (!code)
		code = lepton__shards_add(engine, v, err);
	if (!code)
		code = lepton__version_announce(engine, v, NULL, err);
	if (code)
		lepton__version_free(v);
	else
		*id = v->id;
	return code;
}

/* Training goes on where the checkpoint is; an epoch it ended but never told is scored again. */
static void place(struct lepton__version *v, const struct lepton_run_version *remembered)
{
	int64_t told = 0;
	if (remembered->epochs_done.count)
		told = remembered->epochs_done.epoch[remembered->epochs_done.count - 1];
	int64_t ended = v->steps_per_epoch ? v->step / v->steps_per_epoch : 0;
	bool boundary = v->steps_per_epoch && v->step > 0 && v->step % v->steps_per_epoch == 0;
	v->finished = boundary && ended >= v->epochs;
	if (boundary && told < ended)
		v->phase = LEPTON__VALIDATING;
	else if (v->finished)
		v->phase = LEPTON__TESTING;
}

static int put_back(struct lepton__version *v, struct lepton_checkpoint *checkpoint, struct lepton_error *err)
{
	const struct lepton_learner_ops *ops = v->learner->ops;
	int code = v->derived ? ops->set_weights(v->learner, checkpoint->state.weights, err)
			      : ops->load(v->learner, &checkpoint->state, err);
	if (code)
		return code;
	v->step = checkpoint->state.step;
	v->epoch = checkpoint->state.epoch;
	v->last = lepton_checkpoint_retain(checkpoint);
	lepton_params_hash(checkpoint->state.weights, v->weights_hash);
	return LEPTON_OK;
}

/* *whole: it is one of shards. */
static void remember(struct lepton__version *v, const struct lepton_run_version *r, bool *whole)
{
	cJSON *operation = cJSON_Parse(lepton_text_get(r->operation));
	const char *op = lepton__json_get_string(operation, "op", "train");
	v->derived = strcmp(op, "compress") == 0 || strcmp(op, "fuse") == 0 || strcmp(op, "import") == 0;
	v->trial = strcmp(op, "train") == 0 && !v->learner->ops->outside;
	*whole = strcmp(op, "shards") == 0;
	cJSON_Delete(operation);
	v->id = r->id;
	v->operation = lepton_text_retain(r->operation);
	v->tags = lepton_text_retain(r->tags);
	v->note = lepton_text_retain(r->note);
	v->parent_count = r->parent_count;
	memcpy(v->parents, r->parents, sizeof v->parents);
	v->seconds = r->seconds;
	v->parameters = r->parameters; /* trees have grown since they were made */
	v->raw_bytes = r->raw_bytes;
	v->bytes = r->bytes;
	if (r->epochs_done.count)
		v->val_loss = (double)r->epochs_done.val_loss[r->epochs_done.count - 1];
	v->diverged = r->state == LEPTON_FAILED && strstr(r->reason, "diverge") != NULL;
}

/* One of ours has made its weights, and is scored where that was not done; or it begins anew. */
static void place_ours(struct lepton__version *v, const struct lepton_run_version *r)
{
	v->finished = v->last != NULL;
	if (v->finished)
		v->phase = r->epochs_done.count ? LEPTON__TESTING : LEPTON__VALIDATING;
	v->told.loss = r->loss;
	v->parameters = r->parameters;
	v->raw_bytes = r->raw_bytes;
}

/* A program does not go on where it was: its history stands, and it starts again only when asked to. */
static void place_outside(struct lepton__version *v, const struct lepton_run_version *r, const char **reason)
{
	if (!v->learner->ops->foreign) {
		place_ours(v, r);
		return;
	}
	if (!v->derived) {
		v->step = r->step;
		v->epoch = isfinite(r->epoch) ? r->epoch : 0;
	}
	v->told.loss = r->loss;
	v->told.accuracy = r->accuracy;
	v->told.val_loss = r->val_loss;
	v->told.val_accuracy = r->val_accuracy;
	if (r->epochs_done.count)
		v->told.epoch = r->epochs_done.epoch[r->epochs_done.count - 1];
	v->told.epoch_said = (double)v->told.epoch;
	if (r->state != LEPTON_RUNNING && r->state != LEPTON_PAUSED)
		return;
	v->state = LEPTON_PAUSED;
	*reason = LEPTON__PROGRAM_ENDED;
}

int64_t lepton_engine_best_step(const struct lepton_run_version *remembered)
{
	struct lepton__early early;
	lepton__early_init(&early, lepton_text_get(remembered->hyperparameters));
	lepton__early_replay(&early, &remembered->epochs_done, remembered->checkpoint_step);
	return early.on && early.settings.restore_best && early.best_epoch ? early.best_step : -1;
}

int lepton_engine_restore_best(
	struct lepton_engine *engine, int64_t id, struct lepton_checkpoint *checkpoint, struct lepton_error *err)
{
	struct lepton__version *v = lepton__version_find(engine, id);
	if (!v)
		return lepton_error_set(err, LEPTON_E_NOTFOUND, "no version #%lld", (long long)id);
	lepton_checkpoint_release(v->best);
	v->best = lepton_checkpoint_retain(checkpoint);
	bool ends = v->finished && (v->state == LEPTON_QUEUED || v->state == LEPTON_PAUSED);
	return ends && v->step != checkpoint->state.step ? lepton__version_go_back(engine, v, err) : LEPTON_OK;
}

int lepton_engine_restore(struct lepton_engine *engine, const struct lepton_run_version *remembered,
	struct lepton_checkpoint *checkpoint, struct lepton_error *err)
{
	struct lepton__version *v;
	bool whole;
	int code = lepton__version_new(engine, remembered->name, remembered->learner,
		lepton_text_get(remembered->hyperparameters), remembered->seed, remembered->priority, &v,
		err);
	if (code)
		return code;
	remember(v, remembered, &whole);
	v->rests = engine->options.one_command;
	if (checkpoint)
		code = put_back(v, checkpoint, err);
	if (!code && whole)
		code = lepton__shards_restore(engine, v, checkpoint, err);
	if (!code) {
		const char *reason = remembered->reason;
		place(v, remembered);
		lepton__early_replay(&v->early, &remembered->epochs_done, v->step);
		if (lepton__early_ends(&v->early)) {
			v->finished = true;
			v->phase = LEPTON__TESTING;
		}
		lepton__trial_replay(engine, v, remembered);
		v->state = remembered->state == LEPTON_RUNNING ? LEPTON_QUEUED : remembered->state;
		if (v->learner->ops->outside)
			place_outside(v, remembered, &reason);
		v->before_archive = v->finished || v->derived ? LEPTON_DONE : LEPTON_STOPPED;
		code = lepton__version_announce(engine, v, reason, err);
	}
	if (code)
		lepton__version_free(v);
	return code;
}

/* ---- start and end ---- */

static void say_run(struct lepton_engine *engine)
{
	struct lepton_event event = {.type = LEPTON_EVENT_RUN};
	lepton__copy_name(event.u.run.experiment, LEPTON_NAME_MAX, engine->experiment);
	event.u.run.seed = engine->seed;
	event.u.run.environment = lepton_text_retain(engine->environment);
	event.u.run.data = lepton_text_retain(engine->data_text);
	event.u.run.spec = lepton_text_retain(engine->spec);
	lepton__say(engine, &event);
	lepton_event_clear(&event);
}

int lepton_engine_start(struct lepton_engine *engine, struct lepton_error *err)
{
	char name[32];
	int code = LEPTON_OK;
	say_run(engine);
	engine->started = true;
	lepton__trial_start(engine);
	while (engine->workers_running < engine->options.workers && !code) {
		snprintf(name, sizeof name, "lepton/%d", engine->workers_running + 1);
		code = lepton__thread_start(
			&engine->workers[engine->workers_running], name, lepton__worker, engine, err);
		engine->workers_running += code ? 0 : 1;
	}
	if (!code)
		code = lepton__thread_start(&engine->control, "lepton/control", lepton__control, engine, err);
	engine->control_running = !code;
	if (!code)
		code = lepton__thread_start(&engine->jobber, "lepton/jobs", lepton__jobber, engine, err);
	engine->jobber_running = !code;
	if (!code && !engine->options.one_command) {
		code = lepton__thread_start(&engine->outside, "lepton/outside", lepton__outside, engine, err);
		engine->outside_running = !code;
	}
	return code;
}

static void end_threads(struct lepton_engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	engine->ending = true;
	for (size_t i = 0; i < engine->version_count; i++)
		__atomic_add_fetch(
			&engine->versions[i]->holds, 1, __ATOMIC_RELAXED); /* slices end at their next step */
	pthread_cond_broadcast(&engine->work);
	pthread_cond_broadcast(&engine->boundary);
	pthread_mutex_unlock(&engine->lock);
	lepton__poke(engine);
	if (engine->jobber_running)
		pthread_join(engine->jobber, NULL);
	if (engine->control_running)
		pthread_join(engine->control, NULL);
	for (int i = 0; i < engine->workers_running; i++)
		pthread_join(engine->workers[i], NULL);
	if (engine->outside_running)
		pthread_join(engine->outside, NULL);
}

static void clear_queue(struct lepton__queue *queue)
{
	struct lepton_command command;
	while (lepton__queue_pop(queue, &command))
		lepton_command_clear(&command);
	lepton__free(queue->items);
}

void lepton_engine_free(struct lepton_engine *engine)
{
	if (!engine)
		return;
	end_threads(engine);
	clear_queue(&engine->commands);
	clear_queue(&engine->jobs);
	for (size_t i = 0; i < engine->version_count; i++)
		lepton__version_free(engine->versions[i]);
	for (size_t i = 0; i < engine->alias_count; i++)
		lepton__free(engine->aliases[i].places);
	lepton__free(engine->versions);
	lepton__free(engine->aliases);
	lepton__free(engine->workers);
	lepton_text_release(engine->environment);
	lepton_text_release(engine->data_text);
	lepton_text_release(engine->spec);
	lepton_dataset_release(engine->data);
	lepton__stream_free(engine->stream);
	lepton__board_destroy(&engine->board);
	pthread_cond_destroy(&engine->work);
	pthread_cond_destroy(&engine->boundary);
	pthread_mutex_destroy(&engine->lock);
	close(engine->outside_wake);
	lepton__free(engine);
}

/* ---- from any thread ---- */

int lepton_engine_submit(
	struct lepton_engine *engine, const struct lepton_command *command, struct lepton_error *err)
{
	pthread_mutex_lock(&engine->lock);
	int code = engine->ending || engine->quits ? LEPTON_E_STATE
						   : lepton__queue_push(&engine->commands, command);
	engine->quits = engine->quits || (!code && command->type == LEPTON_CMD_QUIT);
	pthread_cond_broadcast(&engine->work);
	pthread_mutex_unlock(&engine->lock);
	if (code)
		return lepton_error_set(
			err, code, code == LEPTON_E_STATE ? "the engine is ending" : "out of memory");
	return LEPTON_OK;
}

bool lepton_engine_busy(struct lepton_engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	bool busy = engine->commands.count || engine->jobs.count || engine->control_works || engine->job_runs;
	for (size_t i = 0; i < engine->version_count && !busy; i++) {
		const struct lepton__version *v = engine->versions[i];
		busy = v->in_slice || (lepton__trains(v) && !v->rests && !lepton__shards_wait(v));
	}
	pthread_mutex_unlock(&engine->lock);
	return busy;
}

int lepton_engine_workers(const struct lepton_engine *engine)
{
	return engine->options.workers;
}
