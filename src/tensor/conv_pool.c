/* tensor/conv_pool.c - a convolution and the max pooling of its output, sample by sample.
 *
 * Layer by layer, a batch's output of the convolution is written, read by the pooling, and a gradient of the same
 * size written and read on the way back: for 24x24x20 that is 46 KB a sample each time, far more than a cache
 * holds for a batch. Here one sample's output lives in scratch that stays in the second-level cache, and what is
 * kept is what the pooling gives: its values and where they lay. Relu goes after the pooling, for the largest of
 * relu is the relu of the largest, and its derivative can be told from the pooled value.
 *
 * On the way back only the winners have a gradient, one in four for 2x2 windows. Where a filter's row is long
 * enough for vectors, winners.c works on them alone; else they are put into a gradient full of zeros for the
 * convolution's usual way back.
 */
#include "config.h"
#include "tensor/conv.h"
#include "tensor/vec.h"
#include "tensor/winners.h"
#include "tensor/winograd.h"

static ptrdiff_t conv_values(const struct lepton__conv *g)
{
	return (ptrdiff_t)g->out_h * g->out_w * g->out_c;
}

static ptrdiff_t pool_values(const struct lepton__pool *p)
{
	return (ptrdiff_t)p->out_h * p->out_w * p->channels;
}

/* The parts of the scratch space. */
struct room {
	struct lepton__conv_room conv;
	int images; /* samples at once: one, but for winograd.c's way */
	float *map; /* the convolution's output, or its gradient */
	float *dy;  /* the pooling's gradient, back through relu */
	struct lepton__winners winners;
	struct lepton__winograd winograd;
	size_t bytes;
};

static struct room room_of(const struct lepton__conv_pool *c, void *scratch)
{
	struct room r = {.conv = lepton__conv_room_of(c->conv, scratch)};
	r.bytes = (r.conv.bytes + 63) / 64 * 64;
	r.bytes += OP(winograd_plan)(&r.winograd, c->conv, (char *)scratch + r.bytes);
	r.images = r.winograd.fits ? lepton__winograd_images(&r.winograd) : 1;
	r.map = lepton__carve(&r.bytes, scratch, r.images * conv_values(c->conv));
	r.dy = lepton__carve(&r.bytes, scratch, r.images * pool_values(c->pool));
	r.bytes += OP(winners_plan)(&r.winners, c, (char *)scratch + r.bytes);
	return r;
}

size_t OP(conv_pool_scratch)(const struct lepton__conv_pool *c)
{
	return room_of(c, NULL).bytes;
}

void OP(conv_pool_forward)(const struct lepton__conv_pool *c, int n, const float *x, const float *w,
	const float *bias, float *y, int32_t *argmax, void *scratch)
{
	const struct lepton__conv *g = c->conv;
	const struct room r = room_of(c, scratch);
	const ptrdiff_t in_size = (ptrdiff_t)g->in_h * g->in_w * g->in_c, out_size = pool_values(c->pool);
	if (r.winograd.fits)
		OP(winograd_filters)(&r.winograd, w);
	for (int s = 0; s < n; s += r.images, x += r.images * in_size) {
		const int images = n - s < r.images ? n - s : r.images;
		if (r.winograd.fits)
			OP(winograd_forward)(&r.winograd, images, x, bias, false, r.map);
		else
			OP(conv_forward)(g, 1, x, w, bias, LEPTON__LINEAR, r.map, scratch);
		OP(max_pool_forward)(c->pool, images, r.map, y + s * out_size, argmax + s * out_size);
	}
	if (c->act == LEPTON__RELU)
		OP(activate)(LEPTON__RELU, n * out_size, y, y);
}

/* ---- the way back ---- */

struct back {
	const struct lepton__conv_pool *c;
	struct lepton__padded in;
	struct room r;
	float *dw, *dbias; /* of the present part */
};

static void sample_back(struct back *b, const float *image, const float *dy, const int32_t *argmax, float *dx)
{
	if (b->r.winners.fits) {
		OP(winners_back)(&b->r.winners, &b->in, image, dy, argmax, b->dbias, dx ? b->r.conv.gradient : NULL, dx);
		return;
	}
	OP(max_pool_backward)(b->c->pool, 1, dy, argmax, b->r.map);
	OP(conv_back_sample)(b->c->conv, &b->in, &b->r.conv, image, b->r.map, b->dw, b->dbias, dx);
}

/* Relu's derivative where the convolution has one. */
static const float *through_relu(const struct back *b, int64_t values, const float *y, const float *dy)
{
	if (b->c->act != LEPTON__RELU)
		return dy;
	OP(activate_backward)(LEPTON__RELU, values, y, dy, b->r.dy);
	return b->r.dy;
}

/* The same of a part's samples by winograd.c. */
static void winograd_part_back(struct back *b, int n, const float *x, const float *y, const float *dy,
	const int32_t *argmax, float *dx)
{
	const struct lepton__conv *g = b->c->conv;
	const ptrdiff_t in_size = (ptrdiff_t)g->in_h * g->in_w * g->in_c, out_size = pool_values(b->c->pool);
	const int64_t pixels = (int64_t)g->out_h * g->out_w;
	memset(b->dbias, 0, (size_t)g->out_c * sizeof(float));
	OP(winograd_start)(&b->r.winograd);
	for (int s = 0; s < n; s += b->r.images) {
		const int images = n - s < b->r.images ? n - s : b->r.images;
		const float *gradient =
			through_relu(b, images * out_size, y + s * out_size, dy + s * out_size);
		OP(max_pool_backward)(b->c->pool, images, gradient, argmax + s * out_size, b->r.map);
		OP(winograd_back)
		(&b->r.winograd, images, x + s * in_size, b->r.map, dx ? dx + s * in_size : NULL);
		OP(bias_gradient)(images * pixels, pixels, g->out_c, b->r.map, b->r.conv.sample_dbias);
		OP(add)(g->out_c, b->r.conv.sample_dbias, b->dbias);
	}
	OP(winograd_filters_back)(&b->r.winograd, b->dw);
}

static void part_back(struct back *b, int n, const float *x, const float *y, const float *dy,
	const int32_t *argmax, float *dx)
{
	const struct lepton__conv *g = b->c->conv;
	const ptrdiff_t in_size = (ptrdiff_t)g->in_h * g->in_w * g->in_c, out_size = pool_values(b->c->pool);
	memset(b->dbias, 0, (size_t)g->out_c * sizeof(float));
	if (b->r.winners.fits)
		OP(winners_start)(&b->r.winners);
	else
		memset(b->dw, 0, (size_t)lepton__conv_weights(g) * sizeof(float));
	for (int s = 0; s < n; s++, x += in_size, y += out_size, dy += out_size, argmax += out_size) {
		const float *gradient = through_relu(b, out_size, y, dy);
		sample_back(b, lepton__pad(g, &b->in, x, b->r.conv.image, s == 0), gradient, argmax,
			dx ? dx + s * in_size : NULL);
	}
	if (b->r.winners.fits)
		OP(winners_weights)(&b->r.winners, b->dw);
}

void OP(conv_pool_backward)(const struct lepton__conv_pool *c, int n, int part, const float *x, const float *w,
	const float *y, const float *dy, const int32_t *argmax, float *dw, float *dbias, float *dx, void *scratch)
{
	const struct lepton__conv *g = c->conv;
	const ptrdiff_t in_size = (ptrdiff_t)g->in_h * g->in_w * g->in_c, out_size = pool_values(c->pool);
	struct back b = {.c = c, .in = lepton__padded_of(g), .r = room_of(c, scratch)};
	if (b.r.winograd.fits && dx)
		OP(winograd_turn)(&b.r.winograd, w);
	else if (b.r.winners.fits)
		OP(winners_prepare)(&b.r.winners, dx ? w : NULL);
	else if (dx)
		OP(conv_turn)(g, w, b.r.conv.turned);
	for (int s = 0, size; s == 0 || s < n; s += size) {
		size = n - s < part ? n - s : part;
		b.dw = s ? b.r.conv.dw : dw;
		b.dbias = s ? b.r.conv.dbias : dbias;
		(b.r.winograd.fits ? winograd_part_back : part_back)(&b, size, x + s * in_size,
			y + s * out_size, dy + s * out_size, argmax + s * out_size,
			dx ? dx + s * in_size : NULL);
		if (s) {
			OP(add)(lepton__conv_weights(g), b.dw, dw);
			OP(add)(g->out_c, b.dbias, dbias);
		}
		if (size == 0)
			break;
	}
}
