/* tui/terminal_catch.c - standard error kept off the screen.
 *
 * Libraries write to descriptor 2 whenever they like. While the screen is ours it is a pipe; the loop
 * polls the other end and gets whole lines. The writing end does not block, so that a library that says more
 * than the pipe holds loses words rather than stopping the program.
 */
#include "config.h"
#include "tui/terminal_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fail(struct lepton__catch *caught, struct lepton_error *err, int ends[2])
{
	int code = lepton_error_set(err, LEPTON_E_IO, "cannot set standard error aside: %s", strerror(errno));
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			(void)close(ends[i]);
	if (caught->saved_fd >= 0)
		(void)close(caught->saved_fd);
	caught->read_fd = caught->saved_fd = -1;
	return code;
}

int lepton__catch_open(struct lepton__catch *caught, struct lepton_error *err)
{
	int ends[2] = {-1, -1};
	*caught = (struct lepton__catch){.read_fd = -1, .saved_fd = -1};
	(void)fflush(stderr);
	caught->saved_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (caught->saved_fd < 0 || pipe(ends) != 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 ||
		fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0 ||
		dup2(ends[1], STDERR_FILENO) < 0)
		return fail(caught, err, ends);
	(void)close(ends[1]);
	caught->read_fd = ends[0];
	return 0;
}

static void end_line(
	struct lepton__catch *caught, void (*line)(void *context, const char *line), void *context)
{
	caught->line[caught->used] = '\0';
	if (caught->used > 0 && line != NULL)
		line(context, caught->line);
	caught->used = 0;
}

void lepton__catch_read(
	struct lepton__catch *caught, void (*line)(void *context, const char *line), void *context)
{
	char bytes[4096];
	ssize_t got;
	if (caught->read_fd < 0)
		return;
	while ((got = read(caught->read_fd, bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < got; i++) {
			if (bytes[i] == '\n' || caught->used + 1 >= sizeof caught->line)
				end_line(caught, line, context);
			if (bytes[i] != '\n' && bytes[i] != '\0')
				caught->line[caught->used++] = bytes[i];
		}
}

void lepton__catch_pause(struct lepton__catch *caught, bool pause)
{
	static int pipe_end = -1;
	if (caught->read_fd < 0)
		return;
	if (pause) {
		pipe_end = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
		(void)dup2(caught->saved_fd, STDERR_FILENO);
	} else if (pipe_end >= 0) {
		(void)dup2(pipe_end, STDERR_FILENO);
		(void)close(pipe_end);
		pipe_end = -1;
	}
}

void lepton__catch_close(struct lepton__catch *caught)
{
	if (caught->read_fd < 0)
		return;
	(void)fflush(stderr);
	(void)dup2(caught->saved_fd, STDERR_FILENO);
	(void)close(caught->saved_fd);
	(void)close(caught->read_fd);
	caught->read_fd = caught->saved_fd = -1;
}
