/* lepton/node.h - what a machine that trains does at this moment: its workers, its sub-models, its throughput.
 *
 * The engine says it as NODE events, at most twice a second and only while something goes on. Figures "a second" and shares
 * are over the last `span` seconds. Nothing of it is kept in a store: a run that is read from one has no nodes.
 */
#ifndef LEPTON_NODE_H
#define LEPTON_NODE_H

#include "lepton/data.h"

struct lepton_text;

enum lepton_work {
	LEPTON_WORK_NONE,
	LEPTON_WORK_TRAINING,
	LEPTON_WORK_VALIDATING,
	LEPTON_WORK_TESTING,
	LEPTON_WORK_FUSING,  /* the sub-models of a whole */
	LEPTON_WORK_HELPING, /* with parts of another worker's step */
};
LEPTON_API const char *lepton_work_name(enum lepton_work work); /* "idle", "training" … */

struct lepton_worker {
	enum lepton_work work;
	int64_t version, step; /* that it works on, and its step; 0: none */
	double busy;           /* share of its time, 0 to 1; NaN before the first span */
	double slices_per_second, steps_per_second, samples_per_second;
	int64_t slices, steps, samples; /* since the engine began; a step counts for whose slice it is */
};

struct lepton_shard { /* a sub-model and its part of the data */
	int64_t version, samples; /* in its part */
	int worker;         /* that had it last, from 1; 0: none yet */
	int64_t begin, end; /* the steps where its round begins and ends */
	bool waits;         /* for the others */
	double samples_per_second; /* that it trained on; NaN before the first span */
};

struct lepton_sharded { /* a version that is fused out of sub-models, round by round */
	int64_t version, round, rounds; /* fusions done, planned */
	double fused; /* when last, seconds since 1970; 0: not since the engine began */
	bool fuses;   /* at this moment */
	int count;
	struct lepton_shard shards[LEPTON_SHARDS_MAX];
};

struct lepton_node_figures { /* of the machine as a whole */
	int node; /* from 0 */
	char host[LEPTON_NAME_MAX], kernels[32];
	int cores;
	double span; /* seconds that the rates are over */
	double busy, used; /* share of all cores, by all programs; cores that the engine's process used. NaN where unknown */
	double memory, memory_used, memory_own; /* bytes: of the machine, of those used, and by the engine's process */
};

struct lepton_node {
	struct lepton_node_figures figures;
	double time; /* when it was said */
	struct lepton_worker *workers;
	size_t worker_count;
	struct lepton_sharded *sharded;
	size_t sharded_count;
};

/* The two texts of a NODE event, JSON arrays: heap (lepton_text_release); NULL when out of memory. */
LEPTON_API struct lepton_text *lepton_node_workers(const struct lepton_node *node);
LEPTON_API struct lepton_text *lepton_node_sharded(const struct lepton_node *node);
/* And back, into a node that has none. LEPTON_E_CORRUPT, LEPTON_E_NOMEM. */
LEPTON_API int lepton_node_read(const char *workers, const char *sharded, struct lepton_node *out, struct lepton_error *err)
	LEPTON_MUST_CHECK;
LEPTON_API void lepton_node_clear(struct lepton_node *node);

#endif
