/* tensor/pool.c - max pooling, any window, stride and padding.
 *
 * Padding never wins: only pixels inside the image are looked at. The winner is the first of equals in
 * row order, so that results are the same everywhere; a NaN in the window wins, so that a diverged
 * model is seen to have diverged. Backward sends each gradient to its winner; windows may overlap.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#include <math.h>
#include <string.h>

/* The pixels of one window that lie inside the image. */
struct window {
	int y0, y1, x0, x1;
};

/* One pixel challenges the best so far. */
INLINE void challenge(vec value, vec_int here, bool first, vec *best, vec_int *winner)
{
	const vec before = *best;
	const vec_int wins = first ? vec_int_set(-1) : ~(value <= before) & (before == before);
	*best = vec_choose(wins, value, before);
	*winner = (wins & here) | (~wins & *winner);
}

/* One vector of channels: the first pixel sets the score, every other one challenges it. */
INLINE void winners(const struct lepton__pool *g, const struct window *o, const float *x, int channel,
	vec_mask mask, float *y, int32_t *argmax)
{
	vec best = vec_set(-INFINITY);
	vec_int winner = vec_int_set(-1);
	bool first = true;
	for (int iy = o->y0; iy < o->y1; iy++)
		for (int ix = o->x0; ix < o->x1; ix++, first = false) {
			const int32_t offset = (iy * g->in_w + ix) * g->channels + channel;
			challenge(vec_load_part(x + offset, mask), vec_int_lane() + offset, first, &best,
				&winner);
		}
	vec_store_part(y + channel, mask, best);
	vec_int_store_part(argmax + channel, mask, winner);
}

/* The same for a whole window of 2 x 2, without a loop. */
INLINE void winners_of_four(const struct lepton__pool *g, const struct window *o, const float *x, int channel,
	vec_mask mask, float *y, int32_t *argmax)
{
	vec best = vec_zero();
	vec_int winner = vec_int_set(0);
	UNROLL
	for (int i = 0; i < 4; i++) {
		const int32_t offset = ((o->y0 + i / 2) * g->in_w + o->x0 + i % 2) * g->channels + channel;
		challenge(vec_load_part(x + offset, mask), vec_int_lane() + offset, i == 0, &best, &winner);
	}
	vec_store_part(y + channel, mask, best);
	vec_int_store_part(argmax + channel, mask, winner);
}

static void window(const struct lepton__pool *g, const float *x, int oy, int ox, float *y, int32_t *argmax)
{
	const int top = oy * g->stride_h - g->pad_top, left = ox * g->stride_w - g->pad_left;
	const struct window o = {.y0 = at_least(top, 0),
		.y1 = at_most(top + g->k_h, g->in_h),
		.x0 = at_least(left, 0),
		.x1 = at_most(left + g->k_w, g->in_w)};
	if (o.y1 - o.y0 == 2 && o.x1 - o.x0 == 2)
		for (int c = 0; c < g->channels; c += LANES)
			winners_of_four(g, &o, x, c, vec_first(at_most(g->channels - c, LANES)), y, argmax);
	else
		for (int c = 0; c < g->channels; c += LANES)
			winners(g, &o, x, c, vec_first(at_most(g->channels - c, LANES)), y, argmax);
}

void OP(max_pool_forward)(const struct lepton__pool *g, int n, const float *x, float *y, int32_t *argmax)
{
	const int64_t in_size = (int64_t)g->in_h * g->in_w * g->channels;
	for (int s = 0; s < n; s++, x += in_size)
		for (int oy = 0; oy < g->out_h; oy++)
			for (int ox = 0; ox < g->out_w; ox++, y += g->channels, argmax += g->channels)
				window(g, x, oy, ox, y, argmax);
}

void OP(max_pool_backward)(
	const struct lepton__pool *g, int n, const float *dy, const int32_t *argmax, float *dx)
{
	const int64_t in_size = (int64_t)g->in_h * g->in_w * g->channels;
	const int64_t out_size = (int64_t)g->out_h * g->out_w * g->channels;
	memset(dx, 0, (size_t)(n * in_size) * sizeof(*dx));
	for (int s = 0; s < n; s++, dx += in_size, dy += out_size, argmax += out_size)
		for (int64_t i = 0; i < out_size; i++)
			if (argmax[i] >= 0) /* a window that lies in the padding alone has no winner */
				dx[argmax[i]] += dy[i];
}
