/* model/tail.h - a network whose layers from its first with weights on are Conv2D, Flatten and a small
 * Dense: the kernels do those in one pass (tensor/tail.c), so that nothing between them is stored. */
#ifndef LEPTON_MODEL_TAIL_H
#define LEPTON_MODEL_TAIL_H

#include "model/graph.h"

/* Where the one pass begins: the Conv2D's index, or -1 where the layers are of another kind. */
int lepton__tail_find(const struct lepton__graph *graph);
/* The Dense it ends with. */
const struct lepton__layer *lepton__tail_last(const struct lepton__graph *graph);
/* Is layer i inside it: neither its output nor its scratch is ever needed? */
bool lepton__tail_covers(const struct lepton__graph *graph, int i);
/* Bytes of scratch for n samples in `parts` parts, by either direction. */
size_t lepton__tail_scratch(const struct lepton__graph *graph, int n, int parts);
/* The passes of the Conv2D and of the last Dense: x from the first; y, dy from the second; w, dw of both. */
void lepton__tail_forward(const struct lepton__graph *graph, const struct lepton__pass *conv,
		const struct lepton__pass *dense);
void lepton__tail_backward(const struct lepton__graph *graph, const struct lepton__pass *conv,
		const struct lepton__pass *dense);

#endif
