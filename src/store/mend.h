/* store/mend.h - a damaged object, had from elsewhere. */
#ifndef LEPTON_STORE_MEND_H
#define LEPTON_STORE_MEND_H

#include "store/inspect.h"

/* How the damaged tensor of a checkpoint was had from elsewhere; NULL: it is nowhere. */
const char *lepton__mend(struct lepton_store *store, const struct lepton__place *place,
	const struct lepton__spot *spot, struct lepton_error *err);

#endif
