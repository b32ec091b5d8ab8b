/* store/history.c - points put, packed into blocks, and taken back.
 *
 * A version's newest points are rows, one each, so that putting one is cheap. When there are more than a
 * block's, the oldest become a block with its outlines, in the transaction of the point that came; when a
 * version rests, all but the last. The last one stays a row: the fold ends with it. Where training goes back
 * into a block, what the block has before that step becomes rows again, with their own places in the order of
 * things.
 *
 * How many rows a version has, and where it stands, is remembered while the store is open, so that a point
 * costs one INSERT; a rollback makes it forget.
 */
#include "config.h"
#include "store/history.h"
#include "base/memory.h"

#include <stdlib.h>

#define LEAST_PART 8 /* a version that rests with fewer rows than this part of a block keeps them */

int64_t lepton__block_points = LEPTON__BLOCK_POINTS;

/* ---- what is remembered ---- */

struct lepton__tail {
	int64_t version, rows, last_step;
};

void lepton__history_forget(struct lepton_store *store)
{
	store->tail_count = 0;
	store->next_seq = 0;
}

int lepton__history_seq(struct lepton_store *store, int64_t *seq, struct lepton_error *err)
{
	int code = LEPTON_OK;
	if (!store->next_seq)
		code = lepton__sql_int(store, &store->next_seq, 1, err,
			"SELECT 1+max((SELECT ifnull(max(seq),0) FROM events), (SELECT ifnull(max(seq),0) "
			"FROM "
			"history))",
			"");
	*seq = store->next_seq;
	if (code)
		store->next_seq = 0;
	else
		store->next_seq++;
	return code;
}

static int count_tail(struct lepton_store *store, struct lepton__tail *tail, struct lepton_error *err)
{
	int code = lepton__sql_int(store, &tail->rows, 0, err, "SELECT count(*) FROM history WHERE version=?",
		"i", tail->version);
	if (!code)
		code = lepton__sql_int(store, &tail->last_step, INT64_MIN, err,
			"SELECT max(ifnull((SELECT max(step) FROM history WHERE version=?1), "
			"-9223372036854775807), ifnull((SELECT last_step FROM history_outlines WHERE "
			"version=?1 "
			"ORDER BY first_step DESC LIMIT 1), -9223372036854775807))",
			"i", tail->version);
	return code;
}

/* The place of a version in the list, which is sorted; or where it belongs. */
static size_t place_of(const struct lepton_store *store, int64_t version)
{
	size_t low = 0, high = store->tail_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (store->tails[middle].version < version)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int find_tail(
	struct lepton_store *store, int64_t version, struct lepton__tail **out, struct lepton_error *err)
{
	size_t at = place_of(store, version);
	if (at < store->tail_count && store->tails[at].version == version) {
		*out = &store->tails[at];
		return LEPTON_OK;
	}
	struct lepton__tail tail = {.version = version};
	int code = count_tail(store, &tail, err);
	if (!code && lepton__grow(&store->tails, &store->tail_capacity, store->tail_count + 1,
			     sizeof *store->tails))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory keeping a point");
	if (code)
		return code;
	for (size_t i = store->tail_count++; i > at; i--)
		store->tails[i] = store->tails[i - 1];
	store->tails[at] = tail;
	*out = &store->tails[at];
	return LEPTON_OK;
}

/* ---- rows ---- */

int lepton__history_read_row(sqlite3_stmt *row, struct lepton__points *points, struct lepton_error *err)
{
	uint64_t values[LEPTON__POINT_COLUMNS];
	for (int c = 0; c < LEPTON__POINT_COLUMNS; c++)
		values[c] = c <= LEPTON__POINT_STEP ? (uint64_t)sqlite3_column_int64(row, c)
						    : lepton__bits_of(lepton__sql_double(row, c));
	if (points->count &&
		lepton__point_int(points, points->count - 1, LEPTON__POINT_STEP) == (int64_t)values[1])
		points->count--; /* said twice: the newer account */
	return lepton__points_add(points, values, err);
}

static int insert_row(struct lepton_store *store, int64_t version, const struct lepton__points *points,
	size_t i, struct lepton_error *err)
{
	sqlite3_stmt *s = store->put_point;
	if (!s && sqlite3_prepare_v3(store->db,
			  "INSERT INTO history(version, " LEPTON__POINT_SQL ") VALUES(?,?,?,?,?,?,?,?,?)", -1,
			  SQLITE_PREPARE_PERSISTENT, &s, NULL) != SQLITE_OK)
		return lepton__sql_error(store, "keep a point", err);
	store->put_point = s;
	int bound = sqlite3_bind_int64(s, 1, version);
	for (int c = 0; c < LEPTON__POINT_COLUMNS && bound == SQLITE_OK; c++)
		bound = c <= LEPTON__POINT_STEP
				? sqlite3_bind_int64(s, c + 2,
					  lepton__point_int(points, i, (enum lepton__point_column)c))
				: lepton__sql_bind_number(s, c + 2,
					  lepton__point_double(points, i, (enum lepton__point_column)c));
	int code = bound == SQLITE_OK && sqlite3_step(s) == SQLITE_DONE
			   ? LEPTON_OK
			   : lepton__sql_error(store, "keep a point", err);
	sqlite3_reset(s);
	return code;
}

/* ---- packing ---- */

/* Tables that a block has a row in; the types say how many of the values of put_row each takes. */
static const struct level {
	const char *sql, *types;
	size_t width; /* points a bucket; 0: the points themselves */
} levels[] = {
	{"INSERT OR REPLACE INTO history_blocks(version, first_step, count, data, last_step) "
	 "VALUES(?,?,?,?,?)",
		"iiibi", 0},
	{"INSERT OR REPLACE INTO history_summaries(version, first_step, count, summary) VALUES(?,?,?,?)",
		"iiib", LEPTON__BUCKET_FINE},
	{"INSERT OR REPLACE INTO history_outlines(version, first_step, count, outline, last_step, first_seq, "
	 "last_seq) VALUES(?,?,?,?,?,?,?)",
		"iiibiii", LEPTON__BUCKET_COARSE},
};
enum { LEVELS = sizeof levels / sizeof *levels };

static int put_row(struct lepton_store *store, const struct level *level,
	const struct lepton__block_head *head, const struct lepton__points *points, struct lepton_error *err)
{
	struct lepton__buffer blob;
	size_t last = head->count - 1;
	int code = level->width ? lepton__outline_encode(head, points, level->width, &blob, err)
				: lepton__block_encode(head, points, &blob, err);
	if (!code)
		code = lepton__sql_do(store, err, level->sql, level->types, head->version, head->first_step,
			(int64_t)head->count, (const void *)blob.data, blob.size,
			lepton__point_int(points, last, LEPTON__POINT_STEP),
			lepton__point_int(points, 0, LEPTON__POINT_SEQ),
			lepton__point_int(points, last, LEPTON__POINT_SEQ));
	lepton__buffer_free(&blob);
	return code;
}

int lepton__history_put_outlines(struct lepton_store *store, const struct lepton__block_head *head,
	const struct lepton__points *points, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; i < LEVELS && !code; i++)
		if (levels[i].width)
			code = put_row(store, &levels[i], head, points, err);
	return code;
}

static int put_block(struct lepton_store *store, const struct lepton__block_head *head,
	const struct lepton__points *points, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; i < LEVELS && !code; i++)
		code = put_row(store, &levels[i], head, points, err);
	return code;
}

static int read_oldest(struct lepton_store *store, int64_t version, int64_t most,
	struct lepton__points *points, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err,
		"SELECT " LEPTON__POINT_SQL " FROM history WHERE version=? ORDER BY step, seq LIMIT ?", "ii",
		version, most);
	while (lepton__sql_more(store, rows, &code, err))
		code = lepton__history_read_row(rows, points, err);
	sqlite3_finalize(rows);
	return code;
}

/* The oldest rows of a version as a block. */
static int pack(struct lepton_store *store, struct lepton__tail *tail, int64_t rows, struct lepton_error *err)
{
	struct lepton__points points = {0};
	int code = read_oldest(store, tail->version, rows, &points, err);
	if (!code && points.count) {
		struct lepton__block_head head = {
			tail->version, lepton__point_int(&points, 0, LEPTON__POINT_STEP), points.count};
		code = put_block(store, &head, &points, err);
		if (!code)
			code = lepton__sql_do(store, err, "DELETE FROM history WHERE version=? AND step<=?",
				"ii", tail->version,
				lepton__point_int(&points, points.count - 1, LEPTON__POINT_STEP));
		tail->rows -= code ? 0 : sqlite3_changes(store->db);
	}
	lepton__points_clear(&points);
	return code;
}

int lepton__history_rest(struct lepton_store *store, int64_t version, struct lepton_error *err)
{
	struct lepton__tail *tail;
	int code = find_tail(store, version, &tail, err);
	while (!code && tail->rows > lepton__block_points)
		code = pack(store, tail, lepton__block_points, err);
	if (!code && tail->rows > 1 && tail->rows > lepton__block_points / LEAST_PART)
		code = pack(store, tail, tail->rows - 1, err);
	return code;
}

int lepton__history_pack_all(struct lepton_store *store, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err, "SELECT id FROM versions", "");
	while (lepton__sql_more(store, rows, &code, err))
		code = lepton__history_rest(store, sqlite3_column_int64(rows, 0), err);
	sqlite3_finalize(rows);
	return code;
}

/* ---- going back ---- */

int lepton__history_read_block(sqlite3_stmt *row, int column, int64_t version, struct lepton__points *points,
	struct lepton_error *err)
{
	struct lepton__block_head head = {version, sqlite3_column_int64(row, column), 0};
	int64_t count = sqlite3_column_int64(row, column + 1);
	const void *data = sqlite3_column_blob(row, column + 2);
	head.count = count > 0 ? (size_t)count : 0;
	points->count = 0;
	if (!data)
		return lepton__block_damaged(&head, "a block", err);
	return lepton__block_decode(&head, data, (size_t)sqlite3_column_bytes(row, column + 2), points, err);
}

/* What the block that `step` lies in has before it. A damaged one has nothing: verify says so before. */
static int read_before(struct lepton_store *store, int64_t version, int64_t step,
	struct lepton__points *points, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err,
		"SELECT first_step, count, data FROM history_blocks WHERE version=?1 AND first_step<?2 AND "
		"last_step>=?2",
		"ii", version, step);
	while (lepton__sql_more(store, rows, &code, err))
		code = lepton__history_read_block(rows, 0, version, points, err);
	sqlite3_finalize(rows);
	if (code == LEPTON_E_CORRUPT)
		points->count = 0;
	return code == LEPTON_E_CORRUPT ? LEPTON_OK : code;
}

static int drop_blocks(struct lepton_store *store, int64_t version, int64_t step, struct lepton_error *err)
{
	static const char *const drops[] = {
		"DELETE FROM history_summaries WHERE version=?1 AND first_step>=ifnull((SELECT "
		"min(first_step) "
		"FROM history_blocks WHERE version=?1 AND last_step>=?2), ?2)",
		"DELETE FROM history_outlines WHERE version=?1 AND last_step>=?2",
		"DELETE FROM history_blocks WHERE version=?1 AND last_step>=?2",
	};
	int code = LEPTON_OK;
	for (size_t i = 0; i < sizeof drops / sizeof *drops && !code; i++)
		code = lepton__sql_do(store, err, drops[i], "ii", version, step);
	return code;
}

/* Said again at or before a known step (training went back to a checkpoint): the newer account wins. */
static int forget_from(
	struct lepton_store *store, struct lepton__tail *tail, int64_t step, struct lepton_error *err)
{
	struct lepton__points points = {0};
	int code = read_before(store, tail->version, step, &points, err);
	if (!code)
		code = lepton__sql_do(store, err, "DELETE FROM history WHERE version=? AND step>=?", "ii",
			tail->version, step);
	if (!code)
		code = drop_blocks(store, tail->version, step, err);
	for (size_t i = 0; i < points.count && !code; i++)
		if (lepton__point_int(&points, i, LEPTON__POINT_STEP) < step)
			code = insert_row(store, tail->version, &points, i, err);
	lepton__points_clear(&points);
	return code ? code : count_tail(store, tail, err);
}

/* ---- one point ---- */

int lepton__history_put(
	struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err)
{
	struct lepton__tail *tail;
	int64_t seq, step = event->u.metric.step;
	int code = find_tail(store, event->version, &tail, err);
	if (!code && step <= tail->last_step)
		code = forget_from(store, tail, step, err);
	if (!code)
		code = lepton__history_seq(store, &seq, err);
	if (code)
		return code;
	uint64_t row[LEPTON__POINT_COLUMNS] = {(uint64_t)seq, (uint64_t)step, lepton__bits_of(event->time),
		lepton__bits_of(event->u.metric.epoch), lepton__bits_of(event->u.metric.seconds),
		lepton__bits_of(event->u.metric.loss), lepton__bits_of(event->u.metric.accuracy),
		lepton__bits_of(event->u.metric.samples_per_second)};
	struct lepton__points one = {.count = 1, .capacity = 1};
	for (int c = 0; c < LEPTON__POINT_COLUMNS; c++)
		one.column[c] = &row[c];
	code = insert_row(store, event->version, &one, 0, err);
	if (code)
		return code;
	tail->rows++;
	tail->last_step = step;
	return tail->rows > lepton__block_points ? pack(store, tail, lepton__block_points, err) : LEPTON_OK;
}
