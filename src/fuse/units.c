/* fuse/units.c - hidden units at work.
 *
 * What a layer's units say is a product of what it reads with its kernel, and the bias. A convolution says it
 * at many places: of so many rows only each so-manieth is kept, an odd number apart, so that no column of the
 * image is always left out. Which rows are kept goes by the samples alone.
 */
#include "config.h"
#include "fuse/units.h"
#include "base/memory.h"
#include "tensor/kernels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define ROWS_MAX 8192   /* of a layer that are kept */
#define CALL_SAMPLES 16 /* about so many samples are shown at a time */

struct reading {
	const struct lepton__chain *chain;
	const struct lepton_params *weights;
	struct lepton__units *units;
	size_t wanted; /* a layer, or all */
	int64_t samples;
	int64_t *seen, *step; /* of each layer: rows shown so far; one row in so many is kept */
};

static size_t layer_of(const struct reading *r, size_t kernel)
{
	size_t l = 0;
	while (l < r->units->count && r->chain->links[l].kernel != kernel)
		l++;
	return l;
}

static int no_memory(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for what hidden units say");
}

static int start_layer(struct reading *r, size_t l, int64_t rows, struct lepton_error *err)
{
	struct lepton__said *said = &r->units->layers[l];
	const int64_t all = (r->samples + CALL_SAMPLES - 1) / CALL_SAMPLES * rows;
	r->step[l] = (all + ROWS_MAX - 1) / ROWS_MAX | 1;
	said->units = (int64_t)r->chain->links[l].units;
	said->values = lepton__calloc((size_t)(ROWS_MAX * said->units), sizeof *said->values);
	said->mean = lepton__calloc((size_t)said->units, sizeof *said->mean);
	said->deviation = lepton__calloc((size_t)said->units, sizeof *said->deviation);
	return said->values && said->mean && said->deviation ? LEPTON_OK : no_memory(err);
}

/* One row: the bias, and the row times the kernel. */
static void say(const struct reading *r, const struct lepton__link *link, const float *x, float *to)
{
	const int units = (int)link->units, width = (int)link->rows;
	const float *kernel = lepton_params_at(r->weights, link->kernel)->data;
	if (link->bias != SIZE_MAX)
		memcpy(to, lepton_params_at(r->weights, link->bias)->data, link->units * sizeof *to);
	else
		memset(to, 0, link->units * sizeof *to);
	lepton__kernels_get()->gemm(false, false, 1, units, width, 1, x, width, kernel, units, 1, to, units);
}

static int see(void *context, const struct lepton_inputs *inputs, struct lepton_error *err)
{
	struct reading *r = context;
	const size_t l = layer_of(r, inputs->kernel);
	if (l == r->units->count || (r->wanted != LEPTON__ALL_LAYERS && l != r->wanted))
		return LEPTON_OK; /* the last layer is not hidden */
	struct lepton__said *said = &r->units->layers[l];
	int code = said->values ? LEPTON_OK : start_layer(r, l, inputs->rows, err);
	for (int64_t row = 0; row < inputs->rows && !code; row++) {
		if (r->seen[l]++ % r->step[l] || said->rows == ROWS_MAX)
			continue;
		say(r, &r->chain->links[l], inputs->values + row * inputs->width,
			said->values + said->rows++ * said->units);
	}
	return code;
}

static void measure(struct lepton__said *said)
{
	for (int64_t u = 0; u < said->units; u++) {
		double sum = 0, square = 0;
		for (int64_t row = 0; row < said->rows; row++)
			sum += (double)said->values[row * said->units + u];
		said->mean[u] = sum / (double)said->rows;
		for (int64_t row = 0; row < said->rows; row++) {
			const double off = (double)said->values[row * said->units + u] - said->mean[u];
			square += off * off;
		}
		said->deviation[u] = sqrt(square / (double)said->rows);
	}
}

int lepton__units_read(const struct lepton_fuse_help *help, const struct lepton__chain *chain,
	const struct lepton_params *weights, size_t layer, int64_t samples, struct lepton__units *out,
	struct lepton_error *err)
{
	struct reading r = {
		.chain = chain, .weights = weights, .units = out, .wanted = layer, .samples = samples};
	const size_t hidden = chain->count - 1;
	*out = (struct lepton__units){lepton__calloc(hidden, sizeof *out->layers), hidden};
	r.seen = lepton__calloc(hidden, sizeof *r.seen);
	r.step = lepton__calloc(hidden, sizeof *r.step);
	int code = out->layers && r.seen && r.step ? LEPTON_OK : no_memory(err);
	if (!code)
		code = help->inputs(help->context, weights, samples, see, &r, err);
	for (size_t l = 0; l < hidden && !code; l++)
		if (out->layers[l].rows)
			measure(&out->layers[l]);
	lepton__free(r.seen);
	lepton__free(r.step);
	if (code)
		lepton__units_free(out);
	return code;
}

void lepton__units_free(struct lepton__units *units)
{
	for (size_t l = 0; units->layers && l < units->count; l++) {
		lepton__free(units->layers[l].values);
		lepton__free(units->layers[l].mean);
		lepton__free(units->layers[l].deviation);
	}
	lepton__free(units->layers);
	*units = (struct lepton__units){NULL, 0};
}
