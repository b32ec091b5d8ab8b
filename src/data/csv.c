/* data/csv.c - tables with a row of names and cells between commas, semicolons or tabs. */
#include "config.h"
#include "data/csv_read.h"
#include "data/number.h"
#include "data/table.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <string.h>

#define NAME_MAX_BYTES 255

/* A name for each column. Rows without names have column 1, column 2, …, and so has a column whose name is
 * empty: `number` says which, from 0. */
static int name_of(
	const struct lepton__rows *rows, int i, bool named, int number, char **out, struct lepton_error *err)
{
	const struct lepton__cell *cell = &rows->cell[i];
	*out = named && cell->length ? lepton__strndup(cell->text, cell->length)
				     : lepton__format("column %d", number + 1);
	if (!*out)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the names of columns");
	if (named && (cell->length > NAME_MAX_BYTES || !lepton__utf8_valid(cell->text, cell->length)))
		return lepton__rows_fault(rows, NULL, err,
			"the name of column %d is no name: it is not UTF-8, or longer than %d bytes", i + 1,
			NAME_MAX_BYTES);
	return LEPTON_OK;
}

static int add_names(
	struct lepton__plan *plan, const struct lepton__rows *rows, bool named, struct lepton_error *err)
{
	int code = LEPTON_OK, number;
	if (rows->count < 2)
		return lepton__rows_fault(rows, NULL, err,
			"only one column; a table has two at least, between , or ; or tabs (set "
			"\"separator\")");
	if (rows->count > LEPTON__FEATURES_MAX)
		return lepton__rows_fault(rows, NULL, err, "%d columns, but a table has up to %d",
			rows->count, LEPTON__FEATURES_MAX);
	for (int i = 0; i < rows->count && !code; i++) {
		char *name = NULL;
		code = name_of(rows, i, named, i, &name, err);
		if (!code)
			code = lepton__words_add(&plan->names, name, strlen(name), &number, err);
		if (!code && number < i)
			code = lepton__rows_fault(rows, NULL, err,
				"columns %d and %d are both called \"%.60s\"", number + 1, i + 1, name);
		lepton__free(name);
	}
	return code;
}

/* ---- the columns of a further file ---- */

/* Columns without names are counted; `skipped` is not among them. */
static int match_one(struct lepton__rows *rows, const struct lepton__plan *plan, int i, bool named,
	int skipped, bool *there, struct lepton_error *err)
{
	char *name = NULL;
	int code = name_of(rows, i, named, i + (i >= skipped), &name, err);
	int at = code ? -1 : lepton__words_find(&plan->names, name, strlen(name));
	const char *near = code || at >= 0 ? NULL : lepton__plan_near(plan, name);
	if (!code && at < 0)
		code = lepton__rows_fault(rows, NULL, err,
			"column \"%.60s\" is not in the training data%s%.60s%s", name,
			near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	else if (!code && there[at])
		code = lepton__rows_fault(rows, NULL, err, "column \"%.60s\" is there twice", name);
	else if (!code)
		there[at] = true;
	rows->column[i] = at;
	lepton__free(name);
	return code;
}

static int match_columns(struct lepton__rows *rows, const struct lepton__plan *plan, bool named,
	bool with_target, struct lepton_error *err)
{
	bool *there = lepton__calloc((size_t)plan->names.count, sizeof *there);
	rows->column = lepton__calloc((size_t)rows->count, sizeof *rows->column);
	int code = there && rows->column ? LEPTON_OK
					 : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for columns");
	bool lacks_target = !named && !with_target && rows->count == plan->names.count - 1;
	int skipped = lacks_target ? plan->target : rows->count;
	for (int i = 0; i < rows->count && !code; i++)
		code = match_one(rows, plan, i, named, skipped, there, err);
	for (int i = 0; i < plan->names.count && !code; i++) {
		enum lepton__column_kind kind = plan->column[i].kind;
		bool needed =
			kind <= LEPTON__COLUMN_CATEGORICAL || (kind == LEPTON__COLUMN_TARGET && with_target);
		if (!there[i] && needed)
			code = lepton__rows_fault(rows, NULL, err,
				"column \"%.60s\" of the training data is missing",
				lepton__plan_name(plan, i));
	}
	lepton__free(there);
	return code;
}

/* ---- the first row ---- */

static bool all_numbers(const struct lepton__rows *rows)
{
	double value;
	for (int i = 0; i < rows->count; i++)
		if (lepton__number_read(rows->cell[i].text, rows->cell[i].length, &value) !=
			LEPTON__CELL_NUMBER)
			return false;
	return true;
}

static int read_first(struct lepton__rows *rows, bool named, struct lepton_error *err)
{
	bool more;
	int code = lepton__csv_next(rows, &more, err);
	if (!code && !more)
		return lepton__rows_fault(rows, NULL, err, "there is nothing in it but blank lines");
	if (!code && named && all_numbers(rows))
		return lepton__rows_fault(rows, NULL, err,
			"all cells are numbers, expected the names of the columns; set \"header\": false if "
			"there "
			"are none");
	return code;
}

static int open_rows(struct lepton__rows *rows, const char *path, const struct lepton_data_options *options,
	struct lepton__plan *plan, bool known, bool with_target, struct lepton_error *err)
{
	bool named = !options->no_header;
	int code = lepton__rows_open(rows, path, err);
	if (code)
		return code;
	rows->next = lepton__csv_next;
	rows->separator = options->separator ? *options->separator : lepton__csv_separator(rows);
	code = read_first(rows, named, err);
	if (!code && known)
		code = match_columns(rows, plan, named, with_target, err);
	else if (!code)
		code = add_names(plan, rows, named, err);
	if (!code && !known)
		code = lepton__plan_columns(plan, rows, options, err);
	if (code)
		return code;
	rows->expected = rows->count;
	if (named) {
		rows->first = rows->at;
		rows->first_line = rows->line;
	}
	lepton__rows_again(rows);
	return LEPTON_OK;
}

static const struct lepton__table_kind kind = {"csv", open_rows};

static int open_csv(
	const struct lepton_data_options *options, struct lepton__samples *out, struct lepton_error *err)
{
	return lepton__table_open(&kind, options, out, err);
}

const struct lepton__data_format lepton__format_csv = {"csv", open_csv, &kind};
