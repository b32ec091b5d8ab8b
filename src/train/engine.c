/* train/engine.c - the engine made, filled, started and ended.
 *
 * Threads: the workers (scheduler.c), one for commands (control.c), one for background jobs (jobs.c), one that
 * says what the workers do (nodes.c). All block every signal. The person's side only touches the two queues:
 * commands in, events out (stream.c).
 */
#include "config.h"
#include "train/nodes.h"
#include "train/outside.h"
#include "train/pool.h"
#include "train/shards.h"
#include "train/trial.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

#include <errno.h>
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
	engine->works = lepton__aligned((size_t)engine->options.workers, sizeof *engine->works);
	if (!engine->environment || !engine->data_text || !engine->spec || !engine->workers || !engine->works)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory making the engine");
	return lepton__stream_new(engine->options.serial, &engine->stream, err);
}

static int make_locks(struct lepton_engine *engine, struct lepton_error *err)
{
	engine->outside_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (engine->outside_wake < 0)
		return lepton_error_set(err, LEPTON_E_IO, "cannot make the engine's descriptor: %s", strerror(errno));
	if (pthread_mutex_init(&engine->lock, NULL) || pthread_cond_init(&engine->boundary, NULL) ||
		pthread_cond_init(&engine->work, NULL) || lepton__thread_cond(&engine->stir))
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
	v->trial = !v->ops->outside;
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
	engine->started = engine->looked_at = true;
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
		code = lepton__thread_start(&engine->nodes, "lepton/nodes", lepton__nodes, engine, err);
		engine->nodes_running = !code;
	}
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
	pthread_cond_broadcast(&engine->stir);
	pthread_mutex_unlock(&engine->lock);
	lepton__poke(engine);
	if (engine->jobber_running)
		pthread_join(engine->jobber, NULL);
	if (engine->control_running)
		pthread_join(engine->control, NULL);
	for (int i = 0; i < engine->workers_running; i++)
		pthread_join(engine->workers[i], NULL);
	if (engine->nodes_running)
		pthread_join(engine->nodes, NULL);
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
	lepton__free(engine->works);
	lepton_text_release(engine->environment);
	lepton_text_release(engine->data_text);
	lepton_text_release(engine->spec);
	lepton_dataset_release(engine->data);
	lepton__stream_free(engine->stream);
	lepton__board_destroy(&engine->board);
	pthread_cond_destroy(&engine->work);
	pthread_cond_destroy(&engine->stir);
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
	bool busy = engine->commands.count || engine->jobs.count || engine->control_works ||
		    engine->job_runs || engine->tended;
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
