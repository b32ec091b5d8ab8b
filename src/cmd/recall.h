/* cmd/recall.h - checkpoints out of the store for an engine whose versions rest. */
#ifndef LEPTON_CMD_RECALL_H
#define LEPTON_CMD_RECALL_H

#include "lepton/store.h"

struct recall; /* opaque */

int recall_new(const char *dir, struct recall **out, struct lepton_error *err) LEPTON_MUST_CHECK;
void recall_free(struct recall *recall); /* NULL is fine */
/* For lepton_engine_options: the context is a struct recall. Any thread. */
int recall_checkpoint(void *recall, int64_t version, int64_t step, struct lepton_checkpoint **out, struct lepton_error *err)
		LEPTON_MUST_CHECK;

#endif
