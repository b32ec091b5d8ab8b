/* train/engine_parts.h - what the files of the engine share.
 *
 * Locks. `engine->lock` guards everything below that is not said to be someone's own. A version's learner and
 * its progress belong to the worker that has it in a slice (`in_slice`), or to whoever holds it (`holds`)
 * once no slice has it (slices of external programs' versions are outside.c's); they are used without the lock. `stream->lock` (events) and the board's lock are
 * leaves: nothing is called with them held. Order: engine->lock, then a leaf.
 */
#ifndef LEPTON_TRAIN_ENGINE_PARTS_H
#define LEPTON_TRAIN_ENGINE_PARTS_H

#include "lepton/engine.h"
#include "train/asha.h"
#include "train/board.h"
#include "train/early.h"
#include "train/work.h"

#include <pthread.h>

enum lepton__phase { LEPTON__TRAINING, LEPTON__VALIDATING, LEPTON__TESTING };

struct lepton__sums { /* means over a span of steps */
	int64_t samples;
	double loss, right;
};

struct lepton__told { /* of one that trains outside: what its program said last */
	double loss, accuracy, rate, val_loss, val_accuracy; /* NaN where it said none */
	double epoch_said; /* with its last figures on validation data, told as those of `epoch` */
	int64_t epoch;
	bool unsaid;  /* there is something that no METRIC event has told yet */
	double clock; /* `seconds` are counted so far */
};

struct lepton__version {
	int64_t id;
	char name[LEPTON_NAME_MAX], learner_name[LEPTON_NAME_MAX];
	const struct lepton_learner_ops *ops; /* of its learner, whether that is there or not */
	char *config;
	uint64_t seed;
	double priority;
	struct lepton_text *operation;
	struct lepton_text *tags, *note; /* NULL for none; with the lock */
	int parent_count;
	int64_t parents[LEPTON_MAX_PARENTS];
	int64_t steps_per_epoch, epochs, parameters, bytes, raw_bytes;
	enum lepton_version_state state, before_archive;
	bool diverged, derived; /* derived: made by compress or fuse, never trained itself */
	bool in_slice;
	int worker; /* that had it last, from 1; 0: none yet */
	int64_t trained; /* samples, since the engine began; atomic */
	struct lepton__work *work; /* of the worker whose slice it is; the slice's own */
	int holds;           /* atomic to read: a slice ends early when someone waits */
	bool held;           /* by one at a time: the control thread and the jobs both hold */
	double virtual_time; /* seconds of slices over priority: the least goes next */
	/* of a search (trial.c) */
	bool rests; /* whatever its state: the engine is there for one command, and not for this one */
	bool trial;
	int halted; /* at which rung, plus 1; 0: it is not */
	int rungs;  /* it has come to */
	bool caught; /* by a crash, perhaps before it was judged at the last of them */
	float rung[LEPTON__RUNGS_MAX]; /* its figures there */
	/* of shards (shards.c); all but the first two are the slice's own */
	struct lepton__shards *shards; /* it is a whole; NULL: it is none */
	struct lepton__version *whole; /* it is a part of; NULL: of none */
	int64_t round, round_end;      /* that it has joined, -1: none; the step to wait at */
	bool round_keeps, round_worked; /* its end is kept in a checkpoint; a step was done in it */
	struct lepton__sums round_sums;
	int64_t samples; /* it trains on */
	double val_loss; /* of the last epoch */
	/* the slice's own */
	struct lepton_learner *learner; /* NULL: it rests (rest.c); given and taken with the lock */
	enum lepton__phase phase;
	int64_t cursor; /* samples scored in this phase */
	struct lepton__sums score, epoch_sums, metric_sums;
	int64_t step;
	double epoch, seconds, metric_time, checkpoint_time;
	struct lepton__told told;
	bool finished;                      /* every step was done */
	struct lepton_checkpoint *last;     /* the newest; NULL: there is none, or the store alone has it */
	struct lepton__early early;
	struct lepton_command *then; /* retrain.c: what waits for its end; with the lock */
	struct lepton_checkpoint *best;     /* of early stopping; NULL: none, or not to be gone back to */
	char weights_hash[LEPTON_HASH_HEX]; /* of the newest checkpoint */
	/* rest.c */
	bool in_store;     /* the newest checkpoint, and it is not in memory */
	int64_t best_step; /* of `best`, which is in the store and not in memory; -1: there is none such */
	int64_t kept_step; /* what the store said last that it has; with the lock */
	char kept_hash[LEPTON_HASH_HEX];
};

struct lepton__alias_place {
	int64_t target;
	char weights_hash[LEPTON_HASH_HEX];
};
struct lepton__alias {
	char alias[LEPTON_NAME_MAX];
	struct lepton__alias_place *places; /* where it pointed, oldest first; the last is now */
	size_t count, capacity;
};

struct lepton__queue { /* commands, oldest first */
	struct lepton_command *items;
	size_t count, capacity;
};

struct lepton_engine {
	struct lepton_engine_options options;
	char experiment[LEPTON_NAME_MAX];
	uint64_t seed;
	struct lepton_dataset *data;
	struct lepton_text *environment, *data_text, *spec;
	bool searches;
	struct lepton_search search;
	pthread_mutex_t lock;
	pthread_cond_t boundary; /* a slice ended */
	pthread_cond_t work;     /* a command or job was queued, or the end */
	struct lepton__board board;
	struct lepton__stream *stream;
	struct lepton__version **versions;
	size_t version_count, version_capacity;
	int64_t last_id, last_job;
	struct lepton__alias *aliases;
	size_t alias_count, alias_capacity;
	struct lepton__queue commands, jobs;
	bool control_works, job_runs, started, ending;
	int tended; /* commands that the store's thread has, and has not answered */
	enum lepton_command_type measured; /* what the job that runs does, where it can be given up: */
	bool measuring, give_up; /* it does such a thing; and is to end at its next piece */
	bool quits,
		ended; /* QUIT is queued: no command after it; the last word is being said: no version more */
	pthread_t *workers, control, jobber, outside, nodes;
	struct lepton__work *works; /* of each worker, while they run */
	int workers_begun; /* they number themselves */
	int worker_count, workers_running;
	bool control_running, jobber_running, outside_running, nodes_running;
	pthread_cond_t stir; /* nodes.c: a worker began, somebody asks, or the end */
	bool stirred, looked_at;
	int outside_wake; /* eventfd: look again at who trains outside */
};

/* stream.c */
int lepton__stream_new(uint64_t serial, struct lepton__stream **out, struct lepton_error *err); /* of the last event before */
void lepton__stream_free(struct lepton__stream *stream);
/* Number and time the event, give every reader a copy. The event is not cleared. */
void lepton__say(struct lepton_engine *engine, struct lepton_event *event);

/* version.c: all but _find are for the version's holder */
/* Of those that have work, but for `whole` (NULL: none) and its parts; 0 where there is none. With the lock held. */
double lepton__least_virtual_time(const struct lepton_engine *engine, const struct lepton__version *whole);
struct lepton__version *lepton__version_find(
	struct lepton_engine *engine, int64_t id);                       /* with the lock held */
struct lepton__version *lepton__version_named(struct lepton_engine *engine, const char *name); /* with the lock held */
bool lepton__name_taken(struct lepton_engine *engine, const char *name); /* with the lock held */
int lepton__version_new(struct lepton_engine *engine, const char *name, const char *learner,
	const char *config, uint64_t seed, double priority, struct lepton__version **out,
	struct lepton_error *err);
/* The same without its learner: what that would say of itself (steps, epochs, sizes) is the caller's to fill in. */
int lepton__version_shell(struct lepton_engine *engine, const char *name, const char *learner, const char *config,
	uint64_t seed, double priority, struct lepton__version **out, struct lepton_error *err);
/* Its learner, as it begins. Also for who needs one for a moment. */
int lepton__version_learner(struct lepton_engine *engine, const struct lepton__version *version,
	struct lepton_learner **out, struct lepton_error *err);
/* Is its learner as its newest checkpoint has it? */
bool lepton__version_unchanged(const struct lepton__version *version);
void lepton__version_free(struct lepton__version *version);
/* Give it an id (unless it has one) and say VERSION and STATE (reason: NULL or why). Takes the lock. */
int lepton__version_announce(struct lepton_engine *engine, struct lepton__version *version, const char *reason,
	struct lepton_error *err);
void lepton__version_say_state(
	struct lepton_engine *engine, const struct lepton__version *version, const char *reason);
/* Set the state and say it. Takes the lock. */
void lepton__version_enter(struct lepton_engine *engine, struct lepton__version *version,
	enum lepton_version_state state, const char *reason);
/* Capture the training state, keep it as `last`, say CHECKPOINT. Nothing is kept of what has given no weights. */
int lepton__version_checkpoint(
	struct lepton_engine *engine, struct lepton__version *version, struct lepton_error *err);
/* Say a checkpoint made elsewhere (compress, fuse) and keep it. */
void lepton__version_keep(
	struct lepton_engine *engine, struct lepton__version *version, struct lepton_checkpoint *checkpoint);

/* To the best checkpoint, which is said once more as the newest. */
int lepton__version_go_back(struct lepton_engine *engine, struct lepton__version *version, struct lepton_error *err);

/* Or would, as soon as there is a worker for it. */
static inline bool lepton__trains(const struct lepton__version *version)
{
	return version->state == LEPTON_QUEUED || version->state == LEPTON_RUNNING;
}

/* The next phase, from its beginning. */
static inline void lepton__enter_phase(struct lepton__version *version, enum lepton__phase phase)
{
	version->phase = phase;
	version->cursor = 0;
	version->score = (struct lepton__sums){0};
}

/* Its program's time, not the workers'; what it made, they score. */
static inline bool lepton__trains_outside(const struct lepton__version *version)
{
	return version->ops->outside && version->phase == LEPTON__TRAINING;
}

/* What a slice of it does now. */
static inline enum lepton_work lepton__work_of(const struct lepton__version *version)
{
	static const enum lepton_work works[] = {[LEPTON__TRAINING] = LEPTON_WORK_TRAINING,
		[LEPTON__VALIDATING] = LEPTON_WORK_VALIDATING, [LEPTON__TESTING] = LEPTON_WORK_TESTING};
	return version->shards && version->phase == LEPTON__TRAINING ? LEPTON_WORK_FUSING : works[version->phase];
}

/* scheduler.c */
void *lepton__worker(void *engine);
/* Wait until no slice and no other thread has the version and keep it so until release. Both take the lock.
 */
void lepton__hold(struct lepton_engine *engine, struct lepton__version *version);
void lepton__release(struct lepton_engine *engine, struct lepton__version *version);
/* Wake whoever sleeps for want of versions to run. */
void lepton__poke(struct lepton_engine *engine);

/* rest.c: versions that have ended hold no learner, and no checkpoint that a store has. All are for the holder or the slice. */
struct lepton__look {
	struct lepton_params *weights; /* a reference of the asker's */
	int64_t step;
	double epoch;
	int chain; /* of bases, that the checkpoint leans on; 0 for one in plain */
};
/* Its weights as they are, whether it rests or not. */
int lepton__look(struct lepton_engine *engine, struct lepton__version *version, struct lepton__look *out, struct lepton_error *err)
	LEPTON_MUST_CHECK;
/* The newest, from memory or the store: a new reference. It has one. */
int lepton__newest_checkpoint(struct lepton_engine *engine, const struct lepton__version *version,
	struct lepton_checkpoint **out, struct lepton_error *err);
/* `best` again out of the store, where it is there only; what is gone is told in the log. */
void lepton__recall_best(struct lepton_engine *engine, struct lepton__version *version);
/* Its learner is there again, as it was. */
int lepton__wake(struct lepton_engine *engine, struct lepton__version *version, struct lepton_error *err) LEPTON_MUST_CHECK;
/* With the lock held, which is let go while memory is freed: it gives up what it does not need, if it has ended and nobody
 * has it. */
void lepton__doze(struct lepton_engine *engine, struct lepton__version *version);
/* Has it a checkpoint, here or in the store? */
static inline bool lepton__has_checkpoint(const struct lepton__version *version)
{
	return version->last || version->in_store;
}
/* Its learner as the checkpoint has it, which is its newest. */
int lepton__put_back(struct lepton__version *version, struct lepton_checkpoint *checkpoint, struct lepton_error *err);

/* slice.c: about slice_seconds of work on a version */
void lepton__slice(struct lepton_engine *engine, struct lepton__version *version);

/* control.c, jobs.c: the two other threads */
void *lepton__control(void *engine);
void *lepton__jobber(void *engine);
void lepton__reply(struct lepton_engine *engine, const struct lepton_command *command, int code,
	int64_t result, const char *message);
int lepton__queue_push(
	struct lepton__queue *queue, const struct lepton_command *command); /* copies; retains settings */
bool lepton__queue_pop(struct lepton__queue *queue, struct lepton_command *out);
/* steer.c: run one command at once */
int lepton__steer(struct lepton_engine *engine, const struct lepton_command *command, int64_t *result,
	char *message, size_t size, struct lepton_error *err);
/* `then`: a command as JSON that waits for the clone's end, told in its operation so that a store knows it;
 * or NULL. */
int lepton__clone(struct lepton_engine *engine, const struct lepton_command *command, const char *then,
	int64_t *result, char *message, size_t size, struct lepton_error *err);
int lepton__promote(struct lepton_engine *engine, const struct lepton_command *command, char *message,
	size_t size, struct lepton_error *err);
int lepton__rollback(struct lepton_engine *engine, const struct lepton_command *command, char *message,
	size_t size, struct lepton_error *err);
/* label.c: tags and notes */
int lepton__label(struct lepton_engine *engine, const struct lepton_command *command, char *message, size_t size,
	struct lepton_error *err);
/* Of a version that nobody else has yet; NULL and "" for none. */
int lepton__labels_set(struct lepton__version *version, const char *tags, const char *note, struct lepton_error *err);
void lepton__labels_say(struct lepton_engine *engine, const struct lepton__version *version);
/* give_up.c: jobs that make nothing, so that nothing is lost when they end early. */
bool lepton__can_give_up(enum lepton_command_type type);
/* Those of a type that run or wait; LEPTON_E_STATE when there is none. */
int lepton__give_up(struct lepton_engine *engine, enum lepton_command_type type, char *message, size_t size, struct lepton_error *err);

/* environment.c: the RUN event's JSON objects; NULL when out of memory */
struct lepton_text *lepton__environment(int workers);
struct lepton_text *lepton__data_description(const struct lepton_dataset *data);

#endif
