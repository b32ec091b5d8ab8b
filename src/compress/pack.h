/* compress/pack.h - entropy coding of a run of bytes: kept as they are, or deflated. */
#ifndef LEPTON_COMPRESS_PACK_H
#define LEPTON_COMPRESS_PACK_H

#include "base/buffer.h"

enum { LEPTON__STORED = 0, LEPTON__DEFLATED = 1, LEPTON__RANGE_CODED = 2 /* see coded.h */ };

enum lepton__pack_effort {
	LEPTON__PACK_STORE = 0,
	LEPTON__PACK_BEST = 1,  /* string matching too */
	LEPTON__PACK_QUICK = 2, /* a Huffman code alone: four times as fast */
};

/* Append bytes to out in the shortest of the ways the effort allows; *packing says which. */
int lepton__pack(const uint8_t *bytes, size_t size, int effort, struct lepton__buffer *out,
	uint8_t *packing, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Could `packed` bytes unpack to exactly `size`? Asked before anything is allocated. */
bool lepton__unpack_plausible(uint8_t packing, uint64_t packed, uint64_t size);
/* Unpack to exactly `size` bytes; anything else is LEPTON_E_CORRUPT. */
int lepton__unpack(uint8_t packing, const uint8_t *bytes, size_t packed, uint8_t *out, size_t size,
	struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
