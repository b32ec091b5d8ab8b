/* tensor/winograd.h - convolutions by minimal filtering: fewer multiplications for the same sums
 * (winograd.c). */
#ifndef LEPTON_TENSOR_WINOGRAD_H
#define LEPTON_TENSOR_WINOGRAD_H

#include "tensor/conv.h"

#define LEPTON__WINOGRAD_SIDE 8 /* points a tile is known at, each way */
#define LEPTON__WINOGRAD_POINTS (LEPTON__WINOGRAD_SIDE * LEPTON__WINOGRAD_SIDE)

/* When it is used: where `pays` in winograd.c thinks so, unless the environment variable LEPTON_WINOGRAD says
 * "never" or "always" (wherever the shape allows). Setting it is for tests and comparisons: before the
 * scratch space is asked for, which is enough for less use, not for more, and while no kernel runs. */
enum lepton__winograd_use { LEPTON__WINOGRAD_NEVER, LEPTON__WINOGRAD_WHERE_IT_PAYS, LEPTON__WINOGRAD_ALWAYS };
enum lepton__winograd_use lepton__winograd_use(void);
void lepton__winograd_use_set(enum lepton__winograd_use use);

struct lepton__winograd {
	const struct lepton__conv *conv;
	bool fits;        /* is this way possible and wanted? else nothing here is used */
	int side;         /* of the square of outputs that a tile gives: 4 for 5x5 filters, 6 for 3x3 */
	int down, across; /* tiles of an image */
	int block;        /* tiles at once */
	ptrdiff_t in_pitch, out_pitch; /* floats from a tile's channels to the next one's: whole vectors */
	ptrdiff_t in_point, out_point, w_point; /* floats from one point's matrix to the next one's */
	float *in;                              /* [point][tile][in channel] */
	float *out;                             /* [point][tile][filter] */
	float *w;                               /* [point][in channel][filter], or turned */
	float *dw;                              /* [point][in channel][filter], of a part */
};

/* How many images make about a block, for callers who have something to do with their outputs. */
int lepton__winograd_images(const struct lepton__winograd *k);

#ifdef LEPTON_ISA
/* Lay it out in `scratch`; says how many bytes it takes, 0 where it does not fit. */
size_t OP(winograd_plan)(struct lepton__winograd *k, const struct lepton__conv *g, void *scratch);

/* The filters at the points, before winograd_forward; turned, before winograd_back with a dx. */
void OP(winograd_filters)(const struct lepton__winograd *k, const float *w);
void OP(winograd_turn)(const struct lepton__winograd *k, const float *w);
/* y = conv(x) + bias of n samples, and relu if asked. */
void OP(winograd_forward)(
	const struct lepton__winograd *k, int n, const float *x, const float *bias, bool relu, float *y);

/* Before a part's first sample; after its last one, its gradient by the filters, set. */
void OP(winograd_start)(const struct lepton__winograd *k);
void OP(winograd_filters_back)(const struct lepton__winograd *k, float *dw);
/* n samples: added to what winograd_filters_back will give; dx, unless NULL, is set. */
void OP(winograd_back)(const struct lepton__winograd *k, int n, const float *x, const float *dz, float *dx);

/* One tile, by its number among an image's (winograd_tiles.c): from the image x or dz to column `t` of the
 * matrices at the points, and from there to y, or added to dx. */
void OP(winograd_tile_in)(const struct lepton__winograd *k, const float *x, int tile, int t);
void OP(winograd_tile_out)(
	const struct lepton__winograd *k, int t, const float *bias, bool relu, float *y, int tile);
void OP(winograd_tile_dz)(const struct lepton__winograd *k, const float *dz, int tile, int t);
void OP(winograd_tile_dx)(const struct lepton__winograd *k, int t, float *dx, int tile);
#endif

#endif
