/* tui/canvas.c - dots into cells.
 *
 * Each cell keeps its dots and the set of inks that put them there (per half for half blocks). The colour
 * is chosen when the canvas is drawn: strong inks before plain ones before faint ones, and among equals by
 * the cell's place, (row + column) modulo their number, so that every ink of a shared stretch shows in turn.
 */
#include "config.h"
#include "tui/canvas.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static int dots_across(enum lepton__glyphs glyphs)
{
	return glyphs == LEPTON__GLYPHS_BRAILLE ? 2 : 1;
}

static int dots_down(enum lepton__glyphs glyphs)
{
	return glyphs == LEPTON__GLYPHS_BRAILLE ? 4 : glyphs == LEPTON__GLYPHS_BLOCK ? 2 : 1;
}

int lepton__canvas_init(struct lepton__canvas *canvas, int rows, int cols, enum lepton__glyphs glyphs,
	struct lepton_error *err)
{
	memset(canvas, 0, sizeof *canvas);
	canvas->rows = rows < 0 ? 0 : rows;
	canvas->cols = cols < 0 ? 0 : cols;
	canvas->glyphs = glyphs;
	canvas->width = canvas->cols * dots_across(glyphs);
	canvas->height = canvas->rows * dots_down(glyphs);
	memset(canvas->letter, '*', sizeof canvas->letter);
	size_t cells = (size_t)canvas->rows * (size_t)canvas->cols;
	canvas->cells = lepton__calloc(cells > 0 ? cells : 1, sizeof *canvas->cells);
	if (canvas->cells == NULL)
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "no memory for a plot of %d by %d cells", cols, rows);
	return 0;
}

void lepton__canvas_free(struct lepton__canvas *canvas)
{
	lepton__free(canvas->cells);
	canvas->cells = NULL;
	canvas->width = canvas->height = canvas->rows = canvas->cols = 0;
}

/* The cell of a dot and the dot's bit in it; NULL outside. */
static struct lepton__canvas_cell *locate(
	const struct lepton__canvas *canvas, int x, int y, uint8_t *bit, int *half)
{
	static const uint8_t braille[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
	if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height)
		return NULL;
	int across = dots_across(canvas->glyphs), down = dots_down(canvas->glyphs);
	*half = canvas->glyphs == LEPTON__GLYPHS_BLOCK ? y % 2 : 0;
	*bit = across == 2 ? braille[y % 4][x % 2] : (uint8_t)(1 << *half);
	return &canvas->cells[(size_t)(y / down) * (size_t)canvas->cols + (size_t)(x / across)];
}

static void mark(const struct lepton__canvas *canvas, struct lepton__canvas_cell *cell, uint8_t bits,
	int half, unsigned ink)
{
	uint64_t own = UINT64_C(1) << ink % LEPTON__INKS;
	cell->dots |= bits;
	cell->solid |= canvas->faint & own ? 0 : bits;
	cell->inks[half] |= own;
}

void lepton__canvas_dot(struct lepton__canvas *canvas, int x, int y, unsigned ink)
{
	uint8_t bit;
	int half;
	struct lepton__canvas_cell *cell = locate(canvas, x, y, &bit, &half);
	if (cell != NULL)
		mark(canvas, cell, bit, half, ink);
}

bool lepton__canvas_has(const struct lepton__canvas *canvas, int x, int y)
{
	uint8_t bit;
	int half;
	const struct lepton__canvas_cell *cell = locate(canvas, x, y, &bit, &half);
	return cell != NULL && (cell->dots & bit) != 0;
}

/* Cell by cell: of each all its dots from y0 to y1 at once. */
static void braille_column(struct lepton__canvas *canvas, int x, int y0, int y1, unsigned ink)
{
	static const uint8_t down[2][4] = {{0x47, 0x46, 0x44, 0x40},
		{0xb8, 0xb0, 0xa0, 0x80}},                                       /* from a row on */
		up[2][4] = {{0x01, 0x03, 0x07, 0x47}, {0x08, 0x18, 0x38, 0xb8}}; /* to a row */
	struct lepton__canvas_cell *cell = canvas->cells + x / 2;
	for (int row = y0 / 4; y0 <= y1 && row <= y1 / 4; row++) {
		uint8_t bits = row == y0 / 4 ? down[x % 2][y0 % 4] : down[x % 2][0];
		bits &= row == y1 / 4 ? up[x % 2][y1 % 4] : 0xff;
		mark(canvas, &cell[(size_t)row * (size_t)canvas->cols], bits, 0, ink);
	}
}

void lepton__canvas_column(struct lepton__canvas *canvas, int x, int y0, int y1, unsigned ink)
{
	if (y0 > y1) {
		int swap = y0;
		y0 = y1;
		y1 = swap;
	}
	y0 = y0 < 0 ? 0 : y0;
	y1 = y1 >= canvas->height ? canvas->height - 1 : y1;
	if (canvas->glyphs == LEPTON__GLYPHS_BRAILLE && x >= 0 && x < canvas->width)
		braille_column(canvas, x, y0, y1, ink);
	else
		for (int y = y0; y <= y1; y++)
			lepton__canvas_dot(canvas, x, y, ink);
}

void lepton__canvas_line(struct lepton__canvas *canvas, int x0, int y0, int x1, int y1, unsigned ink)
{
	int dx = abs(x1 - x0), dy = -abs(y1 - y0), right = x0 < x1 ? 1 : -1, down = y0 < y1 ? 1 : -1;
	for (int error = dx + dy;;) {
		lepton__canvas_dot(canvas, x0, y0, ink);
		if (x0 == x1 && y0 == y1)
			return;
		int twice = 2 * error;
		if (twice >= dy) {
			error += dy;
			x0 += right;
		}
		if (twice <= dx) {
			error += dx;
			y0 += down;
		}
	}
}

/* The n-th ink of a set, counted round. */
static unsigned nth_ink(uint64_t set, int n)
{
	n %= __builtin_popcountll(set);
	while (n-- > 0)
		set &= set - 1;
	return (unsigned)__builtin_ctzll(set);
}

static unsigned choose_ink(const struct lepton__canvas *canvas, uint64_t inks, int place)
{
	uint64_t strong = inks & canvas->strong, plain = inks & ~canvas->faint;
	return nth_ink(strong != 0 ? strong : plain != 0 ? plain : inks, place);
}

static void draw_halves(const struct lepton__canvas *canvas, const struct lepton__canvas_cell *cell,
	int place, struct lepton__screen *screen, int y, int x)
{
	struct lepton__style style;
	if (cell->dots != 3) {
		style = canvas->ink[choose_ink(canvas, cell->inks[cell->dots == 2], place)];
		lepton__screen_put(screen, y, x, cell->dots == 1 ? 0x2580 : 0x2584, style);
		return;
	}
	unsigned upper = choose_ink(canvas, cell->inks[0], place),
		 lower = choose_ink(canvas, cell->inks[1], place);
	style = canvas->ink[upper];
	if (upper == lower) {
		lepton__screen_put(screen, y, x, 0x2588, style);
		return;
	}
	style.bg = canvas->ink[lower].fg;
	lepton__screen_put(screen, y, x, 0x2580, style);
}

static void draw_cell(const struct lepton__canvas *canvas, const struct lepton__canvas_cell *cell, int place,
	struct lepton__screen *screen, int y, int x)
{
	if (canvas->glyphs == LEPTON__GLYPHS_BLOCK) {
		draw_halves(canvas, cell, place, screen, y, x);
		return;
	}
	unsigned ink = choose_ink(canvas, cell->inks[0], place);
	uint32_t code = canvas->glyphs == LEPTON__GLYPHS_ASCII
				? (unsigned char)canvas->letter[ink]
				: 0x2800u + (cell->solid != 0 ? cell->solid : cell->dots);
	lepton__screen_put(screen, y, x, code, canvas->ink[ink]);
}

void lepton__canvas_draw(const struct lepton__canvas *canvas, struct lepton__screen *screen, int y, int x)
{
	for (int row = 0; row < canvas->rows; row++)
		for (int col = 0; col < canvas->cols; col++) {
			const struct lepton__canvas_cell *cell =
				&canvas->cells[(size_t)row * (size_t)canvas->cols + (size_t)col];
			if (cell->dots != 0)
				draw_cell(canvas, cell, row + col, screen, y + row, x + col);
		}
}
