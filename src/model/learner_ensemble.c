/* model/learner_ensemble.c - a soft vote of learners of any kinds.
 *
 * Where members err in different ways the mean of what they say errs less than each (Hansen and Salamon,
 * "Neural network ensembles", 1990): so members need not be alike, only answer for the same data. A member is
 * a whole learner of its own and is asked by its predict, so nothing here knows of networks or trees. Members
 * answer one after the other, a chunk of samples at a time; the vote is taken in double, in the members'
 * order. Instead of the mean a model of what they say may count (stack.c).
 */
#include "config.h"
#include "model/score.h"
#include "model/ensemble.h"
#include "model/loss.h"
#include "model/stack.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MEMBERS_MAX 32
#define CHUNK 256   /* samples asked about at once */
#define LEAST 1e-15 /* of a probability in a logarithm */

struct ensemble {
	struct lepton_learner base;
	struct lepton_dataset *data;
	struct lepton_learner *member[MEMBERS_MAX];
	size_t count;
	int64_t values; /* of a sample */
	int answers;    /* of a member for a sample: classes, or 1 number */
	bool regression;
	double unit; /* regression: loss in the target's own unit, squared, for a held one of 1 */
	bool stacks; /* `stack` says what their answers come to, else their mean does */
	struct lepton__stack stack;
};

/* ---- life ---------------------------------------------------------------------------------------- */

static void destroy(struct lepton_learner *learner)
{
	struct ensemble *e = (struct ensemble *)learner;
	for (size_t i = 0; i < e->count; i++)
		e->member[i]->ops->destroy(e->member[i]);
	lepton__stack_free(&e->stack);
	lepton_dataset_release(e->data);
	lepton__free(e);
}

static int add_member(struct ensemble *e, const cJSON *member, uint64_t seed, struct lepton_error *err)
{
	const char *kind = lepton__json_get_string(member, "learner", "");
	const cJSON *config = cJSON_GetObjectItemCaseSensitive(member, "config");
	const struct lepton_learner_ops *ops = lepton_learner_find(kind);
	if (!ops || ops == &lepton__learner_ensemble || ops->foreign || !cJSON_IsObject(config))
		return lepton_error_set(
			err, LEPTON_E_SPEC, "ensemble: member %zu, \"%.40s\", is none", e->count + 1, kind);
	char *text = lepton__json_text(config);
	int code = text ? ops->create(text, seed, e->data, &e->member[e->count], err)
			: lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for an ensemble");
	lepton__free(text);
	if (code)
		lepton_error_prefix(err, "ensemble: member %zu", e->count + 1);
	else
		e->count++;
	return code;
}

static int add_members(struct ensemble *e, const char *config, uint64_t seed, struct lepton_error *err)
{
	cJSON *root = cJSON_Parse(config);
	const cJSON *members = cJSON_GetObjectItemCaseSensitive(root, "members"), *member;
	int count = cJSON_GetArraySize(members), code = LEPTON_OK;
	if (count < 1 || count > MEMBERS_MAX)
		code = lepton_error_set(err, LEPTON_E_SPEC,
			"an ensemble has 1 to %d members; it is made by \"fuse\" out of trained versions",
			MEMBERS_MAX);
	cJSON_ArrayForEach(member, members) if (!code) code = add_member(e, member, seed, err);
	e->stacks = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "stack"));
	if (!code && e->stacks)
		code = lepton__stack_make(&e->stack, (int)e->count, e->answers, e->regression, err);
	cJSON_Delete(root);
	return code;
}

static int create(const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(data);
	struct ensemble *e = lepton__calloc(1, sizeof *e);
	if (!e)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for an ensemble");
	e->base.ops = &lepton__learner_ensemble;
	e->data = lepton_dataset_retain(data);
	e->values = lepton_shape_count(&info->sample);
	e->regression = info->regression;
	e->answers = info->regression ? 1 : info->classes;
	e->unit = info->regression ? info->target_scale * info->target_scale : 1;
	int code = add_members(e, config, seed, err);
	if (code)
		destroy(&e->base);
	else
		*out = &e->base;
	return code;
}

/* ---- weights ------------------------------------------------------------------------------------- */

static bool fits(const struct lepton_tensor *tensor)
{
	return strlen(tensor->name) + 4 < sizeof tensor->name;
}

#define STACK_KERNEL "stack/kernel"
#define STACK_BIAS "stack/bias"

static void describe_stack(const struct lepton__stack *stack, struct lepton_tensor like[2])
{
	memset(like, 0, 2 * sizeof *like);
	lepton__copy_name(like[0].name, sizeof like[0].name, STACK_KERNEL);
	lepton__copy_name(like[1].name, sizeof like[1].name, STACK_BIAS);
	like[0].dtype = like[1].dtype = LEPTON_F32;
	like[0].shape = (struct lepton_shape){2, {(int64_t)stack->members * stack->answers, stack->answers}};
	like[1].shape = (struct lepton_shape){1, {stack->answers}};
	like[0].data = stack->kernel;
	like[1].data = stack->bias;
}

static int join(struct lepton_params *const *weights, size_t count, const struct lepton__stack *stack,
	struct lepton_params **out, struct lepton_error *err)
{
	size_t tensors = 0, at = 0;
	for (size_t i = 0; i < count; i++)
		tensors += lepton_params_count(weights[i]);
	struct lepton_tensor *like = lepton__calloc(tensors + 3, sizeof *like);
	int code = like ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for an ensemble");
	for (size_t i = 0; i < count && !code; i++)
		for (size_t t = 0; t < lepton_params_count(weights[i]) && !code; t++, at++) {
			like[at] = *lepton_params_at(weights[i], t);
			if (!fits(&like[at]))
				code = lepton_error_set(err, LEPTON_E_UNSUPPORTED,
					"ensemble: the tensor's name \"%s\" is too long to be numbered",
					like[at].name);
			else
				snprintf(like[at].name, sizeof like[at].name, "%zu/%.*s", i % 100,
					(int)sizeof like[at].name - 5, lepton_params_at(weights[i], t)->name);
		}
	if (!code && stack) {
		describe_stack(stack, like + tensors);
		tensors += 2;
	}
	if (!code)
		code = lepton_params_from(like, tensors, out, err);
	lepton__free(like);
	return code;
}

int lepton__ensemble_join(struct lepton_params *const *weights, size_t count, struct lepton_params **out,
	struct lepton_error *err)
{
	return join(weights, count, NULL, out, err);
}

/* Those of them that have weights yet: an SVM's come with its answers. */
static int weights(struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err)
{
	struct ensemble *e = (struct ensemble *)learner;
	struct lepton_params *all[MEMBERS_MAX] = {NULL};
	int code = LEPTON_OK;
	for (size_t i = 0; i < e->count && !code; i++) {
		code = e->member[i]->ops->weights(e->member[i], &all[i], err);
		if (code == LEPTON_E_STATE)
			code = lepton_params_new(NULL, 0, &all[i], err);
	}
	if (!code)
		code = join(all, e->count, e->stacks ? &e->stack : NULL, out, err);
	for (size_t i = 0; i < e->count; i++)
		lepton_params_release(all[i]);
	return code;
}

/* A member's own tensors, without its number. */
static int part_of(
	const struct lepton_params *all, size_t member, struct lepton_params **out, struct lepton_error *err)
{
	char prefix[8];
	size_t length = (size_t)snprintf(prefix, sizeof prefix, "%zu/", member % 100), count = 0;
	struct lepton_tensor *like = lepton__calloc(lepton_params_count(all) + 1, sizeof *like);
	if (!like)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for an ensemble");
	for (size_t t = 0; t < lepton_params_count(all); t++) {
		const struct lepton_tensor *tensor = lepton_params_at(all, t);
		if (strncmp(tensor->name, prefix, length) != 0)
			continue;
		like[count] = *tensor;
		lepton__copy_name(like[count++].name, sizeof tensor->name, tensor->name + length);
	}
	int code = lepton_params_from(like, count, out, err);
	lepton__free(like);
	return code;
}

static int set_stack(struct ensemble *e, const struct lepton_params *all, struct lepton_error *err)
{
	struct lepton_tensor like[2];
	describe_stack(&e->stack, like);
	for (int i = 0; i < 2; i++) {
		const struct lepton_tensor *tensor = lepton_params_find(all, like[i].name);
		if (!tensor || tensor->dtype != LEPTON_F32 ||
			!lepton_shape_equal(&tensor->shape, &like[i].shape))
			return lepton_error_set(err, LEPTON_E_SHAPE,
				"ensemble: \"%s\" is missing or of another shape", like[i].name);
		memcpy(i ? e->stack.bias : e->stack.kernel, tensor->data,
			(size_t)lepton_shape_count(&tensor->shape) * sizeof(float));
	}
	return LEPTON_OK;
}

static int set_members(struct ensemble *e, const struct lepton_params *all, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; i < e->count && !code; i++) {
		struct lepton_params *own = NULL;
		code = part_of(all, i, &own, err);
		if (!code)
			code = e->member[i]->ops->set_weights(e->member[i], own, err);
		if (code)
			lepton_error_prefix(err, "ensemble: member %zu", i + 1);
		lepton_params_release(own);
	}
	return code;
}

static int set_weights(
	struct lepton_learner *learner, const struct lepton_params *all, struct lepton_error *err)
{
	struct ensemble *e = (struct ensemble *)learner;
	int code = set_members(e, all, err);
	return code || !e->stacks ? code : set_stack(e, all, err);
}

static int save(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err)
{
	*out = (struct lepton_state){0};
	return weights(learner, &out->weights, err);
}

static int load(struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err)
{
	return set_weights(learner, state->weights, err);
}

/* ---- answers ------------------------------------------------------------------------------------- */

struct room {
	float *said;  /* a member's answers to a chunk */
	double *sum;  /* all members' */
	float *x, *y; /* a chunk's samples, and the vote */
};

static int make_room(const struct ensemble *e, struct room *room, struct lepton_error *err)
{
	size_t answers = (size_t)e->answers * CHUNK;
	*room = (struct room){lepton__calloc(answers, sizeof(float)), lepton__calloc(answers, sizeof(double)),
		lepton__calloc((size_t)e->values * CHUNK, sizeof(float)),
		lepton__calloc(answers, sizeof(float))};
	return room->said && room->sum && room->x && room->y
		       ? LEPTON_OK
		       : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to ask an ensemble");
}

static void free_room(struct room *room)
{
	lepton__free(room->said);
	lepton__free(room->sum);
	lepton__free(room->x);
	lepton__free(room->y);
}

/* The mean of what all say of up to CHUNK samples, or what the stack makes of it. */
static int vote(struct ensemble *e, struct room *room, const float *x, int64_t n, float *out,
	struct lepton_error *err)
{
	int64_t answers = n * e->answers;
	memset(room->sum, 0, (size_t)answers * sizeof *room->sum);
	for (size_t i = 0; i < e->count; i++) {
		int code = e->member[i]->ops->predict(e->member[i], x, n, room->said, err);
		if (code)
			return code;
		if (e->stacks)
			lepton__stack_hear(&e->stack, (int)i, n, room->said, room->sum);
		for (int64_t k = 0; k < answers && !e->stacks; k++)
			room->sum[k] += (double)room->said[k];
	}
	if (e->stacks)
		lepton__stack_answer(&e->stack, n, room->sum, out);
	for (int64_t k = 0; k < answers && !e->stacks; k++)
		out[k] = (float)(room->sum[k] / (double)e->count);
	return LEPTON_OK;
}

static int predict(struct lepton_learner *learner, const float *x, int64_t n, float *probabilities,
	struct lepton_error *err)
{
	struct ensemble *e = (struct ensemble *)learner;
	struct room room;
	if (n < 0)
		return lepton_error_set(err, LEPTON_E_USAGE, "cannot predict %" PRId64 " samples", n);
	int code = make_room(e, &room, err);
	for (int64_t i = 0; i < n && !code; i += CHUNK)
		code = vote(e, &room, x + i * e->values, n - i < CHUNK ? n - i : CHUNK,
			probabilities + i * e->answers, err);
	free_room(&room);
	return code;
}

/* ---- figures ------------------------------------------------------------------------------------- */

/* As predict takes them, and what they are; a quantity's targets are looked at where they lie. */
static const float *samples(const struct ensemble *e, enum lepton_split split, int64_t from, int64_t n,
	struct room *room, int32_t *labels)
{
	if (!e->regression)
		lepton_dataset_gather_range(e->data, split, from, n, NULL, labels);
	return lepton_dataset_raw(e->data, split, from, n, room->x);
}

static void add_up(const struct ensemble *e, enum lepton_split split, int64_t from, int64_t n,
	const float *said, const int32_t *labels, struct lepton_score *score, int64_t *right)
{
	const float *targets = lepton_dataset_targets(e->data, split);
	for (int64_t i = 0; i < n; i++) {
		const float *answer = said + i * e->answers;
		if (e->regression) {
			double error = (double)answer[0] - (double)targets[from + i];
			score->loss += error * error * e->unit;
		} else {
			score->loss -= log(fmax((double)answer[labels[i]], LEAST));
			*right += lepton__largest(e->answers, answer) == labels[i];
		}
	}
}

static int evaluate(struct lepton_learner *learner, const struct lepton_team *team, enum lepton_split split,
	int64_t from, int64_t to, struct lepton_score *score, struct lepton_error *err)
{
	struct ensemble *e = (struct ensemble *)learner;
	int64_t right = 0;
	int32_t labels[CHUNK];
	struct room room;
	(void)team;
	int code = lepton__score_begin(e->data, split, from, to, score, err);
	if (code || from == to)
		return code;
	score->loss = 0;
	code = make_room(e, &room, err);
	for (int64_t i = from; i < to && !code; i += CHUNK) {
		int64_t n = to - i < CHUNK ? to - i : CHUNK;
		code = vote(e, &room, samples(e, split, i, n, &room, labels), n, room.y, err);
		if (!code)
			add_up(e, split, i, n, room.y, labels, score, &right);
	}
	free_room(&room);
	score->samples = to - from;
	score->loss /= (double)score->samples;
	score->accuracy = e->regression ? (double)NAN : (double)right / (double)score->samples;
	return code;
}

/* ---- stacking ------------------------------------------------------------------------------------ */

/* All that a member says of the split. */
static int hear_out(struct ensemble *e, size_t member, enum lepton_split split, int64_t count,
	struct room *room, int32_t *labels, float *said, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int64_t i = 0; i < count && !code; i += CHUNK) {
		int64_t n = count - i < CHUNK ? count - i : CHUNK;
		const float *x = samples(e, split, i, n, room, labels + i);
		code = e->member[member]->ops->predict(e->member[member], x, n, said + i * e->answers, err);
	}
	return code;
}

static void add_up_all(struct ensemble *e, int64_t count, const float *out, const int32_t *labels,
	struct lepton_score *score)
{
	int64_t right = 0;
	*score = (struct lepton_score){.samples = count};
	add_up(e, LEPTON_VALIDATION, 0, count, out, labels, score, &right);
	score->loss /= (double)count;
	score->accuracy = e->regression ? (double)NAN : (double)right / (double)count;
}

/* The figures of samples that were not learned from, fold by fold; then the stack learns from all. */
static int fit_stack(
	struct ensemble *e, int64_t count, double l2, struct lepton_score *score, struct lepton_error *err)
{
	struct room room;
	const float *targets = lepton_dataset_targets(e->data, LEPTON_VALIDATION);
	float *out = lepton__calloc((size_t)count, (size_t)e->answers * sizeof *out);
	float *said = lepton__calloc(e->count * (size_t)count, (size_t)e->answers * sizeof *said);
	int32_t *labels = lepton__calloc((size_t)count, sizeof *labels);
	int code = make_room(e, &room, err);
	if (!code && (!said || !labels || !out))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to stack");
	for (size_t i = 0; i < e->count && !code; i++)
		code = hear_out(e, i, LEPTON_VALIDATION, count, &room, labels,
			said + (int64_t)i * count * e->answers, err);
	if (!code)
		code = lepton__stack_cross(&e->stack, count, said, labels, targets, l2, out, err);
	if (!code) {
		add_up_all(e, count, out, labels, score);
		code = lepton__stack_fit(&e->stack, count, said, labels, targets, l2, err);
	}
	free_room(&room);
	lepton__free(out);
	lepton__free(said);
	lepton__free(labels);
	return code;
}

int lepton__ensemble_stack(struct lepton_learner *learner, const struct lepton_params *members, double l2,
	struct lepton_score *score, struct lepton_params **all, struct lepton_error *err)
{
	struct ensemble *e = (struct ensemble *)learner;
	int64_t count = lepton_dataset_count(e->data, LEPTON_VALIDATION);
	if (count < 1)
		return lepton_error_set(err, LEPTON_E_STATE,
			"fuse stacking: it learns from validation samples, and there are none; set "
			"\"validation_split\" in "
			"the data");
	int code = set_members(e, members, err);
	if (!code)
		code = fit_stack(e, count, l2, score, err);
	return code ? code : weights(learner, all, err);
}

/* ---- what it does not do ------------------------------------------------------------------------- */

static int step(struct lepton_learner *learner, const struct lepton_team *team,
	struct lepton_step_result *result, struct lepton_error *err)
{
	(void)learner, (void)team, (void)result;
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
		"an ensemble does not train; its members do: fuse it of them anew");
}

static int64_t one(const struct lepton_learner *learner)
{
	(void)learner;
	return 1;
}

const struct lepton_learner_ops lepton__learner_ensemble = {
	.name = "ensemble",
	.summary = "the mean of what several versions say",
	.discrete = true,
	.create = create,
	.destroy = destroy,
	.step = step,
	.steps_per_epoch = one,
	.epochs = one,
	.evaluate = evaluate,
	.predict = predict,
	.weights = weights,
	.set_weights = set_weights,
	.save = save,
	.load = load,
};
