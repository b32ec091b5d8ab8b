/* tensor/few.h - the products of a dense layer with few units, a block of features at a time.
 *
 * Ten units fill 10 of 16 lanes, so lanes run over the features instead, on weights turned to
 * [features / LANES][units][LANES], zeros after the last feature: so that a vector of features finds its
 * weights side by side. The caller turns a block at a time and keeps it in the first-level cache (dense.c,
 * tail.c).
 */
#ifndef LEPTON_TENSOR_FEW_H
#define LEPTON_TENSOR_FEW_H

#include <stdbool.h>
#include <stddef.h>

#define LEPTON__FEW_UNITS 16 /* layers with more go through gemm */

struct lepton__few {
	int n, units, features;
	const float *x; /* n rows of features, x_row apart */
	ptrdiff_t x_row;
	const float *w; /* turned, on a cache line */
	/* forward */
	float *sums;   /* n × units vectors, added to; OP(few_sums) adds up their lanes */
	const int *at; /* whose sums among these each row's are; NULL: in order */
	/* backward */
	const float *dz; /* n × units */
	float *dw;       /* like w, added to */
	float *dx;       /* like x but not x itself, overwritten; NULL: not wanted */
	bool relu;       /* dx is 0 where x is not positive: back through the relu that made x */
};

#endif
