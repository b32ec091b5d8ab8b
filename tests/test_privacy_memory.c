/* tests/test_privacy_memory.c - private networks made and stepped without memory: each allocation in turn
 * fails, in a process of its own, and the answer is LEPTON_E_NOMEM. Needs --enable-error-injection.
 */
#include "config.h"
#include "lepton/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED 77
#define MOST_TURNS 400

enum verdict { ALL_WELL = 0, RAN_OUT = 10, WRONG = 11 };

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

/* The scenario in a process of its own, with the n-th allocation failing (0: none). */
static int turn(const char *program, int n)
{
	char wish[16];
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		snprintf(wish, sizeof wish, "%d", n);
		setenv("LEPTON_FAIL_ALLOC", wish, 1);
		execl(program, program, "turn", (char *)NULL);
		_exit(WRONG);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return WRONG;
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return scenario();
#ifndef LEPTON_ERROR_INJECTION
	printf("built without --enable-error-injection: skipped\n");
	return SKIPPED;
#endif
	int n = 1, verdict = turn(argv[0], 0) == ALL_WELL ? RAN_OUT : WRONG;
	for (; verdict == RAN_OUT && n < MOST_TURNS; n++)
		verdict = turn(argv[0], n);
	printf("%d allocations failed in turn; ended with %d\n", n - 2, verdict);
	return verdict == ALL_WELL && n > 20 ? 0 : 1;
}
