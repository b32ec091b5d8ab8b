/* cmd/cmd_label.c - tag and note: what people write on versions, whether a run trains in the store or not.
 *
 * Changes of tags begin with a sign, which names of options also do: they are sorted out before options are
 * read.
 */
#include "config.h"
#include "cmd/verb.h"

#include <stdio.h>
#include <string.h>

static int submit(const struct verb *verb, enum lepton_command_type type, const char *dir, const char *text,
	const struct arg_list *versions)
{
	struct lepton_error err = {0};
	struct lepton_command command = {.type = type};
	command.settings = lepton_command_setting(type == LEPTON_CMD_NOTE ? "note" : "tags", text);
	if (!command.settings) {
		lepton_error_set(&err, LEPTON_E_NOMEM, "out of memory");
		return verb_fail(verb, &err);
	}
	int exit_code = verb_carry_out(verb, dir, &command, versions);
	lepton_command_clear(&command);
	return exit_code;
}

static bool is_change(const char *word)
{
	bool option = strncmp(word, "--", 2) == 0 || strcmp(word, "-h") == 0;
	return word[0] == '+' || strcmp(word, "=") == 0 || (word[0] == '-' && word[1] && !option);
}

/* Words of changes out of argv, into `changes`; how many others stay. Behind "=" all are changes. */
static int take_changes(int argc, char **argv, char *changes, size_t size)
{
	int kept = 1;
	bool all = false;
	size_t used = 0;
	*changes = '\0';
	for (int i = 1; i < argc; i++) {
		all = all || strcmp(argv[i], "=") == 0;
		if ((all && strncmp(argv[i], "--", 2) == 0) || !(all || is_change(argv[i]))) {
			all = false;
			argv[kept++] = argv[i];
		} else if (used < size) {
			int more = snprintf(changes + used, size - used, "%s%s", used ? " " : "", argv[i]);
			used += more > 0 ? (size_t)more : 0;
		}
	}
	return used < size ? kept : -1;
}

static int run_tag(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	char changes[4096];
	int kept = take_changes(argc, argv, changes, sizeof changes);
	if (kept < 0) {
		fprintf(stderr, "lepton tag: too many changes at once\n");
		return 2;
	}
	int code = verb_parse(verb, table, kept, argv, &operands, 1, LEPTON_MAX_PARENTS);
	if (code >= 0)
		return code;
	if (!*changes) {
		fprintf(stderr,
			"lepton tag: say what changes: +WORD adds a tag, -WORD takes one away; usage: lepton "
			"tag %s\n",
			verb->usage);
		return 2;
	}
	return submit(verb, LEPTON_CMD_TAG, dir, changes, &operands);
}

static int run_note(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	int code = verb_parse(verb, table, argc, argv, &operands, 2, 2);
	if (code >= 0)
		return code;
	const char *text = operands.items[--operands.count];
	return submit(verb, LEPTON_CMD_NOTE, dir, text, &operands);
}

const struct verb verb_tag = {"tag", "V... +WORD... -WORD... [= WORD...] [--store DIR]",
	"put words on versions, or take them away; = sets them", run_tag};
const struct verb verb_note = {
	"note", "V TEXT [--store DIR]", "write a note on a version; an empty one takes it away", run_note};
