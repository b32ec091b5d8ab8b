/* tests/engine_world.h - an engine, a reader of its events, and the picture they make: for tests that steer versions
 * and wait for what happens. Waiting ends after WORLD_PATIENCE seconds, with the test failed.
 */
#ifndef LEPTON_TESTS_ENGINE_WORLD_H
#define LEPTON_TESTS_ENGINE_WORLD_H

#include "lepton/engine.h"

#define WORLD_PATIENCE 60.0
#define WORLD_VERSIONS 16 /* whose checkpoints are kept */

struct world {
	struct lepton_engine *engine;
	struct lepton_reader *reader;
	struct lepton_run run;
	struct lepton_checkpoint *last; /* of any version */
	struct lepton_checkpoint *kept[WORLD_VERSIONS]; /* of each, by its id; NULL: none yet */
	uint64_t ticket, replied;
	int code;
	char message[512];
};

struct world *world_with(struct lepton_dataset *data, struct lepton_engine_options options);
struct world *world_of(struct lepton_dataset *data, struct lepton_engine_options options, const char *spec);
struct world *world_new(struct lepton_dataset *data); /* with one worker */
void world_free(struct world *w);                     /* and sees that no process is left */
bool world_next(struct world *w, double timeout);
void drain(struct world *w);

int64_t add(struct world *w, const char *name, const char *learner, const char *config);
void start(struct world *w);
int64_t last_of(const struct world *w); /* the newest version */
const struct lepton_run_version *see(const struct world *w, int64_t id);

/* Until `is` holds for the version. */
void await(struct world *w, bool (*is)(struct world *w, int64_t id, int64_t what), int64_t id, int64_t what);
bool in_state(struct world *w, int64_t id, int64_t what);
bool at_step(struct world *w, int64_t id, int64_t what);
bool at_epoch(struct world *w, int64_t id, int64_t what);
const char *logged(const struct world *w, const char *text); /* the line; NULL */
void await_log(struct world *w, int64_t id, const char *text);

/* Without waiting: the command's ticket, and later its answer, in w->code and w->message. */
uint64_t submit(struct world *w, struct lepton_command command, const char *settings);
void await_reply(struct world *w, uint64_t ticket);
/* For await: has the newest job come anywhere? */
bool job_begun(struct world *w, int64_t id, int64_t what);
/* The command's code; its sentence is in w->message. */
int order(struct world *w, struct lepton_command command, const char *settings);
int steer(struct world *w, enum lepton_command_type type, int64_t id);

void expect(const char *sentence, const char *text);
bool dead(long pid); /* gone, or a zombie that is not ours to reap */
void await_death(long pid);

#endif
