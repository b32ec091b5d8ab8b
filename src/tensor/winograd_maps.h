/* tensor/winograd_maps.h - minimal filtering's maps of eight values, on vectors of channels.
 *
 * With the points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity, and E the 8 x k matrix that takes the coefficients
 * of a polynomial to its values there (at infinity: the last coefficient), a correlation of 8 values d with k
 * weights g is
 *
 *     y = E' ((S E g) o (B' d))        8 - k + 1 outputs y, o by elements
 *
 * with S diagonal and B the Lagrange interpolation of the points. E of either size is evaluated by halves,
 * for points come as a and -a: the even coefficients at a², and the odd ones.
 */
#ifndef LEPTON_TENSOR_WINOGRAD_MAPS_H
#define LEPTON_TENSOR_WINOGRAD_MAPS_H

#include "tensor/vec.h"

/* v[0], v[1]: the polynomial of `count` coefficients c at `at` and at -at. */
INLINE void values_at(const int count, const float at, const vec *c, vec *v)
{
	const int last_even = (count - 1) / 2 * 2, last_odd = (count - 2) / 2 * 2 + 1;
	const vec square = vec_set(at * at);
	vec even = c[last_even], odd = c[last_odd];
	UNROLL
	for (int i = last_even - 2; i >= 0; i -= 2)
		even = vec_fma(even, square, c[i]);
	UNROLL
	for (int i = last_odd - 2; i >= 1; i -= 2)
		odd = vec_fma(odd, square, c[i]);
	v[0] = vec_fma(odd, vec_set(at), even);
	v[1] = vec_fma(odd, vec_set(-at), even);
}

/* v = E c */
INLINE void evaluate(const int count, const vec *c, vec v[8])
{
	v[0] = c[0];
	values_at(count, 1, c, v + 1);
	values_at(count, 2, c, v + 3);
	values_at(count, 0.5F, c, v + 5);
	v[7] = c[count - 1];
}

/* c = E' v */
INLINE void evaluate_turned(const int count, const vec v[8], vec *c)
{
	const vec sum1 = v[1] + v[2], sum2 = v[3] + v[4], sum_half = v[5] + v[6];
	const vec less1 = v[1] - v[2], less2 = v[3] - v[4], less_half = v[5] - v[6];
	UNROLL
	for (int i = 0; i < count; i++) {
		const float power = (float)(1 << i);
		const vec half = i % 2 ? less_half : sum_half;
		c[i] = vec_fma(i % 2 ? less2 : sum2, vec_set(power), i % 2 ? less1 : sum1);
		c[i] = vec_fma(half, vec_set(1 / power), c[i]);
	}
	c[0] += v[0];
	c[count - 1] += v[7];
}

/* v = B' d */
INLINE void data_map(const vec d[8], vec v[8])
{
	const vec even1 = vec_fma(d[4], vec_set(-4.25F), d[2] + d[6]),
		  odd1 = vec_fma(d[3], vec_set(-4.25F), d[1] + d[5]);
	const vec even2 = vec_fma(d[2], vec_set(0.25F), vec_fma(d[4], vec_set(-1.25F), d[6]));
	const vec odd2 = vec_fma(d[1], vec_set(0.5F), vec_fma(d[3], vec_set(-2.5F), d[5] + d[5]));
	const vec even_half = vec_fma(d[2], vec_set(4), vec_fma(d[4], vec_set(-5), d[6]));
	const vec odd_half = vec_fma(d[5], vec_set(0.5F), vec_fma(d[3], vec_set(-2.5F), d[1] + d[1]));
	v[0] = vec_fma(d[4] - d[2], vec_set(5.25F), d[0] - d[6]);
	v[1] = even1 + odd1;
	v[2] = even1 - odd1;
	v[3] = even2 + odd2;
	v[4] = even2 - odd2;
	v[5] = even_half + odd_half;
	v[6] = even_half - odd_half;
	v[7] = vec_fma(d[3] - d[5], vec_set(5.25F), d[7] - d[1]);
}

/* d = B v */
INLINE void data_map_turned(const vec v[8], vec d[8])
{
	const vec sum1 = v[1] + v[2], sum2 = v[3] + v[4], sum_half = v[5] + v[6];
	const vec less1 = v[1] - v[2], less2 = v[3] - v[4], less_half = v[5] - v[6];
	d[0] = v[0];
	d[1] = vec_fma(less2, vec_set(0.5F), vec_fma(less_half, vec_set(2), less1 - v[7]));
	d[2] = vec_fma(
		sum2, vec_set(0.25F), vec_fma(sum_half, vec_set(4), vec_fma(v[0], vec_set(-5.25F), sum1)));
	d[3] = vec_fma(
		less1, vec_set(-4.25F), vec_fma(less2 + less_half, vec_set(-2.5F), vec_set(5.25F) * v[7]));
	d[4] = vec_fma(sum1, vec_set(-4.25F),
		vec_fma(sum2, vec_set(-1.25F), vec_fma(sum_half, vec_set(-5), vec_set(5.25F) * v[0])));
	d[5] = vec_fma(
		less2, vec_set(2), vec_fma(less_half, vec_set(0.5F), vec_fma(v[7], vec_set(-5.25F), less1)));
	d[6] = (sum1 - v[0]) + (sum2 + sum_half);
	d[7] = v[7];
}

#endif
