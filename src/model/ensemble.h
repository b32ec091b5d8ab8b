/* model/ensemble.h - several trained learners that answer together: the mean of their probabilities, or of their numbers.
 *
 * The learner "ensemble" is made of versions by "fuse", never trained: its configuration is
 * {"members":[{"learner":"network","config":{…}}, …]}, its weights are the members' under "0/NAME", "1/NAME", ….
 */
#ifndef LEPTON_MODEL_ENSEMBLE_H
#define LEPTON_MODEL_ENSEMBLE_H

#include "lepton/model.h"

extern const struct lepton_learner_ops lepton__learner_ensemble;

/* The members' weights as one set. LEPTON_E_NOMEM; LEPTON_E_UNSUPPORTED for names too long to be told apart. */
int lepton__ensemble_join(struct lepton_params *const *weights, size_t count, struct lepton_params **out,
	struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
