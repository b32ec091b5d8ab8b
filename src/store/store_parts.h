/* store/store_parts.h - what the files of this room share. */
#ifndef LEPTON_STORE_PARTS_H
#define LEPTON_STORE_PARTS_H

#include "lepton/store.h"
#include "store/sealed_vfs.h"
#include "store/vault.h"

#include <sqlite3.h>

#define LEPTON__SCHEMA_VERSION 1
#define LEPTON__APPLICATION_ID 0x4C455054 /* "LEPT": another program's database is not taken for a store */

struct lepton_store {
	sqlite3 *db;
	char *dir, *objects;
	int lock_fd; /* -1 for a reader */
	bool in_transaction;
	int buffered; /* metrics since the transaction began */
	uint64_t serial; /* of the last event put; 0: none yet */
	struct lepton__vault *vault; /* NULL: not encrypted */
	struct lepton__sealed_vfs *vfs;
};

/* sql.c: SQLite's errors become ours; statements are made, bound and finished in one place. */
int lepton__sql_error(struct lepton_store *store, const char *what, struct lepton_error *err);
int lepton__sql_run(struct lepton_store *store, const char *sql, struct lepton_error *err);
/* Types: i int64_t, d double (NaN is NULL), t text, b void* and size_t. NULL text is NULL. */
int lepton__sql_prepare(struct lepton_store *store, sqlite3_stmt **out, struct lepton_error *err,
	const char *sql, const char *types, ...);
/* Run a statement that returns nothing. */
int lepton__sql_do(
	struct lepton_store *store, struct lepton_error *err, const char *sql, const char *types, ...);
/* The first column of the first row; `missing` when there is none. */
int lepton__sql_int(struct lepton_store *store, int64_t *out, int64_t missing, struct lepton_error *err,
	const char *sql, const char *types, ...);
int lepton__sql_begin(struct lepton_store *store, struct lepton_error *err);
int lepton__sql_commit(struct lepton_store *store, struct lepton_error *err);
void lepton__sql_rollback(struct lepton_store *store);
const char *lepton__sql_text(sqlite3_stmt *statement, int column); /* "" for NULL */
double lepton__sql_double(sqlite3_stmt *statement, int column);    /* NaN for NULL */

/* objects.c */
int lepton__object_put(struct lepton_store *store, const struct lepton_tensor *tensor,
	char hash[LEPTON_HASH_HEX], struct lepton_error *err);
/* A set with the one tensor, checked to the bit. */
int lepton__object_get(
	struct lepton_store *store, const char *hash, struct lepton_params **out, struct lepton_error *err);
/* Sealed by the key in use now, where it is by the previous one; *count is how many were. */
int lepton__object_reseal(struct lepton_store *store, const char *hash, size_t *count, struct lepton_error *err);
void lepton__object_delete(struct lepton_store *store, const char *hash);
/* Remove temporaries and objects no row names: what a crash between file and row leaves. */
int lepton__objects_sweep(struct lepton_store *store, struct lepton_error *err);

/* gc.c: drop checkpoints of a version that nothing needs any more, then objects nothing refers to. */
int lepton__gc(struct lepton_store *store, int64_t version, struct lepton_error *err);

/* lock.c */
int lepton__lock(struct lepton_store *store, struct lepton_error *err);

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
