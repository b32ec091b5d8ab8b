/* train/label.c - the commands "tag" and "note": what people write on versions.
 *
 * Labels change nothing that is computed, so a version need not be held for them: the engine's lock is
 * enough, and one that is in a long step is labelled at once. Each change is told whole, tags and note as
 * they are then.
 */
#include "config.h"
#include "train/engine_parts.h"
#include "base/json.h"
#include "base/labels.h"

#include <stdio.h>
#include <string.h>

void lepton__labels_say(struct lepton_engine *engine, const struct lepton__version *v)
{
	struct lepton_event event = {.type = LEPTON_EVENT_LABELS, .version = v->id};
	event.u.labels.tags = lepton_text_retain(v->tags);
	event.u.labels.note = lepton_text_retain(v->note);
	lepton__say(engine, &event);
	lepton_event_clear(&event);
}

/* NULL, "" and no text are the same. */
static int set(struct lepton_text **place, const char *text, struct lepton_error *err)
{
	struct lepton_text *made = text && *text ? lepton_text_new(text) : NULL;
	if (text && *text && !made)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a label");
	lepton_text_release(*place);
	*place = made;
	return LEPTON_OK;
}

int lepton__labels_set(
	struct lepton__version *v, const char *tags, const char *note, struct lepton_error *err)
{
	int code = set(&v->tags, tags, err);
	return code ? code : set(&v->note, note, err);
}

/* With the lock held. */
static int change(struct lepton_engine *engine, struct lepton__version *v, enum lepton_command_type type,
	const char *text, struct lepton_error *err)
{
	char tags[LEPTON__TAGS_SIZE];
	int code = LEPTON_OK;
	if (type == LEPTON_CMD_NOTE) {
		code = set(&v->note, text, err);
	} else {
		code = lepton__tags_change(lepton_text_get(v->tags), text, tags, err);
		code = code ? code : set(&v->tags, tags, err);
	}
	if (!code)
		lepton__labels_say(engine, v);
	return code;
}

static int change_all(struct lepton_engine *engine, const struct lepton_command *command, const char *text,
	char *message, size_t size, struct lepton_error *err)
{
	int code = LEPTON_OK;
	pthread_mutex_lock(&engine->lock);
	for (int i = 0; i < command->count && !code; i++) {
		struct lepton__version *v = lepton__version_find(engine, command->versions[i]);
		size_t used = strlen(message);
		code = v ? change(engine, v, command->type, text, err)
			 : lepton_error_set(err, LEPTON_E_NOTFOUND, "no version #%lld",
				   (long long)command->versions[i]);
		if (!code && command->type == LEPTON_CMD_NOTE)
			snprintf(message + used, size - used, "%s%s %s", used ? ", " : "", v->name,
				*text ? "has its note" : "has no note now");
		else if (!code)
			snprintf(message + used, size - used, "%s%s: %s", used ? ", " : "", v->name,
				v->tags ? lepton_text_get(v->tags) : "no tags");
	}
	pthread_mutex_unlock(&engine->lock);
	return code;
}

/* The text that is asked for, checked before anything is changed. */
static int check(
	const struct lepton_command *command, const char *key, const char *text, struct lepton_error *err)
{
	char tags[LEPTON__TAGS_SIZE];
	if (!command->count)
		return lepton_error_set(err, LEPTON_E_USAGE, "no version was named");
	if (!text)
		return lepton_error_set(err, LEPTON_E_USAGE, "%s: settings have no \"%s\", a text",
			lepton_command_name(command->type), key);
	return command->type == LEPTON_CMD_NOTE ? lepton__note_check(text, err)
						: lepton__tags_change("", text, tags, err);
}

int lepton__label(struct lepton_engine *engine, const struct lepton_command *command, char *message,
	size_t size, struct lepton_error *err)
{
	const char *key = command->type == LEPTON_CMD_NOTE ? "note" : "tags";
	cJSON *settings = cJSON_Parse(lepton_text_get(command->settings));
	const char *text = lepton__json_get_string(settings, key, NULL);
	int code = check(command, key, text, err);
	if (!code)
		code = change_all(engine, command, text, message, size, err);
	cJSON_Delete(settings);
	return code;
}
