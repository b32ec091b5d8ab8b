/* tui/tour.c - one screen that says what is where, for the very first start.
 *
 * It lies over the real screen and points at its real parts, since those are what one has to find again. Any
 * key takes it away; training goes on beneath. That it was shown is remembered by an empty file in the state
 * folder
 * ($XDG_STATE_HOME/lepton, else ~/.local/state/lepton); where that cannot be written it is not shown. Who has
 * a file of settings has been here before.
 */
#include "config.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/loop.h"
#include "tui/popup.h"
#include "tui/preferences.h"
#include "base/file.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The ten that one cannot do without; each with the words that go behind its key. */
static const char *const keys[][2] = {{"down", "choose a version"}, {"pause", "pause or resume it"},
	{"mark", "mark it, for curves and keys"}, {"metric", "loss or accuracy"},
	{"clone", "a new version with a change"}, {"compress", "a small copy of it"},
	{"fuse", "one out of the marked"}, {"promote", "make it production"},
	{"palette", "everything, by its name"}, {"help", "explains the view you are in"}};

/* An arrow and what it points at. */
static void point(
	struct lepton__app *app, struct lepton__rect box, int row, int x, const char *arrow, const char *text)
{
	int y = box.y + row, end = box.x + box.cols - 1;
	x = lepton__draw_piece(app, y, box.x + x, end, lepton__theme_bold(&app->theme, LEPTON__HOT), arrow);
	lepton__draw_piece(app, y, x + 1, end, lepton__style(app, LEPTON__MAIN), text);
}

static void draw_key(struct lepton__app *app, struct lepton__rect box, int row, int x, int end, size_t which)
{
	const struct lepton__action *action = lepton__action_find(keys[which][0]);
	char key[16];
	if (!action)
		return;
	lepton__action_key(action, key, sizeof key);
	int y = box.y + row, at = box.x + x;
	lepton__screen_right(app->screen, y, at, 6, lepton__theme_bold(&app->theme, LEPTON__HOT), key);
	lepton__draw_piece(app, y, at + 7, box.x + end, lepton__style(app, LEPTON__MAIN), keys[which][1]);
}

static void tour_draw(struct lepton__app *app, struct lepton__popup *popup)
{
	(void)popup;
	struct lepton__rect all = {1, 0, app->screen->rows - 3, app->screen->cols};
	struct lepton__rect rect =
		lepton__rect_center(all, 15, app->screen->cols < 78 ? app->screen->cols - 2 : 74);
	struct lepton__box box = {.title = "Welcome: what is where",
		.bottom = "any key goes on · the palette has this tour again",
		.role = LEPTON__OTHER_BOX,
		.focus = true,
		.fill = true};
	struct lepton__rect in = lepton__box_draw(app->screen, &app->theme, rect, &box);
	bool ascii = app->screen->glyphs == LEPTON__GLYPHS_ASCII;
	const char *up = ascii ? "^" : "\u2191", *down = ascii ? "v" : "\u2193",
		   *left = ascii ? "<" : "\u2190";
	char text[160];
	int half = in.cols / 2;
	point(app, in, 0, 1, up, "the title line: views by number, then the speed");
	point(app, in, 1, 1, left, "the list: a version a row, with its curve's sign");
	point(app, in, 2, 1, ascii ? ">" : "\u2192", "their curves; the words above change them");
	point(app, in, 3, 1, down, "details of the chosen one; then the newest message");
	point(app, in, 4, 1, down, "the bottom line: what can be done now, and its key");
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		draw_key(app, in, 6 + (int)(i % 5), i < 5 ? 0 : half, i < 5 ? half : in.cols - 1, i);
	lepton__spell_keys("{detach} leaves, training goes on; {quit} ends. Nothing is lost by either.", text,
		sizeof text);
	lepton__draw_piece(
		app, in.y + 12, in.x + 1, in.x + in.cols - 1, lepton__style(app, LEPTON__INACTIVE), text);
}

static void tour_type(struct lepton__app *app, struct lepton__popup *popup, uint32_t key)
{
	(void)popup, (void)key;
	lepton__popup_leave(app);
}

static void tour_free(struct lepton__popup *popup)
{
	lepton__free(popup);
}

static const struct lepton__popup_ops tour_ops = {
	.hint = "Any key  goes on", .draw = tour_draw, .type = tour_type, .free = tour_free, .reading = true};

void lepton__act_tour(struct lepton__app *app)
{
	struct lepton__popup *popup = lepton__calloc(1, sizeof *popup);
	if (!popup) {
		lepton__app_say(app, LEPTON_LOG_ERROR, "out of memory");
		return;
	}
	popup->ops = &tour_ops;
	lepton__popup_open(app, popup);
}

/* The folder that remembers; NULL: nowhere. */
static char *state_folder(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (state && *state == '/')
		return lepton__format("%s/lepton", state);
	return home && *home == '/' ? lepton__format("%s/.local/state/lepton", home) : NULL;
}

/* Is this the first time that anybody asks? It is not from now on. */
static bool first_time(void)
{
	char *folder = state_folder(), *mark = folder ? lepton__format("%s/toured", folder) : NULL;
	bool first = mark && access(mark, F_OK) != 0;
	if (first && (lepton__make_dirs(folder, 0700, NULL) || lepton__file_write(mark, "", 0, 0600, NULL)))
		first = false; /* nowhere to remember it: rather never than each time */
	lepton__free(mark);
	lepton__free(folder);
	return first;
}

void lepton__app_welcome(struct lepton__app *app)
{
	const struct lepton_tui_options *options = app->options;
	bool unasked = !options->script && !app->link->attached && app->link->can_detach &&
		       options->preferences && options->preferences->tour && !options->preferences->found;
	if (options->tour || (unasked && first_time()))
		lepton__act_tour(app);
}
