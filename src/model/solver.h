/* model/solver.h - learners whose training is one call into a library: LIBSVM, LIBLINEAR.
 *
 * Such a call cannot be paused, stopped or hurried from inside, so it is made by a process of its own,
 * lepton-solver, which is run as an external program is: held still by SIGSTOP, ended by SIGTERM, heard line
 * by line. What goes in and comes out is in one piece of shared memory, the *tray*, its standard input:
 *
 *     ask | labels, int32 × samples | lengths, int32 × samples | nodes of all samples, one after another
 *         | answer | its numbers, double | its integers, int32
 *
 * in the byte order of the machine. Values that are 0 have no node. The answer is written when training ends,
 * at `ask.answer`; then the solver prints {"weights": "tray"}. Its reader believes nothing of it.
 */
#ifndef LEPTON_MODEL_SOLVER_H
#define LEPTON_MODEL_SOLVER_H

#include "model/external.h"

#define LEPTON__ASK_MAGIC UINT64_C(0x316b736172766c73) /* "slvrask1" */
#define LEPTON__ANSWER_MAGIC UINT64_C(0x3173616e72766c73)
#define LEPTON__SOLVER "lepton-solver"

enum lepton__library { LEPTON__LIBSVM, LEPTON__LIBLINEAR };

struct lepton__ask {
	uint64_t magic;
	int32_t library;
	int32_t kind; /* kernel_type, or solver_type: the library's own numbers */
	int32_t degree, shrinking, probability, classes;
	int64_t samples, features, nodes;
	int64_t answer; /* where it goes */
	double C, gamma, coef0, tolerance, cache_mb, bias;
};

struct lepton__tray_node {
	int32_t column; /* from 0 */
	float value;
};

struct lepton__answer {
	uint64_t magic;
	int32_t classes, vectors; /* vectors: supporting ones; rows of LIBLINEAR's matrix */
	int64_t numbers, integers;
	/* LIBSVM: numbers rho, [A, B of Platt's sigmoid,] coefficients (classes - 1 × vectors); integers labels, vectors
	 * of each class, which samples they are. LIBLINEAR: numbers the matrix (rows × columns); integers labels. */
};

struct lepton__answered { /* read, of consistent sizes; to be cleared */
	int32_t classes, vectors;
	int64_t number_count, integer_count;
	double *numbers;
	int32_t *integers;
};

struct lepton__solver;

struct lepton__solver_kind { /* how the learners differ */
	const char *name;
	const char *library, *package; /* for people: "LIBSVM", "libsvm-dev" */
	bool built;                    /* the library was there when lepton was built */
	/* The settings into `solver`, keys checked; the rest of the table. */
	int (*configure)(struct lepton__solver *solver, const cJSON *config, struct lepton_error *err);
	/* Tensors out of what the library answered. */
	int (*make)(struct lepton__solver *solver, const struct lepton__answered *answered, struct lepton_params **out,
			struct lepton_error *err);
	/* Look at tensors from anywhere, and get ready to decide by them. Nothing changes on failure. */
	int (*hold)(struct lepton__solver *solver, const struct lepton_params *weights, struct lepton_error *err);
	size_t (*room)(const struct lepton__solver *solver); /* doubles that decide() needs to work in */
	/* The class of one sample, the mean loss where `label` is right (>= 0), class probabilities unless NULL. */
	int (*decide)(const struct lepton__solver *solver, const float *x, int label, double *work, double *loss,
			float *probability);
};

struct lepton__svm { /* tensors of LIBSVM's model, and what is derived from them; see learner_svm.c */
	int32_t classes, vectors;
	const int32_t *starts, *columns, *labels, *counts;
	const float *values;
	const double *coefficients, *rho, *sigmoid; /* sigmoid NULL: no probabilities were trained */
	double gamma;
	double *norms; /* of each vector, squared; ours */
};

struct lepton__solver {
	struct lepton__external outside; /* first: it is a learner */
	const struct lepton__solver_kind *kind;
	struct lepton_dataset *data;
	struct lepton__ask ask;
	bool scale_gamma;  /* by the variance of the data */
	int loss;          /* of LIBLINEAR: enum in learner_linear.c */
	int features, classes;
	bool answered;     /* since it was started */
	char fault[256];   /* why its answer could not be used */
	struct lepton__svm svm;
	const float *kernel, *bias; /* of LIBLINEAR, in the held weights */
};

/* solver.c: the operations, but create, that every kind's table has */
int lepton__solver_create(const struct lepton_learner_ops *ops, const struct lepton__solver_kind *kind,
		const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
		struct lepton_error *err);
void lepton__solver_destroy(struct lepton_learner *learner);
int lepton__solver_step(struct lepton_learner *learner, const struct lepton_team *team,
		struct lepton_step_result *result, struct lepton_error *err);
int64_t lepton__solver_steps_per_epoch(const struct lepton_learner *learner);
int64_t lepton__solver_epochs(const struct lepton_learner *learner);
int lepton__solver_set_weights(
		struct lepton_learner *learner, const struct lepton_params *weights, struct lepton_error *err);
int lepton__solver_load(struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err);
/* LEPTON_E_UNSUPPORTED where the library was not there: with the package to install. */
int lepton__solver_built(const struct lepton__solver_kind *kind, struct lepton_error *err) LEPTON_MUST_CHECK;

/* solver_run.c: started, heard, its answer taken */
extern const struct lepton_outside_ops lepton__solver_outside;
lepton__take lepton__solver_take;

/* tray.c */
int lepton__tray_fill(struct lepton__solver *solver, int *out, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__tray_answer(int tray, int64_t at, struct lepton__answered *out, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__answered_clear(struct lepton__answered *answered);

/* solver_score.c */
int lepton__solver_evaluate(struct lepton_learner *learner, const struct lepton_team *team, enum lepton_split split,
		int64_t from, int64_t to, struct lepton_score *score, struct lepton_error *err);
int lepton__solver_predict(struct lepton_learner *learner, const float *x, int64_t n, float *probabilities,
		struct lepton_error *err);

/* svm_couple.c: class probabilities out of those of each pair (r[i][j], k × k), by Wu, Lin and Weng's second
 * method; `work` has k × k + k doubles */
void lepton__svm_couple(int k, const double *r, double *p, double *work);

#define LEPTON__SOLVER_OPS                                                                                   \
	.outside = &lepton__solver_outside, .create = create, .destroy = lepton__solver_destroy,             \
	.step = lepton__solver_step, .steps_per_epoch = lepton__solver_steps_per_epoch,                      \
	.epochs = lepton__solver_epochs, .evaluate = lepton__solver_evaluate,                                \
	.predict = lepton__solver_predict, .weights = lepton__external_weights,                              \
	.set_weights = lepton__solver_set_weights, .save = lepton__external_save, .load = lepton__solver_load

extern const struct lepton_learner_ops lepton__learner_svm, lepton__learner_linear;
extern const struct lepton__key lepton__svm_keys[], lepton__linear_keys[];
int lepton__svm_check(const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__linear_check(const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
