/* tests/test_tui_layer.c - which pictures are on a terminal after each frame, against a small terminal of the
 * test's own that wipes all it may, and keeps what nobody takes away.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "picture_read.h"
#include "base/memory.h"
#include "tui/picture.h"
#include "tui/terminal_pictures.h"

#include <stdlib.h>
#include <string.h>

static struct image decoded;
static struct command command;

/* ---- patches of the screen ---- */

static const struct lepton__style plain = {LEPTON__COLOR_DEFAULT, LEPTON__COLOR_DEFAULT, 0};

static struct lepton__screen *make_screen(enum lepton__pictures how, int rows, int cols)
{
	struct lepton__screen *screen;
	assert_int_equal(lepton__screen_new(rows, cols, LEPTON__GLYPHS_BRAILLE, &screen, NULL), 0);
	screen->graphics = (struct lepton__graphics){how, 16, 8, 256};
	return screen;
}

static void draw_picture(struct lepton__screen *screen, int y, int x, int which, int shrink)
{
	uint8_t pixels[28 * 28];
	struct lepton__picture picture = {28, 28, 1, pixels};
	for (int i = 0; i < 28 * 28; i++)
		pixels[i] = (uint8_t)(i * 7 + 31 * which);
	lepton__picture_draw(screen, y, x, &picture, shrink, false);
}

static void test_a_patch_has_its_place(void **state)
{
	(void)state;
	struct lepton__screen *screen = make_screen(LEPTON__PICTURES_SIXEL, 24, 80);
	draw_picture(screen, 2, 3, 1, 2); /* 14 columns, 7 rows: 112 × 112 pixels */
	assert_int_equal(screen->patch_count, 1);
	assert_int_equal(screen->patches[0].factor, 4);
	assert_memory_equal(&screen->patches[0].drawn, &((struct lepton__rect){2, 3, 7, 14}),
		sizeof(struct lepton__rect));
	screen->graphics.cell_height = 20; /* now 112 × 140: four times as large still, in 6 rows of 20 */
	draw_picture(screen, 2, 3, 1, 2);
	assert_memory_equal(&screen->patches[1].drawn, &((struct lepton__rect){2, 3, 6, 14}),
		sizeof(struct lepton__rect));
	screen->graphics.cell_width =
		2; /* 14 × 2 pixels are the least that hold it; at half that none does */
	draw_picture(screen, 2, 3, 1, 2);
	assert_int_equal(screen->patches[2].factor, 1);
	draw_picture(screen, 2, 3, 1, 4);
	assert_int_equal(screen->patch_count, 3);
	draw_picture(screen, 20, 3, 1, 2); /* partly below the screen, or on its last row */
	draw_picture(screen, 17, 3, 1, 2);
	draw_picture(screen, 2, 70, 1, 2);
	draw_picture(screen, -1, 3, 1, 2);
	assert_int_equal(screen->patch_count, 3);
	lepton__screen_clear(screen);
	assert_int_equal(screen->patch_count, 0);
	screen->graphics.how = LEPTON__PICTURES_BLOCKS;
	draw_picture(screen, 2, 3, 1, 2);
	assert_int_equal(screen->patch_count, 0);
	lepton__screen_free(screen);
}

static void test_saved_as_cells(void **state)
{
	(void)state;
	struct lepton__screen *with = make_screen(LEPTON__PICTURES_KITTY, 24, 80),
			      *without = make_screen(LEPTON__PICTURES_BLOCKS, 24, 80);
	struct lepton__layer layer = {.last_id = 0};
	struct lepton__cell *shown = lepton__calloc(24 * 80, sizeof *shown);
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 24);
	draw_picture(with, 2, 3, 1, 2);
	draw_picture(without, 2, 3, 1, 2);
	lepton__layer_begin(&layer, with, shown);
	assert_int_equal(lepton__screen_at(with, 5, 5)->glyph.code, ' '); /* what the writer is given */
	lepton__layer_end(&layer, with, &out);
	assert_true(out.size > 0);
	for (int i = 0; i < 24 * 80; i++)
		assert_true(lepton__cell_same(&with->cells[i], &without->cells[i]));
	lepton__buffer_free(&out);
	lepton__layer_free(&layer);
	lepton__free(shown);
	lepton__screen_free(with);
	lepton__screen_free(without);
}

/* ---- a terminal that wipes whatever it may ---- */

#define ROWS 30
#define COLS 60
#define IDS 4096

struct glass {
	int rows, cols;
	struct lepton__cell shown[ROWS * COLS];
	int sixel[ROWS][COLS]; /* which picture a cell shows a piece of; 0: none */
	struct {
		bool there, seen;
		int y, x, which;
	} kitty[IDS]; /* by id */
	int sent;     /* pictures, in the last frame */
};

static struct glass glass;

/* draw_picture's `which`, by its first pixel. */
static int which_of(const struct image *image, bool percent)
{
	for (int which = 1; which <= 8; which++) {
		int value = (uint8_t)(31 * which);
		if (image->rgb[0][0][0] == (percent ? (int)(value / 255.0 * 100 + 0.5) : value))
			return which;
	}
	fail_msg("what picture is that?");
	return 0;
}

static void show_sixel(int y, int x)
{
	assert_int_equal(decoded.width % 8, 0);
	for (int r = 0; r < decoded.height / 16; r++)
		for (int c = 0; c < decoded.width / 8; c++)
			glass.sixel[y + r][x + c] = which_of(&decoded, true);
	glass.sent++;
}

static void obey_kitty(int y, int x)
{
	long id = key_of(&command, "i=");
	assert_in_range(id, 1, IDS - 1);
	if (strncmp(command.keys, "a=d,d=I,", 8) == 0) {
		assert_true(glass.kitty[id].seen);
		glass.kitty[id].there = glass.kitty[id].seen = false;
		return;
	}
	if (strncmp(command.keys, "a=T,", 4) == 0) {
		assert_false(glass.kitty[id].seen);
		unpack(&command, &decoded);
		glass.kitty[id].which = which_of(&decoded, false);
		glass.sent++;
	} else {
		assert_int_equal(strncmp(command.keys, "a=p,", 4), 0);
		assert_true(glass.kitty[id].seen);
	}
	glass.kitty[id].there = glass.kitty[id].seen = true;
	glass.kitty[id].y = y;
	glass.kitty[id].x = x;
}

static void obey(const char *at)
{
	int y = 0, x = 0;
	if (!*at)
		return;
	at = read_words(at, "\x1b"
			    "7");
	while (strcmp(at, "\x1b"
			  "8") != 0) {
		if (at[1] == '[') {
			at += 2;
			y = read_number(&at) - 1;
			at = read_words(at, ";");
			x = read_number(&at) - 1;
			at = read_words(at, "H");
		} else if (at[1] == 'P') {
			at = read_sixel(at, &decoded);
			show_sixel(y, x);
		} else {
			at = read_command(at, &command);
			obey_kitty(y, x);
		}
	}
}

/* Lines with a cell that changed, or that are to be written anew, lose all that lay on them. */
static void flush(struct lepton__layer *layer, struct lepton__screen *screen)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 24);
	glass.sent = 0;
	lepton__layer_begin(layer, screen, glass.shown);
	for (int y = 0; y < screen->rows; y++) {
		bool wiped = layer->busy && (layer->lines[y] & LEPTON__LINE_REWRITE);
		for (int x = 0; x < screen->cols; x++) {
			struct lepton__cell *shown = &glass.shown[y * screen->cols + x],
					    *cell = lepton__screen_at(screen, y, x);
			wiped |= !lepton__cell_same(shown, cell);
			*shown = *cell;
		}
		for (int x = 0; wiped && x < COLS; x++)
			glass.sixel[y][x] = 0;
	}
	lepton__layer_end(layer, screen, &out);
	assert_false(out.failed);
	obey(out.size ? out.data : "");
	lepton__buffer_free(&out);
}

/* As after ^L: the terminal is empty, and all cells are sent. */
static void wipe(struct lepton__layer *layer)
{
	memset(glass.sixel, 0, sizeof glass.sixel);
	for (int id = 0; id < IDS; id++)
		glass.kitty[id].there = false;
	layer->lost = true;
}

struct wanted {
	int y, x, which;
	bool seen;
};

static int count_kitty(void)
{
	int count = 0;
	for (int id = 0; id < IDS; id++) {
		assert_int_equal(glass.kitty[id].there, glass.kitty[id].seen);
		count += glass.kitty[id].there;
	}
	return count;
}

static bool has_kitty(const struct wanted *wanted)
{
	for (int id = 0; id < IDS; id++)
		if (glass.kitty[id].there && glass.kitty[id].y == wanted->y &&
			glass.kitty[id].x == wanted->x && glass.kitty[id].which == wanted->which)
			return true;
	return false;
}

/* On the glass are these pictures, whole, and nothing else. */
static void check_glass(enum lepton__pictures how, const struct wanted *wanted, size_t count)
{
	static int expected[ROWS][COLS];
	int seen = 0;
	memset(expected, 0, sizeof expected);
	for (size_t i = 0; i < count; i++) {
		seen += wanted[i].seen;
		for (int y = 0; wanted[i].seen && y < 7; y++)
			for (int x = 0; x < 14; x++)
				expected[wanted[i].y + y][wanted[i].x + x] = wanted[i].which;
		if (wanted[i].seen && how == LEPTON__PICTURES_KITTY)
			assert_true(has_kitty(&wanted[i]));
	}
	if (how != LEPTON__PICTURES_SIXEL)
		memset(expected, 0, sizeof expected);
	assert_memory_equal(glass.sixel, expected, sizeof expected);
	assert_int_equal(count_kitty(), how == LEPTON__PICTURES_KITTY ? seen : 0);
}

static const enum lepton__pictures both[] = {LEPTON__PICTURES_KITTY, LEPTON__PICTURES_SIXEL};

static void test_drawn_covered_moved(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct lepton__screen *screen = make_screen(both[i], ROWS, COLS);
		struct lepton__layer layer = {.last_id = 0};
		struct wanted one = {3, 4, 1, true};
		memset(&glass, 0, sizeof glass);
		draw_picture(screen, 3, 4, 1, 2);
		flush(&layer, screen);
		check_glass(both[i], &one, 1);
		assert_int_equal(glass.sent, 1);
		flush(&layer, screen); /* nothing has changed */
		assert_int_equal(glass.sent, 0);
		lepton__screen_clear(screen);
		draw_picture(screen, 3, 4, 1, 2);
		lepton__screen_text(screen, 20, 4, -1, plain, "a word elsewhere");
		flush(&layer, screen);
		assert_int_equal(glass.sent, 0);
		lepton__screen_text(screen, 5, 40, -1, plain, "a word beside it");
		flush(&layer, screen); /* the line may be erased: sixels go again, once */
		assert_int_equal(glass.sent, both[i] == LEPTON__PICTURES_SIXEL);
		check_glass(both[i], &one, 1);
		lepton__screen_text(screen, 5, 10, -1, plain, "a window");
		flush(&layer, screen);
		one.seen = false;
		check_glass(both[i], &one, 1);
		assert_int_equal(
			lepton__screen_at(screen, 3, 4)->glyph.code, glass.shown[3 * COLS + 4].glyph.code);
		lepton__screen_clear(screen);
		draw_picture(screen, 8, 6, 1,
			2); /* the window is gone, and it has moved, over its own old place */
		flush(&layer, screen);
		one = (struct wanted){8, 6, 1, true};
		check_glass(both[i], &one, 1);
		lepton__screen_clear(screen);
		draw_picture(screen, 10, 6, 1, 2);
		flush(&layer, screen);
		one.y = 10;
		check_glass(both[i], &one, 1);
		assert_int_equal(
			glass.sent, both[i] == LEPTON__PICTURES_SIXEL); /* kitty has it, and moves it */
		wipe(&layer);
		flush(&layer, screen);
		check_glass(both[i], &one, 1);
		screen->graphics.how = LEPTON__PICTURES_BLOCKS; /* the person's choice, in the middle of it */
		flush(&layer, screen);
		check_glass(LEPTON__PICTURES_BLOCKS, &one, 1);
		lepton__layer_free(&layer);
		lepton__screen_free(screen);
	}
}

/* Left for the shell: kitty's are deleted, and all of them come again afterwards. */
static void test_left(void **state)
{
	(void)state;
	struct lepton__screen *screen = make_screen(LEPTON__PICTURES_KITTY, ROWS, COLS);
	struct lepton__layer layer = {.last_id = 0};
	struct lepton__buffer out;
	struct wanted one = {3, 4, 1, true};
	memset(&glass, 0, sizeof glass);
	draw_picture(screen, 3, 4, 1, 2);
	flush(&layer, screen);
	lepton__buffer_init(&out, 1 << 16);
	lepton__layer_leave(&layer, &out);
	assert_string_equal(out.data, "\x1b_Ga=d,d=I,i=1,q=2\x1b\\");
	assert_string_equal(read_command(out.data, &command), "");
	obey_kitty(0, 0);
	assert_int_equal(count_kitty(), 0);
	flush(&layer, screen);
	check_glass(LEPTON__PICTURES_KITTY, &one, 1);
	lepton__buffer_free(&out);
	lepton__layer_free(&layer);
	lepton__screen_free(screen);
}

static bool apart(const struct wanted *a, const struct wanted *b)
{
	return abs(a->y - b->y) >= 7 || abs(a->x - b->x) >= 14;
}

static size_t any_wanted(struct wanted *wanted)
{
	size_t count = 0;
	for (int tries = 0; tries < 6; tries++) {
		struct wanted *next = &wanted[count];
		bool free_place = true;
		*next = (struct wanted){(int)any(ROWS - 8), (int)any(COLS - 14), 1 + (int)any(3), true};
		if (any(2)) { /* places that come again: scrolled, or not changed at all */
			next->y = 7 * (int)any(3);
			next->x = 14 * (int)any(4);
		}
		for (size_t i = 0; i < count; i++)
			free_place = free_place && apart(&wanted[i], next);
		count += free_place;
	}
	return count;
}

static void test_anything(void **state)
{
	(void)state;
	struct lepton__screen *screen = make_screen(LEPTON__PICTURES_KITTY, ROWS, COLS);
	struct lepton__layer layer = {.last_id = 0};
	struct wanted wanted[6];
	memset(&glass, 0, sizeof glass);
	for (int round = 0; round < 600; round++) {
		size_t count = any_wanted(wanted);
		if (any(20) == 0)
			wipe(&layer);
		if (any(20) == 0)
			screen->graphics.how = (enum lepton__pictures)(1 + any(3));
		lepton__screen_clear(screen);
		for (size_t i = 0; i < count; i++)
			draw_picture(screen, wanted[i].y, wanted[i].x, wanted[i].which, 2);
		for (size_t i = 0; i < count; i++)
			if (any(4) == 0) { /* a window over a corner of it */
				lepton__screen_put(screen, wanted[i].y + 6, wanted[i].x, 'w', plain);
				wanted[i].seen = false;
			}
		if (any(3) == 0)
			lepton__screen_put(screen, (int)any(7), COLS - 1, 'x', plain);
		flush(&layer, screen);
		for (size_t i = 0; i < count; i++) /* that x may lie on one */
			if (lepton__screen_at(screen, wanted[i].y, COLS - 1) && wanted[i].x + 14 == COLS)
				for (int y = 0; y < 7; y++)
					wanted[i].seen &= lepton__screen_at(screen, wanted[i].y + y, COLS - 1)
								  ->glyph.code != 'x';
		check_glass(screen->graphics.how, wanted, count);
	}
	lepton__layer_free(&layer);
	lepton__screen_free(screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_patch_has_its_place),
		cmocka_unit_test(test_saved_as_cells),
		cmocka_unit_test(test_drawn_covered_moved),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_anything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
