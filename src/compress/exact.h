/* compress/exact.h - numbers as differences to what a prediction says of them, to the bit. */
#ifndef LEPTON_COMPRESS_EXACT_H
#define LEPTON_COMPRESS_EXACT_H

#include "base/buffer.h"
#include "compress/linear.h"

/* Append the weights as one stream. LEPTON_E_NOMEM. */
int lepton__exact_encode(struct lepton__grid grid, const float *weights, struct lepton__prediction prediction,
	struct lepton__buffer *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* apart: the digits are behind the coder's stream, as they are written now, not within it. *whole false: the bytes are not one whole stream, or a number is not finite. LEPTON_E_NOMEM. */
int lepton__exact_decode(const uint8_t *bytes, size_t size, bool apart, struct lepton__grid grid,
	struct lepton__prediction prediction, float *weights, bool *whole,
	struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
