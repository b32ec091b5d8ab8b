/* store/key.h - from what a person holds to a key that wraps others. */
#ifndef LEPTON_STORE_KEY_H
#define LEPTON_STORE_KEY_H

#include "lepton/key.h"

#include <stdint.h>

#define LEPTON__KEY_BYTES 32
#define LEPTON__SALT_BYTES 16

enum lepton__key_kind { LEPTON__KEY_FILE = 1, LEPTON__KEY_PASSPHRASE = 2 };

/* How a wrapping key is derived: kept beside what it wraps. */
struct lepton__derivation {
	uint8_t kind;
	uint64_t operations, memory; /* Argon2id's; 0 for a key file */
	uint8_t salt[LEPTON__SALT_BYTES];
};

/* A new derivation for a key, with a salt of its own. */
void lepton__derivation_new(const struct lepton_key *key, struct lepton__derivation *out);
/* NULL unless the numbers are such as this program would have chosen or is ready to bear; else what is wrong. */
const char *lepton__derivation_check(const struct lepton__derivation *how);
/* The wrapping key, which stays in the key's own memory until the next call. LEPTON_E_KEY when the key is of the other kind. */
int lepton__key_derive(struct lepton_key *key, const struct lepton__derivation *how, const uint8_t **out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* A key file: one line, the label and 64 hexadecimal digits. LEPTON_E_EXISTS; LEPTON_E_KEY, with `what` it should have been. */
int lepton__key_line_write(const char *path, const char *label, const uint8_t raw[LEPTON__KEY_BYTES],
	struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__key_line_read(const char *path, const char *label, const char *what, uint8_t raw[LEPTON__KEY_BYTES],
	struct lepton_error *err) LEPTON_MUST_CHECK;
const char *lepton__key_said(const struct lepton_key *key); /* "key file x", "passphrase": for a sentence */

#endif
