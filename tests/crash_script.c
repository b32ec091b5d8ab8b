/* tests/crash_script.c - see crash_script.h. */
#include "crash_script.h"
#include "corner_make.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define PATIENCE 60.0
#define SEED 42
#define BLOCK_POINTS 5 /* so that points are packed in the middle of it, and where the version rests */

static struct lepton_dataset *data;
static char config[800];

/* ---- the events ---- */

/* Takes events off the reader until one satisfies `last`, keeping all that a store keeps: what a node does
 * now comes by the clock, so it may come anywhere. */
static void take(
	struct script *script, struct lepton_reader *reader, bool (*last)(const struct lepton_event *event))
{
	double until = lepton__monotonic() + PATIENCE;
	for (bool found = false; !found;) {
		struct lepton_event event;
		assert_true(lepton__monotonic() < until);
		if (!lepton_reader_next(reader, 0.05, &event))
			continue;
		if (event.type == LEPTON_EVENT_NODE) {
			lepton_event_clear(&event);
			continue;
		}
		found = last(&event);
		assert_int_equal(
			lepton__grow(&script->events, &script->capacity, script->count + 1, sizeof event), 0);
		script->events[script->count++] = event;
	}
}

static bool is_trained(const struct lepton_event *event)
{
	return event->type == LEPTON_EVENT_STATE && event->u.state.state == LEPTON_DONE;
}

static bool is_answered(const struct lepton_event *event)
{
	if (event->type == LEPTON_EVENT_REPLY && event->u.reply.code)
		fail_msg("%s", lepton_text_get(event->u.reply.message));
	return event->type == LEPTON_EVENT_REPLY;
}

static void order(struct script *script, struct lepton_engine *engine, struct lepton_reader *reader,
	struct lepton_command command)
{
	static uint64_t ticket;
	command.ticket = ++ticket;
	assert_int_equal(lepton_engine_submit(engine, &command, NULL), 0);
	take(script, reader, is_answered);
}

static void train(struct script *script, struct lepton_engine *engine, struct lepton_reader *reader)
{
	struct lepton_spec_version version = {
		.name = "net", .learner = "network", .config = config, .seed = SEED, .priority = 1};
	struct lepton_command compress = {.type = LEPTON_CMD_COMPRESS,
		.count = 1,
		.versions = {SCRIPT_VERSION},
		.method = "quantize",
		.name = "small"};
	struct lepton_command promote = {
		.type = LEPTON_CMD_PROMOTE, .count = 1, .versions = {SCRIPT_VERSION}, .alias = "production"};
	int64_t id;
	assert_int_equal(lepton_engine_add(engine, &version, &id, NULL), 0);
	assert_int_equal(id, SCRIPT_VERSION);
	assert_int_equal(lepton_engine_start(engine, NULL), 0);
	take(script, reader, is_trained);
	order(script, engine, reader, compress);
	order(script, engine, reader, promote);
	promote.versions[0] = SCRIPT_SMALL;
	order(script, engine, reader, promote);
}

void script_make(struct script *script, int epochs)
{
	struct lepton_engine_options options = {.workers = 1, .environment = "{}", .metric_seconds = -1};
	struct lepton_engine *engine;
	struct lepton_reader *reader;
	*script = (struct script){.epochs = epochs};
	lepton__block_points = BLOCK_POINTS;
	corner_config(config, sizeof config, epochs, "");
	assert_int_equal(make_corner(320, 0, 0.1, &data), 0);
	assert_int_equal(lepton_engine_create(&options, "crash", 1, data, "{}", &engine, NULL), 0);
	assert_int_equal(lepton_reader_open(engine, true, &reader, NULL, NULL), 0);
	train(script, engine, reader);
	lepton_reader_close(reader);
	lepton_engine_free(engine);
	for (size_t i = 0; i < script->count; i++)
		if (script->events[i].type == LEPTON_EVENT_CHECKPOINT &&
			script->events[i].version == SCRIPT_VERSION)
			lepton__copy_name(script->final_hash, LEPTON_HASH_HEX,
				script->events[i].u.checkpoint.weights_hash);
}

void script_free(struct script *script)
{
	for (size_t i = 0; i < script->count; i++)
		lepton_event_clear(&script->events[i]);
	lepton__free(script->events);
	lepton_dataset_release(data);
}

static const struct lepton_event *checkpoint_at(const struct script *script, int64_t version, int64_t step)
{
	for (size_t i = 0; i < script->count; i++)
		if (script->events[i].type == LEPTON_EVENT_CHECKPOINT &&
			script->events[i].version == version && script->events[i].u.checkpoint.step == step)
			return &script->events[i];
	fail_msg("no checkpoint of version %d was ever at step %d", (int)version, (int)step);
	return NULL;
}

/* ---- into a store, and out of it ---- */

static void fault(const struct script_play *play, size_t event, const struct lepton_error *err)
{
	if (!play->failed)
		fail_msg("%s", err->message);
	assert_true(*err->message);
	play->failed(event, err);
}

/* *held: the first event that is not committed yet; it is kept when what it waits in is. */
static bool put(const struct script *script, const struct script_play *play, struct lepton_store *store,
	size_t i, size_t *held)
{
	static int metrics;
	struct lepton_error err = {0};
	int code = lepton_store_put(store, &script->events[i], &err);
	bool metric = script->events[i].type == LEPTON_EVENT_METRIC;
	if (!code && metric && ++metrics % play->flush_each == 0)
		code = lepton_store_flush(store, &err);
	if (code)
		fault(play, i, &err);
	else if (!lepton_store_waits(store))
		for (; *held <= i; ++*held)
			if (script->events[*held].type != LEPTON_EVENT_METRIC && play->kept)
				play->kept(*held);
	return code == LEPTON_OK;
}

static struct lepton_store *open_to_play(const struct script_play *play, size_t from)
{
	struct lepton_store *store = NULL;
	struct lepton_error err = {0};
	for (int tries = 0; tries < 2 && !store; tries++)
		if (lepton_store_open(play->dir, LEPTON_STORE_WRITE, &store, &err)) {
			assert_null(store);
			fault(play, from, &err);
		}
	return store;
}

bool script_play_part(const struct script *script, const struct script_play *play, size_t from, size_t to)
{
	struct lepton_store *store = open_to_play(play, from);
	if (!store)
		return false;
	for (size_t i = from, held = from; i < to; i++) {
		if (put(script, play, store, i, &held))
			continue;
		size_t again = held; /* what was rolled back with it, too */
		while (again <= i && put(script, play, store, again, &held))
			again++;
		if (again <= i)
			held = i + 1; /* given up */
	}
	lepton_store_close(store);
	return true;
}

/* The checkpoint that was put last of those there are; an older one where something is said. */
static void read_checkpoint(const struct script *script, const struct script_play *play,
	struct lepton_store *store, size_t upto, int64_t version)
{
	const struct lepton_event *right = NULL;
	struct lepton_checkpoint *checkpoint;
	struct lepton_error err = {0};
	char hash[LEPTON_HASH_HEX];
	for (size_t i = 0; i < upto; i++)
		if (script->events[i].type == LEPTON_EVENT_CHECKPOINT && script->events[i].version == version)
			right = &script->events[i];
	if (lepton_store_load_checkpoint(store, version, -1, &checkpoint, &err)) {
		assert_null(checkpoint);
		fault(play, upto, &err);
		return;
	}
	if (*err.message)
		right = checkpoint_at(script, version, checkpoint->state.step);
	lepton_params_hash(checkpoint->state.weights, hash);
	assert_string_equal(hash, right->u.checkpoint.weights_hash);
	lepton_checkpoint_release(checkpoint);
}

static void read_back(const struct script *script, const struct script_play *play, size_t upto)
{
	struct lepton_store *store;
	struct lepton_run run;
	struct lepton_error err = {0};
	if (lepton_store_open(play->dir, LEPTON_STORE_WRITE, &store, &err)) {
		fault(play, upto, &err);
		return;
	}
	lepton_run_init(&run);
	if (lepton_store_load_run(store, &run, &err))
		fault(play, upto, &err);
	else
		assert_non_null(lepton_run_version(&run, SCRIPT_VERSION));
	lepton_run_clear(&run);
	read_checkpoint(script, play, store, upto, SCRIPT_VERSION);
	lepton_store_close(store);
}

void script_play(const struct script *script, const struct script_play *play)
{
	size_t part = script->count * 2 / 3;
	int before = play->faults ? *play->faults : 0;
	if (!script_play_part(script, play, 0, part))
		return;
	if (!play->faults || *play->faults == before) /* else not all need be there */
		read_back(script, play, part);
	script_play_part(script, play, part, script->count);
}

/* ---- what must be true ---- */

static void hear(const char *line, void *arg)
{
	(void)arg;
	if (!strstr(line, "as after a power cut")) /* as it is */
		print_message("verify: %s\n", line);
}

/* The newest event of that kind that was kept; NULL: none. */
static const struct lepton_event *newest(
	const struct script *script, const bool *kept, enum lepton_event_type type, int64_t version)
{
	for (size_t i = script->count; i-- > 0;)
		if (kept[i] && script->events[i].type == type && script->events[i].version == version)
			return &script->events[i];
	return NULL;
}

static void go_on(const struct script *script, struct lepton_state *state)
{
	const struct lepton_learner_ops *ops = lepton_learner_find("network");
	struct lepton_learner *learner;
	struct lepton_step_result result = {0};
	struct lepton_params *weights;
	char hash[LEPTON_HASH_HEX];
	assert_int_equal(ops->create(config, SEED, data, &learner, NULL), 0);
	assert_int_equal(ops->load(learner, state, NULL), 0);
	while (!result.finished && state->epoch < script->epochs)
		assert_int_equal(ops->step(learner, &lepton_team_alone, &result, NULL), 0);
	assert_int_equal(ops->weights(learner, &weights, NULL), 0);
	lepton_params_hash(weights, hash);
	assert_string_equal(hash, script->final_hash);
	lepton_params_release(weights);
	ops->destroy(learner);
}

static void check_checkpoint(const struct script *script, struct lepton_store *store, int64_t version,
	const bool *kept, bool resume)
{
	const struct lepton_event *least = newest(script, kept, LEPTON_EVENT_CHECKPOINT, version);
	struct lepton_checkpoint *checkpoint;
	struct lepton_error err = {0};
	char hash[LEPTON_HASH_HEX];
	int code = lepton_store_load_checkpoint(store, version, -1, &checkpoint, &err);
	if (code == LEPTON_E_NOTFOUND && !least)
		return;
	if (code || *err.message)
		fail_msg("version %d: %s", (int)version, err.message);
	assert_true(!least || checkpoint->state.step >= least->u.checkpoint.step);
	lepton_params_hash(checkpoint->state.weights, hash);
	assert_string_equal(
		hash, checkpoint_at(script, version, checkpoint->state.step)->u.checkpoint.weights_hash);
	if (resume && version == SCRIPT_VERSION)
		go_on(script, &checkpoint->state);
	lepton_checkpoint_release(checkpoint);
}

static void check_run(const struct script *script, struct lepton_store *store, const bool *kept)
{
	const struct lepton_event *alias = NULL;
	struct lepton_run run;
	struct lepton_error err = {0};
	int64_t id, step;
	lepton_run_init(&run);
	if (lepton_store_load_run(store, &run, &err))
		fail_msg("%s", err.message);
	for (int64_t version = SCRIPT_VERSION; version <= SCRIPT_SMALL; version++) {
		assert_true(!newest(script, kept, LEPTON_EVENT_VERSION, version) ||
			    lepton_run_version(&run, version));
		if (newest(script, kept, LEPTON_EVENT_ALIAS, version))
			alias = newest(script, kept, LEPTON_EVENT_ALIAS, version);
	}
	if (alias) {
		assert_int_equal(lepton_store_resolve(store, ":production", &id, &step, NULL), 0);
		assert_true(id >= alias->u.alias.target); /* promoted in the order of the ids */
	}
	lepton_run_clear(&run);
}

void script_check(const struct script *script, const char *dir, const bool *kept, bool resume)
{
	struct lepton_store *store;
	struct lepton_error err = {0};
	if (lepton_store_open(dir, LEPTON_STORE_WRITE, &store, &err))
		fail_msg("open: %s", err.message);
	if (lepton_store_verify(store, hear, NULL, &err))
		fail_msg("verify: %s", err.message);
	check_run(script, store, kept);
	check_checkpoint(script, store, SCRIPT_VERSION, kept, resume);
	check_checkpoint(script, store, SCRIPT_SMALL, kept, false);
	lepton_store_close(store);
}
