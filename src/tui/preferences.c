/* tui/preferences.c - the table of settings, and reading them.
 *
 *     # a comment
 *     theme = dusk
 *     smoothing = 0.6
 *     bind pause = p F2      these keys and no others
 *     bind rollback =        no key
 *     bind mistakes.larger = >   a key inside a window
 *
 * A wrong line is told with its file and number and the nearest right word, and passed over: a slip in this
 * file must not keep anybody from his training.
 */
#include "config.h"
#include "tui/bindings.h"
#include "tui/dash.h"
#include "tui/format.h"
#include "tui/graphics.h"
#include "tui/preferences.h"
#include "base/file.h"
#include "base/memory.h"
#include "lepton/option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGEST_FILE (1 << 18)

static const char *const no_yes[] = {"no", "yes"};
static const char *const color_names[] = {"auto", "true", "256", "16", "none"};
static const char *const smoothing_names[] = {"0", "0.6", "0.9", "0.97", "0.99"};

#define FIELD(name) offsetof(struct lepton__preferences, name)
const struct lepton__preference lepton__preference_table[] = {
	{"theme", "a theme's name, or a btop .theme file", FIELD(theme), NULL, 0, 0},
	{"ascii", "draw with ASCII characters only", FIELD(ascii), no_yes, 2, 0},
	{"colors", "how many colours; auto asks the terminal", FIELD(colors), color_names, 5, 0},
	{"mouse", "listen to the mouse; without it the terminal selects text as usual", FIELD(mouse), no_yes,
		2, 1},
	{"pictures",
		"images in pixels, as the terminal's own graphics, or in half blocks, as --pictures; auto "
		"asks the terminal",
		FIELD(pictures), lepton__pictures_names, LEPTON__PICTURES, 0},
	{"metric", "what the curves show at first", FIELD(metric), lepton__metric_names, LEPTON__METRICS, 0},
	{"axis", "their x-axis", FIELD(axis), lepton__axis_names, LEPTON__AXES, 0},
	{"smoothing", "of the curves", FIELD(smoothing), smoothing_names, LEPTON__SMOOTHINGS, 0},
	{"sort", "the list's order", FIELD(sort), lepton__sort_names, LEPTON__SORTS, 0},
	{"tour", "show the tour at the very first start", FIELD(tour), no_yes, 2, 1},
	{"lines", "plain lines of text instead of a screen, as --lines", FIELD(lines), no_yes, 2, 0},
};
const size_t lepton__preference_count = sizeof lepton__preference_table / sizeof *lepton__preference_table;

static int *number_of(struct lepton__preferences *preferences, const struct lepton__preference *setting)
{
	return (int *)(void *)((char *)preferences + setting->offset);
}

void lepton__preferences_usual(struct lepton__preferences *preferences)
{
	*preferences = (struct lepton__preferences){.found = false};
	for (size_t i = 0; i < lepton__preference_count; i++)
		if (lepton__preference_table[i].choices)
			*number_of(preferences, &lepton__preference_table[i]) =
				lepton__preference_table[i].usual;
}

const char *lepton__preference_value(
	const struct lepton__preferences *preferences, const struct lepton__preference *setting)
{
	const char *at = (const char *)preferences + setting->offset;
	return setting->choices ? setting->choices[*(const int *)(const void *)at] : at;
}

void lepton__preferences_path(char *out, size_t size)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	*out = '\0';
	if (config && *config == '/')
		lepton__print(out, size, "%s/lepton/config", config);
	else if (home && *home)
		lepton__print(out, size, "%s/.config/lepton/config", home);
}

static void add_fault(struct lepton__preferences *preferences, const char *path, int line, const char *what)
{
	if (preferences->fault_count == LEPTON__FAULTS) {
		preferences->more_faults++;
		return;
	}
	char *out = preferences->faults[preferences->fault_count++];
	const char *home = getenv("HOME");
	size_t length = home && *home ? strlen(home) : 0;
	bool below = length && strncmp(path, home, length) == 0 && path[length] == '/';
	if (line)
		lepton__print(out, sizeof preferences->faults[0], "%s%.100s:%d: %s", below ? "~" : "",
			below ? path + length : path, line, what);
	else
		lepton__print(out, sizeof preferences->faults[0], "%s", what);
}

static int unknown_setting(const char *name, struct lepton_error *err)
{
	const char *names[32] = {"bind"};
	size_t count = 1;
	char shown[160];
	for (size_t i = 0; i < lepton__preference_count && count < 32; i++)
		names[count++] = lepton__preference_table[i].name;
	const char *near = lepton_suggest(name, names, count);
	lepton__text_cut(shown, sizeof shown, name, 30);
	return lepton_error_set(err, LEPTON_E_SPEC, "no setting is called \"%s\"%s%s%s", shown,
		near ? "; did you mean " : "; lepton-tui(1) lists them", near ? near : "", near ? "?" : "");
}

static int wrong_choice(const struct lepton__preference *setting, const char *value, struct lepton_error *err)
{
	char shown[160], list[200] = "";
	const char *near = lepton_suggest(value, setting->choices, (size_t)setting->count);
	lepton__text_cut(shown, sizeof shown, value, 30);
	for (int i = 0; i < setting->count; i++)
		lepton__print(list + strlen(list), sizeof list - strlen(list), "%s%s",
			i == 0                    ? ""
			: i + 1 == setting->count ? " or "
						  : ", ",
			setting->choices[i]);
	if (near)
		return lepton_error_set(err, LEPTON_E_SPEC, "%s cannot be \"%s\"; did you mean %s?",
			setting->name, shown, near);
	return lepton_error_set(
		err, LEPTON_E_SPEC, "%s cannot be \"%s\"; it is %s", setting->name, shown, list);
}

static int set(struct lepton__preferences *preferences, const char *name, const char *value,
	struct lepton_error *err)
{
	for (size_t i = 0; i < lepton__preference_count; i++) {
		const struct lepton__preference *setting = &lepton__preference_table[i];
		if (strcmp(setting->name, name) != 0)
			continue;
		if (!setting->choices) {
			lepton__copy_name(
				(char *)preferences + setting->offset, sizeof preferences->theme, value);
			return LEPTON_OK;
		}
		for (int c = 0; c < setting->count; c++)
			if (strcmp(setting->choices[c], value) == 0) {
				*number_of(preferences, setting) = c;
				return LEPTON_OK;
			}
		return wrong_choice(setting, value, err);
	}
	return unknown_setting(name, err);
}

/* Blanks at both ends taken off, in place. */
static char *trim(char *text)
{
	text += strspn(text, " \t\r");
	for (size_t end = strlen(text); end > 0 && strchr(" \t\r", text[end - 1]); end--)
		text[end - 1] = '\0';
	return text;
}

static int take_line(struct lepton__preferences *preferences, char *line, struct lepton_error *err)
{
	line = trim(line);
	if (!*line || *line == '#')
		return LEPTON_OK;
	char *equals = strstr(line, "= ") ? strstr(line, "= ") : strchr(line, '=');
	if (!equals)
		return lepton_error_set(
			err, LEPTON_E_SPEC, "a line reads `setting = value` or `bind action = keys`");
	*equals = '\0';
	char *name = trim(line), *value = trim(equals + 1);
	if (strncmp(name, "bind ", 5) == 0 || strncmp(name, "bind\t", 5) == 0)
		return lepton__bind(trim(name + 5), value, err);
	return set(preferences, name, value, err);
}

/* What lost its last key to another is told: it may have been an oversight. */
static void tell_keyless(struct lepton__preferences *preferences, const char *path)
{
	char text[240], id[48];
	bool found = true;
	for (size_t i = 0; found; i++)
		if (lepton__keyless(i, id, sizeof id, &found)) {
			lepton__print(text, sizeof text,
				"%.60s: %s has no key left; `bind %s = KEY` gives it one, `bind %s =` says "
				"that is meant",
				path, id, id, id);
			add_fault(preferences, path, 0, text);
		}
}

static void read_lines(struct lepton__preferences *preferences, const char *path, char *text)
{
	int number = 1;
	for (char *line = text, *next; line; line = next, number++) {
		struct lepton_error err = {0};
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (take_line(preferences, line, &err))
			add_fault(preferences, path, number, err.message);
	}
	tell_keyless(preferences, path);
}

void lepton__preferences_read(struct lepton__preferences *preferences, const char *path, bool must)
{
	struct lepton_error err = {0};
	char *text = NULL;
	size_t size;
	lepton__copy_name(preferences->path, sizeof preferences->path, path);
	if (!*path || (!must && access(path, F_OK) != 0))
		return;
	if (lepton__file_read(path, LARGEST_FILE, &text, &size, &err)) {
		add_fault(preferences, path, 0, err.message);
		return;
	}
	preferences->found = true;
	if (memchr(text, '\0', size))
		add_fault(preferences, path, 1, "this is no text: it has zero bytes");
	else
		read_lines(preferences, path, text);
	lepton__free(text);
}
