/* cmd/tend.h - keep and gc, on whichever store: a verb's own, or that of a run. */
#ifndef LEPTON_CMD_TEND_H
#define LEPTON_CMD_TEND_H

#include "lepton/command.h"
#include "lepton/store.h"

/* The command that marks a checkpoint of a version (step < 0: its newest), or takes the mark away. LEPTON_E_NOMEM. */
int tend_mark(int64_t version, int64_t step, bool drop, struct lepton_command *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Carry out a KEEP or GC on a store that is open for writing. *result: the step that KEEP found. */
int tend(struct lepton_store *store, const struct lepton_command *command, int64_t *result, char *message, size_t size,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* What a collection did, or would, in lines. */
void tend_tally(const struct lepton_store_gc *tally, bool dry, char *out, size_t size);

#endif
