/* cmd/background.h - a run in a process of its own, which needs no terminal. */
#ifndef LEPTON_CMD_BACKGROUND_H
#define LEPTON_CMD_BACKGROUND_H

#include "cmd/session.h"

#include <sys/types.h>

#define BACKGROUND_OPTION "--background" /* of both programs, not for people: a descriptor to say ready to */

/* Start this program again with argv, and BACKGROUND_OPTION before its words from argv[first] on, in a session of its
 * own; wait until it is ready. What it says instead of ready is *err. */
int background_start(const char *dir, int argc, char **argv, int first, pid_t *pid, struct lepton_error *err) LEPTON_MUST_CHECK;

int background_wait(pid_t pid); /* for its end: waitpid's status */

/* In that process: open the session, say so to `ready`, and train until nothing is left to do (a version that was
 * paused meanwhile is) and nobody who steers is attached (waiting `grace` seconds for the first who attaches), someone sends QUIT, or
 * INT or TERM comes. The program's exit
 * code. */
int background_run(struct lepton_session_options *options, int64_t ready, double grace);

#endif
