/* model_hash.h - a learner's weights as one hash: for tests that the bits are the same. */
#ifndef MODEL_HASH_H
#define MODEL_HASH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lepton/model.h"

static inline void hash_of(struct lepton_learner *learner, char out[LEPTON_HASH_HEX])
{
	struct lepton_params *weights;
	assert_int_equal(learner->ops->weights(learner, &weights, NULL), 0);
	lepton_params_hash(weights, out);
	lepton_params_release(weights);
}

#endif
