/* model/layer_flatten.c - height, width and channels as one row of values; no byte moves. */
#include "config.h"
#include "model/layers.h"

static int configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	(void)layer;
	(void)config;
	(void)err;
	return LEPTON_OK;
}

static int shape(struct lepton__layer *layer, struct lepton_error *err)
{
	(void)err;
	layer->out = (struct lepton_shape){.rank = 1, .dim = {layer->in_size}};
	return LEPTON_OK;
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{0},
};

const struct lepton_layer_ops lepton__layer_flatten = {
	.type = "Flatten",
	.stem = "flatten",
	.summary = "an image as one row of values",
	.keys = keys,
	.in_place = true,
	.configure = configure,
	.shape = shape,
};
