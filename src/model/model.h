/* model/model.h - what fitting needs to know of a model built by calls. */
#ifndef LEPTON_MODEL_MODEL_H
#define LEPTON_MODEL_MODEL_H

#include "lepton/model.h"

/* The model's learner, made for this data and plan: `epochs` more than it has done. What it has
 * learnt so far goes on. It stays the model's. LEPTON_E_STATE before lepton_compile. */
int lepton__model_prepare(struct lepton_model *model, struct lepton_dataset *data, int batch_size, int64_t epochs,
		uint64_t seed, struct lepton_learner **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The model's learner as it is where it was made for this data; otherwise as by prepare, with the same plan. */
int lepton__model_learner(struct lepton_model *model, struct lepton_dataset *data, struct lepton_learner **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
