/* tests/tensor_reference.h - the kernels again, naive and in double precision, and what the kernel tests
 * share.
 *
 * A reference gives, beside each value, the sum of the magnitudes of the terms it was added from. A
 * kernel may add in any order and in float, so it is right when it is within TOLERANCE of that sum.
 */
#ifndef TENSOR_REFERENCE_H
#define TENSOR_REFERENCE_H

#include "tensor/kernels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TOLERANCE 1e-5

struct expected { /* one array of right values */
	int64_t count;
	double *value, *magnitude;
};

/* An array of floats that starts `shift` floats after a cache line, with guards on both sides. */
struct array {
	int64_t count;
	char *block;
	float *data;
};

/* The tables this CPU runs; calls test(table) for each. */
void each_table(void (*test)(const struct lepton__kernels *k));

struct array array_new(int64_t count, int shift);    /* filled with NaN: everything must be written */
struct array array_random(int64_t count, int shift); /* in [-1, 1), from one repeatable stream */
void array_free(struct array *a);                    /* asserts that the guards are untouched */
struct expected expected_new(int64_t count);         /* zeros */
void expected_free(struct expected *e);
void expected_add(struct expected *e, int64_t at, double term);
void assert_matches(const char *what, const struct array *got, const struct expected *want);

double reference_act(enum lepton__activation act, double x);
void reference_gemm(bool ta, bool tb, int m, int n, int k, double alpha, const float *a, int lda,
	const float *b, int ldb, double beta, const float *c, int ldc, struct expected *out);
/* Before the activation. */
void reference_conv(const struct lepton__conv *g, int n, const float *x, const float *w, const float *bias,
	struct expected *y);
void reference_conv_gradients(const struct lepton__conv *g, int n, const float *x, const float *w,
	const float *dz, struct expected *dw, struct expected *dbias, struct expected *dx);

#endif
