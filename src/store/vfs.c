/* store/vfs.c - SQLite's files, with somebody asked before each call: how tests make SQLite's disk fail or
 * lose power.
 *
 * A thin VFS over the default one, as SQLite's own tests have them: every method asks lepton__io.database
 * first, and answers in the default one's place where that says no. It is in use only while there is somebody
 * to ask; else SQLite is left to its own. mmap of the database is not offered (methods of version 2), so that
 * no read goes past it.
 */
#include "config.h"
#include "store/store_parts.h"
#include "base/io.h"

#include <errno.h>
#include <pthread.h>

struct file {
	sqlite3_file base;                 /* first: what SQLite sees */
	const char *path;                  /* SQLite's, which outlives the file */
	_Alignas(sqlite3_int64) char real[]; /* the default VFS's file; SQLite aligns so, no further */
};

static sqlite3_vfs *under; /* the default one */

static sqlite3_file *real_of(sqlite3_file *file)
{
	return (sqlite3_file *)(void *)((struct file *)(void *)file)->real;
}

static int refusal(enum lepton__db_call call)
{
	static const int answers[LEPTON__DB_CALLS] = {
		[LEPTON__DB_OPEN] = SQLITE_CANTOPEN,
		[LEPTON__DB_READ] = SQLITE_IOERR_READ,
		[LEPTON__DB_WRITE] = SQLITE_IOERR_WRITE,
		[LEPTON__DB_TRUNCATE] = SQLITE_IOERR_TRUNCATE,
		[LEPTON__DB_SYNC] = SQLITE_IOERR_FSYNC,
		[LEPTON__DB_DELETE] = SQLITE_IOERR_DELETE,
		[LEPTON__DB_ACCESS] = SQLITE_IOERR_ACCESS,
		[LEPTON__DB_SIZE] = SQLITE_IOERR_FSTAT,
		[LEPTON__DB_LOCK] = SQLITE_IOERR_LOCK,
		[LEPTON__DB_SHARE] = SQLITE_IOERR_SHMMAP,
	};
	bool full = errno == ENOSPC || errno == EDQUOT;
	return full && call == LEPTON__DB_WRITE ? SQLITE_FULL : answers[call];
}

static int ask(struct lepton__db_io io)
{
	return lepton__io.database && lepton__io.database(&io) ? refusal(io.call) : SQLITE_OK;
}

#define ASK(file, ...) ask((struct lepton__db_io){.path = ((struct file *)(void *)(file))->path, __VA_ARGS__})

/* ---- a file's methods ---- */

static int vfs_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int vfs_read(sqlite3_file *file, void *buffer, int size, sqlite3_int64 at)
{
	int refused = ASK(file, .call = LEPTON__DB_READ, .size = size, .at = at);
	return refused ? refused : real_of(file)->pMethods->xRead(real_of(file), buffer, size, at);
}

static int vfs_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 at)
{
	int refused = ASK(file, .call = LEPTON__DB_WRITE, .bytes = bytes, .size = size, .at = at);
	return refused ? refused : real_of(file)->pMethods->xWrite(real_of(file), bytes, size, at);
}

static int vfs_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int refused = ASK(file, .call = LEPTON__DB_TRUNCATE, .size = size);
	return refused ? refused : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int vfs_sync(sqlite3_file *file, int flags)
{
	int refused = ASK(file, .call = LEPTON__DB_SYNC);
	return refused ? refused : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int vfs_size(sqlite3_file *file, sqlite3_int64 *size)
{
	int refused = ASK(file, .call = LEPTON__DB_SIZE);
	return refused ? refused : real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int vfs_lock(sqlite3_file *file, int level)
{
	int refused = ASK(file, .call = LEPTON__DB_LOCK);
	return refused ? refused : real_of(file)->pMethods->xLock(real_of(file), level);
}

static int vfs_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int vfs_check_lock(sqlite3_file *file, int *held)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), held);
}

static int vfs_control(sqlite3_file *file, int operation, void *argument)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int vfs_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int vfs_traits(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int vfs_share(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
	int refused = ASK(file, .call = LEPTON__DB_SHARE, .size = size);
	return refused ? refused : real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, out);
}

static int vfs_share_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void vfs_share_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int vfs_share_end(sqlite3_file *file, int removed)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), removed);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = vfs_close,
	.xRead = vfs_read,
	.xWrite = vfs_write,
	.xTruncate = vfs_truncate,
	.xSync = vfs_sync,
	.xFileSize = vfs_size,
	.xLock = vfs_lock,
	.xUnlock = vfs_unlock,
	.xCheckReservedLock = vfs_check_lock,
	.xFileControl = vfs_control,
	.xSectorSize = vfs_sector,
	.xDeviceCharacteristics = vfs_traits,
	.xShmMap = vfs_share,
	.xShmLock = vfs_share_lock,
	.xShmBarrier = vfs_share_barrier,
	.xShmUnmap = vfs_share_end,
};

/* ---- the VFS's own ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *got)
{
	struct file *ours = (struct file *)(void *)file;
	(void)vfs;
	file->pMethods = NULL; /* SQLite closes what has methods, opened or not */
	ours->path = path ? path : "";
	int code = ASK(file, .call = LEPTON__DB_OPEN, .flags = flags);
	if (!code)
		code = under->xOpen(under, path, real_of(file), flags, got);
	if (real_of(file)->pMethods && code)
		real_of(file)->pMethods->xClose(real_of(file));
	if (!code)
		file->pMethods = &methods;
	return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	(void)vfs;
	int refused =
		ask((struct lepton__db_io){.call = LEPTON__DB_DELETE, .path = path, .size = sync_folder});
	return refused ? refused : under->xDelete(under, path, sync_folder);
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
	(void)vfs;
	int refused = ask((struct lepton__db_io){.call = LEPTON__DB_ACCESS, .path = path});
	return refused ? refused : under->xAccess(under, path, flags, out);
}

static sqlite3_vfs over;
static int outcome;

static void make(void)
{
	under = sqlite3_vfs_find(NULL);
	if (!under) {
		outcome = SQLITE_ERROR;
		return;
	}
	over = *under; /* whatever has no file to it stays the default one's */
	over.pNext = NULL;
	over.zName = "lepton";
	over.szOsFile = (int)sizeof(struct file) + under->szOsFile;
	over.xOpen = vfs_open;
	over.xDelete = vfs_delete;
	over.xAccess = vfs_access;
	outcome = sqlite3_vfs_register(&over, 0);
}

const char *lepton__vfs(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	if (!lepton__io.database)
		return NULL;
	pthread_once(&once, make);
	return outcome == SQLITE_OK ? over.zName : NULL;
}
