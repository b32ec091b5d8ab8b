/* store/load_run.c - the stored events and metrics, folded in the order they happened.
 *
 * Of points in blocks the outline is there as soon as their version is. What that leaves out of the order is
 * where a version stood when another was made of it, or an alias set: those notes have a step, which is
 * looked up.
 */
#include "config.h"
#include "store/history.h"
#include "base/memory.h"

struct loader {
	struct lepton_store *store;
	struct lepton_run *run;
	struct lepton__past_reader past;
	int64_t *heard; /* of each version of the run: the place of the last event about it */
	size_t capacity;
};

static int apply(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err)
{
	int code = lepton_run_apply(run, event, err);
	return code == LEPTON_E_CORRUPT ? LEPTON_OK
					: code; /* about a version nobody announced: ignored by the fold */
}

static int hear(struct loader *loader, int64_t id, int64_t seq, struct lepton_error *err)
{
	size_t at = lepton__run_place(loader->run, id), before = loader->capacity;
	if (at == loader->run->version_count)
		return LEPTON_OK;
	if (lepton__grow(&loader->heard, &loader->capacity, at + 1, sizeof *loader->heard))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading the run");
	for (; before < loader->capacity; before++)
		loader->heard[before] = 0;
	loader->heard[at] = seq;
	return LEPTON_OK;
}

/* A version stands where it did at that place: at a point in a block, if that is its newest news. */
static int stand(struct loader *loader, int64_t id, int64_t seq, struct lepton_error *err)
{
	struct lepton_run_version *version = lepton_run_version(loader->run, id);
	int64_t step = 0, at = 0;
	if (!version || !version->history.thinned || loader->store->format < 3)
		return LEPTON_OK;
	int code = lepton__history_step_at(loader->store, id, seq, &step, &at, err);
	if (!code && at > loader->heard[lepton__run_place(loader->run, id)])
		version->step = step;
	return code;
}

static int stand_all(
	struct loader *loader, const struct lepton_event *event, int64_t seq, struct lepton_error *err)
{
	int code = LEPTON_OK;
	if (event->type == LEPTON_EVENT_ALIAS)
		code = stand(loader, event->u.alias.target, seq, err);
	for (int i = 0; event->type == LEPTON_EVENT_VERSION && i < event->u.added.parent_count && !code; i++)
		code = stand(loader, event->u.added.parents[i], seq, err);
	return code;
}

static int apply_event(struct loader *loader, sqlite3_stmt *row, struct lepton_error *err)
{
	struct lepton_event event;
	int64_t seq = sqlite3_column_int64(row, 0);
	int code = lepton_event_from_json(lepton__sql_text(row, 1), &event, err);
	if (code)
		return lepton_error_prefix(err, "stored event %lld", (long long)seq);
	code = stand_all(loader, &event, seq, err);
	if (!code)
		code = apply(loader->run, &event, err);
	struct lepton_run_version *version = lepton_run_version(loader->run, event.version);
	if (!code && version && event.type == LEPTON_EVENT_VERSION)
		code = lepton__history_load_past(loader->store, &loader->past, version, err);
	if (!code)
		code = hear(loader, event.version, seq, err);
	lepton_event_clear(&event);
	return code;
}

static int apply_metric(struct loader *loader, sqlite3_stmt *row, struct lepton_error *err)
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
	int code = apply(loader->run, &event, err);
	return code ? code : hear(loader, event.version, sqlite3_column_int64(row, 0), err);
}

/* Two sorted lists, merged by sequence number. */
static int merge(struct loader *loader, sqlite3_stmt *events, sqlite3_stmt *metrics, struct lepton_error *err)
{
	int e = sqlite3_step(events), m = sqlite3_step(metrics), code = LEPTON_OK;
	while (!code && (e == SQLITE_ROW || m == SQLITE_ROW)) {
		bool event_first =
			e == SQLITE_ROW && (m != SQLITE_ROW || sqlite3_column_int64(events, 0) <
								       sqlite3_column_int64(metrics, 0));
		if (event_first) {
			code = apply_event(loader, events, err);
			e = sqlite3_step(events);
		} else {
			code = apply_metric(loader, metrics, err);
			m = sqlite3_step(metrics);
		}
	}
	if (!code && (e != SQLITE_DONE || m != SQLITE_DONE))
		code = lepton__sql_error(loader->store, "read the history", err);
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
	struct loader loader = {.store = store, .run = run};
	sqlite3_stmt *events = NULL, *metrics = NULL;
	bool own;
	int code = lepton__begin_reading(store, &own, err); /* both lists are of one moment */
	if (code)
		return code;
	run->backed = true;
	code = lepton__history_past_begin(store, &loader.past, err);
	if (!code)
		code = lepton__sql_prepare(
			store, &events, err, "SELECT seq, json FROM events ORDER BY seq", "");
	if (!code)
		code = lepton__sql_prepare(store, &metrics, err,
			"SELECT seq, version, step, time, epoch, seconds, loss, accuracy, rate FROM history "
			"ORDER BY seq",
			"");
	if (!code)
		code = merge(&loader, events, metrics, err);
	if (!code) /* metrics have none of their own */
		code = lepton_store_serial(store, &run->serial, err);
	lepton__free(loader.heard);
	lepton__history_past_end(&loader.past);
	sqlite3_finalize(events);
	sqlite3_finalize(metrics);
	lepton__end_reading(store, own);
	return code;
}
