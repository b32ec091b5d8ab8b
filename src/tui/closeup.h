/* tui/closeup.h - what is drawn of a history whose older points are an outline: nearer, their points themselves. */
#ifndef LEPTON_TUI_CLOSEUP_H
#define LEPTON_TUI_CLOSEUP_H

#include "tui/app.h"

#define LEPTON__CLOSEUPS 32 /* curves; of more nobody sees so much */

/* Curves on `dots` columns of dots in the plot's window: where an entry of an outline is wider than a dot, the series is
 * given points from the store instead, which are kept until the window leaves them. */
void lepton__closeups(struct lepton__app *app, const struct lepton__plot *plot, struct lepton__series *series,
		struct lepton__curve_context *contexts, size_t count, int dots);
void lepton__closeup_free(struct lepton__closeup *closeup); /* NULL is fine */

/* sharpen.c: fetches finer outlines of versions in the list that have but rough ones, for some milliseconds; true: some came,
 * and there may be more. */
bool lepton__sharpen(struct lepton__app *app);

/* A history's loss or accuracy as means of so many equal parts, by points; NaN where there are none. Returns how many
 * parts have been filled: at most one a point. */
size_t lepton__history_parts(const struct lepton_history *history, bool accuracy, float *parts, size_t count);

/* A copy of the run with all points, for a file; its texts stay the run's. */
int lepton__whole_run(const struct lepton__app *app, struct lepton_run *out, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__whole_run_free(struct lepton_run *run);

#endif
