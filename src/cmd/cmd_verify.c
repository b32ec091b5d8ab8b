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
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct lepton_store *store;
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	if (unlock_store(dir ? dir : ".lepton", LEPTON_STORE_READ, &store, &err))
		return verb_fail(verb, &err);
	code = lepton_store_verify(store, say, NULL, &err);
	lepton_store_close(store);
	if (code)
		return verb_fail(verb, &err);
	printf("the store is sound\n");
	return 0;
}

const struct verb verb_verify = {
	"verify", "[--store DIR]", "check every hash, chain and row of a store", run_verify};
