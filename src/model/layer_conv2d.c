/* model/layer_conv2d.c - small filters slid over an image: y = activation(x * kernel + bias).
 *
 * As in Keras this is cross-correlation: the kernel is not flipped.
 */
#include "config.h"
#include "model/layers.h"
#include "base/json.h"

#include <string.h>

#define FILTERS_MAX 65536
#define KERNEL_MAX 1024

static int configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	(void)err;
	struct lepton__slide *slide = &layer->u.conv.slide;
	lepton__read_pair(config, "kernel_size", 1, 1, slide->window);
	lepton__read_pair(config, "strides", 1, 1, slide->strides);
	slide->same = strcmp(lepton__json_get_string(config, "padding", "valid"), "same") == 0;
	layer->u.conv.geometry.out_c = (int)lepton__json_get_int(config, "filters", 1);
	lepton__activation_configure(layer, config);
	return LEPTON_OK;
}

static int shape(struct lepton__layer *layer, struct lepton_error *err)
{
	struct lepton__conv *g = &layer->u.conv.geometry;
	struct lepton__slide *s = &layer->u.conv.slide;
	int code = lepton__slide_fit(s, "kernel", &layer->in, err);
	if (code)
		return code;
	*g = (struct lepton__conv){s->in[0], s->in[1], s->channels, s->window[0], s->window[1], s->strides[0],
		s->strides[1], s->pad[0], s->pad[1], s->out[0], s->out[1], g->out_c};
	layer->out = (struct lepton_shape){.rank = 3, .dim = {g->out_h, g->out_w, g->out_c}};
	layer->fan_in = (int64_t)g->k_h * g->k_w * g->in_c;
	layer->fan_out = (int64_t)g->k_h * g->k_w * g->out_c;
	layer->tensor_count = 2;
	layer->tensor[0] = (struct lepton_shape){.rank = 4, .dim = {g->k_h, g->k_w, g->in_c, g->out_c}};
	layer->tensor[1] = (struct lepton_shape){.rank = 1, .dim = {g->out_c}};
	return LEPTON_OK;
}

static void init(const struct lepton__layer *layer, struct lepton__rng *rng, float *const *w)
{
	lepton__glorot_uniform(
		rng, layer->fan_in, layer->fan_out, lepton_shape_count(&layer->tensor[0]), w[0]);
}

static size_t scratch(const struct lepton__layer *layer, int n)
{
	return lepton__kernels_get()->conv_scratch(&layer->u.conv.geometry, n);
}

static int64_t positions(const struct lepton__layer *layer, int n)
{
	return (int64_t)n * layer->u.conv.geometry.out_h * layer->u.conv.geometry.out_w;
}

static void forward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	lepton__kernels_get()->conv_forward(&layer->u.conv.geometry, pass->n, pass->x, pass->w[0], pass->w[1],
		layer->activation, pass->y, pass->scratch);
	lepton__activation_finish(layer, pass, positions(layer, pass->n), layer->u.conv.geometry.out_c);
}

static void backward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	lepton__activation_backward(layer, pass, positions(layer, pass->n), layer->u.conv.geometry.out_c);
	lepton__kernels_get()->conv_backward(&layer->u.conv.geometry, pass->n, pass->part, pass->x,
		pass->w[0], pass->dy, pass->dw[0], pass->dw[1], pass->dx, pass->scratch);
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{"filters", LEPTON__KEY_INTEGER, 1, FILTERS_MAX, NULL, true, "channels it gives"},
	{"kernel_size", LEPTON__KEY_PAIR, 1, KERNEL_MAX, NULL, true, "height and width of a filter"},
	{"strides", LEPTON__KEY_PAIR, 1, KERNEL_MAX, NULL, false, "steps between positions; 1"},
	LEPTON__PADDING_KEY,
	LEPTON__ACTIVATION_KEY,
	{0},
};

const struct lepton_layer_ops lepton__layer_conv2d = {
	.type = "Conv2D",
	.stem = "conv2d",
	.summary = "small filters slid over an image",
	.keys = keys,
	.tensors = {"kernel", "bias"},
	.configure = configure,
	.shape = shape,
	.init = init,
	.memo = lepton__activation_memo,
	.scratch = scratch,
	.forward = forward,
	.backward = backward,
};
