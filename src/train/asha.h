/* train/asha.h - successive halving, asynchronously (Li et al., "A System for Massively Parallel Hyperparameter Tuning",
 * 2020): the arithmetic of rungs, and who goes on from one.
 *
 * Rung k is at the end of epoch min_epochs · reduction_factor^k. Of the n that have come to a rung, the best floor(n /
 * reduction_factor) go on, the others halt there; as more come, halted ones may be among the best after all. When no more can
 * come, at least one goes on.
 */
#ifndef LEPTON_TRAIN_ASHA_H
#define LEPTON_TRAIN_ASHA_H

#include "lepton/spec.h"

#include <stddef.h>

#define LEPTON__RUNGS_MAX 24

/* The rung at the end of an epoch; -1: none. */
int lepton__asha_rung(const struct lepton_search *search, int64_t epoch);
int64_t lepton__asha_epoch(const struct lepton_search *search, int rung);
/* How many of n go on. */
size_t lepton__asha_go_on(const struct lepton_search *search, size_t n, bool closed);
/* Is figure a better than b? No number is worse than any; equals are told apart by who was made first. */
bool lepton__asha_better(const struct lepton_search *search, double a, int64_t a_id, double b, int64_t b_id);

#endif
