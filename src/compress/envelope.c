/* compress/envelope.c - magic, version, method, base, length, payload, checksum.
 *
 * A blob travels alone: through the store, through files, between machines. So the envelope says
 * which method can read it and which base it was written against, and a BLAKE2b-256 over all of it
 * tells damage from data before a decoder sees a byte. The checksum is no signature: anyone can
 * make a well-sealed bad payload, so decoders check everything again. Layout: FORMAT.md.
 */
#include "config.h"
#include "compress/envelope.h"
#include "base/buffer.h"
#include "base/hash.h"

#include <assert.h>
#include <string.h>

#define MAGIC "LEPC"
#define FORMAT_VERSION 1
#define FLAG_BASE 1
#define HASH_BYTES 32
#define FIXED_BYTES (4 + 2 + 1 + 1) /* magic, version, flags, length of the method's name */

static int corrupt(struct lepton_error *err, const char *why)
{
	return lepton_error_set(err, LEPTON_E_CORRUPT, "compressed weights: %s", why);
}

static void checksum(const uint8_t *bytes, size_t size, uint8_t raw[HASH_BYTES])
{
	crypto_generichash(raw, HASH_BYTES, bytes, size, NULL, 0);
}

static void write_fields(struct lepton__buffer *out, const struct lepton__envelope *envelope)
{
	uint8_t base[HASH_BYTES] = {0};
	size_t method = strlen(envelope->method);
	bool has_base = envelope->base_hash[0] != '\0';
	int bad = sodium_hex2bin(
		base, sizeof base, envelope->base_hash, strlen(envelope->base_hash), NULL, NULL, NULL);
	assert(!bad);
	(void)bad;
	uint8_t small[2] = {has_base ? FLAG_BASE : 0, (uint8_t)method};
	lepton__buffer_string(out, MAGIC);
	lepton__buffer_u16(out, FORMAT_VERSION);
	lepton__buffer_append(out, small, sizeof small);
	lepton__buffer_append(out, envelope->method, method);
	if (has_base)
		lepton__buffer_append(out, base, sizeof base);
	lepton__buffer_u64(out, envelope->size);
}

int lepton__envelope_seal(
	const struct lepton__envelope *envelope, struct lepton_params **blob, struct lepton_error *err)
{
	struct lepton__buffer head;
	lepton__buffer_init(&head, FIXED_BYTES + LEPTON_NAME_MAX + HASH_BYTES + 8);
	write_fields(&head, envelope);
	int code = LEPTON_OK;
	if (head.failed) {
		code = lepton_error_set(err, LEPTON_E_NOMEM, "no memory to compress");
		goto done;
	}
	struct lepton_tensor like = {.name = "blob", .dtype = LEPTON_U8, .shape = {.rank = 1}};
	like.shape.dim[0] = (int64_t)(head.size + envelope->size + HASH_BYTES);
	code = lepton_params_new(&like, 1, blob, err);
	if (code)
		goto done;
	uint8_t *bytes = lepton_params_data(*blob, 0);
	memcpy(bytes, head.data, head.size);
	memcpy(bytes + head.size, envelope->payload, envelope->size);
	checksum(bytes, head.size + envelope->size, bytes + head.size + envelope->size);
done:
	lepton__buffer_free(&head);
	return code;
}

/* The fields before the payload; the cursor is left at the payload. */
static int read_fields(struct lepton__cursor *in, struct lepton__envelope *out, struct lepton_error *err)
{
	uint16_t version = lepton__cursor_u16(in);
	uint8_t flags = lepton__cursor_u8(in), length = lepton__cursor_u8(in);
	if (version != FORMAT_VERSION || flags > FLAG_BASE)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"compressed weights of format version %u.%u, but this program reads version %d: "
			"update it",
			version, flags, FORMAT_VERSION);
	const uint8_t *method = lepton__cursor_bytes(in, length);
	if (!method || length == 0 || length >= sizeof out->method || memchr(method, 0, length))
		return corrupt(err, "the method's name is not one");
	memcpy(out->method, method, length);
	if (flags & FLAG_BASE) {
		const uint8_t *base = lepton__cursor_bytes(in, HASH_BYTES);
		if (!base)
			return corrupt(err, "the base's hash is cut off");
		sodium_bin2hex(out->base_hash, sizeof out->base_hash, base, HASH_BYTES);
	}
	uint64_t size = lepton__cursor_u64(in);
	if (in->failed || size != in->left)
		return corrupt(err, "its length is not what its header says");
	return LEPTON_OK;
}

int lepton__envelope_open(
	const void *blob, size_t size, struct lepton__envelope *out, struct lepton_error *err)
{
	const uint8_t *bytes = blob;
	uint8_t sum[HASH_BYTES];
	*out = (struct lepton__envelope){.size = 0};
	if (size < FIXED_BYTES || memcmp(bytes, MAGIC, 4) != 0)
		return lepton_error_set(
			err, LEPTON_E_CORRUPT, "not compressed weights: they would begin with %s", MAGIC);
	if (size < FIXED_BYTES + HASH_BYTES)
		return corrupt(err, "cut off in the header");
	checksum(bytes, size - HASH_BYTES, sum);
	if (memcmp(sum, bytes + size - HASH_BYTES, HASH_BYTES) != 0)
		return corrupt(err, "the checksum does not match: bytes are damaged or missing");
	struct lepton__cursor in = {.at = bytes + 4, .left = size - HASH_BYTES - 4};
	int code = read_fields(&in, out, err);
	if (code)
		return code;
	out->payload = in.at;
	out->size = in.left;
	return LEPTON_OK;
}
