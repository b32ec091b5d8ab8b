/* model/external.h - the learner that is any program. See external.c. */
#ifndef LEPTON_MODEL_EXTERNAL_H
#define LEPTON_MODEL_EXTERNAL_H

#include "lepton/model.h"
#include "model/intake.h"
#include "model/keys.h"
#include "model/program.h"

#define LEPTON__LAST_LINES 3 /* shown when it fails */
#define LEPTON__LAST_ROOM 160
#define LEPTON__PATIENCE 5.0 /* seconds */

struct lepton__external;
/* The weights that its program has named. */
typedef int lepton__take(struct lepton__external *e, const char *named, struct lepton_params **out,
		struct lepton_error *err);

struct lepton__external { /* also the first member of those whose program is ours (solver.h) */
	struct lepton_learner learner;
	const char *what; /* "program": in sentences about it */
	lepton__take *take;
	char *config, *folder; /* folder NULL: ours */
	char **command;        /* NULL-terminated */
	int input;             /* its standard input; -1: nothing */
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

/* external.c: what those share whose training is a program's */
void lepton__external_init(struct lepton__external *e, const char *what, lepton__take *take);
void lepton__external_clear(struct lepton__external *e); /* all but the struct itself; the program is killed */
/* A program that rests goes on. False: there is none, it is to be started. *code: LEPTON_E_BUSY while it ends. */
bool lepton__external_there(struct lepton__external *e, int *code);
int lepton__external_launch(struct lepton__external *e, int64_t step, double epoch, char *const *environment,
		struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__external_hold(struct lepton__external *e, const struct lepton_params *given);
int lepton__external_weights(struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err);
int lepton__external_save(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err);
void lepton__external_rest(struct lepton_learner *learner);
void lepton__external_end(struct lepton_learner *learner);
int lepton__external_descriptor(const struct lepton_learner *learner);

/* external_start.c: the environment of its program, NULL-terminated, one block with its strings; NULL when out of memory */
char **lepton__external_environment(const struct lepton__external *e, const struct lepton_outside_start *start);
void lepton__external_environment_free(char **environment);

/* external_say.c: what the program printed, as reports */
void lepton__external_next(struct lepton_learner *learner, struct lepton_report *out);

#endif
