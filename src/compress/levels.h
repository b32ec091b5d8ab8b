/* compress/levels.h - whole numbers in two dimensions, through the range coder. */
#ifndef LEPTON_COMPRESS_LEVELS_H
#define LEPTON_COMPRESS_LEVELS_H

#include "compress/range_coder.h"

#define LEPTON__LEVEL_MOST ((int32_t)1 << 20) /* magnitude */
enum { LEPTON__LEVEL_CLASSES = 8, LEPTON__LEVEL_FLAGS = 8, LEPTON__LEVEL_PREFIX = 21 };

/* What the coder has learnt so far about one tensor. */
struct lepton__level_models {
	struct lepton__model zero_not[LEPTON__LEVEL_CLASSES], minus[3];
	struct lepton__model greater[LEPTON__LEVEL_CLASSES][LEPTON__LEVEL_FLAGS];
	struct lepton__model prefix[LEPTON__LEVEL_PREFIX];
};

/* The models a number is coded with, from the numbers before it. */
struct lepton__level_place {
	int size, sign; /* class of the neighbours' magnitudes; 0 to 2 by their signs */
};

void lepton__level_models_init(struct lepton__level_models *models);
struct lepton__level_place lepton__level_place(
	const int32_t *levels, int64_t at, int64_t column, int64_t columns);
void lepton__level_encode(struct lepton__range_encoder *coder, struct lepton__level_models *models,
	struct lepton__level_place place, int32_t level);
/* A magnitude above LEPTON__LEVEL_MOST is no level: the coder is marked failed. */
int32_t lepton__level_decode(struct lepton__range_decoder *coder, struct lepton__level_models *models,
	struct lepton__level_place place);
/* Bits `level` would cost here. */
float lepton__level_cost(const struct lepton__bit_costs *costs, const struct lepton__level_models *models,
	struct lepton__level_place place, int32_t level);
/* Append small levels as one stream. LEPTON_E_NOMEM. */
int lepton__levels_encode(const int8_t *levels, int64_t count, int64_t columns, struct lepton__buffer *out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* levels[0..count) read from one whole stream; false when it is not one. */
bool lepton__levels_decode(
	const uint8_t *bytes, size_t size, int32_t *levels, int64_t count, int64_t columns);

#endif
