/* compress/range_coder.h - bits to bytes at the price of their surprise, and back; integers only. */
#ifndef LEPTON_COMPRESS_RANGE_CODER_H
#define LEPTON_COMPRESS_RANGE_CODER_H

#include "base/buffer.h"

#define LEPTON__PROBABILITY_BITS 15
#define LEPTON__RANGE_MOST_BINS 3000u /* no byte of a stream holds more adaptive bits; see FORMAT.md */

/* How likely the next bit of one kind is a 1: the mean of a quick and a slow average, each of 16 bits. */
struct lepton__model {
	uint16_t quick, slow;
};
static const struct lepton__model lepton__model_even = {1u << 15, 1u << 15};

struct lepton__range_encoder {
	struct lepton__buffer *out; /* faults stick there */
	size_t start;               /* where in it this stream begins */
	uint32_t low, range;
};

struct lepton__range_decoder {
	struct lepton__cursor in; /* `failed` once a byte past the end was asked for */
	uint32_t code, range;
};

/* What a bit costs, by the probability of a 1 in steps of 1/512: for encoders that weigh their choices. */
struct lepton__bit_costs {
	float one[512];
};

void lepton__range_encode_start(struct lepton__range_encoder *coder, struct lepton__buffer *out);
void lepton__range_encode(struct lepton__range_encoder *coder, struct lepton__model *model, bool bit);
void lepton__range_encode_raw(
	struct lepton__range_encoder *coder, uint32_t value, int bits); /* bits 0 to 32 */
void lepton__range_encode_end(struct lepton__range_encoder *coder);

void lepton__range_decode_start(struct lepton__range_decoder *coder, const uint8_t *bytes, size_t size);
bool lepton__range_decode(struct lepton__range_decoder *coder, struct lepton__model *model);
uint32_t lepton__range_decode_raw(struct lepton__range_decoder *coder, int bits);
/* Were exactly the bytes of one whole stream read? */
bool lepton__range_decode_ended(const struct lepton__range_decoder *coder);

void lepton__bit_costs_fill(struct lepton__bit_costs *costs);
float lepton__bit_cost(const struct lepton__bit_costs *costs, struct lepton__model model, bool bit);

#endif
