/* tui/curves.c - the plots of the Versions view, with their switches in the frame.
 *
 * The frame's top line says what is drawn and which key changes it; each of these words is a button.
 */
#include "config.h"
#include "tui/format.h"
#include "tui/bands.h"
#include "tui/bindings.h"
#include "tui/curves.h"
#include "tui/closeup.h"
#include "tui/plot_parts.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MANY 32 /* curves that nobody tells apart any more */

const char *const lepton__layout_names[LEPTON__LAYOUTS] = {"lines", "panels", "bands", "heat"};

int lepton__drawn_make(const struct lepton__dash *dash, enum lepton__metric metric, struct lepton__drawn *out)
{
	*out = (struct lepton__drawn){.series = lepton__calloc(dash->shown + 1, sizeof *out->series),
		.contexts = lepton__calloc(dash->shown + 1, sizeof *out->contexts)};
	if (!out->series || !out->contexts) {
		lepton__drawn_free(out);
		return LEPTON_E_NOMEM;
	}
	out->count = lepton__dash_series(dash, metric, out->series, out->contexts, dash->shown);
	return LEPTON_OK;
}

void lepton__drawn_free(struct lepton__drawn *drawn)
{
	lepton__free(drawn->series);
	lepton__free(drawn->contexts);
	*drawn = (struct lepton__drawn){0};
}

size_t lepton__drawn_selected(const struct lepton__app *app, const struct lepton__drawn *drawn)
{
	size_t i = 0;
	while (i < drawn->count && drawn->contexts[i].version->id != app->dash.selected)
		i++;
	return i;
}

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
	char smooth[24], axis[24];
	int x = rect.x + 2, end = rect.x + rect.cols - 2;
	x = draw_switch(app, rect.y, x, end, "metric", lepton__metric_names[metric]);
	lepton__print(
		axis, sizeof axis, "%s%s", app->dash.log_x ? "log " : "", lepton__axis_names[app->dash.axis]);
	x = draw_switch(app, rect.y, x, end, "axis", axis);
	x = draw_switch(app, rect.y, x, end, "scale", app->dash.log_y ? "log" : "linear");
	if (app->dash.smoothing)
		lepton__print(smooth, sizeof smooth, "smooth %g", lepton__smoothings[app->dash.smoothing]);
	else
		lepton__print(smooth, sizeof smooth, "raw");
	x = draw_switch(app, rect.y, x, end, "smooth", smooth);
	x = draw_switch(app, rect.y, x, end, "layout", lepton__layout_names[app->dash.layout]);
	if (app->dash.layout == LEPTON__BANDS)
		x = draw_switch(app, rect.y, x, end, "kinship", lepton__kinship_names[app->dash.kinship]);
	if (isfinite(app->dash.zoom_width))
		draw_switch(app, rect.y, x, end, "zoom-all", "zoomed");
}

static void set_window(const struct lepton__app *app, struct lepton__plot *plot)
{
	double lo, hi;
	if (!isfinite(app->dash.zoom_width) ||
		!lepton__series_extent(plot->series, plot->series_count, plot->log_x, &lo, &hi))
		return;
	plot->x_max = isfinite(app->dash.zoom_right) ? app->dash.zoom_right : hi;
	plot->x_min = plot->x_max - app->dash.zoom_width;
}

/* A version that diverged must not flatten the curves of the others: the range is theirs, it runs out of the
 * top. */
static void leave_out_failed(struct lepton__plot *plot, const struct lepton__drawn *drawn)
{
	struct lepton__window window;
	struct lepton__plot other = *plot;
	struct lepton__series *sound = lepton__calloc(plot->series_count + 1, sizeof *sound);
	other.series = sound;
	other.series_count = 0;
	for (size_t i = 0; sound && i < plot->series_count; i++)
		if (drawn->contexts[i].version->state != LEPTON_FAILED)
			sound[other.series_count++] = plot->series[i];
	if (plot->robust && other.series_count > 0 && other.series_count < plot->series_count &&
		lepton__plot_window(&other, &window)) {
		plot->y_min = lepton__unscaled(window.y_min, window.log_y);
		plot->y_max = lepton__unscaled(window.y_max, window.log_y);
	}
	lepton__free(sound);
}

void lepton__curves_plot(const struct lepton__app *app, enum lepton__metric metric,
	const struct lepton__drawn *drawn, struct lepton__plot *plot)
{
	lepton__plot_init(plot);
	plot->series = drawn->series;
	plot->series_count = drawn->count;
	plot->x_label = axis_label(app->dash.axis);
	plot->x_is_time = app->dash.axis == LEPTON__BY_TIME;
	plot->log_x = app->dash.log_x;
	plot->log_y = app->dash.log_y;
	plot->robust = metric == LEPTON__LOSS || metric == LEPTON__VAL_LOSS;
	plot->best = plot->robust ? LEPTON__BEST_LEAST : LEPTON__BEST_GREATEST;
	plot->cursor = app->dash.cursor;
	if (app->drag.kind == LEPTON__DRAG_CHOOSE && app->drag.moved) {
		plot->chosen[0] = app->drag.from;
		plot->chosen[1] = app->dash.cursor;
	}
	set_window(app, plot);
	leave_out_failed(plot, drawn);
}

/* All in one plot: as lines, as bands, as a heat-map. */
static void draw_one(struct lepton__app *app, struct lepton__rect rect, enum lepton__metric metric,
	struct lepton__drawn *drawn, int which, const struct lepton__page *page)
{
	struct lepton__plot plot;
	struct lepton__bands bands = {0};
	lepton__curves_plot(app, metric, drawn, &plot);
	if (app->dash.layout == LEPTON__BANDS &&
		lepton__bands_make(&app->dash, drawn->series, drawn->count, &bands) == LEPTON_OK) {
		plot.groups = bands.groups;
		plot.group_count = bands.count;
	}
	struct lepton__plot_mark *marks =
		lepton__notes_make(app, drawn->series, drawn->count, &plot.mark_count);
	plot.marks = marks;
	if (app->dash.layout == LEPTON__HEAT) {
		lepton__curves_heat(app, rect, &plot, which, page);
	} else {
		lepton__plot_draw(app->screen, &app->theme, rect, &plot, &app->plots[which]);
		lepton__hit_add(app, app->plots[which].area, LEPTON__HIT_PLOT, which);
	}
	lepton__free(marks);
	lepton__bands_free(&bands);
}

/* Which versions are on the page; only panels and rows come in pages. */
static struct lepton__page page_of(
	const struct lepton__app *app, struct lepton__rect inside, const struct lepton__drawn *drawn)
{
	size_t at = lepton__drawn_selected(app, drawn);
	if (app->dash.layout == LEPTON__PANELS)
		return lepton__panels_page(inside, drawn->count, at);
	size_t rows = lepton__heat_rows(inside);
	return rows ? lepton__page_of((struct lepton__rect){0, 0, (int)rows, inside.cols}, drawn->count, at,
			      1, inside.cols)
		    : (struct lepton__page){0};
}

/* What the frame says at its bottom: what is not seen, or how it could be seen better. */
static void say_more(
	const struct lepton__app *app, const struct lepton__page *page, size_t count, char *out, size_t size)
{
	bool pages = app->dash.layout == LEPTON__PANELS || app->dash.layout == LEPTON__HEAT;
	char key[16];
	lepton__action_key(lepton__action_find("layout"), key, sizeof key);
	if (pages && page->shown < count)
		lepton__print(out, size, "%zu to %zu of %zu: down and up turn the page", page->first + 1,
			page->first + page->shown, count);
	else if (app->dash.layout == LEPTON__LINES && count > MANY)
		lepton__print(out, size, "%zu curves: %s shows them as a heat-map", count, key);
	else if (isfinite(app->dash.zoom_width))
		lepton__spell_keys(
			"zoomed: {zoom-all} shows all, {pan-left} {pan-right} move along", out, size);
}

/* Points out of the store in place of outlines, where the window is near enough. */
static void close_up(struct lepton__app *app, struct lepton__drawn *drawn, enum lepton__metric metric,
	struct lepton__rect inside)
{
	struct lepton__plot plot;
	if (drawn->count > LEPTON__CLOSEUPS) {
		lepton__closeups(app, NULL, NULL, NULL, 0, 0);
		return;
	}
	lepton__curves_plot(app, metric, drawn, &plot);
	lepton__closeups(app, &plot, drawn->series, drawn->contexts, drawn->count, 2 * inside.cols);
}

void lepton__curves_draw(
	struct lepton__app *app, struct lepton__rect rect, enum lepton__metric metric, int which)
{
	struct lepton__drawn drawn;
	char more[96] = "";
	if (lepton__drawn_make(&app->dash, metric, &drawn))
		return;
	struct lepton__page page = page_of(app, lepton__rect_inner(rect, 1), &drawn);
	say_more(app, &page, drawn.count, more, sizeof more);
	struct lepton__box box = {.title = which ? lepton__metric_names[metric] : NULL,
		.bottom = *more ? more : NULL,
		.role = LEPTON__CURVE_BOX};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	if (!which)
		draw_switches(app, rect, metric);
	close_up(app, &drawn, metric, inside);
	if (app->dash.layout == LEPTON__PANELS)
		lepton__curves_panels(app, inside, metric, &drawn, &page);
	else
		draw_one(app, inside, metric, &drawn, which, &page);
	lepton__drawn_free(&drawn);
}
