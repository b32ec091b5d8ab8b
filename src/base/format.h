/* base/format.h - numbers as people read them: short, of steady width, the same everywhere on screen.
 * (Sizes and durations are number.h's.) */
#ifndef LEPTON_BASE_FORMAT_H
#define LEPTON_BASE_FORMAT_H

#include "lepton/error.h"
#include <stdint.h>

/* As snprintf, but a text too long is cut between characters, never within one. */
void lepton__print(char *out, size_t size, const char *fmt, ...) LEPTON_PRINTF(3, 4);

#define LEPTON__FMT 24 /* room enough for each of these */

void lepton__fmt_loss(char out[LEPTON__FMT], double loss);         /* "0.0412", "12.31", "3.1e+05", "nan", "-" unknown */
void lepton__fmt_percent(char out[LEPTON__FMT], double part);      /* 0.9871 → "98.71%" */
void lepton__fmt_rate(char out[LEPTON__FMT], double per_second);   /* "12.3k/s" */
void lepton__fmt_integer(char out[LEPTON__FMT], int64_t value);    /* "317,610" */
void lepton__fmt_clock(char out[LEPTON__FMT], double wall);        /* "14:02:09", local time */

#endif
