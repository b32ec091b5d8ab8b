/* cmd/cmd_verify.c - lepton verify: is every byte of a store what it should be? --repair mends what can be.
 */
#include "config.h"
#include "cmd/unlock.h"
#include "cmd/verb.h"

#include <stdio.h>

static void say(const char *line, void *arg)
{
	bool *said = arg;
	*said = true;
	printf("%s\n", line);
}

static int run_verify(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	bool repair = false, said = false;
	struct arg_list trusted = {.count = 0};
	size_t good = 0;
	const struct arg table[] = {
		{"--repair", ARG_FLAG, &repair, 0, 0, NULL,
			"mend what can be; drop checkpoints that cannot be read where another of the version "
			"is whole"},
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
	if (unlock_store(args_store(dir), repair ? LEPTON_STORE_REPAIR : LEPTON_STORE_READ, &store, &err))
		return verb_fail(verb, &err);
	code = (repair ? lepton_store_repair : lepton_store_verify)(store, say, &said, &err);
	if (!code)
		code = lepton_store_signatures(store, trusted.items, trusted.count, say, &said, &good, &err);
	lepton_store_close(store);
	if (code)
		return verb_fail(verb, &err);
	printf(repair && said ? "the store is sound now\n" : "the store is sound\n");
	return 0;
}

const struct verb verb_verify = {"verify", "[--repair] [--trust KEY]... [--store DIR]",
	"check every hash, chain, row and signature of a store; mend what can be", run_verify};
