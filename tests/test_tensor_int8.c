/* tests/test_tensor_int8.c - products of 8-bit whole numbers, of every table, against plain loops.
 *
 * The sums are exact, so what is left to differ is the rounding of scale · sum + shift.
 */
#include "config.h"
#include "tensor_reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUARD 0xa5

static struct lepton__rng random_numbers;

/* A block of bytes with guards behind it. */
static uint8_t *bytes_new(size_t count)
{
	uint8_t *bytes = malloc(count + LEPTON__INT8_SLACK);
	assert_non_null(bytes);
	memset(bytes, GUARD, count + LEPTON__INT8_SLACK);
	return bytes;
}

static void bytes_free(uint8_t *bytes, size_t count)
{
	for (int i = 0; i < LEPTON__INT8_SLACK; i++)
		assert_int_equal(bytes[count + (size_t)i], GUARD);
	free(bytes);
}

struct shape {
	int rows, channels, runs, length;
	ptrdiff_t x_row, x_run;
};

struct problem {
	struct shape shape;
	size_t x_bytes, count; /* of x; results */
	uint8_t *x;
	int8_t *w, *packed;
	float scale[512], shift[512];
	int32_t *sum;
};

/* Numbers up to the ends of their ranges, where pairs of products are largest. */
static void problem_make(struct problem *p, struct shape shape, bool extreme)
{
	size_t weights = (size_t)shape.runs * (size_t)shape.length * (size_t)shape.channels;
	*p = (struct problem){.shape = shape, .count = (size_t)shape.rows * (size_t)shape.channels};
	p->x_bytes = (size_t)(shape.x_row * (shape.rows - 1) + shape.x_run * (shape.runs - 1) + shape.length);
	p->x = bytes_new(p->x_bytes);
	p->w = malloc(weights);
	p->packed = malloc(lepton__int8_bytes(shape.runs, shape.length, shape.channels));
	p->sum = calloc(p->count, sizeof *p->sum);
	assert_true(p->w && p->packed && p->sum);
	for (size_t i = 0; i < p->x_bytes; i++)
		p->x[i] = extreme ? LEPTON__INT8_MAX
				  : (uint8_t)lepton__rng_below(&random_numbers, LEPTON__INT8_MAX + 1);
	for (size_t i = 0; i < weights; i++)
		p->w[i] = (int8_t)(extreme ? (i / (size_t)shape.channels % 5 ? LEPTON__INT8_MAX
									     : -LEPTON__INT8_MAX)
					   : (int)lepton__rng_below(&random_numbers, 255) - LEPTON__INT8_MAX);
	for (int c = 0; c < shape.channels; c++) {
		p->scale[c] = 0.001F * (1 + lepton__rng_uniform(&random_numbers));
		p->shift[c] = 40 * lepton__rng_uniform(&random_numbers);
	}
	lepton__int8_pack(shape.runs, shape.length, shape.channels, p->w, p->packed);
	for (int r = 0; r < shape.rows; r++)
		for (int c = 0; c < shape.channels; c++)
			for (int run = 0; run < shape.runs; run++)
				for (int i = 0; i < shape.length; i++)
					p->sum[r * shape.channels + c] +=
						p->x[r * shape.x_row + run * shape.x_run + i] *
						p->w[((size_t)run * (size_t)shape.length + (size_t)i) *
								(size_t)shape.channels +
							(size_t)c];
}

static void problem_free(struct problem *p)
{
	bytes_free(p->x, p->x_bytes);
	free(p->w);
	free(p->packed);
	free(p->sum);
}

static struct lepton__int8 call_of(const struct problem *p)
{
	return (struct lepton__int8){.rows = p->shape.rows,
		.channels = p->shape.channels,
		.runs = p->shape.runs,
		.length = p->shape.length,
		.x = p->x,
		.x_row = p->shape.x_row,
		.x_run = p->shape.x_run,
		.w = p->packed,
		.scale = p->scale,
		.shift = p->shift,
		.y_row = p->shape.channels};
}

/* scale 1 and shift 0: the sums themselves, which a float holds up to 2^24. */
static void check_sums(
	const struct problem *p, void (*forward)(const struct lepton__int8 *p), const char *what)
{
	static const float one[512] = {[0 ... 511] = 1}, none[512] = {0};
	struct array y = array_new((int64_t)p->count, 1);
	struct lepton__int8 call = call_of(p);
	call.y = y.data;
	call.scale = one;
	call.shift = none;
	forward(&call);
	for (size_t i = 0; i < p->count; i++)
		if (y.data[i] < (float)p->sum[i] || y.data[i] > (float)p->sum[i])
			fail_msg("%s: sum %zu is %.0f, not %d", what, i, (double)y.data[i], p->sum[i]);
	array_free(&y);
}

static void check_floats(
	const struct problem *p, void (*forward)(const struct lepton__int8 *p), const char *what)
{
	struct array y = array_new((int64_t)p->count, 0);
	struct expected e = expected_new((int64_t)p->count);
	struct lepton__int8 call = call_of(p);
	call.y = y.data;
	for (size_t i = 0; i < p->count; i++) {
		size_t c = i % (size_t)p->shape.channels;
		expected_add(&e, (int64_t)i, (double)p->scale[c] * p->sum[i]);
		expected_add(&e, (int64_t)i, (double)p->shift[c]);
	}
	forward(&call);
	assert_matches(what, &y, &e);
	expected_free(&e);
	array_free(&y);
}

/* Rounded half up; where the exact value lies at a half, either neighbour. */
static void check_whole(
	const struct problem *p, float low, void (*forward)(const struct lepton__int8 *p), const char *what)
{
	struct lepton__int8 call = call_of(p);
	uint8_t *y = bytes_new(p->count);
	call.y8 = y;
	call.low = low;
	forward(&call);
	for (size_t i = 0; i < p->count; i++) {
		size_t c = i % (size_t)p->shape.channels;
		double value = (double)p->scale[c] * p->sum[i] + (double)p->shift[c];
		value = fmin(fmax(value, (double)low), LEPTON__INT8_MAX);
		if (fabs(y[i] - value) > 0.5 + 1e-4)
			fail_msg("%s: result %zu of %.4f is %d", what, i, value, y[i]);
	}
	bytes_free(y, p->count);
}

static void check(const struct lepton__kernels *t, struct shape shape, bool extreme)
{
	struct problem p;
	char what[160];
	problem_make(&p, shape, extreme);
	snprintf(what, sizeof what, "%s int8 %d rows, %d channels, %d runs of %d", t->name, shape.rows,
		shape.channels, shape.runs, shape.length);
	void (*const forms[])(const struct lepton__int8 *p) = {t->int8_forward, t->int8_forward_pairs};
	for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
		check_sums(&p, forms[f], what);
		check_floats(&p, forms[f], what);
		check_whole(&p, 0, forms[f], what);
		check_whole(&p, 31, forms[f], what);
	}
	problem_free(&p);
}

static void dense_of(const struct lepton__kernels *t)
{
	for (int channels = 1; channels <= 70; channels += channels < 20 ? 1 : 7)
		for (int rows = 1; rows <= 26; rows += rows < 9 ? 1 : 4)
			check(t, (struct shape){rows, channels, 1, 5 + rows, 5 + rows, 0}, false);
	check(t, (struct shape){3, 17, 1, 500, 500, 0}, true);
	check(t, (struct shape){29, 300, 1, 784, 800, 0}, false);
}

static void test_dense(void **state)
{
	(void)state;
	each_table(dense_of);
}

/* Rows of a convolution: rows overlap, and a run is a part of a longer row. */
static void conv_of(const struct lepton__kernels *t)
{
	check(t, (struct shape){26, 32, 3, 3, 1, 28}, false);
	check(t, (struct shape){26, 32, 3, 3, 1, 28}, true);
	check(t, (struct shape){8, 50, 5, 100, 20, 240}, false);
	check(t, (struct shape){13, 20, 5, 5, 2, 33}, false);
	check(t, (struct shape){1, 5, 2, 7, 1, 11}, true);
}

static void test_conv(void **state)
{
	(void)state;
	each_table(conv_of);
}

static void quantize_of(const struct lepton__kernels *t)
{
	for (int n = 0; n < 70; n++) {
		struct array x = array_random(n, n % 3);
		uint8_t *y = bytes_new((size_t)n);
		t->quantize_u8(n, x.data, 90, 40, y);
		for (int i = 0; i < n; i++) {
			double value = fmin(fmax((double)x.data[i] * 90 + 40, 0), 127);
			assert_true(fabs(y[i] - value) <= 0.5 + 1e-4);
		}
		bytes_free(y, (size_t)n);
		array_free(&x);
	}
	const float odd[] = {NAN, INFINITY, -INFINITY, 0, 1e30F, -1e30F};
	uint8_t y[6];
	t->quantize_u8(6, odd, 1, 3, y);
	const uint8_t want[] = {0, 127, 0, 3, 127, 0};
	assert_memory_equal(y, want, sizeof want);
}

static void test_quantize(void **state)
{
	(void)state;
	each_table(quantize_of);
}

/* The pooling of floats is the oracle: whole numbers are floats too. */
static void pool_of(const struct lepton__kernels *t)
{
	static const struct lepton__pool shapes[] = {{24, 24, 20, 2, 2, 2, 2, 0, 0, 12, 12},
		{7, 5, 3, 3, 2, 2, 1, 1, 0, 4, 5}, {6, 6, 50, 2, 3, 1, 2, 0, 1, 5, 3}};
	for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
		const struct lepton__pool *g = &shapes[k];
		const int n = 2, in = n * g->in_h * g->in_w * g->channels,
			  out = n * g->out_h * g->out_w * g->channels;
		uint8_t *x = bytes_new((size_t)in), *y = bytes_new((size_t)out);
		struct array floats = array_new(in, 0), want = array_new(out, 0);
		int32_t *argmax = malloc((size_t)out * sizeof *argmax);
		assert_non_null(argmax);
		for (int i = 0; i < in; i++)
			floats.data[i] = x[i] = (uint8_t)lepton__rng_below(&random_numbers, 128);
		t->max_pool_u8(g, n, x, y);
		t->max_pool_forward(g, n, floats.data, want.data, argmax);
		for (int i = 0; i < out; i++)
			assert_int_equal(y[i], (int)want.data[i]);
		free(argmax);
		array_free(&floats);
		array_free(&want);
		bytes_free(x, (size_t)in);
		bytes_free(y, (size_t)out);
	}
}

static void test_pool(void **state)
{
	(void)state;
	each_table(pool_of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_dense), cmocka_unit_test(test_conv),
		cmocka_unit_test(test_quantize), cmocka_unit_test(test_pool)};
	lepton__rng_init(&random_numbers, 8, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
