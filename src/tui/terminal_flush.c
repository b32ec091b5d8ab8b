/* tui/terminal_flush.c - the grid into curses.
 *
 * `shown` remembers what was flushed, so an unchanged cell costs one comparison and curses is only told of
 * the others; curses in turn sends only what differs from the terminal.
 */
#include "config.h"
#include "tui/terminal_parts.h"

#include <wchar.h>

/* A glyph the C library measures otherwise than we do would shift the line: U+FFFD stands in, if it can. */
static bool is_measured_alike(const struct lepton__glyph *glyph)
{
	if (wcwidth((wchar_t)glyph->code) != glyph->width)
		return false;
	for (int i = 0; i < LEPTON__MARKS && glyph->marks[i] != 0; i++)
		if (wcwidth((wchar_t)glyph->marks[i]) != 0)
			return false;
	return true;
}

static void put_curses(int y, int x, const wchar_t *letters, struct lepton__paint paint)
{
	cchar_t cell;
	if (setcchar(&cell, letters, paint.attributes, 0, &paint.pair) == OK)
		(void)mvwadd_wch(
			stdscr, y, x, &cell); /* an error in the last corner only means it did not scroll */
}

static void flush_cell(struct lepton__terminal *terminal, int y, int x, const struct lepton__cell *cell)
{
	wchar_t letters[LEPTON__MARKS + 2] = {(wchar_t)cell->glyph.code, 0};
	struct lepton__paint paint =
		lepton__palette_paint(&terminal->palette, cell->style, terminal->screen->base);
	if (!is_measured_alike(&cell->glyph)) {
		letters[0] = terminal->screen->glyphs == LEPTON__GLYPHS_ASCII ? L'?' : L'\xfffd';
		put_curses(y, x, letters, paint);
		if (cell->glyph.width == 2)
			put_curses(y, x + 1, L" ", paint);
		return;
	}
	for (int i = 0; i < LEPTON__MARKS; i++)
		letters[i + 1] = (wchar_t)cell->glyph.marks[i];
	put_curses(y, x, letters, paint);
}

static void place_cursor(struct lepton__terminal *terminal)
{
	bool shown = terminal->cursor_y >= 0 && terminal->cursor_y < terminal->screen->rows &&
		     terminal->cursor_x >= 0 && terminal->cursor_x < terminal->screen->cols;
	(void)wmove(stdscr, shown ? terminal->cursor_y : terminal->screen->rows - 1,
		shown ? terminal->cursor_x : 0);
	(void)curs_set(shown ? 1 : 0);
}

size_t lepton__terminal_flush(struct lepton__terminal *terminal)
{
	const struct lepton__screen *screen = terminal->screen;
	size_t changed = 0;
	lepton__graphics_begin(terminal);
	for (int y = 0; y < screen->rows && y < LINES; y++)
		for (int x = 0; x < screen->cols && x < COLS; x++) {
			size_t i = (size_t)y * (size_t)screen->cols + (size_t)x;
			if (lepton__cell_same(&screen->cells[i], &terminal->shown[i]))
				continue;
			terminal->shown[i] = screen->cells[i];
			changed++;
			if (screen->cells[i].glyph.code != 0)
				flush_cell(terminal, y, x, &screen->cells[i]);
		}
	place_cursor(terminal);
	(void)wnoutrefresh(stdscr);
	(void)doupdate();
	lepton__graphics_end(terminal);
	return changed;
}
