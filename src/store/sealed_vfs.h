/* store/sealed_vfs.h - SQLite over files whose pages are sealed. */
#ifndef LEPTON_STORE_SEALED_VFS_H
#define LEPTON_STORE_SEALED_VFS_H

#include "store/vault.h"

#include <sqlite3.h>

struct lepton__sealed_vfs; /* opaque: one a store, since it has the store's keys */

/* NULL when out of memory. `vault` must outlive it, and it the connection. */
struct lepton__sealed_vfs *lepton__sealed_vfs_new(const struct lepton__vault *vault) LEPTON_MUST_CHECK;
void lepton__sealed_vfs_free(struct lepton__sealed_vfs *vfs); /* NULL is fine */
const char *lepton__sealed_vfs_name(const struct lepton__sealed_vfs *vfs); /* for sqlite3_open_v2 */
/* To be called on a connection through it before anything else: SQLite's own part of the bargain. An SQLite code. */
int lepton__sealed_vfs_prepare(sqlite3 *db) LEPTON_MUST_CHECK;

#endif
