/* spec/config.c - a version's configuration changed by key, or checked whole: what `clone --set` and the
 * dashboard's form use. The same check as for a spec file, without a place in a file.
 */
#include "config.h"
#include "spec/parts.h"
#include "lepton/model.h"
#include "base/json.h"
#include "base/memory.h"

#include <string.h>

static int parse_object(const char *text, cJSON **out, struct lepton_error *err)
{
	int code = lepton__where_parse(text, strlen(text), "configuration", out, err);
	if (code || cJSON_IsObject(*out))
		return code;
	cJSON_Delete(*out);
	*out = NULL;
	return lepton_error_set(err, LEPTON_E_SPEC, "configuration: takes an object {…}");
}

/* JSON where it is JSON, else a bare word: adam is "adam". */
static int parse_value(const char *key, const char *text, cJSON **out, struct lepton_error *err)
{
	int code = lepton__where_parse(text, strlen(text), key, out, err);
	if (code != LEPTON_E_SPEC)
		return code;
	if (!text[strspn(text, " \t\r\n")])
		return lepton_error_set(err, LEPTON_E_SPEC, "\"%.80s\" needs a value", key);
	if (strchr("[{\"", text[strspn(text, " \t\r\n")]))
		return code; /* meant as JSON: its fault says more than a word's would */
	*out = cJSON_CreateString(text);
	return *out ? LEPTON_OK
		    : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory setting \"%.80s\"", key);
}

static int learner_check(const cJSON *config, struct lepton_error *err)
{
	return lepton__spec_check_config(
		NULL, lepton__json_get_string(config, "learner", "network"), config, "configuration", err);
}

int lepton_config_set(
	const char *config, const char *key, const char *value, char **out, struct lepton_error *err)
{
	cJSON *tree = NULL, *node = NULL;
	*out = NULL;
	int code = parse_object(config, &tree, err);
	if (!code)
		code = parse_value(key, value, &node, err);
	if (!code)
		code = lepton__spec_put(tree, key, node, err);
	if (!code)
		code = learner_check(tree, err);
	if (!code) {
		*out = lepton__json_text(tree);
		if (!*out)
			code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory setting \"%.80s\"", key);
	}
	cJSON_Delete(tree);
	return code;
}

int lepton_config_check(const char *learner, const char *config, struct lepton_error *err)
{
	cJSON *tree;
	int code = parse_object(config, &tree, err);
	if (code)
		return code;
	if (!lepton_learner_find(learner))
		code = lepton_error_set(
			err, LEPTON_E_SPEC, "learner \"%.40s\" is not available in this build", learner);
	else
		code = lepton__spec_check_config(NULL, learner, tree, "configuration", err);
	cJSON_Delete(tree);
	return code;
}
