/* tests/test_run_privacy.c - epsilon of versions by where they come from: expected figures are the
 * accountant's own, put together here by hand.
 */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lepton/privacy.h"
#include "lepton/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LAYERS                                                                                               \
	"\"layers\":[{\"type\":\"Input\",\"shape\":[4]},{\"type\":\"Dense\",\"units\":2,\"activation\":"     \
	"\"softmax\"}]"
#define PRIVATE ",\"batch_size\":100,\"privacy\":{\"noise\":1.1,\"delta\":1e-6}"
#define MOST 12

static struct lepton_run_version made[MOST], *pointers[MOST];
static struct lepton_run run = {.versions = pointers};

/* Its index is its id less one; its batch is 100 unless `more` says otherwise. */
static struct lepton_run_version *add(
	const char *operation, const char *more, int64_t steps, int parents, int64_t first, int64_t second)
{
	char config[512];
	struct lepton_run_version *v = &made[run.version_count];
	snprintf(config, sizeof config, "{" LAYERS "%s}", more);
	*v = (struct lepton_run_version){.id = (int64_t)run.version_count + 1,
		.learner = "network",
		.operation = lepton_text_new(operation),
		.hyperparameters = lepton_text_new(config),
		.step = steps,
		.steps_per_epoch = 100,
		.parent_count = parents,
		.parents = {first, second}};
	pointers[run.version_count++] = v;
	return v;
}

static int set_up(void **state)
{
	(void)state;
	run.data = lepton_text_new("{\"train\":10000}");
	return run.data ? 0 : -1;
}

static int drop_versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < run.version_count; i++) {
		lepton_text_release(made[i].operation);
		lepton_text_release(made[i].hyperparameters);
	}
	run.version_count = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lepton_text_release(run.data);
	return 0;
}

static double epsilon_of(const struct lepton_run_version *v)
{
	double epsilon = -1, delta;
	assert_true(lepton_run_privacy(&run, v, &epsilon, &delta));
	assert_true(fabs(delta - 1e-6) < 1e-12);
	return epsilon;
}

static void check_steps(const struct lepton_run_version *v, double rate, int64_t steps)
{
	double rdp[LEPTON_PRIVACY_ORDERS] = {0};
	lepton_privacy_spend(rdp, rate, 1.1, steps);
	double wish = lepton_privacy_epsilon(rdp, 1e-6), have = epsilon_of(v);
	if (!(fabs(wish - have) < 1e-9))
		fail_msg("epsilon is %.12g, but should be %.12g", have, wish);
}

static void test_its_own_steps(void **state)
{
	(void)state;
	double epsilon, delta;
	check_steps(add("{\"op\":\"train\"}", PRIVATE, 250, 0, 0, 0), 0.01, 250);
	assert_true(epsilon_of(add("{\"op\":\"train\"}", PRIVATE, 0, 0, 0, 0)) <= 0);
	assert_false(lepton_run_privacy(&run, add("{\"op\":\"train\"}", "", 250, 0, 0, 0), &epsilon, &delta));
	struct lepton_run_version *early =
		add("{\"op\":\"train\"}", PRIVATE ",\"early_stopping\":{}", 100, 0, 0, 0);
	int64_t step[] = {100, 200, 300};
	early->epochs_done = (struct lepton_epochs){.count = 3, .step = step};
	check_steps(early, 0.01, 300);
	made[0].learner[0] = 's'; /* none that could */
	assert_false(lepton_run_privacy(&run, &made[0], &epsilon, &delta));
}

static void test_clones(void **state)
{
	(void)state;
	add("{\"op\":\"train\"}", PRIVATE, 500, 0, 0, 0);
	add("{\"op\":\"train\"}", "", 500, 0, 0, 0);
	check_steps(add("{\"op\":\"clone\",\"from\":\"weights\",\"from_step\":300}", PRIVATE, 40, 1, 1, 0),
		0.01, 340);
	check_steps(add("{\"op\":\"clone\",\"from\":\"some weights\",\"from_step\":30}", PRIVATE, 5, 1, 3, 0),
		0.01, 335);
	check_steps(add("{\"op\":\"clone\",\"from\":\"scratch\",\"from_step\":300}", PRIVATE, 40, 1, 1, 0),
		0.01, 40);
	assert_true(isinf(epsilon_of(
		add("{\"op\":\"clone\",\"from\":\"weights\",\"from_step\":300}", PRIVATE, 40, 1, 2, 0))));
	check_steps(add("{\"op\":\"clone\",\"from\":\"weights\",\"from_step\":0}", PRIVATE, 40, 1, 2, 0),
		0.01, 40);
	/* with settings of its own */
	double rdp[LEPTON_PRIVACY_ORDERS] = {0};
	lepton_privacy_spend(rdp, 0.01, 1.1, 500);
	lepton_privacy_spend(rdp, 0.02, 2, 70);
	struct lepton_run_version *other = add("{\"op\":\"clone\",\"from\":\"weights\",\"from_step\":500}",
		",\"batch_size\":200,\"privacy\":{\"noise\":2,\"delta\":1e-6}", 70, 1, 1, 0);
	other->steps_per_epoch = 50;
	assert_true(fabs(epsilon_of(other) - lepton_privacy_epsilon(rdp, 1e-6)) < 1e-9);
}

static void test_shards(void **state)
{
	(void)state;
	struct lepton_run_version *a = add("{\"op\":\"train\"}", PRIVATE ",\"shard\":{\"index\":1,\"of\":3}",
					  60, 0, 0, 0),
				  *b = add("{\"op\":\"train\"}",
					  PRIVATE ",\"shard\":{\"index\":2,\"of\":3,\"split\":\"dirichlet\"}",
					  20, 0, 0, 0);
	a->steps_per_epoch = 34;
	b->steps_per_epoch = 11;
	check_steps(a, 100.0 / 3333, 60);
	check_steps(b, 100.0 / 1001, 20); /* as few samples as have 11 steps */
	struct lepton_run_version *whole = add("{\"op\":\"shards\"}", PRIVATE ",\"shards\":2", 60, 2, 1, 2);
	assert_true(fabs(epsilon_of(whole) - fmax(epsilon_of(a), epsilon_of(b))) < 1e-9);
	add("{\"op\":\"clone\",\"from\":\"weights\",\"from_step\":60}", PRIVATE, 10, 1, 3, 0);
	assert_true(epsilon_of(&made[3]) > epsilon_of(whole));
}

static void test_made_of_others(void **state)
{
	(void)state;
	double epsilon, delta;
	add("{\"op\":\"train\"}", PRIVATE, 500, 0, 0, 0);
	check_steps(
		add("{\"op\":\"compress\",\"method\":\"quantize\",\"from_step\":400}", PRIVATE, 400, 1, 1, 0),
		0.01, 400);
	check_steps(
		add("{\"op\":\"compress\",\"method\":\"delta\",\"from_step\":400}", PRIVATE, 400, 2, 1, 1),
		0.01, 900);
	static const char *const unknown[] = {"{\"op\":\"compress\",\"method\":\"slim\",\"from_step\":400}",
		"{\"op\":\"distil\"}", "{\"op\":\"fuse\",\"method\":\"average\"}", "not JSON"};
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		assert_false(
			lepton_run_privacy(&run, add(unknown[i], PRIVATE, 9, 1, 1, 0), &epsilon, &delta));
	struct lepton_run_version *orphan =
		add("{\"op\":\"clone\",\"from\":\"weights\"}", PRIVATE, 9, 1, 77, 0);
	assert_false(lepton_run_privacy(&run, orphan, &epsilon, &delta));
	orphan->parents[0] = orphan->id; /* no end: a store that was tampered with */
	assert_false(lepton_run_privacy(&run, orphan, &epsilon, &delta));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_its_own_steps, drop_versions),
		cmocka_unit_test_teardown(test_clones, drop_versions),
		cmocka_unit_test_teardown(test_shards, drop_versions),
		cmocka_unit_test_teardown(test_made_of_others, drop_versions),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
