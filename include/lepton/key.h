/* lepton/key.h - what opens an encrypted store, and what signs versions.
 *
 * A `lepton_key` is the secret a person holds: a key file's, or a passphrase. It opens the keys of a store, which
 * lie in DIR/keys, wrapped by it (src/store/FORMAT.md). What this protects, and what not, is in src/store/SECURITY.md.
 *
 * Threads: a key is used by one thread at a time.
 */
#ifndef LEPTON_KEY_H
#define LEPTON_KEY_H

#include "lepton/error.h"

struct lepton_key; /* opaque; in locked memory */

/* A new file with a key of 32 random bytes, readable by its owner only. LEPTON_E_EXISTS where there is one already. */
LEPTON_API int lepton_key_file_new(const char *path, struct lepton_error *err) LEPTON_MUST_CHECK;
/* LEPTON_E_KEY for what is no key file, or one that others can read. */
LEPTON_API int lepton_key_from_file(const char *path, struct lepton_key **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The caller wipes its own copy. LEPTON_E_KEY for an empty one or one of more than 1,024 bytes. */
LEPTON_API int lepton_key_from_passphrase(const char *passphrase, size_t size, struct lepton_key **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* The file's bytes without the newlines at its end. LEPTON_E_KEY also for a file that others can read. */
LEPTON_API int lepton_key_from_passphrase_file(const char *path, struct lepton_key **out, struct lepton_error *err)
		LEPTON_MUST_CHECK;
LEPTON_API void lepton_key_free(struct lepton_key *key); /* wiped; NULL is fine */

#endif
