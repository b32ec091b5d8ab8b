/* lepton/data.h - data sets, held once for all versions.
 *
 * A data set is opened once, kept as it is on disk (uint8 for images; mmap where the file is plain),
 * and never changes after; any number of versions and threads read it. Batches are gathered and
 * normalised on the fly. The validation split is the last part of the training file, as Keras does
 * it: with 60,000 images and 0.1, the first 54,000 train and the last 6,000 validate.
 *
 * A table (csv, libsvm) is held as float32. Columns whose values are all numbers are standardised by mean and
 * deviation of the rows that train; of the others each value is a feature of its own that is 1 or 0 (one-hot).
 * Missing are an empty cell, NA, NaN, ? and null: a number is then the mean, for trees whatever side is better,
 * and a word is all zeros, as is one that the training part does not have. Classes are the different values
 * of the target, in order. A single file's rows are dealt to training and test by a seed, each class by
 * itself; training rows are always shuffled. The rule is in src/data/deal.c.
 *
 * Texts are held as the numbers of their words and runs of words: a hash, below `buckets` (src/data/tokens.c has the
 * rule). They are a file's lines, "__label__CLASS the text" each, or the files of a folder for each class; single ones
 * are dealt as a table's rows are.
 *
 * Ratings are a table of user, item and points, in the forms that MovieLens has. They are held as a table of two features, the
 * numbers of user and item, and a quantity to learn, all as they are.
 *
 * The order of an epoch is a function of (seed, epoch) only.
 */
#ifndef LEPTON_DATA_H
#define LEPTON_DATA_H

#include "lepton/tensor.h"

struct lepton_dataset; /* opaque, reference counted, immutable */

enum lepton_split { LEPTON_TRAIN, LEPTON_VALIDATION, LEPTON_TEST };

struct lepton_data_options {
	const char *format;      /* "idx", "csv", "libsvm", "text", "ratings"; see lepton_data_formats */
	const char *path;        /* idx: a folder with the four MNIST-style files; a table: a file, or a folder with train.csv
	                          * and test.csv (.libsvm); each plain or .gz; texts: a file of lines, a folder with train.txt
	                          * and test.txt, or with train/CLASS/… and test/CLASS/…, or with CLASS/… */
	double validation_split; /* 0 <= x < 1, of the training samples */
	int64_t limit;           /* use only the first so many training samples; 0 for all */
	int64_t test_limit;      /* likewise for the test samples */
	/* tables only; what is zero is the default */
	const char *task;        /* "classification" or "regression" */
	const char *target;      /* csv: the column to learn; NULL: the last */
	const char *separator;   /* csv: "," ";" or a tab; NULL: the one most frequent in the first row */
	const char *const *ignore; /* csv: columns to leave out, NULL behind the last; NULL: none */
	double test_split;       /* of a single file, and of texts; above 0 and below 1; 0: 0.2 */
	uint64_t split_seed;
	bool no_header;          /* csv: the first row holds no names; columns are "column 1", … */
	bool raw;                /* leave numbers as they are */
	/* texts only; what is zero is the default */
	int64_t buckets; /* 2 to 2^24; 0: 131072 */
	int max_words;   /* of a text that are looked at; 0: 1024 */
	int ngrams;      /* words in the longest run with a number of its own; 0: 2 */
	/* ratings only: what the columns are called; NULL: as MovieLens calls them, or the first three where they have no names */
	const char *user, *item, *rating;
};

struct lepton_data_info {
	char format[16];
	const char *path; /* owned by the data set */
	int64_t train, validation, test; /* samples in each split */
	struct lepton_shape sample; /* one sample: [28,28,1] */
	int64_t classes;            /* 0 for regression */
	char hash[LEPTON_HASH_HEX]; /* BLAKE2b-256 of the contents used */
	int64_t bytes;              /* memory or mapping held */
	int64_t tokens;             /* of texts: their words' numbers are below it; else 0 */
	int64_t users, items;       /* of ratings: how many of each; else 0 */
	/* of a table; else NULL and 0. All are owned by the data set. Texts have class names and a target, "class", too. */
	const char *const *features;    /* a name for each value of a sample; "column=category" where one-hot */
	const char *const *class_names; /* NULL for regression */
	const char *target;             /* the column learned */
	bool regression;
	double target_mean, target_scale; /* regression: a target held is (target - mean) / scale */
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
/* A table made from memory (copied): `values` is n × features, NaN where missing; `labels` as above, or NULL and `targets`
 * for regression. Taken as they are: nothing is standardised or shuffled, and 0 fills what is missing. Features are
 * called "1", "2", ….
 * LEPTON_E_USAGE, LEPTON_E_SHAPE, LEPTON_E_DATA (an infinite value, a target that is no number), LEPTON_E_NOMEM. */
LEPTON_API int lepton_dataset_from_f32(const float *values, const uint8_t *labels, const float *targets, int64_t n, int64_t test,
		int64_t features, int64_t classes, double validation_split, struct lepton_dataset **out, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* The training and validation splits of `like`, and another file's rows (or a folder's test) as the test split, turned to
 * numbers by the columns, categories, means and classes of `like`. Without `with_target` the target is not looked at: the
 * file may lack it, and labels are 0. So also for texts: a file that lacks its class is one text where each file was one.
 * LEPTON_E_UNSUPPORTED when `like` is neither. */
LEPTON_API int lepton_dataset_open_like(const struct lepton_dataset *like, const char *path, bool with_target,
		struct lepton_dataset **out, struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API struct lepton_dataset *lepton_dataset_retain(struct lepton_dataset *dataset);
LEPTON_API void lepton_dataset_release(struct lepton_dataset *dataset);
LEPTON_API const struct lepton_data_info *lepton_dataset_info(const struct lepton_dataset *dataset);
LEPTON_API int64_t lepton_dataset_count(const struct lepton_dataset *dataset, enum lepton_split split);
LEPTON_API const char *const *lepton_data_formats(void); /* NULL-terminated names */

/* ---- shards: the training samples split into disjoint parts (src/data/shard.c has the rules) ---- */

#define LEPTON_SHARDS_MAX 16

enum lepton_shard_split { LEPTON_SHARD_IID, LEPTON_SHARD_CLASS, LEPTON_SHARD_DIRICHLET };

struct lepton_shard_rule {
	int count; /* of shards; 1 to LEPTON_SHARDS_MAX */
	enum lepton_shard_split by;
	int classes;  /* LEPTON_SHARD_CLASS: about so many in a shard */
	double alpha; /* LEPTON_SHARD_DIRICHLET: above 0; the smaller, the more unlike the shards are */
	uint64_t seed;
};

/* The data set whose training samples are those of shard `index` (from 0) of `whole`, and whose validation and test splits are
 * its. Nothing is copied: `whole` is retained, and `info` is its but for the count. Shards of one rule are disjoint, and
 * together all there is. What follows gives NULL for a shard's training split, as its samples do not lie in one piece; gather
 * works. LEPTON_E_USAGE, LEPTON_E_DATA (a shard would be empty), LEPTON_E_UNSUPPORTED (no classes to split by; `whole` is
 * a shard), LEPTON_E_NOMEM. */
LEPTON_API int lepton_dataset_shard(struct lepton_dataset *whole, const struct lepton_shard_rule *rule, int index,
		struct lepton_dataset **out, struct lepton_error *err) LEPTON_MUST_CHECK;

/* The raw bytes of a split's samples (count × sample) and labels, for kernels that normalise as they
 * read; NULL when the set is not uint8. */
LEPTON_API const uint8_t *lepton_dataset_pixels(const struct lepton_dataset *dataset, enum lepton_split split);
LEPTON_API const uint8_t *lepton_dataset_labels(const struct lepton_dataset *dataset, enum lepton_split split);

/* A table's: values (count × sample, NaN where missing), and for regression targets; else NULL. */
LEPTON_API const float *lepton_dataset_values(const struct lepton_dataset *dataset, enum lepton_split split);
LEPTON_API const float *lepton_dataset_targets(const struct lepton_dataset *dataset, enum lepton_split split);

/* A text's numbers, `*count` of them; NULL and 0 for other data. */
LEPTON_API const uint32_t *lepton_dataset_tokens(
		const struct lepton_dataset *dataset, enum lepton_split split, int64_t sample, int64_t *count);

/* Gather samples index[0..n) of a split into x (n × sample values; images scaled to 0..1, a table's missing values filled
 * with the mean of the training samples; a text's numbers, then NaN to the end)
 * and y (n class numbers). Either of x, y may be NULL; y must be for regression. Any thread. */
LEPTON_API void lepton_dataset_gather(const struct lepton_dataset *dataset, enum lepton_split split,
		const uint32_t *index, int64_t n, float *x, int32_t *y);

/* The same of samples from..from+n-1. */
LEPTON_API void lepton_dataset_gather_range(const struct lepton_dataset *dataset, enum lepton_split split, int64_t from, int64_t n,
		float *x, int32_t *y);
/* Samples from..from+n-1 as a learner's predict takes them: a table's as they are held, with what is missing, where they lie;
 * others gathered into `room`, n × sample values. */
LEPTON_API const float *lepton_dataset_raw(const struct lepton_dataset *dataset, enum lepton_split split, int64_t from, int64_t n,
		float *room);

LEPTON_API void lepton_dataset_gather_targets(const struct lepton_dataset *dataset, enum lepton_split split,
		const uint32_t *index, int64_t n, float *y); /* regression */
/* n samples of a table with missing values filled, as gather has them; x may be `values`. */
LEPTON_API void lepton_dataset_fill(const struct lepton_dataset *dataset, const float *values, int64_t n, float *x);

/* Fill order[0..n) with a permutation of 0..n-1 that depends on (seed, epoch) alone. */
LEPTON_API void lepton_epoch_order(uint64_t seed, int64_t epoch, uint32_t *order, int64_t n);

#endif
