/* tests/fuzz/fuzz_keyring.c - any bytes as a store's file of keys, as they are and with their checksum put
 * right, or nothing behind it would ever be reached.
 *
 * Refused in one sentence that names the file; or read, and then the same once it was written and read again.
 * A key file's key is tried on what was read: it opens a slot or it does not, but only ever one of its kind.
 */
#include "config.h"
#include "store/keyring.h"
#include "base/secret.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUM 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/lepton-fuzz-XXXXXX", ring_path[64], key_path[64];
static struct lepton_key *key;
static struct lepton__payload *payload;

static void sweep(void)
{
	lepton_key_free(key);
	lepton__secret_free(payload);
	unlink(key_path);
	unlink(ring_path);
	rmdir(folder);
}

/* The key of the seeds: 32 bytes, all 7. */
static void prepare(void)
{
	uint8_t raw[LEPTON__KEY_BYTES];
	if (!mkdtemp(folder))
		abort();
	snprintf(ring_path, sizeof ring_path, "%s/keys", folder);
	snprintf(key_path, sizeof key_path, "%s/key", folder);
	memset(raw, 7, sizeof raw);
	payload = lepton__secret_new(sizeof *payload);
	if (!payload || lepton__key_line_write(key_path, "lepton-key-1 ", raw, NULL) ||
		lepton_key_from_file(key_path, &key, NULL) || atexit(sweep))
		abort();
}

static void check_sentence(const struct lepton_error *err, const char *words)
{
	if (!strstr(err->message, words) || strchr(err->message, '\n'))
		abort();
}

static void put(const void *bytes, size_t size)
{
	FILE *file = fopen(ring_path, "wb");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
		abort();
}

/* By the bytes of each slot: between its parts there may be room that says nothing. */
static bool same(const struct lepton__keyring *a, const struct lepton__keyring *b)
{
	for (uint32_t i = 0; i < a->count && a->count == b->count; i++) {
		const struct lepton__slot *one = &a->slots[i], *two = &b->slots[i];
		if (one->how.kind != two->how.kind || one->how.operations != two->how.operations ||
			one->how.memory != two->how.memory ||
			memcmp(one->how.salt, two->how.salt, sizeof one->how.salt) != 0 ||
			memcmp(one->box, two->box, sizeof one->box) != 0)
			return false;
	}
	return a->count == b->count;
}

static void open_by_key(const struct lepton__keyring *ring)
{
	struct lepton_error err = {0};
	uint32_t slot = LEPTON__SLOTS_MAX;
	if (lepton__keyring_open(ring, key, payload, &slot, &err))
		check_sentence(&err, "");
	else if (slot >= ring->count || ring->slots[slot].how.kind != LEPTON__KEY_FILE)
		abort();
}

static void try_read(const void *bytes, size_t size)
{
	struct lepton__keyring ring, again;
	struct lepton_error err = {0};
	put(bytes, size);
	int code = lepton__keyring_read(ring_path, &ring, &err);
	if (code) {
		if (code != LEPTON_E_CORRUPT && code != LEPTON_E_UNSUPPORTED)
			abort();
		check_sentence(&err, ring_path);
		return;
	}
	if (ring.count < 1 || ring.count > LEPTON__SLOTS_MAX)
		abort();
	open_by_key(&ring);
	if (lepton__keyring_write(ring_path, &ring, NULL) || lepton__keyring_read(ring_path, &again, NULL) ||
		!same(&ring, &again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!key)
		prepare();
	try_read(data, size);
	uint8_t *copy = size < SUM ? NULL : malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	crypto_generichash(copy + size - SUM, SUM, copy, size - SUM, NULL, 0);
	try_read(copy, size);
	free(copy);
	return 0;
}
