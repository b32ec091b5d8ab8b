/* tui/closeup.c - points from the store where an outline of them is too coarse for the window.
 *
 * A curve is drawn from the outline of its older points (train/run_outline.c) as long as each of its buckets
 * is narrower than a column of dots. Nearer, the link is asked for the points of the window with half of it
 * on either side, and they are drawn in the outline's place until the window leaves them, or new news changes
 * what is older. Where that would be very many points the store gives finer buckets instead. Points that are
 * in memory anyway follow behind. A smoothed curve begins that much before the window that its start is
 * forgotten.
 */
#include "config.h"
#include "tui/closeup.h"
#include "base/memory.h"
#include "train/outline.h"
#include "tui/plot_parts.h"

#include <math.h>

#define SLACK 4096 /* points beside a window */
#define ENTRIES 4  /* of a bucket, nearly always */

struct lepton__closeup {
	struct lepton_history history;
	struct lepton__trace trace[2]; /* loss and accuracy */
	struct lepton__gaps gaps;
	int64_t from, to; /* steps that were asked for */
	size_t asked;     /* entries of the outline that the window had then */
	size_t thinned;   /* as the version's history was then */
	int64_t thinned_step;
	size_t live; /* entries of the version's history that are in it: [thinned, live) */
	int64_t live_step;
	bool coarse; /* buckets came */
	bool failed; /* asked for in vain: not again for the same */
};

void lepton__closeup_free(struct lepton__closeup *closeup)
{
	if (!closeup)
		return;
	lepton_history_clear(&closeup->history);
	lepton__trace_free(&closeup->trace[0]);
	lepton__trace_free(&closeup->trace[1]);
	lepton__gaps_free(&closeup->gaps);
	lepton__free(closeup);
}

/* ---- what is wanted ---- */

struct want { /* entries of the outline that the window shows */
	size_t first, end;
	double lo, hi;
	int dots;
	bool log_x;
};

/* A window in which a bucket is wider than a dot has no more points than this, with what is brought beside
 * it. */
static int64_t points_most(int dots)
{
	return 2 * LEPTON__BUCKET_FINE * (int64_t)dots + SLACK;
}

/* Are the thinned entries [first, end) further apart than dots? By logarithms the first always are. */
static bool coarse(const struct lepton__series *series, const struct want *want, size_t first, size_t end)
{
	if (end < first + 2)
		return end > first;
	if (want->log_x)
		return (int64_t)(end - first) * ENTRIES <= points_most(want->dots);
	double width = lepton__series_x(series, end - 1) - lepton__series_x(series, first);
	return width / ((double)(end - first) / ENTRIES) > (want->hi - want->lo) / want->dots;
}

static void find_entries(const struct lepton__series *series, size_t thinned, struct want *want)
{
	want->first = lepton__series_index(series, want->lo, false);
	want->end = lepton__series_index(series, want->hi, true);
	want->first -= want->first > 0; /* a bucket that reaches into the window */
	want->end = want->end + 5 < thinned ? want->end + 5 : thinned;
}

static bool holds(const struct lepton__closeup *c, const struct lepton_history *h, int64_t from, int64_t to)
{
	return c->thinned == h->thinned && c->thinned_step == h->step[h->thinned - 1] && c->from <= from &&
	       c->to >= to &&
	       (c->live == c->thinned || (c->live <= h->count && h->step[c->live - 1] == c->live_step));
}

/* ---- asking ---- */

struct stretch { /* buckets of an outline, and the entries these are */
	size_t bucket, first, end;
};

/* The whole buckets that the window shows, and half as much on either side. */
static struct stretch whole_buckets(const struct lepton_history *h, const struct want *want)
{
	size_t margin = (want->end - want->first) / 2, end = want->end + margin, at = 0, bucket = 0;
	size_t first = want->first > margin ? want->first - margin : 0;
	while (bucket + 1 < h->bucket_count && at + h->buckets[bucket].entries <= first)
		at += h->buckets[bucket++].entries;
	struct stretch stretch = {bucket, at, at};
	while (bucket < h->bucket_count && stretch.end < end)
		stretch.end += h->buckets[bucket++].entries;
	return stretch;
}

/* The outline up to there, the points, and the outline after them: so that who looks for a curve's best
 * value, or its end, finds them; and a smoothed curve comes out of its past. */
static int compose(struct lepton__closeup *c, const struct lepton_history *h, const struct stretch *stretch,
	const struct lepton_history *stored)
{
	int code = lepton__history_append_buckets(&c->history, h, stretch->bucket, NULL);
	if (!code)
		code = lepton__history_append_buckets(&c->history, stored, stored->bucket_count, NULL);
	if (!code)
		code = lepton__history_append(&c->history, stored, stored->thinned, stored->count, NULL);
	return code ? code : lepton__history_append(&c->history, h, stretch->end, h->thinned, NULL);
}

static void clear(struct lepton__closeup *c)
{
	lepton_history_clear(&c->history);
	lepton__gaps_free(&c->gaps);
	c->gaps = (struct lepton__gaps){0};
	for (int m = 0; m < 2; m++) {
		lepton__trace_free(&c->trace[m]);
		lepton__trace_init(&c->trace[m]);
	}
}

static void ask(struct lepton__app *app, const struct lepton_run_version *version, const struct want *want,
	struct lepton__closeup *c)
{
	const struct lepton_history *h = &version->history;
	struct stretch stretch = whole_buckets(h, want);
	struct lepton_history stored = {0};
	struct lepton_error err = {0};
	clear(c);
	c->from = stretch.first ? h->step[stretch.first - 1] + 1 : INT64_MIN;
	c->to = h->step[stretch.end - 1];
	c->asked = want->end - want->first;
	c->live = c->thinned = h->thinned;
	c->thinned_step = h->step[h->thinned - 1];
	c->failed = app->link->history(
		app->link->context, version->id, c->from, c->to, points_most(want->dots), &stored, &err);
	if (c->failed)
		lepton__app_say(
			app, LEPTON_LOG_WARNING, "%s is drawn in outline: %s", version->name, err.message);
	else
		c->failed = compose(c, h, &stretch, &stored);
	c->coarse = stored.bucket_count > 0;
	lepton_history_clear(&stored);
}

/* What has come since. */
static bool follow(struct lepton__closeup *c, const struct lepton_history *h)
{
	if (lepton__history_append(&c->history, h, c->live, h->count, NULL))
		return false;
	c->live = h->count;
	c->live_step = h->step[h->count - 1];
	return true;
}

static bool trace(struct lepton__closeup *c, enum lepton__metric metric, double smoothing)
{
	bool accuracy = metric == LEPTON__ACCURACY;
	struct lepton__trace *trace = &c->trace[accuracy];
	lepton__trace_outline(trace, &c->history, accuracy);
	return lepton__trace_update(trace, accuracy ? c->history.accuracy : c->history.loss, c->history.count,
		       smoothing, NULL) == LEPTON_OK &&
	       lepton__gaps_update(&c->gaps, c->history.loss, c->history.count, NULL) == LEPTON_OK;
}

/* Is what is there fine enough for the window? Of what the store gave as buckets a far nearer window wants
 * the points. */
static bool fine_enough(const struct lepton__closeup *c, const struct want *want)
{
	return !c->coarse || 2 * (want->end - want->first) > c->asked;
}

static void close_up(struct lepton__app *app, struct lepton__extra *extra, struct lepton__series *series,
	struct lepton__curve_context *context, const struct want *want)
{
	const struct lepton_history *h = &context->version->history;
	double smoothing = lepton__smoothings[app->dash.smoothing];
	if (!extra->closeup && !(extra->closeup = lepton__calloc(1, sizeof *extra->closeup)))
		return; /* then in outline */
	struct lepton__closeup *c = extra->closeup;
	struct lepton__series near = *series;
	struct lepton__curve_context own = *context;
	int64_t from = h->step[want->first], to = h->step[want->end - 1];
	own.history = &c->history;
	near.context = &own;
	near.trace = &c->trace[context->metric == LEPTON__ACCURACY];
	near.gaps = series->gaps ? &c->gaps : NULL;
	bool there = c->thinned && holds(c, h, from, to);
	if (there && !c->failed)
		there = follow(c, h) && trace(c, context->metric, smoothing) && fine_enough(c, want);
	if (!there) {
		ask(app, context->version, want, c);
		there = !c->failed && follow(c, h) && trace(c, context->metric, smoothing);
	}
	if (!there || c->failed || !c->history.count)
		return;
	*context = own;
	near.context = context;
	lepton__curve_places(context, &near);
	*series = near;
}

static void forget_others(
	struct lepton__dash *dash, const struct lepton__curve_context *contexts, size_t count)
{
	for (size_t i = 0; i < dash->extra_count; i++) {
		bool drawn = !dash->extras[i].closeup;
		for (size_t k = 0; k < count && !drawn; k++)
			drawn = contexts[k].version->id == dash->extras[i].id;
		if (!drawn) {
			lepton__closeup_free(dash->extras[i].closeup);
			dash->extras[i].closeup = NULL;
		}
	}
}

void lepton__closeups(struct lepton__app *app, const struct lepton__plot *plot, struct lepton__series *series,
	struct lepton__curve_context *contexts, size_t count, int dots)
{
	struct want want = {.dots = dots};
	double lo, hi;
	forget_others(&app->dash, contexts, count);
	if (!app->link->history || dots < 2 || !count ||
		!lepton__series_extent(series, count, plot->log_x, &lo, &hi))
		return;
	want.log_x = plot->log_x;
	want.lo = isfinite(plot->x_min) ? plot->x_min : lo;
	want.hi = isfinite(plot->x_max) ? plot->x_max : hi;
	for (size_t i = 0; i < count; i++) {
		size_t thinned = contexts[i].version->history.thinned;
		if (!thinned || contexts[i].metric > LEPTON__ACCURACY || !(want.hi > want.lo))
			continue;
		find_entries(&series[i], thinned, &want);
		if (want.first < want.end && coarse(&series[i], &want, want.first, want.end))
			close_up(app, lepton__dash_extra(&app->dash, contexts[i].version->id), &series[i],
				&contexts[i], &want);
	}
}
