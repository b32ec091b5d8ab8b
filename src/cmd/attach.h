/* cmd/attach.h - the picture of a run that trains in another process. */
#ifndef LEPTON_CMD_ATTACH_H
#define LEPTON_CMD_ATTACH_H

#include "lepton/lepton.h"

/* What the store has, folded into *run (initialised here), once it has what happened up to `serial`; a store in trouble
 * may never have it, and after three seconds what there is must do. */
int attach_picture(const char *dir, uint64_t serial, struct lepton_run *run, struct lepton_error *err) LEPTON_MUST_CHECK;
/* All points in place of outlines, from the store. */
int attach_whole(const char *dir, struct lepton_run *run, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Attach, and fold: the client gives what happened after that. */
int attach_run(struct lepton_client *client, const char *dir, enum lepton_role role, struct lepton_run *run,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* Attach to the run of this store as one that watches, let `watch` look at it, and leave. */
int attach_watch(const char *dir, int (*watch)(struct lepton_client *client, struct lepton_run *run, struct lepton_error *err),
	struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
