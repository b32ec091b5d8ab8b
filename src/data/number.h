/* data/number.h - what a cell of a table says: a number, nothing, or a word. */
#ifndef LEPTON_DATA_NUMBER_H
#define LEPTON_DATA_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum lepton__cell_kind { LEPTON__CELL_MISSING, LEPTON__CELL_NUMBER, LEPTON__CELL_OUT_OF_RANGE, LEPTON__CELL_WORD };

/* Missing are "", NA, NaN, ? and null in any case of letters; *value is then NaN. OUT_OF_RANGE: inf, or a number past what
 * float32 holds. A number is decimal, with '.' whatever the locale: hexadecimal and 1,5 are words. */
enum lepton__cell_kind lepton__number_read(const char *text, size_t length, double *value);

#endif
