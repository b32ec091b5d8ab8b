/* tests/test_privacy_memory.c - private networks made and stepped without memory: each allocation in turn
 * fails, in a process of its own, and the answer is LEPTON_E_NOMEM. Needs --enable-error-injection.
 */
#include "config.h"
#include "lepton/model.h"
#include "fail_alloc.h"


#define MOST_TURNS 400

static int verdict_of(int code)
{
	return !code ? ALL_WELL : code == LEPTON_E_NOMEM ? RAN_OUT : WRONG;
}

static int try_network(const char *layer, struct lepton_dataset *data)
{
	char config[400];
	struct lepton_step_result result;
	struct lepton_learner *learner = NULL;
	snprintf(config, sizeof config,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[4,4,1]},%s{\"type\":\"Flatten\"},"
		"{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}],\"privacy\":{\"noise\":1}}",
		layer);
	int code = lepton_learner_find("network")->create(config, 1, data, &learner, NULL);
	if (!code)
		code = learner->ops->step(learner, &lepton_team_alone, &result, NULL);
	if (learner)
		learner->ops->destroy(learner);
	return verdict_of(code);
}

static int scenario(void)
{
	static const uint8_t images[20 * 16], labels[20];
	const struct lepton_shape sample = {3, {4, 4, 1}};
	struct lepton_dataset *data = NULL;
	int verdict = verdict_of(lepton_dataset_from_u8(images, labels, 20, 0, &sample, 2, 0, &data, NULL));
	if (verdict == ALL_WELL)
		verdict = try_network("", data);
	if (verdict == ALL_WELL)
		verdict = try_network("{\"type\":\"Conv2D\",\"filters\":2,\"kernel_size\":3},", data);
	lepton_dataset_release(data);
	return verdict;
}

int main(int argc, char **argv)
{
	return fail_main(argc, argv, scenario, MOST_TURNS);
}
