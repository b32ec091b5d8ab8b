/* tui/plot_window.c - which part of the plane a plot shows.
 *
 * x runs over all series unless zoomed. y runs over what is visible of them. A loss falls steeply in its
 * first steps, and a range that holds those steps flattens all the rest; so unless told otherwise the first
 * thirty-second of the window only counts when it does not dwarf what follows, and the curve enters from
 * beyond the edge instead. A logarithmic x axis is asked for to see the start, so there it counts.
 */
#include "config.h"
#include "tui/plot_parts.h"

#include <math.h>
#include <string.h>

#define PARTS 32
#define DWARFS 2.5
#define PADDING 0.05
#define LONGEST_GAP 256

void lepton__plot_init(struct lepton__plot *plot)
{
	memset(plot, 0, sizeof *plot);
	plot->legend = plot->robust = true;
	plot->x_min = plot->x_max = plot->y_min = plot->y_max = plot->cursor = NAN;
	plot->chosen[0] = plot->chosen[1] = NAN;
}

size_t lepton__series_index(const struct lepton__series *series, double x, bool beyond)
{
	size_t low = 0, high = series->trace->raw.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		double there = lepton__series_x(series, middle);
		if (there < x || (beyond && there <= x))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

double lepton__scaled(double value, bool log)
{
	return log ? log10(value) : value;
}

double lepton__unscaled(double place, bool log)
{
	return log ? pow(10, place) : place;
}

const struct lepton__pyramid *lepton__series_shown(const struct lepton__series *series)
{
	return series->trace->smoothing > 0 ? &series->trace->smooth : &series->trace->raw;
}

double lepton__series_value(const struct lepton__series *series, double x)
{
	const struct lepton__pyramid *values = lepton__series_shown(series);
	size_t at = lepton__series_index(series, x, true);
	for (size_t back = 0; at > 0 && back < LONGEST_GAP; back++)
		if (isfinite(values->values[--at]))
			return (double)values->values[at];
	return NAN;
}

double lepton__series_between_at(const struct lepton__series *series, size_t next, double x)
{
	const struct lepton__pyramid *values = lepton__series_shown(series);
	if (next == 0)
		return NAN;
	double before = (double)values->values[next - 1], from = lepton__series_x(series, next - 1);
	if (next == values->count)
		return x <= from ? before : NAN;
	double behind = (double)values->values[next], to = lepton__series_x(series, next);
	return x <= from ? before : before + (behind - before) * (x - from) / (to - from);
}

double lepton__series_between(const struct lepton__series *series, double x)
{
	return lepton__series_between_at(series, lepton__series_index(series, x, true), x);
}

bool lepton__series_best(
	const struct lepton__series *series, enum lepton__best which, double until, double *x, double *y)
{
	const struct lepton__pyramid *values = lepton__series_shown(series);
	bool most = which == LEPTON__BEST_GREATEST;
	size_t from = 0, to = lepton__series_index(series, until, true);
	struct lepton__span span = lepton__pyramid_span(values, from, to);
	float best = most ? span.max : span.min;
	if (which == LEPTON__BEST_NONE || !isfinite(best))
		return false;
	while (to - from > 1) {
		size_t middle = from + (to - from) / 2;
		span = lepton__pyramid_span(values, from, middle);
		if (most ? span.max >= best : span.min <= best)
			to = middle;
		else
			from = middle;
	}
	*x = lepton__series_x(series, from);
	*y = (double)best;
	return true;
}

bool lepton__series_extent(
	const struct lepton__series *series, size_t count, bool log_x, double *lo, double *hi)
{
	*lo = INFINITY;
	*hi = -INFINITY;
	for (size_t i = 0; i < count; i++) {
		size_t points = series[i].trace->raw.count,
		       first = log_x ? lepton__series_index(&series[i], 0, true) : 0;
		if (first >= points)
			continue;
		*lo = fmin(*lo, lepton__series_x(&series[i], first));
		*hi = fmax(*hi, lepton__series_x(&series[i], points - 1));
	}
	return *lo <= *hi && isfinite(*lo) && isfinite(*hi);
}

static bool x_window(const struct lepton__plot *plot, struct lepton__window *out)
{
	double lo, hi;
	bool given = isfinite(plot->x_min) && (!plot->log_x || plot->x_min > 0);
	if (!lepton__series_extent(plot->series, plot->series_count, plot->log_x, &lo, &hi))
		return false;
	out->from = given ? plot->x_min : lo;
	out->to = isfinite(plot->x_max) ? plot->x_max : hi;
	if (out->to <= out->from) { /* one point stands in the middle */
		out->to = plot->log_x ? out->from * 2 : out->from + 0.5;
		out->from = plot->log_x ? out->from / 2 : out->from - 0.5;
	}
	out->x_min = lepton__scaled(out->from, plot->log_x);
	out->x_max = lepton__scaled(out->to, plot->log_x);
	return true;
}

struct range {
	double lo, hi; /* lo > hi: empty */
};

static void widen(struct range *range, struct lepton__span span, bool log_y)
{
	if (log_y && !(span.max > 0))
		return;
	range->lo = fmin(range->lo, (double)(log_y ? span.least : span.min));
	range->hi = fmax(range->hi, (double)span.max);
}

/* What all series show from x on. */
static void visible_range(const struct lepton__plot *plot, const struct lepton__window *window, double from,
	struct range *range)
{
	for (size_t i = 0; i < plot->series_count; i++) {
		const struct lepton__series *series = &plot->series[i];
		size_t first = lepton__series_index(series, from, false),
		       last = lepton__series_index(series, window->to, true);
		widen(range, lepton__pyramid_span(lepton__series_shown(series), first, last), plot->log_y);
	}
}

/* The range without the first part where that one dwarfs the rest. */
static void leave_out_start(
	const struct lepton__plot *plot, const struct lepton__window *window, struct range *range)
{
	struct range rest = {INFINITY, -INFINITY};
	visible_range(plot, window, window->from + (window->to - window->from) / PARTS, &rest);
	double height = rest.hi - rest.lo;
	if (!(height > 0) || range->hi - range->lo < DWARFS * height)
		return;
	range->hi = fmin(range->hi, rest.hi + 0.25 * height);
	range->lo = fmax(range->lo, rest.lo - 0.25 * height);
}

/* A window that lies between two points still shows the line that crosses it. */
static void crossing_range(
	const struct lepton__plot *plot, const struct lepton__window *window, struct range *range)
{
	for (size_t i = 0; i < plot->series_count; i++) {
		const struct lepton__series *series = &plot->series[i];
		size_t at = lepton__series_index(series, window->from, false);
		if (at > 0)
			widen(range, lepton__pyramid_span(lepton__series_shown(series), at - 1, at + 1),
				plot->log_y);
	}
}

bool lepton__plot_window(const struct lepton__plot *plot, struct lepton__window *out)
{
	struct range range = {INFINITY, -INFINITY};
	out->log_x = plot->log_x;
	out->log_y = plot->log_y;
	out->ends = NULL;
	if (!x_window(plot, out))
		return false;
	visible_range(plot, out, out->from, &range);
	if (range.lo > range.hi)
		crossing_range(plot, out, &range);
	bool low_given = isfinite(plot->y_min) && (!plot->log_y || plot->y_min > 0);
	bool high_given = isfinite(plot->y_max) && (!plot->log_y || plot->y_max > 0);
	if (range.lo > range.hi && !(low_given && high_given))
		return false;
	if (plot->robust && !plot->log_y && !plot->log_x)
		leave_out_start(plot, out, &range);
	double lo = lepton__scaled(range.lo, plot->log_y), hi = lepton__scaled(range.hi, plot->log_y);
	double padding = hi > lo ? (hi - lo) * PADDING : fabs(hi) > 0 && !plot->log_y ? fabs(hi) * 0.1 : 0.5;
	out->y_min = low_given ? lepton__scaled(plot->y_min, plot->log_y) : lo - padding;
	if (!low_given && !plot->log_y && range.lo >= 0 && out->y_min < 0)
		out->y_min = 0; /* no room for what cannot be */
	out->y_max = high_given ? lepton__scaled(plot->y_max, plot->log_y) : hi + padding;
	if (out->y_max <= out->y_min)
		out->y_max = out->y_min + 1;
	return true;
}

double lepton__plot_x_at(const struct lepton__plot_view *view, int column)
{
	if (lepton__rect_empty(view->area))
		return NAN;
	double place = (column - view->area.x + 0.5) / view->area.cols;
	place = place < 0 ? 0 : place > 1 ? 1 : place;
	double lo = lepton__scaled(view->x_min, view->log_x), hi = lepton__scaled(view->x_max, view->log_x);
	return lepton__unscaled(lo + place * (hi - lo), view->log_x);
}

void lepton__plot_zoom(double *x_min, double *x_max, double lo, double hi, double about, double factor)
{
	double range = (*x_max - *x_min) * factor, all = hi - lo;
	if (!(range > all * 1e-6))
		range = all * 1e-6;
	if (!(range < all)) {
		*x_min = lo;
		*x_max = hi;
		return;
	}
	double place = (about - *x_min) / (*x_max - *x_min);
	place = !(place > 0) ? 0 : place > 1 ? 1 : place;
	double from = about - place * range;
	from = from < lo ? lo : from + range > hi ? hi - range : from;
	*x_min = from;
	*x_max = from + range;
}
