/* store/page.h - one page of the database, sealed in place. */
#ifndef LEPTON_STORE_PAGE_H
#define LEPTON_STORE_PAGE_H

#include "store/vault.h"

#include <stddef.h>

#define LEPTON__PAGE 4096
#define LEPTON__PAGE_EXTRA 40 /* nonce and tag: bytes that SQLite leaves free at the end of each page */
#define LEPTON__FRAME_HEAD 24 /* of a page in the write-ahead log */
#define LEPTON__FRAME (LEPTON__FRAME_HEAD + LEPTON__PAGE)

/* Where a page belongs: in the database by its offset (head NULL), in the log by offset and frame's head. False:
 * its last bytes, which are ours, are in use. */
bool lepton__page_seal(const struct lepton__vault *vault, uint64_t offset, const uint8_t *head, const uint8_t plain[LEPTON__PAGE],
	uint8_t out[LEPTON__PAGE]);
/* In place. False: it is not what was sealed for this place. A page of zeros was never written, and stays one. */
bool lepton__page_open(const struct lepton__vault *vault, uint64_t offset, const uint8_t *head, uint8_t page[LEPTON__PAGE]);
/* Cover, or uncover, the checksum in a frame's head: SQLite's, over what the page holds. In place. */
void lepton__frame_cover(const struct lepton__vault *vault, uint64_t offset, uint8_t head[LEPTON__FRAME_HEAD]);
/* Bytes of a temporary file, from `offset` on, in place: the same call covers and uncovers. */
void lepton__stream_cover(const struct lepton__vault *vault, const uint8_t nonce[24], uint64_t offset, uint8_t *bytes, size_t size);

#endif
