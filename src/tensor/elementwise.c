/* tensor/elementwise.c - one pass over an array: pixels to floats, sums of parts, the search for NaN and Inf.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#include <string.h>

void OP(scale_u8)(int64_t n, const uint8_t *pixels, float scale, float *x)
{
	const vec s = vec_set(scale);
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES)
		vec_store(x + i, vec_from_u8(pixels + i) * s);
	for (; i < n; i++)
		x[i] = (float)pixels[i] * scale;
}

void OP(add)(int64_t n, const float *part, float *sum)
{
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES)
		vec_store(sum + i, vec_load(sum + i) + vec_load(part + i));
	for (; i < n; i++)
		sum[i] += part[i];
}

/* NaN and Inf have every exponent bit set; the sign bit shifted out, they are the largest numbers. */
bool OP(all_finite)(int64_t n, const float *x)
{
	uint32_t largest = 0;
	for (int64_t i = 0; i < n; i++) {
		uint32_t bits;
		memcpy(&bits, &x[i], sizeof(bits));
		bits <<= 1;
		largest = bits > largest ? bits : largest;
	}
	return largest < 0xFF000000u;
}
