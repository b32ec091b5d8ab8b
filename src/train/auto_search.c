/* train/auto_search.c - "compress" with the method "auto": pipelines and settings tried one after another.
 *
 * What is tried first is a coarse grid: how many weights to zero, then how coarse the steps are, then how
 * much a bit is worth, of prune,entropy; and shared values instead of steps; then fewer bits a weight, and
 * lower ranks. Where a try loses far more than the budget, those that only go further the same way are left
 * out. Then the best of the grid is walked downhill from: each setting a little up or down, as long as that
 * is smaller and still within the budget. Of trees, how much is cut off, and how few bits the rest has. Every
 * try is coded, decoded and scored on the validation split alone, so the test set remains what it is for.
 */
#include "config.h"
#include "train/auto_search.h"
#include "train/trees_job.h"
#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "lepton/compress.h"
#include "model/trees.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define STEPWISE "prune,entropy"
#define SHARED "prune,cluster,entropy"
#define HOPELESS 5.0 /* points beyond the budget: going further that way is no use */
#define WALKS 6      /* rounds of small changes */

static const double sparsities[] = {0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9};
static const double steps[] = {0.25, 0.5, 1, 1.5};
static const double lambdas[] = {0.02, 0.1};
static const int clusters[] = {32, 16, 8};
#define COUNT(list) (sizeof(list) / sizeof *(list))

struct point { /* settings of a try; clusters 0: stepwise */
	double sparsity, step, lambda;
	int clusters;
};

struct run {
	struct lepton__auto *search;
	struct lepton__job *job;
	struct lepton_learner *learner;
	const struct lepton_params *weights;
	double zeros; /* share of the weights that are 0 as they come */
	int planned;  /* tries, about, for the progress */
};

/* ---- one try ---- */

static double loss_of(const struct lepton_score *whole, const struct lepton_score *score)
{
	if (!isnan(whole->accuracy))
		return 100 * (whole->accuracy - score->accuracy);
	return 100 * (sqrt(score->loss / fmax(whole->loss, 1e-30)) - 1);
}

static void write_settings(const struct point *p, char *out, size_t size)
{
	if (p->clusters)
		snprintf(out, size, "{\"sparsity\":%.4g,\"clusters\":%d,\"lambda\":%.4g,\"biases\":\"coded\"}", p->sparsity,
			p->clusters, p->lambda);
	else
		snprintf(out, size, "{\"sparsity\":%.4g,\"step\":%.4g,\"lambda\":%.4g,\"biases\":\"coded\"}", p->sparsity,
			p->step, p->lambda);
}

/* *out: the try, until the next one. */
static int try(struct run *run, const char *method, const char *settings, const struct lepton_params *weights,
	const struct lepton__tried **out, struct lepton_error *err)
{
	struct lepton__auto *search = run->search;
	struct lepton_params *blob, *rebuilt;
	struct lepton_compress_report report;
	if (lepton__grow(&search->tried, &search->capacity, search->count + 1, sizeof *search->tried))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	struct lepton__tried *tried = &search->tried[search->count];
	*tried = (struct lepton__tried){.method = method};
	snprintf(tried->settings, sizeof tried->settings, "%s", settings);
	int code = lepton_compress(method, weights, NULL, settings, &blob, &rebuilt, &report, err);
	if (code)
		return code;
	code = lepton__job_validate(run->job, run->learner, rebuilt, &tried->score, err);
	lepton_params_release(blob);
	lepton_params_release(rebuilt);
	if (code)
		return code;
	tried->bytes = report.bytes;
	tried->loss = loss_of(&search->whole, &tried->score);
	search->count++;
	lepton__job_progress(run->job, 0.9 * fmin(1, (double)search->count / run->planned));
	*out = tried;
	return LEPTON_OK;
}

static int try_point(
	struct run *run, const struct point *p, const struct lepton__tried **out, struct lepton_error *err)
{
	char settings[sizeof(*out)->settings];
	write_settings(p, settings, sizeof settings);
	return try(run, p->clusters ? SHARED : STEPWISE, settings, run->weights, out, err);
}

/* ---- the grid ---- */

static double zeros_of(const struct lepton_params *weights)
{
	int64_t zeros = 0, all = 0;
	for (size_t i = 0; i < lepton_params_count(weights); i++) {
		const struct lepton_tensor *t = lepton_params_at(weights, i);
		const float *values = t->data;
		for (int64_t k = 0; t->shape.rank > 1 && k < lepton_shape_count(&t->shape); k++, all++)
			zeros += !(fabsf(values[k]) > 0);
	}
	return all ? (double)zeros / (double)all : 0;
}

static bool hopeless(const struct run *run, const struct lepton__tried *tried)
{
	return !(tried->loss <= run->search->budget + HOPELESS); /* a NaN is */
}

/* One row of the grid: ever more zeros. What is zero already is the first. */
static int try_row(struct run *run, struct point p, bool *useless, struct lepton_error *err)
{
	*useless = false;
	for (size_t s = 0; s < COUNT(sparsities); s++) {
		const struct lepton__tried *tried;
		p.sparsity = sparsities[s];
		if (s && p.sparsity <= run->zeros)
			continue;
		int code = try_point(run, &p, &tried, err);
		if (code)
			return code;
		if (hopeless(run, tried)) {
			*useless = s == 0;
			break;
		}
	}
	return LEPTON_OK;
}

static int try_grid(struct run *run, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t l = 0; l < COUNT(lambdas) && !code; l++) {
		bool useless = false;
		for (size_t t = 0; t < COUNT(steps) && !code && !useless; t++)
			code = try_row(run, (struct point){0, steps[t], lambdas[l], 0}, &useless, err);
	}
	bool useless = false;
	for (size_t c = 0; c < COUNT(clusters) && !code && !useless; c++)
		code = try_row(run, (struct point){0, 0, lambdas[0], clusters[c]}, &useless, err);
	return code;
}

/* ---- other ways ---- */

/* Settings that go ever further, by numbers; as soon as one is hopeless, the rest is. */
struct series {
	const char *method, *key, *others;
	double number[4];
};

static int try_series(struct run *run, const struct series *s, struct lepton_error *err)
{
	const struct lepton__tried *tried;
	for (size_t i = 0; i < COUNT(s->number); i++) {
		char settings[sizeof tried->settings];
		snprintf(settings, sizeof settings, "{\"%s\":%g%s}", s->key, s->number[i], s->others);
		int code = try(run, s->method, settings, run->weights, &tried, err);
		if (code || hopeless(run, tried))
			return code;
	}
	return LEPTON_OK;
}

static int try_others(struct run *run, struct lepton_error *err)
{
	static const struct series others[] = {
		{"quantize", "bits", "", {8, 4, 3, 2}},
		{"lowrank,entropy", "energy", ",\"step\":0.5,\"biases\":\"coded\"", {0.98, 0.95, 0.9, 0.8}},
	};
	int code = LEPTON_OK;
	for (size_t i = 0; i < COUNT(others) && !code; i++)
		code = try_series(run, &others[i], err);
	return code;
}

/* ---- trees ---- */

#define TREES "trees"
static const double prunes[] = {0, 3e-6, 1e-5, 3e-5, 1e-4, 2e-4, 5e-4, 1e-3, 3e-3, 1e-2};
static const int tree_bits[] = {8, 6, 5, 4, 3};

/* Of trees pruned so far: ever fewer bits of a leaf's values and of thresholds. */
static int try_tree_bits(struct run *run, const struct lepton_params *pruned, double prune, bool *useless,
	struct lepton_error *err)
{
	const struct lepton__tried *tried;
	for (size_t v = 0; v < COUNT(tree_bits); v++)
		for (size_t t = 0; t < COUNT(tree_bits); t++) {
			char settings[sizeof tried->settings];
			snprintf(settings, sizeof settings, "{\"prune\":%g,\"thresholds\":%d,\"values\":%d}",
				prune, tree_bits[t], tree_bits[v]);
			int code = try(run, TREES, settings, pruned, &tried, err);
			if (code)
				return code;
			if (!hopeless(run, tried))
				continue;
			*useless = !v && !t;
			if (!t) /* fewer bits of values are no better with any thresholds */
				return LEPTON_OK;
			break;
		}
	return LEPTON_OK;
}

static int try_trees(struct run *run, struct lepton_params *weights, struct lepton_error *err)
{
	const struct lepton_compressor *method;
	bool useless = false;
	int code = lepton_compressor_find(TREES, &method, err);
	for (size_t p = 0; p < COUNT(prunes) && !code && !useless; p++) {
		char settings[40];
		struct lepton_params *pruned = lepton_params_retain(weights);
		snprintf(settings, sizeof settings, "{\"prune\":%g}", prunes[p]);
		code = lepton__trees_job_prune(run->learner, method, settings, &pruned, err);
		if (!code)
			code = try_tree_bits(run, pruned, prunes[p], &useless, err);
		lepton_params_release(pruned);
	}
	return code;
}

/* ---- the best ---- */

static bool better(
	const struct lepton__auto *search, const struct lepton__tried *a, const struct lepton__tried *b)
{
	if (search->target)
		return a->loss < b->loss || (a->loss <= b->loss && a->bytes < b->bytes);
	return a->bytes < b->bytes || (a->bytes == b->bytes && a->loss < b->loss);
}

/* Of those that `counts` (NULL: all). */
static const struct lepton__tried *choice(
	const struct lepton__auto *search, bool (*counts)(const struct lepton__tried *t))
{
	const struct lepton__tried *best = NULL;
	for (size_t i = 0; i < search->count; i++) {
		const struct lepton__tried *t = &search->tried[i];
		bool allowed = search->target ? t->bytes <= search->target : t->loss <= search->budget;
		if (allowed && (!counts || counts(t)) && (!best || better(search, t, best)))
			best = t;
	}
	return best;
}

const struct lepton__tried *lepton__auto_choice(const struct lepton__auto *search)
{
	return choice(search, NULL);
}

/* ---- small changes ---- */

static struct point point_of(const struct lepton__tried *tried)
{
	cJSON *settings = cJSON_Parse(tried->settings);
	struct point p = {
		lepton__json_get_number(settings, "sparsity", 0), lepton__json_get_number(settings, "step", 0),
		lepton__json_get_number(settings, "lambda", 0), (int)lepton__json_get_int(settings, "clusters", 0)};
	cJSON_Delete(settings);
	return p;
}

/* The i-th change of p, of CHANGES; false where it has none. */
#define CHANGES 6
static bool change(const struct run *run, int i, struct point *p)
{
	bool up = i % 2 == 0;
	double left = 1 - fmax(p->sparsity, run->zeros);
	if (i < 2)
		p->sparsity = 1 - left * (up ? 0.85 : 1.1);
	else if (i < 4 && p->clusters)
		p->clusters = up ? p->clusters * 3 / 4 : p->clusters * 5 / 4;
	else if (i < 4)
		p->step *= up ? 1.15 : 0.9;
	else
		p->lambda *= up ? 1.5 : 0.7;
	return p->sparsity > run->zeros - 1e-9 && p->sparsity < 0.999 && p->step <= 8 && (p->clusters > 1 || p->step >= 0.001);
}

static bool tried_before(const struct lepton__auto *search, const struct point *p)
{
	char settings[160];
	write_settings(p, settings, sizeof settings);
	for (size_t i = 0; i < search->count; i++)
		if (strcmp(search->tried[i].settings, settings) == 0)
			return true;
	return false;
}

static bool has_point(const struct lepton__tried *t)
{
	return strcmp(t->method, STEPWISE) == 0 || strcmp(t->method, SHARED) == 0;
}

/* The best point; where none is allowed yet: what comes nearest to it. */
static const struct lepton__tried *start_of(const struct lepton__auto *search)
{
	const struct lepton__tried *nearest = choice(search, has_point);
	bool found = nearest != NULL;
	for (size_t i = 0; i < search->count && !found; i++) {
		const struct lepton__tried *t = &search->tried[i];
		if (!has_point(t))
			continue;
		if (!nearest || isnan(nearest->loss) || (search->target ? t->bytes < nearest->bytes : t->loss < nearest->loss))
			nearest = t;
	}
	return nearest;
}

static int walk(struct run *run, struct lepton_error *err)
{
	const struct lepton__tried *best = start_of(run->search), *tried;
	for (int round = 0; best && round < WALKS; round++) {
		struct point from = point_of(best);
		for (int i = 0; i < CHANGES; i++) {
			struct point p = from;
			if (!change(run, i, &p) || tried_before(run->search, &p))
				continue;
			int code = try_point(run, &p, &tried, err);
			if (code)
				return code;
		}
		best = start_of(run->search);
		struct point to = point_of(best);
		if (memcmp(&to, &from, sizeof to) == 0)
			break;
	}
	return LEPTON_OK;
}

/* ---- the whole ---- */

int lepton__auto_search(struct lepton__auto *search, struct lepton__job *job, struct lepton_learner *learner,
	struct lepton_params *weights, const char *settings, struct lepton_error *err)
{
	const struct lepton_option *options = lepton_compress_auto.options;
	struct run run = {search, job, learner, weights, zeros_of(weights), 0};
	*search = (struct lepton__auto){.budget = lepton_options_number(options, settings, "budget"),
		.target = (int64_t)lepton_options_number(options, settings, "target")};
	run.planned = (int)((COUNT(lambdas) * COUNT(steps) + COUNT(clusters)) * COUNT(sparsities) + (size_t)WALKS * CHANGES);
	int code = lepton__job_validate(job, learner, weights, &search->whole, err);
	if (code || lepton__are_trees(learner->ops))
		return code ? code : try_trees(&run, weights, err);
	code = try_grid(&run, err);
	if (!code)
		code = try_others(&run, err);
	return code ? code : walk(&run, err);
}

/* The next larger one on the front after `bytes`: it is better than all that are smaller. */
static const struct lepton__tried *next_on_front(const struct lepton__auto *search, int64_t bytes, double loss)
{
	const struct lepton__tried *next = NULL;
	for (size_t i = 0; i < search->count; i++) {
		const struct lepton__tried *t = &search->tried[i];
		if (t->bytes <= bytes || !(t->loss < loss))
			continue;
		if (!next || t->bytes < next->bytes || (t->bytes == next->bytes && t->loss < next->loss))
			next = t;
	}
	return next;
}

char *lepton__auto_front(const struct lepton__auto *search)
{
	struct lepton__buffer out;
	const struct lepton__tried *t = NULL;
	lepton__buffer_init(&out, (size_t)1 << 20);
	lepton__buffer_string(&out, "[");
	while ((t = next_on_front(search, t ? t->bytes : 0, t ? t->loss : INFINITY)) != NULL) {
		lepton__buffer_printf(&out, "%s{\"method\":\"%s\",\"settings\":%s,\"bytes\":%lld,\"val_loss\":", out.size > 1 ? "," : "",
			t->method, t->settings, (long long)t->bytes);
		lepton__json_number(&out, t->score.loss);
		lepton__buffer_string(&out, ",\"val_accuracy\":");
		lepton__json_number(&out, t->score.accuracy);
		lepton__buffer_string(&out, "}");
	}
	lepton__buffer_string(&out, "]");
	return lepton__buffer_take(&out);
}

void lepton__auto_free(struct lepton__auto *search)
{
	lepton__free(search->tried);
	*search = (struct lepton__auto){0};
}
