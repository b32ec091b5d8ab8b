/* tui/spoken_command.c - lines that are typed: an action's name or key, and the versions it is for.
 *
 * Everything the dashboard can do works so, windows too: they are drawn into a screen in memory, and what
 * stands there is printed without frames and curves. While one is open a line goes into it as if typed there,
 * Enter behind it; "." leaves it, "?" prints it again, and <Down> and the like are keys.
 */
#include "config.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/keymap.h"
#include "tui/popup.h"
#include "tui/spoken.h"
#include "lepton/option.h"

#include <string.h>

/* What is said by a character; frames, bars and curves say nothing to the ear. */
static uint32_t said_by(const struct lepton__cell *cell)
{
	uint32_t code = cell->glyph.code;
	bool drawn = (code >= 0x2500 && code <= 0x25ff) || (code >= 0x2800 && code <= 0x28ff);
	return drawn ? ' ' : code;
}

/* One row without its frame, runs of blanks as two; "" for one that says nothing. */
static void read_row(const struct lepton__screen *screen, int y, char *out, size_t size)
{
	size_t used = 0;
	int blanks = 0;
	for (int x = 0; x < screen->cols; x++) {
		const struct lepton__cell *cell = lepton__screen_at(screen, y, x);
		uint32_t code = said_by(cell);
		char utf8[5];
		if (code == ' ' || (code == '|' && (used == 0 || x + 2 >= screen->cols))) {
			blanks++;
			continue;
		}
		if (code == 0)
			continue; /* the right half of a wide one */
		size_t length = lepton__utf8_encode(code, utf8);
		if (used + length + 3 >= size)
			break;
		if (used && blanks)
			memcpy(out + used, "  ", 2), used += blanks > 1 ? 2 : 1;
		blanks = 0;
		memcpy(out + used, utf8, length);
		used += length;
	}
	out[used] = '\0';
	if (strspn(out, "+-| ") == used)
		*out = '\0';
}

static void read_screen(struct lepton__spoken *spoken)
{
	const struct lepton__screen *screen = spoken->app->screen;
	char row[LEPTON__SPOKEN_COLS * 5];
	for (int y = 0; y < screen->rows; y++) {
		read_row(screen, y, row, sizeof row);
		if (*row)
			lepton__spoken_print(spoken, "  %s", row);
	}
}

static void read_popup(struct lepton__spoken *spoken)
{
	struct lepton__app *app = spoken->app;
	lepton__screen_clear(app->screen);
	app->hit_count = 0;
	app->popup->ops->draw(app, app->popup);
	read_screen(spoken);
	if (app->popup->ops->reading)
		lepton__popup_leave(app);
	else
		lepton__spoken_print(spoken, "(a line goes into it; . leaves it, ? repeats it)");
}

static void read_view(struct lepton__spoken *spoken)
{
	struct lepton__app *app = spoken->app;
	struct lepton__rect all = {0, 0, app->screen->rows, app->screen->cols};
	lepton__screen_clear(app->screen);
	app->hit_count = 0;
	lepton__views[app->view]->draw(app, all);
	read_screen(spoken);
}

void lepton__spoken_windows(struct lepton__spoken *spoken)
{
	struct lepton__app *app = spoken->app;
	if (!app->popup && (app->result || app->pair[0]))
		lepton__app_draw(app); /* opens the window that tells of it */
	lepton__spoken_sayings(spoken);
	if (app->popup && app->popup != spoken->popup)
		read_popup(spoken);
	spoken->popup = app->popup;
}

static void press(struct lepton__spoken *spoken, uint32_t key)
{
	struct lepton__input input = {.kind = LEPTON__INPUT_KEY, .key = key};
	lepton__app_input(spoken->app, &input);
}

/* Keys go where they were meant to: none into what opens or shows after the window has closed. */
static void type_into_popup(struct lepton__spoken *spoken, const char *line)
{
	struct lepton__popup *popup = spoken->app->popup;
	bool keys = *line == '<';
	if (strcmp(line, "?") == 0) {
		spoken->popup = NULL;
		return;
	}
	if (strcmp(line, ".") == 0) {
		lepton__popup_leave(spoken->app);
		return;
	}
	while (*line && spoken->app->popup == popup) {
		uint32_t key;
		size_t used = lepton__key_scan(line, &key);
		if (!used) {
			lepton__spoken_print(spoken, "! no key is called \"%.20s\"", line);
			return;
		}
		press(spoken, key);
		line += used;
	}
	if (!keys && spoken->app->popup == popup)
		press(spoken, popup->ops->keys ? lepton__window_key_now(popup->ops->keys, LEPTON__KEY_ENTER)
					       : LEPTON__KEY_ENTER);
	if (spoken->app->popup == popup)
		spoken->popup = NULL; /* it has changed: say it anew */
}

static const struct lepton__action *named(const struct lepton__spoken *spoken, const char *word)
{
	const struct lepton__action *action = lepton__action_find(word);
	uint32_t key = action ? 0 : lepton__key_named(word, strlen(word));
	return action ? action : key ? lepton__action_for_key(spoken->app->view, key) : NULL;
}

static void unknown(struct lepton__spoken *spoken, const char *word)
{
	const char *names[LEPTON__MOST_ACTIONS + 1] = {"status"};
	for (size_t i = 0; i < lepton__action_count(); i++)
		names[i + 1] = lepton__actions[i].id;
	const char *near = lepton_suggest(word, names, lepton__action_count() + 1);
	if (near)
		lepton__spoken_print(spoken, "! nothing is called \"%.40s\"; did you mean %s?", word, near);
	else
		lepton__spoken_print(spoken, "! nothing is called \"%.40s\"; \":\" lists all there is", word);
}

/* The versions named behind the action: one is selected, several are marked. False: one is not there (said).
 */
static bool choose(struct lepton__spoken *spoken, char *words, size_t *count)
{
	struct lepton__dash *dash = &spoken->app->dash;
	struct lepton_error err = {0};
	char *rest = NULL;
	*count = 0;
	for (char *word = strtok_r(words, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
		struct lepton_run_version *version;
		if (lepton_run_find(dash->run, word, &version, &err)) {
			lepton__spoken_print(spoken, "! %s", err.message);
			return false;
		}
		if (!(*count)++)
			for (size_t i = 0; i < dash->extra_count; i++)
				dash->extras[i].marked = false;
		dash->selected = version->id;
		struct lepton__extra *extra = lepton__dash_extra(dash, version->id);
		if (extra)
			extra->marked = true;
	}
	return true;
}

static void run_action(struct lepton__spoken *spoken, const struct lepton__action *action, char *words)
{
	struct lepton__app *app = spoken->app;
	enum lepton__view_id view = app->view;
	bool marking = strcmp(action->id, "mark") == 0;
	size_t count;
	if (!choose(spoken, words, &count))
		return;
	if (!(action->views & 1u << app->view))
		lepton__app_show(app, LEPTON__VIEW_VERSIONS);
	if (!(count && marking))
		lepton__action_run(app, action);
	for (size_t i = 0; count && !marking && i < app->dash.extra_count; i++)
		app->dash.extras[i].marked = false;
	bool shows = action->group == LEPTON__MOVING && !app->popup && app->view != view;
	if (shows)
		read_view(spoken);
	else if (app->dash.selected != spoken->selected && !count)
		lepton__spoken_print(spoken, "selected %s", lepton__version_name(app, app->dash.selected));
}

void lepton__spoken_command(struct lepton__spoken *spoken, char *line)
{
	struct lepton_error err = {0};
	if (lepton__dash_update(&spoken->app->dash, &err))
		lepton__spoken_print(spoken, "! %s", err.message);
	if (spoken->app->popup) {
		type_into_popup(spoken, line);
		return;
	}
	line += strspn(line, " \t");
	size_t length = strcspn(line, " \t");
	char *words = line + length + (line[length] != '\0');
	line[length] = '\0';
	if (!*line || strcmp(line, "status") == 0) {
		lepton__spoken_status(spoken);
		return;
	}
	spoken->selected = spoken->app->dash.selected;
	const struct lepton__action *action = named(spoken, line);
	if (action)
		run_action(spoken, action, words);
	else
		unknown(spoken, line);
}
