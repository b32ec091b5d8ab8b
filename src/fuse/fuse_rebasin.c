/* fuse/fuse_rebasin.c - Git Re-Basin: the units of one network matched to those of another (matching.c), then
 * the mean.
 *
 * Two networks trained from different beginnings may have learned much the same units in another order;
 * their plain mean mixes units that have nothing to do with each other. So one network's units are put in the
 * order of the other's first. More than two versions are each matched to the first.
 */
#include "config.h"
#include "fuse/matching.h"
#include "fuse/methods.h"
#include "base/memory.h"

static const struct lepton_option options[] = {
	{"sweeps", LEPTON_OPTION_INTEGER, 100, 1, 10000, NULL, "over the layers, at most"},
	{"seed", LEPTON_OPTION_INTEGER, 1, 0, 2147483647, NULL, "of the order of layers in a sweep"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static int tell(
	const struct lepton__matching *m, const struct lepton_fuse_help *help, struct lepton_error *err)
{
	struct lepton__buffer line, json;
	lepton__buffer_init(&line, 1 << 12);
	lepton__buffer_init(&json, 1 << 12);
	lepton__buffer_printf(&line, "fuse rebasin: matched to the first in %zu sweeps, %zu moves of units",
		m->sweeps, m->moved);
	lepton__buffer_printf(&json, "{\"sweeps\":%zu,\"moves\":%zu}", m->sweeps, m->moved);
	return lepton__fuse_report(help, &line, &json, err);
}

/* others[p] is parent p in the first's order; others[0] is nobody. */
static int match_all(struct lepton__matching *m, const char *settings,
	const struct lepton_fuse_parent *parents, size_t count, struct lepton_params **others,
	struct lepton_error *err)
{
	int code = lepton__matching_init(m, parents[0].weights,
		(uint64_t)lepton_options_number(options, settings, "seed"),
		(size_t)lepton_options_number(options, settings, "sweeps"), err);
	if (code)
		return lepton_error_prefix(err, "fuse rebasin");
	for (size_t p = 1; p < count && !code; p++) {
		code = lepton_params_copy(parents[p].weights, &others[p], err);
		if (!code)
			code = lepton__match_units(m, parents[0].weights, others[p], err);
	}
	return code;
}

static int mean(const struct lepton_fuse_parent *parents, size_t count, struct lepton_params *const *others,
	struct lepton_params **out, struct lepton_error *err)
{
	struct lepton_fuse_parent *matched = lepton__calloc(count, sizeof *matched);
	double *shares = lepton__calloc(count, sizeof *shares);
	int code = LEPTON_OK;
	if (!matched || !shares)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	for (size_t p = 0; p < count && !code; p++) {
		matched[p] = parents[p];
		if (p)
			matched[p].weights = others[p];
		shares[p] = 1;
	}
	if (!code)
		code = lepton__fuse_blend(matched, count, shares, out, err);
	lepton__free(matched);
	lepton__free(shares);
	return code;
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	struct lepton__matching m;
	struct lepton_params **others = lepton__calloc(count, sizeof *others);
	if (!others)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	int code = match_all(&m, settings, parents, count, others, err);
	if (!code)
		code = tell(&m, help, err);
	if (!code)
		code = mean(parents, count, others, out, err);
	for (size_t p = 1; p < count; p++)
		lepton_params_release(others[p]);
	lepton__free(others);
	lepton__matching_free(&m);
	return code;
}

const struct lepton_fuser lepton__fuse_rebasin = {
	.name = "rebasin",
	.summary = "units matched to the first version's, then the mean",
	.options = options,
	.fuse = fuse,
};
