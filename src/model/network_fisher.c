/* model/network_fisher.c - how much each weight of a network matters: the diagonal of its Fisher information.
 *
 * Of each sample by itself: for each answer c that the network gives with probability p(c), the gradient g
 * of log p(c), and the sum of p(c) · g². Of a sample of which the network is all but sure it is what the
 * unlikely answers would have changed that counts, so all answers are taken. The samples are spread evenly
 * over the training split, whose order may mean something.
 */
#include "config.h"
#include "model/network.h"
#include "base/memory.h"

#define RARE 1e-9F /* of an answer that is left out */

/* The sample in the first lane's place 0, were `answer` the label: share · g² is added to sum. */
static void add_answer(
	struct lepton__network *network, const float *out, int answer, float share, float *restrict sum)
{
	struct lepton__lane *lane = &network->lanes[0];
	const struct lepton__draw draw = {.size = 1, .still = true};
	if (lane->targets) /* half the squared error is the log probability, but for the sign */
		lane->targets[0] = out[0] - 0.5F;
	else
		lane->labels[0] = answer;
	lepton__lane_backward(lane, &network->graph, network->used, lane->x, 1, &draw, 1);
	const float *g = lane->gradient;
	for (int64_t i = 0; i < network->graph.trained; i++)
		sum[i] += share * g[i] * g[i];
}

static void add_sample(struct lepton__network *network, uint32_t index, float *sum)
{
	const struct lepton__graph *graph = &network->graph;
	struct lepton__lane *lane = &network->lanes[0];
	float share[LEPTON__CLASSES_MAX] = {1};
	lepton__network_gather(network, lane, 0, LEPTON_TRAIN, &index, 1);
	const float *out = lepton__lane_forward(lane, graph, network->used, lane->x, 1, NULL);
	if (!lane->targets)
		lepton__loss_answer(&graph->loss, 1, out, share);
	for (int c = 0; c < graph->classes; c++)
		if (share[c] > RARE)
			add_answer(network, out, c, share[c], sum);
}

static int check_fisher(const struct lepton__graph *graph, struct lepton_error *err)
{
	const enum lepton__loss_kind kind = graph->loss.kind;
	const bool fine = kind == LEPTON__CATEGORICAL_CROSS_ENTROPY || kind == LEPTON__SQUARED_ERROR ||
			  (kind == LEPTON__BINARY_CROSS_ENTROPY && graph->loss.outputs == 1);
	if (fine && graph->classes <= LEPTON__CLASSES_MAX)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
		"a network has a Fisher information where it is trained by categorical or two-class "
		"cross-entropy "
		"or by squared error");
}

int lepton__network_fisher(
	struct lepton_learner *learner, int64_t samples, struct lepton_params **out, struct lepton_error *err)
{
	static const char *const no_prefix[1] = {""};
	struct lepton__network *network = (struct lepton__network *)learner;
	struct lepton__lane *lane = &network->lanes[0];
	const int64_t count = samples < network->train ? samples : network->train;
	int code = check_fisher(&network->graph, err);
	if (code)
		return code;
	float *sum = lepton__aligned((size_t)network->graph.floats, sizeof *sum);
	if (!sum)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a Fisher information");
	float *answers = lane->answers;
	lane->answers = NULL; /* of a teacher: not what is asked for here */
	lane->team = NULL;
	lepton__network_ready_to_answer(network);
	for (int64_t i = 0; i < count; i++)
		add_sample(network, (uint32_t)(i * network->train / count), sum);
	lane->answers = answers;
	for (int64_t i = 0; i < network->graph.trained; i++)
		sum[i] /= (float)count;
	code = lepton__graph_params(&network->graph, LEPTON__ALL, no_prefix, 1, out, err);
	if (!code)
		lepton__graph_gather(&network->graph, LEPTON__ALL, sum, *out, 0);
	lepton__free(sum);
	return code;
}
