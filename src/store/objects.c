/* store/objects.c - one tensor a file, named by what it holds.
 *
 * Layout, little-endian: "LEPTOBJ1", u8 type, u8 rank, u16 zero, rank × u64 dimensions, u64 payload bytes,
 * payload, 32 bytes of BLAKE2b-256 over all before. The name is lepton_tensor_hash: type, shape and
 * bytes, so equal tensors of any versions are one file. Every length is checked against the file's
 * size before anything is allocated for it.
 */
#include "config.h"
#include "store/store_parts.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "LEPTOBJ1"
#define DIGEST 32
#define OBJECT_MAX ((size_t)1 << 34)
#define HEX_DIGITS 64

static char *object_folder(const struct lepton_store *store, const char *hash)
{
	return lepton__format("%s/%.2s", store->objects, hash);
}

static char *object_path(const struct lepton_store *store, const char *hash)
{
	return lepton__format("%s/%.2s/%s", store->objects, hash, hash + 2);
}

static void digest(const void *bytes, size_t size, uint8_t out[DIGEST])
{
	crypto_generichash(out, DIGEST, bytes, size, NULL, 0);
}

static void render(const struct lepton_tensor *t, struct lepton__buffer *out)
{
	size_t size = (size_t)lepton_shape_count(&t->shape) * lepton_dtype_size(t->dtype);
	uint8_t head[4] = {(uint8_t)t->dtype, (uint8_t)t->shape.rank, 0, 0}, sum[DIGEST];
	lepton__buffer_init(out, OBJECT_MAX);
	lepton__buffer_append(out, MAGIC, 8);
	lepton__buffer_append(out, head, sizeof head);
	for (int i = 0; i < t->shape.rank; i++)
		lepton__buffer_u64(out, (uint64_t)t->shape.dim[i]);
	lepton__buffer_u64(out, size);
	lepton__buffer_append(out, t->data, size);
	if (out->failed)
		return;
	digest(out->data, out->size, sum);
	lepton__buffer_append(out, sum, sizeof sum);
}

static int write_object(struct lepton_store *store, const struct lepton_tensor *tensor, const char *hash,
	struct lepton_error *err)
{
	struct lepton__buffer bytes;
	char *folder = object_folder(store, hash), *path = object_path(store, hash);
	render(tensor, &bytes);
	int code = LEPTON_OK;
	if (!folder || !path || bytes.failed)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory storing %s", tensor->name);
	if (!code && access(folder, F_OK)) {
		code = lepton__make_dirs(folder, 0700, err);
		if (!code)
			code = lepton__sync_dir(
				store->objects, err); /* the folder's own name must be on disk too */
		if (code)
			rmdir(folder); /* or the next object here would take its name for synced */
	}
	if (!code)
		code = lepton__sealed_write(store->vault, path, hash, bytes.data, bytes.size, err);
	lepton__buffer_free(&bytes);
	lepton__free(folder);
	lepton__free(path);
	return code;
}

int lepton__object_put(struct lepton_store *store, const struct lepton_tensor *tensor,
	char hash[LEPTON_HASH_HEX], struct lepton_error *err)
{
	int64_t known, size = lepton_shape_count(&tensor->shape) * (int64_t)lepton_dtype_size(tensor->dtype);
	lepton_tensor_hash(tensor, hash);
	lepton__sealed_name(store->vault, hash);
	int code = lepton__sql_int(store, &known, 0, err, "SELECT 1 FROM objects WHERE hash=?", "t", hash);
	if (code || known)
		return code;
	code = write_object(store, tensor, hash, err);
	return code ? code
		    : lepton__sql_do(
			      store, err, "INSERT INTO objects(hash, bytes) VALUES(?,?)", "ti", hash, size);
}

static int damaged(const char *hash, const char *how, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_CORRUPT, "object %.12s… is damaged: %s", hash, how);
}

/* The header into *like; what is left in the cursor is payload and digest. */
static int read_head(
	struct lepton__cursor *c, struct lepton_tensor *like, const char *hash, struct lepton_error *err)
{
	const uint8_t *magic = lepton__cursor_bytes(c, 8), *head = lepton__cursor_bytes(c, 4);
	if (!magic || !head || memcmp(magic, MAGIC, 8) != 0 || head[0] > LEPTON_F64 ||
		head[1] > LEPTON_MAX_RANK)
		return damaged(hash, "not an object's header", err);
	*like = (struct lepton_tensor){
		.name = "object", .dtype = (enum lepton_dtype)head[0], .shape = {.rank = head[1]}};
	uint64_t size = lepton_dtype_size(like->dtype);
	for (int i = 0; i < like->shape.rank; i++) {
		uint64_t dim = lepton__cursor_u64(c);
		like->shape.dim[i] = (int64_t)dim;
		if (dim > OBJECT_MAX || __builtin_mul_overflow(size, dim, &size))
			return damaged(hash, "impossible shape", err);
	}
	if (lepton__cursor_u64(c) != size || c->failed || size > c->left || c->left - size != DIGEST)
		return damaged(hash, "its length does not fit its shape", err);
	return LEPTON_OK;
}

static int parse(const struct lepton_store *store, const char *bytes, size_t size, const char *hash,
	struct lepton_params **out, struct lepton_error *err)
{
	struct lepton__cursor c = {(const uint8_t *)bytes, size, false};
	struct lepton_tensor like;
	uint8_t sum[DIGEST];
	char name[LEPTON_HASH_HEX];
	int code = read_head(&c, &like, hash, err);
	if (code)
		return code;
	digest(bytes, size - DIGEST, sum);
	if (memcmp(sum, c.at + c.left - DIGEST, DIGEST) != 0)
		return damaged(hash, "its checksum does not match", err);
	code = lepton_params_new(&like, 1, out, err);
	if (code)
		return code;
	memcpy(lepton_params_data(*out, 0), c.at, c.left - DIGEST);
	lepton_tensor_hash(lepton_params_at(*out, 0), name);
	lepton__sealed_name(store->vault, name);
	if (strcmp(name, hash) == 0)
		return LEPTON_OK;
	lepton_params_release(*out);
	*out = NULL;
	return damaged(hash, "it holds something else than its name says", err);
}

int lepton__object_get(
	struct lepton_store *store, const char *hash, struct lepton_params **out, struct lepton_error *err)
{
	char *bytes, *path = object_path(store, hash);
	size_t size;
	*out = NULL;
	if (!path)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading an object");
	int code = strlen(hash) == HEX_DIGITS
			   ? lepton__sealed_read(store->vault, path, hash, OBJECT_MAX, &bytes, &size, err)
			   : damaged(hash, "a bad name", err);
	lepton__free(path);
	if (code == LEPTON_E_IO)
		return lepton_error_set(err, LEPTON_E_CORRUPT,
			"object %.12s… cannot be read: it is missing or unreadable", hash);
	if (code)
		return code;
	code = parse(store, bytes, size, hash, out, err);
	lepton__free(bytes);
	return code;
}

int lepton__object_reseal(struct lepton_store *store, const char *hash, size_t *count, struct lepton_error *err)
{
	char *path = object_path(store, hash);
	if (!path)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory sealing an object");
	int code = lepton__sealed_anew(store->vault, path, hash, OBJECT_MAX, count, err);
	lepton__free(path);
	return code;
}

void lepton__object_delete(struct lepton_store *store, const char *hash)
{
	char *path = object_path(store, hash);
	if (path)
		lepton__io.unlink(path); /* if it stays, the next writer's sweep takes it */
	lepton__free(path);
}

/* ---- the sweep -------------------------------------------------------------------------------------- */

static bool wanted(struct lepton_store *store, const char *two, const char *rest)
{
	char hash[LEPTON_HASH_HEX];
	int64_t known = 0;
	if (strlen(two) != 2 || strlen(rest) != HEX_DIGITS - 2)
		return false;
	snprintf(hash, sizeof hash, "%.2s%.62s", two, rest);
	return lepton__sql_int(store, &known, 0, NULL, "SELECT 1 FROM objects WHERE hash=?", "t", hash) ||
	       known; /* in doubt, keep */
}

static void sweep_folder(struct lepton_store *store, const char *two)
{
	char *folder = lepton__format("%s/%s", store->objects, two);
	DIR *listing = folder ? opendir(folder) : NULL;
	for (struct dirent *entry; listing && (entry = readdir(listing));) {
		if (entry->d_name[0] == '.' || wanted(store, two, entry->d_name))
			continue;
		char *path = lepton__path_join(folder, entry->d_name);
		if (path)
			lepton__io.unlink(path);
		lepton__free(path);
	}
	if (listing)
		closedir(listing);
	lepton__free(folder);
}

int lepton__objects_sweep(struct lepton_store *store, struct lepton_error *err)
{
	(void)err;
	DIR *listing = opendir(store->objects);
	for (struct dirent *entry; listing && (entry = readdir(listing));)
		if (entry->d_name[0] != '.' && strlen(entry->d_name) == 2)
			sweep_folder(store, entry->d_name);
	if (listing)
		closedir(listing);
	return LEPTON_OK; /* what could not be removed only takes room */
}
