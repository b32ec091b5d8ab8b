/* tensor/conv.c - padded images and the division of the scratch space; the same for every instruction set. */
#include "config.h"
#include "tensor/conv.h"

#include <string.h>

static int at_least(int a, int b)
{
	return a > b ? a : b;
}

struct lepton__padded lepton__padded_of(const struct lepton__conv *g)
{
	struct lepton__padded p;
	const int height = (g->out_h - 1) * g->stride_h + g->k_h,
		  width = (g->out_w - 1) * g->stride_w + g->k_w;
	p.same = g->pad_top == 0 && g->pad_left == 0 && height <= g->in_h && width <= g->in_w;
	p.height = p.same ? g->in_h : at_least(height, g->in_h + g->pad_top);
	p.width = p.same ? g->in_w : at_least(width, g->in_w + g->pad_left);
	p.row = (ptrdiff_t)p.width * g->in_c;
	p.size = p.height * p.row;
	return p;
}

const float *lepton__pad(
	const struct lepton__conv *g, const struct lepton__padded *p, const float *x, float *room, bool fresh)
{
	const ptrdiff_t row = (ptrdiff_t)g->in_w * g->in_c;
	if (p->same)
		return x;
	if (fresh)
		memset(room, 0, (size_t)p->size * sizeof(*room));
	float *to = room + g->pad_top * p->row + (ptrdiff_t)g->pad_left * g->in_c;
	for (int y = 0; y < g->in_h; y++)
		memcpy(to + y * p->row, x + y * row, (size_t)row * sizeof(*to));
	return room;
}

void lepton__unpad(const struct lepton__conv *g, const struct lepton__padded *p, const float *room, float *x)
{
	const ptrdiff_t row = (ptrdiff_t)g->in_w * g->in_c;
	const float *from = room + g->pad_top * p->row + (ptrdiff_t)g->pad_left * g->in_c;
	for (int y = 0; y < g->in_h; y++)
		memcpy(x + y * row, from + y * p->row, (size_t)row * sizeof(*x));
}

void *lepton__carve(size_t *bytes, void *scratch, ptrdiff_t values)
{
	void *at = (char *)scratch + *bytes;
	*bytes += ((size_t)values * sizeof(float) + 63) / 64 * 64;
	return at;
}

ptrdiff_t lepton__conv_weights(const struct lepton__conv *g)
{
	return (ptrdiff_t)g->k_h * g->k_w * g->in_c * g->out_c;
}

struct lepton__conv_room lepton__conv_room_of(const struct lepton__conv *g, void *scratch)
{
	const struct lepton__padded p = lepton__padded_of(g);
	const ptrdiff_t image = p.same ? 0 : p.size, weights = lepton__conv_weights(g);
	struct lepton__conv_room r = {0};
	r.image = lepton__carve(&r.bytes, scratch, image);
	r.gradient = lepton__carve(&r.bytes, scratch, image);
	r.turned = lepton__carve(&r.bytes, scratch, weights);
	r.dw = lepton__carve(&r.bytes, scratch, weights);
	r.dbias = lepton__carve(&r.bytes, scratch, g->out_c);
	r.sample_dbias = lepton__carve(&r.bytes, scratch, g->out_c);
	return r;
}

bool lepton__few_taps(const struct lepton__conv *g)
{
	return (int64_t)g->k_h * g->k_w * g->in_c <= LEPTON__TAPS_MAX;
}

void lepton__taps_of(const struct lepton__conv *g, const struct lepton__padded *p, struct lepton__taps *t)
{
	const int run = g->k_w * g->in_c;
	t->taps = g->k_h * run;
	t->x_row = g->stride_h * p->row;
	t->x_step = (ptrdiff_t)g->stride_w * g->in_c;
	for (int i = 0; i < t->taps; i++)
		t->offset[i] = i / run * p->row + i % run;
}
