/* data/ratings_rows.c - the forms that ratings come in. */
#include "config.h"
#include "data/ratings_rows.h"
#include "data/csv_read.h"
#include "data/number.h"
#include "base/memory.h"
#include "lepton/option.h"

#include <string.h>

#define NAMES_MAX 64

static const char *const usual[LEPTON__RATING_COLUMNS][6] = {
	{"userId", "user", "user_id", "UserID", "user_no", NULL},
	{"movieId", "item", "item_id", "movie_id", "itemId", NULL},
	{"rating", "Rating", "stars", "score", "points", NULL},
};
static const char *const keys[LEPTON__RATING_COLUMNS] = {"user", "item", "rating"};

/* ---- "::" ---- */

static int add_cell(struct lepton__rows *rows, const char *text, size_t length, struct lepton_error *err)
{
	if (lepton__grow(&rows->cell, &rows->capacity, (size_t)rows->count + 1, sizeof *rows->cell))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a row of cells");
	rows->cell[rows->count] = (struct lepton__cell){text, length, rows->count, false};
	rows->count++;
	return LEPTON_OK;
}

static const char *next_colons(const char *at, const char *end)
{
	for (; end - at >= 2; at++)
		if (at[0] == ':' && at[1] == ':')
			return at;
	return end;
}

/* rows->next of "::": each line a row, blank ones passed over. */
static int colons_next(struct lepton__rows *rows, bool *more, struct lepton_error *err)
{
	const char *end, *line = NULL;
	rows->count = 0;
	for (*more = false; !*more && rows->at < rows->end; rows->line++) {
		line = rows->at;
		end = memchr(line, '\n', (size_t)(rows->end - line));
		rows->at = end ? end + 1 : rows->end;
		end = end ? end : rows->end;
		end -= end > line && end[-1] == '\r';
		*more = end > line;
		rows->row_line = rows->line;
		for (const char *at = line; *more && at <= end;) {
			const char *stop = next_colons(at, end);
			int code = add_cell(rows, at, (size_t)(stop - at), err);
			if (code)
				return code;
			at = stop < end ? stop + 2 : end + 1;
		}
	}
	if (*more && rows->expected && rows->count != rows->expected)
		return lepton__rows_fault(rows, NULL, err, "%d cells, expected %d as in the first row",
			rows->count, rows->expected);
	return LEPTON_OK;
}

static bool has_colons(const struct lepton__rows *rows)
{
	const char *end = memchr(rows->first, '\n', (size_t)(rows->end - rows->first));
	end = end ? end : rows->end;
	return next_colons(rows->first, end) < end;
}

/* ---- columns ---- */

static bool is_cell(const struct lepton__cell *cell, const char *name)
{
	return strlen(name) == cell->length && memcmp(cell->text, name, cell->length) == 0;
}

static int find_column(const struct lepton__rows *rows, const char *name)
{
	for (int i = 0; i < rows->count; i++)
		if (is_cell(&rows->cell[i], name))
			return i;
	return -1;
}

static int no_column(const struct lepton__rows *rows, int which, const char *name, struct lepton_error *err)
{
	char text[NAMES_MAX][64];
	const char *there[NAMES_MAX];
	size_t count = 0;
	for (; count < (size_t)rows->count && count < NAMES_MAX; count++) {
		size_t length = rows->cell[count].length < 63 ? rows->cell[count].length : 63;
		memcpy(text[count], rows->cell[count].text, length);
		text[count][length] = '\0';
		there[count] = text[count];
	}
	const char *near = name ? lepton_suggest(name, there, count) : NULL;
	if (!name)
		return lepton__rows_fault(rows, NULL, err,
			"no column is called %s, %s or the like; name it by \"%s\" in the data",
			usual[which][0], usual[which][1], keys[which]);
	return lepton__rows_fault(rows, NULL, err, "no column \"%.60s\"%s%s%s", name,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int name_columns(struct lepton__ratings_rows *r, char *const names[LEPTON__RATING_COLUMNS],
	bool with_target, struct lepton_error *err)
{
	for (int k = 0; k < LEPTON__RATING_COLUMNS; k++) {
		r->at[k] = names[k] ? find_column(&r->rows, names[k]) : -1;
		for (int i = 0; !names[k] && usual[k][i] && r->at[k] < 0; i++)
			r->at[k] = find_column(&r->rows, usual[k][i]);
		if (r->at[k] < 0 && (k != LEPTON__RATING || with_target))
			return no_column(&r->rows, k, names[k], err);
	}
	return LEPTON_OK;
}

/* Without names the places are fixed. */
static int place_columns(struct lepton__ratings_rows *r, char *const names[LEPTON__RATING_COLUMNS],
	bool with_target, struct lepton_error *err)
{
	int wanted = with_target ? LEPTON__RATING_COLUMNS : LEPTON__RATING;
	if (r->rows.count < wanted)
		return lepton__rows_fault(&r->rows, NULL, err,
			"%d cells; a row is user, item, rating, between tabs, commas or ::", r->rows.count);
	for (int k = 0; k < LEPTON__RATING_COLUMNS; k++) {
		if (names[k])
			return lepton__rows_fault(&r->rows, NULL, err,
				"the first row has no names of columns, so \"%s\" has no meaning; leave it "
				"out",
				keys[k]);
		r->at[k] = k < r->rows.count ? k : -1;
	}
	return LEPTON_OK;
}

static bool has_names(const struct lepton__rows *rows)
{
	double value;
	int at = rows->count > LEPTON__RATING ? LEPTON__RATING : rows->count - 1;
	for (int k = 0; rows->count < LEPTON__RATING_COLUMNS && k < 2; k++) /* a file to be asked about */
		for (int i = 0; usual[k][i]; i++)
			if (find_column(rows, usual[k][i]) >= 0)
				return true;
	return rows->count >= LEPTON__RATING_COLUMNS &&
	       lepton__number_read(rows->cell[at].text, rows->cell[at].length, &value) != LEPTON__CELL_NUMBER;
}

int lepton__ratings_rows_open(struct lepton__ratings_rows *r, const char *path,
	char *const names[LEPTON__RATING_COLUMNS], bool with_target, struct lepton_error *err)
{
	bool more = false;
	struct lepton__rows *rows = &r->rows;
	int code = lepton__rows_open(rows, path, err);
	if (code)
		return code;
	rows->next = has_colons(rows) ? colons_next : lepton__csv_next;
	rows->separator = lepton__csv_separator(rows);
	code = rows->next(rows, &more, err);
	if (!code && !more)
		code = lepton__rows_fault(rows, NULL, err, "there is nothing in it but blank lines");
	if (code)
		return code;
	bool named = has_names(rows);
	code = named ? name_columns(r, names, with_target, err) : place_columns(r, names, with_target, err);
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
