/* cmd/bench_reach.c - how long one version takes to the published accuracy, on all cores, beside PyTorch.
 *
 * The seed CNN was published with a test accuracy of 0.9667. The clock starts with the first step and stops when
 * the test images, scored after each epoch, are right that often; scoring counts, reading the files and start-up
 * do not, on either side. PyTorch runs with one thread: it was slower with two at these sizes.
 */
#include "config.h"
#include "cmd/bench.h"
#include "base/clock.h"
#include "train/pool.h"

#include <stdio.h>

#define EPOCHS_MAX 10

static int one_epoch(struct lepton_learner *learner, struct lepton__worker_pool *pool, struct lepton_error *err)
{
	struct lepton_step_result result = {0};
	int code = LEPTON_OK;
	while (!code && !result.epoch_ended)
		code = lepton__pool_step(pool, learner, &result, err);
	return code;
}

static int reach(const struct bench *b, struct lepton_learner *learner, struct lepton__worker_pool *pool,
	double *seconds, struct lepton_error *err)
{
	double start = lepton__monotonic();
	for (int epoch = 1; epoch <= EPOCHS_MAX; epoch++) {
		struct lepton_score score;
		struct lepton_team team;
		int code = one_epoch(learner, pool, err);
		lepton__pool_team(pool, &team);
		if (!code)
			code = learner->ops->evaluate(learner, &team, LEPTON_TEST, 0,
				lepton_dataset_count(b->data, LEPTON_TEST), &score, err);
		if (code)
			return code;
		*seconds = lepton__monotonic() - start;
		if (score.accuracy >= BENCH_ACCURACY)
			return LEPTON_OK;
	}
	return lepton_error_set(err, LEPTON_E_STATE, "%d epochs did not reach a test accuracy of %.4f", EPOCHS_MAX,
		BENCH_ACCURACY);
}

static int our_time(const struct bench *b, uint64_t seed, double *seconds, struct lepton_error *err)
{
	struct lepton_learner *learner;
	struct lepton__worker_pool *pool;
	int code = lepton_learner_find("network")->create(bench_networks[0].config, seed, b->data, &learner, err);
	if (code)
		return code;
	code = lepton__pool_create(b->workers, &pool, err);
	if (!code) {
		code = reach(b, learner, pool, seconds, err);
		lepton__pool_free(pool);
	}
	learner->ops->destroy(learner);
	return code;
}

int bench_reach(struct bench *b, const char *script, const char *folder, int rounds, struct lepton_error *err)
{
	double ours[BENCH_ROUNDS_MAX], theirs[BENCH_ROUNDS_MAX], ratios[BENCH_ROUNDS_MAX];
	static const char name[] = "to a test accuracy of " BENCH_ACCURACY_TEXT ", seed CNN, 1 version";
	char ratio[128], line[160];
	snprintf(ratio, sizeof ratio, "ratio, time %s", name);
	if (!bench_wants(b, ratio))
		return LEPTON_OK;
	for (int i = 0; i < rounds; i++) {
		int code = bench_peer_seconds(script, folder, &theirs[i], err);
		if (!code)
			code = our_time(b, (uint64_t)i, &ours[i], err);
		if (code)
			return code;
		ratios[i] = theirs[i] / ours[i];
	}
	snprintf(line, sizeof line, "PyTorch, time %s, 1 thread", name);
	bench_report_value(b, line, bench_median(theirs, rounds), "seconds");
	snprintf(line, sizeof line, "lepton, time %s, %d workers", name, b->workers);
	bench_report_value(b, line, bench_median(ours, rounds), "seconds");
	bench_report_value(b, ratio, bench_median(ratios, rounds), "times as fast as PyTorch");
	return LEPTON_OK;
}
