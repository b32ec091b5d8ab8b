/* compress/range_coder.c - an adaptive binary range coder.
 *
 * Arithmetic coding narrows an interval by each bit's probability; a likely bit narrows it little and so
 * costs little, down to 1/355 of a bit here, where a Huffman code stops at a whole one. This is the carrying,
 * bytewise form (G. N. N. Martin, "Range encoding", 1979) over 32 bits, as in LZMA, but a carry goes
 * straight into the bytes already written. The probabilities learn as they go: the mean of two averages, one
 * over about 16 bits and one over about 128, as VVC's CABAC does (H.266, 9.3.4.3), on which DeepCABAC builds.
 * All of it is unsigned integer arithmetic, so every machine reads the same bits. The encoder ends by writing
 * the whole of `low`; so a reader of an undamaged stream ends at its last byte with a rest of 0.
 */
#include "config.h"
#include "compress/range_coder.h"

#include <math.h>

#define NARROW (UINT32_C(1) << 24) /* below this a byte is settled */
#define QUICK 4                    /* shifts: averages over 2^4 and 2^7 bits */
#define SLOW 7
#define ONE (UINT32_C(1) << LEPTON__PROBABILITY_BITS)
#define LEAST_PROBABILITY 64u /* of 2^15: bounds what a byte can hold, so what a decoder allocates */

static uint32_t probability(struct lepton__model model)
{
	uint32_t p = ((uint32_t)model.quick + model.slow) >> 2;
	if (p < LEAST_PROBABILITY)
		return LEAST_PROBABILITY;
	return p > ONE - LEAST_PROBABILITY ? ONE - LEAST_PROBABILITY : p;
}

static void learn(struct lepton__model *model, bool bit)
{
	if (bit) {
		model->quick = (uint16_t)(model->quick + ((65535u - model->quick) >> QUICK));
		model->slow = (uint16_t)(model->slow + ((65535u - model->slow) >> SLOW));
	} else {
		model->quick = (uint16_t)(model->quick - (model->quick >> QUICK));
		model->slow = (uint16_t)(model->slow - (model->slow >> SLOW));
	}
}

/* ---- encoder ----------------------------------------------------------------------------------- */

void lepton__range_encode_start(struct lepton__range_encoder *coder, struct lepton__buffer *out)
{
	*coder = (struct lepton__range_encoder){.out = out, .start = out->size, .range = UINT32_MAX};
}

static void put(struct lepton__range_encoder *coder)
{
	uint8_t byte = (uint8_t)(coder->low >> 24);
	lepton__buffer_append(coder->out, &byte, 1);
	coder->low <<= 8;
}

/* Raise low; what runs over goes into the bytes before. The first byte cannot run over: the whole
 * interval began below 1. */
static void raise(struct lepton__range_encoder *coder, uint32_t by)
{
	coder->low += by;
	if (coder->low >= by || coder->out->failed)
		return;
	for (size_t at = coder->out->size; at-- > coder->start;) {
		uint8_t byte = (uint8_t)(coder->out->data[at] + 1);
		coder->out->data[at] = (char)byte;
		if (byte != 0)
			return;
	}
}

static void widen(struct lepton__range_encoder *coder)
{
	for (; coder->range < NARROW; coder->range <<= 8)
		put(coder);
}

void lepton__range_encode(struct lepton__range_encoder *coder, struct lepton__model *model, bool bit)
{
	uint32_t ones = (coder->range >> LEPTON__PROBABILITY_BITS) * probability(*model);
	if (bit) {
		coder->range = ones;
	} else {
		raise(coder, ones);
		coder->range -= ones;
	}
	learn(model, bit);
	widen(coder);
}

void lepton__range_encode_raw(struct lepton__range_encoder *coder, uint32_t value, int bits)
{
	while (bits > 0) {
		int some = bits < 8 ? bits : 8;
		bits -= some;
		coder->range >>= some;
		raise(coder, coder->range * (value >> bits & ((1u << some) - 1)));
		widen(coder);
	}
}

void lepton__range_encode_end(struct lepton__range_encoder *coder)
{
	for (int i = 0; i < 4; i++)
		put(coder);
}

/* ---- decoder ----------------------------------------------------------------------------------- */

void lepton__range_decode_start(struct lepton__range_decoder *coder, const uint8_t *bytes, size_t size)
{
	*coder = (struct lepton__range_decoder){.in = {.at = bytes, .left = size}, .range = UINT32_MAX};
	for (int i = 0; i < 4; i++)
		coder->code = coder->code << 8 | lepton__cursor_u8(&coder->in);
}

static void draw(struct lepton__range_decoder *coder)
{
	for (; coder->range < NARROW; coder->range <<= 8) {
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

bool lepton__range_decode(struct lepton__range_decoder *coder, struct lepton__model *model)
{
	uint32_t ones = (coder->range >> LEPTON__PROBABILITY_BITS) * probability(*model);
	bool bit = coder->code < ones;
	if (bit) {
		coder->range = ones;
	} else {
		coder->code -= ones;
		coder->range -= ones;
	}
	learn(model, bit);
	draw(coder);
	return bit;
}

/* A forged stream may hold a code beyond the interval: then the digit is cut to what fits, and the rest
 * that is left over shows at the end. */
uint32_t lepton__range_decode_raw(struct lepton__range_decoder *coder, int bits)
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
		draw(coder);
	}
	return value;
}

bool lepton__range_decode_ended(const struct lepton__range_decoder *coder)
{
	return !coder->in.failed && coder->in.left == 0 && coder->code == 0;
}

/* ---- what bits cost ---------------------------------------------------------------------------- */

void lepton__bit_costs_fill(struct lepton__bit_costs *costs)
{
	for (int i = 0; i < 512; i++)
		costs->one[i] = (float)-log2((i + 0.5) / 512);
}

float lepton__bit_cost(const struct lepton__bit_costs *costs, struct lepton__model model, bool bit)
{
	uint32_t p = probability(model) >> (LEPTON__PROBABILITY_BITS - 9);
	return costs->one[bit ? p : 511 - p];
}
