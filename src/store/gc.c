/* store/gc.c - what may go: old checkpoints nobody needs, then objects nobody names.
 *
 * Which checkpoints stay is the policy's to say (keep.c); whatever it says, the newest two of a version do,
 * the best where training is to go back to that, what an alias points at, and what a compressed version
 * needs as its base. An object goes when no checkpoint names it and no delta leans on it; a delta whose base
 * is needed for nothing else is first written anew without it. Rows go first and are committed; files after.
 * A crash between leaves a file without a row, which the next writer's sweep removes; never a row without
 * its file.
 */
#include "config.h"
#include "store/store_parts.h"

#include <stdio.h>
#include <string.h>

/* Of a version by its validation loss, among the checkpoints there are. */
#define BEST                                                                                                 \
	"SELECT b.id FROM checkpoints b JOIN events e ON e.version=b.version AND e.type=?6 AND"              \
	" e.step=b.step WHERE b.version=c.version AND json_extract(e.json,'$.val_loss') IS NOT NULL"         \
	" ORDER BY json_extract(e.json,'$.val_loss'), b.id LIMIT 1"
#define OLD                                                                                                  \
	"SELECT c.id FROM checkpoints c WHERE (?1=0 OR c.version=?1)"                                        \
	" AND (SELECT count(*) FROM checkpoints n WHERE n.version=c.version AND n.id>c.id)>=?2"              \
	" AND c.weights_hash NOT IN (SELECT weights_hash FROM aliases)"                                      \
	" AND NOT (?3 AND c.weights_hash IN (SELECT weights_hash FROM alias_history))"                       \
	" AND c.weights_hash NOT IN (SELECT value FROM settings WHERE key='best/' || c.version)"             \
	" AND NOT (?4 AND c.marked)"                                                                         \
	" AND NOT (?5 AND c.id IS (" BEST "))"                                                               \
	" AND c.weights_hash NOT IN (SELECT base_hash FROM checkpoints WHERE base_hash IS NOT NULL)"
#define OLD_TYPES "iiiiii"
#define OLD_VALUES(version, keep)                                                                            \
	(int64_t)(version), (keep)->last, (int64_t)(keep)->promoted, (int64_t)(keep)->marked,                \
		(int64_t)(keep)->best, (int64_t)LEPTON_EVENT_EPOCH
/* Deltas in use, on bases that are in no other. */
#define LEANING                                                                                              \
	"SELECT o.hash FROM objects o WHERE o.base IS NOT NULL"                                              \
	" AND NOT EXISTS (SELECT 1 FROM checkpoint_objects p WHERE p.hash=o.base)"                           \
	" AND EXISTS (SELECT 1 FROM checkpoint_objects p WHERE p.hash=o.hash)"
#define USES                                                                                                 \
	"SELECT EXISTS (SELECT 1 FROM checkpoint_objects WHERE hash=?1)"                                     \
	" OR EXISTS (SELECT 1 FROM objects WHERE base=?1)"

/* ---- checkpoints ---- */

/* Their objects are listed before they go. */
static int drop_checkpoints(struct lepton_store *store, int64_t version, const struct lepton__keep *keep,
	struct lepton__hashes *loose, int64_t *dropped, struct lepton_error *err)
{
	*dropped = 0;
	if (keep->last < 0)
		return LEPTON_OK;
	int code = lepton__hashes_select(store, loose, err,
		"SELECT DISTINCT hash FROM checkpoint_objects WHERE checkpoint IN (" OLD ")", OLD_TYPES,
		OLD_VALUES(version, keep));
	if (!code)
		code = lepton__sql_do(store, err, "DELETE FROM checkpoints WHERE id IN (" OLD ")", OLD_TYPES,
			OLD_VALUES(version, keep));
	if (!code)
		*dropped = sqlite3_changes(store->db);
	return code;
}

/* ---- objects ---- */

/* Bases that only deltas keep. One that cannot be read keeps its base for whoever repairs it. */
static int free_leaning(struct lepton_store *store, struct lepton_error *err)
{
	struct lepton__hashes leaning = {0};
	int code = lepton__hashes_select(store, &leaning, err, LEANING, "");
	for (size_t i = 0; i < leaning.count && !code; i++) {
		code = lepton__object_stand_alone(store, leaning.list[i], err);
		code = code == LEPTON_E_CORRUPT ? LEPTON_OK : code;
	}
	lepton__hashes_free(&leaning);
	return code;
}

/* Delete the row when nothing uses it; its base may be next. */
static int drop_object(struct lepton_store *store, struct lepton__hashes *loose, size_t index,
	struct lepton__hashes *gone, struct lepton_error *err)
{
	char hash[LEPTON_HASH_HEX];
	int64_t used;
	memcpy(hash, loose->list[index], sizeof hash); /* the list may move */
	int code = lepton__sql_int(store, &used, 1, err, USES, "t", hash);
	if (code || used)
		return code;
	code = lepton__hashes_select(
		store, loose, err, "SELECT base FROM objects WHERE hash=? AND base IS NOT NULL", "t", hash);
	if (!code)
		code = lepton__sql_do(store, err, "DELETE FROM objects WHERE hash=?", "t", hash);
	return code || !sqlite3_changes(store->db) ? code : lepton__hashes_add(gone, hash, err);
}

static int drop_objects(struct lepton_store *store, struct lepton__hashes *loose, struct lepton__hashes *gone,
	struct lepton_error *err)
{
	int code = free_leaning(store, err);
	for (size_t i = 0; i < loose->count && !code; i++)
		code = drop_object(store, loose, i, gone, err);
	return code;
}

static int drop_rows(struct lepton_store *store, int64_t version, const struct lepton__keep *keep,
	struct lepton__hashes *gone, struct lepton_store_gc *tally, struct lepton_error *err)
{
	struct lepton__hashes loose = {0};
	int64_t dropped = 0;
	int code = drop_checkpoints(store, version, keep, &loose, &dropped, err);
	if (!code && !version) /* and what earlier faults left */
		code = lepton__hashes_select(store, &loose, err, "SELECT hash FROM objects", "");
	if (!code && loose.count)
		code = drop_objects(store, &loose, gone, err);
	tally->checkpoints += dropped;
	lepton__hashes_free(&loose);
	return code;
}

static int collect(struct lepton_store *store, int64_t version, const struct lepton__keep *keep,
	struct lepton_store_gc *tally, struct lepton_error *err)
{
	struct lepton__hashes gone = {0};
	int code = lepton__sql_begin(store, err);
	if (!code)
		code = drop_rows(store, version, keep, &gone, tally, err);
	if (!code)
		code = lepton__sql_commit(store, err);
	else
		lepton__sql_rollback(store);
	for (size_t i = 0; i < gone.count && !code; i++) {
		tally->objects++;
		tally->object_bytes += lepton__object_size(store, gone.list[i]);
		lepton__object_delete(store, gone.list[i]);
	}
	lepton__hashes_free(&gone);
	return code;
}

int lepton__gc(
	struct lepton_store *store, int64_t version, struct lepton_store_gc *tally, struct lepton_error *err)
{
	struct lepton__keep keep;
	int code = lepton__keep_get(store, &keep, err);
	if (!code)
		code = collect(store, version, &keep, tally, err);
	return code ? code : lepton__pack_objects(store, version, &keep, tally, err);
}

int lepton__gc_loose(struct lepton_store *store, struct lepton_store_gc *tally, struct lepton_error *err)
{
	static const struct lepton__keep all = {.last = -1};
	return collect(store, 0, &all, tally, err);
}

/* ---- by hand ---- */

/* What would go: objects that nothing needs but checkpoints that would. */
static int look(struct lepton_store *store, struct lepton_store_gc *tally, struct lepton_error *err)
{
	struct lepton__keep keep;
	struct lepton__hashes loose = {0};
	if (store->format < 2)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"store %s is of an older format: collecting brings it to this one", store->dir);
	int code = lepton__keep_get(store, &keep, err);
	if (!code && keep.last < 0)
		keep.last = INT64_MAX;
	if (!code)
		code = lepton__sql_int(store, &tally->checkpoints, 0, err, "SELECT count(*) FROM (" OLD ")",
			OLD_TYPES, OLD_VALUES(0, &keep));
	if (!code)
		code = lepton__hashes_select(store, &loose, err,
			"WITH RECURSIVE needed(hash) AS (SELECT hash FROM checkpoint_objects WHERE "
			"checkpoint "
			"NOT IN (" OLD ") UNION SELECT o.base FROM needed JOIN objects o ON "
			"o.hash=needed.hash WHERE o.base IS NOT NULL) SELECT hash FROM objects WHERE hash "
			"NOT IN (SELECT hash FROM needed)",
			OLD_TYPES, OLD_VALUES(0, &keep));
	tally->objects = (int64_t)loose.count;
	for (size_t i = 0; i < loose.count; i++)
		tally->object_bytes += lepton__object_size(store, loose.list[i]);
	lepton__hashes_free(&loose);
	return code;
}

#define OF_WEIGHTS " WHERE hash IN (SELECT hash FROM checkpoint_objects WHERE role='weight')"

static int measure(
	struct lepton_store *store, const char *which, int64_t *files, int64_t *raw, struct lepton_error *err)
{
	struct lepton__hashes all = {0};
	char sql[160];
	snprintf(sql, sizeof sql, "SELECT hash FROM objects%s", which);
	int code = lepton__hashes_select(store, &all, err, sql, "");
	for (size_t i = 0; i < all.count; i++)
		*files += lepton__object_size(store, all.list[i]);
	lepton__hashes_free(&all);
	snprintf(sql, sizeof sql, "SELECT sum(bytes) FROM objects%s", which);
	return code ? code : lepton__sql_int(store, raw, 0, err, sql, "");
}

int lepton_store_gc(
	struct lepton_store *store, bool look_only, struct lepton_store_gc *out, struct lepton_error *err)
{
	struct lepton__sweep sweep = {.look_only = look_only};
	*out = (struct lepton_store_gc){0};
	int code = look_only ? look(store, out, err) : lepton__gc(store, 0, out, err);
	if (code)
		return code;
	if (!look_only || lepton__lock_is_free(store))
		lepton__objects_sweep(store, &sweep);
	out->strays = sweep.files;
	out->stray_bytes = sweep.bytes;
	code = measure(store, "", &out->files_bytes, &out->raw_bytes, err);
	return code ? code
		    : measure(store, OF_WEIGHTS, &out->weight_files_bytes, &out->weight_raw_bytes, err);
}
