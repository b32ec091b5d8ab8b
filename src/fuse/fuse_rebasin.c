/* fuse/fuse_rebasin.c - Git Re-Basin: the units of one network matched to those of another (matching.c), then
 * the mean.
 *
 * Two networks trained from different beginnings may have learned much the same units in another order;
 * their plain mean mixes units that have nothing to do with each other. So one network's units are put in the
 * order of the other's first, by their weights or by what they say of training samples. More than two
 * versions are each matched to the first.
 */
#include "config.h"
#include "fuse/matching.h"
#include "fuse/methods.h"
#include "base/memory.h"

#include <string.h>

static const struct lepton_option options[] = {
	{"by", LEPTON_OPTION_CHOICE, 0, 0, 0, "weights|activations", "what tells how alike two units are"},
	{"repair", LEPTON_OPTION_BOOL, 0, 0, 1, NULL,
		"then give units back the spread the mean took (REPAIR)"},
	LEPTON__FUSE_SAMPLES(512),
	{"sweeps", LEPTON_OPTION_INTEGER, LEPTON__MATCHING_SWEEPS, 1, 10000, NULL,
		"over the layers, at most"},
	{"seed", LEPTON_OPTION_INTEGER, LEPTON__MATCHING_SEED, 0, 2147483647, NULL,
		"of the order of layers in a sweep"},
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

/* other: a copy of the parent's weights, which is put in order. first: what the first's units say, or NULL.
 */
static int match_one(struct lepton__matching *m, const struct lepton_fuse_parent *parents,
	const struct lepton_fuse_help *help, int64_t samples, const struct lepton__units *first,
	struct lepton_params *other, struct lepton_error *err)
{
	struct lepton__units said;
	if (!first)
		return lepton__match_units(m, parents[0].weights, other, err);
	int code = lepton__units_read(help, &m->chain, other, LEPTON__ALL_LAYERS, samples, &said, err);
	if (code)
		return code;
	code = lepton__match_units_said(m, first, &said, other, err);
	lepton__units_free(&said);
	return code;
}

/* others[p] is parent p in the first's order; others[0] is nobody. */
static int match_all(struct lepton__matching *m, const char *settings,
	const struct lepton_fuse_parent *parents, size_t count, const struct lepton_fuse_help *help,
	struct lepton_params **others, struct lepton_error *err)
{
	const int64_t samples = (int64_t)lepton_options_number(options, settings, "samples");
	struct lepton__units first = {NULL, 0};
	char by[32];
	lepton_options_choice(options, settings, "by", by, sizeof by);
	const bool said = strcmp(by, "activations") == 0;
	int code = lepton__matching_init(m, parents[0].weights,
		(uint64_t)lepton_options_number(options, settings, "seed"),
		(size_t)lepton_options_number(options, settings, "sweeps"), err);
	if (code)
		return lepton_error_prefix(err, "fuse rebasin");
	if (said)
		code = lepton__units_read(
			help, &m->chain, parents[0].weights, LEPTON__ALL_LAYERS, samples, &first, err);
	for (size_t p = 1; p < count && !code; p++) {
		code = lepton_params_copy(parents[p].weights, &others[p], err);
		if (!code)
			code = match_one(m, parents, help, samples, said ? &first : NULL, others[p], err);
	}
	lepton__units_free(&first);
	return code;
}

/* The mean of what is matched, renormalised where that is asked for; *made also after a fault. */
static int fuse_matched(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params *const *others, struct lepton_params **made,
	struct lepton_error *err)
{
	int code = lepton__fuse_mean_of(parents, count, others, made, err);
	if (code || !(lepton_options_number(options, settings, "repair") > 0))
		return code;
	return lepton__fuse_repair(help, parents, count, others,
		(int64_t)lepton_options_number(options, settings, "samples"), *made, err);
}

static bool looks(const char *settings)
{
	return lepton__fuse_matching_looks(options, settings);
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	struct lepton__matching m;
	struct lepton_params *made = NULL, **others = lepton__calloc(count, sizeof *others);
	if (!others)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	int code = match_all(&m, settings, parents, count, help, others, err);
	if (!code)
		code = tell(&m, help, err);
	if (!code)
		code = fuse_matched(parents, count, settings, help, others, &made, err);
	for (size_t p = 1; p < count; p++)
		lepton_params_release(others[p]);
	lepton__free(others);
	lepton__matching_free(&m);
	if (!code)
		*out = lepton_params_retain(made);
	lepton_params_release(made);
	return code;
}

const struct lepton_fuser lepton__fuse_rebasin = {
	.name = "rebasin",
	.summary = "units matched to the first version's, then the mean",
	.options = options,
	.looks = looks,
	.fuse = fuse,
};
