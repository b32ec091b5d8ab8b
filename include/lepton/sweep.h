/* lepton/sweep.h - which settings mattered, among versions that differ in several.
 *
 * Two answers, as Weights & Biases gives them. The importance of a setting is its share in what a random forest goes by that
 * learns the goal from the settings: it sees bends and interplay, and says nothing of the direction. The correlation is
 * Spearman's: whether the goal rises (1) or falls (-1) with the setting, whatever the shape. Neither says what causes what.
 */
#ifndef LEPTON_SWEEP_H
#define LEPTON_SWEEP_H

#include "lepton/error.h"
#include <stddef.h>

#define LEPTON_SWEEP_SETTINGS 20 /* at most */
#define LEPTON_SWEEP_LEAST 6     /* versions with a goal, or importance is not said */

struct lepton_sweep {
	size_t rows;                                /* with a goal */
	double importance[LEPTON_SWEEP_SETTINGS];   /* they add up to 1; NaN where there are too few rows, or all goals are the same */
	double correlation[LEPTON_SWEEP_SETTINGS];  /* over the rows that have the setting; NaN with less than 3, or none of them differs */
};

/* `values` is rows × settings (NaN where a row lacks one), `goal` one number a row, the higher the better; rows whose goal is not
 * finite are left out. The same input gives the same answer. LEPTON_E_USAGE (too many settings), LEPTON_E_NOMEM. */
LEPTON_API int lepton_sweep_judge(const float *values, const double *goal, size_t rows, size_t settings, struct lepton_sweep *out,
		struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
