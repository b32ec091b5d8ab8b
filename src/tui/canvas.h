/* tui/canvas.h - a drawing surface of dots finer than cells: braille 2x4, half blocks 1x2, or ASCII 1x1.
 *
 * Dots carry an ink (0..63). A braille cell has one colour, so where several inks share one, all their dots
 * show and the colour alternates from cell to cell between them: no curve hides another. Inks marked strong
 * (pinned) win over plain ones. Faint ones (the raw curve under its smoothed one) show only in cells without
 * others, dots and all, so that a smoothed line stays a line; mark them before drawing.
 */
#ifndef LEPTON_TUI_CANVAS_H
#define LEPTON_TUI_CANVAS_H

#include "tui/screen.h"

#define LEPTON__INKS 64

struct lepton__canvas_cell {
	uint64_t inks[2]; /* [1] only for the lower half of half blocks */
	uint8_t dots;     /* braille bits, or 1 upper 2 lower */
	uint8_t solid;    /* those of them that no faint ink made alone */
};

struct lepton__canvas {
	int rows, cols;     /* in cells */
	int width, height;  /* in dots */
	enum lepton__glyphs glyphs;
	struct lepton__style ink[LEPTON__INKS];
	char letter[LEPTON__INKS]; /* the ASCII mode's dot for each ink; '*' at first */
	uint64_t strong, faint;    /* sets of inks */
	struct lepton__canvas_cell *cells;
};

int lepton__canvas_init(struct lepton__canvas *canvas, int rows, int cols, enum lepton__glyphs glyphs, struct lepton_error *err)
		LEPTON_MUST_CHECK;
void lepton__canvas_free(struct lepton__canvas *canvas);
/* (0, 0) is the top left dot; outside does nothing. */
void lepton__canvas_dot(struct lepton__canvas *canvas, int x, int y, unsigned ink);
void lepton__canvas_column(struct lepton__canvas *canvas, int x, int y0, int y1, unsigned ink); /* both ends included */
void lepton__canvas_line(struct lepton__canvas *canvas, int x0, int y0, int x1, int y1, unsigned ink);
bool lepton__canvas_has(const struct lepton__canvas *canvas, int x, int y);
/* Empty cells leave what the screen had. */
void lepton__canvas_draw(const struct lepton__canvas *canvas, struct lepton__screen *screen, int y, int x);

#endif
