/* model/learner_text.c - {"learner": "text"}: made from a configuration and texts. */
#include "config.h"
#include "model/text_model.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <unistd.h>

#define DIMENSION 16
#define BATCH_SIZE 32
#define EPOCHS 5
#define INIT_STREAM ((uint64_t)1 << 62) /* apart from the stream of data order */

const struct lepton__key lepton__text_keys[] = {
	{"dimension", LEPTON__KEY_INTEGER, 0, 4096, NULL, false,
		"numbers that a word is known by; 0: a linear model; 16"},
	{"optimizer", LEPTON__KEY_OBJECT, 0, 0, NULL, false,
		"name and settings; adam with a learning rate of 0.01, for a linear model 0.1"},
	{"batch_size", LEPTON__KEY_INTEGER, 1, 65536, NULL, false, "texts a step; 32"},
	{"epochs", LEPTON__KEY_INTEGER, 1, 1000000, NULL, false, "passes over the training data; 5"},
	{0},
};

/* ---- settings ---- */

static int read_optimizer(struct lepton__text_model *model, const cJSON *config, struct lepton_error *err)
{
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(config, "optimizer");
	if (given)
		return lepton__optimizer_configure(&model->optimizer, given, err);
	cJSON *own = cJSON_Parse(model->dimension ? "{\"learning_rate\":0.01}" : "{\"learning_rate\":0.1}");
	int code = own ? lepton__optimizer_configure(&model->optimizer, own, err)
		       : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for an optimizer");
	cJSON_Delete(own);
	return code;
}

static int configure(struct lepton__text_model *model, const cJSON *config, struct lepton_error *err)
{
	int code = lepton__keys_check(lepton__text_keys, config, true, "text", err);
	if (code)
		return code;
	model->dimension = (int)lepton__json_get_int(config, "dimension", DIMENSION);
	model->batch_size = (int)lepton__json_get_int(config, "batch_size", BATCH_SIZE);
	model->epochs = lepton__json_get_int(config, "epochs", EPOCHS);
	return read_optimizer(model, config, err);
}

int lepton__text_check(const cJSON *config, struct lepton_error *err)
{
	struct lepton__text_model unused;
	return configure(&unused, config, err);
}

/* ---- making ---- */

static int64_t steps_in_epoch(const struct lepton__text_model *model)
{
	return (model->train + model->batch_size - 1) / model->batch_size;
}

static int check_data(struct lepton__text_model *model, struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(model->data);
	if (!info->tokens)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"text: the data is of the format %s; this learner reads \"format\": \"text\"",
			info->format);
	if (model->train < 1)
		return lepton_error_set(
			err, LEPTON_E_DATA, "the data has no training samples; lower \"validation_split\"");
	model->tokens = info->tokens;
	model->most = info->sample.dim[0];
	model->classes = (int)info->classes;
	model->width = model->dimension ? model->dimension : model->classes;
	model->head = model->tokens * model->width;
	model->floats = model->head + (int64_t)model->dimension * model->classes + model->classes;
	double need = (double)model->floats * sizeof(float) * (2 + model->optimizer.slots);
	double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
	if (have > 0 && need > have)
		return lepton_error_set(err, LEPTON_E_NOMEM,
			"text: %" PRId64
			" rows of %d numbers need %.1f GB, but this machine has %.1f GB; lower "
			"\"dimension\", or \"buckets\" in the data",
			model->tokens, model->width, need / 1e9, have / 1e9);
	return LEPTON_OK;
}

static int allocate(struct lepton__text_model *model, struct lepton_error *err)
{
	size_t floats = (size_t)model->floats, batch = (size_t)model->batch_size,
	       width = (size_t)model->width, classes = (size_t)model->classes;
	bool failed = false;
	model->weights = lepton__aligned(floats, sizeof(float));
	model->gradient = lepton__aligned(floats, sizeof(float));
	for (int s = 0; s < model->optimizer.slots; s++) {
		model->slots[s] = lepton__aligned(floats, sizeof(float));
		failed |= !model->slots[s];
	}
	model->order = lepton__calloc((size_t)model->train, sizeof *model->order);
	model->next = lepton__calloc((size_t)model->tokens, sizeof *model->next);
	model->hidden = lepton__aligned(batch * width, sizeof(float));
	model->error = lepton__aligned(batch * classes, sizeof(float));
	model->pull = lepton__aligned(batch * width, sizeof(float));
	model->loss = lepton__calloc(batch, sizeof *model->loss);
	model->right = lepton__calloc(batch, sizeof *model->right);
	model->scratch = lepton__aligned(LEPTON__TEXT_PARTS * (width + classes), sizeof(float));
	failed |= !model->weights || !model->gradient || !model->order || !model->next || !model->hidden ||
		  !model->error || !model->pull || !model->loss || !model->right || !model->scratch;
	return failed ? lepton_error_set(err, LEPTON_E_NOMEM,
				"out of memory for %" PRId64 " weights; lower \"dimension\"", model->floats)
		      : LEPTON_OK;
}

/* fastText's: rows uniform within ±1/dimension, the rest 0. */
static void initialize(struct lepton__text_model *model)
{
	struct lepton__rng rng;
	lepton__rng_init(&rng, model->seed, INIT_STREAM);
	for (int64_t i = 0; model->dimension && i < model->head; i++)
		model->weights[i] = (2 * lepton__rng_uniform(&rng) - 1) / (float)model->dimension;
}

static int prepare(struct lepton__text_model *model, const cJSON *config, struct lepton_error *err)
{
	int code = configure(model, config, err);
	if (!code)
		code = check_data(model, err);
	if (!code)
		code = allocate(model, err);
	if (code)
		return code;
	lepton__schedule_plan(&model->optimizer.schedule, steps_in_epoch(model), model->epochs);
	initialize(model);
	return LEPTON_OK;
}

static void destroy(struct lepton_learner *learner)
{
	struct lepton__text_model *model = (struct lepton__text_model *)learner;
	for (int s = 0; s < LEPTON__SLOTS_MAX; s++)
		lepton__free(model->slots[s]);
	lepton__free(model->weights);
	lepton__free(model->gradient);
	lepton__free(model->order);
	lepton__free(model->next);
	lepton__free(model->hidden);
	lepton__free(model->error);
	lepton__free(model->pull);
	lepton__free(model->loss);
	lepton__free(model->right);
	lepton__free(model->scratch);
	lepton_dataset_release(model->data);
	lepton__free(model);
}

static int create(const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	struct lepton__text_model *model = lepton__calloc(1, sizeof *model);
	*out = NULL;
	if (!model)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a text model");
	model->learner.ops = &lepton__learner_text;
	model->data = lepton_dataset_retain(data);
	model->seed = seed;
	model->order_epoch = -1;
	model->train = lepton_dataset_count(data, LEPTON_TRAIN);
	cJSON *parsed = config ? cJSON_Parse(config) : NULL;
	int code = parsed ? prepare(model, parsed, err)
			  : lepton_error_set(err, LEPTON_E_SPEC, "text: the configuration is not JSON");
	cJSON_Delete(parsed);
	if (code)
		destroy(&model->learner);
	else
		*out = &model->learner;
	return code;
}

static int64_t steps_per_epoch(const struct lepton_learner *learner)
{
	return steps_in_epoch((const struct lepton__text_model *)learner);
}

static int64_t epochs(const struct lepton_learner *learner)
{
	return ((const struct lepton__text_model *)learner)->epochs;
}

const struct lepton_learner_ops lepton__learner_text = {
	.name = "text",
	.summary = "words and runs of words, averaged or summed, as fastText does",
	.create = create,
	.destroy = destroy,
	.step = lepton__text_step,
	.steps_per_epoch = steps_per_epoch,
	.epochs = epochs,
	.evaluate = lepton__text_evaluate,
	.predict = lepton__text_predict,
	.weights = lepton__text_weights,
	.set_weights = lepton__text_set_weights,
	.save = lepton__text_save,
	.load = lepton__text_load,
};
