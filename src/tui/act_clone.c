/* tui/act_clone.c - a version like the selected one with something changed.
 *
 * Each line is key=value with the dotted keys of the details pane; it is tried on the parent's
 * configuration at every key (lepton_config_set, the check the spec file gets), so what is accepted
 * here is accepted by the engine. Tab completes a key, also one that the parent has not set, and goes through
 * the words that a key takes, or begins with the value that is there.
 */
#include "config.h"
#include "tui/format.h"
#include "tui/acts.h"
#include "tui/popup.h"
#include "base/json.h"
#include "base/memory.h"
#include "spec/known.h"

#include <stdio.h>
#include <string.h>

static const struct lepton__flat *settings_of(const struct lepton__app *app, int64_t id)
{
	const struct lepton__extra *extra = lepton__dash_extra(&app->dash, id);
	return extra ? &extra->settings : NULL;
}

/* "key = value" into its halves, blanks around them gone; false when there is no '='. */
static bool split(const char *text, char *key, char *value, size_t size)
{
	const char *equal = strchr(text, '=');
	if (!equal)
		return false;
	text += strspn(text, " ");
	size_t length = text < equal ? (size_t)(equal - text) : 0;
	while (length > 0 && text[length - 1] == ' ')
		length--;
	lepton__print(key, size, "%.*s", (int)length, text);
	equal += 1 + strspn(equal + 1, " ");
	lepton__print(value, size, "%s", equal);
	length = strlen(value);
	while (length > 0 && value[length - 1] == ' ')
		value[--length] = '\0';
	return true;
}

/* Keys that hold what was typed so far, for the line below. */
static size_t matching(
	const struct lepton__app *app, int64_t id, const char *typed, const char **keys, size_t max)
{
	const struct lepton__flat *settings = settings_of(app, id);
	size_t count = 0;
	for (int inner = 0; inner < 2; inner++) /* what sits in a layer comes last */
		for (size_t i = 0; settings && i < settings->count && count < max; i++)
			if (settings->items[i].inner == (inner == 1) &&
				strcmp(settings->items[i].key, "layers") != 0 &&
				lepton__contains(settings->items[i].key, typed))
				keys[count++] = settings->items[i].key;
	return count;
}

static const char *config_of(const struct lepton__app *app, int64_t id)
{
	const struct lepton_run_version *version = lepton_run_version(app->dash.run, id);
	return version ? lepton_text_get(version->hyperparameters) : "";
}

/* A key that nothing is set at, but could be: the first that holds what was typed. */
static bool unset_key(const struct lepton__app *app, int64_t id, const char *typed, char *out, size_t size)
{
	const struct lepton__flat *settings = settings_of(app, id);
	for (size_t n = 0; lepton__known_key(config_of(app, id), n, out, size); n++)
		if (lepton__contains(out, typed) && !(settings && lepton__flat_get(settings, out)))
			return true;
	return false;
}

static void note_matches(struct lepton__app *app, struct lepton__form *form, const char *typed)
{
	const char *keys[8];
	size_t count = matching(app, form->version, typed, keys, 8), at = 0;
	if (form->cursor == 0)
		return;
	for (size_t i = 0; i < count && at < sizeof form->note; i++) {
		int used = snprintf(
			form->note + at, sizeof form->note - at, "%s%s", i ? "  " : "Tab: ", keys[i]);
		at += used > 0 ? (size_t)used : 0;
	}
	char key[128];
	if (!count && *typed && unset_key(app, form->version, typed, key, sizeof key))
		lepton__print(form->note, sizeof form->note, "Tab: %s (not set in the original)", key);
}

static void note_change(struct lepton__app *app, struct lepton__form *form, size_t field)
{
	char key[256], value[256];
	const struct lepton__flat *settings = settings_of(app, form->version);
	if (field != form->cursor || !settings || !split(form->fields[field].value, key, value, sizeof key))
		return;
	const char *now = lepton__flat_get(settings, key);
	lepton__print(form->note, sizeof form->note, "%.80s: %.60s in the original, %.80s in the clone", key,
		now ? now : "not set", value);
}

/* Said with what could stand there. */
static int no_value(const struct lepton__app *app, const struct lepton__form *form, const char *key,
	struct lepton_error *err)
{
	char words[200];
	const char *help;
	lepton__known_values(config_of(app, form->version), key, words, sizeof words, &help);
	return lepton_error_set(err, LEPTON_E_USAGE, "\"%.60s\" needs a value behind its =%s%s%s%s", key,
		*words  ? ": "
		: *help ? " ("
			: "",
		*words ? words : help, *words || !*help ? "" : ")", *words ? " (Tab goes through them)" : "");
}

static int apply(
	struct lepton__app *app, struct lepton__form *form, char **config, size_t i, struct lepton_error *err)
{
	char key[256], value[256], *changed = NULL;
	const char *text = form->fields[i].value;
	if (!text[strspn(text, " ")])
		return LEPTON_OK;
	if (!split(text, key, value, sizeof key)) {
		note_matches(app, form, text);
		return lepton_error_set(err, LEPTON_E_USAGE,
			*form->note ? "" : "write key=value, e.g. optimizer.learning_rate=0.0005");
	}
	if (!*value)
		return no_value(app, form, key, err);
	int code = lepton_config_set(*config, key, value, &changed, err);
	if (code)
		return code;
	lepton__free(*config);
	*config = changed;
	note_change(app, form, i);
	return LEPTON_OK;
}

static int check(struct lepton__app *app, struct lepton__form *form, size_t *field, struct lepton_error *err)
{
	const struct lepton_run_version *version = lepton_run_version(app->dash.run, form->version);
	const char *name = form->fields[0].value;
	*field = 0;
	int code = lepton_name_check(name, err);
	for (size_t i = 0; !code && i < app->dash.run->version_count; i++)
		if (strcmp(app->dash.run->versions[i]->name, name) == 0)
			code = lepton_error_set(
				err, LEPTON_E_EXISTS, "there is a %s already: choose another name", name);
	char *config = lepton__strdup(version ? lepton_text_get(version->hyperparameters) : "");
	if (!config)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	for (size_t i = 1; !code && i < form->count; i++) {
		code = apply(app, form, &config, i, err);
		*field = i;
	}
	lepton__free(config);
	return code;
}

/* The word after `value` in "a|b|c", or the first that begins so; a whole round comes back to the first. */
static bool next_word(const char *words, const char *value, char *out, size_t size)
{
	const char *first = NULL;
	bool pass = false;
	size_t typed = strlen(value);
	for (const char *w = words; *w; w += strcspn(w, "|"), w += *w == '|') {
		size_t length = strcspn(w, "|");
		bool same = length == typed && strncmp(w, value, length) == 0;
		if (pass || (!same && length > typed && strncmp(w, value, typed) == 0)) {
			lepton__print(out, size, "%.*s", (int)length, w);
			return true;
		}
		first = first ? first : w;
		pass = same;
	}
	if (!pass || !first)
		return false;
	lepton__print(out, size, "%.*s", (int)strcspn(first, "|"), first);
	return true;
}

static bool complete_value(
	struct lepton__app *app, struct lepton__form *form, const char *typed, char *out, size_t size)
{
	char key[256], value[256], words[200], word[200];
	const struct lepton__flat *settings = settings_of(app, form->version);
	if (!split(typed, key, value, sizeof key))
		return false;
	lepton__known_values(config_of(app, form->version), key, words, sizeof words, NULL);
	const char *now = settings ? lepton__flat_get(settings, key) : NULL;
	if (next_word(words, value, word, sizeof word))
		lepton__print(out, size, "%.120s=%s", key, word);
	else if (!*value && now)
		lepton__print(out, size, "%.120s=%s", key, now);
	else
		return false;
	return true;
}

static bool complete(struct lepton__app *app, struct lepton__form *form, char *out, size_t size)
{
	const char *keys[1], *typed = form->fields[form->cursor].value;
	char unset[128];
	if (form->cursor == 0 || !*typed)
		return false;
	if (strchr(typed, '='))
		return complete_value(app, form, typed, out, size);
	if (matching(app, form->version, typed, keys, 1))
		lepton__print(out, size, "%s=", keys[0]);
	else if (unset_key(app, form->version, typed, unset, sizeof unset))
		lepton__print(out, size, "%s=", unset);
	else
		return false;
	return true;
}

/* JSON as it was typed, or a bare word as a string. */
static void add_value(struct lepton__buffer *out, const char *value)
{
	cJSON *parsed = cJSON_ParseWithOpts(value, NULL, true);
	if (parsed)
		lepton__json_value(out, parsed);
	else
		lepton__json_string(out, value);
	cJSON_Delete(parsed);
}

static char *changes(const struct lepton__form *form)
{
	struct lepton__buffer out;
	char key[256], value[256];
	const char *comma = "";
	lepton__buffer_init(&out, 1 << 16);
	lepton__buffer_string(&out, "{");
	for (size_t i = 1; i < form->count; i++) {
		if (!split(form->fields[i].value, key, value, sizeof key))
			continue;
		lepton__buffer_string(&out, comma);
		lepton__json_string(&out, key);
		lepton__buffer_string(&out, ":");
		add_value(&out, value);
		comma = ",";
	}
	lepton__buffer_string(&out, "}");
	char *text = lepton__buffer_take(&out);
	lepton__buffer_free(&out);
	return text;
}

static int accept(struct lepton__app *app, struct lepton__form *form, struct lepton_error *err)
{
	struct lepton_command command = {.type = LEPTON_CMD_CLONE, .count = 1, .versions = {form->version}};
	lepton__copy_name(command.name, sizeof command.name, form->fields[0].value);
	char *settings = changes(form);
	command.settings = settings ? lepton_text_new(settings) : NULL;
	lepton__free(settings);
	if (!command.settings)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	char doing[96];
	lepton__print(doing, sizeof doing, "clone %.60s", lepton__version_name(app, form->version));
	lepton__app_command(app, &command, NULL, true, doing);
	lepton_command_clear(&command);
	return LEPTON_OK;
}

void lepton__act_clone(struct lepton__app *app)
{
	const struct lepton_run_version *version = lepton__dash_selected(&app->dash);
	char title[96], name[LEPTON_NAME_MAX];
	lepton__print(title, sizeof title, "Clone %.60s with a change", version->name);
	struct lepton__form *form = lepton__form_new(app, title, "clone");
	if (!form)
		return;
	for (int n = 2; n < 1000; n++) {
		lepton__print(name, sizeof name, "%.56s-%d", version->name, n);
		size_t i = 0;
		while (i < app->dash.run->version_count &&
			strcmp(app->dash.run->versions[i]->name, name) != 0)
			i++;
		if (i == app->dash.run->version_count)
			break;
	}
	lepton__print(form->intro, sizeof form->intro,
		"It starts from the weights of %s as they are now and trains by itself.", version->name);
	lepton__form_field(form, "name", name, "of the new version");
	lepton__form_field(form, "change", "",
		"key=value, e.g. optimizer.learning_rate=0.0005 - Tab completes keys and "
		"values, an empty line ends")
		->repeat = true;
	form->version = version->id;
	form->check = check;
	form->complete = complete;
	form->accept = accept;
	form->cursor = 1; /* it has a name already */
	lepton__form_open(app, form);
}
