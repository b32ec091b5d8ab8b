/* train/nodes.c - the thread that says what this machine's workers and sub-models do.
 *
 * It looks at every worker (work.h) twice a second while one of them works, and says a NODE event each time;
 * rates are over the last seconds, by looks that it keeps. When all have been idle for as long as that, it
 * has said so and sleeps until a worker begins, so an engine that rests says nothing and wakes nobody.
 * Whoever comes anew (lepton_engine_look) is told at once how things stand.
 *
 * Of sub-models it asks what the scheduler asks, under the same lock and the same conditions: what belongs to
 * a slice or a holder is not touched while one has it.
 */
#include "config.h"
#include "train/nodes.h"
#include "train/shards.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/memory.h"
#include "tensor/kernels.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define TICK 0.5 /* seconds between two events */
#define LOOKS LEPTON__LOOKS /* kept: rates are over so many ticks */

struct look {
	double time, process; /* seconds that the process had of the cores */
	struct lepton__core_time cores;
	struct lepton__worked *worked; /* one a worker */
};

struct watch {
	struct lepton_engine *engine;
	int workers;
	struct look looks[LOOKS + 1]; /* oldest first; the last is the newest */
	int count;
	double said; /* when the last event was */
	struct lepton__worked *room;
	struct lepton_node node; /* as it is said */
	size_t sharded_capacity;
};

/* ---- looking ---- */

static double process_seconds(void)
{
	struct rusage usage;
	if (getrusage(RUSAGE_SELF, &usage))
		return NAN;
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* The oldest one goes where there is no room. */
static struct look *next_look(struct watch *w)
{
	if (w->count == LOOKS + 1) {
		struct look oldest = w->looks[0];
		memmove(w->looks, w->looks + 1, LOOKS * sizeof *w->looks);
		w->looks[LOOKS] = oldest;
		w->count--;
	}
	return &w->looks[w->count++];
}

/* With the engine's lock, at each look before it: the place is that of the look. */
static void look_at_shards(struct watch *w)
{
	const struct lepton_engine *engine = w->engine;
	bool full = w->count == LOOKS + 1;
	for (size_t i = 0; i < engine->version_count; i++) {
		struct lepton__shards *s = engine->versions[i]->shards;
		if (!s)
			continue;
		if (full)
			memmove(s->seen[0], s->seen[1], LOOKS * sizeof *s->seen);
		for (int k = 0; k < s->plan.count; k++)
			s->seen[full ? LOOKS : w->count][k] =
				__atomic_load_n(&s->part[k]->trained, __ATOMIC_RELAXED);
	}
}

static void look(struct watch *w)
{
	struct look *now = next_look(w);
	now->cores = (struct lepton__core_time){0};
	(void)lepton__machine_cores(&now->cores);
	now->process = process_seconds();
	now->time = lepton__monotonic();
	for (int i = 0; i < w->workers; i++)
		now->worked[i] = lepton__work_look(&w->engine->works[i], now->time);
}

/* ---- what is said of it ---- */

static double part(double value, double of)
{
	return of > 0 ? fmin(fmax(value / of, 0), 1) : (double)NAN;
}

static double rate(int64_t now, int64_t before, double span)
{
	return span > 0 ? (double)(now - before) / span : (double)NAN;
}

static void describe_worker(struct watch *w, int i, double span)
{
	const struct lepton__worked *now = &w->looks[w->count - 1].worked[i],
				    *before = &w->looks[0].worked[i];
	w->node.workers[i] = (struct lepton_worker){
		.work = now->kind,
		.version = now->version,
		.step = now->step,
		.busy = part(now->busy - before->busy, span),
		.slices_per_second = rate(now->slices, before->slices, span),
		.steps_per_second = rate(now->steps, before->steps, span),
		.samples_per_second = rate(now->samples, before->samples, span),
		.slices = now->slices,
		.steps = now->steps,
		.samples = now->samples,
	};
}

static void describe(struct watch *w)
{
	const struct look *now = &w->looks[w->count - 1], *before = &w->looks[0];
	struct lepton__memory memory;
	double span = now->time - before->time;
	lepton__machine_memory(0, &memory);
	w->node.figures.span = span;
	w->node.figures.busy = lepton__machine_share(&before->cores, &now->cores);
	w->node.figures.used = span > 0 ? (now->process - before->process) / span : (double)NAN;
	w->node.figures.memory = memory.total;
	w->node.figures.memory_used = memory.total - memory.available;
	w->node.figures.memory_own = memory.own;
	for (int i = 0; i < w->workers; i++)
		describe_worker(w, i, span);
	for (size_t i = 0; i < w->node.sharded_count; i++) /* so far what they trained on in that time */
		for (int k = 0; k < w->node.sharded[i].count; k++)
			w->node.sharded[i].shards[k].samples_per_second /= span;
}

/* Does a worker do anything, or did it a moment ago? */
static bool busy(const struct watch *w)
{
	for (int i = 0; i < w->workers; i++) {
		const struct lepton_worker *worker = &w->node.workers[i];
		if (worker->work != LEPTON_WORK_NONE || worker->busy > 0)
			return true;
	}
	return false;
}

/* ---- sub-models, with the engine's lock ---- */

static void describe_shard(const struct lepton__version *whole, int index, int newest, struct lepton_shard *out)
{
	const struct lepton__shards *s = whole->shards;
	const struct lepton__version *part = s->part[index];
	bool free = !part->in_slice && !__atomic_load_n(&part->holds, __ATOMIC_RELAXED);
	*out = (struct lepton_shard){
		.version = part->id,
		.samples = part->samples,
		.worker = part->worker,
		.begin = lepton__shards_round_end(whole, part, s->round - 1),
		.end = lepton__shards_round_end(whole, part, s->round),
		.waits = free && lepton__trains(part) && lepton__shards_wait(part),
		.samples_per_second = (double)(s->seen[newest][index] - s->seen[0][index]),
	};
}

static void describe_whole(const struct lepton__version *whole, int newest, struct lepton_sharded *out)
{
	const struct lepton__shards *s = whole->shards;
	*out = (struct lepton_sharded){.version = whole->id,
		.round = s->round,
		.rounds = s->rounds,
		.fused = s->fused,
		.fuses = s->taken_count > 0,
		.count = s->plan.count};
	for (int i = 0; i < s->plan.count; i++)
		describe_shard(whole, i, newest, &out->shards[i]);
}

static void describe_sharded(struct watch *w)
{
	const struct lepton_engine *engine = w->engine;
	w->node.sharded_count = 0;
	for (size_t i = 0; i < engine->version_count; i++) {
		const struct lepton__version *v = engine->versions[i];
		if (!v->shards || v->state == LEPTON_ARCHIVED)
			continue;
		if (lepton__grow(&w->node.sharded, &w->sharded_capacity, w->node.sharded_count + 1,
			    sizeof *w->node.sharded))
			return; /* out of memory: those so far */
		describe_whole(v, w->count > LOOKS ? LOOKS : w->count, &w->node.sharded[w->node.sharded_count++]);
	}
}

static void say(struct watch *w)
{
	struct lepton_event event = {.type = LEPTON_EVENT_NODE};
	const struct lepton_node *node = &w->node;
	event.u.node.figures = node->figures;
	event.u.node.workers = lepton_node_workers(node);
	event.u.node.sharded = lepton_node_sharded(node);
	if (event.u.node.workers &&
		event.u.node.sharded) /* else there is no memory: the next one comes soon */
		lepton__say(w->engine, &event);
	lepton_event_clear(&event);
	w->said = lepton__monotonic();
}

/* ---- the thread ---- */

static void free_watch(struct watch *w)
{
	lepton_node_clear(&w->node);
	lepton__free(w->room);
	lepton__free(w);
}

/* All it needs while it watches, but for the texts of its events. */
static struct watch *new_watch(struct lepton_engine *engine)
{
	size_t workers = (size_t)engine->options.workers;
	struct watch *w = lepton__calloc(1, sizeof *w);
	if (!w)
		return NULL;
	w->engine = engine;
	w->workers = engine->options.workers;
	w->said = -TICK;
	w->room = lepton__calloc((LOOKS + 1) * workers, sizeof *w->room);
	w->node.workers = lepton__calloc(workers, sizeof *w->node.workers);
	if (!w->room || !w->node.workers) {
		free_watch(w);
		return NULL;
	}
	w->node.worker_count = workers;
	for (size_t i = 0; i < LOOKS + 1; i++)
		w->looks[i].worked = w->room + i * workers;
	if (gethostname(w->node.figures.host, sizeof w->node.figures.host - 1))
		lepton__copy_name(w->node.figures.host, sizeof w->node.figures.host, "this machine");
	lepton__copy_name(
		w->node.figures.kernels, sizeof w->node.figures.kernels, lepton__kernels_get()->name);
	w->node.figures.cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
	return w;
}

/* With the lock held, until a time of the monotonic clock, or the end. */
static void wait_until(struct lepton_engine *engine, double when)
{
	struct timespec at = {.tv_sec = (time_t)when, .tv_nsec = (long)((when - floor(when)) * 1e9)};
	while (!engine->ending && pthread_cond_timedwait(&engine->stir, &engine->lock, &at) == 0)
		;
}

/* With the lock held: nothing goes on until something does, or somebody asks. The first look is from then. */
static void doze(struct watch *w)
{
	struct lepton_engine *engine = w->engine;
	while (!engine->ending && !engine->stirred && !engine->looked_at)
		pthread_cond_wait(&engine->stir, &engine->lock);
	bool asked = engine->looked_at;
	w->count = 0;
	look_at_shards(w);
	pthread_mutex_unlock(&engine->lock);
	look(w);
	pthread_mutex_lock(&engine->lock);
	double due = w->said + TICK, soon = lepton__monotonic() + TICK;
	wait_until(engine, asked ? due : fmax(due, soon));
}

void *lepton__nodes(void *arg)
{
	struct lepton_engine *engine = arg;
	struct watch *w = new_watch(engine);
	bool awake = false;
	pthread_mutex_lock(&engine->lock);
	while (w && !engine->ending) {
		if (awake)
			wait_until(engine, w->said + TICK);
		else
			doze(w);
		if (engine->ending)
			break;
		engine->stirred = engine->looked_at = false;
		look_at_shards(w);
		describe_sharded(w);
		pthread_mutex_unlock(&engine->lock);
		look(w);
		describe(w);
		say(w);
		awake = busy(w);
		pthread_mutex_lock(&engine->lock);
	}
	pthread_mutex_unlock(&engine->lock);
	if (w)
		free_watch(w);
	return NULL;
}

void lepton_engine_look(struct lepton_engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	engine->looked_at = true;
	pthread_cond_signal(&engine->stir);
	pthread_mutex_unlock(&engine->lock);
}
