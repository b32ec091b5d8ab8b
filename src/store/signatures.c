/* store/signatures.c - signatures kept in the store, and looked at.
 *
 * One row of `settings` each, "signature/ID/SIGNER": what was stated, and the signature. Whether a version
 * still is what was signed is seen by stating it anew. An imported version states what came with it; that
 * this is about these weights, this learner and these hyper-parameters is looked at besides.
 */
#include "config.h"
#include "store/bundle_parts.h"
#include "store/statement.h"
#include "store/store_parts.h"
#include "base/memory.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

int lepton__signature_put(struct lepton_store *store, int64_t version, const struct lepton_bundle *bundle,
	struct lepton_error *err)
{
	char hex[2 * LEPTON_SIGNATURE_BYTES + 1];
	struct lepton__buffer value;
	lepton__buffer_init(&value, 2 * LEPTON__STATEMENT_MAX);
	sodium_bin2hex(hex, sizeof hex, bundle->signature, LEPTON_SIGNATURE_BYTES);
	lepton__buffer_printf(&value, "{\"signature\":\"%s\",\"statement\":", hex);
	lepton__json_string(&value, bundle->statement);
	lepton__buffer_string(&value, "}");
	int code = value.failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory keeping a signature")
				: lepton__sql_do(store, err,
					  "INSERT OR REPLACE INTO settings(key, value) "
					  "VALUES('signature/' || ? || '/' || ?, ?)",
					  "itt", version, bundle->signer, value.data);
	lepton__buffer_free(&value);
	return code;
}

struct found {
	int64_t version;
	char signer[LEPTON_PUBLIC_HEX];
	uint8_t signature[LEPTON_SIGNATURE_BYTES];
	char *statement;
};

/* A row that cannot be read has an empty statement, which nobody has signed. */
static int read_row(sqlite3_stmt *row, struct found *out, struct lepton_error *err)
{
	cJSON *value = cJSON_Parse(lepton__sql_text(row, 2));
	const char *hex = lepton__json_get_string(value, "signature", "");
	*out = (struct found){.version = sqlite3_column_int64(row, 0)};
	lepton__copy_name(out->signer, sizeof out->signer, lepton__sql_text(row, 1));
	if (strlen(hex) == 2 * LEPTON_SIGNATURE_BYTES)
		sodium_hex2bin(out->signature, sizeof out->signature, hex, strlen(hex), NULL, NULL, NULL);
	out->statement = lepton__strdup(lepton__json_get_string(value, "statement", ""));
	cJSON_Delete(value);
	return out->statement ? LEPTON_OK
			      : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading a signature");
}

#define ROWS                                                                                                 \
	"SELECT CAST(substr(key, 11) AS INTEGER), substr(key, -64), value FROM settings"                     \
	" WHERE key GLOB 'signature/*'"

/* The statement is the signed one from then on. */
static void take(struct lepton_bundle *bundle, struct found *f)
{
	lepton__free(bundle->statement);
	bundle->statement = f->statement;
	f->statement = NULL;
	lepton__copy_name(bundle->signer, sizeof bundle->signer, f->signer);
	memcpy(bundle->signature, f->signature, sizeof f->signature);
}

static int good_for(const struct lepton_run_version *version, const struct found *f)
{
	int code = lepton__statement_holds(version, f->statement);
	return code ? code : lepton__statement_signed(f->statement, f->signer, f->signature);
}

int lepton__signature_find(struct lepton_store *store, const struct lepton_run_version *version,
	struct lepton_bundle *bundle, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err, ROWS " ORDER BY key", "");
	while (!*bundle->signer && lepton__sql_more(store, rows, &code, err)) {
		struct found f;
		code = read_row(rows, &f, err);
		if (!code && f.version == version->id)
			code = good_for(version, &f);
		if (!code && f.version == version->id)
			take(bundle, &f);
		if (code == LEPTON_E_KEY || code == LEPTON_E_DATA) /* another may be good */
			code = LEPTON_OK;
		if (code == LEPTON_E_NOMEM)
			lepton_error_set(err, code, "out of memory looking at signatures");
		lepton__free(f.statement);
	}
	sqlite3_finalize(rows);
	return code;
}

/* ---- looking at them ------------------------------------------------------------------------------- */

struct look {
	struct lepton_store *store;
	const struct lepton_run *run;
	const char *const *trusted;
	size_t trusted_count, good, faults;
	void (*say)(const char *line, void *arg);
	void *arg;
};

/* By the weights themselves, whatever the database says they are. */
static int holds_for(const struct look *look, const struct lepton_run_version *v, const char *statement)
{
	struct lepton_checkpoint *c;
	struct lepton_run_version real = *v;
	int code = lepton_store_load_checkpoint(look->store, v->id, -1, &c, NULL);
	if (code)
		return code;
	lepton_params_hash(c->state.weights, real.weights_hash);
	lepton_checkpoint_release(c);
	return lepton__statement_holds(&real, statement);
}

/* *what: in words. */
static int judge(
	const struct look *look, const struct found *f, const struct lepton_run_version *v, const char **what)
{
	int code = lepton__statement_signed(f->statement, f->signer, f->signature);
	*what = "BAD: it is not what was signed";
	if (code)
		return code;
	code = v ? holds_for(look, v, f->statement) : LEPTON_E_NOTFOUND;
	*what = "for something else than the version now is: `lepton sign` it again";
	if (code)
		return code;
	bool stranger =
		look->trusted_count && !lepton__trusted(f->signer, look->trusted, look->trusted_count);
	*what = stranger ? "good, but by none of the trusted keys" : "good";
	return stranger ? LEPTON_E_KEY : LEPTON_OK;
}

static int look_at(struct look *look, const struct found *f, struct lepton_error *err)
{
	char line[256];
	const char *what;
	const struct lepton_run_version *v = lepton_run_version(look->run, f->version);
	int code = judge(look, f, v, &what);
	if (code == LEPTON_E_NOMEM)
		return lepton_error_set(err, code, "out of memory looking at signatures");
	look->good += code == LEPTON_OK;
	look->faults += code != LEPTON_OK;
	snprintf(line, sizeof line, "version %s: signature of %.16s… is %s", v ? v->name : "?", f->signer,
		what);
	look->say(line, look->arg);
	return LEPTON_OK;
}

int lepton_store_signatures(struct lepton_store *store, const char *const *trusted, size_t count,
	void (*say)(const char *line, void *arg), void *arg, size_t *good, struct lepton_error *err)
{
	sqlite3_stmt *rows = NULL;
	struct lepton_run run;
	struct look look = {.store = store,
		.run = &run,
		.trusted = trusted,
		.trusted_count = count,
		.say = say,
		.arg = arg};
	lepton_run_init(&run);
	int code = lepton_store_load_run(store, &run, err);
	if (!code)
		code = lepton__sql_prepare(store, &rows, err, ROWS " ORDER BY key", "");
	while (lepton__sql_more(store, rows, &code, err)) {
		struct found f;
		code = read_row(rows, &f, err);
		if (!code)
			code = look_at(&look, &f, err);
		lepton__free(f.statement);
	}
	sqlite3_finalize(rows);
	lepton_run_clear(&run);
	*good = look.good;
	if (!code && look.faults)
		code = lepton_error_set(err, LEPTON_E_KEY,
			"store %s has %zu signature%s that cannot be relied on", store->dir, look.faults,
			look.faults == 1 ? "" : "s");
	return code;
}
