/* data/order.c - the order in which an epoch sees the samples.
 *
 * Fisher and Yates's shuffle driven by Philox with the version's seed as key and the epoch as
 * stream: any epoch's order can be made at any time, without the ones before it, so a version that
 * was killed in epoch 7 goes on in epoch 7's order. Other uses of the same key keep to streams with
 * a high bit set. The result is part of the project's promise of bit-identical training: it must
 * never change (tests/test_data.c holds a golden order).
 */
#include "config.h"
#include "lepton/data.h"
#include "tensor/kernels.h"

#include <assert.h>

void lepton_epoch_order(uint64_t seed, int64_t epoch, uint32_t *order, int64_t n)
{
	assert(n >= 0 && n <= UINT32_MAX);
	struct lepton__rng rng;
	lepton__rng_init(&rng, seed, (uint64_t)epoch);
	for (int64_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	for (int64_t i = n - 1; i > 0; i--) {
		uint32_t j = lepton__rng_below(&rng, (uint32_t)i + 1);
		uint32_t kept = order[i];
		order[i] = order[j];
		order[j] = kept;
	}
}
