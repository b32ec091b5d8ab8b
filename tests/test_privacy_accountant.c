/* tests/test_privacy_accountant.c - what steps cost: against the integral itself
 * (tests/oracles/privacy_rdp.py), and against what others publish.
 */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lepton/privacy.h"

#include <math.h>

static double epsilon(double rate, double noise, int64_t steps, double delta)
{
	double rdp[LEPTON_PRIVACY_ORDERS] = {0};
	lepton_privacy_spend(rdp, rate, noise, steps);
	return lepton_privacy_epsilon(rdp, delta);
}

static void test_the_integral(void **state)
{
	(void)state;
	static const struct {
		double rate, noise, order, rdp;
	} table[] = {
#include "oracles/privacy_rdp.inc"
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		double rdp = lepton_privacy_rdp(table[i].rate, table[i].noise, table[i].order);
		if (!(fabs(rdp - table[i].rdp) <= 1e-7 * table[i].rdp + 1e-13))
			fail_msg("q %g, sigma %g, order %g: %.15g, but is %.15g", table[i].rate,
				table[i].noise, table[i].order, rdp, table[i].rdp);
	}
}

/* Opacus, opacus/tests/accountants_test.py, test_rdp_accountant: the same orders and the same conversion. */
static void test_opacus(void **state)
{
	(void)state;
	assert_true(fabs(epsilon(0.04, 1.5, 2250, 1e-5) - 7.32911117143) < 1e-9);
}

/* TensorFlow Privacy, tutorials/README.md, "Select parameters": MNIST in batches of 256. That table is older
 * than the conversion of Canonne, Kamath and Steinke; Mironov's (2017), log(1 / delta) / (a - 1) more than
 * the divergence, is done here. Ours says less. */
static void test_tensorflow_privacy(void **state)
{
	(void)state;
	static const struct {
		double noise, epsilon;
		int epochs;
	} table[] = {{1.12, 2.92, 60}, {0.6, 9.74, 30}, {1.2, 1.20, 10}};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		double rdp[LEPTON_PRIVACY_ORDERS] = {0}, least = INFINITY;
		lepton_privacy_spend(rdp, 256.0 / 60000, table[i].noise, table[i].epochs * 60000 / 256);
		for (int k = 0; k < LEPTON_PRIVACY_ORDERS; k++)
			least = fmin(least, rdp[k] - log(1e-5) / (lepton_privacy_order(k) - 1));
		if (!(fabs(least - table[i].epsilon) < 0.005 + 0.002 * table[i].epsilon))
			fail_msg("noise %g: %g, but they say %g", table[i].noise, least, table[i].epsilon);
		double ours = lepton_privacy_epsilon(rdp, 1e-5);
		assert_true(ours < least && ours > least * 0.75);
	}
}

/* Of the Gaussian mechanism alone, epsilon is not below the exact one, by the curve of Balle and Wang (2018):
 * delta = Φ(1/2s - es) - e^e Φ(-1/2s - es). */
static void test_never_too_little(void **state)
{
	(void)state;
	for (double s = 0.5; s < 20; s *= 1.7) {
		double e = epsilon(1, s, 1, 1e-5);
		double delta = 0.5 * erfc(-(1 / (2 * s) - e * s) / sqrt(2)) -
			       exp(e) * 0.5 * erfc((1 / (2 * s) + e * s) / sqrt(2));
		assert_true(delta <= 1e-5);
		assert_true(delta > 1e-7); /* and not by far too much */
	}
}

static void test_what_follows(void **state)
{
	(void)state;
	double rdp[LEPTON_PRIVACY_ORDERS] = {0};
	double one = epsilon(0.01, 1, 1000, 1e-5);
	assert_true(epsilon(0.01, 1, 0, 1e-5) <= 0);
	assert_true(epsilon(0, 1, 1000, 1e-5) <= 0);
	assert_true(isinf(epsilon(0.01, 0, 1, 1e-5)));
	assert_true(epsilon(0.01, 1, 2000, 1e-5) > one);
	assert_true(epsilon(0.02, 1, 1000, 1e-5) > one);
	assert_true(epsilon(0.01, 1.1, 1000, 1e-5) < one);
	assert_true(epsilon(0.01, 1, 1000, 1e-6) > one);
	lepton_privacy_spend(rdp, 0.01, 1, 400);
	lepton_privacy_spend(rdp, 0.01, 1, 600);
	assert_true(fabs(lepton_privacy_epsilon(rdp, 1e-5) - one) < 1e-9);
	for (int i = 1; i < LEPTON_PRIVACY_ORDERS; i++)
		assert_true(lepton_privacy_order(i) > lepton_privacy_order(i - 1));
	assert_int_equal((int)lepton_privacy_order(LEPTON_PRIVACY_ORDERS - 1), 512);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_integral),
		cmocka_unit_test(test_opacus),
		cmocka_unit_test(test_tensorflow_privacy),
		cmocka_unit_test(test_never_too_little),
		cmocka_unit_test(test_what_follows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
