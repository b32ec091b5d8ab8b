/* lepton/data.h - data sets, held once for all versions.
 *
 * A data set is opened once, kept as it is on disk (uint8 for images; mmap where the file is plain),
 * and never changes after; any number of versions and threads read it. Batches are gathered and
 * normalised on the fly. The validation split is the last part of the training file, as Keras does
 * it: with 60,000 images and 0.1, the first 54,000 train and the last 6,000 validate.
 *
 * The order of an epoch is a function of (seed, epoch) only.
 */
#ifndef LEPTON_DATA_H
#define LEPTON_DATA_H

#include "lepton/tensor.h"

struct lepton_dataset; /* opaque, reference counted, immutable */

enum lepton_split { LEPTON_TRAIN, LEPTON_VALIDATION, LEPTON_TEST };

struct lepton_data_options {
	const char *format;      /* "idx"; see lepton_data_formats */
	const char *path;        /* a folder (idx: the four MNIST-style files, plain or .gz) */
	double validation_split; /* 0 <= x < 1, of the training samples */
	int64_t limit;           /* use only the first so many training samples; 0 for all */
	int64_t test_limit;      /* likewise for the test samples */
};

struct lepton_data_info {
	char format[16];
	const char *path; /* owned by the data set */
	int64_t train, validation, test; /* samples in each split */
	struct lepton_shape sample; /* one sample: [28,28,1] */
	int64_t classes;            /* 0 for regression */
	char hash[LEPTON_HASH_HEX]; /* BLAKE2b-256 of the contents used */
	int64_t bytes;              /* memory or mapping held */
};

/* Open and check a data set. Each file's magic, counts and length are checked before anything of it
 * is used. LEPTON_E_DATA with file and what is wrong with it. */
LEPTON_API int lepton_dataset_open(const struct lepton_data_options *options, struct lepton_dataset **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* A data set of images made from memory (copied), for tests and for programs that have their own:
 * `images` is n × sample bytes, `labels` n bytes below `classes`. The last `test` of n samples are the test split. */
LEPTON_API int lepton_dataset_from_u8(const uint8_t *images, const uint8_t *labels, int64_t n, int64_t test,
		const struct lepton_shape *sample, int64_t classes, double validation_split,
		struct lepton_dataset **out, struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API struct lepton_dataset *lepton_dataset_retain(struct lepton_dataset *dataset);
LEPTON_API void lepton_dataset_release(struct lepton_dataset *dataset);
LEPTON_API const struct lepton_data_info *lepton_dataset_info(const struct lepton_dataset *dataset);
LEPTON_API int64_t lepton_dataset_count(const struct lepton_dataset *dataset, enum lepton_split split);
LEPTON_API const char *const *lepton_data_formats(void); /* NULL-terminated names */

/* The raw bytes of a split's samples (count × sample) and labels, for kernels that normalise as they
 * read; NULL when the set is not uint8. */
LEPTON_API const uint8_t *lepton_dataset_pixels(const struct lepton_dataset *dataset, enum lepton_split split);
LEPTON_API const uint8_t *lepton_dataset_labels(const struct lepton_dataset *dataset, enum lepton_split split);

/* Gather samples index[0..n) of a split into x (n × sample values, scaled to 0..1) and y (n class
 * numbers). Either of x, y may be NULL. Any thread. */
LEPTON_API void lepton_dataset_gather(const struct lepton_dataset *dataset, enum lepton_split split,
		const uint32_t *index, int64_t n, float *x, int32_t *y);

/* Fill order[0..n) with a permutation of 0..n-1 that depends on (seed, epoch) alone. */
LEPTON_API void lepton_epoch_order(uint64_t seed, int64_t epoch, uint32_t *order, int64_t n);

#endif
