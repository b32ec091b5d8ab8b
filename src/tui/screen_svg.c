/* tui/screen_svg.c - the grid as a picture.
 *
 * Letters are text, but box lines, blocks and braille dots are shapes: fonts disagree about them, and a
 * picture whose frames have gaps is no advertisement. A cell is 9 by 18 units (15-unit monospace letters are
 * 9 wide). Shapes of one colour are gathered into one path each for strokes, fills and dots, which keeps the
 * file small.
 */
#include "config.h"
#include "tui/screen.h"

#include "base/memory.h"

#include <string.h>

#define CELL_W 9
#define CELL_H 18
#define MARGIN 10

struct ink {
	int32_t fg, bg;
};

struct picture {
	const struct lepton__screen *screen;
	struct lepton__buffer *out;
	int32_t fg, bg;
};

enum shape { LETTER, LINE, BLOCK, BRAILLE };

/* Arms of a box character: 1 up, 2 right, 4 down, 8 left; +16 rounded. */
static int box_arms(uint32_t code)
{
	static const struct {
		uint16_t code;
		uint8_t arms;
	} known[] = {{0x2500, 10}, {0x2501, 10}, {0x2502, 5}, {0x2503, 5}, {0x250c, 6}, {0x2510, 12},
		{0x2514, 3}, {0x2518, 9}, {0x251c, 7}, {0x2524, 13}, {0x252c, 14}, {0x2534, 11}, {0x253c, 15},
		{0x256d, 22}, {0x256e, 28}, {0x256f, 25}, {0x2570, 19}, {0x2574, 8}, {0x2575, 1}, {0x2576, 2},
		{0x2577, 4}};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].code == code)
			return known[i].arms;
	return 0;
}

static enum shape shape_of(uint32_t code)
{
	if (code >= 0x2801 && code <= 0x28ff)
		return BRAILLE;
	if ((code >= 0x2580 && code <= 0x2590))
		return BLOCK;
	return box_arms(code) != 0 ? LINE : LETTER;
}

/* A cell's colours as they are seen: reverse and dim applied, defaults filled in. */
static struct ink ink_of(const struct picture *picture, const struct lepton__cell *cell)
{
	struct ink ink = {cell->style.fg < 0 ? picture->fg : cell->style.fg,
		cell->style.bg < 0 ? picture->bg : cell->style.bg};
	if (cell->style.attributes & LEPTON__REVERSE)
		ink = (struct ink){ink.bg, ink.fg};
	if (cell->style.attributes & LEPTON__DIM)
		ink.fg = lepton__color_mix(ink.fg, ink.bg, 0.45);
	return ink;
}

static void draw_line(struct lepton__buffer *out, uint32_t code, int x, int y)
{
	int arms = box_arms(code), mx = x + CELL_W / 2, my = y + CELL_H / 2, right = x + CELL_W,
	    bottom = y + CELL_H;
	if (arms & 16) {
		lepton__buffer_printf(out, "M%d.5 %dQ%d.5 %d.5 %d %d.5", mx, arms & 1 ? y : bottom, mx, my,
			arms & 2 ? right : x, my);
		return;
	}
	if (arms & 10)
		lepton__buffer_printf(out, "M%d %d.5H%d", arms & 8 ? x : mx, my, arms & 2 ? right : mx + 1);
	if (arms & 5)
		lepton__buffer_printf(out, "M%d.5 %dV%d", mx, arms & 1 ? y : my, arms & 4 ? bottom : my + 1);
}

static void draw_block(struct lepton__buffer *out, uint32_t code, int x, int y)
{
	double left = 0, top = 0, width = CELL_W, height = CELL_H;
	if (code == 0x2580) {
		height = CELL_H / 2.0;
	} else if (code == 0x2590) {
		left = width = CELL_W / 2.0;
	} else if (code <= 0x2588) {
		height = CELL_H * (code - 0x2580) / 8.0;
		top = CELL_H - height;
	} else {
		width = CELL_W * (0x2590 - code) / 8.0;
	}
	lepton__buffer_printf(out, "M%g %gh%gv%gh%gz", x + left, y + top, width, height, -width);
}

static void draw_braille(struct lepton__buffer *out, uint32_t code, int x, int y)
{
	static const uint8_t bit_y[8] = {0, 1, 2, 0, 1, 2, 3, 3}, bit_x[8] = {0, 0, 0, 1, 1, 1, 0, 1};
	for (int bit = 0; bit < 8; bit++)
		if (code >> bit & 1)
			lepton__buffer_printf(
				out, "M%g %gh.01", x + 2.25 + 4.5 * bit_x[bit], y + 2.25 + 4.5 * bit_y[bit]);
}

static void draw_shape(struct lepton__buffer *out, enum shape shape, uint32_t code, int x, int y)
{
	if (shape == LINE)
		draw_line(out, code, x, y);
	else if (shape == BLOCK)
		draw_block(out, code, x, y);
	else
		draw_braille(out, code, x, y);
}

/* All cells of one shape and colour from cell `first` on, as one path; `done` marks them. */
static void draw_alike(const struct picture *picture, size_t first, enum shape shape, bool *done)
{
	static const char *const attributes[] = {"", "fill=\"none\" stroke-width=\"1.2\" stroke=", "fill=",
		"fill=\"none\" stroke-width=\"2.8\" stroke-linecap=\"round\" stroke="};
	const struct lepton__screen *screen = picture->screen;
	int32_t color = ink_of(picture, &screen->cells[first]).fg;
	lepton__buffer_printf(picture->out, "<path %s\"#%06x\" d=\"", attributes[shape], (unsigned)color);
	for (size_t i = first; i < (size_t)screen->rows * (size_t)screen->cols; i++) {
		const struct lepton__cell *cell = &screen->cells[i];
		if (done[i] || shape_of(cell->glyph.code) != shape || ink_of(picture, cell).fg != color)
			continue;
		done[i] = true;
		draw_shape(picture->out, shape, cell->glyph.code,
			MARGIN + (int)(i % (size_t)screen->cols) * CELL_W,
			MARGIN + (int)(i / (size_t)screen->cols) * CELL_H);
	}
	lepton__buffer_string(picture->out, "\"/>\n");
}

static void draw_shapes(const struct picture *picture)
{
	size_t count = (size_t)picture->screen->rows * (size_t)picture->screen->cols;
	bool *done = lepton__calloc(count, sizeof *done);
	if (done == NULL) {
		picture->out->failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		enum shape shape = shape_of(picture->screen->cells[i].glyph.code);
		if (shape != LETTER && !done[i])
			draw_alike(picture, i, shape, done);
	}
	lepton__free(done);
}

static void draw_backgrounds(const struct picture *picture, int y)
{
	const struct lepton__cell *row = lepton__screen_at(picture->screen, y, 0);
	for (int x = 0, end; x < picture->screen->cols; x = end) {
		int32_t bg = ink_of(picture, &row[x]).bg;
		for (end = x + 1; end < picture->screen->cols && ink_of(picture, &row[end]).bg == bg; end++)
			;
		if (bg != picture->bg)
			lepton__buffer_printf(picture->out,
				"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
				MARGIN + x * CELL_W, MARGIN + y * CELL_H, (end - x) * CELL_W, CELL_H,
				(unsigned)bg);
	}
}

static void append_xml(struct lepton__buffer *out, uint32_t code)
{
	char bytes[5];
	if (code == '<' || code == '>' || code == '&' || code == '"')
		lepton__buffer_printf(out, "&#%u;", (unsigned)code);
	else
		lepton__buffer_append(out, bytes, lepton__utf8_encode(code, bytes));
}

static bool is_letter(const struct lepton__cell *cell)
{
	return cell->glyph.code > ' ' && cell->glyph.code != 0x2800 && shape_of(cell->glyph.code) == LETTER;
}

/* Letters a monospaced font surely has may stand in one run; others are placed one by one. */
static bool plain(const struct lepton__cell *cell)
{
	return cell->glyph.code >= ' ' && cell->glyph.code < 0x250 && cell->glyph.marks[0] == 0;
}

static bool alike(const struct picture *picture, const struct lepton__cell *a, const struct lepton__cell *b)
{
	if (b->glyph.code == ' ' && !(b->style.attributes & LEPTON__UNDERLINE))
		return true;
	return ink_of(picture, a).fg == ink_of(picture, b).fg && a->style.attributes == b->style.attributes;
}

/* Up to two blanks: browsers make one of several, whatever xml:space says. */
static int run_end(const struct picture *picture, const struct lepton__cell *row, int x)
{
	int end = x + 1;
	if (!plain(&row[x]))
		return end;
	while (end < picture->screen->cols && plain(&row[end]) && alike(picture, &row[x], &row[end]) &&
		!(row[end].glyph.code == ' ' && row[end - 1].glyph.code == ' '))
		end++;
	while (end > x + 1 && row[end - 1].glyph.code == ' ')
		end--;
	return end;
}

static void draw_run(const struct picture *picture, int y, int x, int end)
{
	const struct lepton__cell *row = lepton__screen_at(picture->screen, y, 0);
	int cells = end - x == 1 ? row[x].glyph.width : end - x;
	lepton__buffer_printf(picture->out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"#%06x\"%s%s%s>",
		MARGIN + x * CELL_W, MARGIN + y * CELL_H + 14, cells * CELL_W,
		(unsigned)ink_of(picture, &row[x]).fg,
		row[x].style.attributes & LEPTON__BOLD ? " font-weight=\"bold\"" : "",
		row[x].style.attributes & LEPTON__ITALIC ? " font-style=\"italic\"" : "",
		row[x].style.attributes & LEPTON__UNDERLINE ? " text-decoration=\"underline\"" : "");
	for (; x < end; x++) {
		append_xml(picture->out, row[x].glyph.code);
		for (int i = 0; i < LEPTON__MARKS && row[x].glyph.marks[i] != 0; i++)
			append_xml(picture->out, row[x].glyph.marks[i]);
	}
	lepton__buffer_string(picture->out, "</text>\n");
}

static void draw_letters(const struct picture *picture, int y)
{
	const struct lepton__cell *row = lepton__screen_at(picture->screen, y, 0);
	for (int x = 0; x < picture->screen->cols; x++) {
		if (!is_letter(&row[x]))
			continue;
		int end = run_end(picture, row, x);
		draw_run(picture, y, x, end);
		x = end - 1;
	}
}

static void append_title(struct lepton__buffer *out, const char *title)
{
	struct lepton__glyph glyph;
	lepton__buffer_string(out, "<title>");
	for (size_t used; (used = lepton__text_glyph(title, &glyph)) > 0; title += used)
		append_xml(out, glyph.code);
	lepton__buffer_string(out, "</title>\n");
}

void lepton__screen_to_svg(const struct lepton__screen *screen, int32_t default_fg, int32_t default_bg,
	const char *title, struct lepton__buffer *out)
{
	struct picture picture = {
		screen, out, default_fg < 0 ? 0xd0d0d0 : default_fg, default_bg < 0 ? 0x101010 : default_bg};
	int width = screen->cols * CELL_W + 2 * MARGIN, height = screen->rows * CELL_H + 2 * MARGIN;
	lepton__buffer_printf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d "
		"%d\">\n",
		width, height, width, height);
	append_title(out, title == NULL ? "lepton-tui" : title);
	lepton__buffer_printf(out, "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#%06x\"/>\n", width,
		height, (unsigned)picture.bg);
	for (int y = 0; y < screen->rows; y++)
		draw_backgrounds(&picture, y);
	draw_shapes(&picture);
	lepton__buffer_string(out,
		"<g xml:space=\"preserve\" font-size=\"15\" font-family=\"'DejaVu Sans Mono', Menlo, "
		"Consolas, 'Liberation Mono', monospace\">\n");
	for (int y = 0; y < screen->rows; y++)
		draw_letters(&picture, y);
	lepton__buffer_string(out, "</g>\n</svg>\n");
}
