/* train/job_compress.c - a smaller version of a snapshot, with its accuracy before and after.
 *
 * What is scored after is what the blob decodes to, so the figures are those of what a user will get.
 */
#include "config.h"
#include "lepton/compress.h"
#include "compress/huffman.h"
#include "compress/methods.h"
#include "train/auto_search.h"
#include "train/slim_job.h"
#include "train/trees_job.h"
#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* How the weights of a network made smaller are kept. */
#define TO_THE_BIT "prune"
#define NO_ZEROS "{\"sparsity\":0}"

struct work {
	struct lepton__version *source, *base, *made;
	int chain; /* bases that the new version needs */
	struct lepton_params *weights, *base_weights, *blob, *rebuilt;
	char method[LEPTON_NAME_MAX]; /* as asked for; after a search, the one found */
	bool slim;                    /* another network, whose weights are kept to the bit */
	char *settings;               /* without "base" */
	char *front;                  /* of a search: JSON; else NULL */
	size_t tries;
	int64_t step;
	double epoch;
	struct lepton_compress_report report;
	struct lepton__figures before, after;
};

static struct lepton__version *by_name(struct lepton_engine *engine, const char *name)
{
	pthread_mutex_lock(&engine->lock);
	struct lepton__version *found = lepton__version_named(engine, name);
	pthread_mutex_unlock(&engine->lock);
	return found;
}

/* How much of the squares of the weights a version leaves, if it has the same shapes. */
static bool same_shapes(
	struct lepton__job *job, struct lepton__version *v, const struct lepton_params *weights, double *left)
{
	struct lepton_params *other;
	if (lepton__job_snapshot(job, v, &other, NULL, NULL, NULL))
		return false;
	bool same = lepton_params_match(weights, other, NULL) == LEPTON_OK;
	if (same)
		*left = lepton__delta_left(weights, other);
	lepton_params_release(other);
	return same;
}

/* Of all that were trained the one that leaves least; of equals, such as twins, the first. */
static struct lepton__version *nearest_base(struct lepton__job *job, const struct work *w)
{
	struct lepton_engine *engine = job->engine;
	struct lepton__version *best = NULL;
	double least = 0, left;
	pthread_mutex_lock(&engine->lock);
	size_t count = engine->version_count;
	pthread_mutex_unlock(&engine->lock);
	for (size_t i = 0; i < count; i++) {
		pthread_mutex_lock(&engine->lock);
		struct lepton__version *v = engine->versions[i];
		pthread_mutex_unlock(&engine->lock);
		if (v == w->source || v->derived || v->parameters != w->source->parameters ||
			!same_shapes(job, v, w->weights, &left))
			continue;
		if (!best || left < least) {
			best = v;
			least = left;
		}
	}
	return best;
}

static int choose_base(struct lepton__job *job, struct work *w, const char *name, struct lepton_error *err)
{
	if (name) {
		w->base = by_name(job->engine, name);
		if (!w->base)
			return lepton_error_set(err, LEPTON_E_NOTFOUND,
				"compress %s: no version \"%s\" to take as base", job->method, name);
	} else if (job->command->count > 1) {
		int code = lepton__job_version(job, 1, &w->base, err);
		if (code)
			return code;
	} else {
		w->base = nearest_base(job, w);
	}
	if (!w->base)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"compress %s: no other version has %s's shapes to be its base", job->method,
			w->source->name);
	if (w->base == w->source)
		return lepton_error_set(err, LEPTON_E_USAGE, "compress %s: %s cannot be its own base",
			job->method, w->source->name);
	/* The base must be in the store as it is now, or the blob could not be rebuilt. */
	struct lepton__look look;
	lepton__hold(job->engine, w->base);
	int code = lepton__version_checkpoint(job->engine, w->base, err);
	if (!code)
		code = lepton__look(job->engine, w->base, &look, err);
	lepton__release(job->engine, w->base);
	if (code)
		return lepton_error_prefix(err, "%s", w->base->name), code;
	w->base_weights = look.weights;
	w->chain = 1 + look.chain;
	if (w->chain > LEPTON_CHAIN_MAX)
		code = lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"compress %s: %s needs a chain of %d bases itself, which is the most there may be; "
			"take "
			"one of those as base",
			job->method, w->base->name, LEPTON_CHAIN_MAX);
	return code;
}

static int inputs(struct lepton__job *job, struct work *w, struct lepton_error *err)
{
	const struct lepton_compressor *method;
	char *base = NULL;
	char what[96];
	int code = lepton_compressor_find(job->method, &method, err);
	if (!code)
		code = lepton__job_version(job, 0, &w->source, err);
	if (!code)
		code = lepton__trees_job_fits(job, method, w->source, err);
	if (!code)
		code = lepton__job_settings(job, "base", &w->settings, &base, err);
	snprintf(what, sizeof what, "compress %s", job->method);
	if (!code)
		code = lepton_options_check(method->options, w->settings, what, err);
	if (!code && base && !method->needs_base)
		code = lepton_error_set(err, LEPTON_E_USAGE, "%s takes no base", what);
	if (!code)
		code = lepton__job_snapshot(job, w->source, &w->weights, &w->step, &w->epoch, err);
	if (!code && method->needs_base)
		code = choose_base(job, w, base, err);
	lepton__free(base);
	return code;
}

static struct lepton_text *operation(const struct work *w)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, (size_t)1 << 20);
	lepton__buffer_string(&out, "{\"op\":\"compress\",\"method\":");
	lepton__json_string(&out, w->method);
	lepton__buffer_printf(&out, ",\"settings\":%s,\"from_step\":%lld", w->settings, (long long)w->step);
	if (w->base) {
		lepton__buffer_string(&out, ",\"base\":");
		lepton__json_string(&out, w->base->name);
	}
	lepton__buffer_string(&out, ",\"before\":");
	lepton__job_figures(&out, w->report.raw_bytes, &w->before);
	lepton__buffer_string(&out, ",\"after\":");
	lepton__job_figures(&out, w->report.bytes, &w->after);
	lepton__buffer_string(&out, ",\"relative_error\":");
	lepton__json_number(&out, w->report.relative_error);
	lepton__buffer_string(&out, ",\"detail\":");
	lepton__json_string(&out, w->report.detail);
	if (w->front)
		lepton__buffer_printf(&out, ",\"tries\":%zu,\"front\":%s", w->tries, w->front);
	lepton__buffer_string(&out, "}");
	struct lepton_text *text = out.failed ? NULL : lepton_text_new(out.data);
	lepton__buffer_free(&out);
	return text;
}

static struct lepton_checkpoint *checkpoint_of(const struct work *w)
{
	struct lepton_checkpoint *c = lepton__calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->references = 1;
	c->state.weights = lepton_params_retain(w->rebuilt);
	c->state.step = w->step;
	c->state.epoch = w->epoch;
	c->encoded = lepton_params_retain(w->blob);
	c->chain = w->chain;
	c->base = w->base_weights ? lepton_params_retain(w->base_weights) : NULL;
	lepton__copy_name(c->method, sizeof c->method, w->slim ? TO_THE_BIT : w->method);
	lepton__copy_name(c->base_hash, sizeof c->base_hash, w->report.base_hash);
	return c;
}

static int publish(struct lepton__job *job, struct work *w, struct lepton_error *err)
{
	struct lepton_checkpoint *checkpoint = checkpoint_of(w);
	if (!checkpoint)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	struct lepton__version *made = w->made;
	made->operation = operation(w);
	made->bytes = w->report.bytes;
	made->parents[made->parent_count++] = w->source->id;
	if (w->base)
		made->parents[made->parent_count++] = w->base->id;
	int used = snprintf(job->message, sizeof job->message, "%s: %s is %lld bytes, %.1f times smaller; ",
		w->method, made->name, (long long)w->report.bytes,
		(double)w->report.raw_bytes / (double)w->report.bytes);
	if (made->ops->foreign)
		snprintf(job->message + used, sizeof job->message - (size_t)used,
			"only its program can score it (relative error %.3g)", w->report.relative_error);
	else
		snprintf(job->message + used, sizeof job->message - (size_t)used,
			"test %s %.4f, was %.4f", lepton__score_word(&w->after.test),
			lepton__score_quality(&w->after.test), lepton__score_quality(&w->before.test));
	w->made = NULL; /* publish takes it */
	return lepton__job_publish(job, made, checkpoint, &w->after, err);
}

static int nothing_found(const struct lepton__auto *found, struct lepton_error *err)
{
	if (found->target)
		return lepton_error_set(err, LEPTON_E_STATE,
			"compress auto: none of %zu tries is as small as %lld bytes; prune it with \"retrain\" first, or allow more",
			found->count, (long long)found->target);
	return lepton_error_set(err, LEPTON_E_STATE,
		"compress auto: all of %zu tries lose more than %g points; allow a larger \"budget\"", found->count,
		found->budget);
}

/* From here on it is as if the method and settings found had been asked for. */
static int search(struct lepton__job *job, struct work *w, struct lepton_error *err)
{
	struct lepton__auto found;
	int code = lepton__auto_search(&found, job, w->made->learner, w->weights, w->settings, err);
	const struct lepton__tried *choice = code ? NULL : lepton__auto_choice(&found);
	if (!code && !choice)
		code = nothing_found(&found, err);
	if (choice) {
		lepton__free(w->settings);
		lepton__copy_name(w->method, sizeof w->method, choice->method);
		w->settings = lepton__strdup(choice->settings);
		w->front = lepton__auto_front(&found);
		w->tries = found.count;
		if (!w->settings || !w->front)
			code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	}
	lepton__auto_free(&found);
	return code;
}

static int new_version(struct lepton__job *job, struct work *w, const char *name, const char *config,
	struct lepton_error *err)
{
	return lepton__version_new(
		job->engine, name, w->source->learner_name, config, w->source->seed, 1, &w->made, err);
}

/* The version made so far has the source's layers: one of fewer units takes its place. */
static int slim(struct lepton__job *job, struct work *w, const char *name, struct lepton_error *err)
{
	char *config = NULL, detail[sizeof w->report.detail];
	int64_t before = lepton_params_bytes(w->weights);
	int code = lepton__slim_network(
		w->source->config, w->settings, &w->weights, &config, detail, sizeof detail, err);
	if (code)
		return code;
	w->slim = true;
	lepton__version_free(w->made);
	w->made = NULL;
	code = new_version(job, w, name, config, err);
	lepton__free(config);
	if (!code)
		code = lepton_compress(
			TO_THE_BIT, w->weights, NULL, NO_ZEROS, &w->blob, &w->rebuilt, &w->report, err);
	lepton__copy_name(w->report.detail, sizeof w->report.detail, detail);
	w->report.raw_bytes = before;
	return code;
}

/* For weights that are few different numbers the account says what a plainer code would take. */
static void compare(struct lepton_compress_report *report, const struct lepton_params *rebuilt)
{
	const size_t used = strlen(report->detail);
	const int64_t bytes = lepton__huffman_bytes(rebuilt);
	if (bytes > 0 && bytes < report->raw_bytes)
		snprintf(report->detail + used, sizeof report->detail - used,
			"; Huffman's code would take %lld bytes", (long long)bytes);
}

static int encode(struct work *w, struct lepton_error *err)
{
	const struct lepton_compressor *method;
	const int64_t before = lepton_params_bytes(w->weights);
	int code = lepton_compressor_find(w->method, &method, err);
	if (!code && method->trees)
		code = lepton__trees_job_prune(w->made->learner, method, w->settings, &w->weights, err);
	if (!code)
		code = lepton_compress(w->method, w->weights, w->base_weights, w->settings, &w->blob,
			&w->rebuilt, &w->report, err);
	w->report.raw_bytes = before;
	if (!code && !method->trees)
		compare(&w->report, w->rebuilt);
	return code;
}

static int compress(struct lepton__job *job, struct work *w, struct lepton_error *err)
{
	char name[LEPTON_NAME_MAX], stem[2 * LEPTON_NAME_MAX];
	lepton__copy_name(w->method, sizeof w->method, job->method);
	int code = inputs(job, w, err);
	if (code)
		return code;
	snprintf(stem, sizeof stem, "%.40s.%s", w->source->name, job->method);
	lepton__job_name(job, stem, name);
	code = lepton_name_check(name, err);
	if (!code)
		code = new_version(job, w, name, w->source->config, err);
	lepton__job_span(job, 0, strcmp(job->method, lepton_compress_auto.name) == 0 ? 0 : 0.4);
	if (!code)
		code = lepton__job_score(job, w->made->learner, w->weights, &w->before, err);
	if (!code && strcmp(job->method, lepton_compress_auto.name) == 0)
		code = search(job, w, err);
	else
		lepton__job_progress(job, 0.4);
	if (!code && strcmp(job->method, lepton_compress_slim.name) == 0)
		code = slim(job, w, name, err);
	else if (!code)
		code = encode(w, err);
	if (!w->front)
		lepton__job_progress(job, 0.6);
	lepton__job_span(job, w->front ? 0.9 : 0.6, 1);
	if (!code)
		code = lepton__job_score(job, w->made->learner, w->rebuilt, &w->after, err);
	return code ? code : publish(job, w, err);
}

int lepton__job_compress(struct lepton__job *job, struct lepton_error *err)
{
	struct work w = {0};
	int code = compress(job, &w, err);
	lepton__version_free(w.made);
	lepton_params_release(w.weights);
	lepton_params_release(w.base_weights);
	lepton_params_release(w.blob);
	lepton_params_release(w.rebuilt);
	lepton__free(w.settings);
	lepton__free(w.front);
	return code;
}
