/* fuse/blend.c - a weighted mean of weights.
 *
 * Sums are taken in double and in the order the parents were named, so the same parents give the same
 * bits on any number of threads. A block of sums small enough for the first cache level goes over all
 * parents before the next block begins: each parent is read once, in order.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/memory.h"

#define BLOCK 1024 /* doubles: 8 KB */

/* out[0..n) of tensor t, from number `at` on. */
static void blend_block(const struct lepton_fuse_parent *parents, size_t count, const double *shares,
	double whole, size_t t, int64_t at, int64_t n, float *out)
{
	double sum[BLOCK] = {0};
	for (size_t p = 0; p < count; p++) {
		const float *values = (const float *)lepton_params_at(parents[p].weights, t)->data + at;
		for (int64_t i = 0; i < n; i++)
			sum[i] += shares[p] * (double)values[i];
	}
	for (int64_t i = 0; i < n; i++)
		out[at + i] = (float)(sum[i] / whole);
}

void lepton__fuse_sum(const struct lepton_fuse_parent *parents, size_t count, const double *shares,
	double whole, size_t t, struct lepton_params *out)
{
	int64_t values = lepton_shape_count(&lepton_params_at(out, t)->shape);
	float *to = lepton_params_data(out, t);
	for (int64_t at = 0; at < values; at += BLOCK)
		blend_block(parents, count, shares, whole, t, at, values - at < BLOCK ? values - at : BLOCK,
			to);
}

int lepton__fuse_blend(const struct lepton_fuse_parent *parents, size_t count, const double *shares,
	struct lepton_params **out, struct lepton_error *err)
{
	double whole = 0;
	for (size_t p = 0; p < count; p++)
		whole += shares[p];
	struct lepton_params *made;
	int code = lepton_params_copy(parents[0].weights, &made, err);
	if (code)
		return code;
	for (size_t t = 0; t < lepton_params_count(made); t++)
		lepton__fuse_sum(parents, count, shares, whole, t, made);
	*out = made;
	return LEPTON_OK;
}

int lepton__fuse_mean(const struct lepton_fuse_parent *parents, size_t count, struct lepton_params **out,
	struct lepton_error *err)
{
	double *shares = lepton__calloc(count, sizeof *shares);
	if (!shares)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	for (size_t p = 0; p < count; p++)
		shares[p] = 1;
	int code = lepton__fuse_blend(parents, count, shares, out, err);
	lepton__free(shares);
	return code;
}
