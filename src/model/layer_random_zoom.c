/* model/layer_random_zoom.c - in training, each image shows 1 + a random share of its height and width about
 * its middle: it becomes smaller above 0, larger below; otherwise nothing happens. With no width_factor both
 * shares are the same. See model/warp.h. */
#include "config.h"
#include "model/warp.h"

static struct lepton__affine map(const struct lepton__layer *layer, const double drawn[2])
{
	return lepton__warp_about_middle(layer, 1 + drawn[0], 0, 0, 1 + drawn[1]);
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
		"share of the height to zoom out by, or [low, high]"},
	{"width_factor", LEPTON__KEY_RANGE, -1, 1, NULL, false,
		"share of the width; what height_factor gives"},
	LEPTON__WARP_KEYS,
	{0},
};

const struct lepton_layer_ops lepton__layer_random_zoom = {
	.type = "RandomZoom",
	.stem = "random_zoom",
	.summary = "scales images at random in training",
	.keys = keys,
	.training_only = true,
	.configure = configure,
	.shape = lepton__warp_shape,
	.scratch = lepton__warp_scratch,
	.forward = lepton__warp_forward,
	.backward = lepton__warp_backward,
};
