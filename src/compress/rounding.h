/* compress/rounding.h - weights to levels, by an even step or a code book, at the best price. */
#ifndef LEPTON_COMPRESS_ROUNDING_H
#define LEPTON_COMPRESS_ROUNDING_H

#include "compress/linear.h"
#include "base/buffer.h"

/* What the levels stand for: step · level; or, with centroids, 0 for level 0, the first centroid above 0
 * for level 1, the last below it for -1, and so on outwards. */
struct lepton__steps {
	float step;
	const float *centroids; /* ascending, none is 0; NULL for even steps */
	int32_t below, above;   /* how many of them are below and above 0 */
};

struct lepton__steps lepton__steps_even(float step);
/* centroids may be NULL when count is 0; the steps refer to them. */
struct lepton__steps lepton__steps_book(const float *centroids, uint32_t count);
/* Append the weights' levels as one stream. lambda: what a bit is worth in squared steps. */
int lepton__rounding_encode(const struct lepton_tensor *tensor, const struct lepton__steps *steps,
	double lambda, struct lepton__buffer *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The stream to weights, each its level's number on what is predicted of it. *whole false: not one whole stream, or a
 * level stands for nothing. LEPTON_E_NOMEM. */
int lepton__rounding_decode(const struct lepton__steps *steps, struct lepton__grid grid,
	struct lepton__prediction prediction, const uint8_t *bytes, size_t size, float *weights, bool *whole,
	struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
