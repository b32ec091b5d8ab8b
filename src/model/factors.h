/* model/factors.h - matrix factorisation: its data, shared by the files that make it up.
 *
 * A rating is the mean of all + the user's bias + the item's bias + the product of their factors (Koren, Bell and
 * Volinsky, "Matrix Factorization Techniques for Recommender Systems", 2009). What is made small is the sum of squared
 * errors + regularization · (squares of factors and biases), once for each rating they are in ("weighted-λ", Zhou et al.,
 * "Large-scale Parallel Collaborative Filtering for the Netflix Prize", 2008).
 *
 * Who has no rating in the training split has a bias and factors of 0.
 */
#ifndef LEPTON_MODEL_FACTORS_H
#define LEPTON_MODEL_FACTORS_H

#include "lepton/model.h"
#include "model/keys.h"

#define LEPTON__FACTOR_PARTS 8
#define LEPTON__FACTOR_TENSORS 5

/* One kind of the two that meet in a rating: users, or items. */
struct lepton__factor_side {
	int64_t count;
	float *factors; /* count × k */
	float *bias;
	int64_t *starts;  /* count + 1: where each one's ratings begin */
	uint32_t *other;  /* of each rating: the number on the other side */
	float *rating;
	float *fresh; /* als: what the running sweep made; count × (k + 1), the bias last */
};

struct lepton__factors {
	struct lepton_learner learner;
	struct lepton_dataset *data;
	uint64_t seed;
	int64_t train;
	int k;
	bool als;
	int64_t epochs;
	double regularization, rate;
	float mean;
	struct lepton__factor_side side[2]; /* users, items */

	int64_t step;
	/* als: a step is a sweep over one side, in pieces */
	int64_t swept; /* of it, ones done */
	double sum;    /* of squared errors */
	double *scratch; /* of each part: a matrix, a right side, a row */
	size_t scratch_size;
	/* sgd: a step is a stratum, LEPTON__FACTOR_PARTS blocks that share no user and no item */
	int64_t block[LEPTON__FACTOR_PARTS * LEPTON__FACTOR_PARTS + 1]; /* where each block's ratings begin in `place` */
	uint32_t *place; /* ratings by block */
	uint32_t *order; /* within the blocks, in the running epoch */
	double part_sum[LEPTON__FACTOR_PARTS];
};

extern const struct lepton__key lepton__factors_keys[];
extern const struct lepton_learner_ops lepton__learner_factors;
int lepton__factors_check(const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
int64_t lepton__factors_steps(const struct lepton__factors *model); /* in an epoch */

/* The steps of the two ways. */
int lepton__factors_als(struct lepton__factors *model, const struct lepton_team *team, struct lepton_step_result *result,
		struct lepton_error *err);
int lepton__factors_sgd(struct lepton__factors *model, const struct lepton_team *team, struct lepton_step_result *result,
		struct lepton_error *err);
int lepton__factors_als_prepare(struct lepton__factors *model, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__factors_sgd_prepare(struct lepton__factors *model, struct lepton_error *err) LEPTON_MUST_CHECK;
/* A whole step is done: count it. */
void lepton__factors_advance(struct lepton__factors *model, double squares, int64_t samples, struct lepton_step_result *result);

/* factors_score.c: `pair` is user and item as the data holds them; who is not known counts as the mean. */
float lepton__factors_rating(const struct lepton__factors *model, const float *pair);
int lepton__factors_evaluate(struct lepton_learner *learner, const struct lepton_team *team, enum lepton_split split,
		int64_t from, int64_t to, struct lepton_score *score, struct lepton_error *err);
int lepton__factors_predict(struct lepton_learner *learner, const float *x, int64_t n, float *out, struct lepton_error *err);
/* factors_state.c */
int lepton__factors_weights(struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err);
int lepton__factors_set_weights(struct lepton_learner *learner, const struct lepton_params *weights, struct lepton_error *err);
int lepton__factors_save(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err);
int lepton__factors_load(struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err);

#endif
