/* fuse/fuse_task_arithmetic.c - what each learned since the base, added up.
 *
 *     out = base + lambda · Σ (parent - base)
 *
 * over all parents but the base (Ilharco et al.: Editing models with task arithmetic, ICLR 2023). It is
 * for versions that went on from one base, each in its own direction: clones of it, sub-models.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/memory.h"

static const struct lepton_option options[] = {
	{"lambda", LEPTON_OPTION_NUMBER, 0.4, -10, 10, NULL, "how much of the differences to add"},
	LEPTON__FUSE_BASE,
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	(void)help;
	size_t base;
	double lambda = lepton_options_number(options, settings, "lambda");
	int code = lepton__fuse_base(options, settings, count, "task_arithmetic", &base, err);
	if (code)
		return code;
	double *shares = lepton__calloc(count, sizeof *shares);
	if (!shares)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	for (size_t p = 0; p < count; p++)
		shares[p] = p == base ? 1 - lambda * (double)(count - 1) : lambda;
	code = lepton_params_copy(parents[base].weights, out, err);
	for (size_t t = 0; !code && t < lepton_params_count(*out); t++)
		lepton__fuse_sum(parents, count, shares, 1, t, *out);
	lepton__free(shares);
	return code;
}

const struct lepton_fuser lepton__fuse_task_arithmetic = {
	.name = "task_arithmetic",
	.summary = "a base plus what the others learned since",
	.options = options,
	.fuse = fuse,
};
