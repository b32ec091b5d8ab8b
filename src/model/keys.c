/* model/keys.c - configuration objects checked against their tables.
 *
 * One sentence a fault, with the place in front ("layers[3] Dense: …") and what would be right behind.
 * After a check has passed, the code that reads the values needs no checks of its own.
 */
#include "config.h"
#include "model/keys.h"
#include "lepton/option.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAMES_MAX 32

const struct lepton__key *lepton__key_find(const struct lepton__key *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

const char *lepton__key_list(const char *const *names, char *out, size_t size)
{
	size_t used = 0;
	out[0] = '\0';
	for (; *names && used + strlen(*names) + 3 <= size; names++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", *names);
	return out;
}

static int unknown(
	const struct lepton__key *table, const char *name, const char *where, struct lepton_error *err)
{
	const char *names[NAMES_MAX + 1] = {NULL};
	char list[256];
	size_t count = 0;
	for (; table->name && count < NAMES_MAX; table++)
		names[count++] = table->name;
	const char *near = lepton_suggest(name, names, count);
	if (near)
		return lepton_error_set(err, LEPTON_E_SPEC, "%s: unknown key \"%.40s\"; did you mean \"%s\"?",
			where, name, near);
	return lepton_error_set(err, LEPTON_E_SPEC, "%s: unknown key \"%.40s\"; it takes %s", where, name,
		lepton__key_list(names, list, sizeof list));
}

static bool whole(double value)
{
	return isfinite(value) && !(floor(value) < value);
}

static int check_number(
	const struct lepton__key *key, const cJSON *value, const char *where, struct lepton_error *err)
{
	bool integer = key->type != LEPTON__KEY_NUMBER;
	double v = cJSON_IsNumber(value) ? value->valuedouble : NAN;
	if (!isfinite(v) || (integer && !whole(v)))
		return lepton_error_set(err, LEPTON_E_SPEC, "%s: \"%s\" takes a %s from %.15g to %.15g",
			where, key->name, integer ? "whole number" : "number", key->min, key->max);
	if (v < key->min || v > key->max)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"%s: \"%s\" is %.15g, but goes from %.15g to %.15g", where, key->name, v, key->min,
			key->max);
	return LEPTON_OK;
}

static bool is_choice(const char *choices, const char *word)
{
	size_t length = strlen(word);
	for (const char *c = choices; c; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL)
		if (length > 0 && strncmp(c, word, length) == 0 && (c[length] == '|' || c[length] == '\0'))
			return true;
	return false;
}

static int check_string(
	const struct lepton__key *key, const cJSON *value, const char *where, struct lepton_error *err)
{
	if (!cJSON_IsString(value) && key->choices)
		return lepton_error_set(
			err, LEPTON_E_SPEC, "%s: \"%s\" takes one of %s", where, key->name, key->choices);
	if (!cJSON_IsString(value))
		return lepton_error_set(err, LEPTON_E_SPEC, "%s: \"%s\" takes a string", where, key->name);
	if (key->choices && !is_choice(key->choices, value->valuestring))
		return lepton_error_set(err, LEPTON_E_SPEC, "%s: \"%s\" is \"%.40s\", but is one of %s",
			where, key->name, value->valuestring, key->choices);
	return LEPTON_OK;
}

static int check_pair(
	const struct lepton__key *key, const cJSON *value, const char *where, struct lepton_error *err)
{
	if (cJSON_IsNumber(value))
		return check_number(key, value, where, err);
	if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) != 2)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"%s: \"%s\" takes two whole numbers, as in [3, 3]", where, key->name);
	int code = check_number(key, cJSON_GetArrayItem(value, 0), where, err);
	return code ? code : check_number(key, cJSON_GetArrayItem(value, 1), where, err);
}

static int check_range(
	const struct lepton__key *key, const cJSON *value, const char *where, struct lepton_error *err)
{
	struct lepton__key one = *key;
	const cJSON *low = cJSON_GetArrayItem(value, 0), *high = cJSON_GetArrayItem(value, 1);
	one.type = LEPTON__KEY_NUMBER;
	if (cJSON_IsNumber(value)) {
		one.min = 0;
		return check_number(&one, value, where, err);
	}
	if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) != 2)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"%s: \"%s\" takes a number, or the lowest and the highest, as in [-0.1, 0.2]", where,
			key->name);
	int code = check_number(&one, low, where, err);
	if (code || (code = check_number(&one, high, where, err)))
		return code;
	if (low->valuedouble > high->valuedouble)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"%s: \"%s\" goes from %.15g down to %.15g; put the lower one first", where, key->name,
			low->valuedouble, high->valuedouble);
	return LEPTON_OK;
}

static int check_array(
	const struct lepton__key *key, const cJSON *value, const char *where, struct lepton_error *err)
{
	if (!cJSON_IsArray(value))
		return lepton_error_set(err, LEPTON_E_SPEC, "%s: \"%s\" takes a list", where, key->name);
	int size = cJSON_GetArraySize(value);
	if (size < key->min || size > key->max)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"%s: \"%s\" has %d elements, but takes %.15g to %.15g", where, key->name, size,
			key->min, key->max);
	return LEPTON_OK;
}

int lepton__key_check(
	const struct lepton__key *key, const cJSON *value, const char *where, struct lepton_error *err)
{
	switch (key->type) {
	case LEPTON__KEY_NUMBER:
	case LEPTON__KEY_INTEGER:
		return check_number(key, value, where, err);
	case LEPTON__KEY_STRING:
		return check_string(key, value, where, err);
	case LEPTON__KEY_PAIR:
		return check_pair(key, value, where, err);
	case LEPTON__KEY_RANGE:
		return check_range(key, value, where, err);
	case LEPTON__KEY_ARRAY:
		return check_array(key, value, where, err);
	case LEPTON__KEY_ANY:
		return LEPTON_OK;
	case LEPTON__KEY_BOOL:
		return cJSON_IsBool(value) ? LEPTON_OK
					   : lepton_error_set(err, LEPTON_E_SPEC,
						     "%s: \"%s\" takes true or false", where, key->name);
	case LEPTON__KEY_OBJECT:
		return cJSON_IsObject(value) ? LEPTON_OK
					     : lepton_error_set(err, LEPTON_E_SPEC,
						       "%s: \"%s\" takes an object {…}", where, key->name);
	}
	return LEPTON_OK;
}

int lepton__keys_check(const struct lepton__key *table, const cJSON *object, bool loose, const char *where,
	struct lepton_error *err)
{
	if (!cJSON_IsObject(object))
		return lepton_error_set(err, LEPTON_E_SPEC, "%s: takes an object {…}", where);
	for (const cJSON *member = object->child; member; member = member->next) {
		const struct lepton__key *key = lepton__key_find(table, member->string);
		int code = key     ? lepton__key_check(key, member, where, err)
			   : loose ? LEPTON_OK
				   : unknown(table, member->string, where, err);
		if (code)
			return code;
	}
	for (const struct lepton__key *key = table; key->name; key++)
		if (key->required && !cJSON_GetObjectItemCaseSensitive(object, key->name))
			return lepton_error_set(err, LEPTON_E_SPEC, "%s: \"%s\" is missing (%s)", where,
				key->name, key->help);
	return LEPTON_OK;
}
