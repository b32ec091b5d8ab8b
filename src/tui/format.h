/* tui/format.h - the numbers of base/, and the one that depends on what the run is about. */
#ifndef LEPTON_TUI_FORMAT_H
#define LEPTON_TUI_FORMAT_H

#include "base/format.h"
#include "base/number.h"
#include "lepton/run.h"

/* The accuracy, or for a regression the RMSE. */
void lepton__fmt_quality(char out[LEPTON__FMT], const struct lepton_run *run, double accuracy, double loss);
/* A setting as it is shown where there is little room: a number of many digits, as random draws are, rounded
 * to five that count; all else as it is, and then `value` itself is returned. */
const char *lepton__fmt_setting(char out[LEPTON__FMT], const char *value);

/* The name that people know a setting by, for where there is little room: "lr"; else the last word of its
 * key, and of a layer's its number, too. Points into `key` or a constant. */
const char *lepton__short_key(const char *key);

#endif
