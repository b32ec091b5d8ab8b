/* model/pruning.h - "pruning" of a network while it trains: the smallest weights become zero and stay so. */
#ifndef LEPTON_MODEL_PRUNING_H
#define LEPTON_MODEL_PRUNING_H

#include "model/graph.h"
#include "model/smallest.h"

struct lepton__pruning {
	bool on;
	double sparsity;               /* in the end, of all weights of tensors of rank 2 and more */
	double begin_epoch, end_epoch; /* end: negative for two thirds of training */
	int64_t frequency;             /* steps from one pruning to the next */
	bool by_layer;                 /* each tensor for itself, else the whole network at once */
	int64_t begin, end;            /* in steps, once planned */
	struct lepton__matrix *span;
	int spans;
	int64_t weights; /* in all spans */
	struct lepton__weights_span *part; /* scratch: a span each */
	float *sizes;    /* scratch: as many */
};

/* From a configuration's "pruning" (NULL: none), checked. LEPTON_E_SPEC, "pruning: …". */
int lepton__pruning_read(struct lepton__pruning *pruning, const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Find the weights, and turn epochs into steps. LEPTON_E_NOMEM, LEPTON_E_SPEC. */
int lepton__pruning_plan(struct lepton__pruning *pruning, const struct lepton__graph *graph, int64_t steps_per_epoch,
		int64_t epochs, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__pruning_free(struct lepton__pruning *pruning);
/* The share of zeros that the step after `done` steps starts with. */
double lepton__pruning_sparsity(const struct lepton__pruning *pruning, int64_t done);
/* What is due before the step after `done` steps: the smallest weights become zero. */
void lepton__pruning_apply(const struct lepton__pruning *pruning, int64_t done, float *weights);
/* After an update of weights[0..n), which lie at `at` of the flat array: what was zero `before` is zero again. */
void lepton__pruning_keep(
		const struct lepton__pruning *pruning, const float *before, int64_t at, int64_t n, float *weights);

#endif
