/* tests/glass_read.c - see the header. */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "glass_read.h"

#include <string.h>

#define RUBBISH 0x2620
#define NUMBERS 16

struct sequence {
	int number[NUMBERS], count;
	char mark, final;
};

static void put_rubbish(struct pixel *cell)
{
	*cell = (struct pixel){.code = RUBBISH, .width = 1, .fg = 99, .bg = 99, .bold = true};
}

void glass_begin(struct glass_terminal *glass, const struct kind *kind, int rows, int cols)
{
	assert_true(rows <= GLASS_ROWS && cols <= GLASS_COLS);
	memset(glass, 0, sizeof *glass);
	glass->kind = *kind;
	glass->rows = rows;
	glass->cols = cols;
	glass->bottom = rows - 1;
	put_rubbish(&glass->pen);
	for (int y = 0; y < rows; y++)
		for (int x = 0; x < cols; x++)
			put_rubbish(&glass->cells[y][x]);
	glass->y = rows / 2;
	glass->x = cols / 2;
}

/* ---- cells ---- */

static void break_wide(struct glass_terminal *glass, int y, int x)
{
	struct pixel *cell = &glass->cells[y][x];
	if (cell->code == 0 && x > 0)
		put_rubbish(cell - 1);
	if (cell->width == 2 && x + 1 < glass->cols)
		put_rubbish(cell + 1);
}

static void erase(struct glass_terminal *glass, int y, int x, int count)
{
	for (int i = x; i < x + count && i < glass->cols; i++) {
		break_wide(glass, y, i);
		glass->cells[y][i] = (struct pixel){
			.code = ' ', .width = 1, .fg = -1, .bg = glass->kind.bce ? glass->pen.bg : -1};
	}
}

static void scroll(struct glass_terminal *glass, int by)
{
	assert_true(glass->kind.csr);
	for (; by > 0; by--) {
		for (int y = glass->top; y < glass->bottom; y++)
			memcpy(glass->cells[y], glass->cells[y + 1], sizeof glass->cells[y]);
		for (int x = 0; x < glass->cols; x++)
			glass->cells[glass->bottom][x].code = ' ', glass->cells[glass->bottom][x].width = 1;
		erase(glass, glass->bottom, 0, glass->cols);
	}
	for (; by < 0; by++) {
		for (int y = glass->bottom; y > glass->top; y--)
			memcpy(glass->cells[y], glass->cells[y - 1], sizeof glass->cells[y]);
		for (int x = 0; x < glass->cols; x++)
			glass->cells[glass->top][x].code = ' ', glass->cells[glass->top][x].width = 1;
		erase(glass, glass->top, 0, glass->cols);
	}
}

static void feed(struct glass_terminal *glass)
{
	if (glass->y == glass->bottom)
		scroll(glass, 1);
	else if (glass->y + 1 < glass->rows)
		glass->y++;
}

static void show(struct glass_terminal *glass, uint32_t code, int width)
{
	if (glass->waiting) /* it may go on in the next row, and scroll: nobody should rely on that */
		fail_msg("written behind the last column");
	if (!glass->kind.xenl && !glass->no_margin && glass->x + width >= glass->cols)
		assert_true(glass->y + 1 < glass->rows); /* else the screen is gone */
	assert_true(glass->x + width <= glass->cols);
	struct pixel cell = glass->pen;
	cell.code = code;
	cell.width = width;
	memset(cell.marks, 0, sizeof cell.marks);
	for (int i = 0; i < width; i++)
		break_wide(glass, glass->y, glass->x + i);
	glass->cells[glass->y][glass->x] = cell;
	glass->last = cell;
	if (width == 2) {
		cell.code = 0;
		cell.width = 0;
		glass->cells[glass->y][glass->x + 1] = cell;
	}
	glass->x += width;
	if (glass->x < glass->cols)
		return;
	glass->x = glass->cols - 1;
	if (!glass->no_margin) /* where it is now differs: all but an absolute move is wrong */
		glass->waiting = true;
}

static void add_mark(struct glass_terminal *glass, uint32_t code)
{
	int x = glass->waiting ? glass->x : glass->x - 1;
	struct pixel *cell =
		&glass->cells[glass->y][x > 0 && glass->cells[glass->y][x].code == 0 ? x - 1 : x];
	cell->marks[cell->marks[0] ? 1 : 0] = code;
}

/* Those that the tests use. */
static int width_of(uint32_t code)
{
	return code >= 0x300 && code < 0x370 ? 0 : code >= 0x4e00 && code < 0xa000 ? 2 : 1;
}

/* ---- sequences ---- */

static void set_color(struct glass_terminal *glass, const struct sequence *sequence, int *at, int32_t *color)
{
	const int *number = sequence->number;
	if (*at + 2 < sequence->count && number[*at + 1] == 5) {
		assert_true(glass->kind.colors_256);
		*color = number[*at + 2];
		*at += 2;
		return;
	}
	assert_true(*at + 4 < sequence->count && number[*at + 1] == 2 && glass->kind.rgb);
	*color = number[*at + 2] << 16 | number[*at + 3] << 8 | number[*at + 4];
	*at += 4;
}

static void end_attribute(const struct glass_terminal *glass, bool *one, bool *other)
{
	assert_true(glass->kind.ends);
	*one = false;
	if (other)
		*other = false;
}

static void set_one(struct glass_terminal *glass, const struct sequence *sequence, int *at)
{
	struct pixel *pen = &glass->pen;
	int n = sequence->number[*at];
	bool eight = glass->kind.colors_8 || glass->kind.colors_16 || glass->kind.colors_256;
	if (n == 0 || n == 10) {
		if (n == 0)
			*pen = (struct pixel){.fg = -1, .bg = -1};
	} else if (n == 1) {
		pen->bold = true;
	} else if (n == 2) {
		pen->dim = true;
	} else if (n == 3) {
		pen->italic = true;
	} else if (n == 4) {
		pen->underline = true;
	} else if (n == 7) {
		pen->reverse = true;
	} else if (n == 22) {
		end_attribute(glass, &pen->bold, &pen->dim);
	} else if (n == 23) {
		end_attribute(glass, &pen->italic, NULL);
	} else if (n == 24) {
		end_attribute(glass, &pen->underline, NULL);
	} else if (n == 27) {
		end_attribute(glass, &pen->reverse, NULL);
	} else if (n == 38) {
		set_color(glass, sequence, at, &pen->fg);
	} else if (n == 48) {
		set_color(glass, sequence, at, &pen->bg);
	} else if (n == 39 || n == 49) {
		assert_true(eight || glass->kind.rgb);
		*(n == 39 ? &pen->fg : &pen->bg) = -1;
	} else if (n >= 30 && n <= 47) {
		assert_true(eight && n % 10 <= 7);
		*(n < 40 ? &pen->fg : &pen->bg) = n % 10;
	} else if ((n >= 90 && n <= 97) || (n >= 100 && n <= 107)) {
		assert_true(glass->kind.colors_16 || glass->kind.colors_256);
		*(n < 100 ? &pen->fg : &pen->bg) = 8 + n % 10;
	} else {
		fail_msg("SGR %d", n);
	}
}

static void go(struct glass_terminal *glass, int y, int x)
{
	assert_true(y >= 0 && y < glass->rows && x >= 0 && x < glass->cols);
	glass->y = y;
	glass->x = x;
	glass->waiting = false;
}

static void obey(struct glass_terminal *glass, const struct sequence *sequence)
{
	int one = sequence->count > 0 && sequence->number[0] > 0 ? sequence->number[0] : 1,
	    two = sequence->count > 1 && sequence->number[1] > 0 ? sequence->number[1] : 1;
	const struct kind *kind = &glass->kind;
	if (!strchr("HmhlrJc", sequence->final) && glass->waiting)
		fail_msg("CSI %c behind the last column", sequence->final);
	switch (sequence->final) {
	case 'H':
		go(glass, one - 1, two - 1);
		break;
	case 'A':
		go(glass, glass->y - one, glass->x);
		break;
	case 'B':
		go(glass, glass->y + one, glass->x);
		break;
	case 'C':
		go(glass, glass->y, glass->x + one);
		break;
	case 'D':
		go(glass, glass->y, glass->x - one);
		break;
	case 'G':
		assert_true(kind->hpa);
		go(glass, glass->y, one - 1);
		break;
	case 'd':
		assert_true(kind->hpa);
		go(glass, one - 1, glass->x);
		break;
	case 'K':
		assert_int_equal(sequence->count, 0);
		erase(glass, glass->y, glass->x, glass->cols);
		break;
	case 'J':
		for (int y = 0; y < glass->rows; y++)
			erase(glass, y, 0, glass->cols);
		break;
	case 'X':
		assert_true(kind->ech);
		erase(glass, glass->y, glass->x, one);
		break;
	case 'b':
		assert_true(kind->rep && glass->last.code != 0);
		for (int i = 0; i < one; i++)
			show(glass, glass->last.code, glass->last.width);
		break;
	case 'r':
		assert_true(kind->csr && two > one && two <= glass->rows);
		glass->top = one - 1;
		glass->bottom = two - 1;
		go(glass, 0, 0);
		break;
	case 'S':
		scroll(glass, one);
		break;
	case 'T':
		scroll(glass, -one);
		break;
	case 'm':
		if (sequence->count == 0)
			glass->pen = (struct pixel){.fg = -1, .bg = -1};
		for (int i = 0; i < sequence->count; i++)
			set_one(glass, sequence, &i);
		break;
	case 'h':
	case 'l':
		assert_true(sequence->mark == '?' || one == 34); /* the cursor's shape */
		if (one == 7)
			glass->no_margin = sequence->final == 'l';
		if (one == 25)
			glass->hidden = sequence->final == 'l';
		break;
	case 'c':
		assert_int_equal(sequence->mark, '?'); /* the console's cursor */
		break;
	default:
		fail_msg("CSI %c", sequence->final);
	}
}

static const char *read_sequence(struct glass_terminal *glass, const char *at)
{
	struct sequence sequence = {.count = 0};
	if (*at == '?')
		sequence.mark = *at++;
	while ((*at >= '0' && *at <= '9') || *at == ';') {
		if (sequence.count == 0)
			sequence.count = 1;
		if (*at == ';')
			sequence.count++;
		else
			sequence.number[sequence.count - 1] =
				sequence.number[sequence.count - 1] * 10 + *at - '0';
		assert_true(sequence.count < NUMBERS);
		at++;
	}
	sequence.final = *at;
	obey(glass, &sequence);
	return at + 1;
}

static const char *read_escape(struct glass_terminal *glass, const char *at)
{
	if (*at == '[')
		return read_sequence(glass, at + 1);
	if (*at == '(' && at[1] == 'B')
		return at + 2;
	if (*at != 'M')
		fail_msg("ESC %c", *at);
	assert_false(glass->waiting);
	if (glass->y == glass->top)
		scroll(glass, -1);
	else
		go(glass, glass->y - 1, glass->x);
	return at + 1;
}

static const char *read_utf8(struct glass_terminal *glass, const char *at)
{
	uint8_t first = (uint8_t)*at;
	int more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
	uint32_t code = more == 0 ? first : first & (0x3fu >> more);
	for (at++; more > 0; more--, at++) {
		assert_int_equal(*at & 0xc0, 0x80);
		code = code << 6 | (*at & 0x3f);
	}
	if (width_of(code) == 0)
		add_mark(glass, code);
	else
		show(glass, code, width_of(code));
	return at;
}

void glass_read(struct glass_terminal *glass, const char *bytes, size_t size)
{
	for (const char *at = bytes; at < bytes + size;) {
		switch (*at) {
		case '\x1b':
			at = read_escape(glass, at + 1);
			break;
		case '\r':
			go(glass, glass->y, 0);
			at++;
			break;
		case '\n':
			assert_false(glass->waiting);
			if (glass->returns)
				glass->x = 0;
			feed(glass);
			at++;
			break;
		case '\b':
			assert_false(glass->waiting);
			go(glass, glass->y, glass->x - 1);
			at++;
			break;
		case '\x0f':
			at++;
			break;
		default:
			at = read_utf8(glass, at);
		}
	}
}
