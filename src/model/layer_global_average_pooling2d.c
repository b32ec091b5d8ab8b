/* model/layer_global_average_pooling2d.c - the mean of each channel over the whole image: one row of
 * values, whatever the image's size. Often stands where Flatten would make Dense large.
 */
#include "config.h"
#include "model/layers.h"

#include <string.h>

static int configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	(void)layer;
	(void)config;
	(void)err;
	return LEPTON_OK;
}

static int shape(struct lepton__layer *layer, struct lepton_error *err)
{
	if (layer->in.rank != 3) {
		char text[96];
		lepton_shape_format(&layer->in, text, sizeof text);
		return lepton_error_set(err, LEPTON_E_SHAPE,
			"takes an image [height,width,channels], but gets %s; put it in place of Flatten",
			text);
	}
	layer->out = (struct lepton_shape){.rank = 1, .dim = {layer->in.dim[2]}};
	return LEPTON_OK;
}

static void forward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	int64_t channels = layer->out_size, pixels = layer->in_size / channels;
	const float *x = pass->x;
	float *y = pass->y, scale = 1.0F / (float)pixels;
	for (int s = 0; s < pass->n; s++, y += channels) {
		memset(y, 0, (size_t)channels * sizeof *y);
		for (int64_t p = 0; p < pixels; p++, x += channels)
			for (int64_t c = 0; c < channels; c++)
				y[c] += x[c];
		for (int64_t c = 0; c < channels; c++)
			y[c] *= scale;
	}
}

static void backward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	int64_t channels = layer->out_size, pixels = layer->in_size / channels;
	float *dx = pass->dx, scale = 1.0F / (float)pixels;
	const float *dy = pass->dy;
	for (int s = 0; dx && s < pass->n; s++, dy += channels)
		for (int64_t p = 0; p < pixels; p++, dx += channels)
			for (int64_t c = 0; c < channels; c++)
				dx[c] = dy[c] * scale;
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{0},
};

const struct lepton_layer_ops lepton__layer_global_average_pooling2d = {
	.type = "GlobalAveragePooling2D",
	.stem = "global_average_pooling2d",
	.summary = "the mean of each channel over the image",
	.keys = keys,
	.configure = configure,
	.shape = shape,
	.forward = forward,
	.backward = backward,
};
