/* store/load_history.c - points read back: their outline for who looks at the whole, or all of them in a
 * window.
 *
 * Opening a store costs the outlines that are read then. Where there would be very many of the fine ones, the
 * coarse ones do for all versions at first, a tenth of the bytes; a history says that it is so (`rough`), and
 * who shows it asks for the finer outline once there is a picture to look at (tui/sharpen.c).
 */
#include "config.h"
#include "store/history.h"
#include "base/memory.h"

int64_t lepton__fine_blocks_most = 2048; /* a million points */

int lepton__begin_reading(struct lepton_store *store, bool *own, struct lepton_error *err)
{
	lepton__sql_settle(store);
	*own = !store->in_transaction && sqlite3_get_autocommit(store->db);
	return *own ? lepton__sql_run(store, "BEGIN", err) : LEPTON_OK;
}

void lepton__end_reading(struct lepton_store *store, bool own)
{
	if (own)
		sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL); /* it read only */
}

/* Rows of first_step, count and an outline. A damaged one is passed over: verify names it. */
static int add_outlines(struct lepton_store *store, sqlite3_stmt *rows, int64_t version,
	struct lepton_history *history, struct lepton_error *err)
{
	int code = LEPTON_OK;
	while (lepton__sql_more(store, rows, &code, err)) {
		int64_t count = sqlite3_column_int64(rows, 1);
		struct lepton__block_head head = {
			version, sqlite3_column_int64(rows, 0), count > 0 ? (size_t)count : 0};
		const void *bytes = sqlite3_column_blob(rows, 2);
		size_t size = bytes ? (size_t)sqlite3_column_bytes(rows, 2) : 0;
		if (history->count && history->step[history->count - 1] >= head.first_step)
			continue;
		code = lepton__outline_decode(&head, bytes, size, history, err);
		code = code == LEPTON_E_CORRUPT ? LEPTON_OK : code;
	}
	return code;
}

static int load_outlines(struct lepton_store *store, int64_t version, const char *sql, int64_t from,
	int64_t to, struct lepton_history *history, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err, sql, "iii", version, from, to);
	if (!code)
		code = add_outlines(store, rows, version, history, err);
	sqlite3_finalize(rows);
	return code;
}

/* Blocks in order, from the one that `from` may lie in. */
#define IN_WINDOW                                                                                            \
	" WHERE version=?1 AND first_step>=ifnull((SELECT max(first_step) FROM history_outlines WHERE "      \
	"version=?1 AND first_step<=?2), ?2) AND first_step<=?3 ORDER BY first_step"

static int count_points(struct lepton_store *store, int64_t version, int64_t from, int64_t to,
	int64_t *points, struct lepton_error *err)
{
	return lepton__sql_int(store, points, 0, err,
		"SELECT sum(count) FROM history_outlines WHERE version=? AND last_step>=? AND first_step<=?",
		"iii", version, from, to);
}

static int load_fine(struct lepton_store *store, int64_t version, int64_t from, int64_t to,
	struct lepton_history *history, struct lepton_error *err)
{
	return load_outlines(store, version,
		"SELECT first_step, count, summary FROM history_summaries" IN_WINDOW, from, to, history, err);
}

int lepton__history_past_begin(
	struct lepton_store *store, struct lepton__past_reader *reader, struct lepton_error *err)
{
	int64_t blocks = 0;
	*reader = (struct lepton__past_reader){0};
	if (store->format < 3)
		return LEPTON_OK;
	int code = lepton__sql_int(store, &blocks, 0, err, "SELECT max(id) FROM history_summaries", "");
	reader->rough = blocks > lepton__fine_blocks_most;
	if (!code)
		code = lepton__sql_prepare(store, &reader->coarse, err,
			"SELECT first_step, count, outline FROM history_outlines WHERE version=?1 ORDER BY "
			"first_step",
			"");
	return code;
}

void lepton__history_past_end(struct lepton__past_reader *reader)
{
	sqlite3_finalize(reader->coarse);
	reader->coarse = NULL;
}

static int load_coarse(struct lepton_store *store, struct lepton__past_reader *reader, int64_t version,
	struct lepton_history *history, struct lepton_error *err)
{
	int code = sqlite3_bind_int64(reader->coarse, 1, version) == SQLITE_OK
			   ? add_outlines(store, reader->coarse, version, history, err)
			   : lepton__sql_error(store, "bind a value", err);
	sqlite3_reset(reader->coarse);
	history->rough = history->thinned && lepton_history_points(history) <= LEPTON__FINE_MOST;
	return code;
}

int lepton__history_load_past(struct lepton_store *store, struct lepton__past_reader *reader,
	struct lepton_run_version *version, struct lepton_error *err)
{
	int64_t points = 0;
	if (store->format < 3 || version->history.count)
		return LEPTON_OK;
	int code = reader->rough ? LEPTON_OK
				 : count_points(store, version->id, INT64_MIN, INT64_MAX, &points, err);
	if (code || (!reader->rough && !points))
		return code;
	if (!reader->rough && points <= LEPTON__FINE_MOST)
		return load_fine(store, version->id, INT64_MIN, INT64_MAX, &version->history, err);
	return load_coarse(store, reader, version->id, &version->history, err);
}

int lepton__history_step_at(struct lepton_store *store, int64_t version, int64_t seq, int64_t *step,
	int64_t *at, struct lepton_error *err)
{
	struct lepton__points points = {0};
	sqlite3_stmt *rows;
	*at = 0;
	int code = lepton__sql_prepare(store, &rows, err,
		"SELECT b.first_step, b.count, b.data FROM history_outlines o JOIN history_blocks b ON "
		"b.version=o.version AND b.first_step=o.first_step WHERE o.version=? AND o.first_seq<? ORDER "
		"BY "
		"o.first_step DESC LIMIT 1",
		"ii", version, seq);
	while (lepton__sql_more(store, rows, &code, err))
		code = lepton__history_read_block(rows, 0, version, &points, err);
	sqlite3_finalize(rows);
	for (size_t i = code ? 0 : points.count; i > 0 && !*at; i--)
		if (lepton__point_int(&points, i - 1, LEPTON__POINT_SEQ) < seq) {
			*at = lepton__point_int(&points, i - 1, LEPTON__POINT_SEQ);
			*step = lepton__point_int(&points, i - 1, LEPTON__POINT_STEP);
		}
	lepton__points_clear(&points);
	return code == LEPTON_E_CORRUPT ? LEPTON_OK : code;
}

/* ---- a window of a version ---- */

static int load_blocks(struct lepton_store *store, int64_t version, int64_t from, int64_t to,
	struct lepton_history *out, struct lepton_error *err)
{
	struct lepton__points points = {0};
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err,
		"SELECT first_step, count, data FROM history_blocks" IN_WINDOW, "iii", version, from, to);
	while (lepton__sql_more(store, rows, &code, err)) {
		code = lepton__history_read_block(rows, 0, version, &points, err);
		if (!code)
			code = lepton__points_fold(&points, from, to, out, err);
	}
	sqlite3_finalize(rows);
	lepton__points_clear(&points);
	return code;
}

static int load_rows(struct lepton_store *store, int64_t version, int64_t from, int64_t to,
	struct lepton_history *out, struct lepton_error *err)
{
	struct lepton__points points = {0};
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err,
		"SELECT " LEPTON__POINT_SQL
		" FROM history WHERE version=? AND step>=? AND step<=? ORDER BY step, seq",
		"iii", version, from, to);
	while (lepton__sql_more(store, rows, &code, err))
		code = lepton__history_read_row(rows, &points, err);
	sqlite3_finalize(rows);
	if (!code)
		code = lepton__points_fold(&points, from, to, out, err);
	lepton__points_clear(&points);
	return code;
}

static int load_window(struct lepton_store *store, int64_t version, int64_t from_step, int64_t to_step,
	int64_t most, struct lepton_history *out, struct lepton_error *err)
{
	int64_t points = 0;
	int code = LEPTON_OK;
	*out = (struct lepton_history){0};
	if (store->format >= 3)
		code = count_points(store, version, from_step, to_step, &points, err);
	if (!code && points && most > 0 && points > most)
		code = load_fine(store, version, from_step, to_step, out, err);
	else if (!code && points)
		code = load_blocks(store, version, from_step, to_step, out, err);
	if (!code)
		code = load_rows(store, version, from_step, to_step, out, err);
	if (code)
		lepton_history_clear(out);
	return code;
}

int lepton_store_load_history(struct lepton_store *store, int64_t version, int64_t from_step, int64_t to_step,
	int64_t most, struct lepton_history *out, struct lepton_error *err)
{
	bool own;
	*out = (struct lepton_history){0};
	int code = lepton__begin_reading(store, &own, err);
	if (!code) {
		code = load_window(store, version, from_step, to_step, most, out, err);
		lepton__end_reading(store, own);
	}
	return code;
}

static int load_whole_version(
	struct lepton_store *store, struct lepton_run_version *version, struct lepton_error *err)
{
	struct lepton_history stored, whole, *h = &version->history;
	if (!h->thinned)
		return LEPTON_OK;
	int code = load_window(store, version->id, INT64_MIN, h->step[h->thinned - 1], 0, &stored, err);
	if (code)
		return code;
	code = lepton__history_whole(h, &stored, &whole, err);
	lepton_history_clear(&stored);
	if (code)
		return code;
	lepton_history_clear(h);
	*h = whole;
	return LEPTON_OK;
}

int lepton_store_load_whole(
	struct lepton_store *store, struct lepton_run *run, int64_t version, struct lepton_error *err)
{
	bool own;
	int code = lepton__begin_reading(store, &own, err);
	if (code)
		return code;
	for (size_t i = 0; i < run->version_count && !code; i++)
		if (!version || run->versions[i]->id == version)
			code = load_whole_version(store, run->versions[i], err);
	lepton__end_reading(store, own);
	return code;
}
