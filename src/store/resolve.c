/* store/resolve.c - what a person writes for a version: "name", "name@step", ":alias", "#id". */
#include "config.h"
#include "store/store_parts.h"
#include "lepton/option.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 1000

static int not_found(struct lepton_store *store, const char *name, struct lepton_error *err)
{
	char *names[NAMES_MAX];
	size_t count = 0;
	sqlite3_stmt *rows;
	if (lepton__sql_prepare(store, &rows, err, "SELECT name FROM versions ORDER BY id LIMIT 1000", "") ==
		LEPTON_OK)
		while (sqlite3_step(rows) == SQLITE_ROW && count < NAMES_MAX)
			if ((names[count] = lepton__strdup(lepton__sql_text(rows, 0))) != NULL)
				count++;
	sqlite3_finalize(rows);
	const char *near = lepton_suggest(name, (const char *const *)names, count);
	int code = near ? lepton_error_set(err, LEPTON_E_NOTFOUND, "no version \"%s\"; did you mean \"%s\"?",
				  name, near)
			: lepton_error_set(err, LEPTON_E_NOTFOUND,
				  "no version \"%s\"; `lepton list` shows those there are", name);
	for (size_t i = 0; i < count; i++)
		lepton__free(names[i]);
	return code;
}

static int number(const char *text, const char *reference, int64_t *out, struct lepton_error *err)
{
	char *end;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno || end == text || *end || value < 0)
		return lepton_error_set(
			err, LEPTON_E_NOTFOUND, "\"%s\": \"%s\" is not a whole number", reference, text);
	*out = value;
	return LEPTON_OK;
}

static int by_name(struct lepton_store *store, const char *reference, int64_t *version, int64_t *step,
	struct lepton_error *err)
{
	const char *at = strchr(reference, '@');
	char *name = at ? lepton__strndup(reference, (size_t)(at - reference)) : lepton__strdup(reference);
	if (!name)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	int code = at ? number(at + 1, reference, step, err) : LEPTON_OK;
	if (!code)
		code = lepton__sql_int(
			store, version, 0, err, "SELECT id FROM versions WHERE name=?", "t", name);
	if (!code && !*version)
		code = not_found(store, name, err);
	lepton__free(name);
	return code;
}

int lepton_store_resolve(struct lepton_store *store, const char *reference, int64_t *version, int64_t *step,
	struct lepton_error *err)
{
	int64_t id = 0;
	int code;
	*step = -1;
	*version = 0;
	if (reference[0] == ':') {
		code = lepton__sql_int(store, version, 0, err, "SELECT version FROM aliases WHERE alias=?",
			"t", reference + 1);
		if (!code && !*version)
			code = lepton_error_set(err, LEPTON_E_NOTFOUND,
				"no alias \"%s\": `lepton promote V --alias %s` makes it", reference,
				reference + 1);
		return code;
	}
	if (reference[0] != '#')
		return by_name(store, reference, version, step, err);
	code = number(reference + 1, reference, &id, err);
	if (!code)
		code = lepton__sql_int(store, version, 0, err, "SELECT id FROM versions WHERE id=?", "i", id);
	return code || *version ? code : lepton_error_set(err, LEPTON_E_NOTFOUND, "no version %s", reference);
}
