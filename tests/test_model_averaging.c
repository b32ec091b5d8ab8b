/* tests/test_model_averaging.c - weights that are a mean, against means in double of the weights that the
 * same training without "averaging" goes through. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "corner_learner.h"

#define EMA ",\"averaging\":{\"method\":\"ema\",\"decay\":0.9}"
#define SWA ",\"averaging\":{\"method\":\"swa\",\"start\":0.5}"
#define VALUES 1000

static const float *values(const struct lepton_params *params, size_t t)
{
	return lepton_params_at(params, t)->data;
}

/* All numbers of a learner's weights, one after another. */
static int flat(struct lepton_learner *learner, double *to)
{
	struct lepton_params *weights = weights_of(learner);
	int at = 0;
	for (size_t t = 0; t < lepton_params_count(weights); t++)
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(weights, t)->shape); i++)
			to[at++] = (double)values(weights, t)[i];
	assert_true(at < VALUES);
	lepton_params_release(weights);
	return at;
}

static void is_mean(struct lepton_learner *learner, const double *mean, int count, int step)
{
	double is[VALUES];
	assert_int_equal(flat(learner, is), count);
	for (int i = 0; i < count; i++)
		if (!(fabs(is[i] - mean[i]) <= 2e-6))
			fail_msg("step %d, number %d: %.9g, not %.9g", step, i, is[i], mean[i]);
}

static void of_steps(void **state)
{
	(void)state;
	struct lepton_learner *plain = make(""), *averaged = make(EMA);
	double mean[VALUES], now[VALUES];
	const int count = flat(plain, mean);
	is_mean(averaged, mean, count, 0);
	for (int step = 1; step <= STEPS; step++) {
		const double decay = fmin(0.9, (1.0 + step) / (10.0 + step));
		steps(plain, &lepton_team_alone, 1);
		steps(averaged, &lepton_team_alone, 1);
		flat(plain, now);
		for (int i = 0; i < count; i++)
			mean[i] = decay * mean[i] + (1 - decay) * now[i];
		is_mean(averaged, mean, count, step);
	}
	plain->ops->destroy(plain);
	averaged->ops->destroy(averaged);
}

/* Of six epochs the ends of the last three; before those the weights are the plain ones. */
static void of_epochs(void **state)
{
	(void)state;
	struct lepton_learner *plain = make(""), *averaged = make(SWA);
	double mean[VALUES], now[VALUES], sum[VALUES] = {0};
	int ends = 0;
	for (int step = 1; step <= STEPS; step++) {
		steps(plain, &lepton_team_alone, 1);
		steps(averaged, &lepton_team_alone, 1);
		const int count = flat(plain, now);
		ends += step % 20 == 0 && step > STEPS / 2;
		for (int i = 0; i < count; i++) {
			sum[i] += step % 20 == 0 && step > STEPS / 2 ? now[i] : 0;
			mean[i] = ends ? sum[i] / ends : now[i];
		}
		is_mean(averaged, mean, count, step);
	}
	assert_int_equal(ends, 3);
	plain->ops->destroy(plain);
	averaged->ops->destroy(averaged);
}

/* Figures and answers are those of the weights that the learner hands out, and not of those that train. */
static void the_mean_answers(void **state)
{
	(void)state;
	static const char *const kinds[] = {EMA, SWA};
	for (int k = 0; k < 2; k++) {
		struct lepton_learner *averaged = make(kinds[k]), *other = make(""), *plain = make("");
		float x[3 * CORNER_INPUTS], p[3 * 2], q[3 * 2];
		for (int i = 0; i < 3 * CORNER_INPUTS; i++)
			x[i] = (float)(i % 7) / 7;
		steps(averaged, &lepton_team_alone, STEPS);
		steps(plain, &lepton_team_alone, STEPS);
		struct lepton_params *mean = weights_of(averaged);
		assert_int_equal(other->ops->set_weights(other, mean, NULL), 0);
		const struct lepton_score a = score_of(averaged), b = score_of(other), c = score_of(plain);
		assert_true(fabs(a.loss - b.loss) < 1e-12 && fabs(a.loss - c.loss) > 1e-6);
		assert_int_equal(averaged->ops->predict(averaged, x, 3, p, NULL), 0);
		assert_int_equal(other->ops->predict(other, x, 3, q, NULL), 0);
		assert_memory_equal(p, q, sizeof p);
		/* another version's weights are that one's, and no mean any more */
		struct lepton_params *own = weights_of(plain);
		assert_int_equal(averaged->ops->set_weights(averaged, own, NULL), 0);
		assert_true(fabs(score_of(averaged).loss - c.loss) < 1e-12);
		lepton_params_release(mean);
		lepton_params_release(own);
		averaged->ops->destroy(averaged);
		other->ops->destroy(other);
		plain->ops->destroy(plain);
	}
}

static void stops_and_workers_change_nothing(void **state)
{
	(void)state;
	check_stops(EMA);
	check_stops(SWA);
	check_stops(EMA ",\"optimizer\":{\"name\":\"sgd\"}"); /* without slots of its own */
}

/* Training goes on as without it: the state beside the mean is the same. */
static void training_is_not_changed(void **state)
{
	(void)state;
	struct lepton_learner *plain = make(""), *averaged = make(EMA);
	struct lepton_state one, other;
	steps(plain, &lepton_team_alone, 50);
	steps(averaged, &lepton_team_alone, 50);
	assert_int_equal(plain->ops->save(plain, &one, NULL), 0);
	assert_int_equal(averaged->ops->save(averaged, &other, NULL), 0);
	const size_t slots = lepton_params_count(one.slots), tensors = lepton_params_count(one.weights);
	assert_int_equal(lepton_params_count(other.slots), slots + tensors);
	for (size_t t = 0; t < slots + tensors; t++) {
		const struct lepton_tensor *is = lepton_params_at(other.slots, t),
					   *as = t < slots ? lepton_params_at(one.slots, t)
							   : lepton_params_at(one.weights, t - slots);
		assert_memory_equal(
			is->data, as->data, (size_t)lepton_shape_count(&as->shape) * sizeof(float));
	}
	/* of a checkpoint without them, as of another version, training goes on from its weights */
	struct lepton_learner *third = make(EMA);
	double is[VALUES], as[VALUES];
	assert_int_equal(third->ops->load(third, &one, NULL), 0);
	assert_int_equal(flat(third, is), flat(plain, as));
	assert_memory_equal(is, as, 100 * sizeof *is);
	lepton_state_clear(&one);
	lepton_state_clear(&other);
	plain->ops->destroy(plain);
	averaged->ops->destroy(averaged);
	third->ops->destroy(third);
}

static void bad_settings(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"1", "\"averaging\""},
		{"{}", "averaging: \"method\" is missing"},
		{"{\"method\":\"mean\"}", "ema|swa"},
		{"{\"method\":\"ema\",\"decay\":1}", "decay"},
		{"{\"method\":\"ema\",\"start\":0.5}", "\"start\" is swa's; leave it out"},
		{"{\"method\":\"swa\",\"decay\":0.5}", "\"decay\" is ema's; leave it out"},
		{"{\"method\":\"swa\",\"begin\":1}", "averaging: unknown key \"begin\""},
		{"{\"method\":\"ema\"},\"pruning\":{\"sparsity\":0.5}",
			"leave \"averaging\" or \"pruning\" out"},
		{"{\"method\":\"ema\"},\"clustering\":{\"clusters\":8}",
			"\"averaging\" or \"clustering\" out"},
		{"{\"method\":\"ema\"},\"quantization\":{\"bits\":8}",
			"\"averaging\" or \"quantization\" out"},
	};
	check_refused("averaging", cases, sizeof cases / sizeof *cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_steps),
		cmocka_unit_test(of_epochs),
		cmocka_unit_test(the_mean_answers),
		cmocka_unit_test(stops_and_workers_change_nothing),
		cmocka_unit_test(training_is_not_changed),
		cmocka_unit_test(bad_settings),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
