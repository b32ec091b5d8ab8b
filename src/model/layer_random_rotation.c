/* model/layer_random_rotation.c - in training, each image is turned about its middle by a random share of a
 * whole turn, counter-clockwise above 0; otherwise nothing happens. See model/warp.h. */
#include "config.h"
#include "model/warp.h"

#include <math.h>

#define PI 3.14159265358979323846

static struct lepton__affine map(const struct lepton__layer *layer, const double drawn[2])
{
	double turn = 2 * PI * drawn[0];
	return lepton__warp_about_middle(layer, cos(turn), sin(turn), -sin(turn), cos(turn));
}

static int configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	(void)err;
	lepton__warp_configure(layer, config, "factor", NULL, map);
	return LEPTON_OK;
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{"factor", LEPTON__KEY_RANGE, -1, 1, NULL, true, "share of a whole turn to turn by, or [low, high]"},
	LEPTON__WARP_KEYS,
	{0},
};

const struct lepton_layer_ops lepton__layer_random_rotation = {
	.type = "RandomRotation",
	.stem = "random_rotation",
	.summary = "turns images at random in training",
	.keys = keys,
	.training_only = true,
	.configure = configure,
	.shape = lepton__warp_shape,
	.scratch = lepton__warp_scratch,
	.forward = lepton__warp_forward,
	.backward = lepton__warp_backward,
};
