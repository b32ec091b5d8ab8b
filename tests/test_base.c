/* tests/test_base.c - the base room: names, buffers, JSON numbers, files under failing calls, options. */
#include "base/buffer.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/memory.h"
#include "lepton/option.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static void names_are_cut_between_characters(void **state)
{
	(void)state;
	char out[6];
	lepton__copy_name(out, sizeof out, "ab\xC3\xA9\xC3\xA9"); /* abéé: 6 bytes, the last é does not fit */
	assert_string_equal(out, "ab\xC3\xA9");
	lepton__copy_name(out, sizeof out, "abcdef");
	assert_string_equal(out, "abcde");
}

static void overflowing_sizes_are_refused(void **state)
{
	(void)state;
	assert_null(lepton__calloc(SIZE_MAX / 2, 3));
	assert_null(lepton__aligned(SIZE_MAX / 2, 3));
	assert_null(lepton__realloc(NULL, SIZE_MAX / 2, 3));
}

static void buffers_keep_to_their_maximum(void **state)
{
	(void)state;
	struct lepton__buffer b;
	lepton__buffer_init(&b, 5);
	lepton__buffer_string(&b, "abc");
	lepton__buffer_printf(&b, "%d", 45);
	assert_false(b.failed);
	assert_string_equal(b.data, "abc45");
	lepton__buffer_string(&b, "6");
	assert_true(b.failed);
	assert_null(lepton__buffer_take(&b));
}

static void cursors_stop_at_the_end(void **state)
{
	(void)state;
	struct lepton__buffer b;
	lepton__buffer_init(&b, 100);
	lepton__buffer_u16(&b, 0xBEEF);
	lepton__buffer_u64(&b, 0x0123456789ABCDEFu);
	lepton__buffer_f32(&b, -1.5f);
	struct lepton__cursor c = {(const uint8_t *)b.data, b.size, false};
	assert_int_equal(lepton__cursor_u16(&c), 0xBEEF);
	assert_true(lepton__cursor_u64(&c) == 0x0123456789ABCDEFu);
	assert_true(fabsf(lepton__cursor_f32(&c) + 1.5f) <= 0);
	assert_false(c.failed);
	assert_int_equal(lepton__cursor_u8(&c), 0);
	assert_true(c.failed);
	lepton__buffer_free(&b);
}

/* strtod is the oracle: what is printed reads back to the same bits. */
static void numbers_round_trip(void **state)
{
	(void)state;
	const double cases[] = {0, -0.0, 1, 0.1, 1e300, 5e-324, 1.0 / 3, 123456789.123456789, -2.5e-8};
	struct lepton__buffer b;
	lepton__buffer_init(&b, 1000);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		b.size = 0;
		lepton__json_number(&b, cases[i]);
		double back = strtod(b.data, NULL);
		assert_memory_equal(&back, &cases[i], sizeof back);
	}
	for (uint32_t bits = 1; bits < 0x7F000000u; bits = bits * 3 / 2 + 7919) {
		float value, back;
		memcpy(&value, &bits, sizeof value);
		b.size = 0;
		lepton__json_float(&b, value);
		back = strtof(b.data, NULL);
		assert_memory_equal(&back, &value, sizeof back);
	}
	b.size = 0;
	lepton__json_number(&b, NAN);
	assert_string_equal(b.data, "null");
	lepton__buffer_free(&b);
}

static void strings_are_valid_json(void **state)
{
	(void)state;
	struct lepton__buffer b;
	lepton__buffer_init(&b, 1000);
	lepton__json_string(&b, "a\"\\\n\x01\xFFz\xE2\x82\xAC\xED\xA0\x80");
	assert_string_equal(b.data,
		"\"a\\\"\\\\\\n\\u0001\xEF\xBF\xBDz\xE2\x82\xAC\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
	cJSON *parsed = cJSON_Parse(b.data);
	assert_true(cJSON_IsString(parsed));
	cJSON_Delete(parsed);
	lepton__buffer_free(&b);
}

static void merging_is_deep(void **state)
{
	(void)state;
	cJSON *under = cJSON_Parse("{\"a\":{\"x\":1,\"y\":2},\"b\":[1,2],\"c\":3}");
	cJSON *over = cJSON_Parse("{\"a\":{\"y\":5,\"z\":6},\"b\":[9],\"d\":null}");
	assert_true(lepton__json_merge(under, over));
	char *text = lepton__json_text(under);
	assert_string_equal(text, "{\"a\":{\"x\":1,\"y\":5,\"z\":6},\"b\":[9],\"c\":3,\"d\":null}");
	lepton__free(text);
	cJSON_Delete(under);
	cJSON_Delete(over);
}

/* RFC 7693's algorithm with a 32-byte digest; the value is `b2sum -l 256` of "abc". */
static void hashes_are_blake2b(void **state)
{
	(void)state;
	char hex[65];
	lepton__hash_of("abc", 3, hex);
	assert_string_equal(hex, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

/* ---- files: each call in turn fails, and the old file is still there or the new one is --------- */

static int countdown;

static int failing(void)
{
	if (--countdown == 0) {
		errno = ENOSPC;
		return 1;
	}
	return 0;
}

static struct lepton__io real;

static int bad_open(const char *path, int flags, mode_t mode)
{
	return failing() ? -1 : real.open(path, flags, mode);
}

static ssize_t bad_write(int fd, const void *bytes, size_t size)
{
	return failing() ? -1 : real.write(fd, bytes, size > 3 ? 3 : size); /* short writes too */
}

static int bad_fsync(int fd)
{
	return failing() ? -1 : real.fsync(fd);
}

static int bad_rename(const char *from, const char *to)
{
	return failing() ? -1 : real.rename(from, to);
}

static void files_are_old_or_new(void **state)
{
	(void)state;
	char folder[] = "/tmp/lepton-base-XXXXXX", *text;
	size_t size;
	assert_non_null(mkdtemp(folder));
	char *path = lepton__path_join(folder, "file");
	struct lepton_error err;
	assert_int_equal(lepton__file_write(path, "old", 3, 0600, NULL), 0);
	real = lepton__io;
	lepton__io.open = bad_open;
	lepton__io.write = bad_write;
	lepton__io.fsync = bad_fsync;
	lepton__io.rename = bad_rename;
	int code = -1, tries = 0;
	while (code) {
		assert_true(++tries < 30);
		countdown = tries;
		code = lepton__file_write(path, "the new one", 11, 0600, &err);
		countdown = 1000;
		if (code) {
			assert_int_equal(code, LEPTON_E_IO);
			assert_non_null(strstr(err.message, "No space left"));
		}
		assert_int_equal(lepton__file_read(path, 100, &text, &size, NULL), 0);
		assert_true(!strcmp(text, "old") || !strcmp(text, "the new one"));
		if (!code)
			assert_string_equal(text, "the new one");
		lepton__free(text);
	}
	lepton__io = real;
	assert_true(tries > 6); /* create, four writes, fsync, rename, folder: all were made to fail */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0); /* no temporary was left behind */
	lepton__free(path);
}

/* ---- files that are no files: what is there stays what it is ------------------------------------ */

static int write_text(const char *path, const char *text, struct lepton_error *err)
{
	return lepton__file_write(path, text, strlen(text), 0600, err);
}

static mode_t kind_of(const char *path)
{
	struct stat info;
	assert_int_equal(lstat(path, &info), 0);
	return info.st_mode & S_IFMT;
}

static void expect_text(const char *path, const char *expected)
{
	char *text;
	size_t size;
	assert_int_equal(lepton__file_read(path, 100, &text, &size, NULL), 0);
	assert_string_equal(text, expected);
	lepton__free(text);
}

/* `lepton export -o PIPE` once put a file in the pipe's place. */
static void pipes_stay_pipes(void **state)
{
	(void)state;
	char folder[] = "/tmp/lepton-base-XXXXXX", got[16] = "";
	assert_non_null(mkdtemp(folder));
	char *pipe = lepton__path_join(folder, "pipe"), *link = lepton__path_join(folder, "link");
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(symlink("pipe", link), 0);
	int reader = open(pipe, O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	assert_int_equal(write_text(pipe, "one", NULL), 0);
	assert_int_equal(write_text(link, "two", NULL), 0);
	assert_int_equal(read(reader, got, sizeof got), 6);
	assert_string_equal(got, "onetwo");
	assert_int_equal(kind_of(pipe), S_IFIFO);
	assert_int_equal(kind_of(link), S_IFLNK);
	assert_int_equal(close(reader), 0);
	assert_int_equal(unlink(pipe), 0);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(folder), 0); /* no temporary was left behind */
	lepton__free(pipe);
	lepton__free(link);
}

static void links_are_followed(void **state)
{
	(void)state;
	char folder[] = "/tmp/lepton-base-XXXXXX";
	struct lepton_error err;
	assert_non_null(mkdtemp(folder));
	char *file = lepton__path_join(folder, "file"), *link = lepton__path_join(folder, "link");
	assert_int_equal(symlink("file", link), 0);
	assert_int_equal(write_text(link, "new", &err), LEPTON_E_IO);
	assert_non_null(strstr(err.message, "a link to what is not there"));
	assert_int_equal(write_text(file, "old", NULL), 0);
	assert_int_equal(write_text(link, "new", NULL), 0);
	assert_int_equal(kind_of(link), S_IFLNK);
	expect_text(file, "new");
	assert_int_equal(write_text(folder, "new", &err), LEPTON_E_IO);
	assert_non_null(strstr(err.message, "it is a folder"));
	assert_int_equal(unlink(file), 0);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(folder), 0);
	lepton__free(file);
	lepton__free(link);
}

/* As a shell's `>> FILE` has it: what was there stays, and what comes later follows. */
static void standard_output_is_written_on(void **state)
{
	(void)state;
	char path[] = "/tmp/lepton-base-XXXXXX", name[32];
	int file = mkstemp(path), kept = dup(STDOUT_FILENO);
	snprintf(name, sizeof name, "/proc/self/fd/%d", STDOUT_FILENO);
	assert_true(file >= 0 && kept >= 0);
	assert_int_equal(fflush(stdout), 0);
	assert_int_equal(write(file, "one ", 4), 4);
	assert_int_equal(dup2(file, STDOUT_FILENO), STDOUT_FILENO);
	int code = write_text(name, "two ", NULL);
	assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(code, 0);
	assert_int_equal(write(file, "three", 5), 5);
	expect_text(path, "one two three");
	assert_int_equal(close(file), 0);
	assert_int_equal(close(kept), 0);
	assert_int_equal(unlink(path), 0);
}

/* ---- messages --------------------------------------------------------------------------------- */

static void messages_are_one_plain_line(void **state)
{
	(void)state;
	struct lepton_error err;
	lepton_error_set(&err, LEPTON_E_DATA, "%s", "a\nb\x1b[2J\x7f \xC3\xA9 \xC3 \xED\xA0\x80");
	assert_string_equal(err.message, "a b [2J  \xC3\xA9 ? ???");
}

static void large_files_are_refused(void **state)
{
	(void)state;
	char *text;
	size_t size;
	struct lepton_error err;
	assert_int_equal(lepton__file_read("/proc/self/status", 10, &text, &size, &err), LEPTON_E_DATA);
	assert_int_equal(lepton__file_read("/nonexistent/x", 10, &text, &size, &err), LEPTON_E_IO);
	assert_non_null(strstr(err.message, "/nonexistent/x"));
}

/* ---- options ------------------------------------------------------------------------------------ */

static const struct lepton_option table[] = {
	{"alpha", LEPTON_OPTION_NUMBER, 0.5, 0, 1, NULL, "a share"},
	{"bits", LEPTON_OPTION_INTEGER, 8, 2, 8, NULL, "bits"},
	{"fit", LEPTON_OPTION_CHOICE, 0, 0, 0, "least_squares|given", "how"},
	{"bias", LEPTON_OPTION_BOOL, 1, 0, 1, NULL, "biases too"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static void expect_option_fault(const char *json, const char *part)
{
	struct lepton_error err = {0};
	assert_int_equal(lepton_options_check(table, json, "delta", &err), LEPTON_E_USAGE);
	if (!strstr(err.message, part))
		fail_msg("\"%s\" lacks \"%s\"", err.message, part);
}

static void options_are_checked(void **state)
{
	(void)state;
	assert_int_equal(
		lepton_options_check(
			table, "{\"alpha\":0.25,\"bits\":4,\"fit\":\"given\",\"bias\":false}", "delta", NULL),
		0);
	assert_int_equal(lepton_options_check(table, NULL, "delta", NULL), 0);
	expect_option_fault("{\"alfa\":1}", "did you mean \"alpha\"");
	expect_option_fault("{\"zzzzzz\":1}", "it takes alpha, bits, fit, bias");
	expect_option_fault("{\"alpha\":2}", "goes from 0 to 1");
	expect_option_fault("{\"alpha\":\"x\"}", "takes a number");
	expect_option_fault("{\"bits\":3.5}", "whole number");
	expect_option_fault("{\"fit\":\"least\"}", "least_squares|given");
	expect_option_fault("{\"bias\":1}", "true or false");
	expect_option_fault("[1]", "not a JSON object");
	expect_option_fault("{\"a", "not a JSON object");
}

static void options_have_defaults(void **state)
{
	(void)state;
	char word[32];
	lepton_options_choice(table, "{}", "fit", word, sizeof word);
	assert_string_equal(word, "least_squares");
	lepton_options_choice(table, "{\"fit\":\"given\"}", "fit", word, sizeof word);
	assert_string_equal(word, "given");
	assert_true(fabs(lepton_options_number(table, NULL, "alpha") - 0.5) < 1e-12);
	assert_true(fabs(lepton_options_number(table, "{\"alpha\":0.125}", "alpha") - 0.125) < 1e-12);
	assert_true(lepton_options_given("{\"alpha\":0.5}", "alpha"));
	assert_false(lepton_options_given("{}", "alpha"));
}

static void near_words_are_suggested(void **state)
{
	(void)state;
	const char *const words[] = {"average", "weighted", "slerp"};
	assert_string_equal(lepton_suggest("avrage", words, 3), "average");
	assert_string_equal(lepton_suggest("wieghted", words, 3), "weighted");
	assert_null(lepton_suggest("elephant", words, 3));
	assert_null(lepton_suggest("", words, 3));
}

static void exit_codes_follow_the_manual(void **state)
{
	(void)state;
	assert_int_equal(lepton_error_exit_code(0), 0);
	assert_int_equal(lepton_error_exit_code(LEPTON_E_SPEC), 2);
	assert_int_equal(lepton_error_exit_code(LEPTON_E_DATA), 1);
	struct lepton_error err;
	lepton_error_set(&err, LEPTON_E_IO, "a\nb %d", 3);
	assert_string_equal(err.message, "a b 3"); /* one line, whatever a file name holds */
	assert_int_equal(lepton_error_prefix(&err, "x"), LEPTON_E_IO);
	assert_string_equal(err.message, "x: a b 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_cut_between_characters),
		cmocka_unit_test(overflowing_sizes_are_refused),
		cmocka_unit_test(buffers_keep_to_their_maximum),
		cmocka_unit_test(cursors_stop_at_the_end),
		cmocka_unit_test(numbers_round_trip),
		cmocka_unit_test(strings_are_valid_json),
		cmocka_unit_test(merging_is_deep),
		cmocka_unit_test(hashes_are_blake2b),
		cmocka_unit_test(files_are_old_or_new),
		cmocka_unit_test(pipes_stay_pipes),
		cmocka_unit_test(links_are_followed),
		cmocka_unit_test(standard_output_is_written_on),
		cmocka_unit_test(messages_are_one_plain_line),
		cmocka_unit_test(large_files_are_refused),
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(options_have_defaults),
		cmocka_unit_test(near_words_are_suggested),
		cmocka_unit_test(exit_codes_follow_the_manual),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
