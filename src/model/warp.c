/* model/warp.c - each sample's image through an affine map of its own, drawn at random.
 *
 * The maps go from output to input, as in Keras: a pixel of the output lies somewhere between four of the
 * input and is their bilinear mean. The way back is the transpose of that: a pixel hands its gradient to the
 * four by the same weights. Maps are drawn anew for it, which is cheaper than keeping them.
 *
 * No pixel asks whether its four are inside. The image lies in a frame, one pixel in front and two behind,
 * and places are held within what the frame covers: from one before the first pixel to one behind the last
 * where the outside is a constant, which the frame then holds; from the first to the last where it is like
 * the edge, so that the frame is read with weight zero only.
 *
 * Numbers are a function of (seed, step, layer, part, position): a block of the counter-based generator a
 * sample. So they do not depend on the number of workers, on stops, or on whether parts run as one.
 */
#include "config.h"
#include "model/warp.h"
#include "base/json.h"

#include <string.h>

#define BEFORE 1
#define FRAME 3 /* pixels, before and behind together */

/* ---- settings ---- */

static void read_range(const cJSON *config, const char *key, double range[2])
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(config, key);
	range[0] = range[1] = 0;
	if (cJSON_IsNumber(value)) {
		range[0] = -value->valuedouble;
		range[1] = value->valuedouble;
	} else if (cJSON_GetArraySize(value) == 2) {
		range[0] = cJSON_GetArrayItem(value, 0)->valuedouble;
		range[1] = cJSON_GetArrayItem(value, 1)->valuedouble;
	}
}

void lepton__warp_configure(struct lepton__layer *layer, const cJSON *config, const char *key,
	const char *other, lepton__warp_map *map)
{
	layer->u.warp.map = map;
	layer->u.warp.nearest =
		strcmp(lepton__json_get_string(config, "fill_mode", "constant"), "nearest") == 0;
	layer->u.warp.fill = (float)lepton__json_get_number(config, "fill_value", 0);
	layer->u.warp.tied = !other || !cJSON_GetObjectItemCaseSensitive(config, other);
	read_range(config, key, layer->u.warp.range[0]);
	read_range(config, other ? other : key, layer->u.warp.range[1]);
}

int lepton__warp_shape(struct lepton__layer *layer, struct lepton_error *err)
{
	char text[96];
	layer->out = layer->in;
	lepton_shape_format(&layer->in, text, sizeof text);
	if (layer->in.rank == 3)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_SHAPE,
		"takes an image [height,width,channels], but gets %s; put it behind an Input with such a "
		"\"shape\", before any Flatten",
		text);
}

/* ---- drawing ---- */

void lepton__warp_draw(
	const struct lepton__layer *layer, const struct lepton__pass *pass, int i, double drawn[2])
{
	struct lepton__rng rng;
	uint32_t block[4];
	lepton__rng_init(&rng, pass->key, pass->stream + (uint64_t)(i / pass->part));
	lepton__rng_block(&rng, (uint64_t)(i % pass->part), block);
	for (int k = 0; k < 2; k++) {
		const double *range = layer->u.warp.range[k];
		drawn[k] = range[0] + (range[1] - range[0]) * (block[k] * 0x1p-32);
	}
	if (layer->u.warp.tied)
		drawn[1] = drawn[0];
}

static double middle(const struct lepton__layer *layer, int d)
{
	return (double)(layer->in.dim[d] - 1) / 2;
}

struct lepton__affine lepton__warp_about_middle(
	const struct lepton__layer *layer, double yy, double yx, double xy, double xx)
{
	double y = middle(layer, 0), x = middle(layer, 1);
	return (struct lepton__affine){{yy, yx, y - yy * y - yx * x}, {xy, xx, x - xy * y - xx * x}};
}

/* ---- one image ---- */

struct frame {
	int height, width, channels;
	ptrdiff_t row;     /* floats in a row of the frame */
	float low, behind; /* places are from low to height (width) - behind, in the frame one more */
	float *pixels;
};

static struct frame frame_of(const struct lepton__layer *layer, void *scratch)
{
	struct frame frame = {.height = (int)layer->in.dim[0],
		.width = (int)layer->in.dim[1],
		.channels = (int)layer->in.dim[2],
		.low = layer->u.warp.nearest ? BEFORE : 0,
		.behind = layer->u.warp.nearest ? 1 : 0,
		.pixels = scratch};
	frame.row = (ptrdiff_t)(frame.width + FRAME) * frame.channels;
	return frame;
}

static size_t frame_values(const struct frame *frame)
{
	return (size_t)(frame->height + FRAME) * (size_t)frame->row;
}

size_t lepton__warp_scratch(const struct lepton__layer *layer, int n)
{
	const struct frame frame = frame_of(layer, NULL);
	(void)n;
	return frame_values(&frame) * sizeof(float);
}

static void fill(const struct frame *frame, float value)
{
	size_t n = frame_values(frame);
	for (size_t i = 0; i < n; i++)
		frame->pixels[i] = value;
}

static float *image_row(const struct frame *frame, int y)
{
	return frame->pixels + (y + BEFORE) * frame->row + BEFORE * frame->channels;
}

static void put_image(const struct frame *frame, const float *image)
{
	const ptrdiff_t n = (ptrdiff_t)frame->width * frame->channels;
	for (int y = 0; y < frame->height; y++)
		memcpy(image_row(frame, y), image + y * n, (size_t)n * sizeof *image);
}

static void take_image(const struct frame *frame, float *image)
{
	const ptrdiff_t n = (ptrdiff_t)frame->width * frame->channels;
	for (int y = 0; y < frame->height; y++)
		memcpy(image + y * n, image_row(frame, y), (size_t)n * sizeof *image);
}

/* What a row of the output reads lies on a line. */
struct line {
	float y, x, down, along;
};

static struct line line_of(const struct lepton__affine *map, int row)
{
	return (struct line){(float)(map->y[0] * row + map->y[2] + BEFORE),
		(float)(map->x[0] * row + map->x[2] + BEFORE), (float)map->y[1], (float)map->x[1]};
}

static inline float held(float value, float low, float high)
{
	value = value < low ? low : value;
	return value > high ? high : value;
}

/* Where pixel i of it reads: the upper left of four pixels, and how far it is from there. */
struct place {
	float *at;
	float y, x;
};

static inline struct place find(const struct frame *frame, const struct line *line, int i, int channels)
{
	const float y = held(
		line->y + line->down * (float)i, frame->low, (float)(frame->height + BEFORE) - frame->behind);
	const float x = held(
		line->x + line->along * (float)i, frame->low, (float)(frame->width + BEFORE) - frame->behind);
	int row = (int)y, column = (int)x;
	return (struct place){frame->pixels + row * frame->row + (ptrdiff_t)column * channels, y - (float)row,
		x - (float)column};
}

static inline void read_row(
	const struct frame *frame, const struct line *line, int channels, float *restrict to)
{
	for (int i = 0; i < frame->width; i++, to += channels) {
		const struct place p = find(frame, line, i, channels);
		const float *upper = p.at, *lower = p.at + frame->row;
		for (int c = 0; c < channels; c++) {
			float above = upper[c] + (upper[c + channels] - upper[c]) * p.x;
			float below = lower[c] + (lower[c + channels] - lower[c]) * p.x;
			to[c] = above + (below - above) * p.y;
		}
	}
}

static void hand_row(const struct frame *frame, const struct line *line, int channels, const float *dy)
{
	for (int i = 0; i < frame->width; i++, dy += channels) {
		const struct place p = find(frame, line, i, channels);
		float *upper = p.at, *lower = p.at + frame->row;
		for (int c = 0; c < channels; c++) {
			float below = dy[c] * p.y, above = dy[c] - below;
			upper[c] += above - above * p.x;
			upper[c + channels] += above * p.x;
			lower[c] += below - below * p.x;
			lower[c + channels] += below * p.x;
		}
	}
}

/* Grey images and coloured ones are the usual case at the bottom of a network, and for them the compiler
 * leaves no loop over channels. */
static void read_image(const struct frame *frame, const struct lepton__affine *map, float *to)
{
	for (int r = 0; r < frame->height; r++, to += (ptrdiff_t)frame->width * frame->channels) {
		const struct line line = line_of(map, r);
		if (frame->channels == 1)
			read_row(frame, &line, 1, to);
		else if (frame->channels == 3)
			read_row(frame, &line, 3, to);
		else
			read_row(frame, &line, frame->channels, to);
	}
}

static void hand_image(const struct frame *frame, const struct lepton__affine *map, const float *dy)
{
	for (int r = 0; r < frame->height; r++, dy += (ptrdiff_t)frame->width * frame->channels) {
		const struct line line = line_of(map, r);
		hand_row(frame, &line, frame->channels, dy);
	}
}

/* ---- all of them ---- */

static struct lepton__affine map_of(const struct lepton__layer *layer, const struct lepton__pass *pass, int i)
{
	double drawn[2];
	lepton__warp_draw(layer, pass, i, drawn);
	return layer->u.warp.map(layer, drawn);
}

void lepton__warp_forward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	const struct frame frame = frame_of(layer, pass->scratch);
	fill(&frame, layer->u.warp.fill);
	for (int i = 0; i < pass->n; i++) {
		const struct lepton__affine map = map_of(layer, pass, i);
		put_image(&frame, pass->x + i * layer->in_size);
		read_image(&frame, &map, pass->y + i * layer->out_size);
	}
}

void lepton__warp_backward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	const struct frame frame = frame_of(layer, pass->scratch);
	for (int i = 0; pass->dx && i < pass->n; i++) {
		const struct lepton__affine map = map_of(layer, pass, i);
		fill(&frame, 0);
		hand_image(&frame, &map, pass->dy + i * layer->out_size);
		take_image(&frame, pass->dx + i * layer->in_size);
	}
}
