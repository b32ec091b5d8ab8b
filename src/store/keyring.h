/* store/keyring.h - the file DIR/keys: an encrypted store's own keys, wrapped by what people hold. */
#ifndef LEPTON_STORE_KEYRING_H
#define LEPTON_STORE_KEYRING_H

#include "store/key.h"

#include <stdbool.h>

#define LEPTON__SLOTS_MAX 8
#define LEPTON__PAYLOAD_BYTES (4 + 4 + 3 * LEPTON__KEY_BYTES)
#define LEPTON__BOX_BYTES (24 + LEPTON__PAYLOAD_BYTES + 16) /* nonce, what is wrapped, tag */

/* What is wrapped, to be held by lepton__secret_new only. Keys have numbers, so that what is sealed can say by which. */
struct lepton__payload {
	uint32_t number, previous_number; /* 0: there is no previous one; there is while keys are rotated */
	uint8_t key[LEPTON__KEY_BYTES], previous[LEPTON__KEY_BYTES];
	uint8_t names[LEPTON__KEY_BYTES]; /* the names of objects come from it; never changes */
};

struct lepton__slot {
	struct lepton__derivation how;
	uint8_t box[LEPTON__BOX_BYTES];
};

struct lepton__keyring {
	uint32_t count;
	struct lepton__slot slots[LEPTON__SLOTS_MAX];
};

/* LEPTON_E_NOTFOUND where there is no such file; LEPTON_E_CORRUPT, LEPTON_E_UNSUPPORTED, LEPTON_E_IO. */
int lepton__keyring_read(const char *path, struct lepton__keyring *out, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__keyring_write(const char *path, const struct lepton__keyring *ring, struct lepton_error *err) LEPTON_MUST_CHECK;
/* What the ring holds, by the first slot that the key opens; *slot says which. LEPTON_E_KEY when it opens none. */
int lepton__keyring_open(const struct lepton__keyring *ring, struct lepton_key *key, struct lepton__payload *out,
	uint32_t *slot, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Wrap the payload by the key into a slot. */
int lepton__keyring_wrap(struct lepton__slot *slot, struct lepton_key *key, const struct lepton__payload *payload,
	struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
