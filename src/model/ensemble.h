/* model/ensemble.h - several trained learners that answer together: the mean of their probabilities, or of their numbers.
 *
 * The learner "ensemble" is made of versions by "fuse", never trained: its configuration is
 * {"members":[{"learner":"network","config":{…}}, …]}, its weights are the members' under "0/NAME", "1/NAME", …. With
 * "stack": true a linear model of what they say counts instead of the mean, and its weights are "stack/kernel" and "stack/bias".
 */
#ifndef LEPTON_MODEL_ENSEMBLE_H
#define LEPTON_MODEL_ENSEMBLE_H

#include "lepton/model.h"

extern const struct lepton_learner_ops lepton__learner_ensemble;

/* The members' weights as one set. LEPTON_E_NOMEM; LEPTON_E_UNSUPPORTED for names too long to be told apart. */
int lepton__ensemble_join(struct lepton_params *const *weights, size_t count, struct lepton_params **out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* One that stacks learns from the validation split how much to believe each member, whose weights, joined, it gets; all of its
 * own come out. score: on that split, each sample by a model that was learned without it. LEPTON_E_STATE: there is no such
 * split. */
int lepton__ensemble_stack(struct lepton_learner *learner, const struct lepton_params *members, double l2,
	struct lepton_score *score, struct lepton_params **all, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
