/* lepton/metrics.h - how good a model's answers are, class by class: the confusion matrix and what follows from it.
 *
 * For classes: rows of the confusion matrix are the true classes, columns what the model said (the first most probable).
 *   precision  of those said to be of the class, the share that is; 0 where none was said
 *   recall     of those of the class, the share found
 *   f1         2 precision recall / (precision + recall)
 *   auc        area under the curve of true against false positives, this class against the rest: the chance that a
 *              sample of the class has a higher probability of it than one that is not, equals counted half (Mann and
 *              Whitney 1947). NaN where all samples are of the class, or none
 * Over all classes stand their plain means over the classes that occur (scikit-learn's "macro"); of two classes the AUC is
 * that of the second.
 *
 * For quantities, in the target's own unit: RMSE, mean absolute error, and R² = 1 - squared errors / those of the mean.
 *
 * For ratings also how well the model ranks, over the users with something relevant in the split (rated at least the mean
 * of all training ratings): of the LEPTON_RANKED items it would recommend first, among those the user has not rated in
 * training, the share that is relevant (precision), the share of the relevant that is there (recall), and NDCG, which counts
 * a place's logarithm.
 */
#ifndef LEPTON_METRICS_H
#define LEPTON_METRICS_H

#include "lepton/model.h"

struct lepton_class_metrics {
	int64_t support; /* samples of the class */
	int64_t said;    /* samples said to be of it */
	double precision, recall, f1, auc;
};

struct lepton_mistake { /* an answer that is wrong */
	int64_t sample; /* in its split, from 0 */
	int label, said;
	float probability, of_label; /* of what was said; of what is right */
};
#define LEPTON_MISTAKES 60 /* kept of them: those the model is surest of, surest first */

/* A class counts as found where it is among so many most probable. */
#define LEPTON_TOP 5
#define LEPTON_RANKED 10 /* recommendations looked at */

struct lepton_metrics {
	int64_t samples;
	int classes;                       /* 0: a regression */
	int64_t *confusion;                /* classes × classes */
	struct lepton_class_metrics *each; /* classes */
	double accuracy, precision, recall, f1, auc;
	double top_accuracy;               /* the class is among the LEPTON_TOP most probable; NaN for so few classes */
	int64_t wrong;                     /* samples of which the wrong class was said */
	struct lepton_mistake *mistakes;
	size_t mistake_count;
	struct lepton_shape picture;       /* of each of `pictures`: height, width, channels (1 or 3) */
	uint8_t *pictures;                 /* those of the mistakes; NULL where samples are no images of at most 64 × 64 */
	double rmse, mean_absolute_error, r2;
	int64_t ranked_users; /* of ratings; 0: none, and nothing below counts */
	double ranked_precision, ranked_recall, ndcg;
};

/* Ask a learner about every sample of a split. Between chunks go_on(arg) may end it (NULL: never): LEPTON_E_CANCELED. The
 * weights are not touched; memory is samples × classes floats for the time. LEPTON_E_STATE when the split is empty,
 * LEPTON_E_UNSUPPORTED where the learner or its data have no such answers, LEPTON_E_NOMEM. On failure *out is empty. */
LEPTON_API int lepton_metrics_compute(struct lepton_learner *learner, struct lepton_dataset *data, enum lepton_split split,
		bool (*go_on)(void *arg), void *arg, struct lepton_metrics *out, struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API void lepton_metrics_clear(struct lepton_metrics *metrics);
/* One JSON object, heap (free()), NULL when out of memory: samples, accuracy, top_5_accuracy, auc, precision, recall, f1,
 * "classes": [{"name", "support", "precision", "recall", "f1", "auc"}], "confusion": [[…]], "mistakes": {"wrong", "shape", "shown": [{"sample", "true", "said",
 * "probability", "of_true", "pixels"}]} ("pixels" are bytes in base64, "shape" is theirs; classes are counted from 0); or samples, rmse,
 * mean_absolute_error, r2, of ratings users, precision_at_10, recall_at_10, ndcg_at_10. `names`: of the classes; NULL: their numbers. */
LEPTON_API char *lepton_metrics_to_json(const struct lepton_metrics *metrics, const char *const *names);
/* The mistakes in such an object, and their pictures: wrong, mistakes, mistake_count, picture, pictures of *out, which is for
 * lepton_metrics_clear; all else is 0. LEPTON_E_NOTFOUND (it has none), LEPTON_E_CORRUPT, LEPTON_E_NOMEM. */
LEPTON_API int lepton_mistakes_read(const char *report, struct lepton_metrics *out, struct lepton_error *err) LEPTON_MUST_CHECK;

/* The AUC of n samples: score, and whether each is of the class; NaN unless there are both. `order` is room for n. */
LEPTON_API double lepton_auc(const float *score, const bool *positive, uint32_t *order, int64_t n);

#endif
