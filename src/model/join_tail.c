/* model/join_tail.c - Conv2D, Flatten and a small Dense where a network ends and its weights begin:
 * tensor/tail.c does them in one pass over the image. */
#include "config.h"
#include "model/join.h"

static const struct lepton__layer *find(const struct lepton__graph *graph, const struct lepton__layer *conv)
{
	const struct lepton__layer *dense = &graph->layers[graph->count - 1];
	while (dense->ops->in_place)
		dense--;
	if (conv->index != graph->first_trained || conv->ops != &lepton__layer_conv2d || conv->gelu)
		return NULL;
	if (dense->ops != &lepton__layer_dense || !dense->fused)
		return NULL;
	for (const struct lepton__layer *l = conv + 1; l < dense; l++)
		if (!l->ops->in_place)
			return NULL;
	return lepton__kernels_get()->tail_fits(
		       &conv->u.conv.geometry, conv->activation, (int)dense->out_size)
		       ? dense
		       : NULL;
}

static size_t scratch(const struct lepton__layer *conv, const struct lepton__layer *dense, int n, int parts)
{
	return lepton__kernels_get()->tail_scratch(&conv->u.conv.geometry, n, parts, (int)dense->out_size);
}

static struct lepton__tail make_tail(const struct lepton__layer *conv, const struct lepton__layer *dense,
	const struct lepton__pass *a, const struct lepton__pass *b)
{
	return (struct lepton__tail){.conv = &conv->u.conv.geometry,
		.act = conv->activation,
		.n = a->n,
		.part = a->part,
		.units = (int)dense->out_size,
		.x = a->x,
		.conv_w = a->w[0],
		.conv_bias = a->w[1],
		.dense_w = b->w[0],
		.dense_bias = b->w[1]};
}

static void forward(const struct lepton__layer *conv, const struct lepton__layer *dense,
	const struct lepton__pass *a, const struct lepton__pass *b)
{
	const struct lepton__tail tail = make_tail(conv, dense, a, b);
	lepton__kernels_get()->tail_forward(&tail, b->y, a->scratch);
}

static void backward(const struct lepton__layer *conv, const struct lepton__layer *dense,
	const struct lepton__pass *a, const struct lepton__pass *b)
{
	const struct lepton__tail tail = make_tail(conv, dense, a, b);
	const struct lepton__tail_gradient d = {a->dw[0], a->dw[1], b->dw[0], b->dw[1]};
	lepton__kernels_get()->tail_backward(&tail, b->dy, &d, a->scratch);
}

const struct lepton__join lepton__join_tail = {
	.find = find,
	.scratch = scratch,
	.forward = forward,
	.backward = backward,
};
