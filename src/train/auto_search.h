/* train/auto_search.h - which way of compressing loses no more than the user allows, and is smallest. */
#ifndef LEPTON_TRAIN_AUTO_SEARCH_H
#define LEPTON_TRAIN_AUTO_SEARCH_H

#include "train/jobs.h"

struct lepton__tried {
	const char *method;
	char settings[160]; /* JSON */
	int64_t bytes;
	struct lepton_score score; /* on validation data */
	double loss;               /* of quality: points of accuracy, or per cent that the RMSE grew by */
};

struct lepton__auto {
	struct lepton__tried *tried;
	size_t count, capacity;
	double budget;  /* of loss */
	int64_t target; /* bytes; 0: none */
	struct lepton_score whole; /* of the weights as they are */
};

/* Try pipelines on `weights`, scoring each on validation data with `learner`, which is changed. `settings`: as
 * lepton_compress_auto has them, checked. LEPTON_E_STATE without validation data, LEPTON_E_CANCELED when the engine ends. */
int lepton__auto_search(struct lepton__auto *search, struct lepton__job *job, struct lepton_learner *learner,
	struct lepton_params *weights, const char *settings, struct lepton_error *err);
/* The smallest within the budget; with a target, the best within that; NULL: none is. */
const struct lepton__tried *lepton__auto_choice(const struct lepton__auto *search);
/* Those that no other beats in bytes and quality both, smallest first: a JSON array, heap; NULL: no memory. */
char *lepton__auto_front(const struct lepton__auto *search);
void lepton__auto_free(struct lepton__auto *search);

#endif
