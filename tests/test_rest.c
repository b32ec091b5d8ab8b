/* tests/test_rest.c - versions that have ended hold no learner, and no checkpoint that a store has. The
 * oracle is a run that never rested: whatever is stopped, forgotten, had back and trained on ends in the same
 * weights to the bit; what is asked of a version that rests is answered from the checkpoint that was said. A
 * store here is a shelf in memory that can lose things.
 */
#include "config.h"
#include "engine_world.h"
#include "base/clock.h"
#include "train/engine_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SAMPLES 400
#define KEPT 512

static struct lepton_dataset *data;

static int make_data(void **state)
{
	(void)state;
	static uint8_t images[SAMPLES * 16], labels[SAMPLES];
	const struct lepton_shape sample = {1, {16}};
	uint32_t seed = 7;
	for (int i = 0; i < SAMPLES * 16; i++) {
		seed = seed * 1664525u + 1013904223u;
		labels[i / 16] = (uint8_t)(i / 16 % 2);
		images[i] = (uint8_t)((seed >> 16) % 200 + (i % 16 < 4) * labels[i / 16] * 30);
	}
	return lepton_dataset_from_u8(images, labels, SAMPLES, 100, &sample, 2, 0.3, &data, NULL);
}

static int drop_data(void **state)
{
	(void)state;
	lepton_dataset_release(data);
	return 0;
}

#define NETWORK                                                                                              \
	"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Dense\",\"units\":96,\"activation\":"  \
	"\"relu\"},"                                                                                         \
	"{\"type\":\"Dense\",\"units\":96,\"activation\":\"relu\"},"                                         \
	"{\"type\":\"Dropout\",\"rate\":0.3},{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}],"  \
	"\"batch_size\":16,"                                                                                 \
	"\"epochs\":120,\"optimizer\":{\"learning_rate\":0.0003}"

static const char network[] = NETWORK "}";
static const char careful[] = NETWORK ",\"early_stopping\":{\"patience\":25}}";
static const char boosting[] = "{\"n_estimators\":400,\"max_depth\":3}";

/* ---- the shelf
 * ------------------------------------------------------------------------------------------------- */

struct shelf {
	struct lepton_reader *reader;
	struct lepton_event said[KEPT]; /* checkpoints */
	int count, told;                /* of which the engine was told that they are kept */
	pthread_mutex_t lock;           /* the engine's threads ask */
	int asked;
	bool lost;     /* nothing can be read */
	int64_t stale; /* > 0: nothing newer than this step can be read */
};

static int recall(void *context, int64_t version, int64_t step, struct lepton_checkpoint **out,
	struct lepton_error *err)
{
	struct shelf *s = context;
	int code = LEPTON_E_NOTFOUND;
	pthread_mutex_lock(&s->lock);
	s->asked++;
	for (int i = s->told; i-- > 0 && code && !s->lost;) {
		const struct lepton_event *e = &s->said[i];
		bool readable = !s->stale || e->u.checkpoint.step <= s->stale;
		if (e->version != version || !readable || (step >= 0 && e->u.checkpoint.step > step))
			continue;
		*out = lepton_checkpoint_retain(e->u.checkpoint.checkpoint);
		code = LEPTON_OK;
	}
	pthread_mutex_unlock(&s->lock);
	return code ? lepton_error_set(err, LEPTON_E_CORRUPT, "no checkpoint is whole") : LEPTON_OK;
}

/* What was said goes on the shelf; the engine is told so, or it waits there untold. */
static void fill(struct world *w, struct shelf *s, bool tell)
{
	struct lepton_event e;
	drain(w);
	pthread_mutex_lock(&s->lock);
	while (lepton_reader_next(s->reader, 0, &e))
		if (e.type == LEPTON_EVENT_CHECKPOINT && s->count < KEPT)
			s->said[s->count++] = e;
		else
			lepton_event_clear(&e);
	int from = s->told, to = s->told = tell ? s->count : s->told;
	pthread_mutex_unlock(&s->lock);
	for (; from < to; from++)
		lepton_engine_kept(w->engine, &s->said[from]);
}

static struct world *world_on(struct shelf *s)
{
	*s = (struct shelf){.count = 0};
	pthread_mutex_init(&s->lock, NULL);
	struct world *w = world_with(
		data, (struct lepton_engine_options){
			      .workers = 2, .recall = recall, .recall_context = s, .slice_seconds = 0.0005});
	assert_int_equal(lepton_reader_open(w->engine, true, &s->reader, NULL, NULL), 0);
	return w;
}

static void end(struct world *w, struct shelf *s)
{
	lepton_reader_close(s->reader);
	world_free(w);
	for (int i = 0; i < s->count; i++)
		lepton_event_clear(&s->said[i]);
	pthread_mutex_destroy(&s->lock);
}

/* ---- what a version holds
 * -------------------------------------------------------------------------------------- */

static bool holds(struct world *w, int64_t id, bool learner)
{
	pthread_mutex_lock(&w->engine->lock);
	const struct lepton__version *v = lepton__version_find(w->engine, id);
	bool there = learner ? v->learner != NULL : v->last || v->best;
	pthread_mutex_unlock(&w->engine->lock);
	return there;
}

static bool has_no_learner(struct world *w, int64_t id, int64_t what)
{
	(void)what;
	return !holds(w, id, true);
}

static bool has_no_checkpoint(struct world *w, int64_t id, int64_t what)
{
	(void)what;
	return !holds(w, id, false);
}

static void await_rest(struct world *w, struct shelf *s, int64_t id)
{
	await(w, has_no_learner, id, 0);
	fill(w, s, true);
	await(w, has_no_checkpoint, id, 0);
}

/* The weights that the run ends in when nobody interrupts it. */
static void run_through(const char *learner, const char *config, char hash[LEPTON_HASH_HEX])
{
	struct world *w = world_new(data);
	int64_t id = add(w, "v", learner, config);
	start(w);
	await(w, in_state, id, LEPTON_DONE);
	snprintf(hash, LEPTON_HASH_HEX, "%s", see(w, id)->weights_hash);
	world_free(w);
}

/* ---- to the bit
 * ------------------------------------------------------------------------------------------------ */

static void check_stops(const char *learner, const char *config, int64_t from, int64_t every)
{
	char hash[LEPTON_HASH_HEX];
	struct shelf s;
	struct world *w = world_on(&s);
	int64_t id = add(w, "v", learner, config);
	int stops = 0;
	run_through(learner, config, hash);
	start(w);
	for (int64_t step = from; see(w, id)->state != LEPTON_DONE; step = see(w, id)->step + every) {
		while (see(w, id)->state != LEPTON_DONE && see(w, id)->step < step)
			world_next(w, 0.05);
		if (steer(w, LEPTON_CMD_STOP, id))
			break; /* it is done */
		await_rest(w, &s, id);
		stops++;
		assert_int_equal(steer(w, LEPTON_CMD_RESUME, id), 0);
	}
	await(w, in_state, id, LEPTON_DONE);
	assert_true(stops > 0);
	assert_true(s.asked >= stops);
	assert_string_equal(see(w, id)->weights_hash, hash);
	await_rest(w, &s, id);
	end(w, &s);
}

static void test_network(void **state)
{
	(void)state;
	check_stops("network", network, 5, 300);
}

static void test_best_epoch(void **state)
{
	(void)state;
	check_stops("network", careful, 60, 90);
}

static void test_trees(void **state)
{
	(void)state;
	check_stops("gradient_boosting", boosting, 2, 9);
}

/* Without a store the checkpoint is all there is, and stays. */
static void test_no_store(void **state)
{
	(void)state;
	char hash[LEPTON_HASH_HEX];
	struct world *w = world_new(data);
	int64_t id = add(w, "v", "network", network);
	run_through("network", network, hash);
	start(w);
	await(w, at_step, id, 20);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, id), 0);
	await(w, has_no_learner, id, 0);
	assert_true(holds(w, id, false));
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, id), 0);
	await(w, in_state, id, LEPTON_DONE);
	assert_string_equal(see(w, id)->weights_hash, hash);
	await(w, has_no_learner, id, 0);
	world_free(w);
}

/* Parts that are held near the last fusion are so again when they come back in the middle of a round. */
static void test_shards(void **state)
{
	(void)state;
	static const char whole[] =
		NETWORK ",\"shards\":2,\"fuse\":{\"method\":\"average\",\"every\":5,\"prox\":0.5}}";
	static const char *const part[] = {
		NETWORK ",\"shard\":{\"index\":1,\"of\":2}}", NETWORK ",\"shard\":{\"index\":2,\"of\":2}}"};
	char hash[LEPTON_HASH_HEX];
	for (int rests = 0; rests < 6;
		rests++) { /* within a round, and, with luck, right behind the end of one */
		struct shelf s;
		struct world *w = world_on(&s);
		int64_t parts[2] = {add(w, "v/1", "network", part[0]), add(w, "v/2", "network", part[1])};
		int64_t id = add(w, "v", "network", whole);
		start(w);
		if (rests < 2)
			await(w, at_step, parts[0], 30); /* rounds are 5 epochs of 7 or 8 steps */
		else
			await(w, at_step, id, 35 * (rests - 1));
		if (rests) {
			assert_int_equal(steer(w, LEPTON_CMD_PAUSE, id), 0); /* and both parts */
			for (int i = 0; i < 2; i++) {
				assert_int_equal(steer(w, LEPTON_CMD_STOP, parts[i]), 0);
				await_rest(w, &s, parts[i]);
			}
			for (int i = 0; i < 2; i++) /* they go on to the round's end, and wait */
				assert_int_equal(steer(w, LEPTON_CMD_RESUME, parts[i]), 0);
			assert_int_equal(steer(w, LEPTON_CMD_RESUME, id), 0);
		}
		await(w, in_state, id, LEPTON_DONE);
		if (rests)
			assert_string_equal(see(w, id)->weights_hash, hash);
		snprintf(hash, sizeof hash, "%s", see(w, id)->weights_hash);
		await_rest(w, &s, id);
		end(w, &s);
	}
}

/* ---- what is asked of one that rests
 * ----------------------------------------------------------------------------- */

static int64_t a_resting_one(struct world *w, struct shelf *s, const char *name)
{
	int64_t id = add(w, name, "network", network);
	if (!w->engine->started)
		start(w);
	await(w, in_state, id, LEPTON_DONE);
	await_rest(w, s, id);
	return id;
}

/* The first checkpoint of a clone, before its first step, is of its source's weights. */
static void test_asked(void **state)
{
	(void)state;
	struct shelf s;
	struct world *w = world_on(&s);
	int64_t a = a_resting_one(w, &s, "a"), b = a_resting_one(w, &s, "b");
	char hash[LEPTON_HASH_HEX];
	snprintf(hash, sizeof hash, "%s", see(w, a)->weights_hash);
	assert_int_equal(
		order(w, (struct lepton_command){.type = LEPTON_CMD_EVALUATE, .count = 1, .versions = {a}},
			NULL),
		0);
	assert_int_equal(order(w,
				 (struct lepton_command){.type = LEPTON_CMD_COMPRESS,
					 .count = 1,
					 .versions = {a},
					 .method = "quantize"},
				 NULL),
		0);
	await_rest(w, &s, last_of(w));
	assert_int_equal(
		order(w,
			(struct lepton_command){
				.type = LEPTON_CMD_FUSE, .count = 2, .versions = {a, b}, .method = "average"},
			NULL),
		0);
	await_rest(w, &s, last_of(w));
	assert_int_equal(
		order(w, (struct lepton_command){.type = LEPTON_CMD_BARRIER, .count = 2, .versions = {a, b}},
			NULL),
		0);
	assert_int_equal(
		order(w, (struct lepton_command){.type = LEPTON_CMD_PREVIEW, .count = 2, .versions = {a, b}},
			NULL),
		0);
	assert_int_equal(
		order(w, (struct lepton_command){.type = LEPTON_CMD_PROMOTE, .count = 1, .versions = {a}},
			NULL),
		0);
	assert_string_equal(w->run.aliases[0].weights_hash, hash);
	assert_int_equal(steer(w, LEPTON_CMD_ARCHIVE, a), 0);
	assert_int_equal(steer(w, LEPTON_CMD_RESTORE, a), 0);
	assert_int_equal(see(w, a)->state, LEPTON_DONE);
	assert_int_equal(order(w,
				 (struct lepton_command){
					 .type = LEPTON_CMD_CLONE, .count = 1, .versions = {a}, .name = "c"},
				 "{\"optimizer.learning_rate\":0,\"epochs\":1}"),
		0);
	await(w, in_state, last_of(w), LEPTON_DONE);
	assert_string_equal(see(w, last_of(w))->weights_hash, hash);
	assert_true(!holds(w, a, true) && !holds(w, a, false) && !holds(w, b, true));
	end(w, &s);
}

/* Nothing is given up that the store has not said it has: its disk may be full. */
static void test_not_before_it_is_kept(void **state)
{
	(void)state;
	struct shelf s;
	struct world *w = world_on(&s);
	int64_t id = add(w, "v", "network", network);
	start(w);
	await(w, in_state, id, LEPTON_DONE);
	fill(w, &s, false);
	await(w, has_no_learner, id, 0);
	assert_true(holds(w, id, false));
	assert_int_equal(
		order(w, (struct lepton_command){.type = LEPTON_CMD_EVALUATE, .count = 1, .versions = {id}},
			NULL),
		0);
	assert_int_equal(s.asked, 0);
	fill(w, &s, true);
	await(w, has_no_checkpoint, id, 0);
	end(w, &s);
}

/* What cannot be read fails what needs it, in one line, and nothing else. */
static void test_lost(void **state)
{
	(void)state;
	static const struct lepton_command commands[] = {{.type = LEPTON_CMD_CLONE, .name = "x"},
		{.type = LEPTON_CMD_COMPRESS, .method = "quantize"}, {.type = LEPTON_CMD_EVALUATE},
		{.type = LEPTON_CMD_PROMOTE}};
	struct shelf s;
	struct world *w = world_on(&s);
	int64_t done = a_resting_one(w, &s, "done"), stopped = add(w, "stopped", "network", network);
	await(w, at_step, stopped, 20);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, stopped), 0);
	await_rest(w, &s, stopped);
	s.lost = true;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		struct lepton_command command = commands[i];
		command.count = 1;
		command.versions[0] = done;
		assert_int_equal(order(w, command, NULL), LEPTON_E_CORRUPT);
		expect(w->message, "done: no checkpoint is whole");
		assert_null(strchr(w->message, '\n'));
	}
	assert_int_equal(w->run.version_count, 2);
	assert_int_equal(w->run.alias_count, 0);
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, stopped), LEPTON_E_CORRUPT);
	expect(w->message, "version stopped: no checkpoint is whole");
	assert_int_equal(see(w, stopped)->state, LEPTON_STOPPED);
	s.lost = false;
	s.stale = 1; /* what is left is of step 0 or nothing */
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, stopped), LEPTON_E_CORRUPT);
	s.stale = 0;
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, stopped), 0);
	await(w, in_state, stopped, LEPTON_DONE);
	end(w, &s);
}

/* An older checkpoint than the one it stood at would tell its epochs twice: it is refused, and says what
 * helps. */
static void test_stale(void **state)
{
	(void)state;
	struct shelf s;
	struct world *w = world_on(&s);
	int64_t id = add(w, "v", "network", network);
	start(w);
	await(w, at_epoch, id, 2);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, id), 0);
	await_rest(w, &s, id);
	s.stale = see(w, id)->checkpoint_step - 1;
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, id), LEPTON_E_CORRUPT);
	expect(w->message, "verify --repair");
	assert_int_equal(see(w, id)->state, LEPTON_STOPPED);
	end(w, &s);
}

/* ---- put back
 * ---------------------------------------------------------------------------------------------------- */

/* An engine that is given what another one left asks for nothing that has ended, until it is needed. */
static void test_put_back(void **state)
{
	(void)state;
	struct lepton_error err = {0};
	struct shelf s;
	struct world *w = world_on(&s);
	char hash[LEPTON_HASH_HEX];
	run_through("network", careful, hash);
	int64_t done = a_resting_one(w, &s, "done"), stopped = add(w, "stopped", "network", careful);
	await(w, at_epoch, stopped, 3);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, stopped), 0);
	await_rest(w, &s, stopped);
	s.asked = 0;
	drain(w);
	struct world *later = world_with(
		data, (struct lepton_engine_options){.workers = 2, .recall = recall, .recall_context = &s});
	for (size_t i = 0; i < w->run.version_count; i++)
		assert_int_equal(lepton_engine_restore(later->engine, w->run.versions[i], NULL, &err), 0);
	assert_string_equal(err.message, "");
	start(later);
	drain(later);
	assert_int_equal(s.asked, 0);
	assert_int_equal(see(later, done)->state, LEPTON_DONE);
	assert_int_equal(see(later, done)->steps_per_epoch, see(w, done)->steps_per_epoch);
	assert_int_equal(see(later, done)->parameters, see(w, done)->parameters);
	assert_true(!holds(later, done, true) && !holds(later, stopped, true));
	assert_int_equal(steer(later, LEPTON_CMD_RESUME, stopped), 0);
	assert_true(s.asked > 0);
	await(later, in_state, stopped, LEPTON_DONE);
	assert_string_equal(see(later, stopped)->weights_hash, hash);
	world_free(later);
	end(w, &s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_best_epoch),
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_no_store),
		cmocka_unit_test(test_shards),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_not_before_it_is_kept),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_put_back),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
