/* The exporters against a run made by hand: every figure, every odd name, every fault of the disk. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "lepton/export.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ODD "a \"b\", c\n\xC3\xA9"

static int64_t steps[] = {5, 10, 15}, epoch_numbers[] = {1, 2}, epoch_steps[] = {10, 18};
static double epochs[] = {0.5, 1, 1.5}, seconds[] = {0.1, 1.0 / 3, 1e-7}, epoch_seconds[] = {1.0 / 3, 0.5};
static float loss[] = {2.25f, 0.1f, NAN}, accuracy[] = {0, 1.0f / 3, 1}, epoch_loss[] = {1.5f, 0.7f},
	     epoch_accuracy[] = {0.5f, 0.75f}, val_loss[] = {1.25f, INFINITY}, val_accuracy[] = {0.625f, NAN};

static struct lepton_note notes[] = {
	{1700000000.25, 0, "started"}, {1700000001.5, 15, "failed: loss is \"NaN\""}};
static struct lepton_run_version first = {.id = 1,
	.name = "cnn",
	.learner = "network",
	.state = LEPTON_FAILED,
	.parameters = 21802,
	.bytes = 87208,
	.samples_per_second = 5800.5,
	.test_loss = NAN,
	.test_accuracy = NAN,
	.weights_hash = HASH,
	.notes = notes,
	.note_count = 2,
	.history = {.count = 3,
		.capacity = 3,
		.step = steps,
		.epoch = epochs,
		.seconds = seconds,
		.loss = loss,
		.accuracy = accuracy},
	.epochs_done = {2, 2, epoch_numbers, epoch_steps, epoch_seconds, epoch_loss, epoch_accuracy, val_loss,
		val_accuracy}};
static struct lepton_run_version second = {.id = 4,
	.name = ODD,
	.learner = "network",
	.state = LEPTON_DONE,
	.parent_count = 2,
	.parents = {1, 99},
	.parameters = 21802,
	.bytes = 22000,
	.samples_per_second = NAN,
	.test_loss = 0.12920000000000001,
	.test_accuracy = 0.9667};
static struct lepton_run_version *versions[] = {&first, &second};
static struct lepton_run_alias aliases[] = {
	{"production", 4, 1, 1700000002, HASH}, {"spare", 1, 0, 1700000003, ""}};
static struct lepton_run run = {.experiment = "mnist \"é\"",
	.created = 1700000000.123456,
	.versions = versions,
	.version_count = 2,
	.aliases = aliases,
	.alias_count = 2};
static char folder[] = "/tmp/lepton-export-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	run.environment = lepton_text_new("{\"cpu\":\"x\",\"cores\":2,\"peak\":0.1}");
	run.data = lepton_text_new("{\"path\":\"/d\"}");
	first.operation = lepton_text_new("{\"op\":\"train\"}");
	first.hyperparameters = lepton_text_new("{\"optimizer\":{\"learning_rate\":0.001},\"x\":0.1}");
	second.operation = lepton_text_new("{\"op\":\"fuse\",\"method\":\"average\",\"settings\":{}}");
	second.hyperparameters = lepton_text_new("not JSON");
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	struct lepton_text *texts[] = {run.environment, run.data, first.operation, first.hyperparameters,
		second.operation, second.hyperparameters};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		lepton_text_release(texts[i]);
	return rmdir(folder);
}

static char *rendered(const char *format, int64_t id, size_t *size)
{
	const struct lepton_exporter *how;
	struct lepton_error err;
	char *text = NULL;
	if (lepton_exporter_find(format, &how, &err) || how->render(&run, id, &text, size, &err))
		fail_msg("%s", err.message);
	assert_int_equal(strlen(text), *size);
	return text;
}

static const cJSON *at(const cJSON *object, const char *path)
{
	char name[64];
	while (object && *path) {
		size_t length = strcspn(path, ".");
		snprintf(name, sizeof name, "%.*s", (int)length, path);
		object = cJSON_IsArray(object) ? cJSON_GetArrayItem(object, (int)strtol(name, NULL, 10))
					       : cJSON_GetObjectItemCaseSensitive(object, name);
		path += length + (path[length] == '.');
	}
	if (!object)
		fail_msg("nothing at %s", path);
	return object;
}

static void is_text(const cJSON *json, const char *path, const char *expected)
{
	const cJSON *value = at(json, path);
	if (!expected)
		assert_true(cJSON_IsNull(value));
	else
		assert_string_equal(cJSON_GetStringValue(value), expected);
}

static void is_number(const cJSON *json, const char *path, double expected)
{
	const cJSON *value = at(json, path);
	if (isnan(expected))
		assert_true(cJSON_IsNull(value));
	else if (!cJSON_IsNumber(value) || memcmp(&value->valuedouble, &expected, sizeof expected) != 0)
		fail_msg("%s is %.17g, not %.17g", path, value->valuedouble, expected);
}

static cJSON *summary(int64_t id)
{
	size_t size;
	char *text = rendered("json", id, &size);
	cJSON *json = cJSON_ParseWithOpts(text, NULL, true);
	assert_non_null(json);
	free(text);
	return json;
}

/* ---- JSON -------------------------------------------------------------------------------------- */

static void test_json_fields(void **state)
{
	(void)state;
	cJSON *json = summary(0);
	is_text(json, "schema", "lepton.run/1");
	is_text(json, "experiment", "mnist \"é\"");
	is_text(json, "created", "2023-11-14T22:13:20.123456Z");
	is_number(json, "environment.peak", 0.1);
	is_text(json, "data.path", "/d");
	assert_int_equal(cJSON_GetArraySize(at(json, "versions")), 2);
	is_text(json, "versions.0.name", "cnn");
	is_text(json, "versions.0.learner", "network");
	is_text(json, "versions.0.state", "failed");
	is_text(json, "versions.0.weights_hash", HASH);
	is_number(json, "versions.0.parameters", 21802);
	is_number(json, "versions.0.bytes", 87208);
	is_number(json, "versions.0.hyperparameters.optimizer.learning_rate", 0.001);
	is_number(json, "versions.0.test.loss", NAN);
	is_number(json, "versions.0.samples_per_second", 5800.5);
	is_text(json, "versions.0.events.0.time", "2023-11-14T22:13:20.250000Z");
	is_text(json, "versions.0.events.1.what", "failed: loss is \"NaN\"");
	is_number(json, "versions.0.events.1.step", 15);
	is_text(json, "versions.1.name", ODD);
	is_text(json, "versions.1.parents.0", "cnn");
	is_text(json, "versions.1.parents.1", "#99");
	is_text(json, "versions.1.operation.method", "average");
	is_text(json, "versions.1.weights_hash", NULL);
	is_number(json, "versions.1.test.loss", 0.12920000000000001);
	is_number(json, "versions.1.test.accuracy", 0.9667);
	is_number(json, "versions.1.samples_per_second", NAN);
	assert_int_equal(cJSON_GetArraySize(at(json, "versions.1.history.step")), 0);
	assert_int_equal(cJSON_GetArraySize(at(json, "versions.1.hyperparameters")), 0);
	is_text(json, "aliases.production.version", ODD);
	is_text(json, "aliases.production.previous", "cnn");
	is_text(json, "aliases.production.weights_hash", HASH);
	is_text(json, "aliases.spare.previous", NULL);
	is_text(json, "aliases.spare.weights_hash", NULL);
	cJSON_Delete(json);
}

/* Arrays side by side are equally long and hold the very numbers; float32 ones read back as float32. */
static void test_json_history(void **state)
{
	(void)state;
	cJSON *json = summary(0);
	static const char *const long_ones[] = {"step", "epoch", "seconds", "loss", "accuracy"};
	static const char *const short_ones[] = {
		"epoch", "step", "seconds", "loss", "accuracy", "val_loss", "val_accuracy"};
	const cJSON *history = at(json, "versions.0.history"), *ended = at(history, "epochs");
	assert_int_equal(cJSON_GetArraySize(history), 6);
	assert_int_equal(cJSON_GetArraySize(ended), 7);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(cJSON_GetArraySize(at(history, long_ones[i])), 3);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(cJSON_GetArraySize(at(ended, short_ones[i])), 2);
	is_number(history, "step.2", 15);
	is_number(history, "seconds.1", 1.0 / 3);
	is_number(history, "seconds.2", 1e-7);
	is_number(history, "loss.2", NAN);
	for (int i = 0; i < 3; i++) {
		float back = (float)cJSON_GetArrayItem(at(history, "accuracy"), i)->valuedouble;
		assert_memory_equal(&back, &accuracy[i], sizeof back);
	}
	is_number(ended, "epoch.1", 2);
	is_number(ended, "val_loss.0", 1.25);
	is_number(ended, "val_loss.1", NAN);
	is_number(ended, "val_accuracy.1", NAN);
	cJSON_Delete(json);
}

static void test_json_one_version(void **state)
{
	(void)state;
	cJSON *json = summary(4);
	assert_int_equal(cJSON_GetArraySize(at(json, "versions")), 1);
	is_text(json, "versions.0.name", ODD);
	is_text(json, "versions.0.parents.0", "cnn"); /* though cnn itself is not in the file */
	assert_int_equal(cJSON_GetArraySize(at(json, "aliases")), 1);
	cJSON_Delete(json);
}

static void test_empty_run(void **state)
{
	(void)state;
	static const struct lepton_run nothing;
	const struct lepton_exporter *how;
	char *text;
	size_t size;
	assert_int_equal(lepton_exporter_find("json", &how, NULL), 0);
	assert_int_equal(how->render(&nothing, 0, &text, &size, NULL), 0);
	cJSON *json = cJSON_Parse(text);
	assert_int_equal(cJSON_GetArraySize(at(json, "versions")), 0);
	is_text(json, "created", NULL);
	cJSON_Delete(json);
	free(text);
	assert_int_equal(lepton_exporter_find("csv", &how, NULL), 0);
	assert_int_equal(how->render(&nothing, 0, &text, &size, NULL), 0);
	assert_int_equal(strchr(text, '\n') - text + 1, size);
	free(text);
}

/* ---- CSV --------------------------------------------------------------------------------------- */

static void test_csv(void **state)
{
	(void)state;
	size_t size;
	first.name[0] = '\0';
	strncat(first.name, ODD, sizeof first.name - 1);
	char *text = rendered("csv", 0, &size);
	first.name[0] = '\0';
	strncat(first.name, "cnn", sizeof first.name - 1);
	assert_string_equal(text,
		"version,name,step,epoch,seconds,loss,accuracy,val_loss,val_accuracy\n"
		"1,\"a \"\"b\"\", c\n\xC3\xA9\",5,0.5,0.1,2.25,0,,\n"
		"1,\"a \"\"b\"\", c\n\xC3\xA9\",10,1,0.3333333333333333,0.1,0.33333334,1.25,0.625\n"
		"1,\"a \"\"b\"\", c\n\xC3\xA9\",15,1.5,1e-07,,1,,\n"
		"1,\"a \"\"b\"\", c\n\xC3\xA9\",18,2,0.5,0.7,0.75,,\n");
	free(text);
	text = rendered("csv", 4, &size);
	assert_non_null(strstr(text, "val_accuracy\n"));
	assert_null(strchr(strchr(text, '\n') + 1, '\n')); /* no curve, no row */
	free(text);
}

/* ---- files and faults -------------------------------------------------------------------------- */

static void in_folder(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", folder, name);
}

static int files_in_folder(void)
{
	int count = 0;
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
	closedir(dir);
	return count;
}

static void holds(const char *path, const char *beginning)
{
	char *text = NULL;
	size_t size;
	assert_int_equal(lepton__file_read(path, 1 << 20, &text, &size, NULL), 0);
	assert_int_equal(strncmp(text, beginning, strlen(beginning)), 0);
	free(text);
}

static void test_format_by_extension(void **state)
{
	(void)state;
	static const struct {
		const char *name, *format, *beginning;
	} cases[] = {{"a.json", NULL, "{\n\t\"schema\""}, {"b.csv", NULL, "version,"},
		{"c.CSV", NULL, "version,"}, {"d.txt", NULL, "{"}, {"e", NULL, "{"},
		{"f.json", "csv", "version,"}, {"g.html", NULL, "<!DOCTYPE html>"}};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		char path[128];
		in_folder(path, sizeof path, cases[c].name);
		assert_int_equal(lepton_export(&run, 0, cases[c].format, path, NULL), 0);
		holds(path, cases[c].beginning);
		assert_int_equal(unlink(path), 0);
	}
}

static void refused(int64_t id, const char *format, const char *path, int code, const char *words)
{
	struct lepton_error err = {.code = 0};
	assert_int_equal(lepton_export(&run, id, format, path, &err), code);
	if (!strstr(err.message, words))
		fail_msg("\"%s\" does not say \"%s\"", err.message, words);
}

static void test_refusals(void **state)
{
	(void)state;
	char path[128];
	in_folder(path, sizeof path, "missing/x.json");
	refused(0, "jsn", path, LEPTON_E_NOTFOUND, "did you mean \"json\"");
	refused(0, "parquet", path, LEPTON_E_NOTFOUND, "known: json, csv, html");
	refused(77, "json", path, LEPTON_E_NOTFOUND, "#77");
	refused(77, "csv", path, LEPTON_E_NOTFOUND, "#77");
	refused(0, NULL, "", LEPTON_E_USAGE, "no file");
	refused(0, NULL, NULL, LEPTON_E_USAGE, "no file");
	refused(0, NULL, path, LEPTON_E_IO, "missing");
	refused(0, NULL, folder, LEPTON_E_IO, folder);
	assert_int_equal(files_in_folder(), 0);
}

static int failing_fsync(int fd)
{
	(void)fd;
	errno = ENOSPC;
	return -1;
}

/* A disk that fills up leaves the old file, whole, and nothing beside it. */
static void test_failed_write_keeps_the_old_file(void **state)
{
	(void)state;
	char path[128];
	in_folder(path, sizeof path, "kept.json");
	assert_int_equal(lepton__file_write(path, "old", 3, 0644, NULL), 0);
	int (*kept)(int) = lepton__io.fsync;
	lepton__io.fsync = failing_fsync;
	refused(0, NULL, path, LEPTON_E_IO, "kept.json");
	lepton__io.fsync = kept;
	holds(path, "old");
	assert_int_equal(files_in_folder(), 1);
	assert_int_equal(lepton_export(&run, 0, NULL, path, NULL), 0);
	holds(path, "{");
	assert_int_equal(unlink(path), 0);
}

/* ---- the schema -------------------------------------------------------------------------------- */

#define PYTHON "/usr/bin/python3"

static int python(const char *const *arguments)
{
	pid_t child = fork();
	if (child == 0) {
		if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout))
			_exit(126);
		execv(PYTHON, (char *const *)(uintptr_t)arguments);
		_exit(127);
	}
	int status = -1;
	assert_true(child > 0 && waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void schema_path(char *path, size_t size)
{
	const char *source = getenv("srcdir"); /* automake sets it */
	snprintf(path, size, "%s/samples/run.schema.json", source ? source : ".");
}

/* A validator of JSON Schema accepts what we write, and would not accept just anything. */
static void test_schema(void **state)
{
	(void)state;
	char schema[4096], path[128];
	if (python((const char *const[]){PYTHON, "-c", "import jsonschema", NULL})) {
		print_message(
			"no jsonschema for " PYTHON " (Debian: python3-jsonschema): schema not tried\n");
		skip();
	}
	schema_path(schema, sizeof schema);
	in_folder(path, sizeof path, "run.json");
	const char *const validate[] = {PYTHON, "-m", "jsonschema", "-i", path, schema, NULL};
	for (int64_t id = 0; id <= 4; id += 4) {
		assert_int_equal(lepton_export(&run, id, "json", path, NULL), 0);
		assert_int_equal(python(validate), 0);
	}
	second.bytes = -1;
	assert_int_equal(lepton_export(&run, 4, "json", path, NULL), 0);
	assert_int_equal(python(validate), 1);
	second.bytes = 22000;
	assert_int_equal(lepton__file_write(path, "{\"schema\":\"lepton.run/2\"}", 25, 0644, NULL), 0);
	assert_int_equal(python(validate), 1);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_fields),
		cmocka_unit_test(test_json_history),
		cmocka_unit_test(test_json_one_version),
		cmocka_unit_test(test_empty_run),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_format_by_extension),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_failed_write_keeps_the_old_file),
		cmocka_unit_test(test_schema),
	};
	return cmocka_run_group_tests_name("export", tests, set_up, tear_down);
}
