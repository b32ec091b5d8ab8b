/* model/clustering.c - weight sharing that learns: the centroids of k-means, fine-tuned by the data.
 *
 * k-means puts a shared value where it errs least in weights; what counts is the loss. So training goes on
 * with the weights tied: those that share a value get the mean of their updates, and go on sharing one (Han,
 * Mao, Dally, "Deep Compression", 2016, section 3.3, who add the gradients up; a mean is that with a rate of
 * each cluster's own, and is what an optimiser with moments allows). Zeros stay zero, so a pruned network
 * keeps its zeros.
 *
 * Which weights are tied is told by the weights themselves: equal ones are. So a checkpoint needs nothing
 * more, and `compress --method cluster` with as many clusters keeps the last step's weights to the bit.
 */
#include "config.h"
#include "model/clustering.h"
#include "model/kmeans.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define WHERE "clustering"
#define CLUSTERS_MAX 256

static const struct lepton__key keys[] = {
	{"clusters", LEPTON__KEY_INTEGER, 1, CLUSTERS_MAX, NULL, true,
		"values that a tensor's weights share, beside zero"},
	{0},
};

int lepton__clustering_read(struct lepton__clustering *c, const cJSON *config, struct lepton_error *err)
{
	*c = (struct lepton__clustering){.on = config != NULL};
	if (!config)
		return LEPTON_OK;
	int code = lepton__keys_check(keys, config, false, WHERE, err);
	if (!code)
		c->clusters = (uint32_t)lepton__json_get_int(config, "clusters", 16);
	return code;
}

static bool add_tensor(struct lepton__clustering *c, struct lepton__matrix matrix)
{
	struct lepton__clustered *t = &c->tensors[c->count++];
	*t = (struct lepton__clustered){.of = matrix};
	t->member = lepton__calloc((size_t)matrix.count, sizeof *t->member);
	t->value = lepton__calloc((size_t)c->clusters + 1, sizeof *t->value);
	return t->member && t->value;
}

int lepton__clustering_plan(
	struct lepton__clustering *c, const struct lepton__graph *graph, struct lepton_error *err)
{
	if (!c->on)
		return LEPTON_OK;
	int count;
	struct lepton__matrix *matrices = lepton__graph_matrices(graph, &count);
	c->tensors = lepton__calloc((size_t)count + 1, sizeof *c->tensors);
	c->sum = lepton__calloc((size_t)c->clusters + 1, sizeof *c->sum);
	c->number = lepton__calloc((size_t)c->clusters + 1, sizeof *c->number);
	bool good = matrices && c->tensors && c->sum && c->number;
	for (int i = 0; good && i < count; i++)
		good = add_tensor(c, matrices[i]);
	lepton__free(matrices);
	return good ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for clustering");
}

void lepton__clustering_free(struct lepton__clustering *c)
{
	for (int i = 0; i < c->count; i++) {
		lepton__free(c->tensors[i].member);
		lepton__free(c->tensors[i].value);
	}
	lepton__free(c->tensors);
	lepton__free(c->sum);
	lepton__free(c->number);
	*c = (struct lepton__clustering){0};
}

/* ---- sharing ---- */

static bool is_zero(float x)
{
	return !(fabsf(x) > 0);
}

/* The number of the nearest of values[0..found), ascending; of two as near the lower. */
static uint32_t nearest(const float *values, uint32_t found, float x)
{
	uint32_t low = 0, high = found - 1;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if ((double)x <= ((double)values[middle] + (double)values[middle + 1]) / 2)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static int share_tensor(const struct lepton__clustering *c, struct lepton__clustered *t, float *weights,
	struct lepton_error *err)
{
	int code = lepton__kmeans(weights, t->of.count, c->clusters, t->value + 1, &t->found, err);
	for (int64_t i = 0; i < t->of.count && !code; i++) {
		t->member[i] = 0;
		if (is_zero(weights[i]) || !t->found)
			continue;
		t->member[i] = (uint16_t)(1 + nearest(t->value + 1, t->found, weights[i]));
		weights[i] = t->value[t->member[i]];
	}
	return code;
}

int lepton__clustering_share(struct lepton__clustering *c, float *weights, struct lepton_error *err)
{
	int code = LEPTON_OK;
	if (!c->on || c->known)
		return LEPTON_OK;
	for (int i = 0; i < c->count && !code; i++)
		code = share_tensor(c, &c->tensors[i], weights + c->tensors[i].of.offset, err);
	c->known = !code;
	return code;
}

/* ---- tying ---- */

/* Two that have become one, or zero, are told so by the weights from the next step on, as after a restart. */
static bool all_apart(const struct lepton__clustered *t)
{
	for (uint32_t a = 1; a <= t->found; a++) {
		if (is_zero(t->value[a]))
			return false;
		for (uint32_t b = a + 1; b <= t->found; b++)
			if (is_zero(t->value[a] - t->value[b]))
				return false;
	}
	return true;
}

/* What pruning has taken is zero, and stays so. */
static void tie_tensor(struct lepton__clustering *c, struct lepton__clustered *t, float *weights)
{
	memset(c->sum, 0, (t->found + 1) * sizeof *c->sum);
	memset(c->number, 0, (t->found + 1) * sizeof *c->number);
	for (int64_t i = 0; i < t->of.count; i++)
		if (!is_zero(weights[i])) {
			c->sum[t->member[i]] += (double)weights[i];
			c->number[t->member[i]]++;
		}
	for (uint32_t k = 1; k <= t->found; k++)
		if (c->number[k])
			t->value[k] = (float)(c->sum[k] / (double)c->number[k]);
	t->value[0] = 0;
	for (int64_t i = 0; i < t->of.count; i++)
		weights[i] = is_zero(weights[i]) ? weights[i] : t->value[t->member[i]];
	c->known &= all_apart(t);
}

void lepton__clustering_tie(struct lepton__clustering *c, float *weights)
{
	for (int i = 0; c->on && i < c->count; i++)
		tie_tensor(c, &c->tensors[i], weights + c->tensors[i].of.offset);
}
