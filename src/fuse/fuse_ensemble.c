/* fuse/fuse_ensemble.c - what "ensemble" is called. It keeps all its parents and makes no weights of theirs,
 * so it takes an engine, which has the learners: train/job_ensemble.c and model/learner_ensemble.c.
 */
#include "config.h"
#include "fuse/methods.h"

static const struct lepton_option options[] = {{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL}};

const struct lepton_fuser lepton_fuse_ensemble = {
	.name = "ensemble",
	.summary = "all of them answer, of whatever kind they are, and the mean counts",
	.options = options,
	.takes_engine = "it asks all its parents",
};
