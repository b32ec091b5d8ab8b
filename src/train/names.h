/* train/names.h - the words for enum values, as they stand in JSON; each table ends with NULL. */
#ifndef LEPTON_TRAIN_NAMES_H
#define LEPTON_TRAIN_NAMES_H

#include "lepton/command.h"

extern const char *const *const lepton__event_names;
extern const char *const *const lepton__state_names;
extern const char *const *const lepton__job_state_names;
extern const char *const *const lepton__level_names;
extern const char *const *const lepton__command_names;

#endif
