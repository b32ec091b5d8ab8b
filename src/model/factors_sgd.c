/* model/factors_sgd.c - gradient descent, rating by rating (Koren, Bell and Volinsky, 2009).
 *
 * Users and items are each dealt into as many groups as there are parts. A stratum is one block, group by
 * group, of each part, such that no two blocks share a user or an item (Gemulla et al., "Large-Scale Matrix
 * Factorization with Distributed Stochastic Gradient Descent", 2011): parts may run at the same time or one
 * after the other, and the bits are the same. An epoch is as many strata, which together are all blocks. A
 * block's ratings are shuffled anew in each epoch.
 */
#include "config.h"
#include "model/factors.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define PARTS LEPTON__FACTOR_PARTS

static int block_of(const float *pair)
{
	return (int)((int64_t)pair[0] % PARTS * PARTS + (int64_t)pair[1] % PARTS);
}

int lepton__factors_sgd_prepare(struct lepton__factors *model, struct lepton_error *err)
{
	const float *values = lepton_dataset_values(model->data, LEPTON_TRAIN);
	int64_t next[PARTS * PARTS];
	model->place = lepton__calloc((size_t)model->train, sizeof *model->place);
	model->order = lepton__calloc((size_t)model->train, sizeof *model->order);
	if (!model->place || !model->order)
		return lepton_error_set(err, LEPTON_E_NOMEM,
			"out of memory for the order of %" PRId64 " ratings", model->train);
	for (int64_t i = 0; i < model->train; i++)
		model->block[block_of(values + 2 * i) + 1]++;
	for (int b = 0; b < PARTS * PARTS; b++)
		model->block[b + 1] += model->block[b];
	memcpy(next, model->block, sizeof next);
	for (int64_t i = 0; i < model->train; i++)
		model->place[next[block_of(values + 2 * i)]++] = (uint32_t)i;
	return LEPTON_OK;
}

/* Biases first, then factors, all by the error before. Gives its square. */
static double learn(struct lepton__factors *model, const float *pair, float rating)
{
	int64_t u = (int64_t)pair[0], v = (int64_t)pair[1];
	float rate = (float)model->rate, keep = (float)model->regularization;
	float *p = model->side[0].factors + u * model->k, *q = model->side[1].factors + v * model->k;
	float *b = &model->side[0].bias[u], *c = &model->side[1].bias[v];
	float error = rating - lepton__factors_rating(model, pair);
	*b += rate * (error - keep * *b);
	*c += rate * (error - keep * *c);
	for (int f = 0; f < model->k; f++) {
		float was = p[f];
		p[f] += rate * (error * q[f] - keep * was);
		q[f] += rate * (error * was - keep * q[f]);
	}
	return (double)error * (double)error;
}

static void learn_block(void *arg, int part)
{
	struct lepton__factors *model = arg;
	const float *values = lepton_dataset_values(model->data, LEPTON_TRAIN),
		    *targets = lepton_dataset_targets(model->data, LEPTON_TRAIN);
	int64_t stratum = model->step % PARTS, epoch = model->step / PARTS;
	int block = part * PARTS + (int)((part + stratum) % PARTS);
	int64_t from = model->block[block], n = model->block[block + 1] - from;
	double sum = 0;
	lepton_epoch_order(model->seed, epoch * PARTS * PARTS + block, model->order + from, n);
	for (int64_t i = 0; i < n; i++) {
		int64_t rating = model->place[from + model->order[from + i]];
		sum += learn(model, values + 2 * rating, targets[rating]);
	}
	model->part_sum[part] = sum;
}

static int64_t in_stratum(const struct lepton__factors *model)
{
	int64_t stratum = model->step % PARTS, n = 0;
	for (int part = 0; part < PARTS; part++) {
		int block = part * PARTS + (int)((part + stratum) % PARTS);
		n += model->block[block + 1] - model->block[block];
	}
	return n;
}

int lepton__factors_sgd(struct lepton__factors *model, const struct lepton_team *team,
	struct lepton_step_result *result, struct lepton_error *err)
{
	int64_t samples = in_stratum(model);
	double sum = 0;
	team->run(team, PARTS, learn_block, model);
	for (int part = 0; part < PARTS; part++)
		sum += model->part_sum[part];
	if (!isfinite(sum))
		return lepton_error_set(err, LEPTON_E_DIVERGED,
			"training diverged at step %" PRId64
			": the loss is not a finite number; try a lower \"learning_rate\"",
			model->step + 1);
	lepton__factors_advance(model, sum, samples, result);
	return LEPTON_OK;
}
