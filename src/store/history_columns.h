/* store/history_columns.h - a column of numbers in few bytes: see history_columns.c. */
#ifndef LEPTON_STORE_HISTORY_COLUMNS_H
#define LEPTON_STORE_HISTORY_COLUMNS_H

#include "base/buffer.h"

void lepton__column_write(struct lepton__buffer *out, const uint64_t *values, size_t count);
/* Zeros, and the cursor failed, where the bytes are not a column's. */
void lepton__column_read(struct lepton__cursor *in, uint64_t *values, size_t count);

#endif
