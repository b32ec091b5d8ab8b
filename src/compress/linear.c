/* compress/linear.c - weight ≈ alpha·base + scale·code, code a whole number from -127 to 127, or of a lesser
 * range.
 *
 * The scale is the largest residual over 127, rounded up to a float: then no code needs clipping and
 * every error is at most half a scale. Zero stays exactly zero. Both products (float × float, float ×
 * 8 bits) are exact in double, and their sum is rounded once to double and once to float; so a fused
 * multiply-add changes nothing and the rebuilt bits are the same on every machine. Since the scale is rounded
 * up, 127 of it may pass the largest float there is; such a number becomes that float.
 *
 * With 15 codes or 3 the largest weight is a bad measure: most weights would become 0. There the scale is
 * fitted. For given codes c the best scale is <w,c> / <c,c>, for a given scale the best codes are the nearest
 * ones; taking turns, as k-means does, never makes it worse. From several starts, since it ends in the
 * nearest valley.
 */
#include "config.h"
#include "compress/linear.h"
#include "base/memory.h"

#define STARTS 12
#define TURNS 20 /* it settles sooner nearly always */

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
		left[i] = (float)lepton__within_float(difference);
	}
	return left;
}

/* The smallest float whose 127-fold reaches `largest`. */
static float scale_for(double largest)
{
	float scale = (float)(largest / LEPTON__LINEAR_MOST);
	if ((double)scale * LEPTON__LINEAR_MOST < largest)
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

/* ---- few codes --------------------------------------------------------------------------------- */

/* Every step-th number from at on. */
struct strand {
	const float *weights;
	int64_t at, step, count;
};

static double nearest_code(double weight, double scale, int most)
{
	const double code = scale > 0 ? rint(weight / scale) : 0;
	return code > most ? most : code < -most ? -most : code;
}

/* The best scale for the codes that `scale` leads to, and the squared error of those codes with it. */
static double refit(const struct strand *strand, int most, double *scale)
{
	double cross = 0, square = 0, whole = 0;
	for (int64_t at = strand->at; at < strand->count; at += strand->step) {
		double weight = (double)strand->weights[at], code = nearest_code(weight, *scale, most);
		cross += weight * code;
		square += code * code;
		whole += weight * weight;
	}
	*scale = square > 0 ? cross / square : 0;
	return whole - cross * *scale;
}

static float fit(const struct strand *strand, int most)
{
	double largest = 0, best = 0, least = INFINITY;
	for (int64_t at = strand->at; at < strand->count; at += strand->step)
		largest = fmax(largest, fabs((double)strand->weights[at]));
	for (int start = 1; start <= STARTS && largest > 0; start++) {
		double scale = largest / most * start / STARTS, before = INFINITY,
		       error = refit(strand, most, &scale);
		for (int turn = 0; turn < TURNS && error < before; turn++) {
			before = error;
			error = refit(strand, most, &scale);
		}
		if (error < least) {
			least = error;
			best = scale;
		}
	}
	return (float)lepton__within_float(best);
}

void lepton__linear_fit(
	struct lepton__grid grid, const float *weights, bool per_channel, int most, float *scales)
{
	int64_t groups = per_channel ? grid.columns : 1;
	for (int64_t group = 0; group < groups; group++) {
		struct strand strand = {weights, group, groups, grid.rows * grid.columns};
		scales[group] = fit(&strand, most);
	}
}

/* ---- both ways --------------------------------------------------------------------------------- */

void lepton__linear_encode(struct lepton__grid grid, const float *weights,
	struct lepton__prediction prediction, bool per_channel, const float *scales, int most, int8_t *codes)
{
	for (int64_t row = 0; row < grid.rows; row++)
		for (int64_t column = 0; column < grid.columns; column++) {
			int64_t at = row * grid.columns + column;
			double scale = (double)scales[per_channel ? column : 0];
			double residual = (double)weights[at] - lepton__predicted(prediction, at);
			codes[at] = (int8_t)nearest_code(residual, scale, most);
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
			weights[at] = (float)lepton__within_float(number);
		}
}
