/* model/lane.h - the memory the parts of a batch run in, and the runs through the layers.
 *
 * A lane holds everything a part writes: its samples, each layer's output, what layers keep for the
 * way back, the gradients. It is planned once, so a step allocates nothing. Gradients by outputs need two
 * buffers only, used in turn.
 *
 * The samples of a batch lie one behind the other in the first lane's buffers, and the other lanes look at
 * their stretch of them; so the first lane can run all parts as one, on one thread, where each layer's
 * weights are then read once. Weights' gradients, memos and scratch are each lane's own.
 */
#ifndef LEPTON_MODEL_LANE_H
#define LEPTON_MODEL_LANE_H

#include "model/graph.h"
#include "model/loss.h"

struct lepton__lane {
	int capacity; /* samples in a part */
	float *x;
	int32_t *labels;
	float *targets; /* in their place where numbers are learned */
	float *answers; /* a teacher's; NULL: there is none */
	uint32_t *index;             /* for gathering */
	float *own[LEPTON__LAYERS_MAX]; /* each layer's output buffer; NULL where it needs none */
	const float *y[LEPTON__LAYERS_MAX]; /* each layer's output in the last run */
	void *memo[LEPTON__LAYERS_MAX];
	float *d[2];
	int64_t d_size[2]; /* of a sample */
	void *scratch;
	float *gradient; /* flat, by the weights */
	float *spare;    /* as long, where gradients are clipped one by one ("privacy"); not the lane's own */
	const struct lepton_team *team; /* whose threads may help inside a layer; NULL: nobody's */
	struct lepton__loss loss;
	int samples; /* in the last run */
	char *block;
	size_t bytes; /* of the block */
};

/* Lay out the first lane, with buffers for `parts` parts of `capacity` samples, or another one (no memory yet;
 * `bytes` says how much it will take). */
void lepton__lane_plan_first(struct lepton__lane *lane, const struct lepton__graph *graph, int capacity, int parts);
void lepton__lane_plan(struct lepton__lane *lane, const struct lepton__graph *graph, int capacity);
int lepton__lane_allocate(struct lepton__lane *lane, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Give an allocated lane its stretch of the first one's buffers. */
void lepton__lane_share(struct lepton__lane *lane, const struct lepton__graph *graph,
		const struct lepton__lane *first, int part);
void lepton__lane_free(struct lepton__lane *lane);

/* What makes this run's random numbers its own; NULL outside training. */
struct lepton__draw {
	uint64_t seed;
	int64_t step;
	int part; /* the first, where several run as one */
	int size; /* samples in a part */
	bool still; /* the way back of a run outside training: statistics are given, nothing is dropped */
};

/* n samples from x through all layers; the network's outputs come back. */
const float *lepton__lane_forward(struct lepton__lane *lane, const struct lepton__graph *graph, const float *weights,
		const float *x, int n, const struct lepton__draw *draw);
/* Loss of the last forward (of n samples, by lane->labels), and its gradient by all weights times `scale`. */
void lepton__lane_backward(struct lepton__lane *lane, const struct lepton__graph *graph, const float *weights,
		const float *x, int n, const struct lepton__draw *draw, float scale);
/* Likewise, but each sample's part of the gradient times its own share. And, with no gradient by the weights, to find what
 * those should be: the squared length of each sample's own, by the layers' `squares`; only where all with weights have that. */
void lepton__lane_backward_shares(struct lepton__lane *lane, const struct lepton__graph *graph, const float *weights,
		const float *x, int n, const struct lepton__draw *draw, const double *shares);
void lepton__lane_squares(struct lepton__lane *lane, const struct lepton__graph *graph, const float *weights,
		const float *x, int n, const struct lepton__draw *draw, double *squares);

#endif
