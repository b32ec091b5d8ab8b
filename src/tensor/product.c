/* tensor/product.c - the register-tiled product (see product.h for what it computes).
 *
 * A tile of c, ROWS × VECS vectors, stays in registers over the whole sum; each step loads VECS
 * vectors of b and broadcasts ROWS values of a for ROWS · VECS fused multiply-adds. With AVX-512 that
 * is 14 × 2: 16 loads for 28 FMAs, where the core does two of each a cycle, so the multipliers, not
 * the loads, set the pace; 28 sums also cover the FMA's latency of 4 cycles thrice over. AVX2 and
 * plain C have half the registers: 6 × 2. Where three vectors of columns are left they are tiles of 9 × 3, for one
 * alone waits for its broadcasts. Rows are shared out evenly (26 rows make two tiles of 13,
 * not 14 and 12), for a short tile wastes the latency. The last vector of a row may be partial: it is
 * loaded and stored under a mask, so nothing needs padding.
 *
 * Out of registers nothing is blocked here: callers keep b's panel in the first-level cache. Measured on one
 * core with AVX-512 whose FMA peak was 275 GFLOP/s: 0.84 of it for a dense layer of 784 to 300 at batch
 * 128.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#if LEPTON_LANES == 16
#define ROWS_MAX 14
#define THREE_ROWS_MAX 9 /* × 3 vectors, where that many are left */
#define VECS_MAX 3
#else
#define ROWS_MAX 6
#define VECS_MAX 2
#endif

/* The part of a product that one tile covers: the product's strides, its own corner. */
struct tile {
	const struct lepton__product *p;
	const float *a, *b, *bias;
	float *c;
	int length;
	enum lepton__product_start start;
	vec_mask mask; /* of the last vector */
};

INLINE void finish(const int rows, const int vecs, const struct tile *t, vec sum[ROWS_MAX][VECS_MAX])
{
	const struct lepton__product *p = t->p;
	if (t->start == LEPTON__PRODUCT_ADD) {
		UNROLL
		for (int r = 0; r < rows; r++) {
			float *c = t->c + r * p->c_row;
			UNROLL
			for (int v = 0; v < vecs; v++)
				vec_store_nth(
					c, v, vecs, t->mask, vec_load_nth(c, v, vecs, t->mask) + sum[r][v]);
		}
		return;
	}
	if (p->relu) {
		UNROLL
		for (int r = 0; r < rows; r++) {
			UNROLL
			for (int v = 0; v < vecs; v++)
				sum[r][v] = vec_relu(sum[r][v]);
		}
	}
	UNROLL
	for (int r = 0; r < rows; r++) {
		UNROLL
		for (int v = 0; v < vecs; v++)
			vec_store_nth(t->c + r * p->c_row, v, vecs, t->mask, sum[r][v]);
	}
}

INLINE void run_tile(const int rows, const int vecs, const struct tile *t)
{
	const struct lepton__product *p = t->p;
	const ptrdiff_t a_row = p->a_row, a_step = p->a_step, b_step = p->b_step;
	const vec_mask mask = t->mask;
	vec sum[ROWS_MAX][VECS_MAX];
	UNROLL
	for (int v = 0; v < vecs; v++) {
		const vec first =
			t->start == LEPTON__PRODUCT_BIAS ? vec_load_nth(t->bias, v, vecs, mask) : vec_zero();
		UNROLL
		for (int r = 0; r < rows; r++)
			sum[r][v] = first;
	}
	for (int s = 0; s < p->segments; s++) {
		const float *a = t->a + s * p->a_segment, *b = t->b + s * p->b_segment;
		for (int k = t->length; k > 0; k--, a += a_step, b += b_step) {
			vec column[VECS_MAX];
			UNROLL
			for (int v = 0; v < vecs; v++)
				column[v] = vec_load_nth(b, v, vecs, mask);
			UNROLL
			for (int r = 0; r < rows; r++) {
				const vec x = vec_set(a[r * a_row]);
				UNROLL
				for (int v = 0; v < vecs; v++)
					sum[r][v] = vec_fma(x, column[v], sum[r][v]);
			}
		}
	}
	finish(rows, vecs, t, sum);
}

#define TILE(rows)                                                                                           \
	static void tile_##rows##x1(const struct tile *t)                                                    \
	{                                                                                                    \
		run_tile(rows, 1, t);                                                                        \
	}                                                                                                    \
	static void tile_##rows##x2(const struct tile *t)                                                    \
	{                                                                                                    \
		run_tile(rows, 2, t);                                                                        \
	}
#define TILE3(rows)                                                                                          \
	static void tile_##rows##x3(const struct tile *t)                                                    \
	{                                                                                                    \
		run_tile(rows, 3, t);                                                                        \
	}
#define ENTRY3(rows)                                                                                         \
	{                                                                                                    \
		tile_##rows##x1, tile_##rows##x2, tile_##rows##x3                                            \
	}
#define ENTRY(rows)                                                                                          \
	{                                                                                                    \
		tile_##rows##x1, tile_##rows##x2                                                             \
	}

/* clang-format off */
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if ROWS_MAX == 14
TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12) TILE(13) TILE(14)
TILE3(1) TILE3(2) TILE3(3) TILE3(4) TILE3(5) TILE3(6) TILE3(7) TILE3(8) TILE3(9)
#endif

static void (*const tiles[ROWS_MAX][VECS_MAX])(const struct tile *t) = {
#if ROWS_MAX == 14
	ENTRY3(1), ENTRY3(2), ENTRY3(3), ENTRY3(4), ENTRY3(5), ENTRY3(6), ENTRY3(7), ENTRY3(8), ENTRY3(9), ENTRY(10), ENTRY(11), ENTRY(12), ENTRY(13), ENTRY(14),
#else
	ENTRY(1), ENTRY(2), ENTRY(3), ENTRY(4), ENTRY(5), ENTRY(6),
#endif
};
/* clang-format on */

/* One tile, in one sum or part by part; then c's tile is in cache from the part before. */
static void cover(int rows, int vecs, struct tile *t)
{
	const struct lepton__product *p = t->p;
	const float *a = t->a, *b = t->b;
	const int part = p->part ? p->part : p->length;
	int k = 0;
	t->start = p->start;
	do { /* once also where the length is 0, for the bias */
		t->a = a + k * p->a_step;
		t->b = b + k * p->b_step;
		t->length = p->length - k < part ? p->length - k : part;
		tiles[rows - 1][vecs - 1](t);
		t->start = LEPTON__PRODUCT_ADD;
		k += part;
	} while (k < p->length);
	t->b = b;
}

/* All rows of a panel of columns, in tiles that are about as tall as each other. */
static void panel(const struct lepton__product *p, int j, int vecs, int most)
{
	const int left = p->columns - j - (vecs - 1) * LANES, groups = (p->rows + most - 1) / most;
	struct tile t = {.p = p, .b = p->b + j, .bias = p->bias ? p->bias + j : NULL};
	t.mask = vec_first(left < LANES ? left : LANES);
	for (int i = 0, r = 0; i < groups; i++) {
		const int rows = (p->rows - r + groups - i - 1) / (groups - i);
		t.a = p->a + r * p->a_row;
		t.c = p->c + r * p->c_row + j;
		cover(rows, vecs, &t);
		r += rows;
	}
}

/* Panels of columns outside, so that a panel of b is read from the first-level cache for all rows: two
 * vectors wide each, but of three that are left none stays alone, for a tile one vector wide waits for its
 * broadcasts. */
void OP(product)(const struct lepton__product *p)
{
	for (int j = 0, vecs; j < p->columns; j += vecs * LANES) {
		const int left = (p->columns - j + LANES - 1) / LANES;
		vecs = left < 2 ? left : 2;
#if VECS_MAX == 3
		if (left == 3)
			vecs = 3;
		panel(p, j, vecs, left == 3 ? THREE_ROWS_MAX : ROWS_MAX);
#else
		panel(p, j, vecs, ROWS_MAX);
#endif
	}
}
