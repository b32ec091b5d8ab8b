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
	const struct lepton__optimizer *o = &bench->optimizer;
	uint64_t seed = (uint64_t)t;
	for (int i = 0; i < N; i++)
		bench->g[i] = i == 5 ? 0 : (float)(test_random(&seed) * pow(10, i % 5 - 2));
	for (int s = o->slots; s < 2; s++)
		slots[s] = NULL;
	o->ops->update(o, o->learning_rate, t, N, bench->g, slots, bench->w);
}

static void compare(const struct bench *bench)
{
	for (int i = 0; i < N; i++)
		if (!(fabs((double)bench->w[i] - bench->rw[i]) < 2e-6 * (1 + fabs(bench->rw[i]))))
			fail_msg("w[%d] is %.9g, but should be %.9g", i, (double)bench->w[i], bench->rw[i]);
}

static void run_adam(const char *config, double rate, double b1, double b2, double epsilon, double decay)
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
			bench.rw[i] *= 1 - rate * decay;
			bench.rw[i] -= corrected * bench.ra[i] / (sqrt(bench.rb[i]) + epsilon);
		}
		compare(&bench);
	}
	assert_true(fabs((double)bench.w[5] - bench.rw[5]) <= (decay > 0 ? 1e-6 : 0) && bench.a[5] <= 0 &&
		    bench.a[5] >= 0);
}

static void test_adam(void **state)
{
	(void)state;
	run_adam(NULL, 0.001, 0.9, 0.999, 1e-7, 0); /* Keras's defaults */
	run_adam("{\"name\":\"adam\",\"learning_rate\":0.03,\"beta_1\":0.5,\"beta_2\":0.9,\"epsilon\":0.01}",
		0.03, 0.5, 0.9, 0.01, 0);
}

static void test_adamw(void **state)
{
	(void)state;
	run_adam("{\"name\":\"adamw\"}", 0.001, 0.9, 0.999, 1e-7, 0.004);
	run_adam("{\"name\":\"adamw\",\"learning_rate\":0.03,\"beta_1\":0.5,\"beta_2\":0.9,\"epsilon\":0.01,"
		 "\"weight_decay\":0.5}",
		0.03, 0.5, 0.9, 0.01, 0.5);
}

/* Nothing but decay: with no gradient at all a weight is (1 − rate·decay)^t of what it was. */
static void test_adamw_closed_form(void **state)
{
	struct bench bench;
	float *slots[] = {bench.a, bench.b};
	(void)state;
	set_up(&bench, "{\"name\":\"adamw\",\"learning_rate\":0.1,\"weight_decay\":0.2}");
	for (int t = 1; t <= STEPS; t++)
		bench.optimizer.ops->update(
			&bench.optimizer, bench.optimizer.learning_rate, t, N, bench.g, slots, bench.w);
	for (int i = 0; i < N; i++)
		bench.rw[i] *= pow(1 - 0.1 * 0.2, STEPS);
	compare(&bench);
}

static void run_rmsprop(const char *config, double rate, double rho, double momentum, double epsilon)
{
	struct bench bench;
	set_up(&bench, config);
	assert_int_equal(bench.optimizer.slots, momentum > 0 ? 2 : 1);
	for (int t = 1; t <= STEPS; t++) {
		step(&bench, t);
		for (int i = 0; i < N; i++) {
			double g = (double)bench.g[i];
			bench.ra[i] = rho * bench.ra[i] + (1 - rho) * g * g;
			bench.rb[i] = momentum * bench.rb[i] + rate * g / sqrt(bench.ra[i] + epsilon);
			bench.rw[i] -= bench.rb[i];
		}
		compare(&bench);
	}
}

static void test_rmsprop(void **state)
{
	(void)state;
	run_rmsprop("{\"name\":\"rmsprop\"}", 0.001, 0.9, 0, 1e-7); /* Keras's defaults */
	run_rmsprop(
		"{\"name\":\"rmsprop\",\"learning_rate\":0.02,\"rho\":0.5,\"momentum\":0.8,\"epsilon\":0.01}",
		0.02, 0.5, 0.8, 0.01);
}

static void run_sgd(const char *config, double rate, double momentum, bool nesterov)
{
	struct bench bench;
	set_up(&bench, config);
	assert_int_equal(bench.optimizer.slots, momentum > 0);
	for (int t = 1; t <= STEPS; t++) {
		step(&bench, t);
		for (int i = 0; i < N; i++) {
			double g = (double)bench.g[i];
			bench.ra[i] = momentum * bench.ra[i] - rate * g;
			bench.rw[i] += nesterov ? momentum * bench.ra[i] - rate * g : bench.ra[i];
		}
		compare(&bench);
	}
}

static void test_sgd(void **state)
{
	(void)state;
	run_sgd("{\"name\":\"sgd\"}", 0.01, 0, false);
	run_sgd("{\"name\":\"sgd\",\"learning_rate\":0.002,\"momentum\":0.9}", 0.002, 0.9, false);
	run_sgd("{\"name\":\"sgd\",\"learning_rate\":0.002,\"momentum\":0.9,\"nesterov\":true}", 0.002, 0.9,
		true);
	run_sgd("{\"name\":\"sgd\",\"nesterov\":true}", 0.01, 0, false);
}

/* A constant gradient g from w = v = 0 sums up to w(t) = −rate·g·Σ_{k=1..t} (1 − m^(k+1)) / (1 − m). */
static void test_nesterov_closed_form(void **state)
{
	struct bench bench;
	const double rate = 0.03, m = 0.8, g = 0.5;
	double want = 0;
	float *slots[] = {bench.a, NULL};
	(void)state;
	set_up(&bench, "{\"name\":\"sgd\",\"learning_rate\":0.03,\"momentum\":0.8,\"nesterov\":true}");
	for (int i = 0; i < N; i++) {
		bench.w[i] = 0;
		bench.g[i] = (float)g;
	}
	for (int t = 1; t <= STEPS; t++) {
		bench.optimizer.ops->update(
			&bench.optimizer, bench.optimizer.learning_rate, t, N, bench.g, slots, bench.w);
		want -= rate * g * (1 - pow(m, t + 1)) / (1 - m);
		assert_true(fabs((double)bench.w[3] - want) < 1e-6);
	}
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
	fault("{\"name\":\"lbfgs\"}",
		"optimizer: unknown name \"lbfgs\"; there are adam, sgd, adamw, rmsprop");
	fault("{\"learningrate\":1}",
		"optimizer: unknown key \"learningrate\"; did you mean \"learning_rate\"?");
	fault("{\"name\":\"sgd\",\"learning_rate\":-1}",
		"optimizer: \"learning_rate\" is -1, but goes from 0 to 1000");
	fault("{\"name\":\"sgd\",\"momentum\":\"much\"}",
		"optimizer: \"momentum\" takes a number from 0 to 1");
	fault("{\"name\":\"sgd\",\"nesterov\":1}", "optimizer: \"nesterov\" takes true or false");
	fault("{\"name\":\"adamw\",\"weight_decay\":2}",
		"optimizer: \"weight_decay\" is 2, but goes from 0 to 1");
	fault("{\"name\":\"adam\",\"weight_decay\":0.1}",
		"optimizer: unknown key \"weight_decay\"; it takes name, learning_rate, "
		"schedule, beta_1, beta_2, epsilon");
	fault("{\"name\":\"rmsprop\",\"roh\":0.9}", "optimizer: unknown key \"roh\"; did you mean \"rho\"?");
	fault("{\"name\":\"rmsprop\",\"rho\":1}", "optimizer: \"rho\" is 1, but goes from 0 to 0.999999");
	fault("{\"name\":7}", "optimizer: \"name\" takes one of adam|sgd|adamw|rmsprop");
	fault("[]", "optimizer: takes an object {…}");
}

/* ---- schedules ---- */

static void check_rates(const char *text, const double *want, int n)
{
	struct lepton__optimizer optimizer;
	struct lepton_error err = {0};
	cJSON *config = cJSON_Parse(text);
	int code = lepton__optimizer_configure(&optimizer, config, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	cJSON_Delete(config);
	lepton__schedule_plan(&optimizer.schedule, 4, 3); /* 3 epochs of 4 steps */
	for (int i = 0; i < n; i++) {
		double rate = (double)lepton__schedule_rate(&optimizer.schedule, optimizer.learning_rate, i);
		if (!(fabs(rate - want[i]) < 1e-7 * (1 + want[i])))
			fail_msg("%s: step %d has the rate %.9g, but should have %.9g", text, i, rate,
				want[i]);
	}
}

#define RATES(schedule, ...)                                                                                 \
	check_rates("{\"name\":\"sgd\",\"learning_rate\":8,\"schedule\":" schedule "}",                      \
		(const double[]){__VA_ARGS__},                                                               \
		(int)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)))

/* Rates worked out by hand, from 8. */
static void test_schedules(void **state)
{
	const double third = 8 * pow(0.5, 1.0 / 3);
	(void)state;
	RATES("{\"name\":\"step\",\"decay_steps\":2,\"decay_rate\":0.5}", 8, 8, 4, 4, 2, 2, 1);
	RATES("{\"name\":\"step\",\"decay_epochs\":1}", 8, 8, 8, 8, 0.8, 0.8, 0.8, 0.8, 0.08);
	RATES("{\"name\":\"step\",\"decay_epochs\":0.5,\"decay_rate\":0}", 8, 8, 0, 0, 0);
	RATES("{\"name\":\"exponential\",\"decay_steps\":3,\"decay_rate\":0.5}", 8, third, third * third / 8,
		4);
	RATES("{\"name\":\"cosine\",\"decay_steps\":4}", 8, 4 + 2 * sqrt(2), 4, 4 - 2 * sqrt(2), 0, 0, 0);
	RATES("{\"name\":\"cosine\",\"alpha\":0.5}", 8, 6 + 2 * cos(M_PI / 12), 6 + sqrt(3), 6 + sqrt(2), 7,
		6 + 2 * cos(5 * M_PI / 12), 6);
	RATES("{\"name\":\"constant\",\"warmup_steps\":4}", 2, 4, 6, 8, 8, 8, 8);
	RATES("{\"name\":\"step\",\"warmup_epochs\":0.5,\"decay_steps\":2,\"decay_rate\":0.5}", 4, 8, 8, 8, 4,
		4, 2);
	/* a cosine behind a warm-up of two epochs ends with the third */
	RATES("{\"name\":\"cosine\",\"warmup_epochs\":2}", 1, 2, 3, 4, 5, 6, 7, 8, 8, 4 + 2 * sqrt(2), 4,
		4 - 2 * sqrt(2), 0);
	/* a warm-up longer than training leaves nothing for the cosine */
	RATES("{\"name\":\"cosine\",\"warmup_epochs\":4}", 0.5, 1, 1.5, 2);
}

static void test_no_schedule_is_the_rate_itself(void **state)
{
	struct lepton__schedule schedule;
	float rate = 0.1F, same;
	(void)state;
	assert_int_equal(lepton__schedule_read(&schedule, NULL, NULL), 0);
	lepton__schedule_plan(&schedule, 4, 3);
	same = lepton__schedule_rate(&schedule, rate, 7);
	assert_memory_equal(&rate, &same, sizeof rate);
}

static void test_schedule_faults(void **state)
{
#define SCHEDULE(text) "{\"schedule\":" text "}"
	(void)state;
	fault(SCHEDULE("\"cosine\""), "optimizer: \"schedule\" takes an object {…}");
	fault(SCHEDULE("{}"), "optimizer.schedule: takes an object with a \"name\", one of step, cosine, "
			      "exponential, constant");
	fault(SCHEDULE("{\"name\":\"cosin\"}"),
		"optimizer.schedule: unknown name \"cosin\"; did you mean \"cosine\"?");
	fault(SCHEDULE("{\"name\":\"zigzag\"}"),
		"optimizer.schedule: unknown name \"zigzag\"; there are step, cosine, "
		"exponential, constant");
	fault(SCHEDULE("{\"name\":\"cosine\",\"decaysteps\":3}"),
		"optimizer.schedule: unknown key \"decaysteps\"; did you mean \"decay_steps\"?");
	fault(SCHEDULE("{\"name\":\"cosine\",\"alpha\":2}"),
		"optimizer.schedule: \"alpha\" is 2, but goes from 0 to 1");
	fault(SCHEDULE("{\"name\":\"cosine\",\"warmup_steps\":1,\"warmup_epochs\":1}"),
		"optimizer.schedule: takes \"warmup_steps\" or \"warmup_epochs\", not both");
	fault(SCHEDULE("{\"name\":\"step\"}"),
		"optimizer.schedule: \"step\" needs \"decay_epochs\" or "
		"\"decay_steps\", as in {\"name\": \"step\", \"decay_epochs\": 5}");
	fault(SCHEDULE("{\"name\":\"constant\",\"decay_steps\":2}"),
		"optimizer.schedule: unknown key \"decay_steps\"; it takes name, warmup_steps, "
		"warmup_epochs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adam),
		cmocka_unit_test(test_adamw),
		cmocka_unit_test(test_adamw_closed_form),
		cmocka_unit_test(test_rmsprop),
		cmocka_unit_test(test_sgd),
		cmocka_unit_test(test_nesterov_closed_form),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_schedules),
		cmocka_unit_test(test_no_schedule_is_the_rate_itself),
		cmocka_unit_test(test_schedule_faults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
