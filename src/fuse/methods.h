/* fuse/methods.h - the methods the table lists, one file each, and the sum they share. */
#ifndef LEPTON_FUSE_METHODS_H
#define LEPTON_FUSE_METHODS_H

#include "lepton/fuse.h"

extern const struct lepton_fuser lepton__fuse_average;
extern const struct lepton_fuser lepton__fuse_weighted;

/* Each number of the result is Σ share·parent / Σ share, summed in double in the parents' order.
 * Shares are at least 0 and not all 0; parents match. */
int lepton__fuse_blend(const struct lepton_fuse_parent *parents, size_t count, const double *shares,
	struct lepton_params **out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
