/* model/ranking.h - are the items that a user will like near the top of what a model recommends? */
#ifndef LEPTON_MODEL_RANKING_H
#define LEPTON_MODEL_RANKING_H

#include "lepton/metrics.h"

/* Fills the ranking figures of *out. Errors as lepton_metrics_compute's. */
int lepton__ranking_judge(struct lepton_learner *learner, const struct lepton_dataset *data, enum lepton_split split,
		bool (*go_on)(void *arg), void *arg, struct lepton_metrics *out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
