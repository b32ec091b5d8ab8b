/* store/scan_log.c - is the log that SQLite is about to recover what was written?
 *
 * SQLite takes the log that a killed writer left up to the first frame whose checksum does not fit, and
 * throws the rest away: that is where the power went. But a bit that flipped in the middle of it looks the
 * same, and would cost all that was committed since, without a word. So the log is read first, where nobody
 * is writing it. It is damaged, and not cut off, if
 *
 * - its head, or a frame, fits after one bit of it is turned: no power cut does that; or
 * - there are at least two commits that fit behind what does not: each was on the disk before the next began.
 *
 * A bit is set back where that is asked for. Anything else that is of this round of the log and does not fit
 * may be either: the last commit alone is written to a disk that may lose it. That is counted, so that it can
 * be kept and said (look_before.c). Logs in the other order of bytes than ours are left to SQLite.
 */
#include "config.h"
#include "store/log_frame.h"
#include "store/stamp.h"
#include "base/bits.h"

#include <string.h>

static void follow(struct lepton__log *log)
{
	lepton__log_read_sum(log->sum, log->frame + 16);
}

/* Is it of this round of the log, but for so many bits of what says so? Frames of an earlier one lie behind
 * the last. */
static bool is_of_round(const struct lepton__log *log, int bits)
{
	size_t byte;
	return lepton__bits_apart(log->raw + 8, log->head + 16, 8, &byte) <= bits;
}

/* A tag holds by itself; a sum, if the frame before has its own. */
static bool holds_behind(struct lepton__log *log)
{
	return log->scan->vfs->vault ? log->opens && is_of_round(log, 0) : lepton__log_frame_fits(log);
}

/* What is of this round from there on, which does not fit; the commits that are sure come back. */
static int look_behind(struct lepton__log *log, sqlite3_int64 at)
{
	struct lepton__log_rest *rest = &log->scan->vfs->rest;
	int commits = 0;
	rest->first = (size_t)((at - LEPTON__LOG_HEAD) / LEPTON__FRAME + 1);
	for (bool first = true; lepton__log_read_frame(log, at); at += LEPTON__FRAME, first = false) {
		bool commit = lepton__big_endian(log->raw + 4) != 0;
		if (is_of_round(log, first)) {
			rest->frames++;
			rest->commits += commit;
			commits += !first && commit && holds_behind(log);
		}
		follow(log);
	}
	return commits;
}

/* One bit was wrong of what starts there. */
static int note(
	const struct lepton__log *log, uint32_t page, const uint8_t *bytes, int size, sqlite3_int64 at)
{
	lepton__page_vfs_found(
		log->scan->vfs, page, log->scan->mend ? LEPTON__LOG_MENDED : LEPTON__PAGE_DAMAGED_IN_LOG);
	return log->scan->mend ? lepton__scan_set_back(log->scan, bytes, size, at) : SQLITE_OK;
}

/* Up to the first that does not fit: *at. */
static int scan_frames(struct lepton__log *log, sqlite3_int64 *at)
{
	int code = SQLITE_OK;
	lepton__log_read_sum(log->sum, log->head + 24);
	for (*at = LEPTON__LOG_HEAD; !code && lepton__log_read_frame(log, *at) && is_of_round(log, 1);
		*at += LEPTON__FRAME, follow(log)) {
		if (lepton__log_frame_fits(log))
			continue;
		if (!lepton__log_mend_frame(log))
			break;
		code = note(log, lepton__big_endian(log->frame), log->raw, LEPTON__FRAME, *at);
	}
	return code;
}

/* The salts that the frames have are in the head, which is lost: those of the first frame will be the same.
 */
static void count_headless(struct lepton__log *log)
{
	if (!lepton__log_read_frame(log, LEPTON__LOG_HEAD))
		return;
	memcpy(log->head + 16, log->raw + 8, 8);
	(void)look_behind(log, LEPTON__LOG_HEAD);
	log->scan->vfs->rest.headless = true;
}

static int scan_head(struct lepton__log *log, bool *fits)
{
	*fits = lepton__log_head_fits(log);
	if (*fits)
		return SQLITE_OK;
	*fits = lepton__log_mend_head(log);
	if (*fits)
		return note(log, 0, log->head, LEPTON__LOG_HEAD, 0);
	count_headless(log);
	return SQLITE_OK;
}

static int scan_log(const struct lepton__scan *scan)
{
	struct lepton__log log = {.scan = scan};
	sqlite3_int64 at = 0;
	bool fits = false;
	int code = scan->file->pMethods->xRead(scan->file, log.head, LEPTON__LOG_HEAD, 0);
	scan->vfs->rest = (struct lepton__log_rest){0};
	if (code == SQLITE_IOERR_SHORT_READ) /* nothing in it */
		return SQLITE_OK;
	if (!code)
		code = scan_head(&log, &fits);
	if (!code && fits)
		code = scan_frames(&log, &at);
	if (!code && fits && look_behind(&log, at) >= 2)
		lepton__page_vfs_found(scan->vfs, (uint32_t)scan->vfs->rest.first, LEPTON__LOG_LOST);
	return code;
}

int lepton__scan_log(const struct lepton_store *store, const char *log, bool mend, struct lepton_error *err)
{
	return lepton__scan_file(store, log, SQLITE_OPEN_WAL, mend, scan_log, err);
}
