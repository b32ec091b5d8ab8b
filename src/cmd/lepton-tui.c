/* cmd/lepton-tui.c - the dashboard's main: a session, a screen, and the link between them.
 *
 * The terminal is checked before the session is opened, so that a pipe or a dumb terminal costs nothing.
 * A script with a size of its own needs neither terminal nor session: that is how the golden screens run.
 */
#include "config.h"
#include "cmd/args.h"
#include "cmd/session.h"
#include "tui/tui.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE "[SPEC] [--store DIR] [--theme NAME] [--workers N] [--ascii] [--no-color] [--script FILE]"

static int fail(const struct lepton_error *err)
{
	fprintf(stderr, "lepton-tui: %s\n", err->message);
	return lepton_error_exit_code(err->code);
}

static int submit(void *context, const struct lepton_command *command, struct lepton_error *err)
{
	return lepton_engine_submit(lepton_session_engine(context), command, err);
}

static int next(void *context, struct lepton_event *event)
{
	return lepton_reader_next(lepton_session_reader(context, NULL), 0, event);
}

static int submit_nowhere(void *context, const struct lepton_command *command, struct lepton_error *err)
{
	(void)context;
	(void)command;
	return lepton_error_set(err, LEPTON_E_STATE, "nothing trains here: this is a replay");
}

static int next_none(void *context, struct lepton_event *event)
{
	(void)context;
	(void)event;
	return 0;
}

static int replay(const struct lepton_tui_options *options)
{
	struct lepton_tui_link link = {.submit = submit_nowhere, .next = next_none, .wake_fd = -1};
	struct lepton_error err = {0};
	struct lepton_run run;
	lepton_run_init(&run);
	int code = lepton_tui_run(options, &link, &run, &err);
	lepton_run_clear(&run);
	return code ? fail(&err) : 0;
}

static int train(
	const struct lepton_tui_options *options, const struct lepton_session_options *session_options)
{
	struct lepton_session *session;
	struct lepton_error err = {0};
	struct lepton_run run;
	if (lepton_session_open(session_options, &session, &err))
		return fail(&err);
	struct lepton_tui_link link = {.submit = submit, .next = next, .context = session};
	lepton_session_reader(session, &link.wake_fd);
	lepton_session_take_run(session, &run);
	int code = lepton_tui_run(options, &link, &run, &err);
	lepton_run_clear(&run);
	if (lepton_engine_busy(lepton_session_engine(session)))
		fprintf(stderr, "lepton-tui: keeping checkpoints; the same command goes on from there\n");
	lepton_session_close(session);
	return code ? fail(&err) : 0;
}

static int check_terminal(void)
{
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return 0;
	fprintf(stderr, "lepton-tui: this is not a terminal; without one, use `lepton train SPEC`\n");
	return 1;
}

static void print_help(const struct arg *table)
{
	char options[4096];
	args_help(table, options, sizeof options);
	printf("usage: lepton-tui " USAGE
	       "\n\nTrain the spec's versions and steer them at the keyboard; without SPEC, go on with "
	       "the store's.\nPress ? inside for the keys.\n\n%s",
		options);
}

int main(int argc, char **argv)
{
	struct lepton_tui_options options = {0};
	struct lepton_session_options session = {.seed = -1};
	bool attach = false, help = false, version = false;
	int64_t workers = 0;
	const struct arg table[] = {
		{"--store", ARG_STRING, &session.store_dir, 0, 0, "DIR",
			"where versions are kept (default ./.lepton)"},
		{"--theme", ARG_STRING, &options.theme, 0, 0, "NAME",
			"a theme's name, or a btop .theme file"},
		{"--workers", ARG_INTEGER, &workers, 1, 1024, "N", "worker threads (default: one a core)"},
		{"--ascii", ARG_FLAG, &options.ascii, 0, 0, NULL, "draw with ASCII characters only"},
		{"--no-color", ARG_FLAG, &options.no_color, 0, 0, NULL,
			"no colours (NO_COLOR does the same)"},
		{"--script", ARG_STRING, &options.script, 0, 0, "FILE",
			"play keys from a file (tests, recordings)"},
		{"--attach", ARG_FLAG, &attach, 0, 0, NULL,
			"come back to a detached run (not in this build)"},
		{"--version", ARG_FLAG, &version, 0, 0, NULL, "print the version"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	if (args_parse(table, argc, argv, &operands, &help, &err))
		return fail(&err);
	if (help || version) {
		if (help)
			print_help(table);
		else
			printf("lepton-tui %s\n", PACKAGE_VERSION);
		return 0;
	}
	if (attach || operands.count > 1) {
		fprintf(stderr, "lepton-tui: %s\n",
			attach ? "--attach is not in this build: run lepton-tui inside tmux to leave and "
				 "come back"
			       : "one spec at a time; usage: lepton-tui " USAGE);
		return 2;
	}
	session.spec_path = operands.count ? operands.items[0] : NULL;
	session.workers = (int)workers;
	if (options.script && !session.spec_path && !session.store_dir)
		return replay(&options);
	if (!options.script && check_terminal())
		return 1;
	return train(&options, &session);
}
