/* model/privacy.h - "privacy" of a network while it trains: no single example can move it by more than a bounded, noisy amount. */
#ifndef LEPTON_MODEL_PRIVACY_H
#define LEPTON_MODEL_PRIVACY_H

#include "model/graph.h"

struct lepton__privacy {
	bool on;
	double noise, clip, delta; /* sigma; C; only the accountant wants the last */
	uint64_t salt;  /* of the configuration and the seed */
	uint64_t key;   /* of the present step's noise */
	struct lepton__privacy_span { int64_t from, to; } *span; /* the trained tensors in the flat array; no noise between them */
	int spans;
	bool together; /* all layers know their gradients' lengths beforehand: a part's samples run at once */
	double *lengths; /* scratch: so many for each lane as it has samples. NULL: one sample at a time */
	float *sums;     /* scratch, then: a lane each, as long as the flat array: clipped gradients added up */
};

/* From a configuration's "privacy" (NULL: none), checked; and what cannot be trained privately refused. LEPTON_E_SPEC,
 * "privacy: …". */
int lepton__privacy_read(struct lepton__privacy *privacy, const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Memory for so many lanes of so many samples. LEPTON_E_NOMEM. */
int lepton__privacy_plan(struct lepton__privacy *privacy, const struct lepton__graph *graph, int lanes, int capacity, uint64_t seed,
		const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__privacy_free(struct lepton__privacy *privacy);
/* Before a step from these n weights: its noise gets a key. */
void lepton__privacy_begin(struct lepton__privacy *privacy, int64_t n, const float *weights);
/* What a gradient of this length (squared) is to be multiplied by: 1, or what makes it C long. */
double lepton__privacy_shrink(const struct lepton__privacy *privacy, double squares);
/* The squares of x[n], added up. */
double lepton__privacy_squares(int64_t n, const float *x);
/* sum[n], which lies at `at` (a multiple of 4) of the flat array: with the noise of this step, and over the batch. */
void lepton__privacy_finish(
		const struct lepton__privacy *privacy, int64_t step, int64_t at, int64_t n, int batch, float *sum);

#endif
