/* tensor/few.c - the inner loops for dense layers with few units (see few.h).
 *
 * Forward holds a sum for 2 samples × 10 units: 12 loads for 20 FMAs a vector of features. Backward
 * walks the samples of a group for one vector of features: the weights' gradient of 10 units stays
 * in registers, a broadcast of dz serves both it and the input's gradient, so 10 broadcasts and one
 * load of x feed 20 FMAs. A vector of x is read once for both directions of the gradient, and dx is
 * masked by the relu before it in the same pass. More units than 10 are done in even groups. From cache an
 * AVX-512 core reaches 0.65 of its FMA peak forward; backward over a batch of 21,632 features, memory
 * sets the pace (0.25 to 0.4): x is read and dx written once for 80 flops each. tail.c avoids both.
 */
#include "config.h"
#include "tensor/few.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#define UNITS_MAX 10

INLINE void forward_samples(const int samples, const int units, const struct lepton__few *f, int s, int u)
{
	const float *x = f->x + s * f->x_row, *w = f->w + u * LANES;
	const ptrdiff_t x_row = f->x_row, w_step = (ptrdiff_t)f->units * LANES;
	float *sums[2];
	vec sum[2][UNITS_MAX];
	UNROLL
	for (int i = 0; i < samples; i++) {
		const ptrdiff_t at = f->at ? f->at[s + i] : s + i;
		sums[i] = f->sums + (at * f->units + u) * LANES;
		UNROLL
		for (int j = 0; j < units; j++)
			sum[i][j] = vec_load(sums[i] + j * LANES);
	}
	int k = 0;
	for (; k + LANES <= f->features; k += LANES, w += w_step) {
		vec value[2];
		UNROLL
		for (int i = 0; i < samples; i++)
			value[i] = vec_load(x + i * x_row + k);
		UNROLL
		for (int j = 0; j < units; j++) {
			const vec weight = vec_load(w + j * LANES);
			UNROLL
			for (int i = 0; i < samples; i++)
				sum[i][j] = vec_fma(value[i], weight, sum[i][j]);
		}
	}
	if (k < f->features) {
		const vec_mask rest = vec_first(f->features - k);
		UNROLL
		for (int i = 0; i < samples; i++) {
			const vec value = vec_load_part(x + i * x_row + k, rest);
			UNROLL
			for (int j = 0; j < units; j++)
				sum[i][j] = vec_fma(value, vec_load(w + j * LANES), sum[i][j]);
		}
	}
	UNROLL
	for (int i = 0; i < samples; i++) {
		UNROLL
		for (int j = 0; j < units; j++)
			vec_store(sums[i] + j * LANES, sum[i][j]);
	}
}

INLINE void forward(const int units, const struct lepton__few *f, int u)
{
	int s = 0;
	for (; s + 2 <= f->n; s += 2)
		forward_samples(2, units, f, s, u);
	if (s < f->n)
		forward_samples(1, units, f, s, u);
}

/* One vector of features (the lanes of `mask`) through all samples. */
INLINE void backward_vector(
	const int units, const bool full, const struct lepton__few *f, int u, int k, vec_mask mask)
{
	/* In variables, for the compiler must think that a store of floats could change *f. */
	const ptrdiff_t x_row = f->x_row, units_all = f->units, turned = k * units_all + (ptrdiff_t)u * LANES;
	const float *w = f->w + turned, *dz = f->dz + u, *x = f->x + k;
	float *dw = f->dw + turned, *dx = f->dx ? f->dx + k : NULL;
	const bool relu = f->relu, later = u > 0;
	vec sum[UNITS_MAX], weight[UNITS_MAX];
	UNROLL
	for (int j = 0; j < units; j++) {
		sum[j] = vec_load(dw + j * LANES);
		weight[j] = dx ? vec_load(w + j * LANES) : vec_zero();
	}
	for (int s = f->n; s > 0; s--, dz += units_all, x += x_row) {
		const vec value = full ? vec_load(x) : vec_load_part(x, mask);
		vec even = vec_zero(),
		    odd = vec_zero(); /* two chains, for one of ten would wait for itself */
		UNROLL
		for (int j = 0; j < units; j++) {
			const vec d = vec_set(dz[j]);
			sum[j] = vec_fma(d, value, sum[j]);
			if (j % 2)
				odd = vec_fma(d, weight[j], odd);
			else
				even = vec_fma(d, weight[j], even);
		}
		if (!dx)
			continue;
		vec d = even + odd;
		if (later)
			d = d + (full ? vec_load(dx) : vec_load_part(dx, mask));
		if (relu)
			d = vec_where_positive(value, d);
		if (full)
			vec_store(dx, d);
		else
			vec_store_part(dx, mask, d);
		dx += x_row;
	}
	UNROLL
	for (int j = 0; j < units; j++)
		vec_store(dw + j * LANES, sum[j]);
}

INLINE void backward(const int units, const struct lepton__few *f, int u)
{
	const vec_mask all = vec_first(LANES);
	int k = 0;
	for (; k + LANES <= f->features; k += LANES)
		backward_vector(units, true, f, u, k, all);
	if (k < f->features)
		backward_vector(units, false, f, u, k, vec_first(f->features - k));
}

void OP(few_turn)(int features, int units, const float *from, float *to)
{
	for (int k = 0; k < features; k += LANES) {
		float *block = to + (ptrdiff_t)k * units;
		if (k + LANES > features)
			memset(block, 0, (size_t)units * LANES * sizeof(float));
		OP(transpose)
		(features - k < LANES ? features - k : LANES, units, from + (ptrdiff_t)k * units, units,
			block, LANES);
	}
}

void OP(few_turn_back)(int features, int units, const float *from, float *to)
{
	for (int k = 0; k < features; k += LANES)
		OP(transpose)
	(units, features - k < LANES ? features - k : LANES, from + (ptrdiff_t)k * units, LANES,
		to + (ptrdiff_t)k * units, units);
}

#define FEW(units)                                                                                           \
	static void forward_##units(const struct lepton__few *f, int u)                                      \
	{                                                                                                    \
		forward(units, f, u);                                                                        \
	}                                                                                                    \
	static void backward_##units(const struct lepton__few *f, int u)                                     \
	{                                                                                                    \
		backward(units, f, u);                                                                       \
	}
/* clang-format off */
FEW(1) FEW(2) FEW(3) FEW(4) FEW(5) FEW(6) FEW(7) FEW(8) FEW(9) FEW(10)
	/* clang-format on */

	typedef void few_function(const struct lepton__few *f, int u);

static few_function *const forwards[UNITS_MAX] = {forward_1, forward_2, forward_3, forward_4, forward_5,
	forward_6, forward_7, forward_8, forward_9, forward_10};
static few_function *const backwards[UNITS_MAX] = {backward_1, backward_2, backward_3, backward_4, backward_5,
	backward_6, backward_7, backward_8, backward_9, backward_10};

static void in_groups(few_function *const by_units[UNITS_MAX], const struct lepton__few *f)
{
	const int groups = (f->units + UNITS_MAX - 1) / UNITS_MAX;
	for (int i = 0, u = 0; i < groups; i++) {
		const int units = (f->units - u + groups - i - 1) / (groups - i);
		by_units[units - 1](f, u);
		u += units;
	}
}

void OP(few_forward)(const struct lepton__few *f)
{
	in_groups(forwards, f);
}

void OP(few_backward)(const struct lepton__few *f)
{
	in_groups(backwards, f);
}

/* y[n × units] = the lanes of the sums, added up, and the bias, unless NULL */
void OP(few_sums)(int n, int units, const float *sums, const float *bias, float *y)
{
	for (int s = 0; s < n; s++)
		for (int u = 0; u < units; u++, sums += LANES)
			*y++ = vec_sum(vec_load(sums)) + (bias ? bias[u] : 0);
}
