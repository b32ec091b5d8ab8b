/* tests/test_data_text.c - texts: the words in them, their numbers, lines and folders, and what is wrong with them. */
#include "config.h"
#include "text_make.h"
#include "data/tokens.h"

#include <math.h>

#define BUCKETS 1000003u

/* ---- words, by a plain FNV-1a over what stands in the table ------------------------------------------- */

static uint64_t fnv(const unsigned char *bytes, size_t n)
{
	uint64_t hash = 0xCBF29CE484222325u;
	for (size_t i = 0; i < n; i++) {
		hash ^= bytes[i];
		hash *= 0x100000001B3u;
	}
	return hash;
}

/* The number of a run of words, which stand between blanks. */
static uint32_t number(const char *run, uint32_t buckets)
{
	unsigned char hashes[64];
	size_t words = 0;
	uint64_t one = 0;
	for (const char *at = run; *at; words++) {
		size_t length = strcspn(at, " ");
		one = fnv((const unsigned char *)at, length);
		for (int i = 0; i < 8; i++)
			hashes[words * 8 + (size_t)i] = (unsigned char)(one >> (8 * i));
		at += length + (at[length] == ' ');
	}
	uint64_t hash = words == 1 ? one : fnv(hashes, words * 8);
	return ((uint32_t)(hash >> 32) ^ (uint32_t)hash) % buckets;
}

static void test_words(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int max_words, ngrams;
		const char *runs[16];
	} cases[] = {
		{"Hello, WORLD", 9, 1, {"hello", ",", "world"}},
		{"wait!!!!! what?!", 9, 1, {"wait", "!!!", "what", "?", "!"}},
		{"it's the dogs' own '90s", 9, 1, {"it's", "the", "dogs", "'", "own", "'", "90s"}},
		{"na\xC3\xAFve\t\n\x01\x7F <b>", 9, 1, {"na\xC3\xAFve", "<", "b", ">"}},
		{"", 9, 2, {NULL}},
		{" \r\n ", 9, 2, {NULL}},
		{"a b c d", 9, 2, {"a", "b", "a b", "c", "b c", "d", "c d"}},
		{"a b c d", 3, 3, {"a", "b", "a b", "c", "b c", "a b c"}},
		{"a b c d", 9, 4, {"a", "b", "a b", "c", "b c", "a b c", "d", "c d", "b c d", "a b c d"}},
		{"a ---- a", 9, 2, {"a", "---", "a ---", "a", "--- a"}},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		const struct lepton__tokenizer t = {BUCKETS, cases[c].max_words, cases[c].ngrams};
		uint32_t out[64];
		int64_t n = lepton__tokens(&t, cases[c].text, strlen(cases[c].text), out), wanted = 0;
		for (; cases[c].runs[wanted]; wanted++)
			if (wanted < n && out[wanted] != number(cases[c].runs[wanted], BUCKETS))
				fail_msg("\"%s\": number %d is not that of \"%s\"", cases[c].text, (int)wanted,
					cases[c].runs[wanted]);
		assert_int_equal(n, wanted);
		assert_int_equal(lepton__tokens(&t, cases[c].text, strlen(cases[c].text), NULL), n);
		assert_true(n <= lepton__tokens_most(&t));
	}
}

/* Any bytes are a text, and every number is below the buckets. */
static void test_any_bytes(void **state)
{
	(void)state;
	char text[4096];
	uint32_t out[3 * 500];
	uint64_t seed = 5;
	const struct lepton__tokenizer t = {13, 500, 3};
	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof text; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			text[i] = (char)(seed >> 56);
		}
		int64_t n = lepton__tokens(&t, text, sizeof text - (size_t)round, out);
		assert_true(n > 3 && n <= 1500);
		for (int64_t i = 0; i < n; i++)
			assert_true(out[i] < 13);
	}
}

/* ---- where texts lie ----------------------------------------------------------------------------------- */

static struct lepton_data_options options_of(const char *path)
{
	return (struct lepton_data_options){.format = "text", .path = path, .buckets = BUCKETS, .ngrams = 1};
}

/* Does sample i of a split have this one word, and class? */
static void holds(const struct lepton_dataset *d, enum lepton_split split, int64_t i, const char *word, int label)
{
	int64_t count;
	const uint32_t *token = lepton_dataset_tokens(d, split, i, &count);
	assert_int_equal(count, 1);
	assert_int_equal(token[0], number(word, BUCKETS));
	assert_int_equal(lepton_dataset_labels(d, split)[i], label);
}

static void test_own_test(void **state)
{
	(void)state;
	put_text(&place, "train.txt", "__label__b one\n\n  __label__a two\r\n__label__b three");
	put_text(&place, "test.txt", "__label__a four\n__label__b\n");
	struct lepton_data_options options = options_of(place.folder);
	struct lepton_dataset *d = open_table(&options);
	const struct lepton_data_info *info = lepton_dataset_info(d);
	assert_int_equal(info->classes, 2);
	assert_string_equal(info->class_names[0], "a");
	assert_string_equal(info->class_names[1], "b");
	assert_int_equal(info->tokens, BUCKETS);
	assert_int_equal(info->train, 3);
	assert_int_equal(info->test, 2);
	assert_int_equal(info->sample.dim[0], 1024);
	assert_null(info->features);
	holds(d, LEPTON_TEST, 0, "four", 0);
	int64_t count = 9;
	assert_non_null(lepton_dataset_tokens(d, LEPTON_TEST, 1, &count));
	assert_int_equal(count, 0); /* a text without words is a text */
	int seen = 0;
	for (int64_t i = 0; i < 3; i++) { /* the deal has shuffled them; each word once, with its class */
		const uint32_t *token = lepton_dataset_tokens(d, LEPTON_TRAIN, i, &count);
		int label = lepton_dataset_labels(d, LEPTON_TRAIN)[i];
		assert_int_equal(count, 1);
		if (*token == number("two", BUCKETS))
			assert_int_equal(label, 0);
		else
			assert_int_equal(label, 1);
		seen |= *token == number("one", BUCKETS)     ? 1
			: *token == number("two", BUCKETS)   ? 2
			: *token == number("three", BUCKETS) ? 4
							     : 8;
	}
	assert_int_equal(seen, 7);
	lepton_dataset_release(d);
}

/* The same texts as lines, as .gz and as folders are the same data set, to its hash. */
static void test_forms(void **state)
{
	(void)state;
	char lines[4096] = "", name[64], text[128];
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof text, "word%d and word%d, %s", i, i % 7, i % 3 ? "good" : "bad");
		snprintf(lines + strlen(lines), sizeof lines - strlen(lines), "__label__%s %s\n",
			i < 25 ? "ham" : "spam", text);
		snprintf(name, sizeof name, "texts/%s/deep/%02d.txt", i < 25 ? "ham" : "spam", i);
		put_deep(&place, name, text);
	}
	put_deep(&place, "texts/README", "no class");
	put_deep(&place, "texts/ham/.hidden", "no text");
	struct lepton_dataset *d[3];
	put_text(&place, "t.txt", lines);
	struct lepton_data_options options = {.format = "text", .path = place.path, .validation_split = 0.2};
	d[0] = open_table(&options);
	put_gz(&place, "t.txt.gz", lines, strlen(lines));
	d[1] = open_table(&options);
	path_in(place.path, sizeof place.path, place.folder, "texts");
	d[2] = open_table(&options);
	for (int i = 0; i < 3; i++) {
		const struct lepton_data_info *info = lepton_dataset_info(d[i]);
		assert_string_equal(info->hash, lepton_dataset_info(d[0])->hash);
		assert_int_equal(info->test, 8); /* a fifth of 25 and of 15 */
		assert_int_equal(info->train + info->validation, 32);
		assert_int_equal(info->validation, 7);
	}
	for (int i = 0; i < 3; i++)
		lepton_dataset_release(d[i]);
}

static void test_gather(void **state)
{
	(void)state;
	put_text(&place, "train.txt", "__label__a x\n__label__b y y\n");
	put_text(&place, "test.txt", "__label__b y x\n__label__a x\n");
	struct lepton_data_options options = options_of(place.folder);
	options.max_words = 3;
	struct lepton_dataset *d = open_table(&options);
	const uint32_t index[] = {1, 0};
	float x[6];
	int32_t y[2];
	lepton_dataset_gather(d, LEPTON_TEST, index, 2, x, y);
	assert_int_equal(y[0], 0);
	assert_int_equal(y[1], 1);
	assert_int_equal(lrintf(x[0]), number("x", BUCKETS));
	assert_int_equal(lrintf(x[3]), number("y", BUCKETS));
	assert_int_equal(lrintf(x[4]), number("x", BUCKETS));
	assert_true(isnan(x[1]) && isnan(x[2]) && isnan(x[5]));
	lepton_dataset_release(d);
}

/* Other texts, by the classes of the first; without classes a file is a text, or a line is. */
static void test_like(void **state)
{
	(void)state;
	struct lepton_error err = {0};
	struct lepton_dataset *d, *other = NULL;
	put_deep(&place, "in/a/1", "one");
	put_deep(&place, "in/b/2", "two");
	put_deep(&place, "in/b/3", "three");
	path_in(place.path, sizeof place.path, place.folder, "in");
	struct lepton_data_options options = options_of(place.path);
	d = open_table(&options);
	put_deep(&place, "more/b/1", "four");
	path_in(place.path, sizeof place.path, place.folder, "more");
	assert_int_equal(lepton_dataset_open_like(d, place.path, true, &other, &err), 0);
	assert_int_equal(lepton_dataset_count(other, LEPTON_TEST), 1);
	assert_int_equal(lepton_dataset_count(other, LEPTON_TRAIN), lepton_dataset_count(d, LEPTON_TRAIN));
	holds(other, LEPTON_TEST, 0, "four", 1);
	lepton_dataset_release(other);
	assert_int_equal(lepton_dataset_open_like(d, place.path, false, &other, &err), 0);
	holds(other, LEPTON_TEST, 0, "four", 0);
	lepton_dataset_release(other);
	put_text(&place, "t.txt", "one\ntwo\n");
	assert_int_equal(lepton_dataset_open_like(d, place.path, false, &other, &err), 0);
	assert_int_equal(lepton_dataset_count(other, LEPTON_TEST), 1); /* lines were not what it learned from */
	lepton_dataset_release(other);
	lepton_dataset_release(d);
	put_text(&place, "l.txt", "__label__a one\n__label__b two\n__label__b three\n");
	options = options_of(place.path);
	d = open_table(&options);
	put_text(&place, "t.txt", "__label__a one\ntwo\n");
	assert_int_equal(lepton_dataset_open_like(d, place.path, false, &other, &err), 0);
	assert_int_equal(lepton_dataset_count(other, LEPTON_TEST), 2);
	holds(other, LEPTON_TEST, 0, "one", 0);
	holds(other, LEPTON_TEST, 1, "two", 0);
	lepton_dataset_release(other);
	lepton_dataset_release(d);
}

/* ---- what is wrong ---------------------------------------------------------------------------------------- */

static void refused(struct lepton_data_options options, const char *words)
{
	struct lepton_dataset *d = NULL;
	struct lepton_error err = {0};
	int code = lepton_dataset_open(&options, &d, &err);
	assert_null(d);
	assert_int_not_equal(code, 0);
	if (!strstr(err.message, words))
		fail_msg("said \"%s\", expected \"%s\"", err.message, words);
}

static void test_lines_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"__label__a x\ny\n", ":2: begins with no __label__CLASS"},
		{"\n__label__a __label__b x\n", ":2: two labels"},
		{"__label__a x\n__label__a y\n", "all texts are of one class, \"a\""},
		{"__label__ x\n", ":1: no name of a class"},
		{"__label__\xFF x\n", ":1: no name of a class"},
		{"\n \n", "there is no text in it"},
		{"", "the file is empty"},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		put_text(&place, "t.txt", cases[c].text);
		refused(options_of(place.path), cases[c].words);
	}
	char many[8192] = "";
	for (int i = 0; i < 257; i++)
		snprintf(many + strlen(many), sizeof many - strlen(many), "__label__%d x\n", i);
	put_text(&place, "t.txt", many);
	refused(options_of(place.path), ":257: more than 256 different classes");
}

static void test_places_wrong(void **state)
{
	(void)state;
	refused(options_of("/nowhere/at/all"), "no such file or folder");
	refused(options_of(place.folder), "no texts in it; it holds a folder for each class");
	put_text(&place, "train.txt", "__label__a x\n__label__b y\n");
	put_text(&place, "test.txt", "__label__c x\n");
	refused(options_of(place.folder), "test.txt:1: \"c\" is no class of the training data");
	struct lepton_data_options options = options_of(place.folder);
	options.test_split = 0.5;
	refused(options, "\"test_split\" is for texts in one place");
	options = options_of(place.folder);
	options.ngrams = 9;
	refused(options, "\"ngrams\" from 1 to 8");
	options = options_of(place.folder);
	options.buckets = 1;
	refused(options, "\"buckets\" goes from 2");
	put_deep(&place, "half/train/a/1", "x");
	path_in(place.path, sizeof place.path, place.folder, "half");
	refused(options_of(place.path), "there is train/ in it, but no test/ beside it");
	put_deep(&place, "round/a/1", "x");
	char back[300];
	snprintf(back, sizeof back, "%.200s/round/a/back", place.folder);
	assert_int_equal(symlink("..", back), 0);
	path_in(place.path, sizeof place.path, place.folder, "round");
	refused(options_of(place.path), "folders deep");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test_setup_teardown(test_own_test, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forms, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_gather, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_like, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lines_wrong, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_places_wrong, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
