/* store/scan_pages.c - every page of store.db as it lies on the disk, in use or not.
 *
 * Through SQLite's own files and not by open() and close(): closing a file drops all locks that this process
 * has on it, SQLite's too, and only SQLite knows when it may.
 *
 * A page that differs from what was stamped by one bit is set back, where that is asked for. That the wrong
 * bit was found, and the page has more damage than that, is one in 2^49: the stamp has 64 bits, and a page
 * 2^15.
 */
#include "config.h"
#include "store/scan_file.h"
#include "store/stamp.h"
#include "base/memory.h"

#include <sodium.h>
#include <string.h>

bool lepton__scan_is_whole(const struct lepton__page_vfs *vfs, uint8_t page[LEPTON__PAGE], uint32_t number)
{
	if (sodium_is_zero(page, LEPTON__PAGE)) /* never written */
		return true;
	if (vfs->vault)
		return lepton__page_open(vfs->vault, (uint64_t)(number - 1) * LEPTON__PAGE, NULL, page);
	return lepton__stamp_holds(page, number);
}

int lepton__scan_set_back(const struct lepton__scan *scan, const uint8_t *bytes, int size, sqlite3_int64 at)
{
	int code = scan->file->pMethods->xWrite(scan->file, bytes, size, at);
	return code ? code : scan->file->pMethods->xSync(scan->file, SQLITE_SYNC_FULL);
}

/* Of before there were checksums. */
static bool is_older(const uint8_t *first_page)
{
	return !lepton__stamp_is_due(first_page) && memcmp(first_page, "SQLite format 3", 16) == 0;
}

static int scan_page(const struct lepton__scan *scan, uint32_t number)
{
	uint8_t page[LEPTON__PAGE];
	size_t byte = 0;
	sqlite3_int64 at = (sqlite3_int64)(number - 1) * LEPTON__PAGE;
	int code = scan->file->pMethods->xRead(scan->file, page, LEPTON__PAGE, at);
	if (code && code != SQLITE_IOERR_SHORT_READ)
		return code;
	if (!code && number == 1 && !scan->vfs->vault && is_older(page))
		return SQLITE_DONE;
	if (lepton__scan_is_whole(scan->vfs, page, number))
		return SQLITE_OK;
	if (!scan->mend || code || scan->vfs->vault || !lepton__stamp_mend(page, number, &byte)) {
		if (!scan->mend)
			lepton__page_vfs_found(scan->vfs, number, LEPTON__PAGE_DAMAGED);
		return SQLITE_OK;
	}
	lepton__page_vfs_mended(scan->vfs, number, byte);
	return lepton__scan_set_back(scan, page, LEPTON__PAGE, at);
}

static int scan_pages(const struct lepton__scan *scan)
{
	sqlite3_int64 size;
	int code = scan->file->pMethods->xFileSize(scan->file, &size);
	for (sqlite3_int64 at = 0; !code && at < size; at += LEPTON__PAGE)
		code = scan_page(scan, (uint32_t)(at / LEPTON__PAGE + 1));
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int scan_named(const struct lepton_store *store, const char *name, int kind, bool mend,
	int (*run)(const struct lepton__scan *scan), struct lepton_error *err)
{
	struct lepton__scan scan = {.vfs = store->vfs, .mend = mend};
	sqlite3_vfs *real = store->vfs->real;
	int flags = kind | (mend ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	scan.file = lepton__calloc(1, (size_t)real->szOsFile);
	if (!scan.file)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory looking at pages");
	int code = real->xOpen(real, name, scan.file, flags, NULL);
	if (!code)
		code = run(&scan);
	if (scan.file->pMethods)
		scan.file->pMethods->xClose(scan.file);
	lepton__free(scan.file);
	return code ? lepton_error_set(err, code == SQLITE_NOMEM ? LEPTON_E_NOMEM : LEPTON_E_IO,
			      "cannot look at the pages of %s: %s", name, sqlite3_errstr(code))
		    : LEPTON_OK;
}

int lepton__scan_file(const struct lepton_store *store, const char *path, int kind, bool mend,
	int (*scan)(const struct lepton__scan *scan), struct lepton_error *err)
{
	size_t length = strlen(path);
	char *name = lepton__calloc(1, length + 4); /* SQLite's names are followed by more zeros */
	if (!name)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory looking at pages");
	memcpy(name, path, length);
	int code = scan_named(store, name, kind, mend, scan, err);
	lepton__free(name);
	return code;
}

int lepton__scan_pages(
	const struct lepton_store *store, const char *database, bool mend, struct lepton_error *err)
{
	return lepton__scan_file(store, database, SQLITE_OPEN_MAIN_DB, mend, scan_pages, err);
}
