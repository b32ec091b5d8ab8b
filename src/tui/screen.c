/* tui/screen.c - the grid: putting glyphs, text and fills into cells.
 *
 * A wide glyph takes two cells, the right one with code 0. Whoever overwrites one half blanks the other, and
 * a wide glyph that would stick out on the right becomes a space, so the grid never holds half a character.
 */
#include "config.h"
#include "tui/screen.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_LINE 4096

int lepton__screen_new(
	int rows, int cols, enum lepton__glyphs glyphs, struct lepton__screen **out, struct lepton_error *err)
{
	struct lepton__screen *screen = lepton__calloc(1, sizeof *screen);
	*out = NULL;
	if (screen == NULL)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for the screen");
	screen->glyphs = glyphs;
	screen->base = (struct lepton__style){LEPTON__COLOR_DEFAULT, LEPTON__COLOR_DEFAULT, 0};
	int code = lepton__screen_resize(screen, rows, cols, err);
	if (code == 0)
		*out = screen;
	else
		lepton__free(screen);
	return code;
}

void lepton__screen_free(struct lepton__screen *screen)
{
	if (screen != NULL) {
		lepton__screen_unpatch(screen);
		lepton__free(screen->patches);
		lepton__free(screen->cells);
	}
	lepton__free(screen);
}

int lepton__screen_resize(struct lepton__screen *screen, int rows, int cols, struct lepton_error *err)
{
	rows = rows < 1 ? 1 : rows;
	cols = cols < 1 ? 1 : cols;
	struct lepton__cell *cells = lepton__calloc((size_t)rows * (size_t)cols, sizeof *cells);
	if (cells == NULL)
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "no memory for a screen of %d rows and %d columns", rows, cols);
	lepton__free(screen->cells);
	screen->cells = cells;
	screen->rows = rows;
	screen->cols = cols;
	lepton__screen_clear(screen);
	return 0;
}

void lepton__screen_clear(struct lepton__screen *screen)
{
	struct lepton__cell empty = {{.code = ' ', .width = 1}, screen->base};
	lepton__screen_unpatch(screen);
	for (size_t i = 0; i < (size_t)screen->rows * (size_t)screen->cols; i++)
		screen->cells[i] = empty;
}

struct lepton__cell *lepton__screen_at(const struct lepton__screen *screen, int y, int x)
{
	if (y < 0 || x < 0 || y >= screen->rows || x >= screen->cols)
		return NULL;
	return &screen->cells[(size_t)y * (size_t)screen->cols + (size_t)x];
}

static void blank(struct lepton__cell *cell)
{
	cell->glyph = (struct lepton__glyph){.code = ' ', .width = 1};
}

/* Before a cell is overwritten: the other half of a wide glyph there becomes a space. */
static void split_wide(struct lepton__cell *cell, bool first, bool last)
{
	if (cell->glyph.code == 0 && !first)
		blank(cell - 1);
	else if (cell->glyph.width == 2 && !last)
		blank(cell + 1);
}

static void set_style(
	const struct lepton__screen *screen, struct lepton__cell *cell, struct lepton__style style)
{
	cell->style.fg = style.fg < 0 ? screen->base.fg : style.fg;
	if (style.bg >= 0)
		cell->style.bg = style.bg;
	cell->style.attributes = style.attributes;
}

static void put_cell(struct lepton__screen *screen, int y, int x, const struct lepton__glyph *glyph,
	struct lepton__style style)
{
	struct lepton__cell *cell = lepton__screen_at(screen, y, x);
	if (cell == NULL)
		return;
	split_wide(cell, x == 0, x + 1 == screen->cols);
	cell->glyph = *glyph;
	set_style(screen, cell, style);
}

static void put_glyph(struct lepton__screen *screen, int y, int x, const struct lepton__glyph *glyph,
	struct lepton__style style)
{
	struct lepton__glyph one = *glyph, right = {0};
	if (screen->glyphs == LEPTON__GLYPHS_ASCII)
		one = (struct lepton__glyph){
			.code = (unsigned char)lepton__ascii_for(glyph->code), .width = 1};
	else if (screen->glyphs == LEPTON__GLYPHS_BLOCK)
		one.code = lepton__console_for(one.code);
	bool wide = glyph->width == 2;
	if (wide && (x < 0 || x + 1 >= screen->cols))
		one = (struct lepton__glyph){.code = ' ', .width = 1};
	put_cell(screen, y, x, &one, style);
	if (wide)
		put_cell(screen, y, x + 1, one.width == 2 ? &right : &one, style);
}

void lepton__screen_put(
	struct lepton__screen *screen, int y, int x, uint32_t code, struct lepton__style style)
{
	char bytes[5];
	struct lepton__glyph glyph;
	lepton__utf8_encode(code, bytes);
	if (lepton__text_glyph(bytes, &glyph) > 0)
		put_glyph(screen, y, x, &glyph, style);
}

/* Puts what fits; the caller has cut it. */
static int put_text(struct lepton__screen *screen, int y, int x, struct lepton__style style, const char *text)
{
	struct lepton__glyph glyph;
	int from = x;
	for (size_t used; x < screen->cols && (used = lepton__text_glyph(text, &glyph)) > 0; text += used) {
		put_glyph(screen, y, x, &glyph, style);
		x += glyph.width;
	}
	return x - from;
}

int lepton__screen_text(struct lepton__screen *screen, int y, int x, int columns, struct lepton__style style,
	const char *text)
{
	char line[LONGEST_LINE];
	if (columns < 0 || columns > screen->cols - x)
		columns = screen->cols - x;
	if (y < 0 || y >= screen->rows || columns <= 0)
		return 0;
	lepton__text_cut(line, sizeof line, text, columns);
	return put_text(screen, y, x, style, line);
}

int lepton__screen_textf(struct lepton__screen *screen, int y, int x, int columns, struct lepton__style style,
	const char *fmt, ...)
{
	char line[LONGEST_LINE];
	va_list args;
	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	return lepton__screen_text(screen, y, x, columns, style, line);
}

int lepton__screen_right(struct lepton__screen *screen, int y, int x, int columns, struct lepton__style style,
	const char *text)
{
	int width = lepton__text_width(text);
	int free_columns = width < columns ? columns - width : 0;
	return lepton__screen_text(screen, y, x + free_columns, columns - free_columns, style, text);
}

int lepton__screen_center(struct lepton__screen *screen, int y, int x, int columns,
	struct lepton__style style, const char *text)
{
	int width = lepton__text_width(text);
	int before = width < columns ? (columns - width) / 2 : 0;
	return lepton__screen_text(screen, y, x + before, columns - before, style, text);
}

static struct lepton__rect clip(const struct lepton__screen *screen, struct lepton__rect rect)
{
	int bottom = rect.y + rect.rows < screen->rows ? rect.y + rect.rows : screen->rows;
	int right = rect.x + rect.cols < screen->cols ? rect.x + rect.cols : screen->cols;
	rect.y = rect.y < 0 ? 0 : rect.y;
	rect.x = rect.x < 0 ? 0 : rect.x;
	return (struct lepton__rect){rect.y, rect.x, bottom - rect.y, right - rect.x};
}

void lepton__screen_fill(
	struct lepton__screen *screen, struct lepton__rect rect, uint32_t code, struct lepton__style style)
{
	rect = clip(screen, rect);
	for (int y = rect.y; y < rect.y + rect.rows; y++)
		for (int x = rect.x; x < rect.x + rect.cols; x++)
			lepton__screen_put(screen, y, x, code, style);
}

void lepton__screen_paint(struct lepton__screen *screen, struct lepton__rect rect, struct lepton__style style)
{
	rect = clip(screen, rect);
	for (int y = rect.y; y < rect.y + rect.rows; y++)
		for (int x = rect.x; x < rect.x + rect.cols; x++)
			set_style(screen, lepton__screen_at(screen, y, x), style);
}
