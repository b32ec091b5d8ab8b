/* tui/plot_heat.c - many versions as a heat-map: a row each, x along it, the value as colour and shade.
 *
 * Beyond some thirty curves in one plot nobody can follow one. Here each has its line of text, and what is
 * compared are ranks: a cell's shade says in which quarter of all values shown it lies, its colour where
 * exactly, so that one version that diverged does not turn all others into one colour. A cell's value is read
 * on the line between the points at its middle. The shades alone tell the quarters apart where there are no
 * colours.
 */
#include "config.h"
#include "tui/plot_parts.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_COLS 9
#define LEAST_CELLS 8
#define QUARTERS 4

struct heat {
	float *cells;  /* rows by columns; NaN: nothing there */
	float *sorted; /* the finite ones of them */
	size_t count;  /* of sorted */
};

static int rising(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

/* The share of values below this one, with half of its equals: 0 to 1. */
double lepton__heat_rank(const float *sorted, size_t count, float value)
{
	size_t below = 0, high = count;
	while (below < high) {
		size_t middle = below + (high - below) / 2;
		if (sorted[middle] < value)
			below = middle + 1;
		else
			high = middle;
	}
	size_t upto = below;
	for (high = count; upto < high;) {
		size_t middle = upto + (high - upto) / 2;
		if (sorted[middle] <= value)
			upto = middle + 1;
		else
			high = middle;
	}
	return count > 0 ? ((double)below + (double)upto) / 2 / (double)count : 0;
}

double lepton__heat_x(const struct lepton__window *window, int cols, int column)
{
	double place = (column + 0.5) / cols;
	return lepton__unscaled(window->x_min + place * (window->x_max - window->x_min), window->log_x);
}

static int fill(struct heat *heat, const struct lepton__plot *plot, const struct lepton__window *window,
	size_t first, int rows, int cols)
{
	size_t size = (size_t)rows * (size_t)cols;
	heat->cells = lepton__calloc(size + 1, sizeof *heat->cells);
	heat->sorted = lepton__calloc(size + 1, sizeof *heat->sorted);
	if (heat->cells == NULL || heat->sorted == NULL)
		return LEPTON_E_NOMEM;
	for (int row = 0; row < rows; row++)
		for (int c = 0; c < cols; c++) {
			float value = (float)lepton__series_between(
				&plot->series[first + (size_t)row], lepton__heat_x(window, cols, c));
			heat->cells[(size_t)row * (size_t)cols + (size_t)c] = value;
			if (isfinite(value))
				heat->sorted[heat->count++] = value;
		}
	qsort(heat->sorted, heat->count, sizeof *heat->sorted, rising);
	return 0;
}

static int quarter_of(double rank)
{
	int quarter = (int)(rank * QUARTERS);
	return quarter < 0 ? 0 : quarter >= QUARTERS ? QUARTERS - 1 : quarter;
}

static uint32_t shade_of(int quarter, enum lepton__glyphs glyphs)
{
	static const uint32_t blocks[] = {0x2591, 0x2592, 0x2593, 0x2588};
	static const char letters[] = ".-+#";
	return glyphs == LEPTON__GLYPHS_ASCII ? (unsigned char)letters[quarter] : blocks[quarter];
}

static void draw_cells(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect line, const struct heat *heat, size_t row, const struct lepton__series *series,
	const struct lepton__window *window)
{
	for (int c = 0; c < line.cols; c++) {
		float value = heat->cells[row * (size_t)line.cols + (size_t)c];
		if (isfinite(value)) {
			double rank = lepton__heat_rank(heat->sorted, heat->count, value);
			lepton__screen_put(screen, line.y, line.x + c,
				shade_of(quarter_of(rank), screen->glyphs),
				lepton__theme_shade(theme, LEPTON__TEMP, rank));
			continue;
		}
		size_t points = series->trace->raw.count;
		double x = lepton__heat_x(window, line.cols, c);
		if (points > 0 && x >= lepton__series_x(series, 0) &&
			x <= lepton__series_x(series, points - 1))
			lepton__screen_put(screen, line.y, line.x + c,
				screen->glyphs == LEPTON__GLYPHS_ASCII ? 'X' : 0xd7,
				lepton__theme_style(theme, LEPTON__BAD));
	}
}

static void draw_name(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect line, const struct lepton__series *series, bool chosen)
{
	struct lepton__style text = lepton__theme_style(theme, chosen ? LEPTON__SELECTED : LEPTON__MAIN),
			     marker = lepton__theme_style(theme, LEPTON__MAIN);
	marker.fg = lepton__theme_curve(theme, series->look);
	lepton__screen_put(
		screen, line.y, line.x, lepton__theme_marker(series->look, screen->glyphs), marker);
	lepton__screen_text(screen, line.y, line.x + 2, line.cols - 3, text, series->name);
}

/* "░ up to 0.031 ▒ 0.072 ▓ 0.4 █ 2.3": the greatest value of each quarter. */
static void draw_scale(struct lepton__screen *screen, const struct lepton__theme *theme, int y, int x,
	int end, const struct heat *heat)
{
	for (int q = 0; q < QUARTERS && heat->count > 0; q++) {
		char figure[24];
		size_t at = heat->count * (size_t)(q + 1) / QUARTERS;
		lepton__plot_figure(figure, sizeof figure, (double)heat->sorted[at > 0 ? at - 1 : 0]);
		int width = lepton__text_width(figure) + (q == 0 ? 10 : 4);
		if (x + width > end)
			return;
		lepton__screen_put(screen, y, x, shade_of(q, screen->glyphs),
			lepton__theme_shade(theme, LEPTON__TEMP, (q + 0.5) / QUARTERS));
		lepton__screen_textf(screen, y, x + 2, width - 2,
			lepton__theme_style(theme, LEPTON__GRAPH_TEXT), "%s%s", q == 0 ? "up to " : "",
			figure);
		x += width;
	}
}

/* Three rows under the cells: the axis, its labels, the scale. */
size_t lepton__heat_rows(struct lepton__rect rect)
{
	return rect.rows > 3 ? (size_t)rect.rows - 3 : rect.rows > 0 ? (size_t)rect.rows : 0;
}

static int name_cols(struct lepton__rect rect, const struct lepton__plot *plot)
{
	int widest = 4, most = rect.cols / 4 < 28 ? rect.cols / 4 : 28;
	for (size_t i = 0; i < plot->series_count; i++) {
		int width = lepton__text_width(plot->series[i].name);
		widest = width > widest ? width : widest;
	}
	return (widest > most ? most : widest) + 3;
}

static void draw_rows(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect rect, struct lepton__rect area, const struct lepton__plot *plot,
	const struct lepton__window *window, const struct heat *heat, size_t first, size_t at)
{
	double x = isfinite(plot->cursor) ? plot->cursor : window->to;
	for (int row = 0; row < area.rows; row++) {
		const struct lepton__series *series = &plot->series[first + (size_t)row];
		char figure[24];
		int end = area.x + area.cols;
		struct lepton__rect name = {area.y + row, rect.x, 1, area.x - rect.x};
		draw_name(screen, theme, name, series, first + (size_t)row == at);
		draw_cells(screen, theme, (struct lepton__rect){area.y + row, area.x, 1, area.cols}, heat,
			(size_t)row, series, window);
		lepton__plot_figure(figure, sizeof figure, lepton__series_value(series, x));
		lepton__screen_right(screen, area.y + row, end, rect.x + rect.cols - end,
			lepton__theme_style(theme, LEPTON__TITLE), figure);
	}
}

/* A line through full cells too, which a plot's cross-hair leaves alone. */
static void draw_cursor(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window,
	bool axes)
{
	int x = isfinite(plot->cursor) ? lepton__area_column(area, window, plot->cursor) : -1;
	for (int y = area.y; x >= 0 && y < area.y + area.rows; y++)
		lepton__screen_put(screen, y, x, 0x2502, lepton__theme_style(theme, LEPTON__HOT));
	lepton__plot_cursor(screen, theme, area, plot, window, axes);
}

size_t lepton__plot_heat(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect rect, const struct lepton__plot *plot, size_t first, size_t at,
	struct lepton__plot_view *view)
{
	struct lepton__window window;
	struct heat heat = {0};
	size_t rows = lepton__heat_rows(rect),
	       left = first < plot->series_count ? plot->series_count - first : 0;
	int names = name_cols(rect, plot), cols = rect.cols - names - VALUE_COLS;
	rows = rows > left ? left : rows;
	memset(view, 0, sizeof *view);
	if (rows == 0 || cols < LEAST_CELLS || !lepton__plot_window(plot, &window)) {
		lepton__plot_say_empty(screen, theme, rect, plot);
		return 0;
	}
	struct lepton__rect area = {rect.y, rect.x + names, (int)rows, cols};
	bool axes = rect.rows > 3;
	if (fill(&heat, plot, &window, first, area.rows, cols) == 0) {
		if (axes) {
			lepton__plot_x_axis(screen, theme, area, plot, &window);
			draw_scale(screen, theme, area.y + area.rows + 2, rect.x, rect.x + rect.cols, &heat);
		}
		draw_rows(screen, theme, rect, area, plot, &window, &heat, first, at);
		draw_cursor(screen, theme, area, plot, &window, axes);
		lepton__plot_notes(screen, theme, area, plot, &window);
		lepton__plot_chosen(screen, theme, area, plot, &window);
		lepton__plot_fill_view(view, area, &window);
	}
	lepton__free(heat.cells);
	lepton__free(heat.sorted);
	return rows;
}
