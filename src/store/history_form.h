/* store/history_form.h - points of a version's history as bytes and back: blocks of them, and their outlines.
 */
#ifndef LEPTON_STORE_HISTORY_FORM_H
#define LEPTON_STORE_HISTORY_FORM_H

#include "base/buffer.h"
#include "train/outline.h"

#define LEPTON__BLOCK_POINTS 512 /* points a block, at most, as it is written */
#define LEPTON__BLOCK_BYTES_MAX ((size_t)16 << 20)
#define LEPTON__BLOCK_POINTS_MAX 65536 /* and as one is believed */

enum lepton__point_column {
	LEPTON__POINT_SEQ,
	LEPTON__POINT_STEP, /* whole numbers */
	LEPTON__POINT_TIME,
	LEPTON__POINT_EPOCH,
	LEPTON__POINT_SECONDS,
	LEPTON__POINT_LOSS,
	LEPTON__POINT_ACCURACY,
	LEPTON__POINT_RATE, /* the bits of doubles */
	LEPTON__POINT_COLUMNS,
};
struct lepton__points { /* rows of the table history */
	size_t count, capacity;
	uint64_t *column[LEPTON__POINT_COLUMNS];
};
int lepton__points_add(struct lepton__points *points, const uint64_t row[LEPTON__POINT_COLUMNS],
	struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__points_clear(struct lepton__points *points);
int64_t lepton__point_int(const struct lepton__points *points, size_t i, enum lepton__point_column column);
double lepton__point_double(const struct lepton__points *points, size_t i, enum lepton__point_column column);
uint64_t lepton__bits_of(double value); /* any NaN is the same one */
/* Points with steps in [from, to], as the fold has them. */
int lepton__points_fold(const struct lepton__points *points, int64_t from, int64_t to,
	struct lepton_history *out, struct lepton_error *err) LEPTON_MUST_CHECK;

/* What a row says beside its bytes; the checksum is over both, so that bytes of another row are known for
 * that. */
struct lepton__block_head {
	int64_t version, first_step;
	size_t count;
};
int lepton__block_encode(const struct lepton__block_head *head, const struct lepton__points *points,
	struct lepton__buffer *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* LEPTON_E_CORRUPT; what is read is added to points. */
int lepton__block_decode(const struct lepton__block_head *head, const void *bytes, size_t size,
	struct lepton__points *points, struct lepton_error *err) LEPTON_MUST_CHECK;

/* What blocks and their outlines begin with, a checksum, once `out` has all that follows it; and read. */
void lepton__block_sign(const struct lepton__block_head *head, struct lepton__buffer *out);
bool lepton__block_open(
	const struct lepton__block_head *head, const void *bytes, size_t size, struct lepton__cursor *in);
int lepton__block_damaged(const struct lepton__block_head *head, const char *what, struct lepton_error *err);

/* The points of a block as buckets of `width`. */
int lepton__outline_encode(const struct lepton__block_head *head, const struct lepton__points *points,
	size_t width, struct lepton__buffer *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Behind what the history has. */
int lepton__outline_decode(const struct lepton__block_head *head, const void *bytes, size_t size,
	struct lepton_history *history, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
