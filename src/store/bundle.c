/* store/bundle.c - the bytes of a bundle, and reading them without believing any.
 *
 * Integers are little-endian. Head of 128 bytes: "LEPTVER1", u32 1 when signed, u32 bytes of the statement,
 * u32 bytes of the figures, u32 tensors, u64 bytes of the tensors, 32 bytes public key, 64 bytes signature
 * (both zeros when not signed). Then statement, figures, tensors, and 32 bytes of BLAKE2b-256 over all
 * before; the file ends there. A tensor: u8 length of the name, name, u8 type, u8 rank, u64 each dimension,
 * numbers. The sum of the lengths must be the file's, and each tensor must fit what is left, before anything
 * is allocated.
 */
#include "config.h"
#include "store/bundle_parts.h"
#include "store/statement.h"
#include "lepton/compress.h"
#include "lepton/spec.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "LEPTVER1"
#define HEAD 128
#define DIGEST 32
#define FILE_MAX ((size_t)4 << 30)
#define FIGURES_MAX ((size_t)1 << 20)
#define TENSORS_MAX 4096
#define KEY_BYTES 32

/* ---- writing --------------------------------------------------------------------------------------- */

static size_t bytes_of(const struct lepton_tensor *t)
{
	return (size_t)lepton_shape_count(&t->shape) * lepton_dtype_size(t->dtype);
}

static void render_tensor(const struct lepton_tensor *t, struct lepton__buffer *out)
{
	const uint8_t length = (uint8_t)strlen(t->name),
		      kind[2] = {(uint8_t)t->dtype, (uint8_t)t->shape.rank};
	lepton__buffer_append(out, &length, 1);
	lepton__buffer_append(out, t->name, length);
	lepton__buffer_append(out, kind, sizeof kind);
	for (int i = 0; i < t->shape.rank; i++)
		lepton__buffer_u64(out, (uint64_t)t->shape.dim[i]);
	lepton__buffer_append(out, t->data, bytes_of(t));
}

static uint64_t tensors_bytes(const struct lepton_params *params)
{
	uint64_t size = 0;
	for (size_t i = 0; i < lepton_params_count(params); i++) {
		const struct lepton_tensor *t = lepton_params_at(params, i);
		size += 3 + strlen(t->name) + 8 * (uint64_t)t->shape.rank + bytes_of(t);
	}
	return size;
}

static void render_signer(const struct lepton_bundle *bundle, struct lepton__buffer *out)
{
	uint8_t key[KEY_BYTES] = {0};
	if (*bundle->signer)
		sodium_hex2bin(key, sizeof key, bundle->signer, 2 * sizeof key, NULL, NULL, NULL);
	lepton__buffer_append(out, key, sizeof key);
	lepton__buffer_append(out, bundle->signature, sizeof bundle->signature);
}

int lepton__bundle_render(
	const struct lepton_bundle *bundle, struct lepton__buffer *out, struct lepton_error *err)
{
	const struct lepton_checkpoint *c = bundle->checkpoint;
	const struct lepton_params *params = c->encoded ? c->encoded : c->state.weights;
	uint8_t sum[DIGEST];
	lepton__buffer_init(out, FILE_MAX);
	lepton__buffer_append(out, MAGIC, 8);
	lepton__buffer_u32(out, *bundle->signer != '\0');
	lepton__buffer_u32(out, (uint32_t)strlen(bundle->statement));
	lepton__buffer_u32(out, (uint32_t)strlen(bundle->figures));
	lepton__buffer_u32(out, (uint32_t)lepton_params_count(params));
	lepton__buffer_u64(out, tensors_bytes(params));
	render_signer(bundle, out);
	lepton__buffer_string(out, bundle->statement);
	lepton__buffer_string(out, bundle->figures);
	for (size_t i = 0; i < lepton_params_count(params); i++)
		render_tensor(lepton_params_at(params, i), out);
	if (!out->failed)
		crypto_generichash(sum, sizeof sum, (const uint8_t *)out->data, out->size, NULL, 0);
	lepton__buffer_append(out, sum, sizeof sum);
	return out->failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a version's file")
			   : LEPTON_OK;
}

/* ---- reading: the parts ---------------------------------------------------------------------------- */

struct parts {
	uint32_t is_signed, statement, figures, tensors;
	uint64_t weights;
	const uint8_t *signer, *signature;
};

static int no_memory(const char *file, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "%s: out of memory", file);
}

static int bad(const char *file, const char *how, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_DATA, "%s: %s: it is not let in", file, how);
}

static int read_head(struct lepton__cursor *c, const char *file, struct parts *p, struct lepton_error *err)
{
	size_t size = c->left;
	const uint8_t *magic = lepton__cursor_bytes(c, 8);
	if (!magic || memcmp(magic, MAGIC, 8) != 0)
		return bad(file, "it is not a version's file, as `lepton export --format lepton` writes it",
			err);
	p->is_signed = lepton__cursor_u32(c);
	p->statement = lepton__cursor_u32(c);
	p->figures = lepton__cursor_u32(c);
	p->tensors = lepton__cursor_u32(c);
	p->weights = lepton__cursor_u64(c);
	p->signer = lepton__cursor_bytes(c, KEY_BYTES);
	p->signature = lepton__cursor_bytes(c, LEPTON_SIGNATURE_BYTES);
	if (c->failed)
		return bad(file, "it is cut off", err);
	if (p->statement > LEPTON__STATEMENT_MAX || p->figures > FIGURES_MAX || p->tensors < 1 ||
		p->tensors > TENSORS_MAX || p->weights > FILE_MAX || p->is_signed > 1)
		return bad(file, "its head says sizes that no version has", err);
	uint64_t whole = HEAD + (uint64_t)p->statement + p->figures + p->weights + DIGEST;
	if (size < whole)
		return bad(file, "it is cut off", err);
	return size > whole ? bad(file, "something follows its end", err) : LEPTON_OK;
}

static int check_sum(const uint8_t *bytes, size_t size, const char *file, struct lepton_error *err)
{
	uint8_t sum[DIGEST];
	crypto_generichash(sum, sizeof sum, bytes, size - DIGEST, NULL, 0);
	return memcmp(sum, bytes + size - DIGEST, DIGEST) == 0
		       ? LEPTON_OK
		       : bad(file, "it was damaged on the way, its checksum does not match", err);
}

/* Text without a NUL in it, as UTF-8; heap. */
static int read_text(
	struct lepton__cursor *c, size_t size, const char *file, char **out, struct lepton_error *err)
{
	const char *text = (const char *)lepton__cursor_bytes(c, size);
	if (!text || memchr(text, 0, size) || !lepton__utf8_valid(text, size))
		return bad(file, "its words are no text", err);
	*out = lepton__strndup(text, size);
	return *out ? LEPTON_OK : no_memory(file, err);
}

/* ---- reading: tensors ------------------------------------------------------------------------------ */

static bool plain_name(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((uint8_t)name[i] < 0x20 || (uint8_t)name[i] == 0x7F)
			return false;
	return length > 0 && length < LEPTON_NAME_MAX && lepton__utf8_valid(name, length);
}

static int read_tensor(
	struct lepton__cursor *c, const char *file, struct lepton_tensor *t, struct lepton_error *err)
{
	size_t length = lepton__cursor_u8(c);
	const char *name = (const char *)lepton__cursor_bytes(c, length);
	uint8_t dtype = lepton__cursor_u8(c), rank = lepton__cursor_u8(c);
	if (c->failed || !plain_name(name, length) || dtype > LEPTON_F64 || rank > LEPTON_MAX_RANK)
		return bad(file, "a tensor has an impossible name, type or rank", err);
	*t = (struct lepton_tensor){.dtype = (enum lepton_dtype)dtype, .shape = {.rank = rank}};
	memcpy(t->name, name, length);
	uint64_t size = lepton_dtype_size(t->dtype);
	for (int i = 0; i < rank; i++) {
		uint64_t dim = lepton__cursor_u64(c);
		t->shape.dim[i] = (int64_t)dim;
		if (dim < 1 || dim > FILE_MAX || __builtin_mul_overflow(size, dim, &size))
			return bad(file, "a tensor has an impossible shape", err);
	}
	if (c->failed || size > c->left)
		return bad(file, "a tensor is larger than the file", err);
	t->data = (void *)(uintptr_t)lepton__cursor_bytes(c, size);
	return LEPTON_OK;
}

static bool all_finite(const struct lepton_tensor *t)
{
	int64_t count = lepton_shape_count(&t->shape);
	for (int64_t i = 0; i < count; i++) {
		float f = 0;
		double d = 0;
		if (t->dtype == LEPTON_F32)
			memcpy(&f, (const char *)t->data + 4 * i, 4);
		else if (t->dtype == LEPTON_F64)
			memcpy(&d, (const char *)t->data + 8 * i, 8);
		if (!isfinite(f) || !isfinite(d))
			return false;
	}
	return true;
}

static bool named_before(const struct lepton_tensor *tensors, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(tensors[k].name, tensors[i].name) == 0)
			return true;
	return false;
}

static int read_tensors(struct lepton__cursor *c, uint32_t count, const char *file,
	struct lepton_params **out, struct lepton_error *err)
{
	if (count > c->left / 3) /* a tensor has no fewer bytes */
		return bad(file, "it has more tensors than bytes for them", err);
	struct lepton_tensor *tensors = lepton__calloc(count, sizeof *tensors);
	int code = tensors ? LEPTON_OK : no_memory(file, err);
	for (uint32_t i = 0; i < count && !code; i++) {
		code = read_tensor(c, file, &tensors[i], err);
		if (!code && named_before(tensors, i))
			code = bad(file, "two tensors have one name", err);
	}
	if (!code && c->left)
		code = bad(file, "something follows its tensors", err);
	if (!code)
		code = lepton_params_from(tensors, count, out, err);
	lepton__free(tensors);
	return code;
}

/* ---- reading: the whole ---------------------------------------------------------------------------- */

/* The weights themselves, of the statement's hash: of a compressed version those its blob decodes to. */
static int read_weights(struct lepton__cursor *c, const struct parts *p, const cJSON *statement,
	const char *file, struct lepton_bundle *out, struct lepton_error *err)
{
	struct lepton_checkpoint *checkpoint = lepton__calloc(1, sizeof *checkpoint);
	struct lepton_params *params = NULL;
	const char *method = lepton__json_get_string(statement, "method", "");
	if (!checkpoint)
		return no_memory(file, err);
	checkpoint->references = 1;
	out->checkpoint = checkpoint;
	int code = read_tensors(c, p->tensors, file, &params, err);
	if (code)
		return code;
	const struct lepton_tensor *first = lepton_params_at(params, 0);
	if (!*method) {
		checkpoint->state.weights = params;
	} else {
		checkpoint->encoded = params;
		lepton__copy_name(checkpoint->method, sizeof checkpoint->method, method);
		code = first->dtype == LEPTON_U8 && p->tensors == 1
			       ? lepton_decompress(
					 first->data, bytes_of(first), NULL, &checkpoint->state.weights, err)
			       : bad(file, "its compressed weights are no blob", err);
	}
	if (code == LEPTON_E_CORRUPT || code == LEPTON_E_NOTFOUND)
		return bad(file, "its compressed weights cannot be opened", err);
	return code;
}

static int check_weights(const struct lepton_bundle *b, const char *file, struct lepton_error *err)
{
	const struct lepton_params *weights = b->checkpoint->state.weights;
	char hash[LEPTON_HASH_HEX];
	lepton_params_hash(weights, hash);
	if (strcmp(hash, b->version.weights_hash) != 0)
		return bad(file, "its weights are not those that it says", err);
	for (size_t i = 0; i < lepton_params_count(weights); i++)
		if (!all_finite(lepton_params_at(weights, i)))
			return bad(file, "its weights hold what is no number", err);
	return LEPTON_OK;
}

static int check_signature(const struct parts *p, const char *file, const char *const *trusted, size_t count,
	struct lepton_bundle *out, struct lepton_error *err)
{
	if (!p->is_signed && !count)
		return LEPTON_OK;
	if (!p->is_signed)
		return lepton_error_set(
			err, LEPTON_E_KEY, "%s is not signed: it is not let in with --trust", file);
	sodium_bin2hex(out->signer, sizeof out->signer, p->signer, KEY_BYTES);
	memcpy(out->signature, p->signature, sizeof out->signature);
	int code = lepton__statement_signed(out->statement, out->signer, out->signature);
	if (code == LEPTON_E_NOMEM)
		return no_memory(file, err);
	if (code)
		return lepton_error_set(err, code, "%s: bad signature: it is not let in", file);
	if (count && !lepton__trusted(out->signer, trusted, count))
		return lepton_error_set(err, LEPTON_E_KEY,
			"%s is signed by %s, which is none of the trusted keys: it is not let in", file,
			out->signer);
	return LEPTON_OK;
}

static int read_statement(const char *text, const char *file, cJSON **out, struct lepton_error *err)
{
	int code = lepton__statement_parse(text, out);
	return code == LEPTON_E_DATA ? bad(file, "its statement is not one of ours", err)
	       : code                ? no_memory(file, err)
				     : LEPTON_OK;
}

static int parse(const uint8_t *bytes, size_t size, const char *file, const char *const *trusted,
	size_t count, struct lepton_bundle *out, struct lepton_error *err)
{
	struct lepton__cursor c = {bytes, size, false};
	struct parts p = {0};
	cJSON *statement = NULL;
	int code = read_head(&c, file, &p, err);
	if (!code)
		code = check_sum(bytes, size, file, err);
	if (!code)
		code = read_text(&c, p.statement, file, &out->statement, err);
	if (!code)
		code = read_text(&c, p.figures, file, &out->figures, err);
	if (!code)
		code = check_signature(&p, file, trusted, count, out, err);
	if (!code)
		code = read_statement(out->statement, file, &statement, err);
	if (!code)
		code = lepton__bundle_version(out, statement, file, err);
	c.left = code ? 0 : (size_t)p.weights;
	if (!code)
		code = read_weights(&c, &p, statement, file, out, err);
	if (!code)
		code = check_weights(out, file, err);
	cJSON_Delete(statement);
	if (!code) {
		const struct lepton_checkpoint *k = out->checkpoint;
		out->version.parameters = lepton_params_values(k->state.weights);
		out->version.raw_bytes = lepton_params_bytes(k->state.weights);
		out->version.bytes = k->encoded ? lepton_params_bytes(k->encoded) : out->version.raw_bytes;
	}
	return code;
}

int lepton_bundle_parse(const void *bytes, size_t size, const char *name, const char *const *trusted,
	size_t count, struct lepton_bundle *out, struct lepton_error *err)
{
	*out = (struct lepton_bundle){0};
	int code = parse(bytes, size, name, trusted, count, out, err);
	if (code)
		lepton_bundle_clear(out);
	return code;
}

int lepton_bundle_read(const char *path, const char *const *trusted, size_t count, struct lepton_bundle *out,
	struct lepton_error *err)
{
	char *bytes;
	size_t size;
	int code = lepton__file_read(path, FILE_MAX, &bytes, &size, err);
	if (code)
		return code;
	code = lepton_bundle_parse(bytes, size, path, trusted, count, out, err);
	lepton__free(bytes);
	return code;
}

void lepton_bundle_clear(struct lepton_bundle *bundle)
{
	lepton_text_release(bundle->version.operation);
	lepton_text_release(bundle->version.hyperparameters);
	lepton_checkpoint_release(bundle->checkpoint);
	lepton__free(bundle->statement);
	lepton__free(bundle->figures);
	*bundle = (struct lepton_bundle){0};
}
