/* store/inspect.c - walking a store that may be damaged anywhere.
 *
 * Rows are read into lists before anything is done about them: no statement stays open, so each look is at
 * the newest state, and a checkpoint that a writer's gc took meanwhile is not called damaged.
 */
#include "config.h"
#include "store/inspect.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

LEPTON_PRINTF(2, 0)
static void say(struct lepton__report *report, const char *fmt, va_list args)
{
	char line[1200];
	vsnprintf(line, sizeof line, fmt, args);
	report->say(line, report->arg);
}

void lepton__report_fault(struct lepton__report *report, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	say(report, fmt, args);
	va_end(args);
	report->faults++;
}

void lepton__report_done(struct lepton__report *report, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	say(report, fmt, args);
	va_end(args);
}

/* Steps the statement through `take`, to its end or a fault; the statement is finished in any case. */
static int each_row(struct lepton_store *store, sqlite3_stmt *rows,
	int (*take)(sqlite3_stmt *row, void *out, struct lepton_error *err), void *out,
	struct lepton_error *err)
{
	int code = LEPTON_OK;
	while (lepton__sql_more(store, rows, &code, err))
		code = take(rows, out, err);
	sqlite3_finalize(rows);
	return code;
}

static int take_place(sqlite3_stmt *row, void *out, struct lepton_error *err)
{
	struct lepton__places *places = out;
	if (lepton__grow(&places->list, &places->capacity, places->count + 1, sizeof *places->list))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory listing checkpoints");
	struct lepton__place *p = &places->list[places->count++];
	*p = (struct lepton__place){.row = sqlite3_column_int64(row, 0),
		.version = sqlite3_column_int64(row, 1),
		.step = sqlite3_column_int64(row, 2)};
	lepton__copy_name(p->name, sizeof p->name, lepton__sql_text(row, 3));
	return LEPTON_OK;
}

int lepton__places_read(struct lepton_store *store, struct lepton__places *out, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err,
		"SELECT c.id, c.version, c.step, ifnull(v.name, '#' || c.version) FROM checkpoints c"
		" LEFT JOIN versions v ON v.id=c.version ORDER BY c.id",
		"");
	return code ? code : each_row(store, rows, take_place, out, err);
}

static int take_spot(sqlite3_stmt *row, void *out, struct lepton_error *err)
{
	struct lepton__spots *spots = out;
	if (lepton__grow(&spots->list, &spots->capacity, spots->count + 1, sizeof *spots->list))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory listing tensors");
	struct lepton__spot *s = &spots->list[spots->count++];
	lepton__copy_name(s->role, sizeof s->role, lepton__sql_text(row, 0));
	lepton__copy_name(s->name, sizeof s->name, lepton__sql_text(row, 1));
	lepton__copy_name(s->hash, sizeof s->hash, lepton__sql_text(row, 2));
	return LEPTON_OK;
}

int lepton__spots_read(
	struct lepton_store *store, int64_t checkpoint, struct lepton__spots *out, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err,
		"SELECT role, name, hash FROM checkpoint_objects WHERE checkpoint=? ORDER BY role, ordinal",
		"i", checkpoint);
	return code ? code : each_row(store, rows, take_spot, out, err);
}

int lepton__place_load(
	struct lepton_store *store, const struct lepton__place *place, struct lepton_error *err)
{
	struct lepton_checkpoint *checkpoint;
	int64_t there;
	int code = lepton__load_row(store, place->row, 0, &checkpoint, err);
	if (!code)
		lepton_checkpoint_release(checkpoint);
	if (code && code != LEPTON_E_NOMEM &&
		!lepton__sql_int(store, &there, 1, NULL, "SELECT count(*) FROM checkpoints WHERE id=?", "i",
			place->row) &&
		!there)
		return LEPTON_OK; /* gone by now: it was old */
	return code;
}
