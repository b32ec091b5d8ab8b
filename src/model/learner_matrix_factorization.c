/* model/learner_matrix_factorization.c - {"learner": "matrix_factorization"}: made from a configuration and
 * ratings. */
#include "config.h"
#include "model/factors.h"
#include "base/json.h"
#include "base/memory.h"
#include "tensor/kernels.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define INIT_STREAM ((uint64_t)1 << 62) /* apart from the stream of data order */
#define SPREAD 0.1                      /* of the first factors */

const struct lepton__key lepton__factors_keys[] = {
	{"algorithm", LEPTON__KEY_STRING, 0, 0, "als|sgd", false,
		"als: least squares, users and items in turn; sgd: gradient descent; als"},
	{"factors", LEPTON__KEY_INTEGER, 1, 1024, NULL, false,
		"numbers that a user and an item are known by; 16"},
	{"regularization", LEPTON__KEY_NUMBER, 0, 1e6, NULL, false, "keeps them small; 0.1"},
	{"learning_rate", LEPTON__KEY_NUMBER, 1e-9, 10, NULL, false,
		"sgd: how far a rating moves them; 0.01"},
	{"epochs", LEPTON__KEY_INTEGER, 1, 1000000, NULL, false,
		"passes over the training data; als 10, sgd 30"},
	{0},
};

/* ---- settings ---- */

static int configure(struct lepton__factors *model, const cJSON *config, struct lepton_error *err)
{
	int code = lepton__keys_check(lepton__factors_keys, config, true, "matrix_factorization", err);
	if (code)
		return code;
	model->als = strcmp(lepton__json_get_string(config, "algorithm", "als"), "als") == 0;
	if (model->als && cJSON_HasObjectItem(config, "learning_rate"))
		return lepton_error_set(err, LEPTON_E_SPEC,
			"matrix_factorization: \"learning_rate\" means nothing to als; leave it out, or set "
			"\"algorithm\": "
			"\"sgd\"");
	model->k = (int)lepton__json_get_int(config, "factors", 16);
	model->regularization = lepton__json_get_number(config, "regularization", 0.1);
	model->rate = lepton__json_get_number(config, "learning_rate", 0.01);
	model->epochs = lepton__json_get_int(config, "epochs", model->als ? 10 : 30);
	return LEPTON_OK;
}

int lepton__factors_check(const cJSON *config, struct lepton_error *err)
{
	struct lepton__factors unused;
	return configure(&unused, config, err);
}

/* ---- making ---- */

static int check_data(struct lepton__factors *model, struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(model->data);
	if (!info->users)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"matrix_factorization: the data is of the format %s; this learner reads \"format\": "
			"\"ratings\"",
			info->format);
	if (model->train < 1)
		return lepton_error_set(
			err, LEPTON_E_DATA, "the data has no training samples; lower \"validation_split\"");
	model->side[0].count = info->users;
	model->side[1].count = info->items;
	double need =
		(double)(info->users + info->items) * (model->k + 1) * sizeof(float) * (model->als ? 2 : 1);
	double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
	if (have > 0 && need > have)
		return lepton_error_set(err, LEPTON_E_NOMEM,
			"matrix_factorization: %.1f GB are needed, but this machine has %.1f GB; lower "
			"\"factors\"",
			need / 1e9, have / 1e9);
	return LEPTON_OK;
}

static int allocate_side(
	struct lepton__factors *model, struct lepton__factor_side *side, struct lepton_error *err)
{
	size_t count = (size_t)side->count, train = (size_t)model->train, k = (size_t)model->k;
	side->factors = lepton__aligned(count * k, sizeof(float));
	side->bias = lepton__calloc(count, sizeof(float));
	side->starts = lepton__calloc(count + 1, sizeof *side->starts);
	side->other = model->als ? lepton__calloc(train, sizeof *side->other) : NULL;
	side->rating = model->als ? lepton__calloc(train, sizeof *side->rating) : NULL;
	side->fresh = model->als ? lepton__aligned(count * (k + 1), sizeof(float)) : NULL;
	bool failed = !side->factors || !side->bias || !side->starts ||
		      (model->als && (!side->other || !side->rating || !side->fresh));
	return failed ? lepton_error_set(err, LEPTON_E_NOMEM,
				"out of memory for %d factors; lower \"factors\"", model->k)
		      : LEPTON_OK;
}

/* How many ratings each has, as where they begin. */
static void count_ratings(struct lepton__factors *model, int s)
{
	struct lepton__factor_side *side = &model->side[s];
	const float *values = lepton_dataset_values(model->data, LEPTON_TRAIN);
	for (int64_t i = 0; i < model->train; i++)
		side->starts[(int64_t)values[2 * i + s] + 1]++;
	for (int64_t i = 0; i < side->count; i++)
		side->starts[i + 1] += side->starts[i];
}

static void find_mean(struct lepton__factors *model)
{
	const float *targets = lepton_dataset_targets(model->data, LEPTON_TRAIN);
	double sum = 0;
	for (int64_t i = 0; i < model->train; i++)
		sum += (double)targets[i];
	model->mean = (float)(sum / (double)model->train);
}

static void initialize(struct lepton__factors *model)
{
	struct lepton__rng rng;
	lepton__rng_init(&rng, model->seed, INIT_STREAM);
	for (int s = 0; s < 2; s++) {
		struct lepton__factor_side *side = &model->side[s];
		for (int64_t i = 0; i < side->count; i++)
			for (int f = 0; f < model->k; f++) {
				double drawn = SPREAD * lepton__rng_normal(&rng);
				bool rated = side->starts[i + 1] > side->starts[i];
				side->factors[i * model->k + f] = rated ? (float)drawn : 0;
			}
	}
}

static int prepare(struct lepton__factors *model, const cJSON *config, struct lepton_error *err)
{
	int code = configure(model, config, err);
	if (!code)
		code = check_data(model, err);
	for (int s = 0; s < 2 && !code; s++) {
		code = allocate_side(model, &model->side[s], err);
		if (!code)
			count_ratings(model, s);
	}
	if (!code)
		code = model->als ? lepton__factors_als_prepare(model, err)
				  : lepton__factors_sgd_prepare(model, err);
	if (code)
		return code;
	find_mean(model);
	initialize(model);
	return LEPTON_OK;
}

static void destroy(struct lepton_learner *learner)
{
	struct lepton__factors *model = (struct lepton__factors *)learner;
	for (int s = 0; s < 2; s++) {
		lepton__free(model->side[s].factors);
		lepton__free(model->side[s].bias);
		lepton__free(model->side[s].starts);
		lepton__free(model->side[s].other);
		lepton__free(model->side[s].rating);
		lepton__free(model->side[s].fresh);
	}
	lepton__free(model->scratch);
	lepton__free(model->place);
	lepton__free(model->order);
	lepton_dataset_release(model->data);
	lepton__free(model);
}

static int create(const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	struct lepton__factors *model = lepton__calloc(1, sizeof *model);
	*out = NULL;
	if (!model)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a factorisation");
	model->learner.ops = &lepton__learner_factors;
	model->data = lepton_dataset_retain(data);
	model->seed = seed;
	model->train = lepton_dataset_count(data, LEPTON_TRAIN);
	cJSON *parsed = config ? cJSON_Parse(config) : NULL;
	int code = parsed ? prepare(model, parsed, err)
			  : lepton_error_set(err, LEPTON_E_SPEC,
				    "matrix_factorization: the configuration is not JSON");
	cJSON_Delete(parsed);
	if (code)
		destroy(&model->learner);
	else
		*out = &model->learner;
	return code;
}

/* ---- steps ---- */

int64_t lepton__factors_steps(const struct lepton__factors *model)
{
	return model->als ? 2 : LEPTON__FACTOR_PARTS;
}

void lepton__factors_advance(
	struct lepton__factors *model, double squares, int64_t samples, struct lepton_step_result *result)
{
	int64_t steps = lepton__factors_steps(model);
	model->step++;
	result->partial = false;
	result->samples = samples;
	result->loss = samples ? squares / (double)samples : 0;
	result->accuracy = NAN;
	result->epoch_ended = model->step % steps == 0;
	result->finished = model->step >= steps * model->epochs;
}

static int step(struct lepton_learner *learner, const struct lepton_team *team,
	struct lepton_step_result *result, struct lepton_error *err)
{
	struct lepton__factors *model = (struct lepton__factors *)learner;
	*result = (struct lepton_step_result){.finished = true};
	if (model->step >= lepton__factors_steps(model) * model->epochs)
		return lepton_error_set(err, LEPTON_E_STATE,
			"training is finished after %" PRId64 " epochs; raise \"epochs\" to go on",
			model->epochs);
	result->finished = false;
	return model->als ? lepton__factors_als(model, team, result, err)
			  : lepton__factors_sgd(model, team, result, err);
}

static int64_t steps_per_epoch(const struct lepton_learner *learner)
{
	return lepton__factors_steps((const struct lepton__factors *)learner);
}

static int64_t epochs(const struct lepton_learner *learner)
{
	return ((const struct lepton__factors *)learner)->epochs;
}

const struct lepton_learner_ops lepton__learner_factors = {
	.name = "matrix_factorization",
	.summary = "what users will like, from what they and others rated",
	.create = create,
	.destroy = destroy,
	.step = step,
	.steps_per_epoch = steps_per_epoch,
	.epochs = epochs,
	.evaluate = lepton__factors_evaluate,
	.predict = lepton__factors_predict,
	.weights = lepton__factors_weights,
	.set_weights = lepton__factors_set_weights,
	.save = lepton__factors_save,
	.load = lepton__factors_load,
};
