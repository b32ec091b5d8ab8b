/* store/seal.c - a file's bytes, sealed: libsodium's secretstream, XChaCha20-Poly1305 in pieces.
 *
 * Layout: "LEPTSEAL", u32 number of the data key, 24 bytes of secretstream's header, then pieces of 64 KiB
 * (the last one shorter), each 17 bytes longer than what it holds. The last piece has secretstream's final
 * tag, so a file cut off at a piece's end is seen. Every piece has the file's name as associated data: sealed
 * files cannot change places.
 */
#include "config.h"
#include "store/vault.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "LEPTSEAL"
#define PIECE ((size_t)65536)
#define MORE crypto_secretstream_xchacha20poly1305_ABYTES
#define STREAM_HEAD crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define HEAD (8 + 4 + STREAM_HEAD)
#define FINAL crypto_secretstream_xchacha20poly1305_TAG_FINAL
#define ON crypto_secretstream_xchacha20poly1305_TAG_MESSAGE

static void push_all(crypto_secretstream_xchacha20poly1305_state *state, const char *name,
	const uint8_t *bytes, size_t size, uint8_t *out)
{
	bool last;
	do {
		size_t n = size < PIECE ? size : PIECE;
		last = n == size;
		crypto_secretstream_xchacha20poly1305_push(
			state, out, NULL, bytes, n, (const uint8_t *)name, strlen(name), last ? FINAL : ON);
		bytes += n;
		size -= n;
		out += n + MORE;
	} while (!last);
}

static size_t pieces_of(size_t size)
{
	return size ? (size + PIECE - 1) / PIECE : 1;
}

static int seal(const struct lepton__vault *vault, const char *name, const void *bytes, size_t size,
	uint8_t **out, size_t *out_size, struct lepton_error *err)
{
	crypto_secretstream_xchacha20poly1305_state state;
	*out_size = HEAD + size + pieces_of(size) * MORE;
	*out = lepton__malloc(*out_size);
	if (!*out)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory sealing %.12s…", name);
	memcpy(*out, MAGIC, 8);
	for (int i = 0; i < 4; i++)
		(*out)[8 + i] = (uint8_t)(vault->now.number >> (8 * i));
	crypto_secretstream_xchacha20poly1305_init_push(&state, *out + 12, vault->now.objects);
	push_all(&state, name, bytes, size, *out + HEAD);
	sodium_memzero(&state, sizeof state);
	return LEPTON_OK;
}

/* `size` is of the pieces; `out` has room for what they hold. */
static bool pull_all(crypto_secretstream_xchacha20poly1305_state *state, const char *name,
	const uint8_t *bytes, size_t size, uint8_t *out)
{
	uint8_t tag = ON;
	while (size) {
		size_t n = size < PIECE + MORE ? size : PIECE + MORE;
		if (tag == FINAL || n < MORE ||
			crypto_secretstream_xchacha20poly1305_pull(
				state, out, NULL, &tag, bytes, n, (const uint8_t *)name, strlen(name)))
			return false;
		bytes += n;
		size -= n;
		out += n - MORE;
	}
	return tag == FINAL;
}

static int damaged(const char *name, const char *how, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_CORRUPT, "object %.12s… is damaged: %s", name, how);
}

static uint32_t number_of(const uint8_t *bytes)
{
	struct lepton__cursor c = {bytes + 8, 4, false};
	return lepton__cursor_u32(&c);
}

static int unseal(const struct lepton__vault *vault, const char *name, const uint8_t *bytes, size_t size,
	char **out, size_t *out_size, struct lepton_error *err)
{
	crypto_secretstream_xchacha20poly1305_state state;
	if (size < HEAD + MORE || memcmp(bytes, MAGIC, 8) != 0)
		return damaged(name, "it is not sealed, or cut off", err);
	uint32_t number = number_of(bytes);
	const struct lepton__uses *uses = number == vault->now.number ? &vault->now : &vault->before;
	if (!number || number != uses->number)
		return damaged(name, "it is sealed by a key that this store does not have", err);
	size_t count = (size - HEAD + PIECE + MORE - 1) / (PIECE + MORE);
	if (size - HEAD < count * MORE)
		return damaged(name, "its length is impossible", err);
	*out_size = size - HEAD - count * MORE;
	*out = lepton__malloc(*out_size + 1);
	if (!*out)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening %.12s…", name);
	(*out)[*out_size] = '\0';
	bool good = crypto_secretstream_xchacha20poly1305_init_pull(&state, bytes + 12, uses->objects) == 0 &&
		    pull_all(&state, name, bytes + HEAD, size - HEAD, (uint8_t *)*out);
	sodium_memzero(&state, sizeof state);
	if (good)
		return LEPTON_OK;
	sodium_memzero(*out, *out_size);
	lepton__free(*out);
	*out = NULL;
	return damaged(name, "it is not what was sealed", err);
}

int lepton__sealed_write(const struct lepton__vault *vault, const char *path, const char *name,
	const void *bytes, size_t size, struct lepton_error *err)
{
	uint8_t *sealed;
	size_t sealed_size;
	if (!vault)
		return lepton__file_write(path, bytes, size, 0600, err);
	int code = seal(vault, name, bytes, size, &sealed, &sealed_size, err);
	if (code)
		return code;
	code = lepton__file_write(path, sealed, sealed_size, 0600, err);
	lepton__free(sealed);
	return code;
}

static int read_sealed(
	const char *path, size_t max, char **sealed, size_t *sealed_size, struct lepton_error *err)
{
	return lepton__file_read(path, max + HEAD + pieces_of(max) * MORE, sealed, sealed_size, err);
}

int lepton__sealed_read(const struct lepton__vault *vault, const char *path, const char *name, size_t max,
	char **out, size_t *size, struct lepton_error *err)
{
	char *sealed;
	size_t sealed_size;
	if (!vault)
		return lepton__file_read(path, max, out, size, err);
	int code = read_sealed(path, max, &sealed, &sealed_size, err);
	if (code)
		return code;
	code = unseal(vault, name, (const uint8_t *)sealed, sealed_size, out, size, err);
	lepton__free(sealed);
	return code;
}

int lepton__sealed_anew(const struct lepton__vault *vault, const char *path, const char *name, size_t max,
	size_t *count, struct lepton_error *err)
{
	char *sealed, *bytes;
	size_t sealed_size, size;
	struct stat info;
	if (lepton__io.stat(path, &info))
		return damaged(name, "it is missing", err);
	int code = read_sealed(path, max, &sealed, &sealed_size, err);
	if (code)
		return code;
	bool done = sealed_size >= HEAD && memcmp(sealed, MAGIC, 8) == 0 &&
		    number_of((const uint8_t *)sealed) == vault->now.number;
	if (!done)
		code = unseal(vault, name, (const uint8_t *)sealed, sealed_size, &bytes, &size, err);
	lepton__free(sealed);
	if (done || code)
		return code;
	code = lepton__sealed_write(vault, path, name, bytes, size, err);
	lepton__free(bytes);
	*count += code == LEPTON_OK;
	return code;
}

/* Equal tensors still are one file; but who has a tensor and no key cannot tell whether it is here. */
void lepton__sealed_name(const struct lepton__vault *vault, char hash[65])
{
	uint8_t name[32];
	if (!vault)
		return;
	crypto_generichash(name, sizeof name, (const uint8_t *)hash, 64, vault->names, sizeof vault->names);
	sodium_bin2hex(hash, 65, name, sizeof name);
}
