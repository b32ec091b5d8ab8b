/* libFuzzer: any bytes as a table; the first byte chooses csv or libsvm, plain or .gz, and the task.
 *
 * What opens must be usable to its last number. Build with ./configure CC=clang --enable-fuzzing
 * --enable-asan
 * --enable-ubsan, then make check; run ./fuzz_table CORPUS.
 */
#include "config.h"
#include "lepton/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct lepton_dataset *d, enum lepton_split split)
{
	const struct lepton_data_info *info = lepton_dataset_info(d);
	float *x = calloc((size_t)info->sample.dim[0], sizeof *x);
	if (!x)
		abort();
	for (uint32_t i = 0; i < lepton_dataset_count(d, split); i++) {
		lepton_dataset_gather(d, split, &i, 1, x, NULL);
		for (int64_t f = 0; f < info->sample.dim[0]; f++)
			if (!isfinite(x[f]))
				abort();
		if (!info->regression && lepton_dataset_labels(d, split)[i] >= info->classes)
			abort();
	}
	free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	struct lepton_dataset *d = NULL;
	struct lepton_error err;
	if (size == 0)
		return 0;
	snprintf(path, sizeof path, "/tmp/lepton-fuzz-%ld%s", (long)getpid(), data[0] & 1 ? ".gz" : "");
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(data + 1, 1, size - 1, file) != size - 1 || fclose(file))
		abort();
	struct lepton_data_options options = {.format = data[0] & 2 ? "libsvm" : "csv",
		.path = path,
		.task = data[0] & 4 ? "regression" : NULL,
		.no_header = data[0] & 8,
		.raw = data[0] & 16,
		.test_split = 0.5};
	if ((lepton_dataset_open(&options, &d, &err) == 0) != (d != NULL))
		abort();
	if (d) {
		use(d, LEPTON_TRAIN);
		use(d, LEPTON_TEST);
	}
	lepton_dataset_release(d);
	unlink(path);
	return 0;
}
