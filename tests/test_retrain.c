/* tests/test_retrain.c - compress with "retrain": a version that is pruned while it trains, then the compressed one; what
 * becomes of the command when the version is stopped, fails, or the engine ends; and "auto", which searches.
 */
#include "config.h"
#include "corner_data.h"
#include "engine_world.h"
#include "base/clock.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int64_t add_network(struct world *w, const char *name, const char *more)
{
	char config[500];
	corner_config(config, sizeof config, 4, more);
	return add(w, name, "network", config);
}

/* An engine with one network, "v", that is trained. */
static struct world *world_trained(const char *more, int64_t *id)
{
	struct world *w = world_new(data);
	*id = add_network(w, "v", more);
	start(w);
	await(w, in_state, *id, LEPTON_DONE);
	return w;
}

/* 0: there is none */
static int64_t id_of(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->run.version_count; i++)
		if (strcmp(w->run.versions[i]->name, name) == 0)
			return w->run.versions[i]->id;
	return 0;
}

static bool there_is(struct world *w, int64_t id, int64_t what)
{
	(void)id, (void)what;
	return id_of(w, "v.retrained") != 0;
}

static bool there_is_retrained_small(struct world *w, int64_t id, int64_t what)
{
	(void)id, (void)what;
	return id_of(w, "small.retrained") != 0;
}

static struct lepton_command compress_of(int64_t id, const char *method, const char *name)
{
	struct lepton_command c = {.type = LEPTON_CMD_COMPRESS, .count = 1, .versions = {id}};
	snprintf(c.method, sizeof c.method, "%s", method);
	snprintf(c.name, sizeof c.name, "%s", name);
	return c;
}

/* Send without waiting; the ticket. */
static uint64_t send(struct world *w, struct lepton_command command, const char *settings)
{
	command.ticket = ++w->ticket;
	command.settings = settings ? lepton_text_new(settings) : NULL;
	assert_int_equal(lepton_engine_submit(w->engine, &command, NULL), 0);
	lepton_command_clear(&command);
	return command.ticket;
}

static int answer(struct world *w, uint64_t ticket)
{
	double until = lepton__monotonic() + WORLD_PATIENCE;
	while (w->replied != ticket && lepton__monotonic() < until)
		world_next(w, 0.05);
	assert_int_equal(w->replied, ticket);
	return w->code;
}

static double zeros_of(const struct lepton_checkpoint *checkpoint)
{
	int64_t zeros = 0, all = 0;
	for (size_t i = 0; i < lepton_params_count(checkpoint->state.weights); i++) {
		const struct lepton_tensor *t = lepton_params_at(checkpoint->state.weights, i);
		const float *values = t->data;
		for (int64_t k = 0; t->shape.rank > 1 && k < lepton_shape_count(&t->shape); k++, all++)
			zeros += !(fabsf(values[k]) > 0);
	}
	return (double)zeros / (double)all;
}

static void test_trained_then_compressed(void **state)
{
	(void)state;
	int64_t id;
	struct world *w = world_trained(",\"early_stopping\":{\"patience\":1}", &id);
	assert_int_equal(order(w, compress_of(id, "prune,entropy", ""), "{\"sparsity\":0.75,\"retrain\":5,\"scope\":\"layer\"}"), 0);
	const struct lepton_run_version *trained = see(w, id_of(w, "v.retrained")),
					*small = see(w, id_of(w, "v.retrained.prune,entropy"));
	assert_int_equal(trained->state, LEPTON_DONE);
	assert_int_equal(trained->parents[0], id);
	assert_int_equal(trained->epochs, 5);
	assert_int_equal(trained->epochs_done.count, 5); /* the source's early end is not its own */
	assert_int_equal(small->parents[0], trained->id);
	assert_true(small->bytes < trained->bytes / 4);
	expect(lepton_text_get(small->operation), "\"sparsity\":0.75");
	assert_null(strstr(lepton_text_get(small->operation), "retrain\":"));
	assert_true(fabs(zeros_of(w->last) - 0.75) < 0.01);
	assert_true(trained->test_accuracy > see(w, id)->test_accuracy - 0.1);
	world_free(w);
}

/* Rounded while it trains on: what is compressed then is the very same. */
static void test_rounded_then_compressed(void **state)
{
	(void)state;
	int64_t id;
	struct world *w = world_trained("", &id);
	assert_int_equal(order(w, compress_of(id, "quantize", ""), "{\"bits\":4,\"retrain\":3}"), 0);
	const struct lepton_run_version *trained = see(w, id_of(w, "v.retrained")),
					*small = see(w, id_of(w, "v.retrained.quantize"));
	assert_int_equal(trained->state, LEPTON_DONE);
	assert_int_equal(trained->epochs, 3);
	expect(lepton_text_get(trained->hyperparameters),
		"\"quantization\":{\"bits\":4,\"per\":\"channel\"}");
	assert_true(small->bytes < trained->bytes / 2);
	assert_string_equal(small->weights_hash, trained->weights_hash);
	world_free(w);
}

/* Shared values that learn: likewise. */
static void test_shared_then_compressed(void **state)
{
	(void)state;
	int64_t id;
	struct world *w = world_trained("", &id);
	assert_int_equal(order(w, compress_of(id, "cluster", ""), "{\"clusters\":6,\"retrain\":3}"), 0);
	const struct lepton_run_version *trained = see(w, id_of(w, "v.retrained")),
					*small = see(w, id_of(w, "v.retrained.cluster"));
	assert_int_equal(trained->state, LEPTON_DONE);
	expect(lepton_text_get(trained->hyperparameters), "\"clustering\":{\"clusters\":6}");
	assert_string_equal(small->weights_hash, trained->weights_hash);
	world_free(w);
}

/* A name of one's own is the compressed one's. */
static void test_names(void **state)
{
	(void)state;
	int64_t id;
	struct world *w = world_trained("", &id);
	for (int i = 0; i < 2; i++)
		assert_int_equal(order(w, compress_of(id, "prune", i ? "b" : "a"), "{\"sparsity\":0.5,\"retrain\":1}"), 0);
	assert_true(id_of(w, "a"));
	assert_true(id_of(w, "a.retrained"));
	assert_true(id_of(w, "b.retrained"));
	assert_int_equal(order(w, compress_of(id, "prune", ""), "{\"sparsity\":0.5,\"retrain\":1}"), 0);
	assert_int_equal(order(w, compress_of(id, "prune", ""), "{\"sparsity\":0.5,\"retrain\":1}"), 0);
	assert_true(id_of(w, "v.retrained"));
	assert_true(id_of(w, "v.retrained-2"));
	world_free(w);
}

/* It can be paused, resumed and stopped as any version; stopped, the command is given up. */
static void test_stopped(void **state)
{
	(void)state;
	int64_t id;
	struct world *w = world_trained("", &id);
	uint64_t ticket = send(w, compress_of(id, "prune", ""), "{\"sparsity\":0.5,\"retrain\":100000}");
	await(w, there_is, 0, 0);
	int64_t trained = id_of(w, "v.retrained");
	await(w, at_step, trained, 10);
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, trained), 0);
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, trained), 0);
	struct lepton_command stop = {.type = LEPTON_CMD_STOP, .count = 1, .versions = {trained}};
	uint64_t other = send(w, stop, NULL);
	assert_int_equal(answer(w, ticket), LEPTON_E_CANCELED);
	expect(w->message, "compress prune: v.retrained did not train to its end; it can be compressed by hand");
	assert_int_equal(answer(w, other), 0);
	assert_int_equal(order(w, compress_of(trained, "prune", "by-hand"), NULL), 0);
	world_free(w);
}

static void test_the_engine_ends(void **state)
{
	(void)state;
	int64_t id;
	struct world *w = world_trained("", &id);
	uint64_t ticket = send(w, compress_of(id, "prune", "small"),
		"{\"sparsity\":0.5,\"retrain\":100000,\"scope\":\"layer\"}");
	await_log(w, 0,
		"when it is done, as by: lepton compress small.retrained --method prune --set sparsity=0.5 "
		"--set scope=layer "
		"--as small");
	send(w, (struct lepton_command){.type = LEPTON_CMD_QUIT}, NULL);
	assert_int_equal(answer(w, ticket), LEPTON_E_CANCELED);
	expect(w->message, "when its store is opened again it goes on, and is compressed then");
	world_free(w);
}

static bool there_is_small(struct world *w, int64_t id, int64_t what)
{
	(void)id, (void)what;
	return id_of(w, "small") != 0;
}

static bool is_kept(struct world *w, int64_t id, int64_t what)
{
	(void)what;
	return w->kept[id] != NULL;
}

/* Cut off while it trains, or paused then: what waits is in the operation that a store keeps. */
static void test_goes_on_after_a_restart(void **state)
{
	(void)state;
	int64_t id;
	struct world *w = world_trained("", &id), *again = world_new(data);
	send(w, compress_of(id, "prune", "small"), "{\"sparsity\":0.5,\"retrain\":300,\"scope\":\"layer\"}");
	await(w, there_is_retrained_small, 0, 0);
	int64_t trained = id_of(w, "small.retrained");
	await(w, at_step, trained, 10);
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, trained), 0);
	assert_int_equal(see(w, trained)->state, LEPTON_PAUSED);
	assert_int_equal(steer(w, LEPTON_CMD_CHECKPOINT, trained), 0);
	drain(w);
	for (int64_t i = 1; i <= trained; i++)
		assert_int_equal(lepton_engine_restore(again->engine, see(w, i), w->kept[i], NULL), 0);
	assert_int_equal(id_of(again, "small"), 0);
	drain(again);
	start(again);
	assert_int_equal(steer(again, LEPTON_CMD_RESUME, trained), 0);
	await(again, there_is_small, 0, 0);
	const struct lepton_run_version *small = see(again, id_of(again, "small"));
	assert_int_equal(see(again, trained)->state, LEPTON_DONE);
	assert_int_equal(small->parents[0], trained);
	expect(lepton_text_get(small->operation), "\"method\":\"prune\"");
	assert_null(strstr(lepton_text_get(small->operation), "retrain\":"));
	await(again, is_kept, small->id, 0);
	assert_true(fabs(zeros_of(again->kept[small->id]) - 0.5) < 0.02);
	world_free(again);
	world_free(w);
}

/* Once it is done or stopped, nothing waits. */
static void test_no_second_time(void **state)
{
	(void)state;
	int64_t id;
	struct world *w = world_trained("", &id), *again = world_new(data);
	assert_int_equal(order(w, compress_of(id, "prune", "small"), "{\"sparsity\":0.5,\"retrain\":2}"), 0);
	drain(w);
	int64_t last = last_of(w);
	for (int64_t i = 1; i <= last; i++)
		assert_int_equal(lepton_engine_restore(again->engine, see(w, i), w->kept[i], NULL), 0);
	drain(again);
	start(again);
	int64_t more = add_network(again, "more", "");
	await(again, in_state, more, LEPTON_DONE);
	drain(again);
	assert_int_equal(again->run.version_count, last + 1);
	world_free(again);
	world_free(w);
}

/* Nothing is made of what cannot be. */
static void test_refusals(void **state)
{
	(void)state;
	static const struct {
		const char *method, *settings, *says;
		int code;
	} cases[] = {
		{"prune", "{\"retrain\":1,\"sparsity\":2}", "sparsity", LEPTON_E_USAGE},
		{"prune", "{\"retrain\":-1}", "retrain", LEPTON_E_USAGE},
		{"entropy", "{\"retrain\":1}", "retrain", LEPTON_E_USAGE},
		{"nothing", "{\"retrain\":1}", "nothing", LEPTON_E_NOTFOUND},
	};
	struct world *w = world_new(data);
	int64_t id = add_network(w, "v", ""), tree = add(w, "t", "decision_tree", "{\"max_depth\":2}");
	start(w);
	await(w, in_state, id, LEPTON_DONE);
	await(w, in_state, tree, LEPTON_DONE);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(order(w, compress_of(id, cases[i].method, ""), cases[i].settings), cases[i].code);
		expect(w->message, cases[i].says);
	}
	assert_int_equal(order(w, compress_of(tree, "prune", ""), "{\"retrain\":1}"), LEPTON_E_UNSUPPORTED);
	expect(w->message, "t is a decision_tree, and only a network can train on while it is made smaller");
	assert_int_equal(order(w, compress_of(99, "prune", ""), "{\"retrain\":1}"), LEPTON_E_NOTFOUND);
	assert_int_equal(w->run.version_count, 2);
	world_free(w);
}

/* ---- auto ---------------------------------------------------------------------------------------------- */

static double number_in(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	assert_true(cJSON_IsNumber(item));
	return item->valuedouble;
}

/* The front rises; its smallest within the budget is what was kept; asked for by hand, that gives the same bytes. */
static void test_auto_keeps_the_smallest_allowed(void **state)
{
	(void)state;
	int64_t id;
	struct world *w = world_trained("", &id);
	assert_int_equal(order(w, compress_of(id, "auto", "small"), "{\"budget\":2}"), 0);
	const struct lepton_run_version *small = see(w, id_of(w, "small"));
	double before = see(w, id)->val_accuracy;
	assert_true(small->val_accuracy >= before - 0.02 - 1e-9);
	cJSON *operation = cJSON_Parse(lepton_text_get(small->operation));
	const cJSON *front = cJSON_GetObjectItemCaseSensitive(operation, "front"), *point, *kept = NULL;
	assert_true(cJSON_GetArraySize(front) >= 2 && number_in(operation, "tries") >= cJSON_GetArraySize(front));
	double bytes = 0, accuracy = -1;
	cJSON_ArrayForEach(point, front)
	{
		assert_true(number_in(point, "bytes") > bytes && number_in(point, "val_accuracy") > accuracy);
		bytes = number_in(point, "bytes");
		accuracy = number_in(point, "val_accuracy");
		if (!kept && accuracy >= before - 0.02 - 1e-9)
			kept = point;
	}
	assert_non_null(kept);
	assert_int_equal((int64_t)number_in(kept, "bytes"), small->bytes);
	char *settings = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(kept, "settings"));
	struct lepton_command by_hand =
		compress_of(id, cJSON_GetObjectItemCaseSensitive(kept, "method")->valuestring, "by-hand");
	assert_int_equal(order(w, by_hand, settings), 0);
	assert_string_equal(see(w, id_of(w, "by-hand"))->weights_hash, small->weights_hash);
	assert_int_equal(see(w, id_of(w, "by-hand"))->bytes, small->bytes);
	/* With a target instead: the best that is no larger. */
	snprintf(settings, 30, "{\"target\":%d}", (int)small->bytes);
	assert_int_equal(order(w, compress_of(id, "auto", "target"), settings), 0);
	assert_true(see(w, id_of(w, "target"))->bytes <= small->bytes);
	free(settings);
	cJSON_Delete(operation);
	world_free(w);
}

/* Retrained first, then searched: what is kept has the zeros that retraining made. */
static void test_auto_after_retraining(void **state)
{
	(void)state;
	int64_t id;
	struct world *w = world_trained("", &id);
	assert_int_equal(order(w, compress_of(id, "auto", "small"), "{\"budget\":3,\"retrain\":3,\"sparsity\":0.8}"), 0);
	const struct lepton_run_version *small = see(w, id_of(w, "small"));
	assert_int_equal(small->parents[0], id_of(w, "small.retrained"));
	assert_true(zeros_of(w->last) >= 0.8 - 0.01);
	assert_true(small->val_accuracy >= see(w, small->parents[0])->val_accuracy - 0.03 - 1e-9);
	world_free(w);
}

static void test_auto_refuses(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t id = add_network(w, "v", ""), tree = add(w, "t", "decision_tree", "{\"max_depth\":2}");
	start(w);
	await(w, in_state, id, LEPTON_DONE);
	await(w, in_state, tree, LEPTON_DONE);
	assert_int_equal(order(w, compress_of(id, "auto", ""), "{\"target\":1}"), LEPTON_E_STATE);
	expect(w->message, "tries is as small as 1 bytes");
	assert_int_equal(order(w, compress_of(id, "auto", ""), "{\"buget\":1}"), LEPTON_E_USAGE);
	expect(w->message, "did you mean \"budget\"");
	assert_int_equal(order(w, compress_of(tree, "auto", ""), "{\"retrain\":3}"), LEPTON_E_UNSUPPORTED);
	assert_int_equal(w->run.version_count, 2);
	world_free(w);
}

/* Of trees too: smaller than what was trained, and within the budget; by hand the same. */
static void test_auto_of_trees(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t id = add(w, "t", "random_forest", "{\"n_estimators\":10}");
	start(w);
	await(w, in_state, id, LEPTON_DONE);
	assert_int_equal(order(w, compress_of(id, "auto", "small"), "{\"budget\":3}"), 0);
	const struct lepton_run_version *small = see(w, id_of(w, "small")), *whole = see(w, id);
	assert_true(small->bytes < whole->bytes / 20);
	assert_true(small->val_accuracy >= whole->val_accuracy - 0.03 - 1e-9);
	cJSON *operation = cJSON_Parse(lepton_text_get(small->operation));
	char *settings = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(operation, "settings"));
	assert_non_null(strstr(settings, "\"prune\""));
	assert_int_equal(order(w, compress_of(id, "trees", "by-hand"), settings), 0);
	assert_string_equal(see(w, id_of(w, "by-hand"))->weights_hash, small->weights_hash);
	free(settings);
	cJSON_Delete(operation);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trained_then_compressed),
		cmocka_unit_test(test_rounded_then_compressed),
		cmocka_unit_test(test_shared_then_compressed),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_the_engine_ends),
		cmocka_unit_test(test_goes_on_after_a_restart),
		cmocka_unit_test(test_no_second_time),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_auto_keeps_the_smallest_allowed),
		cmocka_unit_test(test_auto_after_retraining),
		cmocka_unit_test(test_auto_refuses),
		cmocka_unit_test(test_auto_of_trees),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
