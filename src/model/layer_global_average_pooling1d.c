/* model/layer_global_average_pooling1d.c - the mean of a row of vectors.
 *
 * Vectors of nothing but zeros do not count: they are what Embedding makes of padding, which Keras tells by a mask.
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
	char text[96];
	lepton_shape_format(&layer->in, text, sizeof text);
	if (layer->in.rank != 2)
		return lepton_error_set(err, LEPTON_E_SHAPE,
			"takes a row of vectors [length,values], but gets %s; put it behind Embedding", text);
	layer->out = (struct lepton_shape){.rank = 1, .dim = {layer->in.dim[1]}};
	return LEPTON_OK;
}

static bool counts(const float *vector, int64_t values)
{
	for (int64_t i = 0; i < values; i++)
		if (vector[i] < 0 || vector[i] > 0)
			return true;
	return false;
}

static int64_t count(const struct lepton__layer *layer, const float *x)
{
	int64_t values = layer->out_size, n = 0;
	for (int64_t p = 0; p < layer->in.dim[0]; p++)
		n += counts(x + p * values, values);
	return n;
}

static void forward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	const struct lepton__kernels *kernels = lepton__kernels_get();
	int64_t values = layer->out_size;
	for (int s = 0; s < pass->n; s++) {
		const float *x = pass->x + s * layer->in_size;
		float *y = pass->y + s * values;
		int64_t n = count(layer, x);
		memset(y, 0, (size_t)values * sizeof *y);
		for (int64_t p = 0; p < layer->in.dim[0]; p++)
			kernels->add(values, x + p * values, y);
		for (int64_t c = 0; c < values && n; c++)
			y[c] /= (float)n;
	}
}

static void backward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	int64_t values = layer->out_size;
	for (int s = 0; pass->dx && s < pass->n; s++) {
		const float *x = pass->x + s * layer->in_size, *dy = pass->dy + s * values;
		float *dx = pass->dx + s * layer->in_size;
		int64_t n = count(layer, x);
		for (int64_t p = 0; p < layer->in.dim[0]; p++) {
			bool shares = counts(x + p * values, values);
			for (int64_t c = 0; c < values; c++)
				dx[p * values + c] = shares ? dy[c] / (float)n : 0;
		}
	}
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{0},
};

const struct lepton_layer_ops lepton__layer_global_average_pooling1d = {
	.type = "GlobalAveragePooling1D",
	.stem = "global_average_pooling1d",
	.summary = "the mean of a row of vectors",
	.keys = keys,
	.configure = configure,
	.shape = shape,
	.forward = forward,
	.backward = backward,
};
