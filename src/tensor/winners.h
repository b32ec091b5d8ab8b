/* tensor/winners.h - a convolution's gradients where only a pooling's winners have one (conv_pool.c). */
#ifndef LEPTON_TENSOR_WINNERS_H
#define LEPTON_TENSOR_WINNERS_H

#include "tensor/conv.h"

struct lepton__winners {
	const struct lepton__conv *conv;
	const struct lepton__pool *pool;
	bool fits;       /* is this way the faster one? else nothing here is used */
	int pixels;      /* of the convolution's output */
	int windows;     /* of the pooling */
	ptrdiff_t run;   /* values of a filter's row, side by side in the input */
	ptrdiff_t pitch; /* floats from one such row to the next in `turned` and `dw` */
	int32_t *start;  /* by pixel: where its input begins */
	float *turned;   /* [filter's row][filter][run] */
	float *dw;       /* [filter][filter's row][run] */
	/* One sample: gradients and places in the input, a row a window, a column a filter. */
	float *values;
	int32_t *places;
	/* The same by filter, without zeros: rows of list_pitch. */
	ptrdiff_t list_pitch;
	float *filter_value;
	int32_t *filter_place, *filter_count;
	/* And by pixel of a window: list i is list_first[i] to list_first[i + 1] - 1; its place in the input. */
	int lists;
	float *list_value;
	int32_t *list_filter, *list_place, *list_first;
};

#ifdef LEPTON_ISA
/* Lay it out in `scratch`, 64-byte aligned; says how many bytes it takes. */
size_t OP(winners_plan)(struct lepton__winners *k, const struct lepton__conv_pool *c, void *scratch);
/* Before a call's first sample: w is NULL when no gradient by the input is wanted. */
void OP(winners_prepare)(struct lepton__winners *k, const float *w);
/* Before a part's first sample; after its last one, its gradient by the weights to dw. */
void OP(winners_start)(struct lepton__winners *k);
void OP(winners_weights)(const struct lepton__winners *k, float *dw);
/* One sample: added to what winners_weights will give and to dbias; dx, unless NULL, is set, by way of `padded`
 * where the image has a border. */
void OP(winners_back)(struct lepton__winners *k, const struct lepton__padded *in, const float *image, const float *dy,
	const int32_t *argmax, float *dbias, float *padded, float *dx);
#endif

#endif
