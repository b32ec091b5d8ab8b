/* tui/plot_legend.c - names, markers and values of the curves, in the corner where they cover least. */
#include "config.h"
#include "tui/plot_parts.h"

#include <math.h>
#include <stdio.h>

#define VALUE_COLS 8
#define LEAST_COLS 28
#define LEAST_ROWS 5

static int covered(const struct lepton__screen *screen, struct lepton__rect rect)
{
	int count = 0;
	for (int y = rect.y; y < rect.y + rect.rows; y++)
		for (int x = rect.x; x < rect.x + rect.cols; x++) {
			const struct lepton__cell *cell = lepton__screen_at(screen, y, x);
			count += cell != NULL && cell->glyph.code != ' ' && cell->glyph.code != 0xb7;
		}
	return count;
}

/* Of the four corners the emptiest; top right wins a tie, where a falling loss leaves room. */
static struct lepton__rect best_corner(
	const struct lepton__screen *screen, struct lepton__rect area, int rows, int cols)
{
	int left = area.x + 1, right = area.x + area.cols - cols - 1, top = area.y,
	    bottom = area.y + area.rows - rows;
	const struct lepton__rect corners[] = {{top, right, rows, cols}, {bottom, right, rows, cols},
		{top, left, rows, cols}, {bottom, left, rows, cols}};
	int best = 0, least = covered(screen, corners[0]);
	for (int i = 1; i < 4 && least > 0; i++) {
		int count = covered(screen, corners[i]);
		if (count < least) {
			least = count;
			best = i;
		}
	}
	return corners[best];
}

/* Which series stands in line n: the pinned ones first. */
static size_t series_of_line(const struct lepton__plot *plot, int n)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < plot->series_count; i++)
			if (plot->series[i].pinned == (pass == 0) && n-- == 0)
				return i;
	return 0;
}

static void draw_entry(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect line, const struct lepton__series *series, double x)
{
	char value[24];
	struct lepton__style text = lepton__theme_style(theme, LEPTON__MAIN), marker = text;
	double y = lepton__series_value(series, x);
	marker.fg = lepton__theme_curve(theme, series->look);
	marker.attributes = text.attributes = series->pinned ? LEPTON__BOLD : 0;
	lepton__screen_put(
		screen, line.y, line.x, lepton__theme_marker(series->look, screen->glyphs), marker);
	lepton__screen_text(screen, line.y, line.x + 2, line.cols - 2 - VALUE_COLS, text, series->name);
	snprintf(value, sizeof value, fabs(y) < 1000 && fabs(y) >= 0.001 ? "%.4f" : "%.2e", y);
	if (isnan(y))
		snprintf(value, sizeof value, "-");
	if (fabs(y) >= 100 && fabs(y) < 1000)
		snprintf(value, sizeof value, "%.2f", y);
	lepton__screen_right(screen, line.y, line.x + line.cols - VALUE_COLS, VALUE_COLS,
		lepton__theme_style(theme, LEPTON__TITLE), value);
}

static int name_cols(const struct lepton__plot *plot)
{
	int longest = 0;
	for (size_t i = 0; i < plot->series_count; i++) {
		int width = lepton__text_width(plot->series[i].name);
		longest = width > longest ? width : longest;
	}
	return longest;
}

void lepton__plot_legend(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window)
{
	if (area.cols < LEAST_COLS || area.rows < LEAST_ROWS || plot->series_count == 0)
		return;
	int cols = name_cols(plot) + 3 + VALUE_COLS, most = area.rows / 2;
	cols = cols > area.cols / 2 ? area.cols / 2 : cols;
	bool all = plot->series_count <= (size_t)most;
	int rows = all ? (int)plot->series_count : most, entries = all ? rows : rows - 1;
	struct lepton__rect rect = best_corner(screen, area, rows, cols);
	lepton__screen_fill(screen, rect, ' ', lepton__theme_style(theme, LEPTON__MAIN));
	double x = isfinite(plot->cursor) ? plot->cursor : window->x_max;
	for (int i = 0; i < entries; i++)
		draw_entry(screen, theme, (struct lepton__rect){rect.y + i, rect.x, 1, rect.cols},
			&plot->series[series_of_line(plot, i)], x);
	if (!all)
		lepton__screen_textf(screen, rect.y + rows - 1, rect.x + 2, rect.cols - 2,
			lepton__theme_style(theme, LEPTON__INACTIVE), "and %zu more",
			plot->series_count - (size_t)entries);
}
