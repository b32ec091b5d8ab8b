/* model/int8_plan.c - a network made ready to run on 8-bit whole numbers: what runs how, memory, weights.
 *
 * A product's result is scale_x · scale_w · Σ (x - zero) · w + bias, x and w whole. What does not depend on x
 * goes into `shift`, and where the next layer takes whole numbers, so does the division by their scale: one
 * multiply-add a result.
 */
#include "config.h"
#include "model/int8.h"
#include "base/memory.h"
#include "tensor/int8.h"

#include <math.h>
#include <string.h>

#define LINE 64

/* ---- what runs how ---- */

bool lepton__int8_passes(const struct lepton__layer *layer)
{
	return layer->ops->in_place || layer->ops->training_only;
}

/* A Conv2D as runs of a row of its filter, a Dense as one run. */
struct product {
	int runs, length, channels;
};

static struct product product_of(const struct lepton__layer *layer)
{
	const struct lepton__conv *g = &layer->u.conv.geometry;
	if (layer->ops == &lepton__layer_conv2d)
		return (struct product){g->k_h, g->k_w * g->in_c, g->out_c};
	return (struct product){1, (int)layer->in_size, (int)layer->out_size};
}

static bool is_product(const struct lepton__layer *layer)
{
	if (layer->ops != &lepton__layer_conv2d && layer->ops != &lepton__layer_dense)
		return false;
	struct product p = product_of(layer);
	return (int64_t)p.runs * p.length <= LEPTON__INT8_INPUTS_MAX;
}

static bool takes_whole(const struct lepton__layer *layer)
{
	return is_product(layer) || layer->ops == &lepton__layer_max_pooling2d;
}

/* Some later layer takes whole numbers before another one wants floats. */
static bool wanted_whole(const struct lepton__graph *graph, int i)
{
	do
		i++;
	while (i < graph->count && lepton__int8_passes(&graph->layers[i]));
	return i < graph->count && takes_whole(&graph->layers[i]);
}

static bool is_plain(const struct lepton__layer *layer)
{
	return !layer->gelu && (layer->activation == LEPTON__LINEAR || layer->activation == LEPTON__RELU);
}

static int plan_flow(struct lepton__int8_net *net, struct lepton_error *err)
{
	int products = 0;
	for (int i = 1; i < net->graph->count; i++) {
		const struct lepton__layer *layer = &net->graph->layers[i];
		struct lepton__int8_layer *l = &net->layers[i];
		products += is_product(layer);
		if (lepton__int8_passes(layer) || layer->ops == &lepton__layer_max_pooling2d)
			l->whole = net->layers[i - 1].whole;
		else
			l->whole = is_product(layer) && is_plain(layer) && wanted_whole(net->graph, i);
	}
	return products ? LEPTON_OK
			: lepton_error_set(err, LEPTON_E_UNSUPPORTED,
				  "the network has no Conv2D and no Dense layer that could work on 8-bit "
				  "whole numbers");
}

/* ---- memory ---- */

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t lines(size_t bytes)
{
	return (bytes + LINE - 1) / LINE * LINE;
}

static int make_lane(
	const struct lepton__int8_net *net, struct lepton__int8_lane *lane, struct lepton_error *err)
{
	size_t values = 0, padded = 0, memo = 0, scratch = 0;
	for (int i = 0; i < net->graph->count; i++) {
		const struct lepton__layer *layer = &net->graph->layers[i];
		values = larger(values, (size_t)layer->out_size * (size_t)net->capacity);
		memo = larger(memo, layer->ops->memo ? layer->ops->memo(layer, net->capacity) : 0);
		scratch =
			larger(scratch, layer->ops->scratch ? layer->ops->scratch(layer, net->capacity) : 0);
		if (layer->ops != &lepton__layer_conv2d)
			continue;
		struct lepton__int8_frame frame = lepton__int8_frame(&layer->u.conv.geometry);
		padded = larger(padded,
			(size_t)frame.height * (size_t)frame.width * (size_t)layer->u.conv.geometry.in_c);
	}
	size_t whole = lines(values + LEPTON__INT8_SLACK), floats = lines(values * sizeof(float)),
	       frame = lines(padded + LEPTON__INT8_SLACK);
	char *at = lane->block =
		lepton__aligned(2 * whole + 2 * floats + frame + lines(memo) + lines(scratch), 1);
	if (!at)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to run on 8-bit whole numbers");
	for (int i = 0; i < 2; i++, at += whole)
		lane->whole[i] = (uint8_t *)at;
	for (int i = 0; i < 2; i++, at += floats)
		lane->floats[i] = (float *)(void *)at;
	lane->padded = (uint8_t *)at;
	lane->memo = at + frame;
	lane->scratch = at + frame + lines(memo);
	return LEPTON_OK;
}

static int make_lanes(struct lepton__int8_net *net, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int i = 0; i < net->lane_count && !code; i++)
		code = make_lane(net, &net->lanes[i], err);
	return code;
}

/* ---- weights ---- */

/* Channel c of all `rows` rows as whole numbers; their scale. The sum of them comes back too. */
static float round_channel(const float *w, int64_t rows, int channels, int c, int8_t *whole, double *sum)
{
	float most = 0;
	for (int64_t r = 0; r < rows; r++)
		most = fmaxf(most, fabsf(w[r * channels + c]));
	const float scale = most > 0 ? most / LEPTON__INT8_MAX : 1;
	*sum = 0;
	for (int64_t r = 0; r < rows; r++) {
		float code = fminf(
			fmaxf(roundf(w[r * channels + c] / scale), -LEPTON__INT8_MAX), LEPTON__INT8_MAX);
		whole[r * channels + c] = (int8_t)code;
		*sum += (double)code;
	}
	return scale;
}

static void round_weights(
	const struct lepton__int8_net *net, const struct lepton__layer *layer, int8_t *whole)
{
	struct lepton__int8_layer *l = &net->layers[layer->index];
	const struct product p = product_of(layer);
	const float *w = net->weights + layer->offset[0], *bias = net->weights + layer->offset[1];
	const struct lepton__int8_scale in = net->output[layer->index - 1], out = net->output[layer->index];
	for (int c = 0; c < p.channels; c++) {
		double sum,
			scale = (double)round_channel(
					w, (int64_t)p.runs * p.length, p.channels, c, whole, &sum) *
				(double)in.scale,
			shift = (double)bias[c] - scale * in.zero * sum;
		l->scale[c] = (float)(l->whole ? scale / (double)out.scale : scale);
		l->shift[c] = (float)(l->whole ? shift / (double)out.scale + out.zero : shift);
	}
	l->low = layer->activation == LEPTON__RELU ? (float)out.zero : 0;
}

static int pack_layer(
	struct lepton__int8_net *net, const struct lepton__layer *layer, struct lepton_error *err)
{
	struct lepton__int8_layer *l = &net->layers[layer->index];
	const struct product p = product_of(layer);
	const size_t blocks =
		(size_t)(p.channels + LEPTON__INT8_BLOCK - 1) / LEPTON__INT8_BLOCK * LEPTON__INT8_BLOCK;
	int8_t *whole = lepton__calloc((size_t)lepton_shape_count(&layer->tensor[0]), 1);
	l->scale = lepton__calloc(blocks, sizeof *l->scale);
	l->shift = lepton__calloc(blocks, sizeof *l->shift);
	l->weights = lepton__aligned(lepton__int8_bytes(p.runs, p.length, p.channels), 1);
	bool good = whole && l->scale && l->shift && l->weights;
	if (good) {
		round_weights(net, layer, whole);
		lepton__int8_pack(p.runs, p.length, p.channels, whole, l->weights);
	}
	lepton__free(whole);
	return good ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for 8-bit weights");
}

static int pack(struct lepton__int8_net *net, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int i = 1; i < net->graph->count && !code; i++)
		if (is_product(&net->graph->layers[i]))
			code = pack_layer(net, &net->graph->layers[i], err);
	return code;
}

/* ---- making ---- */

int lepton__int8_new(const struct lepton__graph *graph, const float *weights, struct lepton_dataset *data,
	int lanes, int capacity, struct lepton__int8_net **out, struct lepton_error *err)
{
	struct lepton__int8_net *net = lepton__calloc(1, sizeof *net);
	int code = LEPTON_OK;
	*out = NULL;
	if (!net)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to run on 8-bit whole numbers");
	*net = (struct lepton__int8_net){
		.graph = graph, .weights = weights, .capacity = capacity, .lane_count = lanes};
	net->output = lepton__calloc((size_t)graph->count, sizeof *net->output);
	net->layers = lepton__calloc((size_t)graph->count, sizeof *net->layers);
	net->lanes = lepton__calloc((size_t)lanes, sizeof *net->lanes);
	if (!net->output || !net->layers || !net->lanes)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to run on 8-bit whole numbers");
	else if (!lepton__kernels_get()->all_finite(graph->floats, weights))
		code = lepton_error_set(
			err, LEPTON_E_DIVERGED, "a weight is not a finite number: it has no 8 bits");
	if (!code)
		code = plan_flow(net, err);
	if (!code)
		code = make_lanes(net, err);
	if (!code)
		code = lepton__int8_calibrate(net, data, err);
	if (!code)
		code = pack(net, err);
	if (code)
		lepton__int8_free(net);
	else
		*out = net;
	return code;
}

void lepton__int8_free(struct lepton__int8_net *net)
{
	if (!net)
		return;
	for (int i = 0; net->layers && i < net->graph->count; i++) {
		lepton__free(net->layers[i].weights);
		lepton__free(net->layers[i].scale);
		lepton__free(net->layers[i].shift);
	}
	for (int i = 0; net->lanes && i < net->lane_count; i++)
		lepton__free(net->lanes[i].block);
	lepton__free(net->output);
	lepton__free(net->layers);
	lepton__free(net->lanes);
	lepton__free(net);
}
