/* cmd/cmd_promote.c - promote and rollback: where an alias points. */
#include "config.h"
#include "cmd/verb.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static int move_alias(
	const struct verb *verb, enum lepton_command_type type, size_t operand_count, int argc, char **argv)
{
	const char *dir = NULL, *alias = "production";
	const struct arg table[] = {
		{"--alias", ARG_STRING, &alias, 0, 0, "NAME", "the alias to move (default production)"},
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, operand_count, operand_count);
	if (code >= 0)
		return code;
	if (lepton_name_check(alias, &err))
		return verb_fail(verb, &err);
	struct lepton_command command = {.type = type};
	lepton__copy_name(command.alias, sizeof command.alias, alias);
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

static int run_promote(const struct verb *verb, int argc, char **argv)
{
	return move_alias(verb, LEPTON_CMD_PROMOTE, 1, argc, argv);
}

static int run_rollback(const struct verb *verb, int argc, char **argv)
{
	return move_alias(verb, LEPTON_CMD_ROLLBACK, 0, argc, argv);
}

const struct verb verb_promote = {
	"promote", "V [--alias production] [--store DIR]", "point an alias at a version", run_promote};
const struct verb verb_rollback = {
	"rollback", "[--alias production] [--store DIR]", "point an alias back at what it was", run_rollback};
