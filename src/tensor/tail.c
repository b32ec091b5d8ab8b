/* tensor/tail.c - Conv2D → relu → Flatten → Dense with few units in one pass over the image.
 *
 * Done layer by layer, a batch of 128 writes and reads the convolution's output several times over: 11 MB
 * for 26 × 26 × 32, far more than the second-level cache, and each pass over it takes longer than the
 * arithmetic on it. Here nothing of it is ever stored. For a part of one row of output pixels and a group of
 * samples the convolution is computed into a buffer and the dense layer uses it at once. On the way back it
 * is computed again, for 2 · 9 flops a value are cheaper than fetching its 4 bytes, and the gradient that
 * reaches the convolution lives in a second such buffer until its filters have used it.
 *
 * A part of a row is as long as lets all of that, and its dense weights and their gradient, stay in the
 * first-level cache while group after group of the batch passes by: 14 and 12 pixels forward, 8 and 6 on the
 * way back. With whole rows, whose weights come from the second-level cache anew for each group, both
 * directions took a sixth longer.
 *
 * Traffic is then the dense weights, read twice, and their gradient: 2.5 Mflop a sample against 3 × 7 KB at
 * batch 128, some 120 flops a byte, on the compute-bound side. An AVX-512 core reaches 0.80 of its FMA
 * peak forward and 0.62 backward, the second convolution not counted as work.
 *
 * Threads share a batch by rows of the output, not by samples: each then reads its own part of the dense
 * weights and leaves their gradient whole, where by samples each would read all and their gradients would
 * have to be added.
 */
#include "config.h"
#include "tensor/conv.h"
#include "tensor/vec.h"

#define GROUP 8           /* samples whose rows are in cache together */
#define CACHE_BYTES 40960 /* for what is at work; a first-level cache has 32 to 48 KB */

/* The parts of the scratch space. */
struct room {
	float *windows;      /* a group's inputs that a part of a row of output sees, padded; unused without
				padding */
	float *rows, *dz;    /* the convolution's output, and its gradient, a row of it a sample */
	float *weights, *dw; /* of the dense layer for a part of a row, turned (few.h) */
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
	struct lepton__conv_rows conv_rows;
	int y, x, pixels;     /* the part of a row of output at work */
	ptrdiff_t at, floats; /* its dense weights: where they begin and how many they are */
	const float *window;  /* what it sees of the group's first sample */
	ptrdiff_t window_row; /* from there to the next sample's */
};

static struct work work_of(const struct lepton__tail *t, void *scratch)
{
	struct work w = {.t = t, .in = lepton__padded_of(t->conv), .r = room_of(t->conv, t->n, t->units, scratch)};
	w.few = (struct lepton__few){.units = t->units,
		.x = w.r.rows,
		.w = w.r.weights,
		.dx = w.r.dz,
		.dw = w.r.dw,
		.relu = t->act == LEPTON__RELU};
	w.taps = (struct lepton__taps){.channels = t->conv->out_c, .dz = w.r.dz};
	lepton__taps_of(t->conv, &w.in, &w.taps);
	w.conv_rows = OP(conv_rows_plan)(t->conv, &w.in, t->conv_w, t->conv_bias, t->act == LEPTON__RELU);
	return w;
}

static int at_most(int a, int b)
{
	return a < b ? a : b;
}

static int at_least(int a, int b)
{
	return a > b ? a : b;
}

/* How many pixels the part of a row from pixel x on has, where `lines` rows of it must fit into the cache:
 * about as many as every other part, and even, for taps_forward() takes two at a time. */
static int part_pixels(const struct lepton__tail *t, int x, int lines)
{
	const int width = t->conv->out_w, bytes = lines * t->conv->out_c * (int)sizeof(float);
	const int fit = at_least(CACHE_BYTES / bytes, 2), parts = (width - x + fit - 1) / fit;
	return at_most((width - x + 2 * parts - 1) / (2 * parts) * 2, width - x);
}

/* Take the part of row y from pixel x on, and turn its dense weights. */
static void take_part(struct work *w, int y, int x, int pixels)
{
	const struct lepton__conv *g = w->t->conv;
	w->y = y;
	w->x = x;
	w->pixels = pixels;
	w->few.features = pixels * g->out_c;
	w->few.x_row = (w->few.features + 15) / 16 * 16 +
		       16; /* not a power of two: rows must not share cache sets */
	w->at = ((ptrdiff_t)y * w->r.row + (ptrdiff_t)x * g->out_c) * w->t->units;
	w->floats = (ptrdiff_t)w->few.features * w->t->units;
	OP(few_turn)(w->few.features, w->t->units, w->t->dense_w + w->at, w->r.weights);
}

/* What the part sees of sample s, the i-th of its group, with zeros around the image. */
static void copy_window(const struct work *w, int s, int i)
{
	const struct lepton__conv *g = w->t->conv;
	const int left = w->x * g->stride_w, right = left + (w->pixels - 1) * g->stride_w + g->k_w;
	const int first = at_least(left, g->pad_left), end = at_most(right, g->pad_left + g->in_w);
	const ptrdiff_t row = (ptrdiff_t)g->in_w * g->in_c;
	const float *image = w->t->x + s * (g->in_h * row);
	float *to = w->r.windows + i * w->r.window;
	for (int y = 0, from = w->y * g->stride_h - g->pad_top; y < g->k_h; y++, from++, to += w->in.row) {
		memset(to + (ptrdiff_t)left * g->in_c, 0,
			(size_t)(right - left) * (size_t)g->in_c * sizeof(*to));
		if (from >= 0 && from < g->in_h && first < end)
			memcpy(to + (ptrdiff_t)first * g->in_c,
				image + from * row + (ptrdiff_t)(first - g->pad_left) * g->in_c,
				(size_t)(end - first) * (size_t)g->in_c * sizeof(*to));
	}
}

/* Take a group of samples, from s on, and compute the part of the convolution's output for them. */
static void convolve(struct work *w, int s)
{
	const struct lepton__conv *g = w->t->conv;
	const ptrdiff_t column = (ptrdiff_t)w->x * g->stride_w * g->in_c,
			image = (ptrdiff_t)g->in_h * g->in_w * g->in_c;
	w->few.n = at_most(w->t->n - s, GROUP);
	for (int i = 0; i < w->few.n && !w->in.same; i++)
		copy_window(w, s + i, i);
	w->window = w->in.same ? w->t->x + s * image + w->y * g->stride_h * w->in.row : w->r.windows;
	w->window += column;
	w->window_row = w->in.same ? image : w->r.window;
	OP(conv_rows)(&w->conv_rows, w->few.n, w->pixels, w->window, w->window_row, w->r.rows, w->few.x_row);
}

/* Ask for a share of the weights after this part's, or of the place their gradient goes to. The part takes a
 * while, and where two cores work on one network the other one has just changed them, which no core can
 * guess. */
static void prefetch(const float *at, ptrdiff_t floats, int share, int shares, bool to_write)
{
	for (ptrdiff_t i = floats * share / shares; i < floats * (share + 1) / shares; i += 16)
		if (to_write)
			__builtin_prefetch(at + i, 1);
		else
			__builtin_prefetch(at + i, 0, 2);
}

static void prefetch_weights(const struct work *w, int to, int share, int shares)
{
	const ptrdiff_t next = w->at + w->floats, left = to * w->r.row * w->t->units - next;
	prefetch(w->t->dense_w + next, left < w->floats ? left : w->floats, share, shares, false);
}

static void part_forward(struct work *w, int to, bool fresh)
{
	const struct lepton__tail *t = w->t;
	w->few.fresh = fresh;
	for (int s = 0; s < t->n; s += GROUP) {
		convolve(w, s);
		prefetch_weights(w, to, s / GROUP, (t->n + GROUP - 1) / GROUP);
		w->few.sums = w->r.sums + (ptrdiff_t)s * t->units * LANES;
		OP(few_forward)(&w->few);
	}
}

void OP(tail_forward)(const struct lepton__tail *t, int from, int to, float *y, void *scratch)
{
	struct work w = work_of(t, scratch);
	if (from == to)
		memset(w.r.sums, 0, (size_t)t->n * t->units * LANES * sizeof(float));
	for (int oy = from; oy < to; oy++)
		for (int x = 0; x < t->conv->out_w; x += w.pixels) {
			take_part(&w, oy, x, part_pixels(t, x, t->units + GROUP));
			part_forward(&w, to, oy == from && x == 0);
		}
	OP(few_sums)(t->n, t->units, w.r.sums, NULL, y);
}

/* Forward again and back. */
static void part_back(struct work *w, const float *dz, int to, float *dense_dw)
{
	const struct lepton__tail *t = w->t;
	const int shares = (t->n + GROUP - 1) / GROUP;
	memset(w->r.dw, 0,
		(size_t)t->units * (size_t)((w->few.features + LANES - 1) / LANES * LANES) * sizeof(float));
	for (int s = 0; s < t->n; s += GROUP) {
		convolve(w, s);
		prefetch_weights(w, to, s / GROUP, shares);
		prefetch(dense_dw + w->at, w->floats, s / GROUP, shares, true);
		w->few.dz = dz + (ptrdiff_t)s * t->units;
		OP(few_backward)(&w->few);
		w->taps.x = w->window;
		w->taps.x_row = w->window_row;
		w->taps.rows = w->few.n;
		w->taps.pixels = w->pixels;
		w->taps.z_row = w->few.x_row;
		OP(taps)(&w->taps);
	}
	OP(few_turn_back)(w->few.features, t->units, w->r.dw, dense_dw + w->at);
}

void OP(tail_backward)(const struct lepton__tail *t, int from, int to, const float *dz,
	const struct lepton__tail_gradient *d, void *scratch)
{
	struct work w = work_of(t, scratch);
	w.taps.dw = d->conv_w;
	w.taps.dbias = d->conv_bias;
	memset(d->conv_w, 0, (size_t)w.taps.taps * t->conv->out_c * sizeof(float));
	memset(d->conv_bias, 0, (size_t)t->conv->out_c * sizeof(float));
	for (int oy = from; oy < to; oy++)
		for (int x = 0; x < t->conv->out_w; x += w.pixels) {
			take_part(&w, oy, x, part_pixels(t, x, 2 * (t->units + GROUP)));
			part_back(&w, dz, to, d->dense_w);
		}
}
