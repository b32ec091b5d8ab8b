/* tui/mouse_plot.c - the mouse in the curves.
 *
 * A click puts the cross-hair there. A drag chooses a range, which is shown alone once the button is let go;
 * with the right or middle button, or with Shift, it moves a zoomed plot along instead. A double click shows
 * all.
 */
#include "config.h"
#include "tui/acts.h"
#include "tui/curves.h"
#include "tui/plot_parts.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_DRAG 2 /* columns: less is a click by an unsteady hand */

void lepton__plot_press(struct lepton__app *app, const struct lepton__input *input, int which)
{
	const struct lepton__plot_view *view = &app->plots[which];
	double x = lepton__plot_x_at(view, input->x);
	app->drag = (struct lepton__drag){.from = x, .column = input->x, .view = *view};
	if (input->mouse == LEPTON__MOUSE_DOUBLE) {
		app->dash.cursor = NAN;
		lepton__act_zoom_all(app);
	} else if (input->button == 1 && !input->shift) {
		app->drag.kind = LEPTON__DRAG_CHOOSE;
		app->dash.cursor = x;
	} else {
		app->drag.kind = LEPTON__DRAG_PAN;
	}
}

/* What lay under the pointer at first stays under it. */
static void pan(struct lepton__app *app, int column)
{
	const struct lepton__plot_view *view = &app->drag.view;
	double lo = lepton__scaled(view->x_min, view->log_x), hi = lepton__scaled(view->x_max, view->log_x);
	double shift = (hi - lo) * (app->drag.column - column) / (view->area.cols > 0 ? view->area.cols : 1);
	if (isfinite(app->dash.zoom_width))
		lepton__curves_show(app, lepton__unscaled(lo + shift, view->log_x),
			lepton__unscaled(hi + shift, view->log_x));
}

void lepton__plot_drag(struct lepton__app *app, const struct lepton__input *input)
{
	app->drag.moved |= abs(input->x - app->drag.column) >= LEAST_DRAG;
	if (app->drag.kind == LEPTON__DRAG_CHOOSE)
		app->dash.cursor = lepton__plot_x_at(&app->drag.view, input->x);
	else if (app->drag.kind == LEPTON__DRAG_PAN)
		pan(app, input->x);
}

void lepton__plot_release(struct lepton__app *app, const struct lepton__input *input)
{
	double to = lepton__plot_x_at(&app->drag.view, input->x);
	if (app->drag.kind == LEPTON__DRAG_CHOOSE && abs(input->x - app->drag.column) >= LEAST_DRAG) {
		app->dash.cursor = NAN;
		lepton__curves_show(app, fmin(app->drag.from, to), fmax(app->drag.from, to));
	}
	app->drag.kind = LEPTON__DRAG_NONE;
}
