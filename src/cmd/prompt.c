/* cmd/prompt.c - reading a passphrase from the terminal.
 *
 * From /dev/tty, so that standard input stays free, with echo off. Whatever ends the wait, the terminal is
 * given back as it was: Ctrl-C comes as a letter meanwhile, and a signal that would end the program is held
 * until then.
 */
#include "config.h"
#include "cmd/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CTRL_C 3
#define POLL_MILLISECONDS 200

static int failed(const char *what, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_IO, "cannot %s the terminal: %s", what, strerror(errno));
}

static void say(int tty, const char *text)
{
	if (write(tty, text, strlen(text)) < 0) /* then the terminal is gone, and reading it says so */
		return;
}

/* Is a signal that ends us waiting until we have given the terminal back? */
static bool asked_to_end(void)
{
	sigset_t pending;
	return sigpending(&pending) == 0 &&
	       (sigismember(&pending, SIGTERM) || sigismember(&pending, SIGHUP) ||
		       sigismember(&pending, SIGINT));
}

/* 1 with a letter, 0 at the end of the line. */
static int next_letter(int tty, char *letter, struct lepton_error *err)
{
	struct pollfd wait = {.fd = tty, .events = POLLIN};
	for (;;) {
		if (asked_to_end())
			return lepton_error_set(err, LEPTON_E_CANCELED, "given up");
		int ready = poll(&wait, 1, POLL_MILLISECONDS);
		if (ready == 0 || (ready < 0 && errno == EINTR))
			continue;
		ssize_t got = ready > 0 ? read(tty, letter, 1) : -1;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return failed("read", err);
		if (got && *letter == CTRL_C)
			return lepton_error_set(err, LEPTON_E_CANCELED, "given up");
		return got == 1 && *letter != '\n';
	}
}

static int read_line(int tty, char *out, size_t *size, struct lepton_error *err)
{
	char letter;
	int more;
	*size = 0;
	while ((more = next_letter(tty, &letter, err)) > 0) {
		if (*size == PROMPT_MAX)
			return lepton_error_set(
				err, LEPTON_E_KEY, "a passphrase has 1 to %d bytes", PROMPT_MAX);
		out[(*size)++] = letter;
	}
	return more;
}

static int ask(int tty, const char *question, char *out, size_t *size, struct lepton_error *err)
{
	struct termios before, quiet;
	sigset_t held, old;
	if (tcgetattr(tty, &before))
		return failed("ask", err);
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGINT);
	sigprocmask(SIG_BLOCK, &held, &old);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	quiet.c_cc[VEOL] = CTRL_C; /* or it would wait for the line's end */
	int code = tcsetattr(tty, TCSAFLUSH, &quiet) ? failed("quiet", err) : LEPTON_OK;
	if (!code) {
		say(tty, question);
		code = read_line(tty, out, size, err);
		tcsetattr(tty, TCSAFLUSH, &before);
		say(tty, "\n");
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return code;
}

int prompt_secret(const char *question, char *out, size_t *size, struct lepton_error *err)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty < 0)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"there is no terminal to ask on: use --passphrase-file FILE or --key-file FILE");
	int code = ask(tty, question, out, size, err);
	close(tty);
	return code;
}
