/* data/gunzip.h - inflate gzip bytes into room of a known size. */
#ifndef LEPTON_DATA_GUNZIP_H
#define LEPTON_DATA_GUNZIP_H

#include "lepton/error.h"
#include <stdbool.h>
#include <stdint.h>

/* No deflate stream grows by more than this: a block of 258-byte copies at 2 bits each. */
#define LEPTON__GUNZIP_MAX_RATIO 1032

/* Inflate the first `room` bytes of `in` into `out`; *got is how many came. *more: the stream holds
 * more than `room`; otherwise all of it was read and its checksum is right. Several members behind
 * each other are one stream, as gzip has it. `path` is for messages.
 * LEPTON_E_DATA: not gzip, cut short, damaged. LEPTON_E_NOMEM. */
int lepton__gunzip(const char *path, const uint8_t *in, size_t in_size, uint8_t *out, size_t room, size_t *got,
		bool *more, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
