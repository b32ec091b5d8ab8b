/* tensor/dense.c - the fully connected layer: three matrix products.
 *
 * Layers with many units are gemm's work, which passes over the zeros of x (live.c). A layer with few (the
 * ten classes at a network's end) would leave lanes empty there, so it is done by few.c on blocks of
 * features: a block of the weights is turned to [units × features] and stays in the first-level cache while
 * all samples use it.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#define BLOCK 512        /* features: 16 units of them are 32 KB */
#define SAMPLES 128      /* whose sums are kept at a time */
#define GROUP 8          /* samples that share a load of the weights' gradient */

/* With shorter vectors gemm wastes fewer lanes on ten units, and was measured faster on the way back. */
#define FEW_BACKWARD (LANES == 16)

static bool few(int in, int units)
{
	return units <= LEPTON__FEW_UNITS && in >= 2 * LANES && units > 0;
}

static void few_forward(int n, int in, int units, const float *x, const float *w, const float *bias, float *y)
{
	float turned[LEPTON__FEW_UNITS * BLOCK] __attribute__((aligned(64)));
	float sums[SAMPLES * LEPTON__FEW_UNITS * LANES] __attribute__((aligned(64)));
	memset(sums, 0, (size_t)n * units * LANES * sizeof(*sums));
	for (int k = 0; k < in; k += BLOCK) {
		const int features = at_most(in - k, BLOCK);
		OP(few_turn)(features, units, w + (ptrdiff_t)k * units, turned);
		OP(few_forward)
		(&(struct lepton__few){.n = n,
			.units = units,
			.features = features,
			.x = x + k,
			.x_row = in,
			.w = turned,
			.sums = sums});
	}
	OP(few_sums)(n, units, sums, bias, y);
}

/* The samples from `from` to `to`, a block of features: their gradient by the weights is added to f->dw. */
static void few_samples(struct lepton__few *f, int from, int to, const float *x, const float *dz, float *dx)
{
	for (int s = from; s < to; s += GROUP) {
		f->n = at_most(to - s, GROUP);
		f->x = x + s * f->x_row;
		f->dz = dz + (ptrdiff_t)s * f->units;
		f->dx = dx ? dx + s * f->x_row : NULL;
		OP(few_backward)(f);
	}
}

static void few_backward(int n, int part, int in, int units, const float *x, const float *w, const float *dz,
	float *dw, float *dx)
{
	float turned[LEPTON__FEW_UNITS * BLOCK] __attribute__((aligned(64)));
	float total[LEPTON__FEW_UNITS * BLOCK] __attribute__((aligned(64)));
	float later[LEPTON__FEW_UNITS * BLOCK] __attribute__((aligned(64)));
	const ptrdiff_t size = (ptrdiff_t)units * BLOCK;
	for (int k = 0; k < in; k += BLOCK) {
		struct lepton__few f = {
			.units = units, .features = at_most(in - k, BLOCK), .x_row = in, .w = turned};
		if (dx)
			OP(few_turn)(f.features, units, w + (ptrdiff_t)k * units, turned);
		memset(total, 0, (size_t)size * sizeof(*total));
		for (int s = 0; s < n; s += at_most(n - s, part)) {
			f.dw = s ? later : total;
			if (s)
				memset(later, 0, (size_t)size * sizeof(*later));
			few_samples(&f, s, s + at_most(n - s, part), x + k, dz, dx ? dx + k : NULL);
			if (s)
				OP(add)(size, later, total);
		}
		OP(few_turn_back)(f.features, units, total, dw + (ptrdiff_t)k * units);
	}
}

void OP(dense_forward)(int n, int in, int units, const float *x, const float *w, const float *bias,
	enum lepton__activation act, float *y)
{
	const int step = few(in, units) ? SAMPLES : n;
	for (int s = 0; s < n; s += step) {
		const int samples = at_most(n - s, step);
		const float *from = x + (ptrdiff_t)s * in;
		float *to = y + (ptrdiff_t)s * units;
		if (few(in, units)) {
			few_forward(samples, in, units, from, w, bias, to);
			if (act != LEPTON__LINEAR && act != LEPTON__SOFTMAX)
				OP(activate)(act, (int64_t)samples * units, to, to);
		} else {
			OP(gemm_sparse)(samples, units, in, from, in, w, units, to, units);
			OP(bias_activate)(act, samples, units, bias, to);
		}
	}
}

void OP(dense_backward)(int n, int part, int in, int units, const float *x, const float *w, const float *dz,
	float *dw, float *dbias, float *dx)
{
	OP(bias_gradient)(n, part, units, dz, dbias);
	if (FEW_BACKWARD && few(in, units)) {
		few_backward(n, part, in, units, x, w, dz, dw, dx);
		return;
	}
	OP(gemm_parts)(in, units, n, part, x, in, dz, units, dw, units);
	if (dx)
		OP(gemm)(false, true, n, in, units, 1, dz, units, w, units, 0, dx, in);
}
