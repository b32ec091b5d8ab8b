/* tests/test_labels.c - tags and notes: what changes of tags come to, by a list of cases and by sets; what is
 * refused.
 */
#include "config.h"
#include "base/labels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void changes(void **state)
{
	static const char *const cases[][3] = {/* before, changes, after */
		{"", "+big", "big"}, {"", "b a", "a b"}, {"big", "+big", "big"}, {"big", "-big", ""},
		{"a c", "+b", "a b c"}, {"a b c", "-b +d", "a c d"}, {"a b", "= c", "c"}, {"a b", "=", ""},
		{"a", "-b", "a"}, {"a", "", "a"}, {"ab", "+a +abc", "a ab abc"}, {"a", "  -a   +b  ", "b"},
		{"", "\xc3\xa4rger", "\xc3\xa4rger"}, {"a", "+b -b +b", "a b"}, {"a b", "c = d", "d"}};
	char out[LEPTON__TAGS_SIZE];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(lepton__tags_change(cases[i][0], cases[i][1], out, NULL), 0);
		assert_string_equal(out, cases[i][2]);
	}
}

/* Random changes on sixteen words, beside a set of bits. */
static void changes_are_those_of_a_set(void **state)
{
	static const char words[16][4] = {
		"a", "aa", "ab", "b", "ba", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"};
	char tags[LEPTON__TAGS_SIZE] = "", expected[LEPTON__TAGS_SIZE];
	unsigned set = 0;
	(void)state;
	srand(7);
	for (int step = 0; step < 5000; step++) {
		int which = rand() % 16, less = rand() % 2;
		char change[8];
		snprintf(change, sizeof change, "%c%s", less ? '-' : '+', words[which]);
		set = less ? set & ~(1u << which) : set | 1u << which;
		assert_int_equal(lepton__tags_change(tags, change, tags, NULL), 0);
		*expected = '\0';
		for (int i = 0; i < 16; i++)
			if (set & 1u << i) {
				strcat(expected, *expected ? " " : "");
				strcat(expected, words[i]);
			}
		assert_string_equal(tags, expected);
		assert_true(lepton__tags_have(tags, words[which], strlen(words[which])) == !less);
	}
}

static void refused(void **state)
{
	static const char *const cases[][2] = {{"+", "1 to 31 bytes"},
		{"abcdefghijklmnopqrstuvwxyz123456", "1 to 31 bytes"}, {"a,b", "a comma"},
		{"a\"b", "a quote"}, {"--a", "begins with '-'"}, {"+#1", "begins with '#'"},
		{"a\x01", "control characters"}, {"\xff", "control characters"},
		{"a\xc2\x80", "control characters"},
		{"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "at most 16 tags"}};
	char out[LEPTON__TAGS_SIZE] = "as it was";
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lepton_error err = {0};
		assert_int_equal(lepton__tags_change("", cases[i][0], out, &err), LEPTON_E_USAGE);
		if (!strstr(err.message, cases[i][1]))
			fail_msg("%s: %s", cases[i][0], err.message);
		assert_string_equal(out, "as it was");
	}
}

static void notes(void **state)
{
	char longest[LEPTON__NOTE_BYTES + 2];
	(void)state;
	memset(longest, 'x', sizeof longest);
	longest[LEPTON__NOTE_BYTES] = '\0';
	assert_int_equal(lepton__note_check(longest, NULL), 0);
	longest[LEPTON__NOTE_BYTES] = 'x';
	longest[LEPTON__NOTE_BYTES + 1] = '\0';
	assert_int_equal(lepton__note_check(longest, NULL), LEPTON_E_USAGE);
	assert_int_equal(lepton__note_check("", NULL), 0);
	assert_int_equal(lepton__note_check("two\nlines\tand a tab, \xe4\xb8\xad", NULL), 0);
	assert_int_equal(lepton__note_check("a bell\a", NULL), LEPTON_E_USAGE);
	assert_int_equal(lepton__note_check("an escape\033[2J", NULL), LEPTON_E_USAGE);
	assert_int_equal(lepton__note_check("cut \xe4\xb8", NULL), LEPTON_E_USAGE);
}

static void of_a_spec(void **state)
{
	static const char *const bad[] = {"{\"tags\":\"a\"}", "{\"tags\":[1]}", "{\"tags\":[\"\"]}",
		"{\"tags\":[\"-a\"]}", "{\"tags\":[\"=\"]}", "{\"note\":3}", "{\"note\":\"\\u0007\"}"};
	char tags[LEPTON__TAGS_SIZE];
	const char *note;
	(void)state;
	cJSON *good = cJSON_Parse("{\"tags\":[\"b\",\"a\",\"b\"],\"note\":\"so\"}");
	assert_int_equal(lepton__labels_read(good, tags, &note, NULL), 0);
	assert_string_equal(tags, "a b");
	assert_string_equal(note, "so");
	cJSON_Delete(good);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		cJSON *config = cJSON_Parse(bad[i]);
		assert_int_equal(lepton__labels_read(config, tags, &note, NULL), LEPTON_E_USAGE);
		cJSON_Delete(config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes),
		cmocka_unit_test(changes_are_those_of_a_set),
		cmocka_unit_test(refused),
		cmocka_unit_test(notes),
		cmocka_unit_test(of_a_spec),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
