/* compress/sparse.h - float32 numbers to the bit, zeros for next to nothing. */
#ifndef LEPTON_COMPRESS_SPARSE_H
#define LEPTON_COMPRESS_SPARSE_H

#include "base/buffer.h"

/* Append values[0..count), rows of `columns`, as one stream; faults stick in out. */
void lepton__sparse_encode(const float *values, int64_t count, int64_t columns, struct lepton__buffer *out);
/* False when the bytes are not one whole stream, or a number is not finite. */
bool lepton__sparse_decode(const uint8_t *bytes, size_t size, float *values, int64_t count, int64_t columns);

#endif
