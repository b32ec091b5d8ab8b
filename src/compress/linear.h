/* compress/linear.h - symmetric quantisation of weights to 8 bits or fewer, or of what a prediction leaves of them. */
#ifndef LEPTON_COMPRESS_LINEAR_H
#define LEPTON_COMPRESS_LINEAR_H

#include "lepton/tensor.h"

#include <float.h>
#include <math.h>

/* One tensor seen as rows × columns; a column is a channel (the last dimension). */
struct lepton__grid {
	int64_t rows, columns;
};
struct lepton__grid lepton__grid_of(const struct lepton_shape *shape);

/* The prediction alpha·base; base NULL for none. */
struct lepton__prediction {
	const float *base;
	float alpha;
	const float *alphas; /* of each of `columns` channels; NULL: `alpha` for all */
	int64_t columns;
};
static inline double lepton__predicted(struct lepton__prediction prediction, int64_t at)
{
	if (!prediction.base)
		return 0.0;
	const float alpha = prediction.alphas ? prediction.alphas[at % prediction.columns] : prediction.alpha;
	return (double)alpha * (double)prediction.base[at];
}

/* No further out than the largest float. */
static inline double lepton__within_float(double number)
{
	const double most = (double)FLT_MAX; /* fmin and fmax are calls, once a weight */
	return number > most ? most : number < -most ? -most : number;
}

/* What is left of a tensor's numbers, rounded to float and within its range: heap (lepton__free), NULL without memory. */
float *lepton__residual(const struct lepton_tensor *tensor, struct lepton__prediction prediction) LEPTON_MUST_CHECK;

#define LEPTON__LINEAR_MOST 127 /* the largest code there is */

/* One scale for all (per_channel false) or one a column; none of a code above LEPTON__LINEAR_MOST.
 * LEPTON_E_UNSUPPORTED when a residual is too large for a float. */
int lepton__linear_scales(struct lepton__grid grid, const float *weights,
	struct lepton__prediction prediction, bool per_channel, float *scales,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* Likewise for codes up to `most` only, so few that it pays to cut the largest weights short: the scales of least
 * squared error. Of finite numbers without a prediction. */
void lepton__linear_fit(struct lepton__grid grid, const float *weights, bool per_channel, int most, float *scales);
/* To the nearest code up to `most`. */
void lepton__linear_encode(struct lepton__grid grid, const float *weights, struct lepton__prediction prediction,
	bool per_channel, const float *scales, int most, int8_t *codes);
void lepton__linear_decode(struct lepton__grid grid, const int8_t *codes,
	struct lepton__prediction prediction, bool per_channel, const float *scales, float *weights);

#endif
