/* tui/forecast.c - shares of the workers, and how long things take with them. See forecast.h.
 *
 * Workers are shared as the scheduler does it: by priority, and nobody gets more than one, since a version is
 * in one slice at a time. What is over is shared among the others in the same way ("water filling"). The
 * shares hold until the next version ends, then they are worked out anew. Those whose work is not known are
 * taken to go on for ever, so that nobody is promised their part.
 */
#include "config.h"
#include "tui/forecast.h"

#include <math.h>
#include <stdbool.h>

#define MOST 256 /* more are not played through: the shares stay as they are now */

static bool ended(const struct lepton__claim *claim)
{
	return claim->left >= 0; /* not while it is NaN */
}

/* The share of each that has not ended, in workers, into `rate`. */
static void share_out(const struct lepton__claim *claims, size_t count, int workers, double *rate)
{
	double rest = workers, weights = 0;
	bool more = true;
	for (size_t i = 0; i < count; i++)
		rate[i] = ended(&claims[i]) ? 0 : -1; /* -1: still to be shared out */
	while (more) {
		more = false;
		weights = 0;
		for (size_t i = 0; i < count; i++)
			weights += rate[i] < 0 ? claims[i].priority : 0;
		double left = rest;
		for (size_t i = 0; i < count; i++)
			if (rate[i] < 0 && claims[i].priority * left >= weights) {
				rate[i] = 1;
				rest -= 1;
				more = true;
			}
	}
	for (size_t i = 0; i < count; i++)
		if (rate[i] < 0)
			rate[i] = weights > 0 && rest > 0 ? claims[i].priority * rest / weights : 0;
}

/* Play on to the next end; false when nothing more ends. */
static bool next_end(
	struct lepton__claim *claims, size_t count, const double *rate, double *work, double *now)
{
	double step = INFINITY;
	for (size_t i = 0; i < count; i++)
		if (!ended(&claims[i]) && isfinite(work[i]) && rate[i] > 0)
			step = fmin(step, work[i] / rate[i]);
	if (!isfinite(step))
		return false;
	*now += step;
	for (size_t i = 0; i < count; i++) {
		if (ended(&claims[i]) || !isfinite(work[i]))
			continue;
		work[i] -= step * rate[i];
		if (work[i] <= 1e-9 * claims[i].work)
			claims[i].left = *now;
	}
	return true;
}

static double simple(struct lepton__claim *claims, size_t count, int workers)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		claims[i].left =
			claims[i].share > 0 ? claims[i].work / (claims[i].share * workers) : (double)NAN;
		sum += isfinite(claims[i].work) ? claims[i].work : 0;
	}
	return sum / workers;
}

double lepton__forecast(struct lepton__claim *claims, size_t count, int workers, size_t *unknown)
{
	double rate[MOST], work[MOST], now = 0, weights = 0;
	workers = workers > 0 ? workers : 1;
	*unknown = 0;
	for (size_t i = 0; i < count; i++) {
		claims[i].left = (double)NAN;
		*unknown += !isfinite(claims[i].work);
		weights += claims[i].priority;
	}
	if (count > MOST) {
		for (size_t i = 0; i < count; i++)
			claims[i].share = claims[i].priority / weights;
		return simple(claims, count, workers);
	}
	share_out(claims, count, workers, rate);
	for (size_t i = 0; i < count; i++) {
		claims[i].share = rate[i] / workers;
		work[i] = claims[i].work;
	}
	while (next_end(claims, count, rate, work, &now))
		share_out(claims, count, workers, rate);
	return now;
}
