/* store/sql.c - SQLite, with its errors in our words and one way to run a statement. */
#include "config.h"
#include "store/store_parts.h"
#include "store/history.h"

#include <math.h>
#include <stdarg.h>

/* Which page it was, where that is known, and what to do about it. */
static int say_corrupt(struct lepton_store *store, const char *what, struct lepton_error *err)
{
	const struct lepton__page_faults *faults = lepton__page_vfs_faults(store->vfs);
	if (!faults->count)
		return lepton_error_set(err, LEPTON_E_CORRUPT,
			"store %s: cannot %s: %s: `lepton verify --repair --store %s` mends what can be",
			store->dir, what, sqlite3_errmsg(store->db), store->dir);
	size_t last = (faults->count < LEPTON__PAGE_FAULTS ? faults->count : LEPTON__PAGE_FAULTS) - 1;
	const struct lepton__page_found *found = &faults->list[last];
	return lepton_error_set(err, LEPTON_E_CORRUPT,
		"store %s: cannot %s: page %u of store.db%s is damaged: `lepton verify --repair --store %s` "
		"mends "
		"what can be",
		store->dir, what, (unsigned)found->number,
		found->fault == LEPTON__PAGE_DAMAGED_IN_LOG ? "-wal" : "", store->dir);
}

/* That the first page is no first page is all that is known. */
static int say_no_database(struct lepton_store *store, const char *what, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_CORRUPT,
		"store %s: cannot %s: page 1 of store.db is damaged: `lepton verify --repair --store %s` "
		"mends what "
		"can be, if this is a store's database",
		store->dir, what, store->dir);
}

int lepton__sql_error(struct lepton_store *store, const char *what, struct lepton_error *err)
{
	int sqlite_code = sqlite3_errcode(store->db) & 0xFF;
	bool unfit = sqlite_code == SQLITE_CONSTRAINT ||
		     sqlite_code == SQLITE_TOOBIG; /* and will be when tried again */
	if (sqlite_code == SQLITE_CORRUPT)
		return say_corrupt(store, what, err);
	if (sqlite_code == SQLITE_NOTADB)
		return say_no_database(store, what, err);
	int code = sqlite_code == SQLITE_NOMEM ? LEPTON_E_NOMEM : unfit ? LEPTON_E_DATA : LEPTON_E_IO;
	return lepton_error_set(
		err, code, "store %s: cannot %s: %s", store->dir, what, sqlite3_errmsg(store->db));
}

int lepton__sql_run(struct lepton_store *store, const char *sql, struct lepton_error *err)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return lepton__sql_error(store, "use the database", err);
	return LEPTON_OK;
}

int lepton__sql_bind_number(sqlite3_stmt *s, int place, double value)
{
	return isfinite(value) ? sqlite3_bind_double(s, place, value) : sqlite3_bind_null(s, place);
}

static int bind_one(sqlite3_stmt *s, int place, char type, va_list *args)
{
	if (type == 'i')
		return sqlite3_bind_int64(s, place, va_arg(*args, int64_t));
	if (type == 'd')
		return lepton__sql_bind_number(s, place, va_arg(*args, double));
	if (type == 'b') {
		const void *bytes = va_arg(*args, const void *);
		return sqlite3_bind_blob64(s, place, bytes, va_arg(*args, size_t), SQLITE_TRANSIENT);
	}
	const char *text = va_arg(*args, const char *);
	return text ? sqlite3_bind_text(s, place, text, -1, SQLITE_TRANSIENT) : sqlite3_bind_null(s, place);
}

int lepton__sql_prepare_v(struct lepton_store *store, sqlite3_stmt **out, struct lepton_error *err,
	const char *sql, const char *types, va_list *args)
{
	*out = NULL;
	if (sqlite3_prepare_v2(store->db, sql, -1, out, NULL) != SQLITE_OK)
		return lepton__sql_error(store, "read the database", err);
	for (int i = 0; types[i]; i++)
		if (bind_one(*out, i + 1, types[i], args) != SQLITE_OK) {
			int code = lepton__sql_error(store, "bind a value", err);
			sqlite3_finalize(*out);
			*out = NULL;
			return code;
		}
	return LEPTON_OK;
}

int lepton__sql_prepare(struct lepton_store *store, sqlite3_stmt **out, struct lepton_error *err,
	const char *sql, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	int code = lepton__sql_prepare_v(store, out, err, sql, types, &args);
	va_end(args);
	return code;
}

int lepton__sql_do(
	struct lepton_store *store, struct lepton_error *err, const char *sql, const char *types, ...)
{
	sqlite3_stmt *statement;
	va_list args;
	va_start(args, types);
	int code = lepton__sql_prepare_v(store, &statement, err, sql, types, &args);
	va_end(args);
	if (code)
		return code;
	int step = sqlite3_step(statement);
	if (step != SQLITE_DONE && step != SQLITE_ROW)
		code = lepton__sql_error(store, "write to the database", err);
	sqlite3_finalize(statement);
	return code;
}

int lepton__sql_int(struct lepton_store *store, int64_t *out, int64_t missing, struct lepton_error *err,
	const char *sql, const char *types, ...)
{
	sqlite3_stmt *statement;
	va_list args;
	va_start(args, types);
	int code = lepton__sql_prepare_v(store, &statement, err, sql, types, &args);
	va_end(args);
	if (code)
		return code;
	int step = sqlite3_step(statement);
	*out = missing;
	if (step == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL)
		*out = sqlite3_column_int64(statement, 0);
	else if (step != SQLITE_ROW && step != SQLITE_DONE)
		code = lepton__sql_error(store, "read the database", err);
	sqlite3_finalize(statement);
	return code;
}

bool lepton__sql_more(struct lepton_store *store, sqlite3_stmt *rows, int *code, struct lepton_error *err)
{
	int step = *code ? SQLITE_DONE : sqlite3_step(rows);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		*code = lepton__sql_error(store, "read the database", err);
	return step == SQLITE_ROW;
}

void lepton__sql_settle(struct lepton_store *store)
{
	if (!store->in_transaction && !sqlite3_get_autocommit(store->db))
		sqlite3_exec(
			store->db, "ROLLBACK", NULL, NULL, NULL); /* or what is begun next says why not */
}

int lepton__sql_begin(struct lepton_store *store, struct lepton_error *err)
{
	if (store->in_transaction)
		return LEPTON_OK;
	lepton__sql_settle(store);
	int code = lepton__sql_run(store, "BEGIN IMMEDIATE", err);
	store->in_transaction = code == LEPTON_OK;
	store->buffered = 0;
	return code;
}

void lepton__sql_rollback(struct lepton_store *store)
{
	if (store->in_transaction)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL,
			NULL); /* already in trouble: the first error is the one told */
	store->in_transaction = false;
	lepton__history_forget(store);
}

int lepton__sql_commit(struct lepton_store *store, struct lepton_error *err)
{
	if (!store->in_transaction)
		return LEPTON_OK;
	int code = lepton__sql_run(store, "COMMIT", err);
	if (code)
		lepton__sql_rollback(store);
	store->in_transaction = false;
	return code;
}

const char *lepton__sql_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);
	return text ? (const char *)text : "";
}

double lepton__sql_double(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL
		       ? (double)NAN
		       : sqlite3_column_double(statement, column);
}
