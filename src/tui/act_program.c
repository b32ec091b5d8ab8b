/* tui/act_program.c - undo, palette, help, themes, leaving. */
#include "config.h"
#include "tui/format.h"
#include "tui/keymap.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/popup.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

bool lepton__can_undo(const struct lepton__app *app, const char **why)
{
	*why = app->pending_count ? "wait until what was asked for is answered" : "nothing to undo";
	return app->done.count > 0;
}

bool lepton__can_redo(const struct lepton__app *app, const char **why)
{
	*why = "nothing was undone since the last thing that was done";
	return app->undone.count > 0;
}

/* "undo pause cnn"; good until the next call. */
static const char *now(const char *word, const struct lepton__deeds *deeds)
{
	static char text[112];
	const char *next = lepton__deeds_next(deeds);
	lepton__print(text, sizeof text, "%s%s%.90s", word, next ? " " : "", next ? next : "");
	return text;
}

const char *lepton__now_undo(const struct lepton__app *app)
{
	return now("undo", &app->done);
}

const char *lepton__now_redo(const struct lepton__app *app)
{
	return now("redo", &app->undone);
}

void lepton__act_redo(struct lepton__app *app)
{
	lepton__app_redo(app);
}

void lepton__act_undo(struct lepton__app *app)
{
	lepton__app_undo(app);
}

/* ---- the palette: every action, by any part of its words ---- */

static void action_chosen(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item)
{
	(void)menu;
	lepton__action_run(app, &lepton__actions[item->value]);
}

/* What it would do now, where that depends on what was done. */
static const char *next_of(const struct lepton__app *app, const struct lepton__action *action)
{
	return action->group == LEPTON__PROGRAM && action->now ? action->now(app) : "";
}

void lepton__act_palette(struct lepton__app *app)
{
	struct lepton__menu *menu = lepton__menu_new(app, "What to do?");
	if (!menu)
		return;
	for (size_t n = 0; n < 2 * lepton__action_count();
		n++) { /* once for all but moving, then that: it is known best */
		size_t i = n % lepton__action_count();
		const struct lepton__action *action = &lepton__actions[i];
		const char *why = NULL;
		if ((action->group == LEPTON__MOVING) != (n >= lepton__action_count()))
			continue;
		if (!(action->views & 1u << app->view) || action->run == lepton__act_palette)
			continue;
		bool can = lepton__action_possible(app, action, &why);
		struct lepton__item *item = lepton__menu_add(
			menu, action->title, can ? next_of(app, action) : lepton__spell(why));
		if (!item)
			break;
		item->off = !can;
		item->words = action->help;
		item->value = (int64_t)i;
		lepton__action_key(action, item->keys, sizeof item->keys);
	}
	lepton__print(menu->prompt, sizeof menu->prompt, "type some letters of it");
	menu->chosen = action_chosen;
	lepton__menu_open(app, menu, -1);
}

/* ---- help of this view ---- */

static void help_summary(const struct lepton__app *app, struct lepton__lines *lines, const char *summary)
{
	char spelled[1100];
	while (*summary) {
		size_t length = strcspn(summary, "\n");
		char text[1024];
		lepton__print(text, sizeof text, "%.*s", (int)length, summary);
		lepton__spell_keys(text, spelled, sizeof spelled);
		lepton__say_signs(app, spelled);
		lepton__lines_text(lines, LEPTON__MAIN, "%s", spelled);
		summary += length + (summary[length] == '\n');
	}
}

static void help_group(struct lepton__app *app, struct lepton__lines *lines, enum lepton__group group)
{
	bool any = false;
	for (size_t i = 0; i < lepton__action_count(); i++) {
		const struct lepton__action *action = &lepton__actions[i];
		char keys[LEPTON__KEYS_MAX + 16], text[512], spelled[600];
		const char *bound = lepton__action_keys(action);
		if (action->group != group || !(action->views & 1u << app->view))
			continue;
		if (!any)
			lepton__lines_head(lines, " "),
				lepton__lines_head(lines, "%s", lepton__group_names[group]);
		any = true;
		lepton__key_names(*bound ? bound : ":", keys, sizeof keys);
		const char *next = lepton__action_possible(app, action, NULL) ? next_of(app, action) : "";
		lepton__print(text, sizeof text, "%s%s%s%s%s%s%s%s", action->title, *next ? ". Now: " : "",
			next, action->help ? ". " : "", action->help ? action->help : "",
			action->dangerous ? ". Asks first" : "", action->mouse ? ". Mouse: " : "",
			action->mouse ? action->mouse : "");
		lepton__spell_keys(text, spelled, sizeof spelled);
		lepton__lines_key(lines, keys, spelled);
	}
}

void lepton__act_help(struct lepton__app *app)
{
	struct lepton__lines lines = {0};
	char title[64];
	help_summary(app, &lines, lepton__views[app->view]->summary);
	for (int g = 0; g < LEPTON__GROUPS; g++)
		help_group(app, &lines, (enum lepton__group)g);
	lepton__print(title, sizeof title, "Help: %s", lepton__views[app->view]->name);
	lepton__pager_open(app, title, &lines);
}

/* ---- themes: each is tried on while the cursor is on it ---- */

static void theme_moved(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item)
{
	struct lepton_error err = {0};
	(void)menu;
	if (lepton__app_set_theme(app, item->label, &err))
		lepton__app_say(app, LEPTON_LOG_ERROR, "%s", err.message);
}

static void theme_chosen(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item)
{
	theme_moved(app, menu, item);
	lepton__app_say(app, LEPTON_LOG_INFO, "theme %s; \"save settings\" keeps it, --theme %s has it again",
		item->label, item->label);
}

static void theme_left(struct lepton__app *app, struct lepton__menu *menu)
{
	struct lepton_error err = {0};
	if (lepton__app_set_theme(app, menu->word, &err))
		lepton__app_say(app, LEPTON_LOG_ERROR, "%s", err.message);
}

static bool listed(char **names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

void lepton__act_theme(struct lepton__app *app)
{
	struct lepton_error err = {0};
	char **names = NULL;
	size_t count = 0;
	int64_t now = 0;
	if (lepton__theme_names(&names, &count, &err)) {
		lepton__app_say(app, LEPTON_LOG_ERROR, "%s", err.message);
		return;
	}
	struct lepton__menu *menu = lepton__menu_new(app, "Theme");
	if (menu && !listed(names, "default"))
		lepton__menu_add(menu, "default", "built in");
	for (size_t i = 0; menu && i < count; i++) {
		struct lepton__item *item = lepton__menu_add(menu, names[i], "");
		if (item && strcmp(names[i], app->theme_name) == 0)
			now = item->value;
	}
	lepton__theme_names_free(names);
	if (!menu)
		return;
	lepton__copy_name(menu->word, sizeof menu->word, app->theme_name);
	menu->chosen = theme_chosen;
	menu->moved = theme_moved;
	menu->left = theme_left;
	lepton__menu_open(app, menu, now);
}

void lepton__act_redraw(struct lepton__app *app)
{
	if (app->terminal)
		lepton__terminal_redraw(app->terminal);
}

/* ---- leaving ---- */

bool lepton__can_detach(const struct lepton__app *app, const char **why)
{
	*why = app->dash.run->ended ? "the run has ended" : "nothing trains here: this is a replay";
	return app->link->can_detach && !app->dash.run->ended;
}

void lepton__act_detach(struct lepton__app *app)
{
	app->detached = app->quit = true;
}

static void end_now(struct lepton__app *app, struct lepton__confirm *confirm)
{
	struct lepton_command quit = {.type = LEPTON_CMD_QUIT};
	(void)confirm;
	lepton__app_command(app, &quit, NULL, false, "end the run");
}

/* " Given up would be: compress cnn and 1 more." of what was asked for here and is not done; "" for nothing.
 */
static void given_up(const struct lepton__app *app, char *out, size_t size)
{
	const char *first = NULL;
	size_t others = 0;
	for (size_t i = 0; i < app->pending_count; i++) {
		enum lepton_command_type type = app->pending[i].type;
		if ((type != LEPTON_CMD_COMPRESS && type != LEPTON_CMD_FUSE) || app->pending[i].outlives)
			continue;
		others += first != NULL;
		first = first ? first : app->pending[i].doing;
	}
	*out = '\0';
	if (others)
		lepton__print(out, size, " Given up would be: %.60s and %zu more.", first, others);
	else if (first)
		lepton__print(out, size, " Given up would be: %.60s.", first);
}

bool lepton__can_end(const struct lepton__app *app, const char **why)
{
	*why = app->dash.run->ended ? "it has ended" : "q does that here";
	return app->link->attached && !app->dash.run->ended;
}

void lepton__act_end(struct lepton__app *app)
{
	struct lepton__confirm *confirm = lepton__confirm_open(app, end_now);
	if (!confirm)
		return;
	lepton__copy_name(confirm->question, sizeof confirm->question, "End this run?");
	char lost[128];
	given_up(app, lost, sizeof lost);
	lepton__print(confirm->detail, sizeof confirm->detail,
		"Its process ends, for every dashboard. Checkpoints are kept: started again with the same "
		"store, "
		"training goes on from there.%s",
		lost);
	lepton__copy_name(confirm->yes, sizeof confirm->yes, "yes, end it");
	lepton__copy_name(confirm->no, sizeof confirm->no, "no, go on");
}

static void quit_now(struct lepton__app *app, struct lepton__confirm *confirm)
{
	(void)confirm;
	app->quit = true;
}

/* Leaving an idle run, or one that goes on, loses nothing: no question then. */
void lepton__act_quit(struct lepton__app *app)
{
	size_t training = 0;
	for (size_t i = 0; i < app->dash.run->version_count; i++)
		training += app->dash.run->versions[i]->state <= LEPTON_RUNNING;
	app->detached = app->link->attached; /* what was there before stays */
	if (!lepton__app_busy(app) || app->detached) {
		app->quit = true;
		return;
	}
	struct lepton__confirm *confirm = lepton__confirm_open(app, quit_now);
	if (!confirm)
		return;
	char detach[80] = "", lost[128];
	given_up(app, lost, sizeof lost);
	if (app->link->can_detach)
		lepton__spell_keys(" {detach} instead leaves and lets it train on.", detach, sizeof detach);
	lepton__copy_name(confirm->question, sizeof confirm->question, "Leave lepton?");
	lepton__print(confirm->detail, sizeof confirm->detail,
		"%zu version%s still training%s. Checkpoints are kept: started again with the same store, "
		"training goes on from there.%s%s",
		training, training == 1 ? " is" : "s are", training ? "" : ", but a background job runs",
		lost, detach);
	lepton__copy_name(confirm->yes, sizeof confirm->yes, "yes, leave");
	lepton__copy_name(confirm->no, sizeof confirm->no, "no, stay");
}
