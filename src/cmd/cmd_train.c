/* cmd/cmd_train.c - lepton train: run a spec to its end without a screen, a line an epoch.
 *
 * Ctrl-C: INT and TERM ask the engine to quit, which checkpoints what runs, and the same command later goes
 * on from there. When the terminal vanishes (HUP) training goes on without it; --detach needs none from the
 * beginning. In either case `lepton-tui --attach` shows the run, and `lepton pause` and the like steer it.
 */
#include "config.h"
#include "cmd/attach.h"
#include "cmd/background.h"
#include "cmd/verb.h"
#include "base/clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted, hung_up;

static void on_signal(int signal_number)
{
	if (signal_number == SIGHUP)
		hung_up = 1;
	else
		interrupted = signal_number;
}

static void catch_signals(void)
{
	static const int heard[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t set;
	sigemptyset(&action.sa_mask);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof heard / sizeof *heard; i++) {
		sigaction(heard[i], &action, NULL);
		sigaddset(&set, heard[i]);
	}
	pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* a mask outlives exec; ours must hear these */
}

static void print_figure(const char *label, double value)
{
	if (isfinite(value))
		printf("  %s %.4f", label, value);
}

/* The accuracy, or what stands for it. */
static void print_quality(const struct lepton_run *run, const char *accuracy_label, double accuracy,
	const char *rmse_label, double loss)
{
	if (run->regression)
		print_figure(rmse_label, lepton_run_rmse(loss));
	else
		print_figure(accuracy_label, accuracy);
}

static void print_epoch(const struct lepton_run *run, const struct lepton_run_version *version,
	const struct lepton_event *event)
{
	printf("%-14s epoch %3" PRId64, version->name, event->u.epoch.epoch);
	if (version->epochs) /* an external program may not say how many */
		printf("/%" PRId64, version->epochs);
	print_figure("loss", event->u.epoch.loss);
	print_quality(run, "accuracy", event->u.epoch.accuracy, "rmse", event->u.epoch.loss);
	print_figure("val_loss", event->u.epoch.val_loss);
	print_quality(run, "val_accuracy", event->u.epoch.val_accuracy, "val_rmse", event->u.epoch.val_loss);
	printf("  %.1f s", event->u.epoch.seconds);
	if (isfinite(version->samples_per_second) && version->samples_per_second > 0)
		printf("  %.0f samples/s", version->samples_per_second);
	printf("\n");
}

static void print_test(const struct lepton_run *run, const struct lepton_run_version *version,
	const struct lepton_event *event)
{
	printf("%-14s test loss %.4f", version->name, event->u.test.loss);
	print_quality(run, "test accuracy", event->u.test.accuracy, "test rmse", event->u.test.loss);
	printf("\n");
}

static void print_event(const struct lepton_run *run, const struct lepton_event *event)
{
	const struct lepton_run_version *version = lepton_run_version(run, event->version);
	if (event->type == LEPTON_EVENT_EPOCH && version)
		print_epoch(run, version, event);
	else if (event->type == LEPTON_EVENT_TEST && version)
		print_test(run, version, event);
	else if (event->type == LEPTON_EVENT_STATE && version && *lepton_text_get(event->u.state.reason))
		printf("%-14s %s%s\n", version->name, event->u.state.state == LEPTON_FAILED ? "failed: " : "",
			lepton_text_get(event->u.state.reason));
	else if (event->type == LEPTON_EVENT_LOG && event->u.log.level != LEPTON_LOG_INFO &&
		 event->u.log.line)
		fprintf(stderr, "lepton train: %s\n", lepton_text_get(event->u.log.line));
	else
		return;
	fflush(stdout); /* a person, or a pipe's reader, wants the line now */
}

/* The one thing of a version that is said where nothing but faults is. */
static void print_failure(const struct lepton_run *run, const struct lepton_event *event)
{
	const struct lepton_run_version *version = lepton_run_version(run, event->version);
	if (event->type == LEPTON_EVENT_STATE && event->u.state.state == LEPTON_FAILED && version)
		fprintf(stderr, "lepton train: %s failed: %s\n", version->name, version->reason);
}

/* The terminal is gone: what would be said there is said nowhere; the store has it. */
static void go_on_without_terminal(bool *quiet)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(null);
	}
	*quiet = true;
	hung_up = 0;
}

/* Follow the run until nothing is left to do, a signal, or the end that someone else asked for. */
static void follow(struct lepton_session *session, struct lepton_run *run, bool quiet)
{
	struct lepton_reader *reader = lepton_session_reader(session, NULL);
	struct lepton_event event;
	while (!interrupted) {
		if (hung_up)
			go_on_without_terminal(&quiet);
		bool busy = lepton_engine_busy(lepton_session_engine(
			session)); /* asked first: events said before it was idle are read below */
		int got = lepton_reader_next(reader, busy ? 0.2 : 0, &event);
		if (!got && !busy)
			return;
		if (!got)
			continue;
		lepton_run_apply(run, &event, NULL);
		if (!quiet || event.type == LEPTON_EVENT_LOG) /* which are faults */
			print_event(run, &event);
		else
			print_failure(run, &event);
		lepton_event_clear(&event);
		if (run->ended)
			return;
	}
}

static int outcome(const struct lepton_run *run)
{
	for (size_t i = 0; i < run->version_count; i++)
		if (run->versions[i]->state == LEPTON_FAILED)
			return 1;
	return 0;
}

static void print_paused(const struct lepton_run *run)
{
	for (size_t i = 0; i < run->version_count; i++)
		if (run->versions[i]->state == LEPTON_PAUSED)
			fprintf(stderr, "lepton train: %s is paused; `lepton resume %s` lets it go on\n",
				run->versions[i]->name, run->versions[i]->name);
}

static int finish(const struct verb *verb, struct lepton_session *session, struct lepton_run *run,
	const char *dir, const char *path)
{
	struct lepton_error err = {0};
	bool unkept = lepton_session_close(session, &err) != LEPTON_OK;
	print_paused(run);
	bool cut_off = interrupted || run->ended; /* by a signal, or by `lepton quit` */
	int code = unkept ? verb_fail(verb, &err) : cut_off ? 130 : outcome(run);
	if (path && (attach_whole(args_store(dir), run, &err) || lepton_export(run, 0, NULL, path, &err)))
		code = verb_fail(verb, &err);
	if (cut_off && !unkept)
		fprintf(stderr,
			"lepton train: %s; checkpoints are kept, the same command goes on from there\n",
			interrupted ? "interrupted" : "ended from elsewhere");
	lepton_run_clear(run);
	return code;
}

/* The program's words before the verb's are its name alone. */
static int run_detached(const struct verb *verb, int argc, char **argv,
	const struct lepton_session_options *options, const char *export_path)
{
	struct lepton_error err = {0};
	pid_t pid;
	if (export_path) {
		fprintf(stderr,
			"lepton train: --export is for a run that is waited for; `lepton export` writes the "
			"summary at any time\n");
		return 2;
	}
	if (background_start(args_store(options->store_dir), argc + 1, argv - 1, 2, &pid, &err))
		return verb_fail(verb, &err);
	const char *dir = options->store_dir;
	printf("process %ld trains on; `lepton-tui --attach%s%s` shows it, `lepton quit%s%s` ends it\n",
		(long)pid, dir ? " --store " : "", dir ? dir : "", dir ? " --store " : "", dir ? dir : "");
	return 0;
}

static int run_train(const struct verb *verb, int argc, char **argv)
{
	struct lepton_session_options options = {.seed = -1, .net = SESSION_LISTENS};
	const char *export_path = NULL;
	int64_t workers = 0, background = -1;
	bool quiet = false, detach = false;
	const struct arg table[] = {
		{"--store", ARG_STRING, &options.store_dir, 0, 0, "DIR",
			"where versions are kept (default ./.lepton)"},
		{"--workers", ARG_INTEGER, &workers, 1, 1024, "N", "worker threads (default: one a core)"},
		{"--epochs", ARG_INTEGER, &options.epochs, 1, 1000000, "N",
			"epochs of every new version, whatever the spec says"},
		{"--seed", ARG_INTEGER, &options.seed, 0, INT64_C(9007199254740991), "N",
			"the experiment's seed, instead of the spec's"},
		{"--export", ARG_STRING, &export_path, 0, 0, "FILE",
			"write the run summary at the end (.json or .csv)"},
		{"--quiet", ARG_FLAG, &quiet, 0, 0, NULL, "print nothing but faults"},
		{"--detach", ARG_FLAG, &detach, 0, 0, NULL,
			"train in the background; lepton-tui --attach shows it"},
		{BACKGROUND_OPTION, ARG_INTEGER, &background, 0, INT32_MAX, "FD", NULL},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct lepton_session *session;
	struct lepton_run run;
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 1);
	if (code >= 0)
		return code;
	options.spec_path = operands.count ? operands.items[0] : NULL;
	options.workers = (int)workers;
	if (background >= 0)
		return background_run(&options, background, 0);
	if (detach)
		return run_detached(verb, argc, argv, &options, export_path);
	catch_signals();
	if (lepton_session_open(&options, &session, &err))
		return verb_fail(verb, &err);
	lepton_session_take_run(session, &run);
	follow(session, &run, quiet);
	return finish(verb, session, &run, options.store_dir, export_path);
}

const struct verb verb_train = {"train",
	"[SPEC] [--store DIR] [--workers N] [--epochs N] [--seed N] [--export FILE] [--quiet] [--detach]",
	"train the spec's versions to their end; without SPEC, go on with the store's", run_train};
