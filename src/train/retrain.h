/* train/retrain.h - a version that is pruned while it trains, and the command that compresses it afterwards. */
#ifndef LEPTON_TRAIN_RETRAIN_H
#define LEPTON_TRAIN_RETRAIN_H

#include "train/engine_parts.h"
#include "base/json.h"

/* Does it ask for epochs of training first? Faults in it are left for the job to say. */
bool lepton__retrains(const struct lepton_command *command);
/* Make the version and let the command wait with it; it is answered when all is done. LEPTON_E_*: nothing was made,
 * the caller answers. */
int lepton__retrain(struct lepton_engine *engine, const struct lepton_command *command, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* Let a command, of "distil", wait for the end of its student, which the caller holds; its answer also says what the teachers'
 * accuracy is. */
int lepton__retrain_wait(struct lepton_engine *engine, struct lepton__version *student, const struct lepton_command *command,
		double teachers, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Of a version that a store remembers and that is not done: the command that waits for its end, from its
 * operation. */
int lepton__retrain_remember(
	struct lepton__version *version, const cJSON *operation, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Its state has changed: send its command on, or answer it. With the lock held. */
void lepton__retrain_settle(struct lepton_engine *engine, struct lepton__version *version);
/* The engine ends: answer those that wait. Takes the lock. */
void lepton__retrain_quit(struct lepton_engine *engine);
void lepton__retrain_drop(struct lepton__version *version); /* without an answer */

#endif
