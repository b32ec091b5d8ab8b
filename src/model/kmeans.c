/* model/kmeans.c - Lloyd's k-means on a line.
 *
 * Sorted, the cluster of a centroid is one run of values, bounded by the middles between it and its
 * neighbours; with running sums its mean is one subtraction. So a round costs clusters · log(values),
 * whatever the number of values. The start is even over the range from least to greatest, not random: the
 * same weights always give the same centroids, and the rare large weights, which matter most, keep their own
 * (Han, Mao, Dally, "Deep Compression", 2016, section 3.2; S. P. Lloyd, "Least squares quantization in PCM",
 * 1982). Clusters that end empty are left out. Zeros are not clustered: pruning made them, and they stay.
 */
#include "config.h"
#include "model/kmeans.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

#define MOST_ROUNDS 1000 /* 20 to 200 suffice in practice */

struct line {
	float *values; /* ascending */
	double *sums;  /* sums[i]: of the i values before i */
	int64_t count;
};

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static void line_free(struct line *line)
{
	lepton__free(line->values);
	lepton__free(line->sums);
}

static int line_make(const float *values, int64_t count, struct line *line, struct lepton_error *err)
{
	*line = (struct line){.values = lepton__calloc((size_t)count + 1, sizeof(float)),
		.sums = lepton__calloc((size_t)count + 1, sizeof(double))};
	if (!line->values || !line->sums) {
		line_free(line);
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "no memory to cluster %lld weights", (long long)count);
	}
	for (int64_t i = 0; i < count; i++)
		if (fpclassify(values[i]) != FP_ZERO)
			line->values[line->count++] = values[i];
	qsort(line->values, (size_t)line->count, sizeof *line->values, ascending);
	for (int64_t i = 0; i < line->count; i++)
		line->sums[i + 1] = line->sums[i] + (double)line->values[i];
	return LEPTON_OK;
}

/* How many values are at or below the border. */
static int64_t upto(const struct line *line, double border)
{
	int64_t low = 0, high = line->count;
	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		if ((double)line->values[middle] <= border)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ends[c]: where the run of cluster c ends; never before the last one's, even where a centroid without
 * values was overtaken. True when any moved. */
static bool assign(const struct line *line, const double *centroids, uint32_t clusters, int64_t *ends)
{
	bool moved = false;
	for (uint32_t c = 0; c < clusters; c++) {
		int64_t end =
			c + 1 < clusters ? upto(line, (centroids[c] + centroids[c + 1]) / 2) : line->count;
		if (c > 0 && end < ends[c - 1])
			end = ends[c - 1];
		moved |= end != ends[c];
		ends[c] = end;
	}
	return moved;
}

/* An empty cluster stays where it is. */
static void move(const struct line *line, double *centroids, uint32_t clusters, const int64_t *ends)
{
	int64_t start = 0;
	for (uint32_t c = 0; c < clusters; start = ends[c++])
		if (ends[c] > start)
			centroids[c] = (line->sums[ends[c]] - line->sums[start]) / (double)(ends[c] - start);
}

static uint32_t keep(const double *centroids, uint32_t clusters, const int64_t *ends, float *kept)
{
	uint32_t found = 0;
	int64_t start = 0;
	for (uint32_t c = 0; c < clusters; start = ends[c++]) {
		float centroid = (float)centroids[c];
		bool apart = found == 0 || centroid > kept[found - 1];
		if (ends[c] > start && apart && fpclassify(centroid) != FP_ZERO)
			kept[found++] = centroid;
	}
	return found;
}

static void lloyd(const struct line *line, double *centroids, uint32_t clusters, int64_t *ends)
{
	double least = (double)line->values[0], width = (double)line->values[line->count - 1] - least;
	for (uint32_t c = 0; c < clusters; c++)
		centroids[c] = least + width * (c + 0.5) / clusters;
	for (int round = 0; round < MOST_ROUNDS && assign(line, centroids, clusters, ends); round++)
		move(line, centroids, clusters, ends);
}

/* The values themselves, where they are few: those of a tensor that shares them already. */
static bool distinct(const struct line *line, uint32_t wanted, float *centroids, uint32_t *found)
{
	*found = 0;
	for (int64_t i = 0; i < line->count; i++) {
		if (i && !(line->values[i] > line->values[i - 1]))
			continue;
		if (*found == wanted)
			return false;
		centroids[(*found)++] = line->values[i];
	}
	return true;
}

int lepton__kmeans(const float *values, int64_t count, uint32_t wanted, float *centroids, uint32_t *found,
	struct lepton_error *err)
{
	struct line line;
	*found = 0;
	int code = line_make(values, count, &line, err);
	if (code)
		return code;
	double *means = lepton__calloc(wanted, sizeof *means);
	int64_t *ends = lepton__calloc(wanted, sizeof *ends);
	if (!means || !ends) {
		code = lepton_error_set(err, LEPTON_E_NOMEM, "no memory for %u clusters", wanted);
	} else if (!distinct(&line, wanted, centroids, found)) {
		lloyd(&line, means, wanted, ends);
		*found = keep(means, wanted, ends, centroids);
	}
	lepton__free(means);
	lepton__free(ends);
	line_free(&line);
	return code;
}
