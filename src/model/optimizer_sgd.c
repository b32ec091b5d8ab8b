/* model/optimizer_sgd.c - gradient descent, with momentum as Keras has it: v = momentum·v − rate·g; w += v.
 * Nesterov's kind looks one step ahead: w += momentum·v − rate·g with the new v.
 */
#include "config.h"
#include "model/optimizer.h"
#include "base/json.h"

static void configure(struct lepton__optimizer *optimizer, const cJSON *config)
{
	optimizer->learning_rate = (float)lepton__json_get_number(config, "learning_rate", 0.01);
	optimizer->momentum = (float)lepton__json_get_number(config, "momentum", 0);
	optimizer->nesterov = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(config, "nesterov"));
	optimizer->slots = optimizer->momentum > 0;
}

static void look_ahead(float rate, float momentum, int64_t n, const float *gradient, float *v, float *weights)
{
	for (int64_t i = 0; i < n; i++) {
		float down = rate * gradient[i];
		v[i] = momentum * v[i] - down;
		weights[i] += momentum * v[i] - down;
	}
}

/* Without momentum there is nothing to look ahead by: both kinds are plain descent. */
static void update(const struct lepton__optimizer *optimizer, float rate, int64_t step, int64_t n,
	const float *gradient, float *const *slots, float *weights)
{
	(void)step;
	if (optimizer->nesterov && slots[0])
		look_ahead(rate, optimizer->momentum, n, gradient, slots[0], weights);
	else
		lepton__kernels_get()->sgd(n, rate, optimizer->momentum, gradient, slots[0], weights);
}

static const struct lepton__key keys[] = {
	LEPTON__OPTIMIZER_COMMON_KEYS("0.01"),
	{"momentum", LEPTON__KEY_NUMBER, 0, 1, NULL, false, "share of the last step that is kept; 0"},
	{"nesterov", LEPTON__KEY_BOOL, 0, 0, NULL, false, "momentum that looks a step ahead; false"},
	{0},
};

const struct lepton_optimizer_ops lepton__optimizer_sgd = {
	.name = "sgd",
	.keys = keys,
	.slots = {"momentum", NULL},
	.configure = configure,
	.update = update,
};
