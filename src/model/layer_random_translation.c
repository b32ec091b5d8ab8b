/* model/layer_random_translation.c - in training, each image is moved down and to the right by random shares
 * of its height and width (up and to the left where they are below 0); otherwise nothing happens. See
 * model/warp.h. */
#include "config.h"
#include "model/warp.h"

static struct lepton__affine map(const struct lepton__layer *layer, const double drawn[2])
{
	return (struct lepton__affine){
		{1, 0, -drawn[0] * (double)layer->in.dim[0]}, {0, 1, -drawn[1] * (double)layer->in.dim[1]}};
}

static int configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	(void)err;
	lepton__warp_configure(layer, config, "height_factor", "width_factor", map);
	return LEPTON_OK;
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{"height_factor", LEPTON__KEY_RANGE, -1, 1, NULL, true,
		"share of the height to move down by, or [low, high]"},
	{"width_factor", LEPTON__KEY_RANGE, -1, 1, NULL, true,
		"share of the width to move right by, or [low, high]"},
	LEPTON__WARP_KEYS,
	{0},
};

const struct lepton_layer_ops lepton__layer_random_translation = {
	.type = "RandomTranslation",
	.stem = "random_translation",
	.summary = "moves images at random in training",
	.keys = keys,
	.training_only = true,
	.configure = configure,
	.shape = lepton__warp_shape,
	.scratch = lepton__warp_scratch,
	.forward = lepton__warp_forward,
	.backward = lepton__warp_backward,
};
