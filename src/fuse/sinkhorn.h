/* fuse/sinkhorn.h - optimal transport between two sets of as many points, softened by entropy. */
#ifndef LEPTON_FUSE_SINKHORN_H
#define LEPTON_FUSE_SINKHORN_H

#include "lepton/error.h"

/* The plan that makes Σ plan·cost − strength · (entropy of the plan) least, where each row and each column of plan comes to 1: n ×
 * n, cost and plan alike. strength is above 0; the smaller it is, the nearer the plan to an assignment and the longer it takes. LEPTON_E_NOMEM. */
int lepton__sinkhorn(size_t n, const double *cost, double strength, double *plan, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
