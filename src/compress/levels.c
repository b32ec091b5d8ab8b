/* compress/levels.c - DeepCABAC's binarisation of quantised weights.
 *
 * A level becomes a row of yes-or-no questions: not zero? negative? greater than 1, 2, … 8? and what is left
 * beyond that as an exponential Golomb code. Each question has its own model, which learns its odds, so the
 * code fits whatever distribution the tensor has with no table to send (Wiegand, Samek et al., "DeepCABAC",
 * 2019). Large weights have large neighbours: in a dense kernel a row is one input, a column one unit, and an
 * input that never matters leaves a row near zero. So the models are chosen by the two numbers to the left
 * and the two above, which the decoder knows too: by their magnitudes together, and by their signs.
 */
#include "config.h"
#include "compress/levels.h"
#include "base/memory.h"

#include <stdlib.h>

void lepton__level_models_init(struct lepton__level_models *models)
{
	for (int c = 0; c < LEPTON__LEVEL_CLASSES; c++) {
		models->zero_not[c] = lepton__model_even;
		for (int f = 0; f < LEPTON__LEVEL_FLAGS; f++)
			models->greater[c][f] = lepton__model_even;
	}
	for (int i = 0; i < 3; i++)
		models->minus[i] = lepton__model_even;
	for (int i = 0; i < LEPTON__LEVEL_PREFIX; i++)
		models->prefix[i] = lepton__model_even;
}

struct lepton__level_place lepton__level_place(
	const int32_t *levels, int64_t at, int64_t column, int64_t columns)
{
	static const uint8_t classes[16] = {0, 1, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 6, 7};
	int32_t left = column > 0 ? levels[at - 1] : 0, further = column > 1 ? levels[at - 2] : 0;
	int32_t up = at >= columns ? levels[at - columns] : 0;
	int32_t higher = at >= 2 * columns ? levels[at - 2 * columns] : 0;
	int32_t sum = abs(left) + abs(further) + abs(up) + abs(higher);
	int sign = (left > 0) - (left < 0) + (up > 0) - (up < 0);
	return (struct lepton__level_place){.size = classes[sum < 15 ? sum : 15],
		.sign = sign < 0   ? 0
			: sign > 0 ? 2
				   : 1};
}

/* The remainder r as 2^n - 1 + n raw bits, n in unary; n is at most 20. */
static int golomb_bits(uint32_t rest)
{
	int bits = 0;
	while ((UINT32_C(2) << bits) - 1 <= rest)
		bits++;
	return bits;
}

void lepton__level_encode(struct lepton__range_encoder *coder, struct lepton__level_models *models,
	struct lepton__level_place place, int32_t level)
{
	uint32_t size = (uint32_t)abs(level);
	lepton__range_encode(coder, &models->zero_not[place.size], size > 0);
	if (size == 0)
		return;
	lepton__range_encode(coder, &models->minus[place.sign], level < 0);
	for (uint32_t f = 0; f < LEPTON__LEVEL_FLAGS; f++) {
		lepton__range_encode(coder, &models->greater[place.size][f], size > f + 1);
		if (size <= f + 1)
			return;
	}
	uint32_t rest = size - LEPTON__LEVEL_FLAGS - 1;
	int bits = golomb_bits(rest);
	for (int i = 0; i < bits; i++)
		lepton__range_encode(coder, &models->prefix[i], true);
	if (bits < LEPTON__LEVEL_PREFIX - 1)
		lepton__range_encode(coder, &models->prefix[bits], false);
	lepton__range_encode_raw(coder, rest - ((UINT32_C(1) << bits) - 1), bits);
}

static uint32_t decode_size(
	struct lepton__range_decoder *coder, struct lepton__level_models *models, int class)
{
	int bits = 0;
	for (uint32_t f = 0; f < LEPTON__LEVEL_FLAGS; f++)
		if (!lepton__range_decode(coder, &models->greater[class][f]))
			return f + 1;
	while (bits < LEPTON__LEVEL_PREFIX - 1 && lepton__range_decode(coder, &models->prefix[bits]))
		bits++;
	return LEPTON__LEVEL_FLAGS + (UINT32_C(1) << bits) + lepton__range_decode_raw(coder, bits);
}

int32_t lepton__level_decode(struct lepton__range_decoder *coder, struct lepton__level_models *models,
	struct lepton__level_place place)
{
	if (!lepton__range_decode(coder, &models->zero_not[place.size]))
		return 0;
	bool minus = lepton__range_decode(coder, &models->minus[place.sign]);
	uint32_t size = decode_size(coder, models, place.size);
	if (size > (uint32_t)LEPTON__LEVEL_MOST) {
		coder->in.failed = true;
		return 0;
	}
	return minus ? -(int32_t)size : (int32_t)size;
}

float lepton__level_cost(const struct lepton__bit_costs *costs, const struct lepton__level_models *models,
	struct lepton__level_place place, int32_t level)
{
	uint32_t size = (uint32_t)abs(level);
	float cost = lepton__bit_cost(costs, models->zero_not[place.size], size > 0);
	if (size == 0)
		return cost;
	cost += lepton__bit_cost(costs, models->minus[place.sign], level < 0);
	for (uint32_t f = 0; f < LEPTON__LEVEL_FLAGS; f++) {
		cost += lepton__bit_cost(costs, models->greater[place.size][f], size > f + 1);
		if (size <= f + 1)
			return cost;
	}
	int bits = golomb_bits(size - LEPTON__LEVEL_FLAGS - 1);
	for (int i = 0; i < bits; i++)
		cost += lepton__bit_cost(costs, models->prefix[i], true);
	if (bits < LEPTON__LEVEL_PREFIX - 1)
		cost += lepton__bit_cost(costs, models->prefix[bits], false);
	return cost + (float)bits;
}

int lepton__levels_encode(const int8_t *levels, int64_t count, int64_t columns, struct lepton__buffer *out,
	struct lepton_error *err)
{
	struct lepton__range_encoder coder;
	struct lepton__level_models models;
	int32_t *wide = lepton__malloc((size_t)count * sizeof *wide);
	if (!wide)
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "no memory to code %lld weights", (long long)count);
	lepton__level_models_init(&models);
	lepton__range_encode_start(&coder, out);
	for (int64_t at = 0; at < count; at++) {
		wide[at] = levels[at];
		struct lepton__level_place place = lepton__level_place(wide, at, at % columns, columns);
		lepton__level_encode(&coder, &models, place, wide[at]);
	}
	lepton__range_encode_end(&coder);
	lepton__free(wide);
	return out->failed ? lepton_error_set(err, LEPTON_E_NOMEM, "no memory for compressed weights")
			   : LEPTON_OK;
}

bool lepton__levels_decode(const uint8_t *bytes, size_t size, int32_t *levels, int64_t count, int64_t columns)
{
	struct lepton__range_decoder coder;
	struct lepton__level_models models;
	lepton__level_models_init(&models);
	lepton__range_decode_start(&coder, bytes, size);
	for (int64_t at = 0, column = 0; at < count && !coder.in.failed; at++) {
		levels[at] = lepton__level_decode(
			&coder, &models, lepton__level_place(levels, at, column, columns));
		column = column + 1 < columns ? column + 1 : 0;
	}
	return lepton__range_decode_ended(&coder);
}
