/* model/loss_each.c - losses of each output by itself: binary cross-entropy, hinge, squared hinge. */
#include "config.h"
#include "model/loss.h"

#include <math.h>
#include <stddef.h>

#define LEAST 1e-7F /* as Keras does: a probability is kept that far from 0 and 1 */

struct point {
	float loss, slope; /* and its derivative by the output */
};

/* log(1 + e^z) − z·yes, which cannot overflow. */
static struct point from_logit(float z, bool yes)
{
	float small = expf(-fabsf(z)), p = z < 0 ? small / (1 + small) : 1 / (1 + small);
	return (struct point){fmaxf(z, 0) - (yes ? z : 0) + log1pf(small), p - (yes ? 1.0F : 0.0F)};
}

/* Past the limit the slope stays that of the limit, so a hopeless sample still pulls in the right direction.
 */
static struct point from_probability(float p, bool yes)
{
	float right = yes ? p : 1 - p;
	right = right < LEAST ? LEAST : right; /* NaN passes through */
	return (struct point){-logf(right), (yes ? -1.0F : 1.0F) / right};
}

static struct point hinge(float out, bool yes, bool squares)
{
	float sign = yes ? 1.0F : -1.0F, lack = 1 - sign * out;
	if (lack <= 0)
		return (struct point){0, 0};
	return squares ? (struct point){lack * lack, -2 * sign * lack} : (struct point){lack, -sign};
}

static struct point point_of(const struct lepton__loss_form *form, float out, bool yes)
{
	if (form->kind != LEPTON__BINARY_CROSS_ENTROPY)
		return hinge(out, yes, form->kind == LEPTON__SQUARED_HINGE);
	return form->from_logits ? from_logit(out, yes) : from_probability(out, yes);
}

static int class_of(const struct lepton__loss_form *form, const float *out)
{
	bool probability = form->kind == LEPTON__BINARY_CROSS_ENTROPY && !form->from_logits;
	return form->outputs > 1 ? lepton__largest(form->outputs, out) : *out > (probability ? 0.5F : 0.0F);
}

void lepton__loss_each(const struct lepton__loss_form *form, int n, const float *out, const int32_t *labels,
	float scale, float *d, struct lepton__loss *loss)
{
	int outputs = form->outputs;
	*loss = (struct lepton__loss){0};
	for (int i = 0; i < n; i++, out += outputs, d = d ? d + outputs : NULL) {
		double sum = 0;
		for (int u = 0; u < outputs; u++) {
			bool yes = outputs > 1 ? labels[i] == u : labels[i] == 1;
			struct point point = point_of(form, out[u], yes);
			sum += (double)point.loss;
			if (d)
				d[u] = scale / (float)outputs * point.slope;
		}
		loss->sum += sum / outputs;
		loss->right += class_of(form, out) == labels[i];
	}
}

/* ---- answers ---- */

static float logistic(float z)
{
	return z < 0 ? expf(z) / (1 + expf(z)) : 1 / (1 + expf(-z));
}

static void answer_one(const struct lepton__loss_form *form, float out, float *p)
{
	float second = out;
	if (form->kind != LEPTON__BINARY_CROSS_ENTROPY)
		second = logistic(2 * out);
	else if (form->from_logits)
		second = logistic(out);
	p[0] = 1 - second;
	p[1] = second;
}

/* Sigmoids need not sum to 1: they are divided by what they do. */
static void answer_row(const struct lepton__loss_form *form, const float *out, float *p)
{
	for (int u = 0; u < form->outputs; u++)
		p[u] = form->from_logits ? logistic(out[u]) : out[u];
	lepton__loss_probabilities(false, 1, form->outputs, p, p);
}

void lepton__loss_each_answer(const struct lepton__loss_form *form, int n, const float *out, float *p)
{
	if (form->outputs > 1 && form->kind != LEPTON__BINARY_CROSS_ENTROPY) {
		lepton__loss_probabilities(true, n, form->outputs, out, p);
		return;
	}
	for (int i = 0; i < n; i++)
		if (form->outputs == 1)
			answer_one(form, out[i], p + 2 * i);
		else
			answer_row(form, out + (int64_t)i * form->outputs, p + (int64_t)i * form->outputs);
}
