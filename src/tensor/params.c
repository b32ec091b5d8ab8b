/* tensor/params.c - a set of named tensors in one block of memory, shared by counting.
 *
 * Snapshots are how weights travel between training, compression, fusion, the store and the
 * exporters. A set is written only while it has one owner, so readers need no lock; the count is the
 * only thing threads share. Retaining needs no ordering (the caller already holds a reference); the
 * last release must see every other thread's reads done before it frees, hence release/acquire.
 *
 * Every tensor starts on a cache line of its own, so kernels may use aligned vectors; the gaps are
 * zero and are in neither the byte count nor the hash. One block means a copy is one memcpy.
 */
#include "config.h"
#include "lepton/tensor.h"

#include "base/hash.h"
#include "base/memory.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#define LINE 64

struct lepton_params {
	atomic_int references;
	size_t count;
	int64_t values, bytes;
	size_t block_size; /* with the gaps */
	char *block;
	struct lepton_tensor tensor[];
};

/* Count the values and bytes of one tensor; refuses what no memory could hold. */
static int measure(const struct lepton_tensor *t, int64_t *values, int64_t *bytes, struct lepton_error *err)
{
	const int64_t element = (int64_t)lepton_dtype_size(t->dtype);
	if (!memchr(t->name, '\0', sizeof(t->name)))
		return lepton_error_set(
			err, LEPTON_E_SHAPE, "a tensor's name is longer than %d bytes", LEPTON_NAME_MAX - 1);
	if (element == 0)
		return lepton_error_set(
			err, LEPTON_E_SHAPE, "tensor %s has an unknown element type", t->name);
	if (t->shape.rank < 0 || t->shape.rank > LEPTON_MAX_RANK)
		return lepton_error_set(err, LEPTON_E_SHAPE, "tensor %s has rank %d; 0 to %d are possible",
			t->name, t->shape.rank, LEPTON_MAX_RANK);
	*values = 1;
	for (int i = 0; i < t->shape.rank; i++)
		if (t->shape.dim[i] < 0 || __builtin_mul_overflow(*values, t->shape.dim[i], values))
			return lepton_error_set(
				err, LEPTON_E_SHAPE, "tensor %s has an impossible shape", t->name);
	if (__builtin_mul_overflow(*values, element, bytes) || *bytes > INT64_MAX / 4)
		return lepton_error_set(err, LEPTON_E_SHAPE, "tensor %s is too large", t->name);
	return LEPTON_OK;
}

/* Add up all tensors; on success the block they need is known not to overflow. */
static int measure_all(
	const struct lepton_tensor *like, size_t count, struct lepton_params *sum, struct lepton_error *err)
{
	int64_t block = 0;
	for (size_t i = 0; i < count; i++) {
		int64_t values = 0, bytes = 0;
		int code = measure(&like[i], &values, &bytes, err);
		if (code)
			return code;
		if (__builtin_add_overflow(block, (bytes + LINE - 1) / LINE * LINE, &block))
			return lepton_error_set(err, LEPTON_E_SHAPE, "the tensors together are too large");
		sum->values += values;
		sum->bytes += bytes;
	}
	sum->block_size = (size_t)block;
	return LEPTON_OK;
}

int lepton_params_new(
	const struct lepton_tensor *like, size_t count, struct lepton_params **out, struct lepton_error *err)
{
	struct lepton_params sum = {.count = count};
	*out = NULL;
	int code = measure_all(like, count, &sum, err);
	if (code)
		return code;
	size_t table;
	struct lepton_params *params = NULL;
	if (!__builtin_mul_overflow(count, sizeof(struct lepton_tensor), &table) && table < SIZE_MAX / 2)
		params = lepton__calloc(1, sizeof(*params) + table);
	char *block = params ? lepton__aligned(1, sum.block_size) : NULL;
	if (!block) {
		lepton__free(params);
		return lepton_error_set(err, LEPTON_E_NOMEM, "not enough memory for %lld bytes of weights",
			(long long)sum.bytes);
	}
	atomic_init(&params->references, 1);
	params->count = count;
	params->values = sum.values;
	params->bytes = sum.bytes;
	params->block_size = sum.block_size;
	params->block = block;
	for (size_t i = 0; i < count; i++) {
		struct lepton_tensor *t = &params->tensor[i];
		*t = like[i];
		t->data = block;
		size_t bytes = (size_t)lepton_shape_count(&t->shape) * lepton_dtype_size(t->dtype);
		block += (bytes + LINE - 1) / LINE * LINE;
	}
	*out = params;
	return LEPTON_OK;
}

int lepton_params_copy(const struct lepton_params *from, struct lepton_params **out, struct lepton_error *err)
{
	int code = lepton_params_new(from->tensor, from->count, out, err);
	if (code == LEPTON_OK)
		memcpy((*out)->block, from->block, from->block_size);
	return code;
}

int lepton_params_from(const struct lepton_tensor *tensors, size_t count, struct lepton_params **out,
	struct lepton_error *err)
{
	int code = lepton_params_new(tensors, count, out, err);
	for (size_t t = 0; t < count && !code; t++)
		memcpy(lepton_params_data(*out, t), tensors[t].data,
			(size_t)lepton_shape_count(&tensors[t].shape) * lepton_dtype_size(tensors[t].dtype));
	return code;
}

struct lepton_params *lepton_params_retain(struct lepton_params *params)
{
	atomic_fetch_add_explicit(&params->references, 1, memory_order_relaxed);
	return params;
}

void lepton_params_release(struct lepton_params *params)
{
	if (!params)
		return;
	int before = atomic_fetch_sub_explicit(&params->references, 1, memory_order_acq_rel);
	assert(before > 0);
	if (before != 1)
		return;
	lepton__free(params->block);
	lepton__free(params);
}

size_t lepton_params_count(const struct lepton_params *params)
{
	return params->count;
}

int64_t lepton_params_values(const struct lepton_params *params)
{
	return params->values;
}

int64_t lepton_params_bytes(const struct lepton_params *params)
{
	return params->bytes;
}

const struct lepton_tensor *lepton_params_at(const struct lepton_params *params, size_t index)
{
	assert(index < params->count);
	return &params->tensor[index];
}

const struct lepton_tensor *lepton_params_find(const struct lepton_params *params, const char *name)
{
	for (size_t i = 0; i < params->count; i++)
		if (strcmp(params->tensor[i].name, name) == 0)
			return &params->tensor[i];
	return NULL;
}

void *lepton_params_data(struct lepton_params *params, size_t index)
{
	assert(index < params->count);
	return params->tensor[index].data;
}

int lepton_params_match(
	const struct lepton_params *a, const struct lepton_params *b, struct lepton_error *err)
{
	if (a->count != b->count)
		return lepton_error_set(
			err, LEPTON_E_SHAPE, "one model has %zu tensors, the other %zu", a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct lepton_tensor *s = &a->tensor[i], *t = &b->tensor[i];
		if (strcmp(s->name, t->name) != 0)
			return lepton_error_set(err, LEPTON_E_SHAPE,
				"tensor %zu is %s in one model and %s in the other", i + 1, s->name, t->name);
		if (s->dtype != t->dtype)
			return lepton_error_set(
				err, LEPTON_E_SHAPE, "tensor %s has different element types", s->name);
		if (!lepton_shape_equal(&s->shape, &t->shape)) {
			char left[160], right[160];
			lepton_shape_format(&s->shape, left, sizeof(left));
			lepton_shape_format(&t->shape, right, sizeof(right));
			return lepton_error_set(err, LEPTON_E_SHAPE,
				"tensor %s has shape %s in one model and %s in the other", s->name, left,
				right);
		}
	}
	return LEPTON_OK;
}
