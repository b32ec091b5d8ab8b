/* data/libsvm.c - sparse tables: a line is "TARGET INDEX:VALUE INDEX:VALUE …", indices going up.
 *
 * What a line does not name is 0. Indices count from 1, or from 0 where the file has a 0. The features are
 * called by their indices, and the column of the target is called "target". A # begins a comment. Samples are
 * held densely: the learners want rows of floats.
 */
#include "config.h"
#include "data/number.h"
#include "data/table.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define TARGET "target"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* A word of the line; false at the line's end. */
static bool next_word(struct lepton__rows *rows, const char *end, const char **word, size_t *length)
{
	while (rows->at < end && is_blank(*rows->at))
		rows->at++;
	*word = rows->at;
	while (rows->at < end && !is_blank(*rows->at))
		rows->at++;
	*length = (size_t)(rows->at - *word);
	return *length > 0;
}

static int add_cell(
	struct lepton__rows *rows, const char *text, size_t length, int column, struct lepton_error *err)
{
	if (lepton__grow(&rows->cell, &rows->capacity, (size_t)rows->count + 1, sizeof *rows->cell))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a row of values");
	rows->cell[rows->count++] = (struct lepton__cell){text, length, column, false};
	return LEPTON_OK;
}

/* The digits before the colon; -1 when there is something else. */
static int index_before(const char *word, const char *colon)
{
	int index = 0;
	if (word == colon)
		return -1;
	for (; word < colon; word++) {
		if (*word < '0' || *word > '9')
			return -1;
		index = index > LEPTON__FEATURES_MAX ? index : index * 10 + (*word - '0');
	}
	return index;
}

static int add_pair(
	struct lepton__rows *rows, const char *word, size_t length, int *before, struct lepton_error *err)
{
	const char *colon = memchr(word, ':', length);
	int index = colon ? index_before(word, colon) : -1, shown = (int)(length < 40 ? length : 40);
	if (index < 0)
		return lepton__rows_fault(rows, NULL, err, "\"%.*s\", expected INDEX:VALUE", shown, word);
	if (index >= LEPTON__FEATURES_MAX)
		return lepton__rows_fault(rows, NULL, err, "\"%.*s\": indices go up to %d", shown, word,
			LEPTON__FEATURES_MAX - 1);
	if (index <= *before)
		return lepton__rows_fault(rows, NULL, err, "\"%.*s\": indices must go up, but it follows %d",
			shown, word, *before);
	*before = index;
	return add_cell(rows, colon + 1, length - (size_t)(colon + 1 - word), index, err);
}

static int read_line(struct lepton__rows *rows, const char *end, struct lepton_error *err)
{
	const char *word;
	size_t length;
	int before = -1, code = LEPTON_OK;
	if (!next_word(rows, end, &word, &length))
		return LEPTON_OK;
	code = add_cell(rows, word, length, -1, err);
	while (!code && next_word(rows, end, &word, &length))
		code = add_pair(rows, word, length, &before, err);
	return code;
}

/* The end of the line's text, without its comment. */
static int find_end(
	const struct lepton__rows *rows, const char *newline, const char **end, struct lepton_error *err)
{
	*end = newline;
	for (const char *at = rows->at; at < newline; at++) {
		unsigned char byte = (unsigned char)*at;
		if ((byte < 0x20 && !is_blank(*at)) || byte == 0x7F)
			return lepton__rows_rubbish(rows, byte, err);
		if (*at == '#' && *end == newline)
			*end = at;
	}
	return LEPTON_OK;
}

/* Cells with their index as `column`, the target's -1. */
static int next_raw(struct lepton__rows *rows, bool *more, struct lepton_error *err)
{
	rows->count = 0;
	while (rows->count == 0 && rows->at < rows->end) {
		const char *newline = memchr(rows->at, '\n', (size_t)(rows->end - rows->at)), *end;
		newline = newline ? newline : rows->end;
		rows->row_line = rows->line++;
		int code = find_end(rows, newline, &end, err);
		if (!code)
			code = read_line(rows, end, err);
		if (code)
			return code;
		rows->at = newline + (newline < rows->end);
	}
	*more = rows->count > 0;
	return LEPTON_OK;
}

/* Cells with the plan's columns. Features that training never had weigh nothing: they are passed over. */
static int next_row(struct lepton__rows *rows, bool *more, struct lepton_error *err)
{
	int code = next_raw(rows, more, err);
	for (int i = 0; i < rows->count && !code; i++) {
		struct lepton__cell *cell = &rows->cell[i];
		int at = cell->column - rows->column[0];
		cell->column = cell->column < 0 ? rows->column[1] : at >= 0 && at < rows->column[1] ? at : -1;
	}
	return code;
}

/* The smallest and largest index of the file. */
static int find_range(struct lepton__rows *rows, int *first, int *last, struct lepton_error *err)
{
	bool more = true;
	int code;
	*first = 1;
	*last = 0;
	while (!(code = next_raw(rows, &more, err)) && more) {
		if (rows->count < 2)
			continue;
		*first = rows->cell[1].column < *first ? rows->cell[1].column : *first;
		*last = rows->cell[rows->count - 1].column > *last ? rows->cell[rows->count - 1].column
								   : *last;
	}
	if (!code && *last < *first)
		code = lepton__rows_fault(rows, NULL, err, "no line of the file has INDEX:VALUE");
	lepton__rows_again(rows);
	return code;
}

static int add_names(struct lepton__plan *plan, struct lepton__rows *rows, struct lepton_error *err)
{
	char name[24];
	int first, last, number;
	int code = find_range(rows, &first, &last, err);
	for (int i = first; i <= last && !code; i++) {
		int length = snprintf(name, sizeof name, "%d", i);
		code = lepton__words_add(&plan->names, name, (size_t)length, &number, err);
	}
	if (!code)
		code = lepton__words_add(&plan->names, TARGET, strlen(TARGET), &number, err);
	plan->zero_based = first == 0;
	return code;
}

static int open_rows(struct lepton__rows *rows, const char *path, const struct lepton_data_options *options,
	struct lepton__plan *plan, bool known, bool with_target, struct lepton_error *err)
{
	struct lepton_data_options own = *options;
	(void)with_target; /* every line begins with one */
	own.target = NULL; /* the last of the names */
	int code = lepton__rows_open(rows, path, err);
	rows->sparse = plan->sparse = true;
	rows->next = next_row;
	if (!code && !known)
		code = add_names(plan, rows, err);
	if (!code && !known)
		code = lepton__plan_columns(plan, rows, &own, err);
	if (code)
		return code;
	rows->column = lepton__calloc(2, sizeof *rows->column); /* the first index; the target's column */
	if (!rows->column)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for columns");
	rows->column[0] = plan->zero_based ? 0 : 1;
	rows->column[1] = plan->target;
	return LEPTON_OK;
}

static const struct lepton__table_kind kind = {"libsvm", open_rows};

static int open_libsvm(
	const struct lepton_data_options *options, struct lepton__samples *out, struct lepton_error *err)
{
	return lepton__table_open(&kind, options, out, err);
}

const struct lepton__data_format lepton__format_libsvm = {"libsvm", open_libsvm, &kind};
