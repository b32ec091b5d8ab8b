/* compress/coded.c - from a plan to a section of the range coder's, and back.
 *
 * Levels and code books differ only in what a level stands for; sparse floats have no levels. A forged
 * section is found here: a step or centroid that is none, a level nothing stands for, a stream that is not
 * exactly as long as its section.
 */
#include "config.h"
#include "compress/coded.h"
#include "compress/levels.h"
#include "compress/linear.h"
#include "compress/rounding.h"
#include "compress/sparse.h"
#include "base/memory.h"

#include <math.h>

static struct lepton__steps steps_of(uint8_t coding, const float *scales, uint32_t count)
{
	return coding == LEPTON__CODE_BOOK ? lepton__steps_book(scales, count)
					   : lepton__steps_even(scales[0]);
}

int lepton__coded_encode(const struct lepton_tensor *tensor, const struct lepton__plan *plan,
	struct lepton__buffer *out, struct lepton_error *err)
{
	if (plan->coding == LEPTON__CODE_SPARSE) {
		lepton__sparse_encode(tensor->data, lepton_shape_count(&tensor->shape),
			lepton__grid_of(&tensor->shape).columns, out);
		return out->failed ? lepton_error_set(err, LEPTON_E_NOMEM, "no memory for compressed weights")
				   : LEPTON_OK;
	}
	bool book = plan->coding == LEPTON__CODE_BOOK;
	const float *scales = book ? plan->centroids : &plan->step;
	uint32_t count = book ? plan->centroid_count : 1;
	struct lepton__steps steps = steps_of((uint8_t)plan->coding, scales, count);
	for (uint32_t i = 0; i < count; i++)
		lepton__buffer_f32(out, scales[i]);
	return lepton__rounding_encode(tensor, &steps, plan->lambda, out, err);
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

int lepton__coded_decode(const struct lepton__record *record, const float *scales, const uint8_t *bytes,
	size_t size, float *weights, struct lepton_error *err)
{
	int64_t columns = lepton__grid_of(&record->shape).columns;
	bool fine = usable_scales(record, scales);
	if (fine && record->coding == LEPTON__CODE_SPARSE) {
		fine = lepton__sparse_decode(bytes, size, weights, record->values, columns);
	} else if (fine) {
		struct lepton__steps steps = steps_of(record->coding, scales, record->scales);
		int32_t *levels = lepton__calloc((size_t)record->values, sizeof *levels);
		if (!levels)
			return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for compressed weights");
		fine = lepton__levels_decode(bytes, size, levels, record->values, columns) &&
		       lepton__rounding_decode(&steps, levels, record->values, weights);
		lepton__free(levels);
	}
	return fine ? LEPTON_OK
		    : lepton_error_set(err, LEPTON_E_CORRUPT,
			      "%s: the range-coded numbers are damaged or not finite", record->name);
}
