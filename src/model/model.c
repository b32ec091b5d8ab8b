/* model/model.c - a network built by calls, in Keras's manner.
 *
 * The calls write the same configuration a spec file has; lepton_compile checks it as a spec is
 * checked, and from then on a network learner does the work. Faults of the calls are kept for
 * lepton_compile, so a program reads as a list of layers.
 */
#include "config.h"
#include "model/model.h"
#include "model/network.h"
#include "base/json.h"
#include "base/memory.h"

#include <string.h>

#define BATCH_SIZE 128
#define EPOCHS 10

struct lepton_model {
	char *name;
	cJSON *config; /* NULL after an allocation failed */
	bool compiled;
	struct lepton_learner *learner; /* NULL before the first fit or evaluate */
	struct lepton_dataset *data;    /* the learner's */
	struct lepton_params *kept;     /* weights from before a new compile; NULL for none */
	int batch_size;
	uint64_t seed;
};

/* ---- layers ---- */

static void forget_learner(struct lepton_model *model)
{
	if (model->learner)
		model->learner->ops->destroy(model->learner);
	lepton_dataset_release(model->data);
	model->learner = NULL;
	model->data = NULL;
}

static void spoil(struct lepton_model *model)
{
	cJSON_Delete(model->config);
	model->config = NULL;
}

struct lepton_model *lepton_model_new(const char *name)
{
	struct lepton_model *model = lepton__calloc(1, sizeof *model);
	if (!model)
		return NULL;
	model->name = lepton__strdup(name ? name : "model");
	model->config = cJSON_CreateObject();
	model->batch_size = BATCH_SIZE;
	if (!model->name || !model->config || !cJSON_AddArrayToObject(model->config, "layers")) {
		lepton_model_free(model);
		return NULL;
	}
	return model;
}

void lepton_model_free(struct lepton_model *model)
{
	if (!model)
		return;
	forget_learner(model);
	lepton_params_release(model->kept);
	cJSON_Delete(model->config);
	lepton__free(model->name);
	lepton__free(model);
}

/* A new layer object in the configuration; NULL when out of memory (now or before). Another layer
 * makes another network: what the old one learnt is dropped. */
static cJSON *add_layer(struct lepton_model *model, const char *type)
{
	forget_learner(model);
	lepton_params_release(model->kept);
	model->kept = NULL;
	model->compiled = false;
	cJSON *layer = model->config ? cJSON_CreateObject() : NULL;
	if (!layer || !cJSON_AddStringToObject(layer, "type", type)) {
		cJSON_Delete(layer);
		spoil(model);
		return NULL;
	}
	cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(model->config, "layers"), layer);
	return layer;
}

static void put_number(struct lepton_model *model, cJSON *layer, const char *key, double value)
{
	if (layer && !cJSON_AddNumberToObject(layer, key, value))
		spoil(model);
}

/* NULL leaves the key out: the layer's default. */
static void put_string(struct lepton_model *model, cJSON *layer, const char *key, const char *value)
{
	if (layer && model->config && value && !cJSON_AddStringToObject(layer, key, value))
		spoil(model);
}

static void put_numbers(
	struct lepton_model *model, cJSON *layer, const char *key, const int *values, int count)
{
	if (!layer || !model->config)
		return;
	cJSON *array = cJSON_CreateIntArray(values, count);
	if (!array || !cJSON_AddItemToObject(layer, key, array)) {
		cJSON_Delete(array);
		spoil(model);
	}
}

void lepton_input(struct lepton_model *model, int height, int width, int channels)
{
	put_numbers(model, add_layer(model, "Input"), "shape", (int[]){height, width, channels}, 3);
}

void lepton_conv2d(
	struct lepton_model *model, int filters, int kernel_height, int kernel_width, const char *activation)
{
	lepton_conv2d_with(model, filters, kernel_height, kernel_width, 1, 1, NULL, activation);
}

void lepton_conv2d_with(struct lepton_model *model, int filters, int kernel_height, int kernel_width,
	int stride_height, int stride_width, const char *padding, const char *activation)
{
	cJSON *layer = add_layer(model, "Conv2D");
	put_number(model, layer, "filters", filters);
	put_numbers(model, layer, "kernel_size", (int[]){kernel_height, kernel_width}, 2);
	put_numbers(model, layer, "strides", (int[]){stride_height, stride_width}, 2);
	put_string(model, layer, "padding", padding);
	put_string(model, layer, "activation", activation);
}

void lepton_max_pooling2d(struct lepton_model *model, int pool_height, int pool_width)
{
	put_numbers(
		model, add_layer(model, "MaxPooling2D"), "pool_size", (int[]){pool_height, pool_width}, 2);
}

void lepton_average_pooling2d(struct lepton_model *model, int pool_height, int pool_width)
{
	put_numbers(model, add_layer(model, "AveragePooling2D"), "pool_size",
		(int[]){pool_height, pool_width}, 2);
}

void lepton_global_average_pooling2d(struct lepton_model *model)
{
	add_layer(model, "GlobalAveragePooling2D");
}

void lepton_batch_normalization(struct lepton_model *model)
{
	add_layer(model, "BatchNormalization");
}

void lepton_flatten(struct lepton_model *model)
{
	add_layer(model, "Flatten");
}

void lepton_dense(struct lepton_model *model, int units, const char *activation)
{
	cJSON *layer = add_layer(model, "Dense");
	put_number(model, layer, "units", units);
	put_string(model, layer, "activation", activation);
}

void lepton_dropout(struct lepton_model *model, double rate)
{
	put_number(model, add_layer(model, "Dropout"), "rate", rate);
}

void lepton_random_translation(struct lepton_model *model, double height_factor, double width_factor)
{
	cJSON *layer = add_layer(model, "RandomTranslation");
	put_number(model, layer, "height_factor", height_factor);
	put_number(model, layer, "width_factor", width_factor);
}

void lepton_random_rotation(struct lepton_model *model, double factor)
{
	put_number(model, add_layer(model, "RandomRotation"), "factor", factor);
}

void lepton_random_zoom(struct lepton_model *model, double factor)
{
	put_number(model, add_layer(model, "RandomZoom"), "height_factor", factor);
}

/* ---- compiling ---- */

static int out_of_memory(const struct lepton_model *model, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the model \"%.63s\"", model->name);
}

/* Zero means the optimiser's default; anything else, NaN too, is for the check to judge. */
static bool put_unless_zero(cJSON *object, const char *key, double value)
{
	bool zero = value <= 0 && value >= 0;
	return zero || cJSON_AddNumberToObject(object, key, value);
}

/* {"layers": …, "optimizer": {…}, "loss": …, "metrics": ["accuracy"]} */
static bool put_options(cJSON *config, const struct lepton_compile_options *options)
{
	static const char *const metrics[] = {"accuracy"};
	cJSON_DeleteItemFromObjectCaseSensitive(config, "optimizer");
	cJSON_DeleteItemFromObjectCaseSensitive(config, "loss");
	cJSON_DeleteItemFromObjectCaseSensitive(config, "metrics");
	cJSON *optimizer = cJSON_AddObjectToObject(config, "optimizer");
	cJSON *list = cJSON_CreateStringArray(metrics, 1);
	bool listed = list && cJSON_AddItemToObject(config, "metrics", list);
	if (!listed)
		cJSON_Delete(list);
	return listed && optimizer &&
	       cJSON_AddStringToObject(optimizer, "name", options->optimizer ? options->optimizer : "adam") &&
	       put_unless_zero(optimizer, "learning_rate", options->learning_rate) &&
	       put_unless_zero(optimizer, "momentum", options->momentum) &&
	       put_unless_zero(optimizer, "weight_decay", options->weight_decay) &&
	       (!options->nesterov || cJSON_AddTrueToObject(optimizer, "nesterov")) &&
	       cJSON_AddStringToObject(
		       config, "loss", options->loss ? options->loss : "categorical_crossentropy");
}

/* A model that is compiled again keeps what it has learnt; its optimiser starts afresh. */
static int keep_weights(struct lepton_model *model, struct lepton_error *err)
{
	struct lepton_params *weights = NULL;
	int code = model->learner ? model->learner->ops->weights(model->learner, &weights, err) : LEPTON_OK;
	if (code || !model->learner)
		return code;
	lepton_params_release(model->kept);
	model->kept = weights;
	forget_learner(model);
	return LEPTON_OK;
}

int lepton_compile(
	struct lepton_model *model, const struct lepton_compile_options *options, struct lepton_error *err)
{
	static const struct lepton_compile_options defaults = {0};
	model->compiled = false;
	int code = keep_weights(model, err);
	if (code)
		return code;
	if (!model->config || !put_options(model->config, options ? options : &defaults))
		return out_of_memory(model, err);
	code = lepton__network_check(model->config, err);
	if (code) {
		lepton_error_prefix(err, "%.63s", model->name);
		return code;
	}
	model->compiled = true;
	return LEPTON_OK;
}

char *lepton_model_config(const struct lepton_model *model)
{
	return model->config ? lepton__json_text(model->config) : NULL;
}

/* ---- the learner behind it ---- */

static int set_plan(struct lepton_model *model, int batch_size, int64_t epochs, struct lepton_error *err)
{
	cJSON_DeleteItemFromObjectCaseSensitive(model->config, "batch_size");
	cJSON_DeleteItemFromObjectCaseSensitive(model->config, "epochs");
	if (!cJSON_AddNumberToObject(model->config, "batch_size", batch_size) ||
		!cJSON_AddNumberToObject(model->config, "epochs", (double)epochs))
		return out_of_memory(model, err);
	return LEPTON_OK;
}

/* Move what the model knows (a whole state, or weights only) into a new learner. */
static int hand_over(struct lepton_model *model, struct lepton_learner *to, struct lepton_error *err)
{
	struct lepton_state state = {0};
	if (!model->learner)
		return model->kept ? to->ops->set_weights(to, model->kept, err) : LEPTON_OK;
	int code = model->learner->ops->save(model->learner, &state, err);
	if (!code)
		code = to->ops->load(to, &state, err);
	lepton_state_clear(&state);
	return code;
}

int lepton__model_prepare(struct lepton_model *model, struct lepton_dataset *data, int batch_size,
	int64_t epochs, uint64_t seed, struct lepton_learner **out, struct lepton_error *err)
{
	struct lepton_learner *learner = NULL;
	if (!model->compiled)
		return lepton_error_set(err, LEPTON_E_STATE,
			"the model \"%.63s\" is not compiled; call lepton_compile first", model->name);
	const struct lepton__network *old = (const struct lepton__network *)model->learner;
	int64_t done = old ? old->epoch : 0;
	int code = set_plan(model, batch_size, done + epochs, err);
	char *config = code ? NULL : lepton_model_config(model);
	if (!code && !config)
		code = out_of_memory(model, err);
	if (!code)
		code = lepton__learner_network.create(config, seed, data, &learner, err);
	if (!code)
		code = hand_over(model, learner, err);
	lepton__free(config);
	if (code) {
		if (learner)
			learner->ops->destroy(learner);
		return code;
	}
	forget_learner(model);
	model->learner = *out = learner;
	model->data = lepton_dataset_retain(data);
	model->batch_size = batch_size;
	model->seed = seed;
	return LEPTON_OK;
}

int lepton__model_learner(struct lepton_model *model, struct lepton_dataset *data,
	struct lepton_learner **out, struct lepton_error *err)
{
	if (model->learner && model->data == data) {
		*out = model->learner;
		return LEPTON_OK;
	}
	return lepton__model_prepare(model, data, model->batch_size, EPOCHS, model->seed, out, err);
}
