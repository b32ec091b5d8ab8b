/* tensor/taps_forward.c - rows of a convolution whose filters look at few values (see taps.h).
 *
 * All weights of 32 filters of 3x3, nine taps × 2 vectors, stay in registers while the pixels stream by: nine
 * broadcasts feed 18 FMAs a pixel, and two pixels at a time hide their latency. As a product of pixels × 9 ×
 * filters (product.c) the same row spends as long on beginning and ending its tiles, nine steps deep, as on
 * them. Filters with more taps than registers go there all the same.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#if LEPTON_LANES == 16
#define TAPS_MAX 12 /* × 2 vectors, 2 of bias, 4 sums, of 32 registers */
#define VECS_MAX 2
#else
#define TAPS_MAX 9 /* of 16 registers */
#define VECS_MAX 1
#endif

struct rows {
	const struct lepton__taps *t;
	const float *w, *bias;
	float *y;
	bool relu;
	vec_mask mask; /* of the last vector of channels */
};

/* `pixels` neighbouring ones, whose first tap's value is at x. */
INLINE void some(const int pixels, const int taps, const int vecs, const struct rows *r, const float *x,
	float *y, vec w[TAPS_MAX][VECS_MAX], const vec *bias)
{
	const ptrdiff_t *offset = r->t->offset, step = r->t->x_step, channels = r->t->channels;
	vec sum[2][VECS_MAX];
	UNROLL
	for (int p = 0; p < pixels; p++) {
		UNROLL
		for (int v = 0; v < vecs; v++)
			sum[p][v] = bias[v];
	}
	UNROLL
	for (int i = 0; i < taps; i++) {
		UNROLL
		for (int p = 0; p < pixels; p++) {
			const vec value = vec_set(x[offset[i] + p * step]);
			UNROLL
			for (int v = 0; v < vecs; v++)
				sum[p][v] = vec_fma(value, w[i][v], sum[p][v]);
		}
	}
	UNROLL
	for (int p = 0; p < pixels; p++) {
		UNROLL
		for (int v = 0; v < vecs; v++)
			vec_store_nth(y + p * channels, v, vecs, r->mask,
				r->relu ? vec_relu(sum[p][v]) : sum[p][v]);
	}
}

INLINE void run(const int taps, const int vecs, const struct rows *r)
{
	const struct lepton__taps *t = r->t;
	vec w[TAPS_MAX][VECS_MAX], bias[VECS_MAX];
	UNROLL
	for (int v = 0; v < vecs; v++) {
		bias[v] = vec_load_nth(r->bias, v, vecs, r->mask);
		UNROLL
		for (int i = 0; i < taps; i++)
			w[i][v] = vec_load_nth(r->w + (ptrdiff_t)i * t->channels, v, vecs, r->mask);
	}
	for (int row = 0; row < t->rows; row++) {
		const float *x = t->x + (t->at ? t->at[row] : row) * t->x_row;
		float *y = r->y + row * t->z_row;
		int p = 0;
		for (; p + 2 <= t->pixels; p += 2, x += 2 * t->x_step, y += 2 * (ptrdiff_t)t->channels)
			some(2, taps, vecs, r, x, y, w, bias);
		if (p < t->pixels)
			some(1, taps, vecs, r, x, y, w, bias);
	}
}

#if VECS_MAX == 2
#define TAPS(taps)                                                                                           \
	static void forward_##taps##x1(const struct rows *r)                                                 \
	{                                                                                                    \
		run(taps, 1, r);                                                                             \
	}                                                                                                    \
	static void forward_##taps##x2(const struct rows *r)                                                 \
	{                                                                                                    \
		run(taps, 2, r);                                                                             \
	}
#define ENTRY(taps)                                                                                          \
	{                                                                                                    \
		forward_##taps##x1, forward_##taps##x2                                                             \
	}
#else
#define TAPS(taps)                                                                                           \
	static void forward_##taps##x1(const struct rows *r)                                                 \
	{                                                                                                    \
		run(taps, 1, r);                                                                             \
	}
#define ENTRY(taps)                                                                                          \
	{                                                                                                    \
		forward_##taps##x1                                                                              \
	}
#endif

/* clang-format off */
TAPS(1) TAPS(2) TAPS(3) TAPS(4) TAPS(5) TAPS(6) TAPS(7) TAPS(8) TAPS(9)
#if TAPS_MAX == 12
TAPS(10) TAPS(11) TAPS(12)
#endif

static void (*const by_taps[TAPS_MAX][VECS_MAX])(const struct rows *r) = {
	ENTRY(1), ENTRY(2), ENTRY(3), ENTRY(4), ENTRY(5), ENTRY(6), ENTRY(7), ENTRY(8), ENTRY(9),
#if TAPS_MAX == 12
	ENTRY(10), ENTRY(11), ENTRY(12),
#endif
};
/* clang-format on */

int OP(taps_forward_max)(void)
{
	return TAPS_MAX;
}

void OP(taps_forward)(const struct lepton__taps *t, const float *w, const float *bias, bool relu, float *y)
{
	for (int c = 0; c < t->channels; c += VECS_MAX * LANES) {
		const int left = t->channels - c < VECS_MAX * LANES ? t->channels - c : VECS_MAX * LANES;
		const int vecs = (left + LANES - 1) / LANES;
		const struct rows r = {t, w + c, bias + c, y + c, relu, vec_first(left - (vecs - 1) * LANES)};
		by_taps[t->taps - 1][vecs - 1](&r);
	}
}
