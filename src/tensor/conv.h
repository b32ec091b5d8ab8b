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

/* Scratch: a padded image, a padded gradient, the weights turned, a later part's gradient by weights and bias. */
struct lepton__conv_room {
	float *image, *gradient, *turned, *dw, *dbias;
	size_t bytes;
};
struct lepton__conv_room lepton__conv_room_of(const struct lepton__conv *g, void *scratch);

/* Does a filter look at so few values that taps() fits? Then fill in where they lie. */
bool lepton__few_taps(const struct lepton__conv *g);
void lepton__taps_of(const struct lepton__conv *g, const struct lepton__padded *p, struct lepton__taps *t);

#endif
