/* tensor/transpose.c - turning a matrix, a square of registers at a time.
 *
 * A square of LANES rows is turned over its diagonal in log2(LANES) rounds; the round of size h swaps
 * the off-diagonal blocks of every 2h × 2h square by one two-source shuffle a row. That is 4 shuffles
 * for 16 values with AVX-512, several times faster than moving the values one by one.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

/* Lane i of a round's two results, as the shuffle numbers them: those of the second source follow the
 * first's. */
#define LOW(i, h) (((i) & ~(h)) + ((i) & (h) ? LANES : 0))
#define HIGH(i, h) (((i) | (h)) + ((i) & (h) ? LANES : 0))
#define FOUR(of, i, h) of(i, h), of((i) + 1, h), of((i) + 2, h), of((i) + 3, h)
#if LEPTON_LANES == 16
#define ALL(of, h) FOUR(of, 0, h), FOUR(of, 4, h), FOUR(of, 8, h), FOUR(of, 12, h)
#elif LEPTON_LANES == 8
#define ALL(of, h) FOUR(of, 0, h), FOUR(of, 4, h)
#else
#define ALL(of, h) FOUR(of, 0, h)
#endif

#define ROUND(row, h)                                                                                        \
	do {                                                                                                 \
		UNROLL                                                                                       \
		for (int i = 0; i < LANES; i++) {                                                            \
			if (i & (h))                                                                         \
				continue;                                                                    \
			const vec a = (row)[i], b = (row)[i + (h)];                                          \
			(row)[i] = __builtin_shufflevector(a, b, ALL(LOW, h));                               \
			(row)[i + (h)] = __builtin_shufflevector(a, b, ALL(HIGH, h));                        \
		}                                                                                            \
	} while (0)

INLINE void turn(vec row[LANES])
{
	ROUND(row, 1);
	ROUND(row, 2);
#if LEPTON_LANES >= 8
	ROUND(row, 4);
#endif
#if LEPTON_LANES >= 16
	ROUND(row, 8);
#endif
}

/* Up to LANES × LANES values; rows that are not there count as zeros. */
static void square(int rows, int columns, const float *from, ptrdiff_t from_row, float *to, ptrdiff_t to_row)
{
	const vec_mask across = vec_first(columns), down = vec_first(rows);
	vec row[LANES];
	UNROLL
	for (int i = 0; i < LANES; i++)
		row[i] = i < rows ? vec_load_part(from + i * from_row, across) : vec_zero();
	turn(row);
	UNROLL
	for (int i = 0; i < LANES; i++)
		if (i < columns)
			vec_store_part(to + i * to_row, down, row[i]);
}

static int lanes_of(ptrdiff_t left)
{
	return left < LANES ? (int)left : LANES;
}

/* to[j][i] = from[i][j] for i < rows, j < columns */
void OP(transpose)(
	ptrdiff_t rows, ptrdiff_t columns, const float *from, ptrdiff_t from_row, float *to, ptrdiff_t to_row)
{
	for (ptrdiff_t i = 0; i < rows; i += LANES)
		for (ptrdiff_t j = 0; j < columns; j += LANES)
			square(lanes_of(rows - i), lanes_of(columns - j), from + i * from_row + j, from_row,
				to + j * to_row + i, to_row);
}
