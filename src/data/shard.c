/* data/shard.c - the training samples dealt to shards, and a data set that has one shard of another's.
 *
 * By iid they are shuffled, then dealt in turn like cards.
 *
 * By class they are sorted by class and cut into `classes` times as many equal pieces as there are shards;
 * each shard gets so many of them by chance, and so has one to a few classes (McMahan et al.,
 * "Communication-Efficient Learning of Deep Networks from Decentralized Data", 2017).
 *
 * By dirichlet each class is split by shares drawn from Dirichlet(alpha): near 0 a class is nearly all in one
 * shard, and a large alpha is as good as iid (Hsu, Qi, Brown, "Measuring the Effects of Non-Identical Data
 * Distribution for Federated Visual Classification", 2019).
 *
 * Which samples a shard has depends on the rule and the data alone, so every shard is made by itself and they
 * fit together. A shard holds the numbers of its samples; the samples themselves stay where they are, once
 * for all.
 */
#include "config.h"
#include "data/shard.h"
#include "data/dataset.h"
#include "base/memory.h"
#include "tensor/kernels.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define STREAM 0x8000005368617264u /* apart from the epochs' orders; "Shard" */
#define TRIES 100                  /* drawings of shares before a shard that stays empty is given up */

struct deal {
	const struct lepton_shard_rule *rule;
	const uint8_t *labels;
	int64_t classes, n;
	uint32_t *order; /* samples, shuffled */
	uint16_t *shard;
	int64_t *size;
};

static void give(const struct deal *d, uint32_t sample, int to)
{
	d->shard[sample] = (uint16_t)to;
	d->size[to]++;
}

static void deal_iid(const struct deal *d)
{
	for (int64_t i = 0; i < d->n; i++)
		give(d, d->order[i], (int)(i % d->rule->count));
}

/* ---- by class ---- */

/* Stable, so that the shuffle within a class stays. */
static int sort_by_class(const struct deal *d, struct lepton_error *err)
{
	int64_t starts[257] = {0};
	uint32_t *sorted = lepton__calloc((size_t)d->n, sizeof *sorted);
	if (!sorted)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for shards");
	for (int64_t i = 0; i < d->n; i++)
		starts[d->labels[i] + 1]++;
	for (int c = 0; c < 256; c++)
		starts[c + 1] += starts[c];
	for (int64_t i = 0; i < d->n; i++)
		sorted[starts[d->labels[d->order[i]]]++] = d->order[i];
	memcpy(d->order, sorted, (size_t)d->n * sizeof *sorted);
	lepton__free(sorted);
	return LEPTON_OK;
}

static int deal_by_class(const struct deal *d, struct lepton_error *err)
{
	int64_t pieces = (int64_t)d->rule->count * d->rule->classes;
	uint32_t *of = lepton__calloc((size_t)pieces, sizeof *of);
	int code = of ? sort_by_class(d, err)
		      : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for shards");
	if (!code)
		lepton_epoch_order(d->rule->seed, (int64_t)STREAM, of, pieces);
	for (int64_t i = 0; i < d->n && !code; i++)
		give(d, d->order[i], (int)(of[i * pieces / d->n] / (uint32_t)d->rule->classes));
	lepton__free(of);
	return code;
}

/* ---- by Dirichlet's shares ---- */

/* The logarithm of a draw from Gamma(shape, 1), which for a small shape is itself below all doubles.
 * Marsaglia and Tsang, "A simple method for generating gamma variables", 2000; below 1 by the one above and a
 * power of a uniform. */
static double log_gamma_draw(struct lepton__rng *rng, double shape)
{
	double boost = 0;
	if (shape < 1) {
		boost = log(1 - lepton__rng_u32(rng) * 0x1p-32) / shape;
		shape += 1;
	}
	double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
	for (;;) {
		double x = lepton__rng_normal(rng), v = 1 + c * x;
		double u = 1 - lepton__rng_u32(rng) * 0x1p-32;
		v = v * v * v;
		if (v > 0 && log(u) < 0.5 * x * x + d - d * v + d * log(v))
			return log(d * v) + boost;
	}
}

/* Where each shard's part of a class ends, as shares of it. */
static void draw_ends(const struct deal *d, struct lepton__rng *rng, double *ends)
{
	int count = d->rule->count;
	double most = -INFINITY, sum = 0;
	for (int s = 0; s < count; s++) {
		ends[s] = log_gamma_draw(rng, d->rule->alpha);
		most = fmax(most, ends[s]);
	}
	for (int s = 0; s < count; s++)
		ends[s] = sum += exp(ends[s] - most);
	for (int s = 0; s < count; s++)
		ends[s] /= sum;
}

static void deal_class(const struct deal *d, int64_t from, int64_t to, const double *ends)
{
	int s = 0;
	for (int64_t i = from; i < to; i++) {
		while (s + 1 < d->rule->count && (double)(i - from) >= ends[s] * (double)(to - from))
			s++;
		give(d, d->order[i], s);
	}
}

static bool any_empty(const struct deal *d)
{
	for (int s = 0; s < d->rule->count; s++)
		if (!d->size[s])
			return true;
	return false;
}

static int deal_dirichlet(const struct deal *d, struct lepton_error *err)
{
	struct lepton__rng rng;
	double *ends = lepton__calloc((size_t)d->rule->count, sizeof *ends);
	int code = ends ? sort_by_class(d, err)
			: lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for shards");
	lepton__rng_init(&rng, d->rule->seed, STREAM);
	for (int try = 0; try < TRIES && !code && (!try || any_empty(d)); try++) {
		memset(d->size, 0, (size_t)d->rule->count * sizeof *d->size);
		for (int64_t from = 0, to; from < d->n; from = to) {
			uint8_t label = d->labels[d->order[from]];
			for (to = from; to < d->n && d->labels[d->order[to]] == label; to++)
				;
			draw_ends(d, &rng, ends);
			deal_class(d, from, to, ends);
		}
	}
	lepton__free(ends);
	return code;
}

/* ---- any ---- */

static int deal_by_rule(const struct deal *d, struct lepton_error *err)
{
	lepton_epoch_order(d->rule->seed, (int64_t)(STREAM >> 1), d->order, d->n);
	memset(d->size, 0, (size_t)d->rule->count * sizeof *d->size);
	if (d->rule->by == LEPTON_SHARD_IID) {
		deal_iid(d);
		return LEPTON_OK;
	}
	if (!d->labels || d->classes < 2)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"shards: the data has no classes to split by; set \"split\": \"iid\"");
	return d->rule->by == LEPTON_SHARD_CLASS ? deal_by_class(d, err) : deal_dirichlet(d, err);
}

int lepton__shard_deal(const struct lepton_shard_rule *rule, const uint8_t *labels, int64_t classes,
	int64_t n, uint16_t *shard, int64_t *size, struct lepton_error *err)
{
	struct deal d = {rule, labels, classes, n, NULL, shard, size};
	if (n < (int64_t)rule->count * (rule->by == LEPTON_SHARD_CLASS ? rule->classes : 1))
		return lepton_error_set(err, LEPTON_E_DATA,
			"shards: %" PRId64 " training samples are too few for %d shards; make them fewer", n,
			rule->count);
	d.order = lepton__calloc((size_t)n, sizeof *d.order);
	int code = d.order ? deal_by_rule(&d, err)
			   : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for shards");
	if (!code && any_empty(&d))
		code = lepton_error_set(err, LEPTON_E_DATA,
			"shards: with \"alpha\" %g one of %d shards stays without a sample; raise it, or "
			"make them fewer",
			rule->alpha, rule->count);
	lepton__free(d.order);
	return code;
}

static int check_rule(const struct lepton_shard_rule *rule, int index, struct lepton_error *err)
{
	if (rule->count < 1 || rule->count > LEPTON_SHARDS_MAX || index < 0 || index >= rule->count)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"shards: there is no shard %d of %d; there are 1 to %d", index + 1, rule->count,
			LEPTON_SHARDS_MAX);
	if (rule->by == LEPTON_SHARD_CLASS && (rule->classes < 1 || rule->classes > 256))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"shards: \"classes\" is %d, but goes from 1 to 256", rule->classes);
	if (rule->by == LEPTON_SHARD_DIRICHLET && !(rule->alpha > 0 && isfinite(rule->alpha)))
		return lepton_error_set(
			err, LEPTON_E_USAGE, "shards: \"alpha\" is %g, but has to be above 0", rule->alpha);
	return LEPTON_OK;
}

static int take(struct lepton_dataset *d, const struct lepton_dataset *whole,
	const struct lepton_shard_rule *rule, int index, struct lepton_error *err)
{
	int64_t n = whole->info.train, at = 0;
	uint16_t *shard = lepton__calloc((size_t)n, sizeof *shard);
	int64_t *size = lepton__calloc((size_t)rule->count, sizeof *size);
	int code = shard && size ? lepton__shard_deal(rule, whole->split[LEPTON_TRAIN].labels,
					   whole->info.classes, n, shard, size, err)
				 : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for shards");
	if (!code && !(d->map = lepton__calloc((size_t)size[index], sizeof *d->map)))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for shards");
	for (int64_t i = 0; i < n && !code; i++)
		if (shard[i] == index)
			d->map[at++] = (uint32_t)i;
	d->info.train = at;
	lepton__free(shard);
	lepton__free(size);
	return code;
}

int lepton_dataset_shard(struct lepton_dataset *whole, const struct lepton_shard_rule *rule, int index,
	struct lepton_dataset **out, struct lepton_error *err)
{
	*out = NULL;
	int code = check_rule(rule, index, err);
	if (!code && whole->map)
		code = lepton_error_set(
			err, LEPTON_E_UNSUPPORTED, "shards: a shard has no shards of its own");
	if (code)
		return code;
	struct lepton_dataset *d = lepton__dataset_beside(whole);
	if (!d)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for shards");
	code = take(d, whole, rule, index, err);
	if (code)
		lepton_dataset_release(d);
	else
		*out = d;
	return code;
}
