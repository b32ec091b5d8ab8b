/* tui/plot_curve.c - curves into dots, and their inks.
 *
 * Points that fall into one dot column are drawn as a bar from their least to their greatest value, which the
 * pyramid knows; the last point of a column and the first of the next with points are joined by a line. That
 * is the very picture of drawing each point in turn, at the cost of the width. A value that is no number
 * breaks the line.
 */
#include "config.h"
#include "tui/plot_parts.h"
#include "base/memory.h"

#include <math.h>

#define PLAIN_INKS 24 /* as many as there are curve colours */
#define FIRST_PINNED 48

bool lepton__drawable(const struct lepton__window *window, float value)
{
	return isfinite(value) && (!window->log_y || value > 0);
}

/* Liang and Barsky's test against one edge: narrows the part [*from, *to] of the line that lies inside. */
static bool clip_edge(double toward, double room, double *from, double *to)
{
	if (toward > -1e-300 && toward < 1e-300)
		return room >= 0;
	double at = room / toward;
	if (toward < 0)
		*from = fmax(*from, at);
	else
		*to = fmin(*to, at);
	return *from <= *to;
}

/* All four as they stand on the axes. */
static void join_points(struct lepton__canvas *canvas, const struct lepton__window *window, double x0,
	double y0, double x1, double y1, unsigned ink)
{
	double from = 0, to = 1, dx = x1 - x0, dy = y1 - y0;
	if (!clip_edge(-dx, x0 - window->x_min, &from, &to) ||
		!clip_edge(dx, window->x_max - x0, &from, &to) ||
		!clip_edge(-dy, y0 - window->y_min, &from, &to) ||
		!clip_edge(dy, window->y_max - y0, &from, &to))
		return;
	int width = canvas->width, height = canvas->height;
	lepton__canvas_line(canvas, lepton__scaled_column(window, width, x0 + from * dx),
		lepton__scaled_row(window, height, y0 + from * dy),
		lepton__scaled_column(window, width, x0 + to * dx),
		lepton__scaled_row(window, height, y0 + to * dy), ink);
}

/* Two points of which one may lie outside of the window. */
static void join_indices(struct lepton__canvas *canvas, const struct lepton__series *series,
	const float *values, const struct lepton__window *window, size_t i, unsigned ink)
{
	double before = lepton__series_x(series, i - 1), here = lepton__series_x(series, i);
	if (lepton__drawable(window, values[i - 1]) && lepton__drawable(window, values[i]) &&
		(!window->log_x || before > 0))
		join_points(canvas, window, lepton__scaled(before, window->log_x),
			lepton__scaled((double)values[i - 1], window->log_y),
			lepton__scaled(here, window->log_x), lepton__scaled((double)values[i], window->log_y),
			ink);
}

static bool between(const struct lepton__window *window, double y)
{
	return y >= window->y_min && y <= window->y_max;
}

/* Two points whose columns lie in the window: where their values do too, nothing is to be clipped. */
static void join_columns(struct lepton__canvas *canvas, const struct lepton__series *series,
	const float *values, const struct lepton__window *window, size_t i, const int column[2], unsigned ink)
{
	if (!lepton__drawable(window, values[i - 1]) || !lepton__drawable(window, values[i]))
		return;
	double before = lepton__scaled((double)values[i - 1], window->log_y),
	       here = lepton__scaled((double)values[i], window->log_y);
	if (between(window, before) && between(window, here))
		lepton__canvas_line(canvas, column[0], lepton__scaled_row(window, canvas->height, before),
			column[1], lepton__scaled_row(window, canvas->height, here), ink);
	else
		join_indices(canvas, series, values, window, i, ink);
}

static void draw_bar(struct lepton__canvas *canvas, const struct lepton__window *window, int column,
	struct lepton__span span, unsigned ink)
{
	float low = window->log_y ? span.least : span.min;
	if (isfinite(low) && isfinite(span.max))
		lepton__canvas_column(canvas, column,
			lepton__window_row(window, canvas->height, (double)span.max),
			lepton__window_row(window, canvas->height, (double)low), ink);
}

void lepton__plot_raster(struct lepton__canvas *canvas, const struct lepton__series *series,
	const struct lepton__pyramid *values, const struct lepton__window *window, unsigned ink)
{
	size_t first = lepton__series_index(series, window->from, false);
	size_t end = lepton__series_index(series, window->to, true);
	int column[2] = {0, 0}; /* of the points before and here */
	if (values->count == 0 || canvas->width < 1 || canvas->height < 1)
		return;
	if (first > 0 && first < values->count)
		join_indices(canvas, series, values->values, window, first, ink);
	for (size_t i = first, next; i < end; i = next) {
		column[1] = lepton__column_at(series, window, canvas->width, column[0], i);
		next = lepton__column_end(series, window, canvas->width, column[1], i, end);
		if (i > first)
			join_columns(canvas, series, values->values, window, i, column, ink);
		draw_bar(canvas, window, column[1], lepton__pyramid_span(values, i, next), ink);
		column[0] = column[1];
	}
	if (end > first && end < values->count)
		join_indices(canvas, series, values->values, window, end, ink);
}

static void set_inks(struct lepton__canvas *canvas, const struct lepton__theme *theme)
{
	struct lepton__style style = lepton__theme_style(theme, LEPTON__MAIN);
	int32_t background = style.bg < 0 ? 0x000000 : style.bg;
	for (unsigned i = 0; i < PLAIN_INKS; i++) {
		style.fg = lepton__theme_curve(theme, i);
		style.attributes = 0;
		canvas->ink[i] = canvas->ink[PLAIN_INKS + i] = style;
		canvas->ink[PLAIN_INKS + i].fg = lepton__color_mix(style.fg, background, 0.65);
		canvas->ink[PLAIN_INKS + i].attributes = LEPTON__DIM;
		canvas->faint |= UINT64_C(1) << (PLAIN_INKS + i);
	}
	for (unsigned i = FIRST_PINNED; i < LEPTON__INKS; i++)
		canvas->strong |= UINT64_C(1) << i;
}

/* The ink of series i: plain ones by colour, pinned ones each their own while there are any left. */
static unsigned ink_of(struct lepton__canvas *canvas, const struct lepton__theme *theme,
	const struct lepton__series *series, unsigned *pinned, enum lepton__glyphs glyphs)
{
	unsigned ink = (unsigned)(series->look % PLAIN_INKS);
	if (series->pinned && FIRST_PINNED + *pinned < LEPTON__INKS)
		ink = FIRST_PINNED + (*pinned)++;
	canvas->ink[ink] = lepton__theme_style(theme, LEPTON__MAIN);
	canvas->ink[ink].fg = lepton__theme_curve(theme, series->look);
	canvas->ink[ink].attributes = series->pinned ? LEPTON__BOLD : 0;
	canvas->letter[ink] =
		glyphs == LEPTON__GLYPHS_ASCII ? (char)lepton__theme_marker(series->look, glyphs) : '*';
	return ink;
}

static void raster_series(struct lepton__canvas *canvas, const struct lepton__series *series,
	const struct lepton__window *window, unsigned ink)
{
	unsigned faint = PLAIN_INKS + (unsigned)(series->look % PLAIN_INKS);
	if (series->trace->smoothing > 0)
		lepton__plot_raster(canvas, series, &series->trace->raw, window, faint);
	lepton__plot_raster(canvas, series, lepton__series_shown(series), window, ink);
}

/* Groups draw as bands; one of a single series as that. */
static int raster_all(struct lepton__canvas *canvas, const struct lepton__theme *theme,
	const struct lepton__plot *plot, const struct lepton__window *window, enum lepton__glyphs glyphs)
{
	unsigned pinned = 0;
	int code = 0;
	size_t count = plot->groups != NULL ? plot->group_count : plot->series_count;
	for (size_t i = 0; i < count && code == 0; i++) {
		size_t first = plot->groups != NULL ? plot->groups[i].first : i,
		       members = plot->groups != NULL ? plot->groups[i].count : 1;
		const struct lepton__series *series = &plot->series[first];
		unsigned ink = ink_of(canvas, theme, series, &pinned, glyphs);
		unsigned faint = PLAIN_INKS + (unsigned)(series->look % PLAIN_INKS);
		canvas->letter[faint] = '.';
		if (members == 1)
			raster_series(canvas, series, window, ink);
		else
			code = lepton__plot_band(canvas, series, members, window, ink, faint);
	}
	return code;
}

int lepton__plot_curves(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window)
{
	struct lepton__canvas canvas;
	struct lepton__window cut = *window;
	int code = lepton__canvas_init(&canvas, area.rows, area.cols, screen->glyphs, NULL);
	if (code != 0)
		return code;
	set_inks(&canvas, theme);
	cut.ends = lepton__column_ends(window, canvas.width);
	code = raster_all(&canvas, theme, plot, &cut, screen->glyphs);
	lepton__free(cut.ends);
	lepton__canvas_draw(&canvas, screen, area.y, area.x);
	lepton__canvas_free(&canvas);
	lepton__plot_marks(screen, theme, area, plot, window);
	return code;
}
