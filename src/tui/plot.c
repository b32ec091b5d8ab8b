/* tui/plot.c - the plot as a whole: where axes and curves go, and in which order they are drawn.
 *
 * First the ticks are chosen, since the width of their labels decides where the area begins; then the
 * faint grid, the curves, the cross-hair through what is still empty, and the legend last. A plot too small
 * for axes shows the curves alone.
 */
#include "config.h"
#include "base/number.h"
#include "tui/plot_parts.h"

#include <math.h>
#include <string.h>

#define MOST_TICKS 32
#define LABEL 24
#define LEAST_ROWS 5
#define LEAST_COLS 20

struct axis {
	double ticks[MOST_TICKS];
	int count;
	char label[MOST_TICKS][LABEL];
	int width; /* of the widest label */
};

static void measure_labels(struct axis *axis)
{
	axis->width = 0;
	for (int i = 0; i < axis->count; i++) {
		int width = lepton__text_width(axis->label[i]);
		axis->width = width > axis->width ? width : axis->width;
	}
}

/* On a log axis each label needs only its own digits. */
static void label_ticks(struct axis *axis, bool by_itself)
{
	for (int i = 0; i < axis->count; i++) {
		double step = axis->count > 1 ? axis->ticks[1] - axis->ticks[0] : 0;
		if (by_itself)
			step = pow(10, floor(log10(fabs(axis->ticks[i])) + 1e-9));
		lepton__tick_label(axis->label[i], LABEL, axis->ticks[i], step);
	}
	measure_labels(axis);
}

static void choose_y(struct axis *axis, const struct lepton__window *window, int rows)
{
	int most = rows / 3 < 2 ? 2 : rows / 3 > 10 ? 10 : rows / 3;
	if (!window->log_y) {
		axis->count = lepton__nice_ticks(window->y_min, window->y_max, most, axis->ticks, MOST_TICKS);
		label_ticks(axis, false);
		return;
	}
	double lo = pow(10, window->y_min), hi = pow(10, window->y_max);
	axis->count = lepton__nice_log_ticks(lo, hi, rows / 2 < 2 ? 2 : rows / 2, axis->ticks, MOST_TICKS);
	label_ticks(axis, window->y_max - window->y_min >= 1);
}

static void choose_x(struct axis *axis, const struct lepton__window *window, int cols, bool is_time)
{
	int most = cols / 10 < 2 ? 2 : cols / 10 > 16 ? 16 : cols / 10;
	if (!is_time) {
		axis->count = lepton__nice_ticks(window->x_min, window->x_max, most, axis->ticks, MOST_TICKS);
		label_ticks(axis, false);
		return;
	}
	axis->count = lepton__nice_time_ticks(window->x_min, window->x_max, most, axis->ticks, MOST_TICKS);
	for (int i = 0; i < axis->count; i++)
		lepton__text_duration(axis->label[i], LABEL, axis->ticks[i]);
	measure_labels(axis);
}

/* Screen row of a value; -1 when it is not shown. */
static int row_at(struct lepton__rect area, const struct lepton__window *window, double y)
{
	int dot = lepton__window_row(window, area.rows * 4, y);
	return dot < 0 || dot >= area.rows * 4 ? -1 : area.y + dot / 4;
}

static int column_at(struct lepton__rect area, const struct lepton__window *window, double x)
{
	int dot = lepton__window_column(window, area.cols * 2, x);
	return dot < 0 || dot >= area.cols * 2 ? -1 : area.x + dot / 2;
}

static void draw_y_axis(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__window *window, const struct axis *axis)
{
	struct lepton__style line = lepton__theme_style(theme, LEPTON__DIVIDER);
	struct lepton__style text = lepton__theme_style(theme, LEPTON__GRAPH_TEXT);
	for (int y = area.y; y < area.y + area.rows; y++)
		lepton__screen_put(screen, y, area.x - 1, 0x2502, line);
	for (int i = 0, last = -1; i < axis->count; i++) {
		int y = row_at(area, window, axis->ticks[i]);
		if (y < 0 || y == last)
			continue;
		last = y;
		lepton__screen_right(screen, y, area.x - 1 - axis->width, axis->width, text, axis->label[i]);
		lepton__screen_put(screen, y, area.x - 1, 0x2524, line);
		for (int x = area.x + 1; x < area.x + area.cols; x += 2)
			lepton__screen_put(screen, y, x, 0xb7, line);
	}
}

static void draw_x_labels(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__window *window, const struct axis *axis, int end)
{
	int y = area.y + area.rows, free_from = area.x - 1;
	for (int i = 0; i < axis->count; i++) {
		int x = column_at(area, window, axis->ticks[i]), width = lepton__text_width(axis->label[i]);
		if (x < 0)
			continue;
		lepton__screen_put(screen, y, x, 0x252c, lepton__theme_style(theme, LEPTON__DIVIDER));
		int from = x - width / 2 < free_from ? free_from : x - width / 2;
		if (from > x || from + width > end || x >= from + width)
			continue;
		lepton__screen_text(screen, y + 1, from, width,
			lepton__theme_style(theme, LEPTON__GRAPH_TEXT), axis->label[i]);
		free_from = from + width + 1;
	}
}

static void draw_x_axis(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window,
	const struct axis *axis)
{
	struct lepton__style line = lepton__theme_style(theme, LEPTON__DIVIDER);
	int y = area.y + area.rows, end = area.x + area.cols;
	for (int x = area.x; x < end; x++)
		lepton__screen_put(screen, y, x, 0x2500, line);
	lepton__screen_put(screen, y, area.x - 1, 0x2514, line);
	int width = plot->x_label == NULL ? 0 : lepton__text_width(plot->x_label);
	if (width > 0 && width * 3 < area.cols) {
		end -= width + 1;
		lepton__screen_text(screen, y + 1, end + 1, width,
			lepton__theme_style(theme, LEPTON__INACTIVE), plot->x_label);
	}
	draw_x_labels(screen, theme, area, window, axis, end);
}

static void draw_marks(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window)
{
	struct lepton__style style = lepton__theme_style(theme, LEPTON__MAIN);
	for (size_t i = 0; i < plot->mark_count; i++) {
		const struct lepton__plot_mark *mark = &plot->marks[i];
		int x = column_at(area, window, mark->x);
		style.fg = lepton__theme_curve(theme, mark->look);
		if (x >= 0)
			lepton__screen_put(
				screen, area.y + area.rows, x, mark->sign == 0 ? 0x25b4 : mark->sign, style);
	}
}

static void draw_cursor_label(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window, int x)
{
	char label[LABEL];
	if (plot->x_is_time)
		lepton__text_duration(label, sizeof label, plot->cursor);
	else
		lepton__tick_label(
			label, sizeof label, plot->cursor, (window->x_max - window->x_min) / (area.cols * 2));
	int width = lepton__text_width(label) + 2, from = x - width / 2;
	from = from + width > area.x + area.cols ? area.x + area.cols - width : from;
	from = from < area.x ? area.x : from;
	lepton__screen_textf(screen, area.y + area.rows + 1, from, width,
		lepton__theme_style(theme, LEPTON__SELECTED), " %s ", label);
}

static void draw_cursor(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window,
	bool axes)
{
	int x = isfinite(plot->cursor) ? column_at(area, window, plot->cursor) : -1;
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

static void fill_view(
	struct lepton__plot_view *view, struct lepton__rect area, const struct lepton__window *window)
{
	*view = (struct lepton__plot_view){.area = area,
		.x_min = window->x_min,
		.x_max = window->x_max,
		.y_min = window->log_y ? pow(10, window->y_min) : window->y_min,
		.y_max = window->log_y ? pow(10, window->y_max) : window->y_max,
		.log_y = window->log_y};
}

/* The area left for the curves once the axes have theirs. */
static struct lepton__rect area_of(struct lepton__rect rect, const struct lepton__plot *plot, int label_width)
{
	int top = plot->y_label != NULL && rect.rows >= 8 ? 1 : 0;
	return (struct lepton__rect){
		rect.y + top, rect.x + label_width + 1, rect.rows - 2 - top, rect.cols - label_width - 1};
}

static struct lepton__rect draw_axes(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect rect, const struct lepton__plot *plot, const struct lepton__window *window)
{
	struct axis across, up;
	choose_y(&up, window, rect.rows - 2);
	up.width = up.width > rect.cols / 3 ? rect.cols / 3 : up.width < 4 ? 4 : up.width;
	struct lepton__rect area = area_of(rect, plot, up.width);
	choose_x(&across, window, area.cols, plot->x_is_time);
	draw_y_axis(screen, theme, area, window, &up);
	draw_x_axis(screen, theme, area, plot, window, &across);
	draw_marks(screen, theme, area, plot, window);
	if (area.y > rect.y)
		lepton__screen_text(screen, rect.y, rect.x, rect.cols,
			lepton__theme_style(theme, LEPTON__INACTIVE), plot->y_label);
	return area;
}

static void say_empty(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect rect, const struct lepton__plot *plot)
{
	const char *words = plot->series_count == 0 ? "no version chosen"
			    : plot->log_y           ? "nothing above zero to draw yet"
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
		say_empty(screen, theme, rect, plot);
		return;
	}
	bool axes = rect.rows >= LEAST_ROWS && rect.cols >= LEAST_COLS;
	struct lepton__rect area = axes ? draw_axes(screen, theme, rect, plot, &window) : rect;
	if (lepton__plot_curves(screen, theme, area, plot, &window) != 0)
		return;
	draw_cursor(screen, theme, area, plot, &window, axes);
	if (plot->legend)
		lepton__plot_legend(screen, theme, area, plot, &window);
	fill_view(view, area, &window);
}
