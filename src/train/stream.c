/* train/stream.c - the one stream of events, fanned out to its readers.
 *
 * Each reader has a queue of its own, so a slow one delays nobody. A reliable reader's queue grows; another's
 * is bounded by dropping METRIC and NODE events once it lags, never anything else. A descriptor (eventfd) is
 * readable exactly while events wait.
 */
#include "config.h"
#include "train/engine_parts.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define LAG_MAX 4096 /* events an unreliable reader may be behind before metrics are left out for it */

struct lepton_reader {
	struct lepton__stream *stream;
	struct lepton_reader *next;
	struct lepton_event *events; /* a ring */
	size_t first, count, capacity;
	bool reliable, woken;
	size_t missed; /* events, but those that pass, for want of memory */
	int fd;
};

struct lepton__stream {
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct lepton_reader *readers;
	uint64_t serial;
	bool ended;     /* END was said: nothing follows */
	int references; /* the engine and its readers */
};

static int new_lock(struct lepton__stream *stream)
{
	if (pthread_mutex_init(&stream->lock, NULL))
		return -1;
	if (lepton__thread_cond(&stream->news) == 0)
		return 0;
	pthread_mutex_destroy(&stream->lock);
	return -1;
}

int lepton__stream_new(uint64_t serial, struct lepton__stream **out, struct lepton_error *err)
{
	struct lepton__stream *stream = lepton__calloc(1, sizeof *stream);
	if (!stream || new_lock(stream)) {
		lepton__free(stream);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory making the stream of events");
	}
	stream->references = 1;
	stream->serial = serial;
	*out = stream;
	return LEPTON_OK;
}

static void unreference(struct lepton__stream *stream)
{
	pthread_mutex_lock(&stream->lock);
	bool last = --stream->references == 0;
	pthread_mutex_unlock(&stream->lock);
	if (!last)
		return;
	pthread_cond_destroy(&stream->news);
	pthread_mutex_destroy(&stream->lock);
	lepton__free(stream);
}

void lepton__stream_free(struct lepton__stream *stream)
{
	if (stream)
		unreference(stream);
}

/* Twice the ring, unrolled from its first event. */
static bool grow(struct lepton_reader *r)
{
	size_t capacity = r->capacity ? 2 * r->capacity : 64;
	struct lepton_event *larger = lepton__calloc(capacity, sizeof *larger);
	if (!larger)
		return false;
	for (size_t i = 0; i < r->count; i++)
		larger[i] = r->events[(r->first + i) % r->capacity];
	lepton__free(r->events);
	r->events = larger;
	r->first = 0;
	r->capacity = capacity;
	return true;
}

/* The last place is the END's: a reader that missed it would wait for ever. */
static void push(struct lepton_reader *r, const struct lepton_event *event)
{
	size_t needed = r->count + (event->type == LEPTON_EVENT_END ? 1 : 2);
	bool passes = lepton_event_passes(event->type), lags = !r->reliable && passes && r->count >= LAG_MAX;
	if (lags || (needed > r->capacity && !grow(r))) { /* out of memory: this reader misses one; the
							     store's next checkpoint is whole again */
		r->missed += !passes;
		return;
	}
	lepton_event_copy(&r->events[(r->first + r->count++) % r->capacity], event);
	uint64_t one = 1;
	if (r->count == 1 && r->fd >= 0)
		while (write(r->fd, &one, sizeof one) < 0 && errno == EINTR)
			;
}

void lepton__say(struct lepton_engine *engine, struct lepton_event *event)
{
	struct lepton__stream *stream = engine->stream;
	event->time = lepton__wall();
	pthread_mutex_lock(&stream->lock);
	if (!stream->ended) {
		event->serial = ++stream->serial;
		for (struct lepton_reader *r = stream->readers; r; r = r->next)
			push(r, event);
	}
	stream->ended = stream->ended || event->type == LEPTON_EVENT_END;
	pthread_cond_broadcast(&stream->news);
	pthread_mutex_unlock(&stream->lock);
}

/* ---- readers ------------------------------------------------------------------------------------------ */

int lepton_reader_open(struct lepton_engine *engine, bool reliable, struct lepton_reader **out, int *wake_fd,
	struct lepton_error *err)
{
	struct lepton_reader *r = lepton__calloc(1, sizeof *r);
	if (!r || !grow(r)) {
		lepton__free(r);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening a reader");
	}
	r->stream = engine->stream;
	r->reliable = reliable;
	r->fd = wake_fd ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
	if (wake_fd && r->fd < 0) {
		int code = lepton_error_set(err, LEPTON_E_IO, "cannot make an eventfd: %s", strerror(errno));
		lepton__free(r->events);
		lepton__free(r);
		return code;
	}
	if (wake_fd)
		*wake_fd = r->fd;
	pthread_mutex_lock(&r->stream->lock);
	r->stream->references++;
	r->next = r->stream->readers;
	r->stream->readers = r;
	pthread_mutex_unlock(&r->stream->lock);
	*out = r;
	return LEPTON_OK;
}

static struct timespec deadline(double timeout)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	int64_t nanoseconds = at.tv_nsec + (int64_t)(timeout * 1e9);
	at.tv_sec += (time_t)(nanoseconds / 1000000000);
	at.tv_nsec = (long)(nanoseconds % 1000000000);
	return at;
}

static void await(struct lepton_reader *r, double timeout)
{
	if (timeout < 0) {
		while (!r->count && !r->woken)
			pthread_cond_wait(&r->stream->news, &r->stream->lock);
		return;
	}
	struct timespec until = deadline(timeout);
	while (!r->count && !r->woken &&
		pthread_cond_timedwait(&r->stream->news, &r->stream->lock, &until) == 0)
		;
}

int lepton_reader_next(struct lepton_reader *r, double timeout, struct lepton_event *out)
{
	uint64_t drained;
	pthread_mutex_lock(&r->stream->lock);
	if (!r->count && (timeout < 0 || timeout > 0)) {
		await(r, timeout);
		r->woken = false;
	}
	int got = r->count > 0;
	if (got) {
		*out = r->events[r->first]; /* moved, with what it retains */
		r->first = (r->first + 1) % r->capacity;
		r->count--;
	}
	if (!r->count && r->fd >= 0)
		while (read(r->fd, &drained, sizeof drained) < 0 && errno == EINTR)
			;
	pthread_mutex_unlock(&r->stream->lock);
	return got;
}

size_t lepton_reader_missed(struct lepton_reader *r)
{
	pthread_mutex_lock(&r->stream->lock);
	size_t missed = r->missed;
	pthread_mutex_unlock(&r->stream->lock);
	return missed;
}

void lepton_reader_wake(struct lepton_reader *r)
{
	pthread_mutex_lock(&r->stream->lock);
	r->woken = true;
	pthread_cond_broadcast(&r->stream->news);
	pthread_mutex_unlock(&r->stream->lock);
}

void lepton_reader_close(struct lepton_reader *r)
{
	if (!r)
		return;
	struct lepton__stream *stream = r->stream;
	pthread_mutex_lock(&stream->lock);
	struct lepton_reader **link = &stream->readers;
	while (*link != r)
		link = &(*link)->next;
	*link = r->next;
	pthread_mutex_unlock(&stream->lock);
	for (size_t i = 0; i < r->count; i++)
		lepton_event_clear(&r->events[(r->first + i) % r->capacity]);
	if (r->fd >= 0)
		close(r->fd);
	lepton__free(r->events);
	lepton__free(r);
	unreference(stream);
}

void lepton_engine_say(struct lepton_engine *engine, enum lepton_log_level level, struct lepton_text *line)
{
	struct lepton_event event = {.type = LEPTON_EVENT_LOG};
	event.u.log.level = level;
	event.u.log.line = line;
	lepton__say(engine, &event);
}
