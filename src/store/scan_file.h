/* store/scan_file.h - a file of the database, looked at as it lies on the disk. */
#ifndef LEPTON_STORE_SCAN_FILE_H
#define LEPTON_STORE_SCAN_FILE_H

#include "store/page.h"
#include "store/page_file.h"
#include "store/store_parts.h"

struct lepton__scan {
	struct lepton__page_vfs *vfs; /* where what is found is noted */
	sqlite3_file *file;
	bool mend;
};
/* scan_pages.c: open the file, for writing where it is to be mended, and have it scanned. `kind`: SQLite's
 * flag. */
int lepton__scan_file(const struct lepton_store *store, const char *path, int kind, bool mend,
	int (*scan)(const struct lepton__scan *scan), struct lepton_error *err);
/* Is it what was written there? A sealed one is opened in place. */
bool lepton__scan_is_whole(const struct lepton__page_vfs *vfs, uint8_t page[LEPTON__PAGE], uint32_t number);
/* Whole again, and on the disk. An SQLite code. */
int lepton__scan_set_back(const struct lepton__scan *scan, const uint8_t *bytes, int size, sqlite3_int64 at);

#endif
