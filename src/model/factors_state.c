/* model/factors_state.c - a factorisation as tensors, and back. A step is kept when it is whole, so the count
 * of steps is all there is beside them: what a sweep has made so far is made again. */
#include "config.h"
#include "model/factors.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char *const names[LEPTON__FACTOR_TENSORS] = {
	"user/factors", "user/bias", "item/factors", "item/bias", "mean"};

static float *array(struct lepton__factors *model, int t)
{
	struct lepton__factor_side *side = &model->side[t / 2];
	return t == 4 ? &model->mean : t % 2 ? side->bias : side->factors;
}

static struct lepton_shape shape(const struct lepton__factors *model, int t)
{
	if (t == 4)
		return (struct lepton_shape){1, {1}};
	int64_t count = model->side[t / 2].count;
	return t % 2 ? (struct lepton_shape){1, {count}} : (struct lepton_shape){2, {count, model->k}};
}

static int room_for(const struct lepton__factors *model, struct lepton_params **out, struct lepton_error *err)
{
	struct lepton_tensor like[LEPTON__FACTOR_TENSORS] = {0};
	for (int t = 0; t < LEPTON__FACTOR_TENSORS; t++) {
		like[t].dtype = LEPTON_F32;
		like[t].shape = shape(model, t);
		lepton__copy_name(like[t].name, sizeof like[t].name, names[t]);
	}
	return lepton_params_new(like, LEPTON__FACTOR_TENSORS, out, err);
}

static size_t bytes_of(const struct lepton__factors *model, int t)
{
	const struct lepton_shape of = shape(model, t);
	return (size_t)lepton_shape_count(&of) * sizeof(float);
}

int lepton__factors_weights(
	struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err)
{
	struct lepton__factors *model = (struct lepton__factors *)learner;
	int code = room_for(model, out, err);
	for (int t = 0; t < LEPTON__FACTOR_TENSORS && !code; t++)
		memcpy(lepton_params_data(*out, (size_t)t), array(model, t), bytes_of(model, t));
	return code;
}

int lepton__factors_set_weights(
	struct lepton_learner *learner, const struct lepton_params *weights, struct lepton_error *err)
{
	struct lepton__factors *model = (struct lepton__factors *)learner;
	struct lepton_params *like;
	int code = room_for(model, &like, err);
	if (code)
		return code;
	code = lepton_params_match(like, weights, err);
	lepton_params_release(like);
	for (int t = 0; t < LEPTON__FACTOR_TENSORS && !code; t++)
		memcpy(array(model, t), lepton_params_at(weights, (size_t)t)->data, bytes_of(model, t));
	if (!code)
		model->swept = 0;
	return code;
}

int lepton__factors_save(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err)
{
	const struct lepton__factors *model = (const struct lepton__factors *)learner;
	*out = (struct lepton_state){
		.step = model->step, .epoch = (double)model->step / (double)lepton__factors_steps(model)};
	return lepton__factors_weights(learner, &out->weights, err);
}

/* A state of the other way (a clone) has other steps: its epochs say where to go on. */
int lepton__factors_load(
	struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err)
{
	struct lepton__factors *model = (struct lepton__factors *)learner;
	int64_t steps = lepton__factors_steps(model), step = llround(state->epoch * (double)steps);
	if (!state->weights || state->step < 0 || !(state->epoch >= 0) || state->epoch > 1e9)
		return lepton_error_set(err, LEPTON_E_CORRUPT,
			"the checkpoint does not say where training stood; go back to an earlier one");
	int code = lepton__factors_set_weights(learner, state->weights, err);
	if (!code)
		model->step = step;
	return code;
}
