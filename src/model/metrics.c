/* model/metrics.c - a split's answers, and the figures that need all of them at once. */
#include "config.h"
#include "lepton/metrics.h"
#include "model/loss.h"
#include "model/mistakes.h"
#include "model/ranking.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define CHUNK 256

struct work {
	struct lepton_learner *learner;
	struct lepton_dataset *data;
	enum lepton_split split;
	int64_t n;
	int64_t features, width; /* values of a sample, and of an answer */
	float *answers;          /* n × width */
	float *x, *column;       /* scratch: a chunk's samples; one class's probabilities */
	bool *positive;
	uint32_t *order;
};

static void free_work(struct work *w)
{
	lepton__free(w->answers);
	lepton__free(w->x);
	lepton__free(w->column);
	lepton__free(w->positive);
	lepton__free(w->order);
}

static int allocate(struct work *w, struct lepton_metrics *out, struct lepton_error *err)
{
	size_t n = (size_t)w->n, classes = (size_t)out->classes;
	w->answers = lepton__calloc(n, (size_t)w->width * sizeof *w->answers);
	w->x = lepton__calloc(CHUNK, (size_t)w->features * sizeof *w->x);
	bool failed = !w->answers || !w->x;
	if (classes) {
		w->column = lepton__calloc(n, sizeof *w->column);
		w->positive = lepton__calloc(n, sizeof *w->positive);
		w->order = lepton__calloc(n, sizeof *w->order);
		out->confusion = lepton__calloc(classes, classes * sizeof *out->confusion);
		out->each = lepton__calloc(classes, sizeof *out->each);
		failed |= !w->column || !w->positive || !w->order || !out->confusion || !out->each;
	}
	return failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the answers to %lld samples",
				(long long)w->n)
		      : LEPTON_OK;
}

/* ---- asking ---- */

static int ask(struct work *w, bool (*go_on)(void *arg), void *arg, struct lepton_error *err)
{
	for (int64_t from = 0; from < w->n; from += CHUNK) {
		int64_t count = w->n - from < CHUNK ? w->n - from : CHUNK;
		if (go_on && !go_on(arg))
			return lepton_error_set(err, LEPTON_E_CANCELED, "the evaluation was ended");
		int code = w->learner->ops->predict(w->learner,
			lepton_dataset_raw(w->data, w->split, from, count, w->x), count,
			w->answers + from * w->width, err);
		if (code)
			return code;
	}
	return LEPTON_OK;
}

/* ---- classes ---- */

/* How many are more probable than the true class; of equals, those before it. */
static int place_of(const float *p, int classes, int label)
{
	int before = 0;
	for (int c = 0; c < classes; c++)
		before += p[c] > p[label] || (c < label && !(p[c] < p[label]));
	return before;
}

static void count(const struct work *w, struct lepton_metrics *out)
{
	const uint8_t *labels = lepton_dataset_labels(w->data, w->split);
	int64_t right = 0, near = 0;
	for (int64_t i = 0; i < w->n; i++) {
		const float *p = w->answers + i * w->width;
		int label = labels[i], said = lepton__largest(out->classes, p);
		out->confusion[label * out->classes + said]++;
		out->each[label].support++;
		out->each[said].said++;
		right += said == label;
		near += place_of(p, out->classes, label) < LEPTON_TOP;
	}
	out->accuracy = (double)right / (double)w->n;
	out->top_accuracy = out->classes > LEPTON_TOP ? (double)near / (double)w->n : (double)NAN;
}

static double class_auc(struct work *w, int class)
{
	const uint8_t *labels = lepton_dataset_labels(w->data, w->split);
	for (int64_t i = 0; i < w->n; i++) {
		w->column[i] = w->answers[i * w->width + class];
		w->positive[i] = labels[i] == class;
	}
	return lepton_auc(w->column, w->positive, w->order, w->n);
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static void judge_classes(struct work *w, struct lepton_metrics *out)
{
	int there = 0, ranked = 0;
	double auc = 0;
	count(w, out);
	for (int c = 0; c < out->classes; c++) {
		struct lepton_class_metrics *m = &out->each[c];
		double found = (double)out->confusion[c * out->classes + c];
		m->precision = ratio(found, (double)m->said);
		m->recall = ratio(found, (double)m->support);
		m->f1 = ratio(2 * m->precision * m->recall, m->precision + m->recall);
		m->auc = class_auc(w, c);
		if (!isnan(m->auc)) {
			auc += m->auc;
			ranked++;
		}
		if (!m->support)
			continue;
		there++;
		out->precision += m->precision;
		out->recall += m->recall;
		out->f1 += m->f1;
	}
	out->precision /= there;
	out->recall /= there;
	out->f1 /= there;
	out->auc = out->classes == 2 ? out->each[1].auc : ranked ? auc / ranked : (double)NAN;
}

/* ---- quantities ---- */

static void judge_quantities(const struct work *w, struct lepton_metrics *out)
{
	const float *targets = lepton_dataset_targets(w->data, w->split);
	double unit = lepton_dataset_info(w->data)->target_scale, mean = 0, squares = 0, sizes = 0, around = 0;
	for (int64_t i = 0; i < w->n; i++)
		mean += (double)targets[i] / (double)w->n;
	for (int64_t i = 0; i < w->n; i++) {
		double error = (double)w->answers[i] - (double)targets[i], off = (double)targets[i] - mean;
		squares += error * error;
		sizes += fabs(error);
		around += off * off;
	}
	out->rmse = sqrt(squares / (double)w->n) * unit;
	out->mean_absolute_error = sizes / (double)w->n * unit;
	out->r2 = around > 0 ? 1 - squares / around : (double)NAN;
}

/* ---- public ---- */

static int check(const struct work *w, const struct lepton_data_info *info, struct lepton_error *err)
{
	const struct lepton_learner_ops *ops = w->learner->ops;
	bool held = lepton_dataset_pixels(w->data, w->split) || lepton_dataset_values(w->data, w->split) || info->tokens;
	if (w->n < 1)
		return lepton_error_set(err, LEPTON_E_STATE, "there are no samples to ask about");
	if (ops->foreign || !ops->predict || !held || (info->classes < 1 && !info->regression))
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"a %s on data in the format %s gives no answers to be counted by class", ops->name,
			info->format);
	return LEPTON_OK;
}

int lepton_metrics_compute(struct lepton_learner *learner, struct lepton_dataset *data,
	enum lepton_split split, bool (*go_on)(void *arg), void *arg, struct lepton_metrics *out,
	struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(data);
	struct work w = {learner, data, split, lepton_dataset_count(data, split),
		lepton_shape_count(&info->sample), info->regression ? 1 : info->classes, NULL, NULL, NULL, NULL,
		NULL};
	*out = (struct lepton_metrics){.samples = w.n, .classes = info->regression ? 0 : (int)info->classes};
	int code = check(&w, info, err);
	if (!code)
		code = allocate(&w, out, err);
	if (!code)
		code = ask(&w, go_on, arg, err);
	if (!code && info->regression)
		judge_quantities(&w, out);
	else if (!code)
		judge_classes(&w, out);
	if (!code && !info->regression)
		code = lepton__mistakes_find(data, split, w.answers, out, err);
	if (!code && info->users)
		code = lepton__ranking_judge(learner, data, split, go_on, arg, out, err);
	free_work(&w);
	if (code)
		lepton_metrics_clear(out);
	return code;
}

void lepton_metrics_clear(struct lepton_metrics *metrics)
{
	lepton__free(metrics->confusion);
	lepton__free(metrics->each);
	lepton__free(metrics->mistakes);
	lepton__free(metrics->pictures);
	*metrics = (struct lepton_metrics){0};
}
