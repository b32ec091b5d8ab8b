/* data/ratings.c - ratings held as a table of two features, the numbers of user and item, and a quantity to
 * learn.
 *
 * So every part of the program that knows tables knows them too. Ratings are held as they are. Users and
 * items are numbered as they come; those of the test that the training part does not have are known by a
 * number as well, but nothing of them is learned. Rows are dealt as a table's without classes.
 */
#include "config.h"
#include "data/ratings.h"
#include "data/deal.h"
#include "data/number.h"
#include "data/plan.h"
#include "data/ratings_rows.h"
#include "data/table_file.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct held { /* one rating */
	float user, item, rating;
};

struct reading {
	struct held *held;
	int64_t count;
	size_t capacity;
};

void lepton__ratings_free(struct lepton__ratings *ratings)
{
	lepton__words_free(&ratings->users);
	lepton__words_free(&ratings->items);
	for (int k = 0; k < LEPTON__RATING_COLUMNS; k++)
		lepton__free(ratings->column[k]);
	memset(ratings, 0, sizeof *ratings);
}

/* ---- one row ---- */

static int read_name(const struct lepton__rows *rows, const struct lepton__cell *cell, const char *what,
	struct lepton__words *words, bool grow, float *out, struct lepton_error *err)
{
	int number;
	*out = NAN;
	if (cell->length < 1 || cell->length > LEPTON__WORD_MAX)
		return lepton__rows_fault(rows, what, err, "no name: empty, or too long");
	if (!grow) {
		number = lepton__words_find(words, cell->text, cell->length);
		*out = number < 0 ? NAN : (float)number;
		return LEPTON_OK;
	}
	if (words->count == LEPTON__NAMES_MAX)
		return lepton__rows_fault(rows, what, err, "more than %d different ones", LEPTON__NAMES_MAX);
	int code = lepton__words_add(words, cell->text, cell->length, &number, err);
	*out = (float)number;
	return code;
}

static int read_rating(const struct lepton__rows *rows, const struct lepton__cell *cell, float *out,
	struct lepton_error *err)
{
	double value;
	if (lepton__number_read(cell->text, cell->length, &value) != LEPTON__CELL_NUMBER)
		return lepton__rows_fault(rows, "rating", err, "\"%.*s\" is no number a rating can be",
			(int)(cell->length < 40 ? cell->length : 40), cell->text);
	*out = (float)value;
	return LEPTON_OK;
}

static int read_row(const struct lepton__ratings_rows *r, struct lepton__ratings *ratings, bool grow,
	bool with_target, struct held *out, struct lepton_error *err)
{
	const struct lepton__cell *cell = r->rows.cell;
	*out = (struct held){0, 0, 0};
	int code = read_name(
		&r->rows, &cell[r->at[LEPTON__USER]], "user", &ratings->users, grow, &out->user, err);
	if (!code)
		code = read_name(
			&r->rows, &cell[r->at[LEPTON__ITEM]], "item", &ratings->items, grow, &out->item, err);
	if (!code && with_target)
		code = read_rating(&r->rows, &cell[r->at[LEPTON__RATING]], &out->rating, err);
	return code;
}

static int read_file(const char *path, struct lepton__ratings *ratings, bool grow, bool with_target,
	struct reading *out, struct lepton_error *err)
{
	struct lepton__ratings_rows r = {0};
	bool more = true;
	int code = lepton__ratings_rows_open(&r, path, ratings->column, with_target, err);
	while (!code && !(code = r.rows.next(&r.rows, &more, err)) && more) {
		if (out->count == LEPTON__SAMPLES_MAX)
			code = lepton__rows_fault(&r.rows, NULL, err,
				"more rows than the %" PRId64 " there may be", LEPTON__SAMPLES_MAX);
		else if (lepton__grow(&out->held, &out->capacity, (size_t)out->count + 1, sizeof *out->held))
			code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for ratings");
		else
			code = read_row(&r, ratings, grow, with_target, &out->held[out->count++], err);
	}
	if (!code && out->count < 1)
		code = lepton_error_set(
			err, LEPTON_E_DATA, "%.*s: there is no rating in it", LEPTON__PATH_SHOWN, path);
	lepton__rows_close(&r.rows);
	return code;
}

/* ---- the parts ---- */

/* Those that the deal puts there, or all where there is none. */
static int fill_part(const struct reading *reading, const struct lepton__deal *deal, bool test,
	struct lepton__part *part, struct lepton_error *err)
{
	uint8_t *values, *targets;
	int64_t count = !deal ? reading->count : test ? deal->test_count : deal->train_count;
	int code = lepton__block_new((size_t)count * 2 * sizeof(float) + 1, &part->blocks[0], &values, err);
	if (!code)
		code = lepton__block_new((size_t)count * sizeof(float) + 1, &part->blocks[1], &targets, err);
	if (code)
		return code;
	float *x = (float *)(void *)values, *y = (float *)(void *)targets;
	for (int64_t i = 0; i < reading->count; i++) {
		const struct held *held = &reading->held[i];
		int64_t at = deal ? deal->place[i] : i;
		if (deal && deal->test[i] != test)
			continue;
		x[2 * at] = held->user;
		x[2 * at + 1] = held->item;
		y[at] = held->rating;
	}
	part->count = count;
	part->values = x;
	part->targets = y;
	return LEPTON_OK;
}

static int split(const struct reading *reading, double share, const struct lepton_data_options *options,
	struct lepton__samples *out, struct lepton_error *err)
{
	struct lepton__deal deal = {0};
	int code = lepton__deal(reading->count, NULL, 0, share, options->split_seed, &deal, err);
	if (!code)
		code = fill_part(reading, &deal, false, &out->train, err);
	if (!code)
		code = fill_part(reading, &deal, true, &out->test, err);
	lepton__deal_free(&deal);
	return code;
}

/* Two features that are taken as they are, and a quantity. */
static int make_plan(struct lepton__plan **out, struct lepton_error *err)
{
	struct lepton__plan *plan = *out = lepton__calloc(1, sizeof *plan);
	if (!plan)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for ratings");
	*plan = (struct lepton__plan){.target_scale = 1, .regression = true, .features = 2};
	plan->feature = lepton__calloc(2, sizeof *plan->feature);
	plan->fill = lepton__calloc(2, sizeof *plan->fill);
	bool failed = !plan->feature || !plan->fill || !(plan->feature[0] = lepton__strdup("user")) ||
		      !(plan->feature[1] = lepton__strdup("item"));
	return failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for ratings") : LEPTON_OK;
}

static int copy_names(
	struct lepton__ratings *ratings, const struct lepton_data_options *options, struct lepton_error *err)
{
	const char *const names[LEPTON__RATING_COLUMNS] = {options->user, options->item, options->rating};
	for (int k = 0; k < LEPTON__RATING_COLUMNS; k++)
		if (names[k] && !(ratings->column[k] = lepton__strdup(names[k])))
			return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for ratings");
	return LEPTON_OK;
}

/* ---- the whole ---- */

int lepton__ratings_more(const char *path, const struct lepton__ratings *ratings, bool with_target,
	struct lepton__part *out, struct lepton_error *err)
{
	struct reading reading = {0};
	struct lepton__ratings known = *ratings; /* which nothing is added to */
	int code = read_file(path, &known, false, with_target, &reading, err);
	if (!code)
		code = fill_part(&reading, NULL, false, out, err);
	lepton__free(reading.held);
	return code;
}

static int open_ratings(
	const struct lepton_data_options *options, struct lepton__samples *out, struct lepton_error *err)
{
	struct reading reading = {0}, test = {0};
	char *file = NULL, *own = NULL;
	double share = options->test_split > 0 ? options->test_split : LEPTON__TEST_SPLIT;
	int code = make_plan(&out->plan, err);
	if (!code)
		code = copy_names(&out->ratings, options, err);
	if (!code)
		code = lepton__table_find(options->path, "csv", false, &file, &own, err);
	if (!code && own && options->test_split > 0)
		code = lepton_error_set(err, LEPTON_E_USAGE,
			"data: \"test_split\" is for a single file, but %.*s is a folder with a test of its "
			"own",
			LEPTON__PATH_SHOWN, options->path);
	if (!code)
		code = read_file(file, &out->ratings, true, true, &reading, err);
	if (!code && own) /* before the counts are said: it may have users of its own */
		code = read_file(own, &out->ratings, true, true, &test, err);
	if (!code)
		code = split(&reading, own ? 0 : share, options, out, err);
	for (int i = 0; i < 2 && !code && own; i++)
		lepton__block_free(&out->test.blocks[i]);
	if (!code && own)
		code = fill_part(&test, NULL, true, &out->test, err);
	out->shape = (struct lepton_shape){1, {2}};
	lepton__free(reading.held);
	lepton__free(test.held);
	lepton__free(file);
	lepton__free(own);
	return code;
}

const struct lepton__data_format lepton__format_ratings = {"ratings", open_ratings, NULL};
