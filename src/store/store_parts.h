/* store/store_parts.h - what the files of this room share. */
#ifndef LEPTON_STORE_PARTS_H
#define LEPTON_STORE_PARTS_H

#include "lepton/store.h"
#include "store/page_vfs.h"
#include "store/vault.h"

#include <sqlite3.h>
#include <stdarg.h>

#define LEPTON__SCHEMA_VERSION 4
#define LEPTON__APPLICATION_ID 0x4C455054 /* "LEPT": another program's database is not taken for a store */

#define LEPTON__OBJECT_CHAIN 4 /* bases below a delta, at most: each is one more to read, and to lose */

struct lepton__tail;
struct lepton_store {
	sqlite3 *db;
	char *dir, *objects;
	int lock_fd; /* -1 for a reader */
	bool in_transaction, repairs; /* opened to be repaired */
	int buffered; /* metrics since the transaction began */
	int64_t coming; /* a version of which the weights are to come in the same transaction; 0: none */
	uint64_t serial; /* of the last event put; 0: none yet */
	int format;      /* the database's, when it was opened: below LEPTON__SCHEMA_VERSION only for a reader */
	sqlite3_stmt *put_point; /* NULL: not yet prepared */
	int64_t next_seq;        /* the next place among events and history; 0: not asked yet */
	struct lepton__tail *tails; /* of versions that had points while it was open, by id (history.c) */
	size_t tail_count, tail_capacity;
	double opened, packing; /* when (monotonic), and seconds spent on packing since */
	struct lepton__vault *vault; /* NULL: not encrypted */
	struct lepton__page_vfs *vfs;
	char kept_log[40]; /* the copy of a killed writer's log, where not all of it was recovered */
};

/* sql.c: SQLite's errors become ours; statements are made, bound and finished in one place. */
int lepton__sql_error(struct lepton_store *store, const char *what, struct lepton_error *err);
int lepton__sql_run(struct lepton_store *store, const char *sql, struct lepton_error *err);
/* Types: i int64_t, d double (NaN is NULL), t text, b void* and size_t. NULL text is NULL. */
int lepton__sql_prepare(struct lepton_store *store, sqlite3_stmt **out, struct lepton_error *err,
	const char *sql, const char *types, ...);
int lepton__sql_prepare_v(struct lepton_store *store, sqlite3_stmt **out, struct lepton_error *err,
	const char *sql, const char *types, va_list *args);
/* Run a statement that returns nothing. */
int lepton__sql_do(
	struct lepton_store *store, struct lepton_error *err, const char *sql, const char *types, ...);
/* The first column of the first row; `missing` when there is none. */
int lepton__sql_int(struct lepton_store *store, int64_t *out, int64_t missing, struct lepton_error *err,
	const char *sql, const char *types, ...);
/* Is there a row (more)? A fault is no end of the rows: it goes into *code, and with *code set there is none.
 */
bool lepton__sql_more(struct lepton_store *store, sqlite3_stmt *rows, int *code, struct lepton_error *err);
int lepton__sql_bind_number(sqlite3_stmt *statement, int place, double value); /* NULL where it is not finite */
int lepton__sql_begin(struct lepton_store *store, struct lepton_error *err);
int lepton__sql_commit(struct lepton_store *store, struct lepton_error *err);
void lepton__sql_rollback(struct lepton_store *store);
void lepton__sql_settle(
	struct lepton_store *store); /* ends a transaction that could not be ended, for want of memory */
const char *lepton__sql_text(sqlite3_stmt *statement, int column); /* "" for NULL */
double lepton__sql_double(sqlite3_stmt *statement, int column);    /* NaN for NULL */

/* objects.c */
struct lepton__buffer;
int lepton__object_put(struct lepton_store *store, const struct lepton_tensor *tensor,
	char hash[LEPTON_HASH_HEX], struct lepton_error *err);
/* A set with the one tensor, checked to the bit. */
int lepton__object_get(
	struct lepton_store *store, const char *hash, struct lepton_params **out, struct lepton_error *err);
/* The file as it is (heap), and written anew. */
int lepton__object_read(struct lepton_store *store, const char *hash, char **bytes, size_t *size,
	struct lepton_error *err);
int lepton__object_write(struct lepton_store *store, const char *hash, const struct lepton__buffer *bytes,
	struct lepton_error *err);
/* Sealed by the key in use now, where it is by the previous one; *count is how many were. */
int lepton__object_reseal(struct lepton_store *store, const char *hash, size_t *count, struct lepton_error *err);
void lepton__object_delete(struct lepton_store *store, const char *hash);
int64_t lepton__object_size(struct lepton_store *store, const char *hash); /* of the file; 0 for none */

/* sweep.c: temporaries and objects no row names: what a crash between file and row leaves. */
struct lepton__sweep {
	bool look_only;
	void (*say)(const char *line, void *arg); /* one line a file; may be NULL */
	void *arg;
	int64_t files, bytes; /* found */
};
void lepton__objects_sweep(struct lepton_store *store, struct lepton__sweep *sweep);
int64_t lepton__size_of(const char *path); /* 0 for none */

/* hashes.c: a list of names of objects. */
struct lepton__hashes {
	char (*list)[LEPTON_HASH_HEX];
	size_t count, capacity;
};
int lepton__hashes_add(struct lepton__hashes *hashes, const char *hash, struct lepton_error *err);
/* The first column of every row. */
int lepton__hashes_select(struct lepton_store *store, struct lepton__hashes *hashes, struct lepton_error *err,
	const char *sql, const char *types, ...);
void lepton__hashes_free(struct lepton__hashes *hashes);

/* keep.c: the experiment's retention policy. */
struct lepton__keep {
	int64_t last; /* -1: all */
	bool best, promoted, marked;
};
int lepton__keep_get(struct lepton_store *store, struct lepton__keep *keep, struct lepton_error *err);
/* What the spec of a RUN event says of it, if anything. */
int lepton__keep_put(struct lepton_store *store, const char *spec, struct lepton_error *err);

/* gc.c: drop checkpoints of a version (0: of all) that nothing needs any more, then objects nothing refers to. */
int lepton__gc(struct lepton_store *store, int64_t version, struct lepton_store_gc *tally, struct lepton_error *err);
/* Objects alone. */
int lepton__gc_loose(struct lepton_store *store, struct lepton_store_gc *tally, struct lepton_error *err);

/* pack.c: tensors of older checkpoints of a version into less room, as far as the time allows that has passed since the
 * store was opened; 0: of all, whatever it takes. */
int lepton__pack_objects(struct lepton_store *store, int64_t version, const struct lepton__keep *keep,
	struct lepton_store_gc *tally, struct lepton_error *err);
/* Write a delta anew without its base. */
int lepton__object_stand_alone(struct lepton_store *store, const char *hash, struct lepton_error *err);

/* vfs.c: the name of the VFS below the one that checks pages; NULL is SQLite's own. */
const char *lepton__vfs(void);

/* scan_pages.c: every page of the file as it is, into the faults of the store's VFS; with `mend`, pages with
 * one wrong bit are set right, and those alone are noted. */
int lepton__scan_pages(
	const struct lepton_store *store, const char *database, bool mend, struct lepton_error *err);
/* look_before.c: what has to be right before SQLite sees it; LEPTON_E_CORRUPT. Of a store that is opened to
 * be repaired it is set right, and noted. */
int lepton__look_before(struct lepton_store *store, const char *database, struct lepton_error *err);
/* Is there a log that was kept, for what of it was not recovered? Weights that only its rows name are not
 * swept. */
bool lepton__keeps_log(const struct lepton_store *store);
/* first_page.c: the first page, where it is lost, made anew from the others. */
int lepton__first_page_mend(const struct lepton_store *store, const char *database, struct lepton_error *err);
/* scan_log.c: the log before SQLite sees it, in the same way. */
int lepton__scan_log(const struct lepton_store *store, const char *log, bool mend, struct lepton_error *err);

/* lock.c */
int lepton__lock(struct lepton_store *store, struct lepton_error *err);
bool lepton__lock_is_free(const struct lepton_store *store); /* is no writer at work? */

/* change_keys.c: the file DIR/keys, read, and opened by `key` unless that is NULL. LEPTON_E_KEY. */
struct lepton__ring {
	char *path;
	struct lepton__keyring ring;
	struct lepton__payload *payload;
	uint32_t slot; /* the one that `key` opened */
};
int lepton__ring_open(
	struct lepton__ring *ring, struct lepton_store *store, struct lepton_key *key, struct lepton_error *err);
void lepton__ring_close(struct lepton__ring *ring);

/* put.c: one event, in the caller's transaction. */
int lepton__put_one(struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err);

/* put_checkpoint.c */
int lepton__put_checkpoint(
	struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err);

/* load_checkpoint.c: one checkpoint row, every object read and checked. */
int lepton__load_row(struct lepton_store *store, int64_t row, int depth, struct lepton_checkpoint **out,
	struct lepton_error *err);

#endif
