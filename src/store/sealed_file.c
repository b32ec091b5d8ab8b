/* store/sealed_file.c - a database's files, sealed: what is read is opened, what is written is sealed.
 *
 * By kind of file:
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
#include "store/page_file.h"
#include "store/page.h"

#include <sodium.h>
#include <string.h>

#define LOG_HEAD 32
#define JOURNAL_MAX 512

/* The head of the database is read by itself before anything else. Where that page is torn, an intact one is
 * in the log; zeros make SQLite go on and find it. */
static int read_database(struct lepton__page_file *f, uint8_t *out, int size, sqlite3_int64 offset)
{
	uint8_t page[LEPTON__PAGE];
	sqlite3_int64 start = offset - offset % LEPTON__PAGE;
	int code = offset - start + size > LEPTON__PAGE
			   ? SQLITE_IOERR_READ
			   : lepton__page_file_read(f, page, LEPTON__PAGE, start);
	if (code == SQLITE_IOERR_SHORT_READ)
		memset(out, 0, (size_t)size);
	if (code)
		return code;
	if (lepton__page_open(f->vfs->vault, (uint64_t)start, NULL, page)) {
		memcpy(out, page + (offset - start), (size_t)size);
		sodium_memzero(page, sizeof page);
		return SQLITE_OK;
	}
	memset(out, 0, (size_t)size);
	if (size < LEPTON__PAGE)
		return SQLITE_IOERR_SHORT_READ;
	lepton__page_vfs_found(f->vfs, (uint32_t)(start / LEPTON__PAGE + 1), LEPTON__PAGE_DAMAGED);
	return SQLITE_CORRUPT;
}

static int write_database(struct lepton__page_file *f, const uint8_t *bytes, int size, sqlite3_int64 offset)
{
	uint8_t page[LEPTON__PAGE];
	if (size != LEPTON__PAGE || offset % LEPTON__PAGE ||
		!lepton__page_seal(f->vfs->vault, (uint64_t)offset, NULL, bytes, page))
		return SQLITE_IOERR_WRITE;
	return lepton__page_file_write(f, page, LEPTON__PAGE, offset);
}

/* SQLite reads parts of one frame: its page, its checksum, or all of it. */
static int read_log(struct lepton__page_file *f, uint8_t *out, int size, sqlite3_int64 offset)
{
	uint8_t frame[LEPTON__FRAME];
	if (offset + size <= LOG_HEAD)
		return lepton__page_file_read(f, out, size, offset);
	sqlite3_int64 within = (offset - LOG_HEAD) % LEPTON__FRAME, start = offset - within;
	if (offset < LOG_HEAD || within + size > LEPTON__FRAME)
		return SQLITE_IOERR_READ;
	bool head_only = within + size <= LEPTON__FRAME_HEAD;
	int code = lepton__page_file_read(f, frame, head_only ? LEPTON__FRAME_HEAD : LEPTON__FRAME, start);
	if (code == SQLITE_IOERR_SHORT_READ)
		memset(out, 0, (size_t)size);
	if (code)
		return code;
	if (!head_only &&
		!lepton__page_open(f->vfs->vault, (uint64_t)start, frame, frame + LEPTON__FRAME_HEAD)) {
		if (size == LEPTON__PAGE) /* one page by its number, which recovery had found whole */
			return SQLITE_CORRUPT;
		memset(frame + LEPTON__FRAME_HEAD, 0, LEPTON__PAGE);
	}
	lepton__frame_cover(f->vfs->vault, (uint64_t)start, frame);
	memcpy(out, frame + within, (size_t)size);
	sodium_memzero(frame, sizeof frame);
	return SQLITE_OK;
}

static int write_frame_head(struct lepton__page_file *f, const uint8_t *bytes, sqlite3_int64 offset)
{
	uint8_t head[LEPTON__FRAME_HEAD];
	memcpy(head, bytes, sizeof head);
	lepton__frame_cover(f->vfs->vault, (uint64_t)offset, head);
	return lepton__page_file_write(f, head, LEPTON__FRAME_HEAD, offset);
}

/* The head is there already: it says which page this is. */
static int write_frame_page(struct lepton__page_file *f, const uint8_t *bytes, sqlite3_int64 start)
{
	uint8_t head[LEPTON__FRAME_HEAD], page[LEPTON__PAGE];
	int code = lepton__page_file_read(f, head, LEPTON__FRAME_HEAD, start);
	if (code || !lepton__page_seal(f->vfs->vault, (uint64_t)start, head, bytes, page))
		return SQLITE_IOERR_WRITE;
	return lepton__page_file_write(f, page, LEPTON__PAGE, start + LEPTON__FRAME_HEAD);
}

static int write_log(struct lepton__page_file *f, const uint8_t *bytes, int size, sqlite3_int64 offset)
{
	if (offset + size <= LOG_HEAD)
		return lepton__page_file_write(f, bytes, size, offset);
	sqlite3_int64 within = (offset - LOG_HEAD) % LEPTON__FRAME;
	if (offset >= LOG_HEAD && within == 0 && size == LEPTON__FRAME_HEAD)
		return write_frame_head(f, bytes, offset);
	if (offset >= LOG_HEAD && within == LEPTON__FRAME_HEAD && size == LEPTON__PAGE)
		return write_frame_page(f, bytes, offset - within);
	return SQLITE_IOERR_WRITE;
}

static int read_temporary(struct lepton__page_file *f, uint8_t *out, int size, sqlite3_int64 offset)
{
	sqlite3_int64 end = offset + size;
	int code = lepton__page_file_read(f, out, size, offset);
	if (code == SQLITE_IOERR_SHORT_READ && f->real->pMethods->xFileSize(f->real, &end))
		return SQLITE_IOERR_READ;
	if ((!code || code == SQLITE_IOERR_SHORT_READ) &&
		end > offset) /* what lies behind the end are zeros */
		lepton__stream_cover(f->vfs->vault, f->nonce, (uint64_t)offset, out,
			(size_t)(end - offset < size ? end - offset : size));
	return code;
}

static int write_temporary(struct lepton__page_file *f, const uint8_t *bytes, int size, sqlite3_int64 offset)
{
	uint8_t part[LEPTON__PAGE];
	int code = SQLITE_OK;
	for (int done = 0; done < size && !code; done += (int)sizeof part) {
		int n = size - done < (int)sizeof part ? size - done : (int)sizeof part;
		memcpy(part, bytes + done, (size_t)n);
		lepton__stream_cover(f->vfs->vault, f->nonce, (uint64_t)(offset + done), part, (size_t)n);
		code = lepton__page_file_write(f, part, n, offset + done);
	}
	return code;
}

static int write_journal(struct lepton__page_file *f, const uint8_t *bytes, int size, sqlite3_int64 offset)
{
	return offset + size <= JOURNAL_MAX ? lepton__page_file_write(f, bytes, size, offset)
					    : SQLITE_IOERR_WRITE;
}

const struct lepton__page_way lepton__sealed_ways[LEPTON__PAGE_KINDS] = {
	[LEPTON__PAGE_DATABASE] = {read_database, write_database},
	[LEPTON__PAGE_LOG] = {read_log, write_log},
	[LEPTON__PAGE_TEMPORARY] = {read_temporary, write_temporary},
	[LEPTON__PAGE_JOURNAL] = {lepton__page_file_read, write_journal},
};
