/* model/optimizer_adamw.c - Adam with decoupled weight decay (Loshchilov and Hutter, 2019): before Adam's
 * step each weight shrinks by rate · weight_decay of itself, whatever its gradient's history.
 *
 * As in Keras every trained tensor decays, biases too, and the decay follows a schedule with the rate.
 */
#include "config.h"
#include "model/optimizer.h"
#include "base/json.h"

static void configure(struct lepton__optimizer *optimizer, const cJSON *config)
{
	lepton__adam_configure(optimizer, config);
	optimizer->weight_decay = (float)lepton__json_get_number(config, "weight_decay", 0.004);
}

static void update(const struct lepton__optimizer *optimizer, float rate, int64_t step, int64_t n,
	const float *gradient, float *const *slots, float *weights)
{
	float share = rate * optimizer->weight_decay;
	for (int64_t i = 0; i < n; i++)
		weights[i] -= weights[i] * share;
	lepton__adam_update(optimizer, rate, step, n, gradient, slots, weights);
}

static const struct lepton__key keys[] = {
	LEPTON__OPTIMIZER_COMMON_KEYS("0.001"),
	LEPTON__ADAM_KEYS,
	{"weight_decay", LEPTON__KEY_NUMBER, 0, 1, NULL, false, "shrinks weights by rate times this; 0.004"},
	{0},
};

const struct lepton_optimizer_ops lepton__optimizer_adamw = {
	.name = "adamw",
	.keys = keys,
	.slots = {"m", "v", NULL},
	.configure = configure,
	.update = update,
};
