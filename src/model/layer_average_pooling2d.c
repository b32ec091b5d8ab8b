/* model/layer_average_pooling2d.c - the mean of each window, channel by channel.
 *
 * As in Keras, zeros of the padding are not counted: a window that hangs over the edge divides by the
 * number of pixels it really covers. Sums run over a window's pixels in order, all channels side by
 * side, in plain C: one addition a value is memory's pace on any instruction set.
 */
#include "config.h"
#include "model/layers.h"

#include <string.h>

/* The pixels of the image under one window: rows y0 to y1 − 1, columns x0 to x1 − 1; never none. */
struct patch {
	int y0, y1, x0, x1;
};

static int clip(int at, int end)
{
	return at < 0 ? 0 : at > end ? end : at;
}

static struct patch patch_under(const struct lepton__pool *g, int oy, int ox)
{
	int y = oy * g->stride_h - g->pad_top, x = ox * g->stride_w - g->pad_left;
	return (struct patch){
		clip(y, g->in_h), clip(y + g->k_h, g->in_h), clip(x, g->in_w), clip(x + g->k_w, g->in_w)};
}

static float share(const struct patch *p)
{
	return 1.0F / (float)((p->y1 - p->y0) * (p->x1 - p->x0));
}

/* One window's means; x is its sample. */
static void average(const struct lepton__pool *g, const struct patch *p, const float *x, float *y)
{
	int channels = g->channels;
	memset(y, 0, (size_t)channels * sizeof *y);
	for (int row = p->y0; row < p->y1; row++)
		for (int column = p->x0; column < p->x1; column++) {
			const float *pixel = x + ((int64_t)row * g->in_w + column) * channels;
			for (int c = 0; c < channels; c++)
				y[c] += pixel[c];
		}
	float scale = share(p);
	for (int c = 0; c < channels; c++)
		y[c] *= scale;
}

/* One window's gradient, spread evenly over its pixels. */
static void spread(const struct lepton__pool *g, const struct patch *p, const float *dy, float *dx)
{
	int channels = g->channels;
	float scale = share(p);
	for (int row = p->y0; row < p->y1; row++)
		for (int column = p->x0; column < p->x1; column++) {
			float *pixel = dx + ((int64_t)row * g->in_w + column) * channels;
			for (int c = 0; c < channels; c++)
				pixel[c] += dy[c] * scale;
		}
}

static void forward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	const struct lepton__pool *g = &layer->u.pool.geometry;
	float *y = pass->y;
	for (int s = 0; s < pass->n; s++)
		for (int oy = 0; oy < g->out_h; oy++)
			for (int ox = 0; ox < g->out_w; ox++, y += g->channels) {
				struct patch p = patch_under(g, oy, ox);
				average(g, &p, pass->x + s * layer->in_size, y);
			}
}

static void backward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	const struct lepton__pool *g = &layer->u.pool.geometry;
	const float *dy = pass->dy;
	if (!pass->dx)
		return;
	memset(pass->dx, 0, (size_t)pass->n * (size_t)layer->in_size * sizeof *pass->dx);
	for (int s = 0; s < pass->n; s++)
		for (int oy = 0; oy < g->out_h; oy++)
			for (int ox = 0; ox < g->out_w; ox++, dy += g->channels) {
				struct patch p = patch_under(g, oy, ox);
				spread(g, &p, dy, pass->dx + s * layer->in_size);
			}
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	LEPTON__POOL_KEYS,
	LEPTON__PADDING_KEY,
	{0},
};

const struct lepton_layer_ops lepton__layer_average_pooling2d = {
	.type = "AveragePooling2D",
	.stem = "average_pooling2d",
	.summary = "the mean of each window",
	.keys = keys,
	.configure = lepton__pool_configure,
	.shape = lepton__pool_shape,
	.forward = forward,
	.backward = backward,
};
