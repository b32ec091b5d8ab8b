/* store/sealed_vfs.c - between SQLite and the system: what it reads is opened, what it writes is sealed.
 *
 * A shim over SQLite's own file layer (https://www.sqlite.org/vfs.html). So all of the database is sealed,
 * whatever the tables are, and transactions, readers beside a writer and recovery work as they always do. By
 * kind of file:
 *
 * database   pages of 4096 bytes, each sealed; read in any part, written whole
 * log (WAL)  a head of 32 bytes, in the clear, then frames: a head of 24 bytes and a page
 * temporary  the same stream of bytes again and again as a cover; deleted by SQLite at once
 * journal    there is one only while the database is made, without pages; more than its head is refused
 *
 * Anything else SQLite might do is an error, not a plain write: nothing is written in the clear by an
 * oversight. A frame that was torn by a crash reads as zeros, whose checksum is wrong: there SQLite's
 * recovery ends, as it should.
 */
#include "config.h"
#include "store/sealed_vfs.h"
#include "store/page.h"
#include "store/store_parts.h"
#include "base/memory.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define LOG_HEAD 32
#define JOURNAL_MAX 512

struct lepton__sealed_vfs {
	sqlite3_vfs base;
	sqlite3_vfs *real;
	const struct lepton__vault *vault;
	char name[48];
};

enum kind { DATABASE, LOG, TEMPORARY, JOURNAL };

struct file {
	sqlite3_file base;
	sqlite3_file *real; /* right behind this */
	const struct lepton__vault *vault;
	enum kind kind;
	uint8_t nonce[24]; /* a temporary's */
};

static struct file *of(sqlite3_file *file)
{
	return (struct file *)file;
}

/* ---- reading and writing: by kind ----------------------------------------------------------------- */

static int read_whole(struct file *f, void *out, int size, sqlite3_int64 offset)
{
	return f->real->pMethods->xRead(f->real, out, size, offset);
}

static int write_whole(struct file *f, const void *bytes, int size, sqlite3_int64 offset)
{
	return f->real->pMethods->xWrite(f->real, bytes, size, offset);
}

/* The head of the database is read by itself before anything else. Where that page is torn, an intact one is
 * in the log; zeros make SQLite go on and find it. */
static int read_database(struct file *f, uint8_t *out, int size, sqlite3_int64 offset)
{
	uint8_t page[LEPTON__PAGE];
	sqlite3_int64 start = offset - offset % LEPTON__PAGE;
	int code = offset - start + size > LEPTON__PAGE ? SQLITE_IOERR_READ
							: read_whole(f, page, LEPTON__PAGE, start);
	if (code == SQLITE_IOERR_SHORT_READ)
		memset(out, 0, (size_t)size);
	if (code)
		return code;
	if (lepton__page_open(f->vault, (uint64_t)start, NULL, page)) {
		memcpy(out, page + (offset - start), (size_t)size);
		sodium_memzero(page, sizeof page);
		return SQLITE_OK;
	}
	memset(out, 0, (size_t)size);
	return size < LEPTON__PAGE ? SQLITE_IOERR_SHORT_READ : SQLITE_CORRUPT;
}

static int write_database(struct file *f, const uint8_t *bytes, int size, sqlite3_int64 offset)
{
	uint8_t page[LEPTON__PAGE];
	if (size != LEPTON__PAGE || offset % LEPTON__PAGE ||
		!lepton__page_seal(f->vault, (uint64_t)offset, NULL, bytes, page))
		return SQLITE_IOERR_WRITE;
	return write_whole(f, page, LEPTON__PAGE, offset);
}

/* SQLite reads parts of one frame: its page, its checksum, or all of it. */
static int read_log(struct file *f, uint8_t *out, int size, sqlite3_int64 offset)
{
	uint8_t frame[LEPTON__FRAME];
	if (offset + size <= LOG_HEAD)
		return read_whole(f, out, size, offset);
	sqlite3_int64 within = (offset - LOG_HEAD) % LEPTON__FRAME, start = offset - within;
	if (offset < LOG_HEAD || within + size > LEPTON__FRAME)
		return SQLITE_IOERR_READ;
	bool head_only = within + size <= LEPTON__FRAME_HEAD;
	int code = read_whole(f, frame, head_only ? LEPTON__FRAME_HEAD : LEPTON__FRAME, start);
	if (code == SQLITE_IOERR_SHORT_READ)
		memset(out, 0, (size_t)size);
	if (code)
		return code;
	if (!head_only && !lepton__page_open(f->vault, (uint64_t)start, frame, frame + LEPTON__FRAME_HEAD)) {
		if (size == LEPTON__PAGE) /* one page by its number, which recovery had found whole */
			return SQLITE_CORRUPT;
		memset(frame + LEPTON__FRAME_HEAD, 0, LEPTON__PAGE);
	}
	lepton__frame_cover(f->vault, (uint64_t)start, frame);
	memcpy(out, frame + within, (size_t)size);
	sodium_memzero(frame, sizeof frame);
	return SQLITE_OK;
}

static int write_frame_head(struct file *f, const uint8_t *bytes, sqlite3_int64 offset)
{
	uint8_t head[LEPTON__FRAME_HEAD];
	memcpy(head, bytes, sizeof head);
	lepton__frame_cover(f->vault, (uint64_t)offset, head);
	return write_whole(f, head, LEPTON__FRAME_HEAD, offset);
}

/* The head is there already: it says which page this is. */
static int write_frame_page(struct file *f, const uint8_t *bytes, sqlite3_int64 start)
{
	uint8_t head[LEPTON__FRAME_HEAD], page[LEPTON__PAGE];
	int code = read_whole(f, head, LEPTON__FRAME_HEAD, start);
	if (code || !lepton__page_seal(f->vault, (uint64_t)start, head, bytes, page))
		return SQLITE_IOERR_WRITE;
	return write_whole(f, page, LEPTON__PAGE, start + LEPTON__FRAME_HEAD);
}

static int write_log(struct file *f, const uint8_t *bytes, int size, sqlite3_int64 offset)
{
	if (offset + size <= LOG_HEAD)
		return write_whole(f, bytes, size, offset);
	sqlite3_int64 within = (offset - LOG_HEAD) % LEPTON__FRAME;
	if (offset >= LOG_HEAD && within == 0 && size == LEPTON__FRAME_HEAD)
		return write_frame_head(f, bytes, offset);
	if (offset >= LOG_HEAD && within == LEPTON__FRAME_HEAD && size == LEPTON__PAGE)
		return write_frame_page(f, bytes, offset - within);
	return SQLITE_IOERR_WRITE;
}

static int read_temporary(struct file *f, uint8_t *out, int size, sqlite3_int64 offset)
{
	sqlite3_int64 end = offset + size;
	int code = read_whole(f, out, size, offset);
	if (code == SQLITE_IOERR_SHORT_READ && f->real->pMethods->xFileSize(f->real, &end))
		return SQLITE_IOERR_READ;
	if ((!code || code == SQLITE_IOERR_SHORT_READ) &&
		end > offset) /* what lies behind the end are zeros */
		lepton__stream_cover(f->vault, f->nonce, (uint64_t)offset, out,
			(size_t)(end - offset < size ? end - offset : size));
	return code;
}

static int write_temporary(struct file *f, const uint8_t *bytes, int size, sqlite3_int64 offset)
{
	uint8_t part[LEPTON__PAGE];
	int code = SQLITE_OK;
	for (int done = 0; done < size && !code; done += (int)sizeof part) {
		int n = size - done < (int)sizeof part ? size - done : (int)sizeof part;
		memcpy(part, bytes + done, (size_t)n);
		lepton__stream_cover(f->vault, f->nonce, (uint64_t)(offset + done), part, (size_t)n);
		code = write_whole(f, part, n, offset + done);
	}
	return code;
}

static int file_read(sqlite3_file *file, void *out, int size, sqlite3_int64 offset)
{
	struct file *f = of(file);
	switch (f->kind) {
	case DATABASE:
		return read_database(f, out, size, offset);
	case LOG:
		return read_log(f, out, size, offset);
	case TEMPORARY:
		return read_temporary(f, out, size, offset);
	case JOURNAL:
		break;
	}
	return read_whole(f, out, size, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
	struct file *f = of(file);
	switch (f->kind) {
	case DATABASE:
		return write_database(f, bytes, size, offset);
	case LOG:
		return write_log(f, bytes, size, offset);
	case TEMPORARY:
		return write_temporary(f, bytes, size, offset);
	case JOURNAL:
		break;
	}
	return offset + size <= JOURNAL_MAX ? write_whole(f, bytes, size, offset) : SQLITE_IOERR_WRITE;
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

static const struct lepton__sealed_vfs *sealed(const sqlite3_vfs *vfs)
{
	return (const struct lepton__sealed_vfs *)vfs;
}

static sqlite3_vfs *real_of(sqlite3_vfs *vfs)
{
	return sealed(vfs)->real;
}

static enum kind kind_of(int flags)
{
	if (flags & SQLITE_OPEN_MAIN_DB)
		return DATABASE;
	if (flags & SQLITE_OPEN_WAL)
		return LOG;
	return flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL) ? JOURNAL : TEMPORARY;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct file *f = of(file);
	*f = (struct file){
		.real = (sqlite3_file *)(f + 1), .vault = sealed(vfs)->vault, .kind = kind_of(flags)};
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

struct lepton__sealed_vfs *lepton__sealed_vfs_new(const struct lepton__vault *vault)
{
	sqlite3_vfs *real = sqlite3_vfs_find(lepton__vfs()); /* the default one, or the one tests fail */
	struct lepton__sealed_vfs *vfs = real ? lepton__calloc(1, sizeof *vfs) : NULL;
	if (!vfs)
		return NULL;
	snprintf(vfs->name, sizeof vfs->name, "lepton-sealed-%p", (void *)vfs);
	vfs->real = real;
	vfs->vault = vault;
	vfs->base = (sqlite3_vfs){.iVersion = 1,
		.szOsFile = (int)sizeof(struct file) + real->szOsFile,
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

void lepton__sealed_vfs_free(struct lepton__sealed_vfs *vfs)
{
	if (vfs)
		sqlite3_vfs_unregister(&vfs->base);
	lepton__free(vfs);
}

const char *lepton__sealed_vfs_name(const struct lepton__sealed_vfs *vfs)
{
	return vfs->name;
}

int lepton__sealed_vfs_prepare(sqlite3 *db)
{
	int extra = LEPTON__PAGE_EXTRA;
	int code = sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &extra);
	return code ? code : sqlite3_exec(db, "PRAGMA page_size=4096", NULL, NULL, NULL);
}
