/* tui/past.c - histories by their points where some are but an outline: for sparklines, and for files. */
#include "config.h"
#include "tui/closeup.h"
#include "base/memory.h"
#include "train/outline.h"

#include <math.h>

#define LOOKED_AT 64 /* points of a part, at most */

/* ---- parts ---- */

struct walk { /* along a history, point by point, a bucket at a time */
	const struct lepton_history *history;
	bool accuracy;
	size_t bucket;
	int64_t at; /* points before that bucket */
};

/* Mean of points [from, to): that of each bucket counts for its middle. */
static float mean_between(struct walk *walk, int64_t from, int64_t to, int64_t outlined)
{
	const struct lepton_history *h = walk->history;
	const float *values = walk->accuracy ? h->accuracy : h->loss;
	double sum = 0, weight = 0;
	for (; walk->bucket < h->bucket_count; walk->bucket++) {
		const struct lepton_bucket *b = &h->buckets[walk->bucket];
		double value = (double)(walk->accuracy ? b->accuracy : b->loss);
		if (walk->at + b->points / 2 >= to)
			break;
		if (isfinite(value)) {
			sum += value * b->points;
			weight += b->points;
		}
		walk->at += b->points;
	}
	int64_t first = from > outlined ? from : outlined, stride = 1 + (to - first) / LOOKED_AT;
	for (int64_t i = first; i < to; i += stride) {
		double value = (double)values[h->thinned + (size_t)(i - outlined)];
		if (isfinite(value)) {
			sum += value * (double)stride;
			weight += (double)stride;
		}
	}
	return weight > 0 ? (float)(sum / weight) : NAN;
}

size_t lepton__history_parts(const struct lepton_history *h, bool accuracy, float *parts, size_t count)
{
	struct walk walk = {.history = h, .accuracy = accuracy};
	int64_t points = lepton_history_points(h), outlined = points - (int64_t)(h->count - h->thinned);
	if ((int64_t)count > points)
		count = (size_t)points;
	for (size_t i = 0; i < count; i++)
		parts[i] = mean_between(&walk, (int64_t)((double)points * (double)i / (double)count),
			(int64_t)((double)points * (double)(i + 1) / (double)count), outlined);
	return count;
}

/* ---- the whole run ---- */

static int whole_version(
	const struct lepton__app *app, struct lepton_run_version *copy, struct lepton_error *err)
{
	const struct lepton_history *h = &copy->history;
	struct lepton_history stored = {0}, whole;
	int code = LEPTON_OK;
	if (h->thinned && app->link->history)
		code = app->link->history(
			app->link->context, copy->id, INT64_MIN, h->step[h->thinned - 1], 0, &stored, err);
	if (!code)
		code = lepton__history_whole(h, &stored, &whole, err);
	lepton_history_clear(&stored);
	copy->history = code ? (struct lepton_history){0} : whole;
	return code;
}

int lepton__whole_run(const struct lepton__app *app, struct lepton_run *out, struct lepton_error *err)
{
	const struct lepton_run *run = app->dash.run;
	*out = *run;
	out->version_count = 0;
	out->versions = lepton__calloc(run->version_count + 1, sizeof *out->versions);
	int code = out->versions
			   ? LEPTON_OK
			   : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the run's points");
	for (size_t i = 0; i < run->version_count && !code; i++) {
		struct lepton_run_version *copy = lepton__malloc(sizeof *copy);
		if (!copy) {
			code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the run's points");
			break;
		}
		*copy = *run->versions[i];
		out->versions[out->version_count++] = copy;
		code = whole_version(app, copy, err);
	}
	if (code)
		lepton__whole_run_free(out);
	return code;
}

void lepton__whole_run_free(struct lepton_run *run)
{
	for (size_t i = 0; i < run->version_count; i++) {
		lepton_history_clear(&run->versions[i]->history);
		lepton__free(run->versions[i]);
	}
	lepton__free(run->versions);
	*run = (struct lepton_run){0};
}
