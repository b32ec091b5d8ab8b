/* fuse/fuse_stacking.c - what "stacking" is called and told. Like "ensemble" it keeps all its parents, and
 * learns on the validation split how much each is to be believed: train/job_ensemble.c and model/stack.c.
 */
#include "config.h"
#include "fuse/methods.h"

static const struct lepton_option options[] = {
	{"l2", LEPTON_OPTION_NUMBER, 0.01, 0, 1000, NULL,
		"how strongly the model is held near the plain mean of what they say"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

const struct lepton_fuser lepton_fuse_stacking = {
	.name = "stacking",
	.summary = "all of them answer, and a model learned on validation data says what it comes to",
	.options = options,
	.takes_engine = "it asks all its parents",
};
