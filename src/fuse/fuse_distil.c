/* fuse/fuse_distil.c - what "distil" is called and can be told. Its student trains, which takes an engine:
 * train/job_distil.c and model/teacher.c.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/distil_options.h"

static const struct lepton_option options[] = {LEPTON__DISTIL_OPTIONS(1)};

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	(void)parents, (void)count, (void)settings, (void)help, (void)out;
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
		"fuse distil: its student has to train, which takes an engine; name another method");
}

const struct lepton_fuser lepton_fuse_distil = {
	.name = "distil",
	.summary = "a network that learns what all of them together answer",
	.options = options,
	.takes_engine = true,
	.fuse = fuse,
};
