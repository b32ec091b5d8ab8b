/* store/check_history.c - every block of points read, and its outlines held against it.
 *
 * A damaged block is named by its version and steps; to mend is to drop it alone, and to make outlines anew
 * from the blocks they are of. What an outline should be is known to the byte, since it is made of the block.
 */
#include "config.h"
#include "store/history.h"
#include "store/inspect.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

struct block {
	int64_t id, last_step;
	struct lepton__block_head head;
	char name[LEPTON_NAME_MAX]; /* of its version */
	struct lepton__points points;
	bool right;
};

/* The first block behind that id; false at the end. */
static bool next_block(struct lepton_store *store, struct block *block, int *code, struct lepton_error *err)
{
	sqlite3_stmt *row = NULL;
	*code = lepton__sql_prepare(store, &row, err,
		"SELECT b.id, b.version, b.last_step, ifnull(v.name, '#' || b.version), b.first_step, "
		"b.count, b.data "
		"FROM history_blocks b LEFT JOIN versions v ON v.id=b.version WHERE b.id>? ORDER BY b.id "
		"LIMIT 1",
		"i", block->id);
	bool there = lepton__sql_more(store, row, code, err);
	if (there) {
		int64_t count = sqlite3_column_int64(row, 5);
		block->id = sqlite3_column_int64(row, 0);
		block->last_step = sqlite3_column_int64(row, 2);
		block->head = (struct lepton__block_head){sqlite3_column_int64(row, 1),
			sqlite3_column_int64(row, 4), count > 0 ? (size_t)count : 0};
		lepton__copy_name(block->name, sizeof block->name, lepton__sql_text(row, 3));
		*code = lepton__history_read_block(row, 4, block->head.version, &block->points, err);
		block->right =
			*code == LEPTON_OK && lepton__point_int(&block->points, block->points.count - 1,
						      LEPTON__POINT_STEP) == block->last_step;
		*code = *code == LEPTON_E_CORRUPT ? LEPTON_OK : *code;
	}
	sqlite3_finalize(row);
	return there && !*code;
}

static int drop(struct lepton_store *store, const struct block *block, struct lepton_error *err)
{
	static const char *const drops[] = {"DELETE FROM history_blocks WHERE version=? AND first_step=?",
		"DELETE FROM history_summaries WHERE version=? AND first_step=?",
		"DELETE FROM history_outlines WHERE version=? AND first_step=?"};
	int code = LEPTON_OK;
	for (size_t i = 0; i < sizeof drops / sizeof *drops && !code; i++)
		code = lepton__sql_do(
			store, err, drops[i], "ii", block->head.version, block->head.first_step);
	return code;
}

/* Is the one outline what the block makes? */
static int same_outline(struct lepton_store *store, const struct block *block, const char *sql,
	const char *types, size_t width, bool *same, struct lepton_error *err)
{
	struct lepton__buffer right;
	sqlite3_stmt *row = NULL;
	size_t last = block->points.count - 1;
	int code = lepton__outline_encode(&block->head, &block->points, width, &right, err);
	if (!code)
		code = lepton__sql_prepare(store, &row, err, sql, types, block->head.version,
			block->head.first_step, (int64_t)block->head.count, block->last_step,
			lepton__point_int(&block->points, 0, LEPTON__POINT_SEQ),
			lepton__point_int(&block->points, last, LEPTON__POINT_SEQ));
	*same = false;
	if (lepton__sql_more(store, row, &code, err)) {
		const void *bytes = sqlite3_column_blob(row, 0);
		*same = bytes && (size_t)sqlite3_column_bytes(row, 0) == right.size &&
			memcmp(bytes, right.data, right.size) == 0;
	}
	sqlite3_finalize(row);
	lepton__buffer_free(&right);
	return code;
}

static int same_outlines(
	struct lepton_store *store, const struct block *block, bool *same, struct lepton_error *err)
{
	bool coarse = false;
	int code = same_outline(store, block,
		"SELECT summary FROM history_summaries WHERE version=?1 AND first_step=?2 AND count=?3",
		"iii", LEPTON__BUCKET_FINE, same, err);
	if (!code)
		code = same_outline(store, block,
			"SELECT outline FROM history_outlines WHERE version=? AND first_step=? AND count=? "
			"AND "
			"last_step=? AND first_seq=? AND last_seq=?",
			"iiiiii", LEPTON__BUCKET_COARSE, &coarse, err);
	*same = *same && coarse;
	return code;
}

static void tell(
	struct lepton__report *report, const struct block *block, const char *what, const char *mended)
{
	const struct lepton__block_head *head = &block->head;
	if (mended)
		lepton__report_done(report, "version %s, steps %lld to %lld: %s of %zu points is damaged; %s",
			block->name, (long long)head->first_step, (long long)block->last_step, what,
			head->count, mended);
	else
		lepton__report_fault(report, "version %s, steps %lld to %lld: %s of %zu points is damaged",
			block->name, (long long)head->first_step, (long long)block->last_step, what,
			head->count);
}

static int check_block(struct lepton_store *store, const struct block *block, struct lepton__report *report,
	bool mend, struct lepton_error *err)
{
	bool same = true;
	int code = LEPTON_OK;
	if (!block->right) {
		tell(report, block, "a block", mend ? "dropped" : NULL);
		return mend ? drop(store, block, err) : LEPTON_OK;
	}
	code = same_outlines(store, block, &same, err);
	if (code || same)
		return code;
	tell(report, block, "the outline", mend ? "made anew from the points" : NULL);
	return mend ? lepton__history_put_outlines(store, &block->head, &block->points, err) : LEPTON_OK;
}

/* Outlines of blocks that are not there. */
static int check_loose(
	struct lepton_store *store, struct lepton__report *report, bool mend, struct lepton_error *err)
{
#define LOOSE(table)                                                                                         \
	" FROM " table " AS o WHERE NOT EXISTS (SELECT 1 FROM history_blocks b WHERE b.version=o.version "   \
	"AND b.first_step=o.first_step)"
	static const struct {
		const char *look, *take;
	} tables[] = {
		{"SELECT count(*)" LOOSE("history_summaries"), "DELETE" LOOSE("history_summaries")},
		{"SELECT count(*)" LOOSE("history_outlines"), "DELETE" LOOSE("history_outlines")},
	};
	int code = LEPTON_OK;
	for (size_t i = 0; i < sizeof tables / sizeof *tables && !code; i++) {
		int64_t rows = 0;
		code = lepton__sql_int(store, &rows, 0, err, tables[i].look, "");
		if (!code && rows && mend)
			code = lepton__sql_do(store, err, tables[i].take, "");
		if (!code && rows && mend)
			lepton__report_done(report,
				"store.db: %lld outlines of points that are not there; removed",
				(long long)rows);
		else if (!code && rows)
			lepton__report_fault(report, "store.db: %lld outlines of points that are not there",
				(long long)rows);
	}
	return code;
}

int lepton__history_check(
	struct lepton_store *store, struct lepton__report *report, bool mend, struct lepton_error *err)
{
	struct block block = {.id = INT64_MIN};
	int code = LEPTON_OK;
	if (store->format < 3)
		return LEPTON_OK;
	while (next_block(store, &block, &code, err)) {
		code = check_block(store, &block, report, mend, err);
		if (code)
			break;
	}
	lepton__points_clear(&block.points);
	return code ? code : check_loose(store, report, mend, err);
}
