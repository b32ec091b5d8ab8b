/* model/optimizer_adam.c - Adam (Kingma and Ba, 2015): steps scaled by running means of the gradient
 * and of its square. Defaults are Keras's.
 */
#include "config.h"
#include "model/optimizer.h"
#include "base/json.h"

static void configure(struct lepton__optimizer *optimizer, const cJSON *config)
{
	optimizer->adam = (struct lepton__adam){
		.learning_rate = (float)lepton__json_get_number(config, "learning_rate", 0.001),
		.beta1 = (float)lepton__json_get_number(config, "beta_1", 0.9),
		.beta2 = (float)lepton__json_get_number(config, "beta_2", 0.999),
		.epsilon = (float)lepton__json_get_number(config, "epsilon", 1e-7),
	};
	optimizer->slots = 2;
}

static void update(const struct lepton__optimizer *optimizer, int64_t step, int64_t n, const float *gradient,
	float *const *slots, float *weights)
{
	struct lepton__adam adam = optimizer->adam;
	adam.step = step;
	lepton__kernels_get()->adam(n, &adam, gradient, slots[0], slots[1], weights);
}

static const struct lepton__key keys[] = {
	{"name", LEPTON__KEY_STRING, 0, 0, "adam|sgd", false, "which optimiser; adam"},
	{"learning_rate", LEPTON__KEY_NUMBER, 0, 1000, NULL, false, "size of a step; 0.001"},
	{"beta_1", LEPTON__KEY_NUMBER, 0, 0.999999, NULL, false, "memory of the gradient's mean; 0.9"},
	{"beta_2", LEPTON__KEY_NUMBER, 0, 0.999999, NULL, false, "memory of its square's mean; 0.999"},
	{"epsilon", LEPTON__KEY_NUMBER, 1e-30, 1, NULL, false, "keeps the divisor from zero; 1e-7"},
	{0},
};

const struct lepton_optimizer_ops lepton__optimizer_adam = {
	.name = "adam",
	.keys = keys,
	.slots = {"m", "v", NULL},
	.configure = configure,
	.update = update,
};
