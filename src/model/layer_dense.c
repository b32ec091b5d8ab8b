/* model/layer_dense.c - every unit sees every value: y = activation(x·kernel + bias). */
#include "config.h"
#include "model/layers.h"
#include "base/json.h"

#define UNITS_MAX 1000000

static int configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	(void)err;
	layer->out = (struct lepton_shape){.rank = 1, .dim = {lepton__json_get_int(config, "units", 1)}};
	lepton__activation_configure(layer, config);
	return LEPTON_OK;
}

static int shape(struct lepton__layer *layer, struct lepton_error *err)
{
	if (layer->in.rank != 1) {
		char text[96];
		lepton_shape_format(&layer->in, text, sizeof text);
		return lepton_error_set(err, LEPTON_E_SHAPE,
			"takes one row of values, but gets %s; put a Flatten layer before it", text);
	}
	layer->fan_in = layer->in.dim[0];
	layer->fan_out = layer->out.dim[0];
	layer->tensor_count = 2;
	layer->tensor[0] = (struct lepton_shape){.rank = 2, .dim = {layer->fan_in, layer->fan_out}};
	layer->tensor[1] = (struct lepton_shape){.rank = 1, .dim = {layer->fan_out}};
	return LEPTON_OK;
}

static void init(const struct lepton__layer *layer, struct lepton__rng *rng, float *const *w)
{
	lepton__glorot_uniform(
		rng, layer->fan_in, layer->fan_out, lepton_shape_count(&layer->tensor[0]), w[0]);
}

static void forward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	int in = (int)layer->in_size, units = (int)layer->out_size;
	lepton__kernels_get()->dense_forward(
		pass->n, in, units, pass->x, pass->w[0], pass->w[1], layer->activation, pass->y);
	lepton__activation_finish(layer, pass, pass->n, units);
}

static void backward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	int in = (int)layer->in_size, units = (int)layer->out_size;
	lepton__activation_backward(layer, pass, pass->n, units);
	lepton__kernels_get()->dense_backward(pass->n, pass->part, in, units, pass->x, pass->w[0], pass->dy,
		pass->dw[0], pass->dw[1], pass->dx);
}

static double squares_of(int n, const float *x)
{
	double sum = 0;
	for (int i = 0; i < n; i++)
		sum += (double)x[i] * (double)x[i];
	return sum;
}

/* A sample's gradient by the kernel is the product of its x and its dz, and so is the length of that; by the
 * bias it is dz (Goodfellow, "Efficient per-example gradient computations", 2015). */
static void squares(const struct lepton__layer *layer, const struct lepton__pass *pass, double *squares)
{
	int in = (int)layer->in_size, units = (int)layer->out_size;
	lepton__activation_backward(layer, pass, pass->n, units);
	for (int s = 0; s < pass->n; s++)
		squares[s] += (squares_of(in, pass->x + (int64_t)s * in) + 1) *
			      squares_of(units, pass->dy + (int64_t)s * units);
	if (pass->dx)
		lepton__kernels_get()->gemm(false, true, pass->n, in, units, 1, pass->dy, units, pass->w[0],
			units, 0, pass->dx, in);
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{"units", LEPTON__KEY_INTEGER, 1, UNITS_MAX, NULL, true, "values it gives"},
	LEPTON__ACTIVATION_KEY,
	{0},
};

const struct lepton_layer_ops lepton__layer_dense = {
	.type = "Dense",
	.stem = "dense",
	.summary = "every unit sees every value",
	.keys = keys,
	.tensors = {"kernel", "bias"},
	.configure = configure,
	.shape = shape,
	.init = init,
	.memo = lepton__activation_memo,
	.forward = forward,
	.backward = backward,
	.squares = squares,
};
