/* model/layer_dropout.c - in training, each value is zero with probability `rate`, the others are
 * scaled by 1 / (1 − rate); otherwise nothing happens.
 *
 * The mask is a function of (seed, step, layer, part, position) by the counter-based generator, so a
 * run that stops and goes on drops the same values. One byte a value is kept for the way back.
 */
#include "config.h"
#include "model/layers.h"
#include "base/json.h"

#define RATE_MAX 0.999

static int configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	(void)err;
	layer->u.rate = lepton__json_get_number(config, "rate", 0);
	return LEPTON_OK;
}

static int shape(struct lepton__layer *layer, struct lepton_error *err)
{
	(void)err;
	layer->out = layer->in;
	return LEPTON_OK;
}

static size_t memo(const struct lepton__layer *layer, int n)
{
	return (size_t)n * (size_t)layer->out_size;
}

static void draw_mask(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	int64_t n = pass->n * layer->out_size, part = pass->part * layer->out_size;
	uint32_t below = (uint32_t)(layer->u.rate * 4294967296.0);
	struct lepton__rng rng;
	for (int64_t i = 0, at = 0; at < n; i++, at += part) {
		lepton__rng_init(&rng, pass->key, pass->stream + (uint64_t)i);
		lepton__kernels_get()->drop_draw(
			&rng, n - at < part ? n - at : part, below, (uint8_t *)pass->memo + at);
	}
}

/* to = from where kept, scaled; zero elsewhere. to may be from. */
static void apply(
	const struct lepton__layer *layer, const struct lepton__pass *pass, const float *from, float *to)
{
	float scale = (float)(1.0 / (1.0 - layer->u.rate));
	lepton__kernels_get()->drop_apply(pass->n * layer->out_size, pass->memo, scale, from, to);
}

static void forward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	draw_mask(layer, pass);
	apply(layer, pass, pass->x, pass->y);
}

static void backward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	if (pass->dx)
		apply(layer, pass, pass->dy, pass->dx);
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{"rate", LEPTON__KEY_NUMBER, 0, RATE_MAX, NULL, true, "share of values dropped in training"},
	{0},
};

const struct lepton_layer_ops lepton__layer_dropout = {
	.type = "Dropout",
	.stem = "dropout",
	.summary = "drops values at random in training",
	.keys = keys,
	.training_only = true,
	.configure = configure,
	.shape = shape,
	.memo = memo,
	.forward = forward,
	.backward = backward,
};
