/* base/hash.h - BLAKE2b-256 through libsodium, and hexadecimal. */
#ifndef LEPTON_BASE_HASH_H
#define LEPTON_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <sodium.h>

struct lepton__hash { crypto_generichash_state state; };
void lepton__hash_begin(struct lepton__hash *hash);
void lepton__hash_add(struct lepton__hash *hash, const void *bytes, size_t size);
void lepton__hash_end(struct lepton__hash *hash, char hex[65]);
void lepton__hash_of(const void *bytes, size_t size, char hex[65]);

#endif
