/* cmd/cmd_verify.c - lepton verify: is every byte of a store what it should be? */
#include "config.h"
#include "cmd/unlock.h"
#include "cmd/verb.h"

#include <stdio.h>

static void say(const char *line, void *arg)
{
	(void)arg;
	printf("%s\n", line);
}

static int run_verify(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	struct arg_list trusted = {.count = 0};
	size_t good = 0;
	const struct arg table[] = {
		{"--trust", ARG_LIST, &trusted, 0, 0, "KEY",
			"signatures must be by this public key; may be repeated"},
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct lepton_store *store;
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	if (verb_check_trusted(&trusted, &err))
		return verb_fail(verb, &err);
	if (unlock_store(dir ? dir : ".lepton", LEPTON_STORE_READ, &store, &err))
		return verb_fail(verb, &err);
	code = lepton_store_verify(store, say, NULL, &err);
	if (!code)
		code = lepton_store_signatures(store, trusted.items, trusted.count, say, NULL, &good, &err);
	lepton_store_close(store);
	if (code)
		return verb_fail(verb, &err);
	printf("the store is sound\n");
	return 0;
}

const struct verb verb_verify = {
	"verify", "[--trust KEY]... [--store DIR]", "check every hash, chain, row and signature of a store", run_verify};
