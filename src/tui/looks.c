/* tui/looks.c - signs and colours that mean the same everywhere, and the monochrome of any theme. */
#include "config.h"
#include "tui/format.h"
#include "tui/app.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* queued, running, paused, done, stopped, failed, archived; then pinned, with an alias, and the best value */
static const char *const fine_signs[] = {
	"\u25cb", "\u25b6", "\u2016", "\u2713", "\u25a0", "\u2717", "\u2193", "\u2691", "\u2605", "\u2726"};
static const char *const plain_signs[] = {".", ">", "=", "+", "#", "!", "v", "H", "^", "+"};

/* A text names the fine signs; the ones that are shown stand in their place. */
void lepton__say_signs(const struct lepton__app *app, char *text)
{
	for (; app->screen->glyphs != LEPTON__GLYPHS_BRAILLE && *text; text++)
		for (size_t i = 0; i < sizeof fine_signs / sizeof *fine_signs; i++) {
			size_t length = strlen(fine_signs[i]);
			if (strncmp(text, fine_signs[i], length) != 0)
				continue;
			*text = *plain_signs[i];
			memmove(text + 1, text + length, strlen(text + length) + 1);
			break;
		}
}

const char *lepton__state_sign(const struct lepton__app *app, enum lepton_version_state state)
{
	return (app->screen->glyphs == LEPTON__GLYPHS_BRAILLE
			? fine_signs
			: plain_signs)[state <= LEPTON_ARCHIVED ? state : 0];
}

enum lepton__role lepton__state_role(enum lepton_version_state state)
{
	switch (state) {
	case LEPTON_RUNNING:
		return LEPTON__HOT;
	case LEPTON_PAUSED:
		return LEPTON__WARN;
	case LEPTON_DONE:
		return LEPTON__GOOD;
	case LEPTON_FAILED:
		return LEPTON__BAD;
	default:
		return LEPTON__INACTIVE;
	}
}

struct lepton__style lepton__style(const struct lepton__app *app, enum lepton__role role)
{
	return lepton__theme_style(&app->theme, role);
}

struct lepton__style lepton__curve_style(const struct lepton__app *app, size_t index)
{
	struct lepton__style style = lepton__theme_style(&app->theme, LEPTON__MAIN);
	style.fg = app->mono ? LEPTON__COLOR_DEFAULT : lepton__theme_curve(&app->theme, index);
	return style;
}

/* No colours at all: what matters is told apart by weight, underline and reversing. */
void lepton__theme_mono(struct lepton__theme *theme)
{
	struct lepton__style plain = {LEPTON__COLOR_DEFAULT, LEPTON__COLOR_DEFAULT, 0};
	for (int r = 0; r < LEPTON__ROLES; r++)
		theme->role[r] = plain;
	theme->role[LEPTON__SELECTED].attributes = LEPTON__REVERSE;
	theme->role[LEPTON__HOT].attributes = LEPTON__BOLD | LEPTON__UNDERLINE;
	theme->role[LEPTON__TITLE].attributes = LEPTON__BOLD;
	theme->role[LEPTON__BAD].attributes = LEPTON__BOLD;
	theme->role[LEPTON__INACTIVE].attributes = LEPTON__DIM;
	theme->role[LEPTON__DIVIDER].attributes = LEPTON__DIM;
	for (int g = 0; g < LEPTON__GRADIENTS; g++)
		for (int i = 0; i < 3; i++)
			theme->gradient[g][i] = LEPTON__COLOR_DEFAULT;
	for (int c = 0; c < LEPTON__CURVES; c++)
		theme->curve[c] = LEPTON__COLOR_DEFAULT;
}

const char *lepton__version_name(const struct lepton__app *app, int64_t id)
{
	static _Thread_local char unknown[32];
	const struct lepton_run_version *version = lepton_run_version(app->dash.run, id);
	lepton__print(unknown, sizeof unknown, "#%lld", (long long)id);
	return version ? version->name : unknown;
}

void lepton__name_list(
	const struct lepton__app *app, const int64_t *ids, size_t count, char *out, size_t size)
{
	size_t named = count <= 3 ? count : 2, at = 0;
	*out = '\0';
	for (size_t i = 0; i < named && at < size; i++) {
		const char *between = i == 0 ? "" : i + 1 == count ? " and " : ", ";
		int used =
			snprintf(out + at, size - at, "%s%.24s", between, lepton__version_name(app, ids[i]));
		at += used > 0 ? (size_t)used : 0;
	}
	if (named < count && at < size)
		lepton__print(out + at, size - at, " and %zu more", count - named);
}

int lepton__draw_piece(
	struct lepton__app *app, int y, int x, int end, struct lepton__style style, const char *text)
{
	return x < end ? x + lepton__screen_text(app->screen, y, x, end - x, style, text) : x;
}
