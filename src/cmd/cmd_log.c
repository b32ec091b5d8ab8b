/* cmd/cmd_log.c - lepton log: what happened, oldest first. */
#include "config.h"
#include "cmd/verb.h"

#include <stdio.h>
#include <time.h>

static void print_time(double seconds)
{
	time_t whole = (time_t)seconds;
	struct tm parts;
	char text[32];
	gmtime_r(&whole, &parts);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	printf("%s  ", text);
}

static void print_line(const struct lepton_run *run, const struct lepton_run_log *entry)
{
	static const char *const levels[] = {"", "warning: ", "error: "};
	const struct lepton_run_version *version = lepton_run_version(run, entry->version);
	print_time(entry->time);
	if (version)
		printf("%s: ", version->name);
	printf("%s%s\n", levels[entry->level], lepton_text_get(entry->line));
}

static int run_log(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct lepton_store *store;
	struct lepton_run run;
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	if (verb_load(dir, &store, &run, &err))
		return verb_fail(verb, &err);
	for (size_t i = 0; i < run.log_count; i++)
		print_line(&run, &run.log[i]);
	lepton_store_close(store);
	lepton_run_clear(&run);
	return 0;
}

const struct verb verb_log = {"log", "[--store DIR]", "what happened in a store, oldest first", run_log};
