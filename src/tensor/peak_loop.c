/* tensor/peak_loop.c - multiply-adds on registers and nothing else: the roof every kernel is measured
 * against. */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#define CHAINS 12 /* two units times a latency of four or five cycles, and registers to spare everywhere */

double OP(peak)(int64_t rounds)
{
	vec sum[CHAINS];
	volatile float seed = 0.5f; /* nothing may be worked out before the run */
	const vec factor = vec_set(seed), term = vec_set(seed);
	UNROLL
	for (int i = 0; i < CHAINS; i++)
		sum[i] = vec_set(seed + (float)i);
	for (int64_t r = 0; r < rounds; r++) {
		UNROLL
		for (int i = 0; i < CHAINS; i++)
			sum[i] = vec_fma(sum[i], factor, term);
	}
	vec total = sum[0];
	UNROLL
	for (int i = 1; i < CHAINS; i++)
		total = total + sum[i];
	seed = vec_sum(total);
	return 2. * CHAINS * LANES * (double)rounds;
}
