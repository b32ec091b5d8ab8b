/* cmd/cmd_steer.c - pause, resume, stop, archive, restore: a version's state; and quit, which ends a run.
 *
 * Where a run trains in the store, it does what is asked within a slice. Where none does, what changes is
 * what the next `lepton train` or `lepton-tui` on that store finds.
 */
#include "config.h"
#include "cmd/verb.h"

#include <inttypes.h>
#include <stdio.h>

static int steer(const struct verb *verb, enum lepton_command_type type, int argc, char **argv)
{
	const char *dir = NULL;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	int code = verb_parse(verb, table, argc, argv, &operands, 1, LEPTON_MAX_PARENTS);
	if (code >= 0)
		return code;
	struct lepton_command command = {.type = type};
	return verb_carry_out(verb, dir, &command, &operands);
}

#define STEER(word, type, summary)                                                                           \
	static int run_##word(const struct verb *verb, int argc, char **argv)                                \
	{                                                                                                    \
		return steer(verb, type, argc, argv);                                                        \
	}                                                                                                    \
	const struct verb verb_##word = {#word, "V... [--store DIR]", summary, run_##word}

/* Only a run can be ended; then the store is free when this returns. */
static int quit(const char *dir, struct lepton_error *err)
{
	struct lepton_command command = {.type = LEPTON_CMD_QUIT, .ticket = 1};
	struct lepton_client *client;
	struct lepton_event event;
	int code = lepton_client_connect(dir, &client, err);
	if (code)
		return code;
	int64_t pid = lepton_client_pid(client);
	code = lepton_client_submit(client, &command, err);
	for (bool end = false; !code && !end && lepton_client_next(client, -1, &event) == 1;) {
		if (event.type == LEPTON_EVENT_REPLY && event.u.reply.code)
			code = lepton_error_set(
				err, event.u.reply.code, "%s", lepton_text_get(event.u.reply.message));
		end = event.type == LEPTON_EVENT_END;
		lepton_event_clear(&event);
	}
	lepton_client_close(client);
	if (!code)
		printf("process %" PRId64 " has ended; checkpoints are kept\n", pid);
	return code;
}

static int run_quit(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	return quit(args_store(dir), &err) ? verb_fail(verb, &err) : 0;
}

const struct verb verb_quit = {
	"quit", "[--store DIR]", "end the run that trains in a store: checkpoints are kept", run_quit};

STEER(pause, LEPTON_CMD_PAUSE, "let versions rest, now or at the next run");
STEER(resume, LEPTON_CMD_RESUME, "let paused or stopped versions train again, now or at the next run");
STEER(stop, LEPTON_CMD_STOP, "end versions where they are");
STEER(archive, LEPTON_CMD_ARCHIVE, "put versions away; nothing is lost");
STEER(restore, LEPTON_CMD_RESTORE, "bring archived versions back");
