/* model/kmeans.h - the few numbers that stand best for many. */
#ifndef LEPTON_MODEL_KMEANS_H
#define LEPTON_MODEL_KMEANS_H

#include "lepton/error.h"
#include <stdbool.h>
#include <stdint.h>

/* At most `wanted` centroids of the values that are not 0, ascending, none 0; *found says how many (0 when
 * all values are 0). No more different values than that are their own centroids. */
int lepton__kmeans(const float *values, int64_t count, uint32_t wanted, float *centroids, uint32_t *found,
	struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
