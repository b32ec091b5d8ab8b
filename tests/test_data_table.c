/* tests/test_data_table.c - csv and libsvm: cells, columns, classes, scales, and the sentence for what is
 * wrong. */
#include "config.h"
#include "table_make.h"
#include "data/csv_read.h"
#include "data/number.h"
#include "data/words.h"

#include <math.h>

static struct place place;

static int set_up(void **state)
{
	(void)state;
	make_place(&place);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	drop_place(&place);
	return 0;
}

static void near(double a, double b)
{
	if (!(fabs(a - b) <= 1e-6 * (1 + fabs(b))))
		fail_msg("%.9g is not %.9g", a, b);
}

/* ---- cells against strings known ------------------------------------------------------------------ */

/* The cells of all rows, each row in [], cells between |. */
static void cut(const char *text, size_t size, char separator, char *out)
{
	struct lepton__rows rows;
	bool more = true;
	put_bytes(&place, "t.csv", text, size);
	assert_int_equal(lepton__rows_open(&rows, place.path, NULL), 0);
	rows.separator = separator ? separator : lepton__csv_separator(&rows);
	for (size_t used = 0; lepton__csv_next(&rows, &more, NULL) == 0 && more;) {
		for (int i = 0; i < rows.count; i++)
			used += (size_t)snprintf(out + used, TABLE_TEXT_MAX - used, "%s%.*s", i ? "|" : "[",
				(int)rows.cell[i].length, rows.cell[i].text);
		used += (size_t)snprintf(out + used, TABLE_TEXT_MAX - used, "]@%d", (int)rows.row_line);
	}
	lepton__rows_close(&rows);
}

static void test_cells(void **state)
{
	(void)state;
	static const struct {
		const char *text, *cells;
		char separator;
	} cases[] = {
		{"a,b\n1,2\n", "[a|b]@1[1|2]@2", 0},
		{"a,b\r\n1,2", "[a|b]@1[1|2]@2", 0},
		{"a,b\r1,2\r", "[a|b]@1[1|2]@2", 0},
		{"\xEF\xBB\xBF"
		 "a;b\n1;2",
			"[a|b]@1[1|2]@2", 0},
		{"a\tb c\n\t2\n", "[a|b c]@1[|2]@2", 0},
		{"a;b,c\n1;2,5\n", "[a;b|c]@1[1;2|5]@2", 0},
		{"a;b;c,d\n", "[a|b|c,d]@1", 0},
		{"\"x,y\",b\n", "[x,y|b]@1", 0},
		{"\"x\ny\",b\n3,4\n", "[x\ny|b]@1[3|4]@3", 0},
		{"\"x\r\ny\",b\n3,4\n", "[x\r\ny|b]@1[3|4]@3", 0},
		{"\"say \"\"hi\"\"\",\"\"\"\"\n\"\",\n", "[say \"hi\"|\"]@1[|]@2", 0},
		{"  a ,  \"b\"  ,c\"d\"\n", "[a|b|c\"d\"]@1", 0},
		{"\n\n  \na,b\n\n1,2\n\n", "[a|b]@4[1|2]@6", 0},
		{"a,b\n1,\n,\n", "[a|b]@1[1|]@2[|]@3", 0},
		{"a b c", "[a b c]@1", ','},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		char out[TABLE_TEXT_MAX] = "";
		cut(cases[c].text, strlen(cases[c].text), cases[c].separator, out);
		assert_string_equal(out, cases[c].cells);
	}
}

/* Any cells, written by the rules of RFC 4180, come back as they were. */
static void test_cells_by_chance(void **state)
{
	(void)state;
	static const char letters[] = "a\"\n,;\r\t 1";
	uint64_t seed = 7;
	for (int round = 0; round < 300; round++) {
		char text[TABLE_TEXT_MAX] = "", expected[TABLE_TEXT_MAX] = "", out[TABLE_TEXT_MAX] = "";
		size_t used = 0, said = 0;
		int line = 1;
		for (int row = 0; row < 4; row++) {
			int begin = line;
			for (int cell = 0; cell < 3; cell++) {
				used += (size_t)sprintf(text + used, "%s\"", cell ? "," : "");
				said += (size_t)sprintf(expected + said, "%s", cell ? "|" : "[");
				seed = seed * 6364136223846793005u + 1442695040888963407u;
				for (int i = (int)(seed >> 60); i > 0; i--) {
					seed = seed * 6364136223846793005u + 1442695040888963407u;
					char c = letters[(seed >> 33) % (sizeof letters - 1)];
					char before = said ? expected[said - 1] : 'x';
					line += c == '\r' || (c == '\n' && before != '\r');
					text[used++] = c;
					if (c == '"')
						text[used++] = c;
					expected[said++] = c;
				}
				used += (size_t)sprintf(text + used, "\"");
			}
			used += (size_t)sprintf(text + used, "\n");
			said += (size_t)sprintf(expected + said, "]@%d", begin);
			line++;
		}
		cut(text, used, ',', out);
		assert_string_equal(out, expected);
	}
}

static void test_numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum lepton__cell_kind kind;
	} cases[] = {{"", LEPTON__CELL_MISSING}, {"NA", LEPTON__CELL_MISSING}, {"nan", LEPTON__CELL_MISSING},
		{"?", LEPTON__CELL_MISSING}, {"NULL", LEPTON__CELL_MISSING},
		{"inf", LEPTON__CELL_OUT_OF_RANGE}, {"-Infinity", LEPTON__CELL_OUT_OF_RANGE},
		{"1e39", LEPTON__CELL_OUT_OF_RANGE}, {"1e999", LEPTON__CELL_OUT_OF_RANGE},
		{"0x10", LEPTON__CELL_WORD}, {"1,5", LEPTON__CELL_WORD}, {"-", LEPTON__CELL_WORD},
		{".", LEPTON__CELL_WORD}, {"1e", LEPTON__CELL_WORD}, {"1e+", LEPTON__CELL_WORD},
		{"e5", LEPTON__CELL_WORD}, {"1 2", LEPTON__CELL_WORD}, {"12:30", LEPTON__CELL_WORD}};
	static const char *const numbers[] = {"0", "-0", "+7", "1.", ".5", "-.5e1", "3.14159265358979323846",
		"123456789012345678901234567890", "1e-320", "1e22", "1E-22", "0.1", "1e+5", "17.99",
		"0.00000000000000000000001", "340282346638528859811704183484516925440",
		"4.9406564584124654e-324", "000012.5000", "9007199254740993"};
	double value;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
		if (lepton__number_read(cases[c].text, strlen(cases[c].text), &value) != cases[c].kind)
			fail_msg("\"%s\" is of another kind", cases[c].text);
	for (size_t c = 0; c < sizeof numbers / sizeof *numbers; c++) {
		assert_int_equal(
			lepton__number_read(numbers[c], strlen(numbers[c]), &value), LEPTON__CELL_NUMBER);
		double expected = strtod(numbers[c], NULL);
		assert_memory_equal(&value, &expected, sizeof value);
	}
}

/* Printed doubles read back to the same bits as strtod's. */
static void test_numbers_by_chance(void **state)
{
	(void)state;
	uint64_t seed = 11;
	for (int i = 0; i < 20000; i++) {
		char text[64];
		double value, made;
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		made = ((double)(seed >> 20) - 8e12) * pow(10, (int)(seed % 40) - 25);
		snprintf(text, sizeof text, i % 2 ? "%.*g" : "%.*e", (int)(seed >> 33) % 18, made);
		assert_int_equal(lepton__number_read(text, strlen(text), &value), LEPTON__CELL_NUMBER);
		double expected = strtod(text, NULL);
		assert_memory_equal(&value, &expected, sizeof value);
	}
}

/* ---- a table worked out by hand ------------------------------------------------------------------- */

static const char small_train[] = "size,colour,empty?,kind\n"
				  "1,red,5,cat\n"
				  "2,blue,,dog\n"
				  "3,\"red\",7,cat\n"
				  "NA,green,9,dog\n";
static const char small_test[] = "kind,size,colour,empty?\n"
				 "dog,5,purple,?\n"
				 "cat,,blue,8\n";

/* Which row of the file each training sample is: told apart by the column "empty?" and "size". */
static void test_by_hand(void **state)
{
	(void)state;
	put_text(&place, "train.csv", small_train);
	put_text(&place, "test.csv", small_test);
	struct lepton_dataset *d =
		open_table(&(struct lepton_data_options){.format = "csv", .path = place.folder});
	const struct lepton_data_info *info = lepton_dataset_info(d);
	static const char *const features[] = {"size", "colour=blue", "colour=green", "colour=red", "empty?"};
	assert_int_equal(info->sample.rank, 1);
	assert_int_equal(info->sample.dim[0], 5);
	for (int f = 0; f < 5; f++)
		assert_string_equal(info->features[f], features[f]);
	assert_int_equal(info->classes, 2);
	assert_string_equal(info->class_names[0], "cat");
	assert_string_equal(info->class_names[1], "dog");
	assert_string_equal(info->target, "kind");
	assert_int_equal(info->train, 4);
	assert_int_equal(info->test, 2);
	assert_null(lepton_dataset_pixels(d, LEPTON_TRAIN));
	/* size: mean 2, deviation sqrt(2/3); empty?: mean 7, deviation sqrt(8/3) */
	const double size = sqrt(2.0 / 3), empty = sqrt(8.0 / 3);
	const double expected[4][5] = {{-1 / size, 0, 0, 1, -2 / empty}, {0, 1, 0, 0, NAN},
		{1 / size, 0, 0, 1, 0}, {NAN, 0, 1, 0, 2 / empty}};
	const float *values = lepton_dataset_values(d, LEPTON_TRAIN);
	int seen = 0;
	for (int i = 0; i < 4; i++) {
		const float *row = values + 5 * i;
		int which = isnan(row[0]) ? 3 : isnan(row[4]) ? 1 : row[0] < 0 ? 0 : 2;
		seen |= 1 << which;
		for (int f = 0; f < 5; f++) {
			if (isnan(expected[which][f]))
				assert_true(isnan(row[f]));
			else
				near((double)row[f], expected[which][f]);
		}
		assert_int_equal(lepton_dataset_labels(d, LEPTON_TRAIN)[i], which % 2);
	}
	assert_int_equal(seen, 15);
	float x[10];
	int32_t y[2];
	lepton_dataset_gather(d, LEPTON_TEST, (const uint32_t[]){0, 1}, 2, x, y);
	const double test[10] = {3 / size, 0, 0, 0, 0, 0, 1, 0, 0, 1 / empty};
	for (int i = 0; i < 10; i++)
		near((double)x[i], test[i]);
	assert_int_equal(y[0], 1);
	assert_int_equal(y[1], 0);
	lepton_dataset_release(d);
}

static void test_raw_and_ignored(void **state)
{
	(void)state;
	put_text(&place, "train.csv", small_train);
	put_text(&place, "test.csv", small_test);
	static const char *const ignore[] = {"colour", NULL};
	struct lepton_data_options options = {
		.format = "csv", .path = place.folder, .ignore = ignore, .raw = true, .target = "kind"};
	struct lepton_dataset *d = open_table(&options);
	float x[4];
	lepton_dataset_gather(d, LEPTON_TEST, (const uint32_t[]){0, 1}, 2, x, NULL);
	const double test[4] = {5, 7, 2, 8}; /* missing: the means */
	for (int i = 0; i < 4; i++)
		near((double)x[i], test[i]);
	lepton_dataset_release(d);
}

static void test_regression(void **state)
{
	(void)state;
	put_text(&place, "t.csv", "x,y\n1,10\n2,20\n3,30\n4,40\n5,50\n6,60\n7,70\n8,80\n9,90\n10,100\n");
	struct lepton_data_options options = {
		.format = "csv", .path = place.path, .task = "regression", .test_split = 0.3};
	struct lepton_dataset *d = open_table(&options);
	const struct lepton_data_info *info = lepton_dataset_info(d);
	assert_true(info->regression);
	assert_int_equal(info->classes, 0);
	assert_null(info->class_names);
	assert_null(lepton_dataset_labels(d, LEPTON_TRAIN));
	assert_int_equal(info->train, 7);
	assert_int_equal(info->test, 3);
	double sum = 0, squares = 0;
	for (int i = 0; i < 7; i++) {
		double y = (double)lepton_dataset_targets(d, LEPTON_TRAIN)[i];
		near((double)lepton_dataset_values(d, LEPTON_TRAIN)[i],
			y); /* y = 10 x, so they scale alike */
		sum += y;
		squares += y * y;
	}
	near(sum, 0);
	near(squares, 7);
	for (int i = 0; i < 3; i++) {
		double y = (double)lepton_dataset_targets(d, LEPTON_TEST)[i] * info->target_scale +
			   info->target_mean;
		near(y / 10, floor(y / 10 + 0.5));
	}
	lepton_dataset_release(d);
}

/* ---- dealing rows --------------------------------------------------------------------------------- */

/* 60 rows of a, 30 of b, 10 of c, sorted as tables often are; x tells the row. */
static void put_sorted(const char *name)
{
	char text[TABLE_TEXT_MAX] = "x,y\n";
	size_t used = strlen(text);
	for (int i = 0; i < 100; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%d,%c\n", i,
			i < 60   ? 'a'
			: i < 90 ? 'b'
				 : 'c');
	put_text(&place, name, text);
}

static void count_classes(const struct lepton_dataset *d, enum lepton_split split, int count[3], char *rows)
{
	memset(count, 0, 3 * sizeof *count);
	for (int64_t i = 0; i < lepton_dataset_count(d, split); i++) {
		count[lepton_dataset_labels(d, split)[i]]++;
		rows[(int)lepton_dataset_values(d, split)[i]]++;
	}
}

static void test_deal(void **state)
{
	(void)state;
	put_sorted("t.csv");
	struct lepton_data_options options = {
		.format = "csv", .path = place.path, .raw = true, .validation_split = 0.25};
	struct lepton_dataset *d = open_table(&options), *again = open_table(&options);
	options.split_seed = 1;
	struct lepton_dataset *other = open_table(&options);
	int train[3], validation[3], test[3];
	char rows[100] = {0};
	count_classes(d, LEPTON_TRAIN, train, rows);
	count_classes(d, LEPTON_VALIDATION, validation, rows);
	count_classes(d, LEPTON_TEST, test, rows);
	for (int i = 0; i < 100; i++)
		assert_int_equal(rows[i], 1);
	assert_int_equal(test[0], 12);
	assert_int_equal(test[1], 6);
	assert_int_equal(test[2], 2);
	assert_true(validation[0] > 4 && validation[1] > 0); /* not the last of a sorted file */
	assert_string_equal(lepton_dataset_info(d)->hash, lepton_dataset_info(again)->hash);
	assert_string_not_equal(lepton_dataset_info(d)->hash, lepton_dataset_info(other)->hash);
	lepton_dataset_release(d);
	lepton_dataset_release(again);
	lepton_dataset_release(other);
}

/* The rule of data/deal.c, made again from lepton_epoch_order. */
static void test_deal_rule(void **state)
{
	(void)state;
	put_sorted("t.csv");
	struct lepton_data_options options = {
		.format = "csv", .path = place.path, .raw = true, .split_seed = 3, .test_split = 0.35};
	struct lepton_dataset *d = open_table(&options);
	static const int first[] = {0, 60, 90, 100};
	uint32_t order[100];
	int test[100] = {0}, left[100], count = 0, at = 0;
	for (int c = 0; c < 3; c++) {
		int n = first[c + 1] - first[c];
		lepton_epoch_order(3, c, order, n);
		for (int i = 0; i < (int)floor(n * 0.35 + 0.5); i++)
			test[first[c] + (int)order[i]] = 1;
	}
	for (int i = 0; i < 100; i++) {
		if (test[i])
			assert_int_equal((int)lepton_dataset_values(d, LEPTON_TEST)[at++], i);
		else
			left[count++] = i;
	}
	lepton_epoch_order(3, 256, order, count);
	for (int i = 0; i < count; i++)
		assert_int_equal((int)lepton_dataset_values(d, LEPTON_TRAIN)[i], left[order[i]]);
	lepton_dataset_release(d);
}

/* Figures of the rows that train alone: the validation's and the test's do not leak into the scale. */
static void test_scale_of_training(void **state)
{
	(void)state;
	put_sorted("t.csv");
	struct lepton_data_options options = {.format = "csv", .path = place.path, .validation_split = 0.3};
	struct lepton_dataset *d = open_table(&options);
	double sum = 0, squares = 0;
	int64_t n = lepton_dataset_count(d, LEPTON_TRAIN);
	for (int64_t i = 0; i < n; i++) {
		double x = (double)lepton_dataset_values(d, LEPTON_TRAIN)[i];
		sum += x;
		squares += x * x;
	}
	near(sum / (double)n, 0);
	near(squares / (double)n, 1);
	lepton_dataset_release(d);
}

/* ---- gz, large rows, libsvm, other files ---------------------------------------------------------- */

static void test_gz(void **state)
{
	(void)state;
	size_t size = 0, room = (size_t)9 << 20;
	char *text = malloc(room);
	assert_non_null(text);
	size += (size_t)sprintf(text, "x,word,y\n");
	for (int i = 0; i < 150000; i++) /* one long and much the same: more than a guess from its size */
		size += (size_t)sprintf(text + size, "%d,\"some word of many letters\",%d\n", i % 50, i % 3);
	put_bytes(&place, "t.csv", text, size);
	struct lepton_data_options options = {.format = "csv", .path = place.path};
	struct lepton_dataset *plain = open_table(&options);
	put_gz(&place, "t.csv.gz", text, size);
	struct lepton_dataset *gz = open_table(&options);
	assert_string_equal(lepton_dataset_info(plain)->hash, lepton_dataset_info(gz)->hash);
	assert_int_equal(lepton_dataset_info(gz)->train, 120000);
	lepton_dataset_release(plain);
	lepton_dataset_release(gz);
	free(text);
}

static void test_large_rows(void **state)
{
	(void)state;
	enum { COLUMNS = 20000, ROWS_OF_IT = 6, CELL = 200000 };
	size_t size = 0;
	char *text = malloc((size_t)COLUMNS * 12 * (ROWS_OF_IT + 1) + CELL + 100);
	assert_non_null(text);
	for (int row = 0; row <= ROWS_OF_IT; row++) {
		for (int c = 0; c < COLUMNS; c++)
			size += (size_t)sprintf(text + size, row ? "%d," : "c%d,", c + (c % 7) * row);
		size += (size_t)sprintf(text + size, row ? "%d\n" : "y\n", row % 2);
	}
	put_bytes(&place, "t.csv", text, size);
	struct lepton_dataset *d = open_table(
		&(struct lepton_data_options){.format = "csv", .path = place.path, .test_split = 0.4});
	assert_int_equal(lepton_dataset_info(d)->sample.dim[0], COLUMNS);
	lepton_dataset_release(d);
	size = (size_t)sprintf(text, "long,x,y\n\"");
	memset(text + size, 'w', CELL);
	size += CELL;
	size += (size_t)sprintf(text + size, "\",1,a\nv,2,b\nv,3,a\n");
	put_bytes(&place, "t.csv", text, size);
	static const char *const ignore[] = {"long", NULL};
	d = open_table(&(struct lepton_data_options){.format = "csv", .path = place.path, .ignore = ignore});
	assert_int_equal(lepton_dataset_info(d)->sample.dim[0], 1);
	lepton_dataset_release(d);
	free(text);
}

static void test_libsvm(void **state)
{
	(void)state;
	put_text(&place, "train.libsvm", "+1 1:2 3:1 # a comment\n\n-1 2:4\r\n+1 1:2 4:0.5\n-1\n");
	put_text(&place, "test.libsvm", "-1 1:1 9:5\n1.0 4:1\n");
	struct lepton_dataset *d = open_table(
		&(struct lepton_data_options){.format = "libsvm", .path = place.folder, .raw = true});
	const struct lepton_data_info *info = lepton_dataset_info(d);
	assert_int_equal(info->sample.dim[0], 4);
	assert_string_equal(info->features[3], "4");
	assert_string_equal(info->class_names[0], "-1");
	assert_string_equal(info->class_names[1], "1");
	const float rows[4][4] = {{2, 0, 1, 0}, {0, 4, 0, 0}, {2, 0, 0, 0.5f}, {0, 0, 0, 0}};
	int seen = 0;
	for (int i = 0; i < 4; i++)
		for (int r = 0; r < 4; r++)
			if (memcmp(lepton_dataset_values(d, LEPTON_TRAIN) + 4 * i, rows[r], sizeof rows[r]) ==
				0) {
				seen |= 1 << r;
				assert_int_equal(lepton_dataset_labels(d, LEPTON_TRAIN)[i], r % 2 == 0);
			}
	assert_int_equal(seen, 15);
	const float test[8] = {1, 0, 0, 0, 0, 0, 0, 1};
	assert_memory_equal(lepton_dataset_values(d, LEPTON_TEST), test, sizeof test);
	assert_int_equal(lepton_dataset_labels(d, LEPTON_TEST)[1], 1);
	lepton_dataset_release(d);
	/* standardised: what is not named is a 0 like any other. Feature 1: 2 0 2 0, mean 1, deviation 1 */
	d = open_table(&(struct lepton_data_options){.format = "libsvm", .path = place.folder});
	for (int i = 0; i < 4; i++)
		near(fabs((double)lepton_dataset_values(d, LEPTON_TRAIN)[4 * i]), 1);
	lepton_dataset_release(d);
}

static void test_like(void **state)
{
	(void)state;
	struct lepton_dataset *d, *more = NULL;
	struct lepton_error err = {0};
	put_text(&place, "train.csv", small_train);
	put_text(&place, "test.csv", small_test);
	d = open_table(&(struct lepton_data_options){.format = "csv", .path = place.folder});
	put_text(&place, "t.csv", "colour,size,empty?\nred,2,7\n");
	assert_int_equal(lepton_dataset_open_like(d, place.path, true, &more, &err), LEPTON_E_DATA);
	assert_non_null(strstr(err.message, "t.csv:1: column \"kind\" of the training data is missing"));
	assert_null(more);
	assert_int_equal(lepton_dataset_open_like(d, place.path, false, &more, NULL), 0);
	lepton_dataset_release(d); /* the other keeps what it needs */
	assert_int_equal(lepton_dataset_info(more)->test, 1);
	assert_int_equal(lepton_dataset_info(more)->train, 4);
	const float expected[] = {0, 0, 0, 1, 0};
	assert_memory_equal(lepton_dataset_values(more, LEPTON_TEST), expected, sizeof expected);
	assert_string_equal(lepton_dataset_info(more)->features[1], "colour=blue");
	lepton_dataset_release(more);
}

/* Rows to answer for: whatever stands for the target is not read, or there is no such column. */
static void check_asked(
	const struct lepton_data_options *options, const char *train, const char *const asked[])
{
	struct lepton_dataset *more = NULL;
	const float expected[] = {3, 5};
	put_text(&place, "t.csv", train);
	struct lepton_dataset *d = open_table(options);
	for (; *asked; asked++) {
		struct lepton_error err = {0};
		put_text(&place, "t.csv", *asked);
		int code = lepton_dataset_open_like(d, place.path, false, &more, &err);
		assert_string_equal(err.message, "");
		assert_int_equal(code, 0);
		assert_memory_equal(lepton_dataset_values(more, LEPTON_TEST), expected, sizeof expected);
		lepton_dataset_release(more);
	}
	assert_int_equal(lepton_dataset_open_like(d, place.path, true, &more, NULL), LEPTON_E_DATA);
	lepton_dataset_release(d);
}

static void test_asked(void **state)
{
	(void)state;
	static const char *const named[] = {"b,a\n5,3\n", "kind,a,b\n?,3,5\n", "kind,a,b\nbird,3,5\n", NULL};
	static const char *const bare[] = {"cat,3,5\n", ",3,5\n", "3,5\n", NULL};
	static const char *const sparse[] = {"1 1:3 2:5\n", "0 1:3 2:5\n", NULL};
	snprintf(place.path, sizeof place.path, "%s/t.csv", place.folder);
	struct lepton_data_options options = {
		.format = "csv", .path = place.path, .target = "kind", .raw = true, .test_split = 0.5};
	check_asked(&options, "kind,a,b\ncat,1,2\ndog,2,3\ncat,4,5\ndog,5,5\n", named);
	options.target = "column 1";
	options.no_header = true;
	check_asked(&options, "cat,1,2\ndog,2,3\ncat,4,5\ndog,5,5\n", bare);
	options.format = "libsvm";
	check_asked(&options, "1 1:1 2:2\n2 1:2 2:3\n1 1:3\n2 2:4\n", sparse);
}

static void test_from_memory(void **state)
{
	(void)state;
	static const float good[] = {1, NAN, 3, 4}, endless[] = {1, INFINITY, 3, 4};
	static const uint8_t labels[] = {0, 1};
	struct lepton_dataset *d = NULL;
	struct lepton_error err;
	assert_int_equal(lepton_dataset_from_f32(good, labels, NULL, 2, 0, 2, 2, 0, &d, NULL), 0);
	assert_int_equal(lepton_dataset_info(d)->train, 2);
	lepton_dataset_release(d);
	assert_int_equal(
		lepton_dataset_from_f32(endless, labels, NULL, 2, 0, 2, 2, 0, &d, &err), LEPTON_E_DATA);
	assert_string_equal(err.message, "data: value 1 is inf");
	assert_int_equal(lepton_dataset_from_f32(good, NULL, good, 2, 0, 2, 0, 0, &d, &err), LEPTON_E_DATA);
	assert_string_equal(err.message, "data: target 1 is nan");
	assert_null(d);
}

/* ---- one sentence for what is wrong --------------------------------------------------------------- */

static void expect(const struct lepton_data_options *options, const char *words)
{
	struct lepton_dataset *d = NULL;
	struct lepton_error err = {0};
	int code = lepton_dataset_open(options, &d, &err);
	assert_null(d);
	assert_true(code == LEPTON_E_DATA || code == LEPTON_E_USAGE);
	if (!strstr(err.message, words) || strchr(err.message, '\n'))
		fail_msg("said \"%s\", expected \"%s\"", err.message, words);
}

static void test_faults(void **state)
{
	(void)state;
	static const struct {
		const char *text, *target, *task, *words;
	} cases[] = {
		{"", NULL, NULL, "t.csv: the file is empty"},
		{"\n \n", NULL, NULL, "t.csv:1: there is nothing in it but blank lines"},
		{"a,b\n", NULL, NULL, "t.csv: there is no row in it"},
		{"a,b\n1,2\n1,2,3\n", NULL, NULL, "t.csv:3: 3 cells, expected 2"},
		{"a,b\n1,2\n\n\n1\n", NULL, NULL, "t.csv:5: 1 cells, expected 2"},
		{"a,b\n\"1,2\n3,4\n", NULL, NULL, "t.csv:2: a quote that is opened here is never closed"},
		{"a,b\n\"1\n\n\"x,2\n", NULL, NULL, "t.csv:2: text behind a closing quote"},
		{"a,b\n1,x\n2,x\n", NULL, NULL, "all rows are of one class, \"x\" in column \"b\""},
		{"a,b\n,x\nNA,y\n", NULL, NULL, "t.csv: column \"a\" is empty"},
		{"a,b\n1,x\ninf,y\n", NULL, NULL, "t.csv:3: column \"a\": inf is no number"},
		{"a,b\n1,x\n1e300,y\n", NULL, NULL, "t.csv:3: column \"a\": 1e300 is no number"},
		{"a,b\n1,x\n2,\n", NULL, NULL, "t.csv:3: column \"b\": the target is missing"},
		{"a,b\n1,x\n2,y\n", NULL, "regression", "t.csv:2: column \"b\": \"x\" is no number"},
		{"length,kind\n1,x\n2,y\n", "kidn", NULL,
			"t.csv:1: no column \"kidn\", which \"target\" names; did you mean \"kind\"?"},
		{"length,kind\n1,x\n2,y\n", "zzzzzzzz", NULL, "the last one is \"kind\""},
		{"a,a\n1,x\n", NULL, NULL, "t.csv:1: columns 1 and 2 are both called \"a\""},
		{"1,2\n1,2\n", NULL, NULL, "t.csv:1: all cells are numbers, expected the names"},
		{"ab\n1\n2\n", NULL, NULL, "t.csv:1: only one column"},
		{"a,b\n1,\xFFx\n2,y\n", NULL, NULL, "t.csv:2: column \"b\": no name of a class"},
		{"a,b\n\xC3,x\n2,y\n", NULL, NULL, "column \"a\": not UTF-8"},
		{"a,b\n\x01\x02,x\n2,y\n", NULL, NULL, "t.csv:2: a byte 0x01"},
		{"\x7F"
		 "ELF,b\n",
			NULL, NULL, "t.csv:1: a byte 0x7F"},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		put_text(&place, "t.csv", cases[c].text);
		expect(&(struct lepton_data_options){.format = "csv",
			       .path = place.path,
			       .target = cases[c].target,
			       .task = cases[c].task},
			cases[c].words);
	}
	put_bytes(&place, "t.csv", "a,b\n1,\0\n", 8);
	expect(&(struct lepton_data_options){.format = "csv", .path = place.path},
		"t.csv:2: a byte 0x00, which no table has");
	put_gz(&place, "t.csv", "a,b\n1,2\n", 8);
	expect(&(struct lepton_data_options){.format = "csv", .path = place.path},
		"compressed, but its name lacks .gz");
	put_text(&place, "t.csv.gz", "a,b\n1,2\n");
	expect(&(struct lepton_data_options){.format = "csv", .path = place.path},
		"not a gzip file though its name ends in .gz");
	put_text(&place, "t.csv.gz", ""); /* found by fuzz_table */
	expect(&(struct lepton_data_options){.format = "csv", .path = place.path},
		"not a gzip file though its name ends in .gz");
	expect(&(struct lepton_data_options){.format = "csv", .path = place.folder},
		"no train.csv, plain or .gz, in");
	expect(&(struct lepton_data_options){.format = "csv", .path = "/nowhere/x.csv"},
		"/nowhere/x.csv: no such file");
}

static void test_faults_of_two_files(void **state)
{
	(void)state;
	static const struct {
		const char *test, *words;
	} cases[] = {
		{"size,colour,empty?,kind\n1,red,5,bird\n",
			"test.csv:2: column \"kind\": \"bird\" is no class of the training data"},
		{"size,colour,empty?,kind\nbig,red,5,cat\n",
			"test.csv:2: column \"size\": \"big\" is no number"},
		{"size,colour,empt,kind\n",
			"test.csv:1: column \"empt\" is not in the training data; did you mean \"empty?\"?"},
		{"size,colour,kind\n", "test.csv:1: column \"empty?\" of the training data is missing"},
		{"size,colour,empty?,kind,size\n", "test.csv:1: column \"size\" is there twice"},
		{"size,colour,empty?,kind\n", "test.csv: there is no row in it"},
		{"size,colour,empty?,kind\n1,red,5,cat\n3e38,red,5,\x1b[2Jbird\n", "test.csv:3: a byte 0x1B"},
	};
	put_text(&place, "train.csv", small_train);
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		put_text(&place, "test.csv", cases[c].test);
		expect(&(struct lepton_data_options){.format = "csv", .path = place.folder}, cases[c].words);
	}
	put_text(&place, "test.csv", small_test);
	expect(&(struct lepton_data_options){.format = "csv", .path = place.folder, .test_split = 0.5},
		"\"test_split\" is for a single file");
	put_text(&place, "train.csv", "a,b\n1,5\n2,5\n");
	put_text(&place, "test.csv", "a,b\n1,5\n1,-3.4e38\n");
	struct lepton_data_options far = {.format = "csv", .path = place.folder, .task = "regression"};
	lepton_dataset_release(open_table(&far));
	put_text(&place, "train.csv", "a,b\n1,0\n2,1e-38\n");
	expect(&far, "test.csv:2: column \"b\": 5 is too far from");
	put_text(&place, "train.csv", small_train);
	static const char *const ignore[] = {"kind", NULL};
	expect(&(struct lepton_data_options){.format = "csv", .path = place.folder, .ignore = ignore},
		"column \"kind\": the target cannot be ignored");
}

static void test_too_many(void **state)
{
	(void)state;
	char *text = malloc(1 << 20);
	assert_non_null(text);
	size_t size = (size_t)sprintf(text, "id,x,y\n");
	for (int i = 0; i < 2000; i++)
		size += (size_t)sprintf(text + size, "n%d,%d,%d\n", i, i, i % 2);
	put_bytes(&place, "t.csv", text, size);
	expect(&(struct lepton_data_options){.format = "csv", .path = place.path},
		"column \"id\": more than 1000 different words, \"n");
	expect(&(struct lepton_data_options){.format = "csv", .path = place.path, .target = "x"},
		"column \"x\": more than 256 different classes");
	size = 0;
	for (int c = 0; c < 100; c++)
		size += (size_t)sprintf(text + size, "c%d,", c);
	size += (size_t)sprintf(text + size, "y\n");
	for (int row = 0; row < 999; row++) {
		for (int c = 0; c < 100; c++)
			size += (size_t)sprintf(text + size, "w%d,", row);
		size += (size_t)sprintf(text + size, "%d\n", row % 2);
	}
	put_bytes(&place, "t.csv", text, size);
	expect(&(struct lepton_data_options){.format = "csv", .path = place.path, .test_split = 0.1},
		"there are more than 65536; the most, 899, come of \"c0\"");
	free(text);
}

static void test_libsvm_faults(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"1 1:2\n2 x\n", "t.svm:2: \"x\", expected INDEX:VALUE"},
		{"1 1:2\n2 qid:5\n", "t.svm:2: \"qid:5\", expected INDEX:VALUE"},
		{"1 1:2 1:3\n", "t.svm:1: \"1:3\": indices must go up, but it follows 1"},
		{"1 99999999999:3\n", "indices go up to 65535"},
		{"1 1:a\n2 1:3\n", "t.svm:1: column \"1\": \"a\" is no number"},
		{"1\n2\n", "no line of the file has INDEX:VALUE"},
		{"1 1:2\n1 1:3\n", "all rows are of one class"},
		{"1 1:\x01\n", "t.svm:1: a byte 0x01"},
		{"NaN 1:1\n", "t.svm:1: column \"target\": the target is missing"},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		put_text(&place, "t.svm", cases[c].text);
		expect(&(struct lepton_data_options){.format = "libsvm", .path = place.path}, cases[c].words);
	}
}

/* A good table cut short at every byte, and with every byte changed: an answer or a sentence, never a fault.
 */
static void test_damage(void **state)
{
	(void)state;
	static const char good[] = "a,\"b \"\"q\"\"\",y\r\n1,\"x\ny\",u\n2.5e1,z,v\n,\"\",u\n";
	char text[sizeof good];
	for (size_t length = 1; length < sizeof good; length++) {
		for (int change = 0; change < 6; change++) {
			static const char changes[] = "\"\n,\xFFz";
			struct lepton_dataset *d = NULL;
			struct lepton_error err = {0};
			memcpy(text, good, sizeof good);
			size_t size = change == 5 ? length : sizeof good - 1;
			if (change < 5)
				text[length - 1] = changes[change];
			put_bytes(&place, "t.csv", text, size);
			struct lepton_data_options options = {.format = "csv", .path = place.path};
			int code = lepton_dataset_open(&options, &d, &err);
			assert_true((code == 0) == (d != NULL));
			assert_true(code == 0 || *err.message);
			lepton_dataset_release(d);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cells, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cells_by_chance, set_up, tear_down),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_numbers_by_chance),
		cmocka_unit_test_setup_teardown(test_by_hand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_raw_and_ignored, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_regression, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_deal, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_deal_rule, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_scale_of_training, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_gz, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_large_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_libsvm, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_like, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_asked, set_up, tear_down),
		cmocka_unit_test(test_from_memory),
		cmocka_unit_test_setup_teardown(test_faults, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_faults_of_two_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_libsvm_faults, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
