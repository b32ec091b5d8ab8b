/* tensor/strips.h - a sum of scaled strips, for gradients that are zero nearly everywhere (winners.c).
 *
 *     to[r, j] += sum over i of value[i] · from[offset[i] + r · from_row + j]      r < rows, j < columns
 */
#ifndef LEPTON_TENSOR_STRIPS_H
#define LEPTON_TENSOR_STRIPS_H

#include <stddef.h>
#include <stdint.h>

struct lepton__strips {
	int count; /* strips */
	const float *value;
	const int32_t *offset;
	const float *from;
	ptrdiff_t from_row;
	float *to;
	ptrdiff_t to_row;
	int rows, columns;
};

#endif
