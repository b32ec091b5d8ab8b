/* model/program.c - see program.h.
 *
 * Between fork and exec only async-signal-safe calls are made, since other threads may hold the
 * allocator's lock. A failed exec tells its errno through a pipe that a good one closes. The pid is
 * reaped last of all: until then neither it nor its group's number can be given to another process, so
 * no signal of ours can hit a stranger.
 */
#include "config.h"
#include "model/program.h"
#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin"

const struct lepton__program lepton__program_none = {.output = {-1, -1}, .life = -1, .poll = -1};

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_all(struct lepton__program *p)
{
	close_one(&p->output[LEPTON__STDOUT]);
	close_one(&p->output[LEPTON__STDERR]);
	close_one(&p->life);
	close_one(&p->poll);
}

/* ---- finding it ---- */

static bool executable(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0 && S_ISREG(about.st_mode) && access(path, X_OK) == 0;
}

/* As a shell would; a name with a slash is a path as it is. *out is heap. */
static int find(const char *name, char **out, struct lepton_error *err)
{
	const char *path = getenv("PATH"), *at = path && *path ? path : PATH_DEFAULT;
	*out = NULL;
	if (strchr(name, '/')) {
		*out = lepton__strdup(name);
		return *out ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	}
	for (;; at++) {
		size_t length = strcspn(at, ":");
		char *candidate =
			length ? lepton__format("%.*s/%s", (int)length, at, name) : lepton__strdup(name);
		if (!candidate)
			return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
		if (executable(candidate)) {
			*out = candidate;
			return LEPTON_OK;
		}
		lepton__free(candidate);
		at += length;
		if (!*at)
			break;
	}
	return lepton_error_set(err, LEPTON_E_NOTFOUND,
		"cannot start \"%.100s\": there is no such program on the PATH", name);
}

/* ---- the child's side: no allocation, no locks ---- */

struct child {
	const char *file, *folder;
	char *const *argv, *const *environment;
	int output[LEPTON__OUTPUTS], fault; /* write ends */
	int input, null; /* null: in place of no input */
	pid_t parent;
};

enum { STEP_FOLDER, STEP_PIPES, STEP_EXEC };
struct fault {
	int step, number;
};

/* Handlers go with exec, but what we ignore (SIGPIPE) would stay ignored, and our threads block all. */
static void plain_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;
	sigemptyset(&action.sa_mask);
	for (int i = 1; i < NSIG; i++)
		sigaction(i, &action, NULL); /* not for KILL and STOP, which need none */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void be_child(const struct child *c) __attribute__((noreturn));
static void be_child(const struct child *c)
{
	struct fault fault = {STEP_FOLDER, 0};
	setsid(); /* a group to signal, and no terminal to scribble on */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != c->parent)
		_exit(127); /* lepton went before the line above */
	if (!c->folder || chdir(c->folder) == 0) {
		fault.step = STEP_PIPES;
		if (dup2(c->input < 0 ? c->null : c->input, STDIN_FILENO) >= 0 && dup2(c->output[LEPTON__STDOUT], STDOUT_FILENO) >= 0 &&
			dup2(c->output[LEPTON__STDERR], STDERR_FILENO) >= 0) {
			/* Ours are all close-on-exec; a library's may not be. */
			syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
			plain_signals();
			fault.step = STEP_EXEC;
			execve(c->file, c->argv, c->environment);
		}
	}
	fault.number = errno;
	while (write(c->fault, &fault, sizeof fault) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* ---- our side ---- */

static int say_fault(
	const struct fault *fault, const char *name, const char *folder, struct lepton_error *err)
{
	const char *hint = fault->number == EACCES    ? " (is it executable?)"
			   : fault->number == ENOEXEC ? " (does its first line begin with #!?)"
			   : fault->number == ENOENT && strchr(name, '/')
				   ? " (the file, or the interpreter its first line names)"
				   : "";
	int code = fault->number == ENOENT ? LEPTON_E_NOTFOUND : LEPTON_E_IO;
	if (fault->step == STEP_FOLDER)
		return lepton_error_set(err, code, "cannot start \"%.100s\" in folder %.200s: %s", name,
			folder, strerror(fault->number));
	return lepton_error_set(
		err, code, "cannot start \"%.100s\": %s%s", name, strerror(fault->number), hint);
}

/* A pipe's write end as 0, 1 or 2 would be closed by the dup2 of another: keep clear of them. */
static int clear_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	int high = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
	close(ends[1]);
	ends[1] = high;
	if (high >= 0)
		return 0;
	close(ends[0]);
	ends[0] = -1;
	return -1;
}

static int watch(struct lepton__program *p, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	return fd < 0 ? 0 : epoll_ctl(p->poll, EPOLL_CTL_ADD, fd, &event);
}

static int open_ends(struct lepton__program *p, struct child *c, int fault[2])
{
	int ends[2];
	for (int i = 0; i < LEPTON__OUTPUTS; i++) {
		if (clear_pipe(ends))
			return -1;
		p->output[i] = ends[0];
		c->output[i] = ends[1];
		if (fcntl(ends[0], F_SETFL, O_NONBLOCK))
			return -1;
	}
	if (clear_pipe(fault))
		return -1;
	c->fault = fault[1];
	c->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	p->poll = epoll_create1(EPOLL_CLOEXEC);
	return c->null < 0 || p->poll < 0 || watch(p, p->output[0]) || watch(p, p->output[1]) ? -1 : 0;
}

/* The forked child's fault, if it could not become the program. */
static bool failed(int fd, struct fault *fault)
{
	ssize_t got;
	do
		got = read(fd, fault, sizeof *fault);
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof *fault;
}

static int launch(
	struct lepton__program *p, struct child *c, int fault_end, const char *name, struct lepton_error *err)
{
	struct fault fault;
	c->parent = getpid();
	pid_t pid = fork();
	if (pid == 0)
		be_child(c);
	int number = errno;
	close_one(&c->fault);
	if (pid < 0)
		return lepton_error_set(
			err, LEPTON_E_IO, "cannot start \"%.100s\": %s", name, strerror(number));
	p->pid = pid;
	if (failed(fault_end, &fault)) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		p->pid = 0;
		return say_fault(&fault, name, c->folder, err);
	}
	p->life = (int)syscall(SYS_pidfd_open, pid, 0); /* CLOEXEC; -1 before Linux 5.3 */
	if (watch(p, p->life))
		close_one(&p->life); /* found out by looking now and then */
	return LEPTON_OK;
}

int lepton__program_start(struct lepton__program *program, char *const *argv, char *const *environment,
	const char *folder, int input, struct lepton_error *err)
{
	struct lepton__program p = lepton__program_none;
	char *file;
	struct child c = {NULL, folder, argv, environment, {-1, -1}, -1, input, -1, 0};
	int fault[2] = {-1, -1};
	int code = find(argv[0], &file, err);
	if (code)
		return code;
	c.file = file;
	code = open_ends(&p, &c, fault) ? lepton_error_set(err, LEPTON_E_IO, "cannot start \"%.100s\": %s",
						  argv[0], strerror(errno))
					: launch(&p, &c, fault[0], argv[0], err);
	close_one(&c.output[LEPTON__STDOUT]);
	close_one(&c.output[LEPTON__STDERR]);
	close_one(&c.fault);
	close_one(&c.null);
	close_one(&fault[0]);
	lepton__free(file);
	if (code)
		close_all(&p);
	else
		*program = p;
	return code;
}

/* ---- steering ---- */

static void signal_group(const struct lepton__program *p, int number)
{
	if (p->pid)
		(void)kill(-p->pid, number); /* it may be over already */
}

void lepton__program_rest(struct lepton__program *p)
{
	signal_group(p, SIGSTOP);
	p->resting = p->pid != 0;
}

void lepton__program_go_on(struct lepton__program *p)
{
	signal_group(p, SIGCONT);
	p->resting = false;
}

void lepton__program_end(struct lepton__program *p, double patience)
{
	if (!p->pid || p->ending)
		return;
	p->ending = true;
	p->deadline = lepton__monotonic() + patience;
	signal_group(p, SIGTERM);
	lepton__program_go_on(p); /* one that rests could not hear it */
}

bool lepton__program_look(struct lepton__program *p)
{
	siginfo_t about = {0};
	if (!p->pid || p->gone)
		return p->gone;
	if (p->ending && !p->killed && lepton__monotonic() >= p->deadline) {
		p->killed = true;
		signal_group(p, SIGKILL);
	}
	p->gone = waitid(P_PID, (id_t)p->pid, &about, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		  about.si_pid == p->pid;
	if (p->gone) {
		signal_group(p, SIGKILL);
		close_one(&p->life); /* else the poll would never rest again */
	}
	return p->gone;
}

size_t lepton__program_read(struct lepton__program *p, int output, char *bytes, size_t size)
{
	ssize_t got;
	if (p->output[output] < 0 || !size)
		return 0;
	do
		got = read(p->output[output], bytes, size);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		return (size_t)got;
	if (got == 0 || errno != EAGAIN)
		close_one(&p->output[output]);
	return 0;
}

int lepton__program_reap(struct lepton__program *p)
{
	int status = 0;
	while (p->pid && waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	close_all(p);
	*p = lepton__program_none;
	return status;
}

void lepton__program_kill(struct lepton__program *p)
{
	signal_group(p, SIGKILL);
	(void)lepton__program_reap(p);
}
