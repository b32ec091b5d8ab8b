/* store/stamped_file.c - a database's files without keys: each page has its checksum, put when it is written
 * and tried when it is read, in the database and in its log (stamp.c).
 *
 * The first page says whether a database is stamped; one of before format 4 is not, and is passed through as
 * it is. A part of a page is read with the whole of it, since SQLite reads long texts past its cache; but the
 * head of the database, which it looks at before it knows anything, is let through: the page follows.
 *
 * A database's page of zeros was never written: one that was taken and given back in the same transaction.
 * Frames read whole are SQLite's recovery, which has its own checksum of them.
 */
#include "config.h"
#include "store/page_file.h"
#include "store/stamp.h"
#include "base/bits.h"

#include <sodium.h>
#include <string.h>

#define LOG_HEAD 32
#define HEAD 100 /* of the database */

/* ---- the database ---- */

static void know(struct lepton__page_file *database, const uint8_t *first_page)
{
	database->known = true;
	database->stamped = database->vfs->stamped = lepton__stamp_is_due(first_page);
}

/* Before the first page was read by SQLite: by us. Unknown stays what is not there yet. */
static void ask(struct lepton__page_file *f)
{
	uint8_t page[LEPTON__PAGE];
	if (!f->known && lepton__page_file_read(f, page, LEPTON__PAGE, 0) == SQLITE_OK)
		know(f, page);
}

static bool is_sound(struct lepton__page_file *f, const uint8_t *page, uint32_t number)
{
	if (lepton__stamp_holds(page, number))
		return true;
	if (!sodium_is_zero(page, LEPTON__PAGE)) {
		lepton__page_vfs_found(f->vfs, number, LEPTON__PAGE_DAMAGED);
		return false;
	}
	if (f->vfs->looking)
		lepton__page_vfs_found(f->vfs, number, LEPTON__PAGE_BLANK);
	return true;
}

static int read_part(struct lepton__page_file *f, uint8_t *out, int size, sqlite3_int64 offset)
{
	uint8_t page[LEPTON__PAGE];
	int within = (int)(offset % LEPTON__PAGE);
	if (within + size > LEPTON__PAGE)
		return SQLITE_IOERR_READ;
	int code = lepton__page_file_read(f, page, LEPTON__PAGE, offset - within);
	if (code && code != SQLITE_IOERR_SHORT_READ)
		return code;
	if (!code && !is_sound(f, page, (uint32_t)(offset / LEPTON__PAGE + 1)))
		return SQLITE_CORRUPT;
	memcpy(out, page + within, (size_t)size);
	return code;
}

static int read_database(struct lepton__page_file *f, uint8_t *out, int size, sqlite3_int64 offset)
{
	ask(f);
	if (!f->stamped || offset + size <= HEAD)
		return lepton__page_file_read(f, out, size, offset);
	if (size != LEPTON__PAGE || offset % LEPTON__PAGE)
		return read_part(f, out, size, offset);
	/* a page that the file's end cuts off would be taken for whole, with zeros behind */
	int code = lepton__page_file_read(f, out, size, offset);
	bool cut = code == SQLITE_IOERR_SHORT_READ && !sodium_is_zero(out, LEPTON__PAGE);
	if (code && !cut)
		return code;
	return is_sound(f, out, (uint32_t)(offset / LEPTON__PAGE + 1)) ? SQLITE_OK : SQLITE_CORRUPT;
}

static int write_database(struct lepton__page_file *f, const uint8_t *bytes, int size, sqlite3_int64 offset)
{
	uint8_t page[LEPTON__PAGE];
	if (offset == 0 && size == LEPTON__PAGE)
		know(f, bytes);
	if (!f->stamped)
		return lepton__page_file_write(f, bytes, size, offset);
	if (size != LEPTON__PAGE || offset % LEPTON__PAGE)
		return SQLITE_IOERR_WRITE;
	memcpy(page, bytes, LEPTON__PAGE);
	lepton__stamp_put(page, (uint32_t)(offset / LEPTON__PAGE + 1));
	return lepton__page_file_write(f, page, LEPTON__PAGE, offset);
}

/* ---- the log ---- */

/* Is this a frame's page, and of which? 0: it is not. */
static bool is_page(int size, sqlite3_int64 offset)
{
	return size == LEPTON__PAGE && offset > LOG_HEAD &&
	       (offset - LOG_HEAD) % LEPTON__FRAME == LEPTON__FRAME_HEAD;
}

static int number_of(struct lepton__page_file *f, sqlite3_int64 start, uint32_t *number)
{
	uint8_t head[LEPTON__FRAME_HEAD];
	*number = f->frame_page;
	if (f->frame_at == start)
		return SQLITE_OK;
	int code = lepton__page_file_read(f, head, LEPTON__FRAME_HEAD, start);
	*number = lepton__big_endian(head);
	return code;
}

static int read_log(struct lepton__page_file *f, uint8_t *out, int size, sqlite3_int64 offset)
{
	uint8_t frame[LEPTON__FRAME];
	if (!is_page(size, offset))
		return lepton__page_file_read(f, out, size, offset);
	int code = lepton__page_file_read(f, frame, LEPTON__FRAME, offset - LEPTON__FRAME_HEAD);
	if (code)
		return code;
	memcpy(out, frame + LEPTON__FRAME_HEAD, LEPTON__PAGE);
	if (lepton__big_endian(frame) == 1)
		know(f->database, out);
	if (!f->database->stamped || lepton__stamp_holds(out, lepton__big_endian(frame)))
		return SQLITE_OK;
	lepton__page_vfs_found(f->vfs, lepton__big_endian(frame), LEPTON__PAGE_DAMAGED_IN_LOG);
	return SQLITE_CORRUPT;
}

/* What SQLite has in a page's last bytes is nothing, or what was read there: the sum in the frame's head,
 * which is made before this, is none of what we put there only then. */
static int write_frame_page(struct lepton__page_file *f, const uint8_t *bytes, sqlite3_int64 offset)
{
	uint8_t page[LEPTON__PAGE];
	uint32_t number;
	int code = number_of(f, offset - LEPTON__FRAME_HEAD, &number);
	if (!code && number == 1)
		know(f->database, bytes);
	if (!code && !f->database->stamped && !f->vfs->stamp_all)
		return lepton__page_file_write(f, bytes, LEPTON__PAGE, offset);
	if (code || !lepton__stamp_is_neutral(bytes))
		return SQLITE_IOERR_WRITE;
	memcpy(page, bytes, LEPTON__PAGE);
	lepton__stamp_put(page, number);
	return lepton__page_file_write(f, page, LEPTON__PAGE, offset);
}

static int write_log(struct lepton__page_file *f, const uint8_t *bytes, int size, sqlite3_int64 offset)
{
	if (is_page(size, offset))
		return write_frame_page(f, bytes, offset);
	if (size == LEPTON__FRAME_HEAD) {
		f->frame_at = offset;
		f->frame_page = lepton__big_endian(bytes);
	}
	return lepton__page_file_write(f, bytes, size, offset);
}

const struct lepton__page_way lepton__stamped_ways[LEPTON__PAGE_KINDS] = {
	[LEPTON__PAGE_DATABASE] = {read_database, write_database},
	[LEPTON__PAGE_LOG] = {read_log, write_log},
	[LEPTON__PAGE_TEMPORARY] = {lepton__page_file_read, lepton__page_file_write},
	[LEPTON__PAGE_JOURNAL] = {lepton__page_file_read, lepton__page_file_write},
};
