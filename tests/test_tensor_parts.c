/* test_tensor_parts.c - a batch in one call gives the bits of its parts one by one.
 *
 * The trainer runs the parts of a batch on several threads, or as one on a single thread, and says that the
 * weights are the same to the bit. The reference here is the definition: each part by a call of its own,
 * and their gradients added in order.
 */
#include "config.h"
#include "tensor_reference.h"

#include <stdlib.h>
#include <string.h>

#define N 13

static const int parts[] = {1, 4, 5, 7, 13, 100};
#define PARTS (sizeof parts / sizeof *parts)

static int least(int a, int b)
{
	return a < b ? a : b;
}

static void assert_same_bits(const char *what, int part, const struct array *a, const struct array *b)
{
	if (memcmp(a->data, b->data, (size_t)a->count * sizeof(float)) == 0)
		return;
	print_error("%s in parts of %d: the bits differ\n", what, part);
	fail();
}

static void *scratch_of(size_t bytes)
{
	void *scratch = aligned_alloc(64, (bytes + 127) / 64 * 64);
	assert_non_null(scratch);
	return memset(scratch, 0xff, bytes);
}

static void check_dense(const struct lepton__kernels *t, int in, int units, int part)
{
	struct array x = array_random((int64_t)N * in, 0), w = array_random((int64_t)in * units, 0);
	struct array dz = array_random((int64_t)N * units, 0);
	struct array dw = array_new(w.count, 0), db = array_new(units, 0), dx = array_new(x.count, 0);
	struct array sw = array_new(w.count, 0), sb = array_new(units, 0), sx = array_new(x.count, 0);
	struct array pw = array_new(w.count, 0), pb = array_new(units, 0);
	struct array bias = array_random(units, 0), y = array_new(dz.count, 0), sy = array_new(dz.count, 0);
	t->dense_forward(N, in, units, x.data, w.data, bias.data, LEPTON__RELU, y.data);
	for (int s = 0; s < N; s += part) {
		int n = least(N - s, part);
		t->dense_forward(n, in, units, x.data + (size_t)s * in, w.data, bias.data, LEPTON__RELU,
			sy.data + (size_t)s * units);
		t->dense_backward(n, n, in, units, x.data + (size_t)s * in, w.data, dz.data + (size_t)s * units,
			s ? pw.data : sw.data, s ? pb.data : sb.data, sx.data + (size_t)s * in);
		if (s) {
			t->add(w.count, pw.data, sw.data);
			t->add(units, pb.data, sb.data);
		}
	}
	t->dense_backward(N, part, in, units, x.data, w.data, dz.data, dw.data, db.data, dx.data);
	assert_same_bits("dense outputs", part, &y, &sy);
	assert_same_bits("dense weights", part, &dw, &sw);
	assert_same_bits("dense bias", part, &db, &sb);
	assert_same_bits("dense input", part, &dx, &sx);
	struct array *as[] = {&x, &w, &dz, &dw, &db, &dx, &sw, &sb, &sx, &pw, &pb, &bias, &y, &sy};
	for (size_t i = 0; i < sizeof as / sizeof *as; i++)
		array_free(as[i]);
}

static void dense_of(const struct lepton__kernels *t)
{
	if (!t->joins_parts)
		print_message("%s: its products are OpenBLAS's, which says nothing of bits; the trainer knows\n", t->name);
	for (size_t p = 0; p < PARTS && t->joins_parts; p++) {
		check_dense(t, 37, 50, parts[p]);
		check_dense(t, 600, 10, parts[p]);
		check_dense(t, 20, 3, parts[p]);
		check_dense(t, 5, 33, parts[p]);
	}
}

static void test_dense(void **state)
{
	(void)state;
	each_table(dense_of);
}

static const struct lepton__conv shapes[] = {
	{8, 9, 1, 3, 3, 1, 1, 0, 0, 6, 7, 20},
	{7, 6, 5, 3, 3, 1, 1, 1, 1, 7, 6, 18},
	{9, 9, 8, 5, 5, 2, 2, 1, 1, 4, 4, 33},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

static void check_conv(const struct lepton__kernels *t, const struct lepton__conv *g, int part)
{
	const int64_t in = (int64_t)g->in_h * g->in_w * g->in_c, out = (int64_t)g->out_h * g->out_w * g->out_c;
	const int64_t weights = (int64_t)g->k_h * g->k_w * g->in_c * g->out_c;
	struct array x = array_random(N * in, 0), w = array_random(weights, 0), dz = array_random(N * out, 0);
	struct array dw = array_new(weights, 0), db = array_new(g->out_c, 0), dx = array_new(x.count, 0);
	struct array sw = array_new(weights, 0), sb = array_new(g->out_c, 0), sx = array_new(x.count, 0);
	struct array pw = array_new(weights, 0), pb = array_new(g->out_c, 0);
	void *scratch = scratch_of(t->conv_scratch(g, N));
	for (int s = 0; s < N; s += part) {
		int n = least(N - s, part);
		t->conv_backward(g, n, n, x.data + s * in, w.data, dz.data + s * out, s ? pw.data : sw.data,
			s ? pb.data : sb.data, sx.data + s * in, scratch);
		if (s) {
			t->add(weights, pw.data, sw.data);
			t->add(g->out_c, pb.data, sb.data);
		}
	}
	t->conv_backward(g, N, part, x.data, w.data, dz.data, dw.data, db.data, dx.data, scratch);
	assert_same_bits("filters", part, &dw, &sw);
	assert_same_bits("filters' bias", part, &db, &sb);
	assert_same_bits("image", part, &dx, &sx);
	free(scratch);
	struct array *as[] = {&x, &w, &dz, &dw, &db, &dx, &sw, &sb, &sx, &pw, &pb};
	for (size_t i = 0; i < sizeof as / sizeof *as; i++)
		array_free(as[i]);
}

static void conv_of(const struct lepton__kernels *t)
{
	for (size_t s = 0; s < SHAPES; s++)
		for (size_t p = 0; p < PARTS; p++)
			check_conv(t, &shapes[s], parts[p]);
}

static void test_conv(void **state)
{
	(void)state;
	each_table(conv_of);
}

/* A filter row long enough for the way over the winners, and one that is not. */
static const struct lepton__conv pooled[] = {{8, 8, 16, 3, 3, 1, 1, 0, 0, 6, 6, 18}, {8, 8, 1, 3, 3, 1, 1, 0, 0, 6, 6, 7}};

static void check_conv_pool(const struct lepton__kernels *t, const struct lepton__conv *g, int part)
{
	const struct lepton__pool p = {6, 6, g->out_c, 2, 2, 2, 2, 0, 0, 3, 3};
	const struct lepton__conv_pool both = {g, &p, LEPTON__RELU};
	const int64_t in = (int64_t)g->in_h * g->in_w * g->in_c, out = 9 * (int64_t)g->out_c;
	const int64_t weights = (int64_t)g->k_h * g->k_w * g->in_c * g->out_c;
	struct array x = array_random(N * in, 0), w = array_random(weights, 0), bias = array_random(g->out_c, 0);
	struct array y = array_new(N * out, 0), dy = array_random(N * out, 0);
	struct array dw = array_new(weights, 0), db = array_new(g->out_c, 0), dx = array_new(x.count, 0);
	struct array sw = array_new(weights, 0), sb = array_new(g->out_c, 0), sx = array_new(x.count, 0);
	struct array pw = array_new(weights, 0), pb = array_new(g->out_c, 0);
	int32_t *argmax = calloc((size_t)(N * out), sizeof *argmax);
	void *scratch = scratch_of(t->conv_pool_scratch(&both));
	assert_non_null(argmax);
	t->conv_pool_forward(&both, N, x.data, w.data, bias.data, y.data, argmax, scratch);
	for (int s = 0; s < N; s += part) {
		int n = least(N - s, part);
		t->conv_pool_backward(&both, n, n, x.data + s * in, w.data, y.data + s * out, dy.data + s * out,
			argmax + s * out, s ? pw.data : sw.data, s ? pb.data : sb.data, sx.data + s * in, scratch);
		if (s) {
			t->add(weights, pw.data, sw.data);
			t->add(g->out_c, pb.data, sb.data);
		}
	}
	t->conv_pool_backward(&both, N, part, x.data, w.data, y.data, dy.data, argmax, dw.data, db.data, dx.data, scratch);
	assert_same_bits("pooled filters", part, &dw, &sw);
	assert_same_bits("pooled filters' bias", part, &db, &sb);
	assert_same_bits("pooled image", part, &dx, &sx);
	free(scratch);
	free(argmax);
	struct array *as[] = {&x, &w, &bias, &y, &dy, &dw, &db, &dx, &sw, &sb, &sx, &pw, &pb};
	for (size_t i = 0; i < sizeof as / sizeof *as; i++)
		array_free(as[i]);
}

static void conv_pool_of(const struct lepton__kernels *t)
{
	for (size_t s = 0; s < sizeof pooled / sizeof *pooled; s++)
		for (size_t p = 0; p < PARTS; p++)
			check_conv_pool(t, &pooled[s], parts[p]);
}

static void test_conv_pool(void **state)
{
	(void)state;
	each_table(conv_pool_of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dense),
		cmocka_unit_test(test_conv),
		cmocka_unit_test(test_conv_pool),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
