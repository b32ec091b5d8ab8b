/* fuse/assignment.h - the linear assignment problem, exactly. */
#ifndef LEPTON_FUSE_ASSIGNMENT_H
#define LEPTON_FUSE_ASSIGNMENT_H

#include "lepton/error.h"

/* column[i] of each row i, all different, such that Σ gain[i·n + column[i]] is the greatest there is.
 * Gains are finite. O(n³) time, O(n) memory. LEPTON_E_NOMEM. */
int lepton__assign(size_t n, const double *gain, size_t *column, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
