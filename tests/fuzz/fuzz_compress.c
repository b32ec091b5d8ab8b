/* libFuzzer: any bytes as a blob, and, past the envelope and its checksum, as a payload of each method.
 *
 * The first byte chooses. What decodes must be finite. Build with ./configure CC=clang --enable-fuzzing
 * --enable-asan --enable-ubsan, then make check; run ./fuzz_compress CORPUS. Seeds:
 * python3 tests/oracles/compress_golden.py CORPUS.
 */
#include "config.h"
#include "lepton/compress.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lepton_params *make_base(void)
{
	static const struct lepton_tensor like[] = {
		{.name = "k", .dtype = LEPTON_F32, .shape = {2, {2, 2}}},
		{.name = "b", .dtype = LEPTON_F32, .shape = {1, {2}}},
	};
	struct lepton_params *base;
	if (lepton_params_new(like, 2, &base, NULL))
		abort();
	for (int i = 0; i < 4; i++)
		((float *)lepton_params_data(base, 0))[i] = (float)i - 1.5f;
	return base;
}

static void must_be_finite(const struct lepton_params *weights)
{
	for (size_t t = 0; t < lepton_params_count(weights); t++) {
		const float *values = lepton_params_at(weights, t)->data;
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(weights, t)->shape); i++)
			if (!isfinite(values[i]))
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct lepton_params *base;
	struct lepton_params *weights = NULL;
	struct lepton_error err;
	size_t methods = 0;
	if (!base)
		base = make_base();
	if (size == 0)
		return 0;
	while (lepton_compressors()[methods])
		methods++;
	size_t choice = data[0] % (methods + 1);
	int code = choice == methods
			   ? lepton_decompress(data + 1, size - 1, base, &weights, &err)
			   : lepton_compressors()[choice]->decode(data + 1, size - 1, base, &weights, &err);
	if ((code == 0) != (weights != NULL))
		abort();
	if (weights)
		must_be_finite(weights);
	lepton_params_release(weights);
	return 0;
}
