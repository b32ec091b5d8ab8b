/* train/trees_job.h - "compress" with the method "trees": what is done before the coding. */
#ifndef LEPTON_TRAIN_TREES_JOB_H
#define LEPTON_TRAIN_TREES_JOB_H

#include "lepton/compress.h"
#include "train/engine_parts.h"
#include "train/jobs.h"

/* Does the method ("trees" or "auto" for trees) go with the version's learner? LEPTON_E_UNSUPPORTED: one is for trees, the other is none. */
int lepton__trees_job_fits(const struct lepton__job *job, const struct lepton_compressor *method,
		const struct lepton__version *v, struct lepton_error *err) LEPTON_MUST_CHECK;
/* *weights, a reference, give way to the pruned ones, in order. `learner` is one of their kind, and has them afterwards.
 * `settings`: checked. On failure nothing changes. */
int lepton__trees_job_prune(struct lepton_learner *learner, const struct lepton_compressor *method, const char *settings,
		struct lepton_params **weights, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
