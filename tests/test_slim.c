/* tests/test_slim.c - structured pruning: which units go, that the smaller weights are in their places, that
 * units which do nothing are not missed, and "compress" with "slim".
 */
#include "config.h"
#include "corner_data.h"
#include "engine_world.h"
#include "compress_make.h"
#include "compress/slim.h"
#include "lepton/model.h"
#include "train/slim_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- which go ------------------------------------------------------------------------------------------ */

static const struct lepton_tensor dense_net[] = {
	{.name = "a/kernel", .dtype = LEPTON_F32, .shape = {2, {6, 5}}},
	{.name = "a/bias", .dtype = LEPTON_F32, .shape = {1, {5}}},
	{.name = "b/kernel", .dtype = LEPTON_F32, .shape = {2, {5, 4}}},
	{.name = "b/bias", .dtype = LEPTON_F32, .shape = {1, {4}}},
	{.name = "c/kernel", .dtype = LEPTON_F32, .shape = {2, {4, 3}}},
	{.name = "c/bias", .dtype = LEPTON_F32, .shape = {1, {3}}},
};

/* Let a unit of `a` and one of `b` weigh `factor` times what they do. */
static void scale_unit(struct lepton_params *w, size_t kernel, int units, int rows, int unit, float factor)
{
	float *values = lepton_params_data(w, kernel), *bias = lepton_params_data(w, kernel + 1);
	for (int r = 0; r < rows; r++)
		values[r * units + unit] *= factor;
	bias[unit] *= factor;
}

static void slimmed(const struct lepton_params *w, double share, bool global, struct lepton__slim *out)
{
	struct lepton_error err;
	if (lepton__slim(w, share, global, out, &err))
		fail_msg("%s", err.message);
}

static void test_least_important_go(void **state)
{
	(void)state;
	struct lepton_params *w = make_random(dense_net, 6, 5);
	struct lepton__slim s;
	scale_unit(w, 0, 5, 6, 1, 0.01f); /* of a: 1 and 3 are the least */
	scale_unit(w, 0, 5, 6, 3, 0.02f);
	scale_unit(w, 2, 4, 5, 2, 0.01f); /* of b: 2 */
	slimmed(w, 0.4, false, &s);
	static const int a[] = {0, 2, 4}, b[] = {0, 1, 3};
	assert_int_equal(s.layers, 3);
	assert_int_equal(s.units[0], 3);
	assert_int_equal(s.units[1], 3);
	assert_int_equal(s.units[2], 3);
	assert_int_equal(s.before[0], 5);
	for (int i = 0; i < 3; i++) {
		assert_memory_equal(&numbers(s.weights, 1)[i], &numbers(w, 1)[a[i]], 4);
		assert_memory_equal(&numbers(s.weights, 3)[i], &numbers(w, 3)[b[i]], 4);
		for (int r = 0; r < 6; r++)
			assert_memory_equal(
				&numbers(s.weights, 0)[r * 3 + i], &numbers(w, 0)[r * 5 + a[i]], 4);
		for (int r = 0; r < 3; r++) {
			assert_memory_equal(
				&numbers(s.weights, 2)[r * 3 + i], &numbers(w, 2)[a[r] * 4 + b[i]], 4);
			assert_memory_equal(
				&numbers(s.weights, 4)[r * 3 + i], &numbers(w, 4)[b[r] * 3 + i], 4);
		}
	}
	assert_memory_equal(numbers(s.weights, 5), numbers(w, 5), 12);
	lepton__slim_free(&s);
	lepton_params_release(w);
}

/* What is scaled up on one side and down on the other matters as before. */
static void test_scaling_changes_nothing(void **state)
{
	(void)state;
	struct lepton_params *w = make_random(dense_net, 6, 5), *scaled = make_random(dense_net, 6, 5);
	float *reads = lepton_params_data(scaled, 2);
	scale_unit(scaled, 0, 5, 6, 2, 8);
	for (int i = 0; i < 4; i++)
		reads[2 * 4 + i] /= 8;
	for (int global = 0; global < 2; global++) {
		struct lepton__slim a, b;
		slimmed(w, 0.5, global, &a);
		slimmed(scaled, 0.5, global, &b);
		assert_memory_equal(a.units, b.units, 3 * sizeof *a.units);
		assert_memory_equal(numbers(a.weights, 5), numbers(b.weights, 5), 12);
		lepton__slim_free(&a);
		lepton__slim_free(&b);
	}
	lepton_params_release(w);
	lepton_params_release(scaled);
}

/* Network-wide, a layer of units much alike loses none where another has many that are next to nothing; and a
 * layer's last unit stays whatever the share. */
static void test_network_wide(void **state)
{
	(void)state;
	struct lepton_params *w = make_random(dense_net, 6, 6);
	struct lepton__slim s;
	for (int unit = 0; unit < 4; unit++)
		scale_unit(w, 0, 5, 6, unit, 0.001f);
	slimmed(w, 0.4, true, &s); /* of 9 units 3 */
	assert_int_equal(s.units[0], 2);
	assert_int_equal(s.units[1], 4);
	lepton__slim_free(&s);
	slimmed(w, 0.99, true, &s);
	assert_int_equal(s.units[0], 1);
	assert_int_equal(s.units[1], 1);
	lepton__slim_free(&s);
	lepton_params_release(w);
}

/* ---- places -------------------------------------------------------------------------------------------- */

static void is(float value, int number)
{
	assert_true(fabsf(value - (float)number) <= 0);
}

/* Two convolutions, Flatten of 3 x 2 places, two dense layers: every weight says where it was. */
static void test_places(void **state)
{
	(void)state;
	static const struct lepton_tensor like[] = {
		{.name = "p/kernel", .dtype = LEPTON_F32, .shape = {4, {3, 3, 2, 4}}},
		{.name = "p/bias", .dtype = LEPTON_F32, .shape = {1, {4}}},
		{.name = "q/kernel", .dtype = LEPTON_F32, .shape = {4, {2, 2, 4, 3}}},
		{.name = "r/kernel", .dtype = LEPTON_F32, .shape = {2, {3 * 2 * 3, 5}}},
		{.name = "s/kernel", .dtype = LEPTON_F32, .shape = {2, {5, 2}}},
	};
	struct lepton_params *w = make_zeros(like, 5);
	for (size_t t = 0; t < 5; t++)
		for (int i = 0; i < (int)lepton_shape_count(&like[t].shape); i++)
			((float *)lepton_params_data(w, t))[i] = 1 + (float)i;
	scale_unit(w, 0, 4, 18, 1, 0);        /* of p, filter 1 is nothing */
	for (int row = 0; row < 4 * 4; row++) /* of q, filter 2 */
		((float *)lepton_params_data(w, 2))[row * 3 + 2] = 0;
	for (int i = 0; i < 2; i++) /* of r, nobody reads unit 0 */
		((float *)lepton_params_data(w, 4))[i] = 0;
	struct lepton__slim s;
	slimmed(w, 0, false, &s);
	static const int p[] = {0, 2, 3}, q[] = {0, 1}, r[] = {1, 2, 3, 4};
	for (int at = 0; at < 9; at++)
		for (int in = 0; in < 2; in++)
			for (int out = 0; out < 3; out++)
				is(numbers(s.weights, 0)[(at * 2 + in) * 3 + out],
					1 + (at * 2 + in) * 4 + p[out]);
	for (int at = 0; at < 4; at++)
		for (int in = 0; in < 3; in++)
			for (int out = 0; out < 2; out++)
				is(numbers(s.weights, 2)[(at * 3 + in) * 2 + out],
					1 + (at * 4 + p[in]) * 3 + q[out]);
	for (int at = 0; at < 6; at++)
		for (int in = 0; in < 2; in++)
			for (int out = 0; out < 4; out++)
				is(numbers(s.weights, 3)[(at * 2 + in) * 4 + out],
					1 + (at * 3 + q[in]) * 5 + r[out]);
	for (int in = 0; in < 4; in++)
		for (int out = 0; out < 2; out++)
			is(numbers(s.weights, 4)[in * 2 + out], 1 + r[in] * 2 + out);
	lepton__slim_free(&s);
	lepton_params_release(w);
}

/* ---- answers ------------------------------------------------------------------------------------------- */

static const char idle[] =
	"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Dense\",\"units\":9,\"activation\":"
	"\"relu\"},"
	"{\"type\":\"Dropout\",\"rate\":0.5},{\"type\":\"Dense\",\"units\":7,\"activation\":\"tanh\"},"
	"{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}],\"batch_size\":16,\"epochs\":1}";

static void answers(const char *config, const struct lepton_params *weights, float out[20])
{
	struct lepton_learner *learner = NULL;
	struct lepton_error err;
	float x[16 * 10];
	uint32_t seed = 1;
	for (int i = 0; i < 160; i++)
		x[i] = next_number(&seed);
	assert_int_equal(lepton_learner_find("network")->create(config, 1, data, &learner, &err), 0);
	assert_int_equal(learner->ops->set_weights(learner, weights, &err), 0);
	assert_int_equal(learner->ops->predict(learner, x, 10, out, &err), 0);
	learner->ops->destroy(learner);
}

/* Without the units that do nothing: so many are left, and the answers are the same. *weights give way to the
 * smaller. */
static void check_idle(const char *config, struct lepton_params **weights, const char *left)
{
	float before[20], after[20];
	char *smaller = NULL, detail[256];
	struct lepton_error err;
	answers(config, *weights, before);
	assert_int_equal(
		lepton__slim_network(config, "{\"share\":0}", weights, &smaller, detail, sizeof detail, &err),
		0);
	assert_string_equal(detail, left);
	answers(smaller, *weights, after);
	for (int i = 0; i < 20; i++)
		assert_true(fabsf(before[i] - after[i]) < 1e-6f);
	free(smaller);
}

static void test_idle_units_are_not_missed(void **state)
{
	(void)state;
	struct lepton_learner *learner = NULL;
	struct lepton_params *weights;
	struct lepton_error err;
	assert_int_equal(lepton_learner_find("network")->create(idle, 1, data, &learner, &err), 0);
	assert_int_equal(learner->ops->weights(learner, &weights, &err), 0);
	scale_unit(weights, 0, 9, 16, 4, 0); /* says nothing */
	scale_unit(weights, 0, 9, 16, 8, 0);
	for (int i = 0; i < 2; i++) /* nobody hears unit 3 of the second layer */
		((float *)lepton_params_data(weights, 4))[3 * 2 + i] = 0;
	check_idle(idle, &weights, "hidden units left: 7 of 9, 6 of 7");
	lepton_params_release(weights);
	learner->ops->destroy(learner);
}

/* Likewise with BatchNormalization of the inputs and of units; and its numbers stay with their units. */
static void test_normalised(void **state)
{
	(void)state;
	static const char normal[] = "{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":"
				     "\"BatchNormalization\"},{\"type\":\"Dense\",\"units\":9},"
				     "{\"type\":\"BatchNormalization\"},{\"type\":\"Dense\",\"units\":7,"
				     "\"activation\":\"tanh\"},{\"type\":"
				     "\"BatchNormalization\"},{\"type\":\"Dense\",\"units\":2,\"activation\":"
				     "\"softmax\"}],\"batch_size\":16,"
				     "\"epochs\":1}";
	struct lepton_learner *learner = NULL;
	struct lepton_params *weights;
	struct lepton_error err;
	uint32_t seed = 9;
	assert_int_equal(lepton_learner_find("network")->create(normal, 1, data, &learner, &err), 0);
	assert_int_equal(learner->ops->weights(learner, &weights, &err), 0);
	for (size_t t = 0; t < lepton_params_count(weights); t++)
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(weights, t)->shape); i++)
			((float *)lepton_params_data(weights, t))[i] += 0.4F * fabsf(next_number(&seed));
	/* 0..3: the inputs' four; 4, 5: the first kernel and bias; 6..9: its units' four; 10, 11: the
	 * second; 12..15 */
	assert_string_equal(lepton_params_at(weights, 6)->name, "batch_normalization_1/gamma");
	for (int unit = 2; unit < 9; unit += 3) /* silent */
		((float *)lepton_params_data(weights, 6))[unit] =
			((float *)lepton_params_data(weights, 7))[unit] = 0;
	assert_string_equal(lepton_params_at(weights, 16)->name, "dense_2/kernel");
	for (int i = 0; i < 2; i++) /* not heard */
		((float *)lepton_params_data(weights, 16))[5 * 2 + i] = 0;
	const float kept = ((float *)lepton_params_data(weights, 8))[3];
	check_idle(normal, &weights, "hidden units left: 6 of 9, 6 of 7");
	assert_true(fabsf(numbers(weights, 8)[2] - kept) <= 0); /* unit 3 is the third now */
	lepton_params_release(weights);
	learner->ops->destroy(learner);
	/* behind Flatten it is of places */
	static const struct lepton_tensor places[] = {
		{.name = "p/kernel", .dtype = LEPTON_F32, .shape = {4, {3, 3, 1, 2}}},
		{.name = "n/gamma", .dtype = LEPTON_F32, .shape = {1, {8}}},
		{.name = "q/kernel", .dtype = LEPTON_F32, .shape = {2, {8, 2}}},
	};
	struct lepton_params *odd = make_random(places, 3, 1);
	struct lepton__slim s;
	assert_int_equal(lepton__slim(odd, 0.5, false, &s, &err), LEPTON_E_UNSUPPORTED);
	assert_non_null(strstr(err.message, "n/gamma has not a number for each of the 2 units before it"));
	lepton_params_release(odd);
}

/* Of an embedding: values of the vectors go, with what reads them, and the mean of vectors says as much as
 * before. */
static void test_embedding(void **state)
{
	(void)state;
	static const char text[] =
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[6]},{\"type\":\"Embedding\",\"input_dim\":9,"
		"\"output_dim\":5},{\"type\":\"GlobalAveragePooling1D\"},{\"type\":\"Dense\",\"units\":2,"
		"\"activation\":\"softmax\"}]}";
	static const struct lepton_tensor like[] = {
		{.name = "embedding/embeddings", .dtype = LEPTON_F32, .shape = {2, {9, 5}}},
		{.name = "dense/kernel", .dtype = LEPTON_F32, .shape = {2, {5, 2}}},
		{.name = "dense/bias", .dtype = LEPTON_F32, .shape = {1, {2}}},
	};
	struct lepton_params *w = make_random(like, 3, 4), *whole;
	struct lepton_error err;
	char *config = NULL, detail[256];
	for (int row = 0; row < 9; row++) /* value 1 is always 0 */
		((float *)lepton_params_data(w, 0))[row * 5 + 1] = 0;
	for (int i = 0; i < 2; i++) /* nobody reads value 3 */
		((float *)lepton_params_data(w, 1))[3 * 2 + i] = 0;
	whole = lepton_params_retain(w);
	assert_int_equal(
		lepton__slim_network(text, "{\"share\":0}", &w, &config, detail, sizeof detail, &err), 0);
	assert_string_equal(detail, "hidden units left: 3 of 5");
	assert_non_null(strstr(config, "\"output_dim\":3"));
	assert_non_null(strstr(config, "\"input_dim\":9"));
	for (int number = 0; number < 9; number++)
		for (int o = 0; o < 2; o++) {
			float before = 0, after = 0;
			for (int k = 0; k < 5; k++)
				before += numbers(whole, 0)[number * 5 + k] * numbers(whole, 1)[k * 2 + o];
			for (int k = 0; k < 3; k++)
				after += numbers(w, 0)[number * 3 + k] * numbers(w, 1)[k * 2 + o];
			assert_true(fabsf(before - after) < 1e-6F);
		}
	free(config);
	lepton_params_release(w);
	lepton_params_release(whole);
}

/* ---- the command --------------------------------------------------------------------------------------- */

static struct lepton_command slim_of(int64_t id, const char *name)
{
	struct lepton_command c = {
		.type = LEPTON_CMD_COMPRESS, .count = 1, .versions = {id}, .method = "slim"};
	snprintf(c.name, sizeof c.name, "%s", name);
	return c;
}

static void test_a_version_of_fewer_units(void **state)
{
	(void)state;
	char config[500];
	struct world *w = world_new(data);
	corner_config(config, sizeof config, 4, "");
	int64_t id = add(w, "v", "network", config);
	start(w);
	await(w, in_state, id, LEPTON_DONE);
	assert_int_equal(order(w, slim_of(id, "small"), "{\"share\":0.5}"), 0);
	const struct lepton_run_version *small = see(w, last_of(w));
	assert_string_equal(small->name, "small");
	assert_int_equal(small->parents[0], id);
	assert_int_equal(small->parameters, (CORNER_INPUTS + 1) * 12 + 13 * 2);
	expect(lepton_text_get(small->operation), "\"method\":\"slim\"");
	expect(lepton_text_get(small->operation), "hidden units left: 12 of 24");
	expect(lepton_text_get(small->hyperparameters), "\"units\":12");
	assert_true(small->val_accuracy > 0.5);
	/* It is a network: a clone of it trains on, and it can be made smaller still. */
	struct lepton_command clone = {
		.type = LEPTON_CMD_CLONE, .count = 1, .versions = {small->id}, .name = "on"};
	assert_int_equal(order(w, clone, NULL), 0);
	await(w, in_state, last_of(w), LEPTON_DONE);
	struct lepton_command more = {.type = LEPTON_CMD_COMPRESS,
		.count = 1,
		.versions = {last_of(w)},
		.method = "prune,entropy",
		.name = "coded"};
	assert_int_equal(order(w, more, NULL), 0);
	assert_true(see(w, last_of(w))->bytes < small->bytes);
	world_free(w);
}

static void test_refusals(void **state)
{
	(void)state;
	static const char norm[] =
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Dense\",\"units\":4},"
		"{\"type\":\"BatchNormalization\"},{\"type\":\"BatchNormalization\"},{\"type\":\"Dense\","
		"\"units\":2,"
		"\"activation\":\"softmax\"}],\"epochs\":1}";
	struct world *w = world_new(data);
	int64_t tree = add(w, "t", "decision_tree", "{\"max_depth\":2}"),
		network = add(w, "n", "network", norm), linear = add(w, "l", "linear", "{}");
	start(w);
	await(w, in_state, tree, LEPTON_DONE);
	await(w, in_state, network, LEPTON_DONE);
	await(w, in_state, linear, LEPTON_DONE);
	assert_int_equal(order(w, slim_of(tree, ""), NULL), LEPTON_E_UNSUPPORTED);
	assert_int_equal(order(w, slim_of(network, ""), NULL), LEPTON_E_UNSUPPORTED);
	expect(w->message, "is the second BatchNormalization behind one layer");
	assert_int_equal(order(w, slim_of(linear, ""), NULL), LEPTON_E_UNSUPPORTED);
	assert_int_equal(order(w, slim_of(network, ""), "{\"share\":1}"), LEPTON_E_USAGE);
	expect(w->message, "share");
	assert_int_equal(w->run.version_count, 3);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_least_important_go),
		cmocka_unit_test(test_scaling_changes_nothing),
		cmocka_unit_test(test_network_wide),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_idle_units_are_not_missed),
		cmocka_unit_test(test_normalised),
		cmocka_unit_test(test_embedding),
		cmocka_unit_test(test_a_version_of_fewer_units),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
