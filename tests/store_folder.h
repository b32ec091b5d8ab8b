/* tests/store_folder.h - a store in a folder of its own, looked at from outside and by verify.
 *
 * Included by tests of the store; each is one program, so all here is static.
 */
#ifndef LEPTON_TESTS_STORE_FOLDER_H
#define LEPTON_TESTS_STORE_FOLDER_H

#include "base/file.h"
#include "base/memory.h"
#include "lepton/store.h"
#include "remove_tree.h"
#include "store/page_vfs.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char dir[96];
static struct lepton_key *store_key; /* NULL: the store is not encrypted */

static int make_folder(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/lepton-pack-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	remove_tree(dir);
	return 0;
}

static struct lepton_store *opened(int mode)
{
	struct lepton_store *store;
	struct lepton_error err = {0};
	if (lepton_store_open_with(dir, mode, store_key, &store, &err))
		fail_msg("open: %s", err.message);
	return store;
}

static char heard[65536];
static int lines;

static void hear(const char *line, void *arg)
{
	size_t used = strlen(heard);
	(void)arg;
	lines++;
	snprintf(heard + used, sizeof heard - used, "%s\n", line);
}

static void hush(void)
{
	heard[0] = '\0';
	lines = 0;
}

static int verified(struct lepton_store *store)
{
	struct lepton_error err = {0};
	hush();
	return lepton_store_verify(store, hear, NULL, &err);
}

static void assert_clean(struct lepton_store *store)
{
	if (verified(store))
		fail_msg("%s", heard);
	assert_int_equal(lines, 0);
}

static void assert_heard(const char *part)
{
	if (!strstr(heard, part))
		fail_msg("\"%s\" lacks \"%s\"", heard, part);
}

/* Through the store's own files: what another program writes has no checksums. */
static sqlite3 *database_at(const char *path)
{
	static struct lepton__page_vfs *vfs;
	sqlite3 *db;
	if (!vfs)
		vfs = lepton__page_vfs_new(NULL);
	assert_non_null(vfs);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
				 lepton__page_vfs_name(vfs)),
		SQLITE_OK);
	return db;
}

static sqlite3 *database(void)
{
	char path[128];
	snprintf(path, sizeof path, "%s/store.db", dir);
	return database_at(path);
}

static inline void sql(const char *text)
{
	sqlite3 *db = database();
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static inline int64_t count(const char *query)
{
	sqlite3 *db = database();
	sqlite3_stmt *row;
	if (sqlite3_prepare_v2(db, query, -1, &row, NULL) != SQLITE_OK)
		fail_msg("%s: %s", query, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	int64_t value = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	sqlite3_close(db);
	return value;
}

static void copy_into(sqlite3 *to, const char *name, const char *made_by)
{
	char text[256];
	if (sqlite3_exec(to, made_by, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", made_by, sqlite3_errmsg(to));
	snprintf(text, sizeof text, "INSERT INTO main.%s SELECT * FROM now.%s", name, name);
	if (sqlite3_exec(to, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(to));
}

/* The database as lepton before format 4 wrote it: without checksums and copies, by SQLite alone. */
static inline void as_before_checksums(int format)
{
	char from[128], made[128], text[512];
	sqlite3 *db = database();
	sqlite3_stmt *rows;
	assert_int_equal(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	snprintf(from, sizeof from, "%s/store.db", dir);
	snprintf(made, sizeof made, "%s/made", dir);
	assert_int_equal(sqlite3_open(made, &db), SQLITE_OK);
	snprintf(text, sizeof text,
		"PRAGMA journal_mode=WAL; PRAGMA application_id=0x4C455054; PRAGMA user_version=%d; ATTACH "
		"'%s' AS now",
		format, from);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db,
			"SELECT name, sql FROM now.sqlite_schema WHERE type='table' AND name NOT LIKE "
			"'checkpoint_copies' ORDER BY rowid",
			-1, &rows, NULL),
		SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW)
		copy_into(db, (const char *)sqlite3_column_text(rows, 0),
			(const char *)sqlite3_column_text(rows, 1));
	sqlite3_finalize(rows);
	assert_int_equal(sqlite3_prepare_v2(db,
				 "SELECT sql FROM now.sqlite_schema WHERE type='index' AND sql IS NOT NULL",
				 -1, &rows, NULL),
		SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW)
		assert_int_equal(
			sqlite3_exec(db, (const char *)sqlite3_column_text(rows, 0), NULL, NULL, NULL),
			SQLITE_OK);
	sqlite3_finalize(rows);
	sqlite3_close(db);
	assert_int_equal(rename(made, from), 0);
}

#endif
