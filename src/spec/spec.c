/* spec/spec.c - the spec file as a whole: experiment, seed, data; the versions are versions.c's.
 *
 * Read once and checked to the end before anything starts, so that no fault shows up an hour into
 * training. Whether the data is there, and whether networks fit it, is found out right after, when the
 * data set is opened and the learners are made.
 */
#include "config.h"
#include "spec/parts.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "lepton/option.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)4 << 20)

static const struct lepton__key top_keys[] = {
	{"experiment", LEPTON__KEY_STRING, 0, 0, NULL, false, "what the run is called"},
	{"seed", LEPTON__KEY_INTEGER, 0, LEPTON__SEED_MAX, NULL, false, "versions' seeds follow from it; 1"},
	{"data", LEPTON__KEY_OBJECT, 0, 0, NULL, true, "what to train on"},
	{"defaults", LEPTON__KEY_OBJECT, 0, 0, NULL, false, "under every version"},
	{"versions", LEPTON__KEY_ARRAY, 1, LEPTON__VERSIONS_MAX, NULL, true, "what to train"},
	{0},
};
static const struct lepton__key data_keys[] = {
	{"format", LEPTON__KEY_STRING, 0, 0, NULL, false, "idx"},
	{"path", LEPTON__KEY_STRING, 0, 0, NULL, true, "the folder that holds it"},
	{"validation_split", LEPTON__KEY_NUMBER, 0, 1, NULL, false,
		"share of the training samples kept for validation; 0.1"},
	{"limit", LEPTON__KEY_INTEGER, 0, INT32_MAX, NULL, false, "training samples to use; 0 for all"},
	{"test_limit", LEPTON__KEY_INTEGER, 0, INT32_MAX, NULL, false, "test samples to use; 0 for all"},
	{0},
};

static int no_memory(const char *name, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "%.200s: out of memory", name);
}

/* ---- data ---- */

static int check_format(const char *name, const cJSON *format, struct lepton_error *err)
{
	const char *const *names = lepton_data_formats();
	size_t count = 0;
	for (; names[count]; count++)
		if (!format || strcmp(format->valuestring, names[count]) == 0)
			return LEPTON_OK;
	const char *near = lepton_suggest(format->valuestring, names, count);
	return lepton__spec_fault(name, format, err,
		"data: \"format\" is \"%.40s\", which this build does not read; %s \"%s\"",
		format->valuestring, near ? "did you mean" : "it reads", near ? near : names[0]);
}

/* "~/x" is in the home folder, a relative path beside the spec file. */
static int whole_path(
	const char *name, const cJSON *path, const char *folder, char **out, struct lepton_error *err)
{
	const char *text = path->valuestring;
	if (!*text)
		return lepton__spec_fault(name, path, err, "data: \"path\" is empty");
	if (strcmp(text, "~") == 0 || strncmp(text, "~/", 2) == 0) {
		folder = getenv("HOME");
		if (!folder || !*folder)
			return lepton__spec_fault(
				name, path, err, "data: \"path\" begins with ~, but HOME is not set");
		text += text[1] ? 2 : 1;
		*out = lepton__path_join(folder, text);
	} else if (*text == '/' || !folder || !*folder) {
		*out = lepton__strdup(text);
	} else {
		*out = lepton__path_join(folder, text);
	}
	return *out ? LEPTON_OK : no_memory(name, err);
}

static int read_data(const char *name, const cJSON *data, const char *folder, struct lepton_spec *spec,
	struct lepton_error *err)
{
	char *path = NULL;
	const cJSON *split = cJSON_GetObjectItemCaseSensitive(data, "validation_split");
	int code = lepton__spec_check_table(name, data_keys, data, "data", err);
	if (!code)
		code = check_format(name, cJSON_GetObjectItemCaseSensitive(data, "format"), err);
	if (!code && split && split->valuedouble >= 1)
		code = lepton__spec_fault(name, split, err,
			"data: \"validation_split\" is 1, which leaves nothing to train on; it goes from 0 "
			"to below 1");
	if (!code)
		code = whole_path(name, cJSON_GetObjectItemCaseSensitive(data, "path"), folder, &path, err);
	if (code)
		return code;
	spec->data = (struct lepton_data_options){
		.format = lepton__strdup(lepton__json_get_string(data, "format", lepton_data_formats()[0])),
		.path = path,
		.validation_split = lepton__json_get_number(data, "validation_split", 0.1),
		.limit = lepton__json_get_int(data, "limit", 0),
		.test_limit = lepton__json_get_int(data, "test_limit", 0),
	};
	return spec->data.format ? LEPTON_OK : no_memory(name, err);
}

/* ---- the whole ---- */

static int read_experiment(
	const char *name, const cJSON *root, struct lepton_spec *spec, struct lepton_error *err)
{
	const cJSON *experiment = cJSON_GetObjectItemCaseSensitive(root, "experiment");
	struct lepton_error inner;
	const char *text = experiment ? experiment->valuestring : "experiment";
	if (experiment && lepton_name_check(text, &inner))
		return lepton__spec_fault(name, experiment, err, "\"experiment\": %s", inner.message);
	lepton__copy_name(spec->experiment, sizeof spec->experiment, text);
	spec->seed = (uint64_t)lepton__json_get_int(root, "seed", 1);
	return LEPTON_OK;
}

static int read_root(const char *name, const char *folder, const cJSON *root, struct lepton_spec *spec,
	struct lepton_error *err)
{
	if (!cJSON_IsObject(root))
		return lepton__spec_fault(
			name, root, err, "a spec is an object {…} with \"data\" and \"versions\"");
	int code = lepton__spec_check_table(name, top_keys, root, "spec", err);
	if (!code)
		code = read_experiment(name, root, spec, err);
	if (!code)
		code = read_data(name, cJSON_GetObjectItemCaseSensitive(root, "data"), folder, spec, err);
	if (!code)
		code = lepton__spec_versions(name, folder, root, spec, err);
	return code;
}

int lepton_spec_parse(const char *text, size_t length, const char *name, const char *folder,
	struct lepton_spec *out, struct lepton_error *err)
{
	cJSON *root;
	*out = (struct lepton_spec){0};
	int code = lepton__where_parse(text, length, name, &root, err);
	if (code)
		return code;
	out->text = lepton__strndup(text, length);
	code = out->text ? read_root(name, folder, root, out, err) : no_memory(name, err);
	cJSON_Delete(root);
	if (code)
		lepton_spec_clear(out);
	return code;
}

int lepton_spec_load(const char *path, struct lepton_spec *out, struct lepton_error *err)
{
	char *text;
	size_t length;
	*out = (struct lepton_spec){0};
	int code = lepton__file_read(path, FILE_MAX, &text, &length, err);
	if (code)
		return code;
	const char *slash = strrchr(path, '/');
	char *folder = slash ? lepton__strndup(path, slash == path ? 1 : (size_t)(slash - path)) : NULL;
	if (slash && !folder)
		code = no_memory(path, err);
	else
		code = lepton_spec_parse(text, length, path, folder, out, err);
	lepton__free(folder);
	lepton__free(text);
	return code;
}

void lepton_spec_clear(struct lepton_spec *spec)
{
	for (size_t i = 0; i < spec->count; i++)
		lepton__free(spec->versions[i].config);
	lepton__free(spec->versions);
	lepton__free((void *)(uintptr_t)spec->data.format); /* ours; const is for the readers */
	lepton__free((void *)(uintptr_t)spec->data.path);
	lepton__free(spec->text);
	*spec = (struct lepton_spec){0};
}
