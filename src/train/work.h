/* train/work.h - what one worker does, written by it alone while others look.
 *
 * Every member is read and written by relaxed atomics, one writer each, so that a step costs a few plain
 * stores and no lock. Where several belong together (the version and its step) a look tries again until it
 * saw no change.
 */
#ifndef LEPTON_TRAIN_WORK_H
#define LEPTON_TRAIN_WORK_H

#include "lepton/node.h"

struct lepton__work {
	int64_t version; /* 0: none */
	int64_t step;
	int64_t kind;  /* enum lepton_work */
	int64_t meter; /* nanoseconds it was busy; while it is, less the time at which that began, and so
			  below zero */
	int64_t slices, steps, samples;
};

struct lepton__worked { /* a look at it */
	enum lepton_work kind;
	int64_t version, step, slices, steps, samples;
	double busy; /* seconds, what goes on included */
};

/* By the worker: it has this version from now on, and lets go of it. `work` may be NULL: nobody asks. */
void lepton__work_begin(struct lepton__work *work, enum lepton_work kind, int64_t version, int64_t step);
void lepton__work_end(struct lepton__work *work);
void lepton__work_count_slice(struct lepton__work *work);
void lepton__work_count_step(struct lepton__work *work, int64_t step, int64_t samples, bool whole);
void lepton__work_turn(
	struct lepton__work *work, enum lepton_work kind); /* the same version, something else */

/* By anyone, at a time of lepton__monotonic. */
struct lepton__worked lepton__work_look(const struct lepton__work *work, double now);

#endif
