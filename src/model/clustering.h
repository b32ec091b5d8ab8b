/* model/clustering.h - "clustering" of a network while it trains: its weights are few shared values, which learn. */
#ifndef LEPTON_MODEL_CLUSTERING_H
#define LEPTON_MODEL_CLUSTERING_H

#include "model/graph.h"

struct lepton__clustering {
	bool on;
	uint32_t clusters; /* values of a tensor beside zero, at most */
	struct lepton__clustered {
		struct lepton__matrix of;
		uint32_t found;        /* values it shares */
		uint16_t *member;      /* of each weight: its value's number, from 1; 0 stays zero */
		float *value;          /* clusters and one */
	} *tensors;
	int count;
	double *sum;     /* scratch: clusters and one */
	int64_t *number;
	bool known;      /* members are those of the weights as they are */
};

/* From a configuration's "clustering" (NULL: none), checked. LEPTON_E_SPEC, "clustering: …". */
int lepton__clustering_read(
		struct lepton__clustering *c, const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Find the tensors. LEPTON_E_NOMEM. */
int lepton__clustering_plan(
		struct lepton__clustering *c, const struct lepton__graph *graph, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__clustering_free(struct lepton__clustering *c);
/* Before a step, unless members are known: each weight becomes the nearest of its tensor's values, found by k-means.
 * LEPTON_E_NOMEM. */
int lepton__clustering_share(struct lepton__clustering *c, float *weights, struct lepton_error *err) LEPTON_MUST_CHECK;
/* After an update: the weights that shared a value share the mean of what they became. */
void lepton__clustering_tie(struct lepton__clustering *c, float *weights);

#endif
