/* store/vault.c - is this store encrypted, and has its key come?
 *
 * A store is encrypted when DIR/keys is there. That is decided when it is made, by whether a key is given,
 * and never changes. Asked before anything is written, so that a wrong key leaves no trace.
 */
#include "config.h"
#include "store/vault.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/secret.h"

#include <string.h>
#include <sys/stat.h>

#define CONTEXT "leptonst"
enum { USE_OBJECTS = 1, USE_PAGES, USE_STREAMS };

static void split(struct lepton__uses *out, uint32_t number, const uint8_t key[LEPTON__KEY_BYTES])
{
	out->number = number;
	crypto_kdf_derive_from_key(out->objects, sizeof out->objects, USE_OBJECTS, CONTEXT, key);
	crypto_kdf_derive_from_key(out->pages, sizeof out->pages, USE_PAGES, CONTEXT, key);
	crypto_kdf_derive_from_key(out->streams, sizeof out->streams, USE_STREAMS, CONTEXT, key);
}

struct lepton__vault *lepton__vault_new(const struct lepton__payload *payload)
{
	struct lepton__vault *vault = lepton__secret_new(sizeof *vault);
	if (!vault)
		return NULL;
	split(&vault->now, payload->number, payload->key);
	if (payload->previous_number)
		split(&vault->before, payload->previous_number, payload->previous);
	memcpy(vault->names, payload->names, LEPTON__KEY_BYTES);
	return vault;
}

void lepton__vault_free(struct lepton__vault *vault)
{
	lepton__secret_free(vault);
}

static int no_memory(const char *dir, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", dir);
}

static int unlock(const char *dir, const struct lepton__keyring *ring, struct lepton_key *key,
	struct lepton__vault **out, struct lepton_error *err)
{
	uint32_t slot;
	if (!key)
		return lepton_error_set(err, LEPTON_E_KEY,
			"store %s is encrypted: give its key, by --key-file FILE or --passphrase", dir);
	struct lepton__payload *payload = lepton__secret_new(sizeof *payload);
	if (!payload)
		return no_memory(dir, err);
	int code = lepton__keyring_open(ring, key, payload, &slot, err);
	if (code == LEPTON_E_KEY)
		lepton_error_set(
			err, code, "wrong key: this %s does not open store %s", lepton__key_said(key), dir);
	if (!code && !(*out = lepton__vault_new(payload)))
		code = no_memory(dir, err);
	lepton__secret_free(payload);
	return code;
}

/* A store without keys: with a key it becomes an encrypted one only where there is nothing in it yet. */
static int open_plain(
	const char *dir, const char *database, const struct lepton_key *key, struct lepton_error *err)
{
	struct stat info;
	int code = key ? lepton__file_look(database, &info, err) : LEPTON_E_NOTFOUND;
	if (code == LEPTON_E_NOTFOUND)
		return LEPTON_OK;
	if (!code && info.st_size > 0)
		return lepton_error_set(err, LEPTON_E_KEY,
			"store %s is not encrypted, and cannot become so: leave the key away, or use another "
			"--store",
			dir);
	return code;
}

int lepton__vault_open(const char *dir, const char *database, struct lepton_key *key,
	struct lepton__vault **out, struct lepton_error *err)
{
	struct lepton__keyring ring;
	char *path = lepton__path_join(dir, "keys");
	*out = NULL;
	if (!path)
		return no_memory(dir, err);
	int code = lepton__keyring_read(path, &ring, err);
	lepton__free(path);
	if (code == LEPTON_E_NOTFOUND)
		return open_plain(dir, database, key, err);
	return code ? code : unlock(dir, &ring, key, out, err);
}

int lepton__vault_make(
	const char *dir, struct lepton_key *key, struct lepton__vault **out, struct lepton_error *err)
{
	struct lepton__keyring ring = {.count = 1};
	struct lepton__payload *payload = lepton__secret_new(sizeof *payload);
	char *path = lepton__path_join(dir, "keys");
	int code = payload && path ? LEPTON_OK : no_memory(dir, err);
	*out = NULL;
	if (!code) {
		payload->number = 1;
		randombytes_buf(payload->key, sizeof payload->key);
		randombytes_buf(payload->names, sizeof payload->names);
		code = lepton__keyring_wrap(&ring.slots[0], key, payload, err);
	}
	if (!code && !(*out = lepton__vault_new(payload)))
		code = no_memory(dir, err);
	if (!code)
		code = lepton__keyring_write(path, &ring, err);
	lepton__secret_free(payload);
	lepton__free(path);
	return code;
}
