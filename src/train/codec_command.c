/* train/codec_command.c - commands as JSON lines.
 *
 *     {"type":"clone","ticket":3,"versions":[1],"name":"cnn-slow","settings":"{\"epochs\":20}"}
 *
 * What a command does not need may be left out, so a person can write one by hand. Unlike in an event,
 * `settings` may also be a plain object, for the same reason.
 */
#include "config.h"
#include "train/codec.h"
#include "train/names.h"
#include "base/memory.h"

#include <stddef.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)

#define AT(member) offsetof(struct lepton_command, member)
#define FIELD(member, kind)                                                                                  \
	{                                                                                                    \
#member, kind, AT(member), 0, 0, NULL, true                                                  \
	}
#define NAME(member)                                                                                         \
	{                                                                                                    \
#member, LEPTON__FIELD_NAME, AT(member), LEPTON_NAME_MAX, 0, NULL, true                      \
	}

static const struct lepton__field table[] = {FIELD(ticket, LEPTON__FIELD_U64),
	{"versions", LEPTON__FIELD_IDS, AT(versions), sizeof(((struct lepton_command *)NULL)->versions),
		AT(count), NULL, true},
	NAME(name), NAME(method), NAME(alias), FIELD(value, LEPTON__FIELD_NUMBER),
	FIELD(settings, LEPTON__FIELD_TEXT), {NULL, LEPTON__FIELD_INT, 0, 0, 0, NULL, false}};

char *lepton_command_to_json(const struct lepton_command *command)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, LINE_MAX_BYTES);
	lepton__buffer_printf(&out, "{\"type\":\"%s\"", lepton_command_name(command->type));
	lepton__codec_write(&out, table, command);
	lepton__buffer_string(&out, "}");
	return lepton__buffer_take(&out);
}

/* An object given as settings is turned into its text. */
static int plain_settings(cJSON *object, struct lepton_error *err)
{
	const cJSON *settings = cJSON_GetObjectItemCaseSensitive(object, "settings");
	if (!cJSON_IsObject(settings))
		return LEPTON_OK;
	char *text = lepton__json_text(settings);
	cJSON *string = text ? cJSON_CreateString(text) : NULL;
	lepton__free(text);
	if (!string || !cJSON_ReplaceItemInObjectCaseSensitive(object, "settings", string)) {
		cJSON_Delete(string);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	}
	return LEPTON_OK;
}

static int read(cJSON *object, struct lepton_command *out, struct lepton_error *err)
{
	const char *word = lepton__json_get_string(object, "type", "");
	int type = lepton__codec_word(lepton__command_names, word);
	if (type < 0)
		return lepton_error_set(err, LEPTON_E_USAGE, "\"%.40s\" is no command", word);
	out->type = (enum lepton_command_type)type;
	int code = plain_settings(object, err);
	return code ? code : lepton__codec_read(object, table, out, LEPTON_E_USAGE, err);
}

int lepton_command_from_json(const char *json, struct lepton_command *out, struct lepton_error *err)
{
	*out = (struct lepton_command){.type = LEPTON_CMD_CHECKPOINT};
	cJSON *object = lepton__codec_parse(json, "command", LEPTON_E_USAGE, err);
	if (!object)
		return LEPTON_E_USAGE;
	int code = read(object, out, err);
	cJSON_Delete(object);
	if (code) {
		lepton_command_clear(out);
		lepton_error_prefix(err, "command");
	}
	return code;
}
