/* fuse/fuse_average.c - the plain mean of the parents' weights.
 *
 * Sub-models that started from the same weights and trained on different parts of the data lie in
 * one valley of the loss, and their mean is often better than each (McMahan et al., 2017, call it
 * federated averaging). Parents from different beginnings have their units in different order: their
 * mean is no model at all. The evaluation that follows every fusion shows which case it was.
 */
#include "config.h"
#include "fuse/methods.h"

static const struct lepton_option options[] = {
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	(void)help;
	(void)settings;
	return lepton__fuse_mean(parents, count, out, err);
}

const struct lepton_fuser lepton__fuse_average = {
	.name = "average",
	.summary = "the mean of the weights",
	.options = options,
	.fuse = fuse,
};
