/* tests/test_data_shard.c - the training samples dealt to shards: disjoint, whole, and as the rules say. Each
 * sample's first two bytes are its number, so that what a shard gathers tells which samples it has.
 */
#include "config.h"
#include "lepton/data.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SAMPLES 1200
#define TEST 100
#define TRAIN 990 /* nine tenths of 1,100 */
#define CLASSES 10

static struct lepton_dataset *data;
static uint8_t labels[SAMPLES];

static int make_data(void **state)
{
	static uint8_t images[SAMPLES * 4];
	const struct lepton_shape sample = {1, {4}};
	(void)state;
	for (int i = 0; i < SAMPLES; i++) {
		images[i * 4] = (uint8_t)(i & 255);
		images[i * 4 + 1] = (uint8_t)(i >> 8);
		labels[i] = (uint8_t)(i * 7 % CLASSES);
	}
	return lepton_dataset_from_u8(images, labels, SAMPLES, TEST, &sample, CLASSES, 0.1, &data, NULL);
}

static int drop_data(void **state)
{
	(void)state;
	lepton_dataset_release(data);
	return 0;
}

/* The numbers of a split's samples, by gather; each with its label. */
static int64_t samples_of(const struct lepton_dataset *set, enum lepton_split split, int *number)
{
	int64_t n = lepton_dataset_count(set, split);
	for (uint32_t i = 0; i < n; i++) {
		float x[4];
		int32_t y;
		lepton_dataset_gather(set, split, &i, 1, x, &y);
		number[i] = (int)lroundf(x[0] * 255) + 256 * (int)lroundf(x[1] * 255);
		assert_int_equal(y, labels[number[i]]);
	}
	return n;
}

/* All shards of a rule: who has each sample; how many of each class. Disjoint and whole, or it fails. */
static void deal(const struct lepton_shard_rule *rule, int owner[TRAIN], int classes[][CLASSES])
{
	static int number[SAMPLES];
	int64_t all = 0;
	memset(owner, -1, TRAIN * sizeof *owner);
	for (int s = 0; s < rule->count; s++) {
		struct lepton_dataset *shard;
		memset(classes[s], 0, sizeof classes[s]);
		assert_int_equal(lepton_dataset_shard(data, rule, s, &shard, NULL), 0);
		int64_t n = samples_of(shard, LEPTON_TRAIN, number);
		for (int64_t i = 0; i < n; i++) {
			assert_in_range(number[i], 0, TRAIN - 1);
			assert_int_equal(owner[number[i]], -1);
			owner[number[i]] = s;
			classes[s][labels[number[i]]]++;
		}
		all += n;
		assert_true(n > 0);
		lepton_dataset_release(shard);
	}
	assert_int_equal(all, TRAIN);
}

static int classes_in(const int count[CLASSES])
{
	int in = 0;
	for (int c = 0; c < CLASSES; c++)
		in += count[c] > 0;
	return in;
}

static void test_iid(void **state)
{
	int owner[TRAIN], again[TRAIN], other[TRAIN], classes[4][CLASSES], same = 0;
	struct lepton_shard_rule rule = {.count = 4, .seed = 5};
	(void)state;
	deal(&rule, owner, classes);
	for (int s = 0; s < 4; s++)
		for (int c = 0; c < CLASSES; c++)
			assert_in_range(classes[s][c], 10, 40); /* 24.75 are expected */
	deal(&rule, again, classes);
	assert_memory_equal(owner, again, sizeof owner);
	rule.seed = 6;
	deal(&rule, other, classes);
	for (int i = 0; i < TRAIN; i++)
		same += owner[i] == other[i];
	assert_in_range(same, 150, 350); /* a fourth by chance: 247 */
}

static void test_by_class(void **state)
{
	int owner[TRAIN], classes[5][CLASSES];
	(void)state;
	for (int k = 1; k <= 3; k++) {
		struct lepton_shard_rule rule = {
			.count = 5, .by = LEPTON_SHARD_CLASS, .classes = k, .seed = 1};
		deal(&rule, owner, classes);
		for (int s = 0; s < 5; s++) {
			int size = 0;
			for (int c = 0; c < CLASSES; c++)
				size += classes[s][c];
			assert_in_range(size, TRAIN / 5 - 3, TRAIN / 5 + 3);
			/* a piece is a fifth or less of the sorted samples, and so of two classes or three
			 * where k is 1 */
			assert_in_range(classes_in(classes[s]), 1, k * (k == 1 ? 3 : 2));
		}
	}
}

/* With alpha for each of n shards a share has the mean 1/n and the variance (1/n)(1 - 1/n)/(n alpha + 1). */
static void shares(double alpha, double *mean, double *variance)
{
	enum { SHARDS = 3, SEEDS = 60 };
	int owner[TRAIN], classes[SHARDS][CLASSES];
	double sum = 0, squares = 0;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct lepton_shard_rule rule = {
			.count = SHARDS, .by = LEPTON_SHARD_DIRICHLET, .alpha = alpha, .seed = seed};
		deal(&rule, owner, classes);
		for (int c = 0; c < CLASSES; c++) {
			double share = classes[0][c] / (TRAIN / (double)CLASSES);
			sum += share;
			squares += share * share;
		}
	}
	*mean = sum / (SEEDS * CLASSES);
	*variance = squares / (SEEDS * CLASSES) - *mean * *mean;
}

static void test_dirichlet(void **state)
{
	const double piece = TRAIN / (double)CLASSES,
		     rounding = 1 / (6 * piece * piece); /* both ends are whole samples */
	static const double alphas[] = {0.1, 0.5, 1, 5, 1000};
	(void)state;
	for (size_t i = 0; i < sizeof alphas / sizeof *alphas; i++) {
		double mean, variance, expected = 2.0 / 9 / (3 * alphas[i] + 1);
		shares(alphas[i], &mean, &variance);
		assert_float_equal(
			(float)mean, 1.0F / 3, 0.06F); /* of 600 draws; three deviations where alpha is 0.1 */
		assert_float_equal((float)(variance / (expected + rounding)), 1.0F, 0.25F);
	}
}

/* Validation, test and all that is said of the data are the whole's. */
static void test_the_rest_is_the_wholes(void **state)
{
	static int mine[SAMPLES], theirs[SAMPLES];
	struct lepton_shard_rule rule = {.count = 2};
	struct lepton_dataset *shard;
	(void)state;
	assert_int_equal(lepton_dataset_shard(data, &rule, 1, &shard, NULL), 0);
	for (int split = LEPTON_VALIDATION; split <= LEPTON_TEST; split++) {
		int64_t n = samples_of(shard, split, mine);
		assert_int_equal(n, samples_of(data, split, theirs));
		assert_memory_equal(mine, theirs, (size_t)n * sizeof *mine);
		assert_ptr_equal(lepton_dataset_pixels(shard, split), lepton_dataset_pixels(data, split));
	}
	assert_string_equal(lepton_dataset_info(shard)->hash, lepton_dataset_info(data)->hash);
	assert_null(lepton_dataset_pixels(shard, LEPTON_TRAIN)); /* they do not lie in one piece */
	assert_null(lepton_dataset_labels(shard, LEPTON_TRAIN));
	lepton_dataset_release(shard);
}

static void refused(
	struct lepton_dataset *of, struct lepton_shard_rule rule, int index, int code, const char *text)
{
	struct lepton_dataset *shard;
	struct lepton_error err;
	assert_int_equal(lepton_dataset_shard(of, &rule, index, &shard, &err), code);
	assert_null(shard);
	if (!strstr(err.message, text))
		fail_msg("\"%s\" does not say \"%s\"", err.message, text);
}

static void test_refusals(void **state)
{
	const struct lepton_shape sample = {1, {1}};
	const struct lepton_shard_rule two = {.count = 2};
	const float values[4] = {1, 2, 3, 4};
	const uint8_t few[3] = {0, 1, 0};
	struct lepton_dataset *small, *shard, *numbers;
	(void)state;
	refused(data, two, 2, LEPTON_E_USAGE, "there is no shard 3 of 2");
	refused(data, (struct lepton_shard_rule){.count = LEPTON_SHARDS_MAX + 1}, 0, LEPTON_E_USAGE,
		"there are 1 to 16");
	refused(data, (struct lepton_shard_rule){.count = 2, .by = LEPTON_SHARD_CLASS}, 0, LEPTON_E_USAGE,
		"\"classes\" is 0");
	refused(data, (struct lepton_shard_rule){.count = 2, .by = LEPTON_SHARD_DIRICHLET}, 0, LEPTON_E_USAGE,
		"\"alpha\" is 0");
	refused(data, (struct lepton_shard_rule){.count = 16, .by = LEPTON_SHARD_DIRICHLET, .alpha = 1e-3}, 0,
		LEPTON_E_DATA, "stays without a sample");
	assert_int_equal(lepton_dataset_from_u8(few, few, 3, 1, &sample, 2, 0, &small, NULL), 0);
	refused(small, (struct lepton_shard_rule){.count = 3}, 0, LEPTON_E_DATA,
		"2 training samples are too few for 3 shards");
	lepton_dataset_release(small);
	assert_int_equal(lepton_dataset_shard(data, &two, 0, &shard, NULL), 0);
	refused(shard, two, 0, LEPTON_E_UNSUPPORTED, "no shards of its own");
	lepton_dataset_release(shard);
	assert_int_equal(lepton_dataset_from_f32(values, NULL, values, 4, 1, 1, 0, 0, &numbers, NULL), 0);
	refused(numbers, (struct lepton_shard_rule){.count = 2, .by = LEPTON_SHARD_CLASS, .classes = 1}, 0,
		LEPTON_E_UNSUPPORTED, "no classes to split by");
	assert_int_equal(lepton_dataset_shard(numbers, &two, 0, &shard, NULL), 0);
	float x[2], y[2];
	const uint32_t index[2] = {0, 1};
	lepton_dataset_gather(shard, LEPTON_TRAIN, index, lepton_dataset_count(shard, LEPTON_TRAIN), x, NULL);
	lepton_dataset_gather_targets(
		shard, LEPTON_TRAIN, index, lepton_dataset_count(shard, LEPTON_TRAIN), y);
	assert_memory_equal(x, y, (size_t)lepton_dataset_count(shard, LEPTON_TRAIN) * sizeof *x);
	lepton_dataset_release(shard);
	lepton_dataset_release(numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iid),
		cmocka_unit_test(test_by_class),
		cmocka_unit_test(test_dirichlet),
		cmocka_unit_test(test_the_rest_is_the_wholes),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests_name("data shards", tests, make_data, drop_data);
}
