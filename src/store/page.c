/* store/page.c - pages of the database, sealed where they lie.
 *
 * Each page is XChaCha20-Poly1305 of its own, with a fresh random nonce whenever it is written; nonce and tag
 * lie in 40 bytes that SQLite is told to leave free. Where the page belongs is associated data, so that pages
 * cannot change places. In the write-ahead log SQLite puts a checksum of the plain page into the frame's
 * head, in the clear: 64 bits that would confirm a guess, so they are covered by a pad made of the key and of
 * where the frame is.
 *
 * While a key is rotated a page may still be the previous key's; all is written by the present one.
 */
#include "config.h"
#include "store/page.h"

#include <sodium.h>
#include <string.h>

#define NONCE 24
#define TAG 16
#define BODY (LEPTON__PAGE - NONCE - TAG)
#define HEAD 16 /* of a frame's head, without its checksum, which SQLite rewrites alone */
#define PLACE (1 + 8 + HEAD)
#define PAD 8

static void put_u64(uint8_t *out, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

/* In the log: page number, size of the database at a commit, and the salts of this round of it. */
static void place_of(uint64_t offset, const uint8_t *head, uint8_t out[PLACE])
{
	memset(out, 0, PLACE);
	out[0] = head ? 'L' : 'D';
	put_u64(out + 1, offset);
	if (head)
		memcpy(out + 9, head, HEAD);
}

bool lepton__page_seal(const struct lepton__vault *vault, uint64_t offset, const uint8_t *head,
	const uint8_t plain[LEPTON__PAGE], uint8_t out[LEPTON__PAGE])
{
	uint8_t place[PLACE];
	if (!sodium_is_zero(plain + BODY, NONCE + TAG))
		return false;
	place_of(offset, head, place);
	randombytes_buf(out + BODY, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
		out, out + BODY + NONCE, NULL, plain, BODY, place, PLACE, NULL, out + BODY, vault->now.pages);
	return true;
}

/* Not in place: libsodium wipes what it could not open. */
static bool opens(const struct lepton__uses *uses, const uint8_t place[PLACE],
	const uint8_t page[LEPTON__PAGE], uint8_t out[BODY])
{
	return uses->number && crypto_aead_xchacha20poly1305_ietf_decrypt_detached(out, NULL, page, BODY,
				       page + BODY + NONCE, place, PLACE, page + BODY, uses->pages) == 0;
}

bool lepton__page_open(
	const struct lepton__vault *vault, uint64_t offset, const uint8_t *head, uint8_t page[LEPTON__PAGE])
{
	uint8_t place[PLACE], plain[BODY];
	if (!head && sodium_is_zero(page, LEPTON__PAGE))
		return true;
	place_of(offset, head, place);
	if (!opens(&vault->now, place, page, plain) && !opens(&vault->before, place, page, plain))
		return false;
	memcpy(page, plain, BODY);
	memset(page + BODY, 0, NONCE + TAG);
	sodium_memzero(plain, sizeof plain);
	return true;
}

void lepton__frame_cover(const struct lepton__vault *vault, uint64_t offset, uint8_t head[LEPTON__FRAME_HEAD])
{
	uint8_t where[8 + HEAD], pad[16];
	put_u64(where, offset);
	memcpy(where + 8, head, HEAD);
	/* The names' key, which rotation leaves as it is: a frame's head does not say by which key its page
	 * is sealed. */
	crypto_generichash(pad, sizeof pad, where, sizeof where, vault->names, sizeof vault->names);
	for (int i = 0; i < PAD; i++)
		head[16 + i] ^= pad[i];
}

void lepton__stream_cover(const struct lepton__vault *vault, const uint8_t nonce[24], uint64_t offset,
	uint8_t *bytes, size_t size)
{
	uint8_t pad[1024];
	while (size) {
		size_t skip = offset % 64, n = size < sizeof pad - skip ? size : sizeof pad - skip;
		memset(pad, 0, sizeof pad);
		crypto_stream_xchacha20_xor_ic(pad, pad, sizeof pad, nonce, offset / 64, vault->now.streams);
		for (size_t i = 0; i < n; i++)
			bytes[i] ^= pad[skip + i];
		bytes += n;
		offset += n;
		size -= n;
	}
	sodium_memzero(pad, sizeof pad);
}
