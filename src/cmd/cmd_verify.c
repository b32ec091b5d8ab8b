/* cmd/cmd_verify.c - lepton verify: is every byte of a store what it should be? --repair mends what can be.
 */
#include "config.h"
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
	const struct arg table[] = {
		{"--repair", ARG_FLAG, &repair, 0, 0, NULL,
			"mend what can be; drop checkpoints that cannot be read where another of the version "
			"is whole"},
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct lepton_store *store;
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	if (lepton_store_open(
		    dir ? dir : ".lepton", repair ? LEPTON_STORE_REPAIR : LEPTON_STORE_READ, &store, &err))
		return verb_fail(verb, &err);
	code = (repair ? lepton_store_repair : lepton_store_verify)(store, say, &said, &err);
	lepton_store_close(store);
	if (code)
		return verb_fail(verb, &err);
	printf(said ? "the store is sound now\n" : "the store is sound\n");
	return 0;
}

const struct verb verb_verify = {"verify", "[--repair] [--store DIR]",
	"check every hash, chain and row of a store; mend what can be", run_verify};
