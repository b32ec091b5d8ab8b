/* data/dataset.c - one data set for all versions, whatever format it came in.
 *
 * A loader leaves two parts, training and test: bytes for images, float32 for tables. Here the training
 * part's end becomes the validation split (Keras's rule: the first floor(n · (1 − validation_split)) samples
 * train), limits are applied, and the contents used are hashed, so that a run can say exactly what it saw.
 * After that a data set is read-only; only its reference count changes.
 */
#include "config.h"
#include "data/dataset.h"
#include "data/plan.h"
#include "data/ratings.h"
#include "base/hash.h"
#include "base/memory.h"
#include "tensor/kernels.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PREFETCH_AHEAD 3 /* samples */
#define PREFETCH_BYTES 4096
#define RANGE 256 /* samples of a range gathered at once */

static const struct lepton__data_format *const formats[] = {
	&lepton__format_idx,
	&lepton__format_csv,
	&lepton__format_libsvm,
	&lepton__format_text,
	&lepton__format_ratings,
};
#define FORMATS (sizeof formats / sizeof *formats)

static const char *const format_names[FORMATS + 1] = {"idx", "csv", "libsvm", "text", "ratings", NULL};

const char *const *lepton_data_formats(void)
{
	return format_names;
}

void lepton__samples_free(struct lepton__samples *samples)
{
	for (int i = 0; i < 2; i++) {
		lepton__block_free(&samples->train.blocks[i]);
		lepton__block_free(&samples->test.blocks[i]);
	}
	if (samples->plan)
		lepton__plan_free(samples->plan);
	lepton__free(samples->plan);
	lepton__ratings_free(&samples->ratings);
	*samples = (struct lepton__samples){0};
}

/* ---- making ---- */

int lepton__dataset_check_options(
	double validation_split, int64_t limit, int64_t test_limit, struct lepton_error *err)
{
	if (!(validation_split >= 0 && validation_split < 1))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"data: \"validation_split\" is %g, but goes from 0 to below 1", validation_split);
	if (limit < 0 || test_limit < 0)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "data: \"limit\" and \"test_limit\" cannot be below 0");
	return LEPTON_OK;
}

static int64_t limited(int64_t count, int64_t limit)
{
	return limit > 0 && limit < count ? limit : count;
}

int64_t lepton__train_count(int64_t all, const struct lepton_data_options *options)
{
	return (int64_t)floor((double)limited(all, options->limit) * (1 - options->validation_split));
}

void lepton__dataset_point(struct lepton_dataset *d, int s, const struct lepton__part *part, int64_t skip)
{
	int64_t values = lepton_shape_count(&d->info.sample);
	d->split[s].pixels = part->pixels ? part->pixels + skip * values : NULL;
	d->split[s].values = part->values ? part->values + skip * values : NULL;
	d->split[s].labels = part->labels ? part->labels + skip : NULL;
	d->split[s].targets = part->targets ? part->targets + skip : NULL;
	d->split[s].tokens = part->tokens;
	d->split[s].starts = part->starts ? part->starts + skip : NULL;
}

static int split(struct lepton_dataset *d, double validation_split, struct lepton_error *err)
{
	int64_t all = d->samples.train.count;
	d->info.train = (int64_t)floor((double)all * (1 - validation_split));
	d->info.validation = all - d->info.train;
	d->info.test = d->samples.test.count;
	if (d->info.train < 1)
		return lepton_error_set(err, LEPTON_E_DATA,
			"data: \"validation_split\" %g leaves none of %" PRId64 " samples to train on",
			validation_split, all);
	for (int s = LEPTON_TRAIN; s <= LEPTON_TEST; s++) {
		const struct lepton__part *part = s == LEPTON_TEST ? &d->samples.test : &d->samples.train;
		if (part->count)
			lepton__dataset_point(d, s, part, s == LEPTON_VALIDATION ? d->info.train : 0);
	}
	return LEPTON_OK;
}

static void hash_part(struct lepton__hash *hash, const struct lepton__part *part, int64_t sample_bytes)
{
	if (!part->count)
		return;
	if (part->tokens) {
		lepton__hash_add(hash, part->starts, ((size_t)part->count + 1) * sizeof *part->starts);
		lepton__hash_add(hash, part->tokens, (size_t)part->starts[part->count] * sizeof *part->tokens);
	} else if (part->pixels)
		lepton__hash_add(hash, part->pixels, (size_t)(part->count * sample_bytes));
	else
		lepton__hash_add(hash, part->values, (size_t)(part->count * sample_bytes));
	if (part->labels)
		lepton__hash_add(hash, part->labels, (size_t)part->count);
	else
		lepton__hash_add(hash, part->targets, (size_t)part->count * sizeof *part->targets);
}

/* BLAKE2b-256 over "u8 [28,28,1] 60000 10000\n", then training images, training labels, test images,
 * test labels. It does not depend on the file format, on compression or on the validation split.
 * A table's ("f32 [30] …") is over the numbers as they are held, labels as bytes, targets as float32; that of texts
 * ("text [2048] …") over where each text's numbers start, then the numbers. */
void lepton__dataset_hash(struct lepton_dataset *d)
{
	char shape[96], header[160];
	struct lepton__hash state;
	lepton_shape_format(&d->info.sample, shape, sizeof shape);
	int length = snprintf(header, sizeof header, "%s %s %" PRId64 " %" PRId64 "\n",
		d->info.tokens ? "text" : d->info.features ? "f32" : "u8", shape, d->samples.train.count, d->samples.test.count);
	lepton__hash_begin(&state);
	lepton__hash_add(&state, header, (size_t)length);
	hash_part(&state, &d->samples.train, d->sample_bytes);
	hash_part(&state, &d->samples.test, d->sample_bytes);
	lepton__hash_end(&state, d->info.hash);
}

int64_t lepton__samples_held(const struct lepton__samples *samples)
{
	int64_t bytes = 0;
	for (int i = 0; i < 2; i++)
		bytes += (int64_t)(samples->train.blocks[i].size + samples->test.blocks[i].size);
	return bytes;
}

/* What is said of a table comes from the plan it was made by. */
static void describe(struct lepton_dataset *d, const struct lepton__plan *plan)
{
	d->info.features = (const char *const *)plan->feature;
	d->info.class_names = plan->regression ? NULL : (const char *const *)plan->classes.word;
	d->info.target = plan->names.count ? plan->names.word[plan->target] : d->info.tokens ? "class" : d->info.users ? "rating" : "target";
	d->info.regression = plan->regression;
	d->info.target_mean = plan->target_mean;
	d->info.target_scale = plan->target_scale;
	d->fill = plan->fill;
}

static void fill_info(struct lepton_dataset *d, const char *format, const struct lepton_data_options *options)
{
	struct lepton__samples *samples = &d->samples;
	d->info.path = d->path;
	d->info.sample = samples->shape;
	d->info.classes = samples->classes;
	d->info.bytes = lepton__samples_held(samples);
	d->sample_bytes =
		lepton_shape_count(&samples->shape) * (samples->train.values ? (int64_t)sizeof(float) : 1);
	d->info.tokens = samples->tokenizer.buckets;
	d->info.users = samples->ratings.users.count;
	d->info.items = samples->ratings.items.count;
	if (samples->plan)
		describe(d, samples->plan);
	lepton__copy_name(d->info.format, sizeof d->info.format, format);
	samples->train.count = limited(samples->train.count, options->limit);
	samples->test.count = limited(samples->test.count, options->test_limit);
}

int lepton__dataset_make(const char *format, const char *path, const struct lepton_data_options *options,
	struct lepton__samples *samples, struct lepton_dataset **out, struct lepton_error *err)
{
	struct lepton_dataset *d = lepton__calloc(1, sizeof *d);
	char *copy = lepton__strdup(path);
	if (!d || !copy) {
		lepton__samples_free(samples);
		lepton__free(d);
		lepton__free(copy);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a data set");
	}
	d->references = 1;
	d->samples = *samples;
	d->path = copy;
	fill_info(d, format, options);
	int code = split(d, options->validation_split, err);
	if (!code) {
		lepton__dataset_hash(d);
		*out = d;
		d = NULL;
	}
	lepton_dataset_release(d);
	return code;
}

static int find_format(const char *name, const struct lepton__data_format **out, struct lepton_error *err)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(formats[i]->name, name) == 0) {
			*out = formats[i];
			return LEPTON_OK;
		}
	return lepton_error_set(err, LEPTON_E_USAGE,
		"data: unknown format \"%.40s\"; this build reads: idx, csv, libsvm, text, ratings", name);
}

int lepton_dataset_open(
	const struct lepton_data_options *options, struct lepton_dataset **out, struct lepton_error *err)
{
	const struct lepton__data_format *format = NULL;
	struct lepton__samples samples = {0};
	*out = NULL;
	int code = lepton__dataset_check_options(
		options->validation_split, options->limit, options->test_limit, err);
	if (!code)
		code = find_format(options->format ? options->format : "idx", &format, err);
	if (!code && (!options->path || !*options->path))
		code = lepton_error_set(err, LEPTON_E_USAGE, "data: no path given");
	if (code)
		return code;
	code = format->open(options, &samples, err);
	if (code) {
		lepton__samples_free(&samples);
		return code;
	}
	code = lepton__dataset_make(format->name, options->path, options, &samples, out, err);
	if (!code) {
		(*out)->table = format->table;
		(*out)->separator = options->separator ? *options->separator : '\0';
		(*out)->no_header = options->no_header;
	}
	return code;
}

int lepton__dataset_check_memory(const uint8_t *labels, int64_t n, int64_t test,
	const struct lepton_shape *sample, int64_t classes, struct lepton_error *err)
{
	int64_t bytes = sample->rank < 1 || sample->rank > LEPTON_MAX_RANK ? 0 : 1;
	for (int i = 0; bytes > 0 && i < sample->rank; i++)
		bytes = sample->dim[i] < 1 || sample->dim[i] > LEPTON__SAMPLE_BYTES_MAX / bytes
				? 0
				: bytes * sample->dim[i];
	if (bytes == 0)
		return lepton_error_set(
			err, LEPTON_E_SHAPE, "data: a sample has no shape this program can use");
	if (n < 1 || n > LEPTON__SAMPLES_MAX || test < 0 || test >= n || n > INT64_MAX / bytes)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"data: %" PRId64 " samples with %" PRId64 " for the test leave none to train on", n,
			test);
	if (!labels)
		return LEPTON_OK;
	if (classes < 1 || classes > 256)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "data: %" PRId64 " classes, expected 1 to 256", classes);
	for (int64_t i = 0; i < n; i++)
		if (labels[i] >= classes)
			return lepton_error_set(err, LEPTON_E_DATA,
				"data: label %" PRId64 " is %d, but there are %" PRId64 " classes", i,
				labels[i], classes);
	return LEPTON_OK;
}

int lepton_dataset_from_u8(const uint8_t *images, const uint8_t *labels, int64_t n, int64_t test,
	const struct lepton_shape *sample, int64_t classes, double validation_split,
	struct lepton_dataset **out, struct lepton_error *err)
{
	struct lepton_data_options options = {.validation_split = validation_split};
	struct lepton__samples s = {.shape = *sample, .classes = classes};
	*out = NULL;
	int code = lepton__dataset_check_options(validation_split, 0, 0, err);
	if (!code)
		code = lepton__dataset_check_memory(labels, n, test, sample, classes, err);
	if (code)
		return code;
	int64_t bytes = lepton_shape_count(sample), train = n - test;
	code = lepton__block_copy(images, (size_t)(n * bytes), &s.train.blocks[0], err);
	if (!code)
		code = lepton__block_copy(labels, (size_t)n, &s.train.blocks[1], err);
	if (code) {
		lepton__samples_free(&s);
		return code;
	}
	s.train.count = train;
	s.train.pixels = s.train.blocks[0].bytes;
	s.train.labels = s.train.blocks[1].bytes;
	s.test.count = test;
	s.test.pixels = s.train.pixels + train * bytes;
	s.test.labels = s.train.labels + train;
	return lepton__dataset_make("memory", "", &options, &s, out, err);
}

struct lepton_dataset *lepton__dataset_beside(struct lepton_dataset *whole)
{
	struct lepton_dataset *d = lepton__calloc(1, sizeof *d);
	if (!d)
		return NULL;
	/* not *d = *whole: another thread may be counting a reference to it */
	d->references = 1;
	d->info = whole->info;
	d->sample_bytes = whole->sample_bytes;
	d->table = whole->table;
	d->separator = whole->separator;
	d->no_header = whole->no_header;
	d->fill = whole->fill;
	memcpy(d->split, whole->split, sizeof d->split);
	d->like = lepton_dataset_retain(whole);
	return d;
}

struct lepton_dataset *lepton_dataset_retain(struct lepton_dataset *dataset)
{
	__atomic_add_fetch(&dataset->references, 1, __ATOMIC_RELAXED);
	return dataset;
}

void lepton_dataset_release(struct lepton_dataset *dataset)
{
	if (!dataset || __atomic_sub_fetch(&dataset->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	lepton__samples_free(&dataset->samples);
	lepton_dataset_release(dataset->like);
	lepton__free(dataset->map);
	lepton__free(dataset->path);
	lepton__free(dataset);
}

/* ---- reading ---- */

/* Where a sample lies: a shard's training samples lie among the whole's. */
static uint32_t lies(const struct lepton_dataset *dataset, enum lepton_split which, int64_t sample)
{
	return which == LEPTON_TRAIN && dataset->map ? dataset->map[sample] : (uint32_t)sample;
}

/* All of a split in one piece; the training samples of a shard are not. */
static bool is_whole(const struct lepton_dataset *dataset, enum lepton_split which)
{
	return which != LEPTON_TRAIN || !dataset->map;
}

const struct lepton_data_info *lepton_dataset_info(const struct lepton_dataset *dataset)
{
	return &dataset->info;
}

int64_t lepton_dataset_count(const struct lepton_dataset *dataset, enum lepton_split which)
{
	return which == LEPTON_TRAIN        ? dataset->info.train
	       : which == LEPTON_VALIDATION ? dataset->info.validation
					    : dataset->info.test;
}

const uint8_t *lepton_dataset_pixels(const struct lepton_dataset *dataset, enum lepton_split which)
{
	return is_whole(dataset, which) ? dataset->split[which].pixels : NULL;
}

const uint8_t *lepton_dataset_labels(const struct lepton_dataset *dataset, enum lepton_split which)
{
	return is_whole(dataset, which) ? dataset->split[which].labels : NULL;
}

const float *lepton_dataset_values(const struct lepton_dataset *dataset, enum lepton_split which)
{
	return is_whole(dataset, which) ? dataset->split[which].values : NULL;
}

const float *lepton_dataset_targets(const struct lepton_dataset *dataset, enum lepton_split which)
{
	return is_whole(dataset, which) ? dataset->split[which].targets : NULL;
}

const uint32_t *lepton_dataset_tokens(
	const struct lepton_dataset *dataset, enum lepton_split which, int64_t sample, int64_t *count)
{
	const int64_t *starts = dataset->split[which].starts;
	assert(sample >= 0 && sample < lepton_dataset_count(dataset, which));
	sample = lies(dataset, which, sample);
	*count = starts ? starts[sample + 1] - starts[sample] : 0;
	return starts ? dataset->split[which].tokens + starts[sample] : NULL;
}

/* Shuffled samples are new to every cache, and no hardware can guess the next; asked for while others are
 * being turned to floats, it is there in time. Long samples the hardware follows by itself. */
static void prefetch(const uint8_t *sample, int64_t bytes)
{
	for (int64_t at = 0; at < bytes && at < PREFETCH_BYTES; at += 64)
		__builtin_prefetch(sample + at);
}

void lepton_dataset_fill(const struct lepton_dataset *dataset, const float *values, int64_t n, float *x)
{
	int64_t features = dataset->info.sample.dim[0];
	for (int64_t i = 0; i < n; i++, values += features, x += features)
		for (int64_t f = 0; f < features; f++)
			x[f] = isnan(values[f]) ? dataset->fill[f] : values[f];
}

void lepton_dataset_gather_targets(const struct lepton_dataset *dataset, enum lepton_split which,
	const uint32_t *index, int64_t n, float *y)
{
	for (int64_t i = 0; i < n; i++) {
		assert(index[i] < lepton_dataset_count(dataset, which));
		y[i] = dataset->split[which].targets[lies(dataset, which, index[i])];
	}
}

static void gather_table(const struct lepton_dataset *dataset, enum lepton_split which, const uint32_t *index,
	int64_t n, float *x, int32_t *y)
{
	int64_t values = dataset->info.sample.dim[0];
	for (int64_t i = 0; i < n; i++) {
		assert(index[i] < lepton_dataset_count(dataset, which));
		int64_t at = lies(dataset, which, index[i]);
		if (x)
			lepton_dataset_fill(
				dataset, dataset->split[which].values + at * values, 1, x + i * values);
		if (y)
			y[i] = dataset->split[which].labels[at];
	}
}

static void gather_text(const struct lepton_dataset *dataset, enum lepton_split which, const uint32_t *index,
	int64_t n, float *x, int32_t *y)
{
	int64_t most = dataset->info.sample.dim[0], count;
	for (int64_t i = 0; i < n; i++) {
		const uint32_t *token = lepton_dataset_tokens(dataset, which, index[i], &count);
		for (int64_t k = 0; x && k < most; k++)
			x[i * most + k] = k < count ? (float)token[k] : NAN;
		if (y)
			y[i] = dataset->split[which].labels[lies(dataset, which, index[i])];
	}
}

void lepton_dataset_gather(const struct lepton_dataset *dataset, enum lepton_split which,
	const uint32_t *index, int64_t n, float *x, int32_t *y)
{
	if (dataset->split[which].starts) {
		gather_text(dataset, which, index, n, x, y);
		return;
	}
	if (dataset->split[which].values) {
		gather_table(dataset, which, index, n, x, y);
		return;
	}
	const struct lepton__kernels *kernels = lepton__kernels_get();
	const uint8_t *pixels = dataset->split[which].pixels, *labels = dataset->split[which].labels;
	int64_t bytes = dataset->sample_bytes, count = lepton_dataset_count(dataset, which);
	for (int64_t i = 0; i < n; i++) {
		assert(index[i] < count);
		if (x && i + PREFETCH_AHEAD < n)
			prefetch(pixels + lies(dataset, which, index[i + PREFETCH_AHEAD]) * bytes, bytes);
		if (x)
			kernels->scale_u8(bytes, pixels + lies(dataset, which, index[i]) * bytes, 1.0f / 255,
				x + i * bytes);
		if (y)
			y[i] = labels[lies(dataset, which, index[i])];
	}
	(void)count; /* only asserted */
}

void lepton_dataset_gather_range(const struct lepton_dataset *dataset, enum lepton_split which, int64_t from,
	int64_t n, float *x, int32_t *y)
{
	uint32_t index[RANGE];
	int64_t values = lepton_shape_count(&dataset->info.sample);
	for (int64_t at = 0; at < n; at += RANGE) {
		int64_t count = n - at < RANGE ? n - at : RANGE;
		for (int64_t i = 0; i < count; i++)
			index[i] = (uint32_t)(from + at + i);
		lepton_dataset_gather(
			dataset, which, index, count, x ? x + at * values : NULL, y ? y + at : NULL);
	}
}

const float *lepton_dataset_raw(
	const struct lepton_dataset *dataset, enum lepton_split which, int64_t from, int64_t n, float *room)
{
	const float *values = lepton_dataset_values(dataset, which);
	if (values)
		return values + from * lepton_shape_count(&dataset->info.sample);
	lepton_dataset_gather_range(dataset, which, from, n, room, NULL);
	return room;
}
