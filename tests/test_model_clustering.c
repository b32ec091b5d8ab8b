/* tests/test_model_clustering.c - training with shared values: a step gives each group of equal weights the
 * mean of what they become by themselves; what is shared stays so to the bit, in a compressed blob too; and a
 * stop anywhere changes no bit.
 */
#include "config.h"
#include "corner_learner.h"
#include "model/kmeans.h"
#include "lepton/compress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SGD(rate) ",\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":" rate "}"
#define FOUR ",\"clustering\":{\"clusters\":4}"

/* Values in a tensor, zero left out. */
static int different(const struct lepton_tensor *t)
{
	float seen[64];
	int count = 0;
	const float *x = t->data;
	for (int64_t i = 0; i < lepton_shape_count(&t->shape); i++) {
		int k = 0;
		while (k < count && memcmp(&seen[k], &x[i], sizeof *x) != 0)
			k++;
		if (k == count && fabsf(x[i]) > 0 && count < 64)
			seen[count++] = x[i];
	}
	return count;
}

/* With a rate of 0 a step only shares: each weight is the centroid nearest to it. */
static void test_the_first_step_shares(void **state)
{
	(void)state;
	struct lepton_learner *learner = make(FOUR SGD("0"));
	struct lepton_params *before = weights_of(learner);
	steps(learner, &lepton_team_alone, 1);
	struct lepton_params *after = weights_of(learner);
	for (size_t i = 0; i < lepton_params_count(before); i++) {
		const struct lepton_tensor *a = lepton_params_at(before, i), *b = lepton_params_at(after, i);
		const float *x = a->data, *y = b->data;
		float centroids[4];
		uint32_t found;
		const int64_t count = lepton_shape_count(&a->shape);
		if (a->shape.rank < 2) {
			assert_memory_equal(x, y, (size_t)count * sizeof *x);
			continue;
		}
		assert_int_equal(lepton__kmeans(x, count, 4, centroids, &found, NULL), 0);
		assert_int_equal(found, 4);
		assert_int_equal(different(b), 4);
		for (int64_t k = 0; k < count; k++) {
			float best = centroids[0];
			for (int c = 1; c < 4; c++)
				if (fabs((double)x[k] - (double)centroids[c]) <
					fabs((double)x[k] - (double)best))
					best = centroids[c];
			assert_true(fabsf(y[k] - best) < 1e-6F);
		}
	}
	lepton_params_release(before);
	lepton_params_release(after);
	learner->ops->destroy(learner);
}

/* Another network with the same weights steps by itself; the mean of each group is what must come out. */
static void test_a_step_moves_groups(void **state)
{
	(void)state;
	struct lepton_learner *share = make(FOUR SGD("0")), *tied = make(FOUR SGD("0.5")),
			      *alone = make(SGD("0.5"));
	steps(share, &lepton_team_alone, 1);
	struct lepton_params *before = weights_of(share);
	assert_int_equal(tied->ops->set_weights(tied, before, NULL), 0);
	assert_int_equal(alone->ops->set_weights(alone, before, NULL), 0);
	steps(tied, &lepton_team_alone, 1);
	steps(alone, &lepton_team_alone, 1);
	struct lepton_params *mine = weights_of(tied), *its = weights_of(alone);
	for (size_t i = 0; i < lepton_params_count(before); i++) {
		const struct lepton_tensor *t = lepton_params_at(before, i);
		const float *w = t->data, *x = lepton_params_at(mine, i)->data,
			    *y = lepton_params_at(its, i)->data;
		const int64_t count = lepton_shape_count(&t->shape);
		if (t->shape.rank < 2) {
			assert_memory_equal(x, y, (size_t)count * sizeof *x);
			continue;
		}
		for (int64_t k = 0; k < count; k++) {
			double sum = 0, number = 0;
			for (int64_t j = 0; j < count; j++)
				if (memcmp(&w[j], &w[k], sizeof *w) == 0) {
					sum += (double)y[j];
					number++;
				}
			assert_true(fabs((double)x[k] - sum / number) < 1e-6);
		}
	}
	lepton_params_release(before);
	lepton_params_release(mine);
	lepton_params_release(its);
	share->ops->destroy(share);
	tied->ops->destroy(tied);
	alone->ops->destroy(alone);
}

/* As many values are few enough for the code book of "cluster", which keeps them; and they have learned. */
static void test_compressed_to_the_bit(void **state)
{
	(void)state;
	struct lepton_learner *floats = make(""), *learner = make(",\"clustering\":{\"clusters\":8}");
	char hash[LEPTON_HASH_HEX], kept[LEPTON_HASH_HEX];
	struct lepton_params *blob, *back;
	struct lepton_compress_report report;
	struct lepton_score score, whole;
	steps(floats, &lepton_team_alone, STEPS);
	struct lepton_params *trained = weights_of(floats);
	assert_int_equal(
		floats->ops->evaluate(floats, &lepton_team_alone, LEPTON_TRAIN, 0, SAMPLES, &whole, NULL), 0);
	assert_int_equal(learner->ops->set_weights(learner, trained, NULL), 0);
	lepton_params_release(trained);
	floats->ops->destroy(floats);
	steps(learner, &lepton_team_alone, STEPS);
	struct lepton_params *weights = weights_of(learner);
	assert_int_equal(
		lepton_compress("cluster", weights, NULL, "{\"clusters\":8}", &blob, &back, &report, NULL),
		0);
	lepton_params_hash(weights, hash);
	lepton_params_hash(back, kept);
	assert_string_equal(hash, kept);
	assert_int_equal(
		learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TRAIN, 0, SAMPLES, &score, NULL),
		0);
	assert_true(score.accuracy > whole.accuracy - 0.05);
	lepton_params_release(weights);
	lepton_params_release(blob);
	lepton_params_release(back);
	learner->ops->destroy(learner);
}

/* With pruning, whose share of zeros is there in the end. */
static void test_a_stop_changes_no_bit(void **state)
{
	(void)state;
	static const char more[] = FOUR ",\"pruning\":{\"sparsity\":0.5,\"frequency\":7}";
	int64_t zeros = 0, all = 0;
	check_stops(more);
	struct lepton_learner *learner = make(more);
	steps(learner, &lepton_team_alone, STEPS);
	struct lepton_params *weights = weights_of(learner);
	for (size_t i = 0; i < lepton_params_count(weights); i++) {
		const struct lepton_tensor *t = lepton_params_at(weights, i);
		for (int64_t k = 0; t->shape.rank > 1 && k < lepton_shape_count(&t->shape); k++, all++)
			zeros += !(fabsf(((const float *)t->data)[k]) > 0);
		assert_true(t->shape.rank < 2 || different(t) <= 4);
	}
	assert_true(zeros >= all / 2 - 1);
	lepton_params_release(weights);
	learner->ops->destroy(learner);
}

static void test_bad_settings(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"{}", "clustering: \"clusters\" is missing"},
		{"{\"clusters\":0}", "clusters"},
		{"{\"clusters\":257}", "clusters"},
		{"{\"clusters\":4,\"cluster\":1}", "did you mean \"clusters\""},
		{"{\"clusters\":4},\"quantization\":{\"bits\":4}",
			"leave \"clustering\" or \"quantization\" out"},
	};
	check_refused("clustering", cases, sizeof cases / sizeof *cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_step_shares),
		cmocka_unit_test(test_a_step_moves_groups),
		cmocka_unit_test(test_compressed_to_the_bit),
		cmocka_unit_test(test_a_stop_changes_no_bit),
		cmocka_unit_test(test_bad_settings),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
