/* model/score.h - what evaluating is, whatever the learner. */
#ifndef LEPTON_MODEL_SCORE_H
#define LEPTON_MODEL_SCORE_H

#include "lepton/model.h"

/* Unknown figures in *score; LEPTON_E_USAGE unless from..to lies within the split. */
int lepton__score_begin(const struct lepton_dataset *data, enum lepton_split split, int64_t from, int64_t to,
	struct lepton_score *score, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
