/* tests/test_tensor_products.c - gemm and the dense layer of every table against the naive reference. */
#include "config.h"
#include "tensor_reference.h"

#include <math.h>
#include <stdio.h>

/* c starts as random numbers, or as NaN where beta is 0 (which must overwrite, not multiply). */
static void check_gemm(const struct lepton__kernels *t, bool ta, bool tb, int m, int n, int k, float alpha,
	float beta, int gap, int shift)
{
	const int lda = (ta ? m : k) + gap, ldb = (tb ? k : n) + gap, ldc = n + gap;
	struct array a = array_random((int64_t)(ta ? k : m) * lda, shift);
	struct array b = array_random((int64_t)(tb ? n : k) * ldb, 2 * shift);
	struct array c = beta > 0 || beta < 0 ? array_random((int64_t)m * ldc, shift)
					      : array_new((int64_t)m * ldc, shift);
	struct expected e = expected_new(c.count);
	reference_gemm(ta, tb, m, n, k, alpha, a.data, lda, b.data, ldb, beta, c.data, ldc, &e);
	for (int i = 0; i < m; i++) /* what lies between the rows stays as it was */
		for (int j = n; j < ldc; j++)
			c.data[(int64_t)i * ldc + j] = (float)(e.value[(int64_t)i * ldc + j] = j);
	t->gemm(ta, tb, m, n, k, alpha, a.data, lda, b.data, ldb, beta, c.data, ldc);
	char what[160];
	snprintf(what, sizeof(what), "%s gemm %d%d %dx%dx%d alpha %g beta %g gap %d shift %d", t->name, ta,
		tb, m, n, k, (double)alpha, (double)beta, gap, shift);
	assert_matches(what, &c, &e);
	expected_free(&e);
	array_free(&a);
	array_free(&b);
	array_free(&c);
}

static void gemm_of(const struct lepton__kernels *t)
{
	static const int sizes[][3] = {{1, 1, 1}, {0, 5, 3}, {5, 0, 3}, {5, 3, 0}, {2, 3, 4}, {7, 17, 5},
		{13, 16, 9}, {14, 32, 33}, {15, 33, 64}, {29, 31, 257}, {28, 48, 300}, {1, 100, 600},
		{100, 1, 40}, {31, 79, 515}, {64, 10, 101}};
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (int mode = 0; mode < 4; mode++) {
			const int m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
			check_gemm(t, mode & 1, mode & 2, m, n, k, 1, 0, 0, 0);
			check_gemm(t, mode & 1, mode & 2, m, n, k, -0.5f, 1, 3, 1);
			check_gemm(t, mode & 1, mode & 2, m, n, k, 2, 0.25f, 1, 3);
		}
}

static void test_gemm(void **state)
{
	(void)state;
	each_table(gemm_of);
}

/* Every length of every edge, so that no tail of a vector or a tile goes untried. */
static void small_gemm_of(const struct lepton__kernels *t)
{
	for (int m = 1; m <= 18; m++)
		for (int n = 1; n <= 35; n += 2)
			check_gemm(t, m % 2, n % 4 == 1, m, n, 5, 1, n % 3 ? 0 : 1, 0, m % 3);
}

static void test_small_gemm(void **state)
{
	(void)state;
	each_table(small_gemm_of);
}

static void check_dense_forward(
	const struct lepton__kernels *t, int n, int in, int units, int shift, enum lepton__activation act)
{
	struct array x = array_random((int64_t)n * in, shift), w = array_random((int64_t)in * units, shift);
	struct array bias = array_random(units, shift), y = array_new((int64_t)n * units, shift);
	struct expected e = expected_new(y.count);
	reference_gemm(false, false, n, units, in, 1, x.data, in, w.data, units, 0, NULL, units, &e);
	for (int64_t i = 0; i < e.count; i++) {
		expected_add(&e, i, bias.data[i % units]);
		e.value[i] = reference_act(act, e.value[i]);
	}
	t->dense_forward(n, in, units, x.data, w.data, bias.data, act, y.data);
	char what[160];
	snprintf(what, sizeof(what), "%s dense_forward n %d, %d to %d, act %d, shift %d", t->name, n, in,
		units, act, shift);
	assert_matches(what, &y, &e);
	expected_free(&e);
	array_free(&x);
	array_free(&w);
	array_free(&bias);
	array_free(&y);
}

static void check_dense_backward(const struct lepton__kernels *t, int n, int in, int units, int shift)
{
	struct array x = array_random((int64_t)n * in, shift), w = array_random((int64_t)in * units, shift);
	struct array dz = array_random((int64_t)n * units, shift), dw = array_new((int64_t)in * units, shift);
	struct array db = array_new(units, shift), dx = array_new((int64_t)n * in, shift);
	struct expected edw = expected_new(dw.count), edb = expected_new(units), edx = expected_new(dx.count);
	reference_gemm(true, false, in, units, n, 1, x.data, in, dz.data, units, 0, NULL, units, &edw);
	reference_gemm(false, true, n, in, units, 1, dz.data, units, w.data, units, 0, NULL, in, &edx);
	for (int64_t i = 0; i < dz.count; i++)
		expected_add(&edb, i % units, dz.data[i]);
	for (int with_dx = 0; with_dx < 2; with_dx++) {
		t->dense_backward(n, with_dx ? n + 1 : (n + 2) / 2, in, units, x.data, w.data, dz.data, dw.data, db.data, with_dx ? dx.data : NULL);
		char what[160];
		snprintf(what, sizeof(what), "%s dense_backward n %d, %d to %d", t->name, n, in, units);
		assert_matches(what, &dw, &edw);
		assert_matches(what, &db, &edb);
	}
	assert_matches("dense_backward dx", &dx, &edx);
	struct expected *es[] = {&edw, &edb, &edx};
	struct array *as[] = {&x, &w, &dz, &dw, &db, &dx};
	for (int i = 0; i < 3; i++)
		expected_free(es[i]);
	for (int i = 0; i < 6; i++)
		array_free(as[i]);
}

static void dense_of(const struct lepton__kernels *t)
{
	static const int sizes[][3] = {{1, 1, 1}, {0, 7, 3}, {3, 5, 2}, {1, 37, 10}, {5, 64, 10},
		{6, 129, 10}, {9, 600, 10}, {4, 83, 7}, {7, 50, 16}, {3, 33, 17}, {8, 1100, 13}, {33, 20, 5},
		{12, 97, 30}, {2, 16, 1}, {3, 4, 0}, {17, 515, 3}};
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (int shift = 0; shift < 2; shift++) {
			check_dense_forward(t, sizes[s][0], sizes[s][1], sizes[s][2], shift, LEPTON__LINEAR);
			check_dense_forward(t, sizes[s][0], sizes[s][1], sizes[s][2], shift, LEPTON__RELU);
			check_dense_forward(t, sizes[s][0], sizes[s][1], sizes[s][2], shift, LEPTON__SOFTMAX);
			check_dense_forward(t, sizes[s][0], sizes[s][1], sizes[s][2], shift, LEPTON__TANH);
			check_dense_backward(t, sizes[s][0], sizes[s][1], sizes[s][2], shift);
		}
	for (int units = 1; units <= 20; units++)
		for (int in = 1; in < 40; in += 6) {
			check_dense_forward(t, 5, in, units, 1, LEPTON__SIGMOID);
			check_dense_backward(t, 5, in, units, 1);
		}
}

static void test_dense(void **state)
{
	(void)state;
	each_table(dense_of);
}

enum zeros { NONE, ALL, IMAGE, SCATTERED, ROWS, COLUMNS, NEGATIVE, KINDS };

static bool zero_at(enum zeros kind, int row, int column, int columns)
{
	switch (kind) {
	case NONE:
		return false;
	case ALL:
		return true;
	case IMAGE:
		return column % 28 < 9 + row % 3 || column % 28 > 15 + row % 2;
	case SCATTERED:
		return (row * 31 + column * 17) % 29 > 1;
	case ROWS:
		return row % 5;
	case COLUMNS:
		return column != columns / 2 && column % 16;
	default:
		return (row + column) % 40 > 3;
	}
}

static struct array array_with_zeros(enum zeros kind, int rows, int columns, int shift)
{
	struct array a = array_random((int64_t)rows * columns, shift);
	for (int i = 0; i < rows; i++)
		for (int j = 0; j < columns; j++)
			if (zero_at(kind, i, j, columns))
				a.data[(int64_t)i * columns + j] = kind == NEGATIVE ? -0.f : 0.f;
	return a;
}

/* The plain product, which passes over nothing, is the oracle: the same bits. */
static void check_zeros(
	const struct lepton__kernels *t, enum zeros kind, int n, int part, int in, int units, int shift)
{
	struct array x = array_with_zeros(kind, n, in, shift), w = array_random((int64_t)in * units, shift);
	struct array dz = array_random((int64_t)n * units, shift), bias = array_random(units, shift);
	struct array y = array_new((int64_t)n * units, shift), plain_y = array_new((int64_t)n * units, 0);
	struct array dw = array_new((int64_t)in * units, shift), plain_dw = array_new((int64_t)in * units, 0);
	struct array db = array_new(units, shift);
	t->dense_forward(n, in, units, x.data, w.data, bias.data, LEPTON__LINEAR, y.data);
	t->gemm(false, false, n, units, in, 1, x.data, in, w.data, units, 0, plain_y.data, units);
	for (int64_t i = 0; i < plain_y.count; i++)
		plain_y.data[i] += bias.data[i % units];
	assert_memory_equal(y.data, plain_y.data, (size_t)y.count * sizeof(float));
	t->dense_backward(n, part, in, units, x.data, w.data, dz.data, dw.data, db.data, NULL);
	for (int s = 0; s < n; s += part)
		t->gemm(true, false, in, units, n - s < part ? n - s : part, 1, x.data + (int64_t)s * in, in,
			dz.data + (int64_t)s * units, units, s ? 1 : 0, plain_dw.data, units);
	assert_memory_equal(dw.data, plain_dw.data, (size_t)dw.count * sizeof(float));
	struct array *all[] = {&x, &w, &dz, &bias, &y, &plain_y, &dw, &plain_dw, &db};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		array_free(all[i]);
}

static void zeros_of(const struct lepton__kernels *t)
{
	static const int sizes[][4] = {{128, 128, 784, 100}, {128, 16, 59, 300}, {33, 7, 301, 65},
		{7, 7, 600, 79}, {3, 1, 30, 64}, {261, 128, 283, 97}, {1, 1, 1, 130}, {300, 301, 5, 66}};
	if (!t->joins_parts) /* OpenBLAS does all of it */
		return;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (int kind = NONE; kind < KINDS; kind++)
			check_zeros(t, (enum zeros)kind, sizes[s][0], sizes[s][1], sizes[s][2], sizes[s][3],
				kind % 3);
}

static void test_zeros(void **state)
{
	(void)state;
	each_table(zeros_of);
}

/* What is left out may hide an infinite weight from the samples that are zero there, but from no other, and
 * no bias. */
static void diverged_of(const struct lepton__kernels *t)
{
	enum { N = 40, IN = 112, UNITS = 70, AT = 12 };
	struct array x = array_with_zeros(IMAGE, N, IN, 0), w = array_random(IN * UNITS, 0),
		     bias = array_random(UNITS, 0);
	struct array y = array_new(N * UNITS, 0), dz = array_random(N * UNITS, 0),
		     dw = array_new(IN * UNITS, 0);
	struct array db = array_new(UNITS, 0);
	for (int i = 0; i < N; i += 2)
		x.data[i * IN + AT] = 0;
	for (int u = 0; u < UNITS; u++)
		w.data[AT * UNITS + u] = u % 2 ? INFINITY : NAN;
	t->dense_forward(N, IN, UNITS, x.data, w.data, bias.data, LEPTON__LINEAR, y.data);
	for (int i = 1; i < N; i += 2)
		for (int u = 0; u < UNITS; u++)
			assert_false(isfinite(y.data[i * UNITS + u]));
	dz.data[UNITS + 3] = NAN;
	x.data[5 * IN + 2] = NAN;
	t->dense_backward(N, N, IN, UNITS, x.data, w.data, dz.data, dw.data, db.data, NULL);
	assert_true(isnan(db.data[3]));
	for (int k = 0; k < IN; k++)
		assert_true(isnan(dw.data[k * UNITS + 3]) || fpclassify(x.data[IN + k]) == FP_ZERO);
	for (int u = 0; u < UNITS; u++)
		assert_true(isnan(dw.data[2 * UNITS + u]));
	struct array *all[] = {&x, &w, &bias, &y, &dz, &dw, &db};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		array_free(all[i]);
}

static void test_diverged(void **state)
{
	(void)state;
	each_table(diverged_of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gemm),
		cmocka_unit_test(test_small_gemm),
		cmocka_unit_test(test_dense),
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_diverged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
