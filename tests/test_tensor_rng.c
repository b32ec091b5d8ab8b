/* tests/test_tensor_rng.c - Philox 4x32-10 against the known answers its authors publish (Random123's
 * kat_vectors), and the moments and bounds of what is drawn from it. */
#include "config.h"
#include "tensor/kernels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define JOIN(high, low) ((uint64_t)(high) << 32 | (low))

static void known(uint64_t counter, uint64_t stream, uint64_t key, const uint32_t expected[4])
{
	uint32_t out[4];
	struct lepton__rng rng;
	lepton__rng_init(&rng, key, stream);
	lepton__rng_block(&rng, counter, out);
	for (int i = 0; i < 4; i++)
		assert_int_equal(out[i], expected[i]);
}

static void test_known_answers(void **state)
{
	(void)state;
	known(0, 0, 0, (const uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
	known(UINT64_MAX, UINT64_MAX, UINT64_MAX,
		(const uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
	known(JOIN(0x85a308d3, 0x243f6a88), JOIN(0x03707344, 0x13198a2e), JOIN(0x299f31d0, 0xa4093822),
		(const uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

/* Value i depends on (key, stream, i) alone: reading on from a saved counter gives the same values. */
static void test_counter(void **state)
{
	(void)state;
	struct lepton__rng rng, later;
	uint32_t block[4];
	lepton__rng_init(&rng, 7, 9);
	for (int i = 0; i < 5; i++)
		lepton__rng_u32(&rng);
	later = (struct lepton__rng){.key = 7, .stream = 9, .counter = 5};
	lepton__rng_block(&rng, 1, block);
	for (int i = 1; i < 4; i++) {
		uint32_t value = lepton__rng_u32(&rng);
		assert_int_equal(value, block[i]);
		assert_int_equal(value, lepton__rng_u32(&later));
	}
	assert_int_equal(rng.counter, 8);
}

static void test_distributions(void **state)
{
	(void)state;
	enum { N = 100000 };
	struct lepton__rng rng;
	lepton__rng_init(&rng, 1, 2);
	double sum = 0, squares = 0;
	for (int i = 0; i < N; i++) {
		const float u = lepton__rng_uniform(&rng);
		assert_true(u >= 0 && u < 1);
		sum += u;
	}
	assert_true(fabs(sum / N - 0.5) < 5 * sqrt(1 / 12. / N));
	sum = 0;
	for (int i = 0; i < N; i++) {
		const double z = lepton__rng_normal(&rng);
		sum += z;
		squares += z * z;
	}
	assert_true(fabs(sum / N) < 5 / sqrt(N));
	assert_true(fabs(squares / N - 1) < 5 * sqrt(2. / N));
}

static void test_below(void **state)
{
	(void)state;
	enum { N = 60000, SIDES = 6 };
	struct lepton__rng rng;
	lepton__rng_init(&rng, 3, 4);
	int seen[SIDES] = {0};
	double chi2 = 0;
	for (int i = 0; i < N; i++) {
		const uint32_t side = lepton__rng_below(&rng, SIDES);
		assert_true(side < SIDES);
		seen[side]++;
	}
	for (int i = 0; i < SIDES; i++)
		chi2 += pow(seen[i] - N / SIDES, 2) / (N / SIDES);
	assert_true(chi2 < 25.7); /* one in ten thousand, 5 degrees of freedom */
	assert_int_equal(lepton__rng_below(&rng, 1), 0);
	assert_int_equal(lepton__rng_below(&rng, 0), 0);
	for (int i = 0; i < 100; i++)
		assert_true(lepton__rng_below(&rng, 0xC0000000u) < 0xC0000000u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_counter),
		cmocka_unit_test(test_distributions),
		cmocka_unit_test(test_below),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
