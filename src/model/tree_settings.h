/* model/tree_settings.h - what a tree learner's configuration may say. */
#ifndef LEPTON_MODEL_TREE_SETTINGS_H
#define LEPTON_MODEL_TREE_SETTINGS_H

#include "model/keys.h"
#include "model/tree.h"

extern const struct lepton__key lepton__decision_tree_keys[], lepton__random_forest_keys[],
		lepton__gradient_boosting_keys[];

/* Check and read a configuration by the kind's keys; keys of others are left alone. `features`: of the data.
 * LEPTON_E_SPEC. */
int lepton__tree_settings_read(struct lepton__tree_settings *settings, const char *kind, const cJSON *config,
		int64_t features, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__decision_tree_check(const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__random_forest_check(const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__gradient_boosting_check(const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
