/* data/formats.h - what a loader is: one file that ends in a const struct lepton__data_format.
 *
 * A loader reads what options->path names, checks every field before it uses it, and leaves two
 * parts of samples (training and test) that lie in blocks. Everything after that (splits, limits,
 * batches, hash) is dataset.c's and the same for all formats.
 */
#ifndef LEPTON_DATA_FORMATS_H
#define LEPTON_DATA_FORMATS_H

#include "lepton/data.h"
#include "data/block.h"
#include "data/tokens.h"
#include "data/words.h"

#define LEPTON__SAMPLES_MAX ((int64_t)INT32_MAX)      /* in one part: orders and batches count in 32 bits */
#define LEPTON__SAMPLE_BYTES_MAX ((int64_t)1 << 28) /* one sample */

struct lepton__part {
	int64_t count;
	const uint8_t *pixels; /* count × sample, inside a block; NULL: a table's */
	const uint8_t *labels; /* count; NULL: numbers are to be learned */
	struct lepton__block blocks[2]; /* where they lie; owned */
	const float *values;  /* a table's, count × sample; NaN: missing */
	const float *targets; /* count, where labels are NULL */
	const uint32_t *tokens; /* of texts: their words' numbers, one text behind the other */
	const int64_t *starts;  /* count + 1: where each text's begin */
};

#define LEPTON__NAMES_MAX (1 << 24) /* users, or items: a float32 holds each number exactly */

struct lepton__plan;
struct lepton__table_kind;

struct lepton__ratings { /* zeroed: none */
	struct lepton__words users, items;
	char *column[3]; /* what user, item and rating are called, where that was said; owned */
};

struct lepton__samples { /* zeroed: empty */
	struct lepton_shape shape; /* one sample */
	int64_t classes; /* 0: regression */
	struct lepton__part train, test;
	struct lepton__plan *plan; /* of a table; of texts its classes alone; owned; NULL for images */
	struct lepton__tokenizer tokenizer; /* of texts */
	bool lines;                         /* they are a file's lines */
	struct lepton__ratings ratings;     /* owned */
};

void lepton__samples_free(struct lepton__samples *samples);

struct lepton__data_format {
	const char *name; /* the spec's "format" */
	/* On failure what *out holds is freed by the caller. */
	int (*open)(const struct lepton_data_options *options, struct lepton__samples *out, struct lepton_error *err);
	const struct lepton__table_kind *table; /* NULL: no table */
};

/* How many of `all` training samples train when limit and validation split are taken off. */
int64_t lepton__train_count(int64_t all, const struct lepton_data_options *options);

extern const struct lepton__data_format lepton__format_idx, lepton__format_csv, lepton__format_libsvm,
		lepton__format_text, lepton__format_ratings;

#endif
