/* tensor/vec_math.h - exponential, sigmoid and tanh of a vector.
 *
 * Polynomials of Cephes (S. Moshier), good to about 2 units in the last place; a NaN stays a NaN, and an
 * argument beyond the range of exp gives the largest or smallest normal number instead of Inf or 0.
 */
#ifndef LEPTON_TENSOR_VEC_MATH_H
#define LEPTON_TENSOR_VEC_MATH_H

#include "tensor/vec.h"

/* exp(x) = 2^n · exp(r) with n the nearest integer to x / ln 2 and |r| <= ln 2 / 2. Adding 1.5 · 2^23 leaves
 * n in the low bits of the sum; ln 2 is taken off in two parts, the first exact. */
INLINE vec vec_exp(vec x)
{
	const vec magic = vec_set(12582912.f);
	x = vec_min(vec_set(88.f), vec_max(vec_set(-87.f), x)); /* of two, the second when one is NaN */
	const vec shifted = vec_fma(x, vec_set(1.44269504088896341f), magic);
	const vec n = shifted - magic;
	const vec r = vec_fma(n, vec_set(2.12194440e-4f), vec_fma(n, vec_set(-0.693359375f), x));
	vec p = vec_set(1.9875691500e-4f);
	p = vec_fma(p, r, vec_set(1.3981999507e-3f));
	p = vec_fma(p, r, vec_set(8.3334519073e-3f));
	p = vec_fma(p, r, vec_set(4.1665795894e-2f));
	p = vec_fma(p, r, vec_set(1.6666665459e-1f));
	p = vec_fma(p, r, vec_set(5.0000001201e-1f));
	p = vec_fma(p, r * r, r) + vec_set(1);
	const vec_int power = (((vec_int)shifted - (vec_int)magic) + 127) << 23;
	return p * (vec)power;
}

INLINE vec vec_sigmoid(vec x)
{
	return vec_set(1) / (vec_set(1) + vec_exp(vec_zero() - x));
}

/* Near 0 the quotient would cancel, so a polynomial in x² serves there. */
INLINE vec vec_tanh(vec x)
{
	const vec z = x * x;
	vec p = vec_set(-5.70498872745e-3f);
	p = vec_fma(p, z, vec_set(2.06390887954e-2f));
	p = vec_fma(p, z, vec_set(-5.37397155531e-2f));
	p = vec_fma(p, z, vec_set(1.33314422036e-1f));
	p = vec_fma(p, z, vec_set(-3.33332819422e-1f));
	p = vec_fma(p * z, x, x);
	const vec far = vec_set(1) - vec_set(2) / (vec_exp(x + x) + vec_set(1));
	return vec_choose((vec_int)(z < vec_set(0.390625f)), p, far);
}

#endif
