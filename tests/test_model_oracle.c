/* tests/test_model_oracle.c - training steps against PyTorch's and numpy's, recorded in
 * tests/oracles/network_steps.inc with the script that made them. Weights and samples are the closed
 * forms of that script. One step sees all samples, so their order is free.
 */
#include "config.h"
#include "lepton/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "oracles/network_steps.inc"

#define N 8
#define STEPS 6
#define CLASSES 4

#define CNN                                                                                                  \
	"{\"layers\":[{\"type\":\"Input\",\"shape\":[6,6,1]},{\"type\":\"Conv2D\",\"filters\":3,"            \
	"\"kernel_size\":[3,3],\"padding\":\"same\",\"activation\":\"relu\"},{\"type\":\"MaxPooling2D\"},"   \
	"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":5,\"activation\":\"tanh\"},{\"type\":"         \
	"\"Dense\","                                                                                         \
	"\"units\":4,\"activation\":\"softmax\"}],\"batch_size\":8,\"epochs\":6,"
#define MLP                                                                                                  \
	"{\"layers\":[{\"type\":\"Input\",\"shape\":[10]},{\"type\":\"Dense\",\"units\":6,"                  \
	"\"activation\":\"sigmoid\"},{\"type\":\"Dense\",\"units\":4,\"activation\":\"softmax\"}],"          \
	"\"batch_size\":8,\"epochs\":6,"
#define ADAM "\"optimizer\":{\"name\":\"adam\",\"learning_rate\":0.01}"
#define SGD "\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":0.05,\"momentum\":0.9}"

struct oracle {
	const char *config;
	struct lepton_shape sample;
	const double *loss, *weights;
	size_t count;
};

#define COUNT(a) (sizeof(a) / sizeof *(a))
static const struct oracle oracles[] = {
	{CNN ADAM "}", {3, {6, 6, 1}}, cnn_adam_loss, cnn_adam_weights, COUNT(cnn_adam_weights)},
	{CNN SGD "}", {3, {6, 6, 1}}, cnn_sgd_loss, cnn_sgd_weights, COUNT(cnn_sgd_weights)},
	{MLP ADAM "}", {1, {10}}, mlp_adam_loss, mlp_adam_weights, COUNT(mlp_adam_weights)},
	{MLP SGD "}", {1, {10}}, mlp_sgd_loss, mlp_sgd_weights, COUNT(mlp_sgd_weights)},
	/* the same split four ways */
	{CNN ADAM ",\"micro_batches\":4}", {3, {6, 6, 1}}, cnn_adam_loss, cnn_adam_weights,
		COUNT(cnn_adam_weights)},
	{MLP SGD ",\"micro_batches\":3}", {1, {10}}, mlp_sgd_loss, mlp_sgd_weights, COUNT(mlp_sgd_weights)},
};

static struct lepton_dataset *make_data(const struct lepton_shape *sample)
{
	int64_t size = lepton_shape_count(sample);
	uint8_t images[N * 36], labels[N];
	struct lepton_dataset *data = NULL;
	for (int i = 0; i < N * size; i++)
		images[i] = (uint8_t)((i * 37 + (i / 7) * 11) % 256);
	for (int i = 0; i < N; i++)
		labels[i] = (uint8_t)((3 * i + 1) % CLASSES);
	assert_int_equal(lepton_dataset_from_u8(images, labels, N, 0, sample, CLASSES, 0, &data, NULL), 0);
	return data;
}

static void set_weights(struct lepton_learner *learner)
{
	struct lepton_params *start = NULL;
	assert_int_equal(learner->ops->weights(learner, &start, NULL), 0);
	for (size_t t = 0; t < lepton_params_count(start); t++) {
		float *w = lepton_params_data(start, t);
		int64_t n = lepton_shape_count(&lepton_params_at(start, t)->shape);
		for (int64_t i = 0; i < n; i++)
			w[i] = (float)(0.4 * sin(0.9 * (double)i + 1.7 * (double)t));
	}
	assert_int_equal(learner->ops->set_weights(learner, start, NULL), 0);
	lepton_params_release(start);
}

static void compare_weights(struct lepton_learner *learner, const struct oracle *o)
{
	struct lepton_params *weights = NULL;
	size_t at = 0;
	assert_int_equal(learner->ops->weights(learner, &weights, NULL), 0);
	for (size_t t = 0; t < lepton_params_count(weights); t++) {
		const struct lepton_tensor *tensor = lepton_params_at(weights, t);
		const float *w = tensor->data;
		for (int64_t i = 0; i < lepton_shape_count(&tensor->shape); i++, at++)
			if (!(at < o->count && fabs((double)w[i] - o->weights[at]) < 2e-5))
				fail_msg("%s[%d] is %.9g, but should be %.9g", tensor->name, (int)i,
					(double)w[i], o->weights[at]);
	}
	assert_int_equal(at, o->count);
	lepton_params_release(weights);
}

static void test_steps(void **state)
{
	(void)state;
	for (size_t c = 0; c < COUNT(oracles); c++) {
		const struct oracle *o = &oracles[c];
		struct lepton_dataset *data = make_data(&o->sample);
		struct lepton_learner *learner = NULL;
		struct lepton_error err = {0};
		int code = lepton_learner_find("network")->create(o->config, 1, data, &learner, &err);
		assert_string_equal(err.message, "");
		assert_int_equal(code, 0);
		set_weights(learner);
		for (int step = 0; step < STEPS; step++) {
			struct lepton_step_result result;
			assert_int_equal(learner->ops->step(learner, &lepton_team_alone, &result, &err), 0);
			if (!(fabs(result.loss - o->loss[step]) < 1e-5))
				fail_msg("case %zu, step %d: loss %.9g, but should be %.9g", c, step + 1,
					result.loss, o->loss[step]);
			assert_int_equal(result.samples, N);
			assert_true(result.epoch_ended);
			assert_int_equal(result.finished, step == STEPS - 1);
		}
		compare_weights(learner, o);
		learner->ops->destroy(learner);
		lepton_dataset_release(data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
