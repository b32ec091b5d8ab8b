/* cmd/keeper.c - nothing that was said is lost because the disk was full for a while.
 *
 * Events wait in a queue until they are known to be on disk, that is until what they were put into is
 * committed. When it cannot be (no room, no memory), the store's transaction is rolled back; that is said
 * once, training goes on, and the queue is tried again from its front each second, in order, since later
 * events refer to earlier ones. What would make the queue grow without end goes: a checkpoint that a newer
 * one of its version stands in for, and, when there are very many, every other metric, so that a curve keeps
 * its shape. An event that can never be taken is said and passed over.
 *
 * Commands about the store itself (keep, gc) are carried out here too, since this thread alone may write:
 * when everything that was said before them is in the store. What is said meanwhile waits in memory.
 */
#include "config.h"
#include "cmd/keeper.h"
#include "cmd/tend.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define FLUSH_SECONDS 1.0 /* metrics lie in memory at most so long; and so often trouble is tried again */
#define WAITING_MAX 20000 /* events, before metrics are thinned */

struct keeper {
	struct lepton_store *store;
	struct lepton_engine *engine;
	struct lepton_reader *reader;
	pthread_t thread;
	struct lepton_event *waiting; /* oldest first */
	size_t count, capacity;
	size_t put;   /* of these, from the front: in the store's open transaction */
	size_t lost;  /* for want of memory to let them wait in */
	double tried; /* when: a flush, or what failed */
	bool troubled;
	atomic_bool deserted;        /* no END will come */
	pthread_mutex_t lock;
	struct lepton_command *asked; /* with the lock; oldest first */
	size_t asked_count, asked_capacity;
	struct lepton_error trouble; /* the last; of an event that could never be taken too */
};

/* ---- what waits ---- */

static void drop(struct keeper *k, size_t i)
{
	lepton_event_clear(&k->waiting[i]);
	memmove(&k->waiting[i], &k->waiting[i + 1], (--k->count - i) * sizeof *k->waiting);
}

static void drop_put(struct keeper *k)
{
	for (size_t i = 0; i < k->put; i++)
		lepton_event_clear(&k->waiting[i]);
	k->count -= k->put;
	if (k->count)
		memmove(k->waiting, k->waiting + k->put, k->count * sizeof *k->waiting);
	k->put = 0;
}

/* Is the checkpoint that waits at i referred to by what waits behind it? */
static bool is_needed(const struct keeper *k, size_t i)
{
	const char *hash = k->waiting[i].u.checkpoint.weights_hash;
	for (size_t j = i + 1; j < k->count; j++) {
		const struct lepton_event *e = &k->waiting[j];
		if (e->type == LEPTON_EVENT_ALIAS && strcmp(e->u.alias.weights_hash, hash) == 0)
			return true;
		if (e->type == LEPTON_EVENT_CHECKPOINT && e->u.checkpoint.checkpoint &&
			strcmp(e->u.checkpoint.checkpoint->base_hash, hash) == 0)
			return true;
	}
	return false;
}

/* The newest event may be a checkpoint that stands in for those of its version that wait. */
static void supersede(struct keeper *k)
{
	const struct lepton_event newest = k->waiting[k->count - 1];
	if (newest.type != LEPTON_EVENT_CHECKPOINT)
		return;
	for (size_t i = k->count - 1; i-- > k->put;) {
		const struct lepton_event *e = &k->waiting[i];
		bool same = e->type == LEPTON_EVENT_CHECKPOINT && e->version == newest.version;
		if (same && (!e->u.checkpoint.best || newest.u.checkpoint.best) && !is_needed(k, i))
			drop(k, i);
	}
}

static void thin(struct keeper *k)
{
	size_t left = 0, metrics = 0;
	for (size_t i = 0; i < k->count; i++) {
		bool metric = k->waiting[i].type == LEPTON_EVENT_METRIC;
		if (metric && metrics++ % 2)
			lepton_event_clear(&k->waiting[i]);
		else
			k->waiting[left++] = k->waiting[i];
	}
	k->count = left;
}

/* Takes the event. */
static void let_wait(struct keeper *k, struct lepton_event *event)
{
	if (event->type == LEPTON_EVENT_NODE) { /* which no store keeps */
		lepton_event_clear(event);
		return;
	}
	if (lepton__grow(&k->waiting, &k->capacity, k->count + 1, sizeof *k->waiting)) {
		lepton_error_set(&k->trouble, LEPTON_E_NOMEM, "out of memory keeping what the engine says");
		k->lost += event->type != LEPTON_EVENT_METRIC;
		lepton_event_clear(event);
		return;
	}
	k->waiting[k->count++] = *event;
	if (k->troubled) {
		supersede(k);
		if (k->count > WAITING_MAX)
			thin(k);
	}
}

/* ---- into the store ---- */

static void say(struct keeper *k, enum lepton_log_level level, const char *line)
{
	struct lepton_text *text = lepton_text_new(line);
	lepton_engine_say(k->engine, level, text);
	lepton_text_release(text);
}

static bool may_pass(int code)
{
	return code == LEPTON_E_IO || code == LEPTON_E_NOMEM || code == LEPTON_E_BUSY;
}

static void say_trouble(struct keeper *k, const struct lepton_error *err)
{
	char line[sizeof err->message + 100];
	k->put = 0; /* rolled back */
	k->tried = lepton__monotonic();
	k->trouble = *err;
	if (k->troubled)
		return;
	k->troubled = true;
	snprintf(line, sizeof line, "%s; training goes on, and what cannot be kept now is tried again",
		err->message);
	say(k, LEPTON_LOG_ERROR, line);
}

static void say_recovered(struct keeper *k)
{
	if (k->troubled)
		say(k, LEPTON_LOG_WARNING, "the store can be written to again: what waited is kept");
	k->troubled = false;
}

static int put_next(struct keeper *k)
{
	struct lepton_error err = {0};
	int code = lepton_store_put(k->store, &k->waiting[k->put], &err);
	if (may_pass(code)) {
		say_trouble(k, &err);
		return code;
	}
	if (code) { /* and the metrics before it were rolled back with it */
		say(k, LEPTON_LOG_ERROR, err.message);
		drop(k, k->put);
		k->put = 0;
		return LEPTON_OK;
	}
	if (k->waiting[k->put].type == LEPTON_EVENT_CHECKPOINT)
		lepton_engine_kept(k->engine, &k->waiting[k->put]);
	k->put++;
	if (!lepton_store_waits(k->store))
		drop_put(k);
	return LEPTON_OK;
}

static int flush(struct keeper *k)
{
	struct lepton_error err = {0};
	int code = lepton_store_flush(k->store, &err);
	k->tried = lepton__monotonic();
	if (code)
		say_trouble(k, &err);
	else
		drop_put(k);
	return code;
}

/* Everything that waits; in trouble not before its time, unless it is the last. */
static void keep_waiting(struct keeper *k, bool last)
{
	bool due = lepton__monotonic() - k->tried >= FLUSH_SECONDS;
	int code = k->troubled && !due && !last ? LEPTON_E_BUSY : LEPTON_OK;
	while (!code && k->put < k->count)
		code = put_next(k);
	if (!code && (due || last || k->troubled))
		code = flush(k);
	if (!code)
		say_recovered(k);
}

/* ---- commands about the store ---- */

int keeper_tend(struct keeper *k, const struct lepton_command *command, struct lepton_error *err)
{
	pthread_mutex_lock(&k->lock);
	int code = lepton__grow(&k->asked, &k->asked_capacity, k->asked_count + 1, sizeof *k->asked);
	if (!code) {
		k->asked[k->asked_count] = *command;
		lepton_text_retain(command->settings);
		k->asked_count++;
	}
	pthread_mutex_unlock(&k->lock);
	if (code)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	lepton_reader_wake(k->reader);
	return LEPTON_OK;
}

static bool next_asked(struct keeper *k, struct lepton_command *out)
{
	pthread_mutex_lock(&k->lock);
	bool any = k->asked_count > 0;
	if (any) {
		*out = k->asked[0];
		memmove(k->asked, k->asked + 1, --k->asked_count * sizeof *k->asked);
	}
	pthread_mutex_unlock(&k->lock);
	return any;
}

static bool is_asked(struct keeper *k)
{
	pthread_mutex_lock(&k->lock);
	bool any = k->asked_count > 0;
	pthread_mutex_unlock(&k->lock);
	return any;
}

/* Not inside of a transaction that others began. */
static void carry_out(struct keeper *k, const struct lepton_command *command)
{
	struct lepton_error err = {0};
	char message[512] = "";
	int64_t result = 0;
	int code = k->troubled || flush(k) ? lepton_error_set(&err, k->trouble.code, "%s", k->trouble.message)
					   : tend(k->store, command, &result, message, sizeof message, &err);
	lepton_engine_answer(k->engine, command, code, result, code ? err.message : message);
}

static void tend_all(struct keeper *k)
{
	struct lepton_command command;
	while (next_asked(k, &command)) {
		carry_out(k, &command);
		lepton_command_clear(&command);
	}
}

static void *run(void *arg)
{
	struct keeper *k = arg;
	struct lepton_event event;
	for (bool end = false; !end;) {
		if (lepton_reader_next(k->reader, is_asked(k) ? 0 : FLUSH_SECONDS, &event)) {
			end = event.type == LEPTON_EVENT_END;
			let_wait(k, &event);
		} else {
			end = atomic_load(&k->deserted);
			keep_waiting(k, end);
			tend_all(k); /* nothing was said before them that is not kept */
			continue;
		}
		keep_waiting(k, end);
	}
	return NULL;
}

/* ---- beginning and end ---- */

int keeper_start(struct lepton_store *store, struct lepton_engine *engine, struct lepton_reader *reader,
	struct keeper **out, struct lepton_error *err)
{
	struct keeper *k = lepton__calloc(1, sizeof *k);
	*out = NULL;
	if (!k || pthread_mutex_init(&k->lock, NULL)) {
		lepton__free(k);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory starting the store's thread");
	}
	k->store = store;
	k->engine = engine;
	k->reader = reader;
	k->tried = lepton__monotonic();
	int code = lepton__thread_start(&k->thread, "lepton/store", run, k, err);
	if (code) {
		pthread_mutex_destroy(&k->lock);
		lepton__free(k);
	} else {
		*out = k;
	}
	return code;
}

/* What the end found still waiting: figures are no loss worth failing for. */
static int tell_lost(const struct keeper *k, struct lepton_error *err)
{
	size_t events = k->lost + lepton_reader_missed(k->reader), checkpoints = 0;
	for (size_t i = 0; i < k->count; i++) {
		events += k->waiting[i].type != LEPTON_EVENT_METRIC && k->waiting[i].type != LEPTON_EVENT_END;
		checkpoints += k->waiting[i].type == LEPTON_EVENT_CHECKPOINT;
	}
	if (!events)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_IO,
		"the last of it could not be kept, %zu checkpoint%s among it: %s; the same command goes on "
		"from the last that was",
		checkpoints, checkpoints == 1 ? "" : "s",
		*k->trouble.message ? k->trouble.message : "out of memory");
}

int keeper_end(struct keeper *k, bool deserted, struct lepton_error *err)
{
	if (!k)
		return LEPTON_OK;
	atomic_store(&k->deserted, deserted);
	pthread_join(k->thread, NULL);
	int code = tell_lost(k, err);
	k->put = k->count;
	drop_put(k);
	struct lepton_command command;
	while (next_asked(k, &command))
		lepton_command_clear(&command);
	pthread_mutex_destroy(&k->lock);
	lepton__free(k->asked);
	lepton__free(k->waiting);
	lepton__free(k);
	return code;
}
