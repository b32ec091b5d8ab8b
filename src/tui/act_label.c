/* tui/act_label.c - tags of all marked versions, and the note of the selected one.
 *
 * Both are forms. For one version the tags stand there to be edited; for several, only what is to change, in
 * the words of the command line ("+big -old"), since they may have different ones. A note has a line of the
 * form for each of its own.
 */
#include "config.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/popup.h"
#include "base/labels.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define TARGETS 4096

static const char *tags_of(const struct lepton__app *app, int64_t id)
{
	const struct lepton_run_version *version = lepton_run_version(app->dash.run, id);
	return version ? lepton_text_get(version->tags) : "";
}

/* One command and its inverse; false: it was not sent, which was said. */
static bool send(struct lepton__app *app, enum lepton_command_type type, const int64_t *ids, size_t count,
	const char *now, const char *before)
{
	const char *key = type == LEPTON_CMD_NOTE ? "note" : "tags";
	struct lepton_command command = {.type = type, .count = (int)count}, back;
	char names[128], doing[96];
	memcpy(command.versions, ids, count * sizeof *ids);
	back = command;
	command.settings = lepton_command_setting(key, now);
	back.settings = lepton_command_setting(key, before);
	bool good = command.settings && back.settings;
	lepton__name_list(app, ids, count, names, sizeof names);
	lepton__print(
		doing, sizeof doing, type == LEPTON_CMD_NOTE ? "note on %.80s" : "tags of %.80s", names);
	if (good)
		good = lepton__app_command(app, &command, &back, false, doing);
	else
		lepton__app_say(app, LEPTON_LOG_ERROR, "out of memory");
	lepton_command_clear(&command);
	lepton_command_clear(&back);
	return good;
}

/* ---- tags ---- */

/* Undoing sets each back to what it had: those that had the same go in one command. */
static void tag_all(struct lepton__app *app, const int64_t *ids, size_t count, const char *changes)
{
	bool done[TARGETS] = {false};
	for (size_t first = 0; first < count; first++) {
		int64_t same[LEPTON_MAX_PARENTS];
		size_t found = 0;
		char had[LEPTON__TAGS_SIZE], before[LEPTON__TAGS_SIZE + 2];
		if (done[first])
			continue;
		lepton__copy_name(had, sizeof had, tags_of(app, ids[first]));
		for (size_t i = first; i < count && found < LEPTON_MAX_PARENTS; i++)
			if (!done[i] && strcmp(tags_of(app, ids[i]), had) == 0) {
				done[i] = true;
				same[found++] = ids[i];
			}
		lepton__print(before, sizeof before, "= %s", had);
		if (!send(app, LEPTON_CMD_TAG, same, found, changes, before))
			return;
	}
}

/* What was typed as changes: of one version its tags are typed whole. */
static void changes_of(const struct lepton__app *app, const struct lepton__form *form, char *out, size_t size)
{
	int64_t ids[2];
	bool one = lepton__dash_targets(&app->dash, ids, 2) == 1;
	lepton__print(out, size, one ? "= %s" : "%s", form->fields[0].value);
}

static int check_tags(
	struct lepton__app *app, struct lepton__form *form, size_t *field, struct lepton_error *err)
{
	int64_t ids[TARGETS];
	char changes[sizeof form->fields[0].value + 2], tags[LEPTON__TAGS_SIZE];
	size_t count = lepton__dash_targets(&app->dash, ids, TARGETS), differ = 0;
	changes_of(app, form, changes, sizeof changes);
	*field = 0;
	for (size_t i = 0; i < count; i++) {
		int code = lepton__tags_change(tags_of(app, ids[i]), changes, tags, err);
		if (code)
			return code;
		differ += strcmp(tags, tags_of(app, ids[i])) != 0;
	}
	if (count == 1)
		lepton__print(form->note, sizeof form->note, differ ? "tags: %.280s" : "as it is now: %.280s",
			*tags ? tags : "none");
	else if (*form->fields[0].value)
		lepton__print(form->note, sizeof form->note, "changes %zu of %zu versions", differ, count);
	return LEPTON_OK;
}

static int accept_tags(struct lepton__app *app, struct lepton__form *form, struct lepton_error *err)
{
	int64_t ids[TARGETS];
	char changes[sizeof form->fields[0].value + 2];
	(void)err;
	changes_of(app, form, changes, sizeof changes);
	if (*changes)
		tag_all(app, ids, lepton__dash_targets(&app->dash, ids, TARGETS), changes);
	return LEPTON_OK;
}

/* The last word becomes the first tag of the run that begins so. */
static bool complete_tags(struct lepton__app *app, struct lepton__form *form, char *out, size_t size)
{
	const char *typed = form->fields[0].value, *blank = strrchr(typed, ' '),
		   *word = blank ? blank + 1 : typed;
	word += *word == '+' || *word == '-';
	size_t length = strlen(word), found;
	for (size_t i = 0; length && i < app->dash.run->version_count; i++) {
		const char *at = lepton_text_get(app->dash.run->versions[i]->tags), *tag;
		while ((tag = lepton__tags_next(&at, &found)))
			if (found > length && strncmp(tag, word, length) == 0) {
				lepton__print(
					out, size, "%.*s%.*s ", (int)(word - typed), typed, (int)found, tag);
				return true;
			}
	}
	return false;
}

/* "big 3, slow 1": what there is among those that are meant. */
static void say_present(
	const struct lepton__app *app, const int64_t *ids, size_t count, char *out, size_t size)
{
	char all[LEPTON__TAGS_SIZE] = "", next[LEPTON__TAGS_SIZE];
	const char *at, *tag;
	size_t length, used = 0;
	for (size_t i = 0; i < count; i++)
		if (!lepton__tags_change(
			    all, tags_of(app, ids[i]), next, NULL)) /* past sixteen the rest is not listed */
			memcpy(all, next, sizeof all);
	*out = '\0';
	for (at = all; (tag = lepton__tags_next(&at, &length)) && used + 1 < size;) {
		size_t have = 0;
		for (size_t i = 0; i < count; i++)
			have += lepton__tags_have(tags_of(app, ids[i]), tag, length);
		lepton__print(
			out + used, size - used, "%s%.*s %zu", used ? ", " : "", (int)length, tag, have);
		used = strlen(out);
	}
}

void lepton__act_tag(struct lepton__app *app)
{
	int64_t ids[TARGETS];
	char title[96], names[64], present[200];
	size_t count = lepton__dash_targets(&app->dash, ids, TARGETS);
	lepton__name_list(app, ids, count, names, sizeof names);
	lepton__print(title, sizeof title, "Tags of %.80s", names);
	struct lepton__form *form = lepton__form_new(app, title, "set");
	if (!form)
		return;
	say_present(app, ids, count, present, sizeof present);
	const char *now = count == 1 ? tags_of(app, ids[0]) : "";
	char value[sizeof form->fields[0].value];
	lepton__print(value, sizeof value, "%s%s", now, *now ? " " : ""); /* what is typed is another one */
	if (count == 1)
		lepton__form_field(form, "tags", value, "words apart by blanks; Tab completes one");
	else
		lepton__form_field(form, "change", "",
			"+big adds, -old takes away, = alone takes all away; Tab completes");
	lepton__print(form->intro, sizeof form->intro, "%s%.180s%s",
		count > 1 && *present ? "There are: " : "",
		count > 1 ? present : "Words to find, filter (tag:big) and group it by; clones inherit them.",
		count > 1 && *present ? "." : "");
	form->check = check_tags;
	form->complete = complete_tags;
	form->accept = accept_tags;
	lepton__form_open(app, form);
}

/* ---- the note ---- */

/* The lines that are filled in, up to the last one. */
static int join(const struct lepton__form *form, char *out, size_t size, struct lepton_error *err)
{
	size_t used = 0, last = form->count;
	while (last > 0 && !*form->fields[last - 1].value)
		last--;
	*out = '\0';
	for (size_t i = 0; i < last; i++) {
		int more = snprintf(out + used, size - used, "%s%s", i ? "\n" : "", form->fields[i].value);
		used += more > 0 ? (size_t)more : 0;
		if (used >= size)
			return lepton_error_set(
				err, LEPTON_E_USAGE, "a note has at most %d bytes", LEPTON__NOTE_BYTES);
	}
	return lepton__note_check(out, err);
}

static int check_note(
	struct lepton__app *app, struct lepton__form *form, size_t *field, struct lepton_error *err)
{
	char note[LEPTON__NOTE_BYTES + 1];
	(void)app;
	*field = form->cursor;
	int code = join(form, note, sizeof note, err);
	size_t length = strlen(note);
	if (!code && length > LEPTON__NOTE_BYTES / 2)
		lepton__print(form->note, sizeof form->note, "%zu of %d bytes", length, LEPTON__NOTE_BYTES);
	return code;
}

static int accept_note(struct lepton__app *app, struct lepton__form *form, struct lepton_error *err)
{
	char note[LEPTON__NOTE_BYTES + 1];
	const struct lepton_run_version *version = lepton_run_version(app->dash.run, form->version);
	int code = join(form, note, sizeof note, err);
	if (!code && version && strcmp(note, lepton_text_get(version->note)) != 0)
		send(app, LEPTON_CMD_NOTE, &version->id, 1, note, lepton_text_get(version->note));
	return code;
}

/* A field for each line; false: there are too many, or one is too long. */
static bool split(struct lepton__form *form, const char *note)
{
	while (*note) {
		size_t length = strcspn(note, "\n");
		char line[sizeof form->fields[0].value];
		if (length >= sizeof line || form->count + 1 >= LEPTON__FIELDS)
			return false;
		lepton__print(line, sizeof line, "%.*s", (int)length, note);
		lepton__form_field(form, form->count ? "" : "note", line, "");
		note += length + (note[length] == '\n');
	}
	lepton__form_field(form, form->count ? "" : "note", "",
		lepton__spell(
			"what is worth knowing of this version; {form.enter} begins a line, and keeps the "
			"note on an empty one"))
		->repeat = true;
	return true;
}

void lepton__act_note(struct lepton__app *app)
{
	const struct lepton_run_version *version = lepton__dash_selected(&app->dash);
	char title[96];
	lepton__print(title, sizeof title, "Note on %.60s", version->name);
	struct lepton__form *form = lepton__form_new(app, title, "keep");
	if (!form)
		return;
	if (!split(form, lepton_text_get(version->note))) {
		lepton__free(form);
		lepton__app_say(app, LEPTON_LOG_WARNING,
			"the note on %.60s is too long for a form; `lepton note` can change it, %s shows it",
			version->name, lepton__spell("{details}"));
		return;
	}
	form->version = version->id;
	form->check = check_note;
	form->accept = accept_note;
	lepton__form_open(app, form);
}
