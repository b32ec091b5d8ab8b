/* train/job_evaluate.c - "evaluate now": a version's present weights on the splits it does not learn from, with the
 * figures class by class.
 */
#include "config.h"
#include "lepton/look.h"
#include "lepton/metrics.h"
#include "train/outside.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define REPORT_MAX ((size_t)8 << 20)

static bool goes_on(void *job)
{
	return !lepton__job_ending(job);
}

/* The figures, and in the same object what there is to see inside. */
static struct lepton_text *as_text(
	const struct lepton_metrics *metrics, const char *const *names, const struct lepton_look *look)
{
	struct lepton__buffer out;
	char *figures = lepton_metrics_to_json(metrics, names), *inside = lepton_look_to_json(look);
	lepton__buffer_init(&out, REPORT_MAX);
	if (figures && inside)
		lepton__buffer_printf(&out, "%.*s,\"inside\":%s}", (int)strlen(figures) - 1, figures, inside);
	struct lepton_text *text = figures && inside && !out.failed ? lepton_text_new(out.data) : NULL;
	lepton__buffer_free(&out);
	lepton__free(figures);
	lepton__free(inside);
	return text;
}

/* NULL where the learner's answers cannot be counted so; the score stands without it. */
static int report_of(struct lepton__job *job, struct lepton_learner *learner, struct lepton_text **report,
	struct lepton_error *err)
{
	struct lepton_dataset *data = job->engine->data;
	struct lepton_metrics metrics;
	struct lepton_look look = {.samples = 0};
	int code = lepton_metrics_compute(learner, data, LEPTON_TEST, goes_on, job, &metrics, err);
	if (code == LEPTON_E_UNSUPPORTED || code == LEPTON_E_STATE)
		return LEPTON_OK;
	if (code)
		return code;
	code = lepton_look_inside(learner, LEPTON_LOOK_SAMPLES, &look, err);
	if (!code)
		*report = as_text(&metrics, lepton_dataset_info(data)->class_names, &look);
	if (!code && !*report)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	lepton_look_clear(&look);
	lepton_metrics_clear(&metrics);
	return code;
}

static void say(struct lepton__job *job, const struct lepton__version *v, const struct lepton__figures *f,
	struct lepton_text *report)
{
	struct lepton_event event = {.type = LEPTON_EVENT_TEST, .version = v->id};
	event.u.test.loss = f->test.loss;
	event.u.test.accuracy = f->test.accuracy;
	event.u.test.val_loss = f->validation.loss;
	event.u.test.val_accuracy = f->validation.accuracy;
	event.u.test.report = report;
	lepton__say(job->engine, &event);
	snprintf(job->message, sizeof job->message, "%s: test loss %.4f, test %s %.4f", v->name, f->test.loss,
		lepton__score_word(&f->test), lepton__score_quality(&f->test));
}

int lepton__job_evaluate(struct lepton__job *job, struct lepton_error *err)
{
	struct lepton__version *v, *scratch = NULL;
	struct lepton_params *weights = NULL;
	struct lepton_text *report = NULL;
	struct lepton__figures f;
	int code = lepton__job_version(job, 0, &v, err);
	if (!code && v->ops->foreign)
		code = lepton_error_set(err, LEPTON_E_UNSUPPORTED, LEPTON__SCORES_ITSELF, v->name);
	if (!code)
		code = lepton__job_snapshot(job, v, &weights, NULL, NULL, err);
	if (!code)
		code = lepton__version_new(
			job->engine, v->name, v->learner_name, v->config, v->seed, 1, &scratch, err);
	lepton__job_span(job, 0, 0.6); /* the report asks anew */
	if (!code)
		code = lepton__job_score(job, scratch->learner, weights, &f, err);
	if (!code)
		code = report_of(job, scratch->learner, &report, err);
	if (!code)
		say(job, v, &f, report);
	lepton_text_release(report);
	lepton__version_free(scratch);
	lepton_params_release(weights);
	return code;
}
