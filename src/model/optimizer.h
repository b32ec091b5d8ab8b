/* model/optimizer.h - how a gradient becomes a change of weights; one file an optimiser.
 *
 * Weights, gradient and slots (moments) are flat arrays of the same length. An update works on a
 * range of them, so that parts of a team can each take their own.
 */
#ifndef LEPTON_MODEL_OPTIMIZER_H
#define LEPTON_MODEL_OPTIMIZER_H

#include "model/keys.h"
#include "tensor/kernels.h"

#define LEPTON__SLOTS_MAX 2

struct lepton__optimizer {
	const struct lepton_optimizer_ops *ops;
	struct lepton__adam adam; /* its step is not used: update is told */
	float learning_rate, momentum;
	int slots; /* of those its kind names, how many are in use */
};

struct lepton_optimizer_ops {
	const char *name;
	const struct lepton__key *keys;
	const char *slots[LEPTON__SLOTS_MAX + 1]; /* names, NULL-terminated */
	/* From an object that passed the key table; NULL for all defaults. */
	void (*configure)(struct lepton__optimizer *optimizer, const cJSON *config);
	/* The step-th update (from 1) of n values. */
	void (*update)(const struct lepton__optimizer *optimizer, int64_t step, int64_t n, const float *gradient,
			float *const *slots, float *weights);
};

extern const struct lepton_optimizer_ops lepton__optimizer_adam, lepton__optimizer_sgd;

const struct lepton_optimizer_ops *lepton__optimizer_find(const char *name); /* NULL when unknown */
/* The configuration's "optimizer" (NULL: Adam with its defaults), checked. LEPTON_E_SPEC. */
int lepton__optimizer_configure(
		struct lepton__optimizer *optimizer, const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
