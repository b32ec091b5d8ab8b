/* model/lane.c - planning a lane's block, and running samples forward and gradients back. */
#include "config.h"
#include "model/lane.h"
#include "base/memory.h"

#include <stdint.h>

#define LINE 64
/* Dropout's streams: step, layer and part side by side; apart from those of data order and weights. */
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

static void plan_outputs(struct lepton__lane *lane, const struct lepton__graph *graph)
{
	size_t scratch = 0;
	for (int i = 0; i < graph->count; i++) {
		const struct lepton__layer *layer = &graph->layers[i];
		if (!layer->ops->in_place)
			lane->own[i] = reserve_floats(lane, lane->capacity * layer->out_size);
		if (layer->ops->memo)
			lane->memo[i] = reserve(lane, layer->ops->memo(layer, lane->capacity));
		size_t wish = layer->ops->scratch ? layer->ops->scratch(layer, lane->capacity) : 0;
		scratch = wish > scratch ? wish : scratch;
	}
	lane->scratch = reserve(lane, scratch);
}

/* Follow backward's use of its two buffers to learn how large each must be. */
static void plan_gradients(struct lepton__lane *lane, const struct lepton__graph *graph)
{
	int64_t size[2] = {graph->classes, 0};
	int now = 0;
	for (int i = graph->count - 1; i > graph->first_trained; i--) {
		const struct lepton__layer *layer = &graph->layers[i];
		if (layer->ops->in_place)
			continue;
		now = !now;
		size[now] = layer->in_size > size[now] ? layer->in_size : size[now];
	}
	lane->d[0] = reserve_floats(lane, lane->capacity * size[0]);
	lane->d[1] = reserve_floats(lane, lane->capacity * size[1]);
	lane->gradient = reserve_floats(lane, graph->floats);
}

void lepton__lane_plan(struct lepton__lane *lane, const struct lepton__graph *graph, int capacity)
{
	*lane = (struct lepton__lane){.capacity = capacity, .bytes = LINE};
	lane->x = reserve_floats(lane, capacity * graph->layers[0].in_size);
	lane->labels = reserve(lane, (size_t)capacity * sizeof *lane->labels);
	lane->index = reserve(lane, (size_t)capacity * sizeof *lane->index);
	plan_outputs(lane, graph);
	plan_gradients(lane, graph);
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
		.training = draw != NULL,
		.x = i ? lane->y[i - 1] : x,
		.y = lane->own[i],
		.memo = lane->memo[i],
		.scratch = lane->scratch};
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

const float *lepton__lane_forward(struct lepton__lane *lane, const struct lepton__graph *graph,
	const float *weights, const float *x, int n, const struct lepton__draw *draw)
{
	const float *at = x;
	for (int i = 0; i < graph->count; i++) {
		const struct lepton__layer *layer = &graph->layers[i];
		if (!layer->ops->in_place && (draw || !layer->ops->training_only)) {
			struct lepton__pass pass = make_pass(lane, layer, weights, x, n, draw);
			layer->ops->forward(layer, &pass);
			at = lane->own[i];
		}
		lane->y[i] = at;
	}
	return at;
}

void lepton__lane_backward(struct lepton__lane *lane, const struct lepton__graph *graph, const float *weights,
	const float *x, int n, const struct lepton__draw *draw, float scale)
{
	int now = 0;
	lepton__loss_rows(graph->from_logits, n, graph->classes, lane->y[graph->count - 1], lane->labels,
		scale, lane->d[0], &lane->loss);
	for (int i = graph->count - 1; i >= graph->first_trained; i--) {
		const struct lepton__layer *layer = &graph->layers[i];
		if (layer->ops->in_place)
			continue;
		struct lepton__pass pass = make_pass(lane, layer, weights, x, n, draw);
		pass.dy = lane->d[now];
		pass.dx = i > graph->first_trained ? lane->d[!now] : NULL;
		layer->ops->backward(layer, &pass);
		now = !now;
	}
}
