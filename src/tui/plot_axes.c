/* tui/plot_axes.c - ticks, their labels, the faint grid, and signs of what happened on the x axis.
 *
 * The ticks are chosen first, since the width of their labels decides where the area of the curves begins.
 */
#include "config.h"
#include "base/number.h"
#include "tui/plot_parts.h"

#include <math.h>

#define MOST_TICKS 32
#define LABEL 24

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

/* On a log axis (step 0) each label needs only its own digits. */
static void label_ticks(struct axis *axis, double step)
{
	for (int i = 0; i < axis->count; i++) {
		double own = pow(10, floor(log10(fabs(axis->ticks[i])) + 1e-9));
		lepton__tick_label(axis->label[i], LABEL, axis->ticks[i], step > 0 ? step : own);
	}
	measure_labels(axis);
}

/* The step that a lone tick stands for. */
static double step_of(const struct axis *axis, double lo, double hi, int most)
{
	double ticks[MOST_TICKS];
	if (axis->count > 1)
		return axis->ticks[1] - axis->ticks[0];
	return lepton__nice_ticks(lo - (hi - lo), hi + (hi - lo), most * 3, ticks, MOST_TICKS) > 1
		       ? ticks[1] - ticks[0]
		       : 0;
}

static void choose_y(struct axis *axis, const struct lepton__window *window, int rows)
{
	int most = rows / 3 < 2 ? 2 : rows / 3 > 10 ? 10 : rows / 3;
	if (!window->log_y) {
		axis->count = lepton__nice_ticks(window->y_min, window->y_max, most, axis->ticks, MOST_TICKS);
		label_ticks(axis, step_of(axis, window->y_min, window->y_max, most));
		return;
	}
	double lo = pow(10, window->y_min), hi = pow(10, window->y_max);
	axis->count = lepton__nice_log_ticks(lo, hi, rows / 2 < 2 ? 2 : rows / 2, axis->ticks, MOST_TICKS);
	label_ticks(axis, window->y_max - window->y_min >= 1 ? 0 : step_of(axis, lo, hi, rows / 2));
}

static void choose_x(struct axis *axis, const struct lepton__window *window, int cols, bool is_time)
{
	int most = cols / (cols < 40 ? 7 : 10);
	most = most < 2 ? 2 : most > 16 ? 16 : most;
	if (window->log_x)
		axis->count = lepton__nice_log_ticks(window->from, window->to, most, axis->ticks, MOST_TICKS);
	else if (!is_time)
		axis->count = lepton__nice_ticks(window->from, window->to, most, axis->ticks, MOST_TICKS);
	if (!is_time) {
		bool by_itself = window->log_x && window->x_max - window->x_min >= 1;
		label_ticks(axis, by_itself ? 0 : step_of(axis, window->from, window->to, most));
		return;
	}
	if (!window->log_x)
		axis->count =
			lepton__nice_time_ticks(window->from, window->to, most, axis->ticks, MOST_TICKS);
	for (int i = 0; i < axis->count; i++)
		lepton__text_duration(axis->label[i], LABEL, axis->ticks[i]);
	measure_labels(axis);
}

/* Screen row of a value; -1 when it is not shown. */
int lepton__area_row(struct lepton__rect area, const struct lepton__window *window, double y)
{
	int dot = lepton__window_row(window, area.rows * 4, y);
	return dot < 0 || dot >= area.rows * 4 ? -1 : area.y + dot / 4;
}

int lepton__area_column(struct lepton__rect area, const struct lepton__window *window, double x)
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
		int y = lepton__area_row(area, window, axis->ticks[i]);
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
		int x = lepton__area_column(area, window, axis->ticks[i]),
		    width = lepton__text_width(axis->label[i]);
		if (x < 0)
			continue;
		lepton__screen_put(screen, y, x, 0x252c, lepton__theme_style(theme, LEPTON__DIVIDER));
		int from = x - width / 2 < free_from ? free_from : x - width / 2;
		from = from + width > end ? end - width : from; /* beside its tick rather than not at all */
		if (from > x || from < free_from || x >= from + width)
			continue;
		lepton__screen_text(screen, y + 1, from, width,
			lepton__theme_style(theme, LEPTON__GRAPH_TEXT), axis->label[i]);
		free_from = from + width + 1;
	}
}

static void draw_marks(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window)
{
	struct lepton__style style = lepton__theme_style(theme, LEPTON__MAIN);
	for (size_t i = 0; i < plot->mark_count; i++) {
		const struct lepton__plot_mark *mark = &plot->marks[i];
		int x = lepton__area_column(area, window, mark->x);
		style.fg = lepton__theme_curve(theme, mark->look);
		if (x >= 0)
			lepton__screen_put(
				screen, area.y + area.rows, x, mark->sign == 0 ? 0x25b4 : mark->sign, style);
	}
}

void lepton__plot_x_axis(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window)
{
	struct axis axis;
	choose_x(&axis, window, area.cols, plot->x_is_time);
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
	draw_x_labels(screen, theme, area, window, &axis, end);
	draw_marks(screen, theme, area, plot, window);
}

/* The area left for the curves once the axes have theirs. */
static struct lepton__rect area_of(struct lepton__rect rect, const struct lepton__plot *plot, int label_width)
{
	int top = plot->y_label != NULL && rect.rows >= 8 ? 1 : 0;
	return (struct lepton__rect){
		rect.y + top, rect.x + label_width + 1, rect.rows - 2 - top, rect.cols - label_width - 1};
}

struct lepton__rect lepton__plot_axes(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect rect, const struct lepton__plot *plot, const struct lepton__window *window)
{
	struct axis up;
	choose_y(&up, window, rect.rows - 2);
	up.width = up.width > rect.cols / 3 ? rect.cols / 3 : up.width < 4 ? 4 : up.width;
	struct lepton__rect area = area_of(rect, plot, up.width);
	draw_y_axis(screen, theme, area, window, &up);
	lepton__plot_x_axis(screen, theme, area, plot, window);
	if (area.y > rect.y)
		lepton__screen_text(screen, rect.y, rect.x, rect.cols,
			lepton__theme_style(theme, LEPTON__INACTIVE), plot->y_label);
	return area;
}
