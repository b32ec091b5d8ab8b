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

struct rebasin {
	struct lepton__matching matching;
	const struct lepton_params *first;
	const struct lepton_fuse_help *help;
	bool by_said;
	struct lepton__units said; /* by the first's units, where that is what counts */
	int64_t samples;
};

static int match(void *context, struct lepton_params *other, struct lepton_error *err)
{
	struct rebasin *r = context;
	struct lepton__units said;
	if (!r->by_said)
		return lepton__match_units(&r->matching, r->first, other, err);
	int code = lepton__units_read(
		r->help, &r->matching.chain, other, LEPTON__ALL_LAYERS, r->samples, &said, err);
	if (code)
		return code;
	code = lepton__match_units_said(&r->matching, &r->said, &said, other, err);
	lepton__units_free(&said);
	return code;
}

static int start(struct rebasin *r, const char *settings, struct lepton_error *err)
{
	char by[32];
	lepton_options_choice(options, settings, "by", by, sizeof by);
	r->by_said = strcmp(by, "activations") == 0;
	r->samples = (int64_t)lepton_options_number(options, settings, "samples");
	int code = lepton__matching_init(&r->matching, r->first,
		(uint64_t)lepton_options_number(options, settings, "seed"),
		(size_t)lepton_options_number(options, settings, "sweeps"), err);
	if (code)
		return lepton_error_prefix(err, "fuse rebasin");
	return r->by_said ? lepton__units_read(r->help, &r->matching.chain, r->first, LEPTON__ALL_LAYERS,
				    r->samples, &r->said, err)
			  : LEPTON_OK;
}

static bool looks(const char *settings)
{
	return lepton__fuse_matching_looks(options, settings);
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	struct rebasin r = {.first = parents[0].weights, .help = help};
	struct lepton_params *made = NULL;
	int code = start(&r, settings, err);
	const struct lepton__aligning how = {
		match, &r, lepton_options_number(options, settings, "repair") > 0, r.samples};
	if (!code)
		code = lepton__fuse_aligned(parents, count, &how, help, &made, err);
	if (!code)
		code = tell(&r.matching, help, err);
	lepton__units_free(&r.said);
	lepton__matching_free(&r.matching);
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
