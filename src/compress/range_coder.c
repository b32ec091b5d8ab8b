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
	for (; coder->range < LEPTON__RANGE_NARROW; coder->range <<= 8)
		put(coder);
}

void lepton__range_encode(struct lepton__range_encoder *coder, struct lepton__model *model, bool bit)
{
	uint32_t ones = (coder->range >> LEPTON__PROBABILITY_BITS) * lepton__probability(*model);
	if (bit) {
		coder->range = ones;
	} else {
		raise(coder, ones);
		coder->range -= ones;
	}
	lepton__model_learn(model, bit);
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

void lepton__symbols_start(struct lepton__symbols *symbols)
{
	symbols->seen = 0;
	for (uint32_t i = 1; i < LEPTON__SYMBOLS; i++)
		symbols->below[i - 1] = (uint16_t)(i * LEPTON__PROBABILITY_ONE / LEPTON__SYMBOLS);
}

void lepton__range_encode_symbol(
	struct lepton__range_encoder *coder, struct lepton__symbols *symbols, int symbol)
{
	const uint32_t low = symbol > 0 ? symbols->below[symbol - 1] : 0;
	const uint32_t high = symbol < LEPTON__SYMBOLS - 1 ? symbols->below[symbol] : LEPTON__PROBABILITY_ONE;
	coder->range >>= LEPTON__PROBABILITY_BITS;
	raise(coder, low * coder->range);
	coder->range *= high - low;
	lepton__symbols_learn(symbols, symbol);
	widen(coder);
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

bool lepton__range_decode_fits(const struct lepton__range_decoder *coder)
{
	return !coder->in.failed && coder->code == 0;
}

bool lepton__range_decode_ended(const struct lepton__range_decoder *coder)
{
	return lepton__range_decode_fits(coder) && coder->in.left == 0;
}

/* ---- what bits cost ---------------------------------------------------------------------------- */

void lepton__bit_costs_fill(struct lepton__bit_costs *costs)
{
	for (int i = 0; i < 512; i++)
		costs->one[i] = (float)-log2((i + 0.5) / 512);
}

float lepton__bit_cost(const struct lepton__bit_costs *costs, struct lepton__model model, bool bit)
{
	uint32_t p = lepton__probability(model) >> (LEPTON__PROBABILITY_BITS - 9);
	return costs->one[bit ? p : 511 - p];
}
