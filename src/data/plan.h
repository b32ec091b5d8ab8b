/* data/plan.h - how the cells of a table become the numbers of a sample.
 *
 * Made from the training rows alone, kept with the data set, and used again for any other rows of the same kind:
 * the test's, and those of another file that a model is asked about later.
 */
#ifndef LEPTON_DATA_PLAN_H
#define LEPTON_DATA_PLAN_H

#include "lepton/data.h"
#include "data/rows.h"
#include "data/standardize.h"
#include "data/words.h"

#define LEPTON__FEATURES_MAX 65536   /* of a sample, after one-hot */
#define LEPTON__CATEGORIES_MAX 1000 /* of one column: more are no categories but names */
#define LEPTON__CLASSES_MOST 256    /* a label is a byte */

enum lepton__column_kind { LEPTON__COLUMN_NUMERIC, LEPTON__COLUMN_CATEGORICAL, LEPTON__COLUMN_IGNORED,
	LEPTON__COLUMN_TARGET };

struct lepton__column {
	enum lepton__column_kind kind;
	int feature;                    /* the first of its own */
	int64_t seen;                   /* rows that have a value */
	struct lepton__words words;     /* categorical: its values */
	struct lepton__moments moments; /* numeric: of the rows that train */
	double mean, scale;             /* a value held is (value - mean) / scale */
};

struct lepton__plan { /* zeroed: empty */
	struct lepton__words names; /* of the columns */
	struct lepton__column *column;
	int target; /* column; -1: there is none */
	bool raw, regression, sparse;
	bool zero_based; /* libsvm: features count from 0 */
	struct lepton__words classes;
	struct lepton__moments target_moments;
	double target_mean, target_scale;
	int features;
	char **feature; /* names */
	float *fill;    /* what stands for a missing value of each */
};

void lepton__plan_free(struct lepton__plan *plan);
/* Columns for all of plan->names; the target and the ignored ones as the options say. LEPTON_E_DATA, LEPTON_E_NOMEM. */
int lepton__plan_columns(struct lepton__plan *plan, const struct lepton__rows *rows, const struct lepton_data_options *options,
		struct lepton_error *err) LEPTON_MUST_CHECK;
const char *lepton__plan_name(const struct lepton__plan *plan, int column);
const char *lepton__plan_near(const struct lepton__plan *plan, const char *name); /* the column nearest; NULL */
/* The three passes over the present row: which columns are categorical; their categories and moments; the sample. */
int lepton__plan_survey(struct lepton__plan *plan, const struct lepton__rows *rows, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__plan_study(struct lepton__plan *plan, const struct lepton__rows *rows, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__plan_encode(const struct lepton__plan *plan, const struct lepton__rows *rows, float *x, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* Between survey and study: has every column a value? Between study and encode, after `trained` rows: the features. */
int lepton__plan_check(const struct lepton__plan *plan, const char *path, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__plan_finish(struct lepton__plan *plan, const char *path, int64_t trained, struct lepton_error *err) LEPTON_MUST_CHECK;

/* ---- the target (target.c) ---- */

/* The present row's: a class as plan->classes has it (`add`: one more where it is new), or a number. LEPTON_E_DATA. */
int lepton__target_class(struct lepton__plan *plan, const struct lepton__rows *rows, bool add, int *class, struct lepton_error *err)
		LEPTON_MUST_CHECK;
int lepton__target_number(const struct lepton__plan *plan, const struct lepton__rows *rows, double *value, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* At least two classes. */
int lepton__target_check(const struct lepton__plan *plan, const char *path, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
