/* model/layer_input.c - what one sample looks like. Its output is the batch itself. */
#include "config.h"
#include "model/layers.h"

#include <math.h>

#define SIDE_MAX 65536

static int configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	const cJSON *shape = cJSON_GetObjectItemCaseSensitive(config, "shape");
	layer->in.rank = 0;
	for (const cJSON *d = shape ? shape->child : NULL; d && layer->in.rank < 3; d = d->next) {
		double v = cJSON_IsNumber(d) ? d->valuedouble : 0;
		if (!(v >= 1 && v <= SIDE_MAX) || floor(v) < v)
			return lepton_error_set(err, LEPTON_E_SPEC,
				"\"shape\" takes whole numbers from 1 to %d, as in [28, 28, 1]", SIDE_MAX);
		layer->in.dim[layer->in.rank++] = (int64_t)v;
	}
	return LEPTON_OK;
}

static int shape(struct lepton__layer *layer, struct lepton_error *err)
{
	(void)err;
	layer->out = layer->in;
	return LEPTON_OK;
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{"shape", LEPTON__KEY_ARRAY, 1, 3, NULL, true, "of one sample: height, width, channels"},
	{0},
};

const struct lepton_layer_ops lepton__layer_input = {
	.type = "Input",
	.stem = "input",
	.summary = "the shape of one sample",
	.keys = keys,
	.in_place = true,
	.configure = configure,
	.shape = shape,
};
