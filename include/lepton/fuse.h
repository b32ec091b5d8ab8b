/* lepton/fuse.h - several versions into one.
 *
 * One file a method; fuse.c holds the table. Parents' weights are read only; the result is new.
 *
 * A method knows weights and no data. Those that must try what they make are helped by their caller, who
 * scores weights for them on the validation split: never on the test split, which would choose the
 * result by the figures it is later judged by.
 */
#ifndef LEPTON_FUSE_H
#define LEPTON_FUSE_H

#include "lepton/model.h"
#include "lepton/option.h"

struct lepton_fuse_parent {
	const char *name;
	const struct lepton_params *weights;
	double val_loss; /* NaN when unknown */
	int64_t samples; /* it was trained on */
};

/* What a caller does for a method, on the caller's own thread and before lepton_fuse_with returns. */
struct lepton_fuse_help {
	/* The mean loss and the accuracy (NaN where it has no meaning) of weights on the validation split; 0, or the
	 * code to give up with. */
	int (*evaluate)(void *context, const struct lepton_params *weights, double *loss, double *accuracy,
			struct lepton_error *err);
	/* What was found on the way: a line for a person and a JSON object for the record; may be NULL. */
	void (*report)(void *context, const char *line, const char *json);
	/* What the kernels of a network with these weights read, and its Fisher information: see `inputs` and `fisher` of struct
	 * lepton_learner_ops. On training samples. NULL where the parents are no networks. */
	int (*inputs)(void *context, const struct lepton_params *weights, int64_t samples, lepton_inputs_fn see, void *to,
			struct lepton_error *err);
	int (*fisher)(void *context, const struct lepton_params *weights, int64_t samples, struct lepton_params **out,
			struct lepton_error *err);
	void *context; /* passed to all */
};

struct lepton_fuser {
	const char *name;    /* "average", "weighted" */
	const char *summary; /* one line */
	const struct lepton_option *options;
	bool evaluates; /* it cannot do without help's evaluate */
	bool (*looks)(const char *settings); /* nor, with these settings, without its inputs and fisher? NULL: never */
	const char *takes_engine; /* why it does, "it asks all its parents": it is not in the table, lepton_fuse refuses it, and
	                           * `fuse` is NULL; else NULL */
	int (*fuse)(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
			const struct lepton_fuse_help *help, struct lepton_params **out,
			struct lepton_error *err);
};

LEPTON_API const struct lepton_fuser *const *lepton_fusers(void); /* NULL-terminated table */
/* "ensemble": not in the table, since it makes no weights of its parents' but keeps them all, of whatever learners; it
 * takes an engine, and lepton_fuse refuses it. */
LEPTON_API extern const struct lepton_fuser lepton_fuse_ensemble;
/* "stacking": likewise, with a model of what they say in the mean's place. */
LEPTON_API extern const struct lepton_fuser lepton_fuse_stacking;
/* "distil": nor this, since it trains a network by what its parents answer, one or more of any learners. */
LEPTON_API extern const struct lepton_fuser lepton_fuse_distil;
LEPTON_API int lepton_fuser_find(const char *name, const struct lepton_fuser **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Checks: at least two parents, settings, equal names and shapes (LEPTON_E_SHAPE says which parents differ
 * in which tensor), finite weights. */
LEPTON_API int lepton_fuse(const char *method, const struct lepton_fuse_parent *parents, size_t count,
		const char *settings, struct lepton_params **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The same with help (NULL: none). A method that evaluates or looks is refused without it: LEPTON_E_STATE. */
LEPTON_API int lepton_fuse_with(const char *method, const struct lepton_fuse_parent *parents, size_t count,
		const char *settings, const struct lepton_fuse_help *help, struct lepton_params **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;

/* ---- the way between two versions, not a fusion but what tells whether one has a chance ---- */

enum { LEPTON_BARRIER_POINTS_MIN = 3, LEPTON_BARRIER_POINTS_MAX = 101 };

struct lepton_line { /* (1 - t)·A + t·B at t = i / (points - 1) */
	double loss[LEPTON_BARRIER_POINTS_MAX];
	double accuracy[LEPTON_BARRIER_POINTS_MAX]; /* NaN where it has no meaning */
	double barrier; /* max over t of loss(t) - ((1 - t)·loss(0) + t·loss(1)): at least 0; NaN when a loss is */
	size_t top;     /* the point where that is */
};

struct lepton_barrier {
	size_t points;
	struct lepton_line before, after; /* after: B's units put in A's order by their weights, as "rebasin" does */
	char unmatched[256];              /* why there is no line after; "" where there is one */
	size_t sweeps, moves;             /* of the matching */
};

/* "points": 3 to 101, 11; "split": which one the caller scores on, "validation" or "test". */
LEPTON_API extern const struct lepton_option lepton_barrier_options[];
/* Measure both lines between ends[0], A, and ends[1], B, by help's evaluate: in order of t, first before, then after.
 * Between points, and layers that are matched, go_on(help's context) may end it (NULL: never): LEPTON_E_CANCELED. Checks as
 * lepton_fuse; LEPTON_E_USAGE for too few or too many points. Weights that are no chain of layers have no line after. */
LEPTON_API int lepton_barrier_measure(const struct lepton_fuse_parent ends[2], size_t points,
		const struct lepton_fuse_help *help, bool (*go_on)(void *context), struct lepton_barrier *out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* Read one back from its JSON, as the "detail" of a job's event has it; other members are passed over. LEPTON_E_CORRUPT. */
LEPTON_API int lepton_barrier_read(const char *json, struct lepton_barrier *out, struct lepton_error *err) LEPTON_MUST_CHECK;

/* ---- all ways to fuse, side by side: what "preview" tells ---- */

enum { LEPTON_PREVIEW_ROWS_MAX = 32 }; /* of parents, and of methods */

enum lepton_preview_state {
	LEPTON_PREVIEW_WAITS,
	LEPTON_PREVIEW_SCORED,
	LEPTON_PREVIEW_REFUSED,  /* it does not take these versions */
	LEPTON_PREVIEW_LEFT_OUT, /* no figures are wanted of it */
};

struct lepton_preview_row {
	char name[LEPTON_NAME_MAX]; /* a version's or a method's */
	int64_t id, step;           /* of a version, as it was scored; 0 of a method */
	enum lepton_preview_state state;
	double val_loss, val_accuracy; /* NaN until known, and where they are no numbers */
	int64_t bytes;                 /* of the weights */
	double seconds;                /* to make and to score them; NaN of a version */
	char why[256];                 /* there are no figures; "" */
};

struct lepton_preview {
	int64_t samples; /* of the validation split, the only one that is scored */
	bool done;
	size_t parent_count, method_count;
	struct lepton_preview_row parents[LEPTON_PREVIEW_ROWS_MAX], methods[LEPTON_PREVIEW_ROWS_MAX];
};

/* Every method waits, or is left out; no parents. */
LEPTON_API void lepton_preview_init(struct lepton_preview *preview);
/* Rows by validation loss, least first; those without keep their order, last. */
LEPTON_API void lepton_preview_order(const struct lepton_preview_row *rows, size_t count, size_t order[LEPTON_PREVIEW_ROWS_MAX]);
/* The method of the lowest validation loss so far; NULL: none has one. */
LEPTON_API const struct lepton_preview_row *lepton_preview_best(const struct lepton_preview *preview);
/* Read one back from its JSON, as the "detail" of a job's event has it. LEPTON_E_CORRUPT. */
LEPTON_API int lepton_preview_read(const char *json, struct lepton_preview *out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
