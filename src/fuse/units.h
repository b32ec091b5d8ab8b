/* fuse/units.h - what the hidden units of a network say of training samples, before their activation. */
#ifndef LEPTON_FUSE_UNITS_H
#define LEPTON_FUSE_UNITS_H

#include "lepton/fuse.h"
#include "model/chain.h"

struct lepton__said { /* of one layer */
	int64_t rows, units;
	float *values;            /* rows × units */
	double *mean, *deviation; /* of each unit */
};
struct lepton__units {
	struct lepton__said *layers; /* of the chain's hidden ones; rows 0: it cannot be seen (an Embedding) */
	size_t count;
};

#define LEPTON__ALL_LAYERS SIZE_MAX
/* Of one hidden layer, or of all of them; for the same samples and places whoever's weights they are. LEPTON_E_NOMEM, and
 * what `inputs` of the help returns. */
int lepton__units_read(const struct lepton_fuse_help *help, const struct lepton__chain *chain,
	const struct lepton_params *weights, size_t layer, int64_t samples, struct lepton__units *out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__units_free(struct lepton__units *units);

/* repair.c: let each hidden unit of `fused` have the mean and the deviation over the samples that the units it was
 * fused of have, on the whole: others[p] in the place of parent p's weights, where it is not NULL. */
int lepton__fuse_repair(const struct lepton_fuse_help *help, const struct lepton_fuse_parent *parents, size_t count,
	struct lepton_params *const *others, int64_t samples, struct lepton_params *fused,
	struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
