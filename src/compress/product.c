/* compress/product.c - two factors written one behind the other, and multiplied when they are read.
 *
 * A factor is coded as any tensor is: its floats to the bit, or levels of even steps. A product of two floats
 * is exact in double, and the sum goes in one order, so a fused multiply-add changes nothing: every machine
 * rebuilds the same bits.
 */
#include "config.h"
#include "compress/product.h"
#include "compress/range_coder.h"
#include "compress/rounding.h"
#include "compress/sparse.h"
#include "base/memory.h"

static int no_memory(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for the factors of a tensor");
}

static struct lepton_tensor factor(const float *values, int64_t rows, int64_t columns)
{
	return (struct lepton_tensor){
		.dtype = LEPTON_F32, .shape = {2, {rows, columns}}, .data = (void *)(uintptr_t)values};
}

void lepton__product_factors(const struct lepton__plan *plan, struct lepton__grid grid,
	struct lepton_tensor *left, struct lepton_tensor *right)
{
	*left = factor(plan->left, grid.rows, plan->rank);
	*right = factor(plan->right, plan->rank, grid.columns);
}

/* ---- writing ----------------------------------------------------------------------------------- */

static int encode_factor(const struct lepton_tensor *tensor, const struct lepton__plan *plan, float step,
	struct lepton__buffer *out, struct lepton_error *err)
{
	struct lepton__steps steps = lepton__steps_even(step);
	if (plan->stepped)
		return lepton__rounding_encode(tensor, &steps, plan->lambda, out, err);
	lepton__sparse_encode(tensor->data, lepton_shape_count(&tensor->shape), tensor->shape.dim[1], out);
	return LEPTON_OK;
}

static int join(const struct lepton__plan *plan, const struct lepton__buffer *left,
	const struct lepton__buffer *right, int64_t values, struct lepton__buffer *out,
	struct lepton_error *err)
{
	if ((uint64_t)values > LEPTON__RANGE_MOST_BINS * (uint64_t)(8 + left->size + right->size))
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%zu bytes for %lld weights are fewer than a reader believes: ask for a higher rank",
			left->size + right->size, (long long)values);
	if (plan->stepped) {
		lepton__buffer_f32(out, plan->step);
		lepton__buffer_f32(out, plan->step_right);
	}
	lepton__buffer_u32(out, (uint32_t)plan->rank);
	lepton__buffer_u32(out, (uint32_t)left->size);
	lepton__buffer_append(out, left->data, left->size);
	lepton__buffer_append(out, right->data, right->size);
	return left->failed || right->failed || out->failed ? no_memory(err) : LEPTON_OK;
}

int lepton__product_encode(struct lepton__grid grid, const struct lepton__plan *plan,
	struct lepton__buffer *out, struct lepton_error *err)
{
	struct lepton_tensor left, right;
	struct lepton__buffer first, second;
	lepton__product_factors(plan, grid, &left, &right);
	lepton__buffer_init(&first, UINT32_MAX);
	lepton__buffer_init(&second, UINT32_MAX);
	int code = encode_factor(&left, plan, plan->step, &first, err);
	if (!code)
		code = encode_factor(&right, plan, plan->step_right, &second, err);
	if (!code)
		code = join(plan, &first, &second, grid.rows * grid.columns, out, err);
	lepton__buffer_free(&first);
	lepton__buffer_free(&second);
	return code;
}

/* ---- reading ----------------------------------------------------------------------------------- */

/* step NULL: floats to the bit. */
static int decode_factor(const uint8_t *bytes, size_t size, const float *step, struct lepton__grid grid,
	float *values, bool *fine, struct lepton_error *err)
{
	const struct lepton__prediction nothing = {.base = NULL};
	if (!step) {
		*fine = lepton__sparse_decode(bytes, size, values, grid.rows * grid.columns, grid.columns);
		return LEPTON_OK;
	}
	struct lepton__steps steps = lepton__steps_even(*step);
	return lepton__rounding_decode(&steps, grid, nothing, bytes, size, values, fine, err);
}

static void multiply(
	struct lepton__grid grid, int64_t rank, const float *left, const float *right, float *out)
{
	for (int64_t row = 0; row < grid.rows; row++)
		for (int64_t column = 0; column < grid.columns; column++) {
			double sum = 0;
			for (int64_t k = 0; k < rank; k++)
				sum += (double)left[row * rank + k] *
				       (double)right[k * grid.columns + column];
			out[row * grid.columns + column] = (float)lepton__within_float(sum);
		}
}

int lepton__product_decode(const struct lepton__record *record, const float *scales, const uint8_t *bytes,
	size_t size, float *weights, bool *fine, struct lepton_error *err)
{
	struct lepton__grid grid = lepton__grid_of(&record->shape);
	struct lepton__cursor in = {.at = bytes, .left = size};
	int64_t rank = lepton__cursor_u32(&in);
	size_t first = lepton__cursor_u32(&in);
	const uint8_t *streams = lepton__cursor_bytes(&in, first);
	*fine = streams && rank >= 1 && rank <= grid.rows && rank <= grid.columns &&
		(uint64_t)(grid.rows * rank) <= LEPTON__RANGE_MOST_BINS * (uint64_t)first &&
		(uint64_t)(grid.columns * rank) <= LEPTON__RANGE_MOST_BINS * (uint64_t)in.left;
	if (!*fine)
		return LEPTON_OK;
	float *left = lepton__calloc((size_t)(grid.rows * rank), sizeof *left),
	      *right = lepton__calloc((size_t)(grid.columns * rank), sizeof *right);
	int code = left && right ? LEPTON_OK : no_memory(err);
	const float *step = record->scales ? scales : NULL;
	if (!code)
		code = decode_factor(
			streams, first, step, (struct lepton__grid){grid.rows, rank}, left, fine, err);
	if (!code && *fine)
		code = decode_factor(in.at, in.left, step ? step + 1 : NULL,
			(struct lepton__grid){rank, grid.columns}, right, fine, err);
	if (!code && *fine)
		multiply(grid, rank, left, right, weights);
	lepton__free(left);
	lepton__free(right);
	return code;
}
