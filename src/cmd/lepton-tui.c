/* cmd/lepton-tui.c - the dashboard's main: a run in a process of its own, a screen, and the link between
 * them.
 *
 * Without --attach it starts that process, and is attached to it as any dashboard is: training survives
 * whatever happens to this process and its terminal. On a pipe or a dumb
 * terminal it speaks in lines (tui/spoken.c). A script with a size of its own needs neither terminal nor run:
 * that is how the golden screens are made.
 */
#include "config.h"
#include "cmd/args.h"
#include "cmd/attach.h"
#include "cmd/background.h"
#include "cmd/unlock.h"
#include "tui/graphics.h"
#include "tui/notify.h"
#include "tui/tui.h"
#include "base/clock.h"
#include "base/memory.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE                                                                                                \
	"[SPEC] [--store DIR] [--attach [--watch | --alone]] [--theme NAME] [--workers N] [--ascii] "        \
	"[--no-color] [--notify HOW] [--pictures HOW] [--lines] [--tour] [--config FILE] [--keys | "         \
	"--check-config] [--script FILE] "                                                                   \
	"[--record FILE]"
#define PAST_SECONDS 2.0   /* that a store stays open for who asks it for windows */
#define GRACE_SECONDS 30.0 /* for the dashboard to come to the run it has started */

struct wish {
	struct lepton_tui_options options;
	struct lepton_session_options session;
	bool attach, watch, alone;
	int argc;
	char **argv;
};

/* The run this dashboard shows. */
struct shown {
	struct lepton_client *client;
	const char *store; /* its folder */
	pid_t ours; /* the process we have started; 0: it was there before */
	struct lepton_store *past; /* open for the next window that is asked for; NULL */
	double asked;              /* when the last was */
};

static int fail(const struct lepton_error *err)
{
	fprintf(stderr, "lepton-tui: %s\n", err->message);
	return lepton_error_exit_code(err->code);
}

static int submit(void *context, const struct lepton_command *command, struct lepton_error *err)
{
	return lepton_client_submit(((struct shown *)context)->client, command, err);
}

static void forget_past(struct shown *shown)
{
	lepton_store_close(shown->past);
	shown->past = NULL;
}

static int next(void *context, struct lepton_event *event)
{
	struct shown *shown = context;
	if (shown->past && lepton__monotonic() - shown->asked > PAST_SECONDS)
		forget_past(shown);
	return lepton_client_next(shown->client, 0, event);
}

/* Windows are asked for seldom, but then often several after one another: the store stays open for those, and
 * no longer, since its keys may change. */
static int history(void *context, int64_t version, int64_t from, int64_t to, int64_t most,
	struct lepton_history *out, struct lepton_error *err)
{
	struct shown *shown = context;
	*out = (struct lepton_history){0};
	if (shown->past && lepton__monotonic() - shown->asked > PAST_SECONDS)
		forget_past(shown);
	int code = shown->past ? LEPTON_OK : unlock_store(shown->store, LEPTON_STORE_READ, &shown->past, err);
	if (!code)
		code = lepton_store_load_history(shown->past, version, from, to, most, out, err);
	shown->asked = lepton__monotonic();
	if (code)
		forget_past(shown);
	return code;
}

static int ask_role(void *context, enum lepton_role role, struct lepton_error *err)
{
	return lepton_client_ask_role(((struct shown *)context)->client, role, err);
}

static int role_now(void *context, enum lepton_role *now, struct lepton_error *refused)
{
	return lepton_client_role(((struct shown *)context)->client, now, refused);
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
	int code = lepton_tui_run(options, &link, &run, NULL, &err);
	lepton_run_clear(&run);
	return code ? fail(&err) : 0;
}

static const char *store_of(const struct wish *wish)
{
	return args_store(wish->session.store_dir);
}

/* Without a spec, a run that is there is what is meant. */
static int find_run(const struct wish *wish, struct shown *shown, struct lepton_error *err)
{
	int code = LEPTON_E_NOTFOUND;
	if (wish->attach || !wish->session.spec_path)
		code = lepton_client_connect(store_of(wish), &shown->client, err);
	if (wish->attach || code != LEPTON_E_NOTFOUND)
		return code;
	code = background_start(store_of(wish), wish->argc, wish->argv, 1, &shown->ours, err);
	return code ? code : lepton_client_connect(store_of(wish), &shown->client, err);
}

/* Ask the process to end, and wait until it has: the store is free then. */
static void end_run(struct shown *shown)
{
	struct lepton_command quit = {.type = LEPTON_CMD_QUIT};
	struct lepton_event event;
	bool ended = lepton_client_submit(shown->client, &quit, NULL) != LEPTON_OK;
	while (!ended && lepton_client_next(shown->client, -1, &event) == 1) {
		ended = event.type == LEPTON_EVENT_END;
		lepton_event_clear(&event);
	}
	background_wait(shown->ours);
}

static void leave(const struct wish *wish, struct shown *shown, bool busy, bool detached)
{
	if (!detached && shown->ours && busy)
		fprintf(stderr, "lepton-tui: keeping checkpoints; the same command goes on from there\n");
	if (!detached && shown->ours)
		end_run(shown);
	else if (detached)
		fprintf(stderr, "lepton-tui: process %lld goes on; `lepton-tui --attach%s%s` comes back\n",
			(long long)lepton_client_pid(shown->client),
			wish->session.store_dir ? " --store " : "",
			wish->session.store_dir ? wish->session.store_dir : "");
}

static bool still_busy(const struct lepton_run *run)
{
	for (size_t i = 0; i < run->version_count && !run->ended; i++)
		if (run->versions[i]->state <= LEPTON_RUNNING)
			return true;
	return false;
}

static int show(const struct wish *wish, struct shown *shown, struct lepton_error *err)
{
	enum lepton_role role = wish->watch   ? LEPTON_WATCHES
				: wish->alone ? LEPTON_STEERS_ALONE
					      : LEPTON_STEERS;
	struct lepton_run run;
	bool detached = false;
	int code = attach_run(shown->client, store_of(wish), role, &run, err);
	if (!code) {
		struct lepton_tui_link link = {.submit = submit,
			.next = next,
			.ask_role = ask_role,
			.role = role_now,
			.begins_as = role,
			.history = history,
			.wake_fd = lepton_client_fd(shown->client),
			.can_detach = true,
			.attached = !shown->ours,
			.pid = lepton_client_pid(shown->client),
			.context = shown};
		code = lepton_tui_run(&wish->options, &link, &run, &detached, err);
	}
	forget_past(shown);
	leave(wish, shown, !code && still_busy(&run), detached && !run.ended);
	lepton_run_clear(&run);
	return code;
}

static int steer(const struct wish *wish)
{
	struct shown shown = {.store = store_of(wish)};
	struct lepton_error err = {0};
	int code = find_run(wish, &shown, &err);
	if (!code)
		code = show(wish, &shown, &err);
	lepton_client_close(shown.client);
	return code ? fail(&err) : 0;
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

/* Its place among the words; 0 for none said, -1: no such word */
static int place_of(const char *word, const char *const *words, int count)
{
	for (int i = 0; word && i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return word ? -1 : 0;
}

/* A text of lepton_tui_keys and its like, to print; the exit code. */
static int print_text(int code, char *text, const struct lepton_error *err)
{
	if (text)
		fputs(text, code ? stderr : stdout);
	lepton__free(text);
	return text ? lepton_error_exit_code(code) : fail(err);
}

static int print_manual(const struct arg *table)
{
	char options[8192], *text = NULL;
	struct lepton_error err = {0};
	args_manual(table, options, sizeof options);
	int code = lepton_tui_manual(options, &text, &err);
	return print_text(code, text, &err);
}

/* What the words say; -1 to go on, else the exit code. */
static int parse(struct wish *wish, int64_t *background)
{
	bool help = false, version = false, keys = false, check = false, manual = false;
	int64_t workers = 0;
	const char *notify = NULL, *pictures = NULL;
	const struct arg table[] = {
		{"--store", ARG_STRING, &wish->session.store_dir, 0, 0, "DIR",
			"where versions are kept (default ./.lepton)"},
		{"--attach", ARG_FLAG, &wish->attach, 0, 0, NULL,
			"come to the run that trains in the store: after D, a lost connection, or `lepton "
			"train`"},
		{"--watch", ARG_FLAG, &wish->watch, 0, 0, NULL, "with --attach: only look"},
		{"--alone", ARG_FLAG, &wish->alone, 0, 0, NULL,
			"with --attach: nobody else steers meanwhile"},
		{"--theme", ARG_STRING, &wish->options.theme, 0, 0, "NAME",
			"a theme's name, or a btop .theme file"},
		{"--workers", ARG_INTEGER, &workers, 1, 1024, "N", "worker threads (default: one a core)"},
		{"--ascii", ARG_FLAG, &wish->options.ascii, 0, 0, NULL, "draw with ASCII characters only"},
		{"--no-color", ARG_FLAG, &wish->options.no_color, 0, 0, NULL,
			"no colours (NO_COLOR does the same)"},
		{"--notify", ARG_STRING, &notify, 0, 0, "HOW",
			"when a training or job ends: line, bell or desktop (default line)"},
		{"--pictures", ARG_STRING, &pictures, 0, 0, "HOW",
			"images by the terminal's graphics, kitty or sixel, or in blocks (default auto: it "
			"is asked)"},
		{"--lines", ARG_FLAG, &wish->options.lines, 0, 0, NULL,
			"no screen: a line of text for each thing that happens, and commands by name, for "
			"screen readers and pipes"},
		{"--tour", ARG_FLAG, &wish->options.tour, 0, 0, NULL,
			"begin with the tour of the screen, which the very first start shows by itself"},
		{"--config", ARG_STRING, &wish->options.config, 0, 0, "FILE",
			"a file of settings (default ~/.config/lepton/config)"},
		{"--keys", ARG_FLAG, &keys, 0, 0, NULL, "print every action with its keys"},
		{"--check-config", ARG_FLAG, &check, 0, 0, NULL, "say what is wrong in the file of settings"},
		{"--man", ARG_FLAG, &manual, 0, 0, NULL, NULL},
		{"--script", ARG_STRING, &wish->options.script, 0, 0, "FILE",
			"play keys from a file (tests, recordings)"},
		{"--record", ARG_STRING, &wish->options.record, 0, 0, "FILE",
			"record the session as an asciicast"},
		{"--version", ARG_FLAG, &version, 0, 0, NULL, "print the version"},
		{BACKGROUND_OPTION, ARG_INTEGER, background, 0, INT32_MAX, "FD", NULL},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	const char *wrong = NULL;
	if (args_parse(table, wish->argc, wish->argv, &operands, &help, &err))
		return fail(&err);
	if (help)
		print_help(table);
	else if (version)
		printf("lepton-tui %s\n", PACKAGE_VERSION);
	if (help || version)
		return 0;
	char *text = NULL;
	if (manual)
		return print_manual(table);
	if (keys) {
		int code = lepton_tui_keys(wish->options.config, &text, &err);
		return print_text(code, text, &err);
	}
	if (check) {
		int code = lepton_tui_check_config(wish->options.config, &text, &err);
		return print_text(code, text, &err);
	}
	int how = place_of(notify, lepton__notify_names, LEPTON__NOTIFIES),
	    drawn = place_of(pictures, lepton__pictures_names, LEPTON__PICTURES);
	if (how < 0)
		wrong = "--notify takes line, bell or desktop";
	else if (drawn < 0)
		wrong = "--pictures takes auto, kitty, sixel or blocks";
	else if (operands.count > 1)
		wrong = "one spec at a time";
	else if (wish->attach && (operands.count || workers))
		wrong = "--attach comes to a run as it was started: leave out SPEC and --workers";
	else if ((wish->watch || wish->alone) && !wish->attach)
		wrong = "--watch and --alone go with --attach";
	else if (wish->watch && wish->alone)
		wrong = "--watch or --alone, not both";
	if (wrong) {
		fprintf(stderr, "lepton-tui: %s; usage: lepton-tui " USAGE "\n", wrong);
		return 2;
	}
	wish->session.spec_path = operands.count ? operands.items[0] : NULL;
	wish->session.workers = (int)workers;
	wish->options.notify = how;
	wish->options.pictures = pictures ? 1 + drawn : 0;
	return -1;
}

int main(int argc, char **argv)
{
	struct wish wish = {.session = {.seed = -1}, .argc = argc, .argv = argv};
	int64_t background = -1;
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	int code = parse(&wish, &background);
	if (code >= 0)
		return code;
	if (background >= 0)
		return background_run(&wish.session, background, GRACE_SECONDS);
	if (wish.options.script && !wish.session.spec_path && !wish.session.store_dir && !wish.attach)
		return replay(&wish.options);
	code = steer(&wish);
	unlock_forget();
	return code;
}
