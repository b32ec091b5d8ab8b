/* store/vault.h - the keys an open, encrypted store works with. */
#ifndef LEPTON_STORE_VAULT_H
#define LEPTON_STORE_VAULT_H

#include "store/keyring.h"

struct lepton_store;

/* One data key's three uses, so that no two kinds of bytes are ever sealed by one key. */
struct lepton__uses {
	uint32_t number; /* 0: there is none */
	uint8_t objects[LEPTON__KEY_BYTES], pages[LEPTON__KEY_BYTES], streams[LEPTON__KEY_BYTES];
};

struct lepton__vault { /* in locked memory */
	struct lepton__uses now, before; /* before: what a rotation that is not over yet still has to seal anew */
	uint8_t names[LEPTON__KEY_BYTES];
};

/* The store's vault, where it has keys: *out. NULL for a store that is not encrypted, or is not there yet.
 * LEPTON_E_KEY: no key for one that is, the wrong one, or one for a store that is not encrypted. */
int lepton__vault_open(const char *dir, const char *database, struct lepton_key *key, struct lepton__vault **out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* Keys for a new store. */
int lepton__vault_make(const char *dir, struct lepton_key *key, struct lepton__vault **out, struct lepton_error *err)
	LEPTON_MUST_CHECK;
/* From what is wrapped to what is used. NULL when out of memory. */
struct lepton__vault *lepton__vault_new(const struct lepton__payload *payload) LEPTON_MUST_CHECK;
void lepton__vault_free(struct lepton__vault *vault); /* wiped; NULL is fine */

/* seal.c: bytes of a file that is kept under a name. With a NULL vault they are what they were. */
int lepton__sealed_write(const struct lepton__vault *vault, const char *path, const char *name, const void *bytes, size_t size,
	struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__sealed_read(const struct lepton__vault *vault, const char *path, const char *name, size_t max, char **out,
	size_t *size, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The file sealed by the key in use, where it is not yet: then *count goes up. */
int lepton__sealed_anew(const struct lepton__vault *vault, const char *path, const char *name, size_t max, size_t *count,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* The name under which bytes of this hash are kept (in place): in an encrypted store it tells nothing to those without the key. */
void lepton__sealed_name(const struct lepton__vault *vault, char hash[65]);

#endif
