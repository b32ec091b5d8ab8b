/* tui/preview.h - the window with all ways to fuse the marked versions: what its keys (preview.c) and its picture
 * (preview_draw.c) share.
 */
#ifndef LEPTON_TUI_PREVIEW_H
#define LEPTON_TUI_PREVIEW_H

#include "lepton/fuse.h"
#include "tui/popup.h"

struct lepton__preview {
	struct lepton__popup popup;
	int64_t ids[LEPTON_MAX_PARENTS];
	int count;
	struct lepton_preview table;
	struct lepton_text *shown; /* the table is of; NULL: nothing has come yet */
	struct lepton_text *stale; /* is not shown: there was this when it was asked for */
	uint64_t ticket;           /* of the command; 0: someone else's, or known before */
	bool by_loss;
	size_t cursor;    /* a method, by its place in the table */
	size_t top, page; /* of the rows shown */
	char letter; /* of the key that is being dealt with; 0: it is none */
	char typed[32], problem[256];
};

/* Whether it fills in, here or for another dashboard. */
bool lepton__preview_runs(const struct lepton__app *app, const struct lepton__preview *w);
/* The methods in the order of their rows. */
void lepton__preview_rows(const struct lepton__preview *w, size_t order[LEPTON_PREVIEW_ROWS_MAX]);
void lepton__preview_draw(struct lepton__app *app, struct lepton__preview *w);

#endif
