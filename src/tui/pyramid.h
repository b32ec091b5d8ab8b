/* tui/pyramid.h - minimum, maximum and least positive value of any stretch of a growing series, in the time
 * of a logarithm.
 *
 * Level k holds min and max of blocks of 16^(k+1) values. Non-finite values are skipped. The values
 * stay the caller's array (which may move as it grows); only what is new is looked at.
 */
#ifndef LEPTON_TUI_PYRAMID_H
#define LEPTON_TUI_PYRAMID_H

#include "lepton/run.h"
#include <stdbool.h>

struct lepton__span {
	float min, max; /* NaN when there was no finite value */
	float least;    /* smallest above zero, for a log axis; NaN when there was none */
};

#define LEPTON__PYRAMID_LEVELS 8

struct lepton__pyramid {
	const float *values;
	size_t count;
	struct lepton__span *level[LEPTON__PYRAMID_LEVELS];
	size_t size[LEPTON__PYRAMID_LEVELS], capacity[LEPTON__PYRAMID_LEVELS];
};

void lepton__pyramid_init(struct lepton__pyramid *pyramid);
void lepton__pyramid_free(struct lepton__pyramid *pyramid);
/* The series is now these values: the first pyramid->count as before, more behind. Fewer: starts over. */
int lepton__pyramid_update(struct lepton__pyramid *pyramid, const float *values, size_t count, struct lepton_error *err)
		LEPTON_MUST_CHECK;
struct lepton__span lepton__pyramid_span(const struct lepton__pyramid *pyramid, size_t from, size_t to); /* [from, to) */

/* One curve as the plot wants it: the values with their pyramid and, where asked, a smoothed copy with its own. The
 * smoothing is an exponential moving average with the start corrected for (as Adam does), restarted never, NaN
 * skipped. Keep one a version and metric; update it when the history grew or the smoothing changed. */
struct lepton__trace {
	struct lepton__pyramid raw, smooth;
	float *smoothed;
	size_t smoothed_count, smoothed_capacity;
	double smoothing, average, weight; /* smoothing 0: none; 0.9: a tenth from each new value */
	const struct lepton_bucket *buckets; /* what the first values stand for (lepton/run.h); of a bucket, its mean counts */
	size_t bucket_count;
	bool accuracy; /* of two figures, which is smoothed */
};

void lepton__trace_init(struct lepton__trace *trace);
void lepton__trace_free(struct lepton__trace *trace);
/* The values that come are a history's loss or accuracy, whose older part may be an outline. Before each update. */
void lepton__trace_outline(struct lepton__trace *trace, const struct lepton_history *history, bool accuracy);
int lepton__trace_update(struct lepton__trace *trace, const float *values, size_t count, double smoothing,
		struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
