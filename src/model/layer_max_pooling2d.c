/* model/layer_max_pooling2d.c - the largest value of each window, channel by channel.
 *
 * Forward notes where each winner lies; backward sends the gradient there. Padding never wins.
 */
#include "config.h"
#include "model/layers.h"

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
	LEPTON__POOL_KEYS,
	LEPTON__PADDING_KEY,
	{0},
};

const struct lepton_layer_ops lepton__layer_max_pooling2d = {
	.type = "MaxPooling2D",
	.stem = "max_pooling2d",
	.summary = "the largest value of each window",
	.keys = keys,
	.configure = lepton__pool_configure,
	.shape = lepton__pool_shape,
	.memo = memo,
	.forward = forward,
	.backward = backward,
};
