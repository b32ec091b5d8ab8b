/* tensor/int8_pack.c - weights of 8 bits in the order in which the kernels read them.
 *
 * Sixteen channels make a block. Of a block, four inputs of each channel lie side by side, 64 bytes: one load
 * for AVX-512. Inputs beyond a run's end and channels beyond the last are zero.
 */
#include "config.h"
#include "tensor/int8.h"

#include <string.h>

static int groups(int length)
{
	return (length + LEPTON__INT8_GROUP - 1) / LEPTON__INT8_GROUP;
}

size_t lepton__int8_bytes(int runs, int length, int channels)
{
	const int blocks = (channels + LEPTON__INT8_BLOCK - 1) / LEPTON__INT8_BLOCK;
	return (size_t)blocks * (size_t)runs * (size_t)groups(length) * LEPTON__INT8_BLOCK *
	       LEPTON__INT8_GROUP;
}

void lepton__int8_pack(int runs, int length, int channels, const int8_t *w, int8_t *packed)
{
	const size_t line = (size_t)LEPTON__INT8_BLOCK * LEPTON__INT8_GROUP,
		     block = (size_t)runs * (size_t)groups(length) * line;
	memset(packed, 0, lepton__int8_bytes(runs, length, channels));
	for (int run = 0; run < runs; run++)
		for (int i = 0; i < length; i++) {
			int8_t *to =
				packed +
				((size_t)run * (size_t)groups(length) + (size_t)(i / LEPTON__INT8_GROUP)) *
					line +
				i % LEPTON__INT8_GROUP;
			for (int c = 0; c < channels; c++, w++)
				to[(size_t)(c / LEPTON__INT8_BLOCK) * block +
					(size_t)(c % LEPTON__INT8_BLOCK) * LEPTON__INT8_GROUP] = *w;
		}
}
