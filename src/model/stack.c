/* model/stack.c - stacked generalisation: a logistic model of what several learners answer (Wolpert, "Stacked
 * generalization", 1992; of probabilities: Ting and Witten, "Issues in stacked generalization", 1999).
 *
 * Of classes the features are logarithms of probabilities less their mean, cut off where a tree is all too
 * sure: then the start, each member's own class weighed 1/members, is their geometric mean, and the model can
 * do no worse than learn little. It is held near that start, for validation data are few.
 *
 * The loss is convex. Its gradient is followed with Nesterov's momentum at the step that its greatest
 * curvature allows, which power iteration finds: some hundred passes over a few thousand samples, no setting
 * to choose.
 */
#include "config.h"
#include "model/stack.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define SURE 1e-3 /* no probability below counts as less */
#define PASSES 400
#define FOLDS 5 /* sample i is of fold i mod FOLDS */
#define POWERS 30
#define ENOUGH 1e-7 /* the largest number of the gradient */

int lepton__stack_make(
	struct lepton__stack *stack, int members, int answers, bool regression, struct lepton_error *err)
{
	const size_t features = (size_t)members * (size_t)answers;
	*stack = (struct lepton__stack){.members = members, .answers = answers, .regression = regression};
	stack->kernel = lepton__calloc(features * (size_t)answers, sizeof *stack->kernel);
	stack->bias = lepton__calloc((size_t)answers, sizeof *stack->bias);
	if (!stack->kernel || !stack->bias) {
		lepton__stack_free(stack);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for %d members", members);
	}
	for (size_t f = 0; f < features; f++)
		stack->kernel[f * (size_t)answers + f % (size_t)answers] = 1 / (float)members;
	return LEPTON_OK;
}

void lepton__stack_free(struct lepton__stack *stack)
{
	lepton__free(stack->kernel);
	lepton__free(stack->bias);
	*stack = (struct lepton__stack){0};
}

/* ---- answering ---- */

static double logarithm(float said)
{
	return log(fmax((double)said, SURE));
}

/* What is taken away of each feature of a sample: it changes no answer, and learning is the faster for it. */
static double centre(const struct lepton__stack *stack, const float *said)
{
	double sum = 0;
	for (int c = 0; c < stack->answers && !stack->regression; c++)
		sum += logarithm(said[c]);
	return sum / stack->answers;
}

static double feature(const struct lepton__stack *stack, float said, double middle)
{
	return stack->regression ? (double)said : logarithm(said) - middle;
}

void lepton__stack_hear(
	const struct lepton__stack *stack, int member, int64_t n, const float *said, double *sum)
{
	const int answers = stack->answers;
	const float *kernel = stack->kernel + (size_t)member * (size_t)answers * (size_t)answers;
	for (int64_t i = 0; i < n; i++, said += answers, sum += answers) {
		const double middle = centre(stack, said);
		for (int f = 0; f < answers; f++) {
			const double x = feature(stack, said[f], middle);
			for (int c = 0; c < answers; c++)
				sum[c] += x * (double)kernel[f * answers + c];
		}
	}
}

/* Rows of sums to rows of probabilities, in their place. */
static void softmax(int answers, double *row)
{
	double most = row[0], whole = 0;
	for (int c = 1; c < answers; c++)
		most = fmax(most, row[c]);
	for (int c = 0; c < answers; c++)
		whole += row[c] = exp(row[c] - most);
	for (int c = 0; c < answers; c++)
		row[c] /= whole;
}

void lepton__stack_answer(const struct lepton__stack *stack, int64_t n, double *sum, float *out)
{
	for (int64_t i = 0; i < n; i++, sum += stack->answers, out += stack->answers) {
		for (int c = 0; c < stack->answers; c++)
			sum[c] += (double)stack->bias[c];
		if (!stack->regression)
			softmax(stack->answers, sum);
		for (int c = 0; c < stack->answers; c++)
			out[c] = (float)sum[c];
	}
}

/* ---- learning ---- */

/* Weights in double, a row for each feature and one for the bias: features + 1 × answers. */
struct fit {
	const struct lepton__stack *stack;
	int64_t n;
	int features, answers;
	size_t values;
	double *x;   /* n × features + 1, the last 1 */
	double *row; /* answers */
	double *start, *now, *before, *ahead, *gradient;
	const int32_t *labels;
	const float *targets;
	double l2;
};

static int allocate(struct fit *fit, struct lepton_error *err)
{
	fit->values = (size_t)(fit->features + 1) * (size_t)fit->answers;
	fit->x = lepton__calloc((size_t)fit->n, (size_t)(fit->features + 1) * sizeof *fit->x);
	fit->row = lepton__calloc((size_t)fit->answers + (size_t)fit->features + 1, sizeof *fit->row);
	fit->start = lepton__calloc(fit->values, 5 * sizeof *fit->start);
	if (!fit->x || !fit->row || !fit->start)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to stack");
	fit->now = fit->start + fit->values;
	fit->before = fit->now + fit->values;
	fit->ahead = fit->before + fit->values;
	fit->gradient = fit->ahead + fit->values;
	return LEPTON_OK;
}

static void release(struct fit *fit)
{
	lepton__free(fit->x);
	lepton__free(fit->row);
	lepton__free(fit->start);
}

static void lay_out(struct fit *fit, const float *said)
{
	const int answers = fit->answers;
	const size_t kernel = (size_t)fit->features * (size_t)answers;
	for (int64_t i = 0; i < fit->n; i++) {
		double *x = fit->x + i * (fit->features + 1);
		for (int m = 0; m < fit->stack->members; m++) {
			const float *row = said + ((int64_t)m * fit->n + i) * answers;
			const double middle = centre(fit->stack, row);
			for (int c = 0; c < answers; c++)
				x[m * answers + c] = feature(fit->stack, row[c], middle);
		}
		x[fit->features] = 1;
	}
	for (size_t k = 0; k < kernel; k++)
		fit->start[k] = (double)fit->stack->kernel[k];
	for (size_t k = kernel; k < fit->values; k++)
		fit->start[k] = (double)fit->stack->bias[k - kernel];
}

/* Of the mean loss: cross-entropy, or half the squared error. */
static void slope(struct fit *fit, const double *w)
{
	const int answers = fit->answers;
	for (size_t k = 0; k < fit->values; k++)
		fit->gradient[k] = fit->l2 * (w[k] - fit->start[k]);
	for (int64_t i = 0; i < fit->n; i++) {
		const double *x = fit->x + i * (fit->features + 1);
		memset(fit->row, 0, (size_t)answers * sizeof *fit->row);
		for (int f = 0; f <= fit->features; f++)
			for (int c = 0; c < answers; c++)
				fit->row[c] += x[f] * w[f * answers + c];
		if (fit->stack->regression) {
			fit->row[0] -= (double)fit->targets[i];
		} else {
			softmax(answers, fit->row);
			fit->row[fit->labels[i]] -= 1;
		}
		for (int f = 0; f <= fit->features; f++)
			for (int c = 0; c < answers; c++)
				fit->gradient[f * answers + c] += x[f] * fit->row[c] / (double)fit->n;
	}
}

/* At least the largest eigenvalue of x'x / n, and a little more: no loss curves more than so much in any
 * direction. */
static double curvature(struct fit *fit)
{
	const int width = fit->features + 1;
	double *v = fit->gradient, *next = fit->row + fit->answers,
	       length = 0; /* there are as many values, or more */
	for (int f = 0; f < width; f++)
		v[f] = 1;
	for (int power = 0; power < POWERS; power++) {
		double square = 0;
		memset(next, 0, (size_t)width * sizeof *next);
		for (int64_t i = 0; i < fit->n; i++) {
			const double *x = fit->x + i * width;
			double inner = 0;
			for (int f = 0; f < width; f++)
				inner += x[f] * v[f];
			for (int f = 0; f < width; f++)
				next[f] += x[f] * inner / (double)fit->n;
		}
		for (int f = 0; f < width; f++)
			square += next[f] * next[f];
		length = sqrt(square);
		for (int f = 0; f < width && length > 0; f++)
			v[f] = next[f] / length;
	}
	return 1.05 * length * (fit->stack->regression ? 1 : 0.5) + fit->l2;
}

static double largest(const double *values, size_t count)
{
	double most = 0;
	for (size_t k = 0; k < count; k++)
		most = fmax(most, fabs(values[k]));
	return most;
}

static void descend(struct fit *fit)
{
	const double step = 1 / curvature(fit);
	memcpy(fit->now, fit->start, fit->values * sizeof *fit->now);
	memcpy(fit->ahead, fit->start, fit->values * sizeof *fit->ahead);
	for (int pass = 0; pass < PASSES; pass++) {
		const double momentum = (double)pass / (pass + 3);
		slope(fit, fit->ahead);
		if (largest(fit->gradient, fit->values) < ENOUGH)
			break;
		memcpy(fit->before, fit->now, fit->values * sizeof *fit->before);
		for (size_t k = 0; k < fit->values; k++) {
			fit->now[k] = fit->ahead[k] - step * fit->gradient[k];
			fit->ahead[k] = fit->now[k] + momentum * (fit->now[k] - fit->before[k]);
		}
	}
}

int lepton__stack_fit(struct lepton__stack *stack, int64_t n, const float *said, const int32_t *labels,
	const float *targets, double l2, struct lepton_error *err)
{
	struct fit fit = {.stack = stack,
		.n = n,
		.features = stack->members * stack->answers,
		.answers = stack->answers,
		.labels = labels,
		.targets = targets,
		.l2 = l2};
	const size_t kernel = (size_t)fit.features * (size_t)fit.answers;
	int code = allocate(&fit, err);
	if (!code) {
		lay_out(&fit, said);
		descend(&fit);
		for (size_t k = 0; k < fit.values; k++)
			*(k < kernel ? &stack->kernel[k] : &stack->bias[k - kernel]) = (float)fit.now[k];
	}
	release(&fit);
	return code;
}

/* ---- without a sample ---- */

/* Those of fold `fold`, or those of all others. */
struct subset {
	int64_t n;
	float *said, *targets;
	int32_t *labels;
};

static void subset_free(struct subset *s)
{
	lepton__free(s->said);
	lepton__free(s->targets);
	lepton__free(s->labels);
}

static int subset_make(struct subset *s, const struct lepton__stack *stack, int64_t n, const float *said,
	const int32_t *labels, const float *targets, int fold, bool inside, struct lepton_error *err)
{
	const size_t answers = (size_t)stack->answers, room = (size_t)n + 1;
	*s = (struct subset){.said = lepton__calloc(room * (size_t)stack->members, answers * sizeof *s->said),
		.targets = lepton__calloc(room, sizeof *s->targets),
		.labels = lepton__calloc(room, sizeof *s->labels)};
	if (!s->said || !s->targets || !s->labels) {
		subset_free(s);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to stack");
	}
	float *to = s->said;
	for (int m = 0; m < stack->members; m++) {
		s->n = 0;
		for (int64_t i = 0; i < n; i++) {
			if ((i % FOLDS == fold) != inside)
				continue;
			memcpy(to, said + ((int64_t)m * n + i) * stack->answers, answers * sizeof *to);
			to += answers;
			s->targets[s->n] = targets ? targets[i] : 0;
			s->labels[s->n++] = labels ? labels[i] : 0;
		}
	}
	return LEPTON_OK;
}

static int answer_fold(const struct lepton__stack *like, int64_t n, const float *said, const int32_t *labels,
	const float *targets, double l2, int fold, float *out, struct lepton_error *err)
{
	struct lepton__stack stack = {0};
	struct subset others = {0}, own = {0};
	double *sum = NULL;
	int code = lepton__stack_make(&stack, like->members, like->answers, like->regression, err);
	if (!code)
		code = subset_make(&others, like, n, said, labels, targets, fold, false, err);
	if (!code)
		code = subset_make(&own, like, n, said, labels, targets, fold, true, err);
	if (!code)
		code = lepton__stack_fit(
			&stack, others.n, others.said, others.labels, others.targets, l2, err);
	sum = code ? NULL : lepton__calloc((size_t)own.n + 1, (size_t)like->answers * sizeof *sum);
	if (!code && !sum)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to stack");
	for (int m = 0; m < like->members && !code; m++)
		lepton__stack_hear(&stack, m, own.n, own.said + (int64_t)m * own.n * like->answers, sum);
	if (!code) /* own.said is heard: its room takes the answers */
		lepton__stack_answer(&stack, own.n, sum, own.said);
	for (int64_t k = 0; k < own.n && !code; k++)
		memcpy(out + (k * FOLDS + fold) * like->answers, own.said + k * like->answers,
			(size_t)like->answers * sizeof *out);
	lepton__free(sum);
	subset_free(&others);
	subset_free(&own);
	lepton__stack_free(&stack);
	return code;
}

int lepton__stack_cross(const struct lepton__stack *stack, int64_t n, const float *said,
	const int32_t *labels, const float *targets, double l2, float *out, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int fold = 0; fold < FOLDS && !code; fold++)
		code = answer_fold(stack, n, said, labels, targets, l2, fold, out, err);
	return code;
}
