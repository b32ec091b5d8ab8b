/* tui/manual.c - the tables of actions and settings as text to read: `--keys`, and the manual page.
 *
 * man/lepton-tui.1.in is the page's prose, with a line @OPTIONS@, @KEYS@, @WINDOWS@ or @SETTINGS@ where a
 * table belongs; the build runs `lepton-tui --man` for the page itself. So a new action, setting or option is
 * in the manual by being in its table.
 */
#include "config.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/loop.h"
#include "tui/preferences.h"
#include "tui/tui.h"
#include "base/buffer.h"
#include "base/memory.h"

#include <ctype.h>
#include <string.h>

static const char page[] =
#include "src/tui/manual_page.h"
	;

/* ---- a list for people: --keys ---- */

static void list_windows(struct lepton__buffer *text)
{
	for (size_t w = 0; w < lepton__window_count(); w++)
		for (size_t i = 0; i < lepton__windows[w]->count; i++) {
			const struct lepton__window_key *entry = &lepton__windows[w]->keys[i];
			char id[48];
			lepton__print(id, sizeof id, "%s.%s", lepton__windows[w]->name, entry->id);
			lepton__buffer_printf(text, "%-18s %c %-14s %s, in %s\n", id,
				lepton__is_bound_key(entry) ? '*' : ' ', lepton__bound_keys(entry),
				entry->title, lepton__windows[w]->title);
		}
}

int lepton_tui_keys(const char *config, char **out, struct lepton_error *err)
{
	struct lepton_tui_options options = {.config = config};
	struct lepton__preferences preferences;
	struct lepton__buffer text;
	lepton__options_prefer(&options, &preferences);
	lepton__buffer_init(&text, 1 << 16);
	for (size_t i = 0; i < lepton__action_count(); i++) {
		const struct lepton__action *action = &lepton__actions[i];
		lepton__buffer_printf(&text, "%-18s %c %-14s %s\n", action->id,
			lepton__is_bound(action) ? '*' : ' ', lepton__action_keys(action), action->title);
	}
	list_windows(&text);
	lepton__buffer_printf(&text, "* bound in %s\n", preferences.path);
	*out = lepton__buffer_take(&text);
	return *out ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
}

int lepton_tui_check_config(const char *config, char **out, struct lepton_error *err)
{
	struct lepton_tui_options options = {.config = config};
	struct lepton__preferences preferences;
	struct lepton__buffer text;
	lepton__options_prefer(&options, &preferences);
	lepton__buffer_init(&text, 1 << 14);
	for (size_t i = 0; i < preferences.fault_count; i++)
		lepton__buffer_printf(&text, "%s\n", preferences.faults[i]);
	if (preferences.more_faults)
		lepton__buffer_printf(
			&text, "%s: %zu more lines are wrong\n", preferences.path, preferences.more_faults);
	if (!preferences.fault_count)
		lepton__buffer_printf(&text, "%s: %s\n", preferences.path,
			preferences.found ? "nothing is wrong" : "there is no such file: all is as usual");
	*out = lepton__buffer_take(&text);
	if (!*out)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	return preferences.fault_count ? LEPTON_E_SPEC : LEPTON_OK;
}

/* ---- mdoc ---- */

/* A word or a sentence of a macro's line or of text: what roff would take for its own is made plain. */
static void roff(struct lepton__buffer *out, const char *text)
{
	if (*text && !isalnum((unsigned char)*text))
		lepton__buffer_string(out, "\\&");
	for (; *text; text++)
		if (*text == '\\')
			lepton__buffer_string(out, "\\e");
		else if (*text == '-')
			lepton__buffer_string(out, "\\-");
		else if (*text == '"')
			lepton__buffer_string(out, "\\(dq");
		else
			lepton__buffer_append(out, text, 1);
}

/* Where the next sentence begins behind a full stop; NULL: this is the last. */
static const char *next_sentence(const char *text)
{
	while ((text = strstr(text, ". ")))
		if (isupper((unsigned char)*(text += 2)))
			return text;
	return NULL;
}

/* One or more of them, the last without its full stop: each on a line of its own, as roff wants it. */
static void sentence(struct lepton__buffer *out, const char *text)
{
	for (const char *next; (next = next_sentence(text)); text = next) {
		char one[400];
		lepton__print(one, sizeof one, "%.*s", (int)(next - text) - 1, text);
		roff(out, one);
		lepton__buffer_string(out, "\n");
	}
	roff(out, text);
	lepton__buffer_string(out, ".\n");
}

/* ".It Ic Down , Ic j Pq Li down" */
static void key_item(struct lepton__buffer *out, const char *keys, const char *id)
{
	lepton__buffer_string(out, ".It");
	for (const char *key = keys; *key;) {
		char word[24];
		size_t length = strcspn(key, " ");
		lepton__print(word, sizeof word, "%.*s", (int)length, key);
		lepton__buffer_string(out, key == keys ? " Ic " : " , Ic ");
		roff(out, word);
		key += length + (key[length] == ' ');
	}
	lepton__buffer_string(out, *keys ? "" : " Ic \\&:");
	lepton__buffer_string(out, " Pq Li ");
	roff(out, id);
	lepton__buffer_string(out, "\n");
}

static void action_item(struct lepton__buffer *out, const struct lepton__action *action)
{
	char spelled[400];
	key_item(out, action->keys, action->id);
	sentence(out, action->title);
	if (action->help) {
		lepton__spell_keys(action->help, spelled, sizeof spelled);
		sentence(out, spelled);
	}
	if (action->dangerous)
		lepton__buffer_string(out, "Asks first.\n");
	if (action->mouse) {
		lepton__buffer_string(out, "Mouse: ");
		sentence(out, action->mouse);
	}
}

static void keys(struct lepton__buffer *out)
{
	for (int group = 0; group < LEPTON__GROUPS; group++) {
		lepton__buffer_printf(out, ".Ss %s\n.Bl -tag -width Ds\n", lepton__group_names[group]);
		for (size_t i = 0; i < lepton__action_count(); i++)
			if (lepton__actions[i].group == (enum lepton__group)group)
				action_item(out, &lepton__actions[i]);
		lepton__buffer_string(out, ".El\n");
	}
}

static void windows(struct lepton__buffer *out)
{
	for (size_t w = 0; w < lepton__window_count(); w++) {
		const struct lepton__window_keys *window = lepton__windows[w];
		char id[48];
		lepton__buffer_printf(out, ".Ss In %s\n.Bl -tag -width Ds -compact\n", window->title);
		for (size_t i = 0; i < window->count; i++) {
			lepton__print(id, sizeof id, "%s.%s", window->name, window->keys[i].id);
			key_item(out, window->keys[i].keys, id);
			sentence(out, window->keys[i].title);
		}
		lepton__buffer_string(out, ".El\n");
	}
}

static void settings(struct lepton__buffer *out)
{
	lepton__buffer_string(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < lepton__preference_count; i++) {
		const struct lepton__preference *setting = &lepton__preference_table[i];
		lepton__buffer_printf(out, ".It Ic %s", setting->name);
		for (int c = 0; c < setting->count; c++) {
			lepton__buffer_string(out, c ? " | Li " : " = Li ");
			lepton__buffer_string(out, "\"");
			roff(out, setting->choices[c]);
			lepton__buffer_string(out, "\"");
		}
		lepton__buffer_string(out, setting->choices ? "\n" : " = Ar name\n");
		sentence(out, setting->help);
		if (setting->choices) {
			lepton__buffer_string(out, "Unless said: ");
			sentence(out, setting->choices[setting->usual]);
		}
	}
	lepton__buffer_string(out, ".El\n");
}

int lepton_tui_manual(const char *options, char **out, struct lepton_error *err)
{
	struct lepton__buffer text;
	lepton__bindings_reset();
	lepton__buffer_init(&text, 1 << 18);
	for (const char *line = page; *line;) {
		size_t length = strcspn(line, "\n");
		if (strncmp(line, "@OPTIONS@", 9) == 0)
			lepton__buffer_string(&text, options);
		else if (strncmp(line, "@KEYS@", 6) == 0)
			keys(&text);
		else if (strncmp(line, "@WINDOWS@", 9) == 0)
			windows(&text);
		else if (strncmp(line, "@SETTINGS@", 10) == 0)
			settings(&text);
		else
			lepton__buffer_append(&text, line, length + 1);
		line += length + (line[length] == '\n');
	}
	*out = lepton__buffer_take(&text);
	return *out ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the manual");
}
