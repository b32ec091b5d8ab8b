/* tests/test_data_ratings.c - ratings in the forms that they come in, and what is wrong with them. */
#include "config.h"
#include "text_make.h"

#include <math.h>

#define USERS 7
#define ITEMS 5

static struct lepton_data_options options_of(const char *path)
{
	return (struct lepton_data_options){.format = "ratings", .path = path};
}

/* Each user rates most items: user u, called "7" and so on, gives item i (u + 2 i) mod 10 / 2 points. */
static int write_all(char *out, size_t size, const char *head, const char *between, const char *end, bool rating_first)
{
	int count = 0;
	snprintf(out, size, "%s", head);
	for (int u = 0; u < USERS; u++)
		for (int i = 0; i < ITEMS; i++) {
			size_t used = strlen(out);
			double points = (u + 2 * i) % 10 / 2.0;
			if ((u + i) % 4 == 3)
				continue;
			count++;
			if (rating_first)
				snprintf(out + used, size - used, "%g%s\"%d\"%s%d%s", points, between, u + 7, between,
					i + 100, end);
			else
				snprintf(out + used, size - used, "%d%s%d%s%g%s", u + 7, between, i + 100, between,
					points, end);
		}
	return count;
}

/* MovieLens's three forms, quoted csv and .gz are one data set, to its hash. */
static void test_forms(void **state)
{
	(void)state;
	static const struct {
		const char *name, *head, *between, *end;
		bool rating_first;
	} forms[] = {
		{"u.data", "", "\t", "\t881250949\n", false},
		{"ratings.dat", "", "::", "::978300760\n", false},
		{"ratings.csv", "userId,movieId,rating,timestamp\n", ",", ",1260759144\n", false},
		{"t.csv", "\"rating of it\";who;which\n", ";", "\n", true},
		{"three.csv", "", ",", "\n", false},
		{"user.csv", "\nuser_id,\"item_id\",stars\r\n", ",", "\r\n", false},
	};
	char text[4096], first[LEPTON_HASH_HEX] = "";
	for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
		struct lepton_data_options options = options_of(place.path);
		int count = write_all(
			text, sizeof text, forms[f].head, forms[f].between, forms[f].end, forms[f].rating_first);
		if (forms[f].rating_first) {
			options.user = "who";
			options.item = "which";
			options.rating = "rating of it";
		}
		put_text(&place, forms[f].name, text);
		struct lepton_dataset *d = open_table(&options);
		const struct lepton_data_info *info = lepton_dataset_info(d);
		assert_int_equal(info->users, USERS);
		assert_int_equal(info->items, ITEMS);
		assert_int_equal(info->train + info->test, count);
		assert_int_equal(info->test, (int)floor(count * 0.2 + 0.5));
		assert_true(info->regression);
		assert_string_equal(info->target, "rating");
		if (!f)
			memcpy(first, info->hash, sizeof first);
		assert_string_equal(info->hash, first);
		lepton_dataset_release(d);
	}
	put_gz(&place, "t.csv.gz", text, strlen(text));
	struct lepton_data_options options = options_of(place.path);
	struct lepton_dataset *d = open_table(&options);
	assert_string_equal(lepton_dataset_info(d)->hash, first);
	lepton_dataset_release(d);
}

/* Numbers are given as names come; each rating is there once. */
static void test_values(void **state)
{
	(void)state;
	char text[4096];
	bool seen[USERS][ITEMS] = {{false}};
	int all = 0;
	int count = write_all(text, sizeof text, "", "::", "::0\n", false);
	put_text(&place, "ratings.dat", text);
	struct lepton_data_options options = options_of(place.path);
	options.validation_split = 0.25;
	options.test_split = 0.5;
	struct lepton_dataset *d = open_table(&options);
	for (int s = LEPTON_TRAIN; s <= LEPTON_TEST; s++)
		for (int64_t i = 0; i < lepton_dataset_count(d, (enum lepton_split)s); i++, all++) {
			const float *x = lepton_dataset_values(d, (enum lepton_split)s) + 2 * i;
			int u = (int)x[0], v = (int)x[1];
			int item = v < 3 ? v : v == 3 ? 4 : 3; /* user 7 left item 103 out, so 104 came before it */
			assert_true(u < USERS && v < ITEMS && !seen[u][v]);
			seen[u][v] = true;
			double rating = (double)lepton_dataset_targets(d, (enum lepton_split)s)[i];
			assert_true(fabs(rating - (u + 2 * item) % 10 / 2.0) < 1e-9);
		}
	assert_int_equal(all, count);
	lepton_dataset_release(d);
}

/* A test of its own; and other pairs, whose ratings need not be there. */
static void test_other_files(void **state)
{
	(void)state;
	struct lepton_error err = {0};
	struct lepton_dataset *d, *other = NULL;
	put_text(&place, "train.csv", "userId,movieId,rating\na,x,1\nb,y,2\n");
	put_text(&place, "test.csv", "rating,userId,movieId\n3,b,x\n4,c,z\n");
	struct lepton_data_options options = options_of(place.folder);
	d = open_table(&options);
	const struct lepton_data_info *info = lepton_dataset_info(d);
	assert_int_equal(info->train, 2);
	assert_int_equal(info->test, 2);
	assert_int_equal(info->users, 3);
	assert_int_equal(lrintf(lepton_dataset_values(d, LEPTON_TEST)[0]), 1);
	assert_int_equal(lrintf(lepton_dataset_values(d, LEPTON_TEST)[2]), 2);
	put_text(&place, "t.csv", "movieId,userId\ny,a\ny,nobody\n");
	assert_int_equal(lepton_dataset_open_like(d, place.path, false, &other, &err), 0);
	assert_int_equal(lepton_dataset_count(other, LEPTON_TEST), 2);
	const float *x = lepton_dataset_values(other, LEPTON_TEST);
	assert_int_equal(lrintf(x[0]), 0);
	assert_int_equal(lrintf(x[1]), 1);
	assert_true(isnan(x[2]));
	lepton_dataset_release(other);
	assert_int_equal(lepton_dataset_open_like(d, place.path, true, &other, &err), LEPTON_E_DATA);
	assert_non_null(strstr(err.message, "no column is called rating"));
	put_text(&place, "t.csv", "a,y\n");
	assert_int_equal(lepton_dataset_open_like(d, place.path, false, &other, &err), 0);
	lepton_dataset_release(other);
	put_text(&place, "t.csv", "a,y,5\n");
	assert_int_equal(lepton_dataset_open_like(d, place.path, true, &other, &err), 0);
	assert_int_equal(lrintf(lepton_dataset_targets(other, LEPTON_TEST)[0]), 5);
	lepton_dataset_release(other);
	lepton_dataset_release(d);
}

static void test_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"userId,movieId,rating\na,x,good\n", ":2: column \"rating\": \"good\" is no number"},
		{"userId,movieId,rating\na,x,\n", "is no number a rating can be"},
		{"a\tx\t3\na\tx\tinf\n", ":2: column \"rating\": \"inf\" is no number"},
		{"userId,movieId,rating\n,x,3\n", ":2: column \"user\": no name"},
		{"userId,movieId,rating\na,x\n", ":2: 2 cells, expected 3"},
		{"1::2::3::4\n1::2::3\n", ":2: 3 cells, expected 4"},
		{"1::2\n", ":1: 2 cells; a row is user, item, rating"},
		{"who,movieId,rating\na,x,3\n", "no column is called userId, user or the like; name it by \"user\""},
		{"userId,movieId,rating\n", "there is no rating in it"},
		{"\n\n", "nothing in it but blank lines"},
		{"", "the file is empty"},
		{"userId,movieId,rating\na,x\x01,3\n", "a byte 0x01"},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct lepton_dataset *d = NULL;
		struct lepton_error err = {0};
		put_text(&place, "t.csv", cases[c].text);
		struct lepton_data_options options = options_of(place.path);
		assert_int_equal(lepton_dataset_open(&options, &d, &err), LEPTON_E_DATA);
		if (!strstr(err.message, cases[c].words))
			fail_msg("said \"%s\", expected \"%s\"", err.message, cases[c].words);
	}
	struct lepton_dataset *d = NULL;
	struct lepton_error err = {0};
	put_text(&place, "t.csv", "userId,movieId,rating\na,x,3\n");
	struct lepton_data_options options = options_of(place.path);
	options.item = "moveId";
	assert_int_equal(lepton_dataset_open(&options, &d, &err), LEPTON_E_DATA);
	assert_non_null(strstr(err.message, "no column \"moveId\"; did you mean \"movieId\"?"));
	put_text(&place, "t.csv", "a,x,3\n");
	assert_int_equal(lepton_dataset_open(&options, &d, &err), LEPTON_E_DATA);
	assert_non_null(strstr(err.message, "\"item\" has no meaning"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_forms, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
