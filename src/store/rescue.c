/* store/rescue.c - a database with damaged pages: what can be read is copied into a new one.
 *
 * Each table is read from its beginning until a damaged page stops it, and then from its end backwards, so
 * that a bad page costs its own rows and not those behind it. Rows that come twice are taken once. The
 * damaged file is kept as store.db.damaged; the new one takes its place by a rename, and the objects, which
 * no table can damage, are what they were. Of checkpoints and their copies each fills what the other lost.
 * Rows that now refer to nothing are repair.c's to drop.
 */
#include "config.h"
#include "store/inspect.h"
#include "store/schema.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEPT_MAX 100

/* Copy until the end or a fault; true at the end. */
static bool copy_rows(sqlite3_stmt *from, sqlite3_stmt *to, int64_t *copied)
{
	int step;
	while ((step = sqlite3_step(from)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(from); i++)
			sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
		if (sqlite3_step(to) == SQLITE_DONE)
			*copied += sqlite3_changes(sqlite3_db_handle(to));
		sqlite3_reset(to);
	}
	return step == SQLITE_DONE;
}

static sqlite3_stmt *insert_of(sqlite3 *to, const char *table, int columns)
{
	sqlite3_stmt *statement = NULL;
	char sql[160];
	int size = snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO %s VALUES(?", table);
	for (int i = 1; i < columns; i++)
		size += snprintf(sql + size, sizeof sql - (size_t)size, ",?");
	snprintf(sql + size, sizeof sql - (size_t)size, ")");
	sqlite3_prepare_v2(to, sql, -1, &statement, NULL);
	return statement;
}

/* One way through a table; true when it came to the end. */
static bool copy_way(sqlite3 *from, sqlite3 *to, const char *table, const char *order, int64_t *copied)
{
	sqlite3_stmt *select = NULL;
	char sql[160];
	bool whole = false;
	snprintf(sql, sizeof sql, "SELECT * FROM %s%s%s", table, order ? " ORDER BY " : "",
		order ? order : "");
	if (sqlite3_prepare_v2(from, sql, -1, &select, NULL) == SQLITE_OK) {
		sqlite3_stmt *insert = insert_of(to, table, sqlite3_column_count(select));
		whole = insert && copy_rows(select, insert, copied);
		sqlite3_finalize(insert);
	}
	sqlite3_finalize(select);
	return whole;
}

static void copy_tables(struct lepton_store *store, sqlite3 *to, struct lepton__report *report)
{
	int twins = 0;
	for (size_t i = 0; i < lepton__table_count; i++) {
		const struct lepton__table *table = &lepton__tables[i];
		int64_t copied = 0;
		if (copy_way(store->db, to, table->name, NULL, &copied))
			continue;
		copy_way(store->db, to, table->name, table->backwards, &copied);
		twins += table->twin;
		report->lost = report->lost || !table->twin || twins == 2;
		lepton__report_done(report, "store.db: table %s is damaged; %lld of its rows could be read",
			table->name, (long long)copied);
	}
}

static int make_database(
	const struct lepton_store *store, const char *path, sqlite3 **out, struct lepton_error *err)
{
	char pragmas[96];
	snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%d; BEGIN",
		LEPTON__APPLICATION_ID, LEPTON__SCHEMA_VERSION);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	if (sqlite3_open_v2(path, out, flags, lepton__page_vfs_name(store->vfs)) == SQLITE_OK &&
		lepton__page_vfs_prepare(store->vfs, *out) == SQLITE_OK &&
		/* a log from the beginning: an encrypted store has no other journal */
		sqlite3_exec(*out, "PRAGMA journal_mode=WAL", NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_exec(*out, lepton__schema, NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_exec(*out, lepton__upgrade, NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_exec(*out, lepton__upgrade_3, NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_exec(*out, lepton__upgrade_4, NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_exec(*out, pragmas, NULL, NULL, NULL) == SQLITE_OK)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_IO, "cannot make %s: %s", path, sqlite3_errmsg(*out));
}

/* store.db.damaged, or with a number behind it: what an earlier rescue kept stays. */
static int keep_damaged(
	struct lepton_store *store, const char *database, char **kept, struct lepton_error *err)
{
	for (int i = 1; i < KEPT_MAX; i++) {
		*kept = i == 1 ? lepton__format("%s.damaged", database)
			       : lepton__format("%s.damaged.%d", database, i);
		if (!*kept)
			return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
		if (link(database, *kept) == 0)
			return LEPTON_OK;
		if (errno != EEXIST)
			break;
		lepton__free(*kept);
		*kept = NULL;
	}
	return lepton_error_set(err, LEPTON_E_IO,
		"cannot keep the damaged database of %s beside the new one: %s", store->dir, strerror(errno));
}

/* The old one aside, the new one in its place. */
static int change_over(
	struct lepton_store *store, const char *made, struct lepton__report *report, struct lepton_error *err)
{
	char *database = lepton__path_join(store->dir, "store.db");
	char *wal = lepton__path_join(store->dir, "store.db-wal"), *kept = NULL;
	int code = database && wal ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	lepton__store_disconnect(store);
	if (!code)
		code = keep_damaged(store, database, &kept, err);
	if (!code)
		lepton__io.unlink(wal); /* of the damaged one; closing has written it back */
	if (!code && lepton__io.rename(made, database))
		code = lepton_error_set(err, LEPTON_E_IO, "cannot replace %s: %s", database, strerror(errno));
	if (!code)
		code = lepton__sync_dir(store->dir, err);
	if (!code)
		lepton__report_done(report, "store.db: written anew; the damaged one is kept as %s",
			strrchr(kept, '/') + 1);
	lepton__free(kept);
	lepton__free(database);
	lepton__free(wal);
	return code;
}

/* Of a rescue that was cut short: a log that stayed would be taken for the next one's. */
static void drop_made(const char *made)
{
	static const char *const endings[] = {"", "-wal", "-shm"};
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		char *path = lepton__format("%s%s", made, endings[i]);
		if (path)
			lepton__io.unlink(path);
		lepton__free(path);
	}
}

int lepton__rescue(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	sqlite3 *to = NULL;
	char *made = lepton__path_join(store->dir, "store.db.new");
	if (!made)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	drop_made(made);
	int code = make_database(store, made, &to, err);
	if (!code) {
		copy_tables(store, to, report);
		if (sqlite3_exec(to, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) !=
			SQLITE_OK)
			code = lepton_error_set(
				err, LEPTON_E_IO, "cannot write %s: %s", made, sqlite3_errmsg(to));
	}
	sqlite3_close(to);
	if (!code)
		code = change_over(store, made, report, err);
	else
		drop_made(made);
	lepton__free(made);
	return code ? code : lepton__store_reconnect(store, err);
}
