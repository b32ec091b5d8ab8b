/* model/smallest.h - the smallest of many weights become zero: what pruning does, while a network trains and after. */
#ifndef LEPTON_MODEL_SMALLEST_H
#define LEPTON_MODEL_SMALLEST_H

#include <stdint.h>

struct lepton__weights_span {
	float *at;
	int64_t count;
};

/* Of all weights of some spans together, sparsity (0 to 1) are zero afterwards, the smallest magnitudes, and the first among
 * equals; how many those are. sizes: scratch, a number for each weight. */
int64_t lepton__zero_smallest(const struct lepton__weights_span *span, int spans, double sparsity, float *sizes);

#endif
