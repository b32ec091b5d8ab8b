/* train/control.c - the thread that carries out commands, one after the other, each answered once.
 *
 * What is quick is done here; compress, fuse, evaluate, barrier and preview go to the job thread (jobs.c), so
 * that a pause is never behind a long job.
 */
#include "config.h"
#include "train/outside.h"
#include "train/retrain.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

int lepton__queue_push(struct lepton__queue *queue, const struct lepton_command *command)
{
	if (lepton__grow(&queue->items, &queue->capacity, queue->count + 1, sizeof *queue->items))
		return LEPTON_E_NOMEM;
	queue->items[queue->count] = *command;
	lepton_text_retain(command->settings);
	queue->count++;
	return LEPTON_OK;
}

bool lepton__queue_pop(struct lepton__queue *queue, struct lepton_command *out)
{
	if (!queue->count)
		return false;
	*out = queue->items[0];
	memmove(queue->items, queue->items + 1, --queue->count * sizeof *queue->items);
	return true;
}

void lepton__reply(struct lepton_engine *engine, const struct lepton_command *command, int code,
	int64_t result, const char *message)
{
	struct lepton_event event = {.type = LEPTON_EVENT_REPLY};
	event.u.reply.ticket = command->ticket;
	event.u.reply.code = code;
	event.u.reply.result = result;
	event.u.reply.message = lepton_text_new(message);
	lepton__say(engine, &event);
	lepton_event_clear(&event);
}

/* A barrier or preview without versions gives up those that are measured, and must not wait behind them. */
static bool is_job(const struct lepton_command *command)
{
	const enum lepton_command_type type = command->type;
	return type == LEPTON_CMD_COMPRESS || type == LEPTON_CMD_FUSE || type == LEPTON_CMD_EVALUATE ||
	       (lepton__can_give_up(type) && command->count);
}

static void carry_out(struct lepton_engine *engine, const struct lepton_command *command)
{
	char message[512] = "";
	struct lepton_error err = {0};
	int64_t result = 0;
	int code;
	if (command->type == LEPTON_CMD_CLONE)
		code = lepton__clone(engine, command, NULL, &result, message, sizeof message, &err);
	else if (command->type == LEPTON_CMD_PROMOTE)
		code = lepton__promote(engine, command, message, sizeof message, &err);
	else if (command->type == LEPTON_CMD_ROLLBACK)
		code = lepton__rollback(engine, command, message, sizeof message, &err);
	else if (command->type == LEPTON_CMD_TAG || command->type == LEPTON_CMD_NOTE)
		code = lepton__label(engine, command, message, sizeof message, &err);
	else if (lepton__can_give_up(command->type))
		code = lepton__give_up(engine, command->type, message, sizeof message, &err);
	else
		code = lepton__steer(engine, command, &result, message, sizeof message, &err);
	lepton__reply(engine, command, code, result, code ? err.message : message);
}

/* It is answered when its version is trained and compressed. */
static void retrain(struct lepton_engine *engine, const struct lepton_command *command)
{
	struct lepton_error err = {0};
	int code = lepton__retrain(engine, command, &err);
	if (code)
		lepton__reply(engine, command, code, 0, err.message);
}

/* The store is another thread's, which answers. */
static bool is_of_store(const struct lepton_command *command)
{
	return command->type == LEPTON_CMD_KEEP || command->type == LEPTON_CMD_GC;
}

static void count_tended(struct lepton_engine *engine, int change)
{
	pthread_mutex_lock(&engine->lock);
	engine->tended += change;
	pthread_cond_broadcast(&engine->work);
	pthread_mutex_unlock(&engine->lock);
}

static void to_store(struct lepton_engine *engine, const struct lepton_command *command)
{
	struct lepton_error err = {0};
	int code = LEPTON_E_UNSUPPORTED;
	count_tended(engine, 1);
	if (engine->options.tend)
		code = engine->options.tend(engine->options.tend_context, command, &err);
	else
		lepton_error_set(&err, code, "%s: this run has no store", lepton_command_name(command->type));
	if (code)
		lepton_engine_answer(engine, command, code, 0, err.message);
}

void lepton_engine_answer(struct lepton_engine *engine, const struct lepton_command *command, int code,
	int64_t result, const char *message)
{
	lepton__reply(engine, command, code, result, message);
	count_tended(engine, -1);
}

static void to_jobs(struct lepton_engine *engine, const struct lepton_command *command)
{
	pthread_mutex_lock(&engine->lock);
	int code = lepton__queue_push(&engine->jobs, command);
	pthread_cond_broadcast(&engine->work);
	pthread_mutex_unlock(&engine->lock);
	if (code)
		lepton__reply(engine, command, code, 0, "out of memory");
}

/* Jobs that wait are given up, the one that runs is let finish: its version is worth having. Likewise the
 * store's tending. */
static void end_jobs(struct lepton_engine *engine)
{
	struct lepton_command job;
	pthread_mutex_lock(&engine->lock);
	while (lepton__queue_pop(&engine->jobs, &job)) {
		lepton__reply(engine, &job, LEPTON_E_CANCELED, 0, "given up: the engine ends");
		lepton_command_clear(&job);
	}
	while (engine->job_runs || engine->tended)
		pthread_cond_wait(&engine->work, &engine->lock);
	engine->ended = true;
	pthread_mutex_unlock(&engine->lock);
}

/* What runs or waits stays so in the store, and goes on when the store is opened again. */
static void quit(struct lepton_engine *engine, const struct lepton_command *command)
{
	lepton__retrain_quit(engine);
	end_jobs(engine); /* after this no version is added */
	lepton__outside_quit(engine);
	for (size_t i = 0; i < engine->version_count; i++) {
		struct lepton__version *v = engine->versions[i];
		lepton__hold(engine, v); /* never released: nothing runs any more */
		if (lepton__trains(v) && !v->rests)
			(void)!lepton__version_checkpoint(
				engine, v, NULL); /* the one before it serves as well */
	}
	lepton__reply(engine, command, LEPTON_OK, 0, "checkpoints are kept");
	struct lepton_event end = {.type = LEPTON_EVENT_END};
	lepton__say(engine, &end);
}

void *lepton__control(void *arg)
{
	struct lepton_engine *engine = arg;
	struct lepton_command command;
	bool quits = false;
	pthread_mutex_lock(&engine->lock);
	while (!engine->ending && !quits) {
		if (!lepton__queue_pop(&engine->commands, &command)) {
			pthread_cond_wait(&engine->work, &engine->lock);
			continue;
		}
		engine->control_works = true;
		pthread_mutex_unlock(&engine->lock);
		quits = command.type == LEPTON_CMD_QUIT;
		if (quits)
			quit(engine, &command);
		else if (lepton__retrains(&command))
			retrain(engine, &command);
		else if (is_of_store(&command))
			to_store(engine, &command);
		else if (is_job(&command))
			to_jobs(engine, &command);
		else
			carry_out(engine, &command);
		lepton_command_clear(&command);
		pthread_mutex_lock(&engine->lock);
		engine->control_works = false;
	}
	pthread_mutex_unlock(&engine->lock);
	return NULL;
}
