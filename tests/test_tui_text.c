/* tests/test_tui_text.c - widths, cutting and padding of UTF-8, good and broken; numbers for people.
 *
 * Widths were worked out by hand from Unicode's East Asian Width; random byte strings check what must
 * hold for any input: progress, bounds, and that cut text is valid and no wider than asked.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/number.h"
#include "tui/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void test_widths(void **state)
{
	(void)state;
	assert_int_equal(lepton__text_width(""), 0);
	assert_int_equal(lepton__text_width("cnn-fast"), 8);
	assert_int_equal(lepton__text_width("größe"), 5);
	assert_int_equal(lepton__text_width("日本語"), 6);
	assert_int_equal(lepton__text_width("e\xcc\x81t"), 2); /* e with a combining acute */
	assert_int_equal(lepton__text_width("\xcc\x81"), 1);   /* a lone mark stands on a space */
	assert_int_equal(lepton__text_width("😀x"), 3);
	assert_int_equal(lepton__text_width("a\xffz"), 3);           /* one replacement a bad byte */
	assert_int_equal(lepton__text_width("\xe6\x97"), 2);         /* cut off in the middle */
	assert_int_equal(lepton__text_width("\xc0\xaf"), 2);         /* overlong */
	assert_int_equal(lepton__text_width("\xed\xa0\x80"), 3);     /* a surrogate */
	assert_int_equal(lepton__text_width("\xf4\x90\x80\x80"), 4); /* past U+10FFFF */
	assert_int_equal(lepton__text_width("\x1b[31m"), 5);         /* controls are shown, not obeyed */
	assert_int_equal(lepton__text_width("a\xe2\x80\xae"
					    "b"),
		3); /* so is a change of direction */
}

static void test_control_becomes_replacement(void **state)
{
	(void)state;
	struct lepton__glyph glyph;
	assert_int_equal(lepton__text_glyph("\x1b[0m", &glyph), 1);
	assert_int_equal(glyph.code, 0xfffd);
	assert_int_equal(lepton__text_glyph("\xc2\x9b", &glyph), 2);
	assert_int_equal(glyph.code, 0xfffd);
}

static void test_marks_beyond_two_are_dropped(void **state)
{
	(void)state;
	struct lepton__glyph glyph;
	size_t used = lepton__text_glyph("a\xcc\x80\xcc\x81\xcc\x82\xcc\x83z", &glyph);
	assert_int_equal(used, 9);
	assert_int_equal(glyph.marks[0], 0x300);
	assert_int_equal(glyph.marks[1], 0x301);
	assert_int_equal(glyph.width, 1);
}

static void check_cut(const char *text, int columns, const char *expected, int used)
{
	char out[64];
	assert_int_equal(lepton__text_cut(out, sizeof out, text, columns), used);
	assert_string_equal(out, expected);
}

static void test_cut(void **state)
{
	(void)state;
	check_cut("hello", 5, "hello", 5);
	check_cut("hello!", 5, "hell…", 5);
	check_cut("日本語", 6, "日本語", 6);
	check_cut("日本語", 5, "日本…", 5);
	check_cut("日本語", 4, "日…", 3); /* no half character */
	check_cut("日本語", 1, "", 0);
	check_cut("hello", 1, "h", 1);
	check_cut("hello", 0, "", 0);
	check_cut("e\xcc\x81te\xcc\x81s", 3, "e\xcc\x81t…", 3);
}

static void test_cut_small_buffer(void **state)
{
	(void)state;
	char out[6];
	lepton__text_cut(out, sizeof out, "日本語", 6);
	assert_string_equal(out, "日"); /* whole characters only */
}

static void test_pad(void **state)
{
	(void)state;
	char out[32];
	lepton__text_pad(out, sizeof out, "語", 4, false);
	assert_string_equal(out, "語  ");
	lepton__text_pad(out, sizeof out, "42", 5, true);
	assert_string_equal(out, "   42");
	lepton__text_pad(out, sizeof out, "too long", 4, false);
	assert_string_equal(out, "too…");
	lepton__text_pad(out, 4, "a", 10, false);
	assert_string_equal(out, "a  ");
}

static void test_wrap(void **state)
{
	(void)state;
	char line[64];
	const char *text = "one two three\nfour";
	assert_true(lepton__text_wrap(text, 8, 0, line, sizeof line));
	assert_string_equal(line, "one two");
	assert_true(lepton__text_wrap(text, 8, 1, line, sizeof line));
	assert_string_equal(line, "three");
	assert_true(lepton__text_wrap(text, 8, 2, line, sizeof line));
	assert_string_equal(line, "four");
	assert_false(lepton__text_wrap(text, 8, 3, line, sizeof line));
	assert_true(lepton__text_wrap("unbreakable", 4, 1, line, sizeof line));
	assert_string_equal(line, "eaka");
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static bool is_valid(const char *text)
{
	uint32_t code;
	for (size_t used; (used = lepton__utf8_decode(text, &code)) > 0; text += used)
		if (code == 0xfffd && used == 1)
			return false;
	return true;
}

static void test_any_bytes(void **state)
{
	(void)state;
	uint32_t seed = 7;
	static const char *const bits[] = {
		"a", "日", "\xcc\x81", "\xff", "\xe2\x82", "\x1b", " ", "\n", "😀", "\xed\xa0\x80"};
	for (int round = 0; round < 20000; round++) {
		char text[256] = "", out[256], small[9];
		for (uint32_t n = next_random(&seed) % 20; n > 0; n--)
			strncat(text, bits[next_random(&seed) % 10], 8);
		int columns = (int)(next_random(&seed) % 24), width = lepton__text_width(text);
		int used = lepton__text_cut(out, sizeof out, text, columns);
		assert_in_range(used, 0, columns);
		assert_int_equal(lepton__text_width(out), used);
		assert_true(is_valid(out));
		if (width <= columns)
			assert_int_equal(used, width);
		else if (columns >= 2)
			assert_true(used >= columns - 1);
		lepton__text_pad(out, sizeof out, text, columns, columns % 2 == 0);
		assert_int_equal(lepton__text_width(out), columns);
		lepton__text_pad(small, sizeof small, text, columns, columns % 2 == 0);
		assert_true(is_valid(small));
	}
}

static void test_ascii(void **state)
{
	(void)state;
	for (uint32_t code = 0x20; code < 0x30000; code++) {
		char c = lepton__ascii_for(code);
		assert_in_range(c, 0x20, 0x7e);
		if (code < 0x7f)
			assert_int_equal(c, (char)code);
	}
	assert_int_equal(lepton__ascii_for(0x2502), '|');
	assert_int_equal(lepton__ascii_for(0x2500), '-');
	assert_int_equal(lepton__ascii_for(0x256d), '+');
	assert_int_equal(lepton__ascii_for(0xe9), 'e');
	assert_int_equal(lepton__ascii_for(0xff), 'y');
}

static void check_number(double value, const char *expected)
{
	char out[32];
	lepton__text_number(out, sizeof out, value);
	assert_string_equal(out, expected);
	assert_true(strlen(out) <= 7);
}

static void test_numbers(void **state)
{
	(void)state;
	check_number(0, "0");
	check_number(1, "1");
	check_number(-1.5, "-1.5");
	check_number(0.5, "0.5");
	check_number(0.0031, "0.0031");
	check_number(0.1292, "0.129");
	check_number(12.34, "12.3");
	check_number(999.4, "999");
	check_number(1234, "1.23k");
	check_number(10000, "10k");
	check_number(999960, "1M");
	check_number(4.5e6, "4.5M");
	check_number(1e-9, "1e-09");
	check_number(1e300, "1e+300");
	check_number(NAN, "-");
	check_number(INFINITY, "inf");
}

static void test_numbers_near_the_truth(void **state)
{
	(void)state;
	for (double value = 1.1e-4; value < 9e14; value *= 1.0371) {
		char out[32], unit = 0;
		double read = 0, factor = 1;
		lepton__text_number(out, sizeof out, value);
		assert_true(sscanf(out, "%lf%c", &read, &unit) >= 1);
		factor = unit == 'k' ? 1e3 : unit == 'M' ? 1e6 : unit == 'G' ? 1e9 : unit == 'T' ? 1e12 : 1;
		assert_true(
			fabs(read * factor - value) <= 0.05 * value || fabs(read * factor - value) < 5e-5);
		assert_true(strlen(out) <= 7);
	}
}

static void test_durations_and_bytes(void **state)
{
	(void)state;
	char out[32];
	static const struct {
		double seconds;
		const char *text;
	} durations[] = {{0, "0s"}, {1.5, "1.5s"}, {9.96, "10s"}, {59.6, "1m00s"}, {185, "3m05s"},
		{7800, "2h10m"}, {356400, "4d03h"}, {-1, "-"}, {NAN, "-"}};
	for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
		lepton__text_duration(out, sizeof out, durations[i].seconds);
		assert_string_equal(out, durations[i].text);
	}
	lepton__text_bytes(out, sizeof out, 3400000);
	assert_string_equal(out, "3.4 MB");
	lepton__text_bytes(out, sizeof out, 12);
	assert_string_equal(out, "12 B");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_control_becomes_replacement),
		cmocka_unit_test(test_marks_beyond_two_are_dropped),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_small_buffer),
		cmocka_unit_test(test_pad),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_numbers_near_the_truth),
		cmocka_unit_test(test_durations_and_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
