/* train/fuse_help.h - what a job does for a method of fusion: it scores weights on the validation split, lets the method look
 * at a network at work, and keeps what it reports.
 */
#ifndef LEPTON_TRAIN_FUSE_HELP_H
#define LEPTON_TRAIN_FUSE_HELP_H

#include "lepton/fuse.h"
#include "train/jobs.h"

struct lepton__fuse_desk {
	struct lepton__job *job;
	struct lepton_learner *learner; /* the job's own, which takes the weights in turn */
	struct lepton_text *found;      /* the method's report, JSON; the job releases it */
};

/* All of it, of this desk. */
struct lepton_fuse_help lepton__fuse_help(struct lepton__fuse_desk *desk);

#endif
