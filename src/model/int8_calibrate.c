/* model/int8_calibrate.c - scales for what flows between the layers of a network of whole numbers.
 *
 * Some training samples run through the layers on floats, twice: first the least and the largest value of
 * each layer's output are found, then how often each of many small ranges between them occurs. Rare large
 * values would spend most of the 128 steps on themselves, so the ends are drawn in to where the squared error
 * of rounding and of cutting off together is least. Zero is always one of the values: padding and relu make
 * many of them.
 */
#include "config.h"
#include "model/int8.h"
#include "base/memory.h"
#include "tensor/int8.h"

#include <math.h>

#define SAMPLES 1024
#define BINS 2048
#define TRIALS 30 /* ends drawn in by a fortieth each */
#define STEP 0.025

struct spread { /* of a layer's output */
	float low, high;
	uint32_t *count; /* BINS; NULL while the range is sought */
};

static void see(struct spread *spread, const float *x, int64_t n)
{
	const float range = spread->high - spread->low;
	for (int64_t i = 0; !spread->count && i < n; i++) {
		spread->low = x[i] < spread->low ? x[i] : spread->low;
		spread->high = x[i] > spread->high ? x[i] : spread->high;
	}
	for (int64_t i = 0; spread->count && range > 0 && i < n; i++) {
		const float at = (x[i] - spread->low) / range * (BINS - 1);
		spread->count[at > 0 && at < BINS ? (int)at : 0]++; /* NaN counts nowhere that matters */
	}
}

/* All samples through all layers. */
static void run(const struct lepton__int8_net *net, struct lepton_dataset *data, struct spread *spreads)
{
	const struct lepton__graph *graph = net->graph;
	const struct lepton__int8_lane *lane = &net->lanes[0];
	const int64_t all = lepton_dataset_count(data, LEPTON_TRAIN), count = all < SAMPLES ? all : SAMPLES;
	for (int64_t from = 0; from < count; from += net->capacity) {
		const int n = count - from < net->capacity ? (int)(count - from) : net->capacity;
		const float *x = lane->floats[0];
		lepton_dataset_gather_range(data, LEPTON_TRAIN, from, n, lane->floats[0], NULL);
		for (int i = 0, to = 1; i < graph->count; i++) {
			const struct lepton__layer *layer = &graph->layers[i];
			if (!lepton__int8_passes(layer)) {
				lepton__int8_layer_floats(net, lane, layer, x, n, lane->floats[to]);
				x = lane->floats[to];
				to = !to;
			}
			see(&spreads[i], x, layer->out_size * n);
		}
	}
}

static struct lepton__int8_scale scale_between(double low, double high)
{
	if (!(high > low) || !isfinite(high - low))
		return (struct lepton__int8_scale){1, 0};
	const double scale = (high - low) / LEPTON__INT8_MAX;
	return (struct lepton__int8_scale){(float)scale, (int)lround(-low / scale)};
}

/* The mean squared error, but for the number of values. */
static double error_of(const struct spread *spread, struct lepton__int8_scale s)
{
	double sum = 0, width = ((double)spread->high - (double)spread->low) / (BINS - 1);
	for (int bin = 0; bin < BINS; bin++) {
		if (!spread->count[bin])
			continue;
		double x = (double)spread->low + (bin + 0.5) * width;
		double whole = fmin(fmax(floor(x / (double)s.scale + s.zero + 0.5), 0), LEPTON__INT8_MAX);
		double off = x - (double)s.scale * (whole - s.zero);
		sum += spread->count[bin] * off * off;
	}
	return sum;
}

static struct lepton__int8_scale best_scale(const struct spread *spread)
{
	struct lepton__int8_scale best = scale_between((double)spread->low, (double)spread->high);
	double least = error_of(spread, best);
	for (int trial = 1; trial <= TRIALS; trial++) {
		double share = 1 - trial * STEP;
		struct lepton__int8_scale s =
			scale_between((double)spread->low * share, (double)spread->high * share);
		double error = error_of(spread, s);
		if (error < least) {
			least = error;
			best = s;
		}
	}
	return best;
}

/* The last of the layers whose outputs have one scale: the largest of a window is one of its values, and what
 * a pooling never lets through need not be told apart before it. */
static int last_like(const struct lepton__int8_net *net, int i)
{
	const struct lepton__graph *graph = net->graph;
	while (i + 1 < graph->count && (lepton__int8_passes(&graph->layers[i + 1]) ||
					       (graph->layers[i + 1].ops == &lepton__layer_max_pooling2d &&
						       net->layers[i + 1].whole)))
		i++;
	return i;
}

int lepton__int8_calibrate(
	struct lepton__int8_net *net, struct lepton_dataset *data, struct lepton_error *err)
{
	const int layers = net->graph->count;
	struct spread *spreads = lepton__calloc((size_t)layers, sizeof *spreads);
	uint32_t *counts = lepton__calloc((size_t)layers * BINS, sizeof *counts);
	if (!spreads || !counts) {
		lepton__free(spreads);
		lepton__free(counts);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to calibrate");
	}
	run(net, data, spreads);
	for (int i = 0; i < layers; i++)
		spreads[i].count = counts + (size_t)i * BINS;
	run(net, data, spreads);
	for (int i = 0; i < layers; i++)
		net->output[i] = best_scale(&spreads[last_like(net, i)]);
	lepton__free(spreads);
	lepton__free(counts);
	return LEPTON_OK;
}
