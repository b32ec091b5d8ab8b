/* tests/test_stack.c - the model over what several learners say, against its definition: at its start it is
 * the geometric mean (of numbers the mean); where it ends no direction makes the loss smaller, by central
 * differences; of numbers it is what the normal equations give.
 */
#include "config.h"
#include "model/stack.h"
#include "tensor/kernels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N 300
#define MEMBERS 3
#define CLASSES 4

static struct lepton__rng rng;
static float said[MEMBERS * N * CLASSES], targets[N];
static int32_t labels[N];

/* Member 0 is right half of the time, 1 says class 2 for class 3, 2 knows nothing. */
static void make_answers(void)
{
	for (int i = 0; i < N; i++) {
		labels[i] = (int32_t)lepton__rng_below(&rng, CLASSES);
		for (int m = 0; m < MEMBERS; m++) {
			float *p = said + (m * N + i) * CLASSES, sum = 0;
			for (int c = 0; c < CLASSES; c++)
				p[c] = 0.1F + lepton__rng_uniform(&rng);
			if (m == 0 && i % 2)
				p[labels[i]] += 3;
			if (m == 1)
				p[labels[i] == 3 ? 2 : labels[i]] += 1;
			for (int c = 0; c < CLASSES; c++)
				sum += p[c];
			for (int c = 0; c < CLASSES; c++)
				p[c] /= sum;
		}
	}
}

static void answers_of(const struct lepton__stack *stack, float *out)
{
	static double sum[N * CLASSES];
	memset(sum, 0, sizeof sum);
	for (int m = 0; m < MEMBERS; m++)
		lepton__stack_hear(stack, m, N, said + m * N * stack->answers, sum);
	lepton__stack_answer(stack, N, sum, out);
}

static void test_the_start_is_the_mean(void **state)
{
	(void)state;
	struct lepton__stack stack;
	static float out[N * CLASSES];
	make_answers();
	assert_int_equal(lepton__stack_make(&stack, MEMBERS, CLASSES, false, NULL), 0);
	answers_of(&stack, out);
	for (int i = 0; i < N; i++) {
		double mean[CLASSES], sum = 0;
		for (int c = 0; c < CLASSES; c++) {
			mean[c] = 1;
			for (int m = 0; m < MEMBERS; m++)
				mean[c] *= pow(
					fmax((double)said[(m * N + i) * CLASSES + c], 1e-3), 1.0 / MEMBERS);
			sum += mean[c];
		}
		for (int c = 0; c < CLASSES; c++)
			assert_true(fabs((double)out[i * CLASSES + c] - mean[c] / sum) < 1e-6);
	}
	lepton__stack_free(&stack);
}

/* Its own definition again: cross-entropy, and the distance to where it started. */
static double objective(const struct lepton__stack *stack, double l2)
{
	static float out[N * CLASSES];
	double loss = 0, far = 0;
	answers_of(stack, out);
	for (int i = 0; i < N; i++)
		loss -= log((double)out[i * CLASSES + labels[i]]) / N;
	for (int f = 0; f < MEMBERS * CLASSES; f++)
		for (int c = 0; c < CLASSES; c++)
			far += pow((double)stack->kernel[f * CLASSES + c] -
					   (f % CLASSES == c ? 1.0 / MEMBERS : 0),
				2);
	for (int c = 0; c < CLASSES; c++)
		far += pow((double)stack->bias[c], 2);
	return loss + l2 / 2 * far;
}

static void test_no_way_is_down(void **state)
{
	(void)state;
	const double l2 = 0.01, h = 1e-2;
	struct lepton__stack stack, start;
	make_answers();
	assert_int_equal(lepton__stack_make(&stack, MEMBERS, CLASSES, false, NULL), 0);
	assert_int_equal(lepton__stack_make(&start, MEMBERS, CLASSES, false, NULL), 0);
	assert_int_equal(lepton__stack_fit(&stack, N, said, labels, NULL, l2, NULL), 0);
	const double least = objective(&stack, l2);
	assert_true(least < objective(&start, l2) - 0.05);
	for (int k = 0; k < MEMBERS * CLASSES * CLASSES + CLASSES; k++) {
		float *w = k < MEMBERS * CLASSES * CLASSES ? &stack.kernel[k]
							   : &stack.bias[k - MEMBERS * CLASSES * CLASSES];
		const float was = *w;
		*w = was + (float)h;
		const double up = objective(&stack, l2);
		*w = was - (float)h;
		const double down = objective(&stack, l2);
		*w = was;
		assert_true(fabs(up - down) / (2 * h) < 2e-4); /* the slope */
		assert_true(up > least - 1e-9 && down > least - 1e-9);
	}
	/* held hard it stays where it was */
	assert_int_equal(lepton__stack_fit(&start, N, said, labels, NULL, 1000, NULL), 0);
	for (int f = 0; f < MEMBERS * CLASSES; f++)
		assert_true(fabsf(start.kernel[f * CLASSES + f % CLASSES] - 1.0F / MEMBERS) < 1e-3F);
	lepton__stack_free(&stack);
	lepton__stack_free(&start);
}

/* Each fold is what a stack learned from the others says; and less good than what one says of the samples it
 * learned from. */
static void test_without_the_sample(void **state)
{
	(void)state;
	static float crossed[N * CLASSES], part[MEMBERS * N * CLASSES];
	static int32_t part_labels[N];
	struct lepton__stack stack;
	make_answers();
	assert_int_equal(lepton__stack_make(&stack, MEMBERS, CLASSES, false, NULL), 0);
	assert_int_equal(lepton__stack_cross(&stack, N, said, labels, NULL, 0.01, crossed, NULL), 0);
	int n = 0;
	for (int i = 0; i < N; i++) /* by hand, without the samples 3, 8, 13 … */
		n += i % 5 != 3;
	for (int m = 0; m < MEMBERS; m++)
		for (int i = 0, k = 0; i < N; i++)
			if (i % 5 != 3) {
				memcpy(part + (m * n + k) * CLASSES, said + (m * N + i) * CLASSES,
					CLASSES * sizeof(float));
				part_labels[k++] = labels[i];
			}
	assert_int_equal(lepton__stack_fit(&stack, n, part, part_labels, NULL, 0.01, NULL), 0);
	static float out[N * CLASSES];
	answers_of(&stack, out);
	for (int i = 3; i < N; i += 5)
		assert_memory_equal(out + i * CLASSES, crossed + i * CLASSES, CLASSES * sizeof(float));
	double apart = 0;
	for (int i = 0; i < N; i++)
		apart -= log((double)crossed[i * CLASSES + labels[i]]) / N;
	lepton__stack_free(&stack);
	assert_int_equal(lepton__stack_make(&stack, MEMBERS, CLASSES, false, NULL), 0);
	assert_int_equal(lepton__stack_fit(&stack, N, said, labels, NULL, 0.01, NULL), 0);
	assert_true(apart > objective(&stack, 0));
	lepton__stack_free(&stack);
}

/* Gauss's elimination with pivots. */
static void solve(int n, double a[5][6])
{
	for (int k = 0; k < n; k++) {
		int pivot = k;
		for (int r = k + 1; r < n; r++)
			pivot = fabs(a[r][k]) > fabs(a[pivot][k]) ? r : pivot;
		for (int c = 0; c <= n; c++) {
			double t = a[k][c];
			a[k][c] = a[pivot][c];
			a[pivot][c] = t;
		}
		for (int r = 0; r < n; r++)
			for (int c = n; r != k && c >= k; c--)
				a[r][c] -= a[k][c] * a[r][k] / a[k][k];
	}
	for (int k = 0; k < n; k++)
		a[k][n] /= a[k][k];
}

static void test_numbers_by_the_normal_equations(void **state)
{
	(void)state;
	const double l2 = 0.02;
	struct lepton__stack stack;
	static float out[N];
	double a[5][6] = {{0}};
	for (int i = 0; i < N; i++) {
		targets[i] = (float)lepton__rng_normal(&rng);
		for (int m = 0; m < MEMBERS; m++)
			said[m * N + i] = targets[i] * (1 + 0.3F * (float)m) +
					  0.4F * (float)lepton__rng_normal(&rng) + 0.2F;
	}
	assert_int_equal(lepton__stack_make(&stack, MEMBERS, 1, true, NULL), 0);
	answers_of(&stack, out);
	for (int i = 0; i < N; i++)
		assert_true(fabsf(out[i] - (said[i] + said[N + i] + said[2 * N + i]) / 3) < 1e-6F);
	for (int i = 0; i < N; i++) {
		double x[4] = {(double)said[i], (double)said[N + i], (double)said[2 * N + i], 1};
		for (int r = 0; r < 4; r++) {
			for (int c = 0; c < 4; c++)
				a[r][c] += x[r] * x[c] / N;
			a[r][4] += x[r] * (double)targets[i] / N;
		}
	}
	for (int r = 0; r < 4; r++) {
		a[r][r] += l2;
		a[r][4] += r < 3 ? l2 / 3 : 0;
	}
	solve(4, a);
	assert_int_equal(lepton__stack_fit(&stack, N, said, NULL, targets, l2, NULL), 0);
	for (int m = 0; m < MEMBERS; m++)
		assert_true(fabs((double)stack.kernel[m] - a[m][4]) < 1e-4);
	assert_true(fabs((double)stack.bias[0] - a[3][4]) < 1e-4);
	lepton__stack_free(&stack);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_start_is_the_mean),
		cmocka_unit_test(test_no_way_is_down), cmocka_unit_test(test_without_the_sample),
		cmocka_unit_test(test_numbers_by_the_normal_equations)};
	lepton__rng_init(&rng, 6, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
