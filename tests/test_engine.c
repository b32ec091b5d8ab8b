/* tests/test_engine.c - the engine: same weights however it is run and steered, each command and its faults,
 * the stream of events to its very end.
 */
#include "lepton/compress.h"
#include "lepton/engine.h"
#include "lepton/fuse.h"
#include "base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define SAMPLES 600
#define TESTED 100
#define TICKETS 4096
#define IDS 64
#define PATIENCE 60.0 /* seconds without news before a test gives up */

#define HEAD                                                                                                 \
	"{\"layers\":[{\"type\":\"Input\",\"shape\":[8,8,1]},{\"type\":\"Flatten\"},{\"type\":\"Dense\","    \
	"\"units\":"
#define TAIL                                                                                                 \
	",\"activation\":\"relu\"},{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}],"            \
	"\"batch_size\":16,\"epochs\":"
#define ADAM ",\"optimizer\":{\"name\":\"adam\",\"learning_rate\":0.002}}"
#define SHORT HEAD "12" TAIL "3" ADAM
#define MEDIUM HEAD "12" TAIL "40" ADAM
#define ENDLESS HEAD "12" TAIL "100000" ADAM
#define WIDE HEAD "20" TAIL "2" ADAM
#define LINEAR ",\"activation\":\"linear\"},{\"type\":\"Dense\",\"units\":12"
/* The greatest rate a spec may have, and nothing between the layers that bounds what they make. */
#define EXPLODES                                                                                             \
	HEAD "12" LINEAR LINEAR LINEAR LINEAR TAIL                                                           \
	     "3,\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":1000}}"

static struct lepton_dataset *data;

/* A fixed generator: the C library's differs from one to the next. */
static uint32_t chance(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

/* Noise with a brighter third of the picture for each class. */
static int make_data(void **state)
{
	(void)state;
	static uint8_t images[SAMPLES * 64], labels[SAMPLES];
	const struct lepton_shape sample = {3, {8, 8, 1}};
	uint32_t seed = 7;
	for (int i = 0; i < SAMPLES; i++) {
		labels[i] = (uint8_t)(chance(&seed) % 3);
		for (int p = 0; p < 64; p++)
			images[i * 64 + p] =
				(uint8_t)(chance(&seed) % 128 + (p * 3 / 64 == labels[i] ? 90 : 0));
	}
	return lepton_dataset_from_u8(images, labels, SAMPLES, TESTED, &sample, 3, 0.1, &data, NULL);
}

static int drop_data(void **state)
{
	(void)state;
	lepton_dataset_release(data);
	return 0;
}

/* ---- an engine and its one reader ---- */

struct answer {
	int count, code;
	int64_t result;
	char message[512];
};
struct world {
	struct lepton_engine *engine;
	struct lepton_reader *reader;
	struct lepton_run run;
	struct answer answers[TICKETS];
	struct lepton_checkpoint *first[IDS], *last[IDS]; /* of each version */
	uint64_t ticket, serial;
	bool ended;
	int64_t job; /* the last that was told of */
	double progress;
	int progress_said; /* events after the first of each job */
};

static struct world *world_of(struct lepton_engine_options options)
{
	struct lepton_error err = {0};
	options.slice_seconds = 0.002;
	options.environment = "{}";
	struct world *w = calloc(1, sizeof *w);
	assert_non_null(w);
	lepton_run_init(&w->run);
	assert_int_equal(lepton_engine_create(&options, "test", 1, data, "{}", &w->engine, &err), 0);
	assert_int_equal(lepton_reader_open(w->engine, true, &w->reader, NULL, &err), 0);
	assert_int_equal(lepton_engine_workers(w->engine), options.workers);
	return w;
}

static struct world *world_new(int workers, double metric_seconds)
{
	return world_of((struct lepton_engine_options){.workers = workers, .metric_seconds = metric_seconds});
}

static void drain(struct world *w);

static int64_t add_with(struct world *w, const char *name, const char *config, uint64_t seed, double priority)
{
	struct lepton_error err = {0};
	struct lepton_spec_version v = {.learner = "network", .seed = seed, .priority = priority};
	int64_t id = 0;
	snprintf(v.name, sizeof v.name, "%s", name);
	v.config = strdup(config);
	assert_non_null(v.config);
	int code = lepton_engine_add(w->engine, &v, &id, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	free(v.config);
	drain(w);
	return id;
}

static int64_t add(struct world *w, const char *name, const char *config, uint64_t seed)
{
	return add_with(w, name, config, seed, 1);
}

static void start(struct world *w)
{
	assert_int_equal(lepton_engine_start(w->engine, NULL), 0);
}

static void keep(struct world *w, const struct lepton_event *e)
{
	assert_in_range(e->version, 1, IDS - 1);
	struct lepton_checkpoint *c = e->u.checkpoint.checkpoint, **last = &w->last[e->version];
	char hash[LEPTON_HASH_HEX];
	assert_non_null(c);
	lepton_params_hash(c->state.weights, hash);
	assert_string_equal(hash, e->u.checkpoint.weights_hash);
	lepton_checkpoint_release(*last);
	*last = lepton_checkpoint_retain(c);
	if (!w->first[e->version])
		w->first[e->version] = lepton_checkpoint_retain(c);
}

static void take(struct world *w, struct lepton_event *e)
{
	assert_false(w->ended); /* nothing follows END */
	assert_true(e->serial == w->serial + 1);
	w->serial = e->serial;
	assert_int_equal(lepton_run_apply(&w->run, e, NULL), 0);
	if (e->type == LEPTON_EVENT_CHECKPOINT)
		keep(w, e);
	if (e->type == LEPTON_EVENT_JOB) { /* one at a time, and never back */
		double before = e->u.job.job == w->job ? w->progress : 0;
		assert_true(e->u.job.progress >= before && e->u.job.progress <= 1);
		w->progress_said += e->u.job.job == w->job;
		w->job = e->u.job.job;
		w->progress = e->u.job.progress;
	}
	w->ended = e->type == LEPTON_EVENT_END;
	if (e->type == LEPTON_EVENT_REPLY) {
		assert_in_range(e->u.reply.ticket, 1, TICKETS - 1);
		struct answer *a = &w->answers[e->u.reply.ticket];
		a->count++;
		a->code = e->u.reply.code;
		a->result = e->u.reply.result;
		snprintf(a->message, sizeof a->message, "%s", lepton_text_get(e->u.reply.message));
	}
	lepton_event_clear(e);
}

static void next(struct world *w)
{
	struct lepton_event e;
	if (!lepton_reader_next(w->reader, PATIENCE, &e))
		fail_msg("no event came");
	take(w, &e);
}

static void drain(struct world *w)
{
	struct lepton_event e;
	while (lepton_reader_next(w->reader, 0, &e))
		take(w, &e);
}

static const struct lepton_run_version *see(const struct world *w, int64_t id)
{
	const struct lepton_run_version *v = lepton_run_version(&w->run, id);
	assert_non_null(v);
	return v;
}

static void await_state(struct world *w, int64_t id, enum lepton_version_state state)
{
	while (!lepton_run_version(&w->run, id) || see(w, id)->state != state)
		next(w);
}

static void await_step(struct world *w, int64_t id, int64_t step)
{
	while (!lepton_run_version(&w->run, id) || see(w, id)->step < step)
		next(w);
}

static void rest(long nanoseconds)
{
	nanosleep(&(struct timespec){0, nanoseconds}, NULL);
}

/* The last answer is read a moment before its thread has nothing more to do. */
static void await_idle(struct world *w)
{
	for (int i = 0; i < 2000 && lepton_engine_busy(w->engine); i++)
		rest(1000000);
	assert_false(lepton_engine_busy(w->engine));
}

static void await_done(struct world *w, int64_t id)
{
	await_state(w, id, LEPTON_DONE);
}

static void submit(struct world *w, struct lepton_command command, const char *settings)
{
	command.ticket = ++w->ticket;
	command.settings = settings ? lepton_text_new(settings) : NULL;
	assert_int_equal(lepton_engine_submit(w->engine, &command, NULL), 0);
	lepton_command_clear(&command);
}

static const struct answer *await_answer(struct world *w)
{
	const struct answer *a = &w->answers[w->ticket];
	while (!a->count)
		next(w);
	return a;
}

/* Submit and await the answer: its code. */
static int order(struct world *w, struct lepton_command command, const char *settings)
{
	submit(w, command, settings);
	return await_answer(w)->code;
}

static int steer(struct world *w, enum lepton_command_type type, int64_t id)
{
	return order(w, (struct lepton_command){.type = type, .count = 1, .versions = {id}}, NULL);
}

static const struct answer *answered(const struct world *w)
{
	return &w->answers[w->ticket];
}

static void world_free(struct world *w)
{
	lepton_engine_free(w->engine);
	drain(w);
	for (uint64_t t = 1; t <= w->ticket; t++)
		assert_int_equal(w->answers[t].count, 1); /* each command has one answer */
	for (int i = 0; i < IDS; i++) {
		lepton_checkpoint_release(w->first[i]);
		lepton_checkpoint_release(w->last[i]);
	}
	lepton_reader_close(w->reader);
	lepton_run_clear(&w->run);
	free(w);
}

/* The hash of MEDIUM trained straight through, seed 5: what all other ways must come to. */
static void straight(char hash[LEPTON_HASH_HEX], int workers)
{
	struct world *w = world_new(workers, 0);
	int64_t id = add(w, "a", MEDIUM, 5);
	start(w);
	await_done(w, id);
	await_idle(w);
	assert_int_equal(see(w, id)->step, see(w, id)->steps_per_epoch * 40);
	assert_int_equal(see(w, id)->epochs_done.count, 40);
	assert_true(see(w, id)->test_accuracy > 0.9);
	snprintf(hash, LEPTON_HASH_HEX, "%s", see(w, id)->weights_hash);
	assert_int_equal(strlen(hash), LEPTON_HASH_HEX - 1);
	world_free(w);
}

/* ---- the same weights ---- */

static void workers_do_not_matter(void **state)
{
	(void)state;
	char one[LEPTON_HASH_HEX], two[LEPTON_HASH_HEX], four[LEPTON_HASH_HEX];
	straight(one, 1);
	straight(two, 2);
	straight(four, 4);
	assert_string_equal(one, two);
	assert_string_equal(one, four);
}

/* Says how often it was paused; never, if it was done before anybody came to it. */
static int pauses_at_random(const char *hash, uint32_t seed)
{
	int pauses = 0;
	struct world *w = world_new(2, 0);
	int64_t id = add(w, "a", MEDIUM, 5), other = add(w, "b", ENDLESS, 6);
	start(w);
	for (int i = 0; i < 300 && see(w, id)->state != LEPTON_DONE; i++) {
		/* the first is a pause of the version itself: it could be done before chance comes to one */
		int64_t which = !i || chance(&seed) % 4 ? id : other;
		pauses += steer(w, !i || chance(&seed) % 2 ? LEPTON_CMD_PAUSE : LEPTON_CMD_RESUME, which) == 0;
		rest((long)(chance(&seed) % 1000) * 1000);
	}
	if (see(w, id)->state == LEPTON_PAUSED)
		assert_int_equal(steer(w, LEPTON_CMD_RESUME, id), 0);
	await_done(w, id);
	assert_string_equal(see(w, id)->weights_hash, hash);
	world_free(w);
	return pauses;
}

static void pauses_do_not_matter(void **state)
{
	(void)state;
	char hash[LEPTON_HASH_HEX];
	int pauses = 0;
	straight(hash, 1);
	for (uint32_t seed = 3; seed < 23 && pauses == 0; seed++)
		pauses = pauses_at_random(hash, seed);
	assert_in_range(pauses, 1, 300);
}

/* On a busy machine it may be done before the pause comes: then once more. */
static struct world *paused_midway(int64_t *id)
{
	for (int attempt = 0;; attempt++) {
		struct world *w = world_new(1, -1);
		assert_in_range(attempt, 0, 50);
		*id = add(w, "a", MEDIUM, 5);
		start(w);
		await_step(w, *id, 40);
		if (steer(w, LEPTON_CMD_PAUSE, *id) == 0)
			return w;
		world_free(w);
	}
}

/* Paused in the middle, its checkpoint and what is remembered of it are given to another engine. */
static void a_restored_version_ends_the_same(void **state)
{
	(void)state;
	char hash[LEPTON_HASH_HEX];
	int64_t id;
	straight(hash, 2);
	struct world *one = paused_midway(&id), *two = world_new(2, 0);
	const struct lepton_run_version *v = see(one, id);
	assert_int_equal(v->state, LEPTON_PAUSED);
	assert_in_range(v->step, 40, v->steps_per_epoch * 40 - 1);
	assert_int_equal(v->checkpoint_step, v->step);
	assert_int_equal(lepton_engine_restore(two->engine, v, one->last[id], NULL), 0);
	start(two);
	await_state(two, id, LEPTON_PAUSED);
	assert_int_equal(see(two, id)->step, v->step);
	assert_int_equal(steer(two, LEPTON_CMD_RESUME, id), 0);
	await_done(two, id);
	assert_string_equal(see(two, id)->weights_hash, hash);
	world_free(one);
	world_free(two);
}

/* For one command on a store: what was training there stays as it was, told as waiting and not as paused;
 * what the command makes is trained; and events are numbered on from the store's last. */
static void one_command_leaves_the_rest_as_it_is(void **state)
{
	(void)state;
	int64_t id;
	struct world *one = paused_midway(&id);
	struct world *two =
		world_of((struct lepton_engine_options){.workers = 2, .one_command = true, .serial = 1000});
	struct lepton_run_version remembered = *see(one, id);
	remembered.state = LEPTON_RUNNING;
	two->serial = 1000;
	assert_int_equal(lepton_engine_restore(two->engine, &remembered, one->last[id], NULL), 0);
	int64_t made = add(two, "made", SHORT, 6);
	start(two);
	await_done(two, made);
	await_idle(two);
	assert_int_equal(steer(two, LEPTON_CMD_QUIT, 0), 0);
	drain(two);
	assert_int_equal(see(two, id)->state, LEPTON_QUEUED);
	assert_int_equal(see(two, id)->step, see(one, id)->step);
	assert_null(two->last[id]);
	world_free(one);
	world_free(two);
}

/* From the checkpoint of the first epoch: as after a crash. */
static void a_version_goes_on_from_its_epoch(void **state)
{
	(void)state;
	struct world *one = world_new(1, 0), *two = world_new(1, 0);
	int64_t id = add(one, "a", MEDIUM, 5);
	start(one);
	await_done(one, id);
	struct lepton_run_version remembered = *see(one, id);
	assert_int_equal(one->first[id]->state.step, remembered.steps_per_epoch);
	remembered.state = LEPTON_RUNNING;
	remembered.epochs_done.count = 1;
	assert_int_equal(lepton_engine_restore(two->engine, &remembered, one->first[id], NULL), 0);
	start(two);
	await_done(two, id);
	assert_string_equal(see(two, id)->weights_hash, see(one, id)->weights_hash);
	assert_true(fabs(see(two, id)->test_accuracy - see(one, id)->test_accuracy) <= 0);
	assert_int_equal(see(two, id)->epochs_done.count, 39); /* the first is not told again */
	world_free(one);
	world_free(two);
}

static void divergence_fails_one_alone(void **state)
{
	(void)state;
	struct world *w = world_new(2, 0);
	int64_t bad = add(w, "bad", EXPLODES, 1), good = add(w, "good", SHORT, 2);
	start(w);
	await_state(w, bad, LEPTON_FAILED);
	await_done(w, good);
	assert_non_null(strstr(see(w, bad)->reason, "step"));
	assert_non_null(strpbrk(strstr(see(w, bad)->reason, "step"), "0123456789"));
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, bad), LEPTON_E_STATE);
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, bad), LEPTON_E_STATE);
	await_idle(w);
	world_free(w);
}

/* ---- commands and their faults ---- */

static int clone_of(struct world *w, int64_t id, const char *name, const char *settings)
{
	struct lepton_command c = {.type = LEPTON_CMD_CLONE, .count = id ? 1 : 0, .versions = {id}};
	snprintf(c.name, sizeof c.name, "%s", name);
	return order(w, c, settings);
}

/* b 0: one version only. */
static int job(struct world *w, enum lepton_command_type type, const char *method, int64_t a, int64_t b,
	const char *name, const char *settings)
{
	struct lepton_command c = {.type = type, .count = b ? 2 : a ? 1 : 0, .versions = {a, b}};
	snprintf(c.method, sizeof c.method, "%s", method);
	snprintf(c.name, sizeof c.name, "%s", name);
	return order(w, c, settings);
}

static int compress(struct world *w, const char *method, int64_t a, int64_t b)
{
	return job(w, LEPTON_CMD_COMPRESS, method, a, b, "", NULL);
}

static int fuse(struct world *w, const char *method, int64_t a, int64_t b)
{
	return job(w, LEPTON_CMD_FUSE, method, a, b, "", NULL);
}

static int alias(struct world *w, enum lepton_command_type type, int64_t id, const char *name)
{
	struct lepton_command c = {.type = type, .count = id ? 1 : 0, .versions = {id}};
	snprintf(c.alias, sizeof c.alias, "%s", name);
	return order(w, c, NULL);
}

static int priority(struct world *w, int64_t id, double value)
{
	return order(w,
		(struct lepton_command){
			.type = LEPTON_CMD_PRIORITY, .count = 1, .versions = {id}, .value = value},
		NULL);
}

/* The figures by class are of the samples, and of the score, that the test split has. */
static void expect_report(const struct lepton_run_version *v)
{
	cJSON *json = cJSON_Parse(lepton_text_get(v->report));
	assert_non_null(json);
	const cJSON *row;
	double diagonal = 0, all = 0;
	int i = 0;
	cJSON_ArrayForEach(row, cJSON_GetObjectItem(json, "confusion"))
	{
		const cJSON *count;
		int k = 0;
		cJSON_ArrayForEach(count, row)
		{
			all += count->valuedouble;
			diagonal += k++ == i ? count->valuedouble : 0;
		}
		i++;
	}
	assert_int_equal(i, 3);
	assert_int_equal(all, TESTED);
	assert_true(fabs(diagonal / all - v->test_accuracy) < 1e-12);
	assert_true(fabs(cJSON_GetObjectItem(json, "accuracy")->valuedouble - v->test_accuracy) < 1e-12);
	cJSON_Delete(json);
}

static void steering_is_refused_where_it_cannot_be(void **state)
{
	(void)state;
	static const enum lepton_command_type steers[] = {LEPTON_CMD_PAUSE, LEPTON_CMD_RESUME,
		LEPTON_CMD_STOP, LEPTON_CMD_ARCHIVE, LEPTON_CMD_RESTORE, LEPTON_CMD_CHECKPOINT,
		LEPTON_CMD_EVALUATE, LEPTON_CMD_PROMOTE, LEPTON_CMD_CLONE};
	struct world *w = world_new(2, 0);
	int64_t done = add(w, "done", SHORT, 1);
	start(w);
	await_done(w, done);
	for (size_t i = 0; i < sizeof steers / sizeof *steers; i++)
		assert_int_equal(steer(w, steers[i], 99), LEPTON_E_NOTFOUND);
	assert_int_equal(priority(w, 99, 1), LEPTON_E_NOTFOUND);
	assert_int_equal(order(w, (struct lepton_command){.type = LEPTON_CMD_PAUSE}, NULL), LEPTON_E_USAGE);
	assert_int_equal(order(w, (struct lepton_command){.type = LEPTON_CMD_CHECKPOINT}, NULL), 0);
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, done), LEPTON_E_STATE);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, done), LEPTON_E_STATE);
	assert_int_equal(steer(w, LEPTON_CMD_RESTORE, done), LEPTON_E_STATE);
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, done), LEPTON_E_STATE);
	assert_non_null(strstr(answered(w)->message, "done"));
	assert_int_equal(priority(w, done, 0), LEPTON_E_USAGE);
	assert_int_equal(priority(w, done, (double)NAN), LEPTON_E_USAGE);
	assert_int_equal(priority(w, done, 101), LEPTON_E_USAGE);
	assert_int_equal(priority(w, done, 2), 0);
	assert_null(see(w, done)->report);
	assert_int_equal(steer(w, LEPTON_CMD_EVALUATE, done), 0);
	assert_true(w->progress_said >= 2); /* on its way, and at its end */
	assert_int_equal(see(w, done)->state, LEPTON_DONE);
	expect_report(see(w, done));
	world_free(w);
}

static void of_several_the_possible_are_done(void **state)
{
	(void)state;
	struct world *w = world_new(1, 0);
	int64_t a = add(w, "a", ENDLESS, 1), b = add(w, "b", ENDLESS, 2);
	start(w);
	assert_int_equal(
		order(w,
			(struct lepton_command){.type = LEPTON_CMD_PAUSE, .count = 3, .versions = {a, 99, b}},
			NULL),
		LEPTON_E_NOTFOUND);
	assert_int_equal(see(w, a)->state, LEPTON_PAUSED);
	assert_int_equal(see(w, b)->state, LEPTON_PAUSED);
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, a), LEPTON_E_STATE);
	await_idle(w);
	world_free(w);
}

static void archived_versions_come_back(void **state)
{
	(void)state;
	struct world *w = world_new(2, 0);
	int64_t done = add(w, "done", SHORT, 1), runs = add(w, "runs", ENDLESS, 2);
	start(w);
	await_done(w, done);
	await_step(w, runs, 1);
	assert_int_equal(steer(w, LEPTON_CMD_ARCHIVE, done), 0);
	assert_int_equal(steer(w, LEPTON_CMD_ARCHIVE, runs), 0);
	assert_int_equal(see(w, done)->state, LEPTON_ARCHIVED);
	assert_int_equal(see(w, runs)->state, LEPTON_ARCHIVED);
	assert_int_equal(see(w, runs)->checkpoint_step, see(w, runs)->step);
	assert_int_equal(steer(w, LEPTON_CMD_ARCHIVE, done), LEPTON_E_STATE);
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, runs), LEPTON_E_STATE);
	assert_int_equal(steer(w, LEPTON_CMD_RESTORE, done), 0);
	assert_int_equal(steer(w, LEPTON_CMD_RESTORE, runs), 0);
	assert_int_equal(see(w, done)->state, LEPTON_DONE);
	assert_int_equal(see(w, runs)->state, LEPTON_STOPPED);
	await_idle(w);
	int64_t step = see(w, runs)->step;
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, runs), 0);
	await_step(w, runs, step + 1);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, runs), 0);
	assert_int_equal(see(w, runs)->state, LEPTON_STOPPED);
	world_free(w);
}

/* How far two tensors of a name are apart; a shape of their own: INFINITY. */
static double apart(const struct lepton_checkpoint *a, const struct lepton_checkpoint *b, const char *name)
{
	const struct lepton_tensor *x = lepton_params_find(a->state.weights, name), *y = lepton_params_find(b->state.weights, name);
	double most = 0;
	assert_true(x && y);
	if (!lepton_shape_equal(&x->shape, &y->shape))
		return INFINITY;
	for (int64_t i = 0; i < lepton_shape_count(&x->shape); i++)
		most = fmax(most, fabs((double)((const float *)x->data)[i] - (double)((const float *)y->data)[i]));
	return most;
}

/* A layer is made wider: those that no change reaches keep what they learned, the others begin anew. */
static void clones_keep_the_layers_that_fit(void **state)
{
	(void)state;
	struct world *w = world_new(1, 0);
	int64_t a = add(w, "a",
		HEAD "12,\"activation\":\"relu\"},{\"type\":\"Dense\",\"units\":9,\"activation\":\"relu\"},"
		     "{\"type\":\"Dense\",\"units\":10" TAIL "6" ADAM,
		1);
	start(w);
	await_done(w, a);
	assert_int_equal(clone_of(w, a, "wide", "{\"epochs\":1,\"optimizer.learning_rate\":1e-7,\"layers.4.units\":20}"), 0);
	assert_non_null(strstr(answered(w)->message, "with 5 of its 8 tensors from there"));
	int64_t wide = answered(w)->result;
	assert_int_equal(clone_of(w, a, "fresh",
				 "{\"epochs\":1,\"optimizer.learning_rate\":1e-7,\"layers.4.units\":20,\"from\":\"scratch\"}"),
		0);
	int64_t fresh = answered(w)->result;
	await_done(w, wide);
	await_done(w, fresh);
	const char *operation = lepton_text_get(see(w, wide)->operation);
	assert_non_null(strstr(operation, "\"from\":\"some weights\""));
	assert_non_null(strstr(operation, "\"taken\":5,\"tensors\":8"));
	assert_true(apart(w->last[a], w->last[wide], "dense/kernel") < 1e-4);
	assert_true(apart(w->last[a], w->last[wide], "dense_1/kernel") < 1e-4);
	assert_true(apart(w->last[a], w->last[fresh], "dense/kernel") > 1e-2);
	assert_true(apart(w->last[a], w->last[wide], "dense_2/kernel") > 1);
	assert_true(apart(w->last[fresh], w->last[wide], "dense_2/kernel") < 1e-4); /* as it would have begun */
	assert_true(apart(w->last[a], w->last[wide], "dense_3/bias") < 1e-4);
	world_free(w);
}

static void clones_start_from_weights(void **state)
{
	(void)state;
	struct world *w = world_new(2, 0);
	int64_t a = add(w, "a", SHORT, 1);
	start(w);
	await_done(w, a);
	assert_int_equal(clone_of(w, 0, "x", NULL), LEPTON_E_USAGE);
	assert_int_equal(clone_of(w, a, "a", NULL), LEPTON_E_EXISTS);
	assert_int_equal(clone_of(w, a, "@", NULL), LEPTON_E_USAGE);
	assert_int_equal(clone_of(w, a, "x", "{\"optimizer.learning_rat\":0.1}"), LEPTON_E_SPEC);
	assert_int_equal(clone_of(w, a, "x", "{\"epochs\":\"many\"}"), LEPTON_E_SPEC);
	assert_int_equal(clone_of(w, a, "x", "[1"), LEPTON_E_USAGE);
	assert_int_equal(w->run.version_count, 1); /* nothing was made by any of these */
	/* warm: one step small enough to change nothing much, so it begins where a ended */
	assert_int_equal(clone_of(w, a, "", "{\"epochs\":1,\"optimizer.learning_rate\":1e-7}"), 0);
	int64_t warm = answered(w)->result;
	assert_int_equal(clone_of(w, a, "cold", "{\"epochs\":1,\"from\":\"scratch\"}"), 0);
	int64_t cold = answered(w)->result;
	await_done(w, warm);
	await_done(w, cold);
	assert_string_equal(see(w, warm)->name, "a-2");
	assert_int_equal(see(w, warm)->parent_count, 1);
	assert_int_equal(see(w, warm)->parents[0], a);
	assert_non_null(strstr(lepton_text_get(see(w, warm)->operation), "\"from\":\"weights\""));
	assert_non_null(strstr(lepton_text_get(see(w, cold)->operation), "\"from\":\"scratch\""));
	assert_true(fabs(see(w, warm)->val_loss - see(w, a)->val_loss) < 1e-3);
	/* from scratch with the source's seed: its first epoch is the source's */
	char first[LEPTON_HASH_HEX];
	lepton_params_hash(w->first[a]->state.weights, first);
	assert_string_equal(see(w, cold)->weights_hash, first);
	world_free(w);
}

/* "seed" and "priority" are the version's own, beside what its learner is told. */
static void a_clone_has_the_seed_it_is_given(void **state)
{
	(void)state;
	struct world *w = world_new(1, 0);
	int64_t a = add(w, "a", SHORT, 1), b = add(w, "b", SHORT, 9);
	start(w);
	await_done(w, a);
	await_done(w, b);
	assert_int_equal(clone_of(w, a, "c", "{\"seed\":9,\"priority\":2.5,\"from\":\"scratch\"}"), 0);
	int64_t c = answered(w)->result;
	await_done(w, c);
	assert_int_equal(see(w, c)->seed, 9);
	assert_true(fabs(see(w, c)->priority - 2.5) < 1e-12);
	assert_string_equal(see(w, c)->weights_hash, see(w, b)->weights_hash);
	assert_string_not_equal(see(w, c)->weights_hash, see(w, a)->weights_hash);
	assert_int_equal(clone_of(w, a, "d", "{\"seed\":-1}"), LEPTON_E_SPEC);
	assert_int_equal(clone_of(w, a, "d", "{\"seed\":\"x\"}"), LEPTON_E_SPEC);
	world_free(w);
}

/* {"before":{…},"after":{…}} with finite figures. */
static void check_operation(const struct lepton_run_version *v, const char *op, const char *method)
{
	static const char *const figures[] = {
		"bytes", "val_loss", "val_accuracy", "test_loss", "test_accuracy"};
	cJSON *json = cJSON_Parse(lepton_text_get(v->operation));
	assert_non_null(json);
	assert_string_equal(lepton__json_get_string(json, "op", ""), op);
	assert_string_equal(lepton__json_get_string(json, "method", ""), method);
	assert_true(cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(json, "settings")));
	const cJSON *before = cJSON_GetObjectItemCaseSensitive(json, "before"),
		    *after = cJSON_GetObjectItemCaseSensitive(json, "after");
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		assert_true(cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(before, figures[i])));
		assert_true(cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(after, figures[i])));
	}
	double accuracy = cJSON_GetObjectItemCaseSensitive(after, "test_accuracy")->valuedouble;
	assert_true(fabs(accuracy - v->test_accuracy) < 1e-9);
	cJSON_Delete(json);
}

static void check_derived(
	struct world *w, int64_t id, int64_t a, int64_t b, const char *op, const char *method)
{
	const struct lepton_run_version *v = see(w, id);
	assert_int_equal(v->state, LEPTON_DONE);
	assert_int_equal(v->parent_count, b ? 2 : 1);
	assert_int_equal(v->parents[0], a);
	assert_int_equal(v->parents[1], b);
	check_operation(v, op, method);
	assert_non_null(w->last[id]); /* its hash was checked when it came */
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, id), LEPTON_E_STATE);
}

/* Hash of `method` done here, by the library's own calls on the parents' checkpoints. */
static void check_compressed(struct world *w, int64_t id, const char *method, int64_t source, int64_t base)
{
	struct lepton_params *blob, *rebuilt, *back;
	struct lepton_compress_report report;
	const struct lepton_checkpoint *c = w->last[id];
	char hash[LEPTON_HASH_HEX];
	const struct lepton_params *from = base ? w->last[base]->state.weights : NULL;
	assert_int_equal(lepton_compress(method, w->last[source]->state.weights, from, NULL, &blob, &rebuilt,
				 &report, NULL),
		0);
	lepton_params_hash(rebuilt, hash);
	assert_string_equal(hash, see(w, id)->weights_hash);
	assert_int_equal(see(w, id)->bytes, report.bytes);
	assert_string_equal(c->method, method);
	assert_string_equal(c->base_hash, base ? see(w, base)->weights_hash : "");
	const struct lepton_tensor *bytes = lepton_params_at(c->encoded, 0);
	assert_int_equal(lepton_decompress(bytes->data, (size_t)bytes->shape.dim[0], from, &back, NULL), 0);
	lepton_params_hash(back, hash);
	assert_string_equal(hash, see(w, id)->weights_hash);
	lepton_params_release(blob);
	lepton_params_release(rebuilt);
	lepton_params_release(back);
}

static void compression_derives_versions(void **state)
{
	(void)state;
	struct world *w = world_new(2, 0);
	int64_t a = add(w, "a", SHORT, 1);
	start(w);
	await_done(w, a);
	assert_int_equal(compress(w, "squeeze", a, 0), LEPTON_E_NOTFOUND);
	assert_int_equal(compress(w, "quantize", 99, 0), LEPTON_E_NOTFOUND);
	assert_int_equal(compress(w, "delta", a, 0), LEPTON_E_USAGE); /* there is no other version */
	assert_int_equal(compress(w, "delta", a, a), LEPTON_E_USAGE);
	assert_int_equal(compress(w, "delta", a, 99), LEPTON_E_NOTFOUND);
	assert_int_equal(job(w, LEPTON_CMD_COMPRESS, "quantize", a, 0, "", "{\"bytes\":1}"), LEPTON_E_USAGE);
	assert_int_equal(job(w, LEPTON_CMD_COMPRESS, "quantize", a, 0, "a", NULL), LEPTON_E_EXISTS);
	assert_int_equal(w->run.version_count, 1);
	assert_int_equal(clone_of(w, a, "b", "{\"epochs\":1}"), 0);
	int64_t b = answered(w)->result;
	await_done(w, b);
	assert_int_equal(compress(w, "quantize", a, 0), 0);
	int64_t q = answered(w)->result;
	assert_string_equal(see(w, q)->name, "a.quantize");
	check_derived(w, q, a, 0, "compress", "quantize");
	check_compressed(w, q, "quantize", a, 0);
	assert_int_equal(compress(w, "delta", b, 0), 0); /* its parent is the base, being the only other */
	int64_t d = answered(w)->result;
	check_derived(w, d, b, a, "compress", "delta");
	check_compressed(w, d, "delta", b, a);
	world_free(w);
}

/* Unless one is named the base is the version that leaves least; and a chain has an end. */
static void bases_are_chosen_and_counted(void **state)
{
	(void)state;
	struct world *w = world_new(2, 0);
	int64_t far = add(w, "far", SHORT, 1), twin = add(w, "twin", SHORT, 2),
		other = add(w, "other", SHORT, 3), v = add(w, "v", SHORT, 2);
	start(w);
	await_done(w, far);
	await_done(w, twin);
	await_done(w, other);
	await_done(w, v);
	assert_int_equal(compress(w, "delta", v, 0), 0);
	check_derived(w, answered(w)->result, v, twin, "compress", "delta");
	int64_t base = other;
	for (int i = 0; i < LEPTON_CHAIN_MAX; i++) {
		int64_t source = i % 2 ? far : v;
		assert_int_equal(compress(w, "delta", source, base), 0);
		base = answered(w)->result;
		assert_int_equal(w->last[base]->chain, i + 1);
	}
	size_t count = w->run.version_count;
	assert_int_equal(compress(w, "delta", v, base), LEPTON_E_UNSUPPORTED);
	assert_non_null(strstr(answered(w)->message, "needs a chain of 8 bases itself"));
	assert_int_equal(w->run.version_count, count);
	world_free(w);
}

/* float32 of the mean in double of the parents', value by value. */
static void average_hash(const struct lepton_params *a, const struct lepton_params *b, char *hash)
{
	struct lepton_params *mean;
	assert_int_equal(lepton_params_copy(a, &mean, NULL), 0);
	for (size_t t = 0; t < lepton_params_count(a); t++) {
		const struct lepton_tensor *ta = lepton_params_at(a, t);
		const float *x = ta->data, *y = lepton_params_at(b, t)->data;
		float *out = lepton_params_data(mean, t);
		for (int64_t i = 0; i < lepton_shape_count(&ta->shape); i++)
			out[i] = (float)(((double)x[i] + (double)y[i]) / 2);
	}
	lepton_params_hash(mean, hash);
	lepton_params_release(mean);
}

static void fusion_derives_versions(void **state)
{
	(void)state;
	char hash[LEPTON_HASH_HEX];
	struct world *w = world_new(2, 0);
	int64_t a = add(w, "a", SHORT, 1), b = add(w, "b", SHORT, 2), wide = add(w, "wide", WIDE, 1);
	start(w);
	await_done(w, a);
	await_done(w, b);
	await_done(w, wide);
	assert_int_equal(fuse(w, "average", a, 0), LEPTON_E_USAGE);
	assert_int_equal(fuse(w, "average", a, wide), LEPTON_E_SHAPE);
	assert_int_equal(fuse(w, "blend-all", a, b), LEPTON_E_NOTFOUND);
	assert_int_equal(fuse(w, "average", a, 99), LEPTON_E_NOTFOUND);
	assert_int_equal(w->run.version_count, 3);
	assert_int_equal(fuse(w, "average", a, b), 0);
	int64_t mean = answered(w)->result;
	check_derived(w, mean, a, b, "fuse", "average");
	average_hash(w->last[a]->state.weights, w->last[b]->state.weights, hash);
	assert_string_equal(see(w, mean)->weights_hash, hash);
	assert_int_equal(fuse(w, "weighted", a, b), 0);
	int64_t weighted = answered(w)->result;
	check_derived(w, weighted, a, b, "fuse", "weighted");
	const struct lepton_fuse_parent parents[] = {
		{"a", w->last[a]->state.weights, see(w, a)->val_loss, SAMPLES - TESTED - 50},
		{"b", w->last[b]->state.weights, see(w, b)->val_loss, SAMPLES - TESTED - 50},
	};
	struct lepton_params *out;
	assert_int_equal(lepton_fuse("weighted", parents, 2, NULL, &out, NULL), 0);
	lepton_params_hash(out, hash);
	lepton_params_release(out);
	assert_string_equal(see(w, weighted)->weights_hash, hash);
	assert_int_equal(fuse(w, "auto", a, b), 0); /* scored by the job; what it found is in the record */
	const struct lepton_run_version *chosen = see(w, answered(w)->result);
	check_derived(w, chosen->id, a, b, "fuse", "auto");
	assert_non_null(strstr(lepton_text_get(chosen->operation), "\"found\":{\"chosen\":\""));
	assert_non_null(strstr(lepton_text_get(chosen->operation), "{\"method\":\"rebasin\",\"val_loss\":"));
	assert_true(chosen->val_loss <= fmin(see(w, a)->val_loss, see(w, b)->val_loss) + 1e-6);
	world_free(w);
}

static void aliases_move_and_move_back(void **state)
{
	(void)state;
	struct world *w = world_new(2, 0);
	int64_t a = add(w, "a", SHORT, 1), b = add(w, "b", SHORT, 2);
	start(w);
	await_done(w, a);
	await_done(w, b);
	assert_int_equal(alias(w, LEPTON_CMD_PROMOTE, 0, ""), LEPTON_E_USAGE);
	assert_int_equal(alias(w, LEPTON_CMD_PROMOTE, a, "@"), LEPTON_E_USAGE);
	assert_int_equal(alias(w, LEPTON_CMD_ROLLBACK, 0, ""), LEPTON_E_STATE);
	assert_int_equal(alias(w, LEPTON_CMD_PROMOTE, a, ""), 0);
	assert_int_equal(alias(w, LEPTON_CMD_ROLLBACK, 0, "production"), LEPTON_E_STATE);
	assert_int_equal(alias(w, LEPTON_CMD_PROMOTE, b, "production"), 0);
	const struct lepton_run_alias *now = lepton_run_alias(&w->run, "production");
	assert_int_equal(now->target, b);
	assert_int_equal(now->previous, a);
	assert_string_equal(now->weights_hash, see(w, b)->weights_hash);
	assert_int_equal(alias(w, LEPTON_CMD_ROLLBACK, 0, ""), 0);
	now = lepton_run_alias(&w->run, "production");
	assert_int_equal(now->target, a);
	assert_string_equal(now->weights_hash, see(w, a)->weights_hash);
	assert_int_equal(alias(w, LEPTON_CMD_ROLLBACK, 0, ""), LEPTON_E_STATE);
	world_free(w);
}

/* Jobs and commands that capture the same version at the same time (for the sanitizers). */
static void jobs_and_commands_share_a_version(void **state)
{
	(void)state;
	struct world *w = world_new(2, 0);
	int64_t a = add(w, "a", ENDLESS, 1), b = add(w, "b", ENDLESS, 2);
	start(w);
	for (int i = 0; i < 20; i++) {
		struct lepton_command c = {
			.type = LEPTON_CMD_COMPRESS, .method = "delta", .count = 2, .versions = {a, b}};
		submit(w, c, NULL);
		for (int k = 0; k < 10; k++)
			submit(w, (struct lepton_command){.type = LEPTON_CMD_CHECKPOINT}, NULL);
		await_answer(w);
	}
	while (!w->answers[w->ticket - 10].count)
		next(w);
	assert_int_equal(w->answers[w->ticket - 10].code, 0);
	submit(w, (struct lepton_command){.type = LEPTON_CMD_QUIT}, NULL);
	while (!w->ended)
		next(w);
	world_free(w);
}

/* ---- the stream ---- */

static void nothing_follows_the_end(void **state)
{
	(void)state;
	struct world *w = world_new(2, -1);
	int64_t a = add(w, "a", ENDLESS, 1), b = add(w, "b", ENDLESS, 2);
	start(w);
	await_step(w, a, 5);
	await_step(w, b, 5);
	assert_true(lepton_engine_busy(w->engine));
	submit(w, (struct lepton_command){.type = LEPTON_CMD_QUIT}, NULL);
	const struct lepton_command late = {
		.type = LEPTON_CMD_PAUSE, .ticket = 4000, .count = 1, .versions = {a}};
	assert_int_equal(lepton_engine_submit(w->engine, &late, NULL), LEPTON_E_STATE);
	while (!w->ended)
		next(w);
	assert_int_equal(answered(w)->code, 0);
	assert_int_equal(see(w, a)->checkpoint_step, see(w, a)->step); /* what ran is kept, and stays so */
	assert_int_equal(see(w, b)->checkpoint_step, see(w, b)->step);
	assert_int_equal(see(w, a)->state, LEPTON_RUNNING);
	struct lepton_text *line = lepton_text_new("too late");
	lepton_engine_say(w->engine, LEPTON_LOG_INFO, line);
	lepton_text_release(line);
	rest(20000000);
	drain(w); /* fails on any event */
	assert_int_equal(w->answers[4000].count, 0);
	world_free(w);
}

/* One metric a step is said; the reader that never reads has lost some, and everything else is there. */
static void a_lagging_reader_loses_metrics_only(void **state)
{
	(void)state;
	struct lepton_reader *lazy;
	struct lepton_event e;
	size_t counts[2][LEPTON_EVENT_END + 1] = {{0}};
	struct world *w = world_new(2, -1);
	assert_int_equal(lepton_reader_open(w->engine, false, &lazy, NULL, NULL), 0);
	struct lepton_reader *all;
	assert_int_equal(lepton_reader_open(w->engine, true, &all, NULL, NULL), 0);
	int64_t id = add(w, "a", HEAD "4" TAIL "200" ADAM, 1);
	start(w);
	await_done(w, id);
	submit(w, (struct lepton_command){.type = LEPTON_CMD_QUIT}, NULL);
	while (!w->ended)
		next(w);
	for (uint64_t serial = 0; lepton_reader_next(lazy, 0, &e); lepton_event_clear(&e)) {
		assert_true(e.serial > serial);
		serial = e.serial;
		counts[0][e.type]++;
	}
	while (lepton_reader_next(all, 0, &e)) {
		counts[1][e.type]++;
		lepton_event_clear(&e);
	}
	for (int type = 0; type <= LEPTON_EVENT_END; type++)
		if (!lepton_event_passes((enum lepton_event_type)type))
			assert_int_equal(counts[0][type], counts[1][type]);
	assert_int_equal(counts[1][LEPTON_EVENT_METRIC], see(w, id)->step);
	assert_in_range(counts[0][LEPTON_EVENT_METRIC], 1, counts[1][LEPTON_EVENT_METRIC] - 1);
	assert_int_equal(counts[0][LEPTON_EVENT_END], 1);
	lepton_reader_close(lazy);
	lepton_reader_close(all);
	world_free(w);
}

/* ---- the scheduler ---- */

/* Shares are of time, and a busy machine takes time from either: the longer it runs, the nearer to 4 steps for 1. An
 * unfair scheduler never comes near. */
static void priorities_share_the_time(void **state)
{
	(void)state;
	struct world *w = world_new(1, 0.001);
	int64_t one = add_with(w, "one", ENDLESS, 1, 1), four = add_with(w, "four", ENDLESS, 1, 4);
	struct lepton_command both = {.type = LEPTON_CMD_PAUSE, .count = 2, .versions = {one, four}};
	double ratio = 0;
	start(w);
	for (int64_t goal = 4000; goal <= 4000 << 7 && !(ratio > 2 && ratio < 8); goal *= 2) {
		await_step(w, four, goal);
		both.type = LEPTON_CMD_PAUSE;
		assert_int_equal(order(w, both, NULL), 0);
		ratio = (double)see(w, four)->step / (double)see(w, one)->step;
		both.type = LEPTON_CMD_RESUME;
		assert_int_equal(order(w, both, NULL), 0);
	}
	if (!(ratio > 2 && ratio < 8))
		fail_msg("%g steps of the one with priority 4 for one of the other", ratio);
	world_free(w);
}

/* A version long paused does not take all the time when it goes on. */
static void a_pause_gives_no_lead(void **state)
{
	(void)state;
	struct world *w = world_new(1, 0.001);
	int64_t rests = add(w, "rests", ENDLESS, 1), runs = add(w, "runs", ENDLESS, 1);
	start(w);
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, rests), 0);
	int64_t from = see(w, rests)->step;
	await_step(w, runs, from + 4000);
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, rests), 0);
	int64_t then = see(w, runs)->step;
	await_step(w, rests, see(w, rests)->step + 2000);
	const struct lepton_command both = {.type = LEPTON_CMD_PAUSE, .count = 2, .versions = {rests, runs}};
	assert_int_equal(order(w, both, NULL), 0);
	assert_true(see(w, runs)->step - then > 500);
	world_free(w);
}

static int label(struct world *w, enum lepton_command_type type, int64_t id, const char *settings)
{
	return order(w, (struct lepton_command){.type = type, .count = 1, .versions = {id}}, settings);
}

/* Tags and notes are said whole at each change; a clone has the tags and no note; what is wrong changes
 * nothing. */
static void labels_are_told(void **state)
{
	(void)state;
	struct world *w = world_new(1, 0);
	int64_t a = add(w, "a", SHORT, 1), b = add(w, "b", SHORT, 2);
	start(w);
	assert_int_equal(label(w, LEPTON_CMD_TAG, a, "{\"tags\":\"slow +big\"}"), 0);
	assert_string_equal(lepton_text_get(see(w, a)->tags), "big slow");
	assert_string_equal(answered(w)->message, "a: big slow");
	assert_int_equal(label(w, LEPTON_CMD_NOTE, a, "{\"note\":\"two\\nlines\"}"), 0);
	assert_string_equal(lepton_text_get(see(w, a)->note), "two\nlines");
	assert_string_equal(lepton_text_get(see(w, a)->tags), "big slow");
	assert_int_equal(order(w,
				 (struct lepton_command){
					 .type = LEPTON_CMD_CLONE, .count = 1, .versions = {a}, .name = "c"},
				 NULL),
		0);
	int64_t c = answered(w)->result;
	assert_string_equal(lepton_text_get(see(w, c)->tags), "big slow");
	assert_string_equal(lepton_text_get(see(w, c)->note), "");
	assert_int_equal(
		order(w, (struct lepton_command){.type = LEPTON_CMD_TAG, .count = 3, .versions = {a, b, c}},
			"{\"tags\":\"-slow\"}"),
		0);
	assert_string_equal(lepton_text_get(see(w, c)->tags), "big");
	assert_string_equal(lepton_text_get(see(w, b)->tags), "");
	static const char *const bad[] = {"{\"tags\":\"a,b\"}", "{}", "{\"tags\":3}", "[]", "no json"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(label(w, LEPTON_CMD_TAG, a, bad[i]), LEPTON_E_USAGE);
	assert_int_equal(label(w, LEPTON_CMD_TAG, 99, "{\"tags\":\"x\"}"), LEPTON_E_NOTFOUND);
	assert_int_equal(order(w, (struct lepton_command){.type = LEPTON_CMD_NOTE}, "{\"note\":\"\"}"),
		LEPTON_E_USAGE);
	assert_int_equal(label(w, LEPTON_CMD_NOTE, a, "{\"note\":\"\\u0007\"}"), LEPTON_E_USAGE);
	assert_string_equal(lepton_text_get(see(w, a)->tags), "big");
	assert_int_equal(
		order(w,
			(struct lepton_command){
				.type = LEPTON_CMD_PRIORITY, .count = 1, .versions = {b}, .value = 4},
			NULL),
		0);
	assert_float_equal(see(w, b)->priority, 4, 1e-12); /* readers hear of it */
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_do_not_matter),
		cmocka_unit_test(pauses_do_not_matter),
		cmocka_unit_test(a_restored_version_ends_the_same),
		cmocka_unit_test(one_command_leaves_the_rest_as_it_is),
		cmocka_unit_test(a_version_goes_on_from_its_epoch),
		cmocka_unit_test(divergence_fails_one_alone),
		cmocka_unit_test(steering_is_refused_where_it_cannot_be),
		cmocka_unit_test(of_several_the_possible_are_done),
		cmocka_unit_test(archived_versions_come_back),
		cmocka_unit_test(clones_start_from_weights),
		cmocka_unit_test(a_clone_has_the_seed_it_is_given),
		cmocka_unit_test(clones_keep_the_layers_that_fit),
		cmocka_unit_test(compression_derives_versions),
		cmocka_unit_test(bases_are_chosen_and_counted),
		cmocka_unit_test(fusion_derives_versions),
		cmocka_unit_test(aliases_move_and_move_back),
		cmocka_unit_test(jobs_and_commands_share_a_version),
		cmocka_unit_test(nothing_follows_the_end),
		cmocka_unit_test(a_lagging_reader_loses_metrics_only),
		cmocka_unit_test(labels_are_told),
		cmocka_unit_test(priorities_share_the_time),
		cmocka_unit_test(a_pause_gives_no_lead),
	};
	return cmocka_run_group_tests_name("engine", tests, make_data, drop_data);
}
