/* cmd/keeper.h - the thread that writes every event of an engine into a store, and what it does when it
 * cannot. */
#ifndef LEPTON_CMD_KEEPER_H
#define LEPTON_CMD_KEEPER_H

#include "lepton/engine.h"
#include "lepton/store.h"

struct keeper; /* opaque */

/* From now on; `reader` is a reliable one, of nobody else. The store is the keeper's until keeper_end. */
int keeper_start(struct lepton_store *store, struct lepton_engine *engine, struct lepton_reader *reader,
	struct keeper **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Carry out a command about the store (KEEP, GC) when everything said before it is kept, and answer it. Any thread; the command
 * is copied. LEPTON_E_NOMEM. */
int keeper_tend(struct keeper *keeper, const struct lepton_command *command, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Waits for the END event, `deserted`: until nothing more comes, and frees it. LEPTON_E_IO where something
 * could not be kept to the last: the sentence says what. */
int keeper_end(struct keeper *keeper, bool deserted, struct lepton_error *err);

#endif
