/* tests/test_tui_writer.c - random pictures one after another, as a terminal of the tests' own shows them:
 * cell for cell what was wanted, on each kind of terminal, whatever was there before. What a terminal has not
 * is left away, by a table of its own. Then that little is sent for little.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/memory.h"
#include "glass_read.h"
#include "picture_read.h"
#include "tui/terminal_writer.h"
#include "tui/terminfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct glass_terminal glass;
static struct lepton__painted wanted[GLASS_ROWS * GLASS_COLS];

static struct lepton__painted *wanted_at(int y, int x)
{
	return wanted + (size_t)y * GLASS_COLS + (size_t)x;
}

/* name                 bce xenl 256 16 8 rgb ends ech rep hpa csr */
static const struct kind kinds[] = {
	{"xterm-256color", 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1},
	{"xterm", 1, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1},
	{"tmux-256color", 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 1},
	{"screen", 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1},
	{"linux", 1, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1},
	{"vt100", 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1},
	{"ansi", 0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 0},
	{"xterm-256color", 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1}, /* with 24 bits */
	{"tmux-256color", 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1},
};

#define KINDS (sizeof kinds / sizeof *kinds)

static bool open_writer(struct lepton__writer *writer, const struct kind *kind, int rows, int cols)
{
	struct lepton__terminfo info;
	if (lepton__terminfo_open(kind->term, 1, &info, NULL) != 0)
		return false; /* not installed here */
	assert_int_equal(lepton__writer_open(writer, kind->rgb, NULL), 0);
	assert_int_equal(lepton__writer_resize(writer, rows, cols, NULL), 0);
	return true;
}

static void close_writer(struct lepton__writer *writer)
{
	lepton__writer_close(writer);
	lepton__terminfo_done();
}

/* ---- pictures ---- */

static int32_t any_color(const struct kind *kind)
{
	static const int32_t some[] = {0x123456, 0xff0000, 0xfedcba, 0x010203};
	if (any(3) == 0 || strcmp(kind->term, "vt100") == 0)
		return -1;
	return kind->rgb ? some[any(4)] : kind->colors_256 ? (int32_t)any(256) : (int32_t)any(8);
}

static struct lepton__paint any_paint(const struct kind *kind)
{
	static const uint16_t some[] = {0, 0, 0, LEPTON__BOLD, LEPTON__DIM, LEPTON__BOLD | LEPTON__DIM,
		LEPTON__UNDERLINE, LEPTON__REVERSE, LEPTON__ITALIC, 31};
	return (struct lepton__paint){any_color(kind), any_color(kind), some[any(10)]};
}

static struct lepton__glyph any_glyph(int left)
{
	static const uint32_t some[] = {' ', ' ', ' ', 'a', 'b', '-', 0x2500, 0x28ff, 0x4e2d, 'e'};
	uint32_t which = any(10);
	struct lepton__glyph glyph = {.code = some[which], .width = which == 8 ? 2 : 1};
	if (which == 8 && left < 2)
		return (struct lepton__glyph){.code = 'z', .width = 1};
	if (which == 9) {
		glyph.marks[0] = 0x301;
		glyph.marks[1] = any(2) ? 0x323 : 0;
	}
	return glyph;
}

static void split(int y, int x, int cols)
{
	struct lepton__painted *cell = wanted_at(y, x);
	if (cell->glyph.code == 0 && x > 0)
		cell[-1].glyph = (struct lepton__glyph){.code = ' ', .width = 1};
	if (cell->glyph.width == 2 && x + 1 < cols)
		cell[1].glyph = (struct lepton__glyph){.code = ' ', .width = 1};
}

static void want(int y, int x, int cols, struct lepton__glyph glyph, struct lepton__paint paint)
{
	split(y, x, cols);
	if (glyph.width == 2)
		split(y, x + 1, cols);
	*wanted_at(y, x) = (struct lepton__painted){glyph, paint};
	if (glyph.width == 2)
		*wanted_at(y, x + 1) = (struct lepton__painted){{.code = 0}, paint};
}

/* A run of one glyph, of any, blanks to the end, a few cells, or rows that move. */
static void change(const struct kind *kind, int rows, int cols)
{
	int y = (int)any((uint32_t)rows), x = (int)any((uint32_t)cols), how = (int)any(6),
	    length = how == 0   ? 1
		     : how == 5 ? cols
				: 1 + (int)any((uint32_t)cols);
	struct lepton__paint paint = any_paint(kind);
	struct lepton__glyph glyph = any_glyph(2);
	for (int i = x; i < x + length && i < cols;) {
		if (how == 2 || how == 3)
			glyph = any_glyph(cols - i);
		else if (how == 5)
			glyph = (struct lepton__glyph){.code = ' ', .width = 1};
		if (how == 3)
			paint = any_paint(kind);
		if (glyph.width == 2 && i + 2 > cols)
			break;
		want(y, i, cols, glyph, paint);
		i += glyph.width;
	}
}

static void scroll_some(int rows)
{
	int by = 1 + (int)any(3), top = (int)any((uint32_t)rows), bottom = (int)any((uint32_t)rows);
	if (bottom - top <= by)
		return;
	size_t size = (size_t)(bottom - top + 1 - by) * GLASS_COLS * sizeof *wanted;
	if (any(2))
		memmove(wanted_at(top, 0), wanted_at(top + by, 0), size);
	else
		memmove(wanted_at(top + by, 0), wanted_at(top, 0), size);
}

static void blank_all(int rows, int cols)
{
	for (int y = 0; y < rows; y++)
		for (int x = 0; x < cols; x++)
			*wanted_at(y, x) = (struct lepton__painted){{.code = ' ', .width = 1}, {-1, -1, 0}};
}

/* ---- what is seen ---- */

static uint16_t attributes_there(const struct kind *kind, struct lepton__paint paint)
{
	uint16_t has = paint.attributes;
	if (strcmp(kind->term, "vt100") == 0)
		has &= LEPTON__BOLD | LEPTON__UNDERLINE | LEPTON__REVERSE;
	if (strcmp(kind->term, "ansi") == 0)
		has &= LEPTON__BOLD | LEPTON__UNDERLINE | LEPTON__REVERSE;
	if (strcmp(kind->term, "linux") == 0 || strcmp(kind->term, "screen") == 0)
		has &= (uint16_t)~LEPTON__ITALIC;
	bool colors = paint.fg >= 0 || paint.bg >= 0;
	if (colors && strcmp(kind->term, "linux") == 0)
		has &= (uint16_t) ~(LEPTON__UNDERLINE | LEPTON__DIM);
	if (colors && strcmp(kind->term, "ansi") == 0)
		has &= (uint16_t)~LEPTON__UNDERLINE;
	return has;
}

static void check_cell(const struct kind *kind, int y, int x)
{
	const struct lepton__painted *cell = wanted_at(y, x);
	const struct pixel *seen = &glass.cells[y][x];
	uint16_t attributes = attributes_there(kind, cell->paint);
	bool same = seen->code == cell->glyph.code && seen->bg == cell->paint.bg &&
		    seen->marks[0] == cell->glyph.marks[0] && seen->marks[1] == cell->glyph.marks[1] &&
		    seen->underline == ((attributes & LEPTON__UNDERLINE) != 0) &&
		    seen->reverse == ((attributes & LEPTON__REVERSE) != 0);
	/* Of a blank cell no more is to be seen. */
	if (same && (cell->glyph.code != ' ' || seen->underline || seen->reverse))
		same = seen->fg == cell->paint.fg && seen->bold == ((attributes & LEPTON__BOLD) != 0) &&
		       seen->dim == ((attributes & LEPTON__DIM) != 0) &&
		       seen->italic == ((attributes & LEPTON__ITALIC) != 0);
	if (!same)
		fail_msg("%s at %d,%d: U+%04X fg %x bg %x attributes %x was wanted, U+%04X fg %x bg %x "
			 "bold %d dim %d italic %d underline %d reverse %d is there",
			kind->term, y, x, (unsigned)cell->glyph.code, (unsigned)cell->paint.fg,
			(unsigned)cell->paint.bg, attributes, (unsigned)seen->code, (unsigned)seen->fg,
			(unsigned)seen->bg, seen->bold, seen->dim, seen->italic, seen->underline,
			seen->reverse);
}

static size_t draw(struct lepton__writer *writer, bool still)
{
	for (int y = 0; y < writer->rows; y++)
		for (int x = 0; x < writer->cols; x++)
			if (wanted_at(y, x)->glyph.code != 0)
				lepton__writer_put(writer, y, x, wanted_at(y, x));
	lepton__writer_frame(writer, still);
	assert_false(writer->out.failed);
	size_t size = writer->out.size;
	if (size)
		glass_read(&glass, writer->out.data, size);
	writer->out.size = 0;
	return size;
}

static void check_glass(const struct lepton__writer *writer)
{
	bool corner = glass.kind.xenl; /* without it that cell may have to be left as it is */
	for (int y = 0; y < writer->rows; y++)
		for (int x = 0; x < writer->cols; x++)
			if (corner || y + 1 < writer->rows || x + 2 < writer->cols)
				check_cell(&glass.kind, y, x);
	assert_int_equal(glass.top, 0);
	assert_int_equal(glass.bottom, writer->rows - 1);
}

static void check_kind(const struct kind *kind, int rows, int cols, int frames)
{
	struct lepton__writer writer;
	if (!open_writer(&writer, kind, rows, cols)) {
		print_message("no entry for %s\n", kind->term);
		return;
	}
	glass_begin(&glass, kind, rows, cols);
	writer.feeds = any(2);
	glass.returns = !writer.feeds;
	blank_all(rows, cols);
	for (int frame = 0; frame < frames; frame++) {
		if (any(4) == 0)
			scroll_some(rows);
		for (uint32_t i = any(8); i > 0; i--)
			change(kind, rows, cols);
		if (any(50) == 0)
			lepton__writer_forget(&writer);
		if (any(20) == 0)
			lepton__writer_forget_row(&writer, (int)any((uint32_t)rows));
		(void)draw(&writer, any(3) == 0);
		check_glass(&writer);
		if (any(3) == 0) { /* a cursor somewhere, as in a form */
			int y = (int)any((uint32_t)rows), x = (int)any((uint32_t)cols);
			lepton__writer_cursor(&writer, any(2) ? y : -1, x);
			glass_read(&glass, writer.out.data, writer.out.size);
			writer.out.size = 0;
			if (writer.can.text[LEPTON__CAN_CIVIS])
				assert_int_equal(glass.hidden, !writer.cursor_shown);
			if (writer.cursor_shown)
				assert_true(glass.y == y && glass.x == x);
		}
		assert_int_equal(draw(&writer, false), 0); /* nothing has changed */
	}
	lepton__writer_leave(&writer);
	glass_read(&glass, writer.out.data, writer.out.size);
	assert_true(glass.pen.fg == -1 && glass.pen.bg == -1 && !glass.pen.bold && !glass.pen.reverse);
	close_writer(&writer);
}

static void test_shows_what_was_wanted(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * KINDS; i++) {
		check_kind(&kinds[i % KINDS], 9, 33, 120);
		check_kind(&kinds[i % KINDS], 24, 80, 15);
		check_kind(&kinds[i % KINDS], 1, 1, 10);
		check_kind(&kinds[i % KINDS], 2, 3, 60);
	}
}

/* ---- how little ---- */

static void write_words(int y, int x, int cols, const char *words, struct lepton__paint paint)
{
	for (int i = 0; words[i]; i++)
		want(y, x + i, cols, (struct lepton__glyph){.code = (uint32_t)words[i], .width = 1}, paint);
}

static void test_colors_are_said_once(void **state)
{
	(void)state;
	const struct lepton__paint red = {0xff0000, -1, 0}, blue = {0x0000ff, -1, 0};
	struct lepton__writer writer;
	assert_true(open_writer(&writer, &kinds[7], 20, 60));
	glass_begin(&glass, &kinds[7], 20, 60);
	blank_all(20, 60);
	for (int y = 0; y < 16; y++) {
		write_words(y, 10, 60, "0.1234", red);
		write_words(y, 30, 60, "97.5", blue);
	}
	(void)draw(&writer, false);
	for (int y = 0; y < 16; y++) {
		write_words(y, 15, 60, "7", red);
		write_words(y, 33, 60, "8", blue);
	}
	lepton__writer_frame(&writer, false);
	assert_int_equal(writer.out.size, 0);
	size_t size = draw(&writer, false);
	check_glass(&writer);
	assert_in_range(size, 1, 2 * 17 + 32 * 8); /* two colours, 32 letters and the ways to them */
	close_writer(&writer);
}

static void test_a_log_scrolls(void **state)
{
	(void)state;
	const struct lepton__paint plain = {-1, -1, 0};
	struct lepton__writer writer;
	char line[64];
	assert_true(open_writer(&writer, &kinds[0], 20, 60));
	glass_begin(&glass, &kinds[0], 20, 60);
	blank_all(20, 60);
	for (int first = 0; first < 3; first++) {
		for (int y = 2; y < 18; y++) {
			snprintf(line, sizeof line, "%02d a line of the log, number %d  ", y + first,
				(y + first) * 7919);
			write_words(y, 1, 60, line, plain);
		}
		size_t size = draw(&writer, false);
		check_glass(&writer);
		if (first > 0)
			assert_in_range(size, 1, 100);
	}
	for (int y = 2; y < 18; y++)
		write_words(y, 1, 60, "something else, which has not been there at all   ", plain);
	assert_true(draw(&writer, true) > 100);
	check_glass(&writer);
	close_writer(&writer);
}

static void test_blanks_have_no_color(void **state)
{
	(void)state;
	struct lepton__writer writer;
	assert_true(open_writer(&writer, &kinds[7], 5, 40));
	glass_begin(&glass, &kinds[7], 5, 40);
	blank_all(5, 40);
	(void)draw(&writer, false);
	write_words(2, 3, 40, "      ", (struct lepton__paint){0x00ff00, -1, LEPTON__BOLD});
	assert_int_equal(draw(&writer, false), 0);
	write_words(2, 3, 40, "      ", (struct lepton__paint){0x00ff00, -1, LEPTON__UNDERLINE});
	assert_true(draw(&writer, false) > 0);
	check_glass(&writer);
	close_writer(&writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shows_what_was_wanted),
		cmocka_unit_test(test_colors_are_said_once),
		cmocka_unit_test(test_a_log_scrolls),
		cmocka_unit_test(test_blanks_have_no_color),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
