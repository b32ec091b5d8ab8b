/* fuse/align.c - what Git Re-Basin and optimal transport share: later parents' units are brought to the
 * first's, then the mean is taken, and renormalised where that is asked for.
 */
#include "config.h"
#include "fuse/units.h"
#include "fuse/methods.h"
#include "base/memory.h"

/* Their mean with others[p] in the place of parent p's weights, where it is not NULL. */
static int mean_of(const struct lepton_fuse_parent *parents, size_t count,
	struct lepton_params *const *others, struct lepton_params **out, struct lepton_error *err)
{
	struct lepton_fuse_parent *these = lepton__calloc(count, sizeof *these);
	if (!these)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	for (size_t p = 0; p < count; p++) {
		these[p] = parents[p];
		if (others[p])
			these[p].weights = others[p];
	}
	int code = lepton__fuse_mean(these, count, out, err);
	lepton__free(these);
	return code;
}

static int align(const struct lepton_fuse_parent *parents, size_t count, const struct lepton__aligning *how,
	const struct lepton_fuse_help *help, struct lepton_params **others, struct lepton_params **made,
	struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t p = 1; p < count && !code; p++) {
		code = lepton_params_copy(parents[p].weights, &others[p], err);
		if (!code)
			code = how->align(how->context, others[p], err);
	}
	if (!code)
		code = mean_of(parents, count, others, made, err);
	if (!code && how->repair)
		code = lepton__fuse_repair(help, parents, count, others, how->samples, *made, err);
	return code;
}

int lepton__fuse_aligned(const struct lepton_fuse_parent *parents, size_t count,
	const struct lepton__aligning *how, const struct lepton_fuse_help *help, struct lepton_params **out,
	struct lepton_error *err)
{
	struct lepton_params *made = NULL, **others = lepton__calloc(count, sizeof *others);
	if (!others)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	int code = align(parents, count, how, help, others, &made, err);
	for (size_t p = 1; p < count; p++)
		lepton_params_release(others[p]);
	lepton__free(others);
	if (!code)
		*out = lepton_params_retain(made);
	lepton_params_release(made);
	return code;
}
