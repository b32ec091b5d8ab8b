/* model/network.h - the learner for networks of layers: its data, shared by the files that make it up. */
#ifndef LEPTON_MODEL_NETWORK_H
#define LEPTON_MODEL_NETWORK_H

#include "lepton/model.h"
#include "model/graph.h"
#include "model/int8.h"
#include "model/lane.h"
#include "model/settings.h"

struct lepton__network {
	struct lepton_learner learner;
	struct lepton__graph graph;
	struct lepton__settings settings;
	struct lepton_dataset *data;
	uint64_t seed;
	int64_t train; /* samples in the training split */
	double unit;   /* regression: loss in the target's own unit, squared, for a held one of 1; else 1 */

	float *weights; /* flat, as the graph lays them out */
	float *slots[LEPTON__SLOTS_MAX];
	int slot_count;
	int update_parts;
	float *near; /* what the weights are held near to, laid out as they are; NULL: nothing yet */
	float near_mu; /* how strongly; 0: not at all */

	const float *used; /* what layers run on: the weights, or those rounded; NULL: to be worked out (lepton__network_ready) */
	struct lepton__int8_net *int8; /* scores and answers on whole numbers; NULL: on floats */

	struct lepton__lane *lanes; /* one a micro-batch; one alone where layers share their work themselves */
	int lane_count;
	bool shares;     /* they do */
	bool parts_join; /* the micro-batches may run as one */
	uint32_t *order; /* of the epoch `order_epoch` */
	int64_t order_epoch; /* -1: none yet */

	int64_t step;     /* steps done */
	int64_t epoch;    /* epochs done */
	int64_t position; /* samples done in the running epoch */
	int64_t updates;  /* of the optimiser since its slots were zero */
};

extern const struct lepton_learner_ops lepton__learner_network;

/* network_step.c */
int lepton__network_step(struct lepton_learner *learner, const struct lepton_team *team,
		struct lepton_step_result *result, struct lepton_error *err);
/* network_private.c: of a part of the batch, samples[from..from + n), the clipped gradients' sum, in its lane. */
void lepton__network_private_part(
		struct lepton__network *network, const uint32_t *samples, int from, int n, int part);
/* network_score.c */
/* n samples and what is to be learned of them, from place `at` on of a lane. */
void lepton__network_gather(const struct lepton__network *network, const struct lepton__lane *lane, int64_t at,
		enum lepton_split split, const uint32_t *index, int64_t n);
int lepton__network_evaluate(struct lepton_learner *learner, const struct lepton_team *team, enum lepton_split split,
		int64_t from, int64_t to, struct lepton_score *score, struct lepton_error *err);
/* Before layers run in a step, and before they score or answer: `used` becomes what they run on. */
void lepton__network_ready(struct lepton__network *network);
void lepton__network_ready_to_answer(struct lepton__network *network);
int lepton__network_use_int8(struct lepton_learner *learner, struct lepton_error *err);
void lepton__network_leave_int8(struct lepton__network *network);
int lepton__network_predict(struct lepton_learner *learner, const float *x, int64_t n, float *probabilities,
		struct lepton_error *err);
/* network_look.c */
int lepton__network_inputs(struct lepton_learner *learner, int64_t samples, lepton_inputs_fn see, void *context,
		struct lepton_error *err);
int lepton__network_outputs(struct lepton_learner *learner, int64_t samples, lepton_outputs_fn see, void *context,
		struct lepton_error *err);
/* network_fisher.c */
int lepton__network_fisher(
		struct lepton_learner *learner, int64_t samples, struct lepton_params **out, struct lepton_error *err);
/* network_state.c */
int lepton__network_weights(struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err);
int lepton__network_set_weights(
		struct lepton_learner *learner, const struct lepton_params *weights, struct lepton_error *err);
int lepton__network_hold_near(
		struct lepton_learner *learner, const struct lepton_params *near, double mu, struct lepton_error *err);
int lepton__network_learn_from(struct lepton_learner *learner, const float *probabilities, struct lepton_error *err);
int lepton__network_save(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err);
/* Put more tensors behind those of a checkpoint's slots (*slots may be NULL). LEPTON_E_NOMEM. */
int lepton__network_add_slots(
		struct lepton_params **slots, const struct lepton_tensor *more, size_t count, struct lepton_error *err);
int lepton__network_load(struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err);

#endif
