/* libFuzzer: any bytes as a version's file, and, with their checksum put right, past it.
 *
 * What is let in must be whole: it is kept as it was read, with numbers for weights and a configuration that
 * passes the check. Build with ./configure CC=clang --enable-fuzzing --enable-asan --enable-ubsan, then make
 * check; run
 * ./fuzz_bundle -max_len=4096 -dict=tests/fuzz/bundle.dict CORPUS tests/fuzz/bundle.
 */
#include "config.h"
#include "lepton/bundle.h"
#include "lepton/spec.h"

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_whole(const struct lepton_bundle *b)
{
	char hash[LEPTON_HASH_HEX];
	const struct lepton_params *weights = b->checkpoint->state.weights;
	lepton_params_hash(weights, hash);
	if (strcmp(hash, b->version.weights_hash) != 0 || lepton_name_check(b->version.name, NULL) ||
		lepton_config_check(b->version.learner, lepton_text_get(b->version.hyperparameters), NULL))
		abort();
	for (size_t i = 0; i < lepton_params_count(weights); i++) {
		const struct lepton_tensor *t = lepton_params_at(weights, i);
		for (int64_t k = 0; t->dtype == LEPTON_F32 && k < lepton_shape_count(&t->shape); k++)
			if (!isfinite(((const float *)t->data)[k]))
				abort();
	}
}

static void try_parse(const void *bytes, size_t size)
{
	struct lepton_bundle bundle;
	struct lepton_error err = {0};
	int code = lepton_bundle_parse(bytes, size, "fuzz", NULL, 0, &bundle, &err);
	if (code == LEPTON_OK)
		must_be_whole(&bundle);
	else if (strncmp(err.message, "fuzz", 4) != 0 || bundle.checkpoint) {
		fprintf(stderr, "it says: %s\n", err.message);
		abort();
	}
	lepton_bundle_clear(&bundle);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_parse(data, size);
	if (size < 32)
		return 0;
	uint8_t *copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	crypto_generichash(copy + size - 32, 32, copy, size - 32, NULL, 0);
	try_parse(copy, size);
	free(copy);
	return 0;
}
