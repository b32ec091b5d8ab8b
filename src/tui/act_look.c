/* tui/act_look.c - marks, filter, order: which versions are shown and in what order. */
#include "config.h"
#include "tui/format.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/popup.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void lepton__act_mark(struct lepton__app *app)
{
	lepton__range_end(&app->dash, false);
	lepton__mark(&app->dash, app->dash.selected, !lepton__marked(&app->dash, app->dash.selected));
	if (!lepton__is_header(app->dash.selected))
		lepton__dash_move(&app->dash, 1);
}

const char *lepton__now_mark(const struct lepton__app *app)
{
	return lepton__marked(&app->dash, app->dash.selected) ? "unmark" : "mark";
}

void lepton__act_invert(struct lepton__app *app)
{
	lepton__range_end(&app->dash, false);
	lepton__mark_others(&app->dash);
}

void lepton__act_range(struct lepton__app *app)
{
	if (app->dash.range.on)
		lepton__range_end(&app->dash, false);
	else
		lepton__range_begin(&app->dash, false);
}

const char *lepton__now_range(const struct lepton__app *app)
{
	return app->dash.range.on ? "end range" : "mark range";
}

static void extend(struct lepton__app *app, long by)
{
	if (!app->dash.range.on)
		lepton__range_begin(&app->dash, true);
	lepton__dash_move(&app->dash, by);
	lepton__range_follow(&app->dash);
}

void lepton__act_extend_up(struct lepton__app *app)
{
	extend(app, -1);
}

void lepton__act_extend_down(struct lepton__app *app)
{
	extend(app, 1);
}

/* ---- bunches ---- */

void lepton__act_group(struct lepton__app *app)
{
	enum lepton__grouping next = (enum lepton__grouping)((app->dash.bunches.by + 1) % LEPTON__GROUPINGS);
	lepton__range_end(&app->dash, false);
	lepton__bunches_set(&app->dash, next);
	if (next)
		lepton__app_say(app, LEPTON_LOG_INFO,
			"grouped by %s; %s ends it. On a header %s folds it, others act on all below",
			lepton__grouping_names[next], lepton__spell("{escape}"), lepton__spell("{details}"));
	else
		lepton__app_say(app, LEPTON_LOG_INFO, "not grouped");
}

bool lepton__can_fold(const struct lepton__app *app, const char **why)
{
	*why = "the list is not grouped: {group} does that";
	return app->dash.bunches.by && app->dash.bunches.count;
}

/* All, or when all are folded none. */
void lepton__act_fold_all(struct lepton__app *app)
{
	bool all = true;
	for (size_t i = 0; i < app->dash.bunches.count; i++)
		all = all && app->dash.bunches.items[i].folded;
	for (size_t i = 0; i < app->dash.bunches.count; i++)
		app->dash.bunches.items[i].folded = !all;
}

void lepton__act_mark_all(struct lepton__app *app)
{
	for (size_t i = 0; i < app->dash.shown; i++)
		app->dash.extras[app->dash.order[i]].marked = true;
	lepton__range_end(&app->dash, false);
}

bool lepton__can_unmark(const struct lepton__app *app, const char **why)
{
	*why = "nothing is marked";
	for (size_t i = 0; i < app->dash.extra_count; i++)
		if (app->dash.extras[i].marked)
			return true;
	return false;
}

void lepton__act_unmark(struct lepton__app *app)
{
	for (size_t i = 0; i < app->dash.extra_count; i++)
		app->dash.extras[i].marked = false;
	lepton__range_end(&app->dash, false);
}

/* The list moves it to its top; the selection stays with it. */
void lepton__act_pin(struct lepton__app *app)
{
	struct lepton__extra *extra = lepton__dash_extra(&app->dash, app->dash.selected);
	if (!extra)
		return;
	extra->pinned = !extra->pinned;
	lepton__app_say(app, LEPTON_LOG_INFO,
		extra->pinned ? "%s is pinned: always drawn, and on top" : "%s is no longer pinned",
		lepton__version_name(app, app->dash.selected));
}

const char *lepton__now_pin(const struct lepton__app *app)
{
	const struct lepton__extra *extra = lepton__dash_extra(&app->dash, app->dash.selected);
	return extra && extra->pinned ? "unpin" : "pin";
}

/* ---- filter: what is typed is shown at once; Esc brings the old one back ---- */

static void set_filter(struct lepton__app *app, const char *text, const struct lepton__filter *filter)
{
	app->dash.filter = *filter;
	lepton__copy_name(app->dash.filter_text, sizeof app->dash.filter_text, text);
	/* Out of memory here only means an older picture; the next frame tries again. */
	if (lepton__dash_update(&app->dash, NULL))
		app->dirty = true;
}

static int check_filter(
	struct lepton__app *app, struct lepton__form *form, size_t *field, struct lepton_error *err)
{
	struct lepton__filter filter;
	*field = 0;
	int code = lepton__filter_parse(form->fields[0].value, &filter, err);
	if (code)
		return code;
	set_filter(app, form->fields[0].value, &filter);
	if (*form->fields[0].value)
		lepton__print(form->note, sizeof form->note, "%zu of %zu versions", app->dash.shown,
			app->dash.run->version_count);
	return LEPTON_OK;
}

static int accept_filter(struct lepton__app *app, struct lepton__form *form, struct lepton_error *err)
{
	(void)app, (void)form, (void)err;
	return LEPTON_OK;
}

static void left_filter(struct lepton__app *app, struct lepton__form *form)
{
	struct lepton__filter filter;
	if (!lepton__filter_parse(form->word, &filter, NULL))
		set_filter(app, form->word, &filter);
}

void lepton__act_filter(struct lepton__app *app)
{
	struct lepton__form *form = lepton__form_new(app, "Show only versions that match", "show");
	if (!form)
		return;
	lepton__print(form->intro, sizeof form->intro,
		"Words of the name, or state:running  tag:big  learner:network  op:compress  parent:cnn  "
		"loss<0.1  acc>=98%%  lr<0.001  -state:failed; all must hold.");
	lepton__form_field(form, "filter", app->dash.filter_text, "empty shows all; Up recalls earlier ones");
	lepton__copy_name(form->word, sizeof form->word, app->dash.filter_text);
	form->history = LEPTON__HISTORY_FILTER;
	form->check = check_filter;
	form->accept = accept_filter;
	form->left = left_filter;
	lepton__form_open(app, form);
}

/* ---- order ---- */

/* Asking for the order there is turns it round. */
void lepton__set_sort(struct lepton__app *app, enum lepton__sort sort)
{
	app->dash.turned = sort == app->dash.sort ? !app->dash.turned : false;
	app->dash.sort = sort;
	app->dirty = true;
}

static void sort_chosen(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item)
{
	(void)menu;
	lepton__set_sort(app, (enum lepton__sort)item->value);
	lepton__app_say(app, LEPTON_LOG_INFO, "sorted by %s%s", lepton__sort_names[app->dash.sort],
		app->dash.turned ? ", the other way round" : "");
}

void lepton__act_sort(struct lepton__app *app)
{
	struct lepton__menu *menu = lepton__menu_new(app, "Sort by");
	for (int s = 0; menu && s < LEPTON__SORTS; s++)
		lepton__menu_add(menu, lepton__sort_names[s],
			s == (int)app->dash.sort ? "now; once more turns it round"
			: s == LEPTON__SORT_MADE || s == LEPTON__SORT_NAME || s == LEPTON__SORT_STATE
				? ""
				: "best first");
	if (!menu)
		return;
	menu->chosen = sort_chosen;
	lepton__menu_open(app, menu, (int64_t)app->dash.sort);
}

void lepton__act_turn(struct lepton__app *app)
{
	app->dash.turned = !app->dash.turned;
}

void lepton__act_archived(struct lepton__app *app)
{
	size_t count = 0;
	app->dash.archived = !app->dash.archived;
	for (size_t i = 0; i < app->dash.run->version_count; i++)
		count += app->dash.run->versions[i]->state == LEPTON_ARCHIVED;
	lepton__app_say(app, LEPTON_LOG_INFO, "%zu archived version%s %s", count, count == 1 ? "" : "s",
		app->dash.archived ? "shown" : "hidden");
}

void lepton__select_or_say(struct lepton__app *app, int64_t id)
{
	const struct lepton_run_version *version = lepton_run_version(app->dash.run, id);
	if (!version || lepton__dash_select(&app->dash, id))
		return;
	if (version->state == LEPTON_ARCHIVED && !app->dash.archived)
		lepton__app_say(app, LEPTON_LOG_WARNING, "%s is archived: %s shows such versions",
			version->name, lepton__spell("{archived}"));
	else
		lepton__app_say(app, LEPTON_LOG_WARNING, "the filter leaves %s out of the list: %s shows all",
			version->name, lepton__spell("{escape}"));
}

const char *lepton__now_archived(const struct lepton__app *app)
{
	return app->dash.archived ? "hide archived" : "show archived";
}

/* Takes back one thing at a time: range, cross-hair, zoom, filter, marks, groups. */
void lepton__act_escape(struct lepton__app *app)
{
	const char *why;
	if (app->dash.range.on) {
		lepton__range_end(&app->dash, true);
	} else if (isfinite(app->dash.cursor)) {
		app->dash.cursor = NAN;
	} else if (isfinite(app->dash.zoom_width)) {
		lepton__act_zoom_all(app);
	} else if (*app->dash.filter_text) {
		set_filter(app, "", &(struct lepton__filter){0});
	} else if (lepton__can_unmark(app, &why)) {
		lepton__act_unmark(app);
	} else if (app->dash.bunches.by) {
		lepton__bunches_set(&app->dash, LEPTON__UNGROUPED);
		lepton__app_say(app, LEPTON_LOG_INFO, "not grouped");
	} else {
		app->toast_until = 0;
	}
}

bool lepton__has_row(const struct lepton__app *app, const char **why)
{
	*why = "no version is selected";
	return app->dash.selected != 0;
}

void lepton__act_details(struct lepton__app *app)
{
	if (lepton__is_header(app->dash.selected)) {
		struct lepton__bunch *bunch = &app->dash.bunches.items[lepton__bunch_at(app->dash.selected)];
		bunch->folded = !bunch->folded;
		return;
	}
	const struct lepton_run_version *version = lepton__dash_selected(&app->dash);
	struct lepton__lines lines = {0};
	char title[96];
	lepton__details(app, version, true, &lines);
	lepton__print(title, sizeof title, "%.80s", version->name);
	lepton__pager_open(app, title, &lines);
}

/* ---- the picture of the view Compare ---- */

void lepton__act_picture(struct lepton__app *app)
{
	app->compare_picture = !app->compare_picture;
}

const char *lepton__now_picture(const struct lepton__app *app)
{
	return app->compare_picture ? "words" : "picture";
}
