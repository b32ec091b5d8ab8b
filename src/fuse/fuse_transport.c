/* fuse/fuse_transport.c - the units of one network carried over to those of another by optimal transport.
 *
 * Singh and Jaggi (Model fusion via optimal transport, NeurIPS 2020): from the input up, each layer of a
 * version first reads what its units below have become; then its own units are carried over to the first
 * version's so that the way is shortest on the whole, where two units are as far apart as what they say of
 * the same training samples (or as the weights they read by); and the mean is taken. The shortest plan
 * between two sets of as many units is an assignment, which puts them in another order; with `entropy` above
 * 0 it is a softer one, by which a unit is made of several. Git Re-Basin, beside it, goes by what reads a
 * unit too, and over the layers until nothing gains.
 */
#include "config.h"
#include "fuse/assignment.h"
#include "fuse/methods.h"
#include "fuse/sinkhorn.h"
#include "fuse/units.h"
#include "base/memory.h"
#include "tensor/kernels.h"

#include <stdint.h>
#include <string.h>

#define UNITS_MAX 8192

static const struct lepton_option options[] = {
	{"by", LEPTON_OPTION_CHOICE, 0, 0, 0, "activations|weights",
		"what tells how far apart two units are"},
	{"entropy", LEPTON_OPTION_NUMBER, 0, 0, 10, NULL,
		"how soft the plan is, in mean distances; 0: one unit to one"},
	{"repair", LEPTON_OPTION_BOOL, 0, 0, 1, NULL,
		"then give units back the spread the mean took (REPAIR)"},
	LEPTON__FUSE_SAMPLES(512),
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

struct transport {
	struct lepton__chain chain;
	const struct lepton_params *first;
	const struct lepton_fuse_help *help;
	bool by_weights;
	double entropy;
	int64_t samples;
	struct lepton__units said; /* by the first version's units */
	double *distance, *plan;   /* widest × widest */
	size_t *column;
	float *carry, *room; /* the plan in floats; a block of weights */
};

static const float *values(const struct lepton_params *params, size_t t)
{
	return lepton_params_at(params, t)->data;
}

/* ---- distances ---- */

/* Squared, between the columns of two matrices of `rows` rows, added to what is there. */
static void add_distances(size_t rows, size_t units, const float *a, const float *b, double *distance)
{
	for (size_t r = 0; r < rows; r++, a += units, b += units)
		for (size_t i = 0; i < units; i++)
			for (size_t j = 0; j < units; j++) {
				const double off = (double)a[i] - (double)b[j];
				distance[i * units + j] += off * off;
			}
}

static int distances(struct transport *t, size_t l, const struct lepton_params *first,
	const struct lepton_params *other, struct lepton_error *err)
{
	const struct lepton__link *link = &t->chain.links[l];
	memset(t->distance, 0, link->units * link->units * sizeof *t->distance);
	if (!t->by_weights && t->said.layers[l].rows) {
		struct lepton__units said;
		int code = lepton__units_read(t->help, &t->chain, other, l, t->samples, &said, err);
		if (code)
			return code;
		add_distances((size_t)said.layers[l].rows, link->units, t->said.layers[l].values,
			said.layers[l].values, t->distance);
		lepton__units_free(&said);
		return LEPTON_OK;
	}
	add_distances(link->rows, link->units, values(first, link->kernel), values(other, link->kernel),
		t->distance);
	if (link->bias != SIZE_MAX)
		add_distances(
			1, link->units, values(first, link->bias), values(other, link->bias), t->distance);
	return LEPTON_OK;
}

/* ---- plans ---- */

/* t->carry[i][j]: how much of unit j goes to unit i; each row comes to 1. */
static int plan(struct transport *t, size_t n, struct lepton_error *err)
{
	double mean = 0;
	int code;
	for (size_t i = 0; i < n * n; i++)
		mean += t->distance[i] / (double)(n * n);
	if (t->entropy > 0 && mean > 0) {
		code = lepton__sinkhorn(n, t->distance, t->entropy * mean, t->plan, err);
		for (size_t i = 0; i < n * n && !code; i++)
			t->carry[i] = (float)t->plan[i];
		return code;
	}
	for (size_t i = 0; i < n * n; i++)
		t->distance[i] = -t->distance[i];
	code = lepton__assign(n, t->distance, t->column, err);
	memset(t->carry, 0, n * n * sizeof *t->carry);
	for (size_t i = 0; i < n && !code; i++)
		t->carry[i * n + t->column[i]] = 1;
	return code;
}

/* Each of `rows` rows of n numbers, one a unit. */
static void carry_columns(const struct transport *t, size_t rows, size_t n, float *to)
{
	memcpy(t->room, to, rows * n * sizeof *to);
	lepton__kernels_get()->gemm(
		false, true, (int)rows, (int)n, (int)n, 1, t->room, (int)n, t->carry, (int)n, 0, to, (int)n);
}

/* What the next layer reads, place after place. */
static void carry_rows(const struct transport *t, const struct lepton__link *next, float *to)
{
	const size_t n = next->in, block = n * next->units;
	for (size_t at = 0; at < next->rows; at += n, to += block) {
		memcpy(t->room, to, block * sizeof *to);
		lepton__kernels_get()->gemm(false, false, (int)n, (int)next->units, (int)n, 1, t->carry,
			(int)n, t->room, (int)next->units, 0, to, (int)next->units);
	}
}

static void carry(const struct transport *t, size_t l, struct lepton_params *other)
{
	const struct lepton__link *link = &t->chain.links[l];
	carry_columns(t, link->rows, link->units, lepton_params_data(other, link->kernel));
	if (link->bias != SIZE_MAX)
		carry_columns(t, 1, link->units, lepton_params_data(other, link->bias));
	for (int i = 0; i < LEPTON__NORM_TENSORS; i++)
		if (link->norm[i] != SIZE_MAX)
			carry_columns(t, 1, link->units, lepton_params_data(other, link->norm[i]));
	carry_rows(t, link + 1, lepton_params_data(other, link[1].kernel));
}

static int carry_over(void *context, struct lepton_params *other, struct lepton_error *err)
{
	struct transport *t = context;
	int code = LEPTON_OK;
	for (size_t l = 0; l + 1 < t->chain.count && !code; l++) {
		code = distances(t, l, t->first, other, err);
		if (!code)
			code = plan(t, t->chain.links[l].units, err);
		if (!code)
			carry(t, l, other);
	}
	return code;
}

/* ---- all of it ---- */

static int allocate(struct transport *t, struct lepton_error *err)
{
	size_t widest = 1, room = 1;
	for (size_t l = 0; l < t->chain.count; l++) {
		const struct lepton__link *link = &t->chain.links[l];
		const size_t block =
			l + 1 < t->chain.count ? link->rows * link->units : link->in * link->units;
		room = block > room ? block : room;
		if (l + 1 < t->chain.count && link->units > widest)
			widest = link->units;
	}
	if (widest > UNITS_MAX)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"fuse transport: a layer of %zu units takes too long to carry over; at most %d",
			widest, UNITS_MAX);
	t->distance = lepton__calloc(widest * widest, sizeof *t->distance);
	t->plan = lepton__calloc(widest * widest, sizeof *t->plan);
	t->column = lepton__calloc(widest, sizeof *t->column);
	t->carry = lepton__calloc(widest * widest, sizeof *t->carry);
	t->room = lepton__calloc(room, sizeof *t->room);
	if (t->distance && t->plan && t->column && t->carry && t->room)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to carry %zu units over", widest);
}

static int start(struct transport *t, const char *settings, struct lepton_error *err)
{
	char by[32];
	lepton_options_choice(options, settings, "by", by, sizeof by);
	t->by_weights = strcmp(by, "weights") == 0;
	t->entropy = lepton_options_number(options, settings, "entropy");
	t->samples = (int64_t)lepton_options_number(options, settings, "samples");
	int code = lepton__chain_read(t->first, &t->chain, err);
	if (code)
		return lepton_error_prefix(err, "fuse transport");
	code = allocate(t, err);
	if (!code && !t->by_weights)
		code = lepton__units_read(
			t->help, &t->chain, t->first, LEPTON__ALL_LAYERS, t->samples, &t->said, err);
	return code;
}

static void end(struct transport *t)
{
	lepton__units_free(&t->said);
	lepton__free(t->distance);
	lepton__free(t->plan);
	lepton__free(t->column);
	lepton__free(t->carry);
	lepton__free(t->room);
	lepton__chain_free(&t->chain);
}

static bool looks(const char *settings)
{
	return lepton__fuse_matching_looks(options, settings);
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	struct transport t = {.first = parents[0].weights, .help = help};
	int code = start(&t, settings, err);
	const struct lepton__aligning how = {
		carry_over, &t, lepton_options_number(options, settings, "repair") > 0, t.samples};
	if (!code)
		code = lepton__fuse_aligned(parents, count, &how, help, out, err);
	end(&t);
	return code;
}

const struct lepton_fuser lepton__fuse_transport = {
	.name = "transport",
	.summary = "units carried to the first version's at least cost",
	.options = options,
	.looks = looks,
	.fuse = fuse,
};
