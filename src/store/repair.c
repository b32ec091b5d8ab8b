/* store/repair.c - lepton verify --repair: mend what can be, drop what an older generation stands in for.
 *
 * In this order: pages of the database that have one wrong bit, when it is opened; its other pages; rows that
 * refer to nothing; damaged objects that can be had from elsewhere (mend.c); checkpoints that cannot be read,
 * where their version has another that can (training then goes on from that); objects and files nothing
 * needs. Nothing is pointed elsewhere: a checkpoint that an alias points at stays, damaged or not, and so
 * does a version's last. Each thing done is one line. At the end the whole store is looked at again, and what
 * is left is said as verify says it.
 */
#include "config.h"
#include "store/inspect.h"
#include "store/mend.h"
#include "store/object_form.h"
#include "store/schema.h"
#include "base/memory.h"

#include <stdio.h>

/* ---- the database ---- */

/* What was done about it when the store was opened (look_before.c). */
static void tell_one(const struct lepton_store *store, struct lepton__report *report,
	const struct lepton__page_found *found)
{
	char what[32];
	lepton__page_found_place(found, "its head", what, sizeof what);
	if (found->fault == LEPTON__PAGE_MENDED)
		lepton__report_done(report,
			"store.db: page %u: one bit was wrong, of byte %zu; set back, as its checksum says",
			(unsigned)found->number, found->byte);
	else if (found->fault == LEPTON__LOG_MENDED)
		lepton__report_done(
			report, "store.db-wal: %s: one bit was wrong; set back, as its checksum says", what);
	else if (found->fault == LEPTON__PAGE_REMADE)
		lepton__report_done(report, "store.db: page 1 was lost; made anew from the others");
	else if (found->fault == LEPTON__LOG_LOST)
		lepton__report_done(report,
			"store.db-wal: %s is damaged: what was written from there on is lost; the log is "
			"kept as %s",
			what, store->kept_log);
	report->lost = report->lost || found->fault == LEPTON__LOG_LOST;
}

static int tell_mended(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	const struct lepton__page_faults *found = lepton__page_vfs_faults(store->vfs);
	(void)err;
	for (size_t i = 0; i < found->count && i < LEPTON__PAGE_FAULTS; i++)
		tell_one(store, report, &found->list[i]);
	lepton__page_vfs_forget(store->vfs);
	return LEPTON_OK;
}

static int repair_pages(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	size_t faults;
	int code = lepton__check_pages(store, NULL, &faults, err);
	if (!code && !faults)
		return LEPTON_OK;
	if (!lepton__sql_run(store, "REINDEX", NULL) && !lepton__check_pages(store, NULL, &faults, NULL) &&
		!faults) {
		lepton__report_done(report, "store.db: its indexes were damaged; made anew");
		return lepton__store_reconnect(store, err);
	}
	return lepton__rescue(store, report, err);
}

/* Lost rows of checkpoints, to the last bit: with them, where training stood, and so how it goes on. */
static int put_back(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	int code = lepton__sql_do(store, err, lepton__put_back_checkpoints, "");
	int rows = sqlite3_changes(store->db);
	if (!code && rows)
		lepton__report_done(report,
			"store.db: %d rows of checkpoints were lost; put back from their copies", rows);
	return code;
}

/* Rows that refer to what is not there, and what to say of them. */
static const struct {
	const char *sql, *said;
} dangling[] = {
	{"DELETE FROM checkpoint_objects WHERE checkpoint NOT IN (SELECT id FROM checkpoints)",
		"rows of tensors without a checkpoint"},
	{"DELETE FROM history WHERE version NOT IN (SELECT id FROM versions)",
		"points of history without a version"},
	{"DELETE FROM history_blocks WHERE version NOT IN (SELECT id FROM versions)",
		"blocks of history without a version"},
	{"DELETE FROM history_summaries WHERE version NOT IN (SELECT id FROM versions)",
		"outlines of history without a version"},
	{"DELETE FROM history_outlines WHERE version NOT IN (SELECT id FROM versions)",
		"outlines of history without a version"},
	{"DELETE FROM lineage WHERE child NOT IN (SELECT id FROM versions)",
		"rows of lineage without a version"},
	{"DELETE FROM lineage WHERE parent NOT IN (SELECT id FROM versions)",
		"rows of lineage whose parent is not in the store"},
	{"DELETE FROM checkpoints WHERE version NOT IN (SELECT id FROM versions)",
		"checkpoints without a version"},
};

static int drop_dangling(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; i < sizeof dangling / sizeof *dangling && !code; i++) {
		code = lepton__sql_do(store, err, dangling[i].sql, "");
		int rows = sqlite3_changes(store->db);
		if (!code && rows)
			lepton__report_done(report, "store.db: %d %s; removed", rows, dangling[i].said);
	}
	return code;
}

/* A row for the object of a file that a checkpoint or a delta needs, and its bases after it. */
static int add_row(struct lepton_store *store, const char *hash, struct lepton__hashes *lost,
	struct lepton__report *report, struct lepton_error *err)
{
	struct lepton__object_head head;
	char *bytes;
	size_t size;
	int64_t known;
	int code = lepton__sql_int(store, &known, 0, err, "SELECT 1 FROM objects WHERE hash=?", "t", hash);
	if (code || known || lepton__object_read(store, hash, &bytes, &size, NULL))
		return code;
	if (!lepton__object_head(bytes, size, hash, &head, NULL)) {
		int64_t numbers =
			lepton_shape_count(&head.like.shape) * (int64_t)lepton_dtype_size(head.like.dtype);
		code = lepton__sql_do(store, err, "INSERT INTO objects(hash, bytes, base) VALUES(?,?,?)",
			"tit", hash, numbers, *head.base ? head.base : NULL);
		if (!code)
			lepton__report_done(report, "object %.12s…: its row was lost; made anew", hash);
		if (!code && *head.base)
			code = lepton__hashes_add(lost, head.base, err);
	}
	lepton__free(bytes);
	return code;
}

static int add_rows(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	struct lepton__hashes lost = {0};
	int code = lepton__hashes_select(store, &lost, err,
		"SELECT hash FROM checkpoint_objects WHERE hash NOT IN (SELECT hash FROM objects) UNION "
		"SELECT base FROM objects WHERE base NOT IN (SELECT hash FROM objects)",
		"");
	for (size_t i = 0; i < lost.count && !code; i++) {
		char hash[LEPTON_HASH_HEX];
		lepton__copy_name(hash, sizeof hash, lost.list[i]); /* the list may move */
		code = add_row(store, hash, &lost, report, err);
	}
	lepton__hashes_free(&lost);
	return code;
}

/* In one transaction; the references between its rows may be wrong until its end, and after it. */
static int repair_rows(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	int code = lepton__sql_run(store, "PRAGMA foreign_keys=OFF", err);
	if (!code)
		code = lepton__sql_begin(store, err);
	if (!code)
		code = put_back(store, report, err);
	if (!code)
		code = drop_dangling(store, report, err);
	if (!code)
		code = add_rows(store, report, err);
	if (!code)
		code = lepton__history_check(store, report, true, err);
	if (!code)
		code = lepton__sql_commit(store, err);
	else
		lepton__sql_rollback(store);
	return code ? code : lepton__sql_run(store, "PRAGMA foreign_keys=ON", err);
}

/* ---- checkpoints ---- */

static int mend_place(struct lepton_store *store, const struct lepton__place *place,
	struct lepton__report *report, struct lepton_error *err)
{
	struct lepton__spots spots = {0};
	struct lepton_params *set;
	int code = lepton__spots_read(store, place->row, &spots, err);
	for (size_t i = 0; i < spots.count && !code; i++) {
		const struct lepton__spot *spot = &spots.list[i];
		if (!lepton__object_get(store, spot->hash, &set, NULL)) {
			lepton_params_release(set);
			continue;
		}
		const char *how = lepton__mend(store, place, spot, err);
		if (how)
			lepton__report_done(report,
				"version %s, step %lld, %s %s: object %.12s… was damaged; %s", place->name,
				(long long)place->step, spot->role, spot->name, spot->hash, how);
	}
	lepton__free(spots.list);
	return code;
}

/* May it go: does nothing point at it, and is another of the version whole? *whole: that one's step. */
static bool replaceable(struct lepton_store *store, const struct lepton__places *places,
	const struct lepton__place *place, int64_t *whole)
{
	int64_t pointed = 1;
	if (lepton__sql_int(store, &pointed, 1, NULL,
		    "SELECT count(*) FROM aliases WHERE weights_hash=(SELECT weights_hash FROM checkpoints "
		    "WHERE id=?1) AND (SELECT count(*) FROM checkpoints WHERE "
		    "weights_hash=aliases.weights_hash)=1",
		    "i", place->row) ||
		pointed)
		return false;
	for (size_t i = places->count; i-- > 0;) {
		const struct lepton__place *other = &places->list[i];
		if (other->version != place->version || other->row == place->row)
			continue;
		if (lepton__place_load(store, other, NULL) == LEPTON_OK) {
			*whole = other->step;
			return true;
		}
	}
	return false;
}

static int repair_place(struct lepton_store *store, const struct lepton__places *places,
	const struct lepton__place *place, struct lepton__report *report, struct lepton_error *err)
{
	struct lepton_error why = {0};
	int64_t whole;
	int code = lepton__place_load(store, place, &why);
	if (!code || code == LEPTON_E_NOMEM)
		return code;
	code = mend_place(store, place, report, err);
	if (code || lepton__place_load(store, place, &why) == LEPTON_OK ||
		!replaceable(store, places, place, &whole))
		return code;
	code = lepton__sql_do(store, err, "DELETE FROM checkpoints WHERE id=?", "i", place->row);
	if (!code)
		lepton__report_done(report,
			"version %s, step %lld: dropped; step %lld is whole. It could not be read: %s",
			place->name, (long long)place->step, (long long)whole, why.message);
	return code;
}

static int repair_checkpoints(
	struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	struct lepton__places places = {0};
	int code = lepton__places_read(store, &places, err);
	for (size_t i = 0; i < places.count && !code; i++)
		code = repair_place(store, &places, &places.list[i], report, err);
	lepton__free(places.list);
	return code;
}

/* ---- what nothing needs ---- */

/* Where checkpoints were lost, their weights are not thrown after them. */
static int leave_files(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	int64_t loose;
	int code = lepton__sql_int(store, &loose, 0, err,
		"SELECT count(*) FROM objects WHERE hash NOT IN (SELECT hash FROM checkpoint_objects)", "");
	if (!code && loose)
		lepton__report_done(report,
			"%lld objects that no checkpoint names are left, since rows were lost: `lepton gc` "
			"removes them",
			(long long)loose);
	return code;
}

static int repair_files(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	if (report->lost)
		return leave_files(store, report, err);
	struct lepton__sweep sweep = {.say = report->say, .arg = report->arg};
	struct lepton_store_gc tally = {0};
	int code = lepton__gc_loose(store, &tally, err);
	if (code)
		return code;
	if (tally.objects)
		lepton__report_done(
			report, "%lld objects that nothing needed; removed", (long long)tally.objects);
	lepton__objects_sweep(store, &sweep);
	return LEPTON_OK;
}

int lepton_store_repair(struct lepton_store *store, void (*say)(const char *line, void *arg), void *arg,
	struct lepton_error *err)
{
	static int (*const steps[])(struct lepton_store *, struct lepton__report *, struct lepton_error *) = {
		tell_mended, repair_pages, repair_rows, repair_checkpoints, repair_files};
	struct lepton__report report = {.say = say, .arg = arg};
	int code = LEPTON_OK;
	for (size_t i = 0; i < sizeof steps / sizeof *steps && !code; i++)
		code = steps[i](store, &report, err);
	return code ? code : lepton_store_verify(store, say, arg, err);
}
