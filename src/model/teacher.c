/* model/teacher.c - the answers that a network learns from beside the labels.
 *
 * A teacher's probabilities say more of a sample than its label: which other classes it is like (Hinton,
 * Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015). They are asked for once, softened at
 * once (p to the power of 1/temperature, which is the softmax of the logits over the temperature, scaled to
 * sum to 1), and kept in each checkpoint, so that a student goes on without its teacher. The store keeps
 * equal tensors once.
 */
#include "config.h"
#include "model/teacher.h"
#include "model/keys.h"
#include "model/network.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TENSOR "teacher/answers"

static const struct lepton__key keys[] = {
	{"share", LEPTON__KEY_NUMBER, 0, 1, NULL, false,
		"of the teacher in the loss; the rest is the labels'; 0.9"},
	{"temperature", LEPTON__KEY_NUMBER, 0.1, 100, NULL, false, "softens the answers; 2"},
	{0},
};

int lepton__teacher_read(struct lepton__teacher *teacher, const cJSON *config, struct lepton_error *err)
{
	*teacher = (struct lepton__teacher){.on = config != NULL};
	if (!config)
		return LEPTON_OK;
	int code = lepton__keys_check(keys, config, false, "teacher", err);
	teacher->share = (float)lepton__json_get_number(config, "share", 0.9);
	teacher->temperature = (float)lepton__json_get_number(config, "temperature", 2);
	return code;
}

void lepton__teacher_free(struct lepton__teacher *teacher)
{
	lepton__free(teacher->answers);
	teacher->answers = NULL;
}

static size_t count(const struct lepton__network *network)
{
	return (size_t)network->train * (size_t)network->graph.loss.outputs;
}

static void soften(float power, int classes, const float *p, float *q)
{
	double sum = 0;
	for (int c = 0; c < classes; c++)
		sum += (double)(q[c] = powf(fmaxf(p[c], 0), power));
	for (int c = 0; c < classes; c++)
		q[c] = sum > 0 ? (float)((double)q[c] / sum) : 1 / (float)classes;
}

static int make_room(struct lepton__network *network, struct lepton_error *err)
{
	struct lepton__teacher *teacher = &network->settings.teacher;
	if (!teacher->answers)
		teacher->answers = lepton__calloc(count(network), sizeof *teacher->answers);
	return teacher->answers
		       ? LEPTON_OK
		       : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a teacher's answers");
}

int lepton__teacher_learn_from(
	struct lepton__network *network, const float *probabilities, struct lepton_error *err)
{
	const struct lepton__teacher *teacher = &network->settings.teacher;
	int classes = network->graph.loss.outputs;
	if (!teacher->on)
		return lepton_error_set(
			err, LEPTON_E_STATE, "the network has no \"teacher\" in its configuration");
	int code = make_room(network, err);
	for (int64_t i = 0; i < network->train && !code; i++)
		soften(1 / teacher->temperature, classes, probabilities + i * classes,
			teacher->answers + i * classes);
	return code;
}

struct lepton_tensor lepton__teacher_tensor(const struct lepton__network *network)
{
	struct lepton_tensor tensor = {.name = TENSOR,
		.dtype = LEPTON_F32,
		.shape = {2, {network->train, network->graph.loss.outputs}},
		.data = network->settings.teacher.answers};
	return tensor;
}

int lepton__teacher_load(
	struct lepton__network *network, const struct lepton_params *slots, struct lepton_error *err)
{
	const struct lepton_tensor *kept = slots ? lepton_params_find(slots, TENSOR) : NULL;
	const struct lepton_tensor mine = lepton__teacher_tensor(network);
	if (!network->settings.teacher.on || !kept)
		return LEPTON_OK;
	if (kept->dtype != mine.dtype || !lepton_shape_equal(&kept->shape, &mine.shape))
		return lepton_error_set(
			err, LEPTON_E_SHAPE, "its teacher's answers are for other training data");
	int code = make_room(network, err);
	if (!code)
		memcpy(network->settings.teacher.answers, kept->data, count(network) * sizeof(float));
	return code;
}

void lepton__teacher_gather(
	const struct lepton__network *network, const uint32_t *index, int64_t n, float *to)
{
	int classes = network->graph.loss.outputs;
	for (int64_t i = 0; i < n; i++)
		memcpy(to + i * classes, network->settings.teacher.answers + (int64_t)index[i] * classes,
			(size_t)classes * sizeof *to);
}
