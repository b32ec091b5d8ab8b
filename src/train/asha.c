/* train/asha.c - rungs and places. */
#include "config.h"
#include "train/asha.h"

#include <math.h>

int64_t lepton__asha_epoch(const struct lepton_search *search, int rung)
{
	int64_t epoch = search->min_epochs;
	for (; rung > 0 && epoch <= INT64_MAX / search->reduction_factor; rung--)
		epoch *= search->reduction_factor;
	return epoch;
}

int lepton__asha_rung(const struct lepton_search *search, int64_t epoch)
{
	for (int rung = 0; rung < LEPTON__RUNGS_MAX; rung++)
		if (lepton__asha_epoch(search, rung) == epoch)
			return rung;
	return -1;
}

size_t lepton__asha_go_on(const struct lepton_search *search, size_t n, bool closed)
{
	size_t best = n / (size_t)search->reduction_factor;
	return best == 0 && closed && n ? 1 : best;
}

bool lepton__asha_better(const struct lepton_search *search, double a, int64_t a_id, double b, int64_t b_id)
{
	if (isnan(a) || isnan(b) || !(a < b || a > b))
		return isnan(a) == isnan(b) ? a_id < b_id : isnan(b);
	return search->by_accuracy ? a > b : a < b;
}
