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

/* How likely each of 33 symbols is, as what lies below the second to the last of them, of 2^15; and how often
 * one came, to 255. */
#define LEPTON__SYMBOLS 33
struct lepton__symbols {
	uint16_t below[LEPTON__SYMBOLS - 1];
	uint8_t seen;
};

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
void lepton__range_encode_symbol(
	struct lepton__range_encoder *coder, struct lepton__symbols *symbols, int symbol);
void lepton__range_encode_end(struct lepton__range_encoder *coder);

void lepton__range_decode_start(struct lepton__range_decoder *coder, const uint8_t *bytes, size_t size);
/* Does no rest show that a stream was forged? It may have bytes of something else behind it. */
bool lepton__range_decode_fits(const struct lepton__range_decoder *coder);
/* Were exactly the bytes of one whole stream read? */
bool lepton__range_decode_ended(const struct lepton__range_decoder *coder);

/* ---- a decoder spends its time in these: they are here so that they run without calls ---- */

#define LEPTON__RANGE_NARROW (UINT32_C(1) << 24) /* below this a byte is settled */
#define LEPTON__QUICK 4                    /* shifts: averages over 2^4 and 2^7 bits */
#define LEPTON__SLOW 7
#define LEPTON__PROBABILITY_ONE (UINT32_C(1) << LEPTON__PROBABILITY_BITS)
#define LEPTON__LEAST_PROBABILITY 64u /* of 2^15: bounds what a byte can hold, so what a decoder allocates */

#define LEPTON__LEAST_SYMBOL 4 /* likewise, of each of the symbols */

static inline uint32_t lepton__probability(struct lepton__model model)
{
	uint32_t p = ((uint32_t)model.quick + model.slow) >> 2;
	if (p < LEPTON__LEAST_PROBABILITY)
		return LEPTON__LEAST_PROBABILITY;
	return p > LEPTON__PROBABILITY_ONE - LEPTON__LEAST_PROBABILITY ? LEPTON__PROBABILITY_ONE - LEPTON__LEAST_PROBABILITY : p;
}

/* Without branches, which nobody could foresee: 65535 - x is x with all bits turned. */
static inline uint16_t lepton__toward(uint16_t average, uint32_t ones, int shift)
{
	const uint32_t step = (average ^ (ones & 65535u)) >> shift;
	return (uint16_t)(average + ((step ^ ~ones) - ~ones));
}

static inline void lepton__model_learn(struct lepton__model *model, bool bit)
{
	const uint32_t ones = (uint32_t)0 - bit;
	model->quick = lepton__toward(model->quick, ones, LEPTON__QUICK);
	model->slow = lepton__toward(model->slow, ones, LEPTON__SLOW);
}

static inline void lepton__range_draw(struct lepton__range_decoder *coder)
{
	for (; coder->range < LEPTON__RANGE_NARROW; coder->range <<= 8) {
		uint8_t byte = 0;
		if (coder->in.left > 0) {
			byte = *coder->in.at++;
			coder->in.left--;
		} else {
			coder->in.failed = true;
		}
		coder->code = coder->code << 8 | byte;
	}
}

static inline bool lepton__range_decode(struct lepton__range_decoder *coder, struct lepton__model *model)
{
	uint32_t ones = (coder->range >> LEPTON__PROBABILITY_BITS) * lepton__probability(*model);
	const bool bit = coder->code < ones;
	const uint32_t zero = (uint32_t)bit - 1; /* all bits where it is 0 */
	coder->code -= ones & zero;
	coder->range = (ones & ~zero) | ((coder->range - ones) & zero);
	lepton__model_learn(model, bit);
	lepton__range_draw(coder);
	return bit;
}

void lepton__symbols_start(struct lepton__symbols *symbols); /* all alike */

/* All that lies below moves a part of the way to where it would be were this symbol alone, each other one with
 * LEAST: so none loses its place. The part is larger at first. */
static inline void lepton__symbols_learn(struct lepton__symbols *symbols, int symbol)
{
	const int shift = symbols->seen < 8 ? 3 : symbols->seen < 32 ? 4 : symbols->seen < 128 ? 5 : 6;
	for (int i = 0; i < LEPTON__SYMBOLS - 1; i++) {
		const int least = (i + 1) * LEPTON__LEAST_SYMBOL;
		const int beyond = i < symbol ? 0 : (int)LEPTON__PROBABILITY_ONE - LEPTON__SYMBOLS * LEPTON__LEAST_SYMBOL;
		const int16_t step = (int16_t)(least + beyond - symbols->below[i]);
		symbols->below[i] = (uint16_t)(symbols->below[i] + (step >> shift));
	}
	symbols->seen = (uint8_t)(symbols->seen + (symbols->seen < UINT8_MAX));
}

static inline int lepton__range_decode_symbol(
	struct lepton__range_decoder *coder, struct lepton__symbols *symbols)
{
	coder->range >>= LEPTON__PROBABILITY_BITS;
	uint32_t at = coder->code / coder->range;
	at = at < LEPTON__PROBABILITY_ONE ? at : LEPTON__PROBABILITY_ONE - 1;
	int16_t count = 0;
	for (int i = 0; i < LEPTON__SYMBOLS - 1; i++)
		count = (int16_t)(count + (symbols->below[i] <= (uint16_t)at));
	const uint32_t low = count ? symbols->below[count - 1] : 0;
	const uint32_t high = count < LEPTON__SYMBOLS - 1 ? symbols->below[count] : LEPTON__PROBABILITY_ONE;
	coder->code -= low * coder->range;
	coder->range *= high - low;
	lepton__symbols_learn(symbols, count);
	lepton__range_draw(coder);
	return count;
}

/* A forged stream may hold a code beyond the interval: then the digit is cut to what fits, and the rest
 * that is left over shows at the end. */
static inline uint32_t lepton__range_decode_raw(struct lepton__range_decoder *coder, int bits)
{
	uint32_t value = 0;
	while (bits > 0) {
		int some = bits < 8 ? bits : 8;
		bits -= some;
		coder->range >>= some;
		uint32_t digit = coder->code / coder->range, most = (1u << some) - 1;
		digit = digit < most ? digit : most;
		coder->code -= digit * coder->range;
		value = value << some | digit;
		lepton__range_draw(coder);
	}
	return value;
}

void lepton__bit_costs_fill(struct lepton__bit_costs *costs);
float lepton__bit_cost(const struct lepton__bit_costs *costs, struct lepton__model model, bool bit);

#endif
