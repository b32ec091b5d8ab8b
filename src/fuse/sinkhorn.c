/* fuse/sinkhorn.c - Sinkhorn's iteration, by logarithms.
 *
 * The plan is exp((f[i] + g[j] - cost[i][j]) / strength), and rows and columns are put right in turn (Cuturi:
 * Sinkhorn distances, NeurIPS 2013). By logarithms, so that a small strength neither runs over nor under; it
 * is come down to in halves, each beginning where the last ended, which takes far fewer turns than beginning
 * at it. Columns are put right last: they come to 1 but for rounding, and rows to within TOLERANCE,
 * or what so many turns reach.
 */
#include "config.h"
#include "fuse/sinkhorn.h"
#include "base/memory.h"

#include <math.h>

/* A turn reads the costs twice. */
enum { WARM_TURNS = 10, TURNS = 1000, TURNS_WORTH = 20000000 /* costs read that few points may take */ };
#define TOLERANCE 1e-6

struct duals {
	size_t n;
	const double *cost;
	double strength, *f, *g;
};

/* −strength · log Σ exp((other[k] − cost) / strength) over a row (step 1) or a column (step n). */
static double soft_least(const struct duals *d, const double *cost, size_t step, const double *other)
{
	double most = -INFINITY, sum = 0;
	for (size_t k = 0; k < d->n; k++)
		most = fmax(most, other[k] - cost[k * step]);
	for (size_t k = 0; k < d->n; k++)
		sum += exp((other[k] - cost[k * step] - most) / d->strength);
	return -(most + d->strength * log(sum));
}

/* One turn; how far the rows were from 1 before it. */
static double turn(struct duals *d)
{
	double off = 0;
	for (size_t i = 0; i < d->n; i++) {
		const double f = soft_least(d, d->cost + i * d->n, 1, d->g);
		off = fmax(off, fabs(exp((d->f[i] - f) / d->strength) - 1));
		d->f[i] = f;
	}
	for (size_t j = 0; j < d->n; j++)
		d->g[j] = soft_least(d, d->cost + j, d->n, d->f);
	return off;
}

static void settle(struct duals *d, int turns)
{
	while (turns-- > 0 && turn(d) >= TOLERANCE)
		;
}

static double range_of(size_t n, const double *cost)
{
	double least = cost[0], most = cost[0];
	for (size_t i = 1; i < n * n; i++) {
		least = fmin(least, cost[i]);
		most = fmax(most, cost[i]);
	}
	return most - least;
}

int lepton__sinkhorn(size_t n, const double *cost, double strength, double *plan, struct lepton_error *err)
{
	struct duals d = {n, cost, fmax(strength, range_of(n, cost)), lepton__calloc(n, sizeof *d.f),
		lepton__calloc(n, sizeof *d.g)};
	int code = d.f && d.g ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "no memory to transport");
	for (; !code && d.strength > strength; d.strength = fmax(strength, d.strength / 2))
		settle(&d, WARM_TURNS);
	if (!code)
		settle(&d, n * n < TURNS_WORTH / TURNS ? TURNS_WORTH / (int)(n * n) : TURNS);
	for (size_t i = 0; i < n && !code; i++)
		for (size_t j = 0; j < n; j++)
			plan[i * n + j] = exp((d.f[i] + d.g[j] - cost[i * n + j]) / d.strength);
	lepton__free(d.f);
	lepton__free(d.g);
	return code;
}
