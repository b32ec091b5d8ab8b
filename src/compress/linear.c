/* compress/linear.c - weight ≈ alpha·base + scale·code, code a whole number from -127 to 127.
 *
 * The scale is the largest residual over 127, rounded up to a float: then no code needs clipping and
 * every error is at most half a scale. Zero stays exactly zero. Both products (float × float, float ×
 * 8 bits) are exact in double, and their sum is rounded once to double and once to float; so a fused
 * multiply-add changes nothing and the rebuilt bits are the same on every machine. Since the scale is rounded
 * up, 127 of it may pass the largest float there is; such a number becomes that float.
 */
#include "config.h"
#include "compress/linear.h"
#include "base/memory.h"

#include <float.h>
#include <math.h>

#define LARGEST_CODE 127

struct lepton__grid lepton__grid_of(const struct lepton_shape *shape)
{
	int64_t columns = shape->rank > 0 ? shape->dim[shape->rank - 1] : 1;
	return (struct lepton__grid){
		.rows = columns ? lepton_shape_count(shape) / columns : 0, .columns = columns};
}

float *lepton__residual(const struct lepton_tensor *tensor, struct lepton__prediction prediction)
{
	const float *weights = tensor->data;
	int64_t count = lepton_shape_count(&tensor->shape);
	float *left = lepton__malloc((size_t)count * sizeof *left);
	for (int64_t i = 0; left && i < count; i++) {
		double difference = (double)weights[i] - lepton__predicted(prediction, i);
		left[i] = (float)fmax(-(double)FLT_MAX, fmin((double)FLT_MAX, difference));
	}
	return left;
}

/* The smallest float whose 127-fold reaches `largest`. */
static float scale_for(double largest)
{
	float scale = (float)(largest / LARGEST_CODE);
	if ((double)scale * LARGEST_CODE < largest)
		scale = nextafterf(scale, INFINITY);
	return scale;
}

int lepton__linear_scales(struct lepton__grid grid, const float *weights,
	struct lepton__prediction prediction, bool per_channel, float *scales, struct lepton_error *err)
{
	int64_t groups = per_channel ? grid.columns : 1;
	int64_t step = per_channel ? grid.columns : 1, count = grid.rows * grid.columns;
	for (int64_t group = 0; group < groups; group++) {
		double largest = 0;
		for (int64_t at = group; at < count; at += step)
			largest =
				fmax(largest, fabs((double)weights[at] - lepton__predicted(prediction, at)));
		if (!isfinite(scale_for(largest)))
			return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
				"a difference of %g to alpha times the base is too large to keep", largest);
		scales[group] = scale_for(largest);
	}
	return LEPTON_OK;
}

void lepton__linear_encode(struct lepton__grid grid, const float *weights,
	struct lepton__prediction prediction, bool per_channel, const float *scales, int8_t *codes)
{
	for (int64_t row = 0; row < grid.rows; row++)
		for (int64_t column = 0; column < grid.columns; column++) {
			int64_t at = row * grid.columns + column;
			double scale = (double)scales[per_channel ? column : 0];
			double residual = (double)weights[at] - lepton__predicted(prediction, at);
			codes[at] = (int8_t)(scale > 0 ? lrint(residual / scale) : 0);
		}
}

void lepton__linear_decode(struct lepton__grid grid, const int8_t *codes,
	struct lepton__prediction prediction, bool per_channel, const float *scales, float *weights)
{
	for (int64_t row = 0; row < grid.rows; row++)
		for (int64_t column = 0; column < grid.columns; column++) {
			int64_t at = row * grid.columns + column;
			double scale = (double)scales[per_channel ? column : 0];
			double number = lepton__predicted(prediction, at) + scale * codes[at];
			weights[at] = (float)fmax(-FLT_MAX, fmin(FLT_MAX, number));
		}
}
