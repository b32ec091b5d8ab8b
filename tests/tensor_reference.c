/* tests/tensor_reference.c - see the header. */
#include "config.h"
#include "tensor_reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 64
#define GUARD 0x5a

static struct lepton__rng stream = {.key = 20, .stream = 26};

void each_table(void (*test)(const struct lepton__kernels *k))
{
	for (const char *const *name = lepton__kernels_names(); *name; name++) {
		const struct lepton__kernels *k = lepton__kernels_find(*name);
		if (!k)
			continue;
		stream.counter = 0; /* what a table is given must not depend on which others the CPU runs */
		test(k);
	}
}

struct array array_new(int64_t count, int shift)
{
	struct array a = {.count = count};
	const size_t bytes = (size_t)count * sizeof(float);
	const size_t total = ((size_t)shift * sizeof(float) + bytes + 3 * LINE - 1) / LINE * LINE;
	a.block = aligned_alloc(LINE, total);
	assert_non_null(a.block);
	memset(a.block, GUARD, total);
	a.data = (float *)(void *)(a.block + LINE) + shift;
	for (int64_t i = 0; i < count; i++)
		a.data[i] = NAN;
	return a;
}

struct array array_random(int64_t count, int shift)
{
	struct array a = array_new(count, shift);
	for (int64_t i = 0; i < count; i++)
		a.data[i] = 2 * lepton__rng_uniform(&stream) - 1;
	return a;
}

void array_free(struct array *a)
{
	const char *end = (const char *)(a->data + a->count);
	for (const char *p = a->block; p < (const char *)a->data; p++)
		assert_int_equal(*p, GUARD);
	for (int i = 0; i < LINE; i++)
		assert_int_equal(end[i], GUARD);
	free(a->block);
}

struct expected expected_new(int64_t count)
{
	struct expected e = {.count = count};
	e.value = calloc((size_t)count + 1, sizeof(double));
	e.magnitude = calloc((size_t)count + 1, sizeof(double));
	assert_true(e.value && e.magnitude);
	return e;
}

void expected_free(struct expected *e)
{
	free(e->value);
	free(e->magnitude);
}

void expected_add(struct expected *e, int64_t at, double term)
{
	e->value[at] += term;
	e->magnitude[at] += fabs(term);
}

void assert_matches(const char *what, const struct array *got, const struct expected *want)
{
	assert_int_equal(got->count, want->count);
	for (int64_t i = 0; i < want->count; i++) {
		const double allowed = TOLERANCE * want->magnitude[i] + 1e-30;
		if (!(fabs((double)got->data[i] - want->value[i]) <= allowed))
			fail_msg("%s: [%lld] of %lld is %.9g, expected %.9g within %.2g", what, (long long)i,
				(long long)want->count, (double)got->data[i], want->value[i], allowed);
	}
}

double reference_act(enum lepton__activation act, double x)
{
	switch (act) {
	case LEPTON__RELU:
		return x < 0 ? 0 : x;
	case LEPTON__TANH:
		return tanh(x);
	case LEPTON__SIGMOID:
		return 1 / (1 + exp(-x));
	case LEPTON__LINEAR:
	case LEPTON__SOFTMAX:
		break;
	}
	return x;
}

void reference_gemm(bool ta, bool tb, int m, int n, int k, double alpha, const float *a, int lda,
	const float *b, int ldb, double beta, const float *c, int ldc, struct expected *out)
{
	for (int64_t i = 0; i < m; i++)
		for (int64_t j = 0; j < n; j++) {
			for (int64_t p = 0; p < k; p++)
				expected_add(out, i * ldc + j,
					alpha * a[ta ? p * lda + i : i * lda + p] *
						b[tb ? j * ldb + p : p * ldb + j]);
			if (beta < 0 || beta > 0)
				expected_add(out, i * ldc + j, beta * c[i * ldc + j]);
		}
}

/* Calls visit for every product of the convolution: where in x, w and y it lies. */
static void each_product(const struct lepton__conv *g, int n,
	void (*visit)(void *arg, int64_t x, int64_t w, int64_t y), void *arg)
{
	for (int64_t s = 0; s < n; s++)
		for (int oy = 0; oy < g->out_h; oy++)
			for (int ox = 0; ox < g->out_w; ox++)
				for (int t = 0; t < g->k_h * g->k_w; t++) {
					const int iy = oy * g->stride_h - g->pad_top + t / g->k_w;
					const int ix = ox * g->stride_w - g->pad_left + t % g->k_w;
					if (iy < 0 || iy >= g->in_h || ix < 0 || ix >= g->in_w)
						continue;
					for (int i = 0; i < g->in_c; i++)
						for (int c = 0; c < g->out_c; c++)
							visit(arg,
								((s * g->in_h + iy) * g->in_w + ix) *
										g->in_c +
									i,
								(int64_t)(t * g->in_c + i) * g->out_c + c,
								((s * g->out_h + oy) * g->out_w + ox) *
										g->out_c +
									c);
				}
}

struct operands {
	const float *x, *w, *dz;
	struct expected *y, *dw, *dx;
};

static void forward(void *arg, int64_t x, int64_t w, int64_t y)
{
	struct operands *o = arg;
	expected_add(o->y, y, (double)o->x[x] * o->w[w]);
}

static void backward(void *arg, int64_t x, int64_t w, int64_t y)
{
	struct operands *o = arg;
	expected_add(o->dw, w, (double)o->x[x] * o->dz[y]);
	expected_add(o->dx, x, (double)o->w[w] * o->dz[y]);
}

void reference_conv(const struct lepton__conv *g, int n, const float *x, const float *w, const float *bias,
	struct expected *y)
{
	struct operands o = {.x = x, .w = w, .y = y};
	each_product(g, n, forward, &o);
	for (int64_t i = 0; i < y->count; i++)
		expected_add(y, i, bias[i % g->out_c]);
}

void reference_conv_gradients(const struct lepton__conv *g, int n, const float *x, const float *w,
	const float *dz, struct expected *dw, struct expected *dbias, struct expected *dx)
{
	struct operands o = {.x = x, .w = w, .dz = dz, .dw = dw, .dx = dx};
	each_product(g, n, backward, &o);
	for (int64_t i = 0; i < (int64_t)n * g->out_h * g->out_w * g->out_c; i++)
		expected_add(dbias, i % g->out_c, dz[i]);
}
