/* model/network_private.c - the gradient of one part of a batch where each example's is clipped ("privacy").
 *
 * Where all layers with weights are Dense, no example's gradient is ever written down: its length follows
 * from what goes in and what comes back at each layer. So the part goes forward as ever, and back twice: once
 * for the lengths, and once with each example's loss as much smaller as its gradient was too long, which
 * leaves the sum of the clipped ones.
 *
 * Else an example at a time goes forward and back through the part's lane, which leaves its own gradient
 * there; that is added, as much as is left of it, to the part's sum. At the end the sum changes places with
 * the lane's gradient, which the update looks for there.
 *
 * The order of adding is that of the samples, and parts are what the configuration says, so the number of
 * workers changes no bit.
 */
#include "config.h"
#include "model/network.h"

#include <string.h>

/* ---- all at once ---- */

static void run_together(
	struct lepton__network *network, struct lepton__lane *lane, const uint32_t *samples, int n, int part)
{
	const struct lepton__privacy *privacy = &network->settings.privacy;
	const struct lepton__draw draw = {
		.seed = network->seed, .step = network->step, .part = part, .size = n};
	double *lengths = privacy->lengths + (int64_t)part * lane->capacity;
	lepton__network_gather(network, lane, 0, LEPTON_TRAIN, samples, n);
	lepton__lane_forward(lane, &network->graph, network->used, lane->x, n, &draw);
	lepton__lane_squares(lane, &network->graph, network->used, lane->x, n, &draw, lengths);
	for (int s = 0; s < n; s++)
		lengths[s] = lepton__privacy_shrink(privacy, lengths[s]);
	lepton__lane_backward_shares(lane, &network->graph, network->used, lane->x, n, &draw, lengths);
}

/* ---- one at a time ---- */

/* The gradient of one sample, in the lane. */
static void one_gradient(struct lepton__network *network, struct lepton__lane *lane, const uint32_t *sample,
	const struct lepton__draw *draw)
{
	const struct lepton__loss before = lane->loss;
	lepton__network_gather(network, lane, 0, LEPTON_TRAIN, sample, 1);
	lepton__lane_forward(lane, &network->graph, network->used, lane->x, 1, draw);
	lepton__lane_backward(lane, &network->graph, network->used, lane->x, 1, draw, 1);
	lane->loss.sum += before.sum;
	lane->loss.right += before.right;
}

/* Each example drops units of its own: `place` in the batch is part of its stream of random numbers. */
static void run_each(struct lepton__network *network, struct lepton__lane *lane, const uint32_t *samples,
	int n, int64_t place)
{
	const struct lepton__privacy *privacy = &network->settings.privacy;
	const int64_t trained = network->graph.trained;
	float *sum = lane->spare;
	memset(sum, 0, (size_t)trained * sizeof *sum);
	for (int i = 0; i < n; i++) {
		const struct lepton__draw draw = {.seed = network->seed,
			.step = network->step * network->settings.batch_size + place + i,
			.size = 1};
		one_gradient(network, lane, &samples[i], &draw);
		const double shrink =
			lepton__privacy_shrink(privacy, lepton__privacy_squares(trained, lane->gradient));
		lepton__kernels_get()->sgd(trained, -(float)shrink, 0, lane->gradient, NULL, sum);
	}
	lane->spare = lane->gradient;
	lane->gradient = sum;
}

/* ---- a part ---- */

void lepton__network_private_part(
	struct lepton__network *network, const uint32_t *samples, int from, int n, int part)
{
	struct lepton__lane *lane = &network->lanes[part];
	lane->samples = n;
	lane->loss = (struct lepton__loss){0};
	if (!n)
		return;
	if (network->settings.privacy.together)
		run_together(network, lane, samples + from, n, part);
	else
		run_each(network, lane, samples + from, n, from);
}
