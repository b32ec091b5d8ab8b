/* compress/envelope.h - what surrounds every compressed payload: who can read it, and is it whole. */
#ifndef LEPTON_COMPRESS_ENVELOPE_H
#define LEPTON_COMPRESS_ENVELOPE_H

#include "lepton/tensor.h"

struct lepton__envelope {
	char method[LEPTON_NAME_MAX];
	char base_hash[LEPTON_HASH_HEX]; /* "" for none */
	const uint8_t *payload;          /* inside the blob when opened */
	size_t size;
};

/* *blob is a new set with one U8 tensor named "blob". */
int lepton__envelope_seal(const struct lepton__envelope *envelope, struct lepton_params **blob,
	struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__envelope_open(const void *blob, size_t size, struct lepton__envelope *out,
	struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
