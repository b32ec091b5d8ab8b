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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)4 << 20)
#define IGNORE_MAX 65536

static const struct lepton__key top_keys[] = {
	{"experiment", LEPTON__KEY_STRING, 0, 0, NULL, false, "what the run is called"},
	{"seed", LEPTON__KEY_INTEGER, 0, LEPTON__SEED_MAX, NULL, false, "versions' seeds follow from it; 1"},
	{"data", LEPTON__KEY_OBJECT, 0, 0, NULL, true, "what to train on"},
	{"defaults", LEPTON__KEY_OBJECT, 0, 0, NULL, false, "under every version"},
	{"search", LEPTON__KEY_OBJECT, 0, 0, NULL, false, "ends the worst early: {\"asha\": {…}}"},
	{"keep", LEPTON__KEY_OBJECT, 0, 0, NULL, false, "which checkpoints stay in the store"},
	{"versions", LEPTON__KEY_ARRAY, 1, LEPTON__VERSIONS_MAX, NULL, true, "what to train"},
	{0},
};
static const struct lepton__key data_keys[] = {
	{"format", LEPTON__KEY_STRING, 0, 0, NULL, false, "idx, a table's: csv, libsvm, or text, ratings; idx"},
	{"path", LEPTON__KEY_STRING, 0, 0, NULL, true, "the folder, or a table's or text's file"},
	{"validation_split", LEPTON__KEY_NUMBER, 0, 1, NULL, false,
		"share of the training samples kept for validation; 0.1"},
	{"limit", LEPTON__KEY_INTEGER, 0, INT32_MAX, NULL, false, "training samples to use; 0 for all"},
	{"test_limit", LEPTON__KEY_INTEGER, 0, INT32_MAX, NULL, false, "test samples to use; 0 for all"},
	/* tables: */
	{"task", LEPTON__KEY_STRING, 0, 0, "classification|regression", false,
		"what the target is; classification"},
	{"test_split", LEPTON__KEY_NUMBER, 0, 1, NULL, false,
		"share of a single file's rows kept for the test; 0.2"},
	{"split_seed", LEPTON__KEY_INTEGER, 0, LEPTON__SEED_MAX, NULL, false, "deals a table's rows; 0"},
	{"standardize", LEPTON__KEY_BOOL, 0, 0, NULL, false, "numbers by mean and deviation; true"},
	/* csv: */
	{"target", LEPTON__KEY_STRING, 0, 0, NULL, false, "csv: the column to learn; the last"},
	{"ignore", LEPTON__KEY_ARRAY, 0, IGNORE_MAX, NULL, false, "csv: columns to leave out"},
	{"separator", LEPTON__KEY_STRING, 0, 0, ",|;|\t", false, "csv: between cells; the most frequent"},
	{"header", LEPTON__KEY_BOOL, 0, 0, NULL, false, "csv: the first row names the columns; true"},
	/* texts: */
	{"buckets", LEPTON__KEY_INTEGER, 2, 16777216, NULL, false,
		"text: words are known by a number below it; 131072"},
	{"max_words", LEPTON__KEY_INTEGER, 1, 65536, NULL, false, "text: words of a text that are looked at; 1024"},
	{"ngrams", LEPTON__KEY_INTEGER, 1, 8, NULL, false,
		"text: words in the longest run with a number of its own; 2"},
	/* ratings: */
	{"user", LEPTON__KEY_STRING, 0, 0, NULL, false, "ratings: the column of users; userId"},
	{"item", LEPTON__KEY_STRING, 0, 0, NULL, false, "ratings: the column of what is rated; movieId"},
	{"rating", LEPTON__KEY_STRING, 0, 0, NULL, false, "ratings: the column of points; rating"},
	{0},
};
/* Keys that mean something to some formats only. */
static const struct {
	const char *key, *formats;
} only_for[] = {
	{"task", "|csv|libsvm|"},
	{"test_split", "|csv|libsvm|text|ratings|"},
	{"split_seed", "|csv|libsvm|text|ratings|"},
	{"standardize", "|csv|libsvm|"},
	{"target", "|csv|"},
	{"ignore", "|csv|"},
	{"separator", "|csv|"},
	{"header", "|csv|"},
	{"buckets", "|text|"},
	{"max_words", "|text|"},
	{"ngrams", "|text|"},
	{"user", "|ratings|"},
	{"item", "|ratings|"},
	{"rating", "|ratings|"},
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

/* Keys of other formats would be passed over in silence. */
static int check_format_keys(const char *name, const cJSON *data, struct lepton_error *err)
{
	const char *format = lepton__json_get_string(data, "format", lepton_data_formats()[0]);
	const cJSON *split = cJSON_GetObjectItemCaseSensitive(data, "test_split");
	char wanted[32];
	snprintf(wanted, sizeof wanted, "|%s|", format);
	for (size_t i = 0; i < sizeof only_for / sizeof *only_for; i++) {
		const cJSON *member = cJSON_GetObjectItemCaseSensitive(data, only_for[i].key);
		if (member && !strstr(only_for[i].formats, wanted))
			return lepton__spec_fault(name, member, err,
				"data: \"%s\" means nothing to format \"%s\"", member->string, format);
	}
	if (split && !(split->valuedouble > 0 && split->valuedouble < 1))
		return lepton__spec_fault(name, split, err,
			"data: \"test_split\" is %g; it goes from above 0 to below 1", split->valuedouble);
	return LEPTON_OK;
}

/* A NULL-terminated list of the strings of an array. */
static int read_ignore(
	const char *name, const cJSON *array, const char *const **out, struct lepton_error *err)
{
	size_t count = (size_t)cJSON_GetArraySize(array), i = 0;
	char **list = count ? lepton__calloc(count + 1, sizeof *list) : NULL;
	*out = (const char *const *)list;
	if (count && !list)
		return no_memory(name, err);
	for (const cJSON *item = count ? array->child : NULL; item; item = item->next) {
		if (!cJSON_IsString(item))
			return lepton__spec_fault(name, item, err,
				"data: \"ignore\" is a list of columns' names in \"double quotes\"");
		list[i] = lepton__strdup(item->valuestring);
		if (!list[i++])
			return no_memory(name, err);
	}
	return LEPTON_OK;
}

static int copy_string(
	const char *name, const cJSON *data, const char *key, const char **out, struct lepton_error *err)
{
	const char *value = lepton__json_get_string(data, key, NULL);
	*out = value ? lepton__strdup(value) : NULL;
	return value && !*out ? no_memory(name, err) : LEPTON_OK;
}

static int read_more(
	const char *name, const cJSON *data, struct lepton_data_options *out, struct lepton_error *err)
{
	int code = copy_string(name, data, "target", &out->target, err);
	if (!code)
		code = copy_string(name, data, "task", &out->task, err);
	if (!code)
		code = copy_string(name, data, "separator", &out->separator, err);
	if (!code)
		code = copy_string(name, data, "user", &out->user, err);
	if (!code)
		code = copy_string(name, data, "item", &out->item, err);
	if (!code)
		code = copy_string(name, data, "rating", &out->rating, err);
	if (!code)
		code = read_ignore(name, cJSON_GetObjectItemCaseSensitive(data, "ignore"), &out->ignore, err);
	out->test_split = lepton__json_get_number(data, "test_split", 0);
	out->split_seed = (uint64_t)lepton__json_get_int(data, "split_seed", 0);
	out->no_header = !lepton__json_get_bool(data, "header", true);
	out->raw = !lepton__json_get_bool(data, "standardize", true);
	out->buckets = lepton__json_get_int(data, "buckets", 0);
	out->max_words = (int)lepton__json_get_int(data, "max_words", 0);
	out->ngrams = (int)lepton__json_get_int(data, "ngrams", 0);
	return code;
}

static int read_data(const char *name, const cJSON *data, const char *folder, struct lepton_spec *spec,
	struct lepton_error *err)
{
	char *path = NULL;
	const cJSON *split = cJSON_GetObjectItemCaseSensitive(data, "validation_split");
	int code = lepton__spec_check_table(name, data_keys, data, "data", err);
	if (!code)
		code = check_format(name, cJSON_GetObjectItemCaseSensitive(data, "format"), err);
	if (!code)
		code = check_format_keys(name, data, err);
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
	code = spec->data.format ? LEPTON_OK : no_memory(name, err);
	return code ? code : read_more(name, data, &spec->data, err);
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
		code = lepton__spec_check_search(name, root, err);
	if (!code)
		code = lepton__spec_check_keep(name, root, err);
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

static void free_table(struct lepton_data_options *data)
{
	lepton__free((void *)(uintptr_t)data->target);
	lepton__free((void *)(uintptr_t)data->task);
	lepton__free((void *)(uintptr_t)data->separator);
	lepton__free((void *)(uintptr_t)data->user);
	lepton__free((void *)(uintptr_t)data->item);
	lepton__free((void *)(uintptr_t)data->rating);
	for (size_t i = 0; data->ignore && data->ignore[i]; i++)
		lepton__free((void *)(uintptr_t)data->ignore[i]);
	lepton__free((void *)(uintptr_t)data->ignore);
}

void lepton_spec_clear(struct lepton_spec *spec)
{
	for (size_t i = 0; i < spec->count; i++)
		lepton__spec_free_version(&spec->versions[i]);
	lepton__free(spec->versions);
	lepton__free((void *)(uintptr_t)spec->data.format); /* ours; const is for the readers */
	lepton__free((void *)(uintptr_t)spec->data.path);
	free_table(&spec->data);
	lepton__free(spec->text);
	*spec = (struct lepton_spec){0};
}
