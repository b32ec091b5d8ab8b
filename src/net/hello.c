/* net/hello.c - the few lines of the protocol that are neither events nor commands.
 *
 *     {"type":"attach","role":"steers"}
 *     {"type":"hello","protocol":1,"serial":"120","role":"steers"}
 *     {"type":"refused","code":-10,"message":"process 77 steers alone"}
 */
#include "config.h"
#include "net/hello.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const types[] = {NULL, "attach", "hello", "refused"};
static const char *const roles[] = {"steers", "watches", "alone"};

#define TYPES (sizeof types / sizeof *types)
#define ROLES (sizeof roles / sizeof *roles)

const char *lepton_role_name(enum lepton_role role)
{
	return roles[role];
}

char *lepton__hello_write(const struct lepton__hello *hello)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 16);
	lepton__buffer_printf(&out, "{\"type\":\"%s\"", types[hello->line]);
	if (hello->line == LEPTON__LINE_HELLO) /* a serial is a string, as in events past 2^53 */
		lepton__buffer_printf(
			&out, ",\"protocol\":%d,\"serial\":\"%" PRIu64 "\"", hello->protocol, hello->serial);
	if (hello->line == LEPTON__LINE_REFUSED) {
		lepton__buffer_printf(&out, ",\"code\":%d,\"message\":", hello->code);
		lepton__json_string(&out, hello->message);
	} else {
		lepton__buffer_printf(&out, ",\"role\":\"%s\"", roles[hello->role]);
	}
	lepton__buffer_string(&out, "}");
	return lepton__buffer_take(&out);
}

static int read_role(const cJSON *object, enum lepton_role *out, struct lepton_error *err)
{
	const char *word = lepton__json_get_string(object, "role", roles[LEPTON_STEERS]);
	for (size_t i = 0; i < ROLES; i++)
		if (strcmp(word, roles[i]) == 0) {
			*out = (enum lepton_role)i;
			return LEPTON_OK;
		}
	return lepton_error_set(
		err, LEPTON_E_USAGE, "\"%.40s\" is no role: there are steers, watches, alone", word);
}

static int read_members(const cJSON *object, struct lepton__hello *out, struct lepton_error *err)
{
	out->protocol = (int)lepton__json_get_int(object, "protocol", 0);
	out->code = (int)lepton__json_get_int(object, "code", LEPTON_E_STATE);
	out->serial = strtoull(lepton__json_get_string(object, "serial", "0"), NULL, 10);
	lepton__copy_name(out->message, sizeof out->message, lepton__json_get_string(object, "message", ""));
	return out->line == LEPTON__LINE_REFUSED ? LEPTON_OK : read_role(object, &out->role, err);
}

int lepton__hello_read(const char *line, struct lepton__hello *out, struct lepton_error *err)
{
	*out = (struct lepton__hello){.line = LEPTON__LINE_OTHER};
	cJSON *object = cJSON_Parse(line);
	const char *type = lepton__json_get_string(object, "type", "");
	int code = LEPTON_OK;
	for (size_t i = 1; i < TYPES; i++)
		if (strcmp(type, types[i]) == 0) {
			out->line = (enum lepton__line)i;
			code = read_members(object, out, err);
		}
	cJSON_Delete(object);
	return code;
}
