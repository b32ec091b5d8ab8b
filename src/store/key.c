/* store/key.c - a key file or a passphrase, and the key derived from it that wraps a store's own.
 *
 * A key file is one line of text, "lepton-key-1 " and 64 hexadecimal digits: 32 random bytes, which need no
 * slow function. A passphrase goes through Argon2id (RFC 9106) by libsodium, at its "moderate" costs: 256
 * MiB, three passes. A key remembers what it last derived, since a program opens its store more than once.
 */
#include "config.h"
#include "store/key.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/secret.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LABEL "lepton-key-1 "
#define HEX (2 * LEPTON__KEY_BYTES)
#define SECRET_MAX 1024
#define KEY_FILE_MAX 4096
#define MEMORY_MAX ((uint64_t)1 << 32)
#define OPERATIONS_MAX 64

struct lepton_key {
	enum lepton__key_kind kind;
	size_t size;
	uint8_t secret[SECRET_MAX];
	bool derived; /* the two below hold */
	struct lepton__derivation how;
	uint8_t wrapping[LEPTON__KEY_BYTES];
	char name[96];
};

static int new_key(
	enum lepton__key_kind kind, const char *name, struct lepton_key **out, struct lepton_error *err)
{
	*out = lepton__secret_new(sizeof **out);
	if (!*out)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a key");
	(*out)->kind = kind;
	snprintf((*out)->name, sizeof(*out)->name, "%s", name);
	return LEPTON_OK;
}

void lepton_key_free(struct lepton_key *key)
{
	lepton__secret_free(key);
}

const char *lepton__key_said(const struct lepton_key *key)
{
	return key->name;
}

/* ---- key files ------------------------------------------------------------------------------------ */

int lepton__key_line_write(
	const char *path, const char *label, const uint8_t raw[LEPTON__KEY_BYTES], struct lepton_error *err)
{
	size_t head = strlen(label), size = head + HEX + 1;
	if (lepton__io.stat(path, &(struct stat){0}) == 0)
		return lepton_error_set(
			err, LEPTON_E_EXISTS, "%s is there already: a key is never overwritten", path);
	char *line = lepton__secret_new(size + 1);
	if (!line)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a key");
	memcpy(line, label, head);
	sodium_bin2hex(line + head, HEX + 1, raw, LEPTON__KEY_BYTES);
	line[size - 1] = '\n';
	int code = lepton__file_write(path, line, size, 0600, err);
	lepton__secret_free(line);
	return code;
}

/* As ssh does: a key of ours that others can read is a mistake to be told, not to be used. */
static int read_private(
	const char *path, const char *what, char **text, size_t *size, struct lepton_error *err)
{
	struct stat info;
	if (lepton__io.stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
		(info.st_mode & 077))
		return lepton_error_set(err, LEPTON_E_KEY,
			"%s %s can be read by others: `chmod 600 %s` first", what, path, path);
	int code = lepton__file_read(path, KEY_FILE_MAX, text, size, err);
	while (!code && *size && ((*text)[*size - 1] == '\n' || (*text)[*size - 1] == '\r'))
		--*size;
	return code;
}

static void forget(char *text, size_t size)
{
	sodium_memzero(text, size);
	lepton__free(text);
}

int lepton__key_line_read(const char *path, const char *label, const char *what,
	uint8_t raw[LEPTON__KEY_BYTES], struct lepton_error *err)
{
	char *text;
	size_t size, length = 0, head = strlen(label);
	int code = read_private(path, what, &text, &size, err);
	if (code)
		return code;
	if (size != head + HEX || memcmp(text, label, head) != 0 ||
		sodium_hex2bin(raw, LEPTON__KEY_BYTES, text + head, HEX, NULL, &length, NULL) ||
		length != LEPTON__KEY_BYTES)
		code = lepton_error_set(err, LEPTON_E_KEY, "%s is no %s: `lepton key` makes one", path, what);
	forget(text, size);
	return code;
}

int lepton_key_file_new(const char *path, struct lepton_error *err)
{
	uint8_t *raw = lepton__secret_new(LEPTON__KEY_BYTES);
	if (!raw)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a key");
	randombytes_buf(raw, LEPTON__KEY_BYTES);
	int code = lepton__key_line_write(path, LABEL, raw, err);
	lepton__secret_free(raw);
	return code;
}

int lepton_key_from_file(const char *path, struct lepton_key **out, struct lepton_error *err)
{
	char name[96];
	snprintf(name, sizeof name, "key file %.80s", path);
	int code = new_key(LEPTON__KEY_FILE, name, out, err);
	if (!code)
		code = lepton__key_line_read(path, LABEL, "key file", (*out)->secret, err);
	if (code) {
		lepton_key_free(*out);
		*out = NULL;
		return code;
	}
	(*out)->size = LEPTON__KEY_BYTES;
	return LEPTON_OK;
}

int lepton_key_from_passphrase(
	const char *passphrase, size_t size, struct lepton_key **out, struct lepton_error *err)
{
	*out = NULL;
	if (size == 0 || size > SECRET_MAX)
		return lepton_error_set(
			err, LEPTON_E_KEY, "a passphrase has 1 to %d bytes, not %zu", SECRET_MAX, size);
	int code = new_key(LEPTON__KEY_PASSPHRASE, "passphrase", out, err);
	if (code)
		return code;
	memcpy((*out)->secret, passphrase, size);
	(*out)->size = size;
	return LEPTON_OK;
}

int lepton_key_from_passphrase_file(const char *path, struct lepton_key **out, struct lepton_error *err)
{
	char *text;
	size_t size;
	*out = NULL;
	int code = read_private(path, "passphrase file", &text, &size, err);
	if (code)
		return code;
	code = lepton_key_from_passphrase(text, size, out, err);
	forget(text, size);
	return code ? lepton_error_prefix(err, "%s", path) : LEPTON_OK;
}

/* ---- derivation ------------------------------------------------------------------------------------ */

void lepton__derivation_new(const struct lepton_key *key, struct lepton__derivation *out)
{
	bool slow = key->kind == LEPTON__KEY_PASSPHRASE;
	*out = (struct lepton__derivation){.kind = (uint8_t)key->kind,
		.operations = slow ? crypto_pwhash_argon2id_OPSLIMIT_MODERATE : 0,
		.memory = slow ? crypto_pwhash_argon2id_MEMLIMIT_MODERATE : 0};
	randombytes_buf(out->salt, sizeof out->salt);
}

const char *lepton__derivation_check(const struct lepton__derivation *how)
{
	if (how->kind == LEPTON__KEY_FILE)
		return how->operations || how->memory ? "a key file with the costs of a passphrase" : NULL;
	if (how->kind != LEPTON__KEY_PASSPHRASE)
		return "a kind of key that this program does not know";
	if (how->operations < crypto_pwhash_argon2id_OPSLIMIT_MIN || how->operations > OPERATIONS_MAX ||
		how->memory < crypto_pwhash_argon2id_MEMLIMIT_MIN || how->memory > MEMORY_MAX)
		return "costs of Argon2id that are out of all reason";
	return NULL;
}

static bool same(const struct lepton__derivation *a, const struct lepton__derivation *b)
{
	return a->kind == b->kind && a->operations == b->operations && a->memory == b->memory &&
	       memcmp(a->salt, b->salt, sizeof a->salt) == 0;
}

/* The file's secret is as random as a key can be: keyed BLAKE2b of the salt tells stores apart. */
static int derive(struct lepton_key *key, const struct lepton__derivation *how)
{
	if (how->kind == LEPTON__KEY_FILE)
		return crypto_generichash(key->wrapping, sizeof key->wrapping, how->salt, sizeof how->salt,
			key->secret, LEPTON__KEY_BYTES);
	return crypto_pwhash(key->wrapping, sizeof key->wrapping, (const char *)key->secret, key->size,
		how->salt, how->operations, (size_t)how->memory, crypto_pwhash_ALG_ARGON2ID13);
}

int lepton__key_derive(struct lepton_key *key, const struct lepton__derivation *how, const uint8_t **out,
	struct lepton_error *err)
{
	if (how->kind != (uint8_t)key->kind)
		return lepton_error_set(err, LEPTON_E_KEY, "it is opened by a %s",
			how->kind == LEPTON__KEY_FILE ? "key file" : "passphrase");
	if (!key->derived || !same(&key->how, how)) {
		key->derived = false;
		if (derive(key, how))
			return lepton_error_set(err, LEPTON_E_NOMEM,
				"out of memory for Argon2id, which needs %llu MiB",
				(unsigned long long)(how->memory >> 20));
		key->how = *how;
		key->derived = true;
	}
	*out = key->wrapping;
	return LEPTON_OK;
}
