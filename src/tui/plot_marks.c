/* tui/plot_marks.c - signs on the curves: which one it is, its best value, and where it was no number.
 *
 * Markers tell curves apart where colours cannot. A star stands at the best value so far. Where a value is
 * no number, a cross stands at the top edge of the area, since there is no height to draw it at.
 */
#include "config.h"
#include "tui/plot_parts.h"

#include <math.h>

#define MOST_MARKED 8 /* curves with more signs than the one at their end */

static void put_sign(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__window *window, size_t look, double x, double y,
	uint32_t sign)
{
	struct lepton__style style = lepton__theme_style(theme, LEPTON__MAIN);
	if (!lepton__drawable(window, (float)y))
		return;
	int column = lepton__area_column(area, window, x), row = lepton__area_row(area, window, y);
	if (row < 0 || column < 0)
		return;
	style.fg = lepton__theme_curve(theme, look);
	style.attributes = LEPTON__BOLD;
	lepton__screen_put(screen, row, column, sign, style);
}

static void put_marker(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__window *window, const struct lepton__series *series,
	double x)
{
	put_sign(screen, theme, area, window, series->look, x, lepton__series_value(series, x),
		lepton__theme_marker(series->look, screen->glyphs));
}

/* A marker at the curve's end, and, where there are few curves, some along it at points it really has. */
static void put_markers(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window,
	size_t i)
{
	const struct lepton__series *series = &plot->series[i];
	size_t end = lepton__series_index(series, window->to, true);
	if (end == 0 || lepton__series_x(series, end - 1) < window->from)
		return;
	int along = plot->series_count <= MOST_MARKED ? area.cols / 14 : 0;
	for (int k = 0; k < along; k++) {
		double place = (k + (double)(i + 1) / (double)(plot->series_count + 1)) / along;
		double x = lepton__unscaled(
			window->x_min + place * (window->x_max - window->x_min), window->log_x);
		size_t at = lepton__series_index(series, x, true);
		if (at > 0 && at < end && lepton__series_x(series, at - 1) >= window->from)
			put_marker(screen, theme, area, window, series, lepton__series_x(series, at - 1));
	}
	put_marker(screen, theme, area, window, series, lepton__series_x(series, end - 1));
}

uint32_t lepton__best_sign(enum lepton__glyphs glyphs)
{
	return glyphs == LEPTON__GLYPHS_BRAILLE ? 0x2726 : '+';
}

static void put_best(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window,
	const struct lepton__series *series)
{
	double x, y;
	bool few = plot->series_count <= MOST_MARKED || series->pinned;
	if (few && lepton__series_best(series, plot->best, INFINITY, &x, &y))
		put_sign(screen, theme, area, window, series->look, x, y, lepton__best_sign(screen->glyphs));
}

/* Crosses over all columns from the first to the last value of each gap that is in the window. */
static void put_gaps(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__window *window, const struct lepton__series *series)
{
	struct lepton__style style = lepton__theme_style(theme, LEPTON__MAIN);
	style.fg = lepton__theme_curve(theme, series->look);
	style.attributes = LEPTON__BOLD;
	size_t first = lepton__series_index(series, window->from, false),
	       end = lepton__series_index(series, window->to, true);
	for (size_t i = 0; i < series->gaps->count; i++) {
		struct lepton__gap gap = series->gaps->items[i];
		gap.from = gap.from < first ? first : gap.from;
		gap.to = gap.to > end ? end : gap.to;
		if (gap.from >= gap.to)
			continue;
		int from = lepton__area_column(area, window, lepton__series_x(series, gap.from)),
		    to = lepton__area_column(area, window, lepton__series_x(series, gap.to - 1));
		for (int x = from; from >= 0 && x <= to; x++)
			lepton__screen_put(screen, area.y, x,
				screen->glyphs == LEPTON__GLYPHS_ASCII ? 'X' : 0xd7, style);
	}
}

/* A group is marked at the end of its mean. */
static void put_group(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window,
	const struct lepton__plot_group *group)
{
	const struct lepton__series *series = &plot->series[group->first];
	double lo, hi;
	if (!lepton__series_extent(series, group->count, plot->log_x, &lo, &hi))
		return;
	hi = fmin(hi, window->to);
	struct lepton__band_value value = lepton__band_value(series, group->count, hi);
	put_sign(screen, theme, area, window, series->look, hi, value.mean,
		lepton__theme_marker(series->look, screen->glyphs));
}

void lepton__plot_marks(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window)
{
	for (size_t i = 0; plot->groups == NULL && i < plot->series_count; i++) {
		put_markers(screen, theme, area, plot, window, i);
		put_best(screen, theme, area, plot, window, &plot->series[i]);
	}
	for (size_t i = 0; plot->groups != NULL && i < plot->group_count; i++)
		put_group(screen, theme, area, plot, window, &plot->groups[i]);
	for (size_t i = 0; i < plot->series_count; i++)
		if (plot->series[i].gaps != NULL)
			put_gaps(screen, theme, area, window, &plot->series[i]);
}
