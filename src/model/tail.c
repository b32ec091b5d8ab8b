/* model/tail.c - Conv2D, Flatten, Dense at the end of a network handed to the kernels as one. */
#include "config.h"
#include "model/tail.h"

const struct lepton__layer *lepton__tail_last(const struct lepton__graph *graph)
{
	const struct lepton__layer *last = &graph->layers[graph->count - 1];
	while (last->ops->in_place)
		last--;
	return last;
}

int lepton__tail_find(const struct lepton__graph *graph)
{
	const struct lepton__layer *conv = &graph->layers[graph->first_trained], *dense = lepton__tail_last(graph);
	if (conv->ops != &lepton__layer_conv2d || conv->gelu)
		return -1;
	if (dense->ops != &lepton__layer_dense || !dense->fused)
		return -1;
	for (const struct lepton__layer *l = conv + 1; l < dense; l++)
		if (!l->ops->in_place)
			return -1;
	return lepton__kernels_get()->tail_fits(
		       &conv->u.conv.geometry, conv->activation, (int)dense->out_size)
		       ? conv->index
		       : -1;
}

static struct lepton__tail make_tail(const struct lepton__graph *graph, const struct lepton__pass *conv,
	const struct lepton__pass *dense)
{
	const struct lepton__layer *layer = &graph->layers[graph->tail];
	return (struct lepton__tail){.conv = &layer->u.conv.geometry,
		.act = layer->activation,
		.n = conv->n,
		.part = conv->part,
		.units = (int)lepton__tail_last(graph)->out_size,
		.x = conv->x,
		.conv_w = conv->w[0],
		.conv_bias = conv->w[1],
		.dense_w = dense->w[0],
		.dense_bias = dense->w[1]};
}

bool lepton__tail_covers(const struct lepton__graph *graph, int i)
{
	return graph->tail >= 0 && i >= graph->tail && i < lepton__tail_last(graph)->index;
}

size_t lepton__tail_scratch(const struct lepton__graph *graph, int n, int parts)
{
	return lepton__kernels_get()->tail_scratch(
		&graph->layers[graph->tail].u.conv.geometry, n, parts, (int)lepton__tail_last(graph)->out_size);
}

void lepton__tail_forward(const struct lepton__graph *graph, const struct lepton__pass *conv,
	const struct lepton__pass *dense)
{
	const struct lepton__tail tail = make_tail(graph, conv, dense);
	lepton__kernels_get()->tail_forward(&tail, dense->y, conv->scratch);
}

void lepton__tail_backward(const struct lepton__graph *graph, const struct lepton__pass *conv,
	const struct lepton__pass *dense)
{
	const struct lepton__tail tail = make_tail(graph, conv, dense);
	const struct lepton__tail_gradient d = {conv->dw[0], conv->dw[1], dense->dw[0], dense->dw[1]};
	lepton__kernels_get()->tail_backward(&tail, dense->dy, &d, conv->scratch);
}
