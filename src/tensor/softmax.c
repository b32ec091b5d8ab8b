/* tensor/softmax.c - probabilities, and the cross-entropy loss with its gradient.
 *
 * The row's largest logit is taken off first, so no exponential overflows. A NaN or +Inf among the
 * logits makes the row's loss NaN and the row not right.
 */
#include "config.h"
#include "tensor/ops.h"

#include <math.h>

static int largest_of(int classes, const float *z)
{
	int best = 0;
	for (int c = 1; c < classes; c++)
		best = z[c] > z[best] ? c : best;
	return best;
}

void OP(softmax)(int n, int classes, const float *logits, float *p)
{
	for (int r = 0; r < n; r++, logits += classes, p += classes) {
		const float max = logits[largest_of(classes, logits)];
		float sum = 0;
		for (int c = 0; c < classes; c++)
			sum += p[c] = expf(logits[c] - max);
		for (int c = 0; c < classes; c++)
			p[c] /= sum;
	}
}

/* The loss of a row is log(sum of exp(z - max)) - (z[label] - max), never log of a rounded probability. */
static double row_loss(int classes, const float *z, int32_t label, float scale, float *dz, int64_t *right)
{
	const int largest = largest_of(classes, z);
	const float max = z[largest], at_label = z[label];
	float sum = 0;
	for (int c = 0; c < classes; c++) {
		const float e = expf(z[c] - max);
		sum += e;
		if (dz)
			dz[c] = e;
	}
	*right += largest == label && !isnan(sum);
	for (int c = 0; dz && c < classes; c++)
		dz[c] = (dz[c] / sum - (c == label ? 1.f : 0.f)) * scale;
	return log((double)sum) - ((double)at_label - (double)max);
}

void OP(softmax_cross_entropy)(int n, int classes, const float *logits, const int32_t *labels, float scale,
	float *dz, double *loss, int64_t *right)
{
	*loss = 0;
	*right = 0;
	for (int r = 0; r < n; r++, logits += classes) {
		*loss += row_loss(classes, logits, labels[r], scale, dz, right);
		if (dz)
			dz += classes;
	}
}
