/* tensor/peak.c - measuring the arithmetic peak.
 *
 * The tables' `peak` runs multiply-adds on registers only, enough of them independent to hide their
 * latency. A core shared with others is slowed now and then, so the best of many short runs counts.
 */
#include "config.h"
#include "tensor/peak.h"

#include "base/clock.h"

#include <stdint.h>

#define ROUNDS 20000

double lepton__peak_flops(const struct lepton__kernels *k, double seconds)
{
	const double end = lepton__monotonic() + seconds;
	double best = 0, now;
	do {
		const double start = lepton__monotonic();
		const double flops = k->peak(ROUNDS);
		now = lepton__monotonic();
		if (now > start && flops / (now - start) > best)
			best = flops / (now - start);
	} while (now < end);
	return best;
}
