/* model/graph.c - from the configuration's list of layers to a planned network.
 *
 * Layers are planned in order, each from the one before. Every fault names the layer as the person
 * wrote it: "layers[3] Dense: …". Sizes are checked here once, so that later arithmetic in int is safe.
 */
#include "config.h"
#include "model/graph.h"
#include "model/join.h"
#include "base/json.h"
#include "base/memory.h"
#include "lepton/option.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE 16 /* floats in a cache line */
#define WEIGHTS_MAX ((int64_t)INT32_MAX)

/* ---- one layer ---- */

static const struct lepton_layer_ops *find_type(const cJSON *config, int index, struct lepton_error *err)
{
	const char *const *types = lepton__layer_types();
	const char *type = lepton__json_get_string(config, "type", NULL);
	size_t count = 0;
	while (types[count])
		count++;
	const struct lepton_layer_ops *ops = lepton__layer_find(type);
	if (ops)
		return ops;
	const char *near = type ? lepton_suggest(type, types, count) : NULL;
	char list[256];
	if (near)
		lepton_error_set(err, LEPTON_E_SPEC,
			"layers[%d]: unknown \"type\" \"%.40s\"; did you mean \"%s\"?", index, type, near);
	else if (type)
		lepton_error_set(err, LEPTON_E_SPEC, "layers[%d]: unknown \"type\" \"%.40s\"; there are %s",
			index, type, lepton__key_list(types, list, sizeof list));
	else
		lepton_error_set(err, LEPTON_E_SPEC,
			"layers[%d]: takes an object with a \"type\", as in {\"type\": \"Dense\", \"units\": "
			"10}",
			index);
	return NULL;
}

static bool good_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
	return length > 0 && name[length] == '\0' && length < LEPTON__LAYER_NAME_MAX;
}

/* Keras's automatic names count the layers of a type: dense, dense_1, dense_2. */
static void automatic_name(const struct lepton__graph *graph, struct lepton__layer *layer)
{
	int before = 0;
	for (const struct lepton__layer *l = graph->layers; l < layer; l++)
		before += l->ops == layer->ops;
	if (before)
		snprintf(layer->name, sizeof layer->name, "%s_%d", layer->ops->stem, before);
	else
		snprintf(layer->name, sizeof layer->name, "%s", layer->ops->stem);
}

static int name_layer(const struct lepton__graph *graph, struct lepton__layer *layer, const cJSON *config,
	struct lepton_error *err)
{
	const char *name = lepton__json_get_string(config, "name", NULL);
	if (name && !good_name(name))
		return lepton_error_set(err, LEPTON_E_SPEC,
			"\"name\" takes 1 to %d letters, digits, and \"_-.\"", LEPTON__LAYER_NAME_MAX - 1);
	if (name)
		lepton__copy_name(layer->name, sizeof layer->name, name);
	else
		automatic_name(graph, layer);
	for (const struct lepton__layer *l = graph->layers; l < layer; l++)
		if (strcmp(l->name, layer->name) == 0)
			return lepton_error_set(err, LEPTON_E_SPEC,
				"the name \"%s\" is already taken by layers[%d]; give another \"name\"",
				layer->name, l->index);
	return LEPTON_OK;
}

static int check_place(const struct lepton__layer *layer, struct lepton_error *err)
{
	bool input = layer->ops == &lepton__layer_input;
	if (input == (layer->index == 0))
		return LEPTON_OK;
	if (input)
		return lepton_error_set(err, LEPTON_E_SPEC, "only the first layer can be Input");
	return lepton_error_set(err, LEPTON_E_SPEC,
		"the first layer must be Input, as in {\"type\": \"Input\", \"shape\": [28, 28, 1]}");
}

/* Give the layer's tensors from..to-1 their places; the graph grows by them. */
static int place_weights(
	struct lepton__graph *graph, struct lepton__layer *layer, int from, int to, struct lepton_error *err)
{
	for (int t = from; t < to; t++) {
		int64_t n = lepton_shape_count(&layer->tensor[t]);
		layer->offset[t] = graph->floats;
		if (n > WEIGHTS_MAX - graph->floats - LINE)
			return lepton_error_set(err, LEPTON_E_SHAPE,
				"%" PRId64 " weights are more than the %" PRId64
				" a network can have; make it smaller",
				graph->values + n, WEIGHTS_MAX);
		graph->values += n;
		graph->floats += (n + LINE - 1) / LINE * LINE;
		graph->tensors++;
	}
	return LEPTON_OK;
}

static int place_trained(struct lepton__graph *graph, struct lepton__layer *layer, struct lepton_error *err)
{
	int trained = layer->tensor_count - layer->untrained;
	if (trained && graph->first_trained < 0)
		graph->first_trained = layer->index;
	graph->trained_tensors += trained;
	return place_weights(graph, layer, 0, trained, err);
}

/* Behind all trained ones, so that an optimiser's range is one piece. */
static int place_untrained(struct lepton__graph *graph, struct lepton_error *err)
{
	graph->trained = graph->floats;
	for (int i = 0; i < graph->count; i++) {
		struct lepton__layer *layer = &graph->layers[i];
		int code = place_weights(
			graph, layer, layer->tensor_count - layer->untrained, layer->tensor_count, err);
		if (code) {
			lepton_error_prefix(err, "layers[%d] %s", i, layer->ops->type);
			return code;
		}
	}
	return LEPTON_OK;
}

static int plan_shape(struct lepton__graph *graph, struct lepton__layer *layer, struct lepton_error *err)
{
	if (layer->index > 0)
		layer->in = layer[-1].out;
	layer->in_size = lepton_shape_count(&layer->in);
	int code = layer->ops->shape(layer, err);
	if (code)
		return code;
	layer->out_size = lepton_shape_count(&layer->out);
	if (layer->out_size > LEPTON__LAYER_VALUES_MAX)
		return lepton_error_set(err, LEPTON_E_SHAPE,
			"gives %" PRId64 " values a sample, more than the %" PRId64 " a layer can have",
			layer->out_size, LEPTON__LAYER_VALUES_MAX);
	return place_trained(graph, layer, err);
}

static int add_layer(struct lepton__graph *graph, const cJSON *config, struct lepton_error *err)
{
	char where[64];
	struct lepton__layer *layer = &graph->layers[graph->count];
	const struct lepton_layer_ops *ops = find_type(config, graph->count, err);
	if (!ops)
		return LEPTON_E_SPEC;
	layer->ops = ops;
	layer->index = graph->count;
	snprintf(where, sizeof where, "layers[%d] %s", layer->index, ops->type);
	int code = lepton__keys_check(ops->keys, config, false, where, err);
	if (code)
		return code;
	if ((code = check_place(layer, err)) || (code = ops->configure(layer, config, err)) ||
		(code = name_layer(graph, layer, config, err)) || (code = plan_shape(graph, layer, err))) {
		lepton_error_prefix(err, "%s", where);
		return code;
	}
	graph->count++;
	return LEPTON_OK;
}

/* ---- the end of the network ---- */

static int end_fault(const struct lepton__layer *layer, int code, const char *what, struct lepton_error *err)
{
	return lepton_error_set(err, code, "layers[%d] %s: %s", layer->index, layer->ops->type, what);
}

/* The last activation must be one that the loss can work on. */
static int check_activation(const struct lepton__graph *graph, const struct lepton__layer *active, int64_t outputs,
	struct lepton_error *err)
{
	enum lepton__activation ended = active->activation;
	bool linear = ended == LEPTON__LINEAR && !active->gelu;
	switch (graph->loss.kind) {
	case LEPTON__SQUARED_ERROR:
		return linear && outputs == 1
			       ? LEPTON_OK
			       : end_fault(active, LEPTON_E_SPEC,
					 "mse learns one number as it is; end with Dense, \"units\": 1, and no activation",
					 err);
	case LEPTON__BINARY_CROSS_ENTROPY:
		return ended == LEPTON__SIGMOID || (linear && graph->loss.from_logits)
			       ? LEPTON_OK
			       : end_fault(active, LEPTON_E_SPEC,
					 "binary_crossentropy takes probabilities, each by itself; set \"activation\": "
					 "\"sigmoid\"",
					 err);
	case LEPTON__HINGE:
	case LEPTON__SQUARED_HINGE:
		return linear || ended == LEPTON__TANH
			       ? LEPTON_OK
			       : end_fault(active, LEPTON_E_SPEC,
					 "a hinge takes decisions below and above 0; leave \"activation\" out, or set tanh",
					 err);
	default:
		if (ended == LEPTON__SIGMOID && outputs == 1)
			return end_fault(active, LEPTON_E_SPEC,
				"one sigmoid tells two classes apart by \"loss\": \"binary_crossentropy\"; set that", err);
		return ended == LEPTON__SOFTMAX || ended == LEPTON__SIGMOID
			       ? LEPTON_OK
			       : end_fault(active, LEPTON_E_SPEC,
					 "categorical_crossentropy takes probabilities; set \"activation\": \"softmax\"", err);
	}
}

/* Softmax and cross-entropy belong together where the last values are a row of classes: one stable
 * pass for both; so do a sigmoid and binary cross-entropy. Elsewhere the loss takes probabilities as they come. */
static void join_loss(struct lepton__graph *graph, struct lepton__layer *active, bool row)
{
	if (graph->loss.kind == LEPTON__CATEGORICAL_CROSS_ENTROPY)
		active->fused = graph->loss.from_logits = row && active->activation == LEPTON__SOFTMAX;
	if (graph->loss.kind != LEPTON__BINARY_CROSS_ENTROPY || !row || active->activation != LEPTON__SIGMOID)
		return;
	active->activation = LEPTON__LINEAR;
	graph->loss.from_logits = true;
}

static int plan_loss(struct lepton__graph *graph, struct lepton_error *err)
{
	const struct lepton__layer *last = &graph->layers[graph->count - 1];
	struct lepton__layer *active = &graph->layers[graph->count - 1];
	if (last->out.rank != 1)
		return end_fault(last, LEPTON_E_SHAPE,
			"the network must end in one row of values, one a class; add Flatten and Dense", err);
	if (last->ops == &lepton__layer_dropout)
		return end_fault(
			last, LEPTON_E_SPEC, "the last layer cannot be Dropout; end with Dense", err);
	if (graph->first_trained < 0)
		return end_fault(last, LEPTON_E_SPEC, "no layer has weights to train; add Dense", err);
	while (active->ops->in_place)
		active--;
	bool row = active->out.dim[active->out.rank - 1] == last->out_size;
	join_loss(graph, active, row);
	while (!active->tensor_count)
		active--;
	if (active->ops == &lepton__layer_batch_normalization)
		return end_fault(active, LEPTON_E_SPEC,
			"the last layer with weights cannot be BatchNormalization; end with Dense", err);
	int code = check_activation(graph, active, last->out_size, err);
	if (code)
		return code;
	graph->loss.outputs = (int)last->out_size;
	graph->classes = lepton__loss_answers(&graph->loss);
	return LEPTON_OK;
}

int lepton__graph_build(
	struct lepton__graph *graph, const cJSON *layers, enum lepton__loss_kind loss, struct lepton_error *err)
{
	int count = cJSON_IsArray(layers) ? cJSON_GetArraySize(layers) : 0;
	*graph = (struct lepton__graph){.first_trained = -1, .loss.kind = loss};
	if (count < 1 || count > LEPTON__LAYERS_MAX)
		return lepton_error_set(
			err, LEPTON_E_SPEC, "\"layers\" takes a list of 1 to %d layers", LEPTON__LAYERS_MAX);
	graph->layers = lepton__calloc((size_t)count, sizeof *graph->layers);
	int code = graph->layers
			   ? LEPTON_OK
			   : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for %d layers", count);
	for (const cJSON *config = layers->child; config && !code; config = config->next)
		code = add_layer(graph, config, err);
	if (!code)
		code = place_untrained(graph, err);
	if (!code)
		code = plan_loss(graph, err);
	if (code)
		lepton__graph_free(graph);
	else
		lepton__join_plan(graph);
	return code;
}

void lepton__graph_free(struct lepton__graph *graph)
{
	lepton__free(graph->layers);
	*graph = (struct lepton__graph){.first_trained = -1};
}
