/* model/auc.c - the area under the ROC curve by ranks: no curve has to be drawn for it.
 *
 * Summed over the samples of the class, the rank (equals share the mean of theirs) less the least it could be is
 * the number of pairs in the right order.
 */
#include "config.h"
#include "lepton/metrics.h"

#include <math.h>

/* Heapsort: no memory but the caller's, and no bad case. */
static void sift(uint32_t *order, const float *score, int64_t root, int64_t n)
{
	for (int64_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && score[order[child]] < score[order[child + 1]])
			child++;
		if (!(score[order[root]] < score[order[child]]))
			return;
		uint32_t higher = order[child];
		order[child] = order[root];
		order[root] = higher;
	}
}

static void sort_by_score(uint32_t *order, const float *score, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	for (int64_t root = n / 2 - 1; root >= 0; root--)
		sift(order, score, root, n);
	for (int64_t end = n - 1; end > 0; end--) {
		uint32_t highest = order[0];
		order[0] = order[end];
		order[end] = highest;
		sift(order, score, 0, end);
	}
}

double lepton_auc(const float *score, const bool *positive, uint32_t *order, int64_t n)
{
	double ranks = 0, of = 0;
	sort_by_score(order, score, n);
	for (int64_t first = 0, next; first < n; first = next) {
		double found = 0;
		for (next = first; next < n && !(score[order[next]] > score[order[first]]); next++)
			found += positive[order[next]];
		ranks += found * ((double)(first + next + 1) / 2); /* ranks first + 1 … next */
		of += found;
	}
	double others = (double)n - of;
	return of > 0 && others > 0 ? (ranks - of * (of + 1) / 2) / (of * others) : (double)NAN;
}
