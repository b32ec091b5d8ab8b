/* What a good spec means: merging, grid, random, seeds, paths; and changing a configuration by key.
 *
 * Expected configurations are written out by hand and compared as JSON values.
 */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lepton/spec.h"
#include "base/memory.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NET                                                                                                  \
	"\"layers\": [{\"type\": \"Input\", \"shape\": [4, 4, 1]}, {\"type\": \"Flatten\"},"                 \
	" {\"type\": \"Dense\", \"units\": 3, \"activation\": \"softmax\"}]"
#define CONV                                                                                                 \
	"\"layers\": [{\"type\": \"Input\", \"shape\": [4, 4, 1]}, {\"type\": \"Conv2D\", \"filters\": 2, "  \
	"\"kernel_size\": 3},"                                                                               \
	" {\"type\": \"MaxPooling2D\"}, {\"type\": \"Flatten\"}, {\"type\": \"Dense\", \"units\": 3, "       \
	"\"activation\": \"softmax\"}]"

static struct lepton_spec parsed(const char *text, const char *folder)
{
	struct lepton_spec spec;
	struct lepton_error err;
	if (lepton_spec_parse(text, strlen(text), "x.json", folder, &spec, &err))
		fail_msg("%s", err.message);
	return spec;
}

static void same_json(const char *got, const char *expected)
{
	cJSON *a = cJSON_Parse(got), *b = cJSON_Parse(expected);
	if (!a || !b || !cJSON_Compare(a, b, true))
		fail_msg("got %s\nexpected %s", got, expected);
	cJSON_Delete(a);
	cJSON_Delete(b);
}

static const struct lepton_spec_version *named(const struct lepton_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->count; i++)
		if (strcmp(spec->versions[i].name, name) == 0)
			return &spec->versions[i];
	print_error("no version %s\n", name);
	abort();
}

static void test_merging(void **state)
{
	(void)state;
	struct lepton_spec spec = parsed("{\"experiment\": \"m\", \"seed\": 5, \"data\": {\"path\": \"d\"},"
					 " \"defaults\": {\"epochs\": 4, \"optimizer\": {\"name\": \"adam\", "
					 "\"learning_rate\": 0.5}},"
					 " \"versions\": ["
					 "  {\"name\": \"c\", \"base\": \"b\", \"optimizer\": {\"beta_1\": "
					 "0.25}, \"epochs\": 7}," /* before its base */
					 "  {\"name\": \"a\", \"seed\": 11, \"batch_size\": 32, " CONV "},"
					 "  {\"name\": \"b\", \"base\": \"a\", \"priority\": 2, "
					 "\"optimizer\": {\"learning_rate\": 0.125}, " NET "}]}",
		NULL);
	assert_string_equal(spec.experiment, "m");
	assert_int_equal(spec.seed, 5);
	assert_int_equal(spec.count, 3);
	assert_string_equal(spec.versions[0].name, "c"); /* in the order written */
	same_json(named(&spec, "a")->config,
		"{\"epochs\": 4, \"optimizer\": {\"name\": \"adam\", \"learning_rate\": 0.5}, \"seed\": 11, "
		"\"batch_size\": 32, " CONV "}");
	same_json(named(&spec, "b")->config,
		"{\"epochs\": 4, \"optimizer\": {\"name\": \"adam\", \"learning_rate\": 0.125},"
		" \"seed\": 11, \"batch_size\": 32, \"priority\": 2, " NET
		"}"); /* lists are replaced whole */
	same_json(named(&spec, "c")->config, "{\"epochs\": 7, \"optimizer\": {\"name\": \"adam\", "
					     "\"learning_rate\": 0.125, \"beta_1\": 0.25},"
					     " \"seed\": 11, \"batch_size\": 32, \"priority\": 2, " NET "}");
	assert_float_equal(named(&spec, "a")->priority, 1, 0);
	assert_float_equal(named(&spec, "c")->priority, 2, 0);
	assert_string_equal(named(&spec, "c")->learner, "network");
	assert_int_equal(named(&spec, "c")->seed, 11);
	lepton_spec_clear(&spec);
}

static void test_grid(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		double rate;
		int units;
	} expected[] = {{"g/0.0003,3", 0.0003, 3}, {"g/0.0003,5", 0.0003, 5}, {"g/0.001,3", 0.001, 3},
		{"g/0.001,5", 0.001, 5}};
	struct lepton_spec spec = parsed(
		"{\"data\": {\"path\": \"d\"}, \"versions\": [{\"name\": \"g\", " NET ","
		" \"grid\": {\"optimizer.learning_rate\": [0.0003, 1e-3], \"layers.2.units\": [3, 5]}},"
		" {\"name\": \"h\", \"base\": \"g\", \"grid\": {\"optimizer.name\": [\"adam\", \"sgd\"], "
		"\"seed\": [8]}},"
		" {\"name\": \"i\", \"base\": \"h\"}]}",
		NULL);
	assert_int_equal(spec.count, 7);
	for (int i = 0; i < 4; i++) {
		char config[400];
		snprintf(config, sizeof config,
			"{\"layers\": [{\"type\": \"Input\", \"shape\": [4, 4, 1]}, {\"type\": \"Flatten\"}, "
			"{\"type\": \"Dense\", \"units\": %d,"
			" \"activation\": \"softmax\"}], \"optimizer\": {\"learning_rate\": %g}}",
			expected[i].units, expected[i].rate);
		assert_string_equal(spec.versions[i].name, expected[i].name);
		same_json(spec.versions[i].config, config);
	}
	assert_string_equal(spec.versions[4].name, "h/adam,8");
	assert_string_equal(spec.versions[5].name, "h/sgd,8");
	same_json(spec.versions[5].config, "{" NET ", \"optimizer\": {\"name\": \"sgd\"}, \"seed\": 8}");
	assert_int_equal(spec.versions[5].seed, 8);
	same_json(spec.versions[6].config, "{" NET "}"); /* a grid is not handed down */
	lepton_spec_clear(&spec);
}

static double number_at(const char *config, const char *outer, const char *key)
{
	cJSON *tree = cJSON_Parse(config);
	const cJSON *object = outer ? cJSON_GetObjectItemCaseSensitive(tree, outer) : tree;
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);
	assert_true(cJSON_IsNumber(number));
	double value = number->valuedouble;
	cJSON_Delete(tree);
	return value;
}

static struct lepton_spec drawn(int seed, int count)
{
	char text[800];
	snprintf(text, sizeof text,
		"{\"seed\": %d, \"data\": {\"path\": \"d\"}, \"versions\": [{\"name\": \"r\", " NET
		", \"random\": {\"count\": %d,"
		" \"optimizer.learning_rate\": {\"min\": 1e-4, \"max\": 1e-2, \"log\": true},"
		" \"epochs\": {\"min\": 2, \"max\": 4, \"integer\": true}, \"batch_size\": [16, 48]}}]}",
		seed, count);
	return parsed(text, NULL);
}

static void test_random(void **state)
{
	(void)state;
	struct lepton_spec spec = drawn(1, 600), again = drawn(1, 5), other = drawn(2, 5);
	int low = 0, epochs[5] = {0}, small = 0, different = 0;
	assert_int_equal(spec.count, 600);
	for (size_t i = 0; i < spec.count; i++) {
		char name[32], digits[32];
		const char *config = spec.versions[i].config;
		double rate = number_at(config, "optimizer", "learning_rate"),
		       epoch = number_at(config, NULL, "epochs"),
		       batch = number_at(config, NULL, "batch_size");
		snprintf(name, sizeof name, "r/%zu", i + 1);
		assert_string_equal(spec.versions[i].name, name);
		assert_true(rate >= 1e-4 && rate <= 1e-2);
		snprintf(digits, sizeof digits, "%.4g", rate);
		assert_float_equal(strtod(digits, NULL), rate, 0); /* four digits */
		assert_true(epoch > 1.5 && epoch < 4.5 && fabs(epoch - round(epoch)) < 1e-12);
		assert_true(fabs(batch - 16) < 1e-12 || fabs(batch - 48) < 1e-12);
		low += rate < 1e-3; /* half the orders of magnitude */
		small += batch < 20;
		epochs[(int)epoch]++;
	}
	assert_in_range(low, 240, 360); /* 300 ± 5 standard deviations; the draws are fixed */
	assert_in_range(small, 240, 360);
	for (int e = 2; e <= 4; e++)
		assert_in_range(epochs[e], 142, 258);
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(again.versions[i].config,
			spec.versions[i].config); /* more samples leave the first alone */
		different += strcmp(other.versions[i].config, spec.versions[i].config) != 0;
	}
	assert_int_equal(different, 5);
	lepton_spec_clear(&spec);
	lepton_spec_clear(&again);
	lepton_spec_clear(&other);
}

/* The first 53 bits of BLAKE2b-256 of "SEED NAME". */
static uint64_t derived(const char *text)
{
	unsigned char raw[32];
	uint64_t value = 0;
	crypto_generichash(raw, sizeof raw, (const unsigned char *)text, strlen(text), NULL, 0);
	for (int i = 0; i < 8; i++)
		value = value << 8 | raw[i];
	return value >> 11;
}

static void test_seeds(void **state)
{
	(void)state;
	struct lepton_spec spec = parsed(
		"{\"seed\": 42, \"data\": {\"path\": \"d\"}, \"versions\": [{\"name\": \"a\", " NET "},"
		" {\"name\": \"b\", \"base\": \"a\", \"seed\": 0}, {\"name\": \"c\", \"base\": \"a\", "
		"\"seed\": 9007199254740992}]}",
		NULL);
	assert_int_equal(spec.versions[0].seed, derived("42 a"));
	assert_int_equal(spec.versions[1].seed, 0);
	assert_int_equal(spec.versions[2].seed, (uint64_t)1 << 53);
	lepton_spec_clear(&spec);
	spec = parsed("{\"data\": {\"path\": \"d\"}, \"versions\": [{\"name\": \"a\", " NET "}]}", NULL);
	assert_int_equal(spec.seed, 1);
	assert_string_equal(spec.experiment, "experiment");
	assert_int_equal(spec.versions[0].seed, derived("1 a"));
	assert_string_equal(spec.data.format, "idx");
	assert_float_equal(spec.data.validation_split, 0.1, 0);
	lepton_spec_clear(&spec);
}

static void check_path(const char *written, const char *folder, const char *expected)
{
	char text[600];
	snprintf(text, sizeof text,
		"{\"data\": {\"path\": \"%s\", \"limit\": 7, \"test_limit\": 3, \"validation_split\": 0},"
		" \"versions\": [{\"name\": \"a\", " NET "}]}",
		written);
	struct lepton_spec spec = parsed(text, folder);
	assert_string_equal(spec.data.path, expected);
	assert_string_equal(spec.text, text);
	assert_int_equal(spec.data.limit, 7);
	assert_int_equal(spec.data.test_limit, 3);
	assert_float_equal(spec.data.validation_split, 0, 0);
	lepton_spec_clear(&spec);
}

static void test_paths(void **state)
{
	(void)state;
	assert_int_equal(setenv("HOME", "/home/me", 1), 0);
	check_path("data/x", "/specs", "/specs/data/x");
	check_path("../data/x", "my specs/", "my specs/../data/x");
	check_path("data/x", NULL, "data/x");
	check_path("data/x", "", "data/x");
	check_path("/abs/x", "/specs", "/abs/x");
	check_path("~/x y", "/specs", "/home/me/x y");
	check_path("~", "/specs", "/home/me/");
	check_path("~me/x", "/specs", "/specs/~me/x");
	assert_int_equal(unsetenv("HOME"), 0);
	const char *text = "{\"data\": {\n\"path\": \"~/x\"}, \"versions\": [{\"name\": \"a\"}]}";
	struct lepton_spec spec;
	struct lepton_error err;
	assert_int_equal(lepton_spec_parse(text, strlen(text), "x", NULL, &spec, &err), LEPTON_E_SPEC);
	assert_non_null(strstr(err.message, "x:2: data: \"path\" begins with ~, but HOME is not set"));
}

static void test_load(void **state)
{
	(void)state;
	char folder[] = "/tmp/lepton-XXXXXX", path[64], expected[96];
	struct lepton_spec spec;
	struct lepton_error err;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/s.json", folder);
	snprintf(expected, sizeof expected, "%s/../d", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("\xEF\xBB\xBF{\"data\": {\"path\": \"../d\"}, \"versions\": [{\"name\": \"\xE2\x82\xAC\", " NET
	      "}]}\n",
		file);
	assert_int_equal(fclose(file), 0);
	if (lepton_spec_load(path, &spec, &err))
		fail_msg("%s", err.message);
	assert_string_equal(spec.data.path, expected);
	assert_string_equal(spec.versions[0].name, "\xE2\x82\xAC");
	lepton_spec_clear(&spec);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("{\n\"data\": 3}", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(lepton_spec_load(path, &spec, &err), LEPTON_E_SPEC);
	snprintf(expected, sizeof expected, "%s:2: ", path);
	assert_int_equal(strncmp(err.message, expected, strlen(expected)), 0);
	unlink(path);
	rmdir(folder);
}

/* Windows of layers are read as numbers, not as the lines they stand in (a fault once). */
static void test_pairs_on_late_lines(void **state)
{
	(void)state;
	struct lepton_spec spec = parsed(
		"{\n\n\n\n\n\n\n\n\n\"data\": {\"path\": \"d\"}, \"versions\": [\n{\"name\": \"a\",\n" CONV
		"}]}",
		NULL);
	same_json(spec.versions[0].config, "{" CONV "}");
	lepton_spec_clear(&spec);
}

/* ---- changing and checking ---- */

static void set_to(const char *config, const char *key, const char *value, const char *expected)
{
	char *out;
	struct lepton_error err;
	if (lepton_config_set(config, key, value, &out, &err))
		fail_msg("%s=%s: %s", key, value, err.message);
	same_json(out, expected);
	assert_int_equal(lepton_config_check("network", out, &err), 0);
	lepton__free(out);
}

static void set_refused(const char *config, const char *key, const char *value, const char *words)
{
	char *out;
	struct lepton_error err;
	int code = lepton_config_set(config, key, value, &out, &err);
	assert_true(code == LEPTON_E_SPEC || code == LEPTON_E_SHAPE);
	assert_null(out);
	if (!strstr(err.message, words))
		fail_msg("%s=%s: \"%s\" does not say \"%s\"", key, value, err.message, words);
}

static void test_config_set(void **state)
{
	(void)state;
	const char *config = "{\"epochs\": 2, " CONV "}";
	set_to(config, "epochs", "5", "{\"epochs\": 5, " CONV "}");
	set_to(config, "epochs", " 5 ", "{\"epochs\": 5, " CONV "}");
	set_to(config, "optimizer.learning_rate", "3e-4",
		"{\"epochs\": 2, \"optimizer\": {\"learning_rate\": 0.0003}, " CONV "}");
	set_to(config, "optimizer.name", "sgd",
		"{\"epochs\": 2, \"optimizer\": {\"name\": \"sgd\"}, " CONV "}");
	set_to(config, "optimizer", "{\"name\": \"sgd\", \"momentum\": 0.5}",
		"{\"epochs\": 2, \"optimizer\": {\"name\": \"sgd\", \"momentum\": 0.5}, " CONV "}");
	set_to(config, "seed", "7", "{\"epochs\": 2, \"seed\": 7, " CONV "}");
	set_to("{" NET "}", "layers.2.units", "9",
		"{\"layers\": [{\"type\": \"Input\", \"shape\": [4, 4, 1]}, {\"type\": \"Flatten\"},"
		" {\"type\": \"Dense\", \"units\": 9, \"activation\": \"softmax\"}]}");
	set_to("{" NET "}", "layers.0.shape.1", "6",
		"{\"layers\": [{\"type\": \"Input\", \"shape\": [4, 6, 1]}, {\"type\": \"Flatten\"},"
		" {\"type\": \"Dense\", \"units\": 3, \"activation\": \"softmax\"}]}");
}

static void test_config_set_refused(void **state)
{
	(void)state;
	const char *config = "{\"epochs\": 2, " CONV "}";
	set_refused(config, "epochs", "0", "\"epochs\" is 0");
	set_refused(config, "epochs", "many", "\"epochs\" takes a whole number");
	set_refused(config, "epochs", "", "needs a value");
	set_refused(config, "epochs", "{\"a\": }", "epochs:1:7: expected a value");
	set_refused(config, "epoch", "3", "did you mean \"epochs\"?");
	set_refused(config, "", "3", "empty part");
	set_refused(config, "optimizer.", "3", "empty part");
	set_refused(config, ".epochs", "3", "empty part");
	set_refused(config, "epochs.x", "3", "single value");
	set_refused(config, "layers.5.units", "3", "the list goes from 0 to 4");
	set_refused(config, "layers.-1", "3", "no element \"-1\"");
	set_refused(config, "layers.1.filters", "0", "layers[1] Conv2D: \"filters\" is 0");
	set_refused(config, "layers.1.kernel_size", "9", "9x9");
	set_refused(config, "name", "x", "\"name\" belongs to one version");
	set_refused(config, "learner", "bayes", "not available in this build");
	set_refused(config, "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r", "1", "too many parts");
	set_refused("[]", "epochs", "1", "takes an object");
	set_refused("{\"epochs\":", "epochs", "1", "found the end of the file");
}

static void test_config_check(void **state)
{
	(void)state;
	struct lepton_error err;
	assert_int_equal(lepton_config_check("network", "{" NET "}", &err), 0);
	assert_int_equal(lepton_config_check("bayes", "{" NET "}", &err), LEPTON_E_SPEC);
	assert_int_equal(lepton_config_check("network", "{}", &err), LEPTON_E_SPEC);
	assert_non_null(strstr(err.message, "\"layers\" is missing"));
	assert_int_equal(lepton_config_check("network", "3", &err), LEPTON_E_SPEC);
}

static void test_names(void **state)
{
	(void)state;
	static const char *const good[] = {"a", "m/1", "lr/0.0003,64", "x y", "\xE2\x82\xAC", "a:b", "a-b",
		"\xF0\x9F\x98\x80", "012345678901234567890123456789012345678901234567890123456789012"};
	static const char *const bad[] = {"", "a@1", "@", ":p", "-x", "#1", "a\tb", "\x7F", "\xC2\x80",
		"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xE2\x82",
		"0123456789012345678901234567890123456789012345678901234567890123"};
	struct lepton_error err;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_int_equal(lepton_name_check(good[i], &err), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(lepton_name_check(bad[i], &err), LEPTON_E_USAGE);
}

/* The specs we ship are right. */
static void test_samples(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		size_t versions;
	} samples[] = {{"mnist.json", 4}, {"submodel.json", 1}, {"seeds.json", 3}};
	const char *top = getenv("srcdir");
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		char path[1000], tail[] = "samples/../data/mnist";
		struct lepton_spec spec;
		struct lepton_error err;
		snprintf(path, sizeof path, "%s/samples/%s", top ? top : ".", samples[i].name);
		if (lepton_spec_load(path, &spec, &err))
			fail_msg("%s", err.message);
		assert_int_equal(spec.count, samples[i].versions);
		assert_string_equal(spec.data.path + strlen(spec.data.path) - strlen(tail), tail);
		lepton_spec_clear(&spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merging),
		cmocka_unit_test(test_grid),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_pairs_on_late_lines),
		cmocka_unit_test(test_config_set),
		cmocka_unit_test(test_config_set_refused),
		cmocka_unit_test(test_config_check),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_samples),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
