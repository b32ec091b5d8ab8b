/* store/objects.c - one tensor a file, named by what it holds.
 *
 * New tensors are written plain; pack.c changes the form of older ones. The name is lepton_tensor_hash: type,
 * shape and bytes, so equal tensors of any versions are one file. A delta is read with its base, which may
 * be a delta too; such chains are bounded. All files of objects are written by lepton__object_write and
 * read by lepton__object_read, and nowhere else.
 */
#include "config.h"
#include "store/object_form.h"
#include "store/store_parts.h"
#include "base/file.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define HEX_DIGITS (LEPTON_HASH_HEX - 1)

static char *object_folder(const struct lepton_store *store, const char *hash)
{
	return lepton__format("%s/%.2s", store->objects, hash);
}

static char *object_path(const struct lepton_store *store, const char *hash)
{
	return lepton__format("%s/%.2s/%s", store->objects, hash, hash + 2);
}

int lepton__object_write(struct lepton_store *store, const char *hash, const struct lepton__buffer *bytes,
	struct lepton_error *err)
{
	char *folder = object_folder(store, hash), *path = object_path(store, hash);
	struct stat info;
	int code = folder && path ? LEPTON_OK
				  : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory storing an object");
	if (!code && lepton__io.stat(folder, &info))
		code = lepton__make_dirs(folder, 0700, err);
	if (!code)
		code = lepton__sealed_write(store->vault, path, hash, bytes->data, bytes->size, err);
	lepton__free(folder);
	lepton__free(path);
	return code;
}

int lepton__object_read(
	struct lepton_store *store, const char *hash, char **bytes, size_t *size, struct lepton_error *err)
{
	char *path = object_path(store, hash);
	*bytes = NULL;
	if (!path)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading an object");
	int code = strlen(hash) == HEX_DIGITS ? lepton__sealed_read(store->vault, path, hash,
							LEPTON__OBJECT_MAX, bytes, size, err)
					      : lepton__object_damaged(hash, "a bad name", err);
	lepton__free(path);
	if (code == LEPTON_E_IO)
		return lepton_error_set(err, LEPTON_E_CORRUPT,
			"object %.12s… cannot be read: it is missing or unreadable", hash);
	return code == LEPTON_E_DATA ? lepton__object_damaged(hash, "it is too large", err) : code;
}

int lepton__object_put(struct lepton_store *store, const struct lepton_tensor *tensor,
	char hash[LEPTON_HASH_HEX], struct lepton_error *err)
{
	int64_t known, size = lepton_shape_count(&tensor->shape) * (int64_t)lepton_dtype_size(tensor->dtype);
	struct lepton__buffer bytes;
	lepton_tensor_hash(tensor, hash);
	lepton__sealed_name(store->vault, hash);
	int code = lepton__sql_int(store, &known, 0, err, "SELECT 1 FROM objects WHERE hash=?", "t", hash);
	if (code || known)
		return code;
	lepton__buffer_init(&bytes, LEPTON__OBJECT_MAX);
	code = lepton__object_render(tensor, LEPTON__OBJECT_PLAIN, NULL, NULL, &bytes, err);
	if (!code)
		code = lepton__object_write(store, hash, &bytes, err);
	lepton__buffer_free(&bytes);
	return code ? code
		    : lepton__sql_do(
			      store, err, "INSERT INTO objects(hash, bytes) VALUES(?,?)", "ti", hash, size);
}

static int get(struct lepton_store *store, const char *hash, int depth, struct lepton_params **out,
	struct lepton_error *err);

/* The base of a delta; a fault names both. */
static int get_base(struct lepton_store *store, const char *hash, const char *base, int depth,
	struct lepton_params **out, struct lepton_error *err)
{
	if (depth >= LEPTON__OBJECT_CHAIN)
		return lepton__object_damaged(hash, "a chain of too many bases", err);
	int code = get(store, base, depth + 1, out, err);
	return code ? lepton_error_prefix(err, "object %.12s… needs its base", hash) : LEPTON_OK;
}

static int get(struct lepton_store *store, const char *hash, int depth, struct lepton_params **out,
	struct lepton_error *err)
{
	struct lepton__object_head head;
	struct lepton_params *base = NULL;
	char *bytes;
	size_t size;
	*out = NULL;
	int code = lepton__object_read(store, hash, &bytes, &size, err);
	if (code)
		return code;
	code = lepton__object_head(bytes, size, hash, &head, err);
	if (!code && *head.base)
		code = get_base(store, hash, head.base, depth, &base, err);
	if (!code)
		code = lepton__object_decode(
			store->vault, &head, base ? lepton_params_at(base, 0) : NULL, hash, out, err);
	lepton_params_release(base);
	lepton__free(bytes);
	return code;
}

/* A reader may find a base gone because the writer has just written the file anew without it: then the second
 * look needs none. */
int lepton__object_get(
	struct lepton_store *store, const char *hash, struct lepton_params **out, struct lepton_error *err)
{
	int code = get(store, hash, 0, out, err);
	return code == LEPTON_E_CORRUPT && store->lock_fd < 0 ? get(store, hash, 0, out, err) : code;
}

int lepton__object_reseal(
	struct lepton_store *store, const char *hash, size_t *count, struct lepton_error *err)
{
	char *path = object_path(store, hash);
	if (!path)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory sealing an object");
	int code = lepton__sealed_anew(store->vault, path, hash, LEPTON__OBJECT_MAX, count, err);
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

int64_t lepton__object_size(struct lepton_store *store, const char *hash)
{
	char *path = object_path(store, hash);
	int64_t size = path ? lepton__size_of(path) : 0;
	lepton__free(path);
	return size;
}
