/* tui/curves.h - the plots of the Versions view. */
#ifndef LEPTON_TUI_CURVES_H
#define LEPTON_TUI_CURVES_H

#include "tui/app.h"

/* Plot `which` (0: the one with the switches) of a metric, in its frame. */
void lepton__curves_draw(struct lepton__app *app, struct lepton__rect rect, enum lepton__metric metric, int which);
enum lepton__metric lepton__metric_beside(const struct lepton__app *app, enum lepton__metric metric);

#endif
