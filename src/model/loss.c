/* model/loss.c - the table of losses; categorical cross-entropy, and squared error.
 *
 * Where the network ends in a softmax row, softmax and logarithm are one stable kernel over the
 * logits. Otherwise (a sigmoid row, a pooled softmax) the outputs are probabilities up to a factor:
 * as Keras does, each row is divided by its sum and kept away from log 0. Below that limit the
 * gradient stays that of the limit, so a hopeless sample still pulls in the right direction.
 */
#include "config.h"
#include "model/loss.h"
#include "tensor/kernels.h"

#include <math.h>
#include <string.h>

#define LEAST 1e-7F

static float row_sum(int classes, const float *out)
{
	float sum = 0;
	for (int c = 0; c < classes; c++)
		sum += out[c];
	return sum < LEAST ? LEAST : sum; /* NaN passes through */
}

int lepton__largest(int classes, const float *out)
{
	int best = 0;
	for (int c = 1; c < classes; c++)
		if (out[c] > out[best])
			best = c;
	return best;
}

/* loss = log(sum) − log(out[label]) for one row. */
static double row_loss(int classes, const float *out, int label, float scale, float *d)
{
	float sum = row_sum(classes, out);
	float p = out[label] / sum;
	if (p < LEAST)
		p = LEAST;
	for (int c = 0; d && c < classes; c++)
		d[c] = scale / sum;
	if (d)
		d[label] -= scale / (p * sum);
	return -log((double)p);
}

void lepton__loss_rows(bool from_logits, int n, int classes, const float *out, const int32_t *labels,
	float scale, float *d, struct lepton__loss *loss)
{
	*loss = (struct lepton__loss){0};
	if (from_logits) {
		lepton__kernels_get()->softmax_cross_entropy(
			n, classes, out, labels, scale, d, &loss->sum, &loss->right);
		return;
	}
	for (int i = 0; i < n; i++, out += classes) {
		loss->right += lepton__largest(classes, out) == labels[i];
		loss->sum += row_loss(classes, out, labels[i], scale, d ? d + (int64_t)i * classes : NULL);
	}
}

static void squared_error(
	int n, const float *out, const float *targets, float scale, float *d, struct lepton__loss *loss)
{
	*loss = (struct lepton__loss){0};
	for (int i = 0; i < n; i++) {
		float error = out[i] - targets[i];
		loss->sum += (double)error * (double)error;
		if (d)
			d[i] = 2 * scale * error;
	}
}

void lepton__loss_probabilities(bool from_logits, int n, int classes, const float *out, float *p)
{
	if (from_logits) {
		lepton__kernels_get()->softmax(n, classes, out, p);
		return;
	}
	for (int i = 0; i < n; i++, out += classes, p += classes) {
		float sum = row_sum(classes, out);
		for (int c = 0; c < classes; c++)
			p[c] = out[c] / sum;
	}
}

/* ---- of any kind ---- */

enum lepton__loss_kind lepton__loss_find(const char *name)
{
	static const char *const names[] = {
		[LEPTON__CATEGORICAL_CROSS_ENTROPY] = "categorical_crossentropy",
		[LEPTON__SQUARED_ERROR] = "mse",
		[LEPTON__BINARY_CROSS_ENTROPY] = "binary_crossentropy",
		[LEPTON__HINGE] = "hinge",
		[LEPTON__SQUARED_HINGE] = "squared_hinge",
	};
	for (int i = 0; i <= LEPTON__SQUARED_HINGE; i++)
		if (strcmp(names[i], name) == 0)
			return (enum lepton__loss_kind)i;
	return LEPTON__CATEGORICAL_CROSS_ENTROPY;
}

int lepton__loss_answers(const struct lepton__loss_form *form)
{
	return form->outputs == 1 && form->kind != LEPTON__SQUARED_ERROR ? 2 : form->outputs;
}

void lepton__loss(const struct lepton__loss_form *form, int n, const float *out, const int32_t *labels,
	const float *targets, float scale, float *d, struct lepton__loss *loss)
{
	if (form->kind == LEPTON__SQUARED_ERROR)
		squared_error(n, out, targets, scale, d, loss);
	else if (form->kind == LEPTON__CATEGORICAL_CROSS_ENTROPY)
		lepton__loss_rows(form->from_logits, n, form->outputs, out, labels, scale, d, loss);
	else
		lepton__loss_each(form, n, out, labels, scale, d, loss);
}

void lepton__loss_answer(const struct lepton__loss_form *form, int n, const float *out, float *p)
{
	if (form->kind == LEPTON__SQUARED_ERROR)
		memmove(p, out, (size_t)n * sizeof *out);
	else if (form->kind == LEPTON__CATEGORICAL_CROSS_ENTROPY)
		lepton__loss_probabilities(form->from_logits, n, form->outputs, out, p);
	else
		lepton__loss_each_answer(form, n, out, p);
}
