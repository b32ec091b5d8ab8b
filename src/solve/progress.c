/* solve/progress.c - what LIBSVM and LIBLINEAR print while they train, as lines of figures.
 *
 * They print for people: a dot every so many iterations, the objective when a two-class problem is solved
 * (LIBLINEAR's trust-region solvers with each iteration). The figures made of it:
 *
 *   step   iterations done; those of dots as the library counts them, set right when it says the number
 *   epoch  share of the two-class problems that are solved: training is one epoch
 *   loss   the objective over C and the samples: the mean loss of a sample, penalty included; the mean over
 * all problems, those still to be solved with what they have before training. So it only falls.
 *
 * LIBSVM and dual solvers print the dual objective, whose negative is the primal's at the end.
 */
#include "config.h"
#include "solve/solve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EVERY 0.1 /* seconds */
#define LINE 256

static struct {
	int problems, solves, solved; /* solved: of problems × solves */
	const double *scale;
	double *loss;            /* of each problem */
	int64_t steps, at_start; /* at_start: of this solve */
	int dot;                 /* iterations that one stands for */
	char line[LINE];
	size_t length;
	double said;
	bool changed;
} now;

static double seconds(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

static void say(bool at_once)
{
	double sum = 0, at = seconds();
	if (!now.changed || (!at_once && at - now.said < EVERY))
		return;
	for (int p = 0; p < now.problems; p++)
		sum += now.loss[p];
	printf("{\"step\": %lld, \"epoch\": %.6g, \"loss\": %.9g}\n", (long long)now.steps,
		(double)now.solved / ((double)now.problems * now.solves), sum / now.problems);
	fflush(stdout);
	now.said = at;
	now.changed = false;
}

void progress_begin(int problems, int solves, int dot, double loss, const double *scale)
{
	now.problems = problems;
	now.solves = solves;
	now.scale = scale;
	now.dot = dot;
	now.loss = need((size_t)problems, sizeof *now.loss);
	for (int p = 0; p < problems; p++)
		now.loss[p] = loss;
	now.changed = true;
	say(true);
}

static void count(int64_t iterations)
{
	now.steps += iterations;
	now.changed = true;
}

/* The objective of the problem at hand; those of the solves before the last are of part of its samples. Near
 * the end only the few digits that are printed could make it rise. */
static void objective(double value, int64_t solve)
{
	int64_t problem = solve / now.solves;
	if (problem < now.problems && solve % now.solves == now.solves - 1)
		now.loss[problem] = fmin(now.loss[problem], fabs(value) / now.scale[problem]);
	now.changed = true;
}

static void end_solve(int64_t iterations)
{
	now.steps = now.at_start + iterations;
	now.at_start = now.steps;
	if (now.solved < now.problems * now.solves)
		now.solved++;
	now.changed = true;
}

/* "iter  3 act 7.4e+00 pre 5.9e+00 delta 6.8e-01 f 1.3e+01 |g| …": f is from before the step, which takes
 * `act`. */
static void trust_region(const char *line)
{
	const char *act = strstr(line, " act "), *f = strstr(line, " f ");
	int64_t iteration = strtoll(line + 4, NULL, 10);
	if (iteration == 1 && now.steps > now.at_start)
		end_solve(now.steps - now.at_start);
	count(1);
	if (act && f)
		objective(strtod(f + 3, NULL) - strtod(act + 5, NULL), now.solved);
}

static void understand(const char *line)
{
	const char *iterations = strstr(line, "#iter = ");
	if (strncmp(line, "iter ", 5) == 0 && strstr(line, " act "))
		trust_region(line);
	else if (iterations)
		end_solve(strtoll(iterations + 8, NULL, 10));
	else if (strncmp(line, "obj = ", 6) == 0)
		objective(strtod(line + 6, NULL), now.solved - 1);
	else if (strncmp(line, "Objective value = ", 18) == 0)
		objective(strtod(line + 18, NULL), now.solved - 1);
	else if (strstr(line, "WARNING"))
		printf("%s\n", line + strspn(line, ". *\n"));
}

void progress_print(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			now.line[now.length] = '\0';
			understand(now.line);
			now.length = 0;
		} else if (now.length + 1 < LINE) {
			now.line[now.length++] = *text;
		}
		if (*text == '.' && now.length == 1) {
			count(now.dot);
			now.length = 0;
		} else if (*text == '*' && now.length == 1) {
			now.length = 0; /* samples set aside are taken back: no news */
		}
	}
	say(false);
}

void progress_end(void)
{
	now.solved = now.problems * now.solves;
	now.changed = true;
	say(true);
	puts("{\"weights\": \"tray\"}");
	fflush(stdout);
	free(now.loss);
	now.loss = NULL;
}
