/* cmd/cmd_steer.c - pause, resume, stop, archive, restore: a version's state in a store nobody is training.
 *
 * What they change is what the next `lepton train` or `lepton-tui` on that store finds. A store whose
 * engine runs is steered in its dashboard; here it is refused with the holder's pid.
 */
#include "config.h"
#include "cmd/verb.h"

#include <stdio.h>

static int steer(const struct verb *verb, enum lepton_command_type type, int argc, char **argv)
{
	const char *dir = NULL;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, 1, LEPTON_MAX_PARENTS);
	if (code >= 0)
		return code;
	struct lepton_command command = {.type = type};
	struct lepton_run run;
	int64_t made;
	char message[512] = "";
	code = verb_command(dir, &command, &operands, &run, &made, message, sizeof message, &err);
	if (code)
		verb_fail(verb, &err);
	else
		printf("%s\n", message);
	lepton_run_clear(&run);
	return lepton_error_exit_code(code);
}

#define STEER(word, type, summary)                                                                           \
	static int run_##word(const struct verb *verb, int argc, char **argv)                                \
	{                                                                                                    \
		return steer(verb, type, argc, argv);                                                        \
	}                                                                                                    \
	const struct verb verb_##word = {#word, "V... [--store DIR]", summary, run_##word}

STEER(pause, LEPTON_CMD_PAUSE, "let versions rest: the next run leaves them paused");
STEER(resume, LEPTON_CMD_RESUME, "let paused or stopped versions train again at the next run");
STEER(stop, LEPTON_CMD_STOP, "end versions where they are");
STEER(archive, LEPTON_CMD_ARCHIVE, "put versions away; nothing is lost");
STEER(restore, LEPTON_CMD_RESTORE, "bring archived versions back");
