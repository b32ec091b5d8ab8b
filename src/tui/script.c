/* tui/script.c - the dashboard played by a file: for tests, and for pictures in documents.
 *
 *   size 80x24          an in-memory screen of that size (later: a resize); without it the terminal is used
 *   events FILE         JSON lines of events, as if the engine had said them (beside the script)
 *   keys p<Down>text    keys; <Enter> <Esc> <Tab> <S-Tab> <Space> <PgDn> <C-l> <F1> <lt> …
 *   click TEXT          a click on the first place where the text stands; click ROW COLUMN by number
 *   wheel up|down TEXT  the wheel over that place
 *   wait TEXT [SECONDS] until the text is on the screen (10 seconds unless said), else the script fails
 *   expect TEXT         the text is on the screen now; reject TEXT: it is not
 *   save FILE           the screen as text, .ansi or .svg
 *   quit                leave (the end of the file does too)
 *
 * '#' begins a comment. A fault stops the script with file, line and what was wrong.
 */
#include "config.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "tui/acts.h"
#include "tui/keymap.h"
#include "tui/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CELLS = 1 << 20 };

struct player {
	struct lepton__app *app;
	struct lepton__screen *memory; /* NULL: the terminal's */
	const char *path;
	int line;
	bool done;
};

/* ---- looking at the screen ---- */

static void settle(struct player *player)
{
	lepton__app_take_events(player->app);
	lepton__app_paint(player->app);
}

/* Where text begins on the screen; false when it is not there. */
static bool find_text(const struct player *player, const char *text, int *y, int *x)
{
	const struct lepton__screen *screen = player->app->screen;
	for (*y = 0; *y < screen->rows; ++*y) {
		for (*x = 0; *x < screen->cols; ++*x) {
			const char *at = text;
			int column = *x;
			while (*at && column < screen->cols) {
				struct lepton__glyph glyph;
				const struct lepton__cell *cell = lepton__screen_at(screen, *y, column);
				size_t used = lepton__text_glyph(at, &glyph);
				if (!cell || cell->glyph.code != glyph.code)
					break;
				at += used;
				column += glyph.width > 1 ? 2 : 1;
			}
			if (!*at)
				return true;
		}
	}
	return false;
}

static int expect(struct player *player, const char *text, struct lepton_error *err)
{
	int y, x;
	settle(player);
	return find_text(player, text, &y, &x)
		       ? LEPTON_OK
		       : lepton_error_set(err, LEPTON_E_STATE, "\"%s\" is not on the screen", text);
}

static int reject(struct player *player, const char *text, struct lepton_error *err)
{
	int y, x;
	settle(player);
	return find_text(player, text, &y, &x) ? lepton_error_set(err, LEPTON_E_STATE,
							 "\"%s\" is on the screen, at line %d", text, y + 1)
					       : LEPTON_OK;
}

/* "TEXT 12" has its seconds at the end; a number alone is text. */
static double split_seconds(char *text)
{
	char *blank = strrchr(text, ' '), *end = NULL;
	double seconds = blank && blank[1] ? strtod(blank + 1, &end) : 0;
	if (!end || *end || seconds <= 0)
		return 10;
	*blank = '\0';
	return seconds;
}

static int wait_for(struct player *player, char *text, struct lepton_error *err)
{
	int y, x;
	double seconds = split_seconds(text), until = lepton__monotonic() + seconds;
	for (;;) {
		settle(player);
		if (find_text(player, text, &y, &x))
			return LEPTON_OK;
		double left = until - lepton__monotonic();
		if (left <= 0 || player->app->quit)
			return lepton_error_set(
				err, LEPTON_E_STATE, "\"%s\" did not come in %g seconds", text, seconds);
		lepton__app_sleep(player->app, left < 0.1 ? left : 0.1, false);
		lepton__app_listen(player->app);
	}
}

/* ---- acting ---- */

static int press_keys(struct player *player, const char *text, struct lepton_error *err)
{
	while (*text && !player->app->quit) {
		struct lepton__input input = {.kind = LEPTON__INPUT_KEY};
		size_t used = lepton__key_scan(text, &input.key);
		if (!used)
			return lepton_error_set(err, LEPTON_E_USAGE, "no key is called \"%.20s\"", text);
		lepton__app_take_events(player->app);
		lepton__app_input(player->app, &input);
		/* Some keys work on the last picture (the cross-hair): each has its own frame. */
		lepton__app_paint(player->app);
		text += used;
	}
	return LEPTON_OK;
}

static int place_of(struct player *player, const char *text, int *y, int *x, struct lepton_error *err)
{
	settle(player);
	if (sscanf(text, "%d %d", y, x) == 2 || find_text(player, text, y, x))
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_STATE, "\"%s\" is not on the screen", text);
}

static int click(struct player *player, const char *text, enum lepton__mouse what, struct lepton_error *err)
{
	struct lepton__input input = {.kind = LEPTON__INPUT_MOUSE, .mouse = what, .button = 1};
	int code = place_of(player, text, &input.y, &input.x, err);
	if (!code)
		lepton__app_input(player->app, &input);
	settle(player);
	if (!code && what == LEPTON__MOUSE_PRESS) {
		input.mouse = LEPTON__MOUSE_RELEASE;
		lepton__app_input(player->app, &input);
		settle(player);
	}
	return code;
}

static int wheel(struct player *player, const char *text, struct lepton_error *err)
{
	if (strncmp(text, "up ", 3) == 0)
		return click(player, text + 3, LEPTON__MOUSE_WHEEL_UP, err);
	if (strncmp(text, "down ", 5) == 0)
		return click(player, text + 5, LEPTON__MOUSE_WHEEL_DOWN, err);
	return lepton_error_set(err, LEPTON_E_USAGE, "write wheel up PLACE or wheel down PLACE");
}

static int feed_line(struct player *player, const char *line, struct lepton_error *err)
{
	struct lepton_event event;
	if (!line[strspn(line, " \t\r")])
		return LEPTON_OK;
	int code = lepton_event_from_json(line, &event, err);
	if (code)
		return code;
	lepton__app_event(player->app, &event);
	lepton_event_clear(&event);
	return LEPTON_OK;
}

static int feed_events(struct player *player, const char *name, struct lepton_error *err)
{
	const char *slash = strrchr(player->path, '/');
	char *path = *name == '/' || !slash
			     ? lepton__strdup(name)
			     : lepton__format("%.*s/%s", (int)(slash - player->path), player->path, name);
	char *text = NULL, *rest = NULL;
	size_t size;
	int code = path ? lepton__file_read(path, 1u << 28, &text, &size, err)
			: lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	for (char *line = code ? NULL : strtok_r(text, "\n", &rest); line && !code;
		line = strtok_r(NULL, "\n", &rest))
		code = feed_line(player, line, err);
	lepton__free(text);
	lepton__free(path);
	settle(player);
	return code;
}

static bool read_size(const char *text, int *cols, int *rows)
{
	return sscanf(text, "%dx%d", cols, rows) == 2 && *cols > 0 && *rows > 0 && *cols < 10000 &&
	       *rows < 10000 && *cols * *rows <= MOST_CELLS;
}

static int resize(struct player *player, const char *text, struct lepton_error *err)
{
	struct lepton__input input = {.kind = LEPTON__INPUT_RESIZE};
	int cols, rows;
	if (!read_size(text, &cols, &rows))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"size is written 80x24 (columns, then rows), not \"%.40s\"", text);
	if (!player->memory)
		return lepton_error_set(err, LEPTON_E_USAGE, "size must be the first line of the script");
	int code = lepton__screen_resize(player->memory, rows, cols, err);
	if (!code)
		lepton__app_input(player->app, &input);
	return code;
}

/* ---- the script ---- */

static int obey(struct player *player, const char *verb, char *text, struct lepton_error *err)
{
	if (strcmp(verb, "size") == 0)
		return resize(player, text, err);
	if (strcmp(verb, "events") == 0)
		return feed_events(player, text, err);
	if (strcmp(verb, "keys") == 0)
		return press_keys(player, text, err);
	if (strcmp(verb, "click") == 0)
		return click(player, text, LEPTON__MOUSE_PRESS, err);
	if (strcmp(verb, "wheel") == 0)
		return wheel(player, text, err);
	if (strcmp(verb, "wait") == 0)
		return wait_for(player, text, err);
	if (strcmp(verb, "expect") == 0)
		return expect(player, text, err);
	if (strcmp(verb, "reject") == 0)
		return reject(player, text, err);
	if (strcmp(verb, "save") == 0) {
		settle(player);
		return lepton__save_screen(player->app, text, err);
	}
	if (strcmp(verb, "quit") == 0) {
		player->done = true;
		return LEPTON_OK;
	}
	return lepton_error_set(err, LEPTON_E_USAGE,
		"\"%.20s\" is no line of a script; there are size, events, keys, click, wheel, wait, expect, "
		"reject, save, quit",
		verb);
}

static int play_line(struct player *player, char *line, struct lepton_error *err)
{
	line += strspn(line, " \t");
	if (!*line || *line == '#' || *line == '\r')
		return LEPTON_OK;
	size_t length = strcspn(line, " \t"), end = strlen(line);
	while (end > length && (line[end - 1] == '\r' || line[end - 1] == '\t'))
		line[--end] = '\0';
	char *text = line + length + (line[length] != '\0');
	line[length] = '\0';
	int code = obey(player, line, text, err);
	return code ? (lepton_error_prefix(err, "%s:%d", player->path, player->line), code) : LEPTON_OK;
}

static int play_all(struct player *player, char *text, struct lepton_error *err)
{
	int code = LEPTON_OK;
	settle(player);
	while (text && !code && !player->done && !player->app->quit) {
		char *next = strchr(text, '\n');
		if (next)
			*next++ = '\0';
		player->line++;
		code = play_line(player, text, err);
		text = next;
	}
	return code;
}

/* The first line that is not a comment says whether a terminal is needed. */
static bool wants_memory(const char *text, int *cols, int *rows)
{
	while (*text == '#' || *text == '\n')
		text += strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n');
	return strncmp(text, "size ", 5) == 0 && read_size(text + 5, cols, rows);
}

static int open_screen(struct player *player, const struct lepton_tui_options *options, const char *text,
	struct lepton__terminal **terminal, struct lepton__screen **screen, struct lepton_error *err)
{
	int cols, rows;
	if (wants_memory(text, &cols, &rows)) {
		int code = lepton__screen_new(rows, cols,
			options->ascii ? LEPTON__GLYPHS_ASCII : LEPTON__GLYPHS_BRAILLE, screen, err);
		player->memory = *screen;
		return code;
	}
	struct lepton__terminal_options wishes = lepton__terminal_wishes(options);
	int code = lepton__terminal_open(&wishes, terminal, err);
	if (!code)
		*screen = lepton__terminal_screen(*terminal);
	return code;
}

int lepton__script_play(const struct lepton_tui_options *options, const struct lepton_tui_link *link,
	struct lepton_run *run, bool *detached, struct lepton_error *err)
{
	struct player player = {.path = options->script, .app = lepton__calloc(1, sizeof *player.app)};
	struct lepton__terminal *terminal = NULL;
	struct lepton__screen *screen = NULL;
	char *text = NULL;
	size_t size;
	if (!player.app)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the dashboard");
	int code = lepton__file_read(options->script, 1u << 24, &text, &size, err);
	if (!code)
		code = open_screen(&player, options, text, &terminal, &screen, err);
	if (!code) {
		enum lepton__colors colors = !player.memory              ? lepton__terminal_colors(terminal)
					     : lepton__no_color(options) ? LEPTON__MONO
									 : LEPTON__COLORS_TRUE;
		code = lepton__app_start(player.app, options, link, run, screen, colors, err);
		player.app->terminal = terminal;
		player.app->headless = true;
		if (!code)
			code = play_all(&player, text, err);
		*detached = player.app->detached;
		lepton__app_free(player.app);
	}
	lepton__terminal_close(terminal);
	lepton__screen_free(player.memory);
	lepton__free(text);
	lepton__free(player.app);
	return code;
}
