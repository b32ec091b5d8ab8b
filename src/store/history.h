/* store/history.h - the points of versions in the store: a tail of rows, and blocks before it. */
#ifndef LEPTON_STORE_HISTORY_H
#define LEPTON_STORE_HISTORY_H

#include "store/history_form.h"
#include "store/store_parts.h"

/* Points a block; less in tests, so that few points make many blocks. At most LEPTON__BLOCK_POINTS_MAX. */
extern int64_t lepton__block_points;

/* In the caller's transaction: a METRIC kept. Points at or after its step go first. */
int lepton__history_put(
	struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err);
/* In the caller's transaction: a version rests, so its points become a block, all but the last. */
int lepton__history_rest(struct lepton_store *store, int64_t version, struct lepton_error *err);
/* The same for every version: what an older format kept as rows. */
int lepton__history_pack_all(struct lepton_store *store, struct lepton_error *err);
/* The next place among events and history. */
int lepton__history_seq(struct lepton_store *store, int64_t *seq, struct lepton_error *err);
/* What is remembered of tails is asked again: rows were changed in another way, or put back. */
void lepton__history_forget(struct lepton_store *store);

/* The row of a block, its data read and decoded into points (which are cleared first). LEPTON_E_CORRUPT.
 * Columns of the statement from `column` on: first_step, count, data. */
int lepton__history_read_block(sqlite3_stmt *row, int column, int64_t version, struct lepton__points *points,
	struct lepton_error *err);
/* The outlines of a block, written (anew). */
int lepton__history_put_outlines(struct lepton_store *store, const struct lepton__block_head *head,
	const struct lepton__points *points, struct lepton_error *err);
#define LEPTON__POINT_SQL "seq, step, time, epoch, seconds, loss, accuracy, rate"
/* A row of those columns. */
int lepton__history_read_row(sqlite3_stmt *row, struct lepton__points *points, struct lepton_error *err);

/* load_history.c: one read transaction, unless there is one (*own: it is ours), so that nothing is seen twice
 * or not at all while a writer packs. */
int lepton__begin_reading(struct lepton_store *store, bool *own, struct lepton_error *err);
void lepton__end_reading(struct lepton_store *store, bool own);
/* load_history.c: the outlines of what versions have in blocks, read one version after another. */
struct lepton__past_reader {
	sqlite3_stmt *coarse;
	bool rough; /* very many points: coarse outlines only */
};
extern int64_t lepton__fine_blocks_most; /* in a store whose fine outlines are all read; less in tests */
int lepton__history_past_begin(
	struct lepton_store *store, struct lepton__past_reader *reader, struct lepton_error *err);
void lepton__history_past_end(struct lepton__past_reader *reader);
/* Of one version, into its history. */
int lepton__history_load_past(struct lepton_store *store, struct lepton__past_reader *reader,
	struct lepton_run_version *version, struct lepton_error *err);
/* The step of the last point in blocks before place `seq`, and its place; 0 places: there is none. */
int lepton__history_step_at(struct lepton_store *store, int64_t version, int64_t seq, int64_t *step,
	int64_t *at, struct lepton_error *err);

#endif
