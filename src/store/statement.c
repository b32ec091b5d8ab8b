/* store/statement.c - a version in words that can be signed.
 *
 * The statement is JSON as lepton__json_value writes it: one text for one version, wherever it is made. The
 * weights stand in it by their hash, the parents by name and hash, so a signature holds for all a version is
 * made of. Figures are left out: they say how well a version did on somebody's data, and are measured anew.
 * Ed25519 by libsodium, over a line that says what is signed and then the statement, so that no signature
 * made for something else fits.
 */
#include "config.h"
#include "store/key.h"
#include "store/statement.h"
#include "base/memory.h"
#include "base/secret.h"

#include <stdio.h>
#include <string.h>

#define LABEL "lepton-sign-1 "
#define PURPOSE "lepton signed version 1\n"
#define SCHEMA "lepton.version/1"

static int no_memory(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a version's statement");
}

/* ---- the text -------------------------------------------------------------------------------------- */

static cJSON *parse_or_empty(const struct lepton_text *text)
{
	cJSON *object = cJSON_Parse(lepton_text_get(text));
	return object ? object : cJSON_CreateObject();
}

static bool add(cJSON *to, const char *key, cJSON *item)
{
	if (item && cJSON_AddItemToObject(to, key, item))
		return true;
	cJSON_Delete(item);
	return false;
}

static cJSON *parents_of(const struct lepton_run *run, const struct lepton_run_version *version)
{
	cJSON *list = cJSON_CreateArray();
	for (int i = 0; i < version->parent_count && list; i++) {
		const struct lepton_run_version *parent = lepton_run_version(run, version->parents[i]);
		cJSON *one = cJSON_CreateObject();
		bool good = one && add(one, "name", cJSON_CreateString(parent ? parent->name : "")) &&
			    add(one, "weights_hash", cJSON_CreateString(parent ? parent->weights_hash : ""));
		if (!good || !cJSON_AddItemToArray(list, one)) {
			cJSON_Delete(one);
			cJSON_Delete(list);
			list = NULL;
		}
	}
	return list;
}

/* Seeds have 64 bits, more than a JSON number is sure to keep. `parents` is taken. */
static cJSON *build(const struct lepton_run_version *v, const char *hash, const char *method,
	const cJSON *operation, cJSON *parents)
{
	char seed[24];
	cJSON *s = cJSON_CreateObject();
	snprintf(seed, sizeof seed, "%llu", (unsigned long long)v->seed);
	bool good = s && add(s, "schema", cJSON_CreateString(SCHEMA)) &&
		    add(s, "name", cJSON_CreateString(v->name)) &&
		    add(s, "learner", cJSON_CreateString(v->learner)) &&
		    add(s, "weights_hash", cJSON_CreateString(hash)) &&
		    add(s, "method", cJSON_CreateString(method)) && add(s, "seed", cJSON_CreateString(seed));
	if (!good) {
		cJSON_Delete(parents);
	} else if (add(s, "parents", parents) && add(s, "operation", cJSON_Duplicate(operation, true)) &&
		   add(s, "hyperparameters", parse_or_empty(v->hyperparameters))) {
		return s;
	}
	cJSON_Delete(s);
	return NULL;
}

static char *text_of(const struct lepton_run_version *v, const char *hash, const char *method, cJSON *parents)
{
	cJSON *operation = parse_or_empty(v->operation), *made = NULL;
	const cJSON *stated = cJSON_GetObjectItemCaseSensitive(operation, "statement");
	bool imported = stated && strcmp(lepton__json_get_string(operation, "op", ""), "import") == 0;
	if (imported)
		cJSON_Delete(parents);
	else
		made = build(v, hash, method, operation, parents);
	char *text = imported || made ? lepton__json_text(imported ? stated : made) : NULL;
	cJSON_Delete(made);
	cJSON_Delete(operation);
	return text;
}

int lepton__statement_new(const struct lepton_run *run, const struct lepton_run_version *version,
	const char *hash, const char *method, char **out, struct lepton_error *err)
{
	*out = text_of(version, hash, method, parents_of(run, version));
	return *out ? LEPTON_OK : no_memory(err);
}

static bool same_json(const cJSON *a, const struct lepton_text *b)
{
	char *text = a ? lepton__json_text(a) : NULL;
	cJSON *other = cJSON_Parse(lepton_text_get(b));
	char *other_text = other ? lepton__json_text(other) : NULL;
	bool same = text && other_text && strcmp(text, other_text) == 0;
	cJSON_Delete(other);
	lepton__free(text);
	lepton__free(other_text);
	return same;
}

/* Parents may have trained on since: they stand there as they were. */
bool lepton__statement_holds(const struct lepton_run_version *v, const char *statement)
{
	cJSON *s = lepton__statement_parse(statement);
	cJSON *parents = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(s, "parents"), true);
	char *now = s && parents
			    ? text_of(v, v->weights_hash, lepton__json_get_string(s, "method", ""), parents)
			    : NULL;
	bool holds = now && strcmp(now, statement) == 0 &&
		     strcmp(lepton__json_get_string(s, "weights_hash", ""), v->weights_hash) == 0 &&
		     strcmp(lepton__json_get_string(s, "learner", ""), v->learner) == 0 &&
		     same_json(cJSON_GetObjectItemCaseSensitive(s, "hyperparameters"), v->hyperparameters);
	if (!s || !parents)
		cJSON_Delete(parents);
	lepton__free(now);
	cJSON_Delete(s);
	return holds;
}

cJSON *lepton__statement_parse(const char *text)
{
	cJSON *object = cJSON_ParseWithOpts(text, NULL, true);
	char *again = object ? lepton__json_text(object) : NULL;
	bool exact = again && strcmp(again, text) == 0 &&
		     strcmp(lepton__json_get_string(object, "schema", ""), SCHEMA) == 0;
	lepton__free(again);
	if (exact)
		return object;
	cJSON_Delete(object);
	return NULL;
}

/* ---- signatures ------------------------------------------------------------------------------------ */

static char *to_sign(const char *statement)
{
	return lepton__format(PURPOSE "%s", statement);
}

bool lepton__statement_signed(const char *statement, const char signer[LEPTON_PUBLIC_HEX],
	const uint8_t signature[LEPTON_SIGNATURE_BYTES])
{
	uint8_t key[crypto_sign_PUBLICKEYBYTES];
	char *text = to_sign(statement);
	bool good = text && lepton_public_key_check(signer, NULL) == LEPTON_OK &&
		    sodium_hex2bin(key, sizeof key, signer, 2 * sizeof key, NULL, NULL, NULL) == 0 &&
		    crypto_sign_verify_detached(signature, (const uint8_t *)text, strlen(text), key) == 0;
	lepton__free(text);
	return good;
}

/* Seed and secret key in one piece of memory for keys. */
struct pair {
	uint8_t seed[LEPTON__KEY_BYTES], secret[crypto_sign_SECRETKEYBYTES];
};

static void public_of(struct pair *pair, char out[LEPTON_PUBLIC_HEX])
{
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
	crypto_sign_seed_keypair(public_key, pair->secret, pair->seed);
	sodium_bin2hex(out, LEPTON_PUBLIC_HEX, public_key, sizeof public_key);
}

int lepton_sign_key_new(const char *path, char public_key[LEPTON_PUBLIC_HEX], struct lepton_error *err)
{
	struct pair *pair = lepton__secret_new(sizeof *pair);
	if (!pair)
		return no_memory(err);
	randombytes_buf(pair->seed, sizeof pair->seed);
	public_of(pair, public_key);
	int code = lepton__key_line_write(path, LABEL, pair->seed, err);
	lepton__secret_free(pair);
	return code;
}

int lepton__statement_sign(const char *statement, const char *key_path, char signer[LEPTON_PUBLIC_HEX],
	uint8_t signature[LEPTON_SIGNATURE_BYTES], struct lepton_error *err)
{
	char *text = to_sign(statement);
	struct pair *pair = lepton__secret_new(sizeof *pair);
	int code = text && pair ? lepton__key_line_read(key_path, LABEL, "signing key", pair->seed, err)
				: no_memory(err);
	if (!code) {
		public_of(pair, signer);
		crypto_sign_detached(signature, NULL, (const uint8_t *)text, strlen(text), pair->secret);
	}
	lepton__secret_free(pair);
	lepton__free(text);
	return code;
}

int lepton_public_key_check(const char *public_key, struct lepton_error *err)
{
	size_t length = strlen(public_key);
	if (length == LEPTON_PUBLIC_HEX - 1 && strspn(public_key, "0123456789abcdef") == length)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_USAGE,
		"\"%.80s\" is no public key: it has 64 hexadecimal digits, as `lepton key sign-new` printed "
		"it",
		public_key);
}

bool lepton__trusted(const char *signer, const char *const *trusted, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(signer, trusted[i]) == 0)
			return true;
	return false;
}
