/* tensor/activation.c - element-wise activations and their derivatives from the output.
 *
 * A NaN stays a NaN (relu too): a diverged model must show.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec_math.h"

INLINE void over_all(vec (*const function)(vec x), int64_t n, const float *x, float *y)
{
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES)
		vec_store(y + i, function(vec_load(x + i)));
	if (i < n) {
		const vec_mask rest = vec_first((int)(n - i));
		vec_store_part(y + i, rest, function(vec_load_part(x + i, rest)));
	}
}

void OP(activate)(enum lepton__activation act, int64_t n, const float *x, float *y)
{
	switch (act) {
	case LEPTON__RELU:
		over_all(vec_relu, n, x, y);
		break;
	case LEPTON__TANH:
		over_all(vec_tanh, n, x, y);
		break;
	case LEPTON__SIGMOID:
		over_all(vec_sigmoid, n, x, y);
		break;
	case LEPTON__LINEAR:
	case LEPTON__SOFTMAX:
		if (y != x && n > 0)
			memmove(y, x, (size_t)n * sizeof(*y));
		break;
	}
}

void OP(activate_backward)(enum lepton__activation act, int64_t n, const float *y, const float *dy, float *dx)
{
	switch (act) {
	case LEPTON__RELU:
		for (int64_t i = 0; i < n; i++)
			dx[i] = y[i] <= 0 ? 0 : dy[i];
		break;
	case LEPTON__TANH:
		for (int64_t i = 0; i < n; i++)
			dx[i] = dy[i] * (1 - y[i] * y[i]);
		break;
	case LEPTON__SIGMOID:
		for (int64_t i = 0; i < n; i++)
			dx[i] = dy[i] * y[i] * (1 - y[i]);
		break;
	case LEPTON__LINEAR:
	case LEPTON__SOFTMAX:
		if (dx != dy && n > 0)
			memmove(dx, dy, (size_t)n * sizeof(*dx));
		break;
	}
}
