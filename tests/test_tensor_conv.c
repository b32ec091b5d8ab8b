/* tests/test_tensor_conv.c - convolution and pooling of every table against the naive reference: odd sizes,
 * strides, paddings, windows that overlap, one and no sample, unaligned arrays. */
#include "config.h"
#include "tensor_reference.h"
#include "tensor/winograd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct lepton__conv shapes[] = {
	/* in h w c, kernel, stride, pad top left, out h w c */
	{28, 28, 1, 3, 3, 1, 1, 0, 0, 26, 26, 32},
	{12, 12, 20, 5, 5, 1, 1, 0, 0, 8, 8, 50},
	{13, 11, 1, 5, 5, 1, 1, 0, 0, 9, 7, 20},
	{7, 9, 3, 3, 3, 1, 1, 1, 1, 7, 9, 16}, /* same */
	{8, 8, 5, 3, 3, 2, 2, 0, 0, 4, 4, 33}, /* same, stride 2: padded at the bottom and right only */
	{9, 7, 2, 3, 5, 2, 3, 1, 1, 5, 2, 7},
	{5, 5, 17, 1, 1, 1, 1, 0, 0, 5, 5, 19}, /* 1x1 */
	{6, 6, 1, 1, 1, 2, 2, 0, 0, 3, 3, 1},
	{4, 5, 3, 4, 5, 1, 1, 0, 0, 1, 1, 40},  /* kernel as large as the image */
	{3, 3, 2, 5, 5, 1, 1, 2, 2, 3, 3, 4},   /* kernel larger than the image */
	{10, 6, 1, 2, 2, 3, 3, 0, 0, 3, 2, 64}, /* stride longer than the kernel: some input unused */
	{6, 31, 1, 3, 3, 1, 1, 1, 1, 6, 31, 48},
	{5, 19, 4, 3, 2, 1, 2, 1, 0, 5, 10, 70},
	{11, 40, 1, 7, 7, 2, 2, 3, 3, 6, 20, 8},
	{5, 9, 22, 3, 3, 1, 1, 1, 1, 5, 9, 50}, /* the last two filters are dot products */
	{4, 6, 32, 2, 2, 1, 1, 0, 0, 3, 5, 33}, /* the last one */
	{6, 11, 3, 3, 3, 1, 1, 1, 1, 6, 11, 45}, /* tiles of three vectors, the last not full */
};
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static void describe(
	char what[200], const char *kernel, const char *table, const struct lepton__conv *g, int n)
{
	snprintf(what, 200, "%s %s of %dx%dx%d, %dx%d kernel, stride %dx%d, pad %d %d, to %dx%dx%d, n %d",
		table, kernel, g->in_h, g->in_w, g->in_c, g->k_h, g->k_w, g->stride_h, g->stride_w,
		g->pad_top, g->pad_left, g->out_h, g->out_w, g->out_c, n);
}

static void *scratch_for(const struct lepton__kernels *t, const struct lepton__conv *g, int n)
{
	const size_t bytes = (t->conv_scratch(g, n) + 63) / 64 * 64 + 64;
	void *scratch = aligned_alloc(64, bytes);
	assert_non_null(scratch);
	return memset(scratch, 0xff, bytes); /* NaN: nothing may rely on what is there */
}

static void check_forward(const struct lepton__kernels *t, const struct lepton__conv *g, int n, int shift,
	enum lepton__activation act)
{
	const int64_t taps = (int64_t)g->k_h * g->k_w * g->in_c;
	struct array x = array_random((int64_t)n * g->in_h * g->in_w * g->in_c, shift);
	struct array w = array_random(taps * g->out_c, shift), bias = array_random(g->out_c, shift);
	struct array y = array_new((int64_t)n * g->out_h * g->out_w * g->out_c, shift);
	struct expected e = expected_new(y.count);
	void *scratch = scratch_for(t, g, n);
	reference_conv(g, n, x.data, w.data, bias.data, &e);
	for (int64_t i = 0; i < e.count; i++)
		e.value[i] = reference_act(act, e.value[i]);
	t->conv_forward(g, n, x.data, w.data, bias.data, act, y.data, scratch);
	char what[200];
	describe(what, "conv_forward", t->name, g, n);
	assert_matches(what, &y, &e);
	free(scratch);
	expected_free(&e);
	array_free(&x);
	array_free(&w);
	array_free(&bias);
	array_free(&y);
}

static void check_backward(const struct lepton__kernels *t, const struct lepton__conv *g, int n, int shift)
{
	const int64_t taps = (int64_t)g->k_h * g->k_w * g->in_c;
	struct array x = array_random((int64_t)n * g->in_h * g->in_w * g->in_c, shift);
	struct array w = array_random(taps * g->out_c, shift);
	struct array dz = array_random((int64_t)n * g->out_h * g->out_w * g->out_c, shift);
	struct array dw = array_new(w.count, shift), db = array_new(g->out_c, shift),
		     dx = array_new(x.count, shift);
	struct expected edw = expected_new(w.count), edb = expected_new(g->out_c),
			edx = expected_new(x.count);
	void *scratch = scratch_for(t, g, n);
	reference_conv_gradients(g, n, x.data, w.data, dz.data, &edw, &edb, &edx);
	char what[200];
	describe(what, "conv_backward", t->name, g, n);
	for (int with_dx = 0; with_dx < 2; with_dx++) {
		t->conv_backward(g, n, with_dx ? n + 1 : (n + 2) / 2, x.data, w.data, dz.data, dw.data, db.data, with_dx ? dx.data : NULL, scratch);
		assert_matches(what, &dw, &edw);
		assert_matches(what, &db, &edb);
	}
	assert_matches(what, &dx, &edx);
	free(scratch);
	struct expected *es[] = {&edw, &edb, &edx};
	struct array *as[] = {&x, &w, &dz, &dw, &db, &dx};
	for (int i = 0; i < 3; i++)
		expected_free(es[i]);
	for (int i = 0; i < 6; i++)
		array_free(as[i]);
}

/* Both directions over some rows of the convolution's output, added to what other rows gave. */
static void tail_rows(const struct lepton__kernels *t, const struct lepton__tail *tail, int from, int to, const float *dz,
	struct array *y, struct array *dcw, struct array *dcb, struct array *dw)
{
	const size_t bytes = (t->tail_scratch(tail->conv, tail->n, tail->units) + 63) / 64 * 64 + 64;
	struct array some_y = array_new(y->count, 1), some_dcw = array_new(dcw->count, 1), some_dcb = array_new(dcb->count, 1);
	void *scratch = aligned_alloc(64, bytes);
	assert_non_null(scratch);
	memset(scratch, 0xff, bytes);
	t->tail_forward(tail, from, to, some_y.data, scratch);
	memset(scratch, 0xff, bytes);
	t->tail_backward(tail, from, to, dz,
		&(struct lepton__tail_gradient){some_dcw.data, some_dcb.data, dw->data}, scratch);
	t->add(y->count, some_y.data, y->data);
	t->add(dcw->count, some_dcw.data, dcw->data);
	t->add(dcb->count, some_dcb.data, dcb->data);
	free(scratch);
	array_free(&some_y);
	array_free(&some_dcw);
	array_free(&some_dcb);
}

/* What the layers between give: the values, and their magnitudes, as the kernel has rounded them by so much. */
struct between {
	struct array value, magnitude;
};

static struct between between_new(int64_t count)
{
	return (struct between){array_new(count, 0), array_new(count, 0)};
}

static void between_free(struct between *b)
{
	array_free(&b->value);
	array_free(&b->magnitude);
}

/* The layers of the tail one by one in double precision: what is expected of y and of the gradients. A sum of
 * what is rounded already may be wrong by the sum of the magnitudes of that, not of its values alone. */
struct tail_expected {
	struct expected y, dw, dcw, dcb;
};

static struct tail_expected tail_expected_new(const struct lepton__tail *tail)
{
	const struct lepton__conv *g = tail->conv;
	return (struct tail_expected){expected_new((int64_t)tail->n * tail->units),
		expected_new((int64_t)g->out_h * g->out_w * g->out_c * tail->units),
		expected_new((int64_t)g->k_h * g->k_w * g->in_c * g->out_c), expected_new(g->out_c)};
}

static void tail_expected_free(struct tail_expected *e)
{
	expected_free(&e->y);
	expected_free(&e->dw);
	expected_free(&e->dcw);
	expected_free(&e->dcb);
}

static void reference_tail(const struct lepton__tail *tail, const float *mid, const float *dmid, const float *dz, struct tail_expected *e)
{
	const int row = tail->conv->out_h * tail->conv->out_w * tail->conv->out_c, units = tail->units, n = tail->n;
	struct expected unused = expected_new((int64_t)n * tail->conv->in_h * tail->conv->in_w * tail->conv->in_c);
	reference_gemm(false, false, n, units, row, 1, mid, row, tail->dense_w, units, 0, NULL, units, &e->y);
	reference_gemm(true, false, row, units, n, 1, mid, row, dz, units, 0, NULL, units, &e->dw);
	reference_conv_gradients(tail->conv, n, tail->x, tail->conv_w, dmid, &e->dcw, &e->dcb, &unused);
	expected_free(&unused);
}

/* Beside the relu's corner float may let a gradient pass where double does not, or the other way round. */
static void reference_between(const struct lepton__tail *tail, const float *dz, struct between *mid, struct between *dmid)
{
	const int row = tail->conv->out_h * tail->conv->out_w * tail->conv->out_c, units = tail->units, n = tail->n;
	struct expected emid = expected_new((int64_t)n * row), edmid = expected_new((int64_t)n * row);
	reference_conv(tail->conv, n, tail->x, tail->conv_w, tail->conv_bias, &emid);
	reference_gemm(false, true, n, row, units, 1, dz, units, tail->dense_w, units, 0, NULL, row, &edmid);
	for (int64_t i = 0; i < emid.count; i++) {
		const bool relu = tail->act == LEPTON__RELU, off = relu && emid.value[i] <= 0;
		const bool corner = relu && fabs(emid.value[i]) <= TOLERANCE * emid.magnitude[i];
		mid->value.data[i] = (float)reference_act(tail->act, emid.value[i]);
		mid->magnitude.data[i] = (float)emid.magnitude[i];
		dmid->value.data[i] = off ? 0 : (float)edmid.value[i];
		dmid->magnitude.data[i] = corner ? (float)(edmid.magnitude[i] / TOLERANCE) : off ? 0 : (float)edmid.magnitude[i];
	}
	expected_free(&emid);
	expected_free(&edmid);
}

/* Takes the magnitudes of the sums that were made from magnitudes. */
static void assert_within(const char *what, const struct array *got, struct expected *want, const struct expected *wide)
{
	memcpy(want->magnitude, wide->magnitude, (size_t)want->count * sizeof(double));
	assert_matches(what, got, want);
}

/* Images with background: tail.c skips what is empty. */
enum background { NONE, ALL, CORNERS, AROUND, EVERY_OTHER, SPARSE, BACKGROUNDS };

static bool is_background(enum background kind, const struct lepton__conv *g, int s, int y, int x)
{
	const bool corner = y == s / 2 % 2 * (g->in_h - 1) && x == s % 2 * (g->in_w - 1);
	const int border = 1 + s % 4;
	switch (kind) {
	case ALL:
		return true;
	case CORNERS:
		return !corner; /* one of the four */
	case AROUND:
		return y < border || y >= g->in_h - border || x < border || x >= g->in_w - border;
	case EVERY_OTHER:
		return s % 2;
	case SPARSE:
		return (s * 31 + y * 17 + x * 7) % 23 != 0;
	default:
		return false;
	}
}

/* Zeros of both signs. */
static void clear_background(enum background kind, const struct lepton__conv *g, int n, float *values)
{
	for (int s = 0; s < n; s++)
		for (int y = 0; y < g->in_h; y++)
			for (int x = 0; x < g->in_w; x++)
				for (int c = 0; c < g->in_c; c++, values++)
					if (is_background(kind, g, s, y, x))
						*values = (x + y) % 3 ? 0.F : -0.F;
}

/* A row's dense gradient does not depend on which rows are done with it. */
static void assert_whole_alike(const struct lepton__kernels *t, const struct lepton__tail *tail,
	const struct array *dz, const struct array *y, const struct array *dcw, const struct array *dcb,
	const struct array *dw)
{
	struct array *parts[] = {
		&(struct array){0}, &(struct array){0}, &(struct array){0}, &(struct array){0}};
	const struct array *like[] = {y, dcw, dcb, dw};
	for (int i = 0; i < 4; i++) {
		*parts[i] = array_new(like[i]->count, 1);
		memset(parts[i]->data, 0, (size_t)like[i]->count * sizeof(float));
	}
	tail_rows(t, tail, 0, tail->conv->out_h, dz->data, parts[0], parts[1], parts[2], parts[3]);
	assert_memory_equal(parts[3]->data, dw->data, (size_t)dw->count * sizeof(float));
	for (int i = 0; i < 4; i++)
		array_free(parts[i]);
}

static void check_tail(const struct lepton__kernels *t, const struct lepton__conv *g, int n, int units,
	int shift, enum lepton__activation act, enum background background)
{
	const int64_t row = (int64_t)g->out_h * g->out_w * g->out_c,
		      taps = (int64_t)g->k_h * g->k_w * g->in_c;
	struct array x = array_random((int64_t)n * g->in_h * g->in_w * g->in_c, shift);
	clear_background(background, g, n, x.data);
	struct array cw = array_random(taps * g->out_c, shift), cb = array_random(g->out_c, shift);
	struct array w = array_random(row * units, shift), y = array_new((int64_t)n * units, shift);
	struct array dz = array_random((int64_t)n * units, shift), dw = array_new(w.count, shift);
	struct array dcw = array_new(cw.count, shift), dcb = array_new(cb.count, shift);
	struct between mid = between_new(n * row), dmid = between_new(n * row);
	const struct lepton__tail tail = {g, act, n, units, x.data, cw.data, cb.data, w.data};
	assert_true(t->tail_fits(g, act, units));
	memset(y.data, 0, (size_t)y.count * sizeof(float));
	memset(dcw.data, 0, (size_t)dcw.count * sizeof(float));
	memset(dcb.data, 0, (size_t)dcb.count * sizeof(float));
	tail_rows(t, &tail, 0, g->out_h / 3, dz.data, &y, &dcw, &dcb, &dw);
	tail_rows(t, &tail, g->out_h / 3, g->out_h, dz.data, &y, &dcw, &dcb, &dw);
	char what[200];
	describe(what, "tail", t->name, g, n);
	assert_whole_alike(t, &tail, &dz, &y, &dcw, &dcb, &dw);
	struct tail_expected right = tail_expected_new(&tail), wide = tail_expected_new(&tail);
	reference_between(&tail, dz.data, &mid, &dmid);
	reference_tail(&tail, mid.value.data, dmid.value.data, dz.data, &right);
	reference_tail(&tail, mid.magnitude.data, dmid.magnitude.data, dz.data, &wide);
	assert_within(what, &y, &right.y, &wide.y);
	assert_within(what, &dw, &right.dw, &wide.dw);
	assert_within(what, &dcw, &right.dcw, &wide.dcw);
	assert_within(what, &dcb, &right.dcb, &wide.dcb);
	tail_expected_free(&right);
	tail_expected_free(&wide);
	between_free(&mid);
	between_free(&dmid);
	struct array *as[] = {&x, &cw, &cb, &w, &y, &dz, &dcw, &dcb, &dw};
	for (int i = 0; i < 9; i++)
		array_free(as[i]);
}

static void tail_of(const struct lepton__kernels *t)
{
	for (int s = 0; s < SHAPES; s++)
		for (int n = 0; n < 4; n++)
			if (t->tail_fits(&shapes[s], LEPTON__RELU, 10))
				check_tail(t, &shapes[s], n, 10, n % 2, n % 2 ? LEPTON__RELU : LEPTON__LINEAR,
					NONE);
	for (int units = 1; units <= 16; units++) {
		const struct lepton__conv g = {6, 7, 1, 3, 3, 1, 1, 0, 0, 4, 5, 9};
		check_tail(t, &g, 17, units, 1, LEPTON__RELU, NONE);
	}
	assert_true(t->tail_fits(&shapes[0], LEPTON__RELU, 10));
	assert_false(t->tail_fits(&shapes[0], LEPTON__TANH, 10));
	assert_false(t->tail_fits(&shapes[0], LEPTON__RELU, 500));
	assert_false(t->tail_fits(&shapes[1], LEPTON__RELU, 10));
}

static void test_tail(void **state)
{
	(void)state;
	each_table(tail_of);
}

static void background_of(const struct lepton__kernels *t)
{
	static const struct lepton__conv images[] = {
		{11, 28, 1, 3, 3, 1, 1, 0, 0, 9, 26, 32}, /* two parts a row, or seven */
		{9, 11, 1, 3, 3, 1, 1, 1, 1, 9, 11, 16},  /* zeros around it */
		{13, 17, 1, 3, 3, 2, 2, 0, 0, 6, 8, 9},   /* strides */
		{8, 23, 3, 3, 3, 2, 2, 1, 1, 4, 12, 20},  /* channels: windows of more than a vector */
		{7, 30, 2, 2, 3, 1, 1, 0, 0, 6, 28, 32},
		{10, 15, 1, 1, 2, 3, 3, 0, 0, 4, 5, 64}, /* strides past the filter */
	};
	for (size_t i = 0; i < sizeof images / sizeof *images; i++)
		for (int kind = NONE; kind < BACKGROUNDS; kind++) {
			check_tail(t, &images[i], 1 + kind, 10, 0, LEPTON__LINEAR, (enum background)kind);
			check_tail(t, &images[i], 53, 10 + kind, 1, LEPTON__RELU, (enum background)kind);
		}
}

static void test_background(void **state)
{
	(void)state;
	each_table(background_of);
}

/* Weights and images that are no numbers show, also where images are empty, and only where they should. */
static void tail_nan_of(const struct lepton__kernels *t)
{
	enum { N = 20, UNITS = 10 };
	const struct lepton__conv g = {11, 28, 1, 3, 3, 1, 1, 0, 0, 9, 26, 32};
	struct array x = array_new(N * 11 * 28, 0), cw = array_random(9 * 32, 0), cb = array_random(32, 0);
	struct array w = array_random(9 * 26 * 32 * UNITS, 0), dz = array_random(N * UNITS, 0);
	struct array y = array_new(N * UNITS, 0), dcw = array_new(cw.count, 0), dcb = array_new(32, 0),
		     dw = array_new(w.count, 0);
	struct array *out[] = {&y, &dcw, &dcb, &dw}, *all[] = {&x, &cw, &cb, &w, &dz, &y, &dcw, &dcb, &dw};
	const struct lepton__tail tail = {&g, LEPTON__RELU, N, UNITS, x.data, cw.data, cb.data, w.data};
	for (int round = 0; round < 3; round++) {
		memset(x.data, 0, (size_t)x.count * sizeof(float));
		for (int i = 0; i < 4; i++)
			memset(out[i]->data, 0, (size_t)out[i]->count * sizeof(float));
		const float kept = cw.data[40], kept_dz = dz.data[33];
		if (round == 0)
			x.data[3 * 11 * 28 + 5 * 28 + 9] = NAN;
		else if (round == 1)
			cw.data[40] = INFINITY; /* times zero */
		else
			dz.data[33] = NAN;
		tail_rows(t, &tail, 0, 9, dz.data, &y, &dcw, &dcb, &dw);
		for (int i = 0; i < N * UNITS; i++)
			assert_int_equal(!isfinite(y.data[i]), round == 1 || (round == 0 && i / UNITS == 3));
		assert_int_equal(!isfinite(dcw.data[0]), round != 1);
		cw.data[40] = kept;
		dz.data[33] = kept_dz;
	}
	for (int i = 0; i < 9; i++)
		array_free(all[i]);
}

static void test_tail_not_a_number(void **state)
{
	(void)state;
	each_table(tail_nan_of);
}

/* ---- a convolution and its max pooling ---- */

struct pair {
	struct lepton__conv conv;
	int window, stride, pad;
};

/* Long and short filter rows, borders, overlapping windows, windows that leave a rim, of 4 pixels and of 9. */
static const struct pair pairs[] = {
	{{12, 12, 20, 5, 5, 1, 1, 0, 0, 8, 8, 50}, 2, 2, 0},
	{{8, 8, 12, 3, 3, 1, 1, 1, 1, 8, 8, 17}, 2, 2, 0},
	{{9, 7, 16, 4, 3, 1, 1, 0, 0, 6, 5, 3}, 2, 2, 0},
	{{11, 11, 33, 3, 3, 2, 2, 0, 0, 5, 5, 9}, 3, 3, 1},
	{{9, 9, 24, 6, 6, 1, 1, 2, 2, 8, 8, 20}, 2, 2, 0},
	{{9, 9, 40, 2, 2, 1, 1, 0, 0, 8, 8, 33}, 3, 2, 0},
	{{10, 10, 1, 5, 5, 1, 1, 0, 0, 6, 6, 20}, 2, 2, 0},
	{{7, 7, 3, 3, 3, 1, 1, 0, 0, 5, 5, 8}, 3, 1, 1},
};
#define PAIRS (sizeof pairs / sizeof *pairs)

static struct lepton__pool geometry_of(const struct pair *p)
{
	const struct lepton__conv *g = &p->conv;
	return (struct lepton__pool){g->out_h, g->out_w, g->out_c, p->window, p->window, p->stride, p->stride, p->pad,
		p->pad, (g->out_h + 2 * p->pad - p->window) / p->stride + 1,
		(g->out_w + 2 * p->pad - p->window) / p->stride + 1};
}

/* Output i is the value at argmax[i], which lies in its window, and no value of the window is larger. Rounding may
 * choose among equals, so which one it is is taken from the kernel. */
static void check_winner(const struct lepton__pool *p, const struct expected *map, int64_t i, int32_t winner)
{
	const int c = (int)(i % p->channels), ox = (int)(i / p->channels % p->out_w);
	const int64_t row = i / p->channels / p->out_w, s = row / p->out_h, size = (int64_t)p->in_h * p->in_w * p->channels;
	const int oy = (int)(row % p->out_h);
	bool inside = false;
	assert_true(winner >= 0 && winner < size);
	for (int y = oy * p->stride_h - p->pad_top; y < oy * p->stride_h - p->pad_top + p->k_h; y++)
		for (int x = ox * p->stride_w - p->pad_left; x < ox * p->stride_w - p->pad_left + p->k_w; x++) {
			if (y < 0 || y >= p->in_h || x < 0 || x >= p->in_w)
				continue;
			const int64_t at = ((int64_t)y * p->in_w + x) * p->channels + c;
			inside |= at == winner;
			assert_true(map->value[s * size + at] <=
				    map->value[s * size + winner] + TOLERANCE * map->magnitude[s * size + at]);
		}
	assert_true(inside);
}

static void check_pair(const struct lepton__kernels *t, const struct pair *pair, int n, int shift, enum lepton__activation act)
{
	const struct lepton__conv *g = &pair->conv;
	const struct lepton__pool p = geometry_of(pair);
	const struct lepton__conv_pool both = {g, &p, act};
	const int64_t map_size = (int64_t)g->out_h * g->out_w * g->out_c, out = (int64_t)p.out_h * p.out_w * p.channels;
	const int64_t taps = (int64_t)g->k_h * g->k_w * g->in_c;
	struct array x = array_random((int64_t)n * g->in_h * g->in_w * g->in_c, shift);
	struct array w = array_random(taps * g->out_c, shift), bias = array_random(g->out_c, shift);
	struct array y = array_new(n * out, shift), dy = array_random(n * out, shift), dmap = array_new(n * map_size, 0);
	struct array dw = array_new(w.count, shift), db = array_new(g->out_c, shift), dx = array_new(x.count, shift);
	struct expected map = expected_new(n * map_size), ey = expected_new(n * out);
	struct expected edw = expected_new(w.count), edb = expected_new(g->out_c), edx = expected_new(x.count);
	int32_t *argmax = calloc((size_t)(n * out) + 1, sizeof *argmax);
	const size_t bytes = (t->conv_pool_scratch(&both) + 63) / 64 * 64 + 64;
	void *scratch = aligned_alloc(64, bytes);
	assert_true(argmax && scratch);
	memset(scratch, 0xff, bytes);
	t->conv_pool_forward(&both, n, x.data, w.data, bias.data, y.data, argmax, scratch);
	reference_conv(g, n, x.data, w.data, bias.data, &map);
	for (int64_t i = 0; i < dmap.count; i++)
		dmap.data[i] = 0;
	for (int64_t i = 0; i < y.count; i++) {
		const int64_t at = i / out * map_size + argmax[i];
		check_winner(&p, &map, i, argmax[i]);
		ey.value[i] = reference_act(act, map.value[at]);
		ey.magnitude[i] = map.magnitude[at];
		if (act != LEPTON__RELU || y.data[i] > 0)
			dmap.data[at] += dy.data[i];
	}
	reference_conv_gradients(g, n, x.data, w.data, dmap.data, &edw, &edb, &edx);
	char what[200];
	describe(what, "conv_pool", t->name, g, n);
	assert_matches(what, &y, &ey);
	for (int with_dx = 0; with_dx < 2; with_dx++) {
		memset(scratch, 0xff, bytes);
		t->conv_pool_backward(&both, n, with_dx ? n + 1 : (n + 2) / 2, x.data, w.data, y.data, dy.data, argmax,
			dw.data, db.data, with_dx ? dx.data : NULL, scratch);
		assert_matches(what, &dw, &edw);
		assert_matches(what, &db, &edb);
	}
	assert_matches(what, &dx, &edx);
	free(scratch);
	free(argmax);
	struct expected *es[] = {&map, &ey, &edw, &edb, &edx};
	struct array *as[] = {&x, &w, &bias, &y, &dy, &dmap, &dw, &db, &dx};
	for (size_t i = 0; i < sizeof es / sizeof *es; i++)
		expected_free(es[i]);
	for (size_t i = 0; i < sizeof as / sizeof *as; i++)
		array_free(as[i]);
}

static void pairs_of(const struct lepton__kernels *t)
{
	for (size_t i = 0; i < PAIRS; i++)
		for (int n = 0; n < 4; n++)
			check_pair(t, &pairs[i], n, n % 2, n % 2 ? LEPTON__RELU : LEPTON__LINEAR);
}

static void test_conv_pool(void **state)
{
	(void)state;
	each_table(pairs_of);
}

static void forward_of(const struct lepton__kernels *t)
{
	for (int s = 0; s < SHAPES; s++)
		for (int n = 0; n < 4; n++)
			check_forward(t, &shapes[s], n, n % 2,
				n == 1   ? LEPTON__LINEAR
				: n == 2 ? LEPTON__TANH
					 : LEPTON__RELU);
}

static void test_forward(void **state)
{
	(void)state;
	each_table(forward_of);
}

static void backward_of(const struct lepton__kernels *t)
{
	for (int s = 0; s < SHAPES; s++)
		for (int n = 0; n < 4; n++)
			check_backward(t, &shapes[s], n, n % 2);
}

static void test_backward(void **state)
{
	(void)state;
	each_table(backward_of);
}

/* Every number of output channels and width around the vectors' lengths. */
static void edges_of(const struct lepton__kernels *t)
{
	for (int c = 1; c <= 36; c++) {
		const int w = 3 + c % 19, in_c = 1 + c % 3;
		const struct lepton__conv g = {5, w, in_c, 3, 3, 1, 1, 0, 0, 3, w - 2, c};
		check_forward(t, &g, 2, c % 2, LEPTON__RELU);
		check_backward(t, &g, 2, c % 2);
	}
}

static void test_edges(void **state)
{
	(void)state;
	each_table(edges_of);
}

static void nan_of(const struct lepton__kernels *t)
{
	const struct lepton__conv g = shapes[0];
	struct array x = array_random(28 * 28, 0), w = array_random(9 * 32, 0), bias = array_random(32, 0);
	struct array y = array_new(26 * 26 * 32, 0);
	void *scratch = scratch_for(t, &g, 1);
	w.data[4 * 32 + 5] = NAN;
	t->conv_forward(&g, 1, x.data, w.data, bias.data, LEPTON__RELU, y.data, scratch);
	for (int i = 0; i < 26 * 26 * 32; i++)
		assert_int_equal(isnan(y.data[i]) != 0, i % 32 == 5); /* relu does not hide it */
	free(scratch);
	array_free(&x);
	array_free(&w);
	array_free(&bias);
	array_free(&y);
}

static void test_nan(void **state)
{
	(void)state;
	each_table(nan_of);
}

static void check_pool(const struct lepton__kernels *t, const struct lepton__pool *g, int n, bool ties)
{
	const int64_t in = (int64_t)g->in_h * g->in_w * g->channels,
		      out = (int64_t)g->out_h * g->out_w * g->channels;
	struct array x = array_random(n * in, 1), y = array_new(n * out, 1), dy = array_random(n * out, 1);
	struct array dx = array_new(n * in, 1);
	struct expected edx = expected_new(n * in);
	int32_t *argmax = calloc((size_t)(n * out) + 1, sizeof(*argmax));
	assert_non_null(argmax);
	for (int64_t i = 0; ties && i < n * in; i++)
		x.data[i] = floorf(2 * x.data[i]);
	t->max_pool_forward(g, n, x.data, y.data, argmax);
	t->max_pool_backward(g, n, dy.data, argmax, dx.data);
	for (int64_t o = 0; o < n * out; o++) {
		const int64_t s = o / out, c = o % g->channels, ox = o / g->channels % g->out_w;
		const int64_t oy = o / g->channels / g->out_w % g->out_h;
		int64_t best = -1;
		for (int64_t iy = oy * g->stride_h - g->pad_top, ky = 0; ky < g->k_h; ky++, iy++)
			for (int64_t ix = ox * g->stride_w - g->pad_left, kx = 0; kx < g->k_w; kx++, ix++)
				if (iy >= 0 && iy < g->in_h && ix >= 0 && ix < g->in_w) {
					const int64_t at = (iy * g->in_w + ix) * g->channels + c;
					if (best < 0 || x.data[s * in + at] > x.data[s * in + best])
						best = at;
				}
		assert_int_equal(argmax[o], best);
		assert_float_equal(y.data[o], x.data[s * in + best], 0);
		expected_add(&edx, s * in + best, dy.data[o]);
	}
	assert_matches("max_pool_backward", &dx, &edx);
	free(argmax);
	expected_free(&edx);
	array_free(&x);
	array_free(&y);
	array_free(&dy);
	array_free(&dx);
}

static void pool_of(const struct lepton__kernels *t)
{
	static const struct lepton__pool pools[] = {
		{24, 24, 20, 2, 2, 2, 2, 0, 0, 12, 12},
		{8, 8, 50, 2, 2, 2, 2, 0, 0, 4, 4},
		{7, 9, 3, 3, 3, 2, 2, 0, 0, 3, 4},  /* overlapping */
		{7, 9, 17, 3, 2, 1, 1, 1, 0, 7, 9}, /* padded: bottom and right too */
		{5, 5, 1, 5, 5, 1, 1, 0, 0, 1, 1},
		{5, 6, 16, 2, 2, 3, 3, 0, 0, 2, 2},
		{4, 4, 33, 1, 1, 1, 1, 0, 0, 4, 4},
	};
	for (size_t p = 0; p < sizeof(pools) / sizeof(pools[0]); p++)
		for (int n = 0; n < 3; n++) {
			check_pool(t, &pools[p], n, false);
			check_pool(t, &pools[p], n, true);
		}
}

static void test_pool(void **state)
{
	(void)state;
	each_table(pool_of);
}

static void pool_nan_of(const struct lepton__kernels *t)
{
	const struct lepton__pool g = {2, 4, 18, 2, 2, 2, 2, 0, 0, 1, 2};
	struct array x = array_random(2 * 4 * 18, 0), y = array_new(2 * 18, 0);
	int32_t argmax[2 * 18];
	for (int pixel = 0; pixel < 4; pixel++) {
		const int at = (pixel / 2 * 4 + pixel % 2) * 18 +
			       4 * pixel; /* channels 0, 4, 8, 12 of the left window */
		x.data[at] = NAN;
	}
	t->max_pool_forward(&g, 1, x.data, y.data, argmax);
	for (int i = 0; i < 36; i++)
		assert_int_equal(isnan(y.data[i]) != 0, i < 16 && i % 4 == 0);
	array_free(&x);
	array_free(&y);
}

static void test_pool_nan(void **state)
{
	(void)state;
	each_table(pool_nan_of);
}

int main(void)
{
	lepton__winograd_use_set(LEPTON__WINOGRAD_NEVER); /* which test_tensor_winograd tests */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_backward),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_conv_pool),
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_background),
		cmocka_unit_test(test_tail_not_a_number),
		cmocka_unit_test(test_nan),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_pool_nan),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
