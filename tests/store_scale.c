/* tests/store_scale.c - a store of very many points, made fast, and how long a dashboard takes to show it.
 *
 *     store_scale make DIR VERSIONS POINTS    through the same calls as the keeper's, without waiting for the
 * disk store_scale open DIR                    open, load and draw the first frame; then a frame more
 *     store_scale read DIR                    the same bytes from the disk, and nothing else
 *
 * samples/store_scale.sh runs it and says what came of it. A version has 20 epochs and a checkpoint's event
 * after each; no weights, which the dashboard does not read.
 */
#include "config.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/history.h"
#include "tui/closeup.h"
#include "tui/loop.h"

#include <math.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define EPOCHS 20
#define SLICE 64 /* points a version has before it is another's turn */
#define BEGAN 1.7e9
#define INTERVAL 0.2 /* seconds between points, about */
#define FRAMES 20

static _Noreturn void give_up(const struct lepton_error *err)
{
	fprintf(stderr, "store_scale: %s\n", err->message);
	exit(1);
}

static void put(struct lepton_store *store, struct lepton_event *event)
{
	struct lepton_error err = {0};
	static uint64_t serial;
	event->serial = ++serial;
	if (lepton_store_put(store, event, &err))
		give_up(&err);
	lepton_event_clear(event);
}

/* ---- make ---- */

static uint32_t noise_state = 1;

static double noise(void)
{
	noise_state = noise_state * 1664525u + 1013904223u;
	return (noise_state >> 8) / 16777216.0;
}

static void put_version(struct lepton_store *store, int64_t id, int64_t points)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = id, .time = BEGAN};
	snprintf(event.u.added.name, sizeof event.u.added.name, "net-%lld", (long long)id);
	lepton__copy_name(event.u.added.learner, LEPTON_NAME_MAX, "network");
	event.u.added.operation = lepton_text_new("{\"op\":\"train\"}");
	event.u.added.hyperparameters = lepton_text_new(
		"{\"epochs\":20,\"batch_size\":64,\"optimizer\":{\"type\":\"adam\",\"learning_rate\":0.001},"
		"\"layers\":[{\"type\":\"Input\",\"shape\":[28,28,1]},{\"type\":\"Conv2D\",\"filters\":32,"
		"\"kernel_size\":[3,3],\"activation\":\"relu\"},{\"type\":\"Flatten\"},{\"type\":\"Dense\","
		"\"units\":10,\"activation\":\"softmax\"}]}");
	event.u.added.epochs = EPOCHS;
	event.u.added.steps_per_epoch = points * 10 / EPOCHS;
	put(store, &event);
}

static void put_metric(struct lepton_store *store, int64_t id, int64_t i, int64_t points)
{
	struct lepton_event event = {.type = LEPTON_EVENT_METRIC, .version = id};
	double t = (double)i / (double)points;
	event.time = BEGAN + (double)i * INTERVAL + noise() * 0.01;
	event.u.metric.step = i * 10;
	event.u.metric.epoch = (double)(i * 10) / ((double)points * 10 / EPOCHS);
	event.u.metric.seconds = (double)i * INTERVAL + noise() * 0.01;
	event.u.metric.loss = 0.1 + 2.2 * exp(-8 * t) + 0.1 * noise() * noise();
	event.u.metric.accuracy = (double)(int)(640 * (1 - 0.9 * exp(-8 * t) - 0.05 * noise())) / 640;
	event.u.metric.samples_per_second = 3000 + 100 * noise();
	put(store, &event);
}

/* The event alone: its weights would be written and synced. */
static void put_checkpoint(struct lepton_store *store, int64_t id, int64_t step)
{
	struct lepton_event event = {.type = LEPTON_EVENT_CHECKPOINT, .version = id, .time = BEGAN};
	struct lepton_error err = {0};
	event.u.checkpoint.step = step;
	event.u.checkpoint.bytes = 866600;
	memset(event.u.checkpoint.weights_hash, 'a', LEPTON_HASH_HEX - 1);
	char *json = lepton_event_to_json(&event);
	if (!json || lepton__sql_do(store, &err,
			     "INSERT INTO events(seq, version, type, step, json) SELECT 1+max((SELECT "
			     "ifnull(max(seq),0) "
			     "FROM events), (SELECT ifnull(max(seq),0) FROM history)),?,?,?,?",
			     "iiit", id, (int64_t)event.type, step, json))
		give_up(&err);
	lepton__free(json);
	lepton__history_forget(store);
}

static void put_epoch(struct lepton_store *store, int64_t id, int64_t epoch, int64_t points)
{
	struct lepton_event event = {.type = LEPTON_EVENT_EPOCH, .version = id, .time = BEGAN};
	event.u.epoch.epoch = epoch;
	event.u.epoch.step = epoch * points * 10 / EPOCHS;
	event.u.epoch.seconds = (double)(epoch * points / EPOCHS) * INTERVAL;
	event.u.epoch.loss = 0.1 + 2 / (double)epoch + noise() * 0.01;
	event.u.epoch.accuracy = 1 - 0.5 / (double)epoch;
	event.u.epoch.val_loss = 0.11 + 2 / (double)epoch + noise() * 0.01;
	event.u.epoch.val_accuracy = 1 - 0.6 / (double)epoch + noise() * 0.01;
	put(store, &event);
	put_checkpoint(store, id, event.u.epoch.step);
}

static void put_state(struct lepton_store *store, int64_t id, enum lepton_version_state state, int64_t step)
{
	struct lepton_event event = {.type = LEPTON_EVENT_STATE, .version = id, .time = BEGAN};
	event.u.state.state = state;
	event.u.state.step = step;
	event.u.state.seconds = (double)step / 10 * INTERVAL;
	put(store, &event);
}

static void put_slice(struct lepton_store *store, int64_t id, int64_t from, int64_t points)
{
	for (int64_t i = from + 1; i <= from + SLICE && i <= points; i++) {
		put_metric(store, id, i, points);
		if (i * EPOCHS / points != (i - 1) * EPOCHS / points)
			put_epoch(store, id, i * EPOCHS / points, points);
	}
}

static void make(const char *dir, int64_t versions, int64_t points)
{
	struct lepton_store *store;
	struct lepton_error err = {0};
	struct lepton_event run = {.type = LEPTON_EVENT_RUN, .time = BEGAN};
	if (lepton_store_open(dir, LEPTON_STORE_WRITE, &store, &err) ||
		lepton__sql_run(store, "PRAGMA synchronous=OFF", &err))
		give_up(&err);
	lepton__copy_name(run.u.run.experiment, LEPTON_NAME_MAX, "scale");
	put(store, &run);
	for (int64_t id = 1; id <= versions; id++) {
		put_version(store, id, points);
		put_state(store, id, LEPTON_RUNNING, 0);
	}
	for (int64_t from = 0; from < points; from += SLICE)
		for (int64_t id = 1; id <= versions; id++)
			put_slice(store, id, from, points);
	for (int64_t id = 1; id <= versions; id++)
		put_state(store, id, LEPTON_DONE, points * 10);
	lepton_store_close(store);
}

/* ---- open ---- */

static int no_submit(void *context, const struct lepton_command *command, struct lepton_error *err)
{
	(void)context, (void)command;
	return lepton_error_set(err, LEPTON_E_STATE, "nothing trains here");
}

static int no_event(void *context, struct lepton_event *event)
{
	(void)context, (void)event;
	return 0;
}

static int from_store(void *context, int64_t version, int64_t from, int64_t to, int64_t most,
	struct lepton_history *out, struct lepton_error *err)
{
	return lepton_store_load_history(context, version, from, to, most, out, err);
}

/* The thread's own time, which other programs do not lengthen. */
static double frame(struct lepton__app *app)
{
	double began = lepton__thread_time();
	lepton__app_draw(app);
	return lepton__thread_time() - began;
}

static double later_frame(struct lepton__app *app)
{
	double least = INFINITY;
	for (int i = 0; i < FRAMES; i++)
		least = fmin(least, frame(app));
	return least;
}

/* Finer outlines, which the dashboard fetches while it waits for a key. */
static double sharpened(struct lepton__app *app)
{
	double began = lepton__thread_time();
	while (lepton__sharpen(app))
		continue;
	lepton__app_draw(app);
	return lepton__thread_time() - began;
}

static void show(struct lepton_store *store, struct lepton_run *run, double began, double worked)
{
	struct lepton_tui_options options = {0};
	struct lepton_tui_link link = {.submit = no_submit,
		.next = no_event,
		.history = from_store,
		.wake_fd = -1,
		.context = store};
	struct lepton__app *app = calloc(1, sizeof *app);
	struct lepton__screen *screen;
	struct lepton_error err = {0};
	struct rusage usage;
	double loaded = lepton__thread_time();
	if (!app || lepton__screen_new(45, 160, LEPTON__GLYPHS_BRAILLE, &screen, &err) ||
		lepton__app_start(app, &options, &link, run, screen, false, &err))
		give_up(&err);
	double drawn = frame(app);
	double all = lepton__monotonic() - began, work = lepton__thread_time() - worked;
	getrusage(RUSAGE_SELF, &usage);
	printf("core time: opened and loaded %.3f s, first frame %.3f s, together %.3f s (by the clock %.3f "
	       "s, %ld MB); ",
		loaded - worked, drawn, work, all, usage.ru_maxrss / 1024);
	printf("a later frame %.2f ms; ", later_frame(app) * 1e3);
	printf("finer outlines %.3f s, ", sharpened(app));
	printf("then a frame %.2f ms, ", later_frame(app) * 1e3);
	getrusage(RUSAGE_SELF, &usage);
	printf("%ld MB\n", usage.ru_maxrss / 1024);
	lepton__app_free(app);
	lepton__screen_free(screen);
	free(app);
}

static void open_and_show(const char *dir)
{
	struct lepton_store *store;
	struct lepton_run run;
	struct lepton_error err = {0};
	double began = lepton__monotonic(), worked = lepton__thread_time();
	lepton_run_init(&run);
	if (lepton_store_open(dir, LEPTON_STORE_READ, &store, &err) ||
		lepton_store_load_run(store, &run, &err))
		give_up(&err);
	show(store, &run, began, worked);
	lepton_run_clear(&run);
	lepton_store_close(store);
}

/* ---- read ---- */

static void read_all(const char *dir)
{
	static char room[1 << 20];
	char path[4096];
	ssize_t got;
	long long sum = 0;
	double began = lepton__monotonic(), worked = lepton__thread_time();
	snprintf(path, sizeof path, "%s/store.db", dir);
	int fd = open(path, O_RDONLY);
	while (fd >= 0 && (got = read(fd, room, sizeof room)) > 0)
		sum += got;
	if (fd >= 0)
		close(fd);
	printf("read %.1f MB: core time %.3f s, by the clock %.3f s\n", (double)sum / 1e6,
		lepton__thread_time() - worked, lepton__monotonic() - began);
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "make") == 0)
		make(argv[2], atoll(argv[3]), atoll(argv[4]));
	else if (argc == 3 && strcmp(argv[1], "open") == 0)
		open_and_show(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "read") == 0)
		read_all(argv[2]);
	else
		return fprintf(stderr, "usage: store_scale make DIR VERSIONS POINTS | open DIR | read DIR\n"),
		       2;
	return 0;
}
