/* fuse/fuse_fisher.c - a mean in which each weight counts as much as it matters to its parent.
 *
 *     out = Σ F·parent / Σ F
 *
 * number by number, where F is the diagonal of a parent's Fisher information (Matena and Raffel: Merging
 * models with Fisher-weighted averaging, NeurIPS 2022): near its own optimum each parent's likelihood falls
 * off as a normal distribution with that precision, and this is the most likely point of all of them
 * together. To every F a floor is added, a share of the mean of all: what matters to no parent (a pixel
 * that is never set; statistics, which no gradient trains) becomes their plain mean; and the diagonal is only
 * part of the truth, of which the plain mean, to which a large floor leads, knows another.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/memory.h"

static const struct lepton_option options[] = {
	LEPTON__FUSE_SAMPLES(512),
	{"floor", LEPTON_OPTION_NUMBER, 1, 1e-12, 1e6, NULL, "added to each, as a share of their mean"},
	{"scale", LEPTON_OPTION_CHOICE, 0, 0, 0, "own|alike",
		"alike: first divide each version's by its mean, so that all versions count alike"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static double mean_of(const struct lepton_params *params)
{
	double sum = 0;
	for (size_t t = 0; t < lepton_params_count(params); t++) {
		const struct lepton_tensor *tensor = lepton_params_at(params, t);
		const float *values = tensor->data;
		for (int64_t i = 0; i < lepton_shape_count(&tensor->shape); i++)
			sum += (double)values[i];
	}
	return sum / (double)lepton_params_values(params);
}

struct meant {
	const struct lepton_fuse_parent *parents;
	struct lepton_params **fisher;
	double *scale; /* what each parent's are multiplied by */
	size_t count;
	double floor;
};

static void fill(const struct meant *m, size_t t, float *out)
{
	const int64_t values = lepton_shape_count(&lepton_params_at(m->parents[0].weights, t)->shape);
	for (int64_t i = 0; i < values; i++) {
		double sum = 0, whole = 0;
		for (size_t p = 0; p < m->count; p++) {
			const float *f = lepton_params_at(m->fisher[p], t)->data,
				    *w = lepton_params_at(m->parents[p].weights, t)->data;
			const double share = m->scale[p] * (double)f[i] + m->floor;
			sum += share * (double)w[i];
			whole += share;
		}
		out[i] = (float)(sum / whole);
	}
}

/* Where no weight of any parent matters, all count alike. */
static void weigh(struct meant *m, bool alike, double floor)
{
	double all = 0;
	for (size_t p = 0; p < m->count; p++) {
		const double mean = mean_of(m->fisher[p]);
		m->scale[p] = alike && mean > 0 ? 1 / mean : 1;
		all += m->scale[p] * mean / (double)m->count;
	}
	m->floor = all > 0 ? floor * all : 1;
}

static int look(
	struct meant *m, const struct lepton_fuse_help *help, int64_t samples, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t p = 0; p < m->count && !code; p++)
		code = help->fisher(help->context, m->parents[p].weights, samples, &m->fisher[p], err);
	return code;
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	struct meant m = {.parents = parents, .count = count};
	m.fisher = lepton__calloc(count, sizeof *m.fisher);
	m.scale = lepton__calloc(count, sizeof *m.scale);
	int code =
		m.fisher && m.scale ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	if (!code)
		code = look(&m, help, (int64_t)lepton_options_number(options, settings, "samples"), err);
	if (!code)
		code = lepton_params_copy(parents[0].weights, out, err);
	if (!code) {
		char scale[32];
		lepton_options_choice(options, settings, "scale", scale, sizeof scale);
		weigh(&m, scale[0] == 'a', lepton_options_number(options, settings, "floor"));
		for (size_t t = 0; t < lepton_params_count(*out); t++)
			fill(&m, t, lepton_params_data(*out, t));
	}
	for (size_t p = 0; m.fisher && p < count; p++)
		lepton_params_release(m.fisher[p]);
	lepton__free(m.fisher);
	lepton__free(m.scale);
	return code;
}

const struct lepton_fuser lepton__fuse_fisher = {
	.name = "fisher",
	.summary = "a mean in which weights count as they matter",
	.options = options,
	.looks = lepton__fuse_always_looks,
	.fuse = fuse,
};
