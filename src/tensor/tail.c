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
 * Much of an image is often background, zeros. All samples that show nothing but zeros to a part of a row
 * have the same output there, act(bias), so it is computed once for all of them, as if one more sample had
 * that window: forward, what it gives is added to y of each; back, its dz is the sum of theirs. That is exact
 * for the dense gradient, the relu's mask and the bias' gradient, and the filters' gradient gets nothing from
 * zeros, or NaN where it should. Two thirds of MNIST's 3x3 windows are empty. The shorter a part, the more of
 * its windows are: 4 pixels of 32 filters leave 47 % of the work, 14 leave 79 %. But each part of a sample
 * fetches and stores its sums anew, so short ones are for rows that have empty windows, as a look at every
 * eighth sample says. If that shows none, nothing is looked for and no time is lost. What is done depends on
 * the images alone: the bits are the same with any number of threads.
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

#define GROUP_MIN 8 /* samples whose rows are in cache together */
#define GROUP_MAX 24
#define GROUP_FLOATS 3072      /* of their rows, with more than GROUP_MIN */
#define EACH LEPTON__FEW_UNITS /* floats kept for a sample's units */
#define LOOK 8                 /* one sample of so many is looked at first */
#define SPARSE 0.85            /* of a row's small windows not empty: small parts pay */
#define PART_FLOATS 128        /* of a small part's output: see take_row() */
#define CACHE_BYTES 40960 /* for what is at work; a first-level cache has 32 to 48 KB */

/* The parts of the scratch space. */
struct room {
	float *windows;      /* a group's inputs that a part of a row of output sees, padded; unused without
				padding */
	float *rows, *dz;    /* the convolution's output, and its gradient, a row of it a sample */
	float *weights, *dw; /* of the dense layer for a part of a row, turned (few.h) */
	float *sums;         /* forward: (n + 1) × units vectors, the last those of an empty window */
	float *each;         /* n × EACH: forward, what empty windows add to y; backward, dz */
	float *group_dz;     /* of a group */
	float *seen;         /* a row that is zero where all that a filter sees in that column is zero */
	int *busy, *idle; /* for each part of a row, the samples whose window is not empty, and the others */
	int *busy_count, *idle_count; /* how many these are */
	ptrdiff_t window, row, pitch; /* floats in a window, in a row of output, and from one of those to the next */
	size_t bytes;
};

/* Also a part of pixels that ends past the row's end is in it, and a whole vector from its last value on. */
static ptrdiff_t seen_floats(const struct lepton__conv *g, const struct lepton__padded *in)
{
	return in->row + (ptrdiff_t)((g->out_w + 1) * g->stride_w + g->k_w) * g->in_c + LANES;
}

static struct room room_of(const struct lepton__conv *g, int n, int units, void *scratch)
{
	const struct lepton__padded in = lepton__padded_of(g);
	const int parts = (g->out_w + 1) / 2;
	struct room r = {.window = g->k_h * in.row, .row = (ptrdiff_t)g->out_w * g->out_c};
	r.pitch = (r.row + 15) / 16 * 16 + 16; /* not a power of two: rows must not share cache sets */
	r.windows = lepton__carve(&r.bytes, scratch, in.same ? 0 : GROUP_MAX * r.window);
	r.rows = lepton__carve(&r.bytes, scratch, GROUP_MIN * r.pitch + GROUP_FLOATS);
	r.dz = lepton__carve(&r.bytes, scratch, GROUP_MIN * r.pitch + GROUP_FLOATS);
	r.weights = lepton__carve(&r.bytes, scratch, units * r.pitch);
	r.dw = lepton__carve(&r.bytes, scratch, units * r.pitch);
	r.sums = lepton__carve(&r.bytes, scratch, (ptrdiff_t)(n + 1) * units * LANES);
	r.each = lepton__carve(&r.bytes, scratch, (ptrdiff_t)n * EACH);
	r.group_dz = lepton__carve(&r.bytes, scratch, (GROUP_MAX + 1) * EACH);
	r.seen = lepton__carve(&r.bytes, scratch, seen_floats(g, &in));
	r.busy = lepton__carve(&r.bytes, scratch, (ptrdiff_t)parts * n);
	r.idle = lepton__carve(&r.bytes, scratch, (ptrdiff_t)parts * n);
	r.busy_count = lepton__carve(&r.bytes, scratch, parts);
	r.idle_count = lepton__carve(&r.bytes, scratch, parts);
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
	int y, part;   /* a row of output, in parts of so many pixels */
	int x, pixels; /* the part at work */
	int group;     /* samples that are done together */
	const int *busy, *idle;
	int busy_count, idle_count;
	const float *dz;      /* backward */
	ptrdiff_t at, floats; /* its dense weights: where they begin and how many they are */
};

static struct work work_of(const struct lepton__tail *t, void *scratch)
{
	struct work w = {.t = t, .in = lepton__padded_of(t->conv), .r = room_of(t->conv, t->n, t->units, scratch)};
	memset(w.r.seen, 0, (size_t)seen_floats(t->conv, &w.in) * sizeof(float)); /* around the image */
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

/* How many pixels the parts of a row have, where `lines` rows of one must fit into the cache: all about as
 * many, and an even number, for taps_forward() takes two at a time. */
static int large_part(const struct lepton__tail *t, int lines)
{
	const int width = t->conv->out_w, bytes = lines * t->conv->out_c * (int)sizeof(float);
	const int fit = at_least(CACHE_BYTES / bytes, 2), parts = (width + fit - 1) / fit;
	return (width + 2 * parts - 1) / (2 * parts) * 2;
}

/* And where many are empty. A product (conv_forward.c) is at its best with 14 pixels. */
static int small_part(const struct work *w, int large)
{
	return w->conv_rows.few ? at_most(at_least(PART_FLOATS / w->t->conv->out_c / 2 * 2, 2), large)
				: large;
}

/* Take the part of the row from pixel x on, and turn its dense weights. */
static void take_part(struct work *w, int x)
{
	const struct lepton__conv *g = w->t->conv;
	const int y = w->y, pixels = at_most(w->part, g->out_w - x);
	w->x = x;
	w->pixels = pixels;
	w->busy = w->r.busy + (ptrdiff_t)(x / w->part) * w->t->n;
	w->idle = w->r.idle + (ptrdiff_t)(x / w->part) * w->t->n;
	w->busy_count = w->r.busy_count[x / w->part];
	w->idle_count = w->r.idle_count[x / w->part];
	w->few.features = pixels * g->out_c;
	w->few.x_row = (w->few.features + 15) / 16 * 16 +
		       16; /* not a power of two: rows must not share cache sets */
	w->group = at_most(at_least(GROUP_FLOATS / (int)w->few.x_row, GROUP_MIN), GROUP_MAX);
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

/* The columns of a sample in which the filters see something, as they pass over row y of the output. */
static void see(const struct work *w, int s)
{
	const struct lepton__conv *g = w->t->conv;
	const int top = w->y * g->stride_h - g->pad_top;
	const int first = at_least(top, 0), end = at_most(top + g->k_h, g->in_h);
	const ptrdiff_t row = (ptrdiff_t)g->in_w * g->in_c;
	const float *image = w->t->x + (s * (ptrdiff_t)g->in_h + first) * row;
	float *seen = w->r.seen + (ptrdiff_t)g->pad_left * g->in_c;
	for (ptrdiff_t k = 0; k < row; k += LANES) {
		const vec_mask mask = vec_first(row - k < LANES ? (int)(row - k) : LANES);
		vec_int bits = vec_int_set(0);
		for (int y = first; y < end; y++)
			bits |= (vec_int)vec_load_part(image + (y - first) * row + k, mask);
		vec_store_part(seen + k, mask, (vec)bits);
	}
}

INLINE bool any_seen(const float *seen, int floats, vec_mask last)
{
	for (; floats > LANES; floats -= LANES, seen += LANES)
		if (vec_any_value((vec_int)vec_load(seen)))
			return true;
	return vec_any_value((vec_int)vec_load_part(seen, last));
}

/* Cut row y into parts of so many pixels, and list for each the samples, every step-th, with an empty window
 * and the others. Says how many these are. */
static int list_row(struct work *w, int part, int step)
{
	const struct lepton__conv *g = w->t->conv;
	const int n = w->t->n, parts = (g->out_w + part - 1) / part;
	const int floats = ((part - 1) * g->stride_w + g->k_w) * g->in_c;
	const ptrdiff_t next = (ptrdiff_t)part * g->stride_w * g->in_c;
	const vec_mask last = vec_first((floats - 1) % LANES + 1);
	const float *seen = w->r.seen;
	int *busy_count = w->r.busy_count, *idle_count = w->r.idle_count, all = 0;
	w->part = part;
	memset(busy_count, 0, (size_t)parts * sizeof(*busy_count));
	memset(idle_count, 0, (size_t)parts * sizeof(*idle_count));
	for (int s = 0; s < n; s += step) {
		int *busy = w->r.busy, *idle = w->r.idle;
		see(w, s);
		for (int i = 0; i < parts; i++, busy += n, idle += n) {
			const int any = any_seen(seen + i * next, floats, last);
			busy[busy_count[i]] = s; /* both, for the machine could not guess which */
			idle[idle_count[i]] = s;
			busy_count[i] += any;
			idle_count[i] += !any;
			all += any;
		}
	}
	return all;
}

/* Cut the row into parts with no empty window, as if. */
static void list_all(struct work *w, int part)
{
	const int n = w->t->n, parts = (w->t->conv->out_w + part - 1) / part;
	w->part = part;
	for (int i = 0; i < parts; i++) {
		w->r.busy_count[i] = n;
		w->r.idle_count[i] = 0;
		for (int s = 0; s < n; s++)
			w->r.busy[i * n + s] = s;
	}
}

/* Take row y. A few of the samples are looked at first: in small parts if many windows of these are empty,
 * and if none is, as if none were. */
static void take_row(struct work *w, int y, int large, int small)
{
	const int looked = (w->t->n + LOOK - 1) / LOOK, parts = (w->t->conv->out_w + small - 1) / small;
	w->y = y;
	const int busy = list_row(w, small, LOOK), all = looked * parts;
	if (busy == all)
		list_all(w, large);
	else
		list_row(w, busy <= all * SPARSE ? small : large, 1);
}

/* Compute the part of the convolution's output for some samples. */
static void convolve(struct work *w, const int *samples, int count)
{
	const struct lepton__conv *g = w->t->conv;
	const bool same = w->in.same;
	const ptrdiff_t image = (ptrdiff_t)g->in_h * g->in_w * g->in_c;
	for (int i = 0; i < count && !same; i++)
		copy_window(w, samples[i], i);
	w->few.n = count;
	w->taps.rows = count;
	w->taps.pixels = w->pixels;
	w->taps.z_row = w->few.x_row;
	w->taps.x = (same ? w->t->x + w->y * g->stride_h * w->in.row : w->r.windows) +
		    (ptrdiff_t)w->x * g->stride_w * g->in_c;
	w->taps.x_row = same ? image : w->r.window;
	w->taps.at = w->conv_rows.taps.at = same ? samples : NULL;
	OP(conv_rows)(&w->conv_rows, count, w->pixels, w->taps.x, w->taps.x_row, w->r.rows, w->few.x_row);
}

/* Ask for a share of the weights after this part's, or of the place their gradient goes to. The part takes a
 * while, and where two cores work on one network the other one has just changed them, which no core can
 * guess. */
static void prefetch(const float *at, ptrdiff_t floats, int share, int count, int shares, bool to_write)
{
	for (ptrdiff_t i = floats * share / shares, end = floats * (share + count) / shares; i < end; i += 16)
		if (to_write)
			__builtin_prefetch(at + i, 1);
		else
			__builtin_prefetch(at + i, 0, 2);
}

static void prefetch_weights(const struct work *w, int to, int share)
{
	const ptrdiff_t next = w->at + w->floats, left = to * w->r.row * w->t->units - next;
	prefetch(w->t->dense_w + next, left < w->floats ? left : w->floats, share, w->few.n, w->busy_count,
		false);
}

/* What an empty window gives, once for all samples that have one. */
static void idle_forward(struct work *w)
{
	const struct lepton__tail *t = w->t;
	float *sums = w->r.sums + (ptrdiff_t)t->n * t->units * LANES, y[EACH] = {0};
	memset(sums, 0, (size_t)t->units * LANES * sizeof(*sums));
	w->few.at = &t->n;
	convolve(w, w->idle, 1);
	OP(few_forward)(&w->few);
	OP(few_sums)(1, t->units, sums, NULL, y);
	for (int i = 0; i < w->idle_count; i++) {
		float *to = w->r.each + (ptrdiff_t)w->idle[i] * EACH;
		for (int u = 0; u < EACH; u++)
			to[u] += y[u];
	}
}

static void part_forward(struct work *w, int to)
{
	for (int s = 0; s < w->busy_count; s += w->group) {
		convolve(w, w->busy + s, at_most(w->busy_count - s, w->group));
		prefetch_weights(w, to, s);
		w->few.at = w->busy + s;
		OP(few_forward)(&w->few);
	}
	if (w->idle_count)
		idle_forward(w);
}

void OP(tail_forward)(const struct lepton__tail *t, int from, int to, float *y, void *scratch)
{
	struct work w = work_of(t, scratch);
	const int large = large_part(t, t->units + GROUP_MIN), small = small_part(&w, large);
	w.few.sums = w.r.sums;
	memset(w.r.sums, 0, (size_t)t->n * (size_t)t->units * LANES * sizeof(float));
	memset(w.r.each, 0, (size_t)t->n * EACH * sizeof(float));
	for (int oy = from; oy < to; oy++) {
		take_row(&w, oy, large, small);
		for (int x = 0; x < t->conv->out_w; x += w.part) {
			take_part(&w, x);
			part_forward(&w, to);
		}
	}
	OP(few_sums)(t->n, t->units, w.r.sums, NULL, y);
	for (int s = 0; s < t->n; s++)
		OP(add)(t->units, w.r.each + (ptrdiff_t)s * EACH, y + (ptrdiff_t)s * t->units);
}

static const float *gather_dz(const struct work *w, const int *samples, int count)
{
	for (int i = 0; i < count; i++) /* a few floats too many, but always as many */
		memcpy(w->r.group_dz + (ptrdiff_t)i * w->t->units, w->r.each + (ptrdiff_t)samples[i] * EACH,
			EACH * sizeof(float));
	return w->r.group_dz;
}

/* Some samples forward again and back. */
static void samples_back(struct work *w, const int *samples, int count)
{
	convolve(w, samples, count);
	OP(few_backward)(&w->few);
	OP(taps)(&w->taps);
}

/* An empty window's gradient is the sum of those of all samples that have one. */
static void idle_back(struct work *w)
{
	float sum[EACH] = {0};
	for (int i = 0; i < w->idle_count; i++) {
		const float *dz = w->r.each + (ptrdiff_t)w->idle[i] * EACH;
		for (int u = 0; u < EACH; u++)
			sum[u] += dz[u];
	}
	memcpy(w->r.group_dz, sum, sizeof(sum)); /* summed in registers, not there */
	w->few.dz = w->r.group_dz;
	samples_back(w, w->idle, 1);
}

static void part_back(struct work *w, int to, float *dense_dw)
{
	const int units = w->t->units;
	memset(w->r.dw, 0,
		(size_t)units * (size_t)((w->few.features + LANES - 1) / LANES * LANES) * sizeof(float));
	for (int s = 0; s < w->busy_count; s += w->group) {
		const int count = at_most(w->busy_count - s, w->group);
		w->few.dz = w->idle_count ? gather_dz(w, w->busy + s, count) : w->dz + (ptrdiff_t)s * units;
		samples_back(w, w->busy + s, count);
		prefetch_weights(w, to, s);
		prefetch(dense_dw + w->at, w->floats, s, count, w->busy_count, true);
	}
	if (w->idle_count)
		idle_back(w);
	OP(few_turn_back)(w->few.features, units, w->r.dw, dense_dw + w->at);
}

void OP(tail_backward)(const struct lepton__tail *t, int from, int to, const float *dz,
	const struct lepton__tail_gradient *d, void *scratch)
{
	struct work w = work_of(t, scratch);
	const int large = large_part(t, 2 * (t->units + GROUP_MIN)), small = small_part(&w, large);
	w.dz = dz;
	w.taps.dw = d->conv_w;
	w.taps.dbias = d->conv_bias;
	memset(w.r.each, 0, (size_t)t->n * EACH * sizeof(float));
	for (int s = 0; s < t->n; s++)
		memcpy(w.r.each + (ptrdiff_t)s * EACH, dz + (ptrdiff_t)s * t->units,
			(size_t)t->units * sizeof(float));
	memset(d->conv_w, 0, (size_t)w.taps.taps * t->conv->out_c * sizeof(float));
	memset(d->conv_bias, 0, (size_t)t->conv->out_c * sizeof(float));
	for (int oy = from; oy < to; oy++) {
		take_row(&w, oy, large, small);
		for (int x = 0; x < t->conv->out_w; x += w.part) {
			take_part(&w, x);
			part_back(&w, to, d->dense_w);
		}
	}
}
