/* cmd/args.c - the option parser of both programs.
 *
 * getopt_long prints its own messages and takes abbreviations that break scripts when an option is added;
 * sixty lines of our own say what is wrong in our words and suggest what was meant.
 */
#include "config.h"
#include "cmd/args.h"
#include "cmd/unlock.h"
#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct arg *find_in(const struct arg *table, const char *word, size_t length)
{
	for (; table->name; table++)
		if (strlen(table->name) == length && strncmp(table->name, word, length) == 0)
			return table;
	return NULL;
}

/* Who opens a store may be told its key. */
static const struct arg *more_of(const struct arg *table)
{
	static const struct arg none = {.name = NULL};
	return find_in(table, "--store", 7) ? unlock_args : &none;
}

static const struct arg *find(const struct arg *table, const char *word, size_t length)
{
	const struct arg *found = find_in(table, word, length);
	return found ? found : find_in(more_of(table), word, length);
}

static int unknown(const struct arg *table, const char *word, struct lepton_error *err)
{
	const char *names[32] = {NULL};
	size_t count = 0;
	for (const struct arg *a = table; a->name && count < 32; a++)
		names[count++] = a->name;
	for (const struct arg *a = more_of(table); a->name && count < 32; a++)
		names[count++] = a->name;
	const char *near = lepton_suggest(word, names, count);
	if (near)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "unknown option %s; did you mean %s?", word, near);
	return lepton_error_set(err, LEPTON_E_USAGE, "unknown option %s; --help lists them", word);
}

static int set_integer(const struct arg *arg, const char *value, struct lepton_error *err)
{
	char *end;
	errno = 0;
	long long number = strtoll(value, &end, 10);
	if (errno || end == value || *end || number < arg->min || number > arg->max)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"%s takes a whole number from %" PRId64 " to %" PRId64 ", not \"%s\"", arg->name,
			arg->min, arg->max, value);
	*(int64_t *)arg->target = number;
	return LEPTON_OK;
}

static int set_list(struct arg_list *list, const char *value, const char *name, struct lepton_error *err)
{
	if (list->count == ARG_LIST_MAX)
		return lepton_error_set(err, LEPTON_E_USAGE, "more than %d %s", ARG_LIST_MAX, name);
	list->items[list->count++] = value;
	return LEPTON_OK;
}

static int set_value(const struct arg *arg, const char *value, struct lepton_error *err)
{
	switch (arg->type) {
	case ARG_STRING:
		if (!*value)
			return lepton_error_set(err, LEPTON_E_USAGE, "%s needs a %s, not an empty one",
				arg->name, arg->value);
		*(const char **)arg->target = value;
		return LEPTON_OK;
	case ARG_INTEGER:
		return set_integer(arg, value, err);
	case ARG_LIST:
		return set_list(arg->target, value, arg->name, err);
	case ARG_FLAG:
		break;
	}
	return lepton_error_set(err, LEPTON_E_USAGE, "%s takes no value", arg->name);
}

/* One option at argv[*i]; moves *i on when its value is the next word. */
static int take_option(const struct arg *table, int argc, char **argv, int *i, struct lepton_error *err)
{
	const char *word = argv[*i], *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);
	const struct arg *arg = find(table, word, length);
	if (!arg)
		return unknown(table, word, err);
	if (arg->type == ARG_FLAG && !equals) {
		*(bool *)arg->target = true;
		return LEPTON_OK;
	}
	if (equals)
		return set_value(arg, equals + 1, err);
	if (*i + 1 >= argc)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "%s needs a value: %s %s", arg->name, arg->name, arg->value);
	return set_value(arg, argv[++*i], err);
}

int args_parse(const struct arg *table, int argc, char **argv, struct arg_list *operands, bool *help,
	struct lepton_error *err)
{
	bool options = true;
	int code = LEPTON_OK;
	*help = false;
	for (int i = 1; i < argc && !code; i++) {
		const char *word = argv[i];
		if (options && strcmp(word, "--") == 0)
			options = false;
		else if (options && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0))
			*help = true;
		else if (options && strcmp(word, "-o") == 0 && find(table, "--output", 8))
			code = i + 1 < argc
				       ? set_value(find(table, "--output", 8), argv[++i], err)
				       : lepton_error_set(err, LEPTON_E_USAGE, "-o needs a value: -o FILE");
		else if (options && word[0] == '-' && word[1])
			code = take_option(table, argc, argv, &i, err);
		else
			code = set_list(operands, word, "operands", err);
	}
	return code;
}

static void help_of(const struct arg *table, struct lepton__buffer *text)
{
	for (; table->name; table++) {
		char left[64];
		if (!table->help)
			continue;
		snprintf(left, sizeof left, "%s %s", table->name, table->value ? table->value : "");
		lepton__buffer_printf(text, "  %-26s %s\n", left, table->help);
	}
}

const char *args_store(const char *given)
{
	return given ? given : ".lepton";
}

void args_help(const struct arg *table, char *out, size_t size)
{
	struct lepton__buffer text;
	lepton__buffer_init(&text, 65536);
	help_of(table, &text);
	help_of(more_of(table), &text);
	lepton__copy_name(out, size, text.data ? text.data : "");
	lepton__buffer_free(&text);
}

/* "Fl Fl no\-color Ar WORD", and the sentence below it. */
static void manual_of(const struct arg *table, struct lepton__buffer *text)
{
	for (; table->name; table++) {
		if (!table->help)
			continue;
		lepton__buffer_string(text, ".It Fl ");
		for (const char *at = table->name + 1; *at; at++)
			lepton__buffer_string(text, *at == '-' && at == table->name + 1 ? "Fl "
						    : *at == '-'                        ? "\\-"
								 : (char[]){*at, '\0'});
		lepton__buffer_printf(
			text, "%s%s\n\\&", table->value ? " Ar " : "", table->value ? table->value : "");
		for (const char *at = table->help; *at; at++)
			lepton__buffer_string(text, *at == '-' ? "\\-" : (char[]){*at, '\0'});
		lepton__buffer_string(text, ".\n");
	}
}

void args_manual(const struct arg *table, char *out, size_t size)
{
	struct lepton__buffer text;
	lepton__buffer_init(&text, 65536);
	lepton__buffer_string(&text, ".Bl -tag -width Ds\n");
	manual_of(table, &text);
	manual_of(more_of(table), &text);
	lepton__buffer_string(&text, ".El\n");
	lepton__copy_name(out, size, text.data ? text.data : "");
	lepton__buffer_free(&text);
}

/* A value that is JSON stays so; anything else is a word. */
static cJSON *value_of(const char *text)
{
	cJSON *value = cJSON_ParseWithOpts(text, NULL, true);
	return value ? value : cJSON_CreateString(text);
}

int args_settings(const struct arg_list *set, char **out, struct lepton_error *err)
{
	cJSON *object = cJSON_CreateObject();
	int code = object ? LEPTON_OK : LEPTON_E_NOMEM;
	for (size_t i = 0; i < set->count && !code; i++) {
		const char *equals = strchr(set->items[i], '=');
		char key[128];
		if (!equals || equals == set->items[i] || (size_t)(equals - set->items[i]) >= sizeof key) {
			code = lepton_error_set(
				err, LEPTON_E_USAGE, "--set takes KEY=VALUE, not \"%s\"", set->items[i]);
			break;
		}
		snprintf(key, sizeof key, "%.*s", (int)(equals - set->items[i]), set->items[i]);
		cJSON *value = value_of(equals + 1);
		cJSON_DeleteItemFromObjectCaseSensitive(object, key); /* the last one wins */
		if (!value || !cJSON_AddItemToObject(object, key, value))
			code = LEPTON_E_NOMEM;
	}
	*out = code ? NULL : lepton__json_text(object);
	cJSON_Delete(object);
	if (code == LEPTON_E_NOMEM || (!code && !*out))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading --set");
	return code;
}
