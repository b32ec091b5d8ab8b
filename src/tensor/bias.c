/* tensor/bias.c - the bias of dense and convolution layers: added on the way in, summed on the way back. */
#include "config.h"
#include "tensor/ops.h"

#include <string.h>

void OP(bias_activate)(enum lepton__activation act, int64_t rows, int units, const float *bias, float *y)
{
	for (int64_t r = 0; r < rows; r++)
		for (int u = 0; u < units; u++)
			y[r * units + u] += bias[u];
	if (act != LEPTON__LINEAR && act != LEPTON__SOFTMAX)
		OP(activate)(act, rows * units, y, y);
}

void OP(bias_gradient)(int64_t rows, int units, const float *dz, float *dbias)
{
	memset(dbias, 0, (size_t)units * sizeof(*dbias));
	for (int64_t r = 0; r < rows; r++)
		for (int u = 0; u < units; u++)
			dbias[u] += dz[r * units + u];
}
