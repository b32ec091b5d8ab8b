/* base/bits.h - a number's bits as a whole number, and back; and four bytes as one. */
#ifndef LEPTON_BASE_BITS_H
#define LEPTON_BASE_BITS_H

#include <stdint.h>
#include <string.h>

static inline uint32_t lepton__float_bits(float value)
{
	uint32_t bits;
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

static inline float lepton__float_of_bits(uint32_t bits)
{
	float value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static inline uint64_t lepton__double_bits(double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

static inline double lepton__double_of_bits(uint64_t bits)
{
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

/* The highest byte first. */
static inline uint32_t lepton__big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

#endif
