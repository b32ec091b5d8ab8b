/* tui/list.h - the list of versions: columns that fit, best ones first to stay. */
#ifndef LEPTON_TUI_LIST_H
#define LEPTON_TUI_LIST_H

#include "tui/app.h"
#include "tui/lines.h"

#define LEPTON__LIST_SIGNS 5 /* columns before the name */

/* Draws head and rows into rect (the inside of a box whose right frame is at frame_x, for the scroll bar). */
void lepton__list_draw(struct lepton__app *app, struct lepton__rect rect, int frame_x, struct lepton__scroll *scroll);
/* bunch_draw.c: a header as a row of the list, and in the details pane */
void lepton__bunch_draw(struct lepton__app *app, struct lepton__rect row, size_t bunch);
void lepton__bunch_describe(const struct lepton__app *app, size_t bunch, struct lepton__lines *lines);
/* Move `scroll` so that row `at` of `total` is among its `page` rows. */
void lepton__scroll_to(struct lepton__scroll *scroll, long at, long total);

#endif
