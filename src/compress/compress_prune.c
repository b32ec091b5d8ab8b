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
#include "model/smallest.h"
#include "base/memory.h"

#include <string.h>

static const struct lepton_option options[] = {LEPTON__PRUNE_OPTIONS, LEPTON__OPTIONS_END};

/* All tensors but the spared; how many, and how many numbers. */
static int find_spans(struct lepton__stages *stages, struct lepton__weights_span *span, int64_t *weights)
{
	int spans = 0;
	*weights = 0;
	for (size_t i = 0; i < lepton_params_count(stages->weights); i++) {
		const struct lepton_tensor *tensor = lepton_params_at(stages->weights, i);
		if (lepton__stage_spares(tensor))
			continue;
		span[spans] = (struct lepton__weights_span){
			lepton_params_data(stages->weights, i), lepton_shape_count(&tensor->shape)};
		*weights += span[spans++].count;
	}
	return spans;
}

/* All spans at once, or each for itself. */
static int prune(struct lepton__stages *stages, const struct lepton__weights_span *span, int spans, int64_t weights,
	struct lepton_error *err)
{
	char scope[32];
	double sparsity = lepton_options_number(stages->options, stages->settings, "sparsity");
	lepton_options_choice(stages->options, stages->settings, "scope", scope, sizeof scope);
	int together = strcmp(scope, "global") == 0 ? spans : 1;
	float *sizes = lepton__calloc((size_t)weights + 1, sizeof *sizes);
	int64_t zeroed = 0;
	if (!sizes)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to prune %lld weights", (long long)weights);
	for (int s = 0; s < spans; s += together)
		zeroed += lepton__zero_smallest(&span[s], together, sparsity, sizes);
	lepton__free(sizes);
	lepton__stage_says(stages, "%lld of %lld weights zeroed, %s", (long long)zeroed, (long long)weights, scope);
	return LEPTON_OK;
}

int lepton__stage_prune(struct lepton__stages *stages, struct lepton_error *err)
{
	size_t count = lepton_params_count(stages->weights);
	struct lepton__weights_span *span = lepton__calloc(count, sizeof *span);
	int64_t weights;
	if (!span)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to prune %zu tensors", count);
	int spans = find_spans(stages, span, &weights);
	int code = prune(stages, span, spans, weights, err);
	lepton__free(span);
	return code;
}

LEPTON__ROW(prune, "prune", "the smallest weights become zero, the others stay as they are", options,
	lepton__stage_prune);
