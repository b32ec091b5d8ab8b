/* store/verify.c - every page, row, object and chain, looked at; one line a fault.
 *
 * A fault in one place does not end the search in the others. A damaged tensor is named for each checkpoint
 * that needs it; a delta whose base is the damaged one names both. Files without rows are only looked for
 * while no writer is at work, whose next checkpoint they might be.
 */
#include "config.h"
#include "store/inspect.h"
#include "base/memory.h"

/* A check that could not be made is a fault too. */
static int tolerate(struct lepton__report *report, int code, const struct lepton_error *err)
{
	if (!code || code == LEPTON_E_NOMEM)
		return code;
	lepton__report_fault(report, "%s", err->message);
	return LEPTON_OK;
}

static int check_pages(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	size_t lines;
	char dropped[512];
	if (lepton_store_dropped(store, dropped, sizeof dropped))
		lepton__report_done(report, "%s", dropped);
	return lepton__check_pages(store, report, &lines, err);
}

/* A query of which each row is a fault: its first column the line. */
static int check_query(
	struct lepton_store *store, struct lepton__report *report, const char *sql, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err, sql, "");
	while (lepton__sql_more(store, rows, &code, err))
		lepton__report_fault(report, "%s", lepton__sql_text(rows, 0));
	sqlite3_finalize(rows);
	return code;
}

static int check_rows(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	static const char *const queries[] = {
		"SELECT 'table ' || \"table\" || ', row ' || ifnull(rowid, '?') || ': refers to a row of ' "
		"|| parent "
		"|| ' that is not there' FROM pragma_foreign_key_check",
		"SELECT 'version ' || ifnull(v.name, '#' || l.child) || ': its parent #' || l.parent || ' is "
		"not in "
		"the store' FROM lineage l LEFT JOIN versions v ON v.id=l.child WHERE l.parent NOT IN "
		"(SELECT id "
		"FROM versions)",
		"SELECT 'alias ' || a.alias || ': the weights it points at, ' || substr(a.weights_hash, 1, "
		"12) || "
		"'… of version ' || ifnull(v.name, '#' || a.version) || ', are gone' FROM aliases a LEFT "
		"JOIN "
		"versions v ON v.id=a.version WHERE a.weights_hash<>'' AND a.weights_hash NOT IN (SELECT "
		"weights_hash FROM checkpoints)",
	};
	int code = LEPTON_OK;
	for (size_t i = 0; i < sizeof queries / sizeof *queries && !code; i++)
		code = tolerate(report, check_query(store, report, queries[i], err), err);
	return code;
}

/* The events, as a program would load them. */
static int check_events(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	struct lepton_run run;
	(void)report;
	lepton_run_init(&run);
	int code = lepton_store_load_run(store, &run, err);
	lepton_run_clear(&run);
	return code;
}

static int check_history(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	return lepton__history_check(store, report, false, err);
}

/* Which tensors are to blame; where none is, the fault is the checkpoint's own. */
static int blame(struct lepton_store *store, struct lepton__report *report, const struct lepton__place *place,
	const struct lepton_error *why, struct lepton_error *err)
{
	struct lepton__spots spots = {0};
	struct lepton_params *set;
	size_t before = report->faults;
	int code = lepton__spots_read(store, place->row, &spots, err);
	for (size_t i = 0; i < spots.count && !code; i++) {
		struct lepton_error fault;
		if (!lepton__object_get(store, spots.list[i].hash, &set, &fault))
			lepton_params_release(set);
		else
			lepton__report_fault(report, "version %s, step %lld, %s %s: %s", place->name,
				(long long)place->step, spots.list[i].role, spots.list[i].name,
				fault.message);
	}
	lepton__free(spots.list);
	if (!code && report->faults == before)
		lepton__report_fault(report, "version %s, step %lld: %s", place->name, (long long)place->step,
			why->message);
	return code;
}

static int check_checkpoints(
	struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	struct lepton__places places = {0};
	int code = tolerate(report, lepton__places_read(store, &places, err), err);
	for (size_t i = 0; i < places.count && !code; i++) {
		struct lepton_error why = {0};
		code = lepton__place_load(store, &places.list[i], &why);
		if (code == LEPTON_E_NOMEM)
			*err = why;
		else if (code)
			code = tolerate(report, blame(store, report, &places.list[i], &why, err), err);
	}
	lepton__free(places.list);
	return code;
}

/* Objects that no checkpoint names: bases, and what collection will take. */
static int check_bases(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	struct lepton__hashes rest = {0};
	int code = lepton__hashes_select(store, &rest, err,
		"SELECT hash FROM objects WHERE hash NOT IN (SELECT hash FROM checkpoint_objects)", "");
	for (size_t i = 0; i < rest.count && !code; i++) {
		struct lepton_params *set;
		struct lepton_error why;
		code = lepton__object_get(store, rest.list[i], &set, &why);
		lepton_params_release(set);
		if (code == LEPTON_E_NOMEM)
			*err = why;
		else if (code)
			lepton__report_fault(report, "a base of packed tensors: %s", why.message);
		code = code == LEPTON_E_NOMEM ? code : LEPTON_OK;
	}
	lepton__hashes_free(&rest);
	return code;
}

/* What a killed writer leaves: no fault, and the next one takes it. */
static void say_stray(const char *line, void *arg)
{
	lepton__report_done(arg, "%s; the next writer removes it", line);
}

static void say_kept_stray(const char *line, void *arg)
{
	lepton__report_done(arg, "%s; `lepton gc` removes it: store.db-wal.damaged may name it", line);
}

static int check_files(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err)
{
	struct lepton__sweep sweep = {.look_only = true,
		.say = lepton__keeps_log(store) ? say_kept_stray : say_stray,
		.arg = report};
	(void)err;
	if (store->lock_fd < 0 &&
		lepton__lock_is_free(store)) /* a writer's own are its next checkpoint, or swept next time */
		lepton__objects_sweep(store, &sweep);
	return LEPTON_OK;
}

int lepton_store_verify(struct lepton_store *store, void (*say)(const char *line, void *arg), void *arg,
	struct lepton_error *err)
{
	static int (*const checks[])(
		struct lepton_store *, struct lepton__report *, struct lepton_error *) = {check_pages,
		check_rows, check_events, check_history, check_checkpoints, check_bases, check_files};
	struct lepton__report report = {.say = say, .arg = arg};
	int code = LEPTON_OK;
	for (size_t i = 0; i < sizeof checks / sizeof *checks && !code; i++)
		code = tolerate(&report, checks[i](store, &report, err), err);
	if (!code && report.faults)
		code = lepton_error_set(err, LEPTON_E_CORRUPT, "store %s has %zu fault%s", store->dir,
			report.faults, report.faults == 1 ? "" : "s");
	return code;
}
