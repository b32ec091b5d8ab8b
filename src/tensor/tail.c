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
 * Traffic is then the dense weights, read twice, and their gradient: 2.5 Mflop a sample against 3 × 27 KB at
 * batch 32, some 30 flops a byte, on the compute-bound side. An AVX-512 core reaches 0.59 of its FMA
 * peak forward and 0.52 backward, the second convolution not counted as work.
 */
#include "config.h"
#include "tensor/conv.h"
#include "tensor/vec.h"

#define GROUP 8 /* samples whose rows are in cache together */

/* The parts of the scratch space. */
struct room {
	float *images;        /* all samples, padded; unused without padding */
	float *rows, *dz;     /* GROUP rows of the convolution's output, and of its gradient */
	float *weights, *dw;  /* of the dense layer for one row, [units × features] */
	float *later;         /* like dw, of a part that is not the first */
	float *filters;       /* the convolution's gradient, weights and bias, of all parts but the first */
	float *sums;          /* a vector for every sample and unit */
	ptrdiff_t row, pitch; /* features in a row; a row's distance in the buffers */
	size_t bytes;
};

static ptrdiff_t filter_values(const struct lepton__conv *g)
{
	return ((ptrdiff_t)g->k_h * g->k_w * g->in_c + 1) * g->out_c;
}

static struct room room_of(const struct lepton__conv *g, int n, int parts, int units, void *scratch)
{
	const struct lepton__padded in = lepton__padded_of(g);
	struct room r = {.row = (ptrdiff_t)g->out_w * g->out_c};
	r.pitch = (r.row + 15) / 16 * 16 + 16; /* not a power of two: rows must not share cache sets */
	r.images = lepton__carve(&r.bytes, scratch, in.same ? 0 : n * in.size);
	r.rows = lepton__carve(&r.bytes, scratch, GROUP * r.pitch);
	r.dz = lepton__carve(&r.bytes, scratch, GROUP * r.pitch);
	r.weights = lepton__carve(&r.bytes, scratch, units * r.pitch);
	r.dw = lepton__carve(&r.bytes, scratch, units * r.pitch);
	r.later = lepton__carve(&r.bytes, scratch, units * r.pitch);
	r.filters = lepton__carve(&r.bytes, scratch, (parts - 1) * filter_values(g));
	r.sums = lepton__carve(&r.bytes, scratch, (ptrdiff_t)n * units * LANES);
	return r;
}

bool OP(tail_fits)(const struct lepton__conv *g, enum lepton__activation act, int units)
{
	return (act == LEPTON__RELU || act == LEPTON__LINEAR) && units > 0 && units <= LEPTON__FEW_UNITS &&
	       lepton__few_taps(g) && (int64_t)g->out_w * g->out_c <= 4096;
}

size_t OP(tail_scratch)(const struct lepton__conv *g, int n, int parts, int units)
{
	return room_of(g, n, parts, units, NULL).bytes;
}

/* All images as the convolution slides over them, and the distance between two. */
static const float *images(const struct lepton__tail *t, const struct lepton__padded *in,
	const struct room *r, ptrdiff_t *stride)
{
	*stride = in->size;
	if (in->same)
		return t->x;
	const ptrdiff_t size = (ptrdiff_t)t->conv->in_h * t->conv->in_w * t->conv->in_c;
	for (int s = 0; s < t->n; s++)
		lepton__pad(t->conv, in, t->x + s * size, r->images + s * in->size, true);
	return r->images;
}

/* Row oy of the convolution's output for one sample. */
static void convolve(
	const struct lepton__tail *t, const struct lepton__padded *in, const float *image, int oy, float *y)
{
	const struct lepton__conv *g = t->conv;
	const int run = g->k_w * g->in_c;
	OP(product)
	(&(struct lepton__product){.rows = g->out_w,
		.columns = g->out_c,
		.segments = g->k_h,
		.length = run,
		.a = image + oy * g->stride_h * in->row,
		.a_row = (ptrdiff_t)g->stride_w * g->in_c,
		.a_step = 1,
		.a_segment = in->row,
		.b = t->conv_w,
		.b_step = g->out_c,
		.b_segment = (ptrdiff_t)run * g->out_c,
		.c = y,
		.c_row = g->out_c,
		.start = LEPTON__PRODUCT_BIAS,
		.bias = t->conv_bias,
		.relu = t->act == LEPTON__RELU});
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

void OP(tail_forward)(const struct lepton__tail *t, float *y, void *scratch)
{
	const struct lepton__padded in = lepton__padded_of(t->conv);
	const struct room r = room_of(t->conv, t->n, 1, t->units, scratch);
	ptrdiff_t stride;
	const float *image = images(t, &in, &r, &stride);
	struct lepton__few f = {.units = t->units,
		.features = (int)r.row,
		.x = r.rows,
		.x_row = r.pitch,
		.w = r.weights,
		.w_row = r.pitch};
	memset(r.sums, 0, (size_t)t->n * t->units * LANES * sizeof(float));
	for (int oy = 0; oy < t->conv->out_h; oy++) {
		OP(transpose)
		(r.row, t->units, t->dense_w + oy * r.row * t->units, t->units, r.weights, r.pitch);
		for (int s = 0; s < t->n; s += GROUP) {
			f.n = at_most(t->n - s, GROUP);
			f.sums = r.sums + (ptrdiff_t)s * t->units * LANES;
			if (oy + 1 < t->conv->out_h)
				prefetch(t->dense_w + (oy + 1) * r.row * t->units, r.row * t->units, s / GROUP,
					(t->n + GROUP - 1) / GROUP, false);
			for (int i = 0; i < f.n; i++)
				convolve(t, &in, image + (s + i) * stride, oy, r.rows + i * r.pitch);
			OP(few_forward)(&f);
		}
	}
	OP(few_sums)(t->n, t->units, r.sums, t->dense_bias, y);
}

/* What the way back shares: the operands of the two inner loops, and where a part's sums go. */
struct back {
	const struct lepton__tail *t;
	struct lepton__padded in;
	struct room r;
	const float *image;
	ptrdiff_t stride;
	const float *dz;
	struct lepton__few few;
	struct lepton__taps taps;
};

/* One row of output for one group of samples, forward again and back. */
static void group_back(struct back *b, int s, int n, int oy)
{
	const float *image = b->image + s * b->stride;
	for (int i = 0; i < n; i++)
		convolve(b->t, &b->in, image + i * b->stride, oy, b->r.rows + i * b->r.pitch);
	b->few.n = n;
	b->few.dz = b->dz + (ptrdiff_t)s * b->t->units;
	OP(few_backward)(&b->few);
	for (int i = 0; i < n; i++) {
		b->taps.x = image + i * b->stride + oy * b->taps.x_row;
		b->taps.dz = b->r.dz + i * b->r.pitch;
		OP(taps)(&b->taps);
	}
}

/* Samples s to s + n are part i: its sums by the dense weights go to r.dw, those by the filters to their own. */
static void part_back(struct back *b, int i, int s, int n, int oy, const struct lepton__tail_gradient *d)
{
	const struct lepton__conv *g = b->t->conv;
	const ptrdiff_t size = b->t->units * b->r.pitch;
	float *filters = b->r.filters + (i - 1) * filter_values(g);
	b->few.dw = i ? b->r.later : b->r.dw;
	b->taps.dw = i ? filters : d->conv_w;
	b->taps.dbias = i ? filters + (ptrdiff_t)b->taps.taps * g->out_c : d->conv_bias;
	memset(b->few.dw, 0, (size_t)size * sizeof(float));
	for (int at = s; at < s + n; at += GROUP) {
		const int share = at / GROUP, shares = (b->t->n + GROUP - 1) / GROUP;
		const ptrdiff_t floats = b->r.row * b->t->units;
		if (oy + 1 < g->out_h)
			prefetch(b->t->dense_w + (oy + 1) * floats, floats, share, shares, false);
		prefetch(d->dense_w + oy * floats, floats, share, shares, true);
		group_back(b, at, at_most(s + n - at, GROUP), oy);
	}
	if (i)
		OP(add)(size, b->r.later, b->r.dw);
}

static void add_filters(const struct back *b, int parts, const struct lepton__tail_gradient *d)
{
	const ptrdiff_t values = filter_values(b->t->conv), channels = b->t->conv->out_c;
	for (int i = 1; i < parts; i++) {
		const float *filters = b->r.filters + (i - 1) * values;
		OP(add)(values - channels, filters, d->conv_w);
		OP(add)(channels, filters + values - channels, d->conv_bias);
	}
}

void OP(tail_backward)(
	const struct lepton__tail *t, const float *dz, const struct lepton__tail_gradient *d, void *scratch)
{
	const struct lepton__conv *g = t->conv;
	const int part = at_most(t->n, t->part), parts = t->n ? (t->n - 1) / part + 1 : 1;
	struct back b = {.t = t, .in = lepton__padded_of(g), .dz = dz};
	const struct room *r = &b.r;
	b.r = room_of(g, t->n, parts, t->units, scratch);
	b.image = images(t, &b.in, r, &b.stride);
	b.few = (struct lepton__few){.units = t->units,
		.features = (int)r->row,
		.x = r->rows,
		.x_row = r->pitch,
		.w = r->weights,
		.w_row = r->pitch,
		.dx = r->dz,
		.relu = t->act == LEPTON__RELU};
	b.taps = (struct lepton__taps){.channels = g->out_c, .rows = 1, .pixels = g->out_w};
	lepton__taps_of(g, &b.in, &b.taps);
	memset(d->conv_w, 0, (size_t)b.taps.taps * g->out_c * sizeof(float));
	memset(d->conv_bias, 0, (size_t)g->out_c * sizeof(float));
	memset(r->filters, 0, (size_t)((parts - 1) * filter_values(g)) * sizeof(float));
	OP(bias_gradient)(t->n, t->part, t->units, dz, d->dense_bias);
	for (int oy = 0; oy < g->out_h; oy++) {
		OP(transpose)
		(r->row, t->units, t->dense_w + oy * r->row * t->units, t->units, r->weights, r->pitch);
		if (!t->n)
			memset(r->dw, 0, (size_t)(t->units * r->pitch) * sizeof(float));
		for (int i = 0, s = 0; s < t->n; i++, s += part)
			part_back(&b, i, s, at_most(t->n - s, part), oy, d);
		OP(transpose)(t->units, r->row, r->dw, r->pitch, d->dense_w + oy * r->row * t->units, t->units);
	}
	add_filters(&b, parts, d);
}
