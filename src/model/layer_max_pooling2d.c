/* model/layer_max_pooling2d.c - the largest value of each window, channel by channel.
 *
 * Forward notes where each winner lies; backward sends the gradient there. Padding never wins.
 */
#include "config.h"
#include "model/layers.h"
#include "base/json.h"

#include <string.h>

#define WINDOW_MAX 1024

static int configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	(void)err;
	struct lepton__slide *slide = &layer->u.pool.slide;
	lepton__read_pair(config, "pool_size", 2, 2, slide->window);
	lepton__read_pair(config, "strides", slide->window[0], slide->window[1], slide->strides);
	slide->same = strcmp(lepton__json_get_string(config, "padding", "valid"), "same") == 0;
	return LEPTON_OK;
}

static int shape(struct lepton__layer *layer, struct lepton_error *err)
{
	struct lepton__slide *s = &layer->u.pool.slide;
	int code = lepton__slide_fit(s, "window", &layer->in, err);
	if (code)
		return code;
	layer->u.pool.geometry = (struct lepton__pool){s->in[0], s->in[1], s->channels, s->window[0],
		s->window[1], s->strides[0], s->strides[1], s->pad[0], s->pad[1], s->out[0], s->out[1]};
	layer->out = (struct lepton_shape){.rank = 3, .dim = {s->out[0], s->out[1], s->channels}};
	return LEPTON_OK;
}

static size_t memo(const struct lepton__layer *layer, int n)
{
	return (size_t)n * (size_t)layer->out_size * sizeof(int32_t);
}

static void forward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	lepton__kernels_get()->max_pool_forward(
		&layer->u.pool.geometry, pass->n, pass->x, pass->y, pass->memo);
}

static void backward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	if (pass->dx)
		lepton__kernels_get()->max_pool_backward(
			&layer->u.pool.geometry, pass->n, pass->dy, pass->memo, pass->dx);
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{"pool_size", LEPTON__KEY_PAIR, 1, WINDOW_MAX, NULL, false, "height and width of a window; 2"},
	{"strides", LEPTON__KEY_PAIR, 1, WINDOW_MAX, NULL, false, "steps between windows; pool_size"},
	LEPTON__PADDING_KEY,
	{0},
};

const struct lepton_layer_ops lepton__layer_max_pooling2d = {
	.type = "MaxPooling2D",
	.stem = "max_pooling2d",
	.summary = "the largest value of each window",
	.keys = keys,
	.configure = configure,
	.shape = shape,
	.memo = memo,
	.forward = forward,
	.backward = backward,
};
