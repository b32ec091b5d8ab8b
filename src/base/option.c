/* base/option.c - settings checked against a table, and the nearest word to a wrong one. */
#include "config.h"
#include "lepton/option.h"
#include "base/json.h"
#include "base/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct lepton_option *find(const struct lepton_option *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static bool is_choice(const char *choices, const char *word)
{
	size_t length = strlen(word);
	for (const char *c = choices; c; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL)
		if (length > 0 && strncmp(c, word, length) == 0 && (c[length] == '|' || c[length] == '\0'))
			return true;
	return false;
}

static int unknown(
	const struct lepton_option *table, const char *name, const char *what, struct lepton_error *err)
{
	const char *names[64] = {NULL};
	char list[256] = "";
	size_t count = 0;
	for (const struct lepton_option *o = table; o->name && count < 64; o++) {
		names[count++] = o->name;
		if (strlen(list) + strlen(o->name) + 3 < sizeof list) {
			strncat(list, *list ? ", " : "", 3);
			strncat(list, o->name, sizeof list - strlen(list) - 1);
		}
	}
	const char *near = lepton_suggest(name, names, count);
	if (near)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"%s: unknown setting \"%s\"; did you mean \"%s\"?", what, name, near);
	if (!count)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "%s: unknown setting \"%s\"; it takes none", what, name);
	return lepton_error_set(
		err, LEPTON_E_USAGE, "%s: unknown setting \"%s\"; it takes %s", what, name, list);
}

static int check_number(
	const struct lepton_option *o, const cJSON *value, const char *what, struct lepton_error *err)
{
	double v = value->valuedouble;
	if (!cJSON_IsNumber(value) || !isfinite(v))
		return lepton_error_set(err, LEPTON_E_USAGE, "%s: \"%s\" takes a number from %g to %g", what,
			o->name, o->min, o->max);
	if (v < o->min || v > o->max)
		return lepton_error_set(err, LEPTON_E_USAGE, "%s: \"%s\" is %g, but goes from %g to %g", what,
			o->name, v, o->min, o->max);
	if (o->type == LEPTON_OPTION_INTEGER && v < floor(v) + 1 && v > floor(v))
		return lepton_error_set(
			err, LEPTON_E_USAGE, "%s: \"%s\" takes a whole number, not %g", what, o->name, v);
	return LEPTON_OK;
}

static int check_one(
	const struct lepton_option *o, const cJSON *value, const char *what, struct lepton_error *err)
{
	switch (o->type) {
	case LEPTON_OPTION_NUMBER:
	case LEPTON_OPTION_INTEGER:
		return check_number(o, value, what, err);
	case LEPTON_OPTION_BOOL:
		if (!cJSON_IsBool(value))
			return lepton_error_set(
				err, LEPTON_E_USAGE, "%s: \"%s\" takes true or false", what, o->name);
		return LEPTON_OK;
	case LEPTON_OPTION_CHOICE:
		if (!cJSON_IsString(value) || !is_choice(o->choices, value->valuestring))
			return lepton_error_set(
				err, LEPTON_E_USAGE, "%s: \"%s\" takes one of %s", what, o->name, o->choices);
		return LEPTON_OK;
	}
	return LEPTON_OK;
}

int lepton_options_check(
	const struct lepton_option *table, const char *json, const char *what, struct lepton_error *err)
{
	if (!json || !*json)
		return LEPTON_OK;
	cJSON *object = cJSON_ParseWithOpts(json, NULL, true);
	int code = LEPTON_OK;
	if (!cJSON_IsObject(object))
		code = lepton_error_set(
			err, LEPTON_E_USAGE, "%s: settings are not a JSON object: %.80s", what, json);
	for (const cJSON *member = code ? NULL : object->child; member && !code; member = member->next) {
		const struct lepton_option *option = find(table, member->string);
		code = option ? check_one(option, member, what, err)
			      : unknown(table, member->string, what, err);
	}
	cJSON_Delete(object);
	return code;
}

double lepton_options_number(const struct lepton_option *table, const char *json, const char *name)
{
	const struct lepton_option *option = find(table, name);
	assert(option);
	cJSON *object = json && *json ? cJSON_Parse(json) : NULL;
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
	double value = option->number;
	if (cJSON_IsNumber(member))
		value = member->valuedouble;
	else if (cJSON_IsBool(member))
		value = cJSON_IsTrue(member) ? 1 : 0;
	cJSON_Delete(object);
	return value;
}

void lepton_options_choice(
	const struct lepton_option *table, const char *json, const char *name, char *out, size_t size)
{
	const struct lepton_option *option = find(table, name);
	assert(option && option->choices);
	cJSON *object = json && *json ? cJSON_Parse(json) : NULL;
	const char *given = lepton__json_get_string(object, name, NULL);
	lepton__copy_name(out, size, given ? given : option->choices);
	if (!given && strchr(out, '|'))
		*strchr(out, '|') = '\0'; /* the first of the choices */
	cJSON_Delete(object);
}

bool lepton_options_has(const struct lepton_option *table, const char *name)
{
	while (table->name && strcmp(table->name, name) != 0)
		table++;
	return table->name != NULL;
}

bool lepton_options_given(const char *json, const char *name)
{
	cJSON *object = json && *json ? cJSON_Parse(json) : NULL;
	bool given = cJSON_GetObjectItemCaseSensitive(object, name) != NULL;
	cJSON_Delete(object);
	return given;
}

/* Levenshtein's distance between two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), row[LEPTON_SUGGEST_MAX + 1];
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t substitute = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			size_t insert = row[j - 1] + 1, drop = row[j] + 1;
			size_t least = insert < drop ? insert : drop;
			row[j] = least < substitute ? least : substitute;
		}
	}
	return row[m];
}

const char *lepton_suggest(const char *word, const char *const *candidates, size_t count)
{
	size_t length = strlen(word), best = length / 3 + 1; /* a third of the letters may be wrong */
	const char *nearest = NULL;
	if (length == 0 || length > LEPTON_SUGGEST_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t d =
			strlen(candidates[i]) > LEPTON_SUGGEST_MAX ? best + 1 : distance(word, candidates[i]);
		if (d < best || (d == best && !nearest)) {
			best = d;
			nearest = candidates[i];
		}
	}
	return nearest;
}
