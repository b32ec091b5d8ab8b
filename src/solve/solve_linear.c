/* solve/solve_linear.c - one against the rest, by LIBLINEAR. */
#include "config.h"
#include "solve/solve.h"

#include <linear.h>
#include <math.h>
#include <stdlib.h>

#define DOT 10

static struct feature_node **rows(const struct samples *s)
{
	int64_t count = s->ask.samples;
	bool biased = s->ask.bias > 0;
	struct feature_node **row = need((size_t)count, sizeof *row),
			    *node = need((size_t)(s->ask.nodes + count * (1 + biased)), sizeof *node);
	const struct lepton__tray_node *from = s->nodes;
	for (int64_t i = 0; i < count; i++) {
		row[i] = node;
		for (int32_t k = 0; k < s->lengths[i]; k++, from++)
			*node++ = (struct feature_node){from->column + 1, (double)from->value};
		if (biased)
			*node++ = (struct feature_node){(int)s->ask.features + 1, s->ask.bias};
		*node++ = (struct feature_node){.index = -1};
	}
	return row;
}

/* Before training every decision is 0, and the loss of a sample 1, or the logarithm of 2. The scales, to be
 * freed. */
static double *begin_progress(const struct samples *s)
{
	int kind = s->ask.kind, problems = s->ask.classes == 2 ? 1 : s->ask.classes;
	bool logistic = kind == L2R_LR || kind == L2R_LR_DUAL || kind == L1R_LR;
	double *scale = need((size_t)problems, sizeof *scale);
	for (int p = 0; p < problems; p++)
		scale[p] = s->ask.C * (double)s->ask.samples;
	progress_begin(problems, 1, DOT, logistic ? log(2) : 1, scale);
	return scale;
}

void solve_linear(const struct samples *s)
{
	bool biased = s->ask.bias > 0;
	struct problem problem = {(int)s->ask.samples, (int)s->ask.features + biased,
		need((size_t)s->ask.samples, sizeof(double)), rows(s), biased ? s->ask.bias : -1};
	const struct parameter parameter = {
		.solver_type = s->ask.kind, .eps = s->ask.tolerance, .C = s->ask.C, .p = 0.1};
	for (int i = 0; i < problem.l; i++)
		problem.y[i] = s->labels[i];
	const char *fault = check_parameter(&problem, &parameter);
	if (fault)
		fail("LIBLINEAR: %s", fault);
	double *scale = begin_progress(s);
	set_print_string_function(progress_print);
	struct model *m = train(&problem, &parameter);
	int64_t columns = m->nr_class == 2 ? 1 : m->nr_class, rows_of = m->nr_feature + biased;
	answer_begin(s, m->nr_class, (int)rows_of, rows_of * columns, m->nr_class);
	answer_numbers(m->w, rows_of * columns);
	answer_integers(m->label, m->nr_class);
	progress_end();
	free_and_destroy_model(&m);
	free(problem.x[0]); /* the nodes of all rows */
	free(problem.x);
	free(problem.y);
	free(scale);
}
