/* tests/test_tensor_products.c - gemm and the dense layer of every table against the naive reference. */
#include "config.h"
#include "tensor_reference.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gemm),
		cmocka_unit_test(test_small_gemm),
		cmocka_unit_test(test_dense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
