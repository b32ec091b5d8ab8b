/* Small sets of weights for the tests of compress and fuse, from a generator that the oracle scripts
 * repeat: x ← 1664525·x + 1013904223 mod 2^32, number = (x >> 8) / 2^24 - 0.5, exact in a float. */
#ifndef LEPTON_TESTS_COMPRESS_MAKE_H
#define LEPTON_TESTS_COMPRESS_MAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lepton/tensor.h"

static inline float next_number(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (float)(*state >> 8) / 16777216.0f - 0.5f;
}

/* What a small network has: a convolution, a dense layer, their biases. */
static const struct lepton_tensor small_net[] = {
	{.name = "conv2d/kernel", .dtype = LEPTON_F32, .shape = {4, {3, 3, 1, 5}}},
	{.name = "conv2d/bias", .dtype = LEPTON_F32, .shape = {1, {5}}},
	{.name = "dense/kernel", .dtype = LEPTON_F32, .shape = {2, {40, 7}}},
	{.name = "dense/bias", .dtype = LEPTON_F32, .shape = {1, {7}}},
};
#define SMALL_NET (sizeof small_net / sizeof *small_net)

static inline struct lepton_params *make_zeros(const struct lepton_tensor *like, size_t count)
{
	struct lepton_params *made = NULL;
	struct lepton_error err;
	assert_int_equal(lepton_params_new(like, count, &made, &err), 0);
	return made;
}

static inline struct lepton_params *make_random(const struct lepton_tensor *like, size_t count, uint32_t seed)
{
	struct lepton_params *made = make_zeros(like, count);
	for (size_t t = 0; t < count; t++) {
		float *to = lepton_params_data(made, t);
		for (int64_t i = 0; i < lepton_shape_count(&like[t].shape); i++)
			to[i] = next_number(&seed);
	}
	return made;
}

/* from·factor + noise·number: a version that shares from's past. */
static inline struct lepton_params *make_near(
	const struct lepton_params *from, float factor, float noise, uint32_t seed)
{
	struct lepton_params *made = NULL;
	struct lepton_error err;
	assert_int_equal(lepton_params_copy(from, &made, &err), 0);
	for (size_t t = 0; t < lepton_params_count(made); t++) {
		float *to = lepton_params_data(made, t);
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(made, t)->shape); i++)
			to[i] = to[i] * factor + noise * next_number(&seed);
	}
	return made;
}

/* One tensor "k". */
static inline struct lepton_params *make_one(struct lepton_shape shape, const float *values)
{
	struct lepton_tensor like = {.name = "k", .dtype = LEPTON_F32, .shape = shape};
	struct lepton_params *made = make_zeros(&like, 1);
	float *to = lepton_params_data(made, 0);
	for (int64_t i = 0; i < lepton_shape_count(&shape); i++)
		to[i] = values[i];
	return made;
}

static inline const float *numbers(const struct lepton_params *params, size_t t)
{
	return lepton_params_at(params, t)->data;
}

#endif
