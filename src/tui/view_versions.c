/* tui/view_versions.c - the first view: the list, the curves, the selected version's details.
 *
 * The list lies across the top; below it the curves, with the details at their right. Larger screens
 * get a second plot (accuracy beside loss) and a wider pane of details.
 */
#include "config.h"
#include "tui/format.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/curves.h"
#include "tui/list.h"
#include "tui/views.h"

#include <stdio.h>
#include <string.h>

struct panes {
	struct lepton__rect list, plots, details;
};

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Rows for the list: what it would like, but never so many that the curves cannot be read. */
static struct panes place(struct lepton__rect area, int versions)
{
	struct panes panes;
	struct lepton__rect rest;
	int most = area.rows * 9 / 20 < 8 ? 8 : area.rows * 9 / 20;
	panes.list = lepton__rect_rows(area, least(versions + 3 < 6 ? 6 : versions + 3, most), &rest);
	int details = area.cols >= 150 ? 46 : area.cols >= 110 ? 38 : area.cols >= 76 ? 29 : 0;
	panes.details = lepton__rect_cols(rest, -details, &panes.plots);
	return panes;
}

static void draw_list(struct lepton__app *app, struct lepton__rect rect)
{
	char right[128], title[48] = "versions";
	if (*app->dash.filter_text)
		lepton__print(right, sizeof right, "/ %.40s: %zu of %zu", app->dash.filter_text,
			app->dash.shown, app->dash.run->version_count);
	else
		lepton__print(right, sizeof right, "%zu version%s", app->dash.shown,
			app->dash.shown == 1 ? "" : "s");
	if (app->dash.bunches.by)
		lepton__print(
			title, sizeof title, "versions by %s", lepton__grouping_names[app->dash.bunches.by]);
	struct lepton__box box = {.title = title, .right = right, .role = LEPTON__LIST_BOX, .focus = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	lepton__list_draw(app, inside, rect.x + rect.cols - 1, &app->scroll[LEPTON__VIEW_VERSIONS]);
}

static void draw_plots(struct lepton__app *app, struct lepton__rect rect)
{
	enum lepton__metric metric = app->dash.metric;
	bool one = app->dash.layout == LEPTON__PANELS ||
		   app->dash.layout == LEPTON__HEAT; /* they need the room */
	bool stacked = !one && rect.rows >= 26, beside = !one && !stacked && rect.cols >= 120;
	memset(app->plots, 0, sizeof app->plots);
	if (!stacked && !beside) {
		lepton__curves_draw(app, rect, metric, 0);
		return;
	}
	lepton__curves_draw(app, lepton__rect_part(rect, 0, 2, stacked), metric, 0);
	lepton__curves_draw(app, lepton__rect_part(rect, 1, 2, stacked), lepton__metric_beside(app, metric), 1);
}

static void draw_details(struct lepton__app *app, struct lepton__rect rect)
{
	const struct lepton_run_version *version = lepton__dash_selected(&app->dash);
	struct lepton__lines lines = {0};
	if (version)
		lepton__details(app, version, false, &lines);
	else if (lepton__is_header(app->dash.selected))
		lepton__bunch_describe(app, lepton__bunch_at(app->dash.selected), &lines);
	struct lepton__rect text = {rect.y + 1, rect.x + 2, rect.rows - 2, rect.cols - 4};
	bool more = lepton__lines_rows(&lines, text.cols) > text.rows;
	struct lepton__box box = {.title = version ? version->name : "details",
		.role = LEPTON__DETAIL_BOX,
		.bottom = more ? lepton__spell("{details}: all") : NULL};
	lepton__box_draw(app->screen, &app->theme, rect, &box);
	if (!lines.failed)
		lepton__lines_draw(app->screen, &app->theme, text, &lines, 0);
	lepton__lines_free(&lines);
	const struct lepton__action *all = lepton__action_find("details");
	lepton__hit_add(app, rect, LEPTON__HIT_ACTION, all - lepton__actions);
}

static void draw(struct lepton__app *app, struct lepton__rect area)
{
	struct panes panes = place(area, (int)app->dash.row_count);
	draw_list(app, panes.list);
	draw_plots(app, panes.plots);
	if (!lepton__rect_empty(panes.details))
		draw_details(app, panes.details);
}

void lepton__list_move(struct lepton__app *app, enum lepton__move how)
{
	long page = app->scroll[app->view].page > 1 ? app->scroll[app->view].page - 1 : 1,
	     all = (long)app->dash.row_count;
	if (app->dash.range.by_shift)
		lepton__range_end(&app->dash, false);
	switch (how) {
	case LEPTON__UP:
		lepton__dash_move(&app->dash, -1);
		break;
	case LEPTON__DOWN:
		lepton__dash_move(&app->dash, 1);
		break;
	case LEPTON__PAGE_UP:
		lepton__dash_move(&app->dash, -page);
		break;
	case LEPTON__PAGE_DOWN:
		lepton__dash_move(&app->dash, page);
		break;
	case LEPTON__FIRST:
		lepton__dash_move(&app->dash, -all);
		break;
	case LEPTON__LAST:
		lepton__dash_move(&app->dash, all);
		break;
	default:
		break;
	}
	lepton__range_follow(&app->dash);
}

const struct lepton__view lepton__view_versions = {
	.name = "Versions",
	.summary =
		"Every version of the model: training, finished, or made from others. Each row begins "
		"with the sign and "
		"colour of its curve, then its state: \u25cb queued, \u25b6 running, \u2016 paused, "
		"\u2713 done, \u25a0 stopped, \u2717 "
		"failed, \u2193 archived. * is marked, \u2691 pinned, \u2605 carries an alias.\n"
		"Curves of all versions are drawn together; mark some with {mark} to see only these. The "
		"selected one lies on top, and so do those pinned, which stay.\n"
		"Above them stands how they are laid out: as lines, as a panel a version, as bands around "
		"the "
		"mean of versions that differ only in their seed or that one entry of the spec made, or as a "
		"heat-map. \u2726 is the best value so far, \u00d7 at the top edge a loss that is no number; "
		"what happened stands under the curves, in words at the cross-hair.",
	.draw = draw,
	.move = lepton__list_move,
};
