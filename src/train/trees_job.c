/* train/trees_job.c - trees are pruned by the training samples, which the coder does not see
 * (model/tree_prune.c). */
#include "config.h"
#include "train/trees_job.h"
#include "model/trees.h"

int lepton__trees_job_fits(const struct lepton__job *job, const struct lepton_compressor *method,
	const struct lepton__version *v, struct lepton_error *err)
{
	const bool trees = lepton__are_trees(v->ops);
	if (trees ? method->trees || method == &lepton_compress_auto : !method->trees && !v->ops->discrete)
		return LEPTON_OK;
	if (!method->trees)
		return lepton__job_refuse_discrete(job, v, err);
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
		"%s %s: %s is a %s, and this method works on trees", job->kind, job->method, v->name,
		v->learner_name);
}

int lepton__trees_job_prune(struct lepton_learner *learner, const struct lepton_compressor *method,
	const char *settings, struct lepton_params **weights, struct lepton_error *err)
{
	struct lepton_params *pruned = NULL;
	int code = learner->ops->set_weights(learner, *weights, err);
	if (!code)
		code = lepton__trees_prune(
			learner, lepton_options_number(method->options, settings, "prune"), &pruned, err);
	if (code)
		return code;
	lepton_params_release(*weights);
	*weights = pruned;
	return LEPTON_OK;
}
