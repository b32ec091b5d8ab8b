/* train/run_outline.c - a version's older points by their outline.
 *
 * A curve of a million points is drawn on some hundred columns of dots. Of the points of one column the
 * picture shows the least and the greatest value, and the lines to the columns beside it begin at the first
 * and the last point: these four draw the same picture, dot for dot (M4; Jugel, Jerzak, Hackenbroich and
 * Markl, VLDB 2014). So older points are kept in memory as buckets, each four entries of the same arrays, in
 * place of 16 or 256 points: first, the extremes in their order, last. A fifth has the smallest positive
 * value where that is neither, for a logarithmic axis. Whatever draws a history needs not know of it. Beside
 * them a bucket has its number of points and their means, for smoothing.
 *
 * The points themselves are in the store, and lepton_store_load_history brings them.
 */
#include "config.h"
#include "train/outline.h"
#include "train/run_parts.h"
#include "base/memory.h"

#include <math.h>

/* ---- points into a bucket ---- */

static void fold(struct lepton__m4 *m4, const float *values, size_t count)
{
	double sum = 0;
	size_t finite = 0, at_min = 0, at_max = 0;
	*m4 = (struct lepton__m4){.first = values[0],
		.last = values[count - 1],
		.min = NAN,
		.max = NAN,
		.least = NAN,
		.mean = NAN};
	for (size_t i = 0; i < count; i++) {
		float value = values[i];
		if (!isfinite(value))
			continue;
		if (!finite || value < m4->min) {
			m4->min = value;
			at_min = i;
		}
		if (!finite || value > m4->max) {
			m4->max = value;
			at_max = i;
		}
		if (value > 0 && !(m4->least <= value))
			m4->least = value;
		sum += (double)value;
		finite++;
	}
	m4->max_first = at_max < at_min;
	if (finite)
		m4->mean = (float)(sum / (double)finite);
}

void lepton__bucket_of(struct lepton__bucket *out, const struct lepton_history *h, size_t from, size_t to)
{
	out->points = (uint32_t)(to - from);
	out->first_step = h->step[from];
	out->last_step = h->step[to - 1];
	out->first_epoch = h->epoch[from];
	out->last_epoch = h->epoch[to - 1];
	out->first_seconds = h->seconds[from];
	out->last_seconds = h->seconds[to - 1];
	fold(&out->loss, h->loss + from, to - from);
	fold(&out->accuracy, h->accuracy + from, to - from);
}

/* ---- a bucket as entries ---- */

static bool hides_least(const struct lepton__m4 *m4)
{
	return m4->least > m4->min; /* neither is NaN then */
}

static uint32_t entries_of(const struct lepton__bucket *bucket)
{
	if (bucket->points < 3)
		return bucket->points;
	return hides_least(&bucket->loss) || hides_least(&bucket->accuracy) ? 5 : 4;
}

static float value_of(const struct lepton__m4 *m4, uint32_t i, uint32_t entries)
{
	if (i == 0)
		return m4->first;
	if (i == entries - 1)
		return m4->last;
	if (i == 1)
		return m4->max_first ? m4->max : m4->min;
	if (i == 2)
		return m4->max_first ? m4->min : m4->max;
	return hides_least(m4) ? m4->least : m4->max;
}

static int add_record(struct lepton_history *h, const struct lepton__bucket *bucket, uint32_t entries,
	struct lepton_error *err)
{
	if (lepton__grow(&h->buckets, &h->bucket_capacity, h->bucket_count + 1, sizeof *h->buckets))
		return lepton__run_nomem(err);
	h->buckets[h->bucket_count++] =
		(struct lepton_bucket){bucket->points, entries, bucket->loss.mean, bucket->accuracy.mean};
	return LEPTON_OK;
}

int lepton__history_add_bucket(
	struct lepton_history *h, const struct lepton__bucket *bucket, struct lepton_error *err)
{
	uint32_t entries = entries_of(bucket);
	int code = lepton__history_room(h, entries) ? LEPTON_OK : lepton__run_nomem(err);
	if (!code)
		code = add_record(h, bucket, entries, err);
	for (uint32_t i = 0; i < entries && !code; i++) {
		size_t at = h->count++;
		h->step[at] = i ? bucket->last_step : bucket->first_step;
		h->epoch[at] = i ? bucket->last_epoch : bucket->first_epoch;
		h->seconds[at] = i ? bucket->last_seconds : bucket->first_seconds;
		h->loss[at] = value_of(&bucket->loss, i, entries);
		h->accuracy[at] = value_of(&bucket->accuracy, i, entries);
	}
	h->thinned = h->count;
	return code;
}

void lepton__history_cut_buckets(struct lepton_history *h)
{
	while (h->thinned > h->count && h->bucket_count) {
		struct lepton_bucket *last = &h->buckets[h->bucket_count - 1];
		size_t over = h->thinned - h->count;
		if (over >= last->entries) {
			h->thinned -= last->entries;
			h->bucket_count--;
			continue;
		}
		last->entries -=
			(uint32_t)over; /* its other points are no more known than their outline was */
		last->points = last->entries;
		h->thinned = h->count;
	}
}

int64_t lepton_history_points(const struct lepton_history *h)
{
	int64_t points = (int64_t)(h->count - h->thinned);
	for (size_t i = 0; i < h->bucket_count; i++)
		points += h->buckets[i].points;
	return points;
}

/* ---- from one history to another ---- */

int lepton__history_append(struct lepton_history *to, const struct lepton_history *from, size_t first,
	size_t end, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = first; i < end && !code; i++)
		code = lepton__history_push(to, from->step[i], from->epoch[i], from->seconds[i],
			from->loss[i], from->accuracy[i], err);
	return code;
}

int lepton__history_append_buckets(struct lepton_history *to, const struct lepton_history *from,
	size_t buckets, struct lepton_error *err)
{
	size_t entries = 0;
	for (size_t i = 0; i < buckets; i++)
		entries += from->buckets[i].entries;
	int code = lepton__history_append(to, from, 0, entries, err);
	if (!code && buckets &&
		lepton__grow(
			&to->buckets, &to->bucket_capacity, to->bucket_count + buckets, sizeof *to->buckets))
		code = lepton__run_nomem(err);
	for (size_t i = 0; i < buckets && !code; i++)
		to->buckets[to->bucket_count++] = from->buckets[i];
	to->thinned = to->count;
	return code;
}

int lepton__history_thin(struct lepton_history *h, struct lepton_error *err)
{
	struct lepton_history thin = {0};
	struct lepton__bucket bucket;
	size_t at = h->thinned, end = h->thinned + LEPTON__LIVE_MOST / 2;
	if (h->count - h->thinned <= LEPTON__LIVE_MOST)
		return LEPTON_OK;
	int code = lepton__history_append_buckets(&thin, h, h->bucket_count, err);
	for (; at < end && !code; at += LEPTON__BUCKET_COARSE) {
		lepton__bucket_of(&bucket, h, at, at + LEPTON__BUCKET_COARSE);
		code = lepton__history_add_bucket(&thin, &bucket, err);
	}
	if (!code)
		code = lepton__history_append(&thin, h, at, h->count, err);
	lepton_history_clear(code ? &thin : h);
	if (!code)
		*h = thin;
	return code;
}

int lepton__history_whole(const struct lepton_history *h, const struct lepton_history *stored,
	struct lepton_history *out, struct lepton_error *err)
{
	size_t end = 0;
	while (h->thinned && end < stored->count && stored->step[end] <= h->step[h->thinned - 1])
		end++;
	*out = (struct lepton_history){0};
	int code = lepton__history_append(out, stored, 0, end, err);
	if (!code)
		code = lepton__history_append(out, h, h->thinned, h->count, err);
	if (code)
		lepton_history_clear(out);
	return code;
}
