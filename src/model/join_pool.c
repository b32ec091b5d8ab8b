/* model/join_pool.c - Conv2D and the MaxPooling2D right behind it: tensor/conv_pool.c keeps the convolution's
 * output for one sample only, and goes back from the pooling's winners alone. */
#include "config.h"
#include "model/join.h"

static const struct lepton__layer *find(const struct lepton__graph *graph, const struct lepton__layer *conv)
{
	const struct lepton__layer *pool = conv + 1;
	bool plain = conv->activation == LEPTON__LINEAR || conv->activation == LEPTON__RELU;
	if (conv->ops != &lepton__layer_conv2d || conv->gelu || !plain)
		return NULL;
	return conv->index + 1 < graph->count && pool->ops == &lepton__layer_max_pooling2d ? pool : NULL;
}

static struct lepton__conv_pool make_pair(const struct lepton__layer *conv, const struct lepton__layer *pool)
{
	return (struct lepton__conv_pool){
		.conv = &conv->u.conv.geometry, .pool = &pool->u.pool.geometry, .act = conv->activation};
}

static size_t scratch(const struct lepton__layer *conv, const struct lepton__layer *pool, int n, int parts)
{
	const struct lepton__conv_pool pair = make_pair(conv, pool);
	(void)n;
	(void)parts;
	return lepton__kernels_get()->conv_pool_scratch(&pair);
}

static void forward(const struct lepton__layer *conv, const struct lepton__layer *pool,
	const struct lepton__pass *a, const struct lepton__pass *b)
{
	const struct lepton__conv_pool pair = make_pair(conv, pool);
	lepton__kernels_get()->conv_pool_forward(&pair, a->n, a->x, a->w[0], a->w[1], b->y, b->memo, a->scratch);
}

static void backward(const struct lepton__layer *conv, const struct lepton__layer *pool,
	const struct lepton__pass *a, const struct lepton__pass *b)
{
	const struct lepton__conv_pool pair = make_pair(conv, pool);
	lepton__kernels_get()->conv_pool_backward(&pair, a->n, a->part, a->x, a->w[0], b->y, b->dy, b->memo, a->dw[0],
		a->dw[1], a->dx, a->scratch);
}

const struct lepton__join lepton__join_pool = {
	.find = find,
	.scratch = scratch,
	.forward = forward,
	.backward = backward,
};
