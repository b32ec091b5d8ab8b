/* model/quantization.h - "quantization" of a network while it trains: its layers run on rounded weights, and what is learned
 * makes up for the rounding. */
#ifndef LEPTON_MODEL_QUANTIZATION_H
#define LEPTON_MODEL_QUANTIZATION_H

#include "model/graph.h"

struct lepton__quantization {
	bool on;
	int most;         /* codes are -most..most: 127 with 8 bits, 1 with 2 */
	bool per_channel; /* a scale for each of the last dimension, else one a tensor */
	struct lepton__matrix *tensors;
	int count;
	float *sums;    /* scratch */
	float *rounded; /* flat, as the weights: what lepton__quantization_round leaves */
};

/* From a configuration's "quantization" (NULL: none), checked. LEPTON_E_SPEC, "quantization: …". */
int lepton__quantization_read(
		struct lepton__quantization *q, const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Find the tensors. LEPTON_E_NOMEM. */
int lepton__quantization_plan(
		struct lepton__quantization *q, const struct lepton__graph *graph, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__quantization_free(struct lepton__quantization *q);
/* q->rounded = the weights, those of the tensors rounded. Rounded once more they stay as they are. */
void lepton__quantization_round(const struct lepton__quantization *q, const struct lepton__graph *graph, const float *weights);

#endif
