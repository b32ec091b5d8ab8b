/* model/tree_walk.h - the walk over one feature's bins that counts classes on its left and right. */
#ifndef LEPTON_MODEL_TREE_WALK_H
#define LEPTON_MODEL_TREE_WALK_H

#include "model/tree.h"

struct lepton__walk {
	const struct lepton__judge *judge;
	uint32_t left[LEPTON__CLASSES_MAX];
	int64_t n;                    /* left */
	int64_t left_sum, right_sum;  /* gini: of squares */
	double left_logs, right_logs; /* entropy: of c log c */
};

/* Nothing is on the left. */
void lepton__walk_begin(struct lepton__walk *walk, const struct lepton__judge *judge);
/* A split here, if it is the best so far: what is on the left now goes left. */
void lepton__walk_try(const struct lepton__walk *walk, int threshold, bool missing_left, struct lepton__split *out);
/* The threshold between two used bins: half way; before the missing values, all numbers, whatever they are. */
int lepton__split_between(const struct lepton__judge *judge, int before, int bin);
/* A table's missing values are tried on both sides. Where there are none, those that come later follow the most. */
void lepton__split_place_missing(const struct lepton__judge *judge, bool there, struct lepton__split *out);

#endif
