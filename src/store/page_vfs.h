/* store/page_vfs.h - SQLite over files whose pages are checked: sealed, or stamped with a checksum. */
#ifndef LEPTON_STORE_PAGE_VFS_H
#define LEPTON_STORE_PAGE_VFS_H

#include "store/vault.h"

#include <sqlite3.h>

struct lepton__page_vfs; /* opaque: one a store, since it may have the store's keys */

/* `vault` NULL: no keys, so pages are stamped. NULL when out of memory. `vault` must outlive it, and it the
 * connection. */
struct lepton__page_vfs *lepton__page_vfs_new(const struct lepton__vault *vault) LEPTON_MUST_CHECK;
void lepton__page_vfs_free(struct lepton__page_vfs *vfs);              /* NULL is fine */
const char *lepton__page_vfs_name(const struct lepton__page_vfs *vfs); /* for sqlite3_open_v2 */
/* To be called on a connection through it before anything else: SQLite's own part of the bargain. An SQLite
 * code. */
int lepton__page_vfs_prepare(const struct lepton__page_vfs *vfs, sqlite3 *db) LEPTON_MUST_CHECK;

/* Has the database that was read checksums? Those of before format 4 have none until a VACUUM under
 * stamp_all. */
bool lepton__page_vfs_stamped(const struct lepton__page_vfs *vfs);
void lepton__page_vfs_stamp_all(struct lepton__page_vfs *vfs, bool all);

enum lepton__page_fault {
	LEPTON__PAGE_DAMAGED,
	LEPTON__PAGE_DAMAGED_IN_LOG,
	LEPTON__PAGE_BLANK,  /* zeros, though in use */
	LEPTON__PAGE_MENDED, /* one bit of it was set back */
	LEPTON__PAGE_REMADE, /* the first one, from the others */
	LEPTON__LOG_MENDED,  /* one bit of the log: of its head, number 0, or of that page in it */
	LEPTON__LOG_LOST /* what the log has behind there, with commits that are sure; number: the frame */
};
#define LEPTON__PAGE_FAULTS 100 /* that are remembered; there may be more */
struct lepton__page_found {
	uint32_t number; /* from 1 */
	enum lepton__page_fault fault;
	size_t byte;   /* of a mended one, where the bit was */
	char part[48]; /* what was looked through when it was met first; "" for nothing certain */
};
struct lepton__page_faults {
	struct lepton__page_found list[LEPTON__PAGE_FAULTS];
	size_t count; /* may be greater than the list */
};
/* What is looked through from now on, for `part`. While something is, a page of zeros is a fault too. NULL:
 * no more. */
void lepton__page_vfs_look(struct lepton__page_vfs *vfs, const char *part);
const struct lepton__page_faults *lepton__page_vfs_faults(const struct lepton__page_vfs *vfs);
void lepton__page_vfs_forget(struct lepton__page_vfs *vfs); /* the faults so far */
/* "page 7", "frame 3"; `head` where it is that of the log. */
void lepton__page_found_place(
	const struct lepton__page_found *found, const char *head, char *out, size_t size);

/* What a killed writer's log had that does not fit, when the store was opened. */
struct lepton__log_rest {
	bool headless;          /* all of it: its head does not */
	size_t first;           /* the first of the frames, from 1 */
	size_t frames, commits; /* of the last round; those that say they end a transaction */
};
const struct lepton__log_rest *lepton__page_vfs_rest(const struct lepton__page_vfs *vfs);

#endif
