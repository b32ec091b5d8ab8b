/* model/text_step.c - one training step on texts: the gradients by each text, then the rows it touches.
 *
 * Rows belong to parts by their number, so no two parts write one row, and each adds up the texts in the
 * batch's order: the bits are the same for any number of workers. The last part of the update is the layer on
 * top.
 */
#include "config.h"
#include "model/loss.h"
#include "model/text_model.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define HEAD LEPTON__TEXT_PARTS
#define LAST UINT32_MAX /* of a list of touched rows */

struct job {
	struct lepton__text_model *model;
	const uint32_t *samples;
	int n;
	float rate; /* of learning, in this step */
};

/* ---- gradients by the texts ---- */

/* What each of its rows is to change by: the error brought back through the layer, shared among the rows. */
static void pull_back(const struct lepton__text_model *model, const float *error, int64_t count, float *pull)
{
	const float *kernel = model->weights + model->head;
	float share = count ? 1 / (float)count : 0;
	for (int w = 0; w < model->width; w++) {
		float sum = model->dimension ? 0 : error[w];
		for (int c = 0; model->dimension && c < model->classes; c++)
			sum += kernel[w * model->classes + c] * error[c];
		pull[w] = sum * share;
	}
}

static void look_at(const struct job *job, int i, float *logits)
{
	struct lepton__text_model *model = job->model;
	float *error = model->error + (int64_t)i * model->classes;
	int64_t count, at = (int64_t)i * model->width;
	int32_t label = lepton_dataset_labels(model->data, LEPTON_TRAIN)[job->samples[i]];
	const uint32_t *token = lepton_dataset_tokens(model->data, LEPTON_TRAIN, job->samples[i], &count);
	struct lepton__loss loss;
	lepton__text_logits(model, token, count, model->hidden + at, logits);
	lepton__loss_rows(true, 1, model->classes, logits, &label, 1 / (float)job->n, error, &loss);
	pull_back(model, error, count, model->pull + at);
	model->loss[i] = loss.sum;
	model->right[i] = loss.right > 0;
}

static void forward_part(void *arg, int part)
{
	const struct job *job = arg;
	const struct lepton__text_model *model = job->model;
	float *logits = model->scratch + (int64_t)part * (model->width + model->classes);
	int to = (int)((int64_t)job->n * (part + 1) / LEPTON__TEXT_PARTS);
	for (int i = (int)((int64_t)job->n * part / LEPTON__TEXT_PARTS); i < to; i++)
		look_at(job, i, logits);
}

/* ---- the update ---- */

static void update(const struct job *job, int64_t at, int64_t n)
{
	struct lepton__text_model *model = job->model;
	float *slots[LEPTON__SLOTS_MAX] = {NULL};
	for (int s = 0; s < model->optimizer.slots; s++)
		slots[s] = model->slots[s] + at;
	model->optimizer.ops->update(&model->optimizer, job->rate, model->place.updates + 1, n,
		model->gradient + at, slots, model->weights + at);
}

static void update_head(const struct job *job)
{
	const struct lepton__text_model *model = job->model;
	int classes = model->classes;
	float *kernel = model->gradient + model->head, *bias = kernel + (int64_t)model->dimension * classes;
	memset(kernel, 0, (size_t)(model->floats - model->head) * sizeof *kernel);
	for (int i = 0; i < job->n; i++) {
		const float *error = model->error + (int64_t)i * classes,
			    *hidden = model->hidden + (int64_t)i * model->width;
		for (int w = 0; w < model->dimension; w++)
			for (int c = 0; c < classes; c++)
				kernel[w * classes + c] += hidden[w] * error[c];
		for (int c = 0; c < classes; c++)
			bias[c] += error[c];
	}
	update(job, model->head, model->floats - model->head);
}

/* The gradient of the part's rows; gives the list of those that have one. */
static uint32_t add_up(const struct job *job, uint32_t part)
{
	const struct lepton__kernels *kernels = lepton__kernels_get();
	struct lepton__text_model *model = job->model;
	uint32_t list = LAST;
	for (int i = 0; i < job->n; i++) {
		int64_t count;
		const uint32_t *token =
			lepton_dataset_tokens(model->data, LEPTON_TRAIN, job->samples[i], &count);
		const float *pull = model->pull + (int64_t)i * model->width;
		for (int64_t k = 0; k < count; k++) {
			if (token[k] % LEPTON__TEXT_PARTS != part)
				continue;
			kernels->add(model->width, pull, model->gradient + (int64_t)token[k] * model->width);
			if (model->next[token[k]])
				continue;
			model->next[token[k]] = list;
			list = token[k] + 1;
		}
	}
	return list;
}

static void update_part(void *arg, int part)
{
	const struct job *job = arg;
	struct lepton__text_model *model = job->model;
	if (part == HEAD) {
		update_head(job);
		return;
	}
	for (uint32_t list = add_up(job, (uint32_t)part); list != LAST;) {
		uint32_t row = list - 1;
		int64_t at = (int64_t)row * model->width;
		update(job, at, model->width);
		memset(model->gradient + at, 0, (size_t)model->width * sizeof *model->gradient);
		list = model->next[row];
		model->next[row] = 0;
	}
}

/* ---- the step ---- */

static int diverged(const struct lepton__text_model *model, const char *what, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_DIVERGED,
		"training diverged at step %" PRId64 ": %s; try a lower \"learning_rate\"", model->step + 1,
		what);
}

static void advance(struct lepton__text_model *model, int n, struct lepton_step_result *result)
{
	model->step++;
	model->place.updates++;
	model->place.position += n;
	result->epoch_ended = model->place.position >= model->train;
	if (result->epoch_ended) {
		model->place.position = 0;
		model->place.epoch++;
	}
	result->finished = model->place.epoch >= model->epochs;
}

static int next_batch(struct lepton__text_model *model, struct job *job, struct lepton_error *err)
{
	if (model->place.epoch >= model->epochs)
		return lepton_error_set(err, LEPTON_E_STATE,
			"training is finished after %" PRId64 " epochs; raise \"epochs\" to go on",
			model->place.epoch);
	if (model->order_epoch != model->place.epoch)
		lepton_epoch_order(model->seed, model->place.epoch, model->order, model->train);
	model->order_epoch = model->place.epoch;
	int64_t left = model->train - model->place.position;
	*job = (struct job){model, model->order + model->place.position,
		left < model->batch_size ? (int)left : model->batch_size,
		lepton__schedule_rate(
			&model->optimizer.schedule, model->optimizer.learning_rate, model->step)};
	return LEPTON_OK;
}

int lepton__text_step(struct lepton_learner *learner, const struct lepton_team *team,
	struct lepton_step_result *result, struct lepton_error *err)
{
	struct lepton__text_model *model = (struct lepton__text_model *)learner;
	struct job job;
	double loss = 0;
	int64_t right = 0;
	*result = (struct lepton_step_result){.finished = true};
	int code = next_batch(model, &job, err);
	if (code)
		return code;
	team->run(team, LEPTON__TEXT_PARTS, forward_part, &job);
	for (int i = 0; i < job.n; i++) {
		loss += model->loss[i];
		right += model->right[i];
	}
	result->samples = job.n;
	result->loss = loss / job.n;
	result->accuracy = (double)right / job.n;
	if (!isfinite(loss))
		return diverged(model, "the loss is not a finite number", err);
	team->run(team, LEPTON__TEXT_PARTS + 1, update_part, &job);
	bool last =
		model->place.position + job.n >= model->train; /* its checkpoint must not hold Inf or NaN */
	if (last && !lepton__kernels_get()->all_finite(model->floats, model->weights))
		return diverged(model, "a weight is not a finite number", err);
	advance(model, job.n, result);
	return LEPTON_OK;
}
