/* data/dataset.h - a data set as the files that make one see it. */
#ifndef LEPTON_DATA_DATASET_H
#define LEPTON_DATA_DATASET_H

#include "data/formats.h"

struct lepton_dataset {
	int references; /* atomic */
	struct lepton_data_info info;
	char *path;
	int64_t sample_bytes;
	struct lepton__samples samples;
	const struct lepton__table_kind *table; /* NULL: no table, or one from memory */
	char separator;                         /* of its file */
	bool no_header;
	struct lepton_dataset *like;            /* whose plan, or samples, this one uses; NULL: its own */
	uint32_t *map;                          /* of a shard: its training samples' numbers in the whole; else NULL */
	const float *fill;                      /* a table's: what stands for missing values */
	struct {
		const uint8_t *pixels, *labels;
		const float *values, *targets;
		const uint32_t *tokens;
		const int64_t *starts;
	} split[3];
};

int lepton__dataset_check_options(double validation_split, int64_t limit, int64_t test_limit, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* What from_u8 and from_f32 are given. */
int lepton__dataset_check_memory(const uint8_t *labels, int64_t n, int64_t test, const struct lepton_shape *sample,
		int64_t classes, struct lepton_error *err) LEPTON_MUST_CHECK;
/* A data set of samples, which are the data set's from here on, on failure too. */
int lepton__dataset_make(const char *format, const char *path, const struct lepton_data_options *options,
		struct lepton__samples *samples, struct lepton_dataset **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* One with the splits, the plan and the path of `whole`, which it keeps; no samples of its own yet. NULL: out of memory. */
struct lepton_dataset *lepton__dataset_beside(struct lepton_dataset *whole) LEPTON_MUST_CHECK;
/* Let a split begin at sample `skip` of a part. */
void lepton__dataset_point(struct lepton_dataset *d, int split, const struct lepton__part *part, int64_t skip);
void lepton__dataset_hash(struct lepton_dataset *d);
int64_t lepton__samples_held(const struct lepton__samples *samples); /* bytes */

#endif
