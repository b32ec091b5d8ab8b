/* tui/plot_band.c - several series as one: the line of their mean in a band from their least to their
 * greatest.
 *
 * Versions that differ only in their seed are one experiment said several times; the mean says what it does
 * and the band how much of it is chance. In each dot column the band holds every value that any member has
 * there, and the lines between; the mean is that of the members at the column's middle, each read on the
 * straight line between its points. A member takes part from its first point to its last.
 */
#include "config.h"
#include "tui/plot_parts.h"

#include "base/memory.h"

#include <math.h>

struct column {
	double least, greatest, sum; /* sum: of the members at its middle */
	size_t count;                /* how many these are */
};

struct lepton__band_value lepton__band_value(const struct lepton__series *series, size_t count, double x)
{
	struct lepton__band_value value = {NAN, NAN, NAN, NAN, 0};
	double sum = 0, squares = 0;
	for (size_t i = 0; i < count; i++) {
		double y = lepton__series_between(&series[i], x);
		if (!isfinite(y))
			continue;
		value.least = fmin(value.least, y); /* NaN gives way */
		value.greatest = fmax(value.greatest, y);
		double step = y - (value.count > 0 ? sum / (double)value.count : y);
		sum += y;
		value.count++;
		squares += step * (y - sum / (double)value.count); /* Welford's */
	}
	if (value.count > 0)
		value.mean = sum / (double)value.count;
	if (value.count > 1)
		value.deviation = sqrt(squares / (double)(value.count - 1));
	return value;
}

static double middle_of(const struct lepton__window *window, int width, int column)
{
	double place = width > 1 ? (double)column / (width - 1) : 0.5;
	if (column == width - 1 && width > 1)
		return window->to;
	return column == 0 && width > 1
		       ? window->from
		       : lepton__unscaled(
				 window->x_min + place * (window->x_max - window->x_min), window->log_x);
}

static void widen(struct column *column, double least, double greatest)
{
	column->least = fmin(column->least, least);
	column->greatest = fmax(column->greatest, greatest);
}

/* First index whose x is beyond x, from one on that is not behind it: the steps double, so near ones cost
 * little. */
static size_t index_from(const struct lepton__series *series, size_t from, double x)
{
	size_t count = series->trace->raw.count, stride = 1, high = from;
	while (high < count && lepton__series_x(series, high) <= x) {
		from = high + 1;
		high += stride;
		stride *= 2;
	}
	for (high = high < count ? high : count; from < high;) {
		size_t middle = from + (high - from) / 2;
		if (lepton__series_x(series, middle) <= x)
			from = middle + 1;
		else
			high = middle;
	}
	return from;
}

/* All that one member has in each column: its points, and the line through the middle. */
static void take_member(struct column *columns, int width, const struct lepton__series *series,
	const struct lepton__window *window)
{
	const struct lepton__pyramid *values = lepton__series_shown(series);
	size_t first = lepton__series_index(series, window->from, false),
	       end = lepton__series_index(series, window->to, true);
	int column = 0;
	for (size_t i = first, next; i < end; i = next) {
		column = lepton__column_at(series, window, width, column, i);
		next = lepton__column_end(series, window, width, column, i, end);
		struct lepton__span span = lepton__pyramid_span(values, i, next);
		widen(&columns[column], (double)(window->log_y ? span.least : span.min), (double)span.max);
	}
	size_t next = 0;
	for (int c = 0; c < width; c++) {
		double x = middle_of(window, width, c);
		next = index_from(series, next, x);
		double y = lepton__series_between_at(series, next, x);
		if (isfinite(y)) {
			columns[c].sum += y;
			columns[c].count++;
		}
		if (lepton__drawable(window, (float)y))
			widen(&columns[c], y, y);
	}
}

/* Every other dot, so that a band is lighter than any line. */
static void shade(struct lepton__canvas *canvas, const struct lepton__window *window,
	const struct column *column, int x, unsigned ink)
{
	if (!lepton__drawable(window, (float)column->least) ||
		!lepton__drawable(window, (float)column->greatest))
		return;
	int top = lepton__window_row(window, canvas->height, column->greatest),
	    bottom = lepton__window_row(window, canvas->height, column->least);
	top = top < 0 ? 0 : top;
	bottom = bottom >= canvas->height ? canvas->height - 1 : bottom;
	for (int y = top; y <= bottom; y++)
		if ((x + y) % 2 == 0)
			lepton__canvas_dot(canvas, x, y, ink);
}

static void draw_mean(struct lepton__canvas *canvas, const struct lepton__window *window,
	const struct column *columns, unsigned ink)
{
	int before = 0;
	bool had = false;
	for (int x = 0; x < canvas->width; x++) {
		double mean = columns[x].count > 0 ? columns[x].sum / (double)columns[x].count : NAN;
		bool has = lepton__drawable(window, (float)mean);
		int row = has ? lepton__window_row(window, canvas->height, mean) : 0;
		if (has && had)
			lepton__canvas_line(canvas, x - 1, before, x, row, ink);
		else if (has)
			lepton__canvas_dot(canvas, x, row, ink);
		had = has;
		before = row;
	}
}

int lepton__plot_band(struct lepton__canvas *canvas, const struct lepton__series *series, size_t count,
	const struct lepton__window *window, unsigned ink, unsigned shade_ink)
{
	int width = canvas->width;
	if (width < 1 || canvas->height < 1)
		return 0;
	struct column *columns = lepton__calloc((size_t)width, sizeof *columns);
	if (columns == NULL)
		return LEPTON_E_NOMEM;
	for (int c = 0; c < width; c++)
		columns[c] = (struct column){NAN, NAN, 0, 0};
	for (size_t i = 0; i < count; i++)
		take_member(columns, width, &series[i], window);
	for (int c = 0; c < width; c++)
		shade(canvas, window, &columns[c], c, shade_ink);
	draw_mean(canvas, window, columns, ink);
	lepton__free(columns);
	return 0;
}
