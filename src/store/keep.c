/* store/keep.c - what is kept: the experiment's policy, and marks on single checkpoints.
 *
 * The policy is the "keep" of the newest spec that was run on the store, as JSON in settings; the spec was
 * checked, so reading is lenient. Whatever it says, the newest two checkpoints of a version stay, and what
 * training, an alias or a compressed version needs.
 */
#include "config.h"
#include "store/store_parts.h"
#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>

#define LEAST 2 /* generations */

static void read_policy(const cJSON *said, struct lepton__keep *keep)
{
	*keep = (struct lepton__keep){.last = LEAST, .promoted = true, .marked = true};
	if (!cJSON_IsObject(said))
		return;
	keep->last = lepton__json_get_int(said, "last", LEAST);
	keep->last = keep->last < LEAST ? LEAST : keep->last;
	if (lepton__json_get_bool(said, "all", false))
		keep->last = -1;
	keep->best = lepton__json_get_bool(said, "best", keep->best);
	keep->promoted = lepton__json_get_bool(said, "promoted", keep->promoted);
	keep->marked = lepton__json_get_bool(said, "marked", keep->marked);
}

int lepton__keep_get(struct lepton_store *store, struct lepton__keep *keep, struct lepton_error *err)
{
	sqlite3_stmt *row;
	cJSON *said = NULL;
	int code = lepton__sql_prepare(store, &row, err, "SELECT value FROM settings WHERE key='keep'", "");
	while (lepton__sql_more(store, row, &code, err)) { /* one row, or none */
		said = cJSON_Parse(lepton__sql_text(row, 0));
		if (!said) /* what was to be kept is not guessed */
			code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading what the store keeps");
	}
	sqlite3_finalize(row);
	read_policy(said, keep);
	cJSON_Delete(said);
	return code;
}

int lepton__keep_put(struct lepton_store *store, const char *spec, struct lepton_error *err)
{
	cJSON *root = cJSON_Parse(spec);
	if (!cJSON_IsObject(root)) { /* a run without a spec changes nothing */
		cJSON_Delete(root);
		return LEPTON_OK;
	}
	const cJSON *said = cJSON_GetObjectItemCaseSensitive(root, "keep");
	char *text = said ? lepton__json_text(said) : NULL;
	int code = said && !text ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory keeping the policy")
				 : LEPTON_OK;
	if (!code && text)
		code = lepton__sql_do(store, err,
			"INSERT OR REPLACE INTO settings(key, value) VALUES('keep', ?)", "t", text);
	else if (!code)
		code = lepton__sql_do(store, err, "DELETE FROM settings WHERE key='keep'", "");
	lepton__free(text);
	cJSON_Delete(root);
	return code;
}

/* ---- marks ---- */

static int no_checkpoint(int64_t step, struct lepton_error *err)
{
	if (step < 0)
		return lepton_error_set(err, LEPTON_E_NOTFOUND, "it has no checkpoint yet");
	return lepton_error_set(err, LEPTON_E_NOTFOUND,
		"there is no checkpoint at step %lld; without @STEP it is the newest", (long long)step);
}

int lepton_store_mark(struct lepton_store *store, int64_t version, int64_t step, bool marked, int64_t *at,
	struct lepton_error *err)
{
	int64_t row;
	int code = lepton__sql_int(store, &row, 0, err,
		"SELECT max(id) FROM checkpoints WHERE version=?1 AND (?2<0 OR step=?2)", "ii", version,
		step);
	if (!code && !row)
		return no_checkpoint(step, err);
	if (!code)
		code = lepton__sql_do(
			store, err, "UPDATE checkpoints SET marked=? WHERE id=?", "ii", (int64_t)marked, row);
	return code ? code
		    : lepton__sql_int(store, at, 0, err, "SELECT step FROM checkpoints WHERE id=?", "i", row);
}

int lepton_store_marks(struct lepton_store *store, void (*say)(const char *line, void *arg), void *arg,
	struct lepton_error *err)
{
	sqlite3_stmt *rows;
	char line[LEPTON_NAME_MAX + 32];
	if (store->format < 2)
		return LEPTON_OK; /* of before there were marks */
	int code = lepton__sql_prepare(store, &rows, err,
		"SELECT v.name, c.step FROM checkpoints c JOIN versions v ON v.id=c.version WHERE c.marked "
		"ORDER BY v.id, c.step",
		"");
	while (lepton__sql_more(store, rows, &code, err)) {
		snprintf(line, sizeof line, "%s@%lld", lepton__sql_text(rows, 0),
			(long long)sqlite3_column_int64(rows, 1));
		say(line, arg);
	}
	sqlite3_finalize(rows);
	return code;
}
