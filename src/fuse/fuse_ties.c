/* fuse/fuse_ties.c - differences to a base, without those that fight each other.
 *
 * Yadav et al.: TIES-Merging, NeurIPS 2023. Of each parent's difference to the base
 *
 *   trim    only the largest numbers are kept, a share `density` of the whole vector (those as large as
 *           the smallest kept stay too)
 *   elect   each place takes the sign of the sum of what is left there
 *   merge   the mean over the parents that have that sign there: a disjoint mean
 *
 * and lambda times that is added to the base.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static const struct lepton_option options[] = {
	{"density", LEPTON_OPTION_NUMBER, 0.2, 0, 1, NULL, "share of each difference that is kept"},
	{"lambda", LEPTON_OPTION_NUMBER, 1, -10, 10, NULL, "how much of the merged difference to add"},
	LEPTON__FUSE_BASE,
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

struct ties {
	const struct lepton_fuse_parent *parents;
	size_t count, base;
	double density, lambda;
	float *least; /* by parent: the smallest size of difference that is kept */
};

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static float least_kept(const struct ties *s, size_t parent, float *sizes)
{
	const struct lepton_params *own = s->parents[parent].weights, *base = s->parents[s->base].weights;
	size_t total = 0;
	for (size_t t = 0; t < lepton_params_count(base); t++) {
		const float *w = lepton_params_at(own, t)->data, *b = lepton_params_at(base, t)->data;
		int64_t values = lepton_shape_count(&lepton_params_at(base, t)->shape);
		for (int64_t i = 0; i < values; i++)
			sizes[total++] = fabsf(w[i] - b[i]);
	}
	size_t keep = (size_t)llround(s->density * (double)total);
	if (keep == 0)
		return INFINITY;
	qsort(sizes, total, sizeof *sizes, by_size);
	return sizes[total - keep];
}

static int trim(const struct ties *s, struct lepton_error *err)
{
	size_t total = (size_t)lepton_params_values(s->parents[s->base].weights);
	float *sizes = lepton__calloc(total ? total : 1, sizeof *sizes);
	if (!sizes)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	for (size_t p = 0; p < s->count; p++)
		s->least[p] = p == s->base ? INFINITY : least_kept(s, p, sizes);
	lepton__free(sizes);
	return LEPTON_OK;
}

/* What number i of tensor t moves by; 0 where nothing is left or the signs cancel out. */
static double elected(const struct ties *s, size_t t, int64_t i, float base)
{
	double sum[2] = {0, 0}; /* of the falling, of the rising */
	size_t heads[2] = {0, 0};
	for (size_t p = 0; p < s->count; p++) {
		float moved = ((const float *)lepton_params_at(s->parents[p].weights, t)->data)[i] - base;
		if (p == s->base || fabsf(moved) < s->least[p] || !(fabsf(moved) > 0))
			continue;
		sum[moved > 0] += (double)moved;
		heads[moved > 0]++;
	}
	double all = sum[0] + sum[1];
	int sign = all > 0;
	return fabs(all) > 0 ? sum[sign] / (double)heads[sign] : 0;
}

static int merge(const struct ties *s, struct lepton_params **out, struct lepton_error *err)
{
	int code = lepton_params_copy(s->parents[s->base].weights, out, err);
	for (size_t t = 0; !code && t < lepton_params_count(*out); t++) {
		float *to = lepton_params_data(*out, t);
		int64_t values = lepton_shape_count(&lepton_params_at(*out, t)->shape);
		for (int64_t i = 0; i < values; i++)
			to[i] = (float)((double)to[i] + s->lambda * elected(s, t, i, to[i]));
	}
	return code;
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	(void)help;
	struct ties s = {.parents = parents, .count = count};
	s.density = lepton_options_number(options, settings, "density");
	s.lambda = lepton_options_number(options, settings, "lambda");
	int code = lepton__fuse_base(options, settings, count, "ties", &s.base, err);
	if (code)
		return code;
	s.least = lepton__calloc(count, sizeof *s.least);
	if (!s.least)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	code = trim(&s, err);
	if (!code)
		code = merge(&s, out, err);
	lepton__free(s.least);
	return code;
}

const struct lepton_fuser lepton__fuse_ties = {
	.name = "ties",
	.summary = "a base plus the largest differences of one sign",
	.options = options,
	.fuse = fuse,
};
