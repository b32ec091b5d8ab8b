/* model/graph.h - a network's layers, planned: shapes, names, and where each weight lies.
 *
 * All weights are one flat array of floats; each tensor starts on a cache line and the gap behind it
 * stays zero, so optimisers and reductions can run over plain ranges. Gradients and moments use the
 * same offsets. A graph is not changed after it is built.
 */
#ifndef LEPTON_MODEL_GRAPH_H
#define LEPTON_MODEL_GRAPH_H

#include "model/layers.h"
#include "model/loss.h"

struct lepton__graph {
	struct lepton__layer *layers;
	int count;
	int first_trained; /* the lowest layer with weights: no gradient is wanted below it */
	int tensors;    /* all, and those that an optimiser trains */
	int trained_tensors;
	int64_t floats;  /* length of the flat array; trained tensors come first, up to `trained` */
	int64_t trained;
	int64_t values; /* weights in it, the gaps left out */
	int classes; /* that it answers for; 1: a number */
	struct lepton__loss_form loss;
	struct lepton__lesson lesson;
};

/* From the configuration's "layers", for a loss. LEPTON_E_SPEC or LEPTON_E_SHAPE, "layers[3] Dense: …";
 * LEPTON_E_NOMEM. */
int lepton__graph_build(
		struct lepton__graph *graph, const cJSON *layers, enum lepton__loss_kind loss, struct lepton_error *err)
		LEPTON_MUST_CHECK;
void lepton__graph_free(struct lepton__graph *graph);

/* Which tensors: all of them, or the trained ones only. */
enum lepton__which { LEPTON__ALL, LEPTON__TRAINED };
int lepton__graph_count(const struct lepton__graph *graph, enum lepton__which which);
/* An empty set of tensors named PREFIX + "dense/kernel" (LEPTON_E_NOMEM), for `sets` prefixes in turn. */
int lepton__graph_params(const struct lepton__graph *graph, enum lepton__which which, const char *const *prefixes,
		int sets, struct lepton_params **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Copy between a flat array and the tensors first, first + 1, … of a set. */
void lepton__graph_gather(const struct lepton__graph *graph, enum lepton__which which, const float *flat,
		struct lepton_params *params, int first);
void lepton__graph_scatter(const struct lepton__graph *graph, enum lepton__which which,
		const struct lepton_params *params, int first, float *flat);
/* What pruning, rounding and sharing work on: the trained tensors of rank 2 and more; a column is a unit. */
struct lepton__matrix {
	int64_t offset, count, columns; /* in the flat array of weights; count / columns rows */
};
/* All of them, heap (lepton__free); NULL without memory. */
struct lepton__matrix *lepton__graph_matrices(const struct lepton__graph *graph, int *count);
/* Keras's initial weights, from the seed alone. */
/* (graph_params.c holds this and the five above.) */
void lepton__graph_init(const struct lepton__graph *graph, uint64_t seed, float *flat);

#endif
