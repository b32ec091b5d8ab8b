/* model/smallest.c - the magnitude that parts the smallest weights from the others, by selection, and zeroing them. */
#include "config.h"
#include "model/smallest.h"

#include <math.h>
#include <stdbool.h>

static void swap(float *a, float *b)
{
	float x = *a;
	*a = *b;
	*b = x;
}

/* The k-th smallest, from 0; the numbers change places (Hoare's quickselect). */
static float select(float *x, int64_t n, int64_t k)
{
	int64_t low = 0, high = n - 1;
	while (low < high) {
		float pivot = x[low + (high - low) / 2];
		int64_t i = low, j = high;
		while (i <= j) {
			while (x[i] < pivot)
				i++;
			while (x[j] > pivot)
				j--;
			if (i <= j)
				swap(&x[i++], &x[j--]);
		}
		if (k <= j)
			high = j;
		else if (k >= i)
			low = i;
		else
			break;
	}
	return x[k];
}

/* Zero what is below the border, and the first `equals` of those on it. */
static void zero(const struct lepton__weights_span *span, float border, int64_t *equals)
{
	for (float *w = span->at, *end = w + span->count; w < end; w++) {
		float size = fabsf(*w);
		bool on = size >= border && size <= border;
		if (size < border || (on && *equals > 0))
			*w = 0;
		*equals -= on;
	}
}

int64_t lepton__zero_smallest(const struct lepton__weights_span *span, int spans, double sparsity, float *sizes)
{
	int64_t n = 0, below = 0;
	for (int s = 0; s < spans; s++)
		for (int64_t i = 0; i < span[s].count; i++)
			sizes[n++] = fabsf(span[s].at[i]);
	int64_t share = (int64_t)(sparsity * (double)n + 0.5);
	if (share == 0)
		return 0;
	float border = select(sizes, n, share - 1);
	for (int64_t i = 0; i < n; i++)
		below += sizes[i] < border;
	int64_t equals = share - below;
	for (int s = 0; s < spans; s++)
		zero(&span[s], border, &equals);
	return share;
}
