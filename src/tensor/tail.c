/* tensor/tail.c - Conv2D → relu → Flatten → Dense with few units in one pass over the image.
 *
 * Done layer by layer, a batch of 128 writes and reads the convolution's output several times over: 11 MB
 * for 26 × 26 × 32, far more than the second-level cache, and each pass over it takes longer than the
 * arithmetic on it. Here nothing of it is ever stored. For one row of output pixels (832 features)
 * and a group of samples the convolution's rows are computed into a buffer the size of the
 * first-level cache and the dense layer uses them at once. On the way back they are computed again,
 * for 2 · 9 flops a value are cheaper than fetching its 4 bytes, and the gradient that reaches the
 * convolution lives in a second such buffer until its filters have used it.
 *
 * Traffic is then the dense weights, read twice, and their gradient: 2.5 Mflop a sample against 3 × 7 KB at
 * batch 128, some 120 flops a byte, on the compute-bound side. An AVX-512 core reaches 0.69 of its FMA
 * peak forward and 0.55 backward, the second convolution not counted as work.
 *
 * Threads share a batch by rows of the output, not by samples: each then reads its own part of the dense weights
 * and leaves their gradient whole, where by samples each would read all and their gradients would have to be added.
 */
#include "config.h"
#include "tensor/conv.h"
#include "tensor/vec.h"

#define GROUP 8 /* samples whose rows are in cache together */

/* The parts of the scratch space. */
struct room {
	float *windows;      /* GROUP times the rows of input that a row of output sees, padded; unused without padding */
	float *rows, *dz;    /* GROUP rows of the convolution's output, and of its gradient */
	float *weights, *dw; /* of the dense layer for one row, [units × features] */
	float *sums;         /* forward: n × units vectors */
	ptrdiff_t window, row, pitch; /* floats in a window, in a row of output, and from one of those to the next */
	size_t bytes;
};

static struct room room_of(const struct lepton__conv *g, int n, int units, void *scratch)
{
	const struct lepton__padded in = lepton__padded_of(g);
	struct room r = {.window = g->k_h * in.row, .row = (ptrdiff_t)g->out_w * g->out_c};
	r.pitch = (r.row + 15) / 16 * 16 + 16; /* not a power of two: rows must not share cache sets */
	r.windows = lepton__carve(&r.bytes, scratch, in.same ? 0 : GROUP * r.window);
	r.rows = lepton__carve(&r.bytes, scratch, GROUP * r.pitch);
	r.dz = lepton__carve(&r.bytes, scratch, GROUP * r.pitch);
	r.weights = lepton__carve(&r.bytes, scratch, units * r.pitch);
	r.dw = lepton__carve(&r.bytes, scratch, units * r.pitch);
	r.sums = lepton__carve(&r.bytes, scratch, (ptrdiff_t)n * units * LANES);
	return r;
}

bool OP(tail_fits)(const struct lepton__conv *g, enum lepton__activation act, int units)
{
	return (act == LEPTON__RELU || act == LEPTON__LINEAR) && units > 0 && units <= LEPTON__FEW_UNITS &&
	       lepton__few_taps(g) && (int64_t)g->out_w * g->out_c <= 4096;
}

size_t OP(tail_scratch)(const struct lepton__conv *g, int n, int units)
{
	return room_of(g, n, units, NULL).bytes;
}

/* What both directions share. */
struct work {
	const struct lepton__tail *t;
	struct lepton__padded in;
	struct room r;
	struct lepton__few few;
	struct lepton__taps taps;
	struct lepton__conv_row conv_row;
};

static struct work work_of(const struct lepton__tail *t, void *scratch)
{
	struct work w = {.t = t, .in = lepton__padded_of(t->conv), .r = room_of(t->conv, t->n, t->units, scratch)};
	w.few = (struct lepton__few){.units = t->units,
		.features = (int)w.r.row,
		.x = w.r.rows,
		.x_row = w.r.pitch,
		.w = w.r.weights,
		.w_row = w.r.pitch,
		.dx = w.r.dz,
		.relu = t->act == LEPTON__RELU};
	w.taps = (struct lepton__taps){.channels = t->conv->out_c, .rows = 1, .pixels = t->conv->out_w};
	lepton__taps_of(t->conv, &w.in, &w.taps);
	w.conv_row = OP(conv_row_plan)(t->conv, &w.in, t->conv_w, t->conv_bias, t->act == LEPTON__RELU);
	return w;
}

/* The input that row oy of the output sees in sample s, the i-th of its group. */
static const float *window(const struct work *w, int s, int i, int oy)
{
	const struct lepton__conv *g = w->t->conv;
	const ptrdiff_t row = (ptrdiff_t)g->in_w * g->in_c;
	const float *image = w->t->x + s * (g->in_h * row);
	if (w->in.same)
		return image + oy * g->stride_h * row;
	float *to = w->r.windows + i * w->r.window;
	memset(to, 0, (size_t)w->r.window * sizeof(float));
	for (int y = 0, from = oy * g->stride_h - g->pad_top; y < g->k_h; y++, from++)
		if (from >= 0 && from < g->in_h)
			memcpy(to + y * w->in.row + (ptrdiff_t)g->pad_left * g->in_c, image + from * row,
				(size_t)row * sizeof(float));
	return to;
}

/* Row oy of the output of sample s, the i-th of its group. */
static void convolve(struct work *w, int s, int i, int oy)
{
	OP(conv_row)(&w->conv_row, window(w, s, i, oy), w->r.rows + i * w->r.pitch);
}

static int at_most(int a, int b)
{
	return a < b ? a : b;
}

/* Ask for a share of the next row's weights, or of the place their gradient goes to. The row before takes a while,
 * and where two cores work on one network the other one has just changed them, which no core can guess. */
static void prefetch(const float *at, ptrdiff_t floats, int share, int shares, bool to_write)
{
	for (ptrdiff_t i = floats * share / shares; i < floats * (share + 1) / shares; i += 16)
		if (to_write)
			__builtin_prefetch(at + i, 1);
		else
			__builtin_prefetch(at + i, 0, 2);
}

/* The dense weights of row oy, turned. */
static void turn_weights(const struct work *w, int oy)
{
	const struct lepton__tail *t = w->t;
	const float *from = t->dense_w + oy * w->r.row * t->units;
	OP(transpose)(w->r.row, t->units, from, t->units, w->r.weights, w->r.pitch);
}

void OP(tail_forward)(const struct lepton__tail *t, int from, int to, float *y, void *scratch)
{
	struct work w = work_of(t, scratch);
	const ptrdiff_t floats = w.r.row * t->units;
	if (from == to)
		memset(w.r.sums, 0, (size_t)t->n * t->units * LANES * sizeof(float));
	for (int oy = from; oy < to; oy++) {
		turn_weights(&w, oy);
		for (int s = 0; s < t->n; s += GROUP) {
			w.few.n = at_most(t->n - s, GROUP);
			w.few.fresh = oy == from;
			w.few.sums = w.r.sums + (ptrdiff_t)s * t->units * LANES;
			if (oy + 1 < to)
				prefetch(t->dense_w + (oy + 1) * floats, floats, s / GROUP, (t->n + GROUP - 1) / GROUP,
					false);
			for (int i = 0; i < w.few.n; i++)
				convolve(&w, s + i, i, oy);
			OP(few_forward)(&w.few);
		}
	}
	OP(few_sums)(t->n, t->units, w.r.sums, NULL, y);
}

/* One row of output for one group of samples, forward again and back. */
static void group_back(struct work *w, const float *dz, int s, int oy)
{
	w->few.n = at_most(w->t->n - s, GROUP);
	w->few.dz = dz + (ptrdiff_t)s * w->t->units;
	for (int i = 0; i < w->few.n; i++)
		convolve(w, s + i, i, oy);
	OP(few_backward)(&w->few);
	for (int i = 0; i < w->few.n; i++) {
		w->taps.x = w->in.same ? window(w, s + i, i, oy) : w->r.windows + i * w->r.window;
		w->taps.dz = w->r.dz + i * w->r.pitch;
		OP(taps)(&w->taps);
	}
}

static void row_back(struct work *w, const float *dz, int oy, int to, float *dense_dw)
{
	const struct lepton__tail *t = w->t;
	const int shares = (t->n + GROUP - 1) / GROUP;
	const ptrdiff_t floats = w->r.row * t->units;
	turn_weights(w, oy);
	memset(w->r.dw, 0, (size_t)(t->units * w->r.pitch) * sizeof(float));
	for (int s = 0; s < t->n; s += GROUP) {
		if (oy + 1 < to)
			prefetch(t->dense_w + (oy + 1) * floats, floats, s / GROUP, shares, false);
		prefetch(dense_dw + oy * floats, floats, s / GROUP, shares, true);
		group_back(w, dz, s, oy);
	}
	OP(transpose)(t->units, w->r.row, w->r.dw, w->r.pitch, dense_dw + oy * floats, t->units);
}

void OP(tail_backward)(const struct lepton__tail *t, int from, int to, const float *dz,
	const struct lepton__tail_gradient *d, void *scratch)
{
	struct work w = work_of(t, scratch);
	w.few.dw = w.r.dw;
	w.taps.dw = d->conv_w;
	w.taps.dbias = d->conv_bias;
	memset(d->conv_w, 0, (size_t)w.taps.taps * t->conv->out_c * sizeof(float));
	memset(d->conv_bias, 0, (size_t)t->conv->out_c * sizeof(float));
	for (int oy = from; oy < to; oy++)
		row_back(&w, dz, oy, to, d->dense_w);
}
