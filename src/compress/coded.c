/* compress/coded.c - from a plan to a section of the range coder's, and back.
 *
 * Levels and code books differ only in what a level stands for; sparse and exact floats have no levels. A
 * forged section is found here: a step or centroid that is none, a level nothing stands for, a stream that is
 * not exactly as long as its section.
 */
#include "config.h"
#include "compress/coded.h"
#include "compress/exact.h"
#include "compress/product.h"
#include "compress/rounding.h"
#include "compress/sparse.h"
#include "base/memory.h"

#include <math.h>

static struct lepton__steps steps_of(uint8_t coding, const float *scales, uint32_t count)
{
	return coding == LEPTON__CODE_BOOK ? lepton__steps_book(scales, count)
					   : lepton__steps_even(scales[0]);
}

static int no_memory(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for compressed weights");
}

/* What the prediction leaves of a tensor is rounded to levels as a tensor is. */
static int encode_residual(const struct lepton_tensor *tensor, const struct lepton__steps *steps,
	double lambda, struct lepton__prediction prediction, struct lepton__buffer *out,
	struct lepton_error *err)
{
	struct lepton_tensor residual = *tensor;
	float *left = lepton__residual(tensor, prediction);
	if (!left)
		return no_memory(err);
	residual.data = left;
	int code = lepton__rounding_encode(&residual, steps, lambda, out, err);
	lepton__free(left);
	return code;
}

static int encode_levels(const struct lepton_tensor *tensor, const struct lepton__plan *plan,
	struct lepton__prediction prediction, struct lepton__buffer *out, struct lepton_error *err)
{
	bool book = plan->coding == LEPTON__CODE_BOOK;
	const float *scales = book ? plan->centroids : &plan->step;
	uint32_t count = book ? plan->centroid_count : 1;
	struct lepton__steps steps = steps_of((uint8_t)plan->coding, scales, count);
	for (uint32_t i = 0; i < count; i++)
		lepton__buffer_f32(out, scales[i]);
	if (prediction.base)
		return encode_residual(tensor, &steps, plan->lambda, prediction, out, err);
	return lepton__rounding_encode(tensor, &steps, plan->lambda, out, err);
}

int lepton__coded_encode(const struct lepton_tensor *tensor, const struct lepton__plan *plan,
	struct lepton__prediction prediction, struct lepton__buffer *out, struct lepton_error *err)
{
	struct lepton__grid grid = lepton__grid_of(&tensor->shape);
	if (plan->coding == LEPTON__CODE_EXACT)
		return lepton__exact_encode(grid, tensor->data, prediction, out, err);
	if (plan->coding == LEPTON__CODE_PRODUCT)
		return lepton__product_encode(grid, plan, out, err);
	if (plan->coding != LEPTON__CODE_SPARSE)
		return encode_levels(tensor, plan, prediction, out, err);
	lepton__sparse_encode(tensor->data, lepton_shape_count(&tensor->shape), grid.columns, out);
	return out->failed ? no_memory(err) : LEPTON_OK;
}

/* A step is not negative; centroids ascend and none is 0. */
static bool usable_scales(const struct lepton__record *record, const float *scales)
{
	bool book = record->coding == LEPTON__CODE_BOOK;
	for (uint32_t i = 0; i < record->scales; i++) {
		if (!isfinite(scales[i]) || (!book && scales[i] < 0))
			return false;
		if (book && (fpclassify(scales[i]) == FP_ZERO || (i > 0 && scales[i] <= scales[i - 1])))
			return false;
	}
	return true;
}

int lepton__coded_decode(const struct lepton__record *record, struct lepton__prediction prediction,
	const float *scales, const uint8_t *bytes, size_t size, float *weights, struct lepton_error *err)
{
	struct lepton__grid grid = lepton__grid_of(&record->shape);
	bool fine = usable_scales(record, scales);
	int code = LEPTON_OK;
	if (fine && record->coding == LEPTON__CODE_SPARSE)
		fine = lepton__sparse_decode(bytes, size, weights, record->values, grid.columns);
	else if (fine &&
		 (record->coding == LEPTON__CODE_EXACT || record->coding == LEPTON__CODE_EXACT_WITHIN))
		code = lepton__exact_decode(bytes, size, record->coding == LEPTON__CODE_EXACT, grid,
			prediction, weights, &fine, err);
	else if (fine && record->coding == LEPTON__CODE_PRODUCT)
		code = lepton__product_decode(record, scales, bytes, size, weights, &fine, err);
	else if (fine) {
		struct lepton__steps steps = steps_of(record->coding, scales, record->scales);
		code = lepton__rounding_decode(&steps, grid, prediction, bytes, size, weights, &fine, err);
	}
	if (code || fine)
		return code;
	return lepton_error_set(
		err, LEPTON_E_CORRUPT, "%s: the range-coded numbers are damaged or not finite", record->name);
}
