/* model/warp.h - images moved, turned and scaled at random in training: what such layers share.
 *
 * A layer of this kind draws two numbers a sample, each uniform in a range of the configuration, and says by
 * them which place of its input each pixel of its output is read from. That is all it must say: the rest of
 * its lepton_layer_ops is here.
 */
#ifndef LEPTON_MODEL_WARP_H
#define LEPTON_MODEL_WARP_H

#include "model/layers.h"

/* Output pixel (row, column) reads the input at y = y[0] · row + y[1] · column + y[2], x likewise. */
struct lepton__affine {
	double y[3], x[3];
};

/* Rows y and columns x by a 2x2 matrix about the image's middle. */
struct lepton__affine lepton__warp_about_middle(
		const struct lepton__layer *layer, double yy, double yx, double xy, double xx);

/* The last members of such a layer's key table. */
#define LEPTON__FILL_MAX 1e6
#define LEPTON__WARP_KEYS                                                                                       \
	{"fill_mode", LEPTON__KEY_STRING, 0, 0, "constant|nearest", false,                                      \
		"beyond the edge: fill_value, or the edge's pixels; constant"},                                 \
	{"fill_value", LEPTON__KEY_NUMBER, -LEPTON__FILL_MAX, LEPTON__FILL_MAX, NULL, false, "by constant; 0"}

/* Reads the ranges of both numbers from keys; `other` is NULL, or not given, where the second is the first. */
void lepton__warp_configure(struct lepton__layer *layer, const cJSON *config, const char *key, const char *other,
		lepton__warp_map *map);
int lepton__warp_shape(struct lepton__layer *layer, struct lepton_error *err) LEPTON_MUST_CHECK;
size_t lepton__warp_scratch(const struct lepton__layer *layer, int n);
void lepton__warp_forward(const struct lepton__layer *layer, const struct lepton__pass *pass);
void lepton__warp_backward(const struct lepton__layer *layer, const struct lepton__pass *pass);
/* What sample `i` of a pass draws. */
void lepton__warp_draw(const struct lepton__layer *layer, const struct lepton__pass *pass, int i, double drawn[2]);

#endif
