/* compress/slim.c - structured pruning.
 *
 * A weight that is zero saves bytes; a unit that is gone saves time too, with any kernel on any machine. A
 * unit matters by what it reads and by what reads it: the importance here is the norm of its own weights and
 * bias times that of the weights the next layer has for it (after Li, Kadav, Durdanovic, Samet, Graf,
 * "Pruning filters for efficient ConvNets", 2017, who take the former). That product does not change when one
 * side is scaled up and the other down, as relu allows. It is zero for a unit that says nothing, or that
 * nobody hears: taking those out changes no answer. Behind BatchNormalization what a unit reads has lost its
 * size, and its gamma and beta say how loud it is (Liu, Li et al., "Learning efficient convolutional networks
 * through network slimming", 2017). Between layers norms do not compare, so network-wide each is taken
 * relative to its layer's mean.
 */
#include "config.h"
#include "compress/slim.h"
#include "model/chain.h"
#include "base/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	double importance;
	size_t layer, index;
};

struct cut {
	const struct lepton_params *weights;
	struct lepton__chain chain;
	struct unit *unit;    /* of all hidden layers, in order */
	size_t count, *first; /* units; where a layer's begin */
	bool *gone;           /* of each unit */
	size_t *left;         /* units a layer has left */
};

/* ---- importance -------------------------------------------------------------------------------- */

static double square(float value)
{
	return (double)value * (double)value;
}

static double value_of(const struct cut *cut, size_t tensor, size_t unit)
{
	return tensor == SIZE_MAX
		       ? 0
		       : (double)((const float *)lepton_params_at(cut->weights, tensor)->data)[unit];
}

static double reads(const struct cut *cut, size_t layer, size_t unit)
{
	const struct lepton__link *link = &cut->chain.links[layer];
	if (link->norm[LEPTON__NORM_GAMMA] != SIZE_MAX)
		return hypot(value_of(cut, link->norm[LEPTON__NORM_GAMMA], unit),
			value_of(cut, link->norm[LEPTON__NORM_BETA], unit));
	const float *kernel = lepton_params_at(cut->weights, link->kernel)->data;
	double sum = 0;
	for (size_t row = 0; row < link->rows; row++)
		sum += square(kernel[row * link->units + unit]);
	if (link->bias != SIZE_MAX)
		sum += square(((const float *)lepton_params_at(cut->weights, link->bias)->data)[unit]);
	return sqrt(sum);
}

static double is_read(const struct cut *cut, size_t layer, size_t unit)
{
	const struct lepton__link *next = &cut->chain.links[layer + 1];
	const float *kernel = lepton_params_at(cut->weights, next->kernel)->data;
	double sum = 0;
	for (size_t row = unit; row < next->rows; row += next->in)
		for (size_t i = 0; i < next->units; i++)
			sum += square(kernel[row * next->units + i]);
	return sqrt(sum);
}

static void weigh_layer(struct cut *cut, size_t layer, bool relative)
{
	struct unit *unit = cut->unit + cut->first[layer];
	size_t units = cut->chain.links[layer].units;
	double sum = 0;
	for (size_t i = 0; i < units; i++) {
		unit[i] = (struct unit){reads(cut, layer, i) * is_read(cut, layer, i), layer, i};
		sum += unit[i].importance;
	}
	for (size_t i = 0; relative && sum > 0 && i < units; i++)
		unit[i].importance *= (double)units / sum;
}

/* ---- which go ---------------------------------------------------------------------------------- */

/* Least first; of equals the last unit of the last layer first, so that what stays is in front. */
static int by_importance(const void *a, const void *b)
{
	const struct unit *x = a, *y = b;
	if (x->importance < y->importance || x->importance > y->importance)
		return x->importance < y->importance ? -1 : 1;
	if (x->layer != y->layer)
		return x->layer > y->layer ? -1 : 1;
	return (x->index < y->index) - (x->index > y->index);
}

/* Of `count` units in a row: a share of them, and those of no importance. Sorts them. */
static void take_out(struct cut *cut, struct unit *unit, size_t count, double share)
{
	size_t wanted = (size_t)floor(share * (double)count), taken = 0;
	qsort(unit, count, sizeof *unit, by_importance);
	for (size_t i = 0; i < count && (taken < wanted || !(unit[i].importance > 0)); i++) {
		if (cut->left[unit[i].layer] == 1)
			continue;
		cut->gone[cut->first[unit[i].layer] + unit[i].index] = true;
		cut->left[unit[i].layer]--;
		taken++;
	}
}

static void choose(struct cut *cut, double share, bool global)
{
	size_t hidden = cut->chain.count - 1;
	for (size_t layer = 0; layer < hidden; layer++)
		weigh_layer(cut, layer, global);
	if (global)
		take_out(cut, cut->unit, cut->count, share);
	for (size_t layer = 0; layer < hidden && !global; layer++)
		take_out(cut, cut->unit + cut->first[layer], cut->chain.links[layer].units, share);
}

/* ---- the smaller weights ----------------------------------------------------------------------- */

static bool stays(const struct cut *cut, size_t layer, size_t unit)
{
	return layer + 1 == cut->chain.count || !cut->gone[cut->first[layer] + unit];
}

static size_t cut_row(const struct cut *cut, size_t layer, const float *from, float *to)
{
	size_t kept = 0;
	for (size_t unit = 0; unit < cut->chain.links[layer].units; unit++)
		if (stays(cut, layer, unit))
			to[kept++] = from[unit];
	return kept;
}

static void cut_vector(const struct cut *cut, size_t layer, size_t tensor, struct lepton_params *to)
{
	if (tensor != SIZE_MAX)
		cut_row(cut, layer, lepton_params_at(cut->weights, tensor)->data,
			lepton_params_data(to, tensor));
}

static void cut_layer(const struct cut *cut, size_t layer, struct lepton_params *to)
{
	const struct lepton__link *link = &cut->chain.links[layer];
	const float *from = lepton_params_at(cut->weights, link->kernel)->data;
	float *kernel = lepton_params_data(to, link->kernel);
	for (size_t row = 0; row < link->rows; row++)
		if (layer == 0 || stays(cut, layer - 1, row % link->in))
			kernel += cut_row(cut, layer, from + row * link->units, kernel);
	cut_vector(cut, layer, link->bias, to);
	for (int i = 0; i < LEPTON__NORM_TENSORS; i++)
		cut_vector(cut, layer, link->norm[i], to);
}

/* Names and shapes of what is left. */
static void shape_layer(const struct cut *cut, size_t layer, struct lepton_tensor *like)
{
	const struct lepton__link *link = &cut->chain.links[layer];
	struct lepton_shape *kernel = &like[link->kernel].shape;
	int64_t units = (int64_t)cut->left[layer];
	kernel->dim[kernel->rank - 1] = units;
	if (link->bias != SIZE_MAX)
		like[link->bias].shape.dim[0] = units;
	for (int i = 0; i < LEPTON__NORM_TENSORS; i++)
		if (link->norm[i] != SIZE_MAX)
			like[link->norm[i]].shape.dim[0] = units;
	if (layer > 0) /* inputs: a dense kernel's rows by place, a convolution's by channel */
		kernel->dim[kernel->rank - 2] =
			kernel->dim[kernel->rank - 2] / (int64_t)link->in * (int64_t)cut->left[layer - 1];
}

/* What belongs to no layer of the chain: the inputs' BatchNormalization. */
static void copy_the_same(const struct lepton_params *from, struct lepton_params *to)
{
	for (size_t t = 0; t < lepton_params_count(to); t++) {
		const struct lepton_tensor *a = lepton_params_at(from, t), *b = lepton_params_at(to, t);
		if (lepton_shape_equal(&a->shape, &b->shape))
			memcpy(lepton_params_data(to, t), a->data,
				(size_t)lepton_shape_count(&a->shape) * sizeof(float));
	}
}

static int make_weights(const struct cut *cut, struct lepton_params **out, struct lepton_error *err)
{
	size_t tensors = lepton_params_count(cut->weights);
	struct lepton_tensor *like = lepton__calloc(tensors, sizeof *like);
	if (!like)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for %zu tensors", tensors);
	for (size_t t = 0; t < tensors; t++)
		like[t] = *lepton_params_at(cut->weights, t);
	for (size_t layer = 0; layer < cut->chain.count; layer++)
		shape_layer(cut, layer, like);
	int code = lepton_params_new(like, tensors, out, err);
	lepton__free(like);
	if (!code)
		copy_the_same(cut->weights, *out);
	for (size_t layer = 0; layer < cut->chain.count && !code; layer++)
		cut_layer(cut, layer, *out);
	return code;
}

/* ---- all of it --------------------------------------------------------------------------------- */

static int allocate(struct cut *cut, struct lepton_error *err)
{
	size_t layers = cut->chain.count;
	cut->first = lepton__calloc(layers, sizeof *cut->first);
	cut->left = lepton__calloc(layers, sizeof *cut->left);
	for (size_t layer = 0; layer < layers && cut->first && cut->left; layer++) {
		cut->first[layer] = cut->count;
		cut->left[layer] = cut->chain.links[layer].units;
		cut->count += layer + 1 < layers ? cut->left[layer] : 0;
	}
	cut->unit = lepton__calloc(cut->count + 1, sizeof *cut->unit);
	cut->gone = lepton__calloc(cut->count + 1, sizeof *cut->gone);
	return cut->first && cut->left && cut->unit && cut->gone
		       ? LEPTON_OK
		       : lepton_error_set(err, LEPTON_E_NOMEM, "no memory to weigh %zu units", cut->count);
}

static int tell(const struct cut *cut, struct lepton__slim *out, struct lepton_error *err)
{
	out->layers = cut->chain.count;
	out->units = lepton__calloc(out->layers, sizeof *out->units);
	out->before = lepton__calloc(out->layers, sizeof *out->before);
	if (!out->units || !out->before)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for %zu layers", out->layers);
	for (size_t layer = 0; layer < out->layers; layer++) {
		out->units[layer] = cut->left[layer];
		out->before[layer] = cut->chain.links[layer].units;
	}
	return make_weights(cut, &out->weights, err);
}

int lepton__slim(const struct lepton_params *weights, double share, bool global, struct lepton__slim *out,
	struct lepton_error *err)
{
	struct cut cut = {.weights = weights};
	*out = (struct lepton__slim){.weights = NULL};
	int code = lepton__chain_read(weights, &cut.chain, err);
	if (!code)
		code = allocate(&cut, err);
	if (!code) {
		choose(&cut, share, global);
		code = tell(&cut, out, err);
	}
	lepton__chain_free(&cut.chain);
	lepton__free(cut.first);
	lepton__free(cut.left);
	lepton__free(cut.unit);
	lepton__free(cut.gone);
	if (code)
		lepton__slim_free(out);
	return code;
}

void lepton__slim_free(struct lepton__slim *slim)
{
	lepton_params_release(slim->weights);
	lepton__free(slim->units);
	lepton__free(slim->before);
	*slim = (struct lepton__slim){.weights = NULL};
}
