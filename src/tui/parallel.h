/* tui/parallel.h - versions as lines over one axis a setting, the last axis their figure. */
#ifndef LEPTON_TUI_PARALLEL_H
#define LEPTON_TUI_PARALLEL_H

#include "lepton/sweep.h"
#include "tui/app.h"

struct lepton__sweep_cache { /* what was found for the same settings and figures; in the app */
	char of[65];
	struct lepton_sweep found;
};

enum { LEPTON__PARALLEL_ROWS = 9, LEPTON__PARALLEL_COLS = 40 }; /* the least it is worth drawing in */

/* `rows`: indices of versions, the best first; `keys`: settings that differ among them. */
void lepton__parallel_draw(struct lepton__app *app, struct lepton__rect rect, const size_t *rows, size_t count,
	const char *const *keys, size_t key_count);

#endif
