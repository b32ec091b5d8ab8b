/* train/pool.h - threads that do nothing but help: for lepton_fit, where one caller trains one model. */
#ifndef LEPTON_TRAIN_POOL_H
#define LEPTON_TRAIN_POOL_H

#include "lepton/model.h"

struct lepton__worker_pool;

/* `workers` counts the caller: workers - 1 threads are started (0: one a core) and wait for work on return. What
 * cannot be started is left out: the results are the same with fewer. Their signals are all blocked. LEPTON_E_NOMEM. */
int lepton__pool_create(int workers, struct lepton__worker_pool **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Ask again for each step: the width is what is idle now. */
void lepton__pool_team(struct lepton__worker_pool *pool, struct lepton_team *team);
/* One step with whoever is idle now. */
int lepton__pool_step(struct lepton__worker_pool *pool, struct lepton_learner *learner,
		struct lepton_step_result *result, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__pool_free(struct lepton__worker_pool *pool); /* NULL is fine */

int lepton__cores(void); /* this process may run on */

#endif
