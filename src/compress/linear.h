/* compress/linear.h - symmetric 8-bit quantisation of weights, or of what a prediction leaves of them. */
#ifndef LEPTON_COMPRESS_LINEAR_H
#define LEPTON_COMPRESS_LINEAR_H

#include "lepton/tensor.h"

/* One tensor seen as rows × columns; a column is a channel (the last dimension). */
struct lepton__grid {
	int64_t rows, columns;
};
struct lepton__grid lepton__grid_of(const struct lepton_shape *shape);

/* The prediction alpha·base; base NULL for none. */
struct lepton__prediction {
	const float *base;
	float alpha;
};
static inline double lepton__predicted(struct lepton__prediction prediction, int64_t at)
{
	return prediction.base ? (double)prediction.alpha * (double)prediction.base[at] : 0.0;
}

/* What is left of a tensor's numbers, rounded to float and within its range: heap (lepton__free), NULL without memory. */
float *lepton__residual(const struct lepton_tensor *tensor, struct lepton__prediction prediction) LEPTON_MUST_CHECK;

/* One scale for all (per_channel false) or one a column. LEPTON_E_UNSUPPORTED when a residual is too
 * large for a float. */
int lepton__linear_scales(struct lepton__grid grid, const float *weights,
	struct lepton__prediction prediction, bool per_channel, float *scales,
	struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__linear_encode(struct lepton__grid grid, const float *weights,
	struct lepton__prediction prediction, bool per_channel, const float *scales, int8_t *codes);
void lepton__linear_decode(struct lepton__grid grid, const int8_t *codes,
	struct lepton__prediction prediction, bool per_channel, const float *scales, float *weights);

#endif
