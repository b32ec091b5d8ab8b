/* model/layer_embedding.c - a row of whole numbers becomes a row of vectors, one learned for each number.
 *
 * What is no number of its table (a text's padding is NaN) becomes zeros and learns nothing. A row's gradient is the sum
 * over its places in the batch, in order; so the batch stays whole.
 */
#include "config.h"
#include "model/layers.h"
#include "base/json.h"

#include <string.h>

#define NUMBERS_MAX 16777216 /* a float32 holds each exactly */
#define VECTOR_MAX 4096
#define LIMIT 0.05F /* of the first values, as Keras has it */

static int configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	(void)err;
	layer->u.numbers = lepton__json_get_int(config, "input_dim", 1);
	layer->out = (struct lepton_shape){.rank = 2, .dim = {0, lepton__json_get_int(config, "output_dim", 1)}};
	return LEPTON_OK;
}

static int shape(struct lepton__layer *layer, struct lepton_error *err)
{
	char text[96];
	lepton_shape_format(&layer->in, text, sizeof text);
	if (layer->in.rank != 1)
		return lepton_error_set(err, LEPTON_E_SHAPE, "takes one row of whole numbers, but gets %s", text);
	if (layer->index != 1)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"takes the data's own whole numbers; put it right behind Input");
	layer->out.dim[0] = layer->in.dim[0];
	layer->fan_in = layer->u.numbers;
	layer->fan_out = layer->out.dim[1];
	layer->tensor_count = 1;
	layer->tensor[0] = (struct lepton_shape){.rank = 2, .dim = {layer->fan_in, layer->fan_out}};
	return LEPTON_OK;
}

static void init(const struct lepton__layer *layer, struct lepton__rng *rng, float *const *w)
{
	int64_t n = lepton_shape_count(&layer->tensor[0]);
	for (int64_t i = 0; i < n; i++)
		w[0][i] = (2 * lepton__rng_uniform(rng) - 1) * LIMIT;
}

/* The row of a number; -1: it has none. */
static int64_t row_of(const struct lepton__layer *layer, float x)
{
	return x >= 0 && x < (float)layer->u.numbers ? (int64_t)x : -1;
}

static void forward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	int64_t values = layer->fan_out, places = pass->n * layer->in_size;
	for (int64_t i = 0; i < places; i++) {
		int64_t row = row_of(layer, pass->x[i]);
		float *y = pass->y + i * values;
		if (row < 0)
			memset(y, 0, (size_t)values * sizeof *y);
		else
			memcpy(y, pass->w[0] + row * values, (size_t)values * sizeof *y);
	}
}

static void backward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	const struct lepton__kernels *kernels = lepton__kernels_get();
	int64_t values = layer->fan_out, places = pass->n * layer->in_size;
	memset(pass->dw[0], 0, (size_t)lepton_shape_count(&layer->tensor[0]) * sizeof *pass->dw[0]);
	for (int64_t i = 0; i < places; i++) {
		int64_t row = row_of(layer, pass->x[i]);
		if (row >= 0)
			kernels->add(values, pass->dy + i * values, pass->dw[0] + row * values);
	}
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{"input_dim", LEPTON__KEY_INTEGER, 1, NUMBERS_MAX, NULL, true, "different numbers: 0 to one less"},
	{"output_dim", LEPTON__KEY_INTEGER, 1, VECTOR_MAX, NULL, true, "values of the vector of each"},
	{0},
};

const struct lepton_layer_ops lepton__layer_embedding = {
	.type = "Embedding",
	.stem = "embedding",
	.summary = "a learned vector for each whole number",
	.keys = keys,
	.tensors = {"embeddings"},
	.whole_batch = true,
	.configure = configure,
	.shape = shape,
	.init = init,
	.forward = forward,
	.backward = backward,
};
