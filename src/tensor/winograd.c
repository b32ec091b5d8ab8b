/* tensor/winograd.c - convolution by minimal filtering (Winograd 1980; Lavin & Gray, CVPR 2016).
 *
 * A tile of 8x8 inputs, known at 8 points each way (winograd_maps.h), gives 4x4 outputs of a 5x5 filter or
 * 6x6 of a 3x3 one by 64 multiplications for each channel and filter, where directly it takes 400 or 324. At
 * each point that is a matrix product over the channels, tiles × channels × filters, which product.c does:
 *
 *     forward   in = B' d B      w = S E g E' S      out = in · w          y = E' out E
 *     back      dout = E dy E'   dw += in' · dout    din = dout · w'       dx += B din B',  dg = E' S dw S E
 *
 * The way back is the transpose of the way forward, map by map, so it gives the gradients of what was
 * computed. Channels are the lanes of all maps. A block of tiles is taken at once, as many as stay in the
 * second-level cache beside the filters, and a part's blocks begin at its first sample, so that bits do not
 * depend on who runs the part.
 *
 * The products do 2 · channels · filters flops for 4 · (channels + filters) bytes of a tile's point in the
 * second-level cache, 7 flops a byte for 20 channels and 50 filters, and the maps read and write the same
 * once more. Measured for 12x12x20 to 8x8x50, with AVX-512, on a core with a peak of 118 GFLOP/s, in the
 * direct way's arithmetic: 329 GFLOP/s forward (directly 110) and 312 back (83). In the multiplications that
 * are left, 0.45 of the peak. The error is ten times the direct way's forward and up to a hundred times in
 * the gradient of 5x5 filters (test_tensor_winograd prints them), 2e-5 of the terms' sizes, far below what a
 * batch's choice of samples changes; LeNet learns MNIST as well with it as without (samples/bench.md).
 */
#include "config.h"
#include "tensor/winograd.h"
#include "tensor/winograd_maps.h"

#include <string.h>

#define SIDE LEPTON__WINOGRAD_SIDE
#define POINTS LEPTON__WINOGRAD_POINTS
#define LINE 16 /* floats */

#define BLOCK_BYTES                                                                                          \
	(448 << 10) /* of both matrices at the points: beside the filters in a second-level cache of 1 MB */
#define BLOCK_LEAST 16 /* tiles, for each block reads all filters */
#define BLOCK_MOST 64
#define FILTERS_BYTES (4 << 20) /* of filters at the points: more would come from memory, for each block */

/* The factors S of the points (winograd_maps.h). */
static const float scales[SIDE] = {1, -2 / 9.F, -2 / 9.F, 1 / 90.F, 1 / 90.F, 32 / 45.F, 32 / 45.F, 1};

/* ---- planning ---- */

static ptrdiff_t vectors(ptrdiff_t channels)
{
	return (channels + LANES - 1) / LANES;
}

/* An odd number of cache lines: points a power of two apart would share a few sets of the caches. */
static ptrdiff_t odd_lines(ptrdiff_t floats)
{
	return ((floats + LINE - 1) / LINE | 1) * LINE;
}

static bool possible(const struct lepton__conv *g)
{
	const bool square = g->k_h == g->k_w && (g->k_h == 3 || g->k_h == 5);
	return square && g->stride_h == 1 && g->stride_w == 1;
}

/* Filters wide enough for vectors, at the points small enough for a cache, and at most two thirds of the
 * direct way's work with a tile's maps counted as ten channels: whatever that chose was 1.4 to 3.7 times as
 * fast (samples/bench.md). */
static bool pays(const struct lepton__winograd *k)
{
	const struct lepton__conv *g = k->conv;
	const int64_t tiles = (int64_t)k->down * k->across, in = vectors(g->in_c), out = vectors(g->out_c);
	const int64_t direct = (int64_t)g->out_h * g->out_w * g->k_h * g->k_w * g->in_c * out;
	const int64_t here = tiles * POINTS * (g->in_c * out + 10 * (in + out));
	return g->in_c >= 8 && g->out_c >= 8 && tiles >= 4 &&
	       k->w_point * POINTS * (ptrdiff_t)sizeof(float) <= FILTERS_BYTES && here * 3 <= direct * 2;
}

static int block_of(const struct lepton__winograd *k)
{
	const ptrdiff_t fit = BLOCK_BYTES / (ptrdiff_t)sizeof(float) / POINTS / (k->in_pitch + k->out_pitch);
	return fit < BLOCK_LEAST ? BLOCK_LEAST : fit > BLOCK_MOST ? BLOCK_MOST : (int)fit;
}

static bool wanted(const struct lepton__winograd *k)
{
	const enum lepton__winograd_use use = lepton__winograd_use();
	return use == LEPTON__WINOGRAD_ALWAYS || (use == LEPTON__WINOGRAD_WHERE_IT_PAYS && pays(k));
}

size_t OP(winograd_plan)(struct lepton__winograd *k, const struct lepton__conv *g, void *scratch)
{
	size_t bytes = 0;
	*k = (struct lepton__winograd){.conv = g};
	if (!possible(g))
		return 0;
	k->side = SIDE + 1 - g->k_h;
	k->down = (g->out_h + k->side - 1) / k->side;
	k->across = (g->out_w + k->side - 1) / k->side;
	k->in_pitch = vectors(g->in_c) * LANES;
	k->out_pitch = vectors(g->out_c) * LANES;
	k->w_point = odd_lines((ptrdiff_t)g->in_c * g->out_c);
	k->fits = wanted(k);
	if (!k->fits)
		return 0;
	k->block = block_of(k);
	k->in_point = odd_lines(k->block * k->in_pitch);
	k->out_point = odd_lines(k->block * k->out_pitch);
	k->in = lepton__carve(&bytes, scratch, POINTS * k->in_point);
	k->out = lepton__carve(&bytes, scratch, POINTS * k->out_point);
	k->w = lepton__carve(&bytes, scratch, POINTS * k->w_point);
	k->dw = lepton__carve(&bytes, scratch, POINTS * k->w_point);
	return bytes;
}

/* ---- filters ---- */

INLINE void filter_in(
	const int size, const float *w, ptrdiff_t step, vec_mask mask, float *to, ptrdiff_t point)
{
	vec half[SIDE][5];
	for (int j = 0; j < size; j++) {
		vec c[5], v[SIDE];
		UNROLL
		for (int i = 0; i < size; i++)
			c[i] = vec_load_part(w + (i * size + j) * step, mask);
		evaluate(size, c, v);
		UNROLL
		for (int i = 0; i < SIDE; i++)
			half[i][j] = v[i];
	}
	for (int i = 0; i < SIDE; i++, to += SIDE * point) {
		vec v[SIDE];
		evaluate(size, half[i], v);
		UNROLL
		for (int j = 0; j < SIDE; j++)
			vec_store_part(to + j * point, mask, vec_set(scales[i] * scales[j]) * v[j]);
	}
}

INLINE void filter_back(
	const int size, const float *from, ptrdiff_t point, vec_mask mask, float *dw, ptrdiff_t step)
{
	vec half[5][SIDE];
	for (int j = 0; j < SIDE; j++) {
		vec v[SIDE], c[5];
		UNROLL
		for (int i = 0; i < SIDE; i++)
			v[i] = vec_set(scales[i] * scales[j]) *
			       vec_load_part(from + (i * SIDE + j) * point, mask);
		evaluate_turned(size, v, c);
		UNROLL
		for (int i = 0; i < size; i++)
			half[i][j] = c[i];
	}
	for (int i = 0; i < size; i++) {
		vec c[5];
		evaluate_turned(size, half[i], c);
		UNROLL
		for (int j = 0; j < size; j++)
			vec_store_part(dw + (i * size + j) * step, mask, c[j]);
	}
}

static void filters_to(const struct lepton__winograd *k, const float *w, float *to)
{
	const ptrdiff_t step = (ptrdiff_t)k->conv->in_c * k->conv->out_c;
	for (ptrdiff_t c = 0; c < step;
		c += LANES) { /* channels and filters alike: they lie in the same order */
		const vec_mask mask = vec_first(step - c < LANES ? (int)(step - c) : LANES);
		if (k->side == 4)
			filter_in(5, w + c, step, mask, to + c, k->w_point);
		else
			filter_in(3, w + c, step, mask, to + c, k->w_point);
	}
}

void OP(winograd_filters)(const struct lepton__winograd *k, const float *w)
{
	filters_to(k, w, k->w);
}

/* By way of dw, which is free before a part begins. */
void OP(winograd_turn)(const struct lepton__winograd *k, const float *w)
{
	const struct lepton__conv *g = k->conv;
	filters_to(k, w, k->dw);
	for (int p = 0; p < POINTS; p++)
		OP(transpose)
	(g->in_c, g->out_c, k->dw + p * k->w_point, g->out_c, k->w + p * k->w_point, g->in_c);
}

void OP(winograd_start)(const struct lepton__winograd *k)
{
	memset(k->dw, 0, (size_t)(POINTS * k->w_point) * sizeof(float));
}

void OP(winograd_filters_back)(const struct lepton__winograd *k, float *dw)
{
	const ptrdiff_t step = (ptrdiff_t)k->conv->in_c * k->conv->out_c;
	for (ptrdiff_t c = 0; c < step; c += LANES) {
		const vec_mask mask = vec_first(step - c < LANES ? (int)(step - c) : LANES);
		if (k->side == 4)
			filter_back(5, k->dw + c, k->w_point, mask, dw + c, step);
		else
			filter_back(3, k->dw + c, k->w_point, mask, dw + c, step);
	}
}

/* ---- tiles ---- */

static ptrdiff_t in_size(const struct lepton__conv *g)
{
	return (ptrdiff_t)g->in_h * g->in_w * g->in_c;
}

static ptrdiff_t out_size(const struct lepton__conv *g)
{
	return (ptrdiff_t)g->out_h * g->out_w * g->out_c;
}

/* A block's matrices at the points: out = in · w. */
static void products(const struct lepton__winograd *k, int tiles)
{
	const struct lepton__conv *g = k->conv;
	for (int p = 0; p < POINTS; p++)
		OP(product)
	(&(struct lepton__product){.rows = tiles,
		.columns = g->out_c,
		.segments = 1,
		.length = g->in_c,
		.a = k->in + p * k->in_point,
		.a_row = k->in_pitch,
		.a_step = 1,
		.b = k->w + p * k->w_point,
		.b_step = g->out_c,
		.c = k->out + p * k->out_point,
		.c_row = k->out_pitch,
		.start = LEPTON__PRODUCT_ZERO});
}

void OP(winograd_forward)(
	const struct lepton__winograd *k, int n, const float *x, const float *bias, bool relu, float *y)
{
	const int image = k->down * k->across;
	const int64_t all = (int64_t)n * image;
	for (int64_t first = 0; first < all; first += k->block) {
		const int tiles = all - first < k->block ? (int)(all - first) : k->block;
		for (int t = 0; t < tiles; t++)
			OP(winograd_tile_in)
		(k, x + (first + t) / image * in_size(k->conv), (int)((first + t) % image), t);
		products(k, tiles);
		for (int t = 0; t < tiles; t++)
			OP(winograd_tile_out)
		(k, t, bias, relu, y + (first + t) / image * out_size(k->conv), (int)((first + t) % image));
	}
}

/* At each point dw += in' · out, and then, in the place of in, out · w', w being turned. */
static void products_back(const struct lepton__winograd *k, int tiles, bool with_dx)
{
	const struct lepton__conv *g = k->conv;
	for (int p = 0; p < POINTS; p++) {
		float *in = k->in + p * k->in_point;
		const float *out = k->out + p * k->out_point;
		OP(product)
		(&(struct lepton__product){.rows = g->in_c,
			.columns = g->out_c,
			.segments = 1,
			.length = tiles,
			.a = in,
			.a_row = 1,
			.a_step = k->in_pitch,
			.b = out,
			.b_step = k->out_pitch,
			.c = k->dw + p * k->w_point,
			.c_row = g->out_c,
			.start = LEPTON__PRODUCT_ADD});
		if (with_dx)
			OP(product)
		(&(struct lepton__product){.rows = tiles,
			.columns = g->in_c,
			.segments = 1,
			.length = g->out_c,
			.a = out,
			.a_row = k->out_pitch,
			.a_step = 1,
			.b = k->w + p * k->w_point,
			.b_step = g->in_c,
			.c = in,
			.c_row = k->in_pitch,
			.start = LEPTON__PRODUCT_ZERO});
	}
}

void OP(winograd_back)(const struct lepton__winograd *k, int n, const float *x, const float *dz, float *dx)
{
	const int image = k->down * k->across;
	const int64_t all = (int64_t)n * image;
	if (dx)
		memset(dx, 0, (size_t)(n * in_size(k->conv)) * sizeof(*dx));
	for (int64_t first = 0; first < all; first += k->block) {
		const int tiles = all - first < k->block ? (int)(all - first) : k->block;
		for (int t = 0; t < tiles; t++) {
			const int64_t s = (first + t) / image;
			const int tile = (int)((first + t) % image);
			OP(winograd_tile_in)(k, x + s * in_size(k->conv), tile, t);
			OP(winograd_tile_dz)(k, dz + s * out_size(k->conv), tile, t);
		}
		products_back(k, tiles, dx != NULL);
		for (int t = 0; dx && t < tiles; t++)
			OP(winograd_tile_dx)
		(k, t, dx + (first + t) / image * in_size(k->conv), (int)((first + t) % image));
	}
}
