/* tensor/winograd_tiles.c - one tile between an image and the points (see winograd.c for why).
 *
 * A map of a tile is the map of eight values (winograd_maps.h) down its columns and then along its rows, with
 * a vector of channels in the place of each value. What lies between, 64 vectors, is on the stack, in the
 * first-level cache. Tiles may stick out of the image: what they read there is zero, and what they would
 * write there is left out.
 */
#include "config.h"
#include "tensor/winograd.h"
#include "tensor/winograd_maps.h"

#define SIDE LEPTON__WINOGRAD_SIDE

/* A square of an image with `channels` values a pixel, and which of its rows and columns lie inside. */
struct window {
	ptrdiff_t first, row, channels; /* of its corner, perhaps outside; from row to row */
	int top, bottom, left, right;   /* inside: top <= i < bottom, left <= j < right */
	bool whole;
};

static struct window window_of(int height, int width, int channels, int y, int x, int side)
{
	struct window w = {.row = (ptrdiff_t)width * channels, .channels = channels};
	w.first = y * w.row + (ptrdiff_t)x * channels;
	w.top = at_least(-y, 0);
	w.bottom = at_most(height - y, side);
	w.left = at_least(-x, 0);
	w.right = at_most(width - x, side);
	w.whole = w.top == 0 && w.left == 0 && w.bottom == side && w.right == side;
	return w;
}

static struct window input_of(const struct lepton__winograd *k, int tile)
{
	const struct lepton__conv *g = k->conv;
	return window_of(g->in_h, g->in_w, g->in_c, tile / k->across * k->side - g->pad_top,
		tile % k->across * k->side - g->pad_left, SIDE);
}

static struct window output_of(const struct lepton__winograd *k, int tile)
{
	const struct lepton__conv *g = k->conv;
	return window_of(g->out_h, g->out_w, g->out_c, tile / k->across * k->side, tile % k->across * k->side,
		k->side);
}

INLINE bool inside(const bool whole, const struct window *w, int i, int j)
{
	return whole || (i >= w->top && i < w->bottom && j >= w->left && j < w->right);
}

/* A vector of channels of pixel (i, j), zero outside. */
INLINE vec pixel(const bool whole, const struct window *w, const float *image, int i, int j, vec_mask mask)
{
	return inside(whole, w, i, j) ? vec_load_part(image + w->first + i * w->row + j * w->channels, mask)
				      : vec_zero();
}

static vec_mask mask_of(ptrdiff_t channels, ptrdiff_t c)
{
	return vec_first(channels - c < LANES ? (int)(channels - c) : LANES);
}

/* ---- the input, forward ---- */

INLINE void in_vector(
	const bool whole, const struct window *w, const float *x, vec_mask mask, float *to, ptrdiff_t point)
{
	vec half[SIDE][SIDE];
	for (int j = 0; j < SIDE; j++) {
		vec d[SIDE], v[SIDE];
		UNROLL
		for (int i = 0; i < SIDE; i++)
			d[i] = pixel(whole, w, x, i, j, mask);
		data_map(d, v);
		UNROLL
		for (int i = 0; i < SIDE; i++)
			half[i][j] = v[i];
	}
	for (int i = 0; i < SIDE; i++, to += SIDE * point) {
		vec v[SIDE];
		data_map(half[i], v);
		UNROLL
		for (int j = 0; j < SIDE; j++)
			vec_store(to + j * point, v[j]);
	}
}

void OP(winograd_tile_in)(const struct lepton__winograd *k, const float *x, int tile, int t)
{
	const struct window w = input_of(k, tile);
	float *to = k->in + t * k->in_pitch;
	for (ptrdiff_t c = 0; c < w.channels; c += LANES) {
		const vec_mask mask = mask_of(w.channels, c);
		if (w.whole)
			in_vector(true, &w, x + c, mask, to + c, k->in_point);
		else
			in_vector(false, &w, x + c, mask, to + c, k->in_point);
	}
}

/* ---- the output, forward ---- */

INLINE void out_vector(const int side, const struct window *w, const float *from, ptrdiff_t point,
	vec_mask mask, vec bias, bool relu, float *y)
{
	vec half[6][SIDE];
	for (int j = 0; j < SIDE; j++) {
		vec v[SIDE], c[6];
		UNROLL
		for (int i = 0; i < SIDE; i++)
			v[i] = vec_load_part(from + (i * SIDE + j) * point, mask);
		evaluate_turned(side, v, c);
		UNROLL
		for (int i = 0; i < side; i++)
			half[i][j] = c[i];
	}
	for (int i = 0; i < w->bottom; i++) {
		float *to = y + w->first + i * w->row;
		vec c[6];
		evaluate_turned(side, half[i], c);
		UNROLL
		for (int j = 0; j < side; j++)
			if (j < w->right) {
				const vec sum = (vec)(c[j] + bias);
				vec_store_part(to + j * w->channels, mask, relu ? vec_relu(sum) : sum);
			}
	}
}

void OP(winograd_tile_out)(
	const struct lepton__winograd *k, int t, const float *bias, bool relu, float *y, int tile)
{
	const struct window w = output_of(k, tile);
	const float *from = k->out + t * k->out_pitch;
	for (ptrdiff_t c = 0; c < w.channels; c += LANES) {
		const vec_mask mask = mask_of(w.channels, c);
		const vec b = vec_load_part(bias + c, mask);
		if (k->side == 4)
			out_vector(4, &w, from + c, k->out_point, mask, b, relu, y + c);
		else
			out_vector(6, &w, from + c, k->out_point, mask, b, relu, y + c);
	}
}

/* ---- the output's gradient ---- */

INLINE void dz_vector(const int side, const bool whole, const struct window *w, const float *dz,
	vec_mask mask, float *to, ptrdiff_t point)
{
	vec half[SIDE][6];
	for (int j = 0; j < side; j++) {
		vec c[6], v[SIDE];
		UNROLL
		for (int i = 0; i < side; i++)
			c[i] = pixel(whole, w, dz, i, j, mask);
		evaluate(side, c, v);
		UNROLL
		for (int i = 0; i < SIDE; i++)
			half[i][j] = v[i];
	}
	for (int i = 0; i < SIDE; i++, to += SIDE * point) {
		vec v[SIDE];
		evaluate(side, half[i], v);
		UNROLL
		for (int j = 0; j < SIDE; j++)
			vec_store(to + j * point, v[j]);
	}
}

void OP(winograd_tile_dz)(const struct lepton__winograd *k, const float *dz, int tile, int t)
{
	const struct window w = output_of(k, tile);
	float *to = k->out + t * k->out_pitch;
	for (ptrdiff_t c = 0; c < w.channels; c += LANES) {
		const vec_mask mask = mask_of(w.channels, c);
		if (k->side == 4 && w.whole)
			dz_vector(4, true, &w, dz + c, mask, to + c, k->out_point);
		else if (k->side == 4)
			dz_vector(4, false, &w, dz + c, mask, to + c, k->out_point);
		else
			dz_vector(6, false, &w, dz + c, mask, to + c, k->out_point);
	}
}

/* ---- the input's gradient ---- */

INLINE void dx_vector(const bool whole, const struct window *w, const float *from, ptrdiff_t point,
	vec_mask mask, float *dx)
{
	vec half[SIDE][SIDE];
	for (int j = 0; j < SIDE; j++) {
		vec v[SIDE], d[SIDE];
		UNROLL
		for (int i = 0; i < SIDE; i++)
			v[i] = vec_load_part(from + (i * SIDE + j) * point, mask);
		data_map_turned(v, d);
		UNROLL
		for (int i = 0; i < SIDE; i++)
			half[i][j] = d[i];
	}
	for (int i = w->top; i < w->bottom; i++) {
		float *to = dx + w->first + i * w->row;
		vec d[SIDE];
		data_map_turned(half[i], d);
		UNROLL
		for (int j = 0; j < SIDE; j++)
			if (inside(whole, w, i, j)) {
				float *at = to + j * w->channels;
				vec_store_part(at, mask, vec_load_part(at, mask) + d[j]);
			}
	}
}

void OP(winograd_tile_dx)(const struct lepton__winograd *k, int t, float *dx, int tile)
{
	const struct window w = input_of(k, tile);
	const float *from = k->in + t * k->in_pitch;
	for (ptrdiff_t c = 0; c < w.channels; c += LANES) {
		const vec_mask mask = mask_of(w.channels, c);
		if (w.whole)
			dx_vector(true, &w, from + c, k->in_point, mask, dx + c);
		else
			dx_vector(false, &w, from + c, k->in_point, mask, dx + c);
	}
}
