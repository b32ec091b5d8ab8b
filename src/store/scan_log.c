/* store/scan_log.c - is the log that SQLite is about to recover what was written?
 *
 * SQLite takes the log that a killed writer left up to the first frame whose checksum does not fit, and
 * throws the rest away: that is where the power went. But a bit that flipped in the middle of it looks the
 * same, and would cost all that was committed since, without a word. So the log is read first, where nobody
 * is writing it (https://www.sqlite.org/fileformat2.html#walformat). It is damaged, and not cut off, if
 *
 * - its head, or a frame, fits after one bit of it is turned: no power cut does that; or
 * - there are at least two commits that fit behind what does not: each was on the disk before the next began.
 *
 * A bit is set back where that is asked for. Logs in the other order of bytes than ours are left to SQLite.
 */
#include "config.h"
#include "store/scan_file.h"
#include "store/stamp.h"

#include <string.h>

#define HEAD 32
#define MAGIC 0x377F0682U /* its sums are of little-endian words */
#define LOG_FORMAT 3007000U

struct log {
	const struct lepton__scan *scan;
	uint8_t head[HEAD], frame[LEPTON__FRAME];
	uint32_t sum[2]; /* up to the frame before */
};

static uint32_t big(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void read_sum(uint32_t sum[2], const uint8_t *bytes)
{
	sum[0] = big(bytes);
	sum[1] = big(bytes + 4);
}

static bool is_sum(const uint32_t sum[2], const uint8_t *bytes)
{
	return sum[0] == big(bytes) && sum[1] == big(bytes + 4);
}

static bool head_fits(const struct log *log)
{
	uint32_t sum[2] = {0, 0};
	lepton__log_sum(sum, log->head, 24);
	return big(log->head) == MAGIC && big(log->head + 4) == LOG_FORMAT &&
	       big(log->head + 8) == LEPTON__PAGE && is_sum(sum, log->head + 24);
}

static bool frame_fits_after(const struct log *log, const uint32_t before[2])
{
	uint32_t sum[2] = {before[0], before[1]};
	if (memcmp(log->frame + 8, log->head + 16, 8) != 0)
		return false;
	lepton__log_sum(sum, log->frame, 8);
	lepton__log_sum(sum, log->frame + LEPTON__FRAME_HEAD, LEPTON__PAGE);
	return is_sum(sum, log->frame + 16);
}

static bool frame_fits(const struct log *log)
{
	return frame_fits_after(log, log->sum);
}

/* A bit of the sum and one of what it is of can be turned for each other: the last word is added to half of
 * it alone. But the first frame has the same salt, and its sum goes on from that one. */
static bool head_fits_frame(const struct log *log)
{
	uint32_t sum[2];
	read_sum(sum, log->head + 24);
	return head_fits(log) && frame_fits_after(log, sum);
}

/* The highest bit of a word of the page may come out of SQLite's sum as one bit of it: a sum could be "set
 * back" to fit a damaged page, if the page had no checksum of its own. */
static bool frame_fits_stamped(const struct log *log)
{
	return frame_fits(log) && lepton__stamp_holds(log->frame + LEPTON__FRAME_HEAD, big(log->frame));
}

/* Turn one bit after another until it fits; else all are as they were. */
static bool turn(struct log *log, uint8_t *bytes, size_t size, bool (*fits)(const struct log *log))
{
	for (size_t bit = 0; bit < size * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (fits(log))
			return true;
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	return false;
}

static bool mend_frame(struct log *log)
{
	uint8_t page[LEPTON__PAGE];
	size_t byte;
	memcpy(page, log->frame + LEPTON__FRAME_HEAD, LEPTON__PAGE);
	if (lepton__stamp_mend(log->frame + LEPTON__FRAME_HEAD, big(log->frame), &byte) && frame_fits(log))
		return true;
	memcpy(log->frame + LEPTON__FRAME_HEAD, page, LEPTON__PAGE);
	return turn(log, log->frame, LEPTON__FRAME_HEAD, frame_fits_stamped);
}

/* A log without frames has nothing to lose. */
static bool mend_head(struct log *log)
{
	sqlite3_file *file = log->scan->file;
	return file->pMethods->xRead(file, log->frame, LEPTON__FRAME, HEAD) == SQLITE_OK &&
	       turn(log, log->head, HEAD, head_fits_frame);
}

/* Could it be of this round of the log? A flipped bit may be in what says so. */
static bool is_of_round(const struct log *log)
{
	size_t byte;
	return lepton__bits_apart(log->frame + 8, log->head + 16, 8, &byte) <= 1;
}

static bool read_frame(struct log *log, sqlite3_int64 at)
{
	sqlite3_file *file = log->scan->file;
	return file->pMethods->xRead(file, log->frame, LEPTON__FRAME, at) == SQLITE_OK && is_of_round(log);
}

static void follow(struct log *log)
{
	read_sum(log->sum, log->frame + 16);
}

/* Commits behind a frame that does not fit, each frame held against what the one before says. */
static int commits_behind(struct log *log, sqlite3_int64 at)
{
	int commits = 0;
	for (follow(log); read_frame(log, at += LEPTON__FRAME); follow(log))
		commits += frame_fits(log) && big(log->frame + 4) != 0;
	return commits;
}

/* One bit was wrong of what starts there. */
static int note(const struct log *log, uint32_t page, const uint8_t *bytes, int size, sqlite3_int64 at)
{
	lepton__page_vfs_found(
		log->scan->vfs, page, log->scan->mend ? LEPTON__LOG_MENDED : LEPTON__PAGE_DAMAGED_IN_LOG);
	return log->scan->mend ? lepton__scan_set_back(log->scan, bytes, size, at) : SQLITE_OK;
}

static int scan_frames(struct log *log)
{
	int code = SQLITE_OK;
	read_sum(log->sum, log->head + 24);
	for (sqlite3_int64 at = HEAD; !code && read_frame(log, at); at += LEPTON__FRAME, follow(log)) {
		uint32_t page = big(log->frame);
		if (frame_fits(log))
			continue;
		if (mend_frame(log)) {
			code = note(log, big(log->frame), log->frame, LEPTON__FRAME, at);
			continue;
		}
		if (commits_behind(log, at) >= 2)
			lepton__page_vfs_found(log->scan->vfs, page,
				log->scan->mend ? LEPTON__LOG_LOST : LEPTON__PAGE_DAMAGED_IN_LOG);
		break;
	}
	return code;
}

static int scan_log(const struct lepton__scan *scan)
{
	struct log log = {.scan = scan};
	int code = scan->file->pMethods->xRead(scan->file, log.head, HEAD, 0);
	if (code == SQLITE_IOERR_SHORT_READ) /* nothing in it */
		return SQLITE_OK;
	if (!code && !head_fits(&log)) {
		if (!mend_head(&log))
			return SQLITE_OK;
		code = note(&log, 0, log.head, HEAD, 0);
	}
	return code ? code : scan_frames(&log);
}

int lepton__scan_log(const struct lepton_store *store, const char *log, bool mend, struct lepton_error *err)
{
	return lepton__scan_file(store, log, SQLITE_OPEN_WAL, mend, scan_log, err);
}
