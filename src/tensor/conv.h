/* tensor/conv.h - what the convolution's two directions share: the padded image and the scratch space. */
#ifndef LEPTON_TENSOR_CONV_H
#define LEPTON_TENSOR_CONV_H

#include "tensor/ops.h"

/* The image a convolution really slides over: the input with its zeros around it. Without padding it
 * is the input itself. It always holds every window, also where the last ones end past the input. */
struct lepton__padded {
	int height, width;
	ptrdiff_t row, size; /* floats in a row, and in all */
	bool same;           /* the input needs no copy */
};

struct lepton__padded lepton__padded_of(const struct lepton__conv *g);
/* The padded image of one sample: x itself, or a copy in `room` (whose border is cleared when `fresh`). */
const float *lepton__pad(const struct lepton__conv *g, const struct lepton__padded *p, const float *x,
	float *room, bool fresh);
/* The inverse for gradients: copy the inside of a padded image to x. */
void lepton__unpad(const struct lepton__conv *g, const struct lepton__padded *p, const float *room, float *x);

/* The next `values` floats or int32_t of a scratch space of which *bytes are taken, on a cache line of their own. With
 * scratch NULL only *bytes counts. */
void *lepton__carve(size_t *bytes, void *scratch, ptrdiff_t values);

/* Scratch: a padded image, a padded gradient, the weights turned, a later part's gradient by weights and bias, and
 * one sample's by the bias. */
struct lepton__conv_room {
	float *image, *gradient, *turned, *dw, *dbias, *sample_dbias;
	size_t bytes;
};
struct lepton__conv_room lepton__conv_room_of(const struct lepton__conv *g, void *scratch);

/* How many weights the filters have, without the bias. */
ptrdiff_t lepton__conv_weights(const struct lepton__conv *g);

/* Rows of a convolution's output: how they are computed, but for how many, where from and to. */
struct lepton__conv_rows {
	bool few; /* by taps, else by product */
	struct lepton__product product;
	struct lepton__taps taps;
	int dots;            /* filters after the product's, by dot products */
	const float *turned; /* their weights */
};

#ifdef LEPTON_ISA
struct lepton__conv_rows OP(conv_rows_plan)(const struct lepton__conv *g, const struct lepton__padded *in,
	const float *w, const float *bias, bool relu);
/* Do the last filters as dot products where that pays; `room` is for as many floats as the filters have
 * weights. */
void OP(conv_rows_dots)(struct lepton__conv_rows *r, float *room);
/* x: the place in the padded input that the first row begins at; x_row, y_row: how far the next one's, and
 * what it gives, lie from there. Where taps.at is set, row i begins at[i] · x_row from x. */
void OP(conv_rows)(struct lepton__conv_rows *r, int rows, int pixels, const float *x, ptrdiff_t x_row,
	float *y, ptrdiff_t y_row);
/* turned[ky][filter][kx, in channel] = w[ky][kx, in channel][filter] */
void OP(conv_turn)(const struct lepton__conv *g, const float *w, float *turned);
/* One sample's gradients from its padded image and dz: added to dw and dbias; dx, unless NULL, is set. room->turned
 * has been filled by conv_turn when dx is wanted. */
void OP(conv_back_sample)(const struct lepton__conv *g, const struct lepton__padded *in,
	const struct lepton__conv_room *room, const float *image, const float *dz, float *dw, float *dbias, float *dx);
#endif

/* Does a filter look at so few values that taps() fits? Then fill in where they lie. */
bool lepton__few_taps(const struct lepton__conv *g);
void lepton__taps_of(const struct lepton__conv *g, const struct lepton__padded *p, struct lepton__taps *t);

#endif
