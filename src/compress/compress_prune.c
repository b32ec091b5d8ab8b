/* compress/compress_prune.c - the smallest weights become zero.
 *
 * Most weights of a trained network are hardly used, and the small ones least (Han, Pool, Tran, Dally,
 * "Learning both weights and connections", 2015). The share asked for is zeroed exactly, smallest magnitudes
 * first, earlier ones first among equals; over the whole network by default, since layers differ in how much
 * they can spare, or layer by layer. The others stay float32 to the bit; sparse.c writes them.
 */
#include "config.h"
#include "compress/methods.h"
#include "compress/stages.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct lepton_option options[] = {LEPTON__PRUNE_OPTIONS, LEPTON__OPTIONS_END};

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

/* The tensors from `first` to `last`, without the spared: how many numbers. */
static int64_t weights_in(const struct lepton__stages *stages, size_t first, size_t last)
{
	int64_t count = 0;
	for (size_t i = first; i <= last; i++) {
		const struct lepton_tensor *tensor = lepton_params_at(stages->weights, i);
		count += lepton__stage_spares(tensor) ? 0 : lepton_shape_count(&tensor->shape);
	}
	return count;
}

static void copy_magnitudes(const struct lepton__stages *stages, size_t first, size_t last, float *to)
{
	for (size_t i = first; i <= last; i++) {
		const struct lepton_tensor *tensor = lepton_params_at(stages->weights, i);
		int64_t count = lepton__stage_spares(tensor) ? 0 : lepton_shape_count(&tensor->shape);
		const float *values = tensor->data;
		for (int64_t k = 0; k < count; k++)
			*to++ = fabsf(values[k]);
	}
}

/* Zero what is below the border, and the first `equals` of those on it. */
static void zero(struct lepton__stages *stages, size_t first, size_t last, float border, int64_t equals)
{
	for (size_t i = first; i <= last; i++) {
		const struct lepton_tensor *tensor = lepton_params_at(stages->weights, i);
		int64_t count = lepton__stage_spares(tensor) ? 0 : lepton_shape_count(&tensor->shape);
		float *values = lepton_params_data(stages->weights, i);
		for (int64_t k = 0; k < count; k++) {
			float size = fabsf(values[k]);
			bool on = size >= border && size <= border;
			if (size < border || (on && equals > 0))
				values[k] = 0;
			equals -= on;
		}
	}
}

static int prune(struct lepton__stages *stages, size_t first, size_t last, double sparsity, int64_t *zeroed,
	struct lepton_error *err)
{
	int64_t count = weights_in(stages, first, last);
	int64_t share = (int64_t)(sparsity * (double)count + 0.5), below = 0;
	if (share == 0)
		return LEPTON_OK;
	float *sizes = lepton__calloc((size_t)count, sizeof *sizes);
	if (!sizes)
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "no memory to prune %lld weights", (long long)count);
	copy_magnitudes(stages, first, last, sizes);
	qsort(sizes, (size_t)count, sizeof *sizes, ascending);
	float border = sizes[share - 1];
	while (sizes[below] < border)
		below++;
	lepton__free(sizes);
	zero(stages, first, last, border, share - below);
	*zeroed += share;
	return LEPTON_OK;
}

int lepton__stage_prune(struct lepton__stages *stages, struct lepton_error *err)
{
	char scope[32];
	if (lepton_options_number(stages->options, stages->settings, "retrain") > 0)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"compress prune: \"retrain\" takes an engine, which trains the version first");
	size_t count = lepton_params_count(stages->weights);
	double sparsity = lepton_options_number(stages->options, stages->settings, "sparsity");
	lepton_options_choice(stages->options, stages->settings, "scope", scope, sizeof scope);
	int64_t zeroed = 0;
	int code = LEPTON_OK;
	if (strcmp(scope, "global") == 0)
		code = prune(stages, 0, count - 1, sparsity, &zeroed, err);
	else
		for (size_t i = 0; i < count && !code; i++)
			code = prune(stages, i, i, sparsity, &zeroed, err);
	lepton__stage_says(stages, "%lld of %lld weights zeroed, %s", (long long)zeroed,
		(long long)weights_in(stages, 0, count - 1), scope);
	return code;
}

static int encode(const struct lepton_params *weights, const struct lepton_params *base, const char *settings,
	uint8_t **payload, size_t *size, struct lepton_compress_report *report, struct lepton_error *err)
{
	static lepton__stage *const list[] = {lepton__stage_prune, NULL};
	(void)base;
	return lepton__stages_encode(list, options, weights, settings, payload, size, report, err);
}

const struct lepton_compressor lepton__compress_prune = {
	.name = "prune",
	.summary = "the smallest weights become zero, the others stay as they are",
	.options = options,
	.encode = encode,
	.decode = lepton__stages_decode,
};
