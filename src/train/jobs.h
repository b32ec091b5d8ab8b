/* train/jobs.h - background jobs: one thread, snapshots in, derived versions out. */
#ifndef LEPTON_TRAIN_JOBS_H
#define LEPTON_TRAIN_JOBS_H

#include "base/buffer.h"
#include "train/engine_parts.h"

struct lepton__job {
	struct lepton_engine *engine;
	const struct lepton_command *command;
	int64_t id, version, result;
	const char *kind; /* "compress" */
	char method[LEPTON_NAME_MAX];
	char message[512];
	struct lepton_text *detail; /* of its events from now on; NULL: none */
	struct { /* of the job, that the next scoring takes: how far it is comes with its pieces */
		double from, to, said; /* to 0: none; the last that was said */
		int64_t done, all;     /* samples */
	} span;
	bool waits; /* with a version that trains: its command is answered at that one's end */
};

struct lepton__figures { /* of one set of weights */
	struct lepton_score validation, test;
};

/* The command's settings (heap) without `key`, which is the engine's to resolve, and its word (heap; "" where it is none; NULL
 * where it is not there). LEPTON_E_USAGE: they are no object; LEPTON_E_NOMEM. */
int lepton__job_settings(const struct lepton__job *job, const char *key, char **rest, char **word, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* Say how far the job is, 0..1. */
void lepton__job_progress(struct lepton__job *job, double progress);
/* The next lepton__job_score takes the job from here to there. */
void lepton__job_span(struct lepton__job *job, double from, double to);
/* Whether it is to end, with the engine or because it was given up: a job that takes long asks between pieces of its work. */
bool lepton__job_ending(const struct lepton__job *job);
/* The version a command names at `index`; LEPTON_E_NOTFOUND. */
int lepton__job_version(
	struct lepton__job *job, int index, struct lepton__version **out, struct lepton_error *err);
/* A version's weights at the next slice boundary; a new reference. step and epoch may be NULL. */
/* LEPTON_E_UNSUPPORTED where the version's tensors are no numbers that compress and fuse could work on. */
int lepton__job_refuse_discrete(const struct lepton__job *job, const struct lepton__version *v, struct lepton_error *err);
int lepton__job_snapshot(struct lepton__job *job, struct lepton__version *v, struct lepton_params **out,
	int64_t *step, double *epoch, struct lepton_error *err);
/* Score weights on validation and test with a learner of the job's own; the engine's ending cancels it. The
 * figures of an external program's weights are NaN. */
int lepton__job_score(struct lepton__job *job, struct lepton_learner *learner,
	const struct lepton_params *weights, struct lepton__figures *out, struct lepton_error *err);
/* On one split; LEPTON_E_CANCELED when the engine ends. Without samples the figures are NaN. */
int lepton__job_score_on(struct lepton__job *job, struct lepton_learner *learner, const struct lepton_params *weights,
	enum lepton_split split, struct lepton_score *out, struct lepton_error *err);
/* The same on validation alone, for choices; LEPTON_E_STATE when there is none, LEPTON_E_CANCELED when the
 * engine ends. */
int lepton__job_validate(struct lepton__job *job, struct lepton_learner *learner,
	const struct lepton_params *weights, struct lepton_score *out, struct lepton_error *err);
struct lepton__stacking {
	double l2;                 /* how near to the mean it is held */
	struct lepton_score score; /* comes out: on the validation split, which it learned from, fold by fold */
};
/* job_ensemble.c: refuse a version that cannot be asked beside others; make the version that asks them all, with the
 * parents' figures and all weights as one set (new references). stacking: by a model of what
 * they say; NULL: their mean counts. */
int lepton__ensemble_refuse(
	const struct lepton__job *job, const struct lepton__version *v, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__ensemble_make(struct lepton__job *job, const char *name, struct lepton__version *const *versions,
	struct lepton_params *const *weights, int count, struct lepton__stacking *stacking, struct lepton__figures *figures,
	struct lepton__version **made, struct lepton_params **all, struct lepton_error *err) LEPTON_MUST_CHECK;
/* job_ensemble.c: the learner that asks them all, and its weights, without a look at the parents' figures. */
int lepton__ensemble_new(struct lepton__job *job, const char *name, struct lepton__version *const *versions,
	struct lepton_params *const *weights, int count, struct lepton__stacking *stacking,
	struct lepton__version **made, struct lepton_params **all, struct lepton_error *err) LEPTON_MUST_CHECK;
/* A learner of the job's own for a version; NULL in *out where it fails. */
int lepton__job_learner(struct lepton__job *job, const struct lepton__version *v, struct lepton_learner **out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* Announce a derived version, done: VERSION, CHECKPOINT, TEST. Takes v; *checkpoint is released. */
int lepton__job_publish(struct lepton__job *job, struct lepton__version *v,
	struct lepton_checkpoint *checkpoint, const struct lepton__figures *figures,
	struct lepton_error *err);

int lepton__job_compress(struct lepton__job *job, struct lepton_error *err);
int lepton__job_fuse(struct lepton__job *job, struct lepton_error *err);
int lepton__job_distil(struct lepton__job *job, struct lepton_error *err); /* of "compress" and of "fuse" */
int lepton__job_evaluate(struct lepton__job *job, struct lepton_error *err);
int lepton__job_barrier(struct lepton__job *job, struct lepton_error *err);
int lepton__job_preview(struct lepton__job *job, struct lepton_error *err);

/* {"bytes":…,"val_loss":…,"val_accuracy":…,"test_loss":…,"test_accuracy":…} */
void lepton__job_figures(struct lepton__buffer *out, int64_t bytes, const struct lepton__figures *figures);
/* {"name":…,"figures":…} of each, with commas between. */
void lepton__job_parents(struct lepton__buffer *out, struct lepton__version *const *versions,
	struct lepton_params *const *weights, const struct lepton__figures *figures, int count);
/* What people compare scores by: the accuracy, or where it has no meaning the RMSE; and its name. */
double lepton__score_quality(const struct lepton_score *score);
const char *lepton__score_word(const struct lepton_score *score);
bool lepton__score_better(const struct lepton_score *a, const struct lepton_score *b);
/* A name for a derived version: the asked one, or "stem" made free by a number. */
void lepton__job_name(struct lepton__job *job, const char *stem, char out[LEPTON_NAME_MAX]);

#endif
