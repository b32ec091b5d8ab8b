/* compress/sparse.c - pruned weights that stay float32, through the range coder.
 *
 * Where zeros are kept costs as much as how many there are, so no list of places is written: each number
 * begins with the question whether it is zero, and the model that answers is chosen by how many of the two
 * numbers to the left and the two above are not. What is not zero goes bit by bit: the sign, then the
 * exponent down a tree of 255 models, since weights of one layer use few exponents, then the 23 bits of
 * the fraction, which nothing predicts. All of it is lossless; a negative zero is a number like others.
 */
#include "config.h"
#include "base/bits.h"
#include "compress/sparse.h"
#include "compress/range_coder.h"

#include <math.h>
#include <string.h>

#define FRACTION_BITS 23

struct models {
	struct lepton__model zero_not[5], exponent[256];
};

static void models_init(struct models *models)
{
	for (int i = 0; i < 5; i++)
		models->zero_not[i] = lepton__model_even;
	for (int i = 0; i < 256; i++)
		models->exponent[i] = lepton__model_even;
}

static int neighbours(const float *values, int64_t at, int64_t column, int64_t columns)
{
	return (column > 0 && lepton__float_bits(values[at - 1])) +
	       (column > 1 && lepton__float_bits(values[at - 2])) +
	       (at >= columns && lepton__float_bits(values[at - columns])) +
	       (at >= 2 * columns && lepton__float_bits(values[at - 2 * columns]));
}

static void encode_one(struct lepton__range_encoder *coder, struct models *models, uint32_t bits)
{
	uint32_t node = 1;
	lepton__range_encode_raw(coder, bits >> 31, 1);
	for (int i = 7; i >= 0; i--) {
		bool bit = bits >> (FRACTION_BITS + i) & 1;
		lepton__range_encode(coder, &models->exponent[node], bit);
		node = node << 1 | bit;
	}
	lepton__range_encode_raw(coder, bits & ((1u << FRACTION_BITS) - 1), FRACTION_BITS);
}

void lepton__sparse_encode(const float *values, int64_t count, int64_t columns, struct lepton__buffer *out)
{
	struct lepton__range_encoder coder;
	struct models models;
	models_init(&models);
	lepton__range_encode_start(&coder, out);
	for (int64_t at = 0; at < count; at++) {
		uint32_t bits = lepton__float_bits(values[at]);
		int near = neighbours(values, at, at % columns, columns);
		lepton__range_encode(&coder, &models.zero_not[near], bits != 0);
		if (bits)
			encode_one(&coder, &models, bits);
	}
	lepton__range_encode_end(&coder);
}

static float decode_one(struct lepton__range_decoder *coder, struct models *models)
{
	uint32_t bits = lepton__range_decode_raw(coder, 1), node = 1;
	for (int i = 0; i < 8; i++)
		node = node << 1 | lepton__range_decode(coder, &models->exponent[node]);
	bits = bits << 8 | (node & 255);
	bits = bits << FRACTION_BITS | lepton__range_decode_raw(coder, FRACTION_BITS);
	return lepton__float_of_bits(bits);
}

bool lepton__sparse_decode(const uint8_t *bytes, size_t size, float *values, int64_t count, int64_t columns)
{
	struct lepton__range_decoder coder;
	struct models models;
	bool finite = true;
	models_init(&models);
	lepton__range_decode_start(&coder, bytes, size);
	for (int64_t at = 0; at < count && finite && !coder.in.failed; at++) {
		int near = neighbours(values, at, at % columns, columns);
		bool there = lepton__range_decode(&coder, &models.zero_not[near]);
		values[at] = there ? decode_one(&coder, &models) : 0;
		finite = isfinite(values[at]);
	}
	return finite && lepton__range_decode_ended(&coder);
}
