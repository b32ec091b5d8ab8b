/* train/trial.h - the versions of a search, judged at the rungs.
 *
 * A version that is not among the best of a rung is halted: it is stopped with a checkpoint and a reason that begins
 * LEPTON__HALTED, and loses nothing. It goes on by itself when it is among the best after all, or when the person resumes it,
 * and is then judged again at the next rung. One that the person paused, stopped or archived is left alone. Everything that
 * decides is in the versions' histories, and is found again from them.
 */
#ifndef LEPTON_TRAIN_TRIAL_H
#define LEPTON_TRAIN_TRIAL_H

#include "train/engine_parts.h"

#define LEPTON__HALTED "search: "

/* The spec's search, checked against the data. LEPTON_E_SPEC. */
int lepton__trial_init(struct lepton_engine *engine, const char *spec, struct lepton_error *err) LEPTON_MUST_CHECK;
/* What a version's history says of it. */
void lepton__trial_replay(struct lepton_engine *engine, struct lepton__version *v, const struct lepton_run_version *remembered);
/* An epoch of a version ended: for the worker that has it. True: it was halted. */
bool lepton__trial_epoch(struct lepton_engine *engine, struct lepton__version *v, int64_t epoch, double val_loss,
		double val_accuracy);
/* Let those go on that may. With the lock held, whenever a version's state has changed. */
void lepton__trial_settle(struct lepton_engine *engine);
/* At the start: judge those that a stop caught at a rung. */
void lepton__trial_start(struct lepton_engine *engine);

#endif
