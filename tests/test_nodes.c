/* tests/test_nodes.c - what the engine says of its workers and sub-models. The oracle is what the versions
 * say of themselves: each step that a version did was one worker's, each sample too, and nobody is busier
 * than all the time.
 */
#include "config.h"
#include "corner_data.h"
#include "engine_world.h"
#include "base/clock.h"
#include "base/memory.h"
#include "train/work.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define WORKERS 3
#define PARTS 3

static struct world *world(void)
{
	return world_with(data, (struct lepton_engine_options){.workers = WORKERS, .slice_seconds = 0.001});
}

static int64_t add_network(struct world *w, const char *name, int epochs, const char *more)
{
	char config[1024];
	corner_config(config, sizeof config, epochs, more);
	return add(w, name, "network", config);
}

static const struct lepton_node *node_of(const struct world *w)
{
	assert_int_equal(w->run.node_count, 1);
	return &w->run.nodes[0];
}

/* What every event has to be. */
static void check_node(const struct world *w)
{
	if (!w->run.node_count)
		return;
	const struct lepton_node *node = node_of(w);
	assert_int_equal(node->worker_count, lepton_engine_workers(w->engine));
	assert_true(node->figures.cores > 0 && *node->figures.host && *node->figures.kernels);
	for (size_t i = 0; i < node->worker_count; i++) {
		const struct lepton_worker *worker = &node->workers[i];
		assert_false(worker->busy < 0 || worker->busy > 1);
		assert_true((worker->work == LEPTON_WORK_NONE) == (worker->version == 0));
		assert_false(worker->samples_per_second < 0 || worker->steps_per_second < 0);
	}
}

static bool all_idle(struct world *w, int64_t id, int64_t what)
{
	(void)id, (void)what;
	check_node(w);
	for (int i = 0; w->run.node_count && i < WORKERS; i++) {
		const struct lepton_worker *worker = &w->run.nodes[0].workers[i];
		if (worker->work != LEPTON_WORK_NONE || !(worker->busy <= 0))
			return false;
	}
	return w->run.node_count > 0;
}

/* The first word may be from before anything began. */
static bool any_busy(struct world *w, int64_t id, int64_t what)
{
	(void)id, (void)what;
	for (int i = 0; w->run.node_count && i < WORKERS; i++)
		if (w->run.nodes[0].workers[i].busy > 0)
			return true;
	return false;
}

struct sums {
	int64_t slices, steps, samples;
};

static struct sums sum_up(const struct world *w)
{
	struct sums sums = {0};
	for (int i = 0; i < WORKERS; i++) {
		sums.slices += node_of(w)->workers[i].slices;
		sums.steps += node_of(w)->workers[i].steps;
		sums.samples += node_of(w)->workers[i].samples;
	}
	return sums;
}

/* The last word, after everything has ended. */
static void await_end(struct world *w, int64_t id)
{
	while (lepton_engine_busy(w->engine))
		world_next(w, 0.05);
	lepton_engine_look(w->engine);
	double said = w->run.node_count ? w->run.nodes[0].time : 0;
	double until = lepton__monotonic() + WORLD_PATIENCE;
	while (!w->run.node_count || w->run.nodes[0].time <= said) {
		world_next(w, 0.05);
		assert_true(lepton__monotonic() < until);
	}
	await(w, all_idle, id, 0);
}

static void test_steps_are_somebodys(void **state)
{
	(void)state;
	struct world *w = world();
	int64_t a = add_network(w, "a", 20, ""), b = add_network(w, "b", 7, "");
	start(w);
	await(w, in_state, a, LEPTON_DONE);
	await(w, in_state, b, LEPTON_DONE);
	await_end(w, a);
	struct sums sums = sum_up(w);
	assert_int_equal(sums.steps, see(w, a)->step + see(w, b)->step);
	assert_int_equal(sums.samples, (20 + 7) * 400); /* epochs of all that trains */
	assert_true(sums.slices > 0);
	world_free(w);
}

static void test_idle_says_nothing(void **state)
{
	(void)state;
	struct world *w = world();
	int64_t a = add_network(w, "a", 1000000, "");
	start(w);
	await(w, at_step, a, 50);
	await(w, any_busy, a, 0);
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, a), 0);
	await(w, in_state, a, LEPTON_PAUSED);
	await(w, all_idle, a, 0);
	struct lepton_event event;
	int said = 0;
	for (double until = lepton__monotonic() + 1.5; lepton__monotonic() < until;)
		if (lepton_reader_next(w->reader, 0.1, &event)) {
			said += event.type == LEPTON_EVENT_NODE;
			lepton_event_clear(&event);
		}
	assert_int_equal(said, 0);
	struct sums before = sum_up(w);
	assert_int_equal(before.steps, see(w, a)->step);
	/* whoever asks is told, and nothing has changed */
	await_end(w, a);
	assert_int_equal(sum_up(w).steps, before.steps);
	/* and it goes on */
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, a), 0);
	await(w, at_step, a, before.steps + 10);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, a), 0);
	await_end(w, a);
	assert_int_equal(sum_up(w).steps, see(w, a)->step);
	world_free(w);
}

/* At most twice a second, however much happens: an upper bound, which a slow machine keeps all the more. */
static void test_not_too_often(void **state)
{
	(void)state;
	struct world *w = world();
	struct lepton_event event;
	add_network(w, "a", 1000000, "");
	int said = 0;
	double began = lepton__monotonic();
	start(w);
	while (said < 4) {
		if (!lepton_reader_next(w->reader, WORLD_PATIENCE, &event))
			fail_msg("only %d were said", said);
		if (event.type == LEPTON_EVENT_NODE) {
			said++;
			assert_int_equal(lepton_run_apply(&w->run, &event, NULL), 0);
			check_node(w);
			lepton_engine_look(w->engine); /* asking does not make it oftener */
		}
		lepton_event_clear(&event);
	}
	assert_true(said <= 1 + (lepton__monotonic() - began) / 0.5 + 1e-9);
	world_free(w);
}

static void add_whole(struct world *w, int epochs, int64_t parts[PARTS], int64_t *whole)
{
	char config[1024], name[32], own[400];
	for (int i = 1; i <= PARTS; i++) {
		snprintf(own, sizeof own, ",\"shard\":{\"index\":%d,\"of\":%d,\"seed\":4}", i, PARTS);
		snprintf(name, sizeof name, "m/%d", i);
		parts[i - 1] = add_network(w, name, epochs, own);
	}
	snprintf(own, sizeof own, ",\"shards\":{\"count\":%d},\"fuse\":{\"method\":\"average\",\"every\":1}",
		PARTS);
	corner_config(config, sizeof config, epochs, own);
	*whole = add(w, "m", "network", config);
}

static void test_shards(void **state)
{
	(void)state;
	struct world *w = world();
	int64_t parts[PARTS], whole, samples = 0, steps = 0;
	add_whole(w, 12, parts, &whole);
	start(w);
	await(w, in_state, whole, LEPTON_DONE);
	for (int i = 0; i < PARTS; i++)
		await(w, in_state, parts[i], LEPTON_DONE);
	await_end(w, whole);
	const struct lepton_node *node = node_of(w);
	assert_int_equal(node->sharded_count, 1);
	const struct lepton_sharded *s = &node->sharded[0];
	assert_int_equal(s->version, whole);
	assert_int_equal(s->count, PARTS);
	assert_int_equal(s->round, 12);
	assert_int_equal(s->rounds, 12);
	assert_true(s->fused > 0 && !s->fuses);
	for (int i = 0; i < PARTS; i++) {
		assert_int_equal(s->shards[i].version, parts[i]);
		assert_in_range(s->shards[i].worker, 1, WORKERS);
		assert_false(s->shards[i].waits);
		samples += s->shards[i].samples;
		steps += see(w, parts[i])->step;
	}
	assert_int_equal(samples, 400);           /* each sample is one part's */
	assert_int_equal(sum_up(w).steps, steps); /* fusing is no step */
	assert_int_equal(sum_up(w).samples, 12 * 400);
	world_free(w);
}

static bool some_wait(struct world *w, int64_t id, int64_t what)
{
	(void)what;
	check_node(w);
	for (size_t i = 0; w->run.node_count && i < w->run.nodes[0].sharded_count; i++) {
		const struct lepton_sharded *s = &w->run.nodes[0].sharded[i];
		for (int k = 0; k < s->count; k++)
			if (s->version == id && s->shards[k].waits)
				return true;
	}
	return false;
}

/* Where there is one worker, who has done its round waits until the others have had theirs. */
static void test_parts_wait(void **state)
{
	(void)state;
	struct world *w =
		world_with(data, (struct lepton_engine_options){.workers = 1, .slice_seconds = 1e-4});
	int64_t parts[PARTS], whole;
	add_whole(w, 1000000, parts, &whole);
	start(w);
	await(w, some_wait, whole, 0);
	const struct lepton_sharded *s = &node_of(w)->sharded[0];
	assert_true(s->round < s->rounds);
	for (int i = 0; i < PARTS; i++) {
		assert_int_equal(s->shards[i].end, (s->round + 1) * see(w, parts[i])->steps_per_epoch);
		assert_int_equal(s->shards[i].begin, s->round * see(w, parts[i])->steps_per_epoch);
	}
	world_free(w);
}

/* ---- without an engine ---- */

/* While it works it counts up to now, and afterwards what it has had. */
static void test_meter(void **state)
{
	(void)state;
	struct lepton__work work = {0};
	struct lepton__worked seen = lepton__work_look(&work, lepton__monotonic());
	assert_true(seen.kind == LEPTON_WORK_NONE && !(seen.busy > 0));
	double before = lepton__monotonic();
	lepton__work_begin(&work, LEPTON_WORK_TRAINING, 7, 40);
	lepton__work_count_step(&work, 41, 128, true);
	lepton__work_count_step(&work, 41, 3, false); /* a part of a step is none */
	double after = lepton__monotonic();
	seen = lepton__work_look(&work, before + 100);
	assert_true(seen.busy <= 100 + 1e-6 && seen.busy >= 100 - (after - before) - 1e-6);
	assert_int_equal(seen.kind, LEPTON_WORK_TRAINING);
	assert_int_equal(seen.version, 7);
	assert_int_equal(seen.step, 41);
	assert_int_equal(seen.steps, 1);
	assert_int_equal(seen.samples, 131);
	lepton__work_turn(&work, LEPTON_WORK_VALIDATING);
	assert_int_equal(lepton__work_look(&work, after).kind, LEPTON_WORK_VALIDATING);
	lepton__work_end(&work);
	lepton__work_count_slice(&work);
	seen = lepton__work_look(&work, before + 100);
	assert_true(seen.busy >= 0 && seen.busy <= lepton__monotonic() - before + 1e-6);
	assert_int_equal(seen.version, 0);
	assert_int_equal(seen.slices, 1);
}

static void test_texts(void **state)
{
	(void)state;
	struct lepton_worker workers[2] = {{LEPTON_WORK_HELPING, 3, 17, 0.25, 90.5, 12, 1536.25, 4, 5, 640},
		{.busy = NAN, .slices_per_second = NAN, .steps_per_second = NAN, .samples_per_second = NAN}};
	struct lepton_sharded sharded = {.version = 9,
		.round = 2,
		.rounds = 10,
		.fused = 1700000000.5,
		.fuses = true,
		.count = 2,
		.shards = {{1, 20000, 2, 141, 282, true, 12.5}, {2, 19999, 0, 140, 280, false, NAN}}};
	struct lepton_node node = {
		.workers = workers, .worker_count = 2, .sharded = &sharded, .sharded_count = 1};
	struct lepton_node back = {0};
	struct lepton_text *one = lepton_node_workers(&node), *two = lepton_node_sharded(&node);
	assert_int_equal(lepton_node_read(lepton_text_get(one), lepton_text_get(two), &back, NULL), 0);
	assert_int_equal(back.worker_count, 2);
	assert_memory_equal(&back.workers[0], &workers[0], sizeof workers[0]);
	assert_int_equal(back.workers[1].work, LEPTON_WORK_NONE);
	assert_true(isnan(back.workers[1].busy));
	assert_int_equal(back.sharded_count, 1);
	assert_true(back.sharded->fuses && back.sharded->shards[0].waits && !back.sharded->shards[1].waits);
	assert_int_equal(back.sharded->shards[1].samples, 19999);
	assert_int_equal(back.sharded->shards[0].end, 282);
	assert_true(isnan(back.sharded->shards[1].samples_per_second));
	lepton_node_clear(&back);
	lepton_text_release(one);
	lepton_text_release(two);
	assert_int_equal(lepton_node_read("[]", "[]", &back, NULL), 0);
	assert_int_equal(back.worker_count, 0);
	lepton_node_clear(&back);
}

static void test_damaged_texts(void **state)
{
	(void)state;
	static const char *const bad[][2] = {
		{"", "[]"}, {"{}", "[]"}, {"[", "[]"}, {"[]", "7"}, {"[{\"work\":\"training\"}]", "[{]"}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct lepton_node node = {0};
		struct lepton_error err = {0};
		assert_int_equal(lepton_node_read(bad[i][0], bad[i][1], &node, &err), LEPTON_E_CORRUPT);
		expect(err.message, "is no list of them");
		lepton_node_clear(&node);
	}
	/* rows of others, and rows without sense */
	struct lepton_node node = {0};
	assert_int_equal(lepton_node_read("[{\"work\":\"dancing\",\"version\":\"x\"},7,null]",
				 "[{\"shards\":[1,{},{\"worker\":-7}]},{\"shards\":{}}]", &node, NULL),
		0);
	assert_int_equal(node.worker_count, 3);
	assert_int_equal(node.workers[0].work, LEPTON_WORK_NONE);
	assert_int_equal(node.sharded[0].shards[2].worker, 0);
	lepton_node_clear(&node);
}

/* The fold keeps the last event of each node; one that cannot be read leaves what was known. */
static void test_fold(void **state)
{
	(void)state;
	struct lepton_run run;
	struct lepton_error err = {0};
	lepton_run_init(&run);
	for (int i = 0; i < 4; i++) {
		struct lepton_event event = {.type = LEPTON_EVENT_NODE, .serial = (uint64_t)i + 1};
		event.u.node.figures.node = i % 2;
		event.u.node.figures.cores = i + 1;
		event.u.node.workers = lepton_text_new(i == 3 ? "nonsense" : "[{},{}]");
		event.u.node.sharded = lepton_text_new("[]");
		assert_int_equal(lepton_run_apply(&run, &event, &err), i == 3 ? LEPTON_E_CORRUPT : LEPTON_OK);
		lepton_event_clear(&event);
	}
	assert_int_equal(run.node_count, 2);
	assert_int_equal(run.nodes[0].figures.cores, 3);
	assert_int_equal(run.nodes[1].figures.cores, 2);
	assert_int_equal(run.nodes[1].worker_count, 2);
	lepton_run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps_are_somebodys),
		cmocka_unit_test(test_idle_says_nothing),
		cmocka_unit_test(test_not_too_often),
		cmocka_unit_test(test_shards),
		cmocka_unit_test(test_parts_wait),
		cmocka_unit_test(test_meter),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_damaged_texts),
		cmocka_unit_test(test_fold),
	};
	return cmocka_run_group_tests_name("nodes", tests, make_data, drop_data);
}
