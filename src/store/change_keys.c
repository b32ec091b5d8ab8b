/* store/change_keys.c - who can open the store: keys added, changed, taken away.
 *
 * Only the small file DIR/keys is written, as a whole, beside the old one and over it. The store is open for
 * writing meanwhile, so its lock keeps two such changes, or one and a rotation, from undoing each other.
 */
#include "config.h"
#include "store/store_parts.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/secret.h"

#include <string.h>

/* The ring as it is, and what it wraps. */
static int open_ring(
	struct lepton__ring *r, struct lepton_store *store, struct lepton_key *key, struct lepton_error *err)
{
	*r = (struct lepton__ring){0};
	if (!store->vault)
		return lepton_error_set(
			err, LEPTON_E_KEY, "store %s is not encrypted: it has no keys", store->dir);
	r->path = lepton__path_join(store->dir, "keys");
	r->payload = lepton__secret_new(sizeof *r->payload);
	if (!r->path || !r->payload)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for keys");
	int code = lepton__keyring_read(r->path, &r->ring, err);
	if (!code && key)
		code = lepton__keyring_open(&r->ring, key, r->payload, &r->slot, err);
	if (code == LEPTON_E_KEY)
		return lepton_error_set(err, code, "wrong key: this %s does not open store %s",
			lepton__key_said(key), store->dir);
	return code;
}

void lepton__ring_close(struct lepton__ring *r)
{
	lepton__secret_free(r->payload);
	lepton__free(r->path);
}

int lepton__ring_open(
	struct lepton__ring *r, struct lepton_store *store, struct lepton_key *key, struct lepton_error *err)
{
	int code = open_ring(r, store, key, err);
	if (code)
		lepton__ring_close(r);
	return code;
}

int lepton_store_keys(struct lepton_store *store, const char *kinds[LEPTON_STORE_KEYS_MAX], size_t *count,
	struct lepton_error *err)
{
	struct lepton__ring r;
	int code = lepton__ring_open(&r, store, NULL, err);
	if (code)
		return code;
	*count = r.ring.count;
	for (size_t i = 0; i < *count; i++)
		kinds[i] = r.ring.slots[i].how.kind == LEPTON__KEY_FILE ? "key file" : "passphrase";
	lepton__ring_close(&r);
	return LEPTON_OK;
}

/* Wrap anew for `other` in slot `at` (chosen when the ring is open: -1 the one of `key`, else behind the
 * last). */
static int put_key(struct lepton_store *store, struct lepton_key *key, struct lepton_key *other, bool change,
	struct lepton_error *err)
{
	struct lepton__ring r;
	int code = lepton__ring_open(&r, store, key, err);
	if (code)
		return code;
	uint32_t at = change ? r.slot : r.ring.count;
	if (at == LEPTON__SLOTS_MAX)
		code = lepton_error_set(err, LEPTON_E_USAGE, "store %s has %d keys, which is all it can have",
			store->dir, LEPTON__SLOTS_MAX);
	if (!code)
		code = lepton__keyring_wrap(&r.ring.slots[at], other, r.payload, err);
	if (!code && !change)
		r.ring.count++;
	if (!code)
		code = lepton__keyring_write(r.path, &r.ring, err);
	lepton__ring_close(&r);
	return code;
}

int lepton_store_key_add(struct lepton_store *store, struct lepton_key *key, struct lepton_key *added,
	struct lepton_error *err)
{
	return put_key(store, key, added, false, err);
}

int lepton_store_key_change(
	struct lepton_store *store, struct lepton_key *key, struct lepton_key *with, struct lepton_error *err)
{
	return put_key(store, key, with, true, err);
}

int lepton_store_key_remove(
	struct lepton_store *store, struct lepton_key *key, size_t number, struct lepton_error *err)
{
	struct lepton__ring r;
	int code = lepton__ring_open(&r, store, key, err);
	if (code)
		return code;
	struct lepton__keyring *ring = &r.ring;
	if (number < 1 || number > ring->count)
		code = lepton_error_set(err, LEPTON_E_USAGE, "store %s has no key %zu, but 1 to %u",
			store->dir, number, ring->count);
	else if (ring->count == 1)
		code = lepton_error_set(err, LEPTON_E_USAGE,
			"it is the only key of store %s: `lepton key change` puts another in its place",
			store->dir);
	if (!code) {
		memmove(&ring->slots[number - 1], &ring->slots[number],
			(ring->count - number) * sizeof *ring->slots);
		ring->count--;
		code = lepton__keyring_write(r.path, ring, err);
	}
	lepton__ring_close(&r);
	return code;
}
