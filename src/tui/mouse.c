/* tui/mouse.c - clicks, wheel and drags, by the places the last frame left behind.
 *
 * Whatever is drawn and can be clicked registers its rectangle while it is drawn, so there is no
 * second description of the screen that could disagree with the first.
 */
#include "config.h"
#include "tui/acts.h"
#include "tui/curves.h"
#include "tui/popup.h"
#include "base/clock.h"

#include <math.h>

static const double double_click = 0.5; /* seconds */

void lepton__hit_add(
	struct lepton__app *app, struct lepton__rect rect, enum lepton__hit_kind kind, int64_t argument)
{
	if (app->hit_count < LEPTON__HITS && rect.rows > 0 && rect.cols > 0)
		app->hits[app->hit_count++] = (struct lepton__hit){rect, kind, argument};
}

static const struct lepton__hit *hit_at(const struct lepton__app *app, int y, int x)
{
	for (size_t i = app->hit_count; i-- > 0;)
		if (lepton__rect_has(app->hits[i].rect, y, x))
			return &app->hits[i];
	return NULL;
}

static void run_by_name(struct lepton__app *app, const char *id)
{
	const struct lepton__action *action = lepton__action_find(id);
	if (action)
		lepton__action_run(app, action);
}

static void wheel(struct lepton__app *app, const struct lepton__hit *hit, const struct lepton__input *input)
{
	int by = input->mouse == LEPTON__MOUSE_WHEEL_UP ? -1 : 1;
	if (app->popup) {
		if (app->popup->ops->wheel)
			app->popup->ops->wheel(app, app->popup, by);
	} else if (hit && hit->kind == LEPTON__HIT_PLOT) {
		lepton__zoom_about(
			app, lepton__plot_x_at(&app->plots[hit->argument], input->x), by < 0 ? 0.7 : 1 / 0.7);
	} else if (lepton__views[app->view]->move) {
		lepton__views[app->view]->move(app, by < 0 ? LEPTON__UP : LEPTON__DOWN);
	}
}

static void toggle_mark(struct lepton__app *app, int64_t id)
{
	app->drag_marks = !lepton__marked(&app->dash, id);
	app->drags = true;
	lepton__mark(&app->dash, id, app->drag_marks);
}

/* With Shift: all from what was selected to what was clicked. */
static void mark_to(struct lepton__app *app, int64_t id)
{
	lepton__range_end(&app->dash, false);
	lepton__range_begin(&app->dash, false);
	app->dash.selected = id;
	lepton__range_follow(&app->dash);
	lepton__range_end(&app->dash, false);
}

static void press(struct lepton__app *app, const struct lepton__hit *hit, const struct lepton__input *input)
{
	bool row = hit->kind == LEPTON__HIT_ROW || hit->kind == LEPTON__HIT_MARK;
	if (row && input->shift && app->view == LEPTON__VIEW_VERSIONS) {
		mark_to(app, hit->argument);
		return;
	}
	switch (hit->kind) {
	case LEPTON__HIT_VIEW:
		lepton__app_show(app, (enum lepton__view_id)hit->argument);
		break;
	case LEPTON__HIT_ROW:
		app->dash.selected = hit->argument;
		if (input->button == 3)
			toggle_mark(app, hit->argument);
		else if (input->mouse == LEPTON__MOUSE_DOUBLE)
			run_by_name(app, "details");
		break;
	case LEPTON__HIT_LINE:
		lepton__views[app->view]->pick(app, hit->argument);
		if (input->mouse == LEPTON__MOUSE_DOUBLE)
			run_by_name(app, "open-version");
		break;
	case LEPTON__HIT_MARK:
		app->dash.selected = hit->argument;
		toggle_mark(app, hit->argument);
		break;
	case LEPTON__HIT_ACTION:
		lepton__action_run(app, &lepton__actions[hit->argument]);
		break;
	case LEPTON__HIT_SORT:
		lepton__set_sort(app, (enum lepton__sort)hit->argument);
		break;
	case LEPTON__HIT_PLOT:
		lepton__plot_press(app, input, (int)hit->argument);
		break;
	case LEPTON__HIT_ITEM:
		if (app->popup && app->popup->ops->pick)
			app->popup->ops->pick(app, app->popup, hit->argument);
		break;
	case LEPTON__HIT_PANE:
		break;
	}
}

/* The terminal says presses as they come, so that drags begin at once: two of them make a double click here.
 * Scripts and tests say by themselves which one they mean. */
static struct lepton__input doubled(struct lepton__app *app, const struct lepton__input *input)
{
	struct lepton__input now = *input;
	double time = lepton__monotonic();
	const struct lepton__input *last = &app->pressed;
	if (app->terminal && input->mouse == LEPTON__MOUSE_PRESS) {
		if (last->button == input->button && last->y == input->y && last->x == input->x &&
			time - app->pressed_at < double_click)
			now.mouse = LEPTON__MOUSE_DOUBLE;
		app->pressed = now;
		app->pressed_at = now.mouse == LEPTON__MOUSE_DOUBLE ? 0 : time;
	}
	return now;
}

void lepton__app_mouse(struct lepton__app *app, const struct lepton__input *given)
{
	struct lepton__input input = doubled(app, given);
	const struct lepton__hit *hit = hit_at(app, input.y, input.x);
	app->dirty = true;
	switch (input.mouse) {
	case LEPTON__MOUSE_WHEEL_UP:
	case LEPTON__MOUSE_WHEEL_DOWN:
		wheel(app, hit, &input);
		break;
	case LEPTON__MOUSE_PRESS:
	case LEPTON__MOUSE_DOUBLE:
		app->touched = true;
		app->drag.kind = LEPTON__DRAG_NONE;
		if (hit)
			press(app, hit, &input);
		break;
	case LEPTON__MOUSE_DRAG:
		if (hit && hit->kind == LEPTON__HIT_MARK && app->drags && !app->popup)
			lepton__mark(&app->dash, hit->argument, app->drag_marks); /* as the first one */
		else if (!app->popup)
			lepton__plot_drag(app, &input);
		break;
	case LEPTON__MOUSE_RELEASE:
		app->drags = false;
		if (!app->popup)
			lepton__plot_release(app, &input);
		break;
	}
}
