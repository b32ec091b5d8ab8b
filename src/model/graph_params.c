/* model/graph_params.c - a network's flat arrays as named tensors, and back; initial weights. */
#include "config.h"
#include "model/graph.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define INIT_STREAM ((uint64_t)1 << 62) /* apart from the streams of data order and dropout */

int lepton__graph_count(const struct lepton__graph *graph, enum lepton__which which)
{
	return which == LEPTON__ALL ? graph->tensors : graph->trained_tensors;
}

static int count_in(const struct lepton__layer *layer, enum lepton__which which)
{
	return which == LEPTON__ALL ? layer->tensor_count : layer->tensor_count - layer->untrained;
}

/* The i-th tensor of those: its layer, and which of that layer's. */
static const struct lepton__layer *tensor_at(
	const struct lepton__graph *graph, enum lepton__which which, int i, int *at)
{
	const struct lepton__layer *layer = graph->layers;
	for (; i >= count_in(layer, which); layer++)
		i -= count_in(layer, which);
	*at = i;
	return layer;
}

static void describe(const struct lepton__graph *graph, enum lepton__which which, const char *prefix,
	struct lepton_tensor *out)
{
	for (int i = 0; i < lepton__graph_count(graph, which); i++) {
		int t;
		const struct lepton__layer *layer = tensor_at(graph, which, i, &t);
		snprintf(out[i].name, sizeof out[i].name, "%.15s%s/%s", prefix, layer->name,
			layer->ops->tensors[t]);
		out[i].dtype = LEPTON_F32;
		out[i].shape = layer->tensor[t];
	}
}

int lepton__graph_params(const struct lepton__graph *graph, enum lepton__which which,
	const char *const *prefixes, int sets, struct lepton_params **out, struct lepton_error *err)
{
	size_t per_set = (size_t)lepton__graph_count(graph, which), count = per_set * (size_t)sets;
	struct lepton_tensor *like = lepton__calloc(count, sizeof *like);
	if (!like)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for %zu tensors", count);
	for (int s = 0; s < sets; s++)
		describe(graph, which, prefixes[s], like + (size_t)s * per_set);
	int code = lepton_params_new(like, count, out, err);
	lepton__free(like);
	return code;
}

struct lepton__matrix *lepton__graph_matrices(const struct lepton__graph *graph, int *count)
{
	struct lepton__matrix *list = lepton__calloc((size_t)graph->tensors + 1, sizeof *list);
	*count = 0;
	for (int i = 0; list && i < graph->count; i++) {
		const struct lepton__layer *layer = &graph->layers[i];
		for (int t = 0; t < count_in(layer, LEPTON__TRAINED); t++) {
			const struct lepton_shape *shape = &layer->tensor[t];
			if (shape->rank >= 2)
				list[(*count)++] = (struct lepton__matrix){layer->offset[t],
					lepton_shape_count(shape), shape->dim[shape->rank - 1]};
		}
	}
	return list;
}

void lepton__graph_gather(const struct lepton__graph *graph, enum lepton__which which, const float *flat,
	struct lepton_params *params, int first)
{
	for (int i = 0; i < lepton__graph_count(graph, which); i++) {
		int t;
		const struct lepton__layer *layer = tensor_at(graph, which, i, &t);
		memcpy(lepton_params_data(params, (size_t)(first + i)), flat + layer->offset[t],
			(size_t)lepton_shape_count(&layer->tensor[t]) * sizeof *flat);
	}
}

void lepton__graph_scatter(const struct lepton__graph *graph, enum lepton__which which,
	const struct lepton_params *params, int first, float *flat)
{
	for (int i = 0; i < lepton__graph_count(graph, which); i++) {
		int t;
		const struct lepton__layer *layer = tensor_at(graph, which, i, &t);
		memcpy(flat + layer->offset[t], lepton_params_at(params, (size_t)(first + i))->data,
			(size_t)lepton_shape_count(&layer->tensor[t]) * sizeof *flat);
	}
}

void lepton__graph_init(const struct lepton__graph *graph, uint64_t seed, float *flat)
{
	memset(flat, 0, (size_t)graph->floats * sizeof *flat);
	for (int i = 0; i < graph->count; i++) {
		const struct lepton__layer *layer = &graph->layers[i];
		float *w[LEPTON__LAYER_TENSORS];
		struct lepton__rng rng;
		for (int t = 0; t < layer->tensor_count; t++)
			w[t] = flat + layer->offset[t];
		lepton__rng_init(&rng, seed, INIT_STREAM | (uint64_t)i);
		if (layer->ops->init)
			layer->ops->init(layer, &rng, w);
	}
}
