/* model/text_model.h - the learner for texts: its data, shared by the files that make it up.
 *
 * The fastText recipe (Joulin et al., "Bag of Tricks for Efficient Text Classification", 2017): each word and run of
 * words has a row of numbers, a text is the mean of its rows, and a softmax layer on that tells the class. With
 * "dimension" 0 the rows are the classes' own logits, and the mean plus a bias is the answer: a linear model.
 *
 * A step touches few rows, so the optimiser works on those alone: moments of a row that no text of the batch has
 * stay as they are ("lazy"), and so does the row.
 */
#ifndef LEPTON_MODEL_TEXT_MODEL_H
#define LEPTON_MODEL_TEXT_MODEL_H

#include "lepton/model.h"
#include "model/optimizer.h"
#include "model/place.h"

#define LEPTON__TEXT_PARTS 8 /* of the batch, of the rows, of a split: whatever the number of workers */

struct lepton__text_model {
	struct lepton_learner learner;
	struct lepton_dataset *data;
	uint64_t seed;
	int64_t train;  /* samples in the training split */
	int64_t tokens; /* rows */
	int64_t most;   /* numbers in a text */
	int dimension, classes;
	int width; /* of a row: dimension, or classes where that is 0 */
	int batch_size;
	int64_t epochs;
	struct lepton__optimizer optimizer;

	/* flat arrays: the rows; then from `head` on kernel (dimension × classes) and bias (classes) */
	int64_t head, floats;
	float *weights, *gradient; /* the gradient of rows is 0 between steps */
	float *slots[LEPTON__SLOTS_MAX];

	uint32_t *order; /* of the epoch `order_epoch` */
	int64_t order_epoch;
	uint32_t *next; /* of each row touched: the one touched before it, plus 1; 0: not touched */
	/* of each text in the batch: mean of its rows; gradient by the logits; by each of its rows */
	float *hidden, *error, *pull;
	double *loss;
	bool *right;
	float *scratch; /* of each part: a mean, logits */

	int64_t step;
	struct lepton__place place;
};

extern const struct lepton__key lepton__text_keys[];
extern const struct lepton_learner_ops lepton__learner_text;
int lepton__text_check(const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;

/* text_step.c */
int lepton__text_step(struct lepton_learner *learner, const struct lepton_team *team, struct lepton_step_result *result,
		struct lepton_error *err);
/* text_score.c */
/* A text's mean (width) and logits (classes). */
void lepton__text_logits(const struct lepton__text_model *model, const uint32_t *token, int64_t count, float *hidden,
		float *logits);
int lepton__text_evaluate(struct lepton_learner *learner, const struct lepton_team *team, enum lepton_split split, int64_t from,
		int64_t to, struct lepton_score *score, struct lepton_error *err);
int lepton__text_predict(struct lepton_learner *learner, const float *x, int64_t n, float *probabilities,
		struct lepton_error *err);
/* text_state.c */
int lepton__text_weights(struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err);
int lepton__text_set_weights(struct lepton_learner *learner, const struct lepton_params *weights, struct lepton_error *err);
int lepton__text_save(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err);
int lepton__text_load(struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err);

#endif
