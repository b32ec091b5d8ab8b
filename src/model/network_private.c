/* model/network_private.c - the gradient of one part of a batch where each example's is clipped ("privacy").
 *
 * An example at a time goes forward and back through the part's lane, which leaves its own gradient there;
 * that is added, as much as is left of it, to the part's sum. At the end the sum changes places with the
 * lane's gradient, which the update looks for there. The order of adding is that of the samples, so the
 * number of workers changes no bit.
 */
#include "config.h"
#include "model/network.h"

#include <string.h>

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

void lepton__network_private_part(
	struct lepton__network *network, const uint32_t *samples, int from, int n, int part)
{
	const struct lepton__kernels *kernels = lepton__kernels_get();
	const struct lepton__privacy *privacy = &network->settings.privacy;
	struct lepton__lane *lane = &network->lanes[part];
	const int64_t trained = network->graph.trained;
	float *sum = lane->spare;
	lane->samples = n;
	lane->loss = (struct lepton__loss){0};
	memset(sum, 0, (size_t)trained * sizeof *sum);
	for (int i = 0; i < n; i++) {
		/* Each example drops units of its own. */
		const int64_t place = network->step * network->settings.batch_size + from + i;
		const struct lepton__draw draw = {network->seed, place, 0, 1};
		one_gradient(network, lane, &samples[from + i], &draw);
		const double shrink =
			lepton__privacy_shrink(privacy, lepton__privacy_squares(trained, lane->gradient));
		kernels->sgd(trained, -(float)shrink, 0, lane->gradient, NULL, sum);
	}
	lane->spare = lane->gradient;
	lane->gradient = sum;
}
