/* train/fit.c - lepton_fit and lepton_evaluate: one model trained or scored in the caller's thread,
 * with idle cores lent to each step.
 *
 * This is the short way for programs that want one model; the engine beside it is for many.
 */
#include "config.h"
#include "lepton/model.h"
#include "model/model.h"
#include "base/clock.h"
#include "train/pool.h"

#include <math.h>

#define BATCH_SIZE 128
#define EPOCHS 10

struct sums {
	int64_t samples;
	double loss, right;
};

static int one_epoch(struct lepton_learner *learner, struct lepton__worker_pool *pool, struct sums *sums,
	bool *finished, struct lepton_error *err)
{
	struct lepton_step_result result = {0};
	*sums = (struct sums){0};
	while (!result.epoch_ended) {
		int code = lepton__pool_step(pool, learner, &result, err);
		if (code)
			return code;
		sums->samples += result.samples;
		sums->loss += result.loss * (double)result.samples;
		sums->right += result.accuracy * (double)result.samples;
	}
	*finished = result.finished;
	return LEPTON_OK;
}

static int train(struct lepton_learner *learner, struct lepton__worker_pool *pool, struct lepton_dataset *data,
	const struct lepton_fit_options *options, int64_t epochs, struct lepton_error *err)
{
	bool finished = false;
	for (int64_t epoch = 1; !finished; epoch++) {
		struct sums sums;
		struct lepton_score score;
		struct lepton_team team;
		double start = lepton__monotonic();
		int code = one_epoch(learner, pool, &sums, &finished, err);
		double seconds = lepton__monotonic() - start;
		lepton__pool_team(pool, &team);
		if (!code)
			code = learner->ops->evaluate(learner, &team, LEPTON_VALIDATION, 0,
				lepton_dataset_count(data, LEPTON_VALIDATION), &score, err);
		if (code)
			return code;
		struct lepton_epoch_report report = {epoch, epochs, seconds, sums.loss / (double)sums.samples,
			sums.right / (double)sums.samples, score.loss, score.accuracy};
		if (options->on_epoch)
			options->on_epoch(&report, options->arg);
	}
	return LEPTON_OK;
}

int lepton_fit(struct lepton_model *model, struct lepton_dataset *data,
	const struct lepton_fit_options *options, struct lepton_error *err)
{
	static const struct lepton_fit_options defaults = {0};
	struct lepton_learner *learner;
	if (!options)
		options = &defaults;
	if (options->batch_size < 0 || options->epochs < 0 || options->workers < 0)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "batch_size, epochs and workers cannot be below zero");
	int64_t epochs = options->epochs ? options->epochs : EPOCHS;
	int batch_size = options->batch_size ? options->batch_size : BATCH_SIZE;
	int code = lepton__model_prepare(model, data, batch_size, epochs, options->seed, &learner, err);
	if (code)
		return code;
	struct lepton__worker_pool *pool;
	if ((code = lepton__pool_create(options->workers, &pool, err)))
		return code;
	code = train(learner, pool, data, options, epochs, err);
	lepton__pool_free(pool);
	return code;
}

int lepton_evaluate(struct lepton_model *model, struct lepton_dataset *data, enum lepton_split split,
	double *loss, double *accuracy, struct lepton_error *err)
{
	struct lepton_learner *learner;
	struct lepton_score score;
	int code = lepton__model_learner(model, data, &learner, err);
	if (code)
		return code;
	struct lepton__worker_pool *pool;
	struct lepton_team team;
	if ((code = lepton__pool_create(0, &pool, err)))
		return code;
	lepton__pool_team(pool, &team);
	code = learner->ops->evaluate(learner, &team, split, 0, lepton_dataset_count(data, split), &score, err);
	lepton__pool_free(pool);
	if (code)
		return code;
	if (loss)
		*loss = score.loss;
	if (accuracy)
		*accuracy = score.accuracy;
	return LEPTON_OK;
}
