/* solve/solve.h - what the files of lepton-solver share. See lepton-solver.c.
 *
 * This program is a process of its own: it may end itself by a sentence on standard error.
 */
#ifndef LEPTON_SOLVE_SOLVE_H
#define LEPTON_SOLVE_SOLVE_H

#include "model/solver.h"

struct samples { /* in the tray, mapped */
	struct lepton__ask ask;
	const int32_t *labels, *lengths;
	const struct lepton__tray_node *nodes;
};

void fail(const char *fmt, ...) LEPTON_PRINTF(1, 2) __attribute__((noreturn));
void *need(size_t count, size_t size); /* zeroed memory, or the end */
/* Behind the samples; two calls: numbers first. */
void answer_begin(const struct samples *samples, int classes, int vectors, int64_t numbers, int64_t integers);
void answer_numbers(const double *numbers, int64_t count);
void answer_integers(const int *integers, int64_t count);

/* progress.c: what the libraries print, as figures. `problems` two-class problems are to come, `solves` of each (the
 * last one counts); a dot stands for `dot` iterations; the loss of a problem before training is `loss`, and the
 * objective of problem p is to be divided by scale[p]. */
void progress_begin(int problems, int solves, int dot, double loss, const double *scale);
void progress_print(const char *text); /* the libraries' print function */
void progress_end(void); /* the answer is there */

void solve_svm(const struct samples *samples);
void solve_linear(const struct samples *samples);

#endif
