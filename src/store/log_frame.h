/* store/log_frame.h - a frame of SQLite's log as it lies on the disk: does it hold? */
#ifndef LEPTON_STORE_LOG_FRAME_H
#define LEPTON_STORE_LOG_FRAME_H

#include "store/scan_file.h"

#define LEPTON__LOG_HEAD 32

struct lepton__log {
	const struct lepton__scan *scan;
	uint8_t head[LEPTON__LOG_HEAD];
	sqlite3_int64 at;             /* the frame's place */
	uint8_t raw[LEPTON__FRAME];   /* the frame as it lies there */
	uint8_t frame[LEPTON__FRAME]; /* and as SQLite sees it: opened and uncovered, in a sealed store */
	bool opens;                   /* is its page what was sealed for this place? Always, without keys */
	uint32_t sum[2];              /* SQLite's, up to the frame before */
};

void lepton__log_read_sum(uint32_t sum[2], const uint8_t *bytes);
bool lepton__log_head_fits(struct lepton__log *log);

/* The frame at a place, whatever is there; false behind the end. */
bool lepton__log_read_frame(struct lepton__log *log, sqlite3_int64 at);
/* Does it go on from log->sum? */
bool lepton__log_frame_fits(struct lepton__log *log);
/* Turn one bit of the frame, or of the log's head, so that it does: log->raw, log->head are then what was
 * written. False: no one bit does it, and all is as it was. */
bool lepton__log_mend_frame(struct lepton__log *log);
bool lepton__log_mend_head(struct lepton__log *log);

#endif
