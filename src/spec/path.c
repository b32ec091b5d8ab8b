/* spec/path.c - one value of a configuration by its dotted key: "optimizer.learning_rate",
 * "layers.1.filters". */
#include "config.h"
#include "spec/parts.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 16

/* The index a step names: -1 when it is none or past the end. */
static int index_of(const char *step, int size)
{
	size_t length = strspn(step, "0123456789");
	long index = length > 0 && length < 8 && step[length] == '\0' ? strtol(step, NULL, 10) : -1;
	return index < size ? (int)index : -1;
}

static int bad_index(const char *key, const char *step, const cJSON *list, struct lepton_error *err)
{
	int size = cJSON_GetArraySize(list);
	if (!size)
		return lepton_error_set(
			err, LEPTON_E_SPEC, "\"%.80s\": the list before \"%.20s\" is empty", key, step);
	return lepton_error_set(err, LEPTON_E_SPEC,
		"\"%.80s\": there is no element \"%.20s\"; the list goes from 0 to %d", key, step, size - 1);
}

/* One step down; an object that is not there yet is made. */
static int descend(cJSON **node, const char *key, const char *step, struct lepton_error *err)
{
	cJSON *next = NULL;
	if (cJSON_IsArray(*node)) {
		next = cJSON_GetArrayItem(*node, index_of(step, cJSON_GetArraySize(*node)));
		if (!next)
			return bad_index(key, step, *node, err);
	} else if (cJSON_IsObject(*node)) {
		next = cJSON_GetObjectItemCaseSensitive(*node, step);
		if (!next)
			next = cJSON_AddObjectToObject(*node, step);
		if (!next)
			return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory setting \"%.80s\"", key);
	} else {
		return lepton_error_set(err, LEPTON_E_SPEC,
			"\"%.80s\": what is before \"%.20s\" is a single value and has no parts", key, step);
	}
	*node = next;
	return LEPTON_OK;
}

/* Put the value into its parent; it is the parent's from here on when this succeeds. */
static int put_last(cJSON *node, const char *key, const char *step, cJSON *value, struct lepton_error *err)
{
	bool done = false;
	if (cJSON_IsArray(node)) {
		int index = index_of(step, cJSON_GetArraySize(node));
		if (index < 0)
			return bad_index(key, step, node, err);
		done = cJSON_ReplaceItemInArray(node, index, value);
	} else if (cJSON_IsObject(node) && cJSON_IsNull(value)) { /* left out again */
		cJSON_DeleteItemFromObjectCaseSensitive(node, step);
		cJSON_Delete(value);
		done = true;
	} else if (cJSON_IsObject(node)) {
		done = cJSON_GetObjectItemCaseSensitive(node, step)
			       ? cJSON_ReplaceItemInObjectCaseSensitive(node, step, value)
			       : cJSON_AddItemToObject(node, step, value);
	} else {
		return lepton_error_set(err, LEPTON_E_SPEC,
			"\"%.80s\": what is before \"%.20s\" is a single value and has no parts", key, step);
	}
	return done ? LEPTON_OK
		    : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory setting \"%.80s\"", key);
}

static int put(cJSON *node, const char *key, char *steps, cJSON *value, struct lepton_error *err)
{
	char *step = steps;
	for (int depth = 0; depth < STEPS_MAX; depth++) {
		char *dot = strchr(step, '.');
		if (dot)
			*dot = '\0';
		if (!*step)
			return lepton_error_set(
				err, LEPTON_E_SPEC, "the key \"%.80s\" has an empty part", key);
		if (!dot)
			return put_last(node, key, step, value, err);
		int code = descend(&node, key, step, err);
		if (code)
			return code;
		if (!node->valueint)
			node->valueint =
				value->valueint; /* an object just made stands where the value was written */
		step = dot + 1;
	}
	return lepton_error_set(err, LEPTON_E_SPEC, "the key \"%.80s\" has too many parts", key);
}

int lepton__spec_put(cJSON *config, const char *key, cJSON *value, struct lepton_error *err)
{
	char *steps = lepton__strdup(key);
	int code = steps && value
			   ? put(config, key, steps, value, err)
			   : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory setting \"%.80s\"", key);
	if (code)
		cJSON_Delete(value);
	lepton__free(steps);
	return code;
}
