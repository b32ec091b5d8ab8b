/* model/int8_run.c - samples through a network of 8-bit whole numbers, changing to floats and back where
 * layers ask. */
#include "config.h"
#include "model/int8.h"
#include "tensor/int8.h"

#include <string.h>

/* What has come out of the layers so far: one of the two. */
struct flow {
	const uint8_t *whole;
	const float *floats;
	int next_whole, next_floats; /* which of a lane's two is free */
};

static uint8_t *free_whole(const struct lepton__int8_lane *lane, struct flow *flow)
{
	uint8_t *room = lane->whole[flow->next_whole];
	flow->next_whole = !flow->next_whole;
	return room;
}

static float *free_floats(const struct lepton__int8_lane *lane, struct flow *flow)
{
	float *room = lane->floats[flow->next_floats];
	flow->next_floats = !flow->next_floats;
	return room;
}

static void now_whole(struct flow *flow, const uint8_t *whole)
{
	flow->whole = whole;
	flow->floats = NULL;
}

static void now_floats(struct flow *flow, const float *floats)
{
	flow->whole = NULL;
	flow->floats = floats;
}

/* ---- from one to the other ---- */

static void make_whole(
	const struct lepton__int8_lane *lane, struct lepton__int8_scale s, int64_t count, struct flow *flow)
{
	uint8_t *to = free_whole(lane, flow);
	lepton__kernels_get()->quantize_u8(count, flow->floats, 1 / s.scale, (float)s.zero, to);
	now_whole(flow, to);
}

static void make_floats(
	const struct lepton__int8_lane *lane, struct lepton__int8_scale s, int64_t count, struct flow *flow)
{
	float *to = free_floats(lane, flow);
	for (int64_t i = 0; i < count; i++)
		to[i] = s.scale * (float)(flow->whole[i] - s.zero);
	now_floats(flow, to);
}

/* ---- layers ---- */

static struct lepton__pass pass_of(const struct lepton__int8_net *net, const struct lepton__int8_lane *lane,
	const struct lepton__layer *layer, const float *x, int n, float *y)
{
	struct lepton__pass pass = {
		.n = n, .part = n, .x = x, .y = y, .memo = lane->memo, .scratch = lane->scratch};
	for (int t = 0; t < layer->tensor_count; t++)
		pass.w[t] = net->weights + layer->offset[t];
	return pass;
}

void lepton__int8_layer_floats(const struct lepton__int8_net *net, const struct lepton__int8_lane *lane,
	const struct lepton__layer *layer, const float *x, int n, float *y)
{
	const struct lepton__pass pass = pass_of(net, lane, layer, x, n, y);
	layer->ops->forward(layer, &pass);
}

/* The activation of a product's results, where they are floats. */
static void activate(const struct lepton__int8_net *net, const struct lepton__int8_lane *lane,
	const struct lepton__layer *layer, int n, float *y)
{
	const struct lepton__pass pass = pass_of(net, lane, layer, NULL, n, y);
	const int64_t values = layer->out_size * n;
	const int channels = (int)layer->out.dim[layer->out.rank - 1];
	if (layer->activation != LEPTON__LINEAR && layer->activation != LEPTON__SOFTMAX)
		lepton__kernels_get()->activate(layer->activation, values, y, y);
	lepton__activation_finish(layer, &pass, values / channels, channels);
}

struct lepton__int8_frame lepton__int8_frame(const struct lepton__conv *g)
{
	struct lepton__int8_frame frame = {
		(g->out_h - 1) * g->stride_h + g->k_h, (g->out_w - 1) * g->stride_w + g->k_w, true};
	if (g->pad_top || g->pad_left || frame.height > g->in_h || frame.width > g->in_w)
		return frame;
	return (struct lepton__int8_frame){g->in_h, g->in_w, false};
}

/* The image amid values that mean 0. Of one that is larger than what filters see, the rest is left out. */
static const uint8_t *framed(const struct lepton__conv *g, struct lepton__int8_frame frame, int zero,
	const uint8_t *image, uint8_t *padded)
{
	if (!frame.padded)
		return image;
	const int rows = g->in_h < frame.height - g->pad_top ? g->in_h : frame.height - g->pad_top,
		  columns = g->in_w < frame.width - g->pad_left ? g->in_w : frame.width - g->pad_left;
	memset(padded, zero, (size_t)frame.height * (size_t)frame.width * (size_t)g->in_c);
	for (int y = 0; y < rows; y++)
		memcpy(padded + ((ptrdiff_t)(y + g->pad_top) * frame.width + g->pad_left) * g->in_c,
			image + (ptrdiff_t)y * g->in_w * g->in_c, (size_t)columns * (size_t)g->in_c);
	return padded;
}

/* Row by row of each sample's output. `p` has the weights and the first sample's place for results. */
static void convolve(const struct lepton__conv *g, int n, int zero, const uint8_t *x, uint8_t *padded,
	struct lepton__int8 *p)
{
	const struct lepton__int8_frame frame = lepton__int8_frame(g);
	const ptrdiff_t image = (ptrdiff_t)g->in_h * g->in_w * g->in_c,
			row = (ptrdiff_t)frame.width * g->in_c, out = (ptrdiff_t)g->out_w * g->out_c;
	p->rows = g->out_w;
	p->runs = g->k_h;
	p->length = g->k_w * g->in_c;
	p->x_row = (ptrdiff_t)g->stride_w * g->in_c;
	p->x_run = row;
	for (int s = 0; s < n; s++) {
		const uint8_t *from = framed(g, frame, zero, x + s * image, padded);
		for (int y = 0; y < g->out_h; y++) {
			p->x = from + y * g->stride_h * row;
			lepton__kernels_get()->int8_forward(p);
			p->y += p->y ? out : 0;
			p->y8 += p->y8 ? out : 0;
		}
	}
}

static void dense(const struct lepton__layer *layer, int n, const uint8_t *x, struct lepton__int8 *p)
{
	p->rows = n;
	p->runs = 1;
	p->length = (int)layer->in_size;
	p->x = x;
	p->x_row = layer->in_size;
	lepton__kernels_get()->int8_forward(p);
}

static void product(const struct lepton__int8_net *net, const struct lepton__int8_lane *lane,
	const struct lepton__layer *layer, int n, struct flow *flow)
{
	const struct lepton__int8_layer *l = &net->layers[layer->index];
	const struct lepton__int8_scale in = net->output[layer->index - 1];
	if (!flow->whole)
		make_whole(lane, in, layer->in_size * n, flow);
	uint8_t *whole = l->whole ? free_whole(lane, flow) : NULL;
	float *floats = l->whole ? NULL : free_floats(lane, flow);
	struct lepton__int8 p = {.channels = (int)layer->out.dim[layer->out.rank - 1],
		.w = l->weights,
		.scale = l->scale,
		.shift = l->shift,
		.low = l->low,
		.y8 = whole,
		.y = floats};
	p.y_row = p.channels;
	if (layer->ops == &lepton__layer_conv2d)
		convolve(&layer->u.conv.geometry, n, in.zero, flow->whole, lane->padded, &p);
	else
		dense(layer, n, flow->whole, &p);
	if (whole) {
		now_whole(flow, whole);
		return;
	}
	activate(net, lane, layer, n, floats);
	now_floats(flow, floats);
}

static void pool(
	const struct lepton__int8_lane *lane, const struct lepton__layer *layer, int n, struct flow *flow)
{
	uint8_t *to = free_whole(lane, flow);
	lepton__kernels_get()->max_pool_u8(&layer->u.pool.geometry, n, flow->whole, to);
	now_whole(flow, to);
}

static void on_floats(const struct lepton__int8_net *net, const struct lepton__int8_lane *lane,
	const struct lepton__layer *layer, int n, struct flow *flow)
{
	if (flow->whole)
		make_floats(lane, net->output[layer->index - 1], layer->in_size * n, flow);
	float *to = free_floats(lane, flow);
	lepton__int8_layer_floats(net, lane, layer, flow->floats, n, to);
	now_floats(flow, to);
}

const float *lepton__int8_net_forward(struct lepton__int8_net *net, int lane_index, const float *x, int n)
{
	const struct lepton__int8_lane *lane = &net->lanes[lane_index];
	struct flow flow = {.floats = x};
	for (int i = 1; i < net->graph->count; i++) {
		const struct lepton__layer *layer = &net->graph->layers[i];
		if (lepton__int8_passes(layer))
			continue;
		if (net->layers[i].weights)
			product(net, lane, layer, n, &flow);
		else if (net->layers[i].whole)
			pool(lane, layer, n, &flow);
		else
			on_floats(net, lane, layer, n, &flow);
	}
	if (flow.whole) /* a pooling came last */
		make_floats(lane, net->output[net->graph->count - 1],
			net->graph->layers[net->graph->count - 1].out_size * n, &flow);
	return flow.floats;
}
