/* model/text_state.c - a text model's weights and whole training state as snapshots, and back. */
#include "config.h"
#include "model/text_model.h"

#include <stdio.h>
#include <string.h>

#define TENSORS_MAX 3
#define PREFIX_SIZE 32

/* The tensors of one flat array: rows, kernel, bias; those of a linear model are kernel and bias. */
static int describe(const struct lepton__text_model *model, const char *prefix, struct lepton_tensor *out)
{
	static const char *const names[2][TENSORS_MAX] = {
		{"kernel", "bias"}, {"embedding", "kernel", "bias"}};
	const struct lepton_shape rows = {2, {model->tokens, model->width}},
				  kernel = {2, {model->dimension, model->classes}},
				  bias = {1, {model->classes}};
	int count = 0;
	out[count++].shape = rows;
	if (model->dimension)
		out[count++].shape = kernel;
	out[count++].shape = bias;
	for (int i = 0; i < count; i++) {
		out[i].dtype = LEPTON_F32;
		snprintf(out[i].name, sizeof out[i].name, "%s%s", prefix, names[model->dimension > 0][i]);
	}
	return count;
}

/* Empty sets of the optimiser's moments: "adam/m/embedding". NULL where there are none. */
static int slot_params(
	const struct lepton__text_model *model, struct lepton_params **out, struct lepton_error *err)
{
	struct lepton_tensor like[LEPTON__SLOTS_MAX * TENSORS_MAX] = {0};
	const struct lepton_optimizer_ops *ops = model->optimizer.ops;
	size_t count = 0;
	*out = NULL;
	for (int s = 0; s < model->optimizer.slots; s++) {
		char prefix[PREFIX_SIZE];
		snprintf(prefix, sizeof prefix, "%s/%s/", ops->name, ops->slots[s]);
		count += (size_t)describe(model, prefix, like + count);
	}
	return count ? lepton_params_new(like, count, out, err) : LEPTON_OK;
}

static int weight_params(
	const struct lepton__text_model *model, struct lepton_params **out, struct lepton_error *err)
{
	struct lepton_tensor like[TENSORS_MAX] = {0};
	return lepton_params_new(like, (size_t)describe(model, "", like), out, err);
}

static size_t tensors(const struct lepton__text_model *model)
{
	return model->dimension ? TENSORS_MAX : TENSORS_MAX - 1;
}

/* Between a flat array and its tensors, which are those from `first` on. */
static void gather(
	const struct lepton__text_model *model, const float *flat, struct lepton_params *to, size_t first)
{
	for (size_t i = first; i < first + tensors(model); i++) {
		size_t values = (size_t)lepton_shape_count(&lepton_params_at(to, i)->shape);
		memcpy(lepton_params_data(to, i), flat, values * sizeof *flat);
		flat += values;
	}
}

static void scatter(
	const struct lepton__text_model *model, const struct lepton_params *from, size_t first, float *flat)
{
	for (size_t i = first; i < first + tensors(model); i++) {
		size_t values = (size_t)lepton_shape_count(&lepton_params_at(from, i)->shape);
		memcpy(flat, lepton_params_at(from, i)->data, values * sizeof *flat);
		flat += values;
	}
}

/* ---- weights ---- */

int lepton__text_weights(struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err)
{
	const struct lepton__text_model *model = (const struct lepton__text_model *)learner;
	int code = weight_params(model, out, err);
	if (!code)
		gather(model, model->weights, *out, 0);
	return code;
}

static int check_weights(
	const struct lepton__text_model *model, const struct lepton_params *weights, struct lepton_error *err)
{
	struct lepton_params *like = NULL;
	int code = weight_params(model, &like, err);
	if (!code)
		code = lepton_params_match(like, weights, err);
	lepton_params_release(like);
	return code;
}

static void restart_optimizer(struct lepton__text_model *model)
{
	for (int s = 0; s < model->optimizer.slots; s++)
		memset(model->slots[s], 0, (size_t)model->floats * sizeof(float));
	model->place.updates = 0;
}

int lepton__text_set_weights(
	struct lepton_learner *learner, const struct lepton_params *weights, struct lepton_error *err)
{
	struct lepton__text_model *model = (struct lepton__text_model *)learner;
	int code = check_weights(model, weights, err);
	if (code)
		return code;
	scatter(model, weights, 0, model->weights);
	restart_optimizer(model);
	return LEPTON_OK;
}

/* ---- the whole state ---- */

int lepton__text_save(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err)
{
	const struct lepton__text_model *model = (const struct lepton__text_model *)learner;
	*out = (struct lepton_state){.step = model->step,
		.epoch = (double)model->place.epoch + (double)model->place.position / (double)model->train};
	int code = lepton__text_weights(learner, &out->weights, err);
	if (!code)
		code = slot_params(model, &out->slots, err);
	for (int s = 0; s < model->optimizer.slots && !code; s++)
		gather(model, model->slots[s], out->slots, (size_t)s * tensors(model));
	if (!code && !(out->extra = lepton__place_write(&model->place)))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a checkpoint");
	if (code)
		lepton_state_clear(out);
	return code;
}

/* Moments of another optimiser are left behind; those of this one must all fit. */
static int check_slots(const struct lepton__text_model *model, const struct lepton_state *state, bool *use,
	struct lepton_error *err)
{
	struct lepton_params *like = NULL;
	int code = slot_params(model, &like, err);
	*use = !code && like && state->slots &&
	       lepton_params_find(state->slots, lepton_params_at(like, 0)->name);
	if (*use)
		code = lepton_params_match(like, state->slots, err);
	lepton_params_release(like);
	return code;
}

int lepton__text_load(
	struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err)
{
	struct lepton__text_model *model = (struct lepton__text_model *)learner;
	struct lepton__place place = {0};
	bool use_slots = false;
	int code = lepton__place_read(state, model->train, &place, err);
	if (!code)
		code = check_weights(model, state->weights, err);
	if (!code)
		code = check_slots(model, state, &use_slots, err);
	if (code)
		return code;
	scatter(model, state->weights, 0, model->weights);
	restart_optimizer(model);
	for (int s = 0; s < model->optimizer.slots && use_slots; s++)
		scatter(model, state->slots, (size_t)s * tensors(model), model->slots[s]);
	model->place = place;
	if (!use_slots && model->optimizer.slots)
		model->place.updates = 0;
	model->step = state->step;
	return LEPTON_OK;
}
