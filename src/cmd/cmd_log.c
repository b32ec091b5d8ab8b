/* cmd/cmd_log.c - lepton log: what happened, oldest first; and with --follow, what happens. */
#include "config.h"
#include "cmd/attach.h"
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

static void print_log(const struct lepton_run *run)
{
	for (size_t i = 0; i < run->log_count; i++)
		print_line(run, &run->log[i]);
}

static int print_stored(const char *dir, struct lepton_error *err)
{
	struct lepton_store *store;
	struct lepton_run run;
	int code = verb_load(dir, &store, &run, err);
	if (code)
		return code;
	print_log(&run);
	lepton_store_close(store);
	lepton_run_clear(&run);
	return LEPTON_OK;
}

/* Until the run ends; a reader that goes away ends us with it. */
static void print_news(struct lepton_client *client, struct lepton_run *run)
{
	struct lepton_event event;
	bool end = false;
	while (!end && fflush(stdout) == 0 && lepton_client_next(client, -1, &event) == 1) {
		lepton_run_apply(run, &event, NULL);
		if (event.type == LEPTON_EVENT_LOG && run->log_count)
			print_line(run, &run->log[run->log_count - 1]);
		end = event.type == LEPTON_EVENT_END;
		lepton_event_clear(&event);
	}
}

static int follow(struct lepton_client *client, struct lepton_run *run, struct lepton_error *err)
{
	(void)err;
	print_log(run);
	print_news(client, run);
	return LEPTON_OK;
}

static int run_log(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	bool follows = false;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{"--follow", ARG_FLAG, &follows, 0, 0, NULL, "go on with what happens, until the run ends"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	code = follows ? attach_watch(args_store(dir), follow, &err) : print_stored(dir, &err);
	return code ? verb_fail(verb, &err) : 0;
}

const struct verb verb_log = {"log", "[--store DIR] [--follow]",
	"what happened in a store, oldest first, and what happens", run_log};
