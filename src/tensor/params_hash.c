/* tensor/params_hash.c - the names by which weights are known: BLAKE2b-256 of what they are.
 *
 * Hashed per tensor: its name with the NUL (sets only), then type and rank as 32-bit and each
 * dimension as 64-bit little-endian numbers, then the bytes as they lie in memory. Equal weights
 * hence have equal hashes, whatever run made them; the store relies on it to keep them once.
 */
#include "config.h"
#include "lepton/tensor.h"

#include "base/hash.h"

#include <string.h>

static void add_number(struct lepton__hash *hash, uint64_t value, int bytes)
{
	uint8_t little[8];
	for (int i = 0; i < bytes; i++)
		little[i] = (uint8_t)(value >> (8 * i));
	lepton__hash_add(hash, little, (size_t)bytes);
}

static void add_tensor(struct lepton__hash *hash, const struct lepton_tensor *t)
{
	add_number(hash, t->dtype, 4);
	add_number(hash, (uint64_t)t->shape.rank, 4);
	for (int i = 0; i < t->shape.rank; i++)
		add_number(hash, (uint64_t)t->shape.dim[i], 8);
	lepton__hash_add(hash, t->data, (size_t)lepton_shape_count(&t->shape) * lepton_dtype_size(t->dtype));
}

void lepton_tensor_hash(const struct lepton_tensor *tensor, char *out)
{
	struct lepton__hash hash;
	lepton__hash_begin(&hash);
	add_tensor(&hash, tensor);
	lepton__hash_end(&hash, out);
}

void lepton_params_hash(const struct lepton_params *params, char *out)
{
	struct lepton__hash hash;
	lepton__hash_begin(&hash);
	for (size_t i = 0; i < lepton_params_count(params); i++) {
		const struct lepton_tensor *t = lepton_params_at(params, i);
		lepton__hash_add(&hash, t->name, strlen(t->name) + 1);
		add_tensor(&hash, t);
	}
	lepton__hash_end(&hash, out);
}
