/* model/chain.h - weights seen as a chain of layers whose units can change places. */
#ifndef LEPTON_MODEL_CHAIN_H
#define LEPTON_MODEL_CHAIN_H

#include "lepton/tensor.h"

enum { LEPTON__NORM_GAMMA, LEPTON__NORM_BETA, LEPTON__NORM_MEAN, LEPTON__NORM_VARIANCE, LEPTON__NORM_TENSORS };

/* A kernel is a matrix: a row for each of what it reads, a column for each unit. Conv2D and Dense alike lay
 * it out so that row r reads unit r mod `in` of the layer before: a convolution once for each place in its
 * window, a dense layer behind Flatten once for each place in the image. An Embedding is a kernel whose rows are the numbers
 * it knows, and whose units are the values of their vectors. */
struct lepton__link {
	size_t kernel, bias; /* tensors; bias is SIZE_MAX where there is none */
	size_t norm[LEPTON__NORM_TENSORS]; /* those of a BatchNormalization behind it, each a number a unit; SIZE_MAX likewise */
	size_t rows, units;
	size_t in; /* units of the layer before; of the first layer, rows */
};

struct lepton__chain {
	struct lepton__link *links;
	size_t count;
};

/* Read from names and shapes: kernels of Conv2D, Dense and Embedding with their biases, and BatchNormalization of their units or of the
 * network's inputs, in order. Anything else is LEPTON_E_UNSUPPORTED, and so is BatchNormalization behind Flatten. */
int lepton__chain_read(const struct lepton_params *params, struct lepton__chain *out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__chain_free(struct lepton__chain *chain);
/* Let unit i of a layer be what unit from[i] was, in its own tensors and in what the next layer reads: the
 * network computes the same. `room` has lepton__chain_room floats. Not for the last layer. */
void lepton__chain_permute(const struct lepton__chain *chain, size_t layer, const size_t *from,
	struct lepton_params *params, float *room);
size_t lepton__chain_room(const struct lepton__chain *chain);

#endif
