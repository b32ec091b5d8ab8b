/* tensor/product.h - the one inner loop under gemm, dense layers and convolutions.
 *
 *     c[r, j] = start[r, j] + sum over s, p of a[r, s, p] · b[s, p, j]      r < rows, j < columns
 *
 * with every operand a pointer and strides. s counts segments and p steps inside one, so that the
 * same loop runs over a matrix (one segment), over the rows of a filter (a segment a filter row) or
 * over the pixels of an image (a segment an image row), without a patch matrix ever being built. Rows
 * of `a` and `b` may overlap, as neighbouring patches do. b's and c's columns are contiguous. With
 * PRODUCT_ADD rows of `c` may overlap too as long as they are whole tiles apart or in order.
 */
#ifndef LEPTON_TENSOR_PRODUCT_H
#define LEPTON_TENSOR_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

enum lepton__product_start { LEPTON__PRODUCT_ZERO, LEPTON__PRODUCT_BIAS, LEPTON__PRODUCT_ADD };

struct lepton__product {
	int rows, columns;
	int segments, length;
	const float *a;
	ptrdiff_t a_row, a_step, a_segment;
	const float *b;
	ptrdiff_t b_step, b_segment;
	float *c;
	ptrdiff_t c_row;
	int part; /* steps whose sum is added to c by itself, one part after the other; 0: all are one sum */
	enum lepton__product_start start;
	const float *bias; /* one a column, for PRODUCT_BIAS */
	bool relu;         /* c = max(c, 0) at the end */
};

#define LEPTON__DOTS_MAX 2 /* columns; see dots.c */

#endif
