/* tui/pyramid.c - min/max levels over a growing array, and the smoothed copy of a series.
 *
 * Only whole blocks are stored, so appending never changes a stored block. A question walks up: the ragged
 * ends are read at one level, the whole blocks between at the next, so it costs at most 2 * 16 reads a level.
 */
#include "config.h"
#include "tui/pyramid.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define FAN 16

/* What was seen of a stretch so far: infinities until something was. Comparisons pass over NaN, without a
 * branch or a call for each value: there are millions when a store is opened, and as many in a frame of a
 * thousand curves. */
static const struct lepton__span unseen = {INFINITY, -INFINITY, INFINITY};

static void see_value(struct lepton__span *seen, float value)
{
	bool finite = value >= -FLT_MAX && value <= FLT_MAX;
	float low = finite ? value : INFINITY, high = finite ? value : -INFINITY;
	float positive = low > 0 ? low : INFINITY;
	seen->min = low < seen->min ? low : seen->min;
	seen->max = high > seen->max ? high : seen->max;
	seen->least = positive < seen->least ? positive : seen->least;
}

static void see_span(struct lepton__span *seen, const struct lepton__span *span)
{
	seen->min = span->min < seen->min ? span->min : seen->min;
	seen->max = span->max > seen->max ? span->max : seen->max;
	seen->least = span->least < seen->least ? span->least : seen->least;
}

/* Entries [from, to) of a level; level -1 is the values themselves. */
static void see(
	struct lepton__span *seen, const struct lepton__pyramid *pyramid, int level, size_t from, size_t to)
{
	for (size_t i = from; level < 0 && i < to; i++)
		see_value(seen, pyramid->values[i]);
	for (size_t i = from; level >= 0 && i < to; i++)
		see_span(seen, &pyramid->level[level][i]);
}

static struct lepton__span as_seen(const struct lepton__span *seen)
{
	return (struct lepton__span){seen->min > FLT_MAX ? NAN : seen->min,
		seen->max < -FLT_MAX ? NAN : seen->max, seen->least > FLT_MAX ? NAN : seen->least};
}

void lepton__pyramid_init(struct lepton__pyramid *pyramid)
{
	memset(pyramid, 0, sizeof *pyramid);
}

void lepton__pyramid_free(struct lepton__pyramid *pyramid)
{
	for (int k = 0; k < LEPTON__PYRAMID_LEVELS; k++)
		lepton__free(pyramid->level[k]);
	lepton__pyramid_init(pyramid);
}

/* Stores the blocks of level k that the level below it now fills. */
static int fill_level(struct lepton__pyramid *pyramid, int k, size_t below)
{
	while (pyramid->size[k] < below / FAN) {
		size_t at = pyramid->size[k];
		if (lepton__grow(&pyramid->level[k], &pyramid->capacity[k], at + 1,
			    sizeof *pyramid->level[k]) != 0)
			return LEPTON_E_NOMEM;
		struct lepton__span span = unseen;
		see(&span, pyramid, k - 1, at * FAN, (at + 1) * FAN);
		pyramid->level[k][at] = as_seen(&span);
		pyramid->size[k]++;
	}
	return 0;
}

int lepton__pyramid_update(
	struct lepton__pyramid *pyramid, const float *values, size_t count, struct lepton_error *err)
{
	if (count < pyramid->count)
		memset(pyramid->size, 0, sizeof pyramid->size);
	pyramid->values = values;
	pyramid->count = count;
	size_t below = count;
	for (int k = 0; k < LEPTON__PYRAMID_LEVELS && below >= FAN; k++) {
		if (fill_level(pyramid, k, below) != 0)
			return lepton_error_set(
				err, LEPTON_E_NOMEM, "no memory for a curve of %zu points", count);
		below = pyramid->size[k];
	}
	return 0;
}

struct lepton__span lepton__pyramid_span(const struct lepton__pyramid *pyramid, size_t from, size_t to)
{
	struct lepton__span seen = unseen;
	if (to > pyramid->count)
		to = pyramid->count;
	for (int level = -1; from < to; level++) {
		bool top = level + 1 >= LEPTON__PYRAMID_LEVELS;
		size_t whole = (from + FAN - 1) / FAN * FAN, last = to / FAN * FAN;
		if (top || to - from < FAN || whole >= last) {
			see(&seen, pyramid, level, from, to);
			break;
		}
		see(&seen, pyramid, level, from, whole);
		see(&seen, pyramid, level, last, to);
		from = whole / FAN;
		to = last / FAN;
	}
	return as_seen(&seen);
}

void lepton__trace_init(struct lepton__trace *trace)
{
	memset(trace, 0, sizeof *trace);
}

void lepton__trace_free(struct lepton__trace *trace)
{
	lepton__pyramid_free(&trace->raw);
	lepton__pyramid_free(&trace->smooth);
	lepton__free(trace->smoothed);
	lepton__trace_init(trace);
}

/* The average starts at 0 and is too low by the weight not given out yet: dividing by the weight given
 * corrects it. */
static float smooth_next(struct lepton__trace *trace, float value)
{
	if (!isfinite(value))
		return NAN;
	trace->average = trace->smoothing * trace->average + (1 - trace->smoothing) * (double)value;
	trace->weight = trace->smoothing * trace->weight + (1 - trace->smoothing);
	return (float)(trace->average / trace->weight);
}

/* Many points of the same mean: as if each had it. */
static float smooth_bucket(struct lepton__trace *trace, const struct lepton_bucket *bucket)
{
	double mean = (double)(trace->accuracy ? bucket->accuracy : bucket->loss),
	       kept = pow(trace->smoothing, (double)bucket->points);
	if (!isfinite(mean))
		return NAN;
	trace->average = kept * trace->average + (1 - kept) * mean;
	trace->weight = kept * trace->weight + (1 - kept);
	return (float)(trace->average / trace->weight);
}

static void smooth_outline(struct lepton__trace *trace, size_t count)
{
	for (size_t b = 0; b < trace->bucket_count; b++) {
		float value = smooth_bucket(trace, &trace->buckets[b]);
		for (uint32_t i = 0; i < trace->buckets[b].entries && trace->smoothed_count < count; i++)
			trace->smoothed[trace->smoothed_count++] = value;
	}
}

void lepton__trace_outline(struct lepton__trace *trace, const struct lepton_history *history, bool accuracy)
{
	trace->buckets = history->buckets;
	trace->bucket_count = history->bucket_count;
	trace->accuracy = accuracy;
}

static int smooth_more(
	struct lepton__trace *trace, const float *values, size_t count, struct lepton_error *err)
{
	if (count == 0)
		return lepton__pyramid_update(&trace->smooth, trace->smoothed, 0, err);
	if (lepton__grow(&trace->smoothed, &trace->smoothed_capacity, count, sizeof *trace->smoothed) != 0)
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "no memory for a smoothed curve of %zu points", count);
	if (trace->smoothed_count == 0)
		smooth_outline(trace, count);
	for (size_t i = trace->smoothed_count; i < count; i++)
		trace->smoothed[i] = smooth_next(trace, values[i]);
	trace->smoothed_count = count;
	return lepton__pyramid_update(&trace->smooth, trace->smoothed, count, err);
}

static void forget_smoothed(struct lepton__trace *trace, double smoothing)
{
	memset(trace->smooth.size, 0, sizeof trace->smooth.size);
	trace->smooth.count = trace->smoothed_count = 0;
	trace->smoothing = smoothing;
	trace->average = trace->weight = 0;
}

int lepton__trace_update(struct lepton__trace *trace, const float *values, size_t count, double smoothing,
	struct lepton_error *err)
{
	smoothing = !(smoothing > 0) ? 0 : smoothing > 0.9999 ? 0.9999 : smoothing;
	if (count < trace->raw.count || smoothing < trace->smoothing || smoothing > trace->smoothing)
		forget_smoothed(trace, smoothing);
	int code = lepton__pyramid_update(&trace->raw, values, count, err);
	if (code == 0 && smoothing > 0)
		code = smooth_more(trace, values, count, err);
	return code;
}
