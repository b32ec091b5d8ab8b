/* tensor/rng.c - counter-based random numbers: Philox 4x32-10.
 *
 * Value i of a stream is a pure function of (key, stream, i): ten rounds of multiply and xor over a
 * 128-bit counter (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3, SC 2011).
 * There is no state to carry, so a resumed, paused or sharded run draws the same numbers, and two
 * versions never share a stream. The counter counts single values; four of them share one block.
 * uniform, u32 and below take one value each (below may take more), normal takes two.
 */
#include "config.h"
#include "tensor/kernels.h"

#include <math.h>

void lepton__rng_init(struct lepton__rng *rng, uint64_t key, uint64_t stream)
{
	*rng = (struct lepton__rng){.key = key, .stream = stream};
}

/* The counter is the block's number (low half) and the stream (high half). */
void lepton__rng_block(const struct lepton__rng *rng, uint64_t counter, uint32_t out[4])
{
	uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32);
	uint32_t c2 = (uint32_t)rng->stream, c3 = (uint32_t)(rng->stream >> 32);
	uint32_t k0 = (uint32_t)rng->key, k1 = (uint32_t)(rng->key >> 32);
	for (int round = 0; round < LEPTON__PHILOX_ROUNDS; round++) {
		uint64_t p0 = (uint64_t)LEPTON__PHILOX_M0 * c0, p1 = (uint64_t)LEPTON__PHILOX_M1 * c2;
		c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
		c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
		c1 = (uint32_t)p1;
		c3 = (uint32_t)p0;
		k0 += LEPTON__PHILOX_W0;
		k1 += LEPTON__PHILOX_W1;
	}
	out[0] = c0;
	out[1] = c1;
	out[2] = c2;
	out[3] = c3;
}

uint32_t lepton__rng_u32(struct lepton__rng *rng)
{
	uint32_t block[4];
	lepton__rng_block(rng, rng->counter / 4, block);
	return block[rng->counter++ % 4];
}

float lepton__rng_uniform(struct lepton__rng *rng)
{
	return (float)(lepton__rng_u32(rng) >> 8) * 0x1p-24f;
}

/* Box and Muller's transform; 1 - u is never 0, so the logarithm is finite. */
double lepton__rng_normal(struct lepton__rng *rng)
{
	const double two_pi = 6.283185307179586476925;
	double u = lepton__rng_u32(rng) * 0x1p-32, v = lepton__rng_u32(rng) * 0x1p-32;
	return sqrt(-2 * log(1 - u)) * cos(two_pi * v);
}

/* Lemire's method: the high half of value × bound, the few uneven low halves drawn again. */
uint32_t lepton__rng_below(struct lepton__rng *rng, uint32_t bound)
{
	if (bound == 0)
		return 0;
	const uint32_t uneven = (0u - bound) % bound;
	uint64_t product;
	do
		product = (uint64_t)lepton__rng_u32(rng) * bound;
	while ((uint32_t)product < uneven);
	return (uint32_t)(product >> 32);
}
