/* lepton/bundle.h - one version in one file, and signatures (Ed25519).
 *
 * A bundle has all that a version is: weights (or the blob of a compressed one), configuration, how it was made, figures,
 * and a signature where there is one. Its *statement* is the JSON text that is signed: name, learner, operation,
 * hyper-parameters, seed, parents by name and weights hash, and the weights hash. Bytes in src/store/FORMAT.md.
 */
#ifndef LEPTON_BUNDLE_H
#define LEPTON_BUNDLE_H

#include "lepton/store.h"

#define LEPTON_PUBLIC_HEX 65     /* an Ed25519 public key in hexadecimal, with the NUL */
#define LEPTON_SIGNATURE_BYTES 64

/* A new signing key in a file that only its owner can read; its public half as 64 hexadecimal digits. LEPTON_E_EXISTS. */
LEPTON_API int lepton_sign_key_new(const char *path, char public_key[LEPTON_PUBLIC_HEX], struct lepton_error *err) LEPTON_MUST_CHECK;
/* LEPTON_E_USAGE for what is no public key. */
LEPTON_API int lepton_public_key_check(const char *public_key, struct lepton_error *err) LEPTON_MUST_CHECK;

struct lepton_bundle {
	struct lepton_run_version version; /* as it will be once it has a name of its own: its operation is "import" */
	struct lepton_checkpoint *checkpoint;
	char *statement; /* text */
	char *figures;   /* JSON object */
	char signer[LEPTON_PUBLIC_HEX]; /* "" when it is not signed */
	uint8_t signature[LEPTON_SIGNATURE_BYTES];
};

/* Read a bundle; nothing in it is believed. With trusted[0..count) it must be signed by one of these. LEPTON_E_KEY: a bad
 * signature, none, or a stranger's; LEPTON_E_DATA: not a bundle, cut off, changed, or not to be let in; LEPTON_E_NOMEM. */
LEPTON_API int lepton_bundle_read(const char *path, const char *const *trusted, size_t count, struct lepton_bundle *out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* The same from memory; `name` stands for the file. */
LEPTON_API int lepton_bundle_parse(const void *bytes, size_t size, const char *name, const char *const *trusted, size_t count,
		struct lepton_bundle *out, struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API void lepton_bundle_clear(struct lepton_bundle *bundle);

/* A version of the store as a bundle, with its signature, where its newest weights are signed. */
LEPTON_API int lepton_bundle_write(struct lepton_store *store, int64_t version, const char *path, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Keep a bundle as a version, under its version's name and id: all of it, or nothing. */
LEPTON_API int lepton_bundle_keep(struct lepton_store *store, const struct lepton_bundle *bundle, struct lepton_error *err) LEPTON_MUST_CHECK;

/* Sign a version as it is now, by the key in a file, and keep the signature in the store, open for writing. */
LEPTON_API int lepton_store_sign(struct lepton_store *store, int64_t version, const char *key_path,
		char public_key[LEPTON_PUBLIC_HEX], struct lepton_error *err) LEPTON_MUST_CHECK;
/* Look at every signature: one line each to `say`. LEPTON_E_KEY when one is bad, or, with `count` > 0, a version with a
 * signature has none by a trusted key. *good: signatures that are good. */
LEPTON_API int lepton_store_signatures(struct lepton_store *store, const char *const *trusted, size_t count,
		void (*say)(const char *line, void *arg), void *arg, size_t *good, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
