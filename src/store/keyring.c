/* store/keyring.c - wrapped keys in a file, as LUKS and restic have them.
 *
 * The store's data key is random, and each person's key only wraps it. So a passphrase is changed, and a
 * second key added, by writing one small file; nothing that is sealed is touched. Each slot holds the same
 * payload, under XChaCha20-Poly1305 with how its wrapping key is derived as associated data. A checksum over
 * all tells a damaged file from a wrong key.
 */
#include "config.h"
#include "store/keyring.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/secret.h"

#include <string.h>
#include <unistd.h>

#define MAGIC "LEPTKEYS"
#define FORMAT 1
#define DIGEST 32
#define HEAD (8 + 4 + 4)
#define HOW (8 + 8 + 8 + LEPTON__SALT_BYTES)
#define SLOT (HOW + LEPTON__BOX_BYTES)
#define FILE_MAX (HEAD + LEPTON__SLOTS_MAX * SLOT + DIGEST)
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

static void render_how(const struct lepton__derivation *how, struct lepton__buffer *out)
{
	const uint8_t head[8] = {how->kind};
	lepton__buffer_append(out, head, sizeof head);
	lepton__buffer_u64(out, how->operations);
	lepton__buffer_u64(out, how->memory);
	lepton__buffer_append(out, how->salt, sizeof how->salt);
}

static void digest(const void *bytes, size_t size, uint8_t out[DIGEST])
{
	crypto_generichash(out, DIGEST, bytes, size, NULL, 0);
}

int lepton__keyring_write(const char *path, const struct lepton__keyring *ring, struct lepton_error *err)
{
	struct lepton__buffer out;
	uint8_t sum[DIGEST];
	lepton__buffer_init(&out, FILE_MAX);
	lepton__buffer_append(&out, MAGIC, 8);
	lepton__buffer_u32(&out, FORMAT);
	lepton__buffer_u32(&out, ring->count);
	for (uint32_t i = 0; i < ring->count; i++) {
		render_how(&ring->slots[i].how, &out);
		lepton__buffer_append(&out, ring->slots[i].box, LEPTON__BOX_BYTES);
	}
	if (!out.failed)
		digest(out.data, out.size, sum);
	lepton__buffer_append(&out, sum, sizeof sum);
	int code = out.failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory writing %s", path)
			      : lepton__file_write(path, out.data, out.size, 0600, err);
	lepton__buffer_free(&out);
	return code;
}

static int damaged(const char *path, const char *how, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_CORRUPT,
		"%s is damaged: %s; put a copy of it back, there is no way in without it", path, how);
}

static int parse_slot(
	struct lepton__cursor *c, struct lepton__slot *slot, const char *path, struct lepton_error *err)
{
	const uint8_t *head = lepton__cursor_bytes(c, 8);
	slot->how.kind = head ? head[0] : 0;
	slot->how.operations = lepton__cursor_u64(c);
	slot->how.memory = lepton__cursor_u64(c);
	const uint8_t *salt = lepton__cursor_bytes(c, LEPTON__SALT_BYTES);
	const uint8_t *box = lepton__cursor_bytes(c, LEPTON__BOX_BYTES);
	if (!head || !salt || !box)
		return damaged(path, "it is too short", err);
	memcpy(slot->how.salt, salt, LEPTON__SALT_BYTES);
	memcpy(slot->box, box, LEPTON__BOX_BYTES);
	const char *fault = lepton__derivation_check(&slot->how);
	return fault ? damaged(path, fault, err) : LEPTON_OK;
}

static int parse(const char *bytes, size_t size, struct lepton__keyring *out, const char *path,
	struct lepton_error *err)
{
	struct lepton__cursor c = {(const uint8_t *)bytes, size, false};
	const uint8_t *magic = lepton__cursor_bytes(&c, 8);
	uint32_t version = lepton__cursor_u32(&c);
	uint8_t sum[DIGEST];
	out->count = lepton__cursor_u32(&c);
	if (!magic || memcmp(magic, MAGIC, 8) != 0)
		return damaged(path, "it does not begin as it should", err);
	if (version > FORMAT)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s was written by a newer lepton (format %u, this one reads %d)", path, version,
			FORMAT);
	if (version == 0 || out->count < 1 || out->count > LEPTON__SLOTS_MAX ||
		size != HEAD + out->count * SLOT + DIGEST)
		return damaged(path, "its length is not what it says", err);
	digest(bytes, size - DIGEST, sum);
	if (memcmp(sum, bytes + size - DIGEST, DIGEST) != 0)
		return damaged(path, "its checksum does not match", err);
	int code = LEPTON_OK;
	for (uint32_t i = 0; i < out->count && !code; i++)
		code = parse_slot(&c, &out->slots[i], path, err);
	return code;
}

int lepton__keyring_read(const char *path, struct lepton__keyring *out, struct lepton_error *err)
{
	char *bytes;
	size_t size;
	struct stat info;
	int code = lepton__file_look(path, &info, err);
	if (code)
		return code;
	code = lepton__file_read(path, FILE_MAX, &bytes, &size, err);
	if (code)
		return code == LEPTON_E_DATA ? damaged(path, "it is too long", err) : code;
	code = parse(bytes, size, out, path, err);
	lepton__free(bytes);
	return code;
}

/* ---- wrapping -------------------------------------------------------------------------------------- */

/* The payload's bytes, in memory for keys: numbers little-endian, then the three keys. */
static void pack(const struct lepton__payload *payload, uint8_t out[LEPTON__PAYLOAD_BYTES])
{
	for (int i = 0; i < 4; i++) {
		out[i] = (uint8_t)(payload->number >> (8 * i));
		out[4 + i] = (uint8_t)(payload->previous_number >> (8 * i));
	}
	memcpy(out + 8, payload->key, LEPTON__KEY_BYTES);
	memcpy(out + 8 + LEPTON__KEY_BYTES, payload->previous, LEPTON__KEY_BYTES);
	memcpy(out + 8 + 2 * LEPTON__KEY_BYTES, payload->names, LEPTON__KEY_BYTES);
}

static void unpack(const uint8_t bytes[LEPTON__PAYLOAD_BYTES], struct lepton__payload *out)
{
	struct lepton__cursor c = {bytes, LEPTON__PAYLOAD_BYTES, false};
	out->number = lepton__cursor_u32(&c);
	out->previous_number = lepton__cursor_u32(&c);
	memcpy(out->key, lepton__cursor_bytes(&c, LEPTON__KEY_BYTES), LEPTON__KEY_BYTES);
	memcpy(out->previous, lepton__cursor_bytes(&c, LEPTON__KEY_BYTES), LEPTON__KEY_BYTES);
	memcpy(out->names, lepton__cursor_bytes(&c, LEPTON__KEY_BYTES), LEPTON__KEY_BYTES);
}

static int associated(
	const struct lepton__derivation *how, struct lepton__buffer *out, struct lepton_error *err)
{
	lepton__buffer_init(out, HOW);
	render_how(how, out);
	return out->failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a key") : LEPTON_OK;
}

int lepton__keyring_wrap(struct lepton__slot *slot, struct lepton_key *key,
	const struct lepton__payload *payload, struct lepton_error *err)
{
	struct lepton__buffer ad = {0};
	const uint8_t *wrapping;
	uint8_t *plain = lepton__secret_new(LEPTON__PAYLOAD_BYTES);
	lepton__derivation_new(key, &slot->how);
	int code = plain ? lepton__key_derive(key, &slot->how, &wrapping, err)
			 : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a key");
	if (!code)
		code = associated(&slot->how, &ad, err);
	if (!code) {
		pack(payload, plain);
		randombytes_buf(slot->box, NONCE);
		crypto_aead_xchacha20poly1305_ietf_encrypt(slot->box + NONCE, NULL, plain,
			LEPTON__PAYLOAD_BYTES, (const uint8_t *)ad.data, ad.size, NULL, slot->box, wrapping);
	}
	lepton__secret_free(plain);
	lepton__buffer_free(&ad);
	return code;
}

static int unwrap(const struct lepton__slot *slot, struct lepton_key *key, struct lepton__payload *out,
	struct lepton_error *err)
{
	struct lepton__buffer ad = {0};
	const uint8_t *wrapping;
	uint8_t *plain = lepton__secret_new(LEPTON__PAYLOAD_BYTES);
	int code = plain ? lepton__key_derive(key, &slot->how, &wrapping, err)
			 : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a key");
	if (!code)
		code = associated(&slot->how, &ad, err);
	if (!code &&
		crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, slot->box + NONCE,
			LEPTON__BOX_BYTES - NONCE, (const uint8_t *)ad.data, ad.size, slot->box, wrapping))
		code = lepton_error_set(err, LEPTON_E_KEY, "it is another one's");
	if (!code)
		unpack(plain, out);
	lepton__secret_free(plain);
	lepton__buffer_free(&ad);
	return code;
}

int lepton__keyring_open(const struct lepton__keyring *ring, struct lepton_key *key,
	struct lepton__payload *out, uint32_t *slot, struct lepton_error *err)
{
	int code = LEPTON_E_KEY;
	for (uint32_t i = 0; i < ring->count && code == LEPTON_E_KEY; i++) {
		code = unwrap(&ring->slots[i], key, out, err);
		*slot = i;
	}
	return code;
}
