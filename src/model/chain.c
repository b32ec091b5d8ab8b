/* model/chain.c - weights seen as a chain of layers whose units can change places.
 *
 * The units of a hidden layer have no order of their own: exchange two, with what they read and what reads
 * them, and the network computes the same. That holds through all that treats every channel alike:
 * activations, pooling, dropout, and Flatten, which lays out height, width, channel with the channel
 * fastest; and through BatchNormalization, whose numbers for a channel go where it goes. It does not hold
 * through what this file does not know, so it refuses that.
 */
#include "config.h"
#include "model/chain.h"
#include "base/memory.h"

#include <stdint.h>
#include <string.h>

static bool ends(const char *name, const char *with)
{
	size_t length = strlen(name), tail = strlen(with);
	return length > tail && strcmp(name + length - tail, with) == 0;
}

static int add_kernel(
	const struct lepton_tensor *tensor, size_t t, struct lepton__chain *chain, struct lepton_error *err)
{
	const struct lepton_shape *s = &tensor->shape;
	int64_t values = lepton_shape_count(s);
	if ((s->rank != 2 && s->rank != 4) || values < 1)
		return lepton_error_set(
			err, LEPTON_E_UNSUPPORTED, "%s is no kernel of Conv2D or Dense", tensor->name);
	struct lepton__link *link = &chain->links[chain->count];
	const struct lepton__link *last = chain->count ? link - 1 : NULL;
	link->kernel = t;
	link->bias = SIZE_MAX;
	for (int i = 0; i < LEPTON__NORM_TENSORS; i++)
		link->norm[i] = SIZE_MAX;
	link->units = (size_t)s->dim[s->rank - 1];
	link->rows = (size_t)values / link->units;
	link->in = last ? last->units : link->rows;
	bool fits = s->rank == 2 ? link->rows % link->in == 0 : !last || (size_t)s->dim[2] == link->in;
	if (!fits)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s does not read the %zu units of the layer before it", tensor->name, link->in);
	chain->count++;
	return LEPTON_OK;
}

static int add_bias(
	const struct lepton_tensor *tensor, size_t t, struct lepton__chain *chain, struct lepton_error *err)
{
	struct lepton__link *link = chain->count ? &chain->links[chain->count - 1] : NULL;
	if (!link || link->bias != SIZE_MAX || tensor->shape.rank != 1 ||
		(size_t)tensor->shape.dim[0] != link->units)
		return lepton_error_set(
			err, LEPTON_E_UNSUPPORTED, "%s is not the bias of a layer before it", tensor->name);
	link->bias = t;
	return LEPTON_OK;
}

static const char *const norm_names[LEPTON__NORM_TENSORS] = {
	[LEPTON__NORM_GAMMA] = "/gamma",
	[LEPTON__NORM_BETA] = "/beta",
	[LEPTON__NORM_MEAN] = "/moving_mean",
	[LEPTON__NORM_VARIANCE] = "/moving_variance",
};

/* Which of BatchNormalization's tensors a name says; LEPTON__NORM_TENSORS: none. */
static int norm_of(const char *name)
{
	int i = 0;
	while (i < LEPTON__NORM_TENSORS && !ends(name, norm_names[i]))
		i++;
	return i;
}

/* Before the first kernel it is the inputs', which stay where they are. */
static int add_norm(const struct lepton_tensor *tensor, size_t t, int which, struct lepton__chain *chain,
	struct lepton_error *err)
{
	struct lepton__link *link = chain->count ? &chain->links[chain->count - 1] : NULL;
	if (!link)
		return LEPTON_OK;
	if (tensor->shape.rank != 1 || (size_t)tensor->shape.dim[0] != link->units)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s has not a number for each of the %zu units before it: BatchNormalization behind "
			"Flatten has one "
			"for each place",
			tensor->name, link->units);
	if (link->norm[which] != SIZE_MAX)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s is the second BatchNormalization behind one layer", tensor->name);
	link->norm[which] = t;
	return LEPTON_OK;
}

int lepton__chain_read(
	const struct lepton_params *params, struct lepton__chain *out, struct lepton_error *err)
{
	size_t tensors = lepton_params_count(params);
	int code = LEPTON_OK;
	*out = (struct lepton__chain){lepton__calloc(tensors ? tensors : 1, sizeof *out->links), 0};
	if (!out->links)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for %zu tensors", tensors);
	for (size_t t = 0; t < tensors && !code; t++) {
		const struct lepton_tensor *tensor = lepton_params_at(params, t);
		if (ends(tensor->name, "/kernel") || ends(tensor->name, "/embeddings"))
			code = add_kernel(tensor, t, out, err);
		else if (ends(tensor->name, "/bias"))
			code = add_bias(tensor, t, out, err);
		else if (norm_of(tensor->name) < LEPTON__NORM_TENSORS)
			code = add_norm(tensor, t, norm_of(tensor->name), out, err);
		else
			code = lepton_error_set(err, LEPTON_E_UNSUPPORTED,
				"%s belongs to neither Conv2D, Dense, Embedding nor BatchNormalization",
				tensor->name);
	}
	if (!code && out->count < 2)
		code = lepton_error_set(
			err, LEPTON_E_UNSUPPORTED, "there is no hidden layer whose units could be matched");
	if (code)
		lepton__chain_free(out);
	return code;
}

void lepton__chain_free(struct lepton__chain *chain)
{
	lepton__free(chain->links);
	*chain = (struct lepton__chain){NULL, 0};
}

size_t lepton__chain_room(const struct lepton__chain *chain)
{
	size_t most = 1;
	for (size_t l = 0; l + 1 < chain->count; l++) {
		size_t block = chain->links[l].units * chain->links[l + 1].units;
		most = block > most ? block : most;
	}
	return most;
}

static void permute_columns(size_t rows, size_t units, const size_t *from, float *values, float *room)
{
	for (size_t r = 0; r < rows; r++, values += units) {
		memcpy(room, values, units * sizeof *room);
		for (size_t i = 0; i < units; i++)
			values[i] = room[from[i]];
	}
}

static void permute_rows(const struct lepton__link *next, const size_t *from, float *values, float *room)
{
	const size_t block = next->in * next->units;
	for (size_t at = 0; at < next->rows; at += next->in, values += block) {
		memcpy(room, values, block * sizeof *room);
		for (size_t i = 0; i < next->in; i++)
			memcpy(values + i * next->units, room + from[i] * next->units,
				next->units * sizeof *room);
	}
}

void lepton__chain_permute(const struct lepton__chain *chain, size_t layer, const size_t *from,
	struct lepton_params *params, float *room)
{
	const struct lepton__link *own = &chain->links[layer], *next = own + 1;
	permute_columns(own->rows, own->units, from, lepton_params_data(params, own->kernel), room);
	if (own->bias != SIZE_MAX)
		permute_columns(1, own->units, from, lepton_params_data(params, own->bias), room);
	for (int i = 0; i < LEPTON__NORM_TENSORS; i++)
		if (own->norm[i] != SIZE_MAX)
			permute_columns(1, own->units, from, lepton_params_data(params, own->norm[i]), room);
	permute_rows(next, from, lepton_params_data(params, next->kernel), room);
}
