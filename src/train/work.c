/* train/work.c - what one worker does: written without locks, read without stopping it. See work.h.
 *
 * How long it was busy is one number, so that no look falls between two halves of it: at rest the nanoseconds
 * so far; at work these less the time at which work began. The clock is always past what anyone was busy, so
 * the sign tells which.
 */
#include "config.h"
#include "train/work.h"
#include "base/clock.h"

#include <stddef.h>

#define NANOSECONDS 1e9
#define TRIES 4

static void set(int64_t *place, int64_t value)
{
	__atomic_store_n(place, value, __ATOMIC_RELAXED);
}

static int64_t get(const int64_t *place)
{
	return __atomic_load_n(place, __ATOMIC_RELAXED);
}

static int64_t nanoseconds(double now)
{
	return (int64_t)(now * NANOSECONDS);
}

void lepton__work_begin(struct lepton__work *work, enum lepton_work kind, int64_t version, int64_t step)
{
	if (!work)
		return;
	set(&work->step, step);
	set(&work->kind, kind);
	__atomic_store_n(&work->version, version, __ATOMIC_RELEASE);
	set(&work->meter, get(&work->meter) - nanoseconds(lepton__monotonic()));
}

void lepton__work_end(struct lepton__work *work)
{
	if (!work)
		return;
	set(&work->meter, get(&work->meter) + nanoseconds(lepton__monotonic()));
	set(&work->kind, LEPTON_WORK_NONE);
	__atomic_store_n(&work->version, 0, __ATOMIC_RELEASE);
}

void lepton__work_count_slice(struct lepton__work *work)
{
	set(&work->slices, get(&work->slices) + 1);
}

void lepton__work_count_step(struct lepton__work *work, int64_t step, int64_t samples, bool whole)
{
	if (!work)
		return;
	set(&work->step, step);
	set(&work->steps, get(&work->steps) + whole);
	set(&work->samples, get(&work->samples) + samples);
}

void lepton__work_turn(struct lepton__work *work, enum lepton_work kind)
{
	if (work)
		set(&work->kind, kind);
}

struct lepton__worked lepton__work_look(const struct lepton__work *work, double now)
{
	struct lepton__worked seen = {.version = -1};
	for (int i = 0; i < TRIES && seen.version != get(&work->version); i++) {
		seen.version = __atomic_load_n(&work->version, __ATOMIC_ACQUIRE);
		seen.kind = (enum lepton_work)get(&work->kind);
		seen.step = __atomic_load_n(&work->step, __ATOMIC_ACQUIRE);
	}
	if (seen.kind == LEPTON_WORK_NONE || !seen.version) /* between the two */
		seen.kind = LEPTON_WORK_NONE, seen.version = seen.step = 0;
	seen.slices = get(&work->slices);
	seen.steps = get(&work->steps);
	seen.samples = get(&work->samples);
	int64_t meter = get(&work->meter);
	meter += meter < 0 ? nanoseconds(now) : 0;
	seen.busy = meter > 0 ? (double)meter / NANOSECONDS : 0;
	return seen;
}
