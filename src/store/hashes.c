/* store/hashes.c - a growing list of names of objects, filled by hand or by a SELECT. */
#include "config.h"
#include "store/store_parts.h"
#include "base/memory.h"

#include <stdarg.h>

int lepton__hashes_add(struct lepton__hashes *hashes, const char *hash, struct lepton_error *err)
{
	if (lepton__grow(&hashes->list, &hashes->capacity, hashes->count + 1, sizeof *hashes->list))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory listing objects");
	lepton__copy_name(hashes->list[hashes->count++], LEPTON_HASH_HEX, hash);
	return LEPTON_OK;
}

int lepton__hashes_select(struct lepton_store *store, struct lepton__hashes *hashes, struct lepton_error *err,
	const char *sql, const char *types, ...)
{
	sqlite3_stmt *rows;
	va_list args;
	va_start(args, types);
	int code = lepton__sql_prepare_v(store, &rows, err, sql, types, &args);
	va_end(args);
	while (lepton__sql_more(store, rows, &code, err))
		code = lepton__hashes_add(hashes, lepton__sql_text(rows, 0), err);
	sqlite3_finalize(rows);
	return code;
}

void lepton__hashes_free(struct lepton__hashes *hashes)
{
	lepton__free(hashes->list);
	*hashes = (struct lepton__hashes){.count = 0};
}
