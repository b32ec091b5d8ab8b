/* tensor/conv_forward.c - convolution, NHWC, directly: no patch matrix.
 *
 * A filter row covers k_w · in_c values that lie side by side in the input, and the next pixel's begin
 * stride_w · in_c further on. So a row of output pixels is a product whose rows overlap: pixels ×
 * (k_h segments of k_w · in_c steps) × filters, which product.c does without a copy of the input. The
 * filters run along the lanes, and a tile holds up to 14 pixels × 32 filters.
 *
 * Intensity is 2 · k_h · k_w · in_c flops for each output value stored. For 5x5 filters of 20 channels that
 * is 250 flops a byte and the multipliers set the pace (0.72 of peak on an AVX-512 core, 50 of 64 lanes in
 * use); for 3x3 filters of one channel it is 4.5, and storing the output does (0.5): see tail.c.
 */
#include "config.h"
#include "tensor/conv.h"

/* A row of output pixels: each filter row is a run of k_w · in_c neighbouring input values, in NHWC. */
static void sample(const struct lepton__conv *g, const struct lepton__padded *in, const float *x,
	const float *w, const float *bias, bool relu, float *y)
{
	const ptrdiff_t run = (ptrdiff_t)g->k_w * g->in_c;
	struct lepton__product p = {.rows = g->out_w,
		.columns = g->out_c,
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
	for (int oy = 0; oy < g->out_h; oy++) {
		p.a = x + oy * g->stride_h * in->row;
		p.c = y + (ptrdiff_t)oy * g->out_w * g->out_c;
		OP(product)(&p);
	}
}

void OP(conv_forward)(const struct lepton__conv *g, int n, const float *x, const float *w, const float *bias,
	enum lepton__activation act, float *y, void *scratch)
{
	const struct lepton__padded in = lepton__padded_of(g);
	const ptrdiff_t in_size = (ptrdiff_t)g->in_h * g->in_w * g->in_c;
	const ptrdiff_t out_size = (ptrdiff_t)g->out_h * g->out_w * g->out_c;
	for (int s = 0; s < n; s++) {
		const float *image = lepton__pad(g, &in, x + s * in_size, scratch, s == 0);
		sample(g, &in, image, w, bias, act == LEPTON__RELU, y + s * out_size);
	}
	if (act == LEPTON__TANH || act == LEPTON__SIGMOID)
		OP(activate)(act, n * out_size, y, y);
}
