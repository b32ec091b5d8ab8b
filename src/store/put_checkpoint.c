/* store/put_checkpoint.c - a checkpoint: every object on disk first, then one transaction that names them.
 *
 * A compressed version's blob is stored instead of the weights it decodes to; the row says by which
 * method and against which base.
 */
#include "config.h"
#include "store/store_parts.h"

static int put_set(struct lepton_store *store, int64_t row, const char *role, const struct lepton_params *set,
	struct lepton_error *err)
{
	char hash[LEPTON_HASH_HEX];
	int code = LEPTON_OK;
	for (size_t i = 0; set && i < lepton_params_count(set) && !code; i++) {
		const struct lepton_tensor *tensor = lepton_params_at(set, i);
		code = lepton__object_put(store, tensor, hash, err);
		if (!code)
			code = lepton__sql_do(store, err,
				"INSERT INTO checkpoint_objects(checkpoint, role, ordinal, name, hash) "
				"VALUES(?,?,?,?,?)",
				"ititt", row, role, (int64_t)i, tensor->name, hash);
	}
	return code;
}

static int put_row(struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err)
{
	const struct lepton_checkpoint *c = event->u.checkpoint.checkpoint;
	bool encoded = c->encoded != NULL;
	int code = lepton__sql_do(store, err,
		"INSERT INTO checkpoints(version, step, epoch, weights_hash, bytes, extra, method, "
		"base_hash, time) VALUES(?,?,?,?,?,?,?,?,?)",
		"iidtitttd", event->version, c->state.step, c->state.epoch, event->u.checkpoint.weights_hash,
		event->u.checkpoint.bytes, c->state.extra, encoded ? c->method : NULL,
		encoded && *c->base_hash ? c->base_hash : NULL, event->time);
	int64_t row = sqlite3_last_insert_rowid(store->db);
	if (!code)
		code = encoded ? put_set(store, row, "encoded", c->encoded, err)
			       : put_set(store, row, "weight", c->state.weights, err);
	if (!code && !encoded)
		code = put_set(store, row, "slot", c->state.slots, err);
	return code;
}

int lepton__put_checkpoint(
	struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err)
{
	if (!event->u.checkpoint.checkpoint)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "a checkpoint event without its weights cannot be kept");
	int code = put_row(store, event, err);
	if (code || !event->u.checkpoint.best)
		return code;
	return lepton__sql_do(store, err, "INSERT OR REPLACE INTO settings(key, value) VALUES('best/' || ?, ?)", "it",
		event->version, event->u.checkpoint.weights_hash);
}
