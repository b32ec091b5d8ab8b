/* tests/test_tensor_pointwise.c - activations, softmax, optimisers and the other single passes of every
 * table, against closed forms in double precision; and the choice of the table. */
#include "config.h"
#include "tensor_reference.h"

#include <stdlib.h>
#include <string.h>

static const int lengths[] = {0, 1, 3, 7, 8, 15, 16, 17, 31, 32, 33, 64, 100, 257};
enum { LENGTHS = sizeof(lengths) / sizeof(lengths[0]) };
static const enum lepton__activation activations[] = {
	LEPTON__LINEAR, LEPTON__RELU, LEPTON__TANH, LEPTON__SIGMOID};

static void near(double got, double want, double tolerance)
{
	if (!(fabs(got - want) <= tolerance * fabs(want) + 1e-37))
		fail_msg("%.9g where %.9g is right", got, want);
}

/* -100 … 100, densest around 0. */
static struct array arguments(int64_t n, int shift)
{
	struct array x = array_random(n, shift);
	for (int64_t i = 0; i < n; i++)
		x.data[i] *= i % 4 == 0 ? 100 : i % 4 == 1 ? 10 : i % 4 == 2 ? 1 : 0.01f;
	return x;
}

static void activate_of(const struct lepton__kernels *t)
{
	for (int a = 0; a < 4; a++)
		for (int l = 0; l < LENGTHS; l++) {
			struct array x = arguments(lengths[l], l % 3), y = array_new(lengths[l], l % 2);
			t->activate(activations[a], lengths[l], x.data, y.data);
			for (int i = 0; i < lengths[l]; i++)
				near((double)y.data[i], reference_act(activations[a], (double)x.data[i]),
					1e-6);
			t->activate(activations[a], lengths[l], x.data, x.data); /* in place */
			assert_memory_equal(x.data, y.data, (size_t)lengths[l] * sizeof(float));
			array_free(&x);
			array_free(&y);
		}
}

static void test_activate(void **state)
{
	(void)state;
	each_table(activate_of);
}

static void activate_special_of(const struct lepton__kernels *t)
{
	float x[] = {NAN, INFINITY, -INFINITY, -0.f, 0, 1e-30f, -1e-30f, 88, -88, 104, -104, 1e30f, -1e30f};
	enum { N = sizeof(x) / sizeof(x[0]) };
	float y[N];
	for (int a = 0; a < 4; a++) {
		t->activate(activations[a], N, x, y);
		assert_true(isnan(y[0]));
		for (int i = 1; i < N; i++) {
			const double want = reference_act(activations[a], (double)x[i]);
			assert_true(isinf(want) ? isinf(y[i])
						: fabs((double)y[i] - want) <= 1e-6 * fabs(want) + 1e-37);
		}
	}
}

static void test_activate_special(void **state)
{
	(void)state;
	each_table(activate_special_of);
}

static void activate_backward_of(const struct lepton__kernels *t)
{
	for (int a = 0; a < 4; a++)
		for (int l = 0; l < LENGTHS; l++) {
			const int n = lengths[l];
			struct array x = array_random(n, 1), y = array_new(n, 2), dy = array_random(n, l % 2),
				     dx = array_new(n, 1);
			t->activate(activations[a], n, x.data, y.data);
			t->activate_backward(activations[a], n, y.data, dy.data, dx.data);
			for (int i = 0; i < n; i++) {
				const double v = (double)y.data[i];
				const double slope[] = {1, v > 0, 1 - v * v, v * (1 - v)};
				near((double)dx.data[i], slope[a] * (double)dy.data[i], 1e-6);
			}
			t->activate_backward(activations[a], n, y.data, dy.data, dy.data);
			assert_memory_equal(dx.data, dy.data, (size_t)n * sizeof(float));
			struct array *all[] = {&x, &y, &dy, &dx};
			for (int i = 0; i < 4; i++)
				array_free(all[i]);
		}
}

static void test_activate_backward(void **state)
{
	(void)state;
	each_table(activate_backward_of);
}

/* Rows in double precision: probabilities, summed loss, right answers. */
static double reference_softmax(int classes, const float *z, int label, double *p, int64_t *right)
{
	double max = -INFINITY, sum = 0;
	int best = 0;
	for (int c = 0; c < classes; c++)
		if ((double)z[c] > max) {
			max = (double)z[c];
			best = c;
		}
	for (int c = 0; c < classes; c++)
		sum += p[c] = exp((double)z[c] - max);
	for (int c = 0; c < classes; c++)
		p[c] /= sum;
	*right += best == label;
	return log(sum) + max - (double)z[label];
}

static void check_softmax(const struct lepton__kernels *t, int n, int classes, float spread)
{
	struct array z = array_random((int64_t)n * classes, 1), p = array_new(z.count, 0),
		     dz = array_new(z.count, 1);
	int32_t labels[64];
	double want_p[128], loss, want_loss = 0;
	int64_t right, want_right = 0;
	for (int64_t i = 0; i < z.count; i++)
		z.data[i] = z.data[i] * spread + spread;
	for (int r = 0; r < n; r++)
		labels[r] = r * 7 % classes;
	t->softmax(n, classes, z.data, p.data);
	t->softmax_cross_entropy(n, classes, z.data, labels, 0.125f, dz.data, &loss, &right);
	for (int r = 0; r < n; r++) {
		want_loss += reference_softmax(classes, z.data + r * classes, labels[r], want_p, &want_right);
		for (int c = 0; c < classes; c++) {
			assert_true(fabs((double)p.data[r * classes + c] - want_p[c]) < 1e-6);
			const double want_dz = 0.125 * (want_p[c] - (c == labels[r]));
			assert_true(fabs((double)dz.data[r * classes + c] - want_dz) < 1e-6);
		}
	}
	assert_true(fabs(loss - want_loss) <= 1e-6 * fabs(want_loss) + 1e-6 * n);
	assert_int_equal(right, want_right);
	double same;
	t->softmax_cross_entropy(n, classes, z.data, labels, 1, NULL, &same, &right);
	assert_true(fabs(same - loss) <= 1e-6 * fabs(loss) + 1e-6 * n);
	t->softmax_cross_entropy(n, classes, z.data, labels, 0.125f, z.data, &same, &right); /* in place */
	assert_memory_equal(z.data, dz.data, (size_t)z.count * sizeof(float));
	array_free(&z);
	array_free(&p);
	array_free(&dz);
}

static void softmax_of(const struct lepton__kernels *t)
{
	static const int classes[] = {1, 2, 3, 7, 8, 10, 16, 17, 33, 100};
	for (int c = 0; c < 10; c++)
		for (int n = 0; n < 20; n += 1 + n) {
			check_softmax(t, n, classes[c], 1);
			check_softmax(t, n, classes[c], 30);
			check_softmax(
				t, n, classes[c], 3000); /* would overflow without the maximum taken off */
		}
}

static void test_softmax(void **state)
{
	(void)state;
	each_table(softmax_of);
}

static void softmax_nan_of(const struct lepton__kernels *t)
{
	const int32_t labels[2] = {0, 1};
	for (int at = 0; at < 10; at++) {
		float z[20] = {0}, dz[20];
		double loss;
		int64_t right;
		z[at] = NAN;
		z[11] = 4;
		t->softmax_cross_entropy(2, 10, z, labels, 1, dz, &loss, &right);
		assert_true(isnan(loss));
		assert_int_equal(right, 1); /* the healthy row only */
		z[at] = INFINITY;
		t->softmax_cross_entropy(2, 10, z, labels, 1, NULL, &loss, &right);
		assert_false(isfinite(loss));
	}
}

static void test_softmax_nan(void **state)
{
	(void)state;
	each_table(softmax_nan_of);
}

static void adam_of(const struct lepton__kernels *t)
{
	for (int l = 0; l < LENGTHS; l++) {
		const int n = lengths[l];
		struct array w = array_random(n, 1), m = array_random(n, 0), v = array_random(n, 2);
		double *state = calloc((size_t)n * 3 + 1, sizeof(double)), *dw = state, *dm = state + n,
		       *dv = state + 2 * n;
		assert_non_null(state);
		for (int i = 0; i < n; i++) {
			dw[i] = (double)w.data[i];
			m.data[i] = v.data[i] = 0;
		}
		for (int step = 1; step <= 5; step++) {
			struct array g = array_random(n, l % 2);
			const struct lepton__adam o = {0.001f, 0.9f, 0.999f, 1e-7f, step};
			for (int i = 0; i < n; i++) {
				const double x = (double)g.data[i];
				dm[i] = 0.9 * dm[i] + 0.1 * x;
				dv[i] = 0.999 * dv[i] + 0.001 * x * x;
				const double rate = 0.001 * sqrt(1 - pow(0.999, step)) / (1 - pow(0.9, step));
				dw[i] -= rate * dm[i] / (sqrt(dv[i]) + 1e-7);
			}
			t->adam(n, &o, g.data, m.data, v.data, w.data);
			array_free(&g);
		}
		for (int i = 0; i < n;
			i++) { /* the hyper-parameters are rounded to float: 1 - 0.999f is off by 1e-5 */
			assert_true(fabs((double)w.data[i] - dw[i]) < 2e-6);
			assert_true(fabs((double)m.data[i] - dm[i]) < 1e-6);
			assert_true(fabs((double)v.data[i] - dv[i]) < 1e-6 + 1e-4 * dv[i]);
		}
		free(state);
		array_free(&w);
		array_free(&m);
		array_free(&v);
	}
}

static void test_adam(void **state)
{
	(void)state;
	each_table(adam_of);
}

static void sgd_of(const struct lepton__kernels *t)
{
	for (int l = 0; l < LENGTHS; l++) {
		const int n = lengths[l];
		struct array w = array_random(n, 1), v = array_random(n, 0), g = array_random(n, l % 3);
		struct expected ew = expected_new(n), ev = expected_new(n), eplain = expected_new(n);
		for (int i = 0; i < n; i++) {
			expected_add(&ev, i, 0.9 * (double)v.data[i]);
			expected_add(&ev, i, -0.1 * (double)g.data[i]);
			expected_add(&ew, i, (double)w.data[i]);
			expected_add(&ew, i, ev.value[i]);
			expected_add(&eplain, i, ew.value[i]);
			expected_add(&eplain, i, -0.5 * (double)g.data[i]);
		}
		t->sgd(n, 0.1f, 0.9f, g.data, v.data, w.data);
		assert_matches("sgd", &w, &ew);
		assert_matches("sgd's velocity", &v, &ev);
		t->sgd(n, 0.5f, 0, g.data, NULL, w.data);
		assert_matches("sgd without momentum", &w, &eplain);
		expected_free(&ew);
		expected_free(&ev);
		expected_free(&eplain);
		array_free(&w);
		array_free(&v);
		array_free(&g);
	}
}

static void test_sgd(void **state)
{
	(void)state;
	each_table(sgd_of);
}

static void passes_of(const struct lepton__kernels *t)
{
	uint8_t pixels[300];
	for (int i = 0; i < 300; i++)
		pixels[i] = (uint8_t)(i * 37);
	for (int l = 0; l < LENGTHS; l++) {
		const int n = lengths[l];
		struct array x = array_new(n, 1), part = array_random(n, 0), sum = array_random(n, 2);
		t->scale_u8(n, pixels + 1, 1 / 255.f, x.data);
		for (int i = 0; i < n; i++)
			assert_float_equal(x.data[i], (float)pixels[i + 1] * (1 / 255.f), 0);
		memcpy(x.data, sum.data, (size_t)n * sizeof(float));
		t->add(n, part.data, sum.data);
		for (int i = 0; i < n; i++)
			assert_float_equal(sum.data[i], x.data[i] + part.data[i], 0);
		assert_true(t->all_finite(n, x.data));
		const float bad[] = {NAN, -NAN, INFINITY, -INFINITY};
		for (int i = 0; i < n; i++) {
			const float keep = x.data[i];
			x.data[i] = bad[i % 4];
			assert_false(t->all_finite(n, x.data));
			x.data[i] = i % 2 ? 3.4e38f : -3.4e38f;
			assert_true(t->all_finite(n, x.data));
			x.data[i] = keep;
		}
		array_free(&x);
		array_free(&part);
		array_free(&sum);
	}
}

static void test_passes(void **state)
{
	(void)state;
	each_table(passes_of);
}

static void test_choice(void **state)
{
	(void)state;
	const char *wish = getenv("LEPTON_KERNELS");
	const struct lepton__kernels *best = NULL, *portable = lepton__kernels_find("portable");
	for (const char *const *name = lepton__kernels_names(); *name && !best; name++)
		best = lepton__kernels_find(*name);
	assert_non_null(portable);
	assert_string_equal(portable->name, "portable");
	assert_null(lepton__kernels_find("abacus"));
	if (wish && lepton__kernels_find(wish))
		best = lepton__kernels_find(wish);
	assert_ptr_equal(lepton__kernels_get(), best);
}

/* The same decisions as value by value, and only what is kept comes through. */
static void drop_of(const struct lepton__kernels *t)
{
	static const uint32_t belows[] = {0, 1, 0x40000000, 0x80000000, 0xfffffff0};
	for (int l = 0; l < LENGTHS; l++)
		for (int b = 0; b < 5; b++) {
			int64_t n = lengths[l];
			struct lepton__rng rng, one;
			struct array x = arguments(n, l % 3), y = array_new(n, l % 2);
			uint8_t *keep = malloc((size_t)n + 1);
			assert_non_null(keep);
			keep[n] = 77;
			lepton__rng_init(&rng, 0x123456789abcdefull + (uint64_t)l, 0xfedcba987654321ull);
			one = rng;
			t->drop_draw(&rng, n, belows[b], keep);
			assert_int_equal(keep[n], 77);
			for (int64_t i = 0; i < n; i++)
				assert_int_equal(keep[i], lepton__rng_u32(&one) >= belows[b]);
			if (n > 2)
				x.data[n / 2] = INFINITY;
			t->drop_apply(n, keep, 1.25f, x.data, y.data);
			for (int64_t i = 0; i < n; i++) {
				float want = keep[i] ? x.data[i] * 1.25f : 0.0f;
				assert_memory_equal(&y.data[i], &want, sizeof want);
			}
			t->drop_apply(n, keep, 1.25f, x.data, x.data); /* in place */
			assert_memory_equal(x.data, y.data, (size_t)n * sizeof(float));
			free(keep);
			array_free(&x);
			array_free(&y);
		}
}

static void test_drop(void **state)
{
	(void)state;
	each_table(drop_of);
}

/* Columns of weights as scale · code. */
static void codes_of(const struct lepton__kernels *t)
{
	static const int64_t shapes[][2] = {{1, 1}, {7, 3}, {40, 16}, {33, 17}, {5, 35}, {300, 10}};
	for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
		for (int most = 1; most <= 127; most += 21) {
			const int64_t rows = shapes[k][0], columns = shapes[k][1], n = rows * columns;
			struct array w = array_random(n, (int)k % 3), scale = array_new(columns, 1),
				     y = array_new(n, 0);
			struct array got[5];
			struct expected want[5];
			for (int i = 0; i < 5; i++) {
				got[i] = array_new(columns, i % 2);
				want[i] = expected_new(columns);
			}
			for (int64_t c = 0; c < columns; c++)
				scale.data[c] = c % 5 == 4 ? 0 : 0.7F / (float)most * (float)(1 + c % 3);
			t->column_sizes(rows, columns, w.data, got[0].data, got[1].data);
			t->code_sums(rows, columns, w.data, scale.data, (float)most, got[2].data, got[3].data,
				got[4].data);
			t->code_round(rows, columns, w.data, scale.data, (float)most, y.data);
			for (int64_t i = 0; i < n; i++) {
				const int64_t c = i % columns;
				const double x = (double)w.data[i], s = (double)scale.data[c];
				double code = s > 0 ? fmax(-most, fmin(most, x / s)) : 0;
				if (s > 0 && fabs(fabs(code - floor(code)) - 0.5) <
						     1e-4) /* either neighbour: its own choice */
					code = rint((double)y.data[i] / s);
				code = rint(code);
				assert_true(fabs((double)y.data[i] - s * code) <= 1e-6 * fabs(s * code));
				want[0].value[c] = fmax(want[0].value[c], fabs(x));
				want[0].magnitude[c] = 1;
				expected_add(&want[1], c, fabs(x));
				expected_add(&want[2], c, x * code);
				expected_add(&want[3], c, code * code);
				expected_add(&want[4], c, pow(x - s * code, 2));
				want[4].magnitude[c] += x * x * 1e-3;
			}
			for (int i = 0; i < 5; i++) {
				assert_matches("codes", &got[i], &want[i]);
				array_free(&got[i]);
				expected_free(&want[i]);
			}
			array_free(&w);
			array_free(&scale);
			array_free(&y);
		}
}

static void test_codes(void **state)
{
	(void)state;
	each_table(codes_of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_activate),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_activate_special),
		cmocka_unit_test(test_activate_backward),
		cmocka_unit_test(test_softmax),
		cmocka_unit_test(test_softmax_nan),
		cmocka_unit_test(test_adam),
		cmocka_unit_test(test_sgd),
		cmocka_unit_test(test_passes),
		cmocka_unit_test(test_choice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
