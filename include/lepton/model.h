/* lepton/model.h - models, in Keras's terms, and the interface every kind of learner implements.
 *
 * Two ways in. A program builds a network layer by layer and calls compile, fit, evaluate:
 *
 *     struct lepton_model *m = lepton_model_new("submodel");
 *     lepton_input(m, 28, 28, 1);
 *     lepton_conv2d(m, 32, 3, 3, "relu");
 *     lepton_flatten(m);
 *     lepton_dense(m, 10, "softmax");
 *     if (lepton_compile(m, &(struct lepton_compile_options){.optimizer = "adam"}, &err)) …
 *     if (lepton_fit(m, data, &(struct lepton_fit_options){.batch_size = 128, .epochs = 10}, &err)) …
 *     if (lepton_evaluate(m, data, LEPTON_TEST, &loss, &accuracy, &err)) …
 *
 * The engine instead makes a *learner* from the version's configuration (JSON, as in the spec file
 * after defaults and base are merged) and drives it by the operations below. A network is one kind
 * of learner; trees, SVMs, linear models and external programs are others.
 *
 * Threads: a model or learner is used by one thread at a time (not always the same one).
 */
#ifndef LEPTON_MODEL_H
#define LEPTON_MODEL_H

#include "lepton/data.h"

/* ---- the learner interface ------------------------------------------------------------------- */

struct lepton_learner;

/* Idle workers lent to a step. run() calls part(arg, i) once for each i in 0..parts-1, on any of the
 * lent threads and the caller, and returns when all are done. A learner splits its work into a number
 * of parts that depends on its configuration only, never on the number of workers, and combines
 * results in part order: that keeps training bit-identical for any number of workers. */
struct lepton_team {
	void (*run)(const struct lepton_team *team, int parts, void (*part)(void *arg, int index), void *arg);
	void *pool; /* the scheduler's */
	int width;  /* threads that may join now, the caller included; 1 = alone. A hint only. */
	int64_t version; /* whose step it is, for who asks what a helper does; 0: not said */
};
LEPTON_API extern const struct lepton_team lepton_team_alone; /* runs the parts in order, in the caller */

struct lepton_step_result {
	int64_t samples;  /* training samples this step saw */
	double loss;      /* mean over them; regression: of the squared errors, in the target's own unit */
	double accuracy;  /* share of them right, before the update; NaN where it has no meaning */
	bool epoch_ended; /* this step was the last of an epoch */
	bool finished;    /* and the last of training */
	bool partial;     /* the step is not whole yet: nothing above counts but the flags; call again */
};

struct lepton_score {
	int64_t samples;
	double loss;     /* mean; of squared errors its root is the RMSE */
	double accuracy; /* share right; NaN where it has no meaning */
};

/* Everything training needs to go on as if it had never stopped. */
struct lepton_state {
	struct lepton_params *weights; /* what evaluate and predict need */
	struct lepton_params *slots;   /* optimiser moments and the like; NULL when there are none */
	int64_t step;                  /* steps done */
	double epoch;                  /* epochs done, with fraction */
	char *extra;                   /* learner's own JSON object (heap), NULL for none */
};

/* What one matrix of a network's weights is multiplied by, for some samples: a Dense layer's rows are samples, a Conv2D's the
 * windows of all places of a sample, then the next one's. */
struct lepton_inputs {
	size_t kernel; /* which tensor of the weights */
	int64_t rows, width;
	const float *values; /* rows × width; there while the callback runs */
};
typedef int (*lepton_inputs_fn)(void *context, const struct lepton_inputs *inputs, struct lepton_error *err);

/* What one layer of a network gives for some samples. */
struct lepton_outputs {
	size_t layer; /* counted from 0, of those that change numbers */
	const char *name;
	bool logits; /* a softmax follows that is not in the values */
	int64_t samples;     /* that run together */
	int64_t rows, units; /* rows: samples, or all places of each sample's image */
	const float *values; /* rows × units; there while the callback runs */
};
typedef int (*lepton_outputs_fn)(void *context, const struct lepton_outputs *outputs, struct lepton_error *err);

/* ---- learners that train outside: a program of their own, not the workers' time ---- */

struct lepton_outside_start { /* what the program may want to know of its version */
	const char *version;
	int64_t step; /* the last it was at; 0 at first */
	double epoch;
	const char *data; /* the data's folder; NULL for none */
};

enum lepton_report_kind {
	LEPTON_REPORT_NOTHING, /* for now */
	LEPTON_REPORT_FIGURES,
	LEPTON_REPORT_LINE,    /* `line`, for the log */
	LEPTON_REPORT_WEIGHTS, /* weights came: weights() and save() have them */
	LEPTON_REPORT_ENDED,   /* the program is gone, by `code`; `line` says how */
};

struct lepton_report {
	enum lepton_report_kind kind;
	int64_t step; /* -1 where not said; so is epoch */
	double epoch;
	double loss, accuracy, val_loss, val_accuracy, test_loss, test_accuracy, samples_per_second; /* NaN where not said */
	bool diverged; /* a loss was said, and is no number */
	bool warning;  /* of a line that is worth one */
	int code;      /* LEPTON_OK; LEPTON_E_CANCELED: as end() asked; LEPTON_E_IO: it failed */
	char line[1024];
};

struct lepton_outside_ops { /* none of them waits */
	/* Start the program, or let one that rests go on. LEPTON_E_BUSY while one that was asked to end is
	 * still there. LEPTON_E_IO, LEPTON_E_NOTFOUND, LEPTON_E_NOMEM: it cannot be started. */
	int (*run)(struct lepton_learner *learner, const struct lepton_outside_start *start, struct lepton_error *err);
	void (*rest)(struct lepton_learner *learner); /* hold it still */
	void (*end)(struct lepton_learner *learner);  /* politely; in time next() makes it firm */
	/* What it says next. To be called until NOTHING when the descriptor polls readable, and now and then. */
	void (*next)(struct lepton_learner *learner, struct lepton_report *out);
	int (*descriptor)(const struct lepton_learner *learner); /* -1: there is no program */
};

struct lepton_learner_ops {
	const char *name;    /* "network": the spec's "learner" */
	const char *summary; /* one line for help */
	bool discrete; /* the tensors are structure, not numbers to be rounded or averaged: no compress, no fuse */
	const struct lepton_outside_ops *outside; /* NULL for those that train by step(). The others' step is
	                                           * LEPTON_E_UNSUPPORTED, and weights LEPTON_E_STATE until given */
	bool foreign;    /* outside, and only its program knows what its weights mean: evaluate and predict are
	                  * LEPTON_E_UNSUPPORTED. The others' training is begun anew where it was cut off, and what
	                  * it made is scored as everyone's */
	const char *how; /* NULL, or how it trains, where that is not by steps that are kept: for a version's details */
	/* Make a learner from its configuration (merged JSON object, text) for this data. `seed` starts
	 * its own random stream. The data set is retained. LEPTON_E_SPEC, LEPTON_E_SHAPE, LEPTON_E_NOMEM. */
	int (*create)(const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
			struct lepton_error *err);
	void (*destroy)(struct lepton_learner *learner);
	/* One bounded piece of training. LEPTON_E_DIVERGED leaves the weights as the failing step left
	 * them; the caller goes back to its last checkpoint. A step too long for one piece takes several
	 * calls (`partial`), and the weights change with the last. A network's step allocates nothing. */
	int (*step)(struct lepton_learner *learner, const struct lepton_team *team, struct lepton_step_result *result,
			struct lepton_error *err);
	int64_t (*steps_per_epoch)(const struct lepton_learner *learner);
	int64_t (*epochs)(const struct lepton_learner *learner); /* planned */
	/* Score samples from..to-1 of a split with the present weights; training state is untouched. */
	int (*evaluate)(struct lepton_learner *learner, const struct lepton_team *team, enum lepton_split split,
			int64_t from, int64_t to, struct lepton_score *score, struct lepton_error *err);
	/* Class probabilities (n × classes), or for regression the target as the data set holds it (n), for n raw
	 * samples: images already scaled to 0..1, a table's as it holds them, NaN where missing. */
	int (*predict)(struct lepton_learner *learner, const float *x, int64_t n, float *probabilities,
			struct lepton_error *err);
	/* A snapshot of the weights: a new reference the caller releases. */
	int (*weights)(struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err);
	/* Replace the weights (names and shapes must match); optimiser moments restart at zero. */
	int (*set_weights)(struct lepton_learner *learner, const struct lepton_params *weights, struct lepton_error *err);
	/* From here on each step's gradient has mu · (weights − near) added, which holds the weights near: FedProx's term (Li et al.,
	 * "Federated Optimization in Heterogeneous Networks", 2020). `near` is copied; mu 0 ends it, and so does nothing else. NULL
	 * for learners that cannot. */
	int (*hold_near)(struct lepton_learner *learner, const struct lepton_params *near, double mu, struct lepton_error *err);
	/* A teacher's probabilities of all training samples (count × classes), which the steps then learn from beside the labels, as
	 * "teacher" in the configuration says; checkpoints have them. LEPTON_E_STATE: it says nothing. NULL for learners that cannot. */
	int (*learn_from)(struct lepton_learner *learner, const float *probabilities, struct lepton_error *err);
	/* Show what each kernel of Conv2D and Dense reads, of `samples` training samples, spread evenly, or of all where there are fewer,
	 * with the present weights and as outside training: layer after layer, a few samples at a time. Stops at a code that `see`
	 * returns. Training state is untouched. NULL for learners without such kernels, and so are the next two. LEPTON_E_NOMEM. */
	int (*inputs)(struct lepton_learner *learner, int64_t samples, lepton_inputs_fn see, void *context,
			struct lepton_error *err);
	/* The same for what each layer gives, those left out that only pass on what they get. */
	int (*outputs)(struct lepton_learner *learner, int64_t samples, lepton_outputs_fn see, void *context,
			struct lepton_error *err);
	/* The diagonal of the Fisher information: of the same samples, the mean squared gradient by each weight of the log
	 * probability of an answer, expected over the answers that the network itself gives; of a quantity, of one that is normal with
	 * deviation 1 around what it gives. 0 for what is not trained by gradients. A new reference. LEPTON_E_UNSUPPORTED where
	 * the outputs are no probabilities; LEPTON_E_NOMEM. */
	int (*fisher)(struct lepton_learner *learner, int64_t samples, struct lepton_params **out, struct lepton_error *err);
	/* From here on evaluate and predict work on 8-bit whole numbers where the layers can, which is several times as fast and
	 * not quite as exact. Takes a second at most: what flows between layers is calibrated on training samples. A step, load
	 * or set_weights ends it. LEPTON_E_UNSUPPORTED; NULL for learners that have no products of numbers. */
	int (*use_int8)(struct lepton_learner *learner, struct lepton_error *err);
	/* A snapshot of the whole training state; freed by lepton_state_clear. */
	int (*save)(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err);
	int (*load)(struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err);
};

struct lepton_learner {
	const struct lepton_learner_ops *ops; /* first member of every learner's own struct */
};

LEPTON_API const struct lepton_learner_ops *lepton_learner_find(const char *name); /* NULL when unknown */
LEPTON_API const char *const *lepton_learner_names(void);                         /* NULL-terminated */
LEPTON_API void lepton_state_clear(struct lepton_state *state);

/* ---- building a network by calls --------------------------------------------------------------- */

struct lepton_model; /* opaque */

/* NULL only when out of memory. */
LEPTON_API struct lepton_model *lepton_model_new(const char *name);
LEPTON_API void lepton_model_free(struct lepton_model *model);
/* Each adds a layer. A fault is remembered and reported by lepton_compile, so calls need no checks.
 * activation: "linear" (or NULL), "relu", "tanh", "sigmoid", "gelu", "softmax". padding: "valid" or "same". */
LEPTON_API void lepton_input(struct lepton_model *model, int height, int width, int channels);
LEPTON_API void lepton_conv2d(struct lepton_model *model, int filters, int kernel_height, int kernel_width,
		const char *activation);
LEPTON_API void lepton_conv2d_with(struct lepton_model *model, int filters, int kernel_height, int kernel_width,
		int stride_height, int stride_width, const char *padding, const char *activation);
LEPTON_API void lepton_max_pooling2d(struct lepton_model *model, int pool_height, int pool_width);
LEPTON_API void lepton_average_pooling2d(struct lepton_model *model, int pool_height, int pool_width);
LEPTON_API void lepton_global_average_pooling2d(struct lepton_model *model);
/* momentum 0.99 and epsilon 0.001, as in Keras. */
LEPTON_API void lepton_batch_normalization(struct lepton_model *model);
LEPTON_API void lepton_flatten(struct lepton_model *model);
LEPTON_API void lepton_dense(struct lepton_model *model, int units, const char *activation);
LEPTON_API void lepton_dropout(struct lepton_model *model, double rate);
/* In training only: images moved by up to these shares of their height and width, turned by up to this share of a whole
 * turn, made smaller or larger by up to this share. */
LEPTON_API void lepton_random_translation(struct lepton_model *model, double height_factor, double width_factor);
LEPTON_API void lepton_random_rotation(struct lepton_model *model, double factor);
LEPTON_API void lepton_random_zoom(struct lepton_model *model, double factor);

struct lepton_compile_options {
	const char *optimizer; /* "adam" (default), "sgd", "adamw" or "rmsprop" */
	double learning_rate;  /* 0: the optimiser's default (sgd 0.01, the others 0.001) */
	double momentum;       /* sgd, rmsprop */
	const char *loss;      /* "categorical_crossentropy" (default), "binary_crossentropy", "hinge", "squared_hinge" or "mse" */
	double weight_decay;   /* adamw; 0: its default (0.004) */
	bool nesterov;         /* sgd */
};
LEPTON_API int lepton_compile(struct lepton_model *model, const struct lepton_compile_options *options,
		struct lepton_error *err) LEPTON_MUST_CHECK;

struct lepton_epoch_report {
	int64_t epoch, epochs;
	double seconds, loss, accuracy, val_loss, val_accuracy; /* NaN without a validation split */
};
struct lepton_fit_options {
	int batch_size; /* 0: 128 */
	int epochs;     /* 0: 10 */
	uint64_t seed;
	int workers; /* 0: one a core */
	void (*on_epoch)(const struct lepton_epoch_report *report, void *arg); /* called in the caller's thread */
	void *arg;
};
/* Train on the data's training split. May be called again to go on. (src/train/fit.c) */
LEPTON_API int lepton_fit(struct lepton_model *model, struct lepton_dataset *data,
		const struct lepton_fit_options *options, struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API int lepton_evaluate(struct lepton_model *model, struct lepton_dataset *data, enum lepton_split split,
		double *loss, double *accuracy, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The model's configuration as the spec file has it ({"layers": […], "optimizer": …}), heap; free() it. */
LEPTON_API char *lepton_model_config(const struct lepton_model *model);

#endif
