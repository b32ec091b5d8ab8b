/* tensor/dots.c - the last one or two columns of a product (see product.h), as dot products.
 *
 * Fifty filters fill three vectors and two lanes of a fourth, which costs the multipliers as much as a full one. Where
 * the rows of a are long runs of memory, lanes can run along those instead, for turned such columns are runs of memory
 * too. With this and tiles three vectors wide (product.c) LeNet's second convolution is 1.2 times as fast forward.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#define ROWS_MAX 4

INLINE void dots(const int rows, const int columns, const struct lepton__product *p, const float *turned, const float *a, float *c)
{
	const int whole = p->length / LANES * LANES;
	const ptrdiff_t a_row = p->a_row, pitch = (p->length + LANES - 1) / LANES * LANES, column = p->segments * pitch;
	const vec_mask rest = vec_first(p->length - whole);
	vec sum[ROWS_MAX][LEPTON__DOTS_MAX];
	UNROLL
	for (int r = 0; r < rows; r++) {
		UNROLL
		for (int j = 0; j < columns; j++)
			sum[r][j] = vec_zero();
	}
	for (int s = 0; s < p->segments; s++, turned += pitch) {
		const float *from = a + s * p->a_segment;
		for (int k = 0; k < p->length; k += LANES) {
			UNROLL
			for (int r = 0; r < rows; r++) {
				const float *at = from + r * a_row + k;
				const vec x = k < whole ? vec_load(at) : vec_load_part(at, rest);
				UNROLL
				for (int j = 0; j < columns; j++)
					sum[r][j] = vec_fma(x, vec_load(turned + j * column + k), sum[r][j]);
			}
		}
	}
	UNROLL
	for (int r = 0; r < rows; r++) {
		UNROLL
		for (int j = 0; j < columns; j++) {
			const float y = p->bias[j] + vec_sum(sum[r][j]);
			c[r * p->c_row + j] = p->relu && y < 0 ? 0 : y;
		}
	}
}

INLINE void all_rows(const int columns, const struct lepton__product *p, const float *turned)
{
	int r = 0;
	for (; r + ROWS_MAX <= p->rows; r += ROWS_MAX)
		dots(ROWS_MAX, columns, p, turned, p->a + r * p->a_row, p->c + r * p->c_row);
	for (; r < p->rows; r++)
		dots(1, columns, p, turned, p->a + r * p->a_row, p->c + r * p->c_row);
}

int OP(dots_columns)(const struct lepton__product *p)
{
	const int columns = p->columns % LANES;
	const bool pays = p->columns > 2 * LANES && p->length >= 4 * LANES && p->a_step == 1;
	return pays && columns <= LEPTON__DOTS_MAX ? columns : 0;
}

void OP(dots_turn)(const struct lepton__product *p, int columns, float *turned)
{
	const int pitch = (p->length + LANES - 1) / LANES * LANES;
	for (int j = p->columns - columns; j < p->columns; j++)
		for (int s = 0; s < p->segments; s++, turned += pitch) {
			const float *from = p->b + s * p->b_segment + j;
			for (int k = 0; k < pitch; k++)
				turned[k] = k < p->length ? from[k * p->b_step] : 0;
		}
}

void OP(dots)(const struct lepton__product *p, const float *turned)
{
	if (p->columns == 1)
		all_rows(1, p, turned);
	else
		all_rows(2, p, turned);
}
