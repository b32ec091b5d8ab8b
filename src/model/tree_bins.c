/* model/tree_bins.c - a table's numbers put into bins, as scikit-learn's histogram boosting does it.
 *
 * A feature with up to 255 different numbers has a bin for each, parted half way. One with more is parted at
 * 254 quantiles. Missing values have the bin behind all others. Bins come from the training rows alone, so
 * the same data always gives the same ones: a tree taken up again finds its thresholds' bins by their cuts.
 */
#include "config.h"
#include "model/tree.h"
#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

int lepton__columns_allocate_cuts(struct lepton__columns *columns, struct lepton_error *err)
{
	columns->cut = lepton__calloc((size_t)columns->features * LEPTON__CUTS, sizeof *columns->cut);
	columns->cuts = lepton__calloc((size_t)columns->features, sizeof *columns->cuts);
	columns->sorted = lepton__calloc((size_t)columns->rows, sizeof *columns->sorted);
	if (columns->cut && columns->cuts && columns->sorted)
		return LEPTON_OK;
	lepton__columns_free(columns);
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the bins of features");
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

/* Half way, but below the upper one: what float32 rounds up would be on the wrong side. */
static float half_way(float low, float high)
{
	float middle = low / 2 + high / 2;
	return middle < high && middle > low ? middle : low;
}

static int cut_between_all(const float *sorted, int64_t n, float *cut)
{
	int cuts = 0;
	for (int64_t i = 1; i < n; i++)
		if (sorted[i] > sorted[i - 1]) {
			if (cuts == LEPTON__CUTS)
				return -1; /* too many different ones */
			cut[cuts++] = half_way(sorted[i - 1], sorted[i]);
		}
	return cuts;
}

static int cut_at_quantiles(const float *sorted, int64_t n, float *cut)
{
	int cuts = 0;
	for (int i = 1; i <= LEPTON__CUTS; i++) {
		double place = (double)(n - 1) * i / (LEPTON__CUTS + 1);
		int64_t low = (int64_t)floor(place), high = (int64_t)ceil(place);
		float at = half_way(sorted[low], sorted[high]);
		if (cuts == 0 || at > cut[cuts - 1])
			cut[cuts++] = at;
	}
	return cuts;
}

static void find_cuts(struct lepton__columns *columns, const float *values, int feature)
{
	float *cut = columns->cut + (int64_t)feature * LEPTON__CUTS;
	int64_t n = 0;
	for (int64_t r = 0; r < columns->rows; r++) {
		float x = values[r * columns->features + feature];
		if (!isnan(x))
			columns->sorted[n++] = x;
	}
	qsort(columns->sorted, (size_t)n, sizeof *columns->sorted, by_size);
	int cuts = cut_between_all(columns->sorted, n, cut);
	columns->cuts[feature] = cuts < 0 ? cut_at_quantiles(columns->sorted, n, cut) : cuts;
}

int lepton__columns_threshold(const struct lepton__columns *columns, int feature, float cut)
{
	const float *cuts = columns->cut + (int64_t)feature * LEPTON__CUTS;
	int low = 0, high = columns->cuts[feature];
	while (low < high) {
		int middle = (low + high) / 2;
		if (cuts[middle] < cut)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

float lepton__columns_cut(const struct lepton__columns *columns, int feature, int threshold)
{
	return threshold < columns->cuts[feature] ? columns->cut[(int64_t)feature * LEPTON__CUTS + threshold]
						  : FLT_MAX;
}

void lepton__columns_bin(struct lepton__columns *columns, const float *values, int to)
{
	for (int f = columns->done; f < to; f++) {
		find_cuts(columns, values, f);
		uint8_t *bin = columns->byte + f * columns->rows;
		for (int64_t r = 0; r < columns->rows; r++) {
			float x = values[r * columns->features + f];
			bin[r] = isnan(x) ? LEPTON__MISSING
					  : (uint8_t)lepton__columns_threshold(columns, f, x);
		}
	}
	lepton__columns_done(columns, to);
}
