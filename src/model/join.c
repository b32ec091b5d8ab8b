/* model/join.c - which layers of a graph run as one. */
#include "config.h"
#include "model/join.h"

static const struct lepton__join *const kinds[] = {&lepton__join_tail, &lepton__join_pool};

static void join(struct lepton__graph *graph, struct lepton__layer *first)
{
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds && !first->join; k++) {
		const struct lepton__layer *last = kinds[k]->find(graph, first);
		if (!last)
			continue;
		first->join = kinds[k];
		for (int i = first->index; i <= last->index; i++) {
			graph->layers[i].first = first->index;
			graph->layers[i].last = last->index;
		}
	}
}

bool lepton__join_shares(const struct lepton__graph *graph)
{
	const struct lepton__layer *first = &graph->layers[graph->first_trained];
	if (!first->join || !first->join->shares)
		return false;
	for (int i = first->last + 1; i < graph->count; i++)
		if (!graph->layers[i].ops->in_place)
			return false;
	return true;
}

void lepton__join_plan(struct lepton__graph *graph)
{
	for (int i = 0; i < graph->count; i++)
		graph->layers[i].first = graph->layers[i].last = i;
	for (int i = 0; i < graph->count; i = graph->layers[i].last + 1)
		join(graph, &graph->layers[i]);
}
