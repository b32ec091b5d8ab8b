/* model/graph_params.c - a network's flat arrays as named tensors, and back; initial weights. */
#include "config.h"
#include "model/graph.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define INIT_STREAM ((uint64_t)1 << 62) /* apart from the streams of data order and dropout */

static const char *const tensor_names[LEPTON__LAYER_TENSORS] = {"kernel", "bias"};

const struct lepton__layer *lepton__graph_tensor(const struct lepton__graph *graph, int i, int *which)
{
	const struct lepton__layer *layer = graph->layers;
	for (; i >= layer->tensor_count; layer++)
		i -= layer->tensor_count;
	*which = i;
	return layer;
}

static void describe(const struct lepton__graph *graph, const char *prefix, struct lepton_tensor *out)
{
	for (int i = 0; i < graph->tensors; i++) {
		int which;
		const struct lepton__layer *layer = lepton__graph_tensor(graph, i, &which);
		snprintf(out[i].name, sizeof out[i].name, "%.15s%s/%s", prefix, layer->name,
			tensor_names[which]);
		out[i].dtype = LEPTON_F32;
		out[i].shape = layer->tensor[which];
	}
}

int lepton__graph_params(const struct lepton__graph *graph, const char *const *prefixes, int sets,
	struct lepton_params **out, struct lepton_error *err)
{
	size_t per_set = (size_t)graph->tensors, count = per_set * (size_t)sets;
	struct lepton_tensor *like = lepton__calloc(count, sizeof *like);
	if (!like)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for %zu tensors", count);
	for (int s = 0; s < sets; s++)
		describe(graph, prefixes[s], like + (size_t)s * per_set);
	int code = lepton_params_new(like, count, out, err);
	lepton__free(like);
	return code;
}

void lepton__graph_gather(
	const struct lepton__graph *graph, const float *flat, struct lepton_params *params, int first)
{
	for (int i = 0; i < graph->tensors; i++) {
		int which;
		const struct lepton__layer *layer = lepton__graph_tensor(graph, i, &which);
		memcpy(lepton_params_data(params, (size_t)(first + i)), flat + layer->offset[which],
			(size_t)lepton_shape_count(&layer->tensor[which]) * sizeof *flat);
	}
}

void lepton__graph_scatter(
	const struct lepton__graph *graph, const struct lepton_params *params, int first, float *flat)
{
	for (int i = 0; i < graph->tensors; i++) {
		int which;
		const struct lepton__layer *layer = lepton__graph_tensor(graph, i, &which);
		memcpy(flat + layer->offset[which], lepton_params_at(params, (size_t)(first + i))->data,
			(size_t)lepton_shape_count(&layer->tensor[which]) * sizeof *flat);
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
