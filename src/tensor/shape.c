/* tensor/shape.c - shapes and element types. */
#include "config.h"
#include "lepton/tensor.h"

#include <inttypes.h>
#include <stdio.h>

int64_t lepton_shape_count(const struct lepton_shape *shape)
{
	int64_t count = 1;
	for (int i = 0; i < shape->rank; i++)
		count *= shape->dim[i];
	return count;
}

bool lepton_shape_equal(const struct lepton_shape *a, const struct lepton_shape *b)
{
	if (a->rank != b->rank)
		return false;
	for (int i = 0; i < a->rank; i++)
		if (a->dim[i] != b->dim[i])
			return false;
	return true;
}

size_t lepton_dtype_size(enum lepton_dtype dtype)
{
	switch (dtype) {
	case LEPTON_U8:
	case LEPTON_I8:
		return 1;
	case LEPTON_F32:
	case LEPTON_I32:
		return 4;
	case LEPTON_F64:
		return 8;
	}
	return 0; /* an unknown type, from a damaged file perhaps */
}

void lepton_shape_format(const struct lepton_shape *shape, char *out, size_t size)
{
	size_t used = 0;
	for (int i = 0; i < shape->rank && used < size; i++) {
		int n = snprintf(out + used, size - used, "%s%" PRId64, i ? "," : "[", shape->dim[i]);
		used += n > 0 ? (size_t)n : 0;
	}
	if (used < size)
		snprintf(out + used, size - used, shape->rank ? "]" : "[]");
}
