/* tensor/winners.c - a convolution's gradients from a pooling's winners alone.
 *
 * After a 2x2 pooling three quarters of the convolution's gradient are zeros, in other places for each filter.
 * Each winner, a filter at a pixel with a gradient v, adds v · the input it looked at to the filter's gradient,
 * and v · the filter to the input's. Both are k_h strips of k_w · in_c neighbouring values, so lanes run along
 * those strips (100 of 112 for 5x5 filters of 20 channels) and no lane is spent on a zero.
 *
 * Sorted by filter, a filter's gradient stays in registers for all its winners in a sample (strips.c); sorted by
 * pixel, so does the input's gradient below a pixel. The filters are turned to whole cache lines first, a band of
 * rows at a time so that the band fits into the first-level cache. A fourth of the arithmetic at about half its
 * speed: LeNet's second convolution (12x12x20 to 8x8x50) goes back about twice as fast as the dense way.
 */
#include "config.h"
#include "tensor/vec.h"
#include "tensor/winners.h"

#define BAND_BYTES 40960 /* of turned filters; a first-level cache has 32 to 48 KB */
#define BAND_VECS 4      /* strips.c's width */

/* ---- planning ---- */

/* A third or less of the gradient must be winners, and strips must fill vectors. */
static bool pays(const struct lepton__winners *k)
{
	const ptrdiff_t values = (ptrdiff_t)k->pixels * k->conv->out_c;
	return !lepton__few_taps(k->conv) && k->run >= 2 * LANES && values <= INT32_MAX &&
	       (ptrdiff_t)k->windows * k->conv->out_c * 3 <= values;
}

size_t OP(winners_plan)(struct lepton__winners *k, const struct lepton__conv_pool *c, void *scratch)
{
	const struct lepton__conv *g = c->conv;
	size_t bytes = 0;
	*k = (struct lepton__winners){.conv = g,
		.pool = c->pool,
		.pixels = g->out_h * g->out_w,
		.windows = c->pool->out_h * c->pool->out_w,
		.run = (ptrdiff_t)g->k_w * g->in_c};
	k->pitch = (k->run + LANES - 1) / LANES * LANES;
	k->fits = pays(k);
	if (!k->fits)
		return 0;
	const ptrdiff_t winners = (ptrdiff_t)k->windows * g->out_c;
	const ptrdiff_t lists = (ptrdiff_t)k->windows * c->pool->k_h * c->pool->k_w;
	k->list_pitch = (k->windows + LANES - 1) / LANES * LANES;
	k->start = lepton__carve(&bytes, scratch, k->pixels);
	k->turned = lepton__carve(&bytes, scratch, g->k_h * g->out_c * k->pitch);
	k->dw = lepton__carve(&bytes, scratch, g->k_h * g->out_c * k->pitch);
	k->values = lepton__carve(&bytes, scratch, winners);
	k->places = lepton__carve(&bytes, scratch, winners);
	k->filter_value = lepton__carve(&bytes, scratch, g->out_c * k->list_pitch);
	k->filter_place = lepton__carve(&bytes, scratch, g->out_c * k->list_pitch);
	k->filter_count = lepton__carve(&bytes, scratch, g->out_c);
	k->list_value = lepton__carve(&bytes, scratch, winners + LANES);
	k->list_filter = lepton__carve(&bytes, scratch, winners + LANES);
	k->list_place = lepton__carve(&bytes, scratch, lists);
	k->list_first = lepton__carve(&bytes, scratch, lists + 1);
	return bytes;
}

void OP(winners_prepare)(struct lepton__winners *k, const float *w)
{
	const struct lepton__conv *g = k->conv;
	const struct lepton__padded in = lepton__padded_of(g);
	for (int p = 0; p < k->pixels; p++)
		k->start[p] = (int32_t)(p / g->out_w * g->stride_h * in.row + p % g->out_w * g->stride_w * g->in_c);
	for (int ky = 0; ky < g->k_h && w; ky++)
		OP(transpose)
		(k->run, g->out_c, w + ky * k->run * g->out_c, g->out_c, k->turned + ky * g->out_c * k->pitch, k->pitch);
}

/* ---- the weights' gradient ---- */

void OP(winners_start)(struct lepton__winners *k)
{
	memset(k->dw, 0, (size_t)(k->conv->k_h * k->conv->out_c * k->pitch) * sizeof(float));
}

void OP(winners_weights)(const struct lepton__winners *k, float *dw)
{
	const struct lepton__conv *g = k->conv;
	for (int ky = 0; ky < g->k_h; ky++)
		OP(transpose)
		(g->out_c, k->run, k->dw + ky * k->pitch, g->k_h * k->pitch, dw + ky * k->run * g->out_c, g->out_c);
}

static void filters_back(const struct lepton__winners *k, const struct lepton__padded *in, const float *image)
{
	const struct lepton__conv *g = k->conv;
	for (int c = 0; c < g->out_c; c++)
		OP(strips)
		(&(struct lepton__strips){.count = k->filter_count[c],
			.value = k->filter_value + c * k->list_pitch,
			.offset = k->filter_place + c * k->list_pitch,
			.from = image,
			.from_row = in->row,
			.to = k->dw + c * g->k_h * k->pitch,
			.to_row = k->pitch,
			.rows = g->k_h,
			.columns = (int)k->run});
}

/* ---- the input's gradient ---- */

/* A band of the filters: rows ky to ky + rows, columns j to j + columns. */
static void band_back(const struct lepton__winners *k, const struct lepton__padded *in, int ky, int rows, int j,
	int columns, float *dx)
{
	const struct lepton__conv *g = k->conv;
	for (int i = 0; i < k->lists; i++)
		OP(strips)
		(&(struct lepton__strips){.count = k->list_first[i + 1] - k->list_first[i],
			.value = k->list_value + k->list_first[i],
			.offset = k->list_filter + k->list_first[i],
			.from = k->turned + ky * g->out_c * k->pitch + j,
			.from_row = g->out_c * k->pitch,
			.to = dx + k->list_place[i] + ky * in->row + j,
			.to_row = in->row,
			.rows = rows,
			.columns = columns});
}

static void inputs_back(const struct lepton__winners *k, const struct lepton__padded *in, float *dx)
{
	const struct lepton__conv *g = k->conv;
	const int vecs = (int)(k->pitch / LANES), groups = (vecs + BAND_VECS - 1) / BAND_VECS;
	const int fit = BAND_BYTES / (int)sizeof(float) / (BAND_VECS * LANES) / g->out_c, most = fit < 1 ? 1 : fit;
	const int bands = (g->k_h + most - 1) / most;
	memset(dx, 0, (size_t)in->size * sizeof(*dx));
	for (int i = 0, v = 0; i < groups; i++) {
		const int width = (vecs - v + groups - i - 1) / (groups - i), j = v * LANES;
		const int columns = k->run - j < width * LANES ? (int)k->run - j : width * LANES;
		for (int b = 0, ky = 0; b < bands; b++) {
			const int rows = (g->k_h - ky + bands - b - 1) / (bands - b);
			band_back(k, in, ky, rows, j, columns, dx);
			ky += rows;
		}
		v += width;
	}
}

/* ---- a sample's winners, by pixel and by filter ---- */

/* One pixel of a window: the filters whose winner it is become a list, but for those with a gradient of zero, and
 * the pixel is their place in the input. */
static void sort_pixel(struct lepton__winners *k, int pixel, const float *values, const int32_t *argmax, int32_t *places)
{
	const int channels = k->conv->out_c, first = k->list_first[k->lists];
	int at = first;
	for (int c = 0; c < channels; c += LANES) {
		const vec_mask mask = vec_first(at_most(channels - c, LANES));
		const vec value = vec_load_part(values + c, mask);
		const vec_int filter = vec_int_lane() + c;
		const vec_int here = vec_int_load_part(argmax + c, mask) == filter + pixel * channels;
		const vec_int keep = here & vec_not_zero(value);
		const vec_int place = vec_int_load_part(places + c, mask) | (here & k->start[pixel]);
		vec_int_store_part(places + c, mask, place);
		vec_int_pack(k->list_filter + at, keep, filter * (int32_t)k->pitch);
		at += vec_pack(k->list_value + at, keep, value);
	}
	if (at == first)
		return;
	k->list_place[k->lists++] = k->start[pixel];
	k->list_first[k->lists] = at;
}

static void sort_window(struct lepton__winners *k, int i, const float *values, const int32_t *argmax, int32_t *places)
{
	const struct lepton__pool *p = k->pool;
	const int top = i / p->out_w * p->stride_h - p->pad_top, left = i % p->out_w * p->stride_w - p->pad_left;
	for (int y = at_least(top, 0); y < at_most(top + p->k_h, p->in_h); y++)
		for (int x = at_least(left, 0); x < at_most(left + p->k_w, p->in_w); x++)
			sort_pixel(k, y * p->in_w + x, values, argmax, places);
}

/* A window without a winner, in the padding alone, has no gradient. */
static void copy_values(int64_t n, const float *dy, const int32_t *argmax, float *values)
{
	for (int64_t i = 0; i < n; i += LANES) {
		const vec_mask mask = vec_first(n - i < LANES ? (int)(n - i) : LANES);
		const vec_int none = vec_int_load_part(argmax + i, mask) < 0;
		vec_store_part(values + i, mask, vec_choose(none, vec_zero(), vec_load_part(dy + i, mask)));
	}
}

static void sort_by_pixel(struct lepton__winners *k, const float *dy, const int32_t *argmax)
{
	const int channels = k->conv->out_c;
	copy_values((int64_t)k->windows * channels, dy, argmax, k->values);
	memset(k->places, 0, (size_t)k->windows * (size_t)channels * sizeof(*k->places));
	k->lists = 0;
	k->list_first[0] = 0;
	for (int i = 0; i < k->windows; i++) {
		const ptrdiff_t row = (ptrdiff_t)i * channels;
		sort_window(k, i, k->values + row, argmax + row, k->places + row);
	}
}

/* The values and places turned, and the zeros left out of each filter's row. */
static void sort_by_filter(struct lepton__winners *k)
{
	const int channels = k->conv->out_c;
	OP(transpose)(k->windows, channels, k->values, channels, k->filter_value, k->list_pitch);
	OP(transpose)
	(k->windows, channels, (const float *)(const void *)k->places, channels, (float *)(void *)k->filter_place,
		k->list_pitch);
	for (int c = 0; c < channels; c++) {
		float *value = k->filter_value + c * k->list_pitch;
		int32_t *place = k->filter_place + c * k->list_pitch;
		int at = 0;
		for (int i = 0; i < k->windows; i += LANES) { /* at <= i: what is written has been read */
			const vec_mask mask = vec_first(at_most(k->windows - i, LANES));
			const vec x = vec_load_part(value + i, mask);
			const vec_int p = vec_int_load_part(place + i, mask), keep = vec_not_zero(x);
			vec_int_pack(place + at, keep, p);
			at += vec_pack(value + at, keep, x);
		}
		k->filter_count[c] = at;
	}
}

void OP(winners_back)(struct lepton__winners *k, const struct lepton__padded *in, const float *image, const float *dy,
	const int32_t *argmax, float *dbias, float *padded, float *dx)
{
	const int channels = k->conv->out_c;
	sort_by_pixel(k, dy, argmax);
	sort_by_filter(k);
	for (int i = 0; i < k->windows; i++)
		OP(add)(channels, k->values + (ptrdiff_t)i * channels, dbias);
	filters_back(k, in, image);
	if (!dx)
		return;
	float *gradient = in->same ? dx : padded;
	inputs_back(k, in, gradient);
	if (!in->same)
		lepton__unpad(k->conv, in, gradient, dx);
}
