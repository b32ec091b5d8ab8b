/* tests/test_ensemble.c - "fuse" with "ensemble": learners of unlike kinds that answer together. The oracle
 * asks each member by itself and takes the mean.
 */
#include "config.h"
#include "corner_data.h"
#include "engine_world.h"
#include "lepton/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MEMBERS 5

static const char small_network[] =
	"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Dense\",\"units\":4,\"activation\":"
	"\"tanh\"},"
	"{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}],\"batch_size\":16,\"epochs\":2}";
static const struct {
	const char *name, *learner, *config;
} members[MEMBERS] = {
	{"net", "network", small_network},
	{"tree", "decision_tree", "{\"max_depth\":3}"},
	{"forest", "random_forest", "{\"n_estimators\":5}"},
	{"boosted", "gradient_boosting", "{\"n_estimators\":3}"},
	{"line", "linear", "{}"},
};

/* The tensors "i/…" of the ensemble, under the member's own names. */
static struct lepton_params *own_weights(const struct lepton_params *all, int member)
{
	struct lepton_tensor like[32];
	size_t from[32], count = 0;
	struct lepton_params *own;
	for (size_t t = 0; t < lepton_params_count(all); t++) {
		const struct lepton_tensor *tensor = lepton_params_at(all, t);
		if (tensor->name[0] > '9' || atoi(tensor->name) != member) /* "stack/…" is nobody's */
			continue;
		assert_true(count < 32);
		like[count] = *tensor;
		snprintf(like[count].name, sizeof like[count].name, "%s", strchr(tensor->name, '/') + 1);
		from[count++] = t;
	}
	assert_int_equal(lepton_params_new(like, count, &own, NULL), 0);
	for (size_t t = 0; t < count; t++)
		memcpy(lepton_params_data(own, t), lepton_params_at(all, from[t])->data,
			(size_t)lepton_shape_count(&like[t].shape) * lepton_dtype_size(like[t].dtype));
	return own;
}

/* What a member says of the test samples is added to `sum`; its weights are those of the version. */
static void ask(const struct lepton_params *all, int i, const char *hash, const float *x, float *sum)
{
	struct lepton_params *own = own_weights(all, i);
	struct lepton_learner *learner = NULL;
	char mine[LEPTON_HASH_HEX];
	float said[CORNER_TEST * 2];
	lepton_params_hash(own, mine);
	assert_string_equal(mine, hash);
	assert_int_equal(
		lepton_learner_find(members[i].learner)->create(members[i].config, 9, data, &learner, NULL),
		0);
	assert_int_equal(learner->ops->set_weights(learner, own, NULL), 0);
	assert_int_equal(learner->ops->predict(learner, x, CORNER_TEST, said, NULL), 0);
	for (int k = 0; k < CORNER_TEST * 2; k++)
		sum[k] += said[k];
	learner->ops->destroy(learner);
	lepton_params_release(own);
}

static struct lepton_command ensemble_of(const int64_t *ids, int count, const char *name)
{
	struct lepton_command c = {.type = LEPTON_CMD_FUSE, .count = count, .method = "ensemble"};
	memcpy(c.versions, ids, (size_t)count * sizeof *ids);
	snprintf(c.name, sizeof c.name, "%s", name);
	return c;
}

/* An engine whose versions are the members, trained. */
static struct world *world_of_members(int64_t ids[MEMBERS])
{
	struct world *w = world_new(data);
	for (int i = 0; i < MEMBERS; i++)
		ids[i] = add(w, members[i].name, members[i].learner, members[i].config);
	start(w);
	for (int i = 0; i < MEMBERS; i++)
		await(w, in_state, ids[i], LEPTON_DONE);
	return w;
}

static void test_mean_of_unlike_learners(void **state)
{
	(void)state;
	int64_t ids[MEMBERS];
	float x[CORNER_TEST * CORNER_INPUTS], sum[CORNER_TEST * 2] = {0};
	int32_t labels[CORNER_TEST];
	uint32_t index[CORNER_TEST];
	struct world *w = world_of_members(ids);
	assert_int_equal(order(w, ensemble_of(ids, MEMBERS, "vote"), NULL), 0);
	const struct lepton_run_version *vote = see(w, last_of(w));
	assert_string_equal(vote->learner, "ensemble");
	assert_int_equal(vote->parent_count, MEMBERS);
	for (int i = 0; i < CORNER_TEST; i++)
		index[i] = (uint32_t)i;
	lepton_dataset_gather(data, LEPTON_TEST, index, CORNER_TEST, x, labels);
	for (int i = 0; i < MEMBERS; i++)
		ask(w->last->state.weights, i, see(w, ids[i])->weights_hash, x, sum);
	double loss = 0, right = 0;
	for (int i = 0; i < CORNER_TEST; i++) {
		loss -= log(fmax((double)sum[2 * i + labels[i]] / MEMBERS, 1e-15));
		right += (sum[2 * i + 1] > sum[2 * i]) == labels[i];
	}
	assert_true(fabs(vote->test_loss - loss / CORNER_TEST) < 1e-5);
	assert_true(fabs(vote->test_accuracy - right / CORNER_TEST) < 0.011); /* a tie may fall either way */
	int64_t bytes = 0;
	for (int i = 0; i < MEMBERS; i++)
		bytes += see(w, ids[i])->bytes;
	assert_int_equal(vote->bytes, bytes);
	/* It is no network. */
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, vote->id), LEPTON_E_STATE);
	struct lepton_command clone = {
		.type = LEPTON_CMD_CLONE, .count = 1, .versions = {vote->id}, .name = "c"};
	assert_int_equal(order(w, clone, NULL), LEPTON_E_UNSUPPORTED);
	expect(w->message, "does not train");
	int64_t two[] = {vote->id, ids[0]};
	assert_int_equal(order(w, ensemble_of(two, 2, "deep"), NULL), LEPTON_E_UNSUPPORTED);
	expect(w->message, "vote is an ensemble itself");
	assert_int_equal(order(w, ensemble_of(ids, 1, "one"), NULL), LEPTON_E_USAGE);
	assert_int_equal(order(w, ensemble_of(ids, 2, "set"), "{\"by\":1}"), LEPTON_E_USAGE);
	assert_int_equal(w->run.version_count, MEMBERS + 1);
	world_free(w);
}

/* Stacked: its answers follow from what the members say and the two tensors that are its own; found again it
 * says the same. */
static void test_stacked(void **state)
{
	(void)state;
	int64_t ids[MEMBERS];
	struct world *w = world_of_members(ids);
	struct lepton_command stacking = ensemble_of(ids, MEMBERS, "stack"),
			      vote = ensemble_of(ids, MEMBERS, "vote");
	snprintf(stacking.method, sizeof stacking.method, "stacking");
	assert_int_equal(order(w, vote, NULL), 0);
	const double mean_loss = see(w, last_of(w))->val_loss;
	assert_int_equal(order(w, stacking, "{\"l2\":0.001}"), 0);
	const struct lepton_run_version *made = see(w, last_of(w));
	const struct lepton_params *all = w->last->state.weights;
	assert_string_equal(made->learner, "ensemble");
	assert_true(made->val_loss < mean_loss * 1.1); /* of samples it had not learned from */
	const float *kernel = lepton_params_find(all, "stack/kernel")->data,
		    *bias = lepton_params_find(all, "stack/bias")->data;
	float x[CORNER_TEST * CORNER_INPUTS];
	int32_t labels[CORNER_TEST];
	uint32_t index[CORNER_TEST];
	double sum[CORNER_TEST][2], loss = 0;
	for (int i = 0; i < CORNER_TEST; i++) {
		index[i] = (uint32_t)i;
		sum[i][0] = (double)bias[0];
		sum[i][1] = (double)bias[1];
	}
	lepton_dataset_gather(data, LEPTON_TEST, index, CORNER_TEST, x, labels);
	for (int m = 0; m < MEMBERS; m++) {
		float said[CORNER_TEST * 2] = {0};
		ask(all, m, see(w, ids[m])->weights_hash, x, said);
		for (int i = 0; i < CORNER_TEST; i++) {
			double a = log(fmax((double)said[2 * i], 1e-3)),
			       b = log(fmax((double)said[2 * i + 1], 1e-3)), mean = (a + b) / 2;
			for (int c = 0; c < 2; c++)
				sum[i][c] += (a - mean) * (double)kernel[(2 * m) * 2 + c] +
					     (b - mean) * (double)kernel[(2 * m + 1) * 2 + c];
		}
	}
	for (int i = 0; i < CORNER_TEST; i++)
		loss += log(1 + exp(sum[i][1 - labels[i]] - sum[i][labels[i]])) / CORNER_TEST;
	assert_true(fabs(made->test_loss - loss) < 1e-5);
	assert_int_equal(order(w, stacking, "{\"l2\":-1}"), LEPTON_E_USAGE);
	world_free(w);
}

/* Twins say what each says. */
static void test_twins(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t a = add(w, "a", "network", small_network), both[2];
	start(w);
	await(w, in_state, a, LEPTON_DONE);
	both[0] = both[1] = a;
	int code = order(w, ensemble_of(both, 2, "twins"), NULL);
	if (!code) {
		assert_true(fabs(see(w, last_of(w))->test_loss - see(w, a)->test_loss) < 1e-6);
		assert_true(fabs(see(w, last_of(w))->test_accuracy - see(w, a)->test_accuracy) < 1e-9);
	}
	world_free(w);
}

/* Of numbers, the mean; rows of a table with missing values reach each member as they are. */
static void test_regression(void **state)
{
	(void)state;
	enum { ROWS = 300, FEATURES = 3 };
	float values[ROWS * FEATURES], targets[ROWS], sum[60] = {0}, said[60];
	uint32_t seed = 4;
	for (int i = 0; i < ROWS; i++) {
		for (int f = 0; f < FEATURES; f++)
			values[i * FEATURES + f] =
				(float)((seed = seed * 1664525u + 1013904223u) >> 8) / 16777216.0f;
		targets[i] = 3 * values[i * FEATURES] - values[i * FEATURES + 1];
		if (i % 7 == 0)
			values[i * FEATURES + 2] = NAN;
	}
	struct lepton_dataset *table;
	assert_int_equal(
		lepton_dataset_from_f32(values, NULL, targets, ROWS, 60, FEATURES, 0, 0.2, &table, NULL), 0);
	struct world *w = world_new(table);
	static const char *const kinds[] = {"decision_tree", "gradient_boosting"};
	static const char *const configs[] = {"{\"max_depth\":4}", "{\"n_estimators\":5}"};
	int64_t ids[2];
	for (int i = 0; i < 2; i++)
		ids[i] = add(w, kinds[i], kinds[i], configs[i]);
	start(w);
	for (int i = 0; i < 2; i++)
		await(w, in_state, ids[i], LEPTON_DONE);
	assert_int_equal(order(w, ensemble_of(ids, 2, "mean"), NULL), 0);
	for (int i = 0; i < 2; i++) {
		struct lepton_params *own = own_weights(w->last->state.weights, i);
		struct lepton_learner *learner;
		assert_int_equal(
			lepton_learner_find(kinds[i])->create(configs[i], 1, table, &learner, NULL), 0);
		assert_int_equal(learner->ops->set_weights(learner, own, NULL), 0);
		assert_int_equal(learner->ops->predict(
					 learner, lepton_dataset_values(table, LEPTON_TEST), 60, said, NULL),
			0);
		for (int k = 0; k < 60; k++)
			sum[k] += said[k] / 2;
		learner->ops->destroy(learner);
		lepton_params_release(own);
	}
	double loss = 0;
	for (int k = 0; k < 60; k++)
		loss += pow((double)sum[k] - (double)lepton_dataset_targets(table, LEPTON_TEST)[k], 2) / 60;
	double unit = pow(lepton_dataset_info(table)->target_scale, 2);
	assert_true(fabs(see(w, last_of(w))->test_loss - loss * unit) < 1e-5);
	assert_true(isnan(see(w, last_of(w))->test_accuracy));
	world_free(w);
	lepton_dataset_release(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mean_of_unlike_learners),
		cmocka_unit_test(test_stacked),
		cmocka_unit_test(test_twins),
		cmocka_unit_test(test_regression),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
