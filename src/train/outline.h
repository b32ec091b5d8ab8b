/* train/outline.h - many points of a curve by their outline: few entries that draw the same picture.
 *
 * The first `thinned` entries of a lepton_history stand for more points than they are. See run_outline.c.
 * Beside run*.c, store/ uses this, which keeps outlines on disk, and tui/, which shows them.
 */
#ifndef LEPTON_TRAIN_OUTLINE_H
#define LEPTON_TRAIN_OUTLINE_H

#include "lepton/run.h"

#define LEPTON__BUCKET_FINE 16    /* points a bucket, of a version of up to LEPTON__FINE_MOST */
#define LEPTON__BUCKET_COARSE 256 /* of a longer one */
#define LEPTON__FINE_MOST 262144
#define LEPTON__LIVE_MOST 65536 /* points at full resolution in memory, behind which a store stands */

struct lepton__m4 { /* of one figure over a bucket; NaN where there was no finite value, first and last as
		       they were */
	float first, last, min, max;
	float least; /* smallest above zero */
	float mean;
	bool max_first;
};

struct lepton__bucket {
	uint32_t points;
	int64_t first_step, last_step;
	double first_epoch, last_epoch, first_seconds, last_seconds;
	struct lepton__m4 loss, accuracy;
};

/* Where among run->versions the one of that id is; version_count: nowhere. */
size_t lepton__run_place(const struct lepton_run *run, int64_t id);

/* Points [from, to) of a history at full resolution, at least one. */
void lepton__bucket_of(
	struct lepton__bucket *out, const struct lepton_history *history, size_t from, size_t to);
/* Behind the buckets there are; the history has no single points yet. */
int lepton__history_add_bucket(struct lepton_history *history, const struct lepton__bucket *bucket,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* One point behind all. */
int lepton__history_push(struct lepton_history *history, int64_t step, double epoch, double seconds,
	float loss, float accuracy, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Points [from, to) of another, which has them at full resolution. */
int lepton__history_append(struct lepton_history *to, const struct lepton_history *from, size_t first,
	size_t end, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The first buckets of another, and their entries. */
int lepton__history_append_buckets(struct lepton_history *to, const struct lepton_history *from,
	size_t buckets, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The older half of the single points becomes buckets, where there are more than LEPTON__LIVE_MOST of them.
 */
int lepton__history_thin(struct lepton_history *history, struct lepton_error *err) LEPTON_MUST_CHECK;
/* `out` is the history at full resolution: what `stored` has in place of the buckets, and its single points.
 */
int lepton__history_whole(const struct lepton_history *history, const struct lepton_history *stored,
	struct lepton_history *out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
