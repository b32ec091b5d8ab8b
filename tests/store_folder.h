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
	if (lepton_store_open(dir, mode, &store, &err))
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

static void sql(const char *text)
{
	sqlite3 *db = database();
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static int64_t count(const char *query)
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

#endif
