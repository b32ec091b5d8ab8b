/* fuse/matching.h - the units of one network put in the order of another's. */
#ifndef LEPTON_FUSE_MATCHING_H
#define LEPTON_FUSE_MATCHING_H

#include "fuse/units.h"
#include "tensor/kernels.h"

enum { LEPTON__MATCHING_SWEEPS = 100, LEPTON__MATCHING_SEED = 1 }; /* where nothing else is said */

struct lepton__matching {
	struct lepton__chain chain;
	size_t widest, sweeps_most;
	struct lepton__rng rng;
	double *gain;
	size_t *from, *order;
	float *room;
	size_t sweeps, moved;         /* so far, of all that were matched */
	bool (*go_on)(void *context); /* asked before each layer, which may take long; NULL: always */
	void *context;
};

/* Room to match weights of these shapes. `seed` is of the order of layers in a sweep, `sweeps` how many there
 * may be. To be freed also after a fault: LEPTON_E_UNSUPPORTED for weights that are no chain of layers, or
 * layers too wide; LEPTON_E_NOMEM. */
int lepton__matching_init(struct lepton__matching *m, const struct lepton_params *params, uint64_t seed,
	size_t sweeps, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Put the units of `other` in the order of the first's, in place; it computes the same. LEPTON_E_CANCELED
 * where it may not go on. */
int lepton__match_units(struct lepton__matching *m, const struct lepton_params *first,
	struct lepton_params *other, struct lepton_error *err) LEPTON_MUST_CHECK;
/* matching_said.c: the same by what they say of the same samples. Units of layers that cannot be seen stay where they are. */
int lepton__match_units_said(struct lepton__matching *m, const struct lepton__units *first,
	const struct lepton__units *others, struct lepton_params *other, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__matching_free(struct lepton__matching *m);

#endif
