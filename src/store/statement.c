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

/* The text of a version's own, in the statement's form. */
static int same_json(const cJSON *a, const struct lepton_text *b)
{
	cJSON *other = parse_or_empty(b);
	char *one = a ? lepton__json_text(a) : NULL, *two = other ? lepton__json_text(other) : NULL;
	int code = a && (!one || !two)            ? LEPTON_E_NOMEM
		   : one && strcmp(one, two) == 0 ? LEPTON_OK
						  : LEPTON_E_DATA;
	cJSON_Delete(other);
	lepton__free(one);
	lepton__free(two);
	return code;
}

static bool says(const cJSON *statement, const char *key, const char *value)
{
	return strcmp(lepton__json_get_string(statement, key, ""), value) == 0;
}

/* Parents may have trained on since: they stand there as they were. */
int lepton__statement_holds(const struct lepton_run_version *v, const char *statement)
{
	cJSON *s;
	int code = lepton__statement_parse(statement, &s);
	if (code)
		return code;
	cJSON *parents = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(s, "parents"), true);
	char *now = text_of(v, v->weights_hash, lepton__json_get_string(s, "method", ""), parents);
	if (!now)
		code = parents ? LEPTON_E_NOMEM : LEPTON_E_DATA;
	else if (strcmp(now, statement) != 0 || !says(s, "weights_hash", v->weights_hash) ||
		 !says(s, "learner", v->learner))
		code = LEPTON_E_DATA;
	else
		code = same_json(cJSON_GetObjectItemCaseSensitive(s, "hyperparameters"), v->hyperparameters);
	lepton__free(now);
	cJSON_Delete(s);
	return code;
}

int lepton__statement_parse(const char *text, cJSON **out)
{
	*out = cJSON_ParseWithOpts(text, NULL, true);
	char *again = *out ? lepton__json_text(*out) : NULL;
	int code = *out && !again                                                      ? LEPTON_E_NOMEM
		   : again && strcmp(again, text) == 0 && says(*out, "schema", SCHEMA) ? LEPTON_OK
										       : LEPTON_E_DATA;
	lepton__free(again);
	if (!code)
		return LEPTON_OK;
	cJSON_Delete(*out);
	*out = NULL;
	return code;
}

/* ---- signatures ------------------------------------------------------------------------------------ */

static char *to_sign(const char *statement)
{
	return lepton__format(PURPOSE "%s", statement);
}

int lepton__statement_signed(const char *statement, const char signer[LEPTON_PUBLIC_HEX],
	const uint8_t signature[LEPTON_SIGNATURE_BYTES])
{
	uint8_t key[crypto_sign_PUBLICKEYBYTES];
	if (lepton_public_key_check(signer, NULL) ||
		sodium_hex2bin(key, sizeof key, signer, 2 * sizeof key, NULL, NULL, NULL))
		return LEPTON_E_KEY;
	char *text = to_sign(statement);
	int code = !text ? LEPTON_E_NOMEM
		   : crypto_sign_verify_detached(signature, (const uint8_t *)text, strlen(text), key)
			   ? LEPTON_E_KEY
			   : LEPTON_OK;
	lepton__free(text);
	return code;
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
