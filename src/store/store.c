/* store/store.c - opening and closing.
 *
 * A writer takes the lock first, then makes or checks the database, then sweeps what a crash left. A
 * reader opens the same database without the lock: WAL lets it see the last committed state while the
 * writer goes on. '?' and '%' in a path are just letters.
 */
#include "config.h"
#include "store/history.h"
#include "store/inspect.h"
#include "store/schema.h"
#include "store/store_parts.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MILLISECONDS 5000
#define URI_MAX 65536

static int check_there(struct lepton_store *store, const char *database, struct lepton_error *err)
{
	struct stat info;
	int code = lepton__file_look(store->dir, &info, err);
	if (code == LEPTON_E_NOTFOUND)
		return lepton_error_set(err, code, "no store at %s; `lepton train SPEC --store %s` makes one",
			store->dir, store->dir);
	if (!code && !S_ISDIR(info.st_mode))
		return lepton_error_set(err, LEPTON_E_IO, "%s is not a folder, so not a store", store->dir);
	if (!code)
		code = lepton__file_look(database, &info, err);
	if (code == LEPTON_E_NOTFOUND)
		return lepton_error_set(err, code, "%s holds no store", store->dir);
	return code;
}

/* What is there need not be on the disk: a writer before may have been killed between writing and flushing.
 * SQLite takes what it finds in its log for flushed, and a name found is not made again. */
static int flush_found(struct lepton_store *store, struct lepton_error *err)
{
	char *log = lepton__path_join(store->dir, "store.db-wal");
	int code = log ? lepton__sync_file(log, err)
		       : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", store->dir);
	lepton__free(log);
	if (!code)
		code = lepton__sync_name(store->dir, err);
	if (!code)
		code = lepton__sync_dir(store->dir, err);
	return code ? code : lepton__sync_dir(store->objects, err);
}

static int make_folders(struct lepton_store *store, struct lepton_error *err)
{
	int code = lepton__make_dirs(store->dir, 0700, err);
	if (!code)
		code = lepton__make_dirs(store->objects, 0700, err);
	return code;
}

/* Where nothing can be written, SQLite cannot make the memory that readers and a writer of a log share: it
 * has to be told that there is no writer. Only a URI can say so; every letter of the path that could mean
 * something in one is escaped. */
static void frozen_uri(const char *database, struct lepton__buffer *uri)
{
	lepton__buffer_init(uri, URI_MAX);
	lepton__buffer_append(uri, "file://", *database == '/' ? 7 : 5);
	for (const char *c = database; *c; c++) {
		char escaped[4];
		snprintf(escaped, sizeof escaped, strchr("%?#:", *c) ? "%%%02X" : "%c", (unsigned char)*c);
		lepton__buffer_append(uri, escaped, strlen(escaped));
	}
	lepton__buffer_append(uri, "?immutable=1", sizeof "?immutable=1"); /* with its NUL */
}

static bool is_frozen(const struct lepton_store *store, const char *database)
{
	struct stat info;
	char *log = lepton__format("%s-wal", database);
	bool frozen = log && lepton__io.stat(log, &info) && errno == ENOENT && access(store->dir, W_OK) &&
		      errno == EROFS;
	lepton__free(log);
	return frozen;
}

static int open_database(struct lepton_store *store, const char *database, bool write)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (write ? SQLITE_OPEN_CREATE : 0);
	if (write || !is_frozen(store, database))
		return sqlite3_open_v2(database, &store->db, flags, lepton__page_vfs_name(store->vfs));
	struct lepton__buffer uri;
	frozen_uri(database, &uri);
	flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
	int code = uri.failed ? SQLITE_NOMEM
			      : sqlite3_open_v2((char *)uri.data, &store->db, flags,
					lepton__page_vfs_name(store->vfs));
	lepton__buffer_free(&uri);
	return code;
}

static int connect_database(
	struct lepton_store *store, const char *database, bool write, struct lepton_error *err)
{
	if (open_database(store, database, write) != SQLITE_OK)
		return store->db ? lepton__sql_error(store, "open the database", err)
				 : lepton_error_set(
					   err, LEPTON_E_NOMEM, "out of memory opening store %s", store->dir);
	sqlite3_busy_timeout(store->db, BUSY_MILLISECONDS);
	if (lepton__page_vfs_prepare(store->vfs, store->db) != SQLITE_OK)
		return lepton__sql_error(store, "open the database", err);
	return lepton__sql_run(store,
		write ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON"
		      : "PRAGMA foreign_keys=ON; PRAGMA query_only=ON",
		err);
}

/* What the database is short of; asked of itself, not of its number, which may be the damaged part. */
static int make_tables(struct lepton_store *store, bool empty, struct lepton_error *err)
{
	int64_t upgraded = 0, packed = 0, copied = 0;
	int code = empty ? lepton__sql_run(store, lepton__schema, err) : LEPTON_OK;
	if (!code)
		code = lepton__sql_int(store, &upgraded, 0, err,
			"SELECT count(*) FROM pragma_table_info('objects') WHERE name='base'", "");
	if (!code && !upgraded)
		code = lepton__sql_run(store, lepton__upgrade, err);
	if (!code)
		code = lepton__sql_int(store, &packed, 0, err,
			"SELECT count(*) FROM sqlite_schema WHERE name='history_outlines'", "");
	if (!code && !packed)
		code = lepton__sql_run(store, lepton__upgrade_3, err);
	if (!code)
		code = lepton__sql_int(store, &copied, 0, err,
			"SELECT count(*) FROM sqlite_schema WHERE name='checkpoint_copies'", "");
	if (!code && !copied)
		code = lepton__sql_run(store, lepton__upgrade_4, err);
	return code || packed || empty ? code : lepton__history_pack_all(store, err);
}

/* Checksums of pages, which a database of before format 4 has none of: all of it is written anew. Where it
 * cannot be, for want of room or because it is damaged, it stays as it is, which the number says. */
static bool has_stamps(struct lepton_store *store)
{
	int64_t busy;
	if (store->vault || lepton__page_vfs_stamped(store->vfs))
		return true;
	lepton__page_vfs_stamp_all(store->vfs, true);
	bool done = lepton__sql_run(store, "VACUUM", NULL) == LEPTON_OK;
	lepton__page_vfs_stamp_all(store->vfs, false);
	if (done) /* a reader in the way is no fault: the log has all of it */
		(void)!lepton__sql_int(store, &busy, 1, NULL, "PRAGMA wal_checkpoint(TRUNCATE)", "");
	return done;
}

static int make_schema(struct lepton_store *store, bool empty, struct lepton_error *err)
{
	char pragmas[96];
	int format = has_stamps(store) ? LEPTON__SCHEMA_VERSION : LEPTON__SCHEMA_VERSION - 1;
	snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%d",
		LEPTON__APPLICATION_ID, format);
	int code = lepton__sql_begin(store, err);
	if (!code)
		code = make_tables(store, empty, err);
	if (!code)
		code = lepton__sql_run(store, pragmas, err);
	if (!code)
		code = lepton__sql_commit(store, err);
	if (code)
		lepton__sql_rollback(store);
	else
		store->format = format;
	return code;
}

static int check_schema(struct lepton_store *store, bool write, struct lepton_error *err)
{
	int64_t application, version, tables;
	int code = lepton__sql_int(store, &application, 0, err, "PRAGMA application_id", "");
	if (!code)
		code = lepton__sql_int(store, &version, 0, err, "PRAGMA user_version", "");
	if (!code)
		code = lepton__sql_int(store, &tables, 0, err, "SELECT count(*) FROM sqlite_schema", "");
	if (code)
		return code;
	if (tables == 0 && write)
		return make_schema(store, true, err);
	if (tables == 0) /* its writer is still at it, or was killed before the first commit */
		return lepton_error_set(err, LEPTON_E_NOTFOUND, "%s holds no store yet", store->dir);
	if (application != LEPTON__APPLICATION_ID)
		return lepton_error_set(err, LEPTON_E_CORRUPT,
			"%s/store.db belongs to another program: use another --store", store->dir);
	if (version > LEPTON__SCHEMA_VERSION)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"store %s was written by a newer lepton (format %d, this one reads %d)", store->dir,
			(int)version, LEPTON__SCHEMA_VERSION);
	store->format = (int)version;
	if (!write || version >= LEPTON__SCHEMA_VERSION)
		return LEPTON_OK;
	code = make_schema(store, false, err); /* a damaged one is first repaired as it is */
	return code == LEPTON_E_CORRUPT && store->repairs ? LEPTON_OK : code;
}

/* Asked again under the lock: who made the store meanwhile has made its keys. */
static int make_keys(
	struct lepton_store *store, const char *database, struct lepton_key *key, struct lepton_error *err)
{
	int code = lepton__vault_open(store->dir, database, key, &store->vault, err);
	return code || store->vault || !key ? code : lepton__vault_make(store->dir, key, &store->vault, err);
}

static int open_store(struct lepton_store *store, const char *database, int mode, struct lepton_key *key,
	struct lepton_error *err)
{
	bool write = mode != LEPTON_STORE_READ;
	store->repairs = mode == LEPTON_STORE_REPAIR;
	struct lepton__sweep sweep = {.look_only = false};
	int code = lepton__vault_open(store->dir, database, key, &store->vault, err);
	if (!code)
		code = mode == LEPTON_STORE_WRITE ? make_folders(store, err)
						  : check_there(store, database, err);
	if (!code && write)
		code = lepton__lock(store, err);
	if (!code && write && !store->vault)
		code = make_keys(store, database, key, err);
	if (!code && write)
		code = flush_found(store, err);
	if (!code && !(store->vfs = lepton__page_vfs_new(store->vault)))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", store->dir);
	if (!code)
		code = lepton__look_before(store, database, err);
	if (!code)
		code = connect_database(store, database, write, err);
	if (!code)
		code = check_schema(store, write, err);
	if (!code && write && lepton__io.chmod(database, 0600))
		code = lepton_error_set(err, LEPTON_E_IO, "cannot protect %s: %s", database, strerror(errno));
	if (!code && mode == LEPTON_STORE_WRITE && !lepton__keeps_log(store))
		lepton__objects_sweep(store, &sweep);
	return code;
}

void lepton__store_disconnect(struct lepton_store *store)
{
	lepton__history_forget(store);
	sqlite3_finalize(store->put_point);
	store->put_point = NULL;
	sqlite3_close(store->db);
	store->db = NULL;
	store->in_transaction = false;
}

int lepton__store_reconnect(struct lepton_store *store, struct lepton_error *err)
{
	char *database = lepton__path_join(store->dir, "store.db");
	if (!database)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", store->dir);
	lepton__store_disconnect(store);
	int code = connect_database(store, database, true, err);
	if (!code)
		code = check_schema(store, true, err);
	lepton__free(database);
	return code;
}

int lepton_store_open(const char *dir, int mode, struct lepton_store **out, struct lepton_error *err)
{
	return lepton_store_open_with(dir, mode, NULL, out, err);
}

bool lepton_store_encrypted(const struct lepton_store *store)
{
	return store->vault != NULL;
}

int lepton_store_open_with(const char *dir, int mode, struct lepton_key *key, struct lepton_store **out,
	struct lepton_error *err)
{
	struct lepton_store *store = lepton__calloc(1, sizeof *store);
	*out = NULL;
	if (!store)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", dir);
	store->lock_fd = -1;
	store->opened = lepton__monotonic();
	store->dir = lepton__strdup(dir);
	store->objects = lepton__path_join(dir, "objects");
	char *database = lepton__path_join(dir, "store.db");
	int code;
	if (!store->dir || !store->objects || !database)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", dir);
	else
		code = open_store(store, database, mode, key, err);
	lepton__free(database);
	if (code) {
		lepton_store_close(store);
		store = NULL;
	}
	*out = store;
	return code;
}

void lepton_store_close(struct lepton_store *store)
{
	if (!store)
		return;
	lepton__sql_commit(store, NULL);
	lepton__store_disconnect(store);
	lepton__free(store->tails);
	lepton__page_vfs_free(store->vfs);
	lepton__vault_free(store->vault);
	if (store->lock_fd >= 0)
		lepton__io.close(store->lock_fd); /* and with it the lock */
	lepton__free(store->objects);
	lepton__free(store->dir);
	lepton__free(store);
}
