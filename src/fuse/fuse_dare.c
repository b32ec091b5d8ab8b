/* fuse/fuse_dare.c - differences to a base, most of them dropped at random and the rest made larger.
 *
 * Yu et al.: Language models are super Mario, ICML 2024 (drop and rescale): each number of a parent's
 * difference to the base is dropped with probability `drop`, what stays is divided by 1 - drop so that the
 * expected difference is the same, and lambda times the sum of all parents' is added to the base.
 *
 * Number i of parent p, counted over the whole vector, stays or goes by value i of stream p of a
 * counter-based generator: the same seed drops the same, in whatever order it is asked.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/memory.h"
#include "tensor/kernels.h"

static const struct lepton_option options[] = {
	{"drop", LEPTON_OPTION_NUMBER, 0.5, 0, 0.999, NULL, "share of each difference that is dropped"},
	{"lambda", LEPTON_OPTION_NUMBER, 0.4, -10, 10, NULL, "how much of the differences to add"},
	{"seed", LEPTON_OPTION_INTEGER, 1, 0, 2147483647, NULL, "of what is dropped"},
	LEPTON__FUSE_BASE,
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

struct dare {
	const struct lepton_fuse_parent *parents;
	size_t count, base;
	double drop, lambda;
	uint64_t seed;
};

static double moved(const struct dare *s, struct lepton__rng *rngs, size_t t, int64_t i, float base)
{
	double sum = 0;
	for (size_t p = 0; p < s->count; p++) {
		const float *w = lepton_params_at(s->parents[p].weights, t)->data;
		if (p != s->base && (double)lepton__rng_uniform(&rngs[p]) >= s->drop)
			sum += (double)w[i] - (double)base;
	}
	return s->lambda * sum / (1 - s->drop);
}

static int merge(
	const struct dare *s, struct lepton__rng *rngs, struct lepton_params **out, struct lepton_error *err)
{
	int code = lepton_params_copy(s->parents[s->base].weights, out, err);
	for (size_t t = 0; !code && t < lepton_params_count(*out); t++) {
		float *to = lepton_params_data(*out, t);
		int64_t values = lepton_shape_count(&lepton_params_at(*out, t)->shape);
		for (int64_t i = 0; i < values; i++)
			to[i] = (float)((double)to[i] + moved(s, rngs, t, i, to[i]));
	}
	return code;
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	(void)help;
	struct dare s = {.parents = parents, .count = count};
	s.drop = lepton_options_number(options, settings, "drop");
	s.lambda = lepton_options_number(options, settings, "lambda");
	s.seed = (uint64_t)lepton_options_number(options, settings, "seed");
	int code = lepton__fuse_base(options, settings, count, "dare", &s.base, err);
	if (code)
		return code;
	struct lepton__rng *rngs = lepton__calloc(count, sizeof *rngs);
	if (!rngs)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	for (size_t p = 0; p < count; p++)
		lepton__rng_init(&rngs[p], s.seed, p);
	code = merge(&s, rngs, out, err);
	lepton__free(rngs);
	return code;
}

const struct lepton_fuser lepton__fuse_dare = {
	.name = "dare",
	.summary = "a base plus differences thinned out at random",
	.options = options,
	.fuse = fuse,
};
