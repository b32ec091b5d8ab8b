/* tensor/bench_cases.c - the kernels of a training step of the three reference networks, batch 128.
 *
 * seed:  28x28x1, Conv2D 32 of 3x3 relu, Flatten, Dense 10.
 * mlp:   784-300-100-10.
 * lenet: Conv2D 20 of 5x5, pool, Conv2D 50 of 5x5, pool, Dense 500 relu, Dense 10.
 */
#include "config.h"
#include "tensor/bench_cases.h"

#include <string.h>

static int64_t lines(int64_t floats) /* each array starts on a cache line */
{
	return (floats + 15) / 16 * 16;
}

static float *take(float **memory, int64_t floats)
{
	float *at = *memory;
	*memory += lines(floats);
	return at;
}

/* Scratch space that is enough for the kernels of any instruction set. */
static int64_t scratch_floats(const struct lepton__kernel_case *c,
	size_t (*scratch)(const struct lepton__kernel_case *c, const struct lepton__kernels *k))
{
	size_t most = 0;
	for (const char *const *name = lepton__kernels_names(); *name; name++) {
		const struct lepton__kernels *k = lepton__kernels_find(*name);
		const size_t bytes = k ? scratch(c, k) : 0;
		most = bytes > most ? bytes : most;
	}
	return lines((int64_t)(most / sizeof(float)) + 16);
}

/* ---- convolution ---- */

static int64_t conv_x(const struct lepton__kernel_case *c)
{
	return (int64_t)c->n * c->conv.in_h * c->conv.in_w * c->conv.in_c;
}

static int64_t conv_w(const struct lepton__kernel_case *c)
{
	return (int64_t)c->conv.k_h * c->conv.k_w * c->conv.in_c * c->conv.out_c;
}

static int64_t conv_y(const struct lepton__kernel_case *c)
{
	return (int64_t)c->n * c->conv.out_h * c->conv.out_w * c->conv.out_c;
}

static size_t conv_scratch(const struct lepton__kernel_case *c, const struct lepton__kernels *k)
{
	return k->conv_scratch(&c->conv, c->n);
}

static int64_t conv_floats(const struct lepton__kernel_case *c)
{
	const int64_t bias = lines(c->conv.out_c);
	return 2 * (lines(conv_x(c)) + lines(conv_w(c)) + bias) + lines(conv_y(c)) +
	       scratch_floats(c, conv_scratch);
}

static double conv_forward_flops(const struct lepton__kernel_case *c)
{
	return 2. * (double)conv_y(c) * c->conv.k_h * c->conv.k_w * c->conv.in_c;
}

static double conv_backward_flops(const struct lepton__kernel_case *c)
{
	return conv_forward_flops(c) * (c->with_dx ? 2 : 1);
}

static void conv_forward(const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	const float *x = take(&memory, conv_x(c)), *w = take(&memory, conv_w(c)),
		    *bias = take(&memory, c->conv.out_c);
	float *y = take(&memory, conv_y(c));
	k->conv_forward(&c->conv, c->n, x, w, bias, c->act, y, memory);
}

static void conv_backward(const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	const float *x = take(&memory, conv_x(c)), *w = take(&memory, conv_w(c));
	const float *dz = take(&memory, conv_y(c));
	float *dx = take(&memory, conv_x(c)), *dw = take(&memory, conv_w(c)),
	      *dbias = take(&memory, c->conv.out_c);
	k->conv_backward(&c->conv, c->n, c->n, x, w, dz, dw, dbias, c->with_dx ? dx : NULL, memory);
}

/* ---- a convolution and the 2x2 pooling of its output ---- */

static struct lepton__pool halves_of(const struct lepton__kernel_case *c)
{
	const struct lepton__conv *g = &c->conv;
	return (struct lepton__pool){g->out_h, g->out_w, g->out_c, 2, 2, 2, 2, 0, 0, g->out_h / 2, g->out_w / 2};
}

static size_t conv_pool_scratch(const struct lepton__kernel_case *c, const struct lepton__kernels *k)
{
	const struct lepton__pool p = halves_of(c);
	return k->conv_pool_scratch(&(struct lepton__conv_pool){&c->conv, &p, c->act});
}

static int64_t conv_pool_floats(const struct lepton__kernel_case *c)
{
	return 2 * (lines(conv_x(c)) + lines(conv_w(c)) + lines(c->conv.out_c)) + 3 * lines(conv_y(c) / 4) +
	       scratch_floats(c, conv_pool_scratch);
}

/* Both ways, for the way back needs the winners; the arithmetic is counted as of the dense layers. */
static void conv_pool(const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	const struct lepton__pool p = halves_of(c);
	const struct lepton__conv_pool both = {&c->conv, &p, c->act};
	const float *x = take(&memory, conv_x(c)), *w = take(&memory, conv_w(c)), *bias = take(&memory, c->conv.out_c);
	float *dx = take(&memory, conv_x(c)), *dw = take(&memory, conv_w(c)), *dbias = take(&memory, c->conv.out_c);
	float *y = take(&memory, conv_y(c) / 4);
	const float *dy = take(&memory, conv_y(c) / 4);
	int32_t *argmax = (int32_t *)(void *)take(&memory, conv_y(c) / 4);
	k->conv_pool_forward(&both, c->n, x, w, bias, y, argmax, memory);
	k->conv_pool_backward(
		&both, c->n, c->n, x, w, y, dy, argmax, dw, dbias, c->with_dx ? dx : NULL, memory);
}

static double conv_pool_flops(const struct lepton__kernel_case *c)
{
	return conv_forward_flops(c) + conv_backward_flops(c);
}

/* ---- dense ---- */

static int64_t dense_floats(const struct lepton__kernel_case *c)
{
	return 2 * (lines((int64_t)c->n * c->in) + lines((int64_t)c->in * c->units) + lines(c->units)) +
	       lines((int64_t)c->n * c->units);
}

static double dense_flops(const struct lepton__kernel_case *c)
{
	return 2. * c->n * c->in * c->units;
}

static double dense_backward_flops(const struct lepton__kernel_case *c)
{
	return dense_flops(c) * (c->with_dx ? 2 : 1);
}

static void dense_forward(const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	const float *x = take(&memory, (int64_t)c->n * c->in), *w = take(&memory, (int64_t)c->in * c->units);
	const float *bias = take(&memory, c->units);
	k->dense_forward(c->n, c->in, c->units, x, w, bias, c->act, memory);
}

static void dense_backward(
	const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	const float *x = take(&memory, (int64_t)c->n * c->in), *w = take(&memory, (int64_t)c->in * c->units);
	const float *dz = take(&memory, (int64_t)c->n * c->units);
	float *dx = take(&memory, (int64_t)c->n * c->in), *dw = take(&memory, (int64_t)c->in * c->units);
	k->dense_backward(c->n, c->n, c->in, c->units, x, w, dz, dw, memory, c->with_dx ? dx : NULL);
}

static void gemm(const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	const float *a = take(&memory, (int64_t)c->n * c->in), *b = take(&memory, (int64_t)c->in * c->units);
	k->gemm(false, false, c->n, c->units, c->in, 1, a, c->in, b, c->units, 0, memory, c->units);
}

/* ---- convolution and dense layer in one ---- */

static int64_t tail_weights(const struct lepton__kernel_case *c)
{
	return conv_y(c) / c->n * c->units;
}

static size_t tail_scratch(const struct lepton__kernel_case *c, const struct lepton__kernels *k)
{
	return k->tail_scratch(&c->conv, c->n, c->units);
}

static int64_t tail_floats(const struct lepton__kernel_case *c)
{
	return lines(conv_x(c)) +
	       2 * (lines(conv_w(c)) + lines(c->conv.out_c) + lines(tail_weights(c))) +
	       lines((int64_t)c->n * c->units) + scratch_floats(c, tail_scratch);
}

static struct lepton__tail tail_of(const struct lepton__kernel_case *c, float **memory)
{
	struct lepton__tail t = {.conv = &c->conv, .act = c->act, .n = c->n, .units = c->units};
	t.x = take(memory, conv_x(c));
	t.conv_w = take(memory, conv_w(c));
	t.conv_bias = take(memory, c->conv.out_c);
	t.dense_w = take(memory, tail_weights(c));
	return t;
}

static double tail_forward_flops(const struct lepton__kernel_case *c)
{
	return conv_forward_flops(c) + 2. * (double)conv_y(c) * c->units;
}

static double tail_backward_flops(
	const struct lepton__kernel_case *c) /* the convolution done again not counted */
{
	return conv_forward_flops(c) + 4. * (double)conv_y(c) * c->units;
}

static void tail_forward(const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	const struct lepton__tail t = tail_of(c, &memory);
	float *y = take(&memory, (int64_t)c->n * c->units);
	k->tail_forward(&t, 0, c->conv.out_h, y, memory);
}

static void tail_backward(const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	const struct lepton__tail t = tail_of(c, &memory);
	const float *dz = take(&memory, (int64_t)c->n * c->units);
	struct lepton__tail_gradient d;
	d.conv_w = take(&memory, conv_w(c));
	d.conv_bias = take(&memory, c->conv.out_c);
	d.dense_w = take(&memory, tail_weights(c));
	k->tail_backward(&t, 0, c->conv.out_h, dz, &d, memory);
}

/* ---- single passes: n rows of `in` values ---- */

static int64_t pass_floats(const struct lepton__kernel_case *c)
{
	return 4 * lines((int64_t)c->n * c->in) + lines(c->n);
}

static double adam_flops(const struct lepton__kernel_case *c)
{
	return 12. * c->n * c->in;
}

static void adam(const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	const int64_t n = (int64_t)c->n * c->in;
	const struct lepton__adam o = {1e-9f, 0.9f, 0.999f, 1e-7f, 10};
	float *g = take(&memory, n), *m = take(&memory, n), *v = take(&memory, n);
	k->adam(n, &o, g, m, v, memory);
}

static double softmax_flops(const struct lepton__kernel_case *c)
{
	return 10. * c->n * c->in; /* an exponential counted as six */
}

static void softmax(const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	int32_t labels[LEPTON__BENCH_BATCH];
	const int64_t n = (int64_t)c->n * c->in;
	double loss;
	int64_t right;
	for (int i = 0; i < c->n; i++)
		labels[i] = i % c->in;
	const float *z = take(&memory, n);
	k->softmax_cross_entropy(c->n, c->in, z, labels, 1, memory, &loss, &right);
}

static double pool_flops(const struct lepton__kernel_case *c)
{
	return (double)conv_y(c) * c->conv.k_h * c->conv.k_w;
}

static void pool(const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	const struct lepton__conv *g = &c->conv;
	const struct lepton__pool p = {g->in_h, g->in_w, g->in_c, g->k_h, g->k_w, g->stride_h, g->stride_w, 0,
		0, g->out_h, g->out_w};
	float *x = take(&memory, conv_x(c)), *y = take(&memory, conv_y(c));
	int32_t *argmax = (int32_t *)(void *)take(&memory, conv_y(c));
	k->max_pool_forward(&p, c->n, x, y, argmax);
	k->max_pool_backward(&p, c->n, y, argmax, memory);
}

static int64_t pool_floats(const struct lepton__kernel_case *c)
{
	return 2 * (lines(conv_x(c)) + lines(conv_y(c)));
}

/* ---- the list ---- */

#define BATCH LEPTON__BENCH_BATCH
#define CONV_1                                                                                               \
	{                                                                                                    \
		28, 28, 1, 3, 3, 1, 1, 0, 0, 26, 26, 32                                                      \
	}
#define CONV_A                                                                                               \
	{                                                                                                    \
		28, 28, 1, 5, 5, 1, 1, 0, 0, 24, 24, 20                                                      \
	}
#define CONV_B                                                                                               \
	{                                                                                                    \
		12, 12, 20, 5, 5, 1, 1, 0, 0, 8, 8, 50                                                       \
	}
#define POOL_A                                                                                               \
	{                                                                                                    \
		24, 24, 20, 2, 2, 2, 2, 0, 0, 12, 12, 20                                                     \
	}

#define CONV(net, size, shape, dx)                                                                           \
	{.network = net,                                                                                     \
		.name = "conv_forward " size,                                                                \
		.run = conv_forward,                                                                         \
		.floats = conv_floats,                                                                       \
		.flops = conv_forward_flops,                                                                 \
		.conv = shape,                                                                               \
		.n = BATCH,                                                                                  \
		.act = LEPTON__RELU},                                                                        \
	{                                                                                                    \
		.network = net, .name = "conv_backward " size, .run = conv_backward, .floats = conv_floats,  \
		.flops = conv_backward_flops, .conv = shape, .n = BATCH, .with_dx = dx                       \
	}
#define CONV_POOL(net, size, shape, dx)                                                                      \
	{                                                                                                    \
		.network = net, .name = "conv_pool both ways " size, .run = conv_pool,                       \
		.floats = conv_pool_floats, .flops = conv_pool_flops, .conv = shape, .n = BATCH, .with_dx = dx \
	}
#define DENSE(net, size, from, to, dx)                                                                       \
	{.network = net,                                                                                     \
		.name = "dense_forward " size,                                                               \
		.run = dense_forward,                                                                        \
		.floats = dense_floats,                                                                      \
		.flops = dense_flops,                                                                        \
		.n = BATCH,                                                                                  \
		.in = from,                                                                                  \
		.units = to,                                                                                 \
		.act = LEPTON__RELU},                                                                        \
	{                                                                                                    \
		.network = net, .name = "dense_backward " size, .run = dense_backward,                       \
		.floats = dense_floats, .flops = dense_backward_flops, .n = BATCH, .in = from, .units = to,  \
		.with_dx = dx                                                                                \
	}
#define TAIL(net, size, shape, to, zeros)                                                                    \
	{.network = net,                                                                                     \
		.name = "tail_forward " size,                                                                \
		.run = tail_forward,                                                                         \
		.floats = tail_floats,                                                                       \
		.flops = tail_forward_flops,                                                                 \
		.conv = shape,                                                                               \
		.n = BATCH,                                                                                  \
		.border = zeros,                                                                             \
		.units = to,                                                                                 \
		.act = LEPTON__RELU},                                                                        \
	{                                                                                                    \
		.network = net, .name = "tail_backward " size, .run = tail_backward, .floats = tail_floats,  \
		.flops = tail_backward_flops, .conv = shape, .n = BATCH, .units = to, .border = zeros,       \
		.act = LEPTON__RELU                                                                          \
	}
#define PASS(net, title, function, rows, columns)                                                            \
	{                                                                                                    \
		.network = net, .name = title, .run = function, .floats = pass_floats,                       \
		.flops = function##_flops, .n = rows, .in = columns                                          \
	}

static const struct lepton__kernel_case cases[] = {
	CONV("seed", "28x28x1 to 26x26x32", CONV_1, false),
	DENSE("seed", "21632 to 10", 21632, 10, true),
	TAIL("seed", "28x28x1 to 26x26x32 to 10", CONV_1, 10, 0),
	TAIL("seed", "28x28x1, zeros around 16x16, to 26x26x32 to 10", CONV_1, 10, 6),
	PASS("seed", "adam 216650", adam, 1, 216650),
	DENSE("mlp", "784 to 300", 784, 300, false),
	DENSE("mlp", "300 to 100", 300, 100, true),
	DENSE("mlp", "100 to 10", 100, 10, true),
	PASS("mlp", "adam 266610", adam, 1, 266610),
	CONV("lenet", "28x28x1 to 24x24x20", CONV_A, false),
	{.network = "lenet",
		.name = "max_pool both ways 24x24x20",
		.run = pool,
		.floats = pool_floats,
		.flops = pool_flops,
		.conv = POOL_A,
		.n = BATCH},
	CONV_POOL("lenet", "28x28x1 to 24x24x20 to 12x12x20", CONV_A, false),
	CONV("lenet", "12x12x20 to 8x8x50", CONV_B, true),
	CONV_POOL("lenet", "12x12x20 to 8x8x50 to 4x4x50", CONV_B, true),
	DENSE("lenet", "800 to 500", 800, 500, true),
	PASS("lenet", "adam 431080", adam, 1, 431080),
	PASS("any", "softmax_cross_entropy 128x10", softmax, BATCH, 10),
	{.network = "any",
		.name = "gemm 1024x1024x1024",
		.run = gemm,
		.floats = dense_floats,
		.flops = dense_flops,
		.n = 1024,
		.in = 1024,
		.units = 1024},
};

const struct lepton__kernel_case *lepton__kernel_cases(size_t *count)
{
	*count = sizeof(cases) / sizeof(cases[0]);
	return cases;
}

size_t lepton__kernel_case_bytes(const struct lepton__kernel_case *c)
{
	return (size_t)c->floats(c) * sizeof(float);
}

/* The images are the first array. */
static void clear_border(const struct lepton__kernel_case *c, float *x)
{
	const struct lepton__conv *g = &c->conv;
	for (int row = 0; row < c->n * g->in_h; row++) {
		const int y = row % g->in_h;
		const bool empty = y < c->border || y >= g->in_h - c->border;
		for (int column = 0; column < g->in_w; column++)
			for (int i = 0; i < g->in_c; i++, x++)
				if (empty || column < c->border || column >= g->in_w - c->border)
					*x = 0;
	}
}

void lepton__kernel_case_fill(const struct lepton__kernel_case *c, float *memory)
{
	struct lepton__rng rng;
	lepton__rng_init(&rng, 1, 1);
	for (int64_t i = 0, n = c->floats(c); i < n; i++)
		memory[i] =
			lepton__rng_uniform(&rng); /* not negative: Adam takes a root of its second moment */
	if (c->border)
		clear_border(c, memory);
}
