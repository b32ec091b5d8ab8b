/* tensor/bias.c - the bias of dense and convolution layers: added on the way in, summed on the way back. */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

void OP(bias_activate)(enum lepton__activation act, int64_t rows, int units, const float *bias, float *y)
{
	for (int64_t r = 0; r < rows; r++)
		OP(add)(units, bias, y + r * units);
	if (act != LEPTON__LINEAR && act != LEPTON__SOFTMAX)
		OP(activate)(act, rows * units, y, y);
}

#define VECS 4

/* Up to VECS vectors of columns: the sums of a part stay in registers. */
INLINE void column_sums(const int vecs, int64_t rows, int64_t part, int units, const float *dz, vec_mask mask,
	float *dbias)
{
	vec total[VECS];
	UNROLL
	for (int v = 0; v < vecs; v++)
		total[v] = vec_zero();
	for (int64_t from = 0; from < rows; from += part) {
		const int64_t to = rows - from < part ? rows : from + part;
		vec sum[VECS];
		UNROLL
		for (int v = 0; v < vecs; v++)
			sum[v] = vec_zero();
		for (int64_t r = from; r < to; r++, dz += units) {
			UNROLL
			for (int v = 0; v < vecs; v++)
				sum[v] = sum[v] + (v == vecs - 1 ? vec_load_part(dz + v * LANES, mask)
								 : vec_load(dz + v * LANES));
		}
		UNROLL
		for (int v = 0; v < vecs; v++)
			total[v] = total[v] + sum[v];
	}
	UNROLL
	for (int v = 0; v < vecs; v++)
		vec_store_part(dbias + v * LANES, v == vecs - 1 ? mask : vec_first(LANES), total[v]);
}

void OP(bias_gradient)(int64_t rows, int64_t part, int units, const float *dz, float *dbias)
{
	int u = 0;
	for (; u + VECS * LANES <= units; u += VECS * LANES)
		column_sums(VECS, rows, part, units, dz + u, vec_first(LANES), dbias + u);
	for (; u < units; u += LANES)
		column_sums(1, rows, part, units, dz + u,
			vec_first(units - u < LANES ? units - u : LANES), dbias + u);
}
