/* data/block.h - a run of bytes that never change: a mapped file, or memory of our own. */
#ifndef LEPTON_DATA_BLOCK_H
#define LEPTON_DATA_BLOCK_H

#include "lepton/error.h"
#include <stdint.h>

struct lepton__block { /* zeroed: empty */
	const uint8_t *bytes;
	size_t size;
	void *mapping; /* to be unmapped, or NULL */
	void *memory;  /* to be freed, or NULL */
};

/* Map a plain file. LEPTON_E_NOTFOUND when there is none (without a sentence: the caller tries other
 * names), LEPTON_E_IO, LEPTON_E_DATA when it is no regular file. An empty file is an empty block. */
int lepton__block_map(const char *path, struct lepton__block *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Own memory of `size` bytes, to be filled through *bytes. LEPTON_E_NOMEM. */
int lepton__block_new(size_t size, struct lepton__block *out, uint8_t **bytes, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Own memory with a copy of `size` bytes. LEPTON_E_NOMEM. */
int lepton__block_copy(const void *from, size_t size, struct lepton__block *out, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__block_free(struct lepton__block *block);

#endif
