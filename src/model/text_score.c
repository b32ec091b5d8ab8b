/* model/text_score.c - what a text model says of texts, and its figures on a split. */
#include "config.h"
#include "model/score.h"
#include "model/loss.h"
#include "model/text_model.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void lepton__text_logits(const struct lepton__text_model *model, const uint32_t *token, int64_t count,
	float *hidden, float *logits)
{
	const struct lepton__kernels *kernels = lepton__kernels_get();
	const float *kernel = model->weights + model->head;
	int classes = model->classes;
	memset(hidden, 0, (size_t)model->width * sizeof *hidden);
	for (int64_t k = 0; k < count; k++)
		kernels->add(model->width, model->weights + (int64_t)token[k] * model->width, hidden);
	for (int w = 0; w < model->width && count; w++)
		hidden[w] /= (float)count;
	memcpy(logits, kernel + (int64_t)model->dimension * classes, (size_t)classes * sizeof *logits);
	if (!model->dimension)
		kernels->add(classes, hidden, logits);
	for (int w = 0; w < model->dimension; w++)
		for (int c = 0; c < classes; c++)
			logits[c] += hidden[w] * kernel[w * classes + c];
}

struct job {
	const struct lepton__text_model *model;
	enum lepton_split split;
	int64_t from, to;
	struct lepton__loss loss[LEPTON__TEXT_PARTS];
};

static void score_part(void *arg, int part)
{
	struct job *job = arg;
	const struct lepton__text_model *model = job->model;
	const uint8_t *labels = lepton_dataset_labels(model->data, job->split);
	float *hidden = model->scratch + (int64_t)part * (model->width + model->classes),
	      *logits = hidden + model->width;
	int64_t n = job->to - job->from, to = job->from + n * (part + 1) / LEPTON__TEXT_PARTS;
	job->loss[part] = (struct lepton__loss){0};
	for (int64_t i = job->from + n * part / LEPTON__TEXT_PARTS; i < to; i++) {
		struct lepton__loss loss;
		int64_t count;
		int32_t label = labels[i];
		const uint32_t *token = lepton_dataset_tokens(model->data, job->split, i, &count);
		lepton__text_logits(model, token, count, hidden, logits);
		lepton__loss_rows(true, 1, model->classes, logits, &label, 0, NULL, &loss);
		job->loss[part].sum += loss.sum;
		job->loss[part].right += loss.right;
	}
}

int lepton__text_evaluate(struct lepton_learner *learner, const struct lepton_team *team,
	enum lepton_split split, int64_t from, int64_t to, struct lepton_score *score,
	struct lepton_error *err)
{
	const struct lepton__text_model *model = (const struct lepton__text_model *)learner;
	int code = lepton__score_begin(model->data, split, from, to, score, err);
	if (code || from == to)
		return code;
	struct job job = {.model = model, .split = split, .from = from, .to = to};
	struct lepton__loss total = {0};
	team->run(team, LEPTON__TEXT_PARTS, score_part, &job);
	for (int p = 0; p < LEPTON__TEXT_PARTS; p++) {
		total.sum += job.loss[p].sum;
		total.right += job.loss[p].right;
	}
	score->samples = to - from;
	score->loss = total.sum / (double)score->samples;
	score->accuracy = (double)total.right / (double)score->samples;
	return LEPTON_OK;
}

/* A row's numbers, up to the first that is none. */
static int64_t read_tokens(const struct lepton__text_model *model, const float *x, uint32_t *token)
{
	int64_t count = 0;
	while (count < model->most && x[count] >= 0 && x[count] < (float)model->tokens) {
		token[count] = (uint32_t)x[count];
		count++;
	}
	return count;
}

int lepton__text_predict(struct lepton_learner *learner, const float *x, int64_t n, float *probabilities,
	struct lepton_error *err)
{
	const struct lepton__text_model *model = (const struct lepton__text_model *)learner;
	if (n < 0)
		return lepton_error_set(err, LEPTON_E_USAGE, "cannot predict %" PRId64 " samples", n);
	uint32_t *token = lepton__calloc((size_t)model->most, sizeof *token);
	if (!token)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a text");
	for (int64_t i = 0; i < n; i++, x += model->most, probabilities += model->classes) {
		lepton__text_logits(
			model, token, read_tokens(model, x, token), model->scratch, probabilities);
		lepton__loss_probabilities(true, 1, model->classes, probabilities, probabilities);
	}
	lepton__free(token);
	return LEPTON_OK;
}
