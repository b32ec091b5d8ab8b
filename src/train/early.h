/* train/early.h - early stopping: the best epoch so far, and whether it is time to end.
 *
 * As Keras's EarlyStopping: an epoch is better when its figure is by more than min_delta better than the best before; after
 * `patience` epochs in a row that are not, training ends. All of it follows from the figures of the epochs in order, so it is
 * found again from a version's history. A figure that is no number is never better.
 */
#ifndef LEPTON_TRAIN_EARLY_H
#define LEPTON_TRAIN_EARLY_H

#include "lepton/run.h"
#include "lepton/spec.h"

struct lepton__early {
	bool on;
	struct lepton_early_stopping settings;
	double best; /* NaN: none yet */
	int64_t best_epoch, best_step, waited;
};

void lepton__early_init(struct lepton__early *early, const char *config);
/* One more epoch's figures; true: it is the best so far. */
bool lepton__early_add(struct lepton__early *early, int64_t epoch, int64_t step, double val_loss, double val_accuracy);
bool lepton__early_ends(const struct lepton__early *early);
/* From a history, whose newest checkpoint is of step `kept`. Where all of it says that training ends, it does; else an epoch
 * past that checkpoint, which is trained again, is not counted yet. */
void lepton__early_replay(struct lepton__early *early, const struct lepton_epochs *epochs, int64_t kept);
/* "ended early: back at epoch 5, whose val_loss 0.1234 is the best" */
void lepton__early_say(const struct lepton__early *early, bool back, char *out, size_t size);

#endif
