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

/* Table 1 of Sharma, Wu and Dalal (2005), see color_difference.c: two L*a*b* colours and their difference. */
static const struct {
	struct lepton__lab one, two;
	double difference;
} pairs[] = {
	{{50.0000, 2.6772, -79.7751}, {50.0000, 0.0000, -82.7485}, 2.0425},
	{{50, 3.1571, -77.2803}, {50, 0, -82.7485}, 2.8615},
	{{50, 2.8361, -74.0200}, {50, 0, -82.7485}, 3.4412},
	{{50, -1.3802, -84.2814}, {50, 0, -82.7485}, 1.0000},
	{{50, -1.1848, -84.8006}, {50, 0, -82.7485}, 1.0000},
	{{50, -0.9009, -85.5211}, {50, 0, -82.7485}, 1.0000},
	{{50, 0, 0}, {50, -1, 2}, 2.3669},
	{{50, -1, 2}, {50, 0, 0}, 2.3669},
	{{50, 2.4900, -0.0010}, {50, -2.4900, 0.0009}, 7.1792},
	{{50, 2.49, -0.001}, {50, -2.49, 0.0010}, 7.1792},
	{{50, 2.49, -0.001}, {50, -2.49, 0.0011}, 7.2195},
	{{50, 2.49, -0.001}, {50, -2.49, 0.0012}, 7.2195},
	{{50, -0.0010, 2.4900}, {50, 0.0009, -2.4900}, 4.8045},
	{{50, -0.001, 2.49}, {50, 0.0010, -2.49}, 4.8045},
	{{50, -0.001, 2.49}, {50, 0.0011, -2.49}, 4.7461},
	{{50, 2.5, 0}, {50, 0, -2.5}, 4.3065},
	{{50, 2.5, 0}, {73, 25, -18}, 27.1492},
	{{50, 2.5, 0}, {61, -5, 29}, 22.8977},
	{{50, 2.5, 0}, {56, -27, -3}, 31.9030},
	{{50, 2.5, 0}, {58, 24, 15}, 19.4535},
	{{50, 2.5, 0}, {50, 3.1736, 0.5854}, 1.0000},
	{{50, 2.5, 0}, {50, 3.2972, 0}, 1.0000},
	{{50, 2.5, 0}, {50, 1.8634, 0.5757}, 1.0000},
	{{50, 2.5, 0}, {50, 3.2592, 0.3350}, 1.0000},
	{{60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}, 1.2644},
	{{63.0109, -31.0961, -5.8663}, {62.8187, -29.7946, -4.0864}, 1.2630},
	{{61.2901, 3.7196, -5.3901}, {61.4292, 2.2480, -4.9620}, 1.8731},
	{{35.0831, -44.1164, 3.7933}, {35.0232, -40.0716, 1.5901}, 1.8645},
	{{22.7233, 20.0904, -46.6940}, {23.0331, 14.9730, -42.5619}, 2.0373},
	{{36.4612, 47.8580, 18.3852}, {36.2715, 50.5065, 21.2231}, 1.4146},
	{{90.8027, -2.0831, 1.4410}, {91.1528, -1.6435, 0.0447}, 1.4441},
	{{90.9257, -0.5406, -0.9208}, {88.6381, -0.8985, -0.7239}, 1.5381},
	{{6.7747, -0.2908, -2.4247}, {5.8714, -0.0985, -2.2286}, 0.6377},
	{{2.0776, 0.0795, -1.1350}, {0.9033, -0.0636, -0.5514}, 0.9082},
};

static void test_ciede2000(void **state)
{
	(void)state;
	assert_int_equal(sizeof pairs / sizeof *pairs, 34);
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		double there = lepton__lab_difference(pairs[i].one, pairs[i].two),
		       back = lepton__lab_difference(pairs[i].two, pairs[i].one);
		if (fabs(there - pairs[i].difference) > 6e-5 || fabs(there - back) > 1e-9)
			fail_msg("pair %zu: %.5f there, %.5f back, not %.4f", i + 1, there, back,
				pairs[i].difference);
	}
	assert_true(fabs(lepton__color_difference(0, 0xffffff) - 100) < 0.01);
	assert_true(lepton__color_difference(0x123456, 0x123456) < 1e-12);
	assert_true(lepton__color_difference(-1, 0x123456) > 99 && lepton__color_difference(-1, -1) < 1);
}

/* Pure sRGB red, by hand: X, Y, Z are the first column of the matrix. */
static void test_lab(void **state)
{
	(void)state;
	struct lepton__lab red = lepton__color_lab(0xff0000), white = lepton__color_lab(0xffffff);
	assert_true(fabs(red.l - 53.24) < 0.01 && fabs(red.a - 80.09) < 0.01 && fabs(red.b - 67.20) < 0.01);
	assert_true(fabs(white.l - 100) < 1e-3 && hypot(white.a, white.b) < 0.02);
}

/* Greys stay as they are to everybody; red and green that differ only in hue become alike to two of three. */
static void test_seen(void **state)
{
	(void)state;
	for (int eyes = 0; eyes < LEPTON__EYES; eyes++) {
		assert_int_equal(lepton__color_seen(0x808080, (enum lepton__eyes)eyes), 0x808080);
		assert_int_equal(lepton__color_seen(-1, (enum lepton__eyes)eyes), -1);
	}
	static const int32_t red = 0xc26a5e, green = 0x7a9450;
	double plain = lepton__color_difference(red, green);
	for (int eyes = LEPTON__PROTANOPE; eyes <= LEPTON__DEUTERANOPE; eyes++)
		assert_true(lepton__color_difference(lepton__color_seen(red, (enum lepton__eyes)eyes),
				    lepton__color_seen(green, (enum lepton__eyes)eyes)) < plain / 2);
	assert_int_equal(lepton__color_seen(0xffb000, LEPTON__TRICHROMAT), 0xffb000);
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
	for (int32_t grey = 0, before = 0; grey < 256; grey++) {
		int index = lepton__color_to_16(grey * 0x010101);
		assert_true(index == 0 || index == 7 || index == 8 || index == 15);
		assert_true((lepton__color_from_256(index) & 0xff) >= before); /* the order of the shades */
		before = lepton__color_from_256(index) & 0xff;
	}
	/* All that has a clear colour keeps one: of three channels one full, one low, one anywhere between.
	 */
	for (int32_t between = 0x30; between < 256; between++) {
		const int32_t clear[] = {0xff3000 | between, 0xff0030 | between << 8, 0x30ff00 | between,
			0x00ff30 | between << 16, 0x3000ff | between << 8, 0x0030ff | between << 16};
		for (size_t i = 0; i < sizeof clear / sizeof *clear; i++) {
			int index = lepton__color_to_16(clear[i]);
			assert_false(index == 0 || index == 7 || index == 8 || index == 15);
		}
	}
	assert_int_equal(lepton__color_to_16(0xc792ea), 13); /* the end of a meter of the default theme */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_contrast),
		cmocka_unit_test(test_mix),
		cmocka_unit_test(test_ciede2000),
		cmocka_unit_test(test_lab),
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_256),
		cmocka_unit_test(test_16),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
