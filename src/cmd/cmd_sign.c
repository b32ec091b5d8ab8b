/* cmd/cmd_sign.c - lepton sign: say of a version, by a key, that it is what it is. */
#include "config.h"
#include "cmd/unlock.h"
#include "cmd/verb.h"

#include <stdio.h>

static int sign(const char *dir, const char *reference, const char *key, struct lepton_error *err)
{
	char signer[LEPTON_PUBLIC_HEX];
	int64_t id, step;
	struct lepton_store *store;
	int code = lepton_store_open(dir, LEPTON_STORE_READ, &store, err); /* is there one? */
	lepton_store_close(store);
	if (code && code != LEPTON_E_KEY)
		return code;
	code = unlock_store(dir, LEPTON_STORE_WRITE, &store, err);
	if (code)
		return code;
	code = lepton_store_resolve(store, reference, &id, &step, err);
	if (!code && step >= 0)
		code = lepton_error_set(
			err, LEPTON_E_USAGE, "a version is signed as it is now: leave away what follows '@'");
	if (!code)
		code = lepton_store_sign(store, id, key, signer, err);
	if (!code)
		printf("%s is signed by %s\n", reference, signer);
	lepton_store_close(store);
	return code;
}

static int run_sign(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL, *key = NULL;
	const struct arg table[] = {
		{"--key", ARG_STRING, &key, 0, 0, "FILE", "the signing key, made by `lepton key sign-new`"},
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, 1, 1);
	if (code >= 0)
		return code;
	if (!key) {
		fprintf(stderr, "lepton sign: say by which key: --key FILE\n");
		return 2;
	}
	return sign(args_store(dir), operands.items[0], key, &err) ? verb_fail(verb, &err) : 0;
}

const struct verb verb_sign = {
	"sign", "V --key FILE [--store DIR]", "sign a version as it is now (Ed25519)", run_sign};
