/* tests/test_external_parts.c - what external programs are made of: lines, messages, safetensors, the check
 * of a spec.
 */
#include "lepton/spec.h"
#include "base/buffer.h"
#include "base/json.h"
#include "model/external.h"
#include "model/message.h"
#include "model/safetensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- lines ---- */

static void feed(struct lepton__intake *in, const char *bytes, size_t size)
{
	char *at;
	assert_true(lepton__intake_room(in, &at) >= size);
	memcpy(at, bytes, size);
	lepton__intake_fill(in, size);
}

static void expect_line(struct lepton__intake *in, bool last, const char *wanted)
{
	bool cut;
	char *line = lepton__intake_next(in, last, &cut);
	assert_false(cut);
	if (!wanted)
		assert_null(line);
	else
		assert_string_equal(line ? line : "(none)", wanted);
}

static void lines_come_whole_however_they_are_cut(void **state)
{
	(void)state;
	static const char text[] = "one\n\ntwo\r\nthr\0ee\nend";
	for (size_t piece = 1; piece < sizeof text; piece++) {
		struct lepton__intake in = {0};
		char got[128] = "";
		for (size_t at = 0; at < sizeof text - 1; at += piece) {
			size_t size = sizeof text - 1 - at < piece ? sizeof text - 1 - at : piece;
			bool cut;
			feed(&in, text + at, size);
			for (char *line; (line = lepton__intake_next(&in, false, &cut));)
				snprintf(got + strlen(got), sizeof got - strlen(got), "[%s]", line);
		}
		assert_string_equal(got, "[one][][two\r][thr ee]");
		expect_line(&in, false, NULL);
		expect_line(&in, true, "end");
		expect_line(&in, true, NULL);
		lepton__intake_clear(&in);
	}
}

static void a_giant_line_is_cut_and_the_next_is_whole(void **state)
{
	(void)state;
	struct lepton__intake in = {0};
	static char block[4096];
	int whole = 0, cuts = 0;
	bool cut;
	memset(block, 'x', sizeof block);
	for (int i = 0; i < 1000; i++) {
		feed(&in, block, i == 999 ? 10 : sizeof block);
		for (char *line; (line = lepton__intake_next(&in, false, &cut));) {
			whole++;
			cuts += cut;
			assert_int_equal(strlen(line), LEPTON__LINE_ROOM);
		}
	}
	assert_int_equal(whole, 1);
	assert_int_equal(cuts, 1);
	feed(&in, "\nnext\n", 6);
	expect_line(&in, false, "next");
	lepton__intake_clear(&in);
}

static void lines_are_made_plain(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"plain", "plain"}, {"\x1b[31mred\x1b[0m!", "red!"},
		{"10%\r50%\r100%", "100%"}, {"done\r", "done"},
		{"a\tb\x01"
		 "c",
			"a b c"},
		{"\x1b]0;title\x07text", "text"}, {"\x1b[2J\x1b[H", ""}, {"ends \x1b", "ends"},
		{"ends \x1b[", "ends"}, {"  in", "  in"}, {"", ""}};
	char out[64];
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		lepton__intake_clean(pairs[i][0], out, sizeof out);
		assert_string_equal(out, pairs[i][1]);
	}
	lepton__intake_clean("0123456789ä", out, 12); /* no half of a character */
	assert_string_equal(out, "0123456789");
}

/* ---- messages ---- */

static struct lepton__message message;
static struct lepton_report report;

static void tell(const char *text)
{
	char line[512];
	snprintf(line, sizeof line, "%s", text);
	lepton__message_read(line, &message, &report);
}

static void figures_are_understood(void **state)
{
	(void)state;
	tell("  {\"step\": 10, \"loss\": 0.4, \"accuracy\": 0.9, \"epoch\": 1.5, \"val_loss\": 0.5, "
	     "\"val_accuracy\": 0.8, "
	     "\"test_loss\": 0.6, \"test_accuracy\": 0.7, \"samples_per_second\": 1e4, \"other\": [1]}\r");
	assert_true(message.ours && message.figures);
	assert_string_equal(message.fault, "");
	assert_int_equal(report.step, 10);
	assert_float_equal(report.loss, 0.4, 0);
	assert_float_equal(report.accuracy, 0.9, 0);
	assert_float_equal(report.epoch, 1.5, 0);
	assert_float_equal(report.val_loss, 0.5, 0);
	assert_float_equal(report.val_accuracy, 0.8, 0);
	assert_float_equal(report.test_loss, 0.6, 0);
	assert_float_equal(report.test_accuracy, 0.7, 0);
	assert_float_equal(report.samples_per_second, 1e4, 0);
	tell("{\"message\": \"half way\", \"weights\": \"w.safetensors\"}");
	assert_true(message.ours && !message.figures);
	assert_string_equal(message.text, "half way");
	assert_string_equal(message.weights, "w.safetensors");
}

static void what_is_not_known_is_left_out(void **state)
{
	(void)state;
	tell("{\"loss\": null, \"step\": 3}");
	assert_true(message.ours && isnan(report.loss) && !report.diverged);
	assert_int_equal(report.step, 3);
	static const char *const plain[] = {"", "loss 0.4", "{", "{}", "[1]", "{\"lr\": 1}", "null",
		"{\"loss\": 1} tail", "{\"loss\":", "{\"loss\": nan}", "{\"a\": \"\\\"", "{{{{{{{{"};
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		tell(plain[i]);
		assert_false(message.ours);
	}
}

static void values_of_the_wrong_kind_are_named(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"{\"step\": \"ten\"}", "\"step\" takes a number"},
		{"{\"step\": -1}", "\"step\" takes a whole number from 0"},
		{"{\"step\": 1.5}", "\"step\" takes a whole number from 0"},
		{"{\"step\": 1e300}", "\"step\" takes a whole number from 0"},
		{"{\"step\": NaN}", "\"step\" takes a whole number from 0"},
		{"{\"epoch\": -2}", "\"epoch\" takes a number from 0"},
		{"{\"accuracy\": 97.5}", "\"accuracy\" takes a share from 0 to 1"},
		{"{\"val_accuracy\": -0.1}", "\"val_accuracy\" takes a share from 0 to 1"},
		{"{\"loss\": {}}", "\"loss\" takes a number"},
		{"{\"loss\": true}", "\"loss\" takes a number"},
		{"{\"message\": 1}", "\"message\" takes a string"},
		{"{\"weights\": \"\"}", "\"weights\" takes the path of a file"}};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		tell(pairs[i][0]);
		assert_true(message.ours);
		assert_string_equal(message.fault, pairs[i][1]);
	}
	tell("{\"step\": 5, \"accuracy\": 97, \"loss\": 0.25}"); /* the others count */
	assert_int_equal(report.step, 5);
	assert_float_equal(report.loss, 0.25, 0);
	assert_true(isnan(report.accuracy));
}

static void a_loss_that_is_no_number_is_divergence(void **state)
{
	(void)state;
	static const char *const lines[] = {"{\"loss\": NaN, \"step\": 4}",
		"{\"step\": 4, \"loss\": Infinity}", "{\"step\": 4, \"loss\": -Infinity}",
		"{\"step\": 4, \"loss\": 1e999}",
		"{\"step\": 4, \"message\": \"NaN \\\" Infinity\", \"loss\": NaN}"};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		tell(lines[i]);
		assert_true(message.ours && report.diverged);
		assert_int_equal(report.step, 4);
		assert_string_equal(message.fault, "");
	}
	assert_string_equal(message.text, "NaN \" Infinity");
	tell("{\"val_loss\": NaN}");
	assert_true(message.ours && !report.diverged && isnan(report.val_loss));
}

/* ---- safetensors ---- */

static char path[] = "/tmp/lepton-test-XXXXXX";

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}
static int drop_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_file(const void *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static size_t build(char *out, size_t size, const char *header, const void *data, size_t bytes)
{
	uint64_t length = strlen(header);
	assert_true(8 + length + bytes <= size);
	for (int i = 0; i < 8; i++)
		out[i] = (char)(length >> 8 * i);
	memcpy(out + 8, header, length);
	memcpy(out + 8 + length, data, bytes);
	return 8 + length + bytes;
}

static int read_with(const char *header, const void *data, size_t bytes, struct lepton_params **params,
	struct lepton_error *err)
{
	static char file[4096];
	write_file(file, build(file, sizeof file, header, data, bytes));
	*err = (struct lepton_error){0};
	return lepton__safetensors_read(path, params, err);
}

static void every_type_becomes_float32(void **state)
{
	(void)state;
	static const struct {
		const char *type;
		uint8_t bytes[8];
		int size;
		float value;
	} cases[] = {{"F32", {0, 0, 0xc0, 0x3f}, 4, 1.5f}, {"F64", {0, 0, 0, 0, 0, 0, 0xf8, 0x3f}, 8, 1.5f},
		{"F16", {0x00, 0x3e}, 2, 1.5f}, {"F16", {0x00, 0xc0}, 2, -2},
		{"F16", {0x01, 0x00}, 2, 5.9604645e-8f}, {"F16", {0xff, 0x7b}, 2, 65504},
		{"F16", {0x00, 0x7c}, 2, INFINITY}, {"BF16", {0xc0, 0x3f}, 2, 1.5f},
		{"I64", {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 8, -2},
		{"I32", {7, 1, 0, 0}, 4, 263}, {"I16", {0xff, 0xff}, 2, -1}, {"I8", {0x80}, 1, -128},
		{"U8", {0x80}, 1, 128}, {"BOOL", {1}, 1, 1}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char header[160];
		struct lepton_params *p;
		struct lepton_error err;
		snprintf(header, sizeof header,
			"{\"__metadata__\":{\"format\":\"pt\"},\"w\":{\"dtype\":\"%s\",\"shape\":[1],\"data_"
			"offsets\":[0,%d]}}",
			cases[i].type, cases[i].size);
		assert_int_equal(read_with(header, cases[i].bytes, (size_t)cases[i].size, &p, &err), 0);
		assert_int_equal(lepton_params_count(p), 1);
		assert_int_equal(lepton_params_at(p, 0)->dtype, LEPTON_F32);
		float got = *(const float *)lepton_params_at(p, 0)->data;
		assert_memory_equal(&got, &cases[i].value, sizeof got);
		lepton_params_release(p);
	}
}

#define GOOD                                                                                                 \
	"{\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]},\"a\":{\"dtype\":\"F32\","        \
	"\"shape\":[2,2],"                                                                                   \
	"\"data_offsets\":[0,16]},\"s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[24,28]}}"
static const float numbers[7] = {1, 2, 3, 4, 5, 6, 7};

static void shapes_and_places_are_kept(void **state)
{
	(void)state;
	struct lepton_params *p;
	struct lepton_error err;
	assert_int_equal(read_with(GOOD, numbers, sizeof numbers, &p, &err), 0);
	assert_int_equal(lepton_params_count(p), 3);
	assert_string_equal(lepton_params_at(p, 0)->name, "b");
	assert_memory_equal(lepton_params_find(p, "a")->data, numbers, 16);
	assert_memory_equal(lepton_params_find(p, "b")->data, numbers + 4, 8);
	assert_int_equal(lepton_params_find(p, "a")->shape.rank, 2);
	assert_int_equal(lepton_params_find(p, "s")->shape.rank, 0);
	lepton_params_release(p);
}

static void damaged_files_are_refused(void **state)
{
	(void)state;
	static const char *const headers[][2] = {{"[]", "no safetensors file"}, {"{}", "no tensors"},
		{"{\"w\":1}", "type"}, {"{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", "no shape"},
		{"{\"w\":{\"dtype\":\"F9\",\"shape\":[1],\"data_offsets\":[0,4]}}", "type that is not known"},
		{"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,400]}}", "outside the file"},
		{"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,4]}}", "outside the file"},
		{"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", "outside the file"},
		{"{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "bytes of its shape"},
		{"{\"w\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "impossible shape"},
		{"{\"w\":{\"dtype\":\"F32\",\"shape\":[0.5],\"data_offsets\":[0,4]}}", "impossible shape"},
		{"{\"w\":{\"dtype\":\"F32\",\"shape\":[4000000000,4000000000,4000000000],\"data_offsets\":[0,"
		 "4]}}",
			"bytes of its shape"},
		{"{\"w\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}",
			"6 dimensions"},
		{"{\"\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "name"},
		{"{\"0123456789012345678901234567890123456789012345678901234567890123\":{\"dtype\":\"F32\","
		 "\"shape\":[1],"
		 "\"data_offsets\":[0,4]}}",
			"name"}};
	struct lepton_params *p;
	struct lepton_error err;
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		assert_int_equal(read_with(headers[i][0], numbers, sizeof numbers, &p, &err), LEPTON_E_DATA);
		if (!strstr(err.message, headers[i][1]))
			fail_msg("\"%s\" does not say \"%s\"", err.message, headers[i][1]);
		assert_null(p);
	}
	assert_int_equal(lepton__safetensors_read("/nowhere/x", &p, &err), LEPTON_E_IO);
	assert_int_equal(lepton__safetensors_read("/dev/zero", &p, &err), LEPTON_E_DATA);
	assert_int_equal(lepton__safetensors_read("/tmp", &p, &err), LEPTON_E_DATA);
}

/* Cut at every length and with every bit turned: refused or read, never worse. */
static void no_damage_does_harm(void **state)
{
	(void)state;
	static char file[1024];
	struct lepton_params *p;
	size_t size = build(file, sizeof file, GOOD, numbers, sizeof numbers);
	for (size_t cut = 0; cut < size; cut++) {
		write_file(file, cut);
		assert_int_not_equal(lepton__safetensors_read(path, &p, NULL), 0);
	}
	for (size_t bit = 0; bit < 8 * size; bit++) {
		file[bit / 8] ^= (char)(1 << bit % 8);
		write_file(file, size);
		if (lepton__safetensors_read(path, &p, NULL) == 0)
			lepton_params_release(p);
		file[bit / 8] ^= (char)(1 << bit % 8);
	}
}

/* ---- the spec ---- */

static int parse(const char *version, struct lepton_spec *spec, struct lepton_error *err)
{
	char text[1024];
	snprintf(text, sizeof text,
		"{\"data\":{\"path\":\"d\"},\"defaults\":{\"epochs\":4,\"optimizer\":{\"name\":\"adam\"}},"
		"\"versions\":[{\"name\":\"v\","
		"\"learner\":\"external\",%s}]}",
		version);
	*err = (struct lepton_error){0};
	return lepton_spec_parse(text, strlen(text), "s.json", "/usr", spec, err);
}

static void a_spec_is_checked(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"\"priority\":1", "\"command\" is missing"},
		{"\"command\":\"train\"", "command"}, {"\"command\":[]", "command"},
		{"\"command\":[1]", "list of strings"}, {"\"command\":[\"\"]", "names no program"},
		{"\"command\":[\"x\"],\"folder\":\"\"", "\"folder\" is empty"},
		{"\"command\":[\"x\"],\"folder\":3", "folder"},
		{"\"command\":[\"x\"],\"comand\":3", "did you mean \"command\""},
		{"\"command\":[\"x\"],\"stop_seconds\":-1", "stop_seconds"}};
	struct lepton_spec spec;
	struct lepton_error err;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		assert_int_equal(parse(pairs[i][0], &spec, &err), LEPTON_E_SPEC);
		if (!strstr(err.message, pairs[i][1]) || !strstr(err.message, "s.json:1"))
			fail_msg("\"%s\" does not say \"%s\"", err.message, pairs[i][1]);
	}
}

static void programs_run_beside_the_spec(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"\"command\":[\"x\"]", "/usr"},
		{"\"command\":[\"x\"],\"folder\":\"bin\"", "/usr/bin"},
		{"\"command\":[\"x\"],\"folder\":\"/tmp\"", "/tmp"},
		{"\"command\":[\"x\"],\"folder\":\"gone\"", "/usr/gone"}};
	struct lepton_spec spec;
	struct lepton_error err;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		int code = parse(pairs[i][0], &spec, &err);
		assert_string_equal(err.message, "");
		assert_int_equal(code, 0);
		cJSON *config = cJSON_Parse(spec.versions[0].config);
		const char *folder = lepton__json_get_string(config, "folder", "(none)");
		assert_true(strstr(folder, pairs[i][1]) || i == 1); /* /usr/bin may be a link elsewhere */
		assert_int_equal(lepton__json_get_int(config, "epochs", 0), 4);
		cJSON_Delete(config);
		lepton_spec_clear(&spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_whole_however_they_are_cut),
		cmocka_unit_test(a_giant_line_is_cut_and_the_next_is_whole),
		cmocka_unit_test(lines_are_made_plain),
		cmocka_unit_test(figures_are_understood),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(values_of_the_wrong_kind_are_named),
		cmocka_unit_test(a_loss_that_is_no_number_is_divergence),
		cmocka_unit_test(every_type_becomes_float32),
		cmocka_unit_test(shapes_and_places_are_kept),
		cmocka_unit_test(damaged_files_are_refused),
		cmocka_unit_test(no_damage_does_harm),
		cmocka_unit_test(a_spec_is_checked),
		cmocka_unit_test(programs_run_beside_the_spec),
	};
	return cmocka_run_group_tests_name("external parts", tests, make_file, drop_file);
}
