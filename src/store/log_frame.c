/* store/log_frame.c - a frame of SQLite's log, held against the sum that goes through all of it; and the one
 * bit that was wrong (https://www.sqlite.org/fileformat2.html#walformat).
 *
 * In a sealed store a frame's page has its tag, which binds the frame's place, page number, size and salts
 * too, and the sum is covered. So the tag says which bit it was: 32,768 tries of some microseconds, once in
 * years. Without keys it is the page's checksum that says so (stamp.c).
 */
#include "config.h"
#include "store/log_frame.h"
#include "store/stamp.h"
#include "base/bits.h"

#include <string.h>

#define MAGIC 0x377F0682U /* its sums are of little-endian words */
#define LOG_FORMAT 3007000U
#define BOUND 16 /* bytes of a frame's head that a tag binds; the sum follows */

void lepton__log_read_sum(uint32_t sum[2], const uint8_t *bytes)
{
	sum[0] = lepton__big_endian(bytes);
	sum[1] = lepton__big_endian(bytes + 4);
}

static bool is_sum(const uint32_t sum[2], const uint8_t *bytes)
{
	return sum[0] == lepton__big_endian(bytes) && sum[1] == lepton__big_endian(bytes + 4);
}

bool lepton__log_head_fits(struct lepton__log *log)
{
	uint32_t sum[2] = {0, 0};
	lepton__log_sum(sum, log->head, 24);
	return lepton__big_endian(log->head) == MAGIC && lepton__big_endian(log->head + 4) == LOG_FORMAT &&
	       lepton__big_endian(log->head + 8) == LEPTON__PAGE && is_sum(sum, log->head + 24);
}

/* ---- one frame ---- */

static void open_frame(struct lepton__log *log)
{
	const struct lepton__vault *vault = log->scan->vfs->vault;
	memcpy(log->frame, log->raw, LEPTON__FRAME);
	log->opens = !vault ||
		     lepton__page_open(vault, (uint64_t)log->at, log->frame, log->frame + LEPTON__FRAME_HEAD);
	if (vault && log->opens)
		lepton__frame_cover(vault, (uint64_t)log->at, log->frame);
}

bool lepton__log_read_frame(struct lepton__log *log, sqlite3_int64 at)
{
	sqlite3_file *file = log->scan->file;
	log->at = at;
	if (file->pMethods->xRead(file, log->raw, LEPTON__FRAME, at) != SQLITE_OK)
		return false;
	open_frame(log);
	return true;
}

static bool fits_after(const struct lepton__log *log, const uint32_t before[2])
{
	uint32_t sum[2] = {before[0], before[1]};
	if (!log->opens || memcmp(log->frame + 8, log->head + 16, 8) != 0)
		return false;
	lepton__log_sum(sum, log->frame, 8);
	lepton__log_sum(sum, log->frame + LEPTON__FRAME_HEAD, LEPTON__PAGE);
	return is_sum(sum, log->frame + 16);
}

bool lepton__log_frame_fits(struct lepton__log *log)
{
	return fits_after(log, log->sum);
}

/* ---- one bit of it ---- */

/* The highest bit of a word of the page may come out of SQLite's sum as one bit of it: a sum could be "set
 * back" to fit a damaged page, if the page had no checksum of its own. */
static bool fits_turned(struct lepton__log *log)
{
	open_frame(log);
	return fits_after(log, log->sum) &&
	       (log->scan->vfs->vault ||
		       lepton__stamp_holds(log->frame + LEPTON__FRAME_HEAD, lepton__big_endian(log->frame)));
}

/* A bit of the sum and one of what it is of can be turned for each other: the last word is added to half of
 * it alone. But the first frame has the same salt, and its sum goes on from that one. */
static bool head_fits_frame(struct lepton__log *log)
{
	uint32_t sum[2];
	lepton__log_read_sum(sum, log->head + 24);
	return lepton__log_head_fits(log) && fits_after(log, sum);
}

/* Turn one bit after another until it fits; else all are as they were. */
static bool turn(struct lepton__log *log, uint8_t *bytes, size_t size, bool (*fits)(struct lepton__log *log))
{
	for (size_t bit = 0; bit < size * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (fits(log))
			return true;
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	return false;
}

static bool mend_plain(struct lepton__log *log)
{
	uint8_t before[LEPTON__FRAME];
	size_t byte;
	memcpy(before, log->raw, LEPTON__FRAME);
	if (lepton__stamp_mend(log->raw + LEPTON__FRAME_HEAD, lepton__big_endian(log->raw), &byte) &&
		fits_turned(log))
		return true;
	memcpy(log->raw, before, LEPTON__FRAME);
	return turn(log, log->raw, LEPTON__FRAME_HEAD, fits_turned);
}

/* The tag holds: it is the sum. It does not: it is what the tag binds. */
static bool mend_sealed(struct lepton__log *log)
{
	if (log->opens)
		return turn(log, log->raw + BOUND, LEPTON__FRAME_HEAD - BOUND, fits_turned);
	return turn(log, log->raw, BOUND, fits_turned) ||
	       turn(log, log->raw + LEPTON__FRAME_HEAD, LEPTON__PAGE, fits_turned);
}

bool lepton__log_mend_frame(struct lepton__log *log)
{
	if (log->scan->vfs->vault ? mend_sealed(log) : mend_plain(log))
		return true;
	open_frame(log);
	return false;
}

/* A log without frames has nothing to lose. */
bool lepton__log_mend_head(struct lepton__log *log)
{
	return lepton__log_read_frame(log, LEPTON__LOG_HEAD) &&
	       turn(log, log->head, LEPTON__LOG_HEAD, head_fits_frame);
}
