/* model/external.h - the learner that is any program. See external.c. */
#ifndef LEPTON_MODEL_EXTERNAL_H
#define LEPTON_MODEL_EXTERNAL_H

#include "lepton/model.h"
#include "model/intake.h"
#include "model/keys.h"
#include "model/program.h"

#define LEPTON__LAST_LINES 3 /* shown when it fails */
#define LEPTON__LAST_ROOM 160

struct lepton__external {
	struct lepton_learner learner;
	char *config, *folder; /* folder NULL: ours */
	char **command;        /* NULL-terminated */
	uint64_t seed;
	int64_t epochs;
	double patience; /* between TERM and KILL */
	struct lepton__program program;
	struct lepton__intake intake[LEPTON__OUTPUTS];
	size_t after_end; /* bytes read since the program ended */
	bool figures;     /* it has said some */
	/* what it said last, for the sentence when it fails; the newest at (lines - 1) % LAST_LINES */
	char last[LEPTON__LAST_LINES][LEPTON__LAST_ROOM];
	unsigned lines;
	/* a log line each costs a token; they come back with time */
	double tokens, counted;
	unsigned left_out;
	/* a line with several things to say: what is still to be told */
	struct lepton_report waiting;
	struct lepton_params *weights;
	int64_t step, weights_step, step_shift;
	double epoch, weights_epoch, epoch_shift;
	bool step_placed, epoch_placed;
};

extern const struct lepton_learner_ops lepton__learner_external;
extern const struct lepton__key lepton__external_keys[];
int lepton__external_check(const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;

/* external_start.c: the environment of its program, NULL-terminated, one block with its strings; NULL when out of memory */
char **lepton__external_environment(const struct lepton__external *e, const struct lepton_outside_start *start);
void lepton__external_environment_free(char **environment);

/* external_say.c: what the program printed, as reports */
void lepton__external_next(struct lepton_learner *learner, struct lepton_report *out);

#endif
