/* tests/model_team.h - a team of real threads for tests: parts are taken from the last to the first by
 * whoever is free, so nothing can rely on their order.
 */
#ifndef LEPTON_TESTS_MODEL_TEAM_H
#define LEPTON_TESTS_MODEL_TEAM_H

#include "lepton/model.h"

/* `width` threads, 1 to 16, started for each run. */
struct lepton_team test_team(int width);

#endif
