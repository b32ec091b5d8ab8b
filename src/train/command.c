/* train/command.c - the words for commands, the settings of some, and releasing what one holds. */
#include "config.h"
#include "train/names.h"
#include "base/json.h"
#include "base/memory.h"

static const char *const types[] = {"pause", "resume", "stop", "archive", "restore", "clone", "compress",
	"fuse", "promote", "rollback", "priority", "evaluate", "barrier", "preview", "checkpoint", "tag",
	"note", "keep", "gc", "quit", NULL};

const char *const *const lepton__command_names = types;

const char *lepton_command_name(enum lepton_command_type type)
{
	return (unsigned)type <= LEPTON_CMD_QUIT ? types[type] : "unknown";
}

void lepton_command_clear(struct lepton_command *command)
{
	lepton_text_release(command->settings);
	command->settings = NULL;
}

struct lepton_text *lepton_command_setting(const char *key, const char *text)
{
	cJSON *object = cJSON_CreateObject();
	char *json = object && cJSON_AddStringToObject(object, key, text) ? lepton__json_text(object) : NULL;
	struct lepton_text *settings = json ? lepton_text_new(json) : NULL;
	cJSON_Delete(object);
	lepton__free(json);
	return settings;
}
