/* base/ticks.h - round numbers for axes. */
#ifndef LEPTON_BASE_TICKS_H
#define LEPTON_BASE_TICKS_H

#include <stddef.h>

/* Round numbers (1, 2, 5 times a power of ten) covering [lo, hi] in at most `most` steps (Heckbert). Writes to
 * ticks[] (room for max) those within the range; returns how many. */
int lepton__nice_ticks(double lo, double hi, int most, double *ticks, int max);
int lepton__nice_log_ticks(double lo, double hi, int most, double *ticks, int max); /* lo > 0 */
/* Of seconds: steps that clocks have. */
int lepton__nice_time_ticks(double lo, double hi, int most, double *ticks, int max);
/* A tick's label, with just the digits that tell it from its neighbour one step away. */
void lepton__tick_label(char *to, size_t size, double value, double step);

#endif
