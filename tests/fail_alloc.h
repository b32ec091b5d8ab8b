/* fail_alloc.h - each allocation of a scenario fails in turn, with --enable-error-injection. The failing call is
 * counted from the start of a process, so each turn runs the test program again, with an argument.
 */
#ifndef FAIL_ALLOC_H
#define FAIL_ALLOC_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a scenario returns; a skipped test says 77. */
enum { ALL_WELL = 0, RAN_OUT = 42, WRONG = 43, SKIPPED = 77 };

/* The scenario in a process of its own, with the n-th allocation failing (0: none). */
static inline int fail_turn(const char *program, int n)
{
	char wish[16];
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		snprintf(wish, sizeof wish, "%d", n);
		setenv("LEPTON_FAIL_ALLOC", wish, 1);
		execl(program, program, "turn", (char *)NULL);
		_exit(WRONG);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return WRONG;
	return WEXITSTATUS(status);
}

/* The main program's answer: 0 where every turn ran out of memory as it should, until one needed no more. */
static inline int fail_all(const char *program, int most)
{
	int n = 1, verdict = fail_turn(program, 0) == ALL_WELL ? RAN_OUT : WRONG;
	for (; verdict == RAN_OUT && n < most; n++)
		verdict = fail_turn(program, n);
	printf("%d allocations failed in turn; ended with %d\n", n - 2, verdict);
	return verdict == ALL_WELL && n > 20 ? 0 : 1;
}

/* main() of a test that is such a scenario and nothing else. */
static inline int fail_main(int argc, char **argv, int (*turn)(void), int most)
{
	if (argc > 1)
		return turn();
#ifndef LEPTON_ERROR_INJECTION
	(void)most;
	(void)argv;
	printf("built without --enable-error-injection: skipped\n");
	return SKIPPED;
#else
	return fail_all(argv[0], most);
#endif
}

#endif
