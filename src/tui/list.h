/* tui/list.h - the list of versions: columns that fit, best ones first to stay. */
#ifndef LEPTON_TUI_LIST_H
#define LEPTON_TUI_LIST_H

#include "tui/app.h"

/* Draws head and rows into rect (the inside of a box whose right frame is at frame_x, for the scroll bar). */
void lepton__list_draw(struct lepton__app *app, struct lepton__rect rect, int frame_x, struct lepton__scroll *scroll);
/* Move `scroll` so that row `at` of `total` is among its `page` rows. */
void lepton__scroll_to(struct lepton__scroll *scroll, long at, long total);

#endif
