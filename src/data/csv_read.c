/* data/csv_read.c - csv text cut into cells, in place.
 *
 * A cell is a piece of the file itself; only cells with "" in them are copied, once their row is whole. Lines
 * end in LF, CR LF or CR; inside quotes all of these are part of the cell. A quote that is not a cell's first
 * character is one like any other. The scanner never looks at a byte before it knows that there is one.
 */
#include "config.h"
#include "data/csv_read.h"
#include "base/memory.h"

#include <string.h>

static bool at_end(const struct lepton__rows *rows)
{
	return rows->at == rows->end;
}

static bool is_rubbish(char c)
{
	unsigned char byte = (unsigned char)c;
	return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Past LF, CR LF or CR. */
static void pass_line_end(struct lepton__rows *rows)
{
	bool cr = *rows->at == '\r';
	rows->at++;
	if (cr && !at_end(rows) && *rows->at == '\n')
		rows->at++;
	rows->line++;
}

char lepton__csv_separator(const struct lepton__rows *rows)
{
	static const char candidates[] = ",;\t";
	size_t count[3] = {0}, best = 0;
	bool quoted = false;
	for (const char *at = rows->first; at < rows->end; at++) {
		const char *found = *at ? strchr(candidates, *at) : NULL;
		if (!quoted && (*at == '\n' || *at == '\r') && count[0] + count[1] + count[2])
			break;
		if (*at == '"')
			quoted = !quoted;
		else if (!quoted && found)
			count[found - candidates]++;
	}
	for (size_t i = 1; i < 3; i++)
		best = count[i] > count[best] ? i : best;
	return candidates[best];
}

/* ---- one cell ---- */

static int add_cell(
	struct lepton__rows *rows, const char *text, size_t length, bool doubled, struct lepton_error *err)
{
	if (rows->expected && rows->count == rows->expected)
		return LEPTON_OK; /* one too many; counted by the caller */
	if (lepton__grow(&rows->cell, &rows->capacity, (size_t)rows->count + 1, sizeof *rows->cell))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a row of cells");
	int column = rows->column ? rows->column[rows->count] : rows->count;
	rows->cell[rows->count++] = (struct lepton__cell){text, length, column, doubled};
	return LEPTON_OK;
}

static int bare_cell(struct lepton__rows *rows, struct lepton_error *err)
{
	const char *start = rows->at, *end;
	for (; !at_end(rows) && *rows->at != rows->separator && *rows->at != '\n' && *rows->at != '\r';
		rows->at++)
		if (is_rubbish(*rows->at))
			return lepton__rows_rubbish(rows, (unsigned char)*rows->at, err);
	for (end = rows->at; end > start && is_blank(end[-1]); end--)
		;
	return add_cell(rows, start, (size_t)(end - start), false, err);
}

static int unclosed(const struct lepton__rows *rows, int64_t line, struct lepton_error *err)
{
	struct lepton__rows there = *rows;
	there.row_line = line;
	return lepton__rows_fault(&there, NULL, err, "a quote that is opened here is never closed");
}

static int quoted_cell(struct lepton__rows *rows, struct lepton_error *err)
{
	const char *start = ++rows->at;
	int64_t line = rows->line;
	bool doubled = false;
	for (;; rows->at++) {
		if (at_end(rows))
			return unclosed(rows, line, err);
		char c = *rows->at;
		if (c == '"' && rows->end - rows->at > 1 && rows->at[1] == '"') {
			doubled = true;
			rows->at++;
		} else if (c == '"') {
			break;
		} else if (is_rubbish(c)) {
			return lepton__rows_rubbish(rows, (unsigned char)c, err);
		}
		bool cr_of_pair = c == '\r' && rows->end - rows->at > 1 && rows->at[1] == '\n';
		rows->line += c == '\n' || (c == '\r' && !cr_of_pair);
	}
	size_t length = (size_t)(rows->at++ - start);
	while (!at_end(rows) && is_blank(*rows->at) && *rows->at != rows->separator)
		rows->at++;
	if (!at_end(rows) && *rows->at != rows->separator && *rows->at != '\n' && *rows->at != '\r')
		return lepton__rows_fault(rows, NULL, err,
			"text behind a closing quote; a quote inside quotes is written twice");
	return add_cell(rows, start, length, doubled, err);
}

/* ---- one row ---- */

/* "" becomes ": the cells that have some are copied to the scratch memory. */
static int undouble(struct lepton__rows *rows, struct lepton_error *err)
{
	size_t need = 0;
	for (int i = 0; i < rows->count; i++)
		need += rows->cell[i].doubled ? rows->cell[i].length : 0;
	if (need > rows->scratch_size) {
		char *more = lepton__realloc(rows->scratch, need, 1);
		if (!more)
			return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for quoted cells");
		rows->scratch = more;
		rows->scratch_size = need;
	}
	char *to = rows->scratch;
	for (int i = 0; i < rows->count && need; i++) {
		struct lepton__cell *cell = &rows->cell[i];
		if (!cell->doubled)
			continue;
		const char *from = cell->text, *end = from + cell->length;
		cell->text = to;
		for (; from < end; from += *from == '"' ? 2 : 1)
			*to++ = *from;
		cell->length = (size_t)(to - cell->text);
	}
	return LEPTON_OK;
}

static int cut_row(struct lepton__rows *rows, int *seen, struct lepton_error *err)
{
	for (bool more = true; more; ++*seen) {
		while (!at_end(rows) && is_blank(*rows->at) && *rows->at != rows->separator)
			rows->at++;
		int code = !at_end(rows) && *rows->at == '"' ? quoted_cell(rows, err) : bare_cell(rows, err);
		if (code)
			return code;
		more = !at_end(rows) && *rows->at == rows->separator;
		rows->at += more;
	}
	if (!at_end(rows))
		pass_line_end(rows);
	return LEPTON_OK;
}

static void pass_blank_lines(struct lepton__rows *rows)
{
	for (;;) {
		const char *at = rows->at;
		while (at < rows->end && (*at == ' ' || (*at == '\t' && rows->separator != '\t')))
			at++;
		if (at < rows->end && *at != '\n' && *at != '\r')
			return;
		rows->at = at;
		if (at_end(rows))
			return;
		pass_line_end(rows);
	}
}

int lepton__csv_next(struct lepton__rows *rows, bool *more, struct lepton_error *err)
{
	int seen = 0;
	rows->count = 0;
	pass_blank_lines(rows);
	*more = !at_end(rows);
	if (!*more)
		return LEPTON_OK;
	rows->row_line = rows->line;
	int code = cut_row(rows, &seen, err);
	if (!code && rows->expected && seen != rows->expected)
		code = lepton__rows_fault(
			rows, NULL, err, "%d cells, expected %d as in the first row", seen, rows->expected);
	return code ? code : undouble(rows, err);
}
