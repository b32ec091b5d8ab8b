/* store/stamp.h - the checksum at the end of each page of a database that is not sealed. */
#ifndef LEPTON_STORE_STAMP_H
#define LEPTON_STORE_STAMP_H

#include "store/page.h"

#define LEPTON__STAMP 16 /* bytes that SQLite leaves free at the end of each page */

void lepton__stamp_put(uint8_t page[LEPTON__PAGE], uint32_t number);
bool lepton__stamp_holds(const uint8_t page[LEPTON__PAGE], uint32_t number);
/* May one be put there and SQLite's checksum of the page stay what it is? */
bool lepton__stamp_is_neutral(const uint8_t page[LEPTON__PAGE]);
/* Is the database stamped of which this is the first page? Two places say so, and either is enough. */
bool lepton__stamp_is_due(const uint8_t first_page[LEPTON__PAGE]);
/* Set back the one bit by which a page differs from what was stamped; false where it is more than that. */
bool lepton__stamp_mend(uint8_t page[LEPTON__PAGE], uint32_t number, size_t *byte);

/* SQLite's sum of a log of little-endian words goes on over `size` bytes, a multiple of 8. */
void lepton__log_sum(uint32_t sum[2], const uint8_t *bytes, size_t size);
/* How many bits differ; *byte: where the last one does. */
int lepton__bits_apart(const uint8_t *a, const uint8_t *b, size_t size, size_t *byte);

#endif
