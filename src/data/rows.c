/* data/rows.c - what the readers of rows share: the text, the place in it, faults that say where. */
#include "config.h"
#include "data/rows.h"
#include "data/table_file.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

int lepton__rows_open(struct lepton__rows *rows, const char *path, struct lepton_error *err)
{
	*rows = (struct lepton__rows){.path = lepton__strdup(path)};
	if (!rows->path)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a file name");
	int code = lepton__table_text(path, &rows->text, err);
	if (code)
		return code;
	rows->first = (const char *)rows->text.bytes;
	rows->end = rows->first + rows->text.size;
	if (rows->text.size >= 3 && memcmp(rows->first, "\xEF\xBB\xBF", 3) == 0)
		rows->first += 3; /* a byte order mark */
	rows->first_line = 1;
	lepton__rows_again(rows);
	return LEPTON_OK;
}

void lepton__rows_close(struct lepton__rows *rows)
{
	lepton__block_free(&rows->text);
	lepton__free(rows->path);
	lepton__free(rows->cell);
	lepton__free(rows->column);
	lepton__free(rows->scratch);
	*rows = (struct lepton__rows){0};
}

void lepton__rows_again(struct lepton__rows *rows)
{
	rows->at = rows->first;
	rows->line = rows->row_line = rows->first_line;
}

int lepton__rows_fault(
	const struct lepton__rows *rows, const char *column, struct lepton_error *err, const char *fmt, ...)
{
	struct lepton_error inner = {0};
	va_list args;
	va_start(args, fmt);
	lepton_error_setv(&inner, LEPTON_E_DATA, fmt, args);
	va_end(args);
	return lepton_error_set(err, LEPTON_E_DATA, "%.*s:%" PRId64 ": %s%.60s%s%s", LEPTON__PATH_SHOWN,
		rows->path, rows->row_line, column ? "column \"" : "", column ? column : "",
		column ? "\": " : "", inner.message);
}

int lepton__rows_rubbish(const struct lepton__rows *rows, unsigned char byte, struct lepton_error *err)
{
	return lepton__rows_fault(rows, NULL, err, "a byte 0x%02X, which no table has; %s", byte,
		byte ? "is this a text file?" : "this is no text, or UTF-16: save it as UTF-8");
}
