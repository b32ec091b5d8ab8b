/* compress/slim.h - structured pruning: the weights of a network with fewer units. */
#ifndef LEPTON_COMPRESS_SLIM_H
#define LEPTON_COMPRESS_SLIM_H

#include "lepton/tensor.h"

struct lepton__slim {
	struct lepton_params *weights; /* of the smaller network, under the same names */
	size_t *units, *before;        /* of each layer with a kernel, in order */
	size_t layers;
};

/* Take `share` of the hidden units out, by layer or (global) by network, least important first, and any that does
 * nothing; never a layer's last, and none of the last layer. LEPTON_E_UNSUPPORTED for weights that are not Conv2D's,
 * Dense's, Embedding's and BatchNormalization's; LEPTON_E_NOMEM. */
int lepton__slim(const struct lepton_params *weights, double share, bool global, struct lepton__slim *out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__slim_free(struct lepton__slim *slim);

#endif
