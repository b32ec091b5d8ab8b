/* fuse/fuse_distil.c - what "distil" is called and can be told. Its student trains, which takes an engine:
 * train/job_distil.c and model/teacher.c.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/distil_options.h"

static const struct lepton_option options[] = {LEPTON__DISTIL_OPTIONS(1)};

const struct lepton_fuser lepton_fuse_distil = {
	.name = "distil",
	.summary = "a network that learns what all of them together answer",
	.options = options,
	.takes_engine = "its student has to train",
};
