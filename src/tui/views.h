/* tui/views.h - the views, one file each; views.c holds the table. */
#ifndef LEPTON_TUI_VIEWS_H
#define LEPTON_TUI_VIEWS_H

#include "tui/app.h"

extern const struct lepton__view lepton__view_versions, lepton__view_compare, lepton__view_lineage, lepton__view_deploy,
		lepton__view_log, lepton__view_classes, lepton__view_size;

/* Moves the selection through the list's order: for the views that show versions as rows. */
void lepton__list_move(struct lepton__app *app, enum lepton__move how);
/* The topmost line when scrolled all the way down. */
long lepton__scroll_last(const struct lepton__scroll *scroll);
/* Moves a plain scroll; true when it was one of its moves. */
bool lepton__scroll_move(struct lepton__scroll *scroll, enum lepton__move how);

#endif
