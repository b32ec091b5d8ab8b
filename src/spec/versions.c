/* spec/versions.c - from the list as written to versions with whole configurations.
 *
 * Under each version lie its base, the base's base and so on, and under them all the defaults. Objects
 * merge key by key, everything else (lists too) is replaced. Everything passes down but the name, base,
 * grid and random. Names are checked and bases followed before anything is merged.
 */
#include "config.h"
#include "spec/parts.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/labels.h"
#include "base/memory.h"
#include "lepton/option.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_BYTES_MAX ((size_t)64 << 20) /* of all versions together */

struct family {           /* the versions as written */
	const char *name; /* of the file */
	const cJSON *defaults;
	const cJSON **version;
	int *base; /* index into version, or -1 */
	int count;
};

static const char *name_of(const cJSON *version)
{
	return lepton__json_get_string(version, "name", "");
}

uint64_t lepton__spec_seed(uint64_t seed, const char *name)
{
	char text[32], hex[65];
	struct lepton__hash hash;
	int length = snprintf(text, sizeof text, "%" PRIu64 " ", seed);
	lepton__hash_begin(&hash);
	lepton__hash_add(&hash, text, (size_t)length);
	lepton__hash_add(&hash, name, strlen(name));
	lepton__hash_end(&hash, hex);
	hex[16] = '\0';
	return strtoull(hex, NULL, 16) >> 11;
}

/* ---- as written ---- */

static int check_written(const struct family *family, int index, struct lepton_error *err)
{
	char where[LEPTON_NAME_MAX + 16];
	const cJSON *version = family->version[index];
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(version, "name");
	snprintf(where, sizeof where, "versions[%d]", index);
	if (!cJSON_IsObject(version))
		return lepton__spec_fault(family->name, version, err, "%s: takes an object {…}", where);
	if (!name)
		return lepton__spec_fault(family->name, version, err, "%s: \"name\" is missing", where);
	if (!cJSON_IsString(name))
		return lepton__spec_fault(family->name, name, err, "%s: \"name\" takes a string", where);
	struct lepton_error inner;
	if (lepton_name_check(name->valuestring, &inner))
		return lepton__spec_fault(family->name, name, err, "%s: \"name\": %s", where, inner.message);
	for (int i = 0; i < index; i++)
		if (strcmp(name_of(family->version[i]), name->valuestring) == 0)
			return lepton__spec_fault(family->name, name, err,
				"the name \"%s\" is taken by the version in line %d already",
				name->valuestring, family->version[i]->valueint);
	snprintf(where, sizeof where, "version \"%s\"", name->valuestring);
	return lepton__spec_check_keys(family->name, version, LEPTON__IN_VERSION, where, err);
}

static int find_base(struct family *family, int index, const char **names, struct lepton_error *err)
{
	const cJSON *base = cJSON_GetObjectItemCaseSensitive(family->version[index], "base");
	family->base[index] = -1;
	if (!base)
		return LEPTON_OK;
	for (int i = 0; i < family->count; i++)
		if (strcmp(names[i], base->valuestring) == 0) {
			family->base[index] = i;
			return LEPTON_OK;
		}
	const char *near = lepton_suggest(base->valuestring, names, (size_t)family->count);
	return lepton__spec_fault(family->name, base, err,
		"version \"%s\": \"base\" is \"%.63s\", but no version has that name%s%s%s",
		name_of(family->version[index]), base->valuestring, near ? "; did you mean \"" : "",
		near ? near : "", near ? "\"?" : "");
}

static int check_cycle(const struct family *family, int index, struct lepton_error *err)
{
	int steps = 0;
	for (int i = index; family->base[i] >= 0; i = family->base[i])
		if (++steps > family->count)
			return lepton__spec_fault(family->name,
				cJSON_GetObjectItemCaseSensitive(family->version[index], "base"), err,
				"version \"%s\": \"base\" goes round in a circle",
				name_of(family->version[index]));
	return LEPTON_OK;
}

static int check_family(struct family *family, const char **names, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int i = 0; i < family->count && !code; i++)
		code = check_written(family, i, err);
	for (int i = 0; i < family->count && !code; i++)
		names[i] = name_of(family->version[i]);
	for (int i = 0; i < family->count && !code; i++)
		code = find_base(family, i, names, err);
	for (int i = 0; i < family->count && !code; i++)
		code = check_cycle(family, i, err);
	return code;
}

/* ---- merged ---- */

static bool merge_chain(const struct family *family, int index, cJSON *config)
{
	static const char *const own[] = {"name", "base", "grid", "random", NULL};
	if (family->base[index] >= 0 && !merge_chain(family, family->base[index], config))
		return false;
	if (!lepton__json_merge(config, family->version[index]))
		return false;
	lepton__json_drop(config, own);
	config->valueint = family->version[index]->valueint;
	return true;
}

/* Where an external program runs: beside the spec file unless said otherwise, whole, so that it is found
 * again from anywhere. A folder that is not there is the program's fault to tell, when it starts. */
static bool place_program(const char *beside, cJSON *config)
{
	char real[PATH_MAX];
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(config, "folder");
	const char *folder = given ? cJSON_GetStringValue(given) : ".";
	if (strcmp(lepton__json_get_string(config, "learner", "network"), "external") != 0 || !folder || !*folder)
		return true; /* what is wrong with it is told later */
	char *path = *folder == '/' || !beside ? lepton__strdup(folder) : lepton__path_join(beside, folder);
	cJSON *node = path ? cJSON_CreateString(realpath(path, real) ? real : path) : NULL;
	lepton__free(path);
	if (!node)
		return false;
	node->valueint = config->valueint;
	if (given)
		return cJSON_ReplaceItemInObjectCaseSensitive(config, "folder", node);
	return cJSON_AddItemToObject(config, "folder", node);
}

static int grow_one(
	const struct family *family, int index, struct lepton__growing *growing, struct lepton_error *err)
{
	cJSON *config = family->defaults ? cJSON_Duplicate(family->defaults, true) : cJSON_CreateObject();
	int code;
	if (!config || !merge_chain(family, index, config) || !place_program(growing->folder, config))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "%.200s: out of memory", family->name);
	else
		code = lepton__spec_expand(growing, family->version[index], config, err);
	cJSON_Delete(config);
	return code;
}

/* ---- one finished version ---- */

static int check_new(const struct lepton__growing *growing, const char *version, const cJSON *config,
	const cJSON *node, struct lepton_error *err)
{
	char where[LEPTON_NAME_MAX + 16];
	const struct lepton_spec *spec = growing->spec;
	struct lepton_error inner;
	if (lepton_name_check(version, &inner))
		return lepton__spec_fault(
			growing->name, node, err, "version \"%.80s\": %s", version, inner.message);
	for (size_t i = 0; i < spec->count; i++)
		if (strcmp(spec->versions[i].name, version) == 0)
			return lepton__spec_fault(
				growing->name, node, err, "two versions would be called \"%s\"", version);
	if (spec->count >= LEPTON__VERSIONS_MAX)
		return lepton__spec_fault(
			growing->name, node, err, "more than %d versions", LEPTON__VERSIONS_MAX);
	snprintf(where, sizeof where, "version \"%s\"", version);
	return lepton__spec_check_config(
		growing->name, lepton__json_get_string(config, "learner", "network"), config, where, err);
}

void lepton__spec_free_version(struct lepton_spec_version *version)
{
	lepton__free(version->config);
	lepton__free(version->tags);
	lepton__free(version->note);
}

/* Labels are no hyper-parameters: they stand beside the configuration. It was checked. */
static bool take_labels(const cJSON *config, struct lepton_spec_version *made)
{
	static const char *const labels[] = {"tags", "note", NULL};
	char tags[LEPTON__TAGS_SIZE] = "";
	const char *note = NULL;
	cJSON *rest = cJSON_Duplicate(config, true);
	if (lepton__labels_read(config, tags, &note, NULL))
		note = NULL;
	made->tags = lepton__strdup(tags);
	made->note = lepton__strdup(note ? note : "");
	lepton__json_drop(rest, labels);
	made->config = rest ? lepton__json_text(rest) : NULL;
	cJSON_Delete(rest);
	return made->config && made->tags && made->note;
}

int lepton__spec_add(struct lepton__growing *growing, const char *version, const cJSON *config,
	const cJSON *node, struct lepton_error *err)
{
	struct lepton_spec *spec = growing->spec;
	uint64_t seed = cJSON_GetObjectItemCaseSensitive(config, "seed")
				? (uint64_t)lepton__json_get_int(config, "seed", 0)
				: lepton__spec_seed(spec->seed, version);
	int code = check_new(growing, version, config, node, err);
	if (!code)
		code = lepton__spec_add_shards(growing, version, config, seed, node, err);
	if (code)
		return code;
	struct lepton_spec_version made = {
		.seed = seed, .priority = lepton__json_get_number(config, "priority", 1)};
	if (!take_labels(config, &made) ||
		lepton__grow(&spec->versions, &growing->capacity, spec->count + 1, sizeof *spec->versions)) {
		lepton__spec_free_version(&made);
		return lepton_error_set(err, LEPTON_E_NOMEM, "%.200s: out of memory", growing->name);
	}
	lepton__copy_name(made.name, sizeof made.name, version);
	lepton__copy_name(
		made.learner, sizeof made.learner, lepton__json_get_string(config, "learner", "network"));
	spec->versions[spec->count++] = made;
	growing->bytes += strlen(made.config);
	if (growing->bytes > CONFIG_BYTES_MAX)
		return lepton__spec_fault(growing->name, node, err,
			"the versions together take more than %zu MB; make them fewer",
			CONFIG_BYTES_MAX >> 20);
	return LEPTON_OK;
}

int lepton__spec_versions(const char *name, const char *folder, const cJSON *root, struct lepton_spec *spec,
	struct lepton_error *err)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "versions");
	struct family family = {.name = name,
		.defaults = cJSON_GetObjectItemCaseSensitive(root, "defaults"),
		.count = cJSON_GetArraySize(list)};
	struct lepton__growing growing = {.name = name, .folder = folder, .spec = spec};
	size_t count = (size_t)family.count;
	const char **names = lepton__calloc(count, sizeof *names);
	family.version = lepton__calloc(count, sizeof *family.version);
	family.base = lepton__calloc(count, sizeof *family.base);
	int code = LEPTON_OK, index = 0;
	if (!names || !family.version || !family.base)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "%.200s: out of memory", name);
	for (const cJSON *version = code ? NULL : list->child; version; version = version->next)
		family.version[index++] = version;
	if (!code && family.defaults)
		code = lepton__spec_check_keys(name, family.defaults, LEPTON__IN_DEFAULTS, "defaults", err);
	if (!code)
		code = check_family(&family, names, err);
	for (int i = 0; i < family.count && !code; i++)
		code = grow_one(&family, i, &growing, err);
	lepton__free((void *)(uintptr_t)family.version); /* its elements are const, it is not */
	lepton__free((void *)(uintptr_t)names);
	lepton__free(family.base);
	return code;
}
