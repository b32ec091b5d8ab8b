/* store/load_checkpoint.c - weights back from the disk, checked to the bit.
 *
 * The newest checkpoint that is whole wins; a damaged one is passed over in favour of the one before
 * it, and said. A compressed version is decoded from its blob, with its base found by hash; chains
 * of bases are bounded.
 */
#include "config.h"
#include "store/store_parts.h"
#include "lepton/compress.h"
#include "base/memory.h"

#include <string.h>

#define TRIES_MAX 8

/* ---- a set of tensors from their objects --------------------------------------------------------- */

struct parts {
	struct lepton_tensor *like;
	struct lepton_params **sets;
	size_t count, capacity, sets_capacity;
};

static void free_parts(struct parts *p)
{
	for (size_t i = 0; i < p->count; i++)
		lepton_params_release(p->sets[i]);
	lepton__free(p->like);
	lepton__free(p->sets);
}

static int add_part(struct lepton_store *store, struct parts *p, sqlite3_stmt *row, struct lepton_error *err)
{
	struct lepton_params *set;
	if (lepton__grow(&p->like, &p->capacity, p->count + 1, sizeof *p->like) ||
		lepton__grow(&p->sets, &p->sets_capacity, p->count + 1, sizeof *p->sets))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading a checkpoint");
	int code = lepton__object_get(store, lepton__sql_text(row, 1), &set, err);
	if (code)
		return code;
	p->like[p->count] = *lepton_params_at(set, 0);
	lepton__copy_name(p->like[p->count].name, LEPTON_NAME_MAX, lepton__sql_text(row, 0));
	p->sets[p->count++] = set;
	return LEPTON_OK;
}

static int join(const struct parts *p, struct lepton_params **out, struct lepton_error *err)
{
	int code = lepton_params_new(p->like, p->count, out, err);
	for (size_t i = 0; i < p->count && !code; i++)
		memcpy(lepton_params_data(*out, i), p->like[i].data,
			(size_t)lepton_shape_count(&p->like[i].shape) * lepton_dtype_size(p->like[i].dtype));
	return code;
}

/* The tensors of one role; *out stays NULL when there are none. */
static int read_set(struct lepton_store *store, int64_t row, const char *role, struct lepton_params **out,
	struct lepton_error *err)
{
	struct parts parts = {0};
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err,
		"SELECT name, hash FROM checkpoint_objects WHERE checkpoint=? AND role=? ORDER BY ordinal",
		"it", row, role);
	while (lepton__sql_more(store, rows, &code, err))
		code = add_part(store, &parts, rows, err);
	sqlite3_finalize(rows);
	*out = NULL;
	if (!code && parts.count)
		code = join(&parts, out, err);
	free_parts(&parts);
	return code;
}

/* ---- one checkpoint -------------------------------------------------------------------------------- */

static int load_base(struct lepton_store *store, const char *hash, int depth, struct lepton_params **out,
	int *chain, struct lepton_error *err)
{
	int64_t row;
	struct lepton_checkpoint *checkpoint;
	if (depth >= LEPTON_CHAIN_MAX)
		return lepton_error_set(
			err, LEPTON_E_CORRUPT, "a chain of more than %d bases", LEPTON_CHAIN_MAX);
	int code = lepton__sql_int(store, &row, 0, err,
		"SELECT id FROM checkpoints WHERE weights_hash=? ORDER BY method IS NOT NULL, id DESC LIMIT "
		"1",
		"t", hash);
	if (!code && !row)
		code = lepton_error_set(err, LEPTON_E_CORRUPT, "the base %.12s… is not in the store", hash);
	if (!code)
		code = lepton__load_row(store, row, depth + 1, &checkpoint, err);
	if (code)
		return code;
	*out = lepton_params_retain(checkpoint->state.weights);
	*chain = checkpoint->chain + 1;
	lepton_checkpoint_release(checkpoint);
	return LEPTON_OK;
}

static int decode(
	struct lepton_store *store, struct lepton_checkpoint *c, int depth, struct lepton_error *err)
{
	const struct lepton_tensor *blob = lepton_params_at(c->encoded, 0);
	int code =
		*c->base_hash ? load_base(store, c->base_hash, depth, &c->base, &c->chain, err) : LEPTON_OK;
	return code ? code
		    : lepton_decompress(blob->data, (size_t)lepton_shape_count(&blob->shape), c->base,
			      &c->state.weights, err);
}

static int check_hash(const struct lepton_checkpoint *c, const char *expected, struct lepton_error *err)
{
	char hash[LEPTON_HASH_HEX];
	if (!c->state.weights)
		return lepton_error_set(err, LEPTON_E_CORRUPT, "a checkpoint without weights");
	lepton_params_hash(c->state.weights, hash);
	if (strcmp(hash, expected) != 0)
		return lepton_error_set(
			err, LEPTON_E_CORRUPT, "weights %.12s… were stored as %.12s…", hash, expected);
	return LEPTON_OK;
}

static int fill(struct lepton_store *store, int64_t row, sqlite3_stmt *columns, int depth,
	struct lepton_checkpoint *c, struct lepton_error *err)
{
	const char *extra = lepton__sql_text(columns, 2);
	c->state.step = sqlite3_column_int64(columns, 0);
	c->state.epoch = sqlite3_column_double(columns, 1);
	c->state.extra = *extra ? lepton__strdup(extra) : NULL;
	if (*extra && !c->state.extra)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading a checkpoint");
	lepton__copy_name(c->method, sizeof c->method, lepton__sql_text(columns, 3));
	lepton__copy_name(c->base_hash, sizeof c->base_hash, lepton__sql_text(columns, 4));
	int code = read_set(store, row, "weight", &c->state.weights, err);
	if (!code)
		code = read_set(store, row, "slot", &c->state.slots, err);
	if (!code)
		code = read_set(store, row, "encoded", &c->encoded, err);
	if (!code && c->encoded)
		code = decode(store, c, depth, err);
	return code ? code : check_hash(c, lepton__sql_text(columns, 5), err);
}

int lepton__load_row(struct lepton_store *store, int64_t row, int depth, struct lepton_checkpoint **out,
	struct lepton_error *err)
{
	sqlite3_stmt *columns;
	struct lepton_checkpoint *c = lepton__calloc(1, sizeof *c);
	*out = NULL;
	if (!c)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading a checkpoint");
	c->references = 1;
	int code = lepton__sql_prepare(store, &columns, err,
		"SELECT step, epoch, extra, method, base_hash, weights_hash FROM checkpoints WHERE id=?", "i",
		row);
	if (!code)
		code = sqlite3_step(columns) == SQLITE_ROW
			       ? fill(store, row, columns, depth, c, err)
			       : lepton__sql_error(store, "read a checkpoint", err);
	sqlite3_finalize(columns);
	if (code)
		lepton_checkpoint_release(c);
	else
		*out = c;
	return code;
}

/* ---- the newest that is whole ------------------------------------------------------------------------ */

static int none(int64_t version, const struct lepton_error *first, struct lepton_error *err)
{
	if (*first->message)
		return lepton_error_set(err,
			first->code == LEPTON_E_NOMEM ? LEPTON_E_NOMEM : LEPTON_E_CORRUPT,
			"no checkpoint is whole: %s", first->message);
	return lepton_error_set(
		err, LEPTON_E_NOTFOUND, "version #%lld has no checkpoint yet", (long long)version);
}

/* *first is the fault of the newest that was passed over; *out NULL when none is whole. */
static int newest_whole(struct lepton_store *store, int64_t version, int64_t step,
	struct lepton_checkpoint **out, struct lepton_error *first, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	struct lepton_error now;
	*first = (struct lepton_error){0};
	int code = lepton__sql_prepare(store, &rows, err,
		"SELECT id FROM checkpoints WHERE version=? AND step<=? ORDER BY id DESC", "ii", version,
		step < 0 ? INT64_MAX : step);
	while (!*out && lepton__sql_more(store, rows, &code, err)) {
		int damage = lepton__load_row(store, sqlite3_column_int64(rows, 0), 0, out, &now);
		if (damage && !*first->message)
			*first = now;
		if (damage == LEPTON_E_NOMEM) /* which says nothing against the checkpoint */
			code = lepton_error_set(err, damage, "%s", now.message);
	}
	sqlite3_finalize(rows);
	return code;
}

static int newest(struct lepton_store *store, int64_t version, int64_t *id, struct lepton_error *err)
{
	return lepton__sql_int(
		store, id, 0, err, "SELECT max(id) FROM checkpoints WHERE version=?", "i", version);
}

/* A reader may find files gone that its snapshot names, because the writer's gc took them meanwhile: then
 * there is a newer checkpoint, and it looks again. */
int lepton_store_load_checkpoint(struct lepton_store *store, int64_t version, int64_t step,
	struct lepton_checkpoint **out, struct lepton_error *err)
{
	struct lepton_error first;
	int64_t before, after;
	*out = NULL;
	int code = newest(store, version, &before, err);
	for (int tries = 0; !code; tries++, before = after) {
		code = newest_whole(store, version, step, out, &first, err);
		if (code || !*first.message || tries >= TRIES_MAX)
			break;
		code = newest(store, version, &after, err);
		if (!code && after == before)
			break;
		lepton_checkpoint_release(*out);
		*out = NULL;
	}
	if (code)
		return code;
	if (!*out)
		return none(version, &first, err);
	if (*first.message)
		lepton_error_set(err, LEPTON_OK, "%s; an older checkpoint (step %lld) is used", first.message,
			(long long)(*out)->state.step);
	return LEPTON_OK;
}
