/* tensor/taps.c - the weights' gradient where a filter looks at few values (see taps.h).
 *
 * Filter row by filter row a 3x3 filter of one channel would keep 3 × 2 sums, too few to hide the
 * latency of an FMA. All its nine taps at once keep 9 × 2 in registers while dz streams by once: two
 * loads of dz and nine broadcasts feed 18 FMAs, and the bias' gradient rides along in the adders
 * that the FMAs leave idle. Each tap reads x through a pointer of its own, so no patch is copied.
 * Nine taps that are three runs of neighbours, those of a 3x3 filter, need three such pointers, which fit into
 * registers beside the rest: nine do not.
 * An AVX-512 core reaches 0.85 of its FMA peak on the 3x3 filters of 28x28x1 to 26x26x32.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/taps.h"
#include "tensor/vec.h"

#include <stdbool.h>

#if LEPTON_LANES == 16
#define GROUP_MAX 13 /* × 2 vectors, and 2 of dz, 2 of bias, of 32 registers */
#else
#define GROUP_MAX 5 /* of 16 registers */
#endif
#define VECS_MAX 2

struct group {
	const struct lepton__taps *t;
	int tap, channel;
	vec_mask mask; /* of the last vector of channels */
};

INLINE void add_nth(float *p, int v, int vecs, vec_mask mask, vec x)
{
	vec_store_nth(p, v, vecs, mask, vec_load_nth(p, v, vecs, mask) + x);
}

INLINE void run(const int taps, const int vecs, const bool threes, const struct group *g)
{
	const struct lepton__taps *t = g->t;
	const vec_mask mask = g->mask;
	const float *x[GROUP_MAX];
	vec sum[GROUP_MAX][VECS_MAX], bias[VECS_MAX];
	UNROLL
	for (int v = 0; v < vecs; v++) {
		bias[v] = vec_zero();
		UNROLL
		for (int i = 0; i < taps; i++)
			sum[i][v] = vec_zero();
	}
	UNROLL
	for (int i = 0; i < taps; i++)
		x[i] = t->x + t->offset[g->tap + (threes ? i / 3 * 3 : i)];
	for (int row = 0; row < t->rows; row++) {
		const float *dz = t->dz + row * t->z_row + g->channel;
		ptrdiff_t at = (t->at ? t->at[row] : row) * t->x_row;
		for (int pixel = 0; pixel < t->pixels; pixel++, at += t->x_step, dz += t->channels) {
			vec d[VECS_MAX];
			UNROLL
			for (int v = 0; v < vecs; v++) {
				d[v] = vec_load_nth(dz, v, vecs, mask);
				bias[v] = bias[v] + d[v];
			}
			UNROLL
			for (int i = 0; i < taps; i++) {
				const vec value = vec_set(x[i][at + (threes ? i % 3 : 0)]);
				UNROLL
				for (int v = 0; v < vecs; v++)
					sum[i][v] = vec_fma(value, d[v], sum[i][v]);
			}
		}
	}
	UNROLL
	for (int v = 0; v < vecs; v++) {
		if (g->tap == 0)
			add_nth(t->dbias + g->channel, v, vecs, mask, bias[v]);
		UNROLL
		for (int i = 0; i < taps; i++)
			add_nth(t->dw + (ptrdiff_t)(g->tap + i) * t->channels + g->channel, v, vecs, mask,
				sum[i][v]);
	}
}

#define TAPS(taps)                                                                                           \
	static void taps_##taps##x1(const struct group *g)                                                   \
	{                                                                                                    \
		run(taps, 1, false, g);                                                                      \
	}                                                                                                    \
	static void taps_##taps##x2(const struct group *g)                                                   \
	{                                                                                                    \
		run(taps, 2, false, g);                                                                      \
	}
#define ENTRY(taps)                                                                                          \
	{                                                                                                    \
		taps_##taps##x1, taps_##taps##x2                                                             \
	}

/* clang-format off */
TAPS(1) TAPS(2) TAPS(3) TAPS(4) TAPS(5)
#if GROUP_MAX == 13
TAPS(6) TAPS(7) TAPS(8) TAPS(9) TAPS(10) TAPS(11) TAPS(12) TAPS(13)
#endif

static void (*const by_taps[GROUP_MAX][VECS_MAX])(const struct group *g) = {
	ENTRY(1), ENTRY(2), ENTRY(3), ENTRY(4), ENTRY(5),
#if GROUP_MAX == 13
	ENTRY(6), ENTRY(7), ENTRY(8), ENTRY(9), ENTRY(10), ENTRY(11), ENTRY(12), ENTRY(13),
#endif
};
/* clang-format on */

static void nine_x1(const struct group *g)
{
	run(9, 1, true, g);
}

static void nine_x2(const struct group *g)
{
	run(9, 2, true, g);
}

static void (*const nine[VECS_MAX])(const struct group *g) = {nine_x1, nine_x2};

/* Do the nine taps from `tap` on read three runs of three neighbouring values? */
static bool in_threes(const struct lepton__taps *t, int tap)
{
	for (int i = 0; i < 9; i++)
		if (t->offset[tap + i] != t->offset[tap + i / 3 * 3] + i % 3)
			return false;
	return true;
}

void OP(taps)(const struct lepton__taps *t)
{
	const int groups = (t->taps + GROUP_MAX - 1) / GROUP_MAX;
	for (int c = 0; c < t->channels; c += VECS_MAX * LANES) {
		const int left = t->channels - c < VECS_MAX * LANES ? t->channels - c : VECS_MAX * LANES;
		const int vecs = (left + LANES - 1) / LANES;
		struct group g = {.t = t, .channel = c, .mask = vec_first(left - (vecs - 1) * LANES)};
		for (int i = 0; i < groups; i++) {
			const int taps = (t->taps - g.tap + groups - i - 1) / (groups - i);
			if (taps == 9 && in_threes(t, g.tap))
				nine[vecs - 1](&g);
			else
				by_taps[taps - 1][vecs - 1](&g);
			g.tap += taps;
		}
	}
}
