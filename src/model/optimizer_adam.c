/* model/optimizer_adam.c - Adam (Kingma and Ba, 2015): steps scaled by running means of the gradient
 * and of its square. Defaults are Keras's.
 */
#include "config.h"
#include "model/optimizer.h"
#include "base/json.h"

void lepton__adam_configure(struct lepton__optimizer *optimizer, const cJSON *config)
{
	optimizer->learning_rate = (float)lepton__json_get_number(config, "learning_rate", 0.001);
	optimizer->adam = (struct lepton__adam){
		.beta1 = (float)lepton__json_get_number(config, "beta_1", 0.9),
		.beta2 = (float)lepton__json_get_number(config, "beta_2", 0.999),
		.epsilon = (float)lepton__json_get_number(config, "epsilon", 1e-7),
	};
	optimizer->slots = 2;
}

void lepton__adam_update(const struct lepton__optimizer *optimizer, float rate, int64_t step, int64_t n,
	const float *gradient, float *const *slots, float *weights)
{
	struct lepton__adam adam = optimizer->adam;
	adam.learning_rate = rate;
	adam.step = step;
	lepton__kernels_get()->adam(n, &adam, gradient, slots[0], slots[1], weights);
}

static const struct lepton__key keys[] = {
	LEPTON__OPTIMIZER_COMMON_KEYS("0.001"),
	LEPTON__ADAM_KEYS,
	{0},
};

const struct lepton_optimizer_ops lepton__optimizer_adam = {
	.name = "adam",
	.keys = keys,
	.slots = {"m", "v", NULL},
	.configure = lepton__adam_configure,
	.update = lepton__adam_update,
};
