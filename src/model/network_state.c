/* model/network_state.c - a network's weights and whole training state as snapshots, and back.
 *
 * A state is complete: continued from it, training makes the very bits it would have made without
 * the stop. Beside the tensors that takes the place in the data's order and the number of optimiser
 * updates (place.c).
 */
#include "config.h"
#include "model/network.h"
#include "model/place.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define PREFIX_SIZE 32

static const char *const no_prefix[1] = {""};

int lepton__network_weights(
	struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err)
{
	const struct lepton__network *network = (const struct lepton__network *)learner;
	int code = lepton__graph_params(&network->graph, LEPTON__ALL, no_prefix, 1, out, err);
	if (!code)
		lepton__graph_gather(&network->graph, LEPTON__ALL,
			network->settings.averaging.known ? network->settings.averaging.mean
							  : network->weights,
			*out, 0);
	return code;
}

static int check_weights(
	const struct lepton__network *network, const struct lepton_params *weights, struct lepton_error *err)
{
	struct lepton_params *like = NULL;
	int code = lepton__graph_params(&network->graph, LEPTON__ALL, no_prefix, 1, &like, err);
	if (!code)
		code = lepton_params_match(like, weights, err);
	lepton_params_release(like);
	return code;
}

static void restart_optimizer(struct lepton__network *network)
{
	for (int s = 0; s < network->slot_count; s++)
		memset(network->slots[s], 0, (size_t)network->graph.floats * sizeof(float));
	network->updates = 0;
}

int lepton__network_set_weights(
	struct lepton_learner *learner, const struct lepton_params *weights, struct lepton_error *err)
{
	struct lepton__network *network = (struct lepton__network *)learner;
	int code = check_weights(network, weights, err);
	if (code)
		return code;
	lepton__network_leave_int8(network);
	network->used = NULL;
	network->settings.clustering.known = network->settings.averaging.known = false;
	lepton__graph_scatter(&network->graph, LEPTON__ALL, weights, 0, network->weights);
	restart_optimizer(network);
	return LEPTON_OK;
}

int lepton__network_hold_near(
	struct lepton_learner *learner, const struct lepton_params *near, double mu, struct lepton_error *err)
{
	struct lepton__network *network = (struct lepton__network *)learner;
	network->near_mu = 0;
	if (!(mu > 0))
		return LEPTON_OK;
	int code = check_weights(network, near, err);
	if (!code && !network->near)
		network->near = lepton__aligned((size_t)network->graph.floats, sizeof(float));
	if (!code && !network->near)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the weights to stay near to");
	if (code)
		return code;
	lepton__graph_scatter(&network->graph, LEPTON__ALL, near, 0, network->near);
	network->near_mu = (float)mu;
	return LEPTON_OK;
}

int lepton__network_learn_from(
	struct lepton_learner *learner, const float *probabilities, struct lepton_error *err)
{
	return lepton__teacher_learn_from((struct lepton__network *)learner, probabilities, err);
}

/* ---- saving ---- */

/* An empty set for the optimiser's slots: "adam/m/dense/kernel". *out is NULL where there are none. */
static int slot_params(
	const struct lepton__network *network, struct lepton_params **out, struct lepton_error *err)
{
	char prefix[LEPTON__SLOTS_MAX][PREFIX_SIZE];
	const char *prefixes[LEPTON__SLOTS_MAX];
	const struct lepton_optimizer_ops *ops = network->settings.optimizer.ops;
	*out = NULL;
	for (int s = 0; s < network->slot_count; s++) {
		snprintf(prefix[s], PREFIX_SIZE, "%s/%s/", ops->name, ops->slots[s]);
		prefixes[s] = prefix[s];
	}
	return network->slot_count ? lepton__graph_params(&network->graph, LEPTON__TRAINED, prefixes,
					     network->slot_count, out, err)
				   : LEPTON_OK;
}

/* Behind them, so that those that are there keep their places. */
int lepton__network_add_slots(struct lepton_params **slots, const struct lepton_tensor *more, size_t count,
	struct lepton_error *err)
{
	const size_t first = *slots ? lepton_params_count(*slots) : 0;
	struct lepton_params *both = NULL;
	struct lepton_tensor *like = lepton__calloc(first + count, sizeof *like);
	if (!like)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a checkpoint");
	for (size_t i = 0; i < first; i++)
		like[i] = *lepton_params_at(*slots, i);
	memcpy(like + first, more, count * sizeof *more);
	int code = lepton_params_from(like, first + count, &both, err);
	lepton__free(like);
	if (code)
		return code;
	lepton_params_release(*slots);
	*slots = both;
	return LEPTON_OK;
}

static int add_answers(
	const struct lepton__network *network, struct lepton_params **slots, struct lepton_error *err)
{
	const struct lepton_tensor answers = lepton__teacher_tensor(network);
	return lepton__network_add_slots(slots, &answers, 1, err);
}

int lepton__network_save(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err)
{
	const struct lepton__network *network = (const struct lepton__network *)learner;
	*out = (struct lepton_state){.step = network->step,
		.epoch = (double)network->epoch + (double)network->position / (double)network->train};
	int code = lepton__network_weights(learner, &out->weights, err);
	if (!code)
		code = slot_params(network, &out->slots, err);
	for (int s = 0; s < network->slot_count && !code; s++)
		lepton__graph_gather(&network->graph, LEPTON__TRAINED, network->slots[s], out->slots,
			s * network->graph.trained_tensors);
	if (!code)
		code = lepton__averaging_save(network, &out->slots, err);
	if (!code && network->settings.teacher.answers)
		code = add_answers(network, &out->slots, err);
	if (!code) {
		out->extra = lepton__place_write(&(struct lepton__place){
			network->epoch, network->position, network->updates});
		if (!out->extra)
			code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a checkpoint");
	}
	if (code)
		lepton_state_clear(out);
	return code;
}

/* ---- loading ---- */

/* What follows them is averaging's and a teacher's. */
static int match_first(
	const struct lepton_params *like, const struct lepton_params *slots, struct lepton_error *err)
{
	for (size_t i = 0; i < lepton_params_count(like); i++) {
		const struct lepton_tensor *mine = lepton_params_at(like, i);
		const struct lepton_tensor *other =
			i < lepton_params_count(slots) ? lepton_params_at(slots, i) : NULL;
		if (!other || strcmp(mine->name, other->name) != 0 || mine->dtype != other->dtype ||
			!lepton_shape_equal(&mine->shape, &other->shape))
			return lepton_error_set(err, LEPTON_E_SHAPE,
				"the checkpoint has no %s of the network's shape", mine->name);
	}
	return LEPTON_OK;
}

/* Moments of another optimiser are left behind; those of this one must all fit. */
static int check_slots(const struct lepton__network *network, const struct lepton_state *state, bool *use,
	struct lepton_error *err)
{
	struct lepton_params *like = NULL;
	int code = slot_params(network, &like, err);
	const char *first = like ? lepton_params_at(like, 0)->name : NULL;
	*use = !code && first && state->slots && lepton_params_find(state->slots, first);
	if (*use)
		code = match_first(like, state->slots, err);
	lepton_params_release(like);
	return code;
}

int lepton__network_load(
	struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err)
{
	struct lepton__network *network = (struct lepton__network *)learner;
	struct lepton__place place = {0};
	bool use_slots = false;
	int code = lepton__place_read(state, network->train, &place, err);
	if (!code)
		code = check_weights(network, state->weights, err);
	if (!code)
		code = check_slots(network, state, &use_slots, err);
	if (!code)
		code = lepton__teacher_load(network, state->slots, err);
	if (code)
		return code;
	lepton__network_leave_int8(network);
	network->used = NULL;
	network->settings.clustering.known = false;
	lepton__graph_scatter(&network->graph, LEPTON__ALL, state->weights, 0, network->weights);
	if ((code = lepton__averaging_load(network, state, err)))
		return code;
	restart_optimizer(network);
	for (int s = 0; s < network->slot_count && use_slots; s++)
		lepton__graph_scatter(&network->graph, LEPTON__TRAINED, state->slots,
			s * network->graph.trained_tensors, network->slots[s]);
	network->updates = use_slots || !network->slot_count ? place.updates : 0;
	network->step = state->step;
	network->epoch = place.epoch;
	network->position = place.position;
	return LEPTON_OK;
}
