/* train/run_find.c - from what a person types to a version: "name", "#id", ":alias". */
#include "config.h"
#include "lepton/run.h"
#include "lepton/option.h"
#include "base/memory.h"

#include <inttypes.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct lepton_run_alias *lepton_run_alias(const struct lepton_run *run, const char *alias)
{
	for (size_t i = 0; i < run->alias_count; i++)
		if (strcmp(run->aliases[i].alias, alias) == 0)
			return &run->aliases[i];
	return NULL;
}

static int not_found(
	const char *kind, const char *word, const char *const *names, size_t count, struct lepton_error *err)
{
	const char *near = lepton_suggest(word, names, count);
	if (near)
		return lepton_error_set(
			err, LEPTON_E_NOTFOUND, "no %s \"%.80s\"; did you mean \"%s\"?", kind, word, near);
	if (count == 0)
		return lepton_error_set(
			err, LEPTON_E_NOTFOUND, "no %s \"%.80s\": there is none yet", kind, word);
	return lepton_error_set(err, LEPTON_E_NOTFOUND, "no %s \"%.80s\"", kind, word);
}

static int unknown_name(const struct lepton_run *run, const char *name, struct lepton_error *err)
{
	const char **names = lepton__calloc(run->version_count + 1, sizeof *names);
	if (!names)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	for (size_t i = 0; i < run->version_count; i++)
		names[i] = run->versions[i]->name;
	int code = not_found("version", name, names, run->version_count, err);
	lepton__free(names);
	return code;
}

static int unknown_alias(const struct lepton_run *run, const char *alias, struct lepton_error *err)
{
	const char **names = lepton__calloc(run->alias_count + 1, sizeof *names);
	if (!names)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	for (size_t i = 0; i < run->alias_count; i++)
		names[i] = run->aliases[i].alias;
	int code = not_found("alias", alias, names, run->alias_count, err);
	lepton__free(names);
	return code;
}

static int by_alias(const struct lepton_run *run, const char *word, struct lepton_run_version **out,
	struct lepton_error *err)
{
	const struct lepton_run_alias *alias = lepton_run_alias(run, word);
	if (!alias)
		return unknown_alias(run, word, err);
	*out = lepton_run_version(run, alias->target);
	if (!*out)
		return lepton_error_set(
			err, LEPTON_E_NOTFOUND, "alias \"%s\" points to no version", alias->alias);
	return LEPTON_OK;
}

static int by_id(const struct lepton_run *run, const char *digits, struct lepton_run_version **out,
	struct lepton_error *err)
{
	char *end;
	errno = 0;
	long long id = strtoll(digits, &end, 10);
	if (errno || end == digits || *end || !(*out = lepton_run_version(run, id)))
		return lepton_error_set(err, LEPTON_E_NOTFOUND, "no version \"#%.80s\"", digits);
	return LEPTON_OK;
}

int lepton_run_find(const struct lepton_run *run, const char *reference, struct lepton_run_version **out,
	struct lepton_error *err)
{
	*out = NULL;
	if (reference[0] == ':')
		return by_alias(run, reference + 1, out, err);
	/* A name may begin with '#', so names come first. */
	for (size_t i = 0; i < run->version_count; i++)
		if (strcmp(run->versions[i]->name, reference) == 0) {
			*out = run->versions[i];
			return LEPTON_OK;
		}
	if (reference[0] == '#')
		return by_id(run, reference + 1, out, err);
	return unknown_name(run, reference, err);
}
