/* model/tree_bins.c - a table's numbers put into bins, as scikit-learn's histogram boosting does it.
 *
 * A feature with up to 255 different numbers has a bin for each, parted half way. One with more is parted at
 * 254 quantiles. Missing values have the bin behind all others. Bins come from the training rows alone, so
 * the same data always gives the same ones: a tree taken up again finds its thresholds' bins by their cuts.
 */
#include "config.h"
#include "model/tree.h"
#include "base/bits.h"
#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define SIGN ((uint32_t)1 << 31)

int lepton__columns_allocate_cuts(struct lepton__columns *columns, struct lepton_error *err)
{
	columns->cut = lepton__calloc((size_t)columns->features * LEPTON__CUTS, sizeof *columns->cut);
	columns->cuts = lepton__calloc((size_t)columns->features, sizeof *columns->cuts);
	columns->sorted = lepton__calloc(2 * (size_t)columns->rows, sizeof *columns->sorted);
	if (columns->cut && columns->cuts && columns->sorted)
		return LEPTON_OK;
	lepton__columns_free(columns);
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the bins of features");
}

/* ---- sorting a feature's rows by their numbers ---- */

/* The bits of a float, so that whole numbers stand in the order of the floats. And back. */
static uint32_t key_of(float x)
{
	const uint32_t bits = lepton__float_bits(x);
	return bits & SIGN ? ~bits : bits | SIGN;
}

static float number_of(const struct lepton__sorted *at)
{
	return lepton__float_of_bits(at->key & SIGN ? at->key & ~SIGN : ~at->key);
}

/* By one byte of the key, keeping the order of equals; false where all have the same. */
static bool sort_byte(const struct lepton__sorted *from, struct lepton__sorted *to, int64_t n, int shift)
{
	int64_t place[256] = {0}, sum = 0;
	for (int64_t i = 0; i < n; i++)
		place[from[i].key >> shift & 255]++;
	if (place[from[0].key >> shift & 255] == n)
		return false;
	for (int byte = 0; byte < 256; byte++) {
		int64_t count = place[byte];
		place[byte] = sum;
		sum += count;
	}
	for (int64_t i = 0; i < n; i++)
		to[place[from[i].key >> shift & 255]++] = from[i];
	return true;
}

/* The rows that have a number, least first (a radix sort); how many. Both halves of the scratch are used. */
static int64_t sort_rows(
	struct lepton__columns *columns, const float *values, int feature, struct lepton__sorted **sorted)
{
	struct lepton__sorted *now = columns->sorted, *other = now + columns->rows;
	int64_t n = 0;
	for (int64_t r = 0; r < columns->rows; r++) {
		float x = values[r * columns->features + feature];
		if (!isnan(x))
			now[n++] = (struct lepton__sorted){key_of(x), (uint32_t)r};
	}
	for (int shift = 0; shift < 32 && n > 0; shift += 8)
		if (sort_byte(now, other, n, shift)) {
			struct lepton__sorted *swap = now;
			now = other;
			other = swap;
		}
	*sorted = now;
	return n;
}

/* ---- cuts ---- */

/* Half way, but below the upper one: what float32 rounds up would be on the wrong side. */
static float half_way(float low, float high)
{
	float middle = low / 2 + high / 2;
	return middle < high && middle > low ? middle : low;
}

static int cut_between_all(const struct lepton__sorted *sorted, int64_t n, float *cut)
{
	int cuts = 0;
	for (int64_t i = 1; i < n; i++)
		if (number_of(&sorted[i]) > number_of(&sorted[i - 1])) {
			if (cuts == LEPTON__CUTS)
				return -1; /* too many different ones */
			cut[cuts++] = half_way(number_of(&sorted[i - 1]), number_of(&sorted[i]));
		}
	return cuts;
}

static int cut_at_quantiles(const struct lepton__sorted *sorted, int64_t n, float *cut)
{
	int cuts = 0;
	for (int i = 1; i <= LEPTON__CUTS; i++) {
		double place = (double)(n - 1) * i / (LEPTON__CUTS + 1);
		int64_t low = (int64_t)floor(place), high = (int64_t)ceil(place);
		float at = half_way(number_of(&sorted[low]), number_of(&sorted[high]));
		if (cuts == 0 || at > cut[cuts - 1])
			cut[cuts++] = at;
	}
	return cuts;
}

/* The rows stand in the order of their numbers, so their bins follow from one walk along the cuts. */
static void bin_feature(struct lepton__columns *columns, const float *values, int feature)
{
	float *cut = columns->cut + (int64_t)feature * LEPTON__CUTS;
	uint8_t *bin = columns->byte + feature * columns->rows;
	struct lepton__sorted *sorted;
	int64_t n = sort_rows(columns, values, feature, &sorted);
	int cuts = cut_between_all(sorted, n, cut), at = 0;
	if (cuts < 0)
		cuts = cut_at_quantiles(sorted, n, cut);
	columns->cuts[feature] = cuts;
	for (int64_t r = 0; n < columns->rows && r < columns->rows; r++)
		bin[r] = LEPTON__MISSING;
	for (int64_t i = 0; i < n; i++) {
		while (at < cuts && cut[at] < number_of(&sorted[i]))
			at++;
		bin[sorted[i].row] = (uint8_t)at;
	}
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
	for (int f = columns->done; f < to; f++)
		bin_feature(columns, values, f);
	lepton__columns_done(columns, to);
}
