/* What a data set promises: splits, limits, gathering, hash, and the order of an epoch.
 *
 * Golden figures come from tests/oracles/data_golden.py, which shares no code with the library.
 */
#include "config.h"
#include "data_make.h"

static const char golden_hash[] = "8c5e1bef7f1d41ef53ca9163a2e769d41c1e5b89e5b5de7f709c08da9e71573a";

static struct lepton_dataset *opened(const char *folder, double split, int64_t limit, int64_t test_limit)
{
	struct lepton_data_options options = {
		.path = folder, .validation_split = split, .limit = limit, .test_limit = test_limit};
	struct lepton_dataset *d;
	struct lepton_error err;
	if (lepton_dataset_open(&options, &d, &err))
		fail_msg("%s", err.message);
	return d;
}

/* Samples first … first+count-1 are those of the split, byte for byte. */
static void check_split(const struct lepton_dataset *d, enum lepton_split split, int first, int count)
{
	assert_int_equal(lepton_dataset_count(d, split), count);
	for (int s = 0; s < count; s++) {
		for (int i = 0; i < PIXELS; i++)
			assert_int_equal(
				lepton_dataset_pixels(d, split)[s * PIXELS + i], pixel_of(first + s, i));
		assert_int_equal(lepton_dataset_labels(d, split)[s], (first + s) % CLASSES);
	}
}

static void test_splits(void **state)
{
	(void)state;
	char folder[64];
	make_folder(folder);
	static const struct {
		double split;
		int limit, test_limit, train, validation, test;
	} cases[] = {
		{0, 0, 0, 20, 0, 5}, {0.1, 0, 0, 18, 2, 5},
		{0.13, 0, 0, 17, 3, 5}, /* floor(20 · 0.87) = 17 */
		{0.5, 7, 2, 3, 4, 2}, {0.95, 0, 1, 1, 19, 1},
		{0.25, 100, 100, 15, 5, 5}, /* limits past the end change nothing */
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct lepton_dataset *d =
			opened(folder, cases[c].split, cases[c].limit, cases[c].test_limit);
		check_split(d, LEPTON_TRAIN, 0, cases[c].train);
		check_split(d, LEPTON_VALIDATION, cases[c].train, cases[c].validation);
		check_split(d, LEPTON_TEST, TRAIN, cases[c].test);
		const struct lepton_data_info *info = lepton_dataset_info(d);
		assert_int_equal(info->train, cases[c].train);
		assert_int_equal(info->validation, cases[c].validation);
		assert_int_equal(info->test, cases[c].test);
		assert_int_equal(info->classes, CLASSES);
		assert_true(lepton_shape_equal(&info->sample, &(struct lepton_shape){3, {ROWS, COLS, 1}}));
		assert_string_equal(info->format, "idx");
		assert_string_equal(info->path, folder);
		assert_int_equal(info->bytes, 16 + 20 * 6 + 8 + 20 + 16 + 5 * 6 + 8 + 5);
		lepton_dataset_release(d);
	}
	drop_folder(folder);
}

static void test_bad_options(void **state)
{
	(void)state;
	char folder[64];
	make_folder(folder);
	const struct lepton_data_options cases[] = {{.path = folder, .validation_split = -0.1},
		{.path = folder, .validation_split = 1},
		{.path = folder, .validation_split = 0.0 / (double)0.0f}, {.path = folder, .limit = -1},
		{.path = folder, .test_limit = -1}, {.format = "tsv", .path = folder}, {.path = ""},
		{.path = NULL}, {.path = folder, .validation_split = 0.5, .limit = 1}};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct lepton_dataset *d;
		struct lepton_error err = {0};
		int code = lepton_dataset_open(&cases[c], &d, &err);
		assert_int_equal(code, c == 8 ? LEPTON_E_DATA : LEPTON_E_USAGE);
		assert_int_equal(err.code, code);
		assert_non_null(strstr(err.message, "data"));
		assert_null(d);
	}
	drop_folder(folder);
}

static void test_hash(void **state)
{
	(void)state;
	char folder[64], limited[LEPTON_HASH_HEX];
	make_folder(folder);
	struct lepton_dataset *all = opened(folder, 0, 0, 0), *split = opened(folder, 0.3, 0, 0),
			      *fewer = opened(folder, 0, 19, 0);
	assert_string_equal(lepton_dataset_info(all)->hash, golden_hash);
	assert_string_equal(lepton_dataset_info(split)->hash, golden_hash);
	assert_string_not_equal(lepton_dataset_info(fewer)->hash, golden_hash);
	memcpy(limited, lepton_dataset_info(fewer)->hash, sizeof limited);
	lepton_dataset_release(all);
	lepton_dataset_release(split);
	lepton_dataset_release(fewer);
	struct bytes labels = idx_bytes(1);
	labels.at[labels.size - 1] ^= 1; /* sample 19, which a limit of 19 leaves out */
	put_file(folder, make_files[1], labels.at, labels.size);
	all = opened(folder, 0, 0, 0);
	fewer = opened(folder, 0, 19, 0);
	assert_string_not_equal(lepton_dataset_info(all)->hash, golden_hash);
	assert_string_equal(lepton_dataset_info(fewer)->hash, limited);
	lepton_dataset_release(all);
	lepton_dataset_release(fewer);
	drop_folder(folder);
}

static void test_from_u8(void **state)
{
	(void)state;
	uint8_t images[25 * PIXELS], labels[25];
	struct lepton_shape shape = {3, {ROWS, COLS, 1}};
	struct lepton_dataset *d;
	struct lepton_error err;
	for (int s = 0; s < 25; s++) {
		labels[s] = (uint8_t)(s % CLASSES);
		for (int i = 0; i < PIXELS; i++)
			images[s * PIXELS + i] = pixel_of(s, i);
	}
	assert_int_equal(lepton_dataset_from_u8(images, labels, 25, 5, &shape, CLASSES, 0.1, &d, &err), 0);
	memset(images, 0, sizeof images); /* a copy was taken */
	check_split(d, LEPTON_TRAIN, 0, 18);
	check_split(d, LEPTON_VALIDATION, 18, 2);
	check_split(d, LEPTON_TEST, 20, 5);
	assert_string_equal(lepton_dataset_info(d)->hash, golden_hash); /* the source does not matter */
	lepton_dataset_release(d);
	assert_int_equal(
		lepton_dataset_from_u8(images, labels, 25, 5, &shape, 3, 0, &d, &err), LEPTON_E_DATA);
	assert_non_null(strstr(err.message, "label 3 is 3"));
	assert_int_equal(
		lepton_dataset_from_u8(images, labels, 25, 25, &shape, 4, 0, &d, &err), LEPTON_E_USAGE);
	assert_int_equal(
		lepton_dataset_from_u8(images, labels, 0, 0, &shape, 4, 0, &d, &err), LEPTON_E_USAGE);
	assert_int_equal(
		lepton_dataset_from_u8(images, labels, 25, 5, &shape, 257, 0, &d, &err), LEPTON_E_USAGE);
	shape.dim[1] = (int64_t)1 << 40;
	assert_int_equal(
		lepton_dataset_from_u8(images, labels, 25, 5, &shape, 4, 0, &d, &err), LEPTON_E_SHAPE);
	assert_null(d);
}

static void test_gather(void **state)
{
	(void)state;
	char folder[64];
	make_folder(folder);
	struct lepton_dataset *d = opened(folder, 0.1, 0, 0);
	const uint32_t index[] = {17, 0, 5, 5, 11};
	float x[5 * PIXELS], only_x[5 * PIXELS];
	int32_t y[5], only_y[5];
	lepton_dataset_gather(d, LEPTON_TRAIN, index, 5, x, y);
	lepton_dataset_gather(d, LEPTON_TRAIN, index, 5, only_x, NULL);
	lepton_dataset_gather(d, LEPTON_TRAIN, index, 5, NULL, only_y);
	for (int k = 0; k < 5; k++) {
		assert_int_equal(y[k], (int)(index[k] % CLASSES));
		for (int i = 0; i < PIXELS; i++)
			assert_float_equal(x[k * PIXELS + i], pixel_of((int)index[k], i) / 255.0, 1e-7);
	}
	assert_memory_equal(x, only_x, sizeof x);
	assert_memory_equal(y, only_y, sizeof y);
	lepton_dataset_gather(d, LEPTON_TEST, (const uint32_t[]){4}, 1, x, y);
	assert_int_equal(y[0], 24 % CLASSES);
	assert_float_equal(x[1], pixel_of(24, 1) / 255.0, 1e-7);
	lepton_dataset_gather(d, LEPTON_VALIDATION, (const uint32_t[]){1}, 1, x, y);
	assert_float_equal(x[2], pixel_of(19, 2) / 255.0, 1e-7);
	lepton_dataset_release(lepton_dataset_retain(d));
	lepton_dataset_release(d);
	lepton_dataset_release(NULL);
	drop_folder(folder);
}

static void test_order_golden(void **state)
{
	(void)state;
	static const struct {
		uint64_t seed;
		int64_t epoch;
		uint32_t order[12];
	} golden[] = {
		{0, 0, {1, 6, 3, 8, 0, 11, 2, 10, 5, 7, 9, 4}},
		{1, 0, {4, 7, 1, 0, 3, 2, 8, 11, 6, 5, 9, 10}},
		{1, 1, {9, 11, 8, 5, 7, 4, 6, 1, 3, 10, 2, 0}},
		{9007199254740991, 7, {1, 8, 4, 6, 9, 2, 3, 11, 10, 7, 0, 5}},
	};
	for (size_t g = 0; g < sizeof golden / sizeof *golden; g++) {
		uint32_t order[12];
		lepton_epoch_order(golden[g].seed, golden[g].epoch, order, 12);
		assert_memory_equal(order, golden[g].order, sizeof order);
	}
	static uint32_t large[60000];
	uint64_t sum = 0;
	lepton_epoch_order(9, 3, large, 60000);
	for (uint64_t i = 0; i < 60000; i++)
		sum += i * large[i];
	assert_int_equal(sum, 54085569218670);
}

static void test_order_is_fair(void **state)
{
	(void)state;
	enum { N = 8, EPOCHS = 20000 };
	static int seen[N][N];
	uint32_t order[N];
	for (int epoch = 0; epoch < EPOCHS; epoch++) {
		bool there[N] = {false};
		lepton_epoch_order(42, epoch, order, N);
		for (int i = 0; i < N; i++) {
			assert_true(order[i] < N && !there[order[i]]);
			there[order[i]] = true;
			seen[i][order[i]]++;
		}
	}
	double chi = 0, mean = (double)EPOCHS / N;
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++)
			chi += (seen[i][j] - mean) * (seen[i][j] - mean) / mean;
	assert_true(
		chi <
		85.4); /* 49 degrees of freedom: 0.1 % lie above; the draw is fixed, so this never flickers */
	lepton_epoch_order(1, 1, order, 0);
	lepton_epoch_order(1, 1, order, 1);
	assert_int_equal(order[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_splits),
		cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_from_u8),
		cmocka_unit_test(test_gather),
		cmocka_unit_test(test_order_golden),
		cmocka_unit_test(test_order_is_fair),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
