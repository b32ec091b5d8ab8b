/* data/rows.h - a table as a stream of rows, the same for csv and libsvm.
 *
 * A table is read several times (survey, study, encode), each time a row after the other, so that nothing of its
 * text has to be kept but the file itself.
 */
#ifndef LEPTON_DATA_ROWS_H
#define LEPTON_DATA_ROWS_H

#include "lepton/error.h"
#include "data/block.h"
#include <stdbool.h>

struct lepton__cell {
	const char *text; /* until the next row is asked for; no NUL behind it */
	size_t length;
	int column; /* of the plan; -1: of no interest */
	bool doubled; /* csv, while it is cut: "" stands in it */
};

struct lepton__rows {
	char *path; /* for messages; owned */
	struct lepton__block text; /* owned */
	const char *at, *end; /* what is not read yet */
	const char *first; /* the first row */
	int64_t line, first_line; /* of `at`; of `first` */
	int64_t row_line; /* the row's */
	struct lepton__cell *cell;
	int count;
	size_t capacity;
	bool sparse; /* a cell that is not there is 0 */
	char separator;
	int expected; /* cells of a row */
	int *column;  /* csv: the plan's column of each of them; owned */
	char *scratch;
	size_t scratch_size;
	int (*next)(struct lepton__rows *rows, bool *more, struct lepton_error *err);
};

/* The text is there after this, and nothing of it read. */
int lepton__rows_open(struct lepton__rows *rows, const char *path, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__rows_close(struct lepton__rows *rows);
void lepton__rows_again(struct lepton__rows *rows); /* from the first row on */
/* "PATH:LINE: column "x": …" of the present row; no column where the name is NULL. LEPTON_E_DATA. */
int lepton__rows_fault(const struct lepton__rows *rows, const char *column, struct lepton_error *err, const char *fmt, ...)
		LEPTON_PRINTF(4, 5);
/* A byte that no text has. LEPTON_E_DATA. */
int lepton__rows_rubbish(const struct lepton__rows *rows, unsigned char byte, struct lepton_error *err);

#endif
