/* tui/picture.h - an image in cells: two pixels a cell, one above the other; and all of its pixels over them. */
#ifndef LEPTON_TUI_PICTURE_H
#define LEPTON_TUI_PICTURE_H

#include "tui/screen.h"

/* Cells that it takes with `shrink` pixels a side made one. */
void lepton__picture_size(const struct lepton__picture *picture, int shrink, int *rows, int *cols);
/* Without colours (mono) it is drawn in shades of filling. */
void lepton__picture_draw(
	struct lepton__screen *screen, int y, int x, const struct lepton__picture *picture, int shrink, bool mono);

#endif
