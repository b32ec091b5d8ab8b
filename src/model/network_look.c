/* model/network_look.c - looking into a network: what its kernels read, and what its layers give.
 *
 * Fusion asks for the first: RegMean and matching by activations go by it. People look at the second. Layers
 * run one by one here, whatever joins the plan has, since a join never stores what lies between. The samples
 * are spread evenly over the training split, whose order may mean something.
 */
#include "config.h"
#include "model/network.h"
#include "base/memory.h"

#include <string.h>

#define CHUNK 16 /* samples that run together */

struct look {
	struct lepton__network *network;
	float *flow[2], *windows;
	void *memo, *scratch;
	lepton_inputs_fn see;       /* NULL, or: */
	lepton_outputs_fn see_what; /* a layer gives */
	void *context;
};

static bool passes(const struct lepton__layer *layer)
{
	return layer->ops->in_place || layer->ops->training_only;
}

static int64_t places(const struct lepton__conv *g)
{
	return (int64_t)g->out_h * g->out_w;
}

static int64_t window(const struct lepton__conv *g)
{
	return (int64_t)g->k_h * g->k_w * g->in_c;
}

/* A line of a window: `values` of the image's row, zeros where it lies outside. */
static void copy_line(const struct lepton__conv *g, const float *image, int y, int x, float *to)
{
	for (int k = 0; k < g->k_w; k++, to += g->in_c) {
		const bool inside = y >= 0 && y < g->in_h && x + k >= 0 && x + k < g->in_w;
		if (inside)
			memcpy(to, image + ((int64_t)y * g->in_w + x + k) * g->in_c,
				(size_t)g->in_c * sizeof *to);
		else
			memset(to, 0, (size_t)g->in_c * sizeof *to);
	}
}

static void take_windows(const struct lepton__conv *g, int n, const float *x, float *to)
{
	for (int i = 0; i < n; i++, x += (int64_t)g->in_h * g->in_w * g->in_c)
		for (int64_t at = 0; at < places(g); at++)
			for (int k = 0; k < g->k_h; k++, to += g->k_w * g->in_c)
				copy_line(g, x, (int)(at / g->out_w) * g->stride_h - g->pad_top + k,
					(int)(at % g->out_w) * g->stride_w - g->pad_left, to);
}

static int show(const struct look *look, const struct lepton__layer *layer, size_t kernel, int n,
	const float *x, struct lepton_error *err)
{
	if (!look->see)
		return LEPTON_OK;
	struct lepton_inputs inputs = {kernel, n, layer->in_size, x};
	if (layer->ops == &lepton__layer_conv2d) {
		const struct lepton__conv *g = &layer->u.conv.geometry;
		take_windows(g, n, x, look->windows);
		inputs = (struct lepton_inputs){kernel, n * places(g), window(g), look->windows};
	} else if (layer->ops != &lepton__layer_dense) {
		return LEPTON_OK;
	}
	return look->see(look->context, &inputs, err);
}

static int show_what(const struct look *look, const struct lepton__layer *layer, size_t at, int n,
	const float *y, struct lepton_error *err)
{
	const int64_t units = layer->out.rank ? layer->out.dim[layer->out.rank - 1] : 1;
	struct lepton_outputs outputs = {
		at, layer->name, layer->fused, n, n * (layer->out_size / units), units, y};
	return look->see_what ? look->see_what(look->context, &outputs, err) : LEPTON_OK;
}

static void run_layer(
	const struct look *look, const struct lepton__layer *layer, int n, const float *x, float *y)
{
	struct lepton__pass pass = {
		.n = n, .part = n, .x = x, .y = y, .memo = look->memo, .scratch = look->scratch};
	for (int t = 0; t < layer->tensor_count; t++)
		pass.w[t] = look->network->used + layer->offset[t];
	layer->ops->forward(layer, &pass);
}

/* n samples, which lie in flow[0], through all layers. */
static int run_layers(const struct look *look, int n, struct lepton_error *err)
{
	const struct lepton__graph *graph = &look->network->graph;
	const float *x = look->flow[0];
	size_t tensor = 0, seen = 0;
	int code = LEPTON_OK;
	for (int i = 0, to = 1; i < graph->count && !code; i++) {
		const struct lepton__layer *layer = &graph->layers[i];
		if (!passes(layer)) {
			code = show(look, layer, tensor, n, x, err);
			run_layer(look, layer, n, x, look->flow[to]);
			x = look->flow[to];
			to = !to;
			code = code ? code : show_what(look, layer, seen++, n, x, err);
		}
		tensor += (size_t)layer->tensor_count;
	}
	return code;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static int start(struct look *look, struct lepton_error *err)
{
	const struct lepton__graph *graph = &look->network->graph;
	size_t memo = 1, scratch = 1, flow = 1, windows = 1;
	for (int i = 0; i < graph->count; i++) {
		const struct lepton__layer *layer = &graph->layers[i];
		flow = larger(flow, (size_t)larger((size_t)layer->in_size, (size_t)layer->out_size));
		memo = larger(memo, layer->ops->memo ? layer->ops->memo(layer, CHUNK) : 0);
		scratch = larger(scratch, layer->ops->scratch ? layer->ops->scratch(layer, CHUNK) : 0);
		if (layer->ops == &lepton__layer_conv2d)
			windows = larger(windows,
				(size_t)(places(&layer->u.conv.geometry) * window(&layer->u.conv.geometry)));
	}
	look->flow[0] = lepton__aligned(CHUNK * flow, sizeof(float));
	look->flow[1] = lepton__aligned(CHUNK * flow, sizeof(float));
	look->windows = lepton__aligned(CHUNK * windows, sizeof(float));
	look->memo = lepton__aligned(memo, 1);
	look->scratch = lepton__aligned(scratch, 1);
	if (look->flow[0] && look->flow[1] && look->windows && look->memo && look->scratch)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to look into a network");
}

static int run_samples(struct look look, int64_t samples, struct lepton_error *err)
{
	struct lepton__network *network = look.network;
	const int64_t count = samples < network->train ? samples : network->train;
	int code = start(&look, err);
	lepton__network_ready_to_answer(network);
	for (int64_t from = 0; from < count && !code; from += CHUNK) {
		uint32_t index[CHUNK];
		const int n = count - from < CHUNK ? (int)(count - from) : CHUNK;
		for (int i = 0; i < n; i++)
			index[i] = (uint32_t)((from + i) * network->train / count);
		lepton_dataset_gather(network->data, LEPTON_TRAIN, index, n, look.flow[0], NULL);
		code = run_layers(&look, n, err);
	}
	lepton__free(look.flow[0]);
	lepton__free(look.flow[1]);
	lepton__free(look.windows);
	lepton__free(look.memo);
	lepton__free(look.scratch);
	return code;
}

int lepton__network_inputs(struct lepton_learner *learner, int64_t samples, lepton_inputs_fn see,
	void *context, struct lepton_error *err)
{
	struct look look = {.network = (struct lepton__network *)learner, .see = see, .context = context};
	return run_samples(look, samples, err);
}

int lepton__network_outputs(struct lepton_learner *learner, int64_t samples, lepton_outputs_fn see,
	void *context, struct lepton_error *err)
{
	struct look look = {
		.network = (struct lepton__network *)learner, .see_what = see, .context = context};
	return run_samples(look, samples, err);
}
