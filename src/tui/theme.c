/* tui/theme.c - from the words of a .theme file to the style of a role.
 *
 * One line sets one colour: theme[key]="value". Blank lines and comments pass, keys we do not know pass
 * too (btop has more panes than we), anything else is an error with file and line. What a file leaves out is
 * the default theme's, except that the signs good, warn and bad follow its temperature gradient, and the
 * curves stay the default's but are moved until they stand out from its background and from each other
 * (theme_apart.c).
 */
#include "config.h"
#include "tui/theme.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_WORD 64

/* One place a key can set: a role's foreground or background, a gradient's stop, or a curve. */
struct key {
	const char *name;
	enum { FOREGROUND, BACKGROUND, GRADIENT, CURVE } what;
	int index, stop;
};

static const struct key keys[] = {{"main_bg", BACKGROUND, LEPTON__MAIN, 0},
	{"main_fg", FOREGROUND, LEPTON__MAIN, 0}, {"title", FOREGROUND, LEPTON__TITLE, 0},
	{"hi_fg", FOREGROUND, LEPTON__HOT, 0}, {"selected_bg", BACKGROUND, LEPTON__SELECTED, 0},
	{"selected_fg", FOREGROUND, LEPTON__SELECTED, 0}, {"inactive_fg", FOREGROUND, LEPTON__INACTIVE, 0},
	{"graph_text", FOREGROUND, LEPTON__GRAPH_TEXT, 0}, {"meter_bg", FOREGROUND, LEPTON__METER_BG, 0},
	{"proc_misc", FOREGROUND, LEPTON__MISC, 0}, {"proc_box", FOREGROUND, LEPTON__LIST_BOX, 0},
	{"cpu_box", FOREGROUND, LEPTON__CURVE_BOX, 0}, {"mem_box", FOREGROUND, LEPTON__DETAIL_BOX, 0},
	{"net_box", FOREGROUND, LEPTON__OTHER_BOX, 0}, {"div_line", FOREGROUND, LEPTON__DIVIDER, 0},
	{"good", FOREGROUND, LEPTON__GOOD, 0}, {"warn", FOREGROUND, LEPTON__WARN, 0},
	{"bad", FOREGROUND, LEPTON__BAD, 0}};

static const char *const gradients[LEPTON__GRADIENTS] = {
	"temp", "cpu", "free", "cached", "available", "used", "download", "upload", "process"};
static const char *const stops[3] = {"start", "mid", "end"};

static const char default_text[] =
#include "src/tui/theme_default.h"
	;

static bool find_key(const char *name, struct key *out)
{
	char word[LONGEST_WORD];
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strcmp(keys[i].name, name) == 0) {
			*out = keys[i];
			return true;
		}
	for (int i = 0; i < LEPTON__GRADIENTS * 3; i++) {
		*out = (struct key){NULL, GRADIENT, i / 3, i % 3};
		snprintf(word, sizeof word, "%s_%s", gradients[i / 3], stops[i % 3]);
		if (strcmp(word, name) == 0)
			return true;
	}
	*out = (struct key){NULL, CURVE, name[strlen(name) - (*name != '\0')] - '1', 0};
	return strncmp(name, "curve_", 6) == 0 && strlen(name) == 7 && out->index >= 0 &&
	       out->index < LEPTON__CURVES;
}

/* What a file has set so far; the rest is filled in at its end. */
struct reading {
	struct lepton__theme *theme;
	bool stop_set[LEPTON__GRADIENTS][3], curve_set[LEPTON__CURVES], sign_set[LEPTON__ROLES];
};

static void set_color(struct reading *reading, const struct key *key, int32_t color)
{
	struct lepton__theme *theme = reading->theme;
	switch (key->what) {
	case FOREGROUND:
		theme->role[key->index].fg = color;
		reading->sign_set[key->index] = true;
		break;
	case BACKGROUND:
		theme->role[key->index].bg = color;
		break;
	case GRADIENT:
		theme->gradient[key->index][key->stop] = color;
		reading->stop_set[key->index][key->stop] = true;
		break;
	case CURVE:
		theme->curve[key->index] = color;
		reading->curve_set[key->index] = true;
		break;
	}
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

/* Copies up to `until` into word and steps over it; NULL when it is not there or the word too long. */
static const char *take_word(const char *at, const char *end, char until, char word[LONGEST_WORD])
{
	size_t length = 0;
	for (; at < end && *at != until; at++) {
		if (length + 1 >= LONGEST_WORD || *at == '\0')
			return NULL;
		word[length++] = *at;
	}
	word[length] = '\0';
	return at < end ? at + 1 : NULL;
}

/* theme[key]="value", the quotes single or double. NULL, or what is wrong. */
static const char *split_line(
	const char *at, const char *end, char name[LONGEST_WORD], char value[LONGEST_WORD])
{
	if ((size_t)(end - at) < 6 || memcmp(at, "theme[", 6) != 0)
		return "a line reads theme[key]=\"#RRGGBB\"";
	if ((at = take_word(at + 6, end, ']', name)) == NULL || *name == '\0')
		return "the key has no closing ]";
	at = skip_blanks(at, end);
	if (at >= end || *at != '=')
		return "there is no = behind the key";
	at = skip_blanks(at + 1, end);
	if (at >= end || (*at != '"' && *at != '\''))
		return "the colour is not in quotes";
	if ((at = take_word(at + 1, end, *at, value)) == NULL)
		return "the colour has no closing quote";
	at = skip_blanks(at, end);
	return at < end && *at != '#' ? "there is more behind the colour" : NULL;
}

static int parse_line(struct reading *reading, const char *at, const char *end, const char *file, int line,
	struct lepton_error *err)
{
	char name[LONGEST_WORD], value[LONGEST_WORD];
	struct key key;
	int32_t color;
	at = skip_blanks(at, end);
	if (at == end || *at == '#')
		return 0;
	const char *wrong = split_line(at, end, name, value);
	if (wrong != NULL)
		return lepton_error_set(err, LEPTON_E_SPEC, "%s:%d: %s", file, line, wrong);
	if (!lepton__color_parse(value, &color)) {
		char shown[LONGEST_WORD * 4];
		lepton__text_cut(shown, sizeof shown, value, 30);
		return lepton_error_set(err, LEPTON_E_SPEC,
			"%s:%d: \"%s\" is no colour; write \"#RRGGBB\", \"#GG\" for a grey, or \"r g b\" "
			"from 0 to 255",
			file, line, shown);
	}
	if (find_key(name, &key))
		set_color(reading, &key, color);
	return 0;
}

/* A gradient with a start but no middle or end stays at its start, or goes straight to its end, as in btop.
 */
static void fill_gradients(struct reading *reading)
{
	for (int i = 0; i < LEPTON__GRADIENTS; i++) {
		int32_t *color = reading->theme->gradient[i];
		bool *set = reading->stop_set[i];
		if (!set[0] && !set[1] && !set[2])
			continue;
		if (!set[2] || color[2] < 0)
			color[2] = color[0];
		if (!set[1] || color[1] < 0)
			color[1] = lepton__color_mix(color[0], color[2], 0.5);
	}
}

static void fill_signs(struct reading *reading)
{
	for (int i = 0; i < 3; i++)
		if (!reading->sign_set[LEPTON__GOOD + i] && reading->stop_set[LEPTON__TEMP][i])
			reading->theme->role[LEPTON__GOOD + i].fg = reading->theme->gradient[LEPTON__TEMP][i];
}

/* A default background says nothing about the terminal's; then ours stay as they are. At last those too near
 * to another move. */
static void fill_curves(struct reading *reading)
{
	int32_t background = reading->theme->role[LEPTON__MAIN].bg;
	for (int i = 0; i < LEPTON__CURVES && background >= 0; i++)
		if (!reading->curve_set[i])
			reading->theme->curve[i] = lepton__color_readable(
				reading->theme->curve[i], background, LEPTON__CURVE_CONTRAST);
	lepton__theme_apart(reading->theme, reading->curve_set);
}

static int parse_lines(
	struct reading *reading, const char *file, const char *text, size_t size, struct lepton_error *err)
{
	int code = 0, line = 1;
	for (const char *at = text, *end = text + size; at < end && code == 0; line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		stop = stop == NULL ? end : stop;
		code = parse_line(reading, at, stop, file, line, err);
		at = stop < end ? stop + 1 : end;
	}
	return code;
}

/* Every role but the selection lies on the main background. */
static void spread_background(struct lepton__theme *theme)
{
	for (int i = 0; i < LEPTON__ROLES; i++)
		if (i != LEPTON__SELECTED)
			theme->role[i].bg = theme->role[LEPTON__MAIN].bg;
}

void lepton__theme_default(struct lepton__theme *theme)
{
	struct reading reading = {.theme = theme};
	memset(theme, 0, sizeof *theme);
	snprintf(theme->name, sizeof theme->name, "lepton");
	(void)parse_lines(&reading, "lepton.theme", default_text, sizeof default_text - 1, NULL);
	spread_background(theme);
	theme->apart = LEPTON__APART;
	theme->role[LEPTON__TITLE].attributes = LEPTON__BOLD;
	theme->role[LEPTON__HOT].attributes = LEPTON__BOLD;
}

static void set_name(struct lepton__theme *theme, const char *file)
{
	const char *slash = strrchr(file, '/');
	lepton__text_cut(theme->name, sizeof theme->name, slash == NULL ? file : slash + 1, 40);
	char *dot = strrchr(theme->name, '.');
	if (dot != NULL && dot != theme->name && strcmp(dot, ".theme") == 0)
		memset(dot, 0, strlen(dot));
}

int lepton__theme_parse(struct lepton__theme *theme, const char *file, const char *text, size_t size,
	struct lepton_error *err)
{
	struct lepton__theme made;
	struct reading reading = {.theme = &made};
	lepton__theme_default(&made);
	int code = parse_lines(&reading, file, text, size, err);
	if (code != 0)
		return code;
	spread_background(&made);
	fill_gradients(&reading);
	fill_signs(&reading);
	fill_curves(&reading);
	set_name(&made, file);
	*theme = made;
	return 0;
}
