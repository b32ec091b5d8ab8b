/* data/standardize.c - Welford's way: the sum of squares stays exact where mean² would drown it. */
#include "config.h"
#include "data/standardize.h"

#include <math.h>

#define ROUNDING 1e-12 /* of the mean */

void lepton__moments_add(struct lepton__moments *moments, double value)
{
	double distance = value - moments->mean;
	moments->n++;
	moments->mean += distance / (double)moments->n;
	moments->squares += distance * (value - moments->mean);
}

/* Two sets of values as one (Chan et al.), the second all zeros. */
void lepton__moments_add_zeros(struct lepton__moments *moments, int64_t n)
{
	double a = (double)moments->n, b = (double)n, mean = moments->mean;
	if (n < 1)
		return;
	moments->squares += mean * mean * a * b / (a + b);
	moments->mean = mean * a / (a + b);
	moments->n += n;
}

double lepton__moments_scale(const struct lepton__moments *moments)
{
	double scale = moments->n ? sqrt(moments->squares / (double)moments->n) : 0;
	return scale > ROUNDING * fabs(moments->mean) ? scale : 1;
}
