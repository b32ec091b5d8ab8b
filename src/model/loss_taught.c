/* model/loss_taught.c - categorical cross-entropy by labels and by a teacher's softened answers.
 *
 *   loss = (1 − share) · CE(label, softmax(z)) + share · T² · KL(q, softmax(z / T))
 *   by z: (1 − share) · (softmax(z) − label) + share · T · (softmax(z / T) − q)
 *
 * T² keeps the teacher's part of the gradient as large as the labels', whatever the temperature (Hinton et
 * al., 2015). KL is the cross-entropy less what no student could go below, so that the loss of a perfect one
 * is 0.
 */
#include "config.h"
#include "model/loss.h"
#include "tensor/kernels.h"

#include <math.h>

#define LEAST 1e-30F /* of a probability in a logarithm */

/* One row: softmax(z / T) in p; its divergence from q. */
static double divergence(int classes, float temperature, const float *z, const float *q, float *p)
{
	double sum = 0;
	float most = z[lepton__largest(classes, z)];
	for (int c = 0; c < classes; c++)
		sum += (double)(p[c] = expf((z[c] - most) / temperature));
	for (int c = 0; c < classes; c++)
		p[c] = (float)((double)p[c] / sum);
	double kl = 0;
	for (int c = 0; c < classes; c++)
		if (q[c] > 0)
			kl += (double)q[c] * (log((double)q[c]) - log((double)fmaxf(p[c], LEAST)));
	return kl;
}

void lepton__loss_taught(int classes, struct lepton__lesson lesson, int n, const float *out,
	const int32_t *labels, const float *answers, float scale, float *d, struct lepton__loss *loss)
{
	float share = lesson.share, temperature = lesson.temperature, p[LEPTON__CLASSES_MAX];
	lepton__kernels_get()->softmax_cross_entropy(
		n, classes, out, labels, scale * (1 - share), d, &loss->sum, &loss->right);
	loss->sum *= (double)(1 - share);
	for (int i = 0; i < n; i++, out += classes, answers += classes, d += classes) {
		double kl = divergence(classes, temperature, out, answers, p);
		loss->sum += (double)share * (double)temperature * (double)temperature * kl;
		for (int c = 0; c < classes; c++)
			d[c] += scale * share * temperature * (p[c] - answers[c]);
	}
}
