/* store/store.c - opening and closing.
 *
 * A writer takes the lock first, then makes or checks the database, then sweeps what a crash left. A
 * reader opens the same database without the lock: WAL lets it see the last committed state while the
 * writer goes on. The database is never opened by URI, so '?' and '%' in a path are just letters.
 */
#include "config.h"
#include "store/schema.h"
#include "store/store_parts.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MILLISECONDS 5000

static int check_there(struct lepton_store *store, const char *database, struct lepton_error *err)
{
	struct stat info;
	if (stat(store->dir, &info))
		return lepton_error_set(err, LEPTON_E_NOTFOUND,
			"no store at %s: %s; `lepton train SPEC --store %s` makes one", store->dir,
			strerror(errno), store->dir);
	if (!S_ISDIR(info.st_mode))
		return lepton_error_set(err, LEPTON_E_IO, "%s is not a folder, so not a store", store->dir);
	if (stat(database, &info))
		return lepton_error_set(
			err, LEPTON_E_NOTFOUND, "%s holds no store: %s", store->dir, strerror(errno));
	return LEPTON_OK;
}

static int make_folders(struct lepton_store *store, struct lepton_error *err)
{
	int code = lepton__make_dirs(store->dir, 0700, err);
	return code ? code : lepton__make_dirs(store->objects, 0700, err);
}

static int connect_database(
	struct lepton_store *store, const char *database, bool write, struct lepton_error *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (write ? SQLITE_OPEN_CREATE : 0);
	if (store->vault && !(store->vfs = lepton__sealed_vfs_new(store->vault)))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", store->dir);
	if (sqlite3_open_v2(database, &store->db, flags,
		    store->vfs ? lepton__sealed_vfs_name(store->vfs) : NULL) != SQLITE_OK)
		return store->db ? lepton__sql_error(store, "open the database", err)
				 : lepton_error_set(
					   err, LEPTON_E_NOMEM, "out of memory opening store %s", store->dir);
	sqlite3_busy_timeout(store->db, BUSY_MILLISECONDS);
	if (store->vfs && lepton__sealed_vfs_prepare(store->db) != SQLITE_OK)
		return lepton__sql_error(store, "open the database", err);
	return lepton__sql_run(store,
		write ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON"
		      : "PRAGMA foreign_keys=ON; PRAGMA query_only=ON",
		err);
}

static int make_schema(struct lepton_store *store, struct lepton_error *err)
{
	char pragmas[96];
	snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%d",
		LEPTON__APPLICATION_ID, LEPTON__SCHEMA_VERSION);
	int code = lepton__sql_begin(store, err);
	if (!code)
		code = lepton__sql_run(store, lepton__schema, err);
	if (!code)
		code = lepton__sql_run(store, pragmas, err);
	if (!code)
		return lepton__sql_commit(store, err);
	lepton__sql_rollback(store);
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
		return make_schema(store, err);
	if (tables == 0) /* its writer is still at it, or was killed before the first commit */
		return lepton_error_set(err, LEPTON_E_NOTFOUND, "%s holds no store yet", store->dir);
	if (application != LEPTON__APPLICATION_ID)
		return lepton_error_set(err, LEPTON_E_CORRUPT,
			"%s/store.db belongs to another program: use another --store", store->dir);
	if (version > LEPTON__SCHEMA_VERSION)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"store %s was written by a newer lepton (format %d, this one reads %d)", store->dir,
			(int)version, LEPTON__SCHEMA_VERSION);
	return LEPTON_OK;
}

/* Asked again under the lock: who made the store meanwhile has made its keys. */
static int make_keys(
	struct lepton_store *store, const char *database, struct lepton_key *key, struct lepton_error *err)
{
	int code = lepton__vault_open(store->dir, database, key, &store->vault, err);
	return code || store->vault || !key ? code : lepton__vault_make(store->dir, key, &store->vault, err);
}

static int open_store(struct lepton_store *store, const char *database, bool write, struct lepton_key *key,
	struct lepton_error *err)
{
	int code = lepton__vault_open(store->dir, database, key, &store->vault, err);
	if (!code)
		code = write ? make_folders(store, err) : check_there(store, database, err);
	if (!code && write)
		code = lepton__lock(store, err);
	if (!code && write && !store->vault)
		code = make_keys(store, database, key, err);
	if (!code)
		code = connect_database(store, database, write, err);
	if (!code)
		code = check_schema(store, write, err);
	if (!code && write && chmod(database, 0600))
		code = lepton_error_set(err, LEPTON_E_IO, "cannot protect %s: %s", database, strerror(errno));
	if (!code && write)
		code = lepton__objects_sweep(store, err);
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
	store->dir = lepton__strdup(dir);
	store->objects = lepton__path_join(dir, "objects");
	char *database = lepton__path_join(dir, "store.db");
	int code;
	if (!store->dir || !store->objects || !database)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", dir);
	else
		code = open_store(store, database, mode == LEPTON_STORE_WRITE, key, err);
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
	sqlite3_close(store->db);
	lepton__sealed_vfs_free(store->vfs);
	lepton__vault_free(store->vault);
	if (store->lock_fd >= 0)
		close(store->lock_fd); /* and with it the lock */
	lepton__free(store->objects);
	lepton__free(store->dir);
	lepton__free(store);
}
