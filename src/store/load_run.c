/* store/load_run.c - the stored events and metrics, folded in the order they happened. */
#include "config.h"
#include "store/store_parts.h"

static int apply(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err)
{
	int code = lepton_run_apply(run, event, err);
	return code == LEPTON_E_CORRUPT ? LEPTON_OK
					: code; /* about a version nobody announced: ignored by the fold */
}

static int apply_event(struct lepton_run *run, sqlite3_stmt *row, struct lepton_error *err)
{
	struct lepton_event event;
	int code = lepton_event_from_json(lepton__sql_text(row, 1), &event, err);
	if (code)
		return lepton_error_prefix(err, "stored event %lld", (long long)sqlite3_column_int64(row, 0));
	code = apply(run, &event, err);
	lepton_event_clear(&event);
	return code;
}

static int apply_metric(struct lepton_run *run, sqlite3_stmt *row, struct lepton_error *err)
{
	struct lepton_event event = {.type = LEPTON_EVENT_METRIC,
		.version = sqlite3_column_int64(row, 1),
		.time = lepton__sql_double(row, 3)};
	event.u.metric.step = sqlite3_column_int64(row, 2);
	event.u.metric.epoch = lepton__sql_double(row, 4);
	event.u.metric.seconds = lepton__sql_double(row, 5);
	event.u.metric.loss = lepton__sql_double(row, 6);
	event.u.metric.accuracy = lepton__sql_double(row, 7);
	event.u.metric.samples_per_second = lepton__sql_double(row, 8);
	return apply(run, &event, err);
}

/* Two sorted lists, merged by sequence number. */
static int merge(struct lepton_store *store, sqlite3_stmt *events, sqlite3_stmt *metrics,
	struct lepton_run *run, struct lepton_error *err)
{
	int e = sqlite3_step(events), m = sqlite3_step(metrics), code = LEPTON_OK;
	while (!code && (e == SQLITE_ROW || m == SQLITE_ROW)) {
		bool event_first =
			e == SQLITE_ROW && (m != SQLITE_ROW || sqlite3_column_int64(events, 0) <
								       sqlite3_column_int64(metrics, 0));
		if (event_first) {
			code = apply_event(run, events, err);
			e = sqlite3_step(events);
		} else {
			code = apply_metric(run, metrics, err);
			m = sqlite3_step(metrics);
		}
	}
	if (!code && (e != SQLITE_DONE || m != SQLITE_DONE))
		code = lepton__sql_error(store, "read the history", err);
	return code;
}

int lepton_store_serial(struct lepton_store *store, uint64_t *serial, struct lepton_error *err)
{
	int64_t last;
	int code = lepton__sql_int(
		store, &last, 0, err, "SELECT CAST(value AS INTEGER) FROM settings WHERE key='serial'", "");
	*serial = code ? 0 : (uint64_t)last;
	return code;
}

int lepton_store_load_run(struct lepton_store *store, struct lepton_run *run, struct lepton_error *err)
{
	sqlite3_stmt *events = NULL, *metrics = NULL;
	lepton__sql_settle(store);
	bool own = !store->in_transaction; /* one read transaction, so both lists are of one moment */
	int code = own ? lepton__sql_run(store, "BEGIN", err) : LEPTON_OK;
	if (code)
		return code;
	code = lepton__sql_prepare(store, &events, err, "SELECT seq, json FROM events ORDER BY seq", "");
	if (!code)
		code = lepton__sql_prepare(store, &metrics, err,
			"SELECT seq, version, step, time, epoch, seconds, loss, accuracy, rate FROM history "
			"ORDER BY seq",
			"");
	if (!code)
		code = merge(store, events, metrics, run, err);
	if (!code) /* metrics have none of their own */
		code = lepton_store_serial(store, &run->serial, err);
	sqlite3_finalize(events);
	sqlite3_finalize(metrics);
	if (own)
		sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL); /* it read only */
	return code;
}
