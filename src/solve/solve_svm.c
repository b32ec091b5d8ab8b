/* solve/solve_svm.c - C-SVC by LIBSVM. */
#include "config.h"
#include "solve/solve.h"

#include <libsvm/svm.h>
#include <stdlib.h>

#define CLASSES_MAX 256
#define FOLDS 5 /* svm_binary_svc_probability's own */
#define DOT 1000

static struct svm_node **rows(const struct samples *s)
{
	int64_t count = s->ask.samples;
	struct svm_node **row = need((size_t)count, sizeof *row),
			*node = need((size_t)(s->ask.nodes + count), sizeof *node);
	const struct lepton__tray_node *from = s->nodes;
	for (int64_t i = 0; i < count; i++) {
		row[i] = node;
		for (int32_t k = 0; k < s->lengths[i]; k++, from++)
			*node++ = (struct svm_node){from->column + 1, (double)from->value};
		*node++ = (struct svm_node){.index = -1};
	}
	return row;
}

/* Samples of each class, in the order in which LIBSVM meets them; how many classes. */
static int count_classes(const struct samples *s, int counts[CLASSES_MAX])
{
	int order[CLASSES_MAX], classes = 0;
	for (int64_t i = 0; i < s->ask.samples; i++) {
		int c = 0;
		while (c < classes && order[c] != s->labels[i])
			c++;
		if (c == CLASSES_MAX)
			fail("more than %d classes", CLASSES_MAX);
		if (c == classes) {
			order[classes] = s->labels[i];
			counts[classes++] = 0;
		}
		counts[c]++;
	}
	return classes;
}

/* The scales, to be freed after training. */
static double *begin_progress(const struct samples *s)
{
	int counts[CLASSES_MAX], classes = count_classes(s, counts), p = 0;
	double *scale = need((size_t)classes * (size_t)classes, sizeof *scale);
	for (int i = 0; i < classes; i++)
		for (int j = i + 1; j < classes; j++)
			scale[p++] = s->ask.C * (counts[i] + counts[j]);
	progress_begin(p, s->ask.probability ? FOLDS + 1 : 1, DOT, 1, scale);
	return scale;
}

static void give(const struct samples *s, const struct svm_model *m)
{
	int k = m->nr_class, pairs = k * (k - 1) / 2;
	int64_t sigmoids = m->probA ? 2 * (int64_t)pairs : 0;
	int *which = need((size_t)m->l, sizeof *which);
	for (int i = 0; i < m->l; i++)
		which[i] = m->sv_indices[i] - 1;
	answer_begin(s, k, m->l, pairs + sigmoids + (int64_t)(k - 1) * m->l, 2 * (int64_t)k + m->l);
	answer_numbers(m->rho, pairs);
	if (sigmoids) {
		answer_numbers(m->probA, pairs);
		answer_numbers(m->probB, pairs);
	}
	for (int i = 0; i < k - 1; i++)
		answer_numbers(m->sv_coef[i], m->l);
	answer_integers(m->label, k);
	answer_integers(m->nSV, k);
	answer_integers(which, m->l);
	free(which);
}

void solve_svm(const struct samples *s)
{
	struct svm_problem problem = {
		(int)s->ask.samples, need((size_t)s->ask.samples, sizeof(double)), rows(s)};
	const struct svm_parameter parameter = {.svm_type = C_SVC,
		.kernel_type = s->ask.kind,
		.degree = s->ask.degree,
		.gamma = s->ask.gamma,
		.coef0 = s->ask.coef0,
		.cache_size = s->ask.cache_mb,
		.eps = s->ask.tolerance,
		.C = s->ask.C,
		.shrinking = s->ask.shrinking,
		.probability = s->ask.probability};
	for (int i = 0; i < problem.l; i++)
		problem.y[i] = s->labels[i];
	const char *fault = svm_check_parameter(&problem, &parameter);
	if (fault)
		fail("LIBSVM: %s", fault);
	double *scale = begin_progress(s);
	svm_set_print_string_function(progress_print);
	struct svm_model *m = svm_train(&problem, &parameter);
	give(s, m);
	progress_end();
	svm_free_and_destroy_model(&m);
	free(problem.x[0]); /* the nodes of all rows */
	free(problem.x);
	free(problem.y);
	free(scale);
}
