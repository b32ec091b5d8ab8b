/* store/page_vfs.c - between SQLite and the system: each page is checked when read, and made so when written.
 *
 * A shim over SQLite's own file layer (https://www.sqlite.org/vfs.html), so all of the database goes through
 * it, whatever the tables are, and transactions, readers beside a writer and recovery work as they always do.
 * How a page is made and checked is one of two ways: sealed by the store's keys (sealed_file.c), or stamped
 * with a checksum where there are no keys (stamped_file.c). Which pages were found damaged is remembered, for
 * the line that names them.
 */
#include "config.h"
#include "store/page_file.h"
#include "store/page.h"
#include "store/stamp.h"
#include "store/store_parts.h"
#include "base/memory.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static struct lepton__page_file *of(sqlite3_file *file)
{
	return (struct lepton__page_file *)file;
}

/* ---- reading and writing ---------------------------------------------------------------------------- */

int lepton__page_file_read(struct lepton__page_file *f, uint8_t *out, int size, sqlite3_int64 offset)
{
	return f->real->pMethods->xRead(f->real, out, size, offset);
}

int lepton__page_file_write(struct lepton__page_file *f, const uint8_t *bytes, int size, sqlite3_int64 offset)
{
	return f->real->pMethods->xWrite(f->real, bytes, size, offset);
}

static const struct lepton__page_way *way_of(const struct lepton__page_file *f)
{
	return &(f->vfs->vault ? lepton__sealed_ways : lepton__stamped_ways)[f->kind];
}

static int file_read(sqlite3_file *file, void *out, int size, sqlite3_int64 offset)
{
	return way_of(of(file))->read(of(file), out, size, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
	return way_of(of(file))->write(of(file), bytes, size, offset);
}

/* ---- pages found damaged ---------------------------------------------------------------------------- */

void lepton__page_vfs_found(struct lepton__page_vfs *vfs, uint32_t number, enum lepton__page_fault fault)
{
	struct lepton__page_faults *found = &vfs->found;
	size_t at = 0, shown = found->count < LEPTON__PAGE_FAULTS ? found->count : LEPTON__PAGE_FAULTS;
	while (at < shown && (found->list[at].number != number || found->list[at].fault != fault))
		at++;
	if (at == shown && found->count++ >= LEPTON__PAGE_FAULTS)
		return;
	if (at == shown)
		found->list[at] = (struct lepton__page_found){.number = number, .fault = fault};
	if (!*found->list[at].part)
		lepton__copy_name(found->list[at].part, sizeof found->list[at].part, vfs->part);
}

void lepton__page_vfs_mended(struct lepton__page_vfs *vfs, uint32_t number, size_t byte)
{
	size_t before = vfs->found.count;
	lepton__page_vfs_found(vfs, number, LEPTON__PAGE_MENDED);
	if (before < LEPTON__PAGE_FAULTS)
		vfs->found.list[before].byte = byte;
}

/* ---- all else is the system's ---------------------------------------------------------------------- */

#define PASS(name, parameters, arguments)                                                                    \
	static int file_##name parameters                                                                    \
	{                                                                                                    \
		sqlite3_file *real = of(f)->real;                                                            \
		return real->pMethods->x##name arguments;                                                    \
	}

PASS(Truncate, (sqlite3_file * f, sqlite3_int64 size), (real, size))
PASS(Sync, (sqlite3_file * f, int flags), (real, flags))
PASS(FileSize, (sqlite3_file * f, sqlite3_int64 *size), (real, size))
PASS(Lock, (sqlite3_file * f, int lock), (real, lock))
PASS(Unlock, (sqlite3_file * f, int lock), (real, lock))
PASS(CheckReservedLock, (sqlite3_file * f, int *out), (real, out))
PASS(FileControl, (sqlite3_file * f, int op, void *arg), (real, op, arg))
PASS(SectorSize, (sqlite3_file * f), (real))
PASS(DeviceCharacteristics, (sqlite3_file * f), (real))
PASS(ShmMap, (sqlite3_file * f, int page, int size, int extend, void volatile **out),
	(real, page, size, extend, out))
PASS(ShmLock, (sqlite3_file * f, int offset, int n, int flags), (real, offset, n, flags))
PASS(ShmUnmap, (sqlite3_file * f, int remove), (real, remove))

static void file_ShmBarrier(sqlite3_file *f)
{
	of(f)->real->pMethods->xShmBarrier(of(f)->real);
}

static int file_Close(sqlite3_file *f)
{
	sqlite3_file *real = of(f)->real;
	return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

/* Version 2: no memory-mapped reading, which would pass by us. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_Close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_Truncate,
	.xSync = file_Sync,
	.xFileSize = file_FileSize,
	.xLock = file_Lock,
	.xUnlock = file_Unlock,
	.xCheckReservedLock = file_CheckReservedLock,
	.xFileControl = file_FileControl,
	.xSectorSize = file_SectorSize,
	.xDeviceCharacteristics = file_DeviceCharacteristics,
	.xShmMap = file_ShmMap,
	.xShmLock = file_ShmLock,
	.xShmBarrier = file_ShmBarrier,
	.xShmUnmap = file_ShmUnmap,
};

static struct lepton__page_vfs *ours(sqlite3_vfs *vfs)
{
	return (struct lepton__page_vfs *)vfs;
}

static sqlite3_vfs *real_of(sqlite3_vfs *vfs)
{
	return ours(vfs)->real;
}

static enum lepton__page_kind kind_of(int flags)
{
	if (flags & SQLITE_OPEN_MAIN_DB)
		return LEPTON__PAGE_DATABASE;
	if (flags & SQLITE_OPEN_WAL)
		return LEPTON__PAGE_LOG;
	return flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL) ? LEPTON__PAGE_JOURNAL
									      : LEPTON__PAGE_TEMPORARY;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct lepton__page_file *f = of(file);
	*f = (struct lepton__page_file){
		.real = (sqlite3_file *)(f + 1), .vfs = ours(vfs), .kind = kind_of(flags)};
	if (f->kind == LEPTON__PAGE_LOG) /* its database, which is open by now */
		f->database = of(sqlite3_database_file_object(name));
	randombytes_buf(f->nonce, sizeof f->nonce);
	int code = real_of(vfs)->xOpen(real_of(vfs), name, f->real, flags, out_flags);
	f->base.pMethods = f->real->pMethods ? &methods : NULL;
	return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	return real_of(vfs)->xDelete(real_of(vfs), name, sync);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	return real_of(vfs)->xAccess(real_of(vfs), name, flags, out);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	return real_of(vfs)->xFullPathname(real_of(vfs), name, size, out);
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *out)
{
	return real_of(vfs)->xRandomness(real_of(vfs), size, out);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
	return real_of(vfs)->xSleep(real_of(vfs), microseconds);
}

static int vfs_time(sqlite3_vfs *vfs, double *out)
{
	return real_of(vfs)->xCurrentTime(real_of(vfs), out);
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out)
{
	return real_of(vfs)->xGetLastError(real_of(vfs), size, out);
}

struct lepton__page_vfs *lepton__page_vfs_new(const struct lepton__vault *vault)
{
	sqlite3_vfs *real = sqlite3_vfs_find(lepton__vfs()); /* the default one, or the one tests fail */
	struct lepton__page_vfs *vfs = real ? lepton__calloc(1, sizeof *vfs) : NULL;
	if (!vfs)
		return NULL;
	snprintf(vfs->name, sizeof vfs->name, "lepton-pages-%p", (void *)vfs);
	vfs->real = real;
	vfs->vault = vault;
	vfs->base = (sqlite3_vfs){.iVersion = 1,
		.szOsFile = (int)sizeof(struct lepton__page_file) + real->szOsFile,
		.mxPathname = real->mxPathname,
		.zName = vfs->name,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full_path,
		.xRandomness = vfs_randomness,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_time,
		.xGetLastError = vfs_last_error};
	if (sqlite3_vfs_register(&vfs->base, 0) != SQLITE_OK) {
		lepton__free(vfs);
		return NULL;
	}
	return vfs;
}

void lepton__page_vfs_free(struct lepton__page_vfs *vfs)
{
	if (vfs)
		sqlite3_vfs_unregister(&vfs->base);
	lepton__free(vfs);
}

const char *lepton__page_vfs_name(const struct lepton__page_vfs *vfs)
{
	return vfs->name;
}

bool lepton__page_vfs_stamped(const struct lepton__page_vfs *vfs)
{
	return vfs->stamped;
}

void lepton__page_vfs_stamp_all(struct lepton__page_vfs *vfs, bool all)
{
	vfs->stamp_all = all;
}

void lepton__page_vfs_look(struct lepton__page_vfs *vfs, const char *part)
{
	vfs->looking = part != NULL;
	lepton__copy_name(vfs->part, sizeof vfs->part, part ? part : "");
}

const struct lepton__page_faults *lepton__page_vfs_faults(const struct lepton__page_vfs *vfs)
{
	return &vfs->found;
}

void lepton__page_found_place(
	const struct lepton__page_found *found, const char *head, char *out, size_t size)
{
	if (found->number)
		snprintf(out, size, "%s %u", found->fault == LEPTON__LOG_LOST ? "frame" : "page",
			(unsigned)found->number);
	else
		snprintf(out, size, "%s", head);
}

const struct lepton__log_rest *lepton__page_vfs_rest(const struct lepton__page_vfs *vfs)
{
	return &vfs->rest;
}

void lepton__page_vfs_forget(struct lepton__page_vfs *vfs)
{
	vfs->found.count = 0;
}

int lepton__page_vfs_prepare(const struct lepton__page_vfs *vfs, sqlite3 *db)
{
	int extra = vfs->vault ? LEPTON__PAGE_EXTRA : LEPTON__STAMP;
	int code =
		sqlite3_exec(db, "PRAGMA page_size=4096", NULL, NULL, NULL); /* first: it undoes the other */
	return code ? code : sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &extra);
}
