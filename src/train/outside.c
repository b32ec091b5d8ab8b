/* train/outside.c - the thread that runs external programs, and those of ours that train, and hears them.
 *
 * A program trains in its own process, so its version needs no worker. This one thread waits for all of them
 * at once by their descriptors, and gives a version a slice when its program has said something: a slice
 * reads what is there and never waits. Once a tick it looks round by itself: for figures kept back because
 * events come at most so often, and for programs that were asked to end and do not. So silent programs cost
 * next to nothing.
 *
 * Slices obey the same rule as the workers': one at a time, none while someone holds the version. A program
 * is listened to as long as it is there, whatever its version's state, so that one which is stopped is heard
 * to its end, reaped, and killed if it must be. It is started from this thread, which lasts as long as the
 * engine: the kernel kills the program when it ends.
 *
 * What a program of ours has made is scored by the workers: from its end on its version is theirs, as if it
 * had just trained its only epoch. Its weights come at once at the end, so there is nothing to go on from
 * before; where it was cut off, it begins anew, and makes the same.
 */
#include "config.h"
#include "train/outside.h"
#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define TICK 0.25     /* seconds */
#define LINES_MAX 500 /* reports in one slice */

static const struct lepton_outside_ops *outside_of(const struct lepton__version *v)
{
	return v->ops->outside;
}

static bool there(const struct lepton__version *v)
{
	return v->learner && outside_of(v)->descriptor(v->learner) >= 0;
}

bool lepton__runs_outside(const struct lepton__version *v)
{
	return outside_of(v) && there(v);
}

static bool asked(const struct lepton__version *v)
{
	return v->state == LEPTON_QUEUED || v->state == LEPTON_RUNNING;
}

int lepton__no_weights(const struct lepton__version *v, const char *what, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_STATE, "%s has no weights that could be %s: %s", v->name, what,
		v->ops->foreign ? "its program does by printing {\"weights\": \"FILE.safetensors\"}"
				: "they come when training ends");
}

void lepton__outside_rest(struct lepton__version *v)
{
	if (outside_of(v) && v->learner)
		outside_of(v)->rest(v->learner);
}

void lepton__outside_end(struct lepton__version *v)
{
	if (outside_of(v) && v->learner)
		outside_of(v)->end(v->learner);
}

void lepton__outside_figures(
	struct lepton_engine *engine, struct lepton__version *v, struct lepton__figures *figures)
{
	if (!v->ops->foreign)
		return;
	lepton__hold(engine, v);
	figures->validation.loss = v->derived ? (double)NAN : v->told.val_loss;
	figures->validation.accuracy = v->derived ? (double)NAN : v->told.val_accuracy;
	lepton__release(engine, v);
}

/* ---- what it says, as events ---- */

static void say_line(struct lepton_engine *engine, const struct lepton__version *v,
	enum lepton_log_level level, const char *text)
{
	struct lepton_event event = {.type = LEPTON_EVENT_LOG, .version = v->id};
	event.u.log.level = level;
	event.u.log.line = lepton_text_new(text);
	lepton__say(engine, &event);
	lepton_event_clear(&event);
}

static void say_metric(struct lepton_engine *engine, struct lepton__version *v)
{
	struct lepton_event event = {.type = LEPTON_EVENT_METRIC, .version = v->id};
	if (!v->told.unsaid)
		return;
	event.u.metric.step = v->step;
	event.u.metric.epoch = v->epoch;
	event.u.metric.seconds = v->seconds;
	event.u.metric.loss = v->told.loss;
	event.u.metric.accuracy = v->told.accuracy;
	event.u.metric.samples_per_second = v->told.rate;
	lepton__say(engine, &event);
	v->told.unsaid = false;
	v->metric_time = lepton__monotonic();
}

/* The epoch that figures on validation data are of. Where a program counts from 0, or does not say, they are
 * numbered as they come; several within one epoch replace each other. */
static int64_t epoch_number(struct lepton__version *v)
{
	int64_t number = (int64_t)ceil(v->epoch);
	bool same = v->epoch > 0 && v->epoch <= v->told.epoch_said, whole = floor(v->epoch) >= v->epoch;
	if (whole && !same && number <= v->told.epoch)
		number = v->told.epoch + 1;
	if (number < v->told.epoch)
		number = v->told.epoch;
	v->told.epoch = number;
	v->told.epoch_said = v->epoch;
	return number;
}

static void say_epoch(struct lepton_engine *engine, struct lepton__version *v, const struct lepton_report *r)
{
	struct lepton_event event = {.type = LEPTON_EVENT_EPOCH, .version = v->id};
	say_metric(engine, v);
	event.u.epoch.epoch = epoch_number(v);
	event.u.epoch.step = v->step;
	event.u.epoch.seconds = v->seconds;
	event.u.epoch.loss = v->told.loss;
	event.u.epoch.accuracy = v->told.accuracy;
	event.u.epoch.val_loss = v->told.val_loss = r->val_loss;
	event.u.epoch.val_accuracy = v->told.val_accuracy = r->val_accuracy;
	lepton__say(engine, &event);
}

static void say_test(struct lepton_engine *engine, struct lepton__version *v, const struct lepton_report *r)
{
	struct lepton_event event = {.type = LEPTON_EVENT_TEST, .version = v->id};
	event.u.test.loss = r->test_loss;
	event.u.test.accuracy = r->test_accuracy;
	event.u.test.val_loss = event.u.test.val_accuracy = (double)NAN;
	lepton__say(engine, &event);
}

static void diverge(struct lepton_engine *engine, struct lepton__version *v)
{
	struct lepton_error why;
	lepton_error_set(&why, LEPTON_E_DIVERGED,
		"the loss is no number any more at step %lld: its program was asked to end",
		(long long)v->step);
	outside_of(v)->end(v->learner);
	lepton__version_enter(engine, v, LEPTON_FAILED, why.message);
}

static double known(double now, double before)
{
	return isnan(now) ? before : now;
}

static void hear_figures(
	struct lepton_engine *engine, struct lepton__version *v, const struct lepton_report *r)
{
	bool trained = !isnan(r->loss) || !isnan(r->accuracy);
	v->step = r->step;
	v->epoch = r->epoch;
	v->told.loss = known(r->loss, v->told.loss);
	v->told.accuracy = known(r->accuracy, v->told.accuracy);
	v->told.rate = known(r->samples_per_second, v->told.rate);
	v->told.unsaid = v->told.unsaid || trained;
	if (!isnan(r->val_loss) || !isnan(r->val_accuracy))
		say_epoch(engine, v, r);
	if (!isnan(r->test_loss) || !isnan(r->test_accuracy))
		say_test(engine, v, r);
	if (r->diverged && v->state != LEPTON_FAILED)
		diverge(engine, v);
}

static void keep_weights(struct lepton_engine *engine, struct lepton__version *v)
{
	struct lepton_error err;
	say_metric(engine, v);
	if (lepton__version_checkpoint(engine, v, &err))
		say_line(engine, v, LEPTON_LOG_ERROR, err.message);
}

/* To the workers when this slice has ended, level with the one that has had least. */
static void hand_over(struct lepton_engine *engine, struct lepton__version *v)
{
	pthread_mutex_lock(&engine->lock);
	v->phase = LEPTON__VALIDATING;
	v->cursor = 0;
	v->score = (struct lepton__sums){0};
	v->finished = true;
	v->virtual_time = fmax(v->virtual_time, lepton__least_virtual_time(engine, NULL));
	pthread_mutex_unlock(&engine->lock);
}

/* The program is gone. One that was asked to end has had its version's state set by who asked. */
static void hear_end(struct lepton_engine *engine, struct lepton__version *v, const struct lepton_report *r)
{
	say_metric(engine, v);
	if (r->code == LEPTON_E_CANCELED || (!asked(v) && v->state != LEPTON_PAUSED))
		say_line(engine, v, r->warning ? LEPTON_LOG_WARNING : LEPTON_LOG_INFO, r->line);
	else if (r->code)
		lepton__version_enter(engine, v, LEPTON_FAILED, r->line);
	else if (v->ops->foreign)
		lepton__version_enter(engine, v, LEPTON_DONE, r->line);
	else
		hand_over(engine, v);
}

static void hear(struct lepton_engine *engine, struct lepton__version *v, const struct lepton_report *r)
{
	switch (r->kind) {
	case LEPTON_REPORT_NOTHING:
		break;
	case LEPTON_REPORT_WEIGHTS:
		hear_figures(engine, v, r);
		keep_weights(engine, v);
		break;
	case LEPTON_REPORT_FIGURES:
		hear_figures(engine, v, r);
		break;
	case LEPTON_REPORT_LINE:
		say_line(engine, v, r->warning ? LEPTON_LOG_WARNING : LEPTON_LOG_INFO, r->line);
		break;
	case LEPTON_REPORT_ENDED:
		hear_end(engine, v, r);
		break;
	}
}

/* ---- one slice ---- */

static void begin_anew(struct lepton__version *v)
{
	v->step = 0;
	v->epoch = v->seconds = 0;
	v->told.loss = v->told.accuracy = v->told.rate = (double)NAN;
	v->told.unsaid = false;
}

/* Start it, or let it go on. One that is still ending is waited for: the version stays queued. */
static void begin(struct lepton_engine *engine, struct lepton__version *v)
{
	struct lepton_error err = {0};
	if (!v->ops->foreign && !there(v))
		begin_anew(v);
	const struct lepton_outside_start start = {
		v->name, v->step, v->epoch, engine->data ? lepton_dataset_info(engine->data)->path : NULL};
	int code = lepton__wake(engine, v, &err);
	if (!code)
		code = outside_of(v)->run(v->learner, &start, &err);
	if (code == LEPTON_E_BUSY)
		return;
	v->told.clock = lepton__monotonic();
	if (code)
		lepton__version_enter(engine, v, LEPTON_FAILED, err.message);
	else
		lepton__version_enter(engine, v, LEPTON_RUNNING, NULL);
}

static void count_seconds(struct lepton__version *v)
{
	double now = lepton__monotonic();
	if (v->state == LEPTON_RUNNING)
		v->seconds += now - v->told.clock;
	v->told.clock = now;
}

static bool metric_due(const struct lepton_engine *engine, const struct lepton__version *v)
{
	return v->told.unsaid && lepton__monotonic() - v->metric_time >= engine->options.metric_seconds;
}

static void slice(struct lepton_engine *engine, struct lepton__version *v)
{
	struct lepton_report report = {.kind = LEPTON_REPORT_LINE};
	count_seconds(v);
	if (v->state == LEPTON_QUEUED && lepton__trains_outside(v))
		begin(engine, v);
	for (int i = 0; v->learner && i < LINES_MAX && report.kind != LEPTON_REPORT_NOTHING; i++) {
		if (__atomic_load_n(&v->holds, __ATOMIC_RELAXED) > 0)
			break;
		outside_of(v)->next(v->learner, &report);
		hear(engine, v, &report);
		if (metric_due(engine, v))
			say_metric(engine, v);
	}
}

/* ---- the thread ---- */

struct watched { /* by one wait: [0] is the engine's own descriptor */
	struct pollfd *fds;
	struct lepton__version **versions; /* of fds[i + 1] */
	size_t count, fds_capacity, versions_capacity;
};

/* With the lock held. */
static bool can_run(const struct lepton__version *v)
{
	return outside_of(v) && !v->in_slice && v->holds == 0 &&
	       ((asked(v) && lepton__trains_outside(v)) || there(v));
}

/* With the lock held. What finds no memory is looked at in the next tick. */
static void collect(struct lepton_engine *engine, struct watched *w)
{
	w->count = 0;
	for (size_t i = 0; i < engine->version_count; i++) {
		struct lepton__version *v = engine->versions[i];
		if (!can_run(v))
			continue;
		if (lepton__grow(&w->fds, &w->fds_capacity, w->count + 2, sizeof *w->fds) ||
			lepton__grow(&w->versions, &w->versions_capacity, w->count + 1, sizeof *w->versions))
			return;
		w->fds[w->count + 1] = (struct pollfd){
			.fd = there(v) ? outside_of(v)->descriptor(v->learner) : -1, .events = POLLIN};
		w->versions[w->count++] = v;
	}
}

static void await(struct lepton_engine *engine, struct watched *w)
{
	uint64_t pokes;
	struct pollfd alone, *fds = w->fds ? w->fds : &alone;
	int timeout = w->count ? (int)(1000 * TICK) : -1;
	fds[0] = (struct pollfd){.fd = engine->outside_wake, .events = POLLIN};
	for (size_t i = 0; i < w->count; i++)
		if (fds[i + 1].fd < 0)
			timeout = 0; /* to be started */
	if (poll(fds, w->count + 1, timeout) < 0)
		return;
	if (fds[0].revents)
		while (read(engine->outside_wake, &pokes, sizeof pokes) < 0 && errno == EINTR)
			;
}

/* With the lock held, which is let go in between. */
static void run(struct lepton_engine *engine, struct lepton__version *v)
{
	v->in_slice = true;
	pthread_mutex_unlock(&engine->lock);
	slice(engine, v);
	pthread_mutex_lock(&engine->lock);
	v->in_slice = false;
	pthread_cond_broadcast(&engine->boundary);
	lepton__doze(engine, v);
	if (!lepton__trains_outside(v))
		lepton__poke(engine); /* the workers may have it from now on, not before */
}

void *lepton__outside(void *arg)
{
	struct lepton_engine *engine = arg;
	struct watched w = {0};
	double ticked = 0;
	pthread_mutex_lock(&engine->lock);
	while (!engine->ending) {
		collect(engine, &w);
		pthread_mutex_unlock(&engine->lock);
		await(engine, &w);
		pthread_mutex_lock(&engine->lock);
		double now = lepton__monotonic();
		bool tick = now - ticked >= TICK;
		ticked = tick ? now : ticked;
		for (size_t i = 0; i < w.count && !engine->ending; i++)
			if ((tick || w.fds[i + 1].revents || w.versions[i]->state == LEPTON_QUEUED) &&
				can_run(w.versions[i]))
				run(engine, w.versions[i]);
	}
	pthread_mutex_unlock(&engine->lock);
	lepton__free(w.fds);
	lepton__free(w.versions);
	return NULL;
}

/* ---- the engine's end ---- */

static void ask(struct lepton_engine *engine, struct lepton__version *v)
{
	lepton__hold(engine, v);
	if (there(v)) {
		outside_of(v)->end(v->learner);
		if (v->ops->foreign && (v->state == LEPTON_RUNNING || v->state == LEPTON_PAUSED))
			lepton__version_enter(engine, v, LEPTON_PAUSED, LEPTON__PROGRAM_ENDED);
	}
	lepton__release(engine, v);
}

/* With the lock held. */
static bool some_there(const struct lepton_engine *engine)
{
	for (size_t i = 0; i < engine->version_count; i++)
		if (outside_of(engine->versions[i]) &&
			(engine->versions[i]->in_slice || there(engine->versions[i])))
			return true;
	return false;
}

/* The thread's slices, which go on, kill what does not end in its time, and wake this one each tick. */
void lepton__outside_quit(struct lepton_engine *engine)
{
	for (size_t i = 0; i < engine->version_count; i++)
		if (outside_of(engine->versions[i]))
			ask(engine, engine->versions[i]);
	pthread_mutex_lock(&engine->lock);
	while (engine->outside_running && !engine->ending && some_there(engine))
		pthread_cond_wait(&engine->boundary, &engine->lock);
	pthread_mutex_unlock(&engine->lock);
}
