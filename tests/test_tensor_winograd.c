/* tests/test_tensor_winograd.c - minimal filtering of every table against the naive reference in double:
 * filters of 5x5 and 3x3, channels from 1 to 70, tiles that stick out, borders, one sample and several; it is
 * wished for here wherever it is possible, paying or not. That it runs at all shows in the bits, which are
 * not those of the direct way.
 *
 * What is allowed is a share of the largest sum of the terms' sizes in an array, for what is lost is a share
 * of the whole tile's sizes, whatever one value's are. The test prints the largest shares it sees, by minimal
 * filtering and (directly).
 */
#include "config.h"
#include "tensor_reference.h"
#include "tensor/winograd.h"

#include <stdlib.h>
#include <string.h>

#define ALLOWED 5e-5

static const struct lepton__conv shapes[] = {
	/* in h w c, kernel, stride, pad top left, out h w c */
	{12, 12, 20, 5, 5, 1, 1, 0, 0, 8, 8, 50},
	{9, 7, 1, 5, 5, 1, 1, 0, 0, 5, 3, 1},
	{7, 10, 3, 5, 5, 1, 1, 2, 2, 7, 10, 17},
	{3, 3, 5, 5, 5, 1, 1, 2, 2, 3, 3, 4}, /* filter larger than the image */
	{5, 5, 16, 5, 5, 1, 1, 0, 0, 1, 1, 33},
	{8, 13, 33, 5, 5, 1, 1, 2, 2, 8, 13, 7},
	{6, 9, 70, 5, 5, 1, 1, 2, 2, 6, 9, 12},
	{14, 14, 16, 3, 3, 1, 1, 1, 1, 14, 14, 32},
	{8, 8, 8, 3, 3, 1, 1, 0, 0, 6, 6, 16},
	{3, 4, 1, 3, 3, 1, 1, 0, 0, 1, 2, 1},
	{7, 9, 5, 3, 3, 1, 1, 1, 1, 7, 9, 18},
	{13, 5, 31, 3, 3, 1, 1, 1, 1, 13, 5, 64},
	{11, 17, 9, 3, 3, 1, 1, 0, 0, 9, 15, 70},
	{6, 6, 70, 3, 3, 1, 1, 1, 1, 6, 6, 49},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

static int64_t in_of(const struct lepton__conv *g)
{
	return (int64_t)g->in_h * g->in_w * g->in_c;
}

static int64_t out_of(const struct lepton__conv *g)
{
	return (int64_t)g->out_h * g->out_w * g->out_c;
}

static int64_t weights_of(const struct lepton__conv *g)
{
	return (int64_t)g->k_h * g->k_w * g->in_c * g->out_c;
}

static void *dirty(size_t bytes)
{
	const size_t room = (bytes + 127) / 64 * 64;
	void *scratch = aligned_alloc(64, room);
	assert_non_null(scratch);
	return memset(scratch, 0xff, room); /* NaN: nothing may rely on what is there */
}

/* Everything one convolution reads and gives. */
struct pass {
	struct array x, w, bias, dz, y, dw, dbias, dx;
};

static struct pass pass_new(const struct lepton__conv *g, int n, int shift)
{
	return (struct pass){array_random(n * in_of(g), shift), array_random(weights_of(g), shift),
		array_random(g->out_c, shift), array_random(n * out_of(g), shift),
		array_new(n * out_of(g), shift), array_new(weights_of(g), shift), array_new(g->out_c, shift),
		array_new(n * in_of(g), shift)};
}

static void pass_free(struct pass *p)
{
	struct array *all[] = {&p->x, &p->w, &p->bias, &p->dz, &p->y, &p->dw, &p->dbias, &p->dx};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		array_free(all[i]);
}

static void run(const struct lepton__kernels *t, const struct lepton__conv *g, int n, int part,
	enum lepton__winograd_use use, struct pass *p)
{
	lepton__winograd_use_set(use);
	void *scratch = dirty(t->conv_scratch(g, n));
	t->conv_forward(g, n, p->x.data, p->w.data, p->bias.data, LEPTON__LINEAR, p->y.data, scratch);
	t->conv_backward(
		g, n, part, p->x.data, p->w.data, p->dz.data, p->dw.data, p->dbias.data, p->dx.data, scratch);
	free(scratch);
	lepton__winograd_use_set(LEPTON__WINOGRAD_NEVER);
}

static double worst(const struct array *got, const struct expected *want)
{
	double most = 0, size = 1e-30;
	for (int64_t i = 0; i < want->count; i++)
		size = fmax(size, want->magnitude[i]);
	for (int64_t i = 0; i < want->count; i++) {
		const double share = fabs(got->data[i] - want->value[i]) / size;
		most = share <= most ? most : share; /* NaN stays */
	}
	return most;
}

/* Largest shares seen: [filters of 5x5][by minimal filtering][y, dw, dx] */
static double seen[2][2][3];

static void note(const struct lepton__conv *g, bool filtered, const struct pass *p, const struct expected *y,
	const struct expected *dw, const struct expected *dx)
{
	double *to = seen[g->k_h == 5][filtered];
	to[0] = fmax(to[0], worst(&p->y, y));
	to[1] = fmax(to[1], worst(&p->dw, dw));
	to[2] = fmax(to[2], worst(&p->dx, dx));
}

static void assert_near(const char *what, const struct array *got, const struct expected *want)
{
	const double share = worst(got, want);
	if (!(share <= ALLOWED))
		fail_msg("%s is off by %.2g of the terms' sizes", what, share);
}

static void check(const struct lepton__kernels *t, const struct lepton__conv *g, int n, int shift)
{
	struct pass p = pass_new(g, n, shift);
	struct expected y = expected_new(p.y.count), dw = expected_new(p.dw.count),
			db = expected_new(g->out_c), dx = expected_new(p.dx.count);
	reference_conv(g, n, p.x.data, p.w.data, p.bias.data, &y);
	reference_conv_gradients(g, n, p.x.data, p.w.data, p.dz.data, &dw, &db, &dx);
	run(t, g, n, n, LEPTON__WINOGRAD_NEVER, &p);
	note(g, false, &p, &y, &dw, &dx);
	run(t, g, n, (n + 1) / 2, LEPTON__WINOGRAD_ALWAYS, &p);
	assert_near("y", &p.y, &y);
	assert_near("dw", &p.dw, &dw);
	assert_near("dbias", &p.dbias, &db);
	assert_near("dx", &p.dx, &dx);
	note(g, true, &p, &y, &dw, &dx);
	struct expected *es[] = {&y, &dw, &db, &dx};
	for (size_t i = 0; i < sizeof es / sizeof *es; i++)
		expected_free(es[i]);
	pass_free(&p);
}

static void reference_of(const struct lepton__kernels *t)
{
	memset(seen, 0, sizeof seen);
	for (size_t s = 0; s < SHAPES; s++) {
		check(t, &shapes[s], 1, 1);
		check(t, &shapes[s], 3, 0);
	}
	check(t, &shapes[0], 9, 0);
	for (int five = 0; five < 2; five++)
		print_message("%s, %s: y %.1e (%.1e), dw %.1e (%.1e), dx %.1e (%.1e) of the terms' sizes\n",
			t->name, five ? "5x5" : "3x3", seen[five][1][0], seen[five][0][0], seen[five][1][1],
			seen[five][0][1], seen[five][1][2], seen[five][0][2]);
}

static void test_reference(void **state)
{
	(void)state;
	each_table(reference_of);
}

/* Every number of channels around the vectors' lengths, each way. */
static void channels_of(const struct lepton__kernels *t)
{
	for (int c = 1; c <= 70; c += c < 36 ? 1 : 7) {
		const struct lepton__conv g = {5, 7, c, 3, 3, 1, 1, 1, 1, 5, 7, 71 - c};
		const struct lepton__conv h = {6, 6, 71 - c, 5, 5, 1, 1, 1, 1, 4, 4, c};
		check(t, &g, 1, c % 2);
		check(t, &h, 1, c % 2);
	}
}

static void test_channels(void **state)
{
	(void)state;
	each_table(channels_of);
}

static double dot(const struct array *a, const struct array *b, double *sizes)
{
	double sum = 0;
	for (int64_t i = 0; i < a->count; i++) {
		sum += (double)a->data[i] * b->data[i];
		*sizes += fabs((double)a->data[i] * b->data[i]);
	}
	return sum;
}

/* Convolution without a bias is linear in x and in w, so <dz, conv(x)> = <dx, x> = <dw, w>. */
static void adjoint_of(const struct lepton__kernels *t)
{
	for (size_t s = 0; s < SHAPES; s++) {
		struct pass p = pass_new(&shapes[s], 2, 0);
		double sizes = 0;
		memset(p.bias.data, 0, (size_t)p.bias.count * sizeof(float));
		run(t, &shapes[s], 2, 2, LEPTON__WINOGRAD_ALWAYS, &p);
		const double y = dot(&p.dz, &p.y, &sizes), x = dot(&p.dx, &p.x, &sizes),
			     w = dot(&p.dw, &p.w, &sizes);
		assert_true(fabs(y - x) <= TOLERANCE * sizes);
		assert_true(fabs(y - w) <= TOLERANCE * sizes);
		pass_free(&p);
	}
}

static void test_adjoint(void **state)
{
	(void)state;
	each_table(adjoint_of);
}

/* The slope of <dz, y> along one value, by central differences: y is linear in it, so a wide step loses
 * nothing. */
static void differences_of(const struct lepton__kernels *t)
{
	static const size_t which[] = {2, 10};
	for (size_t i = 0; i < 2; i++) {
		const struct lepton__conv *g = &shapes[which[i]];
		struct pass p = pass_new(g, 2, 0);
		run(t, g, 2, 2, LEPTON__WINOGRAD_ALWAYS, &p);
		struct array *from[] = {&p.x, &p.w}, *slope[] = {&p.dx, &p.dw};
		for (int k = 0; k < 12; k++) {
			float *at = &from[k % 2]->data[(k * 7919 + 11) % from[k % 2]->count];
			const float right = slope[k % 2]->data[at - from[k % 2]->data], kept = *at;
			double sizes = 0, side[2];
			for (int up = 0; up < 2; up++) {
				*at = kept + (up ? 1.F : -1.F);
				void *scratch = (lepton__winograd_use_set(LEPTON__WINOGRAD_ALWAYS),
					dirty(t->conv_scratch(g, 2)));
				t->conv_forward(g, 2, p.x.data, p.w.data, p.bias.data, LEPTON__LINEAR,
					p.y.data, scratch);
				free(scratch);
				side[up] = dot(&p.dz, &p.y, &sizes);
			}
			*at = kept;
			assert_true(fabs((side[1] - side[0]) / 2 - right) <= TOLERANCE * sizes);
		}
		lepton__winograd_use_set(LEPTON__WINOGRAD_NEVER);
		pass_free(&p);
	}
}

static void test_differences(void **state)
{
	(void)state;
	each_table(differences_of);
}

static void assert_same_bits(const struct array *a, const struct array *b)
{
	assert_memory_equal(a->data, b->data, (size_t)a->count * sizeof(float));
}

/* A batch of 9 in one call has the bits of its samples by calls of their own, whoever makes them, and of
 * parts of 4. */
static void parts_of(const struct lepton__kernels *t)
{
	for (size_t s = 0; s < SHAPES; s++) {
		const struct lepton__conv *g = &shapes[s];
		struct pass p = pass_new(g, 9, 0);
		struct array y = array_new(p.y.count, 0), dw = array_new(p.dw.count, 0),
			     one = array_new(p.dw.count, 0);
		struct array db = array_new(g->out_c, 0), dx = array_new(p.dx.count, 0);
		run(t, g, 9, 4, LEPTON__WINOGRAD_ALWAYS, &p);
		lepton__winograd_use_set(LEPTON__WINOGRAD_ALWAYS);
		void *scratch = dirty(t->conv_scratch(g, 1));
		for (int i = 0; i < 9; i += 4) {
			const int n = 9 - i < 4 ? 9 - i : 4;
			t->conv_backward(g, n, n, p.x.data + i * in_of(g), p.w.data,
				p.dz.data + i * out_of(g), i ? one.data : dw.data, db.data,
				dx.data + i * in_of(g), scratch);
			if (i)
				t->add(dw.count, one.data, dw.data);
		}
		for (int i = 0; i < 9; i++)
			t->conv_forward(g, 1, p.x.data + i * in_of(g), p.w.data, p.bias.data, LEPTON__LINEAR,
				y.data + i * out_of(g), scratch);
		free(scratch);
		lepton__winograd_use_set(LEPTON__WINOGRAD_NEVER);
		assert_same_bits(&p.y, &y);
		assert_same_bits(&p.dw, &dw);
		assert_same_bits(&p.dx, &dx);
		struct array *as[] = {&y, &dw, &one, &db, &dx};
		for (size_t i = 0; i < sizeof as / sizeof *as; i++)
			array_free(as[i]);
		pass_free(&p);
	}
}

static void test_parts(void **state)
{
	(void)state;
	each_table(parts_of);
}

/* LeNet's second convolution is where it pays, a first layer of one channel is not, nor are strides. */
static void choice_of(const struct lepton__kernels *t)
{
	static const struct lepton__conv apart[] = {
		{28, 28, 1, 5, 5, 1, 1, 0, 0, 24, 24, 20}, {13, 13, 20, 5, 5, 2, 2, 0, 0, 5, 5, 50}};
	struct pass p = pass_new(&shapes[0], 2, 0);
	struct array y = array_new(p.y.count, 0);
	run(t, &shapes[0], 2, 2, LEPTON__WINOGRAD_NEVER, &p);
	memcpy(y.data, p.y.data, (size_t)y.count * sizeof(float));
	run(t, &shapes[0], 2, 2, LEPTON__WINOGRAD_WHERE_IT_PAYS, &p);
	assert_memory_not_equal(y.data, p.y.data, (size_t)y.count * sizeof(float));
	for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
		lepton__winograd_use_set(LEPTON__WINOGRAD_WHERE_IT_PAYS);
		const size_t bytes = t->conv_scratch(&apart[i], 1);
		lepton__winograd_use_set(LEPTON__WINOGRAD_NEVER);
		assert_int_equal(t->conv_scratch(&apart[i], 1), bytes);
		lepton__winograd_use_set(LEPTON__WINOGRAD_NEVER);
	}
	array_free(&y);
	pass_free(&p);
}

static void test_choice(void **state)
{
	(void)state;
	each_table(choice_of);
}

/* The largest difference of two arrays, as a share of the largest value. */
static double apart(const struct array *a, const struct array *b)
{
	double most = 0, size = 1e-30;
	for (int64_t i = 0; i < a->count; i++)
		size = fmax(size, fabs((double)b->data[i]));
	for (int64_t i = 0; i < a->count; i++) {
		const double share = fabs((double)a->data[i] - b->data[i]) / size;
		most = share <= most ? most : share; /* NaN stays */
	}
	return most;
}

/* Pooling behind the convolution, in the same pass: the same as in the direct way, back from the same
 * winners. */
static void pool_of(const struct lepton__kernels *t)
{
	static const struct lepton__conv pooled[] = {
		{12, 12, 20, 5, 5, 1, 1, 0, 0, 8, 8, 50}, {9, 7, 3, 3, 3, 1, 1, 1, 1, 9, 7, 18}};
	for (size_t i = 0; i < sizeof pooled / sizeof *pooled; i++) {
		enum { N = 7, PART = 4 };
		const struct lepton__conv *g = &pooled[i];
		const struct lepton__pool pool = {
			g->out_h, g->out_w, g->out_c, 2, 2, 2, 2, 0, 0, g->out_h / 2, g->out_w / 2};
		const struct lepton__conv_pool both = {g, &pool, LEPTON__RELU};
		const int64_t values = (int64_t)N * pool.out_h * pool.out_w * g->out_c;
		struct array dy = array_random(values, 0),
			     y[2] = {array_new(values, 0), array_new(values, 0)};
		struct pass p[2] = {pass_new(g, N, 0), pass_new(g, N, 0)};
		int32_t *argmax = calloc((size_t)values, sizeof *argmax),
			*winners = calloc((size_t)values, sizeof *winners);
		assert_true(argmax && winners);
		for (int filtered = 1; filtered >= 0; filtered--) { /* the direct winners are kept */
			lepton__winograd_use_set(filtered ? LEPTON__WINOGRAD_ALWAYS : LEPTON__WINOGRAD_NEVER);
			void *scratch = dirty(t->conv_pool_scratch(&both));
			t->conv_pool_forward(&both, N, p[0].x.data, p[0].w.data, p[0].bias.data,
				y[filtered].data, filtered ? argmax : winners, scratch);
			free(scratch);
		}
		for (int filtered = 0; filtered < 2; filtered++) {
			lepton__winograd_use_set(filtered ? LEPTON__WINOGRAD_ALWAYS : LEPTON__WINOGRAD_NEVER);
			void *scratch = dirty(t->conv_pool_scratch(&both));
			t->conv_pool_backward(&both, N, PART, p[0].x.data, p[0].w.data, y[0].data, dy.data,
				winners, p[filtered].dw.data, p[filtered].dbias.data, p[filtered].dx.data,
				scratch);
			free(scratch);
		}
		lepton__winograd_use_set(LEPTON__WINOGRAD_NEVER);
		assert_memory_not_equal(y[1].data, y[0].data, (size_t)values * sizeof(float));
		assert_true(apart(&y[1], &y[0]) < ALLOWED);
		assert_true(apart(&p[1].dw, &p[0].dw) < ALLOWED);
		assert_true(apart(&p[1].dbias, &p[0].dbias) < ALLOWED);
		assert_true(apart(&p[1].dx, &p[0].dx) < ALLOWED);
		for (int k = 0; k < 2; k++) {
			array_free(&y[k]);
			pass_free(&p[k]);
		}
		array_free(&dy);
		free(argmax);
		free(winners);
	}
}

static void test_pool(void **state)
{
	(void)state;
	each_table(pool_of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_channels),
		cmocka_unit_test(test_adjoint),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_choice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
