/* model/schedule.h - the learning rate as a function of the step.
 *
 * Read with the optimiser, then planned once the data's size says how many steps an epoch has. The rate
 * is a pure function of (configuration, step), so it survives stops, clones and restarts.
 */
#ifndef LEPTON_MODEL_SCHEDULE_H
#define LEPTON_MODEL_SCHEDULE_H

#include "model/keys.h"
#include <stdint.h>

struct lepton__schedule_kind; /* schedule.c */

struct lepton__schedule {
	const struct lepton__schedule_kind *kind; /* NULL: the rate is constant */
	double warmup, decay; /* in steps after the plan; before, in epochs where the flag says so */
	bool warmup_in_epochs, decay_in_epochs;
	double decay_rate, alpha;
};

/* The optimiser's "schedule" (NULL: constant), checked. LEPTON_E_SPEC, "optimizer.schedule: …". */
int lepton__schedule_read(
		struct lepton__schedule *schedule, const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Turn epochs into steps; a cosine without a length of its own ends with training. */
void lepton__schedule_plan(struct lepton__schedule *schedule, int64_t steps_per_epoch, int64_t epochs);
/* The rate of the step that `done` steps came before. Without a schedule `rate` itself, to the bit. */
float lepton__schedule_rate(const struct lepton__schedule *schedule, float rate, int64_t done);

#endif
