/* data/dataset_table.c - data sets that are tables, but came from no file of their own.
 *
 * One is made of an array that a program has; the other of a further file, read the way the training data
 * was, for figures and answers about rows that were not there when a model was trained.
 */
#include "config.h"
#include "data/dataset.h"
#include "data/plan.h"
#include "data/ratings.h"
#include "data/table.h"
#include "data/table_file.h"
#include "data/text.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>

static int plan_of_numbers(
	int64_t features, bool regression, struct lepton__plan **out, struct lepton_error *err)
{
	struct lepton__plan *plan = lepton__calloc(1, sizeof *plan);
	bool failed = !plan;
	if (plan) {
		*plan = (struct lepton__plan){
			.target_scale = 1, .regression = regression, .features = (int)features};
		plan->feature = lepton__calloc((size_t)features, sizeof *plan->feature);
		plan->fill = lepton__calloc((size_t)features, sizeof *plan->fill);
		failed = !plan->feature || !plan->fill;
	}
	for (int f = 0; f < features && !failed; f++)
		failed = !(plan->feature[f] = lepton__format("%d", f + 1));
	*out = plan;
	return failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a table") : LEPTON_OK;
}

/* What a learner could not use: NaN but for a missing value, infinity. */
static int check_numbers(
	const float *numbers, int64_t n, bool missing, const char *what, struct lepton_error *err)
{
	for (int64_t i = 0; i < n; i++)
		if (!isfinite(numbers[i]) && !(missing && isnan(numbers[i])))
			return lepton_error_set(err, LEPTON_E_DATA, "data: %s %" PRId64 " is %g", what, i,
				(double)numbers[i]);
	return LEPTON_OK;
}

/* Where test begins behind training in the two blocks, which the training part owns. */
static void part_memory(
	struct lepton__samples *s, bool regression, int64_t train, int64_t test, int64_t features)
{
	const struct lepton__block *values = &s->train.blocks[0], *answers = &s->train.blocks[1];
	s->train.count = train;
	s->test.count = test;
	s->train.values = (const float *)(const void *)values->bytes;
	s->test.values = s->train.values + train * features;
	if (regression) {
		s->train.targets = (const float *)(const void *)answers->bytes;
		s->test.targets = s->train.targets + train;
	} else {
		s->train.labels = answers->bytes;
		s->test.labels = s->train.labels + train;
	}
}

static int copy_memory(struct lepton__samples *s, const float *values, const uint8_t *labels,
	const float *targets, int64_t n, int64_t features, struct lepton_error *err)
{
	int code = plan_of_numbers(features, !labels, &s->plan, err);
	if (!code)
		code = lepton__block_copy(
			values, (size_t)(n * features) * sizeof(float), &s->train.blocks[0], err);
	if (!code && labels)
		code = lepton__block_copy(labels, (size_t)n, &s->train.blocks[1], err);
	else if (!code)
		code = lepton__block_copy(targets, (size_t)n * sizeof(float), &s->train.blocks[1], err);
	return code;
}

int lepton_dataset_from_f32(const float *values, const uint8_t *labels, const float *targets, int64_t n,
	int64_t test, int64_t features, int64_t classes, double validation_split, struct lepton_dataset **out,
	struct lepton_error *err)
{
	struct lepton_data_options options = {.validation_split = validation_split};
	struct lepton__samples s = {.shape = {1, {features}}, .classes = labels ? classes : 0};
	*out = NULL;
	int code = lepton__dataset_check_options(validation_split, 0, 0, err);
	if (!code && features > LEPTON__FEATURES_MAX)
		code = lepton_error_set(
			err, LEPTON_E_SHAPE, "data: more than %d features", LEPTON__FEATURES_MAX);
	if (!code)
		code = lepton__dataset_check_memory(labels, n, test, &s.shape, classes, err);
	if (!code)
		code = check_numbers(values, n * features, true, "value", err);
	if (!code && !labels)
		code = check_numbers(targets, n, false, "target", err);
	if (!code)
		code = copy_memory(&s, values, labels, targets, n, features, err);
	if (code) {
		lepton__samples_free(&s);
		return code;
	}
	part_memory(&s, !labels, n - test, test, features);
	return lepton__dataset_make("memory", "", &options, &s, out, err);
}

/* The training and validation splits stay those of `like`, whose memory this one keeps. */
static int make_like(const struct lepton_dataset *like, const char *path, struct lepton__part *part,
	struct lepton_dataset **out, struct lepton_error *err)
{
	struct lepton_dataset *d =
		lepton__dataset_beside((struct lepton_dataset *)(uintptr_t)like); /* only its count changes */
	if (!d || !(d->path = lepton__strdup(path))) {
		lepton_dataset_release(d);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a data set");
	}
	d->info.path = d->path;
	d->samples = (struct lepton__samples){
		.shape = like->info.sample, .classes = like->info.classes, .test = *part};
	d->info.test = part->count;
	d->info.bytes = lepton__samples_held(&d->samples);
	lepton__dataset_point(d, LEPTON_TEST, &d->samples.test, 0);
	lepton__dataset_hash(d);
	*part = (struct lepton__part){0};
	*out = d;
	return LEPTON_OK;
}

int lepton_dataset_open_like(const struct lepton_dataset *like, const char *path, bool with_target,
	struct lepton_dataset **out, struct lepton_error *err)
{
	struct lepton__part part = {0};
	char *file = NULL, *none, separator[2] = {like->separator, '\0'};
	struct lepton_data_options options = {
		.separator = like->separator ? separator : NULL, .no_header = like->no_header};
	*out = NULL;
	const struct lepton_dataset *first = like->like ? like->like : like;
	if (!like->table && !like->info.tokens && !like->info.users)
		return lepton_error_set(
			err, LEPTON_E_UNSUPPORTED, "data: %s is no table and no text", like->info.path);
	int code;
	if (like->info.users && !(code = lepton__table_find(path, "csv", true, &file, &none, err)))
		code = lepton__ratings_more(file, &first->samples.ratings, with_target, &part, err);
	else if (like->info.tokens)
		code = lepton__text_more(path, first->samples.lines, &first->samples.tokenizer,
			&first->samples.plan->classes, with_target, &part, err);
	else if (like->table && !(code = lepton__table_find(path, like->table->extension, true, &file, &none, err)))
		code = lepton__table_more(
			like->table, file, &options, first->samples.plan, with_target, &part, err);
	if (!code)
		code = make_like(first, path, &part, out, err);
	for (int i = 0; i < 2; i++)
		lepton__block_free(&part.blocks[i]);
	lepton__free(file);
	return code;
}
