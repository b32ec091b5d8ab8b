/* compress/coded.h - the sections that the range coder writes: levels, code books, sparse and exact floats. */
#ifndef LEPTON_COMPRESS_CODED_H
#define LEPTON_COMPRESS_CODED_H

#include "compress/linear.h"
#include "compress/payload.h"
#include "compress/record.h"

/* Append the section, from the scales on, of a tensor planned as SPARSE, LEVELS, BOOK, EXACT or PRODUCT. The prediction is
 * LEVELS' and EXACT's. */
int lepton__coded_encode(const struct lepton_tensor *tensor, const struct lepton__plan *plan,
	struct lepton__prediction prediction, struct lepton__buffer *out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* scales: the record's, read but not yet checked; bytes: the stream behind them. */
int lepton__coded_decode(const struct lepton__record *record, struct lepton__prediction prediction,
	const float *scales, const uint8_t *bytes, size_t size, float *weights, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
