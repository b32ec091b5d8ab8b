/* model/network_score.c - a network's figures on a split, and its answers for single samples.
 *
 * The lanes serve here too: between steps they hold nothing that training needs again.
 */
#include "config.h"
#include "model/score.h"
#include "model/network.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct job {
	struct lepton__network *network;
	enum lepton_split split;
	int64_t from, to;
};

void lepton__network_gather(const struct lepton__network *network, const struct lepton__lane *lane, int64_t at,
	enum lepton_split split, const uint32_t *index, int64_t n)
{
	float *x = lane->x + at * network->graph.layers[0].in_size;
	lepton_dataset_gather(network->data, split, index, n, x, lane->labels ? lane->labels + at : NULL);
	if (lane->targets)
		lepton_dataset_gather_targets(network->data, split, index, n, lane->targets + at);
	if (lane->answers && split == LEPTON_TRAIN && network->settings.teacher.answers)
		lepton__teacher_gather(network, index, n, lane->answers + at * network->graph.loss.outputs);
}

/* ---- on 8-bit whole numbers ---- */

void lepton__network_leave_int8(struct lepton__network *network)
{
	lepton__int8_free(network->int8);
	network->int8 = NULL;
}

int lepton__network_use_int8(struct lepton_learner *learner, struct lepton_error *err)
{
	struct lepton__network *network = (struct lepton__network *)learner;
	if (network->settings.privacy.on)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"int8: its scales come from training samples, of which a network with \"privacy\" must say nothing");
	lepton__network_leave_int8(network);
	lepton__network_ready_to_answer(network);
	return lepton__int8_new(&network->graph, network->used, network->data, network->lane_count,
		network->lanes[0].capacity, &network->int8, err);
}

/* ---- either way ---- */

void lepton__network_ready(struct lepton__network *network)
{
	const struct lepton__quantization *quantization = &network->settings.quantization;
	if (quantization->on && !network->used)
		lepton__quantization_round(quantization, &network->graph, network->weights);
	network->used = quantization->on ? quantization->rounded : network->weights;
}

void lepton__network_ready_to_answer(struct lepton__network *network)
{
	lepton__network_ready(network);
	if (network->settings.averaging.known)
		network->used = network->settings.averaging.mean;
}

/* The outputs for n samples, in the memory of lane `part`. */
static const float *outputs(struct lepton__network *network, int part, const float *x, int n)
{
	return network->int8 ? lepton__int8_net_forward(network->int8, part, x, n)
			     : lepton__lane_forward(
				       &network->lanes[part], &network->graph, network->used, x, n, NULL);
}

static void score_chunk(
	struct lepton__network *network, int part, enum lepton_split split, int64_t from, int n)
{
	const struct lepton__graph *graph = &network->graph;
	struct lepton__lane *lane = &network->lanes[part];
	struct lepton__loss loss;
	for (int i = 0; i < n; i++)
		lane->index[i] = (uint32_t)(from + i);
	lepton__network_gather(network, lane, 0, split, lane->index, n);
	const float *out = outputs(network, part, lane->x, n);
	lepton__loss(&graph->loss, n, out, lane->labels, lane->targets, 0, NULL, &loss);
	lane->loss.sum += loss.sum;
	lane->loss.right += loss.right;
}

/* Part i takes its fixed share of the range, a lane's capacity at a time. */
static void score_part(void *arg, int part)
{
	const struct job *job = arg;
	struct lepton__lane *lane = &job->network->lanes[part];
	int64_t n = job->to - job->from, parts = job->network->lane_count;
	int64_t at = job->from + n * part / parts, to = job->from + n * (part + 1) / parts;
	lane->loss = (struct lepton__loss){0};
	for (; at < to; at += lane->capacity)
		score_chunk(job->network, part, job->split, at,
			to - at < lane->capacity ? (int)(to - at) : lane->capacity);
}

int lepton__network_evaluate(struct lepton_learner *learner, const struct lepton_team *team,
	enum lepton_split split, int64_t from, int64_t to, struct lepton_score *score,
	struct lepton_error *err)
{
	struct lepton__network *network = (struct lepton__network *)learner;
	struct lepton__loss total = {0};
	int code = lepton__score_begin(network->data, split, from, to, score, err);
	if (code || from == to)
		return code;
	struct job job = {network, split, from, to};
	lepton__network_ready_to_answer(network);
	network->lanes[0].team = network->shares ? team : NULL;
	if (network->lane_count == 1)
		score_part(&job, 0);
	else
		team->run(team, network->lane_count, score_part, &job);
	for (int i = 0; i < network->lane_count; i++) {
		total.sum += network->lanes[i].loss.sum;
		total.right += network->lanes[i].loss.right;
	}
	score->samples = to - from;
	score->loss = total.sum / (double)score->samples * network->unit;
	score->accuracy = network->graph.loss.kind == LEPTON__SQUARED_ERROR ? NAN : (double)total.right / (double)score->samples;
	return LEPTON_OK;
}

int lepton__network_predict(struct lepton_learner *learner, const float *x, int64_t n, float *probabilities,
	struct lepton_error *err)
{
	struct lepton__network *network = (struct lepton__network *)learner;
	const struct lepton__graph *graph = &network->graph;
	struct lepton__lane *lane = &network->lanes[0];
	bool table = lepton_dataset_info(network->data)->features != NULL;
	lane->team = NULL;
	lepton__network_ready_to_answer(network);
	if (n < 0)
		return lepton_error_set(err, LEPTON_E_USAGE, "cannot predict %" PRId64 " samples", n);
	for (int64_t at = 0; at < n; at += lane->capacity) {
		int size = n - at < lane->capacity ? (int)(n - at) : lane->capacity;
		const float *in = x + at * graph->layers[0].in_size;
		if (table) {
			lepton_dataset_fill(network->data, in, size, lane->x);
			in = lane->x;
		}
		const float *out = outputs(network, 0, in, size);
		lepton__loss_answer(&graph->loss, size, out, probabilities + at * graph->classes);
	}
	return LEPTON_OK;
}
