/* base/hash.c - BLAKE2b-256 (RFC 7693) by libsodium. Its generic hash needs no sodium_init. */
#include "config.h"
#include "base/hash.h"

#define HASH_BYTES 32

void lepton__hash_begin(struct lepton__hash *hash)
{
	crypto_generichash_init(&hash->state, NULL, 0, HASH_BYTES);
}

void lepton__hash_add(struct lepton__hash *hash, const void *bytes, size_t size)
{
	crypto_generichash_update(&hash->state, bytes, size);
}

void lepton__hash_end(struct lepton__hash *hash, char hex[65])
{
	unsigned char raw[HASH_BYTES];
	crypto_generichash_final(&hash->state, raw, sizeof raw);
	sodium_bin2hex(hex, 65, raw, sizeof raw);
}

void lepton__hash_of(const void *bytes, size_t size, char hex[65])
{
	struct lepton__hash hash;
	lepton__hash_begin(&hash);
	lepton__hash_add(&hash, bytes, size);
	lepton__hash_end(&hash, hex);
}
