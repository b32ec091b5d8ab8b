/* tui/views.h - the views, one file each; views.c holds the table. */
#ifndef LEPTON_TUI_VIEWS_H
#define LEPTON_TUI_VIEWS_H

#include "tui/app.h"

extern const struct lepton__view lepton__view_versions, lepton__view_compare, lepton__view_lineage, lepton__view_deploy,
		lepton__view_log, lepton__view_classes, lepton__view_size, lepton__view_machine, lepton__view_queue,
		lepton__view_nodes;

/* Moves the selection through the list's order: for the views that show versions as rows. */
void lepton__list_move(struct lepton__app *app, enum lepton__move how);
/* The place of the selected version among rows, each an index of a version; 0 where it is none of them. */
long lepton__row_selected(const struct lepton__app *app, const size_t *rows, size_t count);
/* Where a move of the view at hand leads from a row, of `total` (at least 1). */
long lepton__row_after(const struct lepton__app *app, enum lepton__move how, long row, long total);
/* Moves the selection through such rows. */
void lepton__rows_move(struct lepton__app *app, enum lepton__move how, const size_t *rows, size_t count);
/* The topmost line when scrolled all the way down. */
long lepton__scroll_last(const struct lepton__scroll *scroll);
/* Moves a plain scroll; true when it was one of its moves. */
bool lepton__scroll_move(struct lepton__scroll *scroll, enum lepton__move how);

#endif
