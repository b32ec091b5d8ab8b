/* train/scheduler.c - who trains next: the workers' loop, and holding a version still.
 *
 * Weighted-fair: of the runnable versions that no slice has, the one with the least virtual time (seconds
 * of slices over priority) goes next. A worker with nothing to run lends itself to the parts of
 * others' steps through the board. Who runs a slice, and when, never changes what it computes.
 */
#include "config.h"
#include "train/nodes.h"
#include "train/shards.h"
#include "train/trial.h"
#include "base/clock.h"

#include <errno.h>
#include <unistd.h>

static bool runnable(const struct lepton__version *v)
{
	return lepton__trains(v) && !v->rests && !v->in_slice && v->holds == 0 &&
	       !lepton__trains_outside(v) && !lepton__shards_wait(v);
}

/* With the lock held. */
static struct lepton__version *next(const struct lepton_engine *engine)
{
	struct lepton__version *best = NULL;
	for (size_t i = 0; i < engine->version_count; i++) {
		struct lepton__version *v = engine->versions[i];
		if (runnable(v) && (!best || v->virtual_time < best->virtual_time))
			best = v;
	}
	return best;
}

static void run(struct lepton_engine *engine, struct lepton__version *v, int worker)
{
	struct lepton__work *work = &engine->works[worker];
	double from = lepton__monotonic();
	if (v->state == LEPTON_QUEUED) {
		v->state = LEPTON_RUNNING;
		lepton__version_say_state(engine, v, NULL);
	}
	v->in_slice = true;
	v->worker = worker + 1;
	v->work = work;
	lepton__nodes_stir(engine);
	if (v->shards)
		lepton__shards_take(v);
	pthread_mutex_unlock(&engine->lock);
	lepton__work_begin(work, lepton__work_of(v), v->id, v->step);
	lepton__slice(engine, v);
	lepton__work_end(work);
	lepton__work_count_slice(work);
	pthread_mutex_lock(&engine->lock);
	v->in_slice = false;
	v->work = NULL;
	if (v->shards)
		lepton__shards_leave(engine, v);
	if (v->halted) /* while it was in its slice others may have come, and nobody could let it go on */
		lepton__trial_settle(engine);
	v->virtual_time += (lepton__monotonic() - from) / v->priority;
	pthread_cond_broadcast(&engine->boundary);
	lepton__doze(engine, v);
}

/* After a slice another worker may sleep while the version is free again; but this one looks at once,
 * so only the versions' number matters: with fewer than workers, the sleepers help by parts. */
void *lepton__worker(void *arg)
{
	struct lepton_engine *engine = arg;
	pthread_mutex_lock(&engine->lock);
	const int worker = engine->workers_begun++;
	while (!engine->ending) {
		unsigned seen = lepton__board_seen(&engine->board);
		struct lepton__version *v = next(engine);
		if (v) {
			run(engine, v, worker);
			continue;
		}
		pthread_mutex_unlock(&engine->lock);
		lepton__board_help(&engine->board, seen, &engine->works[worker]);
		pthread_mutex_lock(&engine->lock);
	}
	pthread_mutex_unlock(&engine->lock);
	return NULL;
}

void lepton__hold(struct lepton_engine *engine, struct lepton__version *v)
{
	pthread_mutex_lock(&engine->lock);
	__atomic_add_fetch(&v->holds, 1, __ATOMIC_RELAXED);
	while (v->in_slice || v->held)
		pthread_cond_wait(&engine->boundary, &engine->lock);
	v->held = true;
	pthread_mutex_unlock(&engine->lock);
}

void lepton__release(struct lepton_engine *engine, struct lepton__version *v)
{
	pthread_mutex_lock(&engine->lock);
	__atomic_sub_fetch(&v->holds, 1, __ATOMIC_RELAXED);
	v->held = false;
	lepton__trial_settle(engine); /* which leaves those alone that are held */
	pthread_cond_broadcast(&engine->boundary);
	lepton__doze(engine, v);
	pthread_mutex_unlock(&engine->lock);
	lepton__poke(engine);
}

void lepton__poke(struct lepton_engine *engine)
{
	const uint64_t one = 1;
	lepton__board_poke(&engine->board);
	while (write(engine->outside_wake, &one, sizeof one) < 0 && errno == EINTR)
		; /* full is as good: it polls readable */
}
