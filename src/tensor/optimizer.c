/* tensor/optimizer.c - the updates of the weights: Adam and SGD, as Keras defines them.
 *
 * Adam: m and v are running means of the gradient and of its square; the step is
 * learning_rate · sqrt(1 - beta2^t) / (1 - beta1^t) · m / (sqrt(v) + epsilon). A weight costs 7 moves of
 * 4 bytes (grad, and m, v, w both ways) for 12 operations: 0.4 flops a byte, so memory sets the pace
 * as soon as the four arrays leave the second-level cache; before that the divider does. The root and
 * the quotient are the exact ones, so all instruction sets agree to rounding.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#include <math.h>

struct adam {
	vec keep1, keep2, rate, epsilon; /* 1 - beta1, 1 - beta2 */
};

INLINE void adam_step(const struct adam *o, vec g, vec *m, vec *v, vec *w)
{
	*m = vec_fma(o->keep1, g - *m, *m);
	*v = vec_fma(o->keep2, vec_fma(g, g, -*v), *v);
	*w = *w - o->rate * *m / (vec_sqrt(*v) + o->epsilon);
}

void OP(adam)(int64_t n, const struct lepton__adam *o, const float *grad, float *m, float *v, float *w)
{
	const double t = (double)o->step, beta1 = (double)o->beta1, beta2 = (double)o->beta2;
	const double rate = (double)o->learning_rate * sqrt(1 - pow(beta2, t)) / (1 - pow(beta1, t));
	const struct adam a = {
		vec_set(1 - o->beta1), vec_set(1 - o->beta2), vec_set((float)rate), vec_set(o->epsilon)};
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES) {
		vec mi = vec_load(m + i), vi = vec_load(v + i), wi = vec_load(w + i);
		adam_step(&a, vec_load(grad + i), &mi, &vi, &wi);
		vec_store(m + i, mi);
		vec_store(v + i, vi);
		vec_store(w + i, wi);
	}
	if (i < n) {
		const vec_mask rest = vec_first((int)(n - i));
		vec mi = vec_load_part(m + i, rest), vi = vec_load_part(v + i, rest),
		    wi = vec_load_part(w + i, rest);
		adam_step(&a, vec_load_part(grad + i, rest), &mi, &vi, &wi);
		vec_store_part(m + i, rest, mi);
		vec_store_part(v + i, rest, vi);
		vec_store_part(w + i, rest, wi);
	}
}

void OP(sgd)(int64_t n, float learning_rate, float momentum, const float *grad, float *v, float *w)
{
	if (!v) {
		for (int64_t i = 0; i < n; i++)
			w[i] -= learning_rate * grad[i];
		return;
	}
	for (int64_t i = 0; i < n; i++) {
		v[i] = momentum * v[i] - learning_rate * grad[i];
		w[i] += v[i];
	}
}
