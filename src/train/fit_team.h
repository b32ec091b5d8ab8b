/* train/fit_team.h - threads for one model's steps, from fit's beginning to its end. */
#ifndef LEPTON_TRAIN_FIT_TEAM_H
#define LEPTON_TRAIN_FIT_TEAM_H

#include "lepton/model.h"

/* `workers` threads, the caller included; 0: one a core. They sleep between runs and block all signals.
 * What cannot be started is left out: the results are the same with fewer. NULL when out of memory. */
struct lepton_team *lepton__fit_team_new(int workers);
void lepton__fit_team_free(struct lepton_team *team); /* NULL is fine */

#endif
