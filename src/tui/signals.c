/* tui/signals.c - see the header for what; here is how.
 *
 * Handlers are process-wide, so all of this is one static object, written before the handlers are installed.
 * The crash handler uses write, tcsetattr, dup2, sigaction and raise, which POSIX lists as safe. A fault that
 * the hardware raised happens again when the handler returns, under the old handler and with its true address
 * (so a sanitizer's report stays right); one that was sent is raised again, as are ABRT and the QUIT of ^\,
 * which stays ignored where it was.
 */
#include "config.h"
#include "tui/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define RESET_MAX 512
#define STACK_SIZE 65536

static const int event_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
static const char event_bytes[] = {LEPTON__SIGNAL_INT, LEPTON__SIGNAL_TERM, LEPTON__SIGNAL_HUP,
	LEPTON__SIGNAL_WINCH, LEPTON__SIGNAL_TSTP, LEPTON__SIGNAL_CONT};
static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};

#define EVENTS (sizeof event_signals / sizeof *event_signals)
#define FATALS (sizeof fatal_signals / sizeof *fatal_signals)

static struct {
	bool open;
	int pipe[2];
	struct sigaction old_event[EVENTS], old_fatal[FATALS], old_pipe;
	stack_t old_stack;
	sigset_t old_mask;
	/* for the crash */
	volatile sig_atomic_t armed;
	int fd, stderr_fd;
	size_t size;
	struct termios saved;
	char bytes[RESET_MAX];
} state;

static char alternate_stack[STACK_SIZE];

static void on_event(int signal)
{
	int saved_errno = errno;
	for (size_t i = 0; i < EVENTS; i++)
		if (event_signals[i] == signal) {
			ssize_t written = write(state.pipe[1], &event_bytes[i], 1);
			(void)written; /* a full pipe already has news enough */
		}
	errno = saved_errno;
}

static void give_back_terminal(void)
{
	size_t done = 0;
	while (done < state.size) {
		ssize_t written = write(state.fd, state.bytes + done, state.size - done);
		if (written <= 0)
			break;
		done += (size_t)written;
	}
	(void)tcsetattr(state.fd, TCSANOW, &state.saved);
	if (state.stderr_fd >= 0)
		(void)dup2(state.stderr_fd, STDERR_FILENO);
}

static void on_fatal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	if (state.armed) {
		state.armed = 0;
		give_back_terminal();
	}
	for (size_t i = 0; i < FATALS; i++)
		if (fatal_signals[i] == signal)
			(void)sigaction(signal, &state.old_fatal[i], NULL);
	if (info->si_code <= 0 || signal == SIGABRT || signal == SIGQUIT)
		(void)raise(signal); /* delivered when this handler returns */
}

static int make_pipe(struct lepton_error *err)
{
	if (pipe(state.pipe) != 0)
		return lepton_error_set(
			err, LEPTON_E_IO, "cannot make a pipe for signals: %s", strerror(errno));
	for (int i = 0; i < 2; i++)
		if (fcntl(state.pipe[i], F_SETFL, O_NONBLOCK) != 0 ||
			fcntl(state.pipe[i], F_SETFD, FD_CLOEXEC) != 0) {
			int code = lepton_error_set(
				err, LEPTON_E_IO, "cannot set up the pipe for signals: %s", strerror(errno));
			(void)close(state.pipe[0]);
			(void)close(state.pipe[1]);
			return code;
		}
	return 0;
}

static void install_events(void)
{
	struct sigaction action = {.sa_handler = on_event, .sa_flags = SA_RESTART};
	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < EVENTS; i++)
		(void)sigaction(event_signals[i], &action, &state.old_event[i]);
	action = (struct sigaction){.sa_handler = SIG_IGN};
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGPIPE, &action, &state.old_pipe);
}

static void install_fatals(void)
{
	stack_t stack = {.ss_sp = alternate_stack, .ss_size = sizeof alternate_stack};
	struct sigaction action = {.sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	(void)sigemptyset(&action.sa_mask);
	(void)sigaltstack(&stack, &state.old_stack);
	for (size_t i = 0; i < FATALS; i++)
		(void)sigaction(fatal_signals[i], &action, &state.old_fatal[i]);
	if (state.old_fatal[FATALS - 1].sa_handler == SIG_IGN)
		(void)sigaction(fatal_signals[FATALS - 1], &state.old_fatal[FATALS - 1], NULL);
}

/* A mask outlives exec: a parent that blocks signals must not leave us deaf to them. */
static void unblock(void)
{
	sigset_t heard;
	(void)sigemptyset(&heard);
	for (size_t i = 0; i < EVENTS; i++)
		(void)sigaddset(&heard, event_signals[i]);
	for (size_t i = 0; i < FATALS; i++)
		(void)sigaddset(&heard, fatal_signals[i]);
	(void)pthread_sigmask(SIG_UNBLOCK, &heard, &state.old_mask);
}

int lepton__signals_open(struct lepton_error *err)
{
	if (state.open)
		return lepton_error_set(err, LEPTON_E_BUSY, "signals are already being listened to");
	int code = make_pipe(err);
	if (code != 0)
		return code;
	state.armed = 0;
	install_fatals();
	install_events();
	unblock();
	state.open = true;
	return 0;
}

void lepton__signals_close(void)
{
	if (!state.open)
		return;
	state.armed = 0;
	(void)pthread_sigmask(SIG_SETMASK, &state.old_mask, NULL);
	for (size_t i = 0; i < EVENTS; i++)
		(void)sigaction(event_signals[i], &state.old_event[i], NULL);
	for (size_t i = 0; i < FATALS; i++)
		(void)sigaction(fatal_signals[i], &state.old_fatal[i], NULL);
	(void)sigaction(SIGPIPE, &state.old_pipe, NULL);
	(void)sigaltstack(&state.old_stack, NULL);
	(void)close(state.pipe[0]);
	(void)close(state.pipe[1]);
	state.open = false;
}

int lepton__signals_fd(void)
{
	return state.open ? state.pipe[0] : -1;
}

enum lepton__signal lepton__signals_next(void)
{
	char byte;
	if (!state.open || read(state.pipe[0], &byte, 1) != 1)
		return LEPTON__SIGNAL_NONE;
	return (enum lepton__signal)byte;
}

void lepton__signals_arm(int fd, const void *bytes, size_t size, const struct termios *saved, int stderr_fd)
{
	state.armed = 0;
	if (size == 0)
		return;
	state.size = size < RESET_MAX ? size : RESET_MAX;
	memcpy(state.bytes, bytes, state.size);
	state.saved = *saved;
	state.fd = fd;
	state.stderr_fd = stderr_fd;
	state.armed = 1;
}

void lepton__signals_stop_self(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL}, old;
	sigset_t set, before;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGTSTP, &action, &old);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTSTP);
	(void)pthread_sigmask(SIG_UNBLOCK, &set, &before);
	(void)kill(getpid(), SIGTSTP); /* stops every thread of the process; goes on here after the CONT */
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)sigaction(SIGTSTP, &old, NULL);
}
