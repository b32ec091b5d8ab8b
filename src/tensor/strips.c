/* tensor/strips.c - the inner loop of sparse gradients (see strips.h for what it computes).
 *
 * A block of `to`, up to 5 rows × 4 vectors with AVX-512, stays in registers over the whole sum. Each strip is one
 * broadcast and, a multiply-add at a time, a load that nothing else uses: so the loads set the pace, two a cycle
 * where strips lie on cache lines, one where they cross them, against the two FMAs a core could do. That is at
 * best half of the peak, for a fraction of the work.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#if LEPTON_LANES == 16
#define ROWS_MAX 5
#else
#define ROWS_MAX 3
#endif
#define VECS_MAX 4

INLINE void block(const int rows, const int vecs, const struct lepton__strips *s, vec_mask mask)
{
	const ptrdiff_t from_row = s->from_row;
	const float *value = s->value, *from = s->from;
	const int32_t *offset = s->offset;
	vec sum[ROWS_MAX][VECS_MAX];
	UNROLL
	for (int r = 0; r < rows; r++) {
		UNROLL
		for (int v = 0; v < vecs; v++)
			sum[r][v] = vec_zero();
	}
	for (int i = 0; i < s->count; i++) {
		const vec scale = vec_set(value[i]);
		const float *strip = from + offset[i];
		UNROLL
		for (int r = 0; r < rows; r++) {
			UNROLL
			for (int v = 0; v < vecs; v++)
				sum[r][v] = vec_fma(
					scale, vec_load_nth(strip + r * from_row, v, vecs, mask), sum[r][v]);
		}
	}
	UNROLL
	for (int r = 0; r < rows; r++) {
		float *to = s->to + r * s->to_row;
		UNROLL
		for (int v = 0; v < vecs; v++) {
			vec_store_nth(to, v, vecs, mask, vec_load_nth(to, v, vecs, mask) + sum[r][v]);
		}
	}
}

#define BLOCK(rows, vecs)                                                                                    \
	static void block_##rows##x##vecs(const struct lepton__strips *s, vec_mask mask)                      \
	{                                                                                                    \
		block(rows, vecs, s, mask);                                                                  \
	}
#define BLOCKS(rows) BLOCK(rows, 1) BLOCK(rows, 2) BLOCK(rows, 3) BLOCK(rows, 4)
#define ENTRY(rows)                                                                                          \
	{                                                                                                    \
		block_##rows##x1, block_##rows##x2, block_##rows##x3, block_##rows##x4                        \
	}

/* clang-format off */
BLOCKS(1) BLOCKS(2) BLOCKS(3)
#if ROWS_MAX == 5
BLOCKS(4) BLOCKS(5)
#endif

static void (*const blocks[ROWS_MAX][VECS_MAX])(const struct lepton__strips *s, vec_mask mask) = {
	ENTRY(1), ENTRY(2), ENTRY(3),
#if ROWS_MAX == 5
	ENTRY(4), ENTRY(5),
#endif
};
/* clang-format on */

/* Shared out evenly: five vectors are three and two, not four and one. */
static void in_blocks(const struct lepton__strips *s, int vecs)
{
	const int groups = (vecs + VECS_MAX - 1) / VECS_MAX, bands = (s->rows + ROWS_MAX - 1) / ROWS_MAX;
	for (int g = 0, v = 0; g < groups; g++) {
		const int width = (vecs - v + groups - g - 1) / (groups - g);
		const int left = s->columns - v * LANES - (width - 1) * LANES;
		for (int b = 0, r = 0; b < bands; b++) {
			const int height = (s->rows - r + bands - b - 1) / (bands - b);
			struct lepton__strips part = *s;
			part.from += r * s->from_row + v * LANES;
			part.to += r * s->to_row + v * LANES;
			blocks[height - 1][width - 1](&part, vec_first(left < LANES ? left : LANES));
			r += height;
		}
		v += width;
	}
}

/* Lists are short, a dozen strips where a sample's winners are sorted by pixel: the divisions and the copy
 * that sharing out takes would cost a seventh of the time. */
void OP(strips)(const struct lepton__strips *s)
{
	const int vecs = (s->columns + LANES - 1) / LANES;
	if (s->count == 0)
		return;
	if (vecs <= VECS_MAX && s->rows <= ROWS_MAX)
		blocks[s->rows - 1][vecs - 1](s, vec_first(s->columns - (vecs - 1) * LANES));
	else
		in_blocks(s, vecs);
}
