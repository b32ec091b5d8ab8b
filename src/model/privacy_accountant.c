/* model/privacy_accountant.c - what steps of DP-SGD cost: Rényi divergences, and epsilon out of them.
 *
 * A step is the sampled Gaussian mechanism. Its Rényi divergence at order a is log A / (a - 1), where A is
 * the mean of
 * ((1 - q) + q e^((2z - 1) / 2s²))^a over z from N(0, s²) (Mironov, Talwar and Zhang, "Rényi differential
 * privacy of the sampled Gaussian mechanism", arXiv 1908.10530). For a whole a that is a binomial sum, their
 * section 3.3; for others the line is split where both parts of the bracket are equal, z0, and on each side
 * the smaller part is the variable of a binomial series, each term of which is a tail of a bell curve.
 * Divergences of steps add up. From the sum, epsilon is by the conversion of Canonne, Kamath and Steinke
 * ("The discrete Gaussian for differential privacy", 2020, proposition 12), at the best of a list of orders:
 * Opacus's, and some large ones for those who spend next to nothing.
 *
 * Everything is in logarithms: terms reach e^10000 and more.
 */
#include "config.h"
#include "lepton/privacy.h"

#include <math.h>
#include <stdbool.h>

#define TENTHS 99      /* orders 1.1, 1.2, … 10.9 */
#define WHOLE_FIRST 12 /* then 12, 13, … 63 */
#define WHOLE_LAST 63
#define TERMS_MAX 1000 /* of a series: by then they alternate, and the rest is less than the last */
#define SMALL (-30)    /* log of a term that no longer counts beside A, which is 1 or more */
#define ERFC_MOST 25   /* beyond, its asymptotic series is exact to double */

double lepton_privacy_order(int index)
{
	static const double last[] = {64, 128, 256, 512};
	if (index < TENTHS)
		return 1 + (index + 1) / 10.0;
	index -= TENTHS;
	return index <= WHOLE_LAST - WHOLE_FIRST ? WHOLE_FIRST + index
						 : last[index - (WHOLE_LAST - WHOLE_FIRST) - 1];
}

/* log(e^a + e^b) */
static double log_add(double a, double b)
{
	const double most = fmax(a, b);
	return isinf(most) ? most : most + log1p(exp(fmin(a, b) - most));
}

/* A sum of signed terms, as the logarithms of what was added and of what was taken. */
struct signed_sum {
	double plus, minus;
};

static void add_term(struct signed_sum *sum, bool positive, double log_term)
{
	double *side = positive ? &sum->plus : &sum->minus;
	*side = log_add(*side, log_term);
}

static double log_erfc(double x)
{
	if (x < ERFC_MOST)
		return log(erfc(x));
	const double y = 1 / (2 * x * x);
	return -x * x - log(x * sqrt(M_PI)) + log1p(-y + 3 * y * y - 15 * y * y * y);
}

/* log A of a whole order. */
static double log_a_whole(double q, double sigma, int order)
{
	double log_binomial = 0, sum = -INFINITY;
	for (int k = 0; k <= order; k++) {
		sum = log_add(sum, log_binomial + k * log(q) + (order - k) * log1p(-q) +
					   (double)k * (k - 1) / (2 * sigma * sigma));
		log_binomial += log((double)(order - k)) - log(k + 1.0);
	}
	return sum;
}

/* Term i of one side: the part with the exponent k, of weights e^own and e^other, over its tail. */
static double log_side(double order, double k, double own, double other, double sigma, double tail)
{
	return k * own + (order - k) * other + k * (k - 1) / (2 * sigma * sigma) - M_LN2 +
	       log_erfc(tail / (M_SQRT2 * sigma));
}

/* log A of an order that is none. */
static double log_a_broken(double q, double sigma, double order)
{
	const double at = sigma * sigma * log(1 / q - 1) + 0.5, in = log(q), out = log1p(-q);
	struct signed_sum sum = {-INFINITY, -INFINITY};
	double log_binomial = 0; /* of the size of order over i */
	bool positive = true;
	for (int i = 0; i < TERMS_MAX; i++) {
		const double j = order - i, below = log_binomial + log_side(order, i, in, out, sigma, i - at),
			     above = log_binomial + log_side(order, j, in, out, sigma, at - j);
		add_term(&sum, positive, below);
		add_term(&sum, positive, above);
		if (i > order && fmax(below, above) < SMALL)
			break;
		positive = j < 0 ? !positive : positive;
		log_binomial += log(fabs(j)) - log(i + 1.0);
	}
	return sum.plus + log1p(-exp(sum.minus - sum.plus));
}

double lepton_privacy_rdp(double rate, double noise, double order)
{
	const bool whole = !(floor(order) < order);
	if (!(rate > 0))
		return 0;
	if (!(noise > 0))
		return INFINITY;
	if (rate >= 1)
		return order / (2 * noise * noise);
	const double log_a = whole ? log_a_whole(rate, noise, (int)order) : log_a_broken(rate, noise, order);
	return fmax(log_a, 0) / (order - 1);
}

void lepton_privacy_spend(double rdp[LEPTON_PRIVACY_ORDERS], double rate, double noise, int64_t steps)
{
	for (int i = 0; steps > 0 && i < LEPTON_PRIVACY_ORDERS; i++)
		rdp[i] += (double)steps * lepton_privacy_rdp(rate, noise, lepton_privacy_order(i));
}

double lepton_privacy_epsilon(const double rdp[LEPTON_PRIVACY_ORDERS], double delta)
{
	double least = INFINITY;
	bool spent = false;
	for (int i = 0; i < LEPTON_PRIVACY_ORDERS; i++) {
		const double order = lepton_privacy_order(i);
		const double epsilon = rdp[i] + log1p(-1 / order) - (log(delta) + log(order)) / (order - 1);
		spent |= rdp[i] > 0;
		least = epsilon < least ? epsilon : least;
	}
	return spent ? fmax(least, 0) : 0;
}
