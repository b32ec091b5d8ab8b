/* lepton/tensor.h - named arrays of numbers, and immutable sets of them.
 *
 * A `lepton_params` is a snapshot: named tensors in one block of memory, 64-byte aligned, reference
 * counted. While it has one owner it may be written; once shared it is never written again, so any
 * thread may read it without a lock. Training, compression, fusion, the store and the exporters
 * hand weights to each other in this form only.
 *
 * Layout: row-major, the last dimension fastest. Images are NHWC. A Conv2D kernel has shape
 * [kernel height, kernel width, channels in, filters], a Dense kernel [inputs, units]: Keras's own.
 */
#ifndef LEPTON_TENSOR_H
#define LEPTON_TENSOR_H

#include "lepton/error.h"
#include <stdbool.h>
#include <stdint.h>

#define LEPTON_MAX_RANK 6
#define LEPTON_NAME_MAX 64 /* bytes of a name with its NUL: versions, tensors, aliases, layers */
#define LEPTON_HASH_HEX 65 /* 32 bytes of BLAKE2b in hexadecimal, with the NUL */

enum lepton_dtype { LEPTON_F32 = 0, LEPTON_U8 = 1, LEPTON_I8 = 2, LEPTON_I32 = 3, LEPTON_F64 = 4 };

struct lepton_shape {
	int rank; /* 0 for a scalar */
	int64_t dim[LEPTON_MAX_RANK];
};

struct lepton_tensor {
	char name[LEPTON_NAME_MAX]; /* "dense_1/kernel" */
	enum lepton_dtype dtype;
	struct lepton_shape shape;
	void *data; /* inside the owning lepton_params */
};

struct lepton_params; /* opaque */

LEPTON_API int64_t lepton_shape_count(const struct lepton_shape *shape); /* product of dims; 1 for a scalar */
LEPTON_API bool lepton_shape_equal(const struct lepton_shape *a, const struct lepton_shape *b);
LEPTON_API size_t lepton_dtype_size(enum lepton_dtype dtype);
/* "[3,3,1,32]" */
LEPTON_API void lepton_shape_format(const struct lepton_shape *shape, char *out, size_t size);

/* A zeroed set with the names, types and shapes of `like[0..count)` (their data pointers are not
 * read). Released by lepton_params_release. LEPTON_E_NOMEM, LEPTON_E_SHAPE (count overflow). */
LEPTON_API int lepton_params_new(const struct lepton_tensor *like, size_t count, struct lepton_params **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* The same with the numbers of `tensors[0..count)` too. */
LEPTON_API int lepton_params_from(const struct lepton_tensor *tensors, size_t count, struct lepton_params **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* A private, writable copy. */
LEPTON_API int lepton_params_copy(const struct lepton_params *from, struct lepton_params **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API struct lepton_params *lepton_params_retain(struct lepton_params *params); /* thread-safe */
LEPTON_API void lepton_params_release(struct lepton_params *params);               /* thread-safe; NULL is fine */

LEPTON_API size_t lepton_params_count(const struct lepton_params *params);   /* tensors */
LEPTON_API int64_t lepton_params_values(const struct lepton_params *params); /* numbers in all of them */
LEPTON_API int64_t lepton_params_bytes(const struct lepton_params *params);  /* bytes in all of them */
/* A set's tensors are an array: those after this one lie behind it. */
LEPTON_API const struct lepton_tensor *lepton_params_at(const struct lepton_params *params, size_t index);
LEPTON_API const struct lepton_tensor *lepton_params_find(const struct lepton_params *params, const char *name);
/* For the sole owner that fills a new set. */
LEPTON_API void *lepton_params_data(struct lepton_params *params, size_t index);
/* Same names, types and shapes in the same order? If not, the sentence names the first difference:
 * LEPTON_E_SHAPE. */
LEPTON_API int lepton_params_match(const struct lepton_params *a, const struct lepton_params *b,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* BLAKE2b-256 over every tensor's name, type, shape and bytes, in order; out has LEPTON_HASH_HEX bytes. */
LEPTON_API void lepton_params_hash(const struct lepton_params *params, char *out);
LEPTON_API void lepton_tensor_hash(const struct lepton_tensor *tensor, char *out); /* type, shape and bytes, not the name */

#endif
