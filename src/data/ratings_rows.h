/* data/ratings_rows.h - a file of ratings, cut into rows of three cells that matter. */
#ifndef LEPTON_DATA_RATINGS_ROWS_H
#define LEPTON_DATA_RATINGS_ROWS_H

#include "data/formats.h"
#include "data/rows.h"

enum { LEPTON__USER, LEPTON__ITEM, LEPTON__RATING, LEPTON__RATING_COLUMNS };

struct lepton__ratings_rows {
	struct lepton__rows rows;
	int at[LEPTON__RATING_COLUMNS]; /* cells of a row; the rating's may be -1 */
};

/* MovieLens's forms: "u.data" (tabs, no names), "ratings.dat" ("::", no names), "ratings.csv" (names), and what is like
 * them, plain or .gz. Where the third cell of the first row is a number, there are no names, and the first three cells are
 * user, item and rating; else columns are found by `names`, or by the usual ones where these are NULL. LEPTON_E_DATA. */
int lepton__ratings_rows_open(struct lepton__ratings_rows *rows, const char *path, char *const names[LEPTON__RATING_COLUMNS],
		bool with_target, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
