/* model/program.h - a child process in a session of its own: started, held still, ended for sure.
 *
 * The program leads a process group, and signals go to all of it. What it prints comes by two pipes
 * that are read without waiting; one descriptor polls readable when there is output or the program is
 * gone. Linux kills the program when the thread that started it ends, so that it does not outlive a
 * lepton that was killed (PR_SET_PDEATHSIG): start from a thread that lasts.
 */
#ifndef LEPTON_MODEL_PROGRAM_H
#define LEPTON_MODEL_PROGRAM_H

#include "lepton/error.h"
#include <stdbool.h>
#include <sys/types.h>

enum { LEPTON__STDOUT, LEPTON__STDERR, LEPTON__OUTPUTS };

struct lepton__program { /* begin with lepton__program_none */
	pid_t pid;  /* 0: there is none */
	int output[LEPTON__OUTPUTS]; /* -1: at its end */
	int life;   /* polls readable when it has ended; -1 where the kernel is too old for that */
	int poll;   /* all of these as one */
	bool resting;
	bool ending, killed; /* asked to end; not asked any more */
	bool gone;           /* ended, and not yet reaped, so that its group's number stays taken */
	double deadline;     /* of ending */
};

extern const struct lepton__program lepton__program_none;

/* argv and environment end by NULL; folder NULL stays in ours. The sentence says what is wrong with
 * the command. Its standard input is `input`, which stays ours too; -1: nothing. LEPTON_E_NOTFOUND, LEPTON_E_IO. */
int lepton__program_start(struct lepton__program *program, char *const *argv, char *const *environment,
		const char *folder, int input, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__program_rest(struct lepton__program *program);
void lepton__program_go_on(struct lepton__program *program);
/* TERM now; KILL when lepton__program_look finds it there after so many seconds. */
void lepton__program_end(struct lepton__program *program, double patience);
/* True once it has ended. What it left behind in its group is killed then. */
bool lepton__program_look(struct lepton__program *program);
/* Up to size bytes; 0: nothing now, or never again (output closed). */
size_t lepton__program_read(struct lepton__program *program, int output, char *bytes, size_t size);
/* After it has ended: reap it, close everything. The status is waitpid's. */
int lepton__program_reap(struct lepton__program *program);
/* Whatever state it is in: kill, reap, close. */
void lepton__program_kill(struct lepton__program *program);

#endif
