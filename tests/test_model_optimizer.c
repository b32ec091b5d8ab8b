/* tests/test_model_optimizer.c - the optimisers against their recurrences in double, by hand. */
#include "config.h"
#include "model/optimizer.h"
#include "model_reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N 37
#define STEPS 20

struct bench {
	struct lepton__optimizer optimizer;
	float w[N], g[N], a[N], b[N];
	double rw[N], ra[N], rb[N];
};

static void set_up(struct bench *bench, const char *config)
{
	struct lepton_error err = {0};
	cJSON *object = config ? cJSON_Parse(config) : NULL;
	uint64_t seed = 9;
	memset(bench, 0, sizeof *bench);
	assert_int_equal(lepton__optimizer_configure(&bench->optimizer, object, &err), 0);
	cJSON_Delete(object);
	for (int i = 0; i < N; i++) {
		bench->w[i] = (float)test_random(&seed);
		bench->rw[i] = (double)bench->w[i];
	}
}

static void step(struct bench *bench, int t)
{
	float *slots[] = {bench->a, bench->b};
	uint64_t seed = (uint64_t)t;
	for (int i = 0; i < N; i++)
		bench->g[i] = i == 5 ? 0 : (float)(test_random(&seed) * pow(10, i % 5 - 2));
	if (bench->optimizer.slots < 1)
		slots[0] = NULL;
	bench->optimizer.ops->update(&bench->optimizer, t, N, bench->g, slots, bench->w);
}

static void compare(const struct bench *bench)
{
	for (int i = 0; i < N; i++)
		if (!(fabs((double)bench->w[i] - bench->rw[i]) < 2e-6 * (1 + fabs(bench->rw[i]))))
			fail_msg("w[%d] is %.9g, but should be %.9g", i, (double)bench->w[i], bench->rw[i]);
}

static void run_adam(const char *config, double rate, double b1, double b2, double epsilon)
{
	struct bench bench;
	set_up(&bench, config);
	assert_int_equal(bench.optimizer.slots, 2);
	for (int t = 1; t <= STEPS; t++) {
		step(&bench, t);
		double corrected = rate * sqrt(1 - pow(b2, t)) / (1 - pow(b1, t));
		for (int i = 0; i < N; i++) {
			double g = (double)bench.g[i];
			bench.ra[i] = b1 * bench.ra[i] + (1 - b1) * g;
			bench.rb[i] = b2 * bench.rb[i] + (1 - b2) * g * g;
			bench.rw[i] -= corrected * bench.ra[i] / (sqrt(bench.rb[i]) + epsilon);
		}
		compare(&bench);
	}
	assert_true(bench.w[5] - (float)bench.rw[5] <= 0 && bench.a[5] <= 0 && bench.a[5] >= 0);
}

static void test_adam(void **state)
{
	(void)state;
	run_adam(NULL, 0.001, 0.9, 0.999, 1e-7); /* Keras's defaults */
	run_adam("{\"name\":\"adam\",\"learning_rate\":0.03,\"beta_1\":0.5,\"beta_2\":0.9,\"epsilon\":0.01}",
		0.03, 0.5, 0.9, 0.01);
}

static void run_sgd(const char *config, double rate, double momentum)
{
	struct bench bench;
	set_up(&bench, config);
	assert_int_equal(bench.optimizer.slots, momentum > 0);
	for (int t = 1; t <= STEPS; t++) {
		step(&bench, t);
		for (int i = 0; i < N; i++) {
			bench.ra[i] = momentum * bench.ra[i] - rate * (double)bench.g[i];
			bench.rw[i] += bench.ra[i];
		}
		compare(&bench);
	}
}

static void test_sgd(void **state)
{
	(void)state;
	run_sgd("{\"name\":\"sgd\"}", 0.01, 0);
	run_sgd("{\"name\":\"sgd\",\"learning_rate\":0.002,\"momentum\":0.9}", 0.002, 0.9);
}

static void fault(const char *config, const char *sentence)
{
	struct lepton__optimizer optimizer;
	struct lepton_error err = {0};
	cJSON *object = cJSON_Parse(config);
	assert_int_equal(lepton__optimizer_configure(&optimizer, object, &err), LEPTON_E_SPEC);
	assert_string_equal(err.message, sentence);
	cJSON_Delete(object);
}

static void test_faults(void **state)
{
	(void)state;
	fault("{\"name\":\"adan\"}", "optimizer: unknown name \"adan\"; did you mean \"adam\"?");
	fault("{\"name\":\"lbfgs\"}", "optimizer: unknown name \"lbfgs\"; there are \"adam\" and \"sgd\"");
	fault("{\"learningrate\":1}",
		"optimizer: unknown key \"learningrate\"; did you mean \"learning_rate\"?");
	fault("{\"name\":\"sgd\",\"learning_rate\":-1}",
		"optimizer: \"learning_rate\" is -1, but goes from 0 to 1000");
	fault("{\"name\":\"sgd\",\"momentum\":\"much\"}",
		"optimizer: \"momentum\" takes a number from 0 to 1");
	fault("{\"name\":7}", "optimizer: \"name\" takes one of adam|sgd");
	fault("[]", "optimizer: takes an object {…}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adam),
		cmocka_unit_test(test_sgd),
		cmocka_unit_test(test_faults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
