/* model/place.h - where training by epochs of batches stands, as a checkpoint keeps it:
 * {"epoch":…,"position":…,"updates":…}. */
#ifndef LEPTON_MODEL_PLACE_H
#define LEPTON_MODEL_PLACE_H

#include "lepton/model.h"

struct lepton__place {
	int64_t epoch;    /* epochs done */
	int64_t position; /* samples done in the running epoch */
	int64_t updates;  /* of the optimiser since its slots were zero */
};

/* Heap text; NULL when out of memory. */
char *lepton__place_write(const struct lepton__place *place) LEPTON_MUST_CHECK;
/* Of a state; without a note of its own (weights from elsewhere) the epoch's fraction says where to go on, of `train`
 * samples. LEPTON_E_CORRUPT. */
int lepton__place_read(const struct lepton_state *state, int64_t train, struct lepton__place *place, struct lepton_error *err)
		LEPTON_MUST_CHECK;

#endif
