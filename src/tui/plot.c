/* tui/plot.c - the plot as a whole: in which order its parts are drawn.
 *
 * First the axes and the faint grid, then the curves, the cross-hair through what is still empty, the legend,
 * and what happened at the cross-hair last. A plot too small for axes shows the curves alone.
 */
#include "config.h"
#include "base/number.h"
#include "tui/plot_parts.h"

#include <math.h>
#include <string.h>

#define LABEL 24
#define LEAST_ROWS 5
#define LEAST_COLS 20
#define MOST_NOTES 4

/* What one dot is wide at the cross-hair, which says how many digits of it mean something. */
static double dot_width(
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window)
{
	double width = (window->x_max - window->x_min) / (area.cols * 2);
	return window->log_x ? plot->cursor * (pow(10, width) - 1) : width;
}

/* What a label in [from, to) under the area would cut in two goes: half a number is another number. */
static void clear_touched(struct lepton__screen *screen, struct lepton__rect area, int from, int to)
{
	int y = area.y + area.rows + 1;
	for (int side = 0; side < 2; side++)
		for (int x = side ? to : from - 1, by = side ? 1 : -1;; x += by) {
			struct lepton__cell *cell = lepton__screen_at(screen, y, x);
			if (x < area.x - 1 || x >= area.x + area.cols || cell == NULL ||
				cell->glyph.code == ' ')
				break;
			lepton__screen_put(screen, y, x, ' ', screen->base);
		}
}

static void draw_cursor_label(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window, int x)
{
	char label[LABEL];
	if (plot->x_is_time)
		lepton__text_duration(label, sizeof label, plot->cursor);
	else
		lepton__tick_label(label, sizeof label, plot->cursor, dot_width(area, plot, window));
	int width = lepton__text_width(label) + 2, from = x - width / 2;
	from = from + width > area.x + area.cols ? area.x + area.cols - width : from;
	from = from < area.x ? area.x : from;
	clear_touched(screen, area, from, from + width);
	lepton__screen_textf(screen, area.y + area.rows + 1, from, width,
		lepton__theme_style(theme, LEPTON__SELECTED), " %s ", label);
}

void lepton__plot_cursor(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window,
	bool axes)
{
	int x = isfinite(plot->cursor) ? lepton__area_column(area, window, plot->cursor) : -1;
	if (x < 0)
		return;
	for (int y = area.y; y < area.y + area.rows; y++) {
		const struct lepton__cell *cell = lepton__screen_at(screen, y, x);
		if (cell != NULL && (cell->glyph.code == ' ' || cell->glyph.code == 0xb7))
			lepton__screen_put(screen, y, x, 0x2502, lepton__theme_style(theme, LEPTON__HOT));
	}
	if (axes)
		draw_cursor_label(screen, theme, area, plot, window, x);
}

void lepton__plot_fill_view(
	struct lepton__plot_view *view, struct lepton__rect area, const struct lepton__window *window)
{
	*view = (struct lepton__plot_view){.area = area,
		.x_min = window->from,
		.x_max = window->to,
		.y_min = lepton__unscaled(window->y_min, window->log_y),
		.y_max = lepton__unscaled(window->y_max, window->log_y),
		.log_x = window->log_x,
		.log_y = window->log_y};
}

/* The part that a drag has chosen, turned round. */
void lepton__plot_chosen(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window)
{
	if (!isfinite(plot->chosen[0]) || !isfinite(plot->chosen[1]))
		return;
	int from = lepton__area_column(area, window, fmin(plot->chosen[0], plot->chosen[1])),
	    to = lepton__area_column(area, window, fmax(plot->chosen[0], plot->chosen[1]));
	if (from >= 0 && to >= from)
		lepton__screen_paint(screen, (struct lepton__rect){area.y, from, area.rows, to - from + 1},
			lepton__theme_style(theme, LEPTON__SELECTED));
}

/* One line beside the cross-hair, on the side where there is more room. */
static void draw_note(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, int y, int x, const struct lepton__plot_mark *mark)
{
	struct lepton__style style = lepton__theme_style(theme, LEPTON__MAIN);
	int left = x - area.x, right = area.x + area.cols - x - 1, width = lepton__text_width(mark->text) + 2;
	bool on_right = width <= right || right >= left;
	width = width > (on_right ? right : left) ? (on_right ? right : left) : width;
	int from = on_right ? x + 1 : x - width;
	lepton__screen_fill(screen, (struct lepton__rect){y, from, 1, width}, ' ', style);
	style.fg = lepton__theme_curve(theme, mark->look);
	lepton__screen_textf(screen, y, from, width, style, " %s", mark->text);
}

/* What happened at the cross-hair's column, in words. */
void lepton__plot_notes(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window)
{
	int x = isfinite(plot->cursor) ? lepton__area_column(area, window, plot->cursor) : -1, lines = 0;
	int most = area.rows / 2 < MOST_NOTES ? area.rows / 2 : MOST_NOTES;
	for (size_t i = 0; i < plot->mark_count && x >= 0 && lines < most; i++)
		if (plot->marks[i].text != NULL && lepton__area_column(area, window, plot->marks[i].x) == x)
			draw_note(screen, theme, area, area.y + lines++, x, &plot->marks[i]);
}

void lepton__plot_say_empty(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect rect, const struct lepton__plot *plot)
{
	const char *words = plot->series_count == 0      ? "no version chosen"
			    : plot->log_x || plot->log_y ? "nothing above zero to draw yet"
							 : "no points yet";
	lepton__screen_center(screen, rect.y + rect.rows / 2, rect.x, rect.cols,
		lepton__theme_style(theme, LEPTON__INACTIVE), words);
}

void lepton__plot_draw(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect rect, const struct lepton__plot *plot, struct lepton__plot_view *view)
{
	struct lepton__window window;
	struct lepton__plot_view ignored;
	view = view == NULL ? &ignored : view;
	memset(view, 0, sizeof *view);
	if (lepton__rect_empty(rect))
		return;
	if (!lepton__plot_window(plot, &window)) {
		lepton__plot_say_empty(screen, theme, rect, plot);
		return;
	}
	bool axes = rect.rows >= LEAST_ROWS && rect.cols >= LEAST_COLS;
	struct lepton__rect area = axes ? lepton__plot_axes(screen, theme, rect, plot, &window) : rect;
	if (lepton__plot_curves(screen, theme, area, plot, &window) != 0)
		return;
	lepton__plot_cursor(screen, theme, area, plot, &window, axes);
	if (plot->legend)
		lepton__plot_legend(screen, theme, area, plot, &window);
	lepton__plot_notes(screen, theme, area, plot, &window);
	lepton__plot_chosen(screen, theme, area, plot, &window);
	lepton__plot_fill_view(view, area, &window);
}
