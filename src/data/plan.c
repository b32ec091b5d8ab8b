/* data/plan.c - columns: numbers standardised, words one-hot, in three passes over the rows.
 *
 * Any value that is no number makes a column one of categories. A missing number is held as NaN, for trees
 * find the better side for it; for all others it counts as the column's mean. A missing category, or one that
 * the training rows do not have, is all zeros.
 */
#include "config.h"
#include "data/plan.h"
#include "data/number.h"
#include "data/table_file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "lepton/option.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void lepton__plan_free(struct lepton__plan *plan)
{
	for (int i = 0; plan->column && i < plan->names.count; i++)
		lepton__words_free(&plan->column[i].words);
	for (int f = 0; plan->feature && f < plan->features; f++)
		lepton__free(plan->feature[f]);
	lepton__free(plan->column);
	lepton__free(plan->feature);
	lepton__free(plan->fill);
	lepton__words_free(&plan->names);
	lepton__words_free(&plan->classes);
	*plan = (struct lepton__plan){0};
}

const char *lepton__plan_name(const struct lepton__plan *plan, int column)
{
	return plan->names.word[column];
}

const char *lepton__plan_near(const struct lepton__plan *plan, const char *name)
{
	return lepton_suggest(name, (const char *const *)plan->names.word, (size_t)plan->names.count);
}

/* ---- which column is what ---- */

static int no_column(const struct lepton__plan *plan, const struct lepton__rows *rows, const char *what,
	const char *name, struct lepton_error *err)
{
	const char *near = lepton__plan_near(plan, name);
	return lepton__rows_fault(rows, NULL, err, "no column \"%.60s\", which \"%s\" names; %s%.60s%s", name,
		what, near ? "did you mean \"" : "the last one is \"",
		near ? near : lepton__plan_name(plan, plan->names.count - 1), near ? "\"?" : "\"");
}

static int find_column(const struct lepton__plan *plan, const struct lepton__rows *rows, const char *what,
	const char *name, int *out, struct lepton_error *err)
{
	*out = lepton__words_find(&plan->names, name, strlen(name));
	return *out < 0 ? no_column(plan, rows, what, name, err) : LEPTON_OK;
}

int lepton__plan_columns(struct lepton__plan *plan, const struct lepton__rows *rows,
	const struct lepton_data_options *options, struct lepton_error *err)
{
	int code = LEPTON_OK, at;
	plan->raw = options->raw;
	plan->regression = options->task && strcmp(options->task, "regression") == 0;
	plan->target = plan->names.count - 1;
	plan->column = lepton__calloc((size_t)plan->names.count, sizeof *plan->column);
	if (!plan->column)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a table's columns");
	if (options->target)
		code = find_column(plan, rows, "target", options->target, &plan->target, err);
	for (size_t i = 0; !code && options->ignore && options->ignore[i]; i++) {
		code = find_column(plan, rows, "ignore", options->ignore[i], &at, err);
		if (!code)
			plan->column[at].kind = LEPTON__COLUMN_IGNORED;
	}
	if (!code && plan->column[plan->target].kind == LEPTON__COLUMN_IGNORED)
		code = lepton__rows_fault(rows, lepton__plan_name(plan, plan->target), err,
			"the target cannot be ignored; name another one as \"target\"");
	if (!code)
		plan->column[plan->target].kind = LEPTON__COLUMN_TARGET;
	return code;
}

/* ---- survey ---- */

static int out_of_range(const struct lepton__plan *plan, const struct lepton__rows *rows,
	const struct lepton__cell *cell, struct lepton_error *err)
{
	return lepton__rows_fault(rows, lepton__plan_name(plan, cell->column), err,
		"%.*s is no number that float32 holds; leave the cell empty if it is missing",
		(int)(cell->length < 40 ? cell->length : 40), cell->text);
}

static bool is_feature(const struct lepton__plan *plan, const struct lepton__cell *cell)
{
	return cell->column >= 0 && plan->column[cell->column].kind <= LEPTON__COLUMN_CATEGORICAL;
}

static int not_a_number(const struct lepton__plan *plan, const struct lepton__rows *rows,
	const struct lepton__cell *cell, struct lepton_error *err)
{
	return lepton__rows_fault(rows, lepton__plan_name(plan, cell->column), err,
		"\"%.*s\" is no number, as all values of the training rows are",
		(int)(cell->length < 40 ? cell->length : 40), cell->text);
}

int lepton__plan_survey(struct lepton__plan *plan, const struct lepton__rows *rows, struct lepton_error *err)
{
	for (int i = 0; i < rows->count; i++) {
		const struct lepton__cell *cell = &rows->cell[i];
		double value;
		if (!is_feature(plan, cell))
			continue;
		struct lepton__column *column = &plan->column[cell->column];
		enum lepton__cell_kind kind = lepton__number_read(cell->text, cell->length, &value);
		column->seen += kind != LEPTON__CELL_MISSING;
		if (kind == LEPTON__CELL_WORD && rows->sparse)
			return not_a_number(plan, rows, cell, err);
		if (kind == LEPTON__CELL_WORD)
			column->kind = LEPTON__COLUMN_CATEGORICAL;
		else if (kind == LEPTON__CELL_OUT_OF_RANGE)
			return out_of_range(plan, rows, cell, err);
	}
	return LEPTON_OK;
}

int lepton__plan_check(const struct lepton__plan *plan, const char *path, struct lepton_error *err)
{
	int features = 0;
	for (int i = 0; i < plan->names.count; i++) {
		if (plan->column[i].kind > LEPTON__COLUMN_CATEGORICAL)
			continue;
		features++;
		if (!plan->column[i].seen && !plan->sparse)
			return lepton_error_set(err, LEPTON_E_DATA,
				"%.*s: column \"%.60s\" is empty; leave it out with \"ignore\"",
				LEPTON__PATH_SHOWN, path, lepton__plan_name(plan, i));
	}
	if (!features)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: no column is left to learn from beside the target \"%.60s\"; is \"separator\" "
			"right?",
			LEPTON__PATH_SHOWN, path, lepton__plan_name(plan, plan->target));
	return LEPTON_OK;
}

/* ---- study ---- */

static int add_category(struct lepton__plan *plan, const struct lepton__rows *rows,
	const struct lepton__cell *cell, struct lepton_error *err)
{
	struct lepton__column *column = &plan->column[cell->column];
	const char *name = lepton__plan_name(plan, cell->column);
	int number;
	if (cell->length > LEPTON__WORD_MAX)
		return lepton__rows_fault(rows, name, err,
			"a value of %zu bytes is too long for a category; leave the column out with "
			"\"ignore\"",
			cell->length);
	if (!lepton__utf8_valid(cell->text, cell->length))
		return lepton__rows_fault(rows, name, err, "not UTF-8; save the file as UTF-8");
	int code = lepton__words_add(&column->words, cell->text, cell->length, &number, err);
	if (!code && column->words.count > LEPTON__CATEGORIES_MAX)
		return lepton__rows_fault(rows, name, err,
			"more than %d different words, \"%.40s\" the last, are no categories; leave it out "
			"with "
			"\"ignore\", or write numbers with a point",
			LEPTON__CATEGORIES_MAX, column->words.word[number]);
	return code;
}

int lepton__plan_study(struct lepton__plan *plan, const struct lepton__rows *rows, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int i = 0; i < rows->count && !code; i++) {
		const struct lepton__cell *cell = &rows->cell[i];
		double value;
		if (!is_feature(plan, cell))
			continue;
		struct lepton__column *column = &plan->column[cell->column];
		enum lepton__cell_kind kind = lepton__number_read(cell->text, cell->length, &value);
		if (kind == LEPTON__CELL_MISSING)
			continue;
		if (column->kind == LEPTON__COLUMN_CATEGORICAL)
			code = add_category(plan, rows, cell, err);
		else if (kind == LEPTON__CELL_NUMBER)
			lepton__moments_add(&column->moments, value);
	}
	return code;
}

/* ---- the features ---- */

static int too_many(const struct lepton__plan *plan, const char *path, struct lepton_error *err)
{
	int widest = 0;
	for (int i = 0; i < plan->names.count; i++)
		if (plan->column[i].words.count > plan->column[widest].words.count)
			widest = i;
	return lepton_error_set(err, LEPTON_E_DATA,
		"%.*s: with a column for each category there are more than %d; the most, %d, come of "
		"\"%.60s\": "
		"leave it out with \"ignore\"",
		LEPTON__PATH_SHOWN, path, LEPTON__FEATURES_MAX, plan->column[widest].words.count,
		lepton__plan_name(plan, widest));
}

/* The features of one column: their names, and what stands for a missing value. */
static int name_features(struct lepton__plan *plan, int i)
{
	const struct lepton__column *column = &plan->column[i];
	const char *name = lepton__plan_name(plan, i);
	if (column->kind == LEPTON__COLUMN_NUMERIC) {
		plan->feature[column->feature] = lepton__strdup(name);
		plan->fill[column->feature] = plan->raw ? (float)column->moments.mean : 0;
		return plan->feature[column->feature] ? LEPTON_OK : LEPTON_E_NOMEM;
	}
	for (int w = 0; column->kind == LEPTON__COLUMN_CATEGORICAL && w < column->words.count; w++) {
		plan->feature[column->feature + w] = lepton__format("%s=%s", name, column->words.word[w]);
		if (!plan->feature[column->feature + w])
			return LEPTON_E_NOMEM;
	}
	return LEPTON_OK;
}

static void set_scale(const struct lepton__plan *plan, struct lepton__column *column, int64_t trained)
{
	if (plan->sparse)
		lepton__moments_add_zeros(&column->moments, trained - column->moments.n);
	column->mean = plan->raw ? 0 : column->moments.mean;
	column->scale = plan->raw ? 1 : lepton__moments_scale(&column->moments);
}

static int count_features(
	struct lepton__plan *plan, const char *path, int64_t trained, struct lepton_error *err)
{
	int features = 0, code = LEPTON_OK;
	for (int i = 0; i < plan->names.count && !code; i++) {
		struct lepton__column *column = &plan->column[i];
		column->feature = features;
		if (column->kind == LEPTON__COLUMN_NUMERIC) {
			set_scale(plan, column, trained);
			features++;
		} else if (column->kind == LEPTON__COLUMN_CATEGORICAL) {
			code = lepton__words_sort(&column->words, NULL, err);
			features += column->words.count;
		}
		if (!code && features > LEPTON__FEATURES_MAX)
			code = too_many(plan, path, err);
	}
	plan->features = features;
	return code;
}

int lepton__plan_finish(
	struct lepton__plan *plan, const char *path, int64_t trained, struct lepton_error *err)
{
	int code = count_features(plan, path, trained, err);
	if (code)
		return code;
	if (!plan->features) /* words in the file, but none in the rows that train */
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: the training rows have no values to learn from", LEPTON__PATH_SHOWN, path);
	plan->feature = lepton__calloc((size_t)plan->features, sizeof *plan->feature);
	plan->fill = lepton__calloc((size_t)plan->features, sizeof *plan->fill);
	if (!plan->feature || !plan->fill)
		code = LEPTON_E_NOMEM;
	for (int i = 0; i < plan->names.count && !code; i++)
		code = name_features(plan, i);
	return code ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the names of features")
		    : LEPTON_OK;
}

/* ---- encode ---- */

static int encode_number(const struct lepton__plan *plan, const struct lepton__rows *rows,
	const struct lepton__cell *cell, float *out, struct lepton_error *err)
{
	const struct lepton__column *column = &plan->column[cell->column];
	double value;
	enum lepton__cell_kind kind = lepton__number_read(cell->text, cell->length, &value);
	if (kind == LEPTON__CELL_WORD)
		return not_a_number(plan, rows, cell, err);
	*out = kind == LEPTON__CELL_MISSING ? NAN : (float)((value - column->mean) / column->scale);
	if (kind == LEPTON__CELL_OUT_OF_RANGE || isinf(*out))
		return out_of_range(plan, rows, cell, err);
	return LEPTON_OK;
}

static void start_row(const struct lepton__plan *plan, const struct lepton__rows *rows, float *x)
{
	memset(x, 0, (size_t)plan->features * sizeof *x);
	for (int i = 0; rows->sparse && i < plan->names.count; i++) {
		const struct lepton__column *column = &plan->column[i];
		if (column->kind == LEPTON__COLUMN_NUMERIC)
			x[column->feature] = (float)((0 - column->mean) / column->scale);
	}
}

int lepton__plan_encode(
	const struct lepton__plan *plan, const struct lepton__rows *rows, float *x, struct lepton_error *err)
{
	int code = LEPTON_OK;
	start_row(plan, rows, x);
	for (int i = 0; i < rows->count && !code; i++) {
		const struct lepton__cell *cell = &rows->cell[i];
		if (!is_feature(plan, cell))
			continue;
		const struct lepton__column *column = &plan->column[cell->column];
		int word = column->kind == LEPTON__COLUMN_CATEGORICAL
				   ? lepton__words_find(&column->words, cell->text, cell->length)
				   : -1;
		if (column->kind == LEPTON__COLUMN_NUMERIC)
			code = encode_number(plan, rows, cell, &x[column->feature], err);
		else if (word >= 0)
			x[column->feature + word] = 1;
	}
	return code;
}
