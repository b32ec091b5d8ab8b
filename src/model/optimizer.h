/* model/optimizer.h - how a gradient becomes a change of weights; one file an optimiser.
 *
 * Weights, gradient and slots (moments) are flat arrays of the same length. An update works on a
 * range of them, so that parts of a team can each take their own.
 */
#ifndef LEPTON_MODEL_OPTIMIZER_H
#define LEPTON_MODEL_OPTIMIZER_H

#include "model/keys.h"
#include "model/schedule.h"
#include "tensor/kernels.h"

#define LEPTON__SLOTS_MAX 2

struct lepton__optimizer {
	const struct lepton_optimizer_ops *ops;
	float learning_rate; /* before its schedule */
	struct lepton__schedule schedule;
	struct lepton__adam adam; /* its rate and step are not used: update is told */
	float momentum, rho, epsilon, weight_decay;
	bool nesterov;
	int slots; /* of those its kind names, how many are in use */
};

struct lepton_optimizer_ops {
	const char *name;
	const struct lepton__key *keys;
	const char *slots[LEPTON__SLOTS_MAX + 1]; /* names, NULL-terminated */
	/* From an object that passed the key table; NULL for all defaults. */
	void (*configure)(struct lepton__optimizer *optimizer, const cJSON *config);
	/* The step-th update (from 1) of n values, at this step's learning rate. */
	void (*update)(const struct lepton__optimizer *optimizer, float rate, int64_t step, int64_t n,
			const float *gradient, float *const *slots, float *weights);
};

extern const struct lepton_optimizer_ops lepton__optimizer_adam, lepton__optimizer_sgd, lepton__optimizer_adamw,
		lepton__optimizer_rmsprop;

/* The first members of every optimiser's key table; `rate` is the default's text. */
#define LEPTON__OPTIMIZER_COMMON_KEYS(rate)                                                                      \
	{"name", LEPTON__KEY_STRING, 0, 0, "adam|sgd|adamw|rmsprop", false, "which optimiser; adam"},            \
	{"learning_rate", LEPTON__KEY_NUMBER, 0, 1000, NULL, false, "size of a step; " rate},             \
	{"schedule", LEPTON__KEY_OBJECT, 0, 0, NULL, false, "how the learning rate changes; it does not"}
#define LEPTON__ADAM_KEYS                                                                                        \
	{"beta_1", LEPTON__KEY_NUMBER, 0, 0.999999, NULL, false, "memory of the gradient's mean; 0.9"},          \
	{"beta_2", LEPTON__KEY_NUMBER, 0, 0.999999, NULL, false, "memory of its square's mean; 0.999"},          \
	{"epsilon", LEPTON__KEY_NUMBER, 1e-30, 1, NULL, false, "keeps the divisor from zero; 1e-7"}

/* Adam's own settings and its update, which AdamW shares (optimizer_adam.c). */
void lepton__adam_configure(struct lepton__optimizer *optimizer, const cJSON *config);
void lepton__adam_update(const struct lepton__optimizer *optimizer, float rate, int64_t step, int64_t n,
		const float *gradient, float *const *slots, float *weights);

const struct lepton_optimizer_ops *lepton__optimizer_find(const char *name); /* NULL when unknown */
/* The configuration's "optimizer" (NULL: Adam with its defaults), checked. LEPTON_E_SPEC. */
int lepton__optimizer_configure(
		struct lepton__optimizer *optimizer, const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
