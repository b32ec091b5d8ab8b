/* tui/curves_panels.c - many versions beside each other: small multiples, and the rows of a heat-map.
 *
 * All panels of a page share their axes, so that heights compare, and the cross-hair stands at the same x in
 * each. The page is the one with the selected version: moving in the list turns the pages.
 */
#include "config.h"
#include "tui/curves.h"
#include "tui/format.h"
#include "tui/plot_parts.h"
#include "base/memory.h"

#include <math.h>

#define LEAST_ROWS 6
#define LEAST_COLS 24
#define FRAMED_ROWS 8 /* from here on there is room for a frame */

struct lepton__page lepton__panels_page(struct lepton__rect rect, size_t count, size_t at)
{
	struct lepton__page page = lepton__page_of(rect, count, at, LEAST_ROWS, LEAST_COLS);
	size_t most = LEPTON__PLOTS;
	page.shown = page.shown > most ? most : page.shown;
	return page;
}

/* Over the panel: marker and name, the value at the cross-hair or the last, the best so far. */
static void draw_title(
	struct lepton__app *app, struct lepton__rect line, const struct lepton__plot *plot, bool chosen)
{
	const struct lepton__series *series = plot->series;
	char figure[24], best[24] = "", right[64];
	double x = isfinite(plot->cursor) ? plot->cursor : INFINITY, at, y;
	lepton__plot_figure(figure, sizeof figure, lepton__series_value(series, x));
	if (line.cols >= 40 && lepton__series_best(series, plot->best, x, &at, &y)) {
		char sign[5] = "";
		lepton__plot_figure(best, sizeof best, y);
		lepton__utf8_encode(lepton__best_sign(app->screen->glyphs), sign);
		lepton__print(right, sizeof right, " %s  %s %s ", figure, sign, best);
	} else {
		lepton__print(right, sizeof right, " %s ", figure);
	}
	int width = lepton__text_width(right);
	struct lepton__style marker = lepton__curve_style(app, series->look);
	lepton__screen_put(app->screen, line.y, line.x, ' ', marker);
	lepton__screen_put(app->screen, line.y, line.x + 1,
		lepton__theme_marker(series->look, app->screen->glyphs), marker);
	lepton__screen_put(app->screen, line.y, line.x + 2, ' ', marker);
	lepton__screen_text(app->screen, line.y, line.x + 3, line.cols - 3 - width,
		lepton__style(app, chosen ? LEPTON__SELECTED : LEPTON__MAIN), series->name);
	lepton__screen_right(app->screen, line.y, line.x + line.cols - width, width,
		lepton__style(app, LEPTON__TITLE), right);
}

/* The chosen one has a frame, the others the room of one. */
static struct lepton__rect frame(struct lepton__app *app, struct lepton__rect rect, bool chosen)
{
	struct lepton__box box = {.role = LEPTON__CURVE_BOX, .focus = true};
	if (rect.rows < FRAMED_ROWS)
		return (struct lepton__rect){rect.y + 1, rect.x, rect.rows - 1, rect.cols - 1};
	if (chosen)
		lepton__box_draw(app->screen, &app->theme, rect, &box);
	return lepton__rect_inner(rect, 1);
}

static void draw_panel(struct lepton__app *app, struct lepton__rect rect, const struct lepton__plot *shared,
	size_t place, int which)
{
	struct lepton__plot plot = *shared;
	const struct lepton__series *series = &shared->series[place];
	const struct lepton__curve_context *context = series->context;
	bool chosen = context->version->id == app->dash.selected;
	struct lepton__rect inside = frame(app, rect, chosen);
	struct lepton__plot_mark *marks = lepton__notes_make(app, series, 1, &plot.mark_count);
	plot.series = series;
	plot.series_count = 1;
	plot.marks = marks;
	struct lepton__rect title = {rect.y, inside.x, 1, inside.cols};
	draw_title(app, title, &plot, chosen);
	lepton__hit_add(app, title, LEPTON__HIT_ROW, context->version->id);
	lepton__plot_draw(app->screen, &app->theme, inside, &plot, &app->plots[which]);
	lepton__hit_add(app, app->plots[which].area, LEPTON__HIT_PLOT, which);
	lepton__free(marks);
}

void lepton__curves_panels(struct lepton__app *app, struct lepton__rect rect, enum lepton__metric metric,
	const struct lepton__drawn *drawn, const struct lepton__page *page)
{
	struct lepton__plot plot;
	struct lepton__window window;
	lepton__curves_plot(app, metric, drawn, &plot);
	if (drawn->count == 0 || !lepton__plot_window(&plot, &window)) {
		lepton__plot_say_empty(app->screen, &app->theme, rect, &plot);
		return;
	}
	plot.x_min = window.from;
	plot.x_max = window.to;
	plot.y_min = lepton__unscaled(window.y_min, window.log_y);
	plot.y_max = lepton__unscaled(window.y_max, window.log_y);
	plot.legend = false;
	plot.x_label = NULL; /* the frame says it for all */
	for (size_t i = 0; i < page->shown; i++)
		draw_panel(app, lepton__page_cell(rect, page, i), &plot, page->first + i, (int)i);
}

void lepton__curves_heat(struct lepton__app *app, struct lepton__rect rect, const struct lepton__plot *plot,
	int which, const struct lepton__page *page)
{
	size_t at = plot->series_count;
	for (size_t i = 0; i < plot->series_count; i++) {
		const struct lepton__curve_context *context = plot->series[i].context;
		at = context->version->id == app->dash.selected ? i : at;
	}
	size_t rows =
		lepton__plot_heat(app->screen, &app->theme, rect, plot, page->first, at, &app->plots[which]);
	for (size_t i = 0; i < rows; i++) {
		const struct lepton__curve_context *context = plot->series[page->first + i].context;
		struct lepton__rect name = {rect.y + (int)i, rect.x, 1, app->plots[which].area.x - rect.x};
		lepton__hit_add(app, name, LEPTON__HIT_ROW, context->version->id);
	}
	lepton__hit_add(app, app->plots[which].area, LEPTON__HIT_PLOT, which);
}
