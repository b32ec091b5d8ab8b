/* compress/digits.h - bits of which nothing is known, as they are, from the end of a section backwards.
 *
 * The range coder's bytes come from the front, and the two meet: no length is written. The first digit is the
 * lowest bit of the last byte.
 */
#ifndef LEPTON_COMPRESS_DIGITS_H
#define LEPTON_COMPRESS_DIGITS_H

#include "base/buffer.h"

struct lepton__digits_out {
	struct lepton__buffer bytes; /* the last one first */
	uint64_t held;
	int count; /* of bits held */
};

struct lepton__digits_in {
	const uint8_t *start, *at; /* the next byte is the one before `at` */
	uint64_t held;
	int count;
	bool failed; /* more was asked for than there is */
};

void lepton__digits_out_start(struct lepton__digits_out *digits, size_t most_bytes);
void lepton__digits_put(struct lepton__digits_out *digits, uint32_t value, int bits); /* bits 0 to 32 */
/* Append all to `out`, which sticks to a fault of either, and let go of the memory. */
void lepton__digits_out_end(struct lepton__digits_out *digits, struct lepton__buffer *out);

static inline void lepton__digits_in_start(struct lepton__digits_in *digits, const uint8_t *bytes, size_t size)
{
	*digits = (struct lepton__digits_in){.start = bytes, .at = bytes + size};
}

static inline uint32_t lepton__digits_take(struct lepton__digits_in *digits, int bits)
{
	for (; digits->count < bits; digits->count += 8) {
		if (digits->at > digits->start)
			digits->held |= (uint64_t)*--digits->at << digits->count;
		else
			digits->failed = true;
	}
	const uint32_t value = (uint32_t)(digits->held & ((UINT64_C(1) << bits) - 1));
	digits->held >>= bits;
	digits->count -= bits;
	return value;
}

/* Were all bytes from `front` on taken, and no more, and is what fills the last of them 0? */
static inline bool lepton__digits_ended(const struct lepton__digits_in *digits, const uint8_t *front)
{
	return !digits->failed && digits->at == front && digits->count < 8 && digits->held == 0;
}

#endif
