/* tests/test_tui_color.c - parsing, contrast, and the nearest colours checked against a plain search here. */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tui/color.h"

#include <math.h>

static void check_parse(const char *text, int32_t expected)
{
	int32_t color = 12345;
	assert_true(lepton__color_parse(text, &color));
	assert_int_equal(color, expected);
}

static void test_parse(void **state)
{
	(void)state;
	check_parse("", LEPTON__COLOR_DEFAULT);
	check_parse("#00", 0);
	check_parse("#aF", 0xafafaf);
	check_parse("#12ABef", 0x12abef);
	check_parse("0 0 0", 0);
	check_parse("255 128 7", 0xff8007);
	static const char *const bad[] = {"#", "#1", "#123", "#12345", "#1234567", "#gg0000", "red", "1 2",
		"1 2 3 4", "256 0 0", "-1 0 0", "1,2,3", "1 2 3x", " ", "#12 ", "00001 2 3",
		"99999999999 1 1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int32_t color;
		if (lepton__color_parse(bad[i], &color))
			fail_msg("\"%s\" was taken for a colour", bad[i]);
	}
}

static void test_contrast(void **state)
{
	(void)state;
	assert_true(fabs(lepton__color_contrast(0, 0xffffff) - 21) < 1e-9);
	assert_true(fabs(lepton__color_contrast(0x777777, 0xffffff) - 4.478) <
		    0.001); /* WCAG's well-known grey */
	assert_true(fabs(lepton__color_distance(0, 0xffffff) - 100) < 0.01);
	assert_true(lepton__color_distance(0x123456, 0x123456) < 1e-12);
	for (int32_t color = 0; color < 0x1000000; color += 98765) {
		assert_true(lepton__color_contrast(lepton__color_readable(color, 0x12151c, 4.5), 0x12151c) >=
			    4.5);
		assert_true(lepton__color_contrast(lepton__color_readable(color, 0xfbfaf6, 4.5), 0xfbfaf6) >=
			    4.5);
	}
}

static void test_mix(void **state)
{
	(void)state;
	assert_int_equal(lepton__color_mix(0x000000, 0xff8040, 0), 0);
	assert_int_equal(lepton__color_mix(0x000000, 0xff8040, 1), 0xff8040);
	assert_int_equal(lepton__color_mix(0x000000, 0x204060, 0.5), 0x102030);
	assert_int_equal(lepton__color_mix(-1, 0x204060, 0.4), -1);
	assert_int_equal(lepton__color_mix(-1, 0x204060, 0.6), 0x204060);
}

/* xterm's cube and grey ramp, written down independently: levels 0, 95, 135, 175, 215, 255; greys 8, 18, …
 * 238. */
static int32_t xterm(int index)
{
	static const int level[] = {0, 95, 135, 175, 215, 255};
	if (index >= 232)
		return ((index - 232) * 10 + 8) * 0x10101;
	index -= 16;
	return level[index / 36] << 16 | level[index / 6 % 6] << 8 | level[index % 6];
}

static void test_256(void **state)
{
	(void)state;
	for (int i = 16; i < 256; i++) {
		assert_int_equal(lepton__color_from_256(i), xterm(i));
		assert_int_equal(lepton__color_from_256(lepton__color_to_256(xterm(i))), xterm(i));
	}
	for (int32_t color = 0; color < 0x1000000; color += 54321) {
		double least = 1e9, got = lepton__color_distance(color, xterm(lepton__color_to_256(color)));
		for (int i = 16; i < 256; i++)
			least = fmin(least, lepton__color_distance(color, xterm(i)));
		assert_true(got <= least);
	}
	assert_int_equal(lepton__color_to_256(-1), -1);
}

static void test_16(void **state)
{
	(void)state;
	for (int i = 0; i < 16; i++)
		assert_int_equal(lepton__color_to_16(lepton__color_from_256(i)), i);
	assert_int_equal(lepton__color_to_16(0xfe0102), 9);
	assert_int_equal(lepton__color_to_16(0x12151c), 0);
	assert_int_equal(lepton__color_to_16(-1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_contrast),
		cmocka_unit_test(test_mix),
		cmocka_unit_test(test_256),
		cmocka_unit_test(test_16),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
