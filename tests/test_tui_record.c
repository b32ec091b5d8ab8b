/* tests/test_tui_record.c - recordings of a session, played again.
 *
 * A small terminal of our own, which knows only what a recording may use, plays the file; after every frame
 * it must show the very cells that were drawn: glyphs, marks, colours, attributes. (tests/e2e/record.sh plays
 * one in tmux.) And a disk that fills up, at any write, leaves a file that is whole up to there.
 */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/utf8.h"
#include "tui/record.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_MOST = 40, COLS_MOST = 60, FRAMES = 60 };

static char folder[] = "/tmp/lepton-record-XXXXXX", path[128];

/* ---- a terminal ---- */

struct spot {
	char text[24]; /* a glyph with its marks; "" behind a wide one */
	char style[64];
};
struct player {
	int rows, cols, y, x;
	char style[64];
	struct spot spots[ROWS_MOST][COLS_MOST];
};

static void clear(struct player *p)
{
	memset(p->spots, 0, sizeof p->spots);
	for (int y = 0; y < p->rows; y++)
		for (int x = 0; x < p->cols; x++)
			strcpy(p->spots[y][x].text, " ");
}

static const char *control(struct player *p, const char *at)
{
	size_t length = strspn(at, "?;0123456789");
	if (at[length] == 'H') {
		assert_int_equal(sscanf(at, "%d;%dH", &p->y, &p->x), 2);
		p->y--;
		p->x--;
		assert_in_range(p->y, 0, p->rows - 1);
		assert_in_range(p->x, 0, p->cols - 1);
	} else if (at[length] == 'm') {
		snprintf(p->style, sizeof p->style, "%.*s", (int)length, at);
	} else if (at[length] == 'J') {
		assert_memory_equal(at, "2J", 2);
		clear(p);
	} else {
		assert_memory_equal(at, "?25l", 4);
	}
	return at + length + 1;
}

static void play(struct player *p, const char *at)
{
	while (*at) {
		struct lepton__glyph glyph;
		size_t used;
		if (at[0] == '\x1b') {
			assert_int_equal(at[1], '[');
			at = control(p, at + 2);
			continue;
		}
		assert_true((unsigned char)*at >= 0x20);
		used = lepton__text_glyph(at, &glyph);
		assert_true(p->x + glyph.width <= p->cols && used < sizeof p->spots[0][0].text);
		struct spot *spot = &p->spots[p->y][p->x];
		snprintf(spot->text, sizeof spot->text, "%.*s", (int)used, at);
		strcpy(spot->style, p->style);
		if (glyph.width == 2)
			spot[1].text[0] = '\0';
		p->x += glyph.width;
		at += used;
	}
}

static void same_picture(const struct player *p, const struct lepton__screen *screen)
{
	assert_int_equal(p->rows, screen->rows);
	assert_int_equal(p->cols, screen->cols);
	for (int y = 0; y < p->rows; y++)
		for (int x = 0; x < p->cols; x++) {
			const struct lepton__cell *cell = lepton__screen_at(screen, y, x);
			struct lepton__buffer glyph, style;
			lepton__buffer_init(&glyph, 64);
			lepton__buffer_init(&style, 64);
			if (cell->glyph.code) {
				lepton__glyph_to_utf8(&glyph, &cell->glyph);
				lepton__style_to_ansi(&style, cell->style);
				assert_string_equal(p->spots[y][x].text, glyph.data);
				assert_int_equal(strlen(p->spots[y][x].style) + 3, style.size);
				assert_memory_equal(p->spots[y][x].style, style.data + 2, style.size - 3);
			}
			lepton__buffer_free(&glyph);
			lepton__buffer_free(&style);
		}
}

/* ---- pictures ---- */

static uint32_t seed = 7;

static int random_below(int n)
{
	seed = seed * 1664525u + 1013904223u;
	return (int)((seed >> 8) % (uint32_t)n);
}

static void scribble(struct lepton__screen *screen)
{
	static const char *const words[] = {"loss 0.0123", "\"quoted\\\" [31m", "日本語モデル",
		"e\xcc\x81te\xcc\x81", "⣿⡇⠁", "größe-\xff", "a", "──╮", "</script>"};
	for (int i = random_below(8); i >= 0; i--) {
		struct lepton__style style = {random_below(3) ? random_below(1 << 24) : LEPTON__COLOR_DEFAULT,
			random_below(3) ? LEPTON__COLOR_DEFAULT : random_below(1 << 24),
			(uint16_t)random_below(32)};
		lepton__screen_text(screen, random_below(screen->rows), random_below(screen->cols), -1, style,
			words[random_below(sizeof words / sizeof *words)]);
	}
	if (random_below(10) == 0)
		lepton__screen_clear(screen);
}

static struct lepton__screen *new_screen(int rows, int cols)
{
	struct lepton__screen *screen = NULL;
	assert_int_equal(lepton__screen_new(rows, cols, LEPTON__GLYPHS_BRAILLE, &screen, NULL), 0);
	return screen;
}

static char *contents(void)
{
	char *text = NULL;
	size_t size;
	assert_int_equal(lepton__file_read(path, 1 << 24, &text, &size, NULL), 0);
	assert_int_equal(strlen(text), size);
	assert_true(lepton__utf8_valid(text, size));
	return text;
}

/* The next line as JSON; NULL at the end. Every line is whole. */
static cJSON *next_line(char **at)
{
	char *line = *at, *end = strchr(line, '\n');
	if (!*line)
		return NULL;
	assert_non_null(end);
	*end = '\0';
	*at = end + 1;
	cJSON *json = cJSON_ParseWithOpts(line, NULL, true);
	assert_non_null(json);
	return json;
}

static void begin(struct player *p, char **at)
{
	cJSON *head = next_line(at);
	assert_int_equal(cJSON_GetObjectItem(head, "version")->valueint, 2);
	*p = (struct player){.rows = cJSON_GetObjectItem(head, "height")->valueint,
		.cols = cJSON_GetObjectItem(head, "width")->valueint};
	assert_true(cJSON_GetObjectItem(head, "timestamp")->valuedouble > 1e9);
	cJSON_Delete(head);
	clear(p);
}

/* One event; its time. -1: there is none. */
static double event(struct player *p, char **at)
{
	cJSON *json = next_line(at);
	if (!json)
		return -1;
	double seconds = cJSON_GetArrayItem(json, 0)->valuedouble;
	const char *kind = cJSON_GetArrayItem(json, 1)->valuestring,
		   *text = cJSON_GetArrayItem(json, 2)->valuestring;
	if (strcmp(kind, "r") == 0) {
		assert_int_equal(sscanf(text, "%dx%d", &p->cols, &p->rows), 2);
	} else {
		assert_string_equal(kind, "o");
		play(p, text);
	}
	cJSON_Delete(json);
	return seconds;
}

/* ---- the tests ---- */

static void test_replay(void **state)
{
	(void)state;
	struct lepton__recorder *recorder;
	struct lepton__screen *screen = new_screen(24, 50), *kept[FRAMES];
	double times[FRAMES];
	assert_int_equal(lepton__recorder_open(path, &recorder, NULL), 0);
	for (int i = 0; i < FRAMES; i++) {
		if (i % 20 == 19)
			assert_int_equal(lepton__screen_resize(
						 screen, 10 + random_below(30), 20 + random_below(40), NULL),
				0);
		scribble(screen);
		times[i] = 100 + 0.25 * i;
		assert_int_equal(lepton__recorder_frame(recorder, screen, times[i], NULL), 0);
		assert_int_equal(lepton__recorder_frame(recorder, screen, times[i] + 0.1, NULL),
			0); /* nothing changed */
		kept[i] = new_screen(screen->rows, screen->cols);
		memcpy(kept[i]->cells, screen->cells,
			(size_t)screen->rows * (size_t)screen->cols * sizeof *screen->cells);
	}
	lepton__recorder_close(recorder);
	lepton__screen_free(screen);
	char *text = contents(), *at = text;
	struct player *p = calloc(1, sizeof *p);
	assert_non_null(p);
	begin(p, &at);
	int frame = -1, compared = 0;
	for (char *before = at; event(p, &at) >= 0; before = at) {
		double seconds = strtod(before + 1, NULL);
		frame = (int)(seconds / 0.25 + 0.5);
		assert_true(fabs(seconds - 0.25 * frame) < 1e-5);
		bool last_of_frame = !*at || strtod(at + 1, NULL) > seconds;
		if (!last_of_frame)
			continue;
		same_picture(p, kept[frame]);
		compared++;
	}
	assert_in_range(compared, FRAMES / 2, FRAMES);
	for (int i = 0; i < FRAMES; i++)
		lepton__screen_free(kept[i]);
	free(p);
	free(text);
}

/* A cell that changed costs a cell. */
static void test_only_changes(void **state)
{
	(void)state;
	struct lepton__recorder *recorder;
	struct lepton__screen *screen = new_screen(24, 50);
	assert_int_equal(lepton__recorder_open(path, &recorder, NULL), 0);
	assert_int_equal(lepton__recorder_frame(recorder, screen, 1, NULL), 0);
	char *text = contents();
	size_t before = strlen(text);
	free(text);
	lepton__screen_text(screen, 3, 4, -1, screen->base, "x");
	assert_int_equal(lepton__recorder_frame(recorder, screen, 2, NULL), 0);
	lepton__recorder_close(recorder);
	text = contents();
	assert_string_equal(text + before, "[1.000000, \"o\", \"\\u001b[4;5H\\u001b[0mx\"]\n");
	free(text);
	lepton__screen_free(screen);
}

static int writes_left;
static ssize_t (*real_write)(int fd, const void *bytes, size_t size);

/* Half of what it is given, as a disk does on which little is left; then nothing. */
static ssize_t filling_write(int fd, const void *bytes, size_t size)
{
	if (writes_left-- > 0)
		return real_write(fd, bytes, size > 100 ? size / 2 : size);
	errno = ENOSPC;
	return -1;
}

static void test_full_disk(void **state)
{
	(void)state;
	struct lepton__screen *screen = new_screen(24, 50);
	real_write = lepton__io.write;
	for (int allowed = 0; allowed < 60; allowed += 3) {
		struct lepton__recorder *recorder;
		struct lepton_error err = {.code = 0};
		int failures = 0;
		assert_int_equal(lepton__recorder_open(path, &recorder, NULL), 0);
		writes_left = allowed;
		lepton__io.write = filling_write;
		for (int i = 0; i < 60; i++) {
			scribble(screen);
			failures += lepton__recorder_frame(recorder, screen, i, &err) == LEPTON_E_IO;
		}
		lepton__io.write = real_write;
		lepton__recorder_close(recorder);
		assert_int_equal(failures, 1); /* told once */
		assert_non_null(strstr(err.message, "No space left"));
		assert_non_null(strstr(err.message, path));
		char *text = contents(), *at = text;
		for (cJSON *line; (line = next_line(&at));)
			cJSON_Delete(line);
		assert_true(allowed < 12 || at - text > 1000);
		free(text);
	}
	lepton__screen_free(screen);
}

static void test_bad_file(void **state)
{
	(void)state;
	struct lepton__recorder *recorder;
	struct lepton_error err = {.code = 0};
	assert_int_equal(lepton__recorder_open("/no/such/folder/x.cast", &recorder, &err), LEPTON_E_IO);
	assert_non_null(strstr(err.message, "cannot record to /no/such/folder/x.cast: No such file"));
	assert_int_equal(lepton__recorder_open(folder, &recorder, &err), LEPTON_E_IO);
	assert_null(recorder);
	lepton__recorder_close(NULL);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/x.cast", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_only_changes),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_bad_file),
	};
	return cmocka_run_group_tests_name("record", tests, set_up, tear_down);
}
