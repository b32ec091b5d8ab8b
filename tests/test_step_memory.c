/* tests/test_step_memory.c - once a network has taken its first step, steps allocate nothing: what they need
 * was made with the network. Counted by base/memory.c, over three epochs, so over shuffles as well, with one
 * thread and with two. Needs --enable-error-injection.
 */
#include "config.h"
#include "base/memory.h"
#include "lepton/model.h"
#include "model_team.h"

#include <stdio.h>
#include <stdlib.h>

#define SAMPLES 300
#define STEPS 10 /* an epoch has three */
#define SKIPPED 77

#ifdef LEPTON_ERROR_INJECTION

#define SEED_CNN                                                                                             \
	"{\"type\":\"Conv2D\",\"filters\":32,\"kernel_size\":3,\"activation\":\"relu\"},{\"type\":"          \
	"\"Flatten\"},"
#define MLP                                                                                                  \
	"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":300,\"activation\":\"relu\"},"                 \
	"{\"type\":\"Dense\",\"units\":100,\"activation\":\"gelu\"},"
#define LENET                                                                                                \
	"{\"type\":\"Conv2D\",\"filters\":20,\"kernel_size\":5},{\"type\":\"MaxPooling2D\"},"                \
	"{\"type\":\"Conv2D\",\"filters\":50,\"kernel_size\":5},{\"type\":\"MaxPooling2D\"},"                \
	"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":64,\"activation\":\"relu\"},"
#define OTHERS                                                                                               \
	"{\"type\":\"RandomTranslation\",\"height_factor\":0.1,\"width_factor\":0.1},"                       \
	"{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":3,\"padding\":\"same\"},"                        \
	"{\"type\":\"BatchNormalization\"},{\"type\":\"AveragePooling2D\"},{\"type\":\"Dropout\",\"rate\":"  \
	"0.3},"                                                                                              \
	"{\"type\":\"GlobalAveragePooling2D\"},"

static const struct {
	const char *layers, *more;
} networks[] = {
	{SEED_CNN, ""},
	{MLP, ""},
	{LENET, ""},
	{OTHERS, ""},
	{SEED_CNN, ",\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":0.01,\"momentum\":0.9}"},
	{MLP, ",\"optimizer\":{\"name\":\"rmsprop\"}"},
	{MLP, ",\"optimizer\":{\"name\":\"adamw\"}"},
	{MLP, ",\"averaging\":{\"method\":\"ema\"}"},
	{MLP, ",\"pruning\":{\"sparsity\":0.8}"},
	{MLP, ",\"quantization\":{\"bits\":4}"},
	{MLP, ",\"clustering\":{\"clusters\":16}"},
	{MLP, ",\"privacy\":{\"noise\":1}"},
};

static struct lepton_dataset *make_data(void)
{
	static uint8_t images[SAMPLES * 784], labels[SAMPLES];
	const struct lepton_shape sample = {3, {28, 28, 1}};
	struct lepton_dataset *data = NULL;
	for (size_t i = 0; i < sizeof images; i++)
		images[i] = i % 5 ? 0 : (uint8_t)(i * 7919 >> 3);
	for (size_t i = 0; i < SAMPLES; i++)
		labels[i] = (uint8_t)(i % 10);
	return lepton_dataset_from_u8(images, labels, SAMPLES, 0, &sample, 10, 0, &data, NULL) ? NULL : data;
}

/* How many allocations STEPS steps after the first make; -1 where a step failed. */
static long count(struct lepton_learner *learner, const struct lepton_team *team, struct lepton_error *err)
{
	struct lepton_step_result result;
	if (learner->ops->step(learner, team, &result, err))
		return -1;
	(void)lepton__alloc_calls();
	for (int i = 0; i < STEPS; i++)
		if (learner->ops->step(learner, team, &result, err))
			return -1;
	return lepton__alloc_calls();
}

static bool try_network(struct lepton_dataset *data, size_t which, const struct lepton_team *team)
{
	char config[1500];
	struct lepton_learner *learner = NULL;
	struct lepton_error err = {0};
	long made = -1;
	snprintf(config, sizeof config,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[28,28,1]},%s"
		"{\"type\":\"Dense\",\"units\":10,\"activation\":\"softmax\"}],\"epochs\":20%s}",
		networks[which].layers, networks[which].more);
	(void)lepton__alloc_calls();
	if (!lepton_learner_find("network")->create(config, 1, data, &learner, &err)) {
		long first = lepton__alloc_calls();
		made = count(learner, team, &err);
		printf("%s: %ld allocations to make it, %ld in %d steps\n", config, first, made, STEPS);
		if (first == 0) /* then nothing is counted at all */
			made = -1;
		learner->ops->destroy(learner);
	}
	if (made)
		printf("FAIL: %s\n", err.message);
	return made == 0;
}

int main(void)
{
	struct lepton_dataset *data = make_data();
	const struct lepton_team teams[] = {lepton_team_alone, test_team(2)};
	bool good = data != NULL;
	setenv("LEPTON_FAIL_ALLOC", "0", 1); /* count, and let none fail */
	for (size_t i = 0; data && i < sizeof networks / sizeof *networks; i++)
		for (size_t t = 0; t < sizeof teams / sizeof *teams; t++)
			good &= try_network(data, i, &teams[t]);
	lepton_dataset_release(data);
	return good ? 0 : 1;
}

#else

int main(void)
{
	printf("built without --enable-error-injection: skipped\n");
	return SKIPPED;
}

#endif
