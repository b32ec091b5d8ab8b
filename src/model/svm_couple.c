/* model/svm_couple.c - class probabilities out of the probabilities of each pair.
 *
 * T.-F. Wu, C.-J. Lin, R. C. Weng, Probability estimates for multi-class classification by pairwise coupling
 * (JMLR 5, 2004), the second method: the p that makes the sum over pairs of (r_ji p_i - r_ij p_j)² least,
 * found by the iteration of its algorithm 2, with LIBSVM's limits of it.
 */
#include "config.h"
#include "model/solver.h"

#include <math.h>

#define ROUNDS 100

static void quadratic(int k, const double *r, double *q)
{
	for (int i = 0; i < k; i++) {
		q[i * k + i] = 0;
		for (int j = 0; j < k; j++)
			if (j != i) {
				q[i * k + i] += r[j * k + i] * r[j * k + i];
				q[i * k + j] = -r[j * k + i] * r[i * k + j];
			}
	}
}

/* qp = Q p; the value p'Qp. */
static double multiply(int k, const double *q, const double *p, double *qp)
{
	double value = 0;
	for (int i = 0; i < k; i++) {
		qp[i] = 0;
		for (int j = 0; j < k; j++)
			qp[i] += q[i * k + j] * p[j];
		value += p[i] * qp[i];
	}
	return value;
}

/* Coordinate i to where its condition holds, then all back to a sum of 1. */
static void improve(int k, int i, const double *q, double *p, double *qp, double *value)
{
	double by = (*value - qp[i]) / q[i * k + i], whole = 1 + by;
	p[i] += by;
	*value = (*value + by * (by * q[i * k + i] + 2 * qp[i])) / whole / whole;
	for (int j = 0; j < k; j++) {
		qp[j] = (qp[j] + by * q[i * k + j]) / whole;
		p[j] /= whole;
	}
}

void lepton__svm_couple(int k, const double *r, double *p, double *work)
{
	double *q = work, *qp = work + k * k;
	quadratic(k, r, q);
	for (int i = 0; i < k; i++)
		p[i] = 1.0 / k;
	for (int round = 0; round < (ROUNDS > k ? ROUNDS : k); round++) {
		double value = multiply(k, q, p, qp), worst = 0; /* anew: errors add up */
		for (int i = 0; i < k; i++)
			worst = fmax(worst, fabs(qp[i] - value));
		if (worst < 0.005 / k)
			break;
		for (int i = 0; i < k; i++)
			improve(k, i, q, p, qp, &value);
	}
}
