/* model/join.h - neighbouring layers that the kernels run as one, so that what lies between is never stored.
 *
 * A join covers layers `first` to `last` of a graph. It reads the first one's input and leaves the last one's
 * output; the layers between have no output, scratch or gradient of their own. Each kind is one file.
 */
#ifndef LEPTON_MODEL_JOIN_H
#define LEPTON_MODEL_JOIN_H

#include "model/graph.h"

struct lepton__join {
	bool shares; /* runs its work in parts on the pass's team: a batch need not be split for it */
	/* The last layer of a join that begins with `first`, or NULL where the layers are of another kind. */
	const struct lepton__layer *(*find)(const struct lepton__graph *graph, const struct lepton__layer *first);
	/* Bytes of scratch for n samples in `parts` parts, by either direction. */
	size_t (*scratch)(const struct lepton__layer *first, const struct lepton__layer *last, int n, int parts);
	/* a is the first layer's pass and b the last one's: a has x, dx, and scratch; b has y, dy and memo. */
	void (*forward)(const struct lepton__layer *first, const struct lepton__layer *last,
		const struct lepton__pass *a, const struct lepton__pass *b);
	void (*backward)(const struct lepton__layer *first, const struct lepton__layer *last,
		const struct lepton__pass *a, const struct lepton__pass *b);
};

extern const struct lepton__join lepton__join_tail, lepton__join_pool;

/* Find the joins of a graph that is otherwise ready, and note them in its layers. */
void lepton__join_plan(struct lepton__graph *graph);
/* Are all layers with weights one join that shares its work? */
bool lepton__join_shares(const struct lepton__graph *graph);

#endif
