/* cmd/background.c - a run in a process of its own, which needs no terminal.
 *
 * The dashboard is never the process that trains: what kills a dashboard (a dropped connection, a closed
 * terminal, a fault of ours) leaves the training alone. The program is started anew rather than forked on,
 * since a process that has threads (BLAS starts some) does not survive a fork whole. The new one is the
 * leader of a session without a terminal, so no key and no hang-up reaches it.
 *
 * Handshake: one line through a pipe, "0 ready" or an error's code and sentence; an end without a line is a
 * crash. Who started it may have died meanwhile: then it ends, since nobody would know of it.
 */
#include "config.h"
#include "cmd/background.h"
#include "cmd/args.h"
#include "cmd/unlock.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_SECONDS 0.2 /* how often it looks whether there is still something to do */
#define LOG_NAME "engine.log"

/* ---- starting it -------------------------------------------------------------------------------- */

/* In the child, between fork and exec: only calls that are safe there. */
static void become(const char *program, char **argv, int unused_end) __attribute__((noreturn));
static void become(const char *program, char **argv, int unused_end)
{
	int null = open("/dev/null", O_RDWR);
	close(unused_end);
	setsid();
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		if (null > STDERR_FILENO)
			close(null);
	}
	execv(program, argv);
	_exit(127);
}

/* argv with the option and the descriptor put in before argv[first]; NULL when out of memory. */
static char **extended(int argc, char **argv, int first, char *descriptor)
{
	char **words = lepton__calloc((size_t)argc + 3, sizeof *words);
	if (!words)
		return NULL;
	memcpy(words, argv, (size_t)first * sizeof *words);
	words[first] = (char *)(uintptr_t)BACKGROUND_OPTION; /* exec writes into none of them */
	words[first + 1] = descriptor;
	memcpy(words + first + 2, argv + first, (size_t)(argc - first) * sizeof *words);
	return words;
}

int background_wait(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static int crashed(pid_t pid, struct lepton_error *err)
{
	int status = background_wait(pid);
	if (WIFSIGNALED(status))
		return lepton_error_set(err, LEPTON_E_IO,
			"the training process was ended by signal %d before it was ready", WTERMSIG(status));
	return lepton_error_set(err, LEPTON_E_IO,
		"the training process ended with code %d before it was ready", WEXITSTATUS(status));
}

/* Its one line, up to the end of the pipe. */
static int hear_ready(int fd, pid_t pid, struct lepton_error *err)
{
	char line[sizeof err->message + 32];
	size_t used = 0;
	ssize_t got;
	while ((got = read(fd, line + used, sizeof line - 1 - used)) != 0)
		if (got > 0)
			used += (size_t)got;
		else if (errno != EINTR)
			break;
	line[used] = '\0';
	line[strcspn(line, "\n")] = '\0';
	char *sentence;
	long code = strtol(line, &sentence, 10);
	if (sentence == line || code > 0)
		return crashed(pid, err);
	if (!code)
		return LEPTON_OK;
	background_wait(pid);
	return lepton_error_set(err, (int)code, "%s", *sentence ? sentence + 1 : "it did not start");
}

static int start(int argc, char **argv, int first, pid_t *pid, struct lepton_error *err)
{
	char program[PATH_MAX], descriptor[16];
	int ends[2];
	ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
	if (size < 0 || pipe2(ends, O_CLOEXEC))
		return lepton_error_set(
			err, LEPTON_E_IO, "cannot start the training process: %s", strerror(errno));
	program[size] = '\0';
	snprintf(descriptor, sizeof descriptor, "%d", ends[1]);
	char **words = extended(argc, argv, first, descriptor);
	fcntl(ends[1], F_SETFD, 0); /* this end it keeps */
	fflush(NULL);
	*pid = words ? fork() : -1;
	if (*pid == 0)
		become(program, words, ends[0]);
	int failed = errno;
	lepton__free(words);
	close(ends[1]);
	int code = *pid < 0 ? lepton_error_set(err, LEPTON_E_IO, "cannot start the training process: %s",
				      strerror(failed))
			    : hear_ready(ends[0], *pid, err);
	close(ends[0]);
	return code;
}

int background_start(const char *dir, int argc, char **argv, int first, pid_t *pid, struct lepton_error *err)
{
	int fd;
	int code = unlock_hand_on(dir, &fd, err);
	if (code)
		return code;
	code = start(argc, argv, first, pid, err);
	unlock_handed_on(fd);
	return code;
}

/* ---- being it ------------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t set;
	sigemptyset(&action.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGHUP, SIG_IGN);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* False: nobody hears it any more. */
static bool say_ready(int fd, int code, const char *sentence)
{
	char line[640];
	int size = snprintf(line, sizeof line, "%d %s\n", code, sentence);
	bool said = write(fd, line, (size_t)size) == size;
	close(fd);
	return said;
}

/* What libraries and crashes say from now on is kept beside the store. */
static void keep_errors(const char *dir)
{
	char *path = lepton__path_join(dir, LOG_NAME);
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
	lepton__free(path);
}

/* What the events say that matters here. A version that is paused in this process's time is one that someone
 * will let go on; one that was paused before does not keep the process alive. */
struct heard {
	bool started, ended;
	int64_t *paused; /* ids */
	size_t count, capacity;
};

static void note_state(struct heard *heard, const struct lepton_event *event)
{
	size_t i = 0;
	while (i < heard->count && heard->paused[i] != event->version)
		i++;
	if (i < heard->count)
		heard->paused[i] = heard->paused[--heard->count];
	if (event->u.state.state != LEPTON_PAUSED || !heard->started)
		return;
	if (!lepton__grow(&heard->paused, &heard->capacity, heard->count + 1, sizeof *heard->paused))
		heard->paused[heard->count++] = event->version;
}

/* Take the events that come within a look's time. */
static void hear(struct lepton_session *session, struct heard *heard)
{
	struct lepton_reader *reader = lepton_session_reader(session, NULL);
	struct lepton_event event;
	double until = lepton__monotonic() + LOOK_SECONDS;
	while (!heard->ended && !interrupted) {
		double left = until - lepton__monotonic();
		if (left <= 0 || lepton_reader_next(reader, left, &event) != 1)
			return;
		heard->started = heard->started || event.type == LEPTON_EVENT_RUN;
		heard->ended = event.type == LEPTON_EVENT_END;
		if (event.type == LEPTON_EVENT_STATE)
			note_state(heard, &event);
		lepton_event_clear(&event);
	}
}

/* Once, when nothing else is left: else nobody would know why the process is still there. */
static void say_waits(struct lepton_session *session, const struct heard *heard, bool waits, bool *said)
{
	char line[160];
	if (waits && !*said) {
		snprintf(line, sizeof line,
			"nothing is left to do but %zu paused version%s: the process waits for `lepton "
			"resume`, or for `lepton "
			"quit`, which ends it",
			heard->count, heard->count == 1 ? "" : "s");
		struct lepton_text *text = lepton_text_new(line);
		lepton_engine_say(lepton_session_engine(session), LEPTON_LOG_INFO, text);
		lepton_text_release(text);
	}
	*said = waits;
}

/* Twice in a row nothing to do and nobody here: someone may be between two commands. */
static void train(struct lepton_session *session, double grace)
{
	struct heard heard = {.ended = false};
	double began = lepton__monotonic();
	bool met = false, said = false;
	for (int idle = 0; idle < 2 && !interrupted && !heard.ended;) {
		hear(session, &heard);
		int steering = lepton_session_steering(session);
		met = met || steering || lepton__monotonic() - began >= grace;
		bool works = lepton_engine_busy(lepton_session_engine(session)), busy = heard.count || works;
		say_waits(session, &heard, heard.count && !works && !steering, &said);
		idle = met && !steering && !busy ? idle + 1 : 0;
	}
	lepton__free(heard.paused);
}

int background_run(struct lepton_session_options *options, int64_t ready, double grace)
{
	struct lepton_session *session;
	struct lepton_error err = {0};
	catch_signals();
	options->net = SESSION_SERVES;
	int code = lepton_session_open(options, &session, &err);
	if (code) {
		say_ready((int)ready, code, err.message);
		return lepton_error_exit_code(code);
	}
	keep_errors(args_store(options->store_dir));
	if (say_ready((int)ready, 0, "ready"))
		train(session, grace);
	code = lepton_session_close(session, &err);
	if (code)
		fprintf(stderr, "lepton: %s\n", err.message);
	return code ? lepton_error_exit_code(code) : interrupted ? 130 : 0;
}
