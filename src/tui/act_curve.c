/* tui/act_curve.c - how the curves are drawn: metric, axes, smoothing, zoom, cross-hair.
 *
 * Zoom is a width and a right end. While the right end follows the newest value, a zoomed plot
 * moves along with training; panning away from it holds it still.
 */
#include "config.h"
#include "tui/acts.h"
#include "tui/curves.h"

#include <math.h>

void lepton__act_metric(struct lepton__app *app)
{
	enum lepton__metric metric = app->dash.metric;
	app->dash.metric = app->dash.run->regression
				   ? lepton__metric_beside(app, metric) /* quantities have no accuracy */
				   : (enum lepton__metric)((metric + 1) % LEPTON__METRICS);
	lepton__app_say(app, LEPTON_LOG_INFO, "curves show %s", lepton__metric_names[app->dash.metric]);
}

void lepton__act_log(struct lepton__app *app)
{
	app->dash.log_y = !app->dash.log_y;
}

void lepton__act_smooth(struct lepton__app *app)
{
	app->dash.smoothing = (app->dash.smoothing + 1) % LEPTON__SMOOTHINGS;
}

/* Another axis has other numbers: zoom and cross-hair would point nowhere. */
void lepton__act_axis(struct lepton__app *app)
{
	app->dash.axis = (enum lepton__axis)((app->dash.axis + 1) % LEPTON__AXES);
	app->dash.cursor = NAN;
	lepton__act_zoom_all(app);
}

static bool extent(const struct lepton__app *app, double *lo, double *hi)
{
	struct lepton__series series[64];
	struct lepton__curve_context contexts[64];
	size_t count = lepton__dash_series(&app->dash, app->dash.metric, series, contexts, 64);
	return lepton__series_extent(series, count, lo, hi) && *hi > *lo;
}

static const struct lepton__plot_view *plot(const struct lepton__app *app)
{
	return lepton__rect_empty(app->plots[0].area) ? NULL : &app->plots[0];
}

static void set_window(struct lepton__app *app, double min, double max, double lo, double hi)
{
	double width = max - min, all = hi - lo;
	if (width >= all * 0.999) {
		lepton__act_zoom_all(app);
		return;
	}
	app->dash.zoom_width = width;
	app->dash.zoom_right = max >= hi - all * 1e-6 ? NAN : max;
}

void lepton__zoom_about(struct lepton__app *app, double about, double factor)
{
	double lo, hi;
	const struct lepton__plot_view *view = plot(app);
	if (!view || !extent(app, &lo, &hi))
		return;
	double min = view->x_min, max = view->x_max;
	if (factor < 1 && (max - min) * factor < (hi - lo) * 1e-6)
		return; /* a window of nothing helps nobody */
	lepton__plot_zoom(&min, &max, lo, hi, about, factor);
	set_window(app, min, max, lo, hi);
	app->dirty = true;
}

static double anchor(const struct lepton__app *app)
{
	return isfinite(app->dash.cursor) ? app->dash.cursor : app->plots[0].x_max;
}

void lepton__act_zoom_in(struct lepton__app *app)
{
	lepton__zoom_about(app, anchor(app), 0.5);
}

void lepton__act_zoom_out(struct lepton__app *app)
{
	lepton__zoom_about(app, anchor(app), 2);
}

void lepton__act_zoom_all(struct lepton__app *app)
{
	app->dash.zoom_width = app->dash.zoom_right = NAN;
}

bool lepton__can_unzoom(const struct lepton__app *app, const char **why)
{
	*why = "the curves are not zoomed: + zooms in";
	return isfinite(app->dash.zoom_width);
}

static void pan(struct lepton__app *app, double part)
{
	double lo, hi;
	const struct lepton__plot_view *view = plot(app);
	if (!view || !extent(app, &lo, &hi) || !isfinite(app->dash.zoom_width))
		return;
	double width = view->x_max - view->x_min, max = view->x_max + part * width;
	max = max > hi ? hi : max < lo + width ? lo + width : max;
	set_window(app, max - width, max, lo, hi);
}

void lepton__act_pan_left(struct lepton__app *app)
{
	pan(app, -0.25);
}

void lepton__act_pan_right(struct lepton__app *app)
{
	pan(app, 0.25);
}

/* By one column of the plot; the first step starts at the right end. */
static void move_cursor(struct lepton__app *app, int by)
{
	const struct lepton__plot_view *view = plot(app);
	if (!view || view->x_max <= view->x_min)
		return;
	double column = (view->x_max - view->x_min) / view->area.cols;
	double x = isfinite(app->dash.cursor) ? app->dash.cursor + by * column : view->x_max - column / 2;
	app->dash.cursor = x < view->x_min ? view->x_min : x > view->x_max ? view->x_max : x;
}

void lepton__act_cursor_left(struct lepton__app *app)
{
	move_cursor(app, -1);
}

void lepton__act_cursor_right(struct lepton__app *app)
{
	move_cursor(app, 1);
}
