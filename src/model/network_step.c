/* model/network_step.c - one training step: the gradient in parts, then the update in parts.
 *
 * The parts of the update are ranges of weights. Each range is walked in blocks that stay in the
 * first-level cache while the lanes' gradients are summed into it and the optimiser reads the sum.
 */
#include "config.h"
#include "model/network.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define BLOCK 2048 /* floats */

struct job {
	struct lepton__network *network;
	const uint32_t *samples;
	int n;
	float rate;  /* of learning, in this step */
	float share; /* of the new weights in their mean; 0: there is none, or not by steps */
};

/* Samples in a part of a batch of n: all have as many, but for the last ones. */
static int part_size(const struct lepton__network *network, int n)
{
	int parts = network->settings.micro_batches;
	return (int)(((int64_t)n + parts - 1) / parts);
}

/* The n samples that lie in a lane: the gradient of part `part`, or of all parts as one. */
static void run_lane(const struct job *job, struct lepton__lane *lane, int n, int part)
{
	struct lepton__network *network = job->network;
	struct lepton__draw draw = {
		network->seed, network->step, part, part_size(network, job->n), false};
	lane->samples = n;
	lane->loss = (struct lepton__loss){0};
	if (n == 0)
		return;
	lepton__lane_forward(lane, &network->graph, network->used, lane->x, n, &draw);
	lepton__lane_backward(lane, &network->graph, network->used, lane->x, n, &draw, 1.0F / (float)job->n);
}

/* How many samples a part has; the first of them. */
static int part_samples(const struct job *job, int part, int64_t *from)
{
	int64_t size = part_size(job->network, job->n), left = job->n - size * part;
	*from = size * part;
	return (int)(left < 0 ? 0 : left < size ? left : size);
}

/* A part's samples, from place `at` on of a lane; how many there are. */
static int gather(const struct job *job, int part, const struct lepton__lane *lane, int64_t at)
{
	int64_t from;
	int n = part_samples(job, part, &from);
	if (n)
		lepton__network_gather(job->network, lane, at, LEPTON_TRAIN, job->samples + from, n);
	return n;
}

static void gather_part(void *arg, int part)
{
	const struct job *job = arg;
	(void)gather(job, part, &job->network->lanes[0], (int64_t)part_size(job->network, job->n) * part);
}

static void gradient_part(void *arg, int part)
{
	const struct job *job = arg;
	struct lepton__lane *lane = &job->network->lanes[part];
	run_lane(job, lane, gather(job, part, lane, 0), part);
}

static void private_part(void *arg, int part)
{
	const struct job *job = arg;
	int64_t from;
	int n = part_samples(job, part, &from);
	lepton__network_private_part(job->network, job->samples, (int)from, n, part);
}

/* With nobody to share the parts with, or layers that share their own work, they run as one: each layer's
 * weights are read once, one gradient is written, and the bits are the same. */
static void gradient(struct job *job, const struct lepton_team *team)
{
	struct lepton__network *network = job->network;
	network->lanes[0].team = network->shares ? team : NULL;
	if (network->settings.privacy.on) {
		team->run(team, network->settings.micro_batches, private_part, job);
		return;
	}
	if (!network->shares && (team->width > 1 || !network->parts_join)) {
		team->run(team, network->settings.micro_batches, gradient_part, job);
		return;
	}
	team->run(team, network->settings.micro_batches, gather_part, job);
	run_lane(job, &network->lanes[0], job->n, 0);
	for (int i = 1; i < network->lane_count; i++) {
		network->lanes[i].samples = 0;
		network->lanes[i].loss = (struct lepton__loss){0};
	}
}

static void update_block(struct lepton__network *network, const struct job *job, int64_t at, int64_t n)
{
	const struct lepton__kernels *kernels = lepton__kernels_get();
	float *sum = network->lanes[0].gradient + at;
	float *slots[LEPTON__SLOTS_MAX] = {NULL};
	for (int i = 1; i < network->lane_count; i++)
		if (network->lanes[i].samples)
			kernels->add(n, network->lanes[i].gradient + at, sum);
	if (network->settings.privacy.on)
		lepton__privacy_finish(&network->settings.privacy, network->step, at, n, job->n, sum);
	for (int64_t i = 0; network->near_mu > 0 && i < n; i++)
		sum[i] += network->near_mu * (network->weights[at + i] - network->near[at + i]);
	for (int s = 0; s < network->slot_count; s++)
		slots[s] = network->slots[s] + at;
	const struct lepton__optimizer *optimizer = &network->settings.optimizer;
	const struct lepton__pruning *pruning = &network->settings.pruning;
	float *weights = network->weights + at, before[BLOCK];
	if (pruning->on)
		memcpy(before, weights, (size_t)n * sizeof *before);
	optimizer->ops->update(optimizer, job->rate, network->updates + 1, n, sum, slots, weights);
	if (pruning->on)
		lepton__pruning_keep(pruning, before, at, n, weights);
	if (job->share > 0)
		lepton__averaging_add(&network->settings.averaging, job->share, weights, at, n);
}

static void update_part(void *arg, int part)
{
	const struct job *job = arg;
	struct lepton__network *network = job->network;
	int64_t floats = network->graph.trained, blocks = (floats + BLOCK - 1) / BLOCK;
	int64_t from = blocks * part / network->update_parts,
		to = blocks * (part + 1) / network->update_parts;
	for (int64_t b = from; b < to; b++) {
		int64_t left = floats - b * BLOCK;
		update_block(network, job, b * BLOCK, left < BLOCK ? left : BLOCK);
	}
}

static int diverged(const struct lepton__network *network, const char *what, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_DIVERGED,
		"training diverged at step %" PRId64 ": %s; try a lower \"learning_rate\"", network->step + 1,
		what);
}

static struct lepton__loss total_loss(const struct lepton__network *network)
{
	struct lepton__loss total = {0};
	for (int i = 0; i < network->lane_count; i++) {
		total.sum += network->lanes[i].loss.sum;
		total.right += network->lanes[i].loss.right;
	}
	return total;
}

/* One untrained tensor: the lanes' views of it, weighted by their samples, in the first lane's place. */
static void merge_views(struct lepton__network *network, int64_t offset, int64_t values, int n)
{
	float *sum = network->lanes[0].gradient + offset;
	for (int i = 0; i < network->lane_count; i++) {
		const struct lepton__lane *lane = &network->lanes[i];
		float share = (float)lane->samples / (float)n;
		for (int64_t k = 0; lane->samples && k < values; k++)
			sum[k] = (i ? sum[k] : 0) + share * lane->gradient[offset + k];
	}
}

/* Moving statistics; few values, so the caller's thread does them alone. */
static void track_statistics(struct lepton__network *network, int n)
{
	for (int i = 0; i < network->graph.count; i++) {
		const struct lepton__layer *layer = &network->graph.layers[i];
		const float *seen[LEPTON__LAYER_TENSORS] = {NULL};
		float *w[LEPTON__LAYER_TENSORS] = {NULL};
		if (!layer->untrained)
			continue;
		for (int t = layer->tensor_count - layer->untrained; t < layer->tensor_count; t++) {
			merge_views(network, layer->offset[t], lepton_shape_count(&layer->tensor[t]), n);
			seen[t] = network->lanes[0].gradient + layer->offset[t];
			w[t] = network->weights + layer->offset[t];
		}
		layer->ops->track(layer, seen, w);
	}
}

static void advance(struct lepton__network *network, int n, struct lepton_step_result *result)
{
	network->step++;
	network->updates++;
	network->position += n;
	result->epoch_ended = network->position >= network->train;
	if (result->epoch_ended) {
		network->position = 0;
		network->epoch++;
	}
	result->finished = network->epoch >= network->settings.epochs;
}

static void order_epoch(struct lepton__network *network)
{
	if (network->order_epoch != network->epoch)
		lepton_epoch_order(network->seed, network->epoch, network->order, network->train);
	network->order_epoch = network->epoch;
}

static float average_share(const struct lepton__network *network)
{
	const struct lepton__averaging *averaging = &network->settings.averaging;
	return averaging->on && !averaging->by_epoch ? lepton__averaging_share(averaging, network->updates)
						     : 0;
}

/* What the parts of an update leave: statistics, of steps, and ends of epochs. */
static void average(struct lepton__network *network, float share, bool epoch_ends)
{
	const struct lepton__graph *graph = &network->graph;
	struct lepton__averaging *averaging = &network->settings.averaging;
	if (share > 0)
		lepton__averaging_add(averaging, share, network->weights + graph->trained, graph->trained,
			graph->floats - graph->trained);
	if (epoch_ends)
		lepton__averaging_epoch(averaging, graph, network->weights, network->epoch + 1);
}

int lepton__network_step(struct lepton_learner *learner, const struct lepton_team *team,
	struct lepton_step_result *result, struct lepton_error *err)
{
	struct lepton__network *network = (struct lepton__network *)learner;
	*result = (struct lepton_step_result){.finished = true};
	if (network->epoch >= network->settings.epochs)
		return lepton_error_set(err, LEPTON_E_STATE,
			"training is finished after %" PRId64 " epochs; raise \"epochs\" to go on",
			network->epoch);
	if (network->settings.teacher.on && !network->settings.teacher.answers)
		return lepton_error_set(
			err, LEPTON_E_STATE, "its teacher's answers are not there: distil it once more");
	lepton__network_leave_int8(network);
	order_epoch(network);
	int64_t left = network->train - network->position;
	int n = left < network->settings.batch_size ? (int)left : network->settings.batch_size;
	const struct lepton__optimizer *optimizer = &network->settings.optimizer;
	struct job job = {network, network->order + network->position, n,
		lepton__schedule_rate(&optimizer->schedule, optimizer->learning_rate, network->step),
		average_share(network)};
	lepton__pruning_apply(&network->settings.pruning, network->step, network->weights);
	int code = lepton__clustering_share(&network->settings.clustering, network->weights, err);
	if (code)
		return code;
	network->used = network->settings.pruning.on ? NULL : network->used;
	lepton__network_ready(network);
	lepton__averaging_begin(&network->settings.averaging, &network->graph, network->weights);
	lepton__privacy_begin(&network->settings.privacy, network->graph.trained, network->weights);
	gradient(&job, team);
	struct lepton__loss loss = total_loss(network);
	result->samples = n;
	result->loss = loss.sum / n * network->unit;
	result->accuracy = network->graph.loss.kind == LEPTON__SQUARED_ERROR ? NAN : (double)loss.right / n;
	if (!isfinite(loss.sum))
		return diverged(network, "the loss is not a finite number", err);
	track_statistics(network, n);
	team->run(team, network->update_parts, update_part, &job);
	average(network, job.share, left <= n);
	lepton__clustering_tie(&network->settings.clustering, network->weights);
	network->used = NULL;
	bool last = left <= n; /* an epoch's end is a checkpoint: it must not hold Inf or NaN */
	if (last && !lepton__kernels_get()->all_finite(network->graph.floats, network->weights))
		return diverged(network, "a weight is not a finite number", err);
	advance(network, n, result);
	if (result->finished && network->settings.quantization.on) {
		lepton__network_ready(network);
		memcpy(network->weights, network->used,
			(size_t)network->graph.floats * sizeof *network->weights);
	}
	return LEPTON_OK;
}
