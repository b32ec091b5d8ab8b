/* compress/record.h - one line of a payload's table of tensors, and its checks. */
#ifndef LEPTON_COMPRESS_RECORD_H
#define LEPTON_COMPRESS_RECORD_H

#include "base/buffer.h"
#include "lepton/tensor.h"

#define LEPTON__RECORD_LEAST                                                                                 \
	(2 + 1 + 1 + 4 + 4 + 4 + 4) /* bytes of the shortest record: a scalar with a name of one byte */

#define LEPTON__BOOK_MOST 65536 /* numbers in a code book */

struct lepton__record {
	char name[LEPTON_NAME_MAX];
	struct lepton_shape shape;
	int64_t values; /* product of the shape, checked */
	uint8_t predictor, coding, bits, packing;
	uint32_t alphas, scales; /* floats before the codes */
	uint32_t section;        /* bytes in all: alphas, scales, packed codes */
};

void lepton__record_write(struct lepton__buffer *out, const struct lepton__record *record);
/* Reads one and refuses whatever could not have been written, LEPTON_E_CORRUPT. */
int lepton__record_read(
	struct lepton__cursor *in, struct lepton__record *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Bytes of the record's codes once unpacked. */
static inline uint64_t lepton__record_code_bytes(const struct lepton__record *record)
{
	return (uint64_t)record->values * (record->bits / 8u);
}
static inline uint32_t lepton__record_head_bytes(const struct lepton__record *record)
{
	return 4 * (record->alphas + record->scales);
}

#endif
