/* train/outside.h - versions that train outside of the workers: external programs, and ours. See outside.c. */
#ifndef LEPTON_TRAIN_OUTSIDE_H
#define LEPTON_TRAIN_OUTSIDE_H

#include "train/jobs.h"

#define LEPTON__PROGRAM_ENDED "its program ended with lepton; resume starts it again"

#define LEPTON__SCORES_ITSELF                                                                                  \
	"%s is an external program's, and lepton cannot run its model: its program scores it, by printing "   \
	"val_loss, val_accuracy, test_loss, test_accuracy"

/* LEPTON_E_STATE, with what cannot be done: "promoted". */
int lepton__no_weights(const struct lepton__version *v, const char *what, struct lepton_error *err);
void *lepton__outside(void *engine); /* the thread */
/* With the lock held, or by the holder: is its program there? */
bool lepton__runs_outside(const struct lepton__version *v);
/* For the control thread at QUIT: every program is asked to end, and waited for; what ran is paused. */
void lepton__outside_quit(struct lepton_engine *engine);
/* For the version's holder, and nothing for one that trains inside. */
void lepton__outside_rest(struct lepton__version *v);
void lepton__outside_end(struct lepton__version *v);
/* The validation figures its program said last, where it has said some. */
void lepton__outside_figures(
	struct lepton_engine *engine, struct lepton__version *v, struct lepton__figures *figures);

#endif
