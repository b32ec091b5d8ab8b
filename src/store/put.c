/* store/put.c - one event into the tables.
 *
 * The events table has every event but metrics as JSON, so that loading is the same fold a live reader
 * does; the other tables hold what is asked for by name, hash or version. Metrics gather in an open
 * transaction, so a hundred thousand of them cost a few fsyncs; any other event, a thousand metrics or a
 * flush commits it. Points are history.c's. After a fault the transaction is rolled back: the store is as it
 * was.
 */
#include "config.h"
#include "store/history.h"
#include "base/memory.h"

#include <string.h>

#define METRICS_A_TRANSACTION 1000

static int put_json(
	struct lepton_store *store, const struct lepton_event *event, int64_t step, struct lepton_error *err)
{
	int64_t seq;
	int code = lepton__history_seq(store, &seq, err);
	char *json = code ? NULL : lepton_event_to_json(event);
	if (!code && !json)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory keeping an event");
	if (!code)
		code = lepton__sql_do(store, err,
			"INSERT INTO events(seq, version, type, step, json) VALUES(?,?,?,?,?)", "iiiit", seq,
			event->version, (int64_t)event->type, step, json);
	lepton__free(json);
	return code;
}

static int put_run(struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err)
{
	int64_t known;
	int code = lepton__sql_int(store, &known, 0, err, "SELECT count(*) FROM experiments", "");
	if (!code && !known)
		code = lepton__sql_do(store, err,
			"INSERT INTO experiments(name, seed, created) VALUES(?,?,?)", "tid",
			event->u.run.experiment, (int64_t)event->u.run.seed, event->time);
	if (!code)
		code = lepton__keep_put(store, lepton_text_get(event->u.run.spec), err);
	return code ? code : put_json(store, event, 0, err);
}

static int put_version(struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err)
{
	int64_t known;
	int code = lepton__sql_int(
		store, &known, 0, err, "SELECT 1 FROM versions WHERE id=?", "i", event->version);
	if (code || known)
		return code; /* a restored version says itself again */
	code = lepton__sql_do(store, err,
		"INSERT INTO versions(id, name, learner, created, operation, hyperparameters) "
		"VALUES(?,?,?,?,?,?)",
		"ittdtt", event->version, event->u.added.name, event->u.added.learner, event->time,
		lepton_text_get(event->u.added.operation), lepton_text_get(event->u.added.hyperparameters));
	for (int i = 0; i < event->u.added.parent_count && !code; i++)
		code = lepton__sql_do(store, err, "INSERT INTO lineage(child, ordinal, parent) VALUES(?,?,?)",
			"iii", event->version, (int64_t)i, event->u.added.parents[i]);
	return code ? code : put_json(store, event, 0, err);
}

static bool rests(enum lepton_version_state state)
{
	return state != LEPTON_QUEUED && state != LEPTON_RUNNING;
}

static int put_state(struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err)
{
	int code = lepton__sql_do(store, err, "UPDATE versions SET state=? WHERE id=?", "ti",
		lepton_version_state_name(event->u.state.state), event->version);
	if (!code && rests(event->u.state.state))
		code = lepton__history_rest(store, event->version, err);
	return code ? code : put_json(store, event, event->u.state.step, err);
}

static int put_epoch(struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err)
{
	int code = lepton__sql_do(store, err, "DELETE FROM events WHERE version=? AND type=? AND step>=?",
		"iii", event->version, (int64_t)LEPTON_EVENT_EPOCH, event->u.epoch.step);
	return code ? code : put_json(store, event, event->u.epoch.step, err);
}

static int put_alias(struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err)
{
	int code = lepton__sql_do(store, err,
		"INSERT OR REPLACE INTO aliases(alias, version, weights_hash) VALUES(?,?,?)", "tit",
		event->u.alias.alias, event->u.alias.target, event->u.alias.weights_hash);
	if (!code)
		code = lepton__sql_do(store, err,
			"INSERT INTO alias_history(alias, version, previous, weights_hash, time, rollback) "
			"VALUES(?,?,?,?,?,?)",
			"tiitdi", event->u.alias.alias, event->u.alias.target, event->u.alias.previous,
			event->u.alias.weights_hash, event->time, (int64_t)event->u.alias.rollback);
	return code ? code : put_json(store, event, 0, err);
}

int lepton__put_one(struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err)
{
	switch (event->type) {
	case LEPTON_EVENT_RUN:
		return put_run(store, event, err);
	case LEPTON_EVENT_VERSION:
		return put_version(store, event, err);
	case LEPTON_EVENT_STATE:
		return put_state(store, event, err);
	case LEPTON_EVENT_METRIC:
		return lepton__history_put(store, event, err);
	case LEPTON_EVENT_EPOCH:
		return put_epoch(store, event, err);
	case LEPTON_EVENT_CHECKPOINT: {
		int code = lepton__put_checkpoint(store, event, err);
		return code ? code : put_json(store, event, event->u.checkpoint.step, err);
	}
	case LEPTON_EVENT_JOB: /* a job's progress is news for a screen; its end is history */
		return event->u.job.state == LEPTON_JOB_RUNNING ? LEPTON_OK : put_json(store, event, 0, err);
	case LEPTON_EVENT_ALIAS:
		return put_alias(store, event, err);
	case LEPTON_EVENT_TEST:
	case LEPTON_EVENT_LOG:
	case LEPTON_EVENT_LABELS:
	case LEPTON_EVENT_PRIORITY:
		return put_json(store, event, 0, err);
	case LEPTON_EVENT_REPLY:
	case LEPTON_EVENT_NODE:
	case LEPTON_EVENT_END:
		return LEPTON_OK;
	}
	return LEPTON_OK;
}

/* With the serial of the last event that is in it, so that a reader knows which events it has. */
static int commit(struct lepton_store *store, struct lepton_error *err)
{
	int code = store->in_transaction && store->serial
			   ? lepton__sql_do(store, err,
				     "INSERT OR REPLACE INTO settings(key, value) VALUES('serial', ?)", "i",
				     (int64_t)store->serial)
			   : LEPTON_OK;
	if (code)
		lepton__sql_rollback(store);
	return code ? code : lepton__sql_commit(store, err);
}

/* What others make of versions (compress, fuse) comes whole or not at all: "version", "done" and then its
 * weights are one transaction, or a fault between them would leave a name that nothing stands behind. */
static bool comes_whole(struct lepton_store *store, const struct lepton_event *event)
{
	bool begins = event->type == LEPTON_EVENT_VERSION && event->u.added.parent_count > 0;
	bool goes_on = event->type == LEPTON_EVENT_STATE && event->u.state.state == LEPTON_DONE &&
		       store->in_transaction && event->version == store->coming;
	store->coming = begins || goes_on ? event->version : 0;
	return store->coming;
}

bool lepton_store_waits(const struct lepton_store *store)
{
	return store->in_transaction;
}

int lepton_store_put(struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err)
{
	if (event->type == LEPTON_EVENT_NODE)
		return LEPTON_OK; /* of this moment only: no transaction for it */
	bool metric = event->type == LEPTON_EVENT_METRIC, part = comes_whole(store, event);
	struct lepton_store_gc tally = {0};
	int code = lepton__sql_begin(store, err);
	if (!code)
		code = lepton__put_one(store, event, err);
	if (code) {
		lepton__sql_rollback(store);
		return code;
	}
	store->serial = event->serial;
	if (part || (metric && ++store->buffered < METRICS_A_TRANSACTION))
		return LEPTON_OK;
	code = commit(store, err);
	if (!code && event->type == LEPTON_EVENT_CHECKPOINT)
		(void)!lepton__gc(
			store, event->version, &tally, NULL); /* what it could not take it takes the next time */
	return code;
}

int lepton_store_flush(struct lepton_store *store, struct lepton_error *err)
{
	return commit(store, err);
}
