/* lepton/engine.h - the training engine: versions, workers, background jobs.
 *
 * The engine owns its threads (workers, one for background jobs); they block all signals. It knows
 * nothing of screens or stores: it says events to its readers and takes commands from a queue.
 *
 * Threads: submit, read, wait and the query functions may be called from any thread; create, add,
 * start and free from one.
 */
#ifndef LEPTON_ENGINE_H
#define LEPTON_ENGINE_H

#include "lepton/command.h"
#include "lepton/run.h"
#include "lepton/spec.h"

struct lepton_engine; /* opaque */
struct lepton_reader; /* opaque: one reader's place in the stream of events */

struct lepton_engine_options {
	int workers;              /* 0: one a core */
	double slice_seconds;     /* 0: 0.010 */
	double metric_seconds;    /* at most one METRIC event a version in so long; 0: 0.1. Negative: one every step (tests) */
	double checkpoint_seconds; /* of training between checkpoints beside those at epochs and pauses; 0: 30 */
	double epoch_checkpoint_seconds; /* an epoch that ends sooner after the last checkpoint gets none, unless it is the last, the
	                                  * best, or one that a search judges; 0: each epoch gets one */
	uint64_t serial;          /* of the last event a store remembers: events are numbered on from it */
	const char *environment;  /* JSON object for the RUN event; NULL: made from this machine */
	/* Versions that have ended keep nothing in memory that can be had again. Their checkpoints are asked for here: of a version
	 * the newest, or with step >= 0 that of this step or the newest before it; LEPTON_E_NOTFOUND where there is none. From the
	 * engine's threads, several at once. NULL: there is no store, and checkpoints stay in memory. */
	int (*recall)(void *context, int64_t version, int64_t step, struct lepton_checkpoint **out, struct lepton_error *err);
	void *recall_context;
	/* Commands about the store alone (keep, gc) are handed on here, from the control thread; what comes of one is told by
	 * lepton_engine_answer. A fault is its answer at once. NULL: there is no store. */
	int (*tend)(void *context, const struct lepton_command *command, struct lepton_error *err);
	void *tend_context;
	bool one_command;         /* for one command on a store: what is restored stays as it is, and external programs are not
	                           * started; what the command makes is trained */
};

LEPTON_API int lepton_engine_create(const struct lepton_engine_options *options, const char *experiment, uint64_t seed,
		struct lepton_dataset *data, const char *spec_text, struct lepton_engine **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Stops the workers at the next slice boundary, joins all threads, frees. NULL is fine. */
LEPTON_API void lepton_engine_free(struct lepton_engine *engine);

/* Add a version of the spec before or after start; its id comes back in *id. */
LEPTON_API int lepton_engine_add(struct lepton_engine *engine, const struct lepton_spec_version *version, int64_t *id,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* Put back a version as a store remembers it (before start): its id, state, parents, history are those of
 * `remembered`; `checkpoint` is where training goes on. NULL: what `recall` has, at once for a version that may train, and
 * when it is needed for one that has ended; without `recall` it starts from the beginning. A version that
 * was running is queued again. Says a VERSION event (and STATE); no metric is repeated, the store has them. */
LEPTON_API int lepton_engine_restore(struct lepton_engine *engine, const struct lepton_run_version *remembered,
		struct lepton_checkpoint *checkpoint, struct lepton_error *err) LEPTON_MUST_CHECK;
/* A version with early stopping goes back to its best epoch's weights when it ends: the step of that epoch, by what is
 * remembered of it; -1: nothing to go back to. The checkpoint of that step is given after lepton_engine_restore, where
 * there is no `recall`. */
LEPTON_API int64_t lepton_engine_best_step(const struct lepton_run_version *remembered);
LEPTON_API int lepton_engine_restore_best(struct lepton_engine *engine, int64_t id, struct lepton_checkpoint *checkpoint,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* From whoever writes CHECKPOINT events to the store that `recall` reads: this one is there now. Any thread. */
LEPTON_API void lepton_engine_kept(struct lepton_engine *engine, const struct lepton_event *event);
LEPTON_API int lepton_engine_restore_alias(struct lepton_engine *engine, const struct lepton_run_alias *alias,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* Start the workers. */
LEPTON_API int lepton_engine_start(struct lepton_engine *engine, struct lepton_error *err) LEPTON_MUST_CHECK;

/* Queue a command (its settings text is retained). LEPTON_E_NOMEM, LEPTON_E_STATE after QUIT. The answer is a REPLY event. */
LEPTON_API int lepton_engine_submit(struct lepton_engine *engine, const struct lepton_command *command,
		struct lepton_error *err) LEPTON_MUST_CHECK;

/* The answer to a command that was handed on by `tend`. Any thread. */
LEPTON_API void lepton_engine_answer(struct lepton_engine *engine, const struct lepton_command *command, int code, int64_t result,
		const char *message);

/* A reader sees every event from its opening on. A `reliable` reader's queue grows as needed (the store);
 * another one's is bounded: when it lags, METRIC events between are dropped, never others.
 * *wake_fd (may be NULL) gets a descriptor that polls readable while events wait. */
LEPTON_API int lepton_reader_open(struct lepton_engine *engine, bool reliable, struct lepton_reader **out, int *wake_fd,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* The next event (caller clears it): 1, or 0 when none came within timeout seconds (0: don't wait, <0: for ever). */
LEPTON_API int lepton_reader_next(struct lepton_reader *reader, double timeout, struct lepton_event *out);
/* How many events but metrics did not come for want of memory. */
LEPTON_API size_t lepton_reader_missed(struct lepton_reader *reader);
/* Whoever waits in lepton_reader_next gets 0 now, or the next time it would wait. Any thread. */
LEPTON_API void lepton_reader_wake(struct lepton_reader *reader);
LEPTON_API void lepton_reader_close(struct lepton_reader *reader);

/* Put a line into the stream as a LOG event, for a reader's own news (the store: "disk full"). Any thread. */
LEPTON_API void lepton_engine_say(struct lepton_engine *engine, enum lepton_log_level level, struct lepton_text *line);

/* Have a NODE event said soon, though nothing goes on: somebody new looks. Any thread. */
LEPTON_API void lepton_engine_look(struct lepton_engine *engine);

/* True while some version is queued or running, or a job runs. */
LEPTON_API bool lepton_engine_busy(struct lepton_engine *engine);
LEPTON_API int lepton_engine_workers(const struct lepton_engine *engine);

#endif
