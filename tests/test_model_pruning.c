/* tests/test_model_pruning.c - pruning while a network trains: the share of zeros is the formula's at every step, those
 * pruned are the smallest by a plain sort, none comes back, biases are left alone, and a stop anywhere changes no bit.
 */
#include "config.h"
#include "corner_learner.h"
#include "lepton/model.h"
#include "lepton/spec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KERNELS (CORNER_INPUTS * CORNER_UNITS + CORNER_UNITS * 2)

/* The kernels' numbers, layer by layer; how many biases are not zero. */
static int kernels_of(struct lepton_learner *learner, float out[KERNELS])
{
	struct lepton_params *weights;
	int at = 0, biases = 0;
	assert_int_equal(learner->ops->weights(learner, &weights, NULL), 0);
	for (size_t i = 0; i < lepton_params_count(weights); i++) {
		const struct lepton_tensor *t = lepton_params_at(weights, i);
		const float *values = t->data;
		for (int64_t k = 0; k < lepton_shape_count(&t->shape); k++)
			if (t->shape.rank > 1)
				out[at++] = values[k];
			else
				biases += fabsf(values[k]) > 0;
	}
	lepton_params_release(weights);
	assert_int_equal(at, KERNELS);
	return biases;
}

static bool is_zero(float x)
{
	return !(fabsf(x) > 0);
}

static int zeros_in(const float *x, int n)
{
	int zeros = 0;
	for (int i = 0; i < n; i++)
		zeros += is_zero(x[i]);
	return zeros;
}

static int ascending(const void *a, const void *b)
{
	float x = fabsf(*(const float *)a), y = fabsf(*(const float *)b);
	return (x > y) - (x < y);
}

/* Zhu and Gupta's, in steps. */
static double share_at(double sparsity, int begin, int end, int step)
{
	if (step < begin)
		return 0;
	if (step >= end)
		return sparsity;
	return sparsity - sparsity * pow(1 - (double)(step - begin) / (end - begin), 3);
}

/* No step of the optimiser can bring a weight nearer to 0 than it is pruned at: with a rate of 0 only pruning changes
 * anything, so what is left must be the largest of the first weights. */
static void test_the_smallest_go(void **state)
{
	(void)state;
	static const char *const scopes[] = {"global", "layer"};
	for (int layer = 0; layer < 2; layer++) {
		char more[300];
		snprintf(more, sizeof more,
			",\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":0},\"pruning\":{\"sparsity\":0.8,\"begin_epoch\":1,"
			"\"end_epoch\":4,\"frequency\":7,\"scope\":\"%s\"}", scopes[layer]);
		struct lepton_learner *learner = make(more);
		float first[KERNELS], sorted[KERNELS], now[KERNELS];
		kernels_of(learner, first);
		for (int step = 0; step < STEPS; step++) {
			int last = step >= 80 ? 80 : step < 20 ? -1 : 20 + (step - 20) / 7 * 7;
			steps(learner, &lepton_team_alone, 1);
			kernels_of(learner, now);
			for (int part = 0; part < 1 + layer; part++) {
				int from = part ? 16 * 24 : 0, n = layer ? (part ? 24 * 2 : 16 * 24) : KERNELS;
				int zeros = last < 0 ? 0 : (int)floor(share_at(0.8, 20, 80, last) * n + 0.5);
				memcpy(sorted, first + from, (size_t)n * sizeof *sorted);
				qsort(sorted, (size_t)n, sizeof *sorted, ascending);
				assert_int_equal(zeros_in(now + from, n), zeros);
				for (int i = from; i < from + n; i++)
					if (fabsf(first[i]) < fabsf(sorted[zeros]))
						assert_true(is_zero(now[i]));
					else
						assert_memory_equal(&now[i], &first[i], sizeof *now);
			}
		}
		learner->ops->destroy(learner);
	}
}

/* While it learns: never fewer zeros, the same ones among them, in the end as many as were asked for. */
static void test_none_comes_back(void **state)
{
	(void)state;
	struct lepton_learner *learner = make(",\"pruning\":{\"sparsity\":0.9,\"frequency\":5}");
	float before[KERNELS], now[KERNELS];
	kernels_of(learner, before);
	for (int step = 0; step < STEPS; step++) {
		steps(learner, &lepton_team_alone, 1);
		int biases = kernels_of(learner, now);
		for (int i = 0; i < KERNELS; i++)
			assert_true(!is_zero(before[i]) || is_zero(now[i]));
		memcpy(before, now, sizeof before);
		assert_true(biases >= 2);
	}
	assert_int_equal(zeros_in(now, KERNELS), (int)(0.9 * KERNELS + 0.5));
	learner->ops->destroy(learner);
}

static void test_a_stop_changes_no_bit(void **state)
{
	(void)state;
	check_stops(",\"pruning\":{\"sparsity\":0.7,\"frequency\":9}");
}

/* A pruned version's weights in one that says 0: its zeros stay, the others learn. */
static void test_zeros_there_are_kept(void **state)
{
	(void)state;
	struct lepton_learner *pruned = make(",\"pruning\":{\"sparsity\":0.6,\"end_epoch\":2}"),
			      *kept = make(",\"pruning\":{\"sparsity\":0}"), *free_again = make("");
	struct lepton_params *weights;
	float before[KERNELS], now[KERNELS];
	steps(pruned, &lepton_team_alone, STEPS);
	kernels_of(pruned, before);
	assert_int_equal(pruned->ops->weights(pruned, &weights, NULL), 0);
	assert_int_equal(kept->ops->set_weights(kept, weights, NULL), 0);
	assert_int_equal(free_again->ops->set_weights(free_again, weights, NULL), 0);
	steps(kept, &lepton_team_alone, 30);
	steps(free_again, &lepton_team_alone, 30);
	kernels_of(kept, now);
	int moved = 0;
	for (int i = 0; i < KERNELS; i++) {
		assert_int_equal(is_zero(before[i]), is_zero(now[i]));
		moved += memcmp(&before[i], &now[i], sizeof *now) != 0;
	}
	assert_true(moved > KERNELS / 4);
	kernels_of(free_again, now);
	assert_true(zeros_in(now, KERNELS) < zeros_in(before, KERNELS) / 2);
	lepton_params_release(weights);
	pruned->ops->destroy(pruned);
	kept->ops->destroy(kept);
	free_again->ops->destroy(free_again);
}

static void test_bad_settings(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"{}", "pruning: \"sparsity\" is missing"},
		{"{\"sparsity\":1}", "sparsity"},
		{"{\"sparsity\":-0.1}", "sparsity"},
		{"{\"sparsity\":0.5,\"frequency\":0}", "frequency"},
		{"{\"sparsity\":0.5,\"scope\":\"net\"}", "global"},
		{"{\"sparsity\":0.5,\"sparsty\":1}", "did you mean \"sparsity\""},
		{"{\"sparsity\":0.5,\"begin_epoch\":3,\"end_epoch\":2}", "\"end_epoch\" 2 lies before \"begin_epoch\" 3"},
		{"{\"sparsity\":0.5,\"end_epoch\":6}", "it ends after epoch 6, but training after 6"},
	};
	check_refused("pruning", cases, sizeof cases / sizeof *cases);
}

/* null takes a key away again, as clones without their source's pruning need. */
static void test_null_takes_it_away(void **state)
{
	(void)state;
	char *config;
	assert_int_equal(lepton_config_set("{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Dense\",\"units\":2,"
					   "\"activation\":\"softmax\"}],\"pruning\":{\"sparsity\":0.5}}",
				 "pruning", "null", &config, NULL), 0);
	assert_null(strstr(config, "pruning"));
	free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_smallest_go),
		cmocka_unit_test(test_none_comes_back),
		cmocka_unit_test(test_a_stop_changes_no_bit),
		cmocka_unit_test(test_zeros_there_are_kept),
		cmocka_unit_test(test_bad_settings),
		cmocka_unit_test(test_null_takes_it_away),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
