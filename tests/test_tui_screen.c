/* tests/test_tui_screen.c - the grid, the canvas and the small widgets, as text one can read here.
 *
 * A reference grid of plain code points checks that wide characters never leave halves behind, whatever is
 * written over them. Saved pictures are checked as files: text exactly, ANSI and SVG by their structure.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tui/boxes.h"
#include "tui/canvas.h"
#include "tui/sparkline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct lepton__style plain = {LEPTON__COLOR_DEFAULT, LEPTON__COLOR_DEFAULT, 0};

static struct lepton__screen *make_screen(int rows, int cols, enum lepton__glyphs glyphs)
{
	struct lepton__screen *screen;
	assert_int_equal(lepton__screen_new(rows, cols, glyphs, &screen, NULL), 0);
	return screen;
}

static void check_text(const struct lepton__screen *screen, const char *expected)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 20);
	lepton__screen_to_text(screen, &out);
	assert_false(out.failed);
	assert_string_equal(out.data, expected);
	lepton__buffer_free(&out);
}

static void test_text(void **state)
{
	(void)state;
	struct lepton__screen *screen = make_screen(3, 10, LEPTON__GLYPHS_BRAILLE);
	assert_int_equal(lepton__screen_text(screen, 0, 0, -1, plain, "hello"), 5);
	assert_int_equal(lepton__screen_text(screen, 0, 6, -1, plain, "world"), 4);
	lepton__screen_right(screen, 1, 0, 10, plain, "日本");
	lepton__screen_center(screen, 2, 0, 10, plain, "mid");
	lepton__screen_text(screen, -1, 0, -1, plain, "x");
	lepton__screen_text(screen, 3, 0, -1, plain, "x");
	lepton__screen_text(screen, 0, 10, -1, plain, "x");
	lepton__screen_put(screen, 99, 99, 'x', plain);
	check_text(screen, "hello wor…\n      日本\n   mid\n");
	lepton__screen_free(screen);
}

static void test_ascii_folds(void **state)
{
	(void)state;
	struct lepton__screen *screen = make_screen(1, 12, LEPTON__GLYPHS_ASCII);
	lepton__screen_text(screen, 0, 0, -1, plain, "größe日●│");
	check_text(screen, "grose??*|\n");
	lepton__screen_free(screen);
}

/* Random writes of narrow and wide characters: a wide one is always whole. */
static void test_wide_halves(void **state)
{
	(void)state;
	struct lepton__screen *screen = make_screen(4, 17, LEPTON__GLYPHS_BRAILLE);
	uint32_t seed = 1;
	for (int round = 0; round < 20000; round++) {
		seed = seed * 1664525u + 1013904223u;
		int x = (int)(seed >> 8) % 19 - 1, y = (int)(seed >> 20) % 5;
		lepton__screen_put(screen, y, x, seed >> 31 ? 0x65e5 : 'a', plain);
		for (int row = 0; row < 4; row++)
			for (int col = 0; col < 17; col++) {
				const struct lepton__cell *cell = lepton__screen_at(screen, row, col);
				if (cell->glyph.width == 2)
					assert_true(col + 1 < 17 && cell[1].glyph.code == 0);
				if (cell->glyph.code == 0)
					assert_true(col > 0 && cell[-1].glyph.width == 2);
			}
	}
	lepton__screen_free(screen);
}

static void test_background_stays(void **state)
{
	(void)state;
	struct lepton__screen *screen = make_screen(1, 4, LEPTON__GLYPHS_BRAILLE);
	struct lepton__style bar = {0xffffff, 0x0000ff, LEPTON__BOLD},
			     word = {0xff0000, LEPTON__COLOR_DEFAULT, 0};
	lepton__screen_fill(screen, (struct lepton__rect){0, 0, 1, 4}, ' ', bar);
	lepton__screen_text(screen, 0, 1, 2, word, "ab");
	assert_int_equal(lepton__screen_at(screen, 0, 1)->style.bg, 0x0000ff);
	assert_int_equal(lepton__screen_at(screen, 0, 1)->style.fg, 0xff0000);
	lepton__screen_paint(screen, (struct lepton__rect){0, 0, 9, 9}, bar);
	assert_int_equal(lepton__screen_at(screen, 0, 2)->style.fg, 0xffffff);
	assert_int_equal(lepton__screen_at(screen, 0, 2)->glyph.code, 'b');
	lepton__screen_free(screen);
}

static void test_ansi(void **state)
{
	(void)state;
	struct lepton__screen *screen = make_screen(1, 3, LEPTON__GLYPHS_BRAILLE);
	struct lepton__buffer out;
	lepton__screen_text(screen, 0, 0, -1, (struct lepton__style){0x010203, 0xfffefd, LEPTON__BOLD}, "ab");
	lepton__buffer_init(&out, 1 << 16);
	lepton__screen_to_ansi(screen, &out);
	assert_string_equal(out.data, "\x1b[0;1;38;2;1;2;3;48;2;255;254;253mab\x1b[0m \x1b[0m\n");
	lepton__buffer_free(&out);
	lepton__screen_free(screen);
}

static void test_svg(void **state)
{
	(void)state;
	struct lepton__screen *screen = make_screen(2, 20, LEPTON__GLYPHS_BRAILLE);
	struct lepton__buffer out;
	lepton__screen_text(screen, 0, 0, -1, (struct lepton__style){0x123456, 0x654321, 0}, "a<b & \"c\"");
	lepton__screen_text(screen, 1, 0, -1, plain, "╭─┤⣿█●日 d e  f");
	lepton__buffer_init(&out, 1 << 16);
	lepton__screen_to_svg(screen, 0xd0d0d0, 0x101010, "a & b", &out);
	assert_false(out.failed);
	assert_non_null(strstr(out.data, "a&#60;b &#38; &#34;c&#34;"));
	assert_non_null(strstr(out.data, "<title>a &#38; b</title>"));
	assert_non_null(strstr(out.data, "fill=\"#654321\""));
	assert_non_null(strstr(out.data, ">●</text>"));
	assert_non_null(strstr(out.data, ">日</text>"));
	assert_non_null(strstr(out.data, ">d e</text>"));
	assert_non_null(strstr(out.data, ">f</text>")); /* browsers would draw two blanks as one */
	assert_null(strstr(out.data, "╭"));
	assert_null(strstr(out.data, "⣿"));
	size_t dots = 0;
	for (const char *at = out.data; (at = strstr(at, "h.01")) != NULL; at++)
		dots++;
	assert_int_equal(dots, 8);
	assert_non_null(strstr(out.data, "</svg>\n"));
	lepton__buffer_free(&out);
	lepton__screen_free(screen);
}

static void test_canvas_dots(void **state)
{
	(void)state;
	static const int across[] = {2, 1, 1}, down[] = {4, 2, 1};
	for (int glyphs = 0; glyphs < 3; glyphs++) {
		struct lepton__canvas canvas;
		assert_int_equal(lepton__canvas_init(&canvas, 3, 5, (enum lepton__glyphs)glyphs, NULL), 0);
		assert_int_equal(canvas.width, 5 * across[glyphs]);
		assert_int_equal(canvas.height, 3 * down[glyphs]);
		for (int y = -2; y < canvas.height + 2; y++)
			for (int x = -2; x < canvas.width + 2; x++) {
				bool inside = x >= 0 && y >= 0 && x < canvas.width && y < canvas.height;
				assert_false(lepton__canvas_has(&canvas, x, y));
				lepton__canvas_dot(&canvas, x, y, 3);
				assert_int_equal(lepton__canvas_has(&canvas, x, y), inside);
			}
		lepton__canvas_free(&canvas);
	}
}

static void test_canvas_braille(void **state)
{
	(void)state;
	struct lepton__canvas canvas;
	struct lepton__screen *screen = make_screen(1, 3, LEPTON__GLYPHS_BRAILLE);
	assert_int_equal(lepton__canvas_init(&canvas, 1, 3, LEPTON__GLYPHS_BRAILLE, NULL), 0);
	lepton__canvas_line(&canvas, 0, 3, 3, 0, 0); /* bottom left to top right over two cells */
	lepton__canvas_column(&canvas, 4, -5, 50, 0);
	lepton__canvas_draw(&canvas, screen, 0, 0);
	check_text(screen, "⡠⠊⡇\n");
	lepton__canvas_free(&canvas);
	lepton__screen_free(screen);
}

/* Two inks in the same cells: both colours must show, the strong one alone, the faint one never over a plain
 * one. */
static void test_shared_cells(void **state)
{
	(void)state;
	struct lepton__canvas canvas;
	struct lepton__screen *screen = make_screen(1, 6, LEPTON__GLYPHS_BRAILLE);
	assert_int_equal(lepton__canvas_init(&canvas, 1, 6, LEPTON__GLYPHS_BRAILLE, NULL), 0);
	canvas.faint = 1u << 2;
	for (unsigned ink = 0; ink < 3; ink++) {
		canvas.ink[ink] = (struct lepton__style){(int32_t)(0x100 + ink), LEPTON__COLOR_DEFAULT, 0};
		lepton__canvas_line(&canvas, 0, (int)ink, 11, (int)ink, ink);
	}
	lepton__canvas_draw(&canvas, screen, 0, 0);
	check_text(screen, "⠛⠛⠛⠛⠛⠛\n"); /* without the third line, which is faint */
	for (int x = 0; x < 6; x++)
		assert_int_equal(lepton__screen_at(screen, 0, x)->style.fg, 0x100 + x % 2);
	canvas.strong = 1u << 1;
	lepton__canvas_draw(&canvas, screen, 0, 0);
	for (int x = 0; x < 6; x++)
		assert_int_equal(lepton__screen_at(screen, 0, x)->style.fg, 0x101);
	lepton__canvas_free(&canvas);
	lepton__screen_free(screen);
}

static void test_half_blocks(void **state)
{
	(void)state;
	struct lepton__canvas canvas;
	struct lepton__screen *screen = make_screen(1, 4, LEPTON__GLYPHS_BLOCK);
	assert_int_equal(lepton__canvas_init(&canvas, 1, 4, LEPTON__GLYPHS_BLOCK, NULL), 0);
	canvas.ink[0].fg = 0xaa;
	canvas.ink[1].fg = 0xbb;
	lepton__canvas_dot(&canvas, 0, 0, 0);
	lepton__canvas_dot(&canvas, 1, 1, 0);
	lepton__canvas_column(&canvas, 2, 0, 1, 0);
	lepton__canvas_dot(&canvas, 3, 0, 0);
	lepton__canvas_dot(&canvas, 3, 1, 1);
	lepton__canvas_draw(&canvas, screen, 0, 0);
	check_text(screen, "▀▄█▀\n");
	assert_int_equal(lepton__screen_at(screen, 0, 3)->style.fg, 0xaa);
	assert_int_equal(lepton__screen_at(screen, 0, 3)->style.bg, 0xbb);
	lepton__canvas_free(&canvas);
	lepton__screen_free(screen);
}

static void test_box(void **state)
{
	(void)state;
	struct lepton__theme theme;
	struct lepton__screen *screen = make_screen(4, 24, LEPTON__GLYPHS_BRAILLE);
	struct lepton__box box = {
		.title = "loss", .hot = '2', .right = "log", .bottom = "end", .role = LEPTON__CURVE_BOX};
	lepton__theme_default(&theme);
	struct lepton__rect in = lepton__box_draw(screen, &theme, (struct lepton__rect){0, 0, 4, 24}, &box);
	assert_int_equal(in.rows, 2);
	assert_int_equal(in.cols, 22);
	check_text(screen, "╭─┐2┌┐loss┌──────┐log┌─╮\n│                      │\n│                      │\n"
			   "╰─┘end└────────────────╯\n");
	screen->glyphs = LEPTON__GLYPHS_ASCII;
	lepton__screen_clear(screen);
	lepton__box_draw(screen, &theme, (struct lepton__rect){0, 0, 2, 9},
		&(struct lepton__box){.title = "much too long"});
	check_text(screen, "+-+mu~+-+\n+-------+\n\n\n");
	lepton__screen_free(screen);
}

static void test_sparkline(void **state)
{
	(void)state;
	struct lepton__screen *screen = make_screen(1, 8, LEPTON__GLYPHS_BRAILLE);
	static const float rising[] = {0, 1, 2, 3, 4, 5, 6, 7}, gap[] = {1, NAN, 1}, many[] = {0, 0, 7, 7};
	lepton__sparkline_draw(screen, 0, 0, 8, plain, rising, 8);
	check_text(screen, "▁▂▃▄▅▆▇█\n");
	lepton__screen_clear(screen);
	lepton__sparkline_draw(
		screen, 0, 0, 8, plain, gap, 3); /* flat: half high, at the right, with a hole */
	check_text(screen, "     ▅ ▅\n");
	lepton__screen_clear(screen);
	lepton__sparkline_draw(screen, 0, 0, 2, plain, many, 4);
	check_text(screen, "▁█\n");
	lepton__screen_clear(screen);
	lepton__sparkline_draw(screen, 0, 0, 8, plain, NULL, 0);
	check_text(screen, "\n");
	lepton__screen_free(screen);
}

static void check_meter(double fraction, const char *expected)
{
	struct lepton__theme theme;
	struct lepton__screen *screen = make_screen(1, 15, LEPTON__GLYPHS_ASCII);
	lepton__theme_default(&theme);
	lepton__progress_draw(screen, &theme, 0, 0, 15, LEPTON__CPU, fraction);
	check_text(screen, expected);
	lepton__screen_free(screen);
}

static void test_progress(void **state)
{
	(void)state;
	check_meter(0, "----------   0%\n");
	check_meter(0.42, "####------  42%\n");
	check_meter(0.999, "##########  99%\n"); /* never says it is done before it is */
	check_meter(1, "########## 100%\n");
	check_meter(17, "########## 100%\n");
	check_meter(-1, "----------   0%\n");
	check_meter(NAN, "----------    -\n");
}

static void test_scrollbar(void **state)
{
	(void)state;
	struct lepton__theme theme;
	struct lepton__screen *screen = make_screen(4, 1, LEPTON__GLYPHS_BRAILLE);
	lepton__theme_default(&theme);
	lepton__scrollbar_draw(screen, &theme, 0, 0, 4, 0, 4, 4);
	check_text(screen, "\n\n\n\n");
	lepton__scrollbar_draw(screen, &theme, 0, 0, 4, 0, 4, 16);
	check_text(screen, "█\n│\n│\n│\n");
	lepton__scrollbar_draw(screen, &theme, 0, 0, 4, 12, 4, 16);
	check_text(screen, "│\n│\n│\n█\n");
	lepton__screen_free(screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_ascii_folds),
		cmocka_unit_test(test_wide_halves),
		cmocka_unit_test(test_background_stays),
		cmocka_unit_test(test_ansi),
		cmocka_unit_test(test_svg),
		cmocka_unit_test(test_canvas_dots),
		cmocka_unit_test(test_canvas_braille),
		cmocka_unit_test(test_shared_cells),
		cmocka_unit_test(test_half_blocks),
		cmocka_unit_test(test_box),
		cmocka_unit_test(test_sparkline),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_scrollbar),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
