/* tensor/codes.c - weights as scale · code, code a small whole number: what fitting a scale to a column
 * takes, and rounding.
 *
 * For quantisation-aware training, which does this to all weights in every step. The weights are rows ×
 * columns, a scale a column; a vector of columns at a time keeps its sums in registers while the rows go by.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#define ROUNDER 12582912.0F /* 1.5 · 2^23: added and taken away it leaves the nearest whole number, to even \
			     */

/* The columns k..k+LANES-1, or as many as there are. */
struct strip {
	int64_t rows, columns;
	int count;
	vec_mask mask;
};

static struct strip strip_of(int64_t rows, int64_t columns, int64_t k)
{
	const int count = columns - k < LANES ? (int)(columns - k) : LANES;
	return (struct strip){rows, columns, count, vec_first(count)};
}

INLINE vec load(const struct strip *s, const float *p)
{
	return s->count == LANES ? vec_load(p) : vec_load_part(p, s->mask);
}

INLINE void store(const struct strip *s, float *p, vec x)
{
	if (s->count == LANES)
		vec_store(p, x);
	else
		vec_store_part(p, s->mask, x);
}

INLINE vec code_of(vec w, vec inverse, vec most)
{
	const vec code = vec_max(vec_min(w * inverse, most), -most) + vec_set(ROUNDER);
	return code - vec_set(ROUNDER);
}

static void column_sizes(const struct strip *s, const float *w, float *largest, float *sum)
{
	vec most = vec_zero(), all = vec_zero();
	for (int64_t r = 0; r < s->rows; r++, w += s->columns) {
		const vec x = load(s, w), size = vec_max(x, -x);
		most = vec_max(most, size);
		all = all + size;
	}
	store(s, largest, most);
	store(s, sum, all);
}

void OP(column_sizes)(int64_t rows, int64_t columns, const float *w, float *largest, float *sum)
{
	for (int64_t k = 0; k < columns; k += LANES) {
		const struct strip s = strip_of(rows, columns, k);
		column_sizes(&s, w + k, largest + k, sum + k);
	}
}

static void code_sums(const struct strip *s, const float *w, const float *scale, vec most, float *cross,
	float *square, float *error)
{
	const vec factor = load(s, scale), positive = vec_where_positive(factor, vec_set(1));
	const vec inverse = positive / (factor + (vec_set(1) - positive)); /* 0 where the scale is 0 */
	vec wc = vec_zero(), cc = vec_zero(), off = vec_zero();
	for (int64_t r = 0; r < s->rows; r++, w += s->columns) {
		const vec x = load(s, w), code = code_of(x, inverse, most), left = x - factor * code;
		wc = vec_fma(x, code, wc);
		cc = vec_fma(code, code, cc);
		off = vec_fma(left, left, off);
	}
	store(s, cross, wc);
	store(s, square, cc);
	store(s, error, off);
}

void OP(code_sums)(int64_t rows, int64_t columns, const float *w, const float *scale, float most,
	float *cross, float *square, float *error)
{
	for (int64_t k = 0; k < columns; k += LANES) {
		const struct strip s = strip_of(rows, columns, k);
		code_sums(&s, w + k, scale + k, vec_set(most), cross + k, square + k, error + k);
	}
}

static void code_round(const struct strip *s, const float *w, const float *scale, vec most, float *y)
{
	const vec factor = load(s, scale), positive = vec_where_positive(factor, vec_set(1));
	const vec inverse = positive / (factor + (vec_set(1) - positive));
	for (int64_t r = 0; r < s->rows; r++, w += s->columns, y += s->columns)
		store(s, y, factor * code_of(load(s, w), inverse, most));
}

void OP(code_round)(int64_t rows, int64_t columns, const float *w, const float *scale, float most, float *y)
{
	for (int64_t k = 0; k < columns; k += LANES) {
		const struct strip s = strip_of(rows, columns, k);
		code_round(&s, w + k, scale + k, vec_set(most), y + k);
	}
}
