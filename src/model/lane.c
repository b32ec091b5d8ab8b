/* model/lane.c - planning a lane's block, and running samples forward and gradients back. */
#include "config.h"
#include "model/lane.h"
#include "model/join.h"
#include "base/memory.h"

#include <stdint.h>
#include <string.h>

#define LINE 64
/* Streams of what layers draw: step, layer and part side by side; apart from those of data order and weights. */
#define DRAW_STREAM ((uint64_t)1 << 63)
#define LAYER_BITS 8
#define PART_BITS 8

/* ---- planning ---- */

/* While planning, pointers are offsets from the block's start, plus one line so that none is NULL. */
static void *reserve(struct lepton__lane *lane, size_t bytes)
{
	size_t at = lane->bytes;
	lane->bytes += (bytes + LINE - 1) / LINE * LINE;
	return (void *)(uintptr_t)at;
}

static float *reserve_floats(struct lepton__lane *lane, int64_t n)
{
	return reserve(lane, (size_t)n * sizeof(float));
}

static bool inside_join(const struct lepton__layer *layer)
{
	return layer->index != layer->last;
}

/* Bytes of scratch for the layers that run with layer i. */
static size_t scratch_of(const struct lepton__graph *graph, int i, int samples, int parts)
{
	const struct lepton__layer *layer = &graph->layers[i];
	if (layer->join)
		return layer->join->scratch(layer, &graph->layers[layer->last], samples, parts);
	return layer->ops->scratch && layer->first == layer->last ? layer->ops->scratch(layer, samples) : 0;
}

/* What backward needs again or borrows, of `samples` samples in `parts` parts. */
static void plan_own(struct lepton__lane *lane, const struct lepton__graph *graph, int samples, int parts)
{
	size_t scratch = 0;
	for (int i = 0; i < graph->count; i++) {
		const struct lepton__layer *layer = &graph->layers[i];
		if (layer->ops->memo && !inside_join(layer))
			lane->memo[i] = reserve(lane, layer->ops->memo(layer, samples));
		size_t wish = scratch_of(graph, i, samples, parts);
		scratch = wish > scratch ? wish : scratch;
	}
	lane->scratch = reserve(lane, scratch);
	lane->gradient = reserve_floats(lane, graph->floats);
}

/* Follow backward's use of its two buffers to learn how large each must be. */
static void measure_gradients(struct lepton__lane *lane, const struct lepton__graph *graph)
{
	int64_t *size = lane->d_size;
	int now = 0;
	size[0] = graph->loss.outputs;
	for (int i = graph->count - 1; i > graph->first_trained; i--) {
		const struct lepton__layer *layer = &graph->layers[i];
		const struct lepton__layer *first = &graph->layers[layer->first];
		i = first->index;
		if (layer->ops->in_place || i <= graph->first_trained)
			continue;
		now = !now;
		size[now] = first->in_size > size[now] ? first->in_size : size[now];
	}
}

void lepton__lane_plan(struct lepton__lane *lane, const struct lepton__graph *graph, int capacity)
{
	*lane = (struct lepton__lane){.capacity = capacity, .bytes = LINE};
	plan_own(lane, graph, capacity, 1);
}

void lepton__lane_plan_first(struct lepton__lane *lane, const struct lepton__graph *graph, int capacity, int parts)
{
	int64_t room = (int64_t)capacity * parts;
	*lane = (struct lepton__lane){.capacity = capacity, .bytes = LINE};
	lane->x = reserve_floats(lane, room * graph->layers[0].in_size);
	if (graph->loss.kind == LEPTON__SQUARED_ERROR)
		lane->targets = reserve_floats(lane, room);
	else
		lane->labels = reserve(lane, (size_t)room * sizeof *lane->labels);
	if (graph->lesson.share > 0)
		lane->answers = reserve_floats(lane, room * graph->loss.outputs);
	lane->index = reserve(lane, (size_t)room * sizeof *lane->index);
	for (int i = 0; i < graph->count; i++)
		if (!graph->layers[i].ops->in_place && !inside_join(&graph->layers[i]))
			lane->own[i] = reserve_floats(lane, room * graph->layers[i].out_size);
	measure_gradients(lane, graph);
	lane->d[0] = reserve_floats(lane, room * lane->d_size[0]);
	lane->d[1] = reserve_floats(lane, room * lane->d_size[1]);
	plan_own(lane, graph, (int)room, parts);
}

void lepton__lane_share(struct lepton__lane *lane, const struct lepton__graph *graph,
	const struct lepton__lane *first, int part)
{
	int64_t at = (int64_t)first->capacity * part;
	lane->x = first->x + at * graph->layers[0].in_size;
	lane->labels = first->labels ? first->labels + at : NULL;
	lane->targets = first->targets ? first->targets + at : NULL;
	lane->answers = first->answers ? first->answers + at * graph->loss.outputs : NULL;
	lane->index = first->index + at;
	for (int i = 0; i < graph->count; i++)
		if (first->own[i])
			lane->own[i] = first->own[i] + at * graph->layers[i].out_size;
	for (int i = 0; i < 2; i++)
		lane->d[i] = first->d[i] + at * first->d_size[i];
}

static void *placed(const struct lepton__lane *lane, void *offset)
{
	return offset ? lane->block + (uintptr_t)offset : NULL;
}

int lepton__lane_allocate(struct lepton__lane *lane, struct lepton_error *err)
{
	lane->block = lepton__aligned(lane->bytes, 1);
	if (!lane->block)
		return lepton_error_set(err, LEPTON_E_NOMEM,
			"out of memory: a part of a batch needs %zu bytes; lower \"batch_size\"",
			lane->bytes);
	lane->x = placed(lane, lane->x);
	lane->labels = placed(lane, lane->labels);
	lane->targets = placed(lane, lane->targets);
	lane->answers = placed(lane, lane->answers);
	lane->index = placed(lane, lane->index);
	lane->scratch = placed(lane, lane->scratch);
	lane->gradient = placed(lane, lane->gradient);
	for (int i = 0; i < 2; i++)
		lane->d[i] = placed(lane, lane->d[i]);
	for (int i = 0; i < LEPTON__LAYERS_MAX; i++) {
		lane->own[i] = placed(lane, lane->own[i]);
		lane->memo[i] = placed(lane, lane->memo[i]);
	}
	return LEPTON_OK;
}

void lepton__lane_free(struct lepton__lane *lane)
{
	lepton__free(lane->block);
	lane->block = NULL;
}

/* ---- running ---- */

static struct lepton__pass make_pass(const struct lepton__lane *lane, const struct lepton__layer *layer,
	const float *weights, const float *x, int n, const struct lepton__draw *draw)
{
	int i = layer->index;
	struct lepton__pass pass = {.n = n,
		.part = draw ? draw->size : n,
		.training = draw && !draw->still,
		.x = i ? lane->y[i - 1] : x,
		.y = lane->own[i],
		.memo = lane->memo[i],
		.scratch = lane->scratch,
		.team = lane->team};
	for (int t = 0; t < layer->tensor_count; t++) {
		pass.w[t] = weights + layer->offset[t];
		pass.dw[t] = lane->gradient + layer->offset[t];
	}
	if (draw) {
		uint64_t place = ((uint64_t)i << PART_BITS) | (uint64_t)draw->part;
		pass.key = draw->seed;
		pass.stream = DRAW_STREAM | (uint64_t)draw->step << (LAYER_BITS + PART_BITS) | place;
	}
	return pass;
}

/* Layer `first`, or the layers that run as one with it. */
static void run_forward(struct lepton__lane *lane, const struct lepton__graph *graph,
	const struct lepton__layer *first, const float *weights, const float *x, int n, const struct lepton__draw *draw)
{
	const struct lepton__layer *last = &graph->layers[first->last];
	struct lepton__pass a = make_pass(lane, first, weights, x, n, draw);
	if (first->join) {
		struct lepton__pass b = make_pass(lane, last, weights, x, n, draw);
		first->join->forward(first, last, &a, &b);
	} else {
		first->ops->forward(first, &a);
	}
}

const float *lepton__lane_forward(struct lepton__lane *lane, const struct lepton__graph *graph,
	const float *weights, const float *x, int n, const struct lepton__draw *draw)
{
	const float *at = x;
	for (int i = 0; i < graph->count; i++) {
		const struct lepton__layer *layer = &graph->layers[i];
		i = layer->last;
		if (!layer->ops->in_place && (draw || !layer->ops->training_only)) {
			run_forward(lane, graph, layer, weights, x, n, draw);
			at = lane->own[i];
		}
		lane->y[i] = at;
	}
	return at;
}

/* The loss of each part by itself, added in order, and its gradient by the outputs in d[0]. */
static void loss_back(
	struct lepton__lane *lane, const struct lepton__graph *graph, int n, const struct lepton__draw *draw, float scale)
{
	const float *out = lane->y[graph->count - 1];
	lane->loss = (struct lepton__loss){0};
	for (int from = 0; from < n; from += draw->size) {
		struct lepton__loss loss;
		int64_t at = (int64_t)from * graph->loss.outputs;
		int rows = n - from < draw->size ? n - from : draw->size;
		if (lane->answers)
			lepton__loss_taught(graph->loss.outputs, graph->lesson, rows, out + at,
				lane->labels + from, lane->answers + at, scale, lane->d[0] + at, &loss);
		else
			lepton__loss(&graph->loss, rows, out + at, lane->labels ? lane->labels + from : NULL,
				lane->targets ? lane->targets + from : NULL, scale, lane->d[0] + at, &loss);
		lane->loss.sum += loss.sum;
		lane->loss.right += loss.right;
	}
}

/* From d[now] to d[!now]: layer `last`, or the layers that run as one with it. */
static void run_backward(struct lepton__lane *lane, const struct lepton__graph *graph,
	const struct lepton__layer *last, const float *weights, const float *x, int n, const struct lepton__draw *draw,
	int now)
{
	const struct lepton__layer *first = &graph->layers[last->first];
	struct lepton__pass a = make_pass(lane, first, weights, x, n, draw);
	a.dy = lane->d[now];
	a.dx = first->index > graph->first_trained ? lane->d[!now] : NULL;
	if (first->join) {
		struct lepton__pass b = make_pass(lane, last, weights, x, n, draw);
		b.dy = lane->d[now];
		first->join->backward(first, last, &a, &b);
	} else {
		first->ops->backward(first, &a);
	}
}

static void run_squares(struct lepton__lane *lane, const struct lepton__graph *graph,
	const struct lepton__layer *layer, const float *weights, const float *x, int n,
	const struct lepton__draw *draw, int now, double *squares)
{
	struct lepton__pass pass = make_pass(lane, layer, weights, x, n, draw);
	pass.dy = lane->d[now];
	pass.dx = layer->index > graph->first_trained ? lane->d[!now] : NULL;
	layer->ops->squares(layer, &pass, squares);
}

/* From the gradient by the outputs, in d[0], down to the lowest layer with weights. */
static void back(struct lepton__lane *lane, const struct lepton__graph *graph, const float *weights,
	const float *x, int n, const struct lepton__draw *draw, double *squares)
{
	int now = 0;
	for (int i = graph->count - 1; i >= graph->first_trained; i = graph->layers[i].first - 1) {
		const struct lepton__layer *layer = &graph->layers[i];
		if (layer->ops->in_place || (draw->still && layer->ops->training_only))
			continue;
		if (squares && layer->ops->squares)
			run_squares(lane, graph, layer, weights, x, n, draw, now, squares);
		else
			run_backward(lane, graph, layer, weights, x, n, draw, now);
		now = !now;
	}
}

void lepton__lane_backward(struct lepton__lane *lane, const struct lepton__graph *graph, const float *weights,
	const float *x, int n, const struct lepton__draw *draw, float scale)
{
	loss_back(lane, graph, n, draw, scale);
	back(lane, graph, weights, x, n, draw, NULL);
}

void lepton__lane_backward_shares(struct lepton__lane *lane, const struct lepton__graph *graph,
	const float *weights, const float *x, int n, const struct lepton__draw *draw, const double *shares)
{
	loss_back(lane, graph, n, draw, 1);
	for (int s = 0; s < n; s++)
		for (int k = 0; k < graph->loss.outputs; k++)
			lane->d[0][(int64_t)s * graph->loss.outputs + k] *= (float)shares[s];
	back(lane, graph, weights, x, n, draw, NULL);
}

void lepton__lane_squares(struct lepton__lane *lane, const struct lepton__graph *graph, const float *weights,
	const float *x, int n, const struct lepton__draw *draw, double *squares)
{
	memset(squares, 0, (size_t)n * sizeof *squares);
	loss_back(lane, graph, n, draw, 1);
	back(lane, graph, weights, x, n, draw, squares);
}
