/* data/csv_read.h - csv text (RFC 4180) cut into rows and cells. */
#ifndef LEPTON_DATA_CSV_READ_H
#define LEPTON_DATA_CSV_READ_H

#include "data/rows.h"

/* The separator of the first row: whichever of , ; and tab stands in it most often outside quotes. */
char lepton__csv_separator(const struct lepton__rows *rows);
/* rows->next of csv: cuts the next row by rows->separator; blank lines are passed over. Before rows->expected is set any
 * number of cells is right, and their `column` is their place. LEPTON_E_DATA, LEPTON_E_NOMEM. */
int lepton__csv_next(struct lepton__rows *rows, bool *more, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
