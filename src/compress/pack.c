/* compress/pack.c - entropy coding of quantised weights by zlib.
 *
 * Codes of 8 bits crowd round zero, so a Huffman code saves a tenth to a third of them. They hardly
 * ever repeat in longer runs, so deflate is tried two ways, with and without string matching, and
 * the bytes themselves are kept where neither is shorter: packing never costs anything. Raw deflate,
 * without zlib's own header and Adler sum: the envelope has a better checksum.
 */
#include "config.h"
#include "compress/pack.h"
#include "base/memory.h"

#include <limits.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#define RAW_DEFLATE (-15)       /* window bits; negative: no zlib header */
#define MEMORY_LEVEL 9          /* zlib's most; 256 KB while it works */
#define DEFLATE_MAX_RATIO 1032u /* no deflate stream unpacks to more than this times its length */

/* zlib's allocations come through our door too, so that tests can make them fail. */
static voidpf zlib_alloc(voidpf opaque, uInt items, uInt size)
{
	(void)opaque;
	return lepton__calloc(items, size);
}

static void zlib_free(voidpf opaque, voidpf address)
{
	(void)opaque;
	lepton__free(address);
}

/* Deflate into out[0..room); 0 when it does not fit there (so it would not be shorter). */
static size_t deflate_into(
	const uint8_t *bytes, size_t size, int strategy, uint8_t *out, size_t room, int *status)
{
	z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_free};
	z.next_in = bytes;
	z.avail_in = (uInt)size;
	z.next_out = out;
	z.avail_out = (uInt)room;
	*status = deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, RAW_DEFLATE, MEMORY_LEVEL, strategy);
	if (*status != Z_OK)
		return 0;
	int end = deflate(&z, Z_FINISH);
	size_t packed = end == Z_STREAM_END ? room - z.avail_out : 0;
	deflateEnd(&z);
	return packed;
}

/* The shorter of `ways` ways into best[0..size); other is scratch of the same size. 0: none is shorter. */
static size_t deflate_best(
	const uint8_t *bytes, size_t size, size_t ways, uint8_t **best, uint8_t **other, int *status)
{
	static const int strategies[] = {Z_HUFFMAN_ONLY, Z_DEFAULT_STRATEGY};
	size_t least = 0;
	for (size_t i = 0; i < ways; i++) {
		size_t packed =
			deflate_into(bytes, size, strategies[i], *other, least ? least : size, status);
		if (*status != Z_OK)
			return 0;
		if (packed && (!least || packed < least)) {
			uint8_t *swap = *best;
			*best = *other;
			*other = swap;
			least = packed;
		}
	}
	return least < size ? least : 0;
}

int lepton__pack(const uint8_t *bytes, size_t size, int effort, struct lepton__buffer *out, uint8_t *packing,
	struct lepton_error *err)
{
	int status = Z_OK;
	size_t packed = 0;
	uint8_t *best = NULL, *other = NULL;
	*packing = LEPTON__STORED;
	if (effort != LEPTON__PACK_STORE && size > 0 && size <= UINT_MAX) {
		best = lepton__malloc(size);
		other = lepton__malloc(size);
		status = best && other ? Z_OK : Z_MEM_ERROR;
		packed = status == Z_OK ? deflate_best(bytes, size, effort == LEPTON__PACK_QUICK ? 1 : 2,
						  &best, &other, &status)
					: 0;
	}
	if (packed)
		*packing = LEPTON__DEFLATED;
	lepton__buffer_append(out, packed ? best : bytes, packed ? packed : size);
	lepton__free(best);
	lepton__free(other);
	if (status != Z_OK || out->failed)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to compress %zu bytes", size);
	return LEPTON_OK;
}

bool lepton__unpack_plausible(uint8_t packing, uint64_t packed, uint64_t size)
{
	if (packing == LEPTON__STORED)
		return packed == size;
	return packing == LEPTON__DEFLATED && size / DEFLATE_MAX_RATIO <= packed && size <= UINT_MAX;
}

static int inflate_exactly(const uint8_t *bytes, size_t packed, uint8_t *out, size_t size)
{
	z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_free};
	z.next_in = bytes;
	z.avail_in = (uInt)packed;
	z.next_out = out;
	z.avail_out = (uInt)size;
	int status = inflateInit2(&z, RAW_DEFLATE);
	if (status != Z_OK)
		return status;
	status = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (status == Z_MEM_ERROR)
		return status;
	return status == Z_STREAM_END && z.avail_out == 0 && z.avail_in == 0 ? Z_OK : Z_DATA_ERROR;
}

int lepton__unpack(uint8_t packing, const uint8_t *bytes, size_t packed, uint8_t *out, size_t size,
	struct lepton_error *err)
{
	if (!lepton__unpack_plausible(packing, packed, size))
		return lepton_error_set(
			err, LEPTON_E_CORRUPT, "%zu packed bytes cannot hold %zu", packed, size);
	if (packing == LEPTON__STORED) {
		memcpy(out, bytes, size);
		return LEPTON_OK;
	}
	int status = inflate_exactly(bytes, packed, out, size);
	if (status == Z_MEM_ERROR)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to unpack %zu bytes", size);
	if (status != Z_OK)
		return lepton_error_set(err, LEPTON_E_CORRUPT, "the deflated codes are damaged");
	return LEPTON_OK;
}
