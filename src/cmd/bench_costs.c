/* cmd/bench_costs.c - what everything beside the arithmetic costs: scheduling, snapshots, checkpoints,
 * events, frames of the dashboard, memory.
 *
 * Each cost is set beside nothing here; a reader sets it beside a training step of the table above it. All
 * but memory and scheduling are the mean over many calls in one thread with nothing else running. The
 * checkpoint goes to a store in the present folder, through fsync, so it is the disk's figure as much as
 * ours.
 */
#include "config.h"
#include "cmd/bench.h"
#include "base/clock.h"
#include "base/memory.h"
#include "tui/app.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COST_SECONDS 0.3

/* The smallest network there is: a step of it is next to no arithmetic, so what is left is scheduling. */
static const struct bench_network tiny = {"tiny", "", "{\"layers\":[{\"type\":\"Input\",\"shape\":[28,28,1]},"
	"{\"type\":\"MaxPooling2D\",\"pool_size\":[14,14]},{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":10,"
	"\"activation\":\"softmax\"}],\"batch_size\":128,\"epochs\":100000}", 0, 0};

static int new_learner(
	struct bench *b, const struct bench_network *n, struct lepton_learner **out, struct lepton_error *err)
{
	struct lepton_step_result result;
	int code = lepton_learner_find("network")->create(n->config, 1, b->data, out, err);
	if (code)
		return code;
	code = (*out)->ops->step(*out, &lepton_team_alone, &result, err);
	if (code)
		(*out)->ops->destroy(*out);
	return code;
}

static int plain_rate(struct bench *b, const struct bench_network *n, double *rate, struct lepton_error *err)
{
	struct lepton_learner *learner;
	struct lepton_step_result result = {0};
	double start;
	int64_t samples = 0;
	int code = new_learner(b, n, &learner, err);
	if (code)
		return code;
	for (start = lepton__monotonic(); lepton__monotonic() - start < 1.0 && !code; samples += result.samples)
		code = learner->ops->step(learner, &lepton_team_alone, &result, err);
	*rate = (double)samples / (lepton__monotonic() - start);
	learner->ops->destroy(learner);
	return code;
}

/* How much slower steps are through the engine than in a plain loop, 1 worker, a share of the loop's rate:
 * the two in turn, and the median. */
static int scheduling(struct bench *b, const struct bench_network *n, struct lepton_error *err)
{
	enum { PAIRS = 5 };
	double costs[PAIRS];
	char name[128];
	for (int i = 0; i < PAIRS; i++) {
		double plain, engine;
		int code = plain_rate(b, n, &plain, err);
		if (!code)
			code = bench_engine_rate(b, n, 4, 1, 1.0, &engine, NULL, err);
		if (code)
			return code;
		costs[i] = 100 * (1 - engine / plain);
	}
	snprintf(name, sizeof name, "scheduling, %s, 4 versions on 1 worker", n->name);
	bench_report_value(b, name, bench_median(costs, PAIRS), "% below a plain loop of steps");
	return LEPTON_OK;
}

static int snapshot(struct bench *b, struct lepton_error *err)
{
	struct lepton_learner *learner;
	int64_t count = 0;
	int code = new_learner(b, &bench_networks[0], &learner, err);
	if (code)
		return code;
	double start = lepton__monotonic();
	for (; !code && lepton__monotonic() - start < COST_SECONDS; count++) {
		struct lepton_params *weights;
		code = learner->ops->weights(learner, &weights, err);
		if (!code)
			lepton_params_release(weights);
	}
	double took = lepton__monotonic() - start;
	learner->ops->destroy(learner);
	if (!code)
		bench_report_value(b, "snapshot of the weights, seed CNN", took / (double)count * 1e6, "microseconds");
	return code;
}

/* ---- a checkpoint ------------------------------------------------------------------------------------- */

static int put_version(struct lepton_store *store, struct lepton_error *err)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = 1, .serial = 1, .time = 1};
	snprintf(event.u.added.name, sizeof event.u.added.name, "cnn");
	snprintf(event.u.added.learner, sizeof event.u.added.learner, "network");
	return lepton_store_put(store, &event, err);
}

/* Save and put: what a checkpoint takes from the training thread, and from the thread that writes. */
static int one_checkpoint(struct lepton_store *store, struct lepton_learner *learner, int64_t serial,
	double *saving, struct lepton_error *err)
{
	struct lepton_step_result result;
	struct lepton_event event = {.type = LEPTON_EVENT_CHECKPOINT, .version = 1, .serial = (uint64_t)serial};
	struct lepton_checkpoint *c = lepton__calloc(1, sizeof *c);
	if (!c)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a checkpoint");
	c->references = 1;
	event.u.checkpoint.checkpoint = c;
	int code = learner->ops->step(learner, &lepton_team_alone, &result, err);
	double start = lepton__monotonic();
	if (!code)
		code = learner->ops->save(learner, &c->state, err);
	*saving += lepton__monotonic() - start;
	if (!code) {
		event.u.checkpoint.step = c->state.step;
		event.u.checkpoint.bytes = lepton_params_bytes(c->state.weights);
		lepton_params_hash(c->state.weights, event.u.checkpoint.weights_hash);
		code = lepton_store_put(store, &event, err);
	}
	lepton_event_clear(&event);
	return code;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
	(void)info;
	(void)type;
	(void)place;
	return remove(path);
}

static int checkpoints(struct bench *b, struct lepton_error *err)
{
	enum { COUNT = 20 };
	char dir[] = "bench-store-XXXXXX";
	struct lepton_store *store = NULL;
	struct lepton_learner *learner = NULL;
	double saving = 0;
	if (!mkdtemp(dir))
		return lepton_error_set(err, LEPTON_E_IO, "cannot make a folder here for the checkpoint case");
	int code = lepton_store_open(dir, LEPTON_STORE_WRITE, &store, err);
	if (!code)
		code = put_version(store, err);
	if (!code)
		code = new_learner(b, &bench_networks[0], &learner, err);
	double start = lepton__monotonic();
	for (int i = 0; i < COUNT && !code; i++)
		code = one_checkpoint(store, learner, 2 + i, &saving, err);
	double took = lepton__monotonic() - start;
	lepton_store_close(store);
	if (learner)
		learner->ops->destroy(learner);
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (code)
		return code;
	bench_report_value(b, "checkpoint, seed CNN: training waits", saving / COUNT * 1e6, "microseconds");
	bench_report_value(b, "checkpoint, seed CNN: until it is on disk", took / COUNT * 1e6, "microseconds");
	return LEPTON_OK;
}

/* ---- an event, a frame ---------------------------------------------------------------------------------- */

static int events(struct bench *b, struct lepton_error *err)
{
	enum { COUNT = 100000 };
	struct lepton_run run;
	lepton_run_init(&run);
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = 1};
	snprintf(event.u.added.name, sizeof event.u.added.name, "cnn");
	int code = lepton_run_apply(&run, &event, err);
	double start = lepton__monotonic();
	for (int i = 0; i < COUNT && !code; i++) {
		struct lepton_event metric = {.type = LEPTON_EVENT_METRIC, .version = 1};
		metric.u.metric.step = i;
		metric.u.metric.loss = metric.u.metric.accuracy = 0.1 + i * 1e-6;
		struct lepton_event back;
		char *json = lepton_event_to_json(&metric);
		code = json ? lepton_event_from_json(json, &back, err)
			    : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for an event");
		if (!code) {
			code = lepton_run_apply(&run, &back, err);
			lepton_event_clear(&back);
		}
		free(json);
	}
	lepton_run_clear(&run);
	if (!code)
		bench_report_value(b, "event: to JSON, back, and folded",
			(lepton__monotonic() - start) / COUNT * 1e6, "microseconds");
	return code;
}

static int next_event(void *context, struct lepton_event *event)
{
	(void)context;
	(void)event;
	return 0;
}

static int submit(void *context, const struct lepton_command *command, struct lepton_error *err)
{
	(void)context;
	(void)command;
	return lepton_error_set(err, LEPTON_E_STATE, "there is no engine");
}

static void add_metrics(struct lepton__app *app, int versions, int64_t from, int64_t to)
{
	for (int64_t step = from; step < to; step++)
		for (int v = 1; v <= versions; v++) {
			struct lepton_event metric = {.type = LEPTON_EVENT_METRIC, .version = v};
			metric.u.metric.step = step;
			metric.u.metric.epoch = (double)step / 100;
			metric.u.metric.loss = 1.0 / (double)(1 + step) + 0.01 * v;
			metric.u.metric.accuracy = 1 - metric.u.metric.loss / 3;
			lepton__app_event(app, &metric);
		}
}

/* 16 versions, each with a new point a frame, all marked so that all curves are drawn. */
static int frames(struct bench *b, int64_t points, struct lepton_error *err)
{
	enum { VERSIONS = 16, COUNT = 200 };
	static const struct lepton_tui_options options = {.theme = NULL};
	static const struct lepton_tui_link link = {.submit = submit, .next = next_event, .wake_fd = -1};
	struct lepton__app *app = lepton__calloc(1, sizeof *app);
	struct lepton__screen *screen = NULL;
	struct lepton_run run;
	char name[128];
	int code = app ? lepton__screen_new(45, 160, LEPTON__GLYPHS_BRAILLE, &screen, err)
		       : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the frame case");
	if (code) {
		lepton__free(app);
		return code;
	}
	lepton_run_init(&run);
	lepton__app_init(app, &options, &link, &run, screen);
	code = lepton__app_set_theme(app, "default", err);
	for (int v = 1; v <= VERSIONS; v++) {
		struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = v};
		snprintf(event.u.added.name, sizeof event.u.added.name, "v%d", v);
		lepton__app_event(app, &event);
	}
	struct lepton__input mark_all = {.kind = LEPTON__INPUT_KEY, .key = 'a'};
	lepton__app_input(app, &mark_all);
	add_metrics(app, VERSIONS, 0, points);
	lepton__app_draw(app);
	double start = lepton__monotonic();
	for (int i = 0; i < COUNT; i++) {
		add_metrics(app, VERSIONS, points + i, points + i + 1);
		lepton__app_draw(app);
	}
	snprintf(name, sizeof name, "frame 160x45, 16 curves of %lld points", (long long)points);
	if (!code)
		bench_report_value(
			b, name, (lepton__monotonic() - start) / COUNT * 1e6, "microseconds (at most 20 a second)");
	lepton__app_free(app);
	lepton__screen_free(screen);
	lepton_run_clear(&run);
	lepton__free(app);
	return code;
}

/* ---- memory ------------------------------------------------------------------------------------------ */

/* Resident bytes of a fresh process that trains `count` versions; 0 when it failed. */
static double resident_with(struct bench *b, int count)
{
	double bytes = 0, rate;
	int ends[2], status = 0;
	if (pipe(ends) != 0)
		return 0;
	pid_t child = fork();
	if (child == 0) {
		if (bench_engine_rate(b, &bench_networks[0], count, b->workers, 0.5, &rate, &bytes, NULL))
			bytes = 0;
		ssize_t wrote = write(ends[1], &bytes, sizeof bytes);
		_exit(wrote == sizeof bytes ? 0 : 1);
	}
	close(ends[1]);
	if (child < 0 || read(ends[0], &bytes, sizeof bytes) != (ssize_t)sizeof bytes)
		bytes = 0;
	close(ends[0]);
	if (child > 0)
		(void)waitpid(child, &status, 0);
	return bytes;
}

static int memory(struct bench *b, struct lepton_error *err)
{
	double few = resident_with(b, 2), many = resident_with(b, 18);
	if (few <= 0 || many <= 0)
		return lepton_error_set(err, LEPTON_E_IO, "the memory case's process failed");
	bench_report_value(b, "memory, each further version, seed CNN", (many - few) / 16 / 1e6, "MB");
	return LEPTON_OK;
}

static int scheduling_seed(struct bench *b, struct lepton_error *err)
{
	return scheduling(b, &bench_networks[0], err);
}

static int scheduling_tiny(struct bench *b, struct lepton_error *err)
{
	return scheduling(b, &tiny, err);
}

static int frames_few(struct bench *b, struct lepton_error *err)
{
	return frames(b, 1000, err);
}

static int frames_many(struct bench *b, struct lepton_error *err)
{
	return frames(b, 100000, err);
}

int bench_costs(struct bench *b, struct lepton_error *err)
{
	static const struct {
		const char *name;
		int (*run)(struct bench *b, struct lepton_error *err);
	} costs[] = {{"scheduling, seed CNN", scheduling_seed}, {"scheduling, tiny", scheduling_tiny},
		{"snapshot", snapshot}, {"checkpoint", checkpoints}, {"event", events},
		{"frame, few points", frames_few}, {"frame, many points", frames_many}, {"memory", memory}};
	int code = LEPTON_OK;
	fflush(stdout);
	for (size_t i = 0; i < sizeof costs / sizeof *costs && !code; i++)
		if (bench_wants(b, costs[i].name))
			code = costs[i].run(b, err);
	return code;
}
