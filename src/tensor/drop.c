/* tensor/drop.c - which values a dropout keeps, and letting only those through.
 *
 * Half of what a network has may be dropped, in no order a processor could foresee: so no branch depends on
 * it, values and masks meet in one bitwise and. The numbers are those of lepton__rng_block (rng.c, Philox
 * 4x32-10), LANES blocks at a time: a round is two multiplications of 32 by 32 bits in every lane, and what a
 * block decides of its four values is one word of four bytes.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#include <string.h>

#define BLOCK 4 /* values */

/* Byte `value` of a word, as memory has it. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTE(value) (24 - 8 * (value))
#else
#define BYTE(value) (8 * (value))
#endif

/* Blocks first, first + 1, …: a byte a value, 1 for kept. */
static void draw_lanes(const struct lepton__rng *rng, uint64_t first, uint32_t below, uint32_t keep[LANES])
{
	uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
	uint32_t k0 = (uint32_t)rng->key, k1 = (uint32_t)(rng->key >> 32);
	for (int l = 0; l < LANES; l++) {
		c0[l] = (uint32_t)(first + (uint64_t)l);
		c1[l] = (uint32_t)((first + (uint64_t)l) >> 32);
		c2[l] = (uint32_t)rng->stream;
		c3[l] = (uint32_t)(rng->stream >> 32);
	}
	for (int round = 0; round < LEPTON__PHILOX_ROUNDS; round++) {
		for (int l = 0; l < LANES; l++) {
			uint64_t p0 = (uint64_t)LEPTON__PHILOX_M0 * c0[l],
				 p1 = (uint64_t)LEPTON__PHILOX_M1 * c2[l];
			c0[l] = (uint32_t)(p1 >> 32) ^ c1[l] ^ k0;
			c2[l] = (uint32_t)(p0 >> 32) ^ c3[l] ^ k1;
			c1[l] = (uint32_t)p1;
			c3[l] = (uint32_t)p0;
		}
		k0 += LEPTON__PHILOX_W0;
		k1 += LEPTON__PHILOX_W1;
	}
	for (int l = 0; l < LANES; l++)
		keep[l] = (uint32_t)(c0[l] >= below) << BYTE(0) | (uint32_t)(c1[l] >= below) << BYTE(1) |
			  (uint32_t)(c2[l] >= below) << BYTE(2) | (uint32_t)(c3[l] >= below) << BYTE(3);
}

void OP(drop_draw)(const struct lepton__rng *rng, int64_t n, uint32_t below, uint8_t *keep)
{
	uint32_t words[LANES];
	for (int64_t i = 0; i < n; i += BLOCK * LANES) {
		int64_t left = n - i < BLOCK * LANES ? n - i : BLOCK * LANES;
		draw_lanes(rng, (uint64_t)i / BLOCK, below, words);
		memcpy(keep + i, words, (size_t)left);
	}
}

void OP(drop_apply)(int64_t n, const uint8_t *keep, float scale, const float *from, float *to)
{
	for (int64_t i = 0; i < n; i++) {
		float value = from[i] * scale;
		uint32_t bits;
		memcpy(&bits, &value, sizeof bits);
		bits &= 0u - keep[i];
		memcpy(&to[i], &bits, sizeof bits);
	}
}
