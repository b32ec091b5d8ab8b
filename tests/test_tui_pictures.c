/* tests/test_tui_pictures.c - pictures in pixels: the encoders, read back by decoders of the test's own; and
 * which pictures are on a terminal after each frame, against a small terminal that wipes all it may.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/memory.h"
#include "tui/picture.h"
#include "tui/terminal_pictures.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SIDE_MOST 512

static uint32_t seed = 1;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

/* ---- a decoder of sixels, after the manual, with nothing of the encoder's in it ---- */

struct image {
	int height, width, registers;
	int painted;                          /* pixels that were set */
	uint8_t rgb[SIDE_MOST][SIDE_MOST][3]; /* percent, in sixels; else 0 to 255 */
	bool set[SIDE_MOST][SIDE_MOST];
};

static int number(const char **at)
{
	assert_true(**at >= '0' && **at <= '9');
	return (int)strtol(*at, (char **)(uintptr_t)at, 10);
}

static const char *expect(const char *at, const char *text)
{
	if (strncmp(at, text, strlen(text)) != 0)
		fail_msg("\"%s\" should be at \"%.40s\"", text + 1, at);
	return at + strlen(text);
}

static void paint(struct image *image, int y, int x, int bits, const uint8_t percent[3])
{
	for (int bit = 0; bit < 6; bit++)
		if (bits >> bit & 1) {
			assert_true(y + bit < image->height && x < image->width);
			image->painted += !image->set[y + bit][x];
			image->set[y + bit][x] = true;
			memcpy(image->rgb[y + bit][x], percent, 3);
		}
}

/* Returns what stands behind it. */
static const char *read_sixel(const char *at, struct image *image)
{
	static uint8_t percent[256][3];
	int y = 0, x = 0, color = -1;
	memset(image, 0, sizeof *image);
	memset(percent, 255, sizeof percent);
	at = expect(at, "\x1bP0;1;0q\"1;1;");
	image->width = number(&at);
	at = expect(at, ";");
	image->height = number(&at);
	assert_in_range(image->width, 1, SIDE_MOST);
	assert_in_range(image->height, 1, SIDE_MOST);
	while (*at != '\x1b') {
		if (*at == '#') {
			at++;
			color = number(&at);
			assert_in_range(color, 0, 255);
			if (*at != ';')
				continue;
			at = expect(at, ";2");
			for (int c = 0; c < 3; c++) {
				at = expect(at, ";");
				percent[color][c] = (uint8_t)number(&at);
				assert_in_range(percent[color][c], 0, 100);
			}
			image->registers++;
			continue;
		}
		if (*at == '$' || *at == '-') {
			y += *at == '-' ? 6 : 0;
			x = 0;
			at++;
			continue;
		}
		int times = 1;
		if (*at == '!') {
			at++;
			times = number(&at);
		}
		assert_in_range(*at, '?', '~');
		for (; times > 0; times--)
			paint(image, y, x++, *at - '?', percent[color]);
		at++;
	}
	return expect(at, "\x1b\\");
}

/* ---- sixels ---- */

static struct lepton__picture any_picture(
	uint8_t *pixels, int height, int width, int channels, uint32_t levels)
{
	struct lepton__picture picture = {height, width, channels, pixels};
	for (int i = 0; i < height * width * channels; i++)
		pixels[i] = (uint8_t)(any(levels) * 255 / (levels > 1 ? levels - 1 : 1));
	return picture;
}

static int percent_of(const struct lepton__picture *picture, int y, int x, int c)
{
	uint8_t value = picture->pixels[(y * picture->width + x) * picture->channels +
					(picture->channels == 3 ? c : 0)];
	return (int)(value / 255.0 * 100 + 0.5);
}

static struct image decoded;

static void encode_and_decode(const struct lepton__picture *picture, int factor, int registers)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 24);
	lepton__sixel(picture, factor, registers, &out);
	assert_false(out.failed);
	assert_string_equal(read_sixel(out.data, &decoded), "");
	assert_int_equal(decoded.height, picture->height * factor);
	assert_int_equal(decoded.width, picture->width * factor);
	assert_int_equal(decoded.painted, decoded.height * decoded.width);
	assert_true(decoded.registers <= registers);
	lepton__buffer_free(&out);
}

static void check_exact(const struct lepton__picture *picture, int factor)
{
	encode_and_decode(picture, factor, 256);
	for (int y = 0; y < decoded.height; y++)
		for (int x = 0; x < decoded.width; x++)
			for (int c = 0; c < 3; c++)
				assert_int_equal(
					decoded.rgb[y][x][c], percent_of(picture, y / factor, x / factor, c));
}

static void test_sixels(void **state)
{
	(void)state;
	static uint8_t pixels[64 * 64 * 3];
	for (int round = 0; round < 60; round++) {
		int height = 1 + (int)any(30), width = 1 + (int)any(30), factor = 1 + (int)any(8);
		struct lepton__picture grey = any_picture(pixels, height, width, 1, 256);
		check_exact(&grey, factor);
		struct lepton__picture color = any_picture(pixels, height, width, 3, 1 + any(6));
		check_exact(&color, factor); /* at most 216 colours */
	}
}

/* By hand: two columns of two pixels, white and black, five times as large. */
static void test_sixel_bytes(void **state)
{
	(void)state;
	static const uint8_t pixels[] = {255, 0, 0, 0};
	struct lepton__picture picture = {2, 2, 1, pixels};
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 16);
	lepton__sixel(&picture, 5, 256, &out);
	assert_string_equal(out.data, "\x1bP0;1;0q\"1;1;10;10#0;2;0;0;0#1;2;100;100;100"
				      "#0!5_!5~$#1!5^-#0!10N\x1b\\");
	lepton__buffer_free(&out);
}

/* Many colours in few registers: the mean error is that of a sensible choice, and two clear groups stay
 * apart. */
static void test_few_registers(void **state)
{
	(void)state;
	static uint8_t pixels[64 * 64 * 3];
	struct lepton__picture picture = any_picture(pixels, 64, 64, 3, 256);
	static const struct {
		int registers;
		double most;
	} cases[] = {{16, 16}, {64, 11}, {256, 7.5}}; /* percent; all of one colour: 25 */
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double error = 0;
		encode_and_decode(&picture, 1, cases[i].registers);
		assert_int_equal(decoded.registers, cases[i].registers);
		for (int y = 0; y < 64; y++)
			for (int x = 0; x < 64; x++)
				for (int c = 0; c < 3; c++)
					error += abs(decoded.rgb[y][x][c] - percent_of(&picture, y, x, c));
		error /= 64 * 64 * 3;
		if (error > cases[i].most)
			fail_msg("%d registers: mean error %.2f", cases[i].registers, error);
	}
	for (int i = 0; i < 64 * 64; i++)
		for (int c = 0; c < 3; c++)
			pixels[3 * i + c] = (uint8_t)(i % 7 == 0 ? 200 + any(20) : any(20));
	encode_and_decode(&picture, 1, 2);
	for (int y = 0; y < 64; y++)
		for (int x = 0; x < 64; x++)
			assert_int_equal(decoded.rgb[y][x][0] > 50, (y * 64 + x) % 7 == 0);
}

/* ---- kitty's protocol ---- */

struct command { /* one, of any number of chunks */
	char keys[128];
	char payload[1 << 20];
	int chunks;
};

static const char *read_chunk(const char *at, char *keys, size_t room, char *payload, size_t payload_room)
{
	at = expect(at, "\x1b_G");
	size_t length = strcspn(at, ";\x1b");
	assert_true(length < room);
	memcpy(keys, at, length);
	keys[length] = '\0';
	at += length;
	length = *at == ';' ? strcspn(++at, "\x1b") : 0;
	assert_true(length <= 4096 && length < payload_room);
	memcpy(payload, at, length);
	payload[length] = '\0';
	return expect(at + length, "\x1b\\");
}

static const char *read_command(const char *at, struct command *command)
{
	char keys[128];
	size_t used = 0;
	command->chunks = 0;
	do {
		at = read_chunk(at, command->chunks ? keys : command->keys, sizeof keys,
			command->payload + used, sizeof command->payload - used);
		if (command->chunks++)
			assert_true(strcmp(keys, "q=2,m=1") == 0 || strcmp(keys, "q=2,m=0") == 0);
		else
			strcpy(keys, command->keys);
		assert_true(!strstr(keys, "m=1") || strlen(command->payload + used) % 4 == 0);
		used += strlen(command->payload + used);
	} while (strstr(keys, "m=1"));
	return at;
}

static long key_of(const struct command *command, const char *key)
{
	const char *at = strstr(command->keys, key);
	assert_non_null(at);
	return strtol(at + strlen(key), NULL, 10);
}

static struct command command;

static void unpack(struct image *image)
{
	static uint8_t packed[1 << 20], pixels[1 << 20];
	size_t size;
	uLongf got = sizeof pixels;
	assert_int_equal(sodium_base642bin(packed, sizeof packed, command.payload, strlen(command.payload),
				 NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL),
		0);
	assert_int_equal(uncompress(pixels, &got, packed, size), Z_OK);
	image->width = (int)key_of(&command, ",s=");
	image->height = (int)key_of(&command, ",v=");
	assert_int_equal(got, image->width * image->height * 3);
	for (int y = 0; y < image->height; y++)
		for (int x = 0; x < image->width; x++)
			memcpy(image->rgb[y][x], pixels + (y * image->width + x) * 3, 3);
}

static void check_kitty(const struct lepton__picture *picture, int factor)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 24);
	lepton__kitty_send(picture, factor, 77, &out);
	assert_false(out.failed);
	assert_string_equal(read_command(out.data, &command), "");
	assert_int_equal(strncmp(command.keys, "a=T,f=24,o=z,", 13), 0);
	assert_int_equal(key_of(&command, ",i="), 77);
	assert_int_equal(key_of(&command, ",C="), 1);
	unpack(&decoded);
	assert_int_equal(decoded.height, picture->height * factor);
	assert_int_equal(decoded.width, picture->width * factor);
	for (int y = 0; y < decoded.height; y++)
		for (int x = 0; x < decoded.width; x++)
			for (int c = 0; c < 3; c++)
				assert_int_equal(decoded.rgb[y][x][c],
					picture->pixels[(y / factor * picture->width + x / factor) *
								picture->channels +
							(picture->channels == 3 ? c : 0)]);
	lepton__buffer_free(&out);
}

static void test_kitty(void **state)
{
	(void)state;
	static uint8_t pixels[64 * 64 * 3];
	for (int round = 0; round < 30; round++) {
		int height = 1 + (int)any(28), width = 1 + (int)any(28), factor = 1 + (int)any(6);
		struct lepton__picture grey = any_picture(pixels, height, width, 1, 256);
		check_kitty(&grey, factor);
		struct lepton__picture color = any_picture(pixels, height, width, 3, 256);
		check_kitty(&color, factor);
	}
	struct lepton__picture large = any_picture(pixels, 64, 64, 3, 256); /* does not pack at all */
	check_kitty(&large, 1);
	assert_int_equal(command.chunks, 5); /* 12,288 bytes are 16,384 characters and a little more */
}

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
	assert_int_equal(lepton__screen_at(with, 5, 5)->glyph.code, ' '); /* what curses is given */
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
		unpack(&decoded);
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
	at = expect(at, "\x1b"
			"7");
	while (strcmp(at, "\x1b"
			  "8") != 0) {
		if (at[1] == '[') {
			at += 2;
			y = number(&at) - 1;
			at = expect(at, ";");
			x = number(&at) - 1;
			at = expect(at, "H");
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
		flush(&layer, screen); /* curses may clear the line: sixels go again, once */
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
		cmocka_unit_test(test_sixels),
		cmocka_unit_test(test_sixel_bytes),
		cmocka_unit_test(test_few_registers),
		cmocka_unit_test(test_kitty),
		cmocka_unit_test(test_a_patch_has_its_place),
		cmocka_unit_test(test_saved_as_cells),
		cmocka_unit_test(test_drawn_covered_moved),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_anything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
