/* tui/format.h - the numbers of base/, and the one that depends on what the run is about. */
#ifndef LEPTON_TUI_FORMAT_H
#define LEPTON_TUI_FORMAT_H

#include "base/format.h"
#include "base/number.h"
#include "lepton/run.h"

/* The accuracy, or for a regression the RMSE. */
void lepton__fmt_quality(char out[LEPTON__FMT], const struct lepton_run *run, double accuracy, double loss);

#endif
