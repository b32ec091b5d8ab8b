/* data/table.h - from a stream of rows to samples held as float32; what csv and libsvm differ in. */
#ifndef LEPTON_DATA_TABLE_H
#define LEPTON_DATA_TABLE_H

#include "data/formats.h"
#include "data/plan.h"

struct lepton__table_kind {
	const char *extension;
	/* Open a file as rows. With a plan that is not `known` yet, name its columns; with one that is, put each of the
	 * file's columns to the plan's, or say what is amiss. Without
	 * `with_target` the target may be left out. */
	int (*open)(struct lepton__rows *rows, const char *path, const struct lepton_data_options *options,
			struct lepton__plan *plan, bool known, bool with_target, struct lepton_error *err);
};

int lepton__table_open(const struct lepton__table_kind *kind, const struct lepton_data_options *options,
		struct lepton__samples *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The rows of another file as a test part, by the plan. Without `with_target` the target is not looked at: a file may lack
 * it, and labels are 0. */
int lepton__table_more(const struct lepton__table_kind *kind, const char *path, const struct lepton_data_options *options,
		struct lepton__plan *plan, bool with_target, struct lepton__part *out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
