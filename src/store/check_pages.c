/* store/check_pages.c - is each page of the database what was written, and do they fit together?
 *
 * SQLite's own check walks through every tree, and meets every page that is in use; what is wrong with a
 * page itself is noted below it (page_vfs.c). Only where something is, each table is walked by itself, so
 * that the line can say whose page it is. Then come the pages that nothing uses: those are read from the
 * file, where there is no log that newer ones may lie in.
 */
#include "config.h"
#include "store/inspect.h"
#include "store/page.h"
#include "store/schema.h"
#include "base/file.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* SQLite's lines are faults; but of a page that could not be read, ours says more. */
static int walk(struct lepton_store *store, const char *pragma, struct lepton__report *report, size_t *lines,
	struct lepton_error *err)
{
	const struct lepton__page_faults *found = lepton__page_vfs_faults(store->vfs);
	sqlite3_stmt *rows = NULL;
	int code = lepton__sql_prepare(store, &rows, err, pragma, "");
	while (lepton__sql_more(store, rows, &code, err)) {
		const char *line = lepton__sql_text(rows, 0);
		if (strcmp(line, "ok") == 0)
			continue;
		++*lines;
		if (report && !(found->count && strstr(line, "unable to get the page")))
			lepton__report_fault(report, "store.db: %s", line);
	}
	sqlite3_finalize(rows);
	return code == LEPTON_E_CORRUPT && found->count ? LEPTON_OK : code;
}

/* Whose are they? Of each table it is asked anew, with its indexes. */
static int attribute(struct lepton_store *store, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; i < lepton__table_count && code != LEPTON_E_NOMEM; i++) {
		char pragma[96];
		size_t lines = 0;
		snprintf(pragma, sizeof pragma, "PRAGMA integrity_check(%s)", lepton__tables[i].name);
		lepton__page_vfs_look(store->vfs, lepton__tables[i].name);
		sqlite3_db_release_memory(store->db); /* pages it has are not met again */
		code = walk(store, pragma, NULL, &lines, err);
	}
	return code == LEPTON_E_NOMEM ? code : LEPTON_OK;
}

/* Not beside a writer, which may be writing them. */
static int scan(struct lepton_store *store, struct lepton_error *err)
{
	char *database = lepton__path_join(store->dir, "store.db"),
	     *log = lepton__path_join(store->dir, "store.db-wal");
	int64_t busy;
	int code = database && log ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	if (!code && (store->lock_fd >= 0 || lepton__lock_is_free(store))) {
		(void)!lepton__sql_int(store, &busy, 1, NULL, "PRAGMA wal_checkpoint(TRUNCATE)", "");
		if (!lepton__size_of(log))
			code = lepton__scan_pages(store, database, false, err);
	}
	lepton__free(database);
	lepton__free(log);
	return code;
}

static void tell(struct lepton__report *report, const struct lepton__page_found *found)
{
	bool log = found->fault == LEPTON__PAGE_DAMAGED_IN_LOG;
	unsigned long long at = (unsigned long long)(found->number - 1) * LEPTON__PAGE;
	char where[64] = "";
	if (!log)
		snprintf(where, sizeof where, " (bytes %llu to %llu)", at, at + LEPTON__PAGE - 1);
	lepton__report_fault(report, "store.db%s: page %u%s%s%s: %s", log ? "-wal" : "",
		(unsigned)found->number, where, *found->part ? ", of table " : "", found->part,
		found->fault == LEPTON__PAGE_BLANK ? "nothing but zeros, though it is in use"
		: *found->part                     ? "its checksum does not fit"
			       : "its checksum does not fit; it is free, or of what else is damaged");
}

static void tell_all(struct lepton__report *report, const struct lepton__page_faults *found)
{
	for (size_t i = 0; i < found->count && i < LEPTON__PAGE_FAULTS; i++)
		tell(report, &found->list[i]);
	if (found->count > LEPTON__PAGE_FAULTS)
		lepton__report_fault(report,
			"store.db: there are more damaged pages than %d, which are not named",
			LEPTON__PAGE_FAULTS);
}

int lepton__check_pages(
	struct lepton_store *store, struct lepton__report *report, size_t *faults, struct lepton_error *err)
{
	const struct lepton__page_faults *found = lepton__page_vfs_faults(store->vfs);
	*faults = 0;
	lepton__page_vfs_forget(store->vfs);
	lepton__page_vfs_look(store->vfs, "");
	int code = walk(store, "PRAGMA integrity_check", report, faults, err);
	if (!code && found->count)
		code = attribute(store, err);
	lepton__page_vfs_look(store->vfs, NULL);
	if (!code)
		code = scan(store, err);
	if (report)
		tell_all(report, found);
	*faults += found->count;
	if (report && !store->vault && !lepton__page_vfs_stamped(store->vfs))
		lepton__report_done(report,
			"store.db: its pages have no checksums yet, since it is of an older "
			"format: a flipped bit of a number may pass; the next writer adds them");
	return code;
}
