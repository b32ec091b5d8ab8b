/* libFuzzer: any bytes as an idx file of images, plain or (first byte odd) .gz, beside three good files.
 *
 * What opens must be usable to its last byte. Build with ./configure CC=clang --enable-fuzzing --enable-asan
 * --enable-ubsan, then make check; run ./fuzz_idx CORPUS.
 */
#include "config.h"
#include "lepton/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/lepton-fuzz-XXXXXX";

static void put(const char *name, const void *bytes, size_t size)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
		abort();
}

static void drop(const char *name)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	unlink(path);
}

static void sweep(void)
{
	drop("train-labels-idx1-ubyte");
	drop("t10k-images-idx3-ubyte");
	drop("t10k-labels-idx1-ubyte");
	drop("train-images-idx3-ubyte");
	drop("train-images-idx3-ubyte.gz");
	rmdir(folder);
}

static void prepare(void)
{
	static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 1, 0},
			     images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 9, 8};
	if (!mkdtemp(folder) || atexit(sweep))
		abort();
	put("train-labels-idx1-ubyte", labels, sizeof labels);
	put("t10k-labels-idx1-ubyte", labels, sizeof labels);
	put("t10k-images-idx3-ubyte", images, sizeof images);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char plain[] = "train-images-idx3-ubyte", gz[] = "train-images-idx3-ubyte.gz";
	static int ready;
	struct lepton_dataset *d;
	struct lepton_error err;
	if (!ready++)
		prepare();
	if (size < 1)
		return 0;
	drop(data[0] & 1 ? plain : gz);
	put(data[0] & 1 ? gz : plain, data + 1, size - 1);
	struct lepton_data_options options = {.format = "idx", .path = folder};
	if (lepton_dataset_open(&options, &d, &err)) {
		if (err.code != LEPTON_E_DATA || !*err.message)
			abort();
		return 0;
	}
	float pixel;
	int32_t label;
	for (uint32_t i = 0; i < lepton_dataset_count(d, LEPTON_TRAIN); i++)
		lepton_dataset_gather(d, LEPTON_TRAIN, &i, 1, &pixel, &label);
	lepton_dataset_release(d);
	return 0;
}
