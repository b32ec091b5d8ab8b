/* compress/digits.c - writing them; reading is in the header, where it runs without calls. */
#include "config.h"
#include "compress/digits.h"

void lepton__digits_out_start(struct lepton__digits_out *digits, size_t most_bytes)
{
	*digits = (struct lepton__digits_out){.held = 0};
	lepton__buffer_init(&digits->bytes, most_bytes);
}

void lepton__digits_put(struct lepton__digits_out *digits, uint32_t value, int bits)
{
	digits->held |= (uint64_t)value << digits->count;
	for (digits->count += bits; digits->count >= 8; digits->count -= 8, digits->held >>= 8) {
		const uint8_t byte = (uint8_t)digits->held;
		lepton__buffer_append(&digits->bytes, &byte, 1);
	}
}

void lepton__digits_out_end(struct lepton__digits_out *digits, struct lepton__buffer *out)
{
	if (digits->count > 0)
		lepton__digits_put(digits, 0, 8 - digits->count);
	for (size_t i = digits->bytes.size; i-- > 0;)
		lepton__buffer_append(out, &digits->bytes.data[i], 1);
	out->failed = out->failed || digits->bytes.failed;
	lepton__buffer_free(&digits->bytes);
}
