/* base/pareto.c - the Pareto front of a few hundred offers, by comparing each with each. */
#include "config.h"
#include "base/pareto.h"

#include <math.h>

static bool beats(const struct lepton__offer *a, const struct lepton__offer *b)
{
	return a->cost <= b->cost && a->good >= b->good && (a->cost < b->cost || a->good > b->good);
}

void lepton__pareto(struct lepton__offer *offers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		offers[i].front = !isnan(offers[i].good);
		for (size_t k = 0; k < count && offers[i].front; k++)
			offers[i].front = !beats(&offers[k], &offers[i]);
	}
}
