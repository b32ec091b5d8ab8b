/* tensor/vec.h - one vector of floats of the instruction set being compiled, and what the kernels do with it.
 *
 * LEPTON_LANES (room.am) is 16 for AVX-512, 8 for AVX2, 4 for portable C (the compiler's generic
 * vectors, which every CPU has in some form). Operators + - * / work on all of them. The *_part
 * forms touch only the first `count` lanes' memory, so a kernel may end anywhere.
 */
#ifndef LEPTON_TENSOR_VEC_H
#define LEPTON_TENSOR_VEC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LANES LEPTON_LANES
#define INLINE static inline __attribute__((always_inline, unused))

/* Loops over registers must vanish: an array indexed by a variable would live in memory. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

/* Lanes of integers, and the result of comparing lanes of floats: -1 for true. */
typedef int32_t vec_int __attribute__((vector_size(LANES * 4)));

#if LEPTON_LANES == 16

#include <immintrin.h>
typedef __m512 vec;
typedef __mmask16 vec_mask; /* of the first lanes */
/* The unmasked forms of some intrinsics make gcc 12 warn of its own header; these are the same instructions.
 */
#define ALL_LANES 0xffff

INLINE vec_mask vec_first(int count)
{
	return (vec_mask)((1u << count) - 1);
}
INLINE vec vec_set(float x)
{
	return _mm512_set1_ps(x);
}
INLINE vec vec_load(const float *p)
{
	return _mm512_loadu_ps(p);
}
INLINE void vec_store(float *p, vec x)
{
	_mm512_storeu_ps(p, x);
}
INLINE vec vec_load_part(const float *p, vec_mask mask)
{
	return _mm512_maskz_loadu_ps(mask, p);
}
INLINE void vec_store_part(float *p, vec_mask mask, vec x)
{
	_mm512_mask_storeu_ps(p, mask, x);
}
INLINE vec vec_fma(vec a, vec b, vec c)
{
	return _mm512_fmadd_ps(a, b, c);
}
INLINE vec vec_relu(vec x) /* of two operands, max gives the second when either is NaN */
{
	return _mm512_maskz_max_ps(ALL_LANES, _mm512_setzero_ps(), x);
}
INLINE vec vec_max(vec a, vec b)
{
	return _mm512_maskz_max_ps(ALL_LANES, a, b);
}
INLINE vec vec_min(vec a, vec b)
{
	return _mm512_maskz_min_ps(ALL_LANES, a, b);
}
INLINE vec vec_sqrt(vec x)
{
	return _mm512_maskz_sqrt_ps(ALL_LANES, x);
}
INLINE vec vec_where_positive(vec test, vec x) /* x where test > 0 or NaN, else 0 */
{
	return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(test, _mm512_setzero_ps(), _CMP_NLE_UQ), x);
}
INLINE vec vec_from_u8(const uint8_t *p)
{
	return _mm512_maskz_cvtepi32_ps(ALL_LANES,
		_mm512_maskz_cvtepu8_epi32(ALL_LANES, _mm_loadu_si128((const __m128i *)(const void *)p)));
}
INLINE float vec_sum(vec x)
{
	const __m512d pairs = _mm512_castps_pd(x);
	const __m256 high = _mm256_castpd_ps(_mm512_maskz_extractf64x4_pd(0xf, pairs, 1));
	const __m256 low = _mm256_castpd_ps(_mm512_maskz_extractf64x4_pd(0xf, pairs, 0));
	const __m256 eight = _mm256_add_ps(low, high);
	const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
	const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
	return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#elif LEPTON_LANES == 8

#include <immintrin.h>
typedef __m256 vec;
typedef __m256i vec_mask;

INLINE vec_mask vec_first(int count)
{
	const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
	return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), lane);
}
INLINE vec vec_set(float x)
{
	return _mm256_set1_ps(x);
}
INLINE vec vec_load(const float *p)
{
	return _mm256_loadu_ps(p);
}
INLINE void vec_store(float *p, vec x)
{
	_mm256_storeu_ps(p, x);
}
INLINE vec vec_load_part(const float *p, vec_mask mask)
{
	return _mm256_maskload_ps(p, mask);
}
INLINE void vec_store_part(float *p, vec_mask mask, vec x)
{
	_mm256_maskstore_ps(p, mask, x);
}
INLINE vec vec_fma(vec a, vec b, vec c)
{
	return _mm256_fmadd_ps(a, b, c);
}
INLINE vec vec_relu(vec x)
{
	return _mm256_max_ps(_mm256_setzero_ps(), x);
}
INLINE vec vec_max(vec a, vec b)
{
	return _mm256_max_ps(a, b);
}
INLINE vec vec_min(vec a, vec b)
{
	return _mm256_min_ps(a, b);
}
INLINE vec vec_sqrt(vec x)
{
	return _mm256_sqrt_ps(x);
}
INLINE vec vec_where_positive(vec test, vec x)
{
	return _mm256_and_ps(_mm256_cmp_ps(test, _mm256_setzero_ps(), _CMP_NLE_UQ), x);
}
INLINE vec vec_from_u8(const uint8_t *p)
{
	return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p)));
}
INLINE float vec_sum(vec x)
{
	const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
	const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
	return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#else

#include <math.h>
typedef float vec __attribute__((vector_size(16)));
typedef int vec_mask;                               /* how many lanes */
typedef float vec_loose __attribute__((may_alias)); /* the lanes may be an array of integers */

INLINE vec_mask vec_first(int count)
{
	return count;
}
INLINE vec vec_set(float x)
{
	return (vec){x, x, x, x};
}
INLINE vec vec_load(const float *p)
{
	vec x;
	memcpy(&x, p, sizeof(x));
	return x;
}
INLINE void vec_store(float *p, vec x)
{
	memcpy(p, &x, sizeof(x));
}
INLINE vec vec_load_part(const float *p, vec_mask mask)
{
	if (mask == LANES)
		return vec_load(p);
	const vec_loose *from = p;
	vec x = vec_set(0);
	for (int i = 0; i < mask; i++)
		x[i] = from[i];
	return x;
}
INLINE void vec_store_part(float *p, vec_mask mask, vec x)
{
	vec_loose *to = p;
	if (mask == LANES)
		vec_store(p, x);
	else
		for (int i = 0; i < mask; i++)
			to[i] = x[i];
}
INLINE vec vec_fma(vec a, vec b, vec c)
{
	return a * b + c;
}
INLINE vec vec_choose(vec_int test, vec yes, vec no) /* yes where test is -1, no where it is 0 */
{
	return (vec)((test & (vec_int)yes) | (~test & (vec_int)no));
}
INLINE vec vec_relu(vec x)
{
	return vec_choose(x < vec_set(0), vec_set(0), x);
}
INLINE vec vec_max(vec a, vec b)
{
	return vec_choose(a > b, a, b);
}
INLINE vec vec_min(vec a, vec b)
{
	return vec_choose(a < b, a, b);
}
INLINE vec vec_sqrt(vec x)
{
	return (vec){sqrtf(x[0]), sqrtf(x[1]), sqrtf(x[2]), sqrtf(x[3])};
}
INLINE vec vec_where_positive(vec test, vec x)
{
	return vec_choose(test <= vec_set(0), vec_set(0), x);
}
INLINE vec vec_from_u8(const uint8_t *p)
{
	return (vec){p[0], p[1], p[2], p[3]};
}
INLINE float vec_sum(vec x)
{
	return (x[0] + x[2]) + (x[1] + x[3]);
}

#endif

#if LEPTON_LANES != 4
INLINE int vec_bits(vec_int test) /* bit i is 1 where lane i is -1 */
{
#if LEPTON_LANES == 16
	return _mm512_movepi32_mask((__m512i)test);
#else
	return _mm256_movemask_ps((vec)test);
#endif
}
INLINE vec vec_choose(vec_int test, vec yes, vec no) /* yes where test is -1, no where it is 0 */
{
	return (vec)((test & (vec_int)yes) | (~test & (vec_int)no));
}
#endif

INLINE vec_int vec_int_set(int32_t x)
{
	return (vec_int){0} + x;
}
INLINE vec_int vec_int_lane(void) /* 0, 1, 2, … */
{
#if LEPTON_LANES == 16
	return (vec_int){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#elif LEPTON_LANES == 8
	return (vec_int){0, 1, 2, 3, 4, 5, 6, 7};
#else
	return (vec_int){0, 1, 2, 3};
#endif
}
INLINE void vec_int_store_part(int32_t *p, vec_mask mask, vec_int x)
{
	vec_store_part((float *)(void *)p, mask, (vec)x);
}
INLINE vec_int vec_int_load_part(const int32_t *p, vec_mask mask)
{
	return (vec_int)vec_load_part((const float *)(const void *)p, mask);
}
INLINE bool vec_any_value(vec_int bits) /* is a lane, as a float, anything but a zero of either sign? */
{
#if LEPTON_LANES == 16
	return _mm512_test_epi32_mask((__m512i)bits, (__m512i)vec_int_set(INT32_MAX)) != 0;
#elif LEPTON_LANES == 8
	return !_mm256_testz_si256((__m256i)bits, (__m256i)vec_int_set(INT32_MAX));
#else
	return ((bits[0] | bits[1] | bits[2] | bits[3]) & INT32_MAX) != 0;
#endif
}
/* The lanes where keep is -1, side by side from `to` on, which has room for all lanes; says how many. */
#if LEPTON_LANES == 16
INLINE int vec_pack(float *to, vec_int keep, vec x)
{
	const __mmask16 mask = _mm512_movepi32_mask((__m512i)keep);
	vec_store(to, _mm512_maskz_compress_ps(mask, x));
	return __builtin_popcount(mask);
}
#else
INLINE int vec_pack(float *to, vec_int keep, vec x)
{
	int count = 0;
	for (int i = 0; i < LANES; i++) {
		to[count] = x[i];
		count -= keep[i];
	}
	return count;
}
#endif
INLINE int vec_int_pack(int32_t *to, vec_int keep, vec_int x)
{
	return vec_pack((float *)(void *)to, keep, (vec)x);
}
INLINE vec vec_zero(void)
{
	return vec_set(0);
}
INLINE vec_int vec_not_zero(vec x) /* NaN is not zero */
{
	return ~((x <= vec_zero()) & (x >= vec_zero()));
}

/* Vector v of `vecs`, of which the last is only in part there: the lanes of `mask`. */
INLINE vec vec_load_nth(const float *p, int v, int vecs, vec_mask mask)
{
	return v == vecs - 1 ? vec_load_part(p + v * LANES, mask) : vec_load(p + v * LANES);
}
INLINE void vec_store_nth(float *p, int v, int vecs, vec_mask mask, vec x)
{
	if (v == vecs - 1)
		vec_store_part(p + v * LANES, mask, x);
	else
		vec_store(p + v * LANES, x);
}

INLINE int at_least(int a, int b)
{
	return a > b ? a : b;
}
INLINE int at_most(int a, int b)
{
	return a < b ? a : b;
}

#endif
