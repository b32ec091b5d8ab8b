/* model/trees.h - what the three tree learners share: one struct, one way of training in small pieces.
 *
 * A step is a level (decision_tree), a tree (random_forest) or a round of one tree a class
 * (gradient_boosting). It takes many calls of ops->step, each a bounded piece; only the last counts as a step,
 * and only then do the weights change. So a state saved at any time is that of a whole number of steps.
 */
#ifndef LEPTON_MODEL_TREES_H
#define LEPTON_MODEL_TREES_H

#include "model/tree.h"

struct lepton__trees;
struct lepton__tree_lane;

struct lepton__tree_kind { /* how the learners differ */
	const char *name;
	bool boosts; /* trees give raw scores of one class each; else shares of all */
	bool deepens; /* one tree, that each step makes deeper */
	bool apart;   /* trees do not need those of the steps before, and may grow ahead of their turn */
	/* Steps, when nothing ends training earlier. */
	int64_t (*planned)(const struct lepton__trees *trees);
	/* What an untrained learner answers with, into done. */
	int (*start)(struct lepton__trees *trees, struct lepton_error *err);
	/* Set up growth of tree `tree`, counted from 0 over all steps. */
	int (*begin)(struct lepton__trees *trees, struct lepton__tree_lane *lane, int64_t tree, struct lepton_error *err);
	/* The grown trees are in fresh: make them part of done. */
	int (*publish)(struct lepton__trees *trees, struct lepton_error *err);
};

#define LEPTON__LANES 8 /* trees that grow side by side; results do not depend on it */
struct lepton__tree_lane {
	struct lepton__growth growth;
	struct lepton__gradient *gradient; /* boosting of classes: those of its tree's class */
	int64_t tree; /* that it grows, counted over all steps */
	bool taken, done;
	int code; /* what stopped it */
	struct lepton_error err;
};

enum lepton__trees_phase { LEPTON__TREES_TURN, LEPTON__TREES_REPLAY, LEPTON__TREES_GROW,
	LEPTON__TREES_ADD, LEPTON__TREES_MEASURE };

struct lepton__trees_sum {
	double loss;
	int64_t right;
};

struct lepton__trees {
	struct lepton_learner learner;
	const struct lepton__tree_kind *kind;
	struct lepton__tree_settings settings;
	struct lepton_dataset *data;
	uint64_t seed;
	int64_t rows;
	int features, classes; /* classes: values a sample's answer has; 1 for regression */
	int sums;              /* that trees add up to: as many; 1 where two classes are boosted, the logit of the second */
	bool regression;
	double unit; /* regression: loss in the target's own unit, squared, for a held one of 1 */

	struct lepton__nodes done;  /* after `step` steps; what scores and snapshots see */
	struct lepton__nodes fresh; /* the trees of the running step */
	int64_t step;
	bool finished; /* before the planned end */
	bool foreign;  /* done came by set_weights: training begins anew */

	enum lepton__trees_phase phase;
	bool ready; /* memory for training is there */
	struct lepton__columns columns;
	struct lepton__tree_lane lane[LEPTON__LANES];
	struct lepton__growth *growth; /* of the lane that this step's tree grows in */
	int round;           /* growth stops after it */
	double spread;       /* regression: leaves' values are so many times what gradients say */
	size_t replayed;     /* trees of done in `score` */
	float *score;        /* rows × sums, over the trees; none for one that deepens */
	bool *grown;         /* of each row: the tree that is being added was grown from it */
	float *probability;  /* boosting of classes: rows × classes, of `score` */
	struct lepton__gradient *gradient; /* regression */
	struct lepton__trees_sum sum[LEPTON__TREE_PARTS];
};

/* trees.c: the operations, but create, that every kind's table has */
int lepton__trees_create(const struct lepton_learner_ops *ops, const struct lepton__tree_kind *kind, const char *config,
		uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out, struct lepton_error *err);
void lepton__trees_destroy(struct lepton_learner *learner);
int64_t lepton__trees_steps_per_epoch(const struct lepton_learner *learner);
int64_t lepton__trees_epochs(const struct lepton_learner *learner);
int lepton__trees_weights(struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err);
int lepton__trees_set_weights(
		struct lepton_learner *learner, const struct lepton_params *weights, struct lepton_error *err);
int lepton__trees_save(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err);
int lepton__trees_load(struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err);
/* One leaf with the classes' shares of the training labels, or the targets' mean: the start of trees that vote. */
int lepton__trees_start_shares(struct lepton__trees *trees, struct lepton_error *err);
void lepton__trees_shares(const struct lepton__trees *trees, double shares[LEPTON__CLASSES_MAX]);
double lepton__trees_mean(const struct lepton__trees *trees); /* of the training targets */

/* trees_step.c */
void lepton__trees_free_training(struct lepton__trees *trees); /* all that only steps need; again is allowed */
int lepton__trees_step(struct lepton_learner *learner, const struct lepton_team *team, struct lepton_step_result *result,
		struct lepton_error *err);

/* trees_lanes.c: a bounded piece of growth; *done when this step's next tree is whole, in trees->growth. */
int lepton__trees_grow(struct lepton__trees *trees, const struct lepton_team *team, bool *done, struct lepton_error *err);
void lepton__trees_lanes_restart(struct lepton__trees *trees);
void lepton__trees_lanes_free(struct lepton__trees *trees);

/* trees_sum.c: onto `score`, a tree of done; the tree in growth, which is the last of fresh */
void lepton__trees_add_tree(struct lepton__trees *trees, const struct lepton_team *team, size_t tree);
void lepton__trees_add_grown(struct lepton__trees *trees, const struct lepton_team *team);
/* The answers of `count` trees, and their figures by part; those of the one tree, leaf by leaf. */
void lepton__trees_measure(struct lepton__trees *trees, const struct lepton_team *team, size_t count);
void lepton__trees_measure_leaves(struct lepton__trees *trees, const struct lepton_team *team);

/* tree_prune.c: a learner's trees with their nodes in order, less the subtrees that are not worth alpha a leaf on the training
 * split. alpha 0: all stay. LEPTON_E_NOMEM. */
int lepton__trees_prune(struct lepton_learner *learner, double alpha, struct lepton_params **out, struct lepton_error *err)
		LEPTON_MUST_CHECK;
bool lepton__are_trees(const struct lepton_learner_ops *ops);

/* trees_score.c */
int lepton__trees_evaluate(struct lepton_learner *learner, const struct lepton_team *team, enum lepton_split split,
		int64_t from, int64_t to, struct lepton_score *score, struct lepton_error *err);
int lepton__trees_predict(struct lepton_learner *learner, const float *x, int64_t n, float *probabilities,
		struct lepton_error *err);
/* Probabilities from the sums of `count` trees; in and out may be the same. */
void lepton__trees_finish(const struct lepton__trees *trees, size_t count, const float *sum, float *out);
/* One more sample of a split, and its answer, `times` over. */
void lepton__trees_sum_add(const struct lepton__trees *trees, enum lepton_split split, int64_t sample, const float *answer,
		float times, struct lepton__trees_sum *sum);
double lepton__trees_loss(float share); /* of a sample whose class has it */
/* The leaf that a sample of a split comes to. */
const float *lepton__trees_leaf(const struct lepton__trees *trees, const struct lepton__nodes *nodes, size_t tree,
		enum lepton_split split, int64_t sample);
/* Gradients of a squared error: of `from` (rows values) less the target, or of the target alone. */
void lepton__trees_set_errors(struct lepton__trees *trees, const float *from);

#define LEPTON__TREES_OPS                                                                                    \
	.discrete = true, .create = create, .destroy = lepton__trees_destroy, .step = lepton__trees_step,    \
	.steps_per_epoch = lepton__trees_steps_per_epoch, .epochs = lepton__trees_epochs,                    \
	.evaluate = lepton__trees_evaluate, .predict = lepton__trees_predict,                                \
	.weights = lepton__trees_weights, .set_weights = lepton__trees_set_weights,                          \
	.save = lepton__trees_save, .load = lepton__trees_load

extern const struct lepton_learner_ops lepton__learner_decision_tree, lepton__learner_random_forest,
		lepton__learner_gradient_boosting;

#endif
