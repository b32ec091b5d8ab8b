/* store/mend.c - a damaged object, had from elsewhere.
 *
 * There are two elsewheres. What is damaged may be only what is around the numbers (magic, shape, checksum):
 * the shape is known from the same tensor of another checkpoint, and the object's name tells whether the
 * numbers are whole. And a compressed version may decode to the very weights: then its tensor is written.
 * The name decides in both cases, so nothing can be mended wrongly.
 */
#include "config.h"
#include "store/inspect.h"
#include "store/mend.h"
#include "store/object_form.h"
#include "base/memory.h"

#include <string.h>

static int write_plain(struct lepton_store *store, const struct lepton_tensor *tensor, const char *hash,
	struct lepton_error *err)
{
	struct lepton__buffer bytes;
	lepton__buffer_init(&bytes, LEPTON__OBJECT_MAX);
	int code = lepton__object_render(tensor, LEPTON__OBJECT_PLAIN, NULL, NULL, &bytes, err);
	if (!code)
		code = lepton__object_write(store, hash, &bytes, err);
	if (!code)
		code = lepton__sql_do(
			store, err, "UPDATE objects SET base=NULL, packed=0 WHERE hash=?", "t", hash);
	lepton__buffer_free(&bytes);
	return code;
}

static bool is_named(const struct lepton_store *store, const struct lepton_tensor *tensor, const char *hash)
{
	char name[LEPTON_HASH_HEX];
	lepton_tensor_hash(tensor, name);
	lepton__sealed_name(store->vault, name);
	return strcmp(name, hash) == 0;
}

/* Are the numbers of a plain file whole, if its shape is that of `like`? */
static bool numbers_whole(struct lepton_store *store, const char *hash, const struct lepton_tensor *like,
	struct lepton_error *err)
{
	char *bytes;
	size_t size, head = 20 + 8 * (size_t)like->shape.rank;
	size_t numbers = (size_t)lepton_shape_count(&like->shape) * lepton_dtype_size(like->dtype);
	struct lepton_params *set = NULL;
	bool mended = false;
	if (lepton__object_read(store, hash, &bytes, &size, NULL))
		return false;
	if (size >= head + numbers && !lepton_params_new(like, 1, &set, NULL)) {
		memcpy(lepton_params_data(set, 0), bytes + head, numbers);
		mended = is_named(store, lepton_params_at(set, 0), hash) &&
			 !write_plain(store, lepton_params_at(set, 0), hash, err);
	}
	lepton_params_release(set);
	lepton__free(bytes);
	return mended;
}

/* The same tensor of any other checkpoint that can be read. */
static bool from_around(struct lepton_store *store, const struct lepton__spot *spot, struct lepton_error *err)
{
	struct lepton__hashes others = {0};
	bool mended = false;
	int code = lepton__hashes_select(store, &others, err,
		"SELECT DISTINCT hash FROM checkpoint_objects WHERE role=? AND name=? AND hash<>?", "ttt",
		spot->role, spot->name, spot->hash);
	for (size_t i = 0; i < others.count && !code && !mended; i++) {
		struct lepton_params *like;
		if (lepton__object_get(store, others.list[i], &like, NULL))
			continue;
		mended = numbers_whole(store, spot->hash, lepton_params_at(like, 0), err);
		lepton_params_release(like);
	}
	lepton__hashes_free(&others);
	return mended;
}

/* A compressed version of the same weights. */
static bool from_compressed(struct lepton_store *store, const struct lepton__place *place,
	const struct lepton__spot *spot, struct lepton_error *err)
{
	struct lepton_checkpoint *twin = NULL;
	const struct lepton_tensor *tensor = NULL;
	int64_t row;
	if (strcmp(spot->role, "weight") != 0 ||
		lepton__sql_int(store, &row, 0, err,
			"SELECT t.id FROM checkpoints t JOIN checkpoints c ON c.weights_hash=t.weights_hash "
			"WHERE c.id=? AND t.method IS NOT NULL LIMIT 1",
			"i", place->row) ||
		!row || lepton__load_row(store, row, 0, &twin, NULL))
		return false;
	tensor = lepton_params_find(twin->state.weights, spot->name);
	bool mended =
		tensor && is_named(store, tensor, spot->hash) && !write_plain(store, tensor, spot->hash, err);
	lepton_checkpoint_release(twin);
	return mended;
}

const char *lepton__mend(struct lepton_store *store, const struct lepton__place *place,
	const struct lepton__spot *spot, struct lepton_error *err)
{
	if (from_around(store, spot, err))
		return "its numbers are whole, and were written anew";
	if (from_compressed(store, place, spot, err))
		return "written anew from a compressed version of the same weights";
	return NULL;
}
