/* fuse/fuse_distil.c - what "distil" is called and can be told. Its student trains, which takes an engine:
 * train/job_distil.c and model/teacher.c.
 */
#include "config.h"
#include "fuse/methods.h"

static const struct lepton_option options[] = {
	{"width", LEPTON_OPTION_NUMBER, 1, 0.01, 4, NULL,
		"hidden units and filters, times those of the network it is like"},
	{"epochs", LEPTON_OPTION_INTEGER, 0, 0, 1e6, NULL,
		"of the student's training; 0: as the network it is like"},
	{"share", LEPTON_OPTION_NUMBER, 0.9, 0, 1, NULL,
		"of the teacher in the loss; the rest is the labels'"},
	{"temperature", LEPTON_OPTION_NUMBER, 2, 0.1, 100, NULL, "softens the teacher's answers"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

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
	.fuse = fuse,
};
