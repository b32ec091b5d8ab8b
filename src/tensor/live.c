/* tensor/live.c - products that pass over the zeros of their left operand.
 *
 * Four fifths of an image of a digit are zero, and so is most of a row of words or categories; x·w and
 * the gradient x'·dz spend as much on them as on the rest. A tile of four rows of `a` lists the steps of its
 * sum in which not all four are zero, once for all panels of columns, and walks only those. In MNIST at batch
 * 128 that is 0.39 of the pixels for four neighbouring samples, and 0.28 of the samples for four neighbouring
 * pixels, which are mostly zero together; of the 14 rows of a dense tile it would be 0.51 and 0.61. Four rows
 * are the fewest whose sums, 4 × 2 vectors, do not wait for each other (one alone would walk 0.19).
 *
 * What is left out is +0 or -0 added to a sum in the same order, so with finite weights the bits are
 * those of the dense product, but for a sum that has underflowed to -0, which stays it. Zero times an
 * infinity or NaN is left out too: a run that diverges is noticed by the values that are not zero, and by the
 * bias, which every sample reaches.
 *
 * Some tiles are looked at first, and where their lists are long none is made and the product is done the
 * dense way, in tall tiles: so that an operand without zeros pays for an eighth of the search, which is
 * itself 1/50 of a product of 300 columns.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#if LEPTON_LANES != 4

#define TILE LEPTON__LIVE_TILE
#define VECS 2
#define SAMPLE 8    /* one tile of so many is looked at first */
#define WORTH 5 / 8 /* of all steps: more in a tile's list, and the dense way is as fast */

INLINE vec load_steps(const float *a, int left)
{
	return left < LANES ? vec_load_part(a, vec_first(left)) : vec_load(a);
}

/* Steps side by side: a vector of them at a time, of each row. */
static int list_by_rows(const struct lepton__product *p, int row, int32_t *list)
{
	const int rows = p->rows - row < TILE ? p->rows - row : TILE;
	const float *a = p->a + row * p->a_row;
	int count = 0;
	for (int k = 0; k < p->length; k += LANES) {
		vec_int keep = vec_int_set(0);
		for (int r = 0; r < rows; r++)
			keep |= vec_not_zero(load_steps(a + r * p->a_row + k, p->length - k));
		count += vec_int_pack(list + count, keep, vec_int_lane() + k);
	}
	return count;
}

/* Rows side by side: of each step a vector's worth of rows as bits, out of which each tile picks its own. */
static void list_by_steps(const struct lepton__product *p, int row, int tiles, int32_t *bits, int32_t *list,
	int room, int *count)
{
	const int left = p->rows - row, steps = (p->length + LANES - 1) / LANES * LANES;
	for (int k = 0; k < p->length; k++)
		bits[k] = vec_bits(vec_not_zero(load_steps(p->a + k * p->a_step + row, left)));
	for (int k = p->length; k < steps; k++)
		bits[k] = 0;
	for (int t = 0; t < tiles; t++, list += room) {
		const vec_int mine = vec_int_set(((1 << TILE) - 1) << (t * TILE));
		count[t] = 0;
		for (int k = 0; k < steps; k += LANES) {
			const vec_int some = vec_int_load_part(bits + k, vec_first(LANES)) & mine;
			count[t] += vec_int_pack(list + count[t], some != vec_int_set(0), vec_int_lane() + k);
		}
	}
}

static int tiles_of(const struct lepton__product *p)
{
	return (p->rows + TILE - 1) / TILE;
}

/* The lists of every `stride`-th group of tiles; says how many steps they have of how many in all. */
static void list(const struct lepton__product *p, struct lepton__live *live, int32_t *bits, int stride,
	int64_t *steps, int64_t *all)
{
	const int tiles = tiles_of(p), group = p->a_step == 1 ? 1 : LANES / TILE;
	*steps = *all = 0;
	for (int t = 0; t < tiles; t += group * stride) {
		const int here = tiles - t < group ? tiles - t : group;
		int32_t *to = live->step + (ptrdiff_t)t * live->room;
		if (p->a_step == 1)
			live->count[t] = list_by_rows(p, t * TILE, to);
		else
			list_by_steps(p, t * TILE, here, bits, to, live->room, live->count + t);
		for (int i = 0; i < here; i++)
			*steps += live->count[t + i];
		*all += (int64_t)here * p->length;
	}
}

bool OP(live_find)(const struct lepton__product *p, struct lepton__live *live, int32_t *bits)
{
	int64_t steps, all;
	list(p, live, bits, SAMPLE, &steps, &all);
	if (steps > all * WORTH)
		return false;
	list(p, live, bits, 1, &steps, &all);
	return steps <= all * WORTH;
}

INLINE void run(const int rows, const int vecs, const struct lepton__product *p, const float *a,
	const int32_t *step, int count, bool add, float *c, vec_mask mask)
{
	const ptrdiff_t a_row = p->a_row, a_step = p->a_step, b_step = p->b_step;
	const float *b = p->b;
	vec sum[TILE][VECS];
	UNROLL
	for (int r = 0; r < rows; r++) {
		UNROLL
		for (int v = 0; v < vecs; v++)
			sum[r][v] = vec_zero();
	}
	for (int i = 0; i < count; i++) {
		const float *from = a + step[i] * a_step, *column = b + step[i] * b_step;
		vec weight[VECS];
		UNROLL
		for (int v = 0; v < vecs; v++)
			weight[v] = vec_load_nth(column, v, vecs, mask);
		UNROLL
		for (int r = 0; r < rows; r++) {
			const vec x = vec_set(from[r * a_row]);
			UNROLL
			for (int v = 0; v < vecs; v++)
				sum[r][v] = vec_fma(x, weight[v], sum[r][v]);
		}
	}
	UNROLL
	for (int r = 0; r < rows; r++) {
		UNROLL
		for (int v = 0; v < vecs; v++) {
			float *to = c + r * p->c_row;
			if (add)
				sum[r][v] = vec_load_nth(to, v, vecs, mask) + sum[r][v];
			vec_store_nth(to, v, vecs, mask, sum[r][v]);
		}
	}
}

/* clang-format off */
#define RUN(rows, vecs) \
	static void run_##rows##x##vecs(const struct lepton__product *p, const float *a, const int32_t *step, int count, \
		bool add, float *c, vec_mask mask) \
	{ \
		run(rows, vecs, p, a, step, count, add, c, mask); \
	}
RUN(1, 1) RUN(2, 1) RUN(3, 1) RUN(4, 1) RUN(1, 2) RUN(2, 2) RUN(3, 2) RUN(4, 2)

static void (*const runs[TILE][VECS])(const struct lepton__product *p, const float *a, const int32_t *step, int count,
	bool add, float *c, vec_mask mask) = {
	{run_1x1, run_1x2}, {run_2x1, run_2x2}, {run_3x1, run_3x2}, {run_4x1, run_4x2},
};
/* clang-format on */

/* A part without a step is added too, as the dense product adds its zeros. */
void OP(live_product)(const struct lepton__product *p, const struct lepton__live *live)
{
	const int vecs = p->columns > LANES ? 2 : 1, part = p->part ? p->part : p->length;
	const vec_mask mask = vec_first(p->columns - (vecs - 1) * LANES);
	for (int t = 0; t < tiles_of(p); t++) {
		const int row = t * TILE, rows = p->rows - row < TILE ? p->rows - row : TILE;
		const int32_t *step = live->step + (ptrdiff_t)t * live->room, *end = step + live->count[t];
		for (int k = 0; k < p->length; k += part) {
			const int32_t *from = step;
			if (p->length - k <= part)
				step = end;
			else
				while (step < end && *step < k + part)
					step++;
			runs[rows - 1][vecs - 1](p, p->a + row * p->a_row, from, (int)(step - from),
				k || p->start == LEPTON__PRODUCT_ADD, p->c + row * p->c_row, mask);
		}
	}
}

#endif
