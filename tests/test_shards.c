/* tests/test_shards.c - sub-models on shards and the whole they become. The oracle trains the parts by hand,
 * one learner after the other, and takes the means itself: the engine's whole has the same bits, whoever ran
 * when.
 */
#include "config.h"
#include "corner_data.h"
#include "engine_world.h"
#include "lepton/model.h"
#include "base/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define PARTS 3
#define EPOCHS 6
#define MOST 2048 /* weights */

/* A part's configuration: `more` follows its shard. */
static void part_config(char *out, size_t size, int index, int epochs, const char *more)
{
	char shard[160];
	snprintf(shard, sizeof shard, ",\"shard\":{\"index\":%d,\"of\":%d,\"seed\":4},\"seed\":%d%s", index,
		PARTS, 100 + index, more);
	corner_config(out, size, epochs, shard);
}

static int64_t add_whole(
	struct world *w, const char *fuse, int epochs, const char *more, int64_t parts[PARTS])
{
	char config[1024], name[32], own[400];
	for (int i = 1; i <= PARTS; i++) {
		part_config(config, sizeof config, i, epochs, more);
		snprintf(name, sizeof name, "m/%d", i);
		parts[i - 1] = add(w, name, "network", config);
	}
	snprintf(own, sizeof own, ",\"shards\":{\"count\":%d},\"fuse\":%s%s", PARTS, fuse, more);
	corner_config(config, sizeof config, epochs, own);
	return add(w, "m", "network", config);
}

static struct world *world(int workers)
{
	return world_with(data, (struct lepton_engine_options){.workers = workers, .slice_seconds = 0.001});
}

/* ---- by hand ---- */

struct hand {
	struct lepton_learner *part[PARTS];
	double m[MOST], v[MOST]; /* the server's */
	struct lepton_params *weights;
};

static struct lepton_learner *make(const char *config, struct lepton_dataset *of, uint64_t seed)
{
	struct lepton_learner *learner;
	assert_int_equal(lepton_learner_find("network")->create(config, seed, of, &learner, NULL), 0);
	return learner;
}

/* The engine's versions all have the seed 42 (engine_world.c). */
static void hand_begin(struct hand *h, int epochs, const char *more)
{
	char config[1024];
	memset(h, 0, sizeof *h);
	corner_config(config, sizeof config, epochs, more);
	struct lepton_learner *whole = make(config, data, 42);
	assert_int_equal(whole->ops->weights(whole, &h->weights, NULL), 0);
	whole->ops->destroy(whole);
	for (int i = 0; i < PARTS; i++) {
		const struct lepton_shard_rule rule = {.count = PARTS, .seed = 4};
		struct lepton_dataset *shard;
		assert_int_equal(lepton_dataset_shard(data, &rule, i, &shard, NULL), 0);
		part_config(config, sizeof config, i + 1, epochs, more);
		h->part[i] = make(config, shard, 42);
		lepton_dataset_release(shard);
	}
}

static void hand_end(struct hand *h)
{
	for (int i = 0; i < PARTS; i++)
		h->part[i]->ops->destroy(h->part[i]);
	lepton_params_release(h->weights);
}

/* Moments stay, weights are the whole's. */
static void give(struct lepton_learner *learner, struct lepton_params *weights)
{
	struct lepton_state state;
	assert_int_equal(learner->ops->save(learner, &state, NULL), 0);
	lepton_params_release(state.weights);
	state.weights = lepton_params_retain(weights);
	assert_int_equal(learner->ops->load(learner, &state, NULL), 0);
	lepton_state_clear(&state);
}

enum server { NONE, SGD, ADAM };

/* Of the parts first..PARTS-1, in rounds of `steps` each or to the epoch's end. */
static void hand_round(
	struct hand *h, int first, int steps, double mu, enum server server, double rate, double keep)
{
	struct lepton_params *of[PARTS], *mean;
	for (int i = first; i < PARTS; i++) {
		const struct lepton_learner_ops *ops = h->part[i]->ops;
		struct lepton_step_result result = {0};
		give(h->part[i], h->weights);
		assert_int_equal(ops->hold_near(h->part[i], h->weights, mu, NULL), 0);
		for (int s = 0; s < steps && !result.epoch_ended; s++)
			assert_int_equal(ops->step(h->part[i], &lepton_team_alone, &result, NULL), 0);
		assert_int_equal(ops->weights(h->part[i], &of[i], NULL), 0);
	}
	assert_int_equal(lepton_params_copy(h->weights, &mean, NULL), 0);
	int at = 0;
	for (size_t t = 0; t < lepton_params_count(mean); t++) {
		float *to = lepton_params_data(mean, t);
		for (int64_t k = 0; k < lepton_shape_count(&lepton_params_at(mean, t)->shape); k++, at++) {
			double sum = 0, last = (double)to[k];
			for (int i = first; i < PARTS; i++)
				sum += (double)((const float *)lepton_params_at(of[i], t)->data)[k];
			to[k] = (float)(sum / (PARTS - first));
			double step = (double)to[k] - last;
			assert_true(at < MOST);
			h->m[at] = keep * h->m[at] + (server == ADAM ? 1 - keep : 1) * step;
			h->v[at] = 0.99 * h->v[at] + 0.01 * step * step;
			if (server != NONE)
				to[k] = (float)(last + rate * h->m[at] /
							       (server == ADAM ? sqrt(h->v[at]) + 1e-3 : 1));
		}
	}
	for (int i = first; i < PARTS; i++)
		lepton_params_release(of[i]);
	lepton_params_release(h->weights);
	h->weights = mean;
}

/* A version's weights by its last checkpoint. */
static const struct lepton_params *weights_of(const struct world *w, int64_t id)
{
	assert_non_null(w->kept[id]);
	return w->kept[id]->state.weights;
}

static double furthest(const struct lepton_params *a, const struct lepton_params *b)
{
	double most = 0;
	assert_int_equal(lepton_params_match(a, b, NULL), 0);
	for (size_t t = 0; t < lepton_params_count(a); t++) {
		const float *x = lepton_params_at(a, t)->data, *y = lepton_params_at(b, t)->data;
		for (int64_t k = 0; k < lepton_shape_count(&lepton_params_at(a, t)->shape); k++)
			most = fmax(most, fabs((double)x[k] - (double)y[k]));
	}
	return most;
}

/* ---- the tests ---- */

static void check_by_hand(
	const char *fuse, int steps, double mu, enum server server, double rate, double keep)
{
	struct hand h;
	hand_begin(&h, EPOCHS, "");
	int rounds = steps == 9 ? EPOCHS
				: EPOCHS * ((9 + steps - 1) / steps); /* an epoch of a part has nine steps */
	for (int r = 0; r < rounds; r++)
		hand_round(&h, 0, steps, mu, server, rate, keep);
	for (int workers = 1; workers <= 3; workers++) {
		int64_t parts[PARTS];
		struct world *w = world(workers);
		int64_t id = add_whole(w, fuse, EPOCHS, "", parts);
		start(w);
		await(w, in_state, id, LEPTON_DONE);
		for (int i = 0; i < PARTS; i++)
			await(w, in_state, parts[i], LEPTON_DONE);
		const struct lepton_params *made = weights_of(w, id);
		if (server == NONE) {
			char mine[LEPTON_HASH_HEX];
			lepton_params_hash(h.weights, mine);
			assert_string_equal(mine, see(w, id)->weights_hash);
		}
		assert_true(furthest(made, h.weights) < 1e-4);
		assert_int_equal(see(w, id)->epochs_done.count, EPOCHS);
		assert_int_equal(see(w, id)->step, EPOCHS * 9);
		assert_true(isfinite(see(w, id)->test_accuracy));
		world_free(w);
	}
	hand_end(&h);
}

static void test_rounds_of_an_epoch(void **state)
{
	(void)state;
	check_by_hand("{\"method\":\"average\"}", 9, 0, NONE, 0, 0);
}

static void test_rounds_of_steps(void **state)
{
	(void)state;
	check_by_hand("{\"method\":\"average\",\"every\":2,\"unit\":\"steps\"}", 2, 0, NONE, 0, 0);
}

static void test_prox(void **state)
{
	(void)state;
	check_by_hand("{\"method\":\"average\",\"prox\":0.5}", 9, 0.5, NONE, 0, 0);
}

static void test_server_with_momentum(void **state)
{
	(void)state;
	check_by_hand("{\"method\":\"average\",\"server\":{\"optimizer\":\"sgd\",\"learning_rate\":0.7,"
		      "\"momentum\":0.4}}",
		9, 0, SGD, 0.7, 0.4);
}

static void test_server_adam(void **state)
{
	(void)state;
	check_by_hand("{\"method\":\"average\",\"server\":{\"optimizer\":\"adam\",\"learning_rate\":0.02,"
		      "\"momentum\":0.5}}",
		9, 0, ADAM, 0.02, 0.5);
}

/* Once at the end, from weights of their own: the mean of versions that know nothing of each other. */
static void test_once_at_the_end(void **state)
{
	struct world *w = world(2);
	char config[1024], name[32];
	int64_t parts[PARTS], alone[PARTS];
	const struct lepton_params *of[PARTS];
	(void)state;
	int64_t id = add_whole(w, "{\"method\":\"average\",\"every\":0}", 2, "", parts);
	for (int i = 1; i <= PARTS; i++) {
		part_config(config, sizeof config, i, 2, "");
		snprintf(name, sizeof name, "alone/%d", i);
		alone[i - 1] = add(w, name, "network", config);
	}
	start(w);
	await(w, in_state, id, LEPTON_DONE);
	for (int i = 0; i < PARTS; i++) {
		await(w, in_state, parts[i], LEPTON_DONE);
		await(w, in_state, alone[i], LEPTON_DONE);
		/* all versions have the seed 42 here, so they start from the same weights either way */
		assert_string_equal(see(w, parts[i])->weights_hash, see(w, alone[i])->weights_hash);
		of[i] = weights_of(w, alone[i]);
	}
	const struct lepton_params *made = weights_of(w, id);
	for (size_t t = 0; t < lepton_params_count(made); t++)
		for (int64_t k = 0; k < lepton_shape_count(&lepton_params_at(made, t)->shape); k++) {
			double sum = 0;
			for (int i = 0; i < PARTS; i++)
				sum += (double)((const float *)lepton_params_at(of[i], t)->data)[k];
			assert_float_equal(
				((const float *)lepton_params_at(made, t)->data)[k], (float)(sum / PARTS), 0);
		}
	assert_int_equal(see(w, id)->parent_count, PARTS);
	world_free(w);
}

/* One that stops is not waited for; resumed, it takes part again. */
static void test_a_part_is_lost_and_comes_back(void **state)
{
	struct world *w = world(2);
	int64_t parts[PARTS];
	(void)state;
	int64_t id = add_whole(w, "{\"method\":\"average\"}", 2000, "", parts);
	start(w);
	await(w, at_epoch, id, 2);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, parts[1]), 0);
	int64_t stood = see(w, parts[1])->step;
	await(w, at_epoch, id, see(w, id)->epochs_done.epoch[see(w, id)->epochs_done.count - 1] + 4);
	assert_int_equal(see(w, parts[1])->step, stood);
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, parts[1]), 0);
	int64_t now = see(w, id)->epochs_done.epoch[see(w, id)->epochs_done.count - 1];
	await(w, at_epoch, id, now + 3);
	await(w, at_epoch, parts[1], now + 2); /* it is where the others are, not where it was */
	/* paused, the whole rests with its parts, and goes on with them */
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, id), 0);
	for (int i = 0; i < PARTS; i++)
		await(w, in_state, parts[i], LEPTON_PAUSED);
	for (int i = 0; lepton_engine_busy(w->engine);
		i++) { /* the thread for commands may not be back yet */
		assert_true(i < 1200);
		world_next(w, 0.05);
	}
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, id), 0);
	now = see(w, id)->epochs_done.epoch[see(w, id)->epochs_done.count - 1];
	await(w, at_epoch, id, now + 2);
	/* stopped, it takes them along */
	assert_int_equal(steer(w, LEPTON_CMD_STOP, id), 0);
	for (int i = 0; i < PARTS; i++) {
		await(w, in_state, parts[i], LEPTON_STOPPED);
		expect(see(w, parts[i])->reason, "m has ended");
	}
	/* one of them can train on alone */
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, parts[0]), 0);
	await(w, at_epoch, parts[0],
		see(w, parts[0])->epochs_done.epoch[see(w, parts[0])->epochs_done.count - 1] + 2);
	world_free(w);
}

/* Linear layers, which a learning rate of 1000 lets grow without end; `more` follows. */
static void linear_config(char *out, size_t size, const char *more)
{
	static const char dense[] = "{\"type\":\"Dense\",\"units\":12},";
	snprintf(out, size,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},%s%s%s%s{\"type\":\"Dense\",\"units\":2,"
		"\"activation\":\"softmax\"}],"
		"\"batch_size\":16,\"epochs\":3%s}",
		dense, dense, dense, dense, more);
}

/* Two of three diverge at once; the whole is the third alone. Then none is left. */
static void test_parts_fail(void **state)
{
	char config[1024], more[200], name[32];
	(void)state;
	for (int healthy = 0; healthy <= 1; healthy++) {
		struct world *w = world(2);
		int64_t parts[PARTS];
		for (int i = 1; i <= PARTS; i++) {
			snprintf(more, sizeof more,
				",\"shard\":{\"index\":%d,\"of\":3},\"optimizer\":{\"name\":\"sgd\","
				"\"learning_rate\":%s}",
				i, healthy && i == 3 ? "0.01" : "1000");
			linear_config(config, sizeof config, more);
			snprintf(name, sizeof name, "m/%d", i);
			parts[i - 1] = add(w, name, "network", config);
		}
		linear_config(config, sizeof config, ",\"shards\":3,\"fuse\":{\"method\":\"average\"}");
		int64_t id = add(w, "m", "network", config);
		start(w);
		await(w, in_state, parts[0], LEPTON_FAILED);
		await(w, in_state, parts[1], LEPTON_FAILED);
		await(w, in_state, id, healthy ? LEPTON_DONE : LEPTON_FAILED);
		if (healthy) {
			await(w, in_state, parts[2], LEPTON_DONE);
			assert_string_equal(see(w, id)->weights_hash, see(w, parts[2])->weights_hash);
		} else {
			expect(see(w, id)->reason, "no sub-model is left to fuse");
		}
		world_free(w);
	}
}

/* No figures on validation data to weigh by: the whole fails in one line, and its parts stop. */
static void test_the_whole_fails(void **state)
{
	struct lepton_dataset *bare;
	int64_t parts[PARTS];
	(void)state;
	assert_int_equal(make_corner(600, CORNER_TEST, 0, &bare), 0);
	struct world *w = world_with(bare, (struct lepton_engine_options){.workers = 2});
	int64_t id = add_whole(w, "{\"method\":\"weighted\"}", 1000, "", parts);
	start(w);
	await(w, in_state, id, LEPTON_FAILED);
	expect(see(w, id)->reason, "no validation loss is known of \"m/1\"");
	for (int i = 0; i < PARTS; i++) {
		await(w, in_state, parts[i], LEPTON_STOPPED);
		expect(see(w, parts[i])->reason, "m has ended");
	}
	world_free(w);
	lepton_dataset_release(bare);
}

/* From where the checkpoints are, in the middle of a round: the same weights at the end as without the stop.
 */
static void test_found_again(void **state)
{
	struct world *straight = world(1), *w = world(2), *again = world(2);
	int64_t parts[PARTS], id, ids[PARTS + 1];
	static const char fuse[] =
		"{\"method\":\"average\",\"server\":{\"optimizer\":\"adam\"},\"prox\":0.1}";
	char hash[LEPTON_HASH_HEX];
	(void)state;
	id = add_whole(straight, fuse, 60, "", parts);
	start(straight);
	await(straight, in_state, id, LEPTON_DONE);
	snprintf(hash, sizeof hash, "%s", see(straight, id)->weights_hash);
	world_free(straight);

	id = add_whole(w, fuse, 60, "", parts);
	start(w);
	await(w, at_epoch, id, 7);
	assert_int_equal(order(w, (struct lepton_command){.type = LEPTON_CMD_QUIT}, NULL), 0);
	drain(w);
	for (int i = 0; i <= PARTS; i++) {
		ids[i] = i < PARTS ? parts[i] : id;
		assert_int_equal(
			lepton_engine_restore(again->engine, see(w, ids[i]), w->kept[ids[i]], NULL), 0);
	}
	world_free(w);
	start(again);
	await(again, in_state, id, LEPTON_DONE);
	assert_string_equal(see(again, id)->weights_hash, hash);
	assert_int_equal(see(again, id)->epoch, 60);
	world_free(again);
}

/* Paused and resumed again and again: a whole that fused before all of its parts are back would have other
 * weights. How far they have come by then is a matter of microseconds, hence the many rounds. */
static void test_rests_and_goes_on_as_one(void **state)
{
	static const char fuse[] = "{\"method\":\"average\",\"every\":1,\"unit\":\"steps\"}";
	char straight[LEPTON_HASH_HEX];
	(void)state;
	for (int paused = 0; paused <= 1; paused++) {
		struct world *w = world(3);
		int64_t parts[PARTS], id = add_whole(w, fuse, 60, "", parts);
		start(w);
		while (paused && !steer(w, LEPTON_CMD_PAUSE, id))
			assert_int_equal(steer(w, LEPTON_CMD_RESUME, id), 0);
		await(w, in_state, id, LEPTON_DONE); /* so it could not be paused */
		if (paused)
			assert_string_equal(see(w, id)->weights_hash, straight);
		else
			snprintf(straight, sizeof straight, "%s", see(w, id)->weights_hash);
		world_free(w);
	}
}

/* hold_near against its formula: with plain SGD the term takes rate · mu · (w - near) more away in a step. */
static void test_hold_near(void **state)
{
	char config[1024];
	struct lepton_params *before, *near, *plain, *held;
	struct lepton_step_result result;
	(void)state;
	corner_config(config, sizeof config, 1, ",\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":0.1}");
	struct lepton_learner *a = make(config, data, 3), *b = make(config, data, 3),
			      *c = make(config, data, 8);
	assert_int_equal(a->ops->weights(a, &before, NULL), 0);
	assert_int_equal(c->ops->weights(c, &near, NULL), 0);
	assert_int_equal(b->ops->hold_near(b, near, 0.3, NULL), 0);
	assert_int_equal(a->ops->step(a, &lepton_team_alone, &result, NULL), 0);
	assert_int_equal(b->ops->step(b, &lepton_team_alone, &result, NULL), 0);
	assert_int_equal(a->ops->weights(a, &plain, NULL), 0);
	assert_int_equal(b->ops->weights(b, &held, NULL), 0);
	for (size_t t = 0; t < lepton_params_count(plain); t++)
		for (int64_t k = 0; k < lepton_shape_count(&lepton_params_at(plain, t)->shape); k++) {
			float from = ((const float *)lepton_params_at(before, t)->data)[k],
			      to = ((const float *)lepton_params_at(near, t)->data)[k];
			float expected = ((const float *)lepton_params_at(plain, t)->data)[k] -
					 0.1F * 0.3F * (from - to);
			assert_float_equal(
				((const float *)lepton_params_at(held, t)->data)[k], expected, 1e-6F);
		}
	struct lepton_params *sets[] = {before, near, plain, held};
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		lepton_params_release(sets[i]);
	struct lepton_learner *learners[] = {a, b, c};
	for (size_t i = 0; i < sizeof learners / sizeof *learners; i++)
		learners[i]->ops->destroy(learners[i]);
}

static void test_refusals(void **state)
{
	struct world *w = world(1);
	struct lepton_error err;
	int64_t parts[PARTS], id;
	char config[1024];
	struct lepton_spec_version v = {.name = "x", .learner = "network", .config = config, .seed = 1};
	(void)state;
	corner_config(config, sizeof config, 1, ",\"shards\":2");
	assert_int_equal(lepton_engine_add(w->engine, &v, &id, &err), LEPTON_E_SPEC);
	expect(err.message, "there is no sub-model x/1");
	snprintf(v.learner, sizeof v.learner, "decision_tree");
	snprintf(config, sizeof config, "{\"shard\":{\"index\":1,\"of\":2}}");
	assert_int_equal(lepton_engine_add(w->engine, &v, &id, &err), LEPTON_E_UNSUPPORTED);
	expect(err.message, "a decision_tree cannot be trained on a shard");
	id = add_whole(w, "{\"method\":\"average\"}", 1, "", parts);
	start(w);
	await(w, in_state, id, LEPTON_DONE);
	const struct lepton_command clone = {
		.type = LEPTON_CMD_CLONE, .count = 1, .versions = {id}, .name = "c"};
	assert_int_not_equal(order(w, clone, "{\"shards\":2}"), 0);
	expect(w->message, "\"shards\" belongs in a spec file");
	assert_int_equal(order(w, clone, "{\"epochs\":2}"), 0); /* on all the data, from the fusion */
	await(w, in_state, last_of(w), LEPTON_DONE);
	assert_int_equal(see(w, last_of(w))->steps_per_epoch, 25);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds_of_an_epoch),
		cmocka_unit_test(test_rounds_of_steps),
		cmocka_unit_test(test_prox),
		cmocka_unit_test(test_server_with_momentum),
		cmocka_unit_test(test_server_adam),
		cmocka_unit_test(test_once_at_the_end),
		cmocka_unit_test(test_a_part_is_lost_and_comes_back),
		cmocka_unit_test(test_parts_fail),
		cmocka_unit_test(test_the_whole_fails),
		cmocka_unit_test(test_found_again),
		cmocka_unit_test(test_rests_and_goes_on_as_one),
		cmocka_unit_test(test_hold_near),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests_name("shards", tests, make_data, drop_data);
}
