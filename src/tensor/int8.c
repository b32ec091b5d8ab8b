/* tensor/int8.c - products of 8-bit whole numbers, their rounding, and their pooling (see int8.h).
 *
 * As in product.c a tile of rows × channels lives in registers while the inputs stream by. One instruction
 * takes four inputs of each lane: vpdpbusd, where the CPU has it, multiplies and adds 64 numbers with
 * AVX-512, four times what a multiply-add of floats does. Elsewhere three instructions do (pairs to 16 bits,
 * pairs of those to 32, add). Weights are a quarter of the floats' bytes, which matters more: 784 × 300 fit
 * the second-level cache.
 *
 * The sums are exact, so all sets have the same; scaling them rounds, as floats do.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#define PER_BLOCK (LEPTON__INT8_BLOCK / LANES) /* vectors of a block */
#define LINE (LEPTON__INT8_BLOCK * LEPTON__INT8_GROUP)

#if LEPTON_LANES == 16
#define ROWS 6 /* × 4 vectors, 4 of weights, 1 of x, of 32 registers */
#define VECS 4
#elif LEPTON_LANES == 8
#define ROWS 4 /* × 2 vectors, 2 of weights, 1 of x, 2 for what is between, of 16 */
#define VECS 2
#else
#define ROWS 1
#define VECS 4
#endif

typedef uint8_t vec_u8 __attribute__((vector_size(LANES)));

/* ---- four inputs of each lane ---- */

#if LEPTON_LANES == 16

INLINE vec_int four_of(const uint8_t *x)
{
	int32_t four;
	memcpy(&four, x, sizeof four);
	return (vec_int)_mm512_set1_epi32(four);
}

INLINE vec_int load_weights(const int8_t *w)
{
	return (vec_int)_mm512_loadu_si512(w);
}

INLINE vec_int dot(const bool vnni, vec_int sum, vec_int x, vec_int w)
{
	if (vnni) { /* not the intrinsic: this file is for CPUs without it too */
		__asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w));
		return sum;
	}
	const __m512i pairs = _mm512_maddubs_epi16((__m512i)x, (__m512i)w);
	return sum + (vec_int)_mm512_madd_epi16(pairs, _mm512_set1_epi16(1));
}

static bool has_vnni(void)
{
	return __builtin_cpu_supports("avx512vnni");
}

INLINE void store_bytes(uint8_t *to, vec_u8 bytes, int count)
{
	_mm_mask_storeu_epi8(to, vec_first(count), (__m128i)bytes);
}

#elif LEPTON_LANES == 8

INLINE vec_int four_of(const uint8_t *x)
{
	int32_t four;
	memcpy(&four, x, sizeof four);
	return (vec_int)_mm256_set1_epi32(four);
}

INLINE vec_int load_weights(const int8_t *w)
{
	return (vec_int)_mm256_loadu_si256((const __m256i *)(const void *)w);
}

INLINE vec_int dot(const bool vnni, vec_int sum, vec_int x, vec_int w)
{
	(void)vnni;
	const __m256i pairs = _mm256_maddubs_epi16((__m256i)x, (__m256i)w);
	return sum + (vec_int)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

static bool has_vnni(void)
{
	return false;
}

INLINE void store_bytes(uint8_t *to, vec_u8 bytes, int count)
{
	memcpy(to, &bytes, (size_t)count);
}

#else

typedef int8_t bytes_of_lanes __attribute__((vector_size(LANES * 4)));

INLINE vec_int four_of(const uint8_t *x)
{
	int32_t four;
	memcpy(&four, x, sizeof four);
	return (vec_int){four, four, four, four};
}

INLINE vec_int load_weights(const int8_t *w)
{
	vec_int x;
	memcpy(&x, w, sizeof x);
	return x;
}

INLINE vec_int dot(const bool vnni, vec_int sum, vec_int x, vec_int w)
{
	(void)vnni;
	const bytes_of_lanes a = (bytes_of_lanes)x, b = (bytes_of_lanes)w; /* no x is above 127 */
	for (int lane = 0; lane < LANES; lane++)
		for (int i = 0; i < LEPTON__INT8_GROUP; i++)
			sum[lane] += a[lane * LEPTON__INT8_GROUP + i] * b[lane * LEPTON__INT8_GROUP + i];
	return sum;
}

static bool has_vnni(void)
{
	return false;
}

INLINE void store_bytes(uint8_t *to, vec_u8 bytes, int count)
{
	memcpy(to, &bytes, (size_t)count);
}

#endif

/* ---- a tile ---- */

INLINE void store(const struct lepton__int8 *p, int row, int channel, vec_int sum)
{
	const int left = p->channels - channel, count = left < LANES ? left : LANES;
	vec value = vec_fma(__builtin_convertvector(sum, vec), vec_load(p->scale + channel),
		vec_load(p->shift + channel));
	if (p->y) {
		float *to = p->y + row * p->y_row + channel;
		if (count == LANES)
			vec_store(to, value);
		else
			vec_store_part(to, vec_first(count), value);
		return;
	}
	value = vec_min(vec_max(value, vec_set(p->low)), vec_set(LEPTON__INT8_MAX)) + vec_set(0.5F);
	const vec_int whole = __builtin_convertvector(value, vec_int);
	store_bytes(p->y8 + row * p->y_row + channel, __builtin_convertvector(whole, vec_u8), count);
}

INLINE void tile(
	const int rows, const int vecs, const bool vnni, const struct lepton__int8 *p, int row, int channel)
{
	const int groups = (p->length + LEPTON__INT8_GROUP - 1) / LEPTON__INT8_GROUP;
	const ptrdiff_t block = (ptrdiff_t)p->runs * groups * LINE, x_row = p->x_row;
	const int8_t *w = p->w + channel / LEPTON__INT8_BLOCK * block +
			  channel % LEPTON__INT8_BLOCK * LEPTON__INT8_GROUP;
	vec_int sum[2 * ROWS][VECS];
	UNROLL
	for (int i = 0; i < rows; i++)
		UNROLL
	for (int v = 0; v < vecs; v++)
		sum[i][v] = (vec_int){0};
	for (int run = 0; run < p->runs; run++) {
		const uint8_t *x = p->x + row * x_row + run * p->x_run;
		for (int g = 0; g < groups; g++, x += LEPTON__INT8_GROUP, w += LINE) {
			vec_int weights[VECS];
			UNROLL
			for (int v = 0; v < vecs; v++)
				weights[v] = load_weights(w + v / PER_BLOCK * block +
							  v % PER_BLOCK * LANES * LEPTON__INT8_GROUP);
			UNROLL
			for (int i = 0; i < rows; i++) {
				const vec_int four = four_of(x + i * x_row);
				UNROLL
				for (int v = 0; v < vecs; v++)
					sum[i][v] = dot(vnni, sum[i][v], four, weights[v]);
			}
		}
	}
	UNROLL
	for (int v = 0; v < vecs; v++)
		if (channel + v * LANES < p->channels)
			UNROLL
	for (int i = 0; i < rows; i++)
		store(p, row + i, channel + v * LANES, sum[i][v]);
}

/* All rows of `vecs` vectors of channels. One vector alone needs more rows, or its few sums would wait for
 * themselves. */
INLINE void band(const int vecs, const bool vnni, const struct lepton__int8 *p, int channel)
{
	int row = 0;
	for (; vecs == 1 && row + 2 * ROWS <= p->rows; row += 2 * ROWS)
		tile(2 * ROWS, vecs, vnni, p, row, channel);
	for (; row + ROWS <= p->rows; row += ROWS)
		tile(ROWS, vecs, vnni, p, row, channel);
	for (; ROWS > 2 && row + 2 <= p->rows; row += 2)
		tile(2, vecs, vnni, p, row, channel);
	for (; row < p->rows; row++)
		tile(1, vecs, vnni, p, row, channel);
}

#define BANDS(vecs)                                                                                          \
	static void band_##vecs(const struct lepton__int8 *p, int channel)                                   \
	{                                                                                                    \
		band(vecs, false, p, channel);                                                               \
	}                                                                                                    \
	static void vnni_band_##vecs(const struct lepton__int8 *p, int channel)                              \
	{                                                                                                    \
		band(vecs, LANES == 16, p, channel);                                                         \
	}
/* clang-format off */
BANDS(1) BANDS(2)
#if VECS == 4
BANDS(3) BANDS(4)
#endif

static void (*const bands[2][VECS])(const struct lepton__int8 *p, int channel) = {
#if VECS == 4
	{band_1, band_2, band_3, band_4}, {vnni_band_1, vnni_band_2, vnni_band_3, vnni_band_4},
#else
	{band_1, band_2}, {vnni_band_1, vnni_band_2},
#endif
};
/* clang-format on */

static void forward(const struct lepton__int8 *p, bool vnni)
{
	for (int channel = 0; channel < p->channels;) {
		const int left = (p->channels - channel + LANES - 1) / LANES,
			  vecs = left < VECS ? left : VECS;
		bands[vnni][vecs - 1](p, channel);
		channel += vecs * LANES;
	}
}

void OP(int8_forward)(const struct lepton__int8 *p)
{
	forward(p, has_vnni());
}

void OP(int8_forward_pairs)(const struct lepton__int8 *p)
{
	forward(p, false);
}

/* ---- floats to whole numbers, and the largest of a window ---- */

void OP(quantize_u8)(int64_t n, const float *x, float scale, float zero, uint8_t *y)
{
	const vec most = vec_set(LEPTON__INT8_MAX), half = vec_set(0.5F);
	for (int64_t i = 0; i < n; i += LANES) {
		const int count = n - i < LANES ? (int)(n - i) : LANES;
		const vec in = count == LANES ? vec_load(x + i) : vec_load_part(x + i, vec_first(count));
		const vec value = vec_fma(in, vec_set(scale), vec_set(zero)); /* NaN becomes 0 */
		const vec_int whole =
			__builtin_convertvector(vec_min(vec_max(value, vec_zero()), most) + half, vec_int);
		store_bytes(y + i, __builtin_convertvector(whole, vec_u8), count);
	}
}

static void largest(int n, const uint8_t *restrict x, uint8_t *restrict y)
{
	for (int i = 0; i < n; i++)
		y[i] = x[i] > y[i] ? x[i] : y[i];
}

/* One window, whose first value is at (top, left) of the image, or before it. */
static void pool_window(const struct lepton__pool *g, const uint8_t *image, int top, int left, uint8_t *y)
{
	memset(y, 0, (size_t)g->channels);
	for (int row = top < 0 ? 0 : top; row < top + g->k_h && row < g->in_h; row++)
		for (int column = left < 0 ? 0 : left; column < left + g->k_w && column < g->in_w; column++)
			largest(g->channels, image + ((ptrdiff_t)row * g->in_w + column) * g->channels, y);
}

void OP(max_pool_u8)(const struct lepton__pool *g, int n, const uint8_t *x, uint8_t *y)
{
	const ptrdiff_t in = (ptrdiff_t)g->in_h * g->in_w * g->channels;
	for (int s = 0; s < n; s++, x += in)
		for (int oy = 0; oy < g->out_h; oy++)
			for (int ox = 0; ox < g->out_w; ox++, y += g->channels)
				pool_window(g, x, oy * g->stride_h - g->pad_top,
					ox * g->stride_w - g->pad_left, y);
}
