/* tensor/conv_backward.c - gradients of a convolution, sample by sample.
 *
 * Both are products over the same overlapping runs as the forward pass (conv_forward.c). The weights'
 * gradient of a filter row sums input · dz over the pixels; where filters look at few values taps.c does all
 * rows at once. The input's gradient goes the other way: each pixel's dz times a turned filter row is added
 * to a run of k_w · in_c values of dx. Lanes run along that run (100 of 112 for 5x5 filters of 20 channels),
 * and a tile's pixels lie one below the other, so that their runs do not overlap and no sum waits for the one
 * before. Padding is a copied border: cheaper than tests in the inner loop. An AVX-512 core reaches 0.85 of
 * its FMA peak for 28x28x1 to 26x26x32 (weights only) and 0.65 for 12x12x20 to 8x8x50 (both gradients).
 */
#include "config.h"
#include "tensor/winograd.h"

#include <string.h>

/* dw[ky][kx, in channel][filter] += the sum over the pixels of input · gradient: a segment an image row. */
static void weights(const struct lepton__conv *g, const struct lepton__padded *in, const float *x,
	const float *dz, float *dw)
{
	const ptrdiff_t run = (ptrdiff_t)g->k_w * g->in_c;
	struct lepton__product p = {.rows = (int)run,
		.columns = g->out_c,
		.segments = g->out_h,
		.length = g->out_w,
		.a_row = 1,
		.a_step = (ptrdiff_t)g->stride_w * g->in_c,
		.a_segment = g->stride_h * in->row,
		.b = dz,
		.b_step = g->out_c,
		.b_segment = (ptrdiff_t)g->out_w * g->out_c,
		.c_row = g->out_c,
		.start = LEPTON__PRODUCT_ADD};
	for (int ky = 0; ky < g->k_h; ky++) {
		p.a = x + ky * in->row;
		p.c = dw + ky * run * g->out_c;
		OP(product)(&p);
	}
}

/* The same where the filters are small, and the bias' gradient with it. */
static void few_weights(const struct lepton__conv *g, const struct lepton__padded *in, const float *x,
	const float *dz, float *dw, float *dbias)
{
	struct lepton__taps t = {.channels = g->out_c,
		.rows = g->out_h,
		.pixels = g->out_w,
		.x = x,
		.dz = dz,
		.z_row = (ptrdiff_t)g->out_w * g->out_c,
		.dw = dw,
		.dbias = dbias};
	lepton__taps_of(g, in, &t);
	OP(taps)(&t);
}

/* turned[ky][filter][kx, in channel] = w[ky][kx, in channel][filter] */
void OP(conv_turn)(const struct lepton__conv *g, const float *w, float *turned)
{
	const ptrdiff_t run = (ptrdiff_t)g->k_w * g->in_c;
	for (int ky = 0; ky < g->k_h; ky++)
		for (ptrdiff_t r = 0; r < run; r++)
			for (ptrdiff_t c = 0; c < g->out_c; c++)
				turned[(ky * g->out_c + c) * run + r] = w[(ky * run + r) * g->out_c + c];
}

/* Every output pixel adds gradient · filter row to a run of the input's gradient. The rows of a product
 * are a column of pixels, for their runs do not overlap. */
static void inputs(const struct lepton__conv *g, const struct lepton__padded *in, const float *turned,
	const float *dz, float *dx)
{
	const ptrdiff_t run = (ptrdiff_t)g->k_w * g->in_c;
	struct lepton__product p = {.rows = g->out_h,
		.columns = (int)run,
		.segments = 1,
		.length = g->out_c,
		.a_row = (ptrdiff_t)g->out_w * g->out_c,
		.a_step = 1,
		.b_step = run,
		.c_row = g->stride_h * in->row,
		.start = LEPTON__PRODUCT_ADD};
	memset(dx, 0, (size_t)in->size * sizeof(*dx));
	for (int ky = 0; ky < g->k_h; ky++)
		for (int ox = 0; ox < g->out_w; ox++) {
			p.a = dz + (ptrdiff_t)ox * g->out_c;
			p.b = turned + ky * g->out_c * run;
			p.c = dx + ky * in->row + (ptrdiff_t)ox * g->stride_w * g->in_c;
			OP(product)(&p);
		}
}

void OP(conv_back_sample)(const struct lepton__conv *g, const struct lepton__padded *in,
	const struct lepton__conv_room *room, const float *image, const float *dz, float *dw, float *dbias, float *dx)
{
	const ptrdiff_t pixels = (ptrdiff_t)g->out_h * g->out_w;
	if (lepton__few_taps(g)) {
		few_weights(g, in, image, dz, dw, dbias);
	} else {
		weights(g, in, image, dz, dw);
		OP(bias_gradient)(pixels, pixels, g->out_c, dz, room->sample_dbias);
		OP(add)(g->out_c, room->sample_dbias, dbias);
	}
	if (!dx)
		return;
	float *gradient = in->same ? dx : room->gradient;
	inputs(g, in, room->turned, dz, gradient);
	if (!in->same)
		lepton__unpad(g, in, gradient, dx);
}

/* The samples of one part: dw and dbias are set to their sums. */
static void part_back(const struct lepton__conv *g, int n, const float *x, const float *dz, float *dw,
	float *dbias, float *dx, const struct lepton__conv_room *room)
{
	const struct lepton__padded in = lepton__padded_of(g);
	const ptrdiff_t in_size = (ptrdiff_t)g->in_h * g->in_w * g->in_c;
	const ptrdiff_t out_size = (ptrdiff_t)g->out_h * g->out_w * g->out_c;
	memset(dw, 0, (size_t)lepton__conv_weights(g) * sizeof(*dw));
	memset(dbias, 0, (size_t)g->out_c * sizeof(*dbias));
	for (int s = 0; s < n; s++, x += in_size, dz += out_size)
		OP(conv_back_sample)
		(g, &in, room, lepton__pad(g, &in, x, room->image, s == 0), dz, dw, dbias, dx ? dx + s * in_size : NULL);
}

/* The same by minimal filtering. */
static void winograd_part_back(const struct lepton__winograd *k, int n, const float *x, const float *dz,
	float *dw, float *dbias, float *dx)
{
	const struct lepton__conv *g = k->conv;
	const int64_t pixels = (int64_t)g->out_h * g->out_w;
	OP(winograd_start)(k);
	OP(winograd_back)(k, n, x, dz, dx);
	OP(winograd_filters_back)(k, dw);
	OP(bias_gradient)(n * pixels, pixels, g->out_c, dz, dbias);
}

void OP(conv_backward)(const struct lepton__conv *g, int n, int part, const float *x, const float *w,
	const float *dz, float *dw, float *dbias, float *dx, void *scratch)
{
	const struct lepton__conv_room room = lepton__conv_room_of(g, scratch);
	const ptrdiff_t in_size = (ptrdiff_t)g->in_h * g->in_w * g->in_c;
	const ptrdiff_t out_size = (ptrdiff_t)g->out_h * g->out_w * g->out_c;
	struct lepton__winograd winograd;
	OP(winograd_plan)(&winograd, g, (char *)scratch + room.bytes);
	if (dx && winograd.fits)
		OP(winograd_turn)(&winograd, w);
	else if (dx)
		OP(conv_turn)(g, w, room.turned);
	for (int s = 0, size; s == 0 || s < n; s += size) {
		size = n - s < part ? n - s : part;
		float *const part_dw = s ? room.dw : dw, *const part_dbias = s ? room.dbias : dbias;
		float *const part_dx = dx ? dx + s * in_size : NULL;
		if (winograd.fits)
			winograd_part_back(&winograd, size, x + s * in_size, dz + s * out_size, part_dw,
				part_dbias, part_dx);
		else
			part_back(g, size, x + s * in_size, dz + s * out_size, part_dw, part_dbias, part_dx,
				&room);
		if (s) {
			OP(add)(lepton__conv_weights(g), room.dw, dw);
			OP(add)(g->out_c, room.dbias, dbias);
		}
		if (size == 0)
			break;
	}
}

size_t OP(conv_scratch)(const struct lepton__conv *g, int n)
{
	(void)n;
	struct lepton__winograd winograd;
	return lepton__conv_room_of(g, NULL).bytes + OP(winograd_plan)(&winograd, g, NULL);
}
