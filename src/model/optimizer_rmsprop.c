/* model/optimizer_rmsprop.c - RMSprop (Tieleman and Hinton, 2012) as Keras has it: a step is the gradient
 * by the root of its square's running mean, v = rho·v + (1 − rho)·g², d = rate·g / sqrt(v + epsilon);
 * with momentum m = momentum·m + d and w −= m, else w −= d.
 */
#include "config.h"
#include "model/optimizer.h"
#include "base/json.h"

#include <math.h>

static void configure(struct lepton__optimizer *optimizer, const cJSON *config)
{
	optimizer->learning_rate = (float)lepton__json_get_number(config, "learning_rate", 0.001);
	optimizer->rho = (float)lepton__json_get_number(config, "rho", 0.9);
	optimizer->momentum = (float)lepton__json_get_number(config, "momentum", 0);
	optimizer->epsilon = (float)lepton__json_get_number(config, "epsilon", 1e-7);
	optimizer->slots = optimizer->momentum > 0 ? 2 : 1;
}

static void update(const struct lepton__optimizer *optimizer, float rate, int64_t step, int64_t n,
	const float *gradient, float *const *slots, float *weights)
{
	(void)step;
	float rho = optimizer->rho, keep = 1 - rho, *v = slots[0], *m = slots[1];
	for (int64_t i = 0; i < n; i++) {
		float g = gradient[i];
		v[i] = rho * v[i] + keep * g * g;
		float d = rate * g / sqrtf(v[i] + optimizer->epsilon);
		if (m)
			d = m[i] = optimizer->momentum * m[i] + d;
		weights[i] -= d;
	}
}

static const struct lepton__key keys[] = {
	LEPTON__OPTIMIZER_COMMON_KEYS("0.001"),
	{"rho", LEPTON__KEY_NUMBER, 0, 0.999999, NULL, false, "memory of the squared gradient's mean; 0.9"},
	{"momentum", LEPTON__KEY_NUMBER, 0, 1, NULL, false, "share of the last step that is kept; 0"},
	{"epsilon", LEPTON__KEY_NUMBER, 1e-30, 1, NULL, false, "keeps the divisor from zero; 1e-7"},
	{0},
};

const struct lepton_optimizer_ops lepton__optimizer_rmsprop = {
	.name = "rmsprop",
	.keys = keys,
	.slots = {"v", "m", NULL},
	.configure = configure,
	.update = update,
};
