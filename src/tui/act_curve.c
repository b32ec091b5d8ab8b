/* tui/act_curve.c - how the curves are drawn: metric, axes, smoothing, zoom, cross-hair.
 *
 * Zoom is a width and a right end. While the right end follows the newest value, a zoomed plot
 * moves along with training; panning away from it holds it still.
 */
#include "config.h"
#include "tui/acts.h"
#include "tui/curves.h"
#include "tui/plot_parts.h"

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

/* Zoom on one scale means something else on the other; the cross-hair stays. */
void lepton__act_log_x(struct lepton__app *app)
{
	app->dash.log_x = !app->dash.log_x;
	lepton__act_zoom_all(app);
}

void lepton__act_layout(struct lepton__app *app)
{
	static const char *const said[LEPTON__LAYOUTS] = {"all in one plot",
		"a panel a version, all to one scale",
		"versions that belong together as their mean and range", "a heat-map, a row a version"};
	app->dash.layout = (enum lepton__layout_kind)((app->dash.layout + 1) % LEPTON__LAYOUTS);
	lepton__app_say(app, LEPTON_LOG_INFO, "curves: %s", said[app->dash.layout]);
}

bool lepton__can_kinship(const struct lepton__app *app, const char **why)
{
	*why = "only bands are grouped, and the curves are laid out otherwise";
	return app->dash.layout == LEPTON__BANDS;
}

void lepton__act_kinship(struct lepton__app *app)
{
	static const char *const said[LEPTON__KINSHIPS] = {"versions that differ only in their seed",
		"versions that one entry of the spec made (NAME/\u2026)"};
	app->dash.kinship = (enum lepton__kinship)((app->dash.kinship + 1) % LEPTON__KINSHIPS);
	lepton__app_say(app, LEPTON_LOG_INFO, "a band: %s", said[app->dash.kinship]);
}

/* As it stands on the axis. */
static bool extent(const struct lepton__app *app, double *lo, double *hi)
{
	struct lepton__drawn drawn;
	bool log_x = app->dash.log_x;
	if (lepton__drawn_make(&app->dash, app->dash.metric, &drawn))
		return false;
	bool any = lepton__series_extent(drawn.series, drawn.count, log_x, lo, hi) && *hi > *lo;
	lepton__drawn_free(&drawn);
	*lo = lepton__scaled(*lo, log_x);
	*hi = lepton__scaled(*hi, log_x);
	return any;
}

static const struct lepton__plot_view *plot(const struct lepton__app *app)
{
	return lepton__rect_empty(app->plots[0].area) ? NULL : &app->plots[0];
}

/* All four as they stand on the axis; zoom is kept as values. */
static void set_window(struct lepton__app *app, double min, double max, double lo, double hi)
{
	bool log_x = app->dash.log_x;
	double all = hi - lo;
	if (max - min >= all * 0.999) {
		lepton__act_zoom_all(app);
		return;
	}
	double right = lepton__unscaled(max, log_x);
	app->dash.zoom_width = right - lepton__unscaled(min, log_x);
	app->dash.zoom_right = max >= hi - all * 1e-6 ? NAN : right;
}

/* The window moved into [lo, hi], no narrower than a millionth of that. */
static void show(struct lepton__app *app, double min, double max, double lo, double hi)
{
	double width = max - min, all = hi - lo;
	width = !(width > all * 1e-6) ? all * 1e-6 : width > all ? all : width;
	max = max > hi ? hi : max < lo + width ? lo + width : max;
	set_window(app, max - width, max, lo, hi);
	app->dirty = true;
}

void lepton__curves_show(struct lepton__app *app, double from, double to)
{
	double lo, hi;
	if (extent(app, &lo, &hi))
		show(app, lepton__scaled(from, app->dash.log_x), lepton__scaled(to, app->dash.log_x), lo, hi);
}

void lepton__zoom_about(struct lepton__app *app, double about, double factor)
{
	double lo, hi;
	const struct lepton__plot_view *view = plot(app);
	if (!view || !extent(app, &lo, &hi))
		return;
	double min = lepton__scaled(view->x_min, view->log_x), max = lepton__scaled(view->x_max, view->log_x);
	if (factor < 1 && (max - min) * factor < (hi - lo) * 1e-6)
		return; /* a window of nothing helps nobody */
	lepton__plot_zoom(&min, &max, lo, hi, lepton__scaled(about, view->log_x), factor);
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
	*why = "the curves are not zoomed: {zoom-in} zooms in";
	return isfinite(app->dash.zoom_width);
}

static void pan(struct lepton__app *app, double part)
{
	double lo, hi;
	const struct lepton__plot_view *view = plot(app);
	if (!view || !extent(app, &lo, &hi) || !isfinite(app->dash.zoom_width))
		return;
	double min = lepton__scaled(view->x_min, view->log_x), max = lepton__scaled(view->x_max, view->log_x);
	show(app, min + part * (max - min), max + part * (max - min), lo, hi);
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
	double min = lepton__scaled(view->x_min, view->log_x), max = lepton__scaled(view->x_max, view->log_x),
	       column = (max - min) / view->area.cols;
	double x = isfinite(app->dash.cursor) ? lepton__scaled(app->dash.cursor, view->log_x) + by * column
					      : max - column / 2;
	app->dash.cursor = !(x > min)   ? view->x_min
			   : !(x < max) ? view->x_max
					: lepton__unscaled(x, view->log_x);
}

void lepton__act_cursor_left(struct lepton__app *app)
{
	move_cursor(app, -1);
}

void lepton__act_cursor_right(struct lepton__app *app)
{
	move_cursor(app, 1);
}
