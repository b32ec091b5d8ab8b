/* tui/curves.c - the plots of the Versions view, with their switches in the frame.
 *
 * The frame's top line says what is drawn and which key changes it; each of these words is a button.
 */
#include "config.h"
#include "tui/format.h"
#include "tui/curves.h"
#include "tui/plot_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_CURVES 60

/* loss goes with accuracy, val loss with val accuracy; of quantities loss with val loss. */
enum lepton__metric lepton__metric_beside(const struct lepton__app *app, enum lepton__metric metric)
{
	if (app->dash.run->regression)
		return metric == LEPTON__LOSS ? LEPTON__VAL_LOSS : LEPTON__LOSS;
	static const enum lepton__metric beside[] = {
		LEPTON__ACCURACY, LEPTON__LOSS, LEPTON__VAL_ACCURACY, LEPTON__VAL_LOSS};
	return beside[metric];
}

static const char *axis_label(enum lepton__axis axis)
{
	return axis == LEPTON__BY_TIME ? "training time" : lepton__axis_names[axis];
}

/* One switch: its key, what it is set to; returns the next x. */
static int draw_switch(struct lepton__app *app, int y, int x, int end, const char *id, const char *value)
{
	char key[16];
	const struct lepton__action *action = lepton__action_find(id);
	lepton__action_key(action, key, sizeof key);
	int width = lepton__text_width(key) + 1 + lepton__text_width(value) + 2;
	if (x + width > end)
		return x;
	struct lepton__style frame = lepton__style(app, LEPTON__CURVE_BOX);
	lepton__screen_put(app->screen, y, x, 0x2510, frame);
	int at = x + 1 +
		 lepton__screen_text(
			 app->screen, y, x + 1, -1, lepton__theme_bold(&app->theme, LEPTON__HOT), key);
	lepton__screen_put(app->screen, y, at, ' ', frame);
	at += 1 + lepton__screen_text(app->screen, y, at + 1, -1, lepton__style(app, LEPTON__MAIN), value);
	lepton__screen_put(app->screen, y, at, 0x250c, frame);
	lepton__hit_add(
		app, (struct lepton__rect){y, x, 1, width}, LEPTON__HIT_ACTION, action - lepton__actions);
	return x + width;
}

static void draw_switches(struct lepton__app *app, struct lepton__rect rect, enum lepton__metric metric)
{
	char smooth[24];
	int x = rect.x + 2, end = rect.x + rect.cols - 2;
	x = draw_switch(app, rect.y, x, end, "metric", lepton__metric_names[metric]);
	x = draw_switch(app, rect.y, x, end, "axis", lepton__axis_names[app->dash.axis]);
	x = draw_switch(app, rect.y, x, end, "scale", app->dash.log_y ? "log" : "linear");
	if (app->dash.smoothing)
		lepton__print(smooth, sizeof smooth, "smooth %g", lepton__smoothings[app->dash.smoothing]);
	else
		lepton__print(smooth, sizeof smooth, "raw");
	x = draw_switch(app, rect.y, x, end, "smooth", smooth);
	if (isfinite(app->dash.zoom_width))
		draw_switch(app, rect.y, x, end, "zoom-all", "zoomed");
}

static void set_window(const struct lepton__app *app, struct lepton__plot *plot,
	const struct lepton__series *series, size_t count)
{
	double lo, hi;
	if (!isfinite(app->dash.zoom_width) || !lepton__series_extent(series, count, &lo, &hi))
		return;
	plot->x_max = isfinite(app->dash.zoom_right) ? app->dash.zoom_right : hi;
	plot->x_min = plot->x_max - app->dash.zoom_width;
}

/* A version that diverged must not flatten the curves of the others: the range is theirs, it runs out of the
 * top. */
static void leave_out_failed(struct lepton__plot *plot, const struct lepton__curve_context *contexts)
{
	struct lepton__series sound[MOST_CURVES];
	struct lepton__window window;
	struct lepton__plot other = *plot;
	size_t count = 0;
	for (size_t i = 0; i < plot->series_count; i++)
		if (contexts[i].version->state != LEPTON_FAILED)
			sound[count++] = plot->series[i];
	other.series = sound;
	other.series_count = count;
	if (!plot->robust || count == 0 || count == plot->series_count ||
		!lepton__plot_window(&other, &window))
		return;
	plot->y_min = window.log_y ? pow(10, window.y_min) : window.y_min;
	plot->y_max = window.log_y ? pow(10, window.y_max) : window.y_max;
}

void lepton__curves_draw(
	struct lepton__app *app, struct lepton__rect rect, enum lepton__metric metric, int which)
{
	struct lepton__series series[MOST_CURVES];
	struct lepton__curve_context contexts[MOST_CURVES];
	struct lepton__plot plot;
	size_t count = lepton__dash_series(&app->dash, metric, series, contexts, MOST_CURVES);
	struct lepton__box box = {
		.title = which ? lepton__metric_names[metric] : NULL, .role = LEPTON__CURVE_BOX};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	if (!which)
		draw_switches(app, rect, metric);
	lepton__plot_init(&plot);
	plot.series = series;
	plot.series_count = count;
	plot.x_label = axis_label(app->dash.axis);
	plot.x_is_time = app->dash.axis == LEPTON__BY_TIME;
	plot.log_y = app->dash.log_y;
	plot.robust = metric == LEPTON__LOSS || metric == LEPTON__VAL_LOSS;
	plot.cursor = app->dash.cursor;
	set_window(app, &plot, series, count);
	leave_out_failed(&plot, contexts);
	lepton__plot_draw(app->screen, &app->theme, inside, &plot, &app->plots[which]);
	lepton__hit_add(app, app->plots[which].area, LEPTON__HIT_PLOT, which);
}
