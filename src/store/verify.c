/* store/verify.c - every page, row, object and chain, looked at; one line a fault. */
#include "config.h"
#include "store/store_parts.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

struct report {
	void (*say)(const char *line, void *arg);
	void *arg;
	size_t faults;
};

static void fault(struct report *r, const char *line)
{
	r->faults++;
	r->say(line, r->arg);
}

/* SQLite's own checks: integrity_check says "ok", foreign_key_check says nothing. */
static int check_database(struct lepton_store *store, struct report *r, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err, "PRAGMA integrity_check", "");
	while (lepton__sql_more(store, rows, &code, err))
		if (strcmp(lepton__sql_text(rows, 0), "ok") != 0)
			fault(r, lepton__sql_text(rows, 0));
	sqlite3_finalize(rows);
	rows = NULL;
	if (!code)
		code = lepton__sql_prepare(store, &rows, err, "PRAGMA foreign_key_check", "");
	while (lepton__sql_more(store, rows, &code, err)) {
		char line[160];
		snprintf(line, sizeof line, "table %s, row %lld: refers to a row of %s that is not there",
			lepton__sql_text(rows, 0), (long long)sqlite3_column_int64(rows, 1),
			lepton__sql_text(rows, 2));
		fault(r, line);
	}
	sqlite3_finalize(rows);
	return code;
}

/* Each checkpoint as training would load it: objects, digests, bases, weights hash. */
static int check_checkpoints(struct lepton_store *store, struct report *r, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err,
		"SELECT c.id, v.name, c.step FROM checkpoints c JOIN versions v ON v.id=c.version ORDER BY "
		"c.id",
		"");
	while (lepton__sql_more(store, rows, &code, err)) {
		struct lepton_checkpoint *checkpoint;
		struct lepton_error why;
		if (lepton__load_row(store, sqlite3_column_int64(rows, 0), 0, &checkpoint, &why)) {
			char line[768];
			snprintf(line, sizeof line, "version %s, step %lld: %s", lepton__sql_text(rows, 1),
				(long long)sqlite3_column_int64(rows, 2), why.message);
			fault(r, line);
		} else {
			lepton_checkpoint_release(checkpoint);
		}
	}
	sqlite3_finalize(rows);
	return code;
}

int lepton_store_verify(struct lepton_store *store, void (*say)(const char *line, void *arg), void *arg,
	struct lepton_error *err)
{
	struct report report = {say, arg, 0};
	int code = check_database(store, &report, err);
	if (!code)
		code = check_checkpoints(store, &report, err);
	if (!code && report.faults)
		code = lepton_error_set(err, LEPTON_E_CORRUPT, "store %s has %zu fault%s", store->dir,
			report.faults, report.faults == 1 ? "" : "s");
	return code;
}
