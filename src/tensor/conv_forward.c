/* tensor/conv_forward.c - convolution, NHWC, directly: no patch matrix.
 *
 * A filter row covers k_w · in_c values that lie side by side in the input, and the next pixel's begin
 * stride_w · in_c further on. So a row of output pixels is a product whose rows overlap: pixels ×
 * (k_h segments of k_w · in_c steps) × filters, which product.c does without a copy of the input. The
 * filters run along the lanes, and a tile holds up to 14 pixels × 32 filters. One or two filters too many for whole
 * vectors are dot products instead (dots.c).
 *
 * Intensity is 2 · k_h · k_w · in_c flops for each output value stored. For 5x5 filters of 20 channels that
 * is 250 flops a byte and the multipliers set the pace (0.80 of peak on an AVX-512 core, pooling included); for 3x3 filters of one channel it is 4.5, and storing the output does (0.5): see tail.c. Such filters are
 * held in registers (taps_forward.c), for a product nine steps deep is mostly beginnings and ends.
 */
#include "config.h"
#include "tensor/winograd.h"

/* Rows of output pixels: each filter row is a run of k_w · in_c neighbouring input values, in NHWC. */
struct lepton__conv_rows OP(conv_rows_plan)(const struct lepton__conv *g, const struct lepton__padded *in,
	const float *w, const float *bias, bool relu)
{
	const ptrdiff_t run = (ptrdiff_t)g->k_w * g->in_c;
	struct lepton__conv_rows r = {.few = g->k_h * run <= OP(taps_forward_max)()};
	r.product = (struct lepton__product){.columns = g->out_c,
		.segments = g->k_h,
		.length = (int)run,
		.a_row = (ptrdiff_t)g->stride_w * g->in_c,
		.a_step = 1,
		.a_segment = in->row,
		.b = w,
		.b_step = g->out_c,
		.b_segment = run * g->out_c,
		.c_row = g->out_c,
		.start = LEPTON__PRODUCT_BIAS,
		.bias = bias,
		.relu = relu};
	r.taps = (struct lepton__taps){.channels = g->out_c};
	if (r.few)
		lepton__taps_of(g, in, &r.taps);
	return r;
}

void OP(conv_rows_dots)(struct lepton__conv_rows *r, float *room)
{
	r->dots = r->few ? 0 : OP(dots_columns)(&r->product);
	r->turned = room;
	if (r->dots)
		OP(dots_turn)(&r->product, r->dots, room);
	r->product.columns -= r->dots;
}

static void last_filters(const struct lepton__conv_rows *r)
{
	struct lepton__product last = r->product;
	last.columns = r->dots;
	last.bias += r->product.columns;
	last.c += r->product.columns;
	OP(dots)(&last, r->turned);
}

void OP(conv_rows)(struct lepton__conv_rows *r, int rows, int pixels, const float *x, ptrdiff_t x_row,
	float *y, ptrdiff_t y_row)
{
	if (r->few) {
		r->taps.rows = rows;
		r->taps.pixels = pixels;
		r->taps.x = x;
		r->taps.x_row = x_row;
		r->taps.z_row = y_row;
		OP(taps_forward)(&r->taps, r->product.b, r->product.bias, r->product.relu, y);
		return;
	}
	r->product.rows = pixels;
	for (int i = 0; i < rows; i++) {
		r->product.a = x + (r->taps.at ? r->taps.at[i] : i) * x_row;
		r->product.c = y + i * y_row;
		OP(product)(&r->product);
		if (r->dots)
			last_filters(r);
	}
}

static void direct(const struct lepton__conv *g, int n, const float *x, const float *w, const float *bias,
	bool relu, float *y, void *scratch)
{
	const struct lepton__padded in = lepton__padded_of(g);
	const ptrdiff_t in_size = (ptrdiff_t)g->in_h * g->in_w * g->in_c;
	const ptrdiff_t out_size = (ptrdiff_t)g->out_h * g->out_w * g->out_c;
	const ptrdiff_t row_size = (ptrdiff_t)g->out_w * g->out_c;
	struct lepton__conv_rows rows = OP(conv_rows_plan)(g, &in, w, bias, relu);
	OP(conv_rows_dots)(&rows, lepton__conv_room_of(g, scratch).turned);
	for (int s = 0; s < n; s++) {
		const float *image = lepton__pad(g, &in, x + s * in_size, scratch, s == 0);
		OP(conv_rows)
		(&rows, g->out_h, g->out_w, image, g->stride_h * in.row, y + s * out_size, row_size);
	}
}

void OP(conv_forward)(const struct lepton__conv *g, int n, const float *x, const float *w, const float *bias,
	enum lepton__activation act, float *y, void *scratch)
{
	const int64_t values = (int64_t)n * g->out_h * g->out_w * g->out_c;
	struct lepton__winograd winograd;
	OP(winograd_plan)(&winograd, g, (char *)scratch + lepton__conv_room_of(g, NULL).bytes);
	if (winograd.fits) {
		OP(winograd_filters)(&winograd, w);
		OP(winograd_forward)(&winograd, n, x, bias, act == LEPTON__RELU, y);
	} else {
		direct(g, n, x, w, bias, act == LEPTON__RELU, y, scratch);
	}
	if (act == LEPTON__TANH || act == LEPTON__SIGMOID)
		OP(activate)(act, values, y, y);
}
