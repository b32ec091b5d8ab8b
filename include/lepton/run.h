/* lepton/run.h - what a reader of the events knows: every version, its curves, aliases, jobs, log.
 *
 * A fold over the event stream. The dashboard, the exporters, `lepton list` and the store's loader
 * all use this one picture. Not shared between threads: each reader folds its own.
 */
#ifndef LEPTON_RUN_H
#define LEPTON_RUN_H

#include "lepton/event.h"

struct lepton_bucket { /* some entries of a history that stand for more points than they are */
	uint32_t points, entries;
	float loss, accuracy; /* means of those points */
};
/* Parallel arrays, grown as needed; non-finite where unknown. The first `thinned` entries are an outline: few for many, which
 * draw the same picture; what they stand for is in the store (lepton_store_load_history). The rest are the points themselves. */
struct lepton_history {
	size_t count, capacity;
	int64_t *step;
	double *epoch, *seconds;
	float *loss, *accuracy;
	size_t thinned;
	struct lepton_bucket *buckets; /* of the thinned entries, in order */
	size_t bucket_count, bucket_capacity;
	bool rough; /* of a store of very many points: a finer outline of the thinned entries can be had */
};
struct lepton_epochs {
	size_t count, capacity;
	int64_t *epoch, *step;
	double *seconds;
	float *loss, *accuracy, *val_loss, *val_accuracy;
};
struct lepton_note { /* something that happened to the version, for its curve and its history */
	double time;
	int64_t step;
	char what[96]; /* "paused", "cloned as x", "promoted to production" */
};

struct lepton_run_version {
	int64_t id;
	char name[LEPTON_NAME_MAX], learner[LEPTON_NAME_MAX];
	enum lepton_version_state state;
	char reason[256];
	int parent_count;
	int64_t parents[LEPTON_MAX_PARENTS];
	struct lepton_text *operation, *hyperparameters;
	struct lepton_text *tags, *note; /* as the last event about them has them; NULL for none */
	struct lepton_text *importance; /* of the last checkpoint, as its event has it; NULL for none */
	struct lepton_text *report;     /* of the last test, as its event has it; NULL for none */
	uint64_t seed;
	double priority;
	int64_t parameters, bytes, raw_bytes, steps_per_epoch, epochs;
	double created;
	/* as of the last event about it */
	int64_t step;
	double epoch, seconds, loss, accuracy, samples_per_second; /* NaN before the first metric */
	double val_loss, val_accuracy, best_val_accuracy;          /* NaN until known */
	double test_loss, test_accuracy;                            /* NaN until known */
	char weights_hash[LEPTON_HASH_HEX];
	int64_t checkpoint_step; /* -1 before the first */
	struct lepton_history history;
	struct lepton_epochs epochs_done;
	struct lepton_note *notes;
	size_t note_count, note_capacity;
};
struct lepton_run_alias { char alias[LEPTON_NAME_MAX]; int64_t target, previous; double time; char weights_hash[LEPTON_HASH_HEX]; };
struct lepton_run_job {
	int64_t job, version, result;
	char kind[16], method[LEPTON_NAME_MAX];
	enum lepton_job_state state;
	double progress, started, updated;
	char message[256];
};
struct lepton_run_barrier { /* what was measured between two versions, the last time */
	int64_t ends[2];
	double time;
	struct lepton_text *detail; /* as the job's event has it: for lepton_barrier_read */
};
struct lepton_run_preview { /* of all ways to fuse some versions, the last time */
	int count;
	int64_t versions[LEPTON_MAX_PARENTS], job;
	struct lepton_text *detail; /* as the job's last event with one has it: for lepton_preview_read */
};
struct lepton_run_log { double time; int64_t version; enum lepton_log_level level; struct lepton_text *line; };

struct lepton_run {
	char experiment[LEPTON_NAME_MAX];
	uint64_t seed;
	double created;
	struct lepton_text *environment, *data, *spec;
	struct lepton_run_version **versions; /* in the order they were made */
	size_t version_count, version_capacity;
	struct lepton_run_alias *aliases;
	size_t alias_count, alias_capacity;
	struct lepton_run_job *jobs; /* newest last; at most 1,000 kept */
	size_t job_count, job_capacity;
	struct lepton_run_barrier *barriers; /* one a pair, in this order; newest last; at most 1,000 kept */
	size_t barrier_count, barrier_capacity;
	struct lepton_run_preview *previews; /* one for the same versions in the same order; newest last; at most 100 kept */
	size_t preview_count, preview_capacity;
	struct lepton_run_log *log;  /* newest last; at most 10,000 kept */
	size_t log_count, log_capacity;
	struct lepton_node *nodes; /* as each said last while its engine ran; none of what a store remembers */
	size_t node_count, node_capacity;
	uint64_t serial; /* of the last event applied */
	bool ended;
	bool backed; /* a store has every point of it, so that of long histories an outline is kept here */
	bool regression; /* losses are mean squared errors in the target's own unit, accuracies unknown; see lepton_run_rmse */
};

/* A loss of a regression as its RMSE, in the target's own unit: the figure that stands where others have the accuracy. */
LEPTON_API double lepton_run_rmse(double loss);
/* What training with "privacy" has cost so far: epsilon at its delta (lepton/privacy.h), what the versions that it comes from
 * had cost included; INFINITY where some of it was without noise. False: it says nothing of "privacy", or it was made in a way
 * that is not accounted for. */
LEPTON_API bool lepton_run_privacy(const struct lepton_run *run, const struct lepton_run_version *version, double *epsilon,
		double *delta);
/* How many points a history stands for. */
LEPTON_API int64_t lepton_history_points(const struct lepton_history *history);
LEPTON_API void lepton_history_clear(struct lepton_history *history);
LEPTON_API void lepton_run_init(struct lepton_run *run);
LEPTON_API void lepton_run_clear(struct lepton_run *run);
/* LEPTON_E_NOMEM, or LEPTON_E_CORRUPT for an event about a version nobody announced (then ignored). */
LEPTON_API int lepton_run_apply(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err);
LEPTON_API struct lepton_run_version *lepton_run_version(const struct lepton_run *run, int64_t id); /* NULL */
/* By "name", "#id", or ":alias". LEPTON_E_NOTFOUND with the nearest name. ("name@step" is the store's.) */
LEPTON_API int lepton_run_find(const struct lepton_run *run, const char *reference, struct lepton_run_version **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API const struct lepton_run_alias *lepton_run_alias(const struct lepton_run *run, const char *alias); /* NULL */
LEPTON_API const struct lepton_run_barrier *lepton_run_barrier(const struct lepton_run *run, int64_t a, int64_t b); /* NULL */
LEPTON_API const struct lepton_run_preview *lepton_run_preview(const struct lepton_run *run, const int64_t *versions, int count); /* NULL */

#endif
