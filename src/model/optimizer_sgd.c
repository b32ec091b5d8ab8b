/* model/optimizer_sgd.c - gradient descent, with momentum as Keras has it: v = momentum·v − rate·g; w += v.
 */
#include "config.h"
#include "model/optimizer.h"
#include "base/json.h"

static void configure(struct lepton__optimizer *optimizer, const cJSON *config)
{
	optimizer->learning_rate = (float)lepton__json_get_number(config, "learning_rate", 0.01);
	optimizer->momentum = (float)lepton__json_get_number(config, "momentum", 0);
	optimizer->slots = optimizer->momentum > 0;
}

static void update(const struct lepton__optimizer *optimizer, int64_t step, int64_t n, const float *gradient,
	float *const *slots, float *weights)
{
	(void)step;
	lepton__kernels_get()->sgd(
		n, optimizer->learning_rate, optimizer->momentum, gradient, slots[0], weights);
}

static const struct lepton__key keys[] = {
	{"name", LEPTON__KEY_STRING, 0, 0, "adam|sgd", false, "which optimiser; adam"},
	{"learning_rate", LEPTON__KEY_NUMBER, 0, 1000, NULL, false, "size of a step; 0.01"},
	{"momentum", LEPTON__KEY_NUMBER, 0, 1, NULL, false, "share of the last step that is kept; 0"},
	{0},
};

const struct lepton_optimizer_ops lepton__optimizer_sgd = {
	.name = "sgd",
	.keys = keys,
	.slots = {"momentum", NULL},
	.configure = configure,
	.update = update,
};
