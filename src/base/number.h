/* base/number.h - numbers for people, never longer than 7 columns. (base/format.h has those of steady width.) */
#ifndef LEPTON_BASE_NUMBER_H
#define LEPTON_BASE_NUMBER_H

#include <stddef.h>

void lepton__text_number(char *to, size_t size, double value);        /* "1.2k", "0.0031", "4.5M", "1e-09", "-" for NaN */
void lepton__text_bytes(char *to, size_t size, double bytes);      /* "3.4 MB" */
void lepton__text_duration(char *to, size_t size, double seconds); /* "42s", "3m05s", "2h10m", "4d03h" */

#endif
