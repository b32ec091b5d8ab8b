/* data/deal.h - which rows of a table train, in which order, and which test. */
#ifndef LEPTON_DATA_DEAL_H
#define LEPTON_DATA_DEAL_H

#include "lepton/error.h"
#include <stdint.h>

#define LEPTON__TEST_SPLIT 0.2 /* share for the test where nothing is said */

struct lepton__deal {
	uint32_t *place; /* of each row, in its part */
	uint8_t *test;   /* 1: in the test part */
	int64_t train_count, test_count;
};

/* `label` (below `classes`) of each of n rows; NULL: rows have none. `share` of them for the test; 0: none. LEPTON_E_NOMEM. */
int lepton__deal(int64_t n, const uint8_t *label, int classes, double share, uint64_t seed, struct lepton__deal *out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__deal_free(struct lepton__deal *deal);

#endif
