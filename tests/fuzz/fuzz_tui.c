/* tests/fuzz/fuzz_tui.c - keys, the mouse, sizes of the terminal and events in any order, as a person and a
 * run might never say them. The picture is drawn and looked at after the last of them and after every
 * eighth: drawing takes most of the time, and what one picture in between would show is the last picture of
 * the shorter input, which the fuzzer tries as well. What acts on a picture, as the mouse does, has a new
 * one.
 *
 * The first byte is how the terminal is and how much of tests/golden/story.jsonl has happened. From then on
 * bytes below 0x80 are keys, 0x80 to 0x9f the keys that are no character, those above are steps that read
 * what follows, among them what a terminal might send and what graphics it might have. So a dictionary of
 * keys is text. No slash is typed, for files are written by name: all of them land in a folder of this
 * program's own, and go with it.
 *
 * What holds after each step: the grid has whole characters of the width they say, and pure ASCII where it
 * was asked for; what is selected exists; places to click are on the screen; what was said is one line; every
 * command sent can be read by an engine; drawing once more draws the same; and what is sent for pictures
 * brings the cursor back and leaves the cells as they were.
 */
#include "config.h"
#include "tui_fake.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "tui/loop.h"
#include "tui/terminal_parts.h"

#include <dirent.h>
#include <fcntl.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STORY_MAX 512
#define STEPS_MAX 100
#define LOOK_EACH 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(holds)                                                                                          \
	do {                                                                                                 \
		if (!(holds)) {                                                                              \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #holds);            \
			abort();                                                                             \
		}                                                                                            \
	} while (0)

/* libFuzzer is told of every comparison, to learn what would make it come out otherwise. Here nearly all are
 * of rows, columns and cells, which teach nothing and took half the time; the words of the keys are in the
 * dictionary. The linker puts these in place of its own (--wrap). */
#define UNTOLD(bits, type)                                                                                   \
	void __wrap___sanitizer_cov_trace_cmp##bits(type a, type b);                                         \
	void __wrap___sanitizer_cov_trace_const_cmp##bits(type a, type b);                                   \
	void __wrap___sanitizer_cov_trace_cmp##bits(type a, type b)                                          \
	{                                                                                                    \
		(void)a, (void)b;                                                                            \
	}                                                                                                    \
	void __wrap___sanitizer_cov_trace_const_cmp##bits(type a, type b)                                    \
	{                                                                                                    \
		(void)a, (void)b;                                                                            \
	}
UNTOLD(1, uint8_t)
UNTOLD(2, uint16_t)
UNTOLD(4, uint32_t)
UNTOLD(8, uint64_t)

struct world {
	const uint8_t *data;
	size_t left;
	struct lepton_run run;
	struct lepton__screen *screen;
	struct lepton__app *app;
	size_t commands_seen;
	struct lepton__sequence sequence;
	struct lepton__layer layer;
	struct lepton__cell *glass; /* what its cells were flushed to */
	double time;
};

static char folder[] = "/tmp/lepton-fuzz-XXXXXX";
static struct lepton_event story[STORY_MAX];
static size_t story_count;
static struct fake fake;

/* ---- once ------------------------------------------------------------------------------------------ */

static void sweep(void)
{
	DIR *dir = opendir(folder);
	for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			unlinkat(dirfd(dir), entry->d_name, 0) != 0)
			unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	if (dir)
		closedir(dir);
}

static void leave(void)
{
	for (size_t i = 0; i < story_count; i++)
		lepton_event_clear(&story[i]);
	sweep();
	rmdir(folder);
}

static void read_story(const char *path)
{
	char *text, *rest = NULL;
	size_t size;
	if (lepton__file_read(path, 1u << 24, &text, &size, NULL))
		abort();
	for (char *line = strtok_r(text, "\n", &rest); line && story_count < STORY_MAX;
		line = strtok_r(NULL, "\n", &rest))
		if (lepton_event_from_json(line, &story[story_count++], NULL))
			abort();
	lepton__free(text);
}

static void prepare(void)
{
	setenv("LEPTON_TEST_CLOCK", "1700000178", 1);
	setenv("TZ", "UTC", 1);
	unsetenv("NO_COLOR");
	if (!mkdtemp(folder) || setenv("HOME", folder, 1) || setenv("XDG_CONFIG_HOME", folder, 1))
		abort();
	read_story(LEPTON_SOURCE "/tests/golden/story.jsonl");
	read_story(LEPTON_SOURCE "/tests/golden/preview.jsonl");
	if (chdir(folder) || atexit(leave))
		abort();
}

/* ---- bytes as values ------------------------------------------------------------------------------- */

static unsigned take(struct world *w)
{
	if (!w->left)
		return 0;
	w->left--;
	return *w->data++;
}

static double any_double(struct world *w)
{
	static const double odd[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 0, -0.0, DBL_MAX,
		-DBL_MAX, DBL_MIN, 5e-324, 1e300, -1e300, 1, 0.5, 1e-9, 1e17, -1};
	unsigned byte = take(w);
	return byte < sizeof odd / sizeof *odd ? odd[byte] : (double)(byte - 16) / 37;
}

static int64_t any_whole(struct world *w)
{
	static const int64_t odd[] = {0, -1, INT64_MAX, INT64_MIN, INT32_MAX, INT64_MAX - 1, 1000000007,
		(int64_t)1 << 53, -1000, 4096};
	unsigned byte = take(w);
	return byte < sizeof odd / sizeof *odd ? odd[byte] : (int64_t)byte - 9;
}

static int64_t any_id(struct world *w)
{
	unsigned byte = take(w);
	return byte == 255 ? INT64_MAX : byte % 16;
}

/* Wide, combining, from right to left, broken, too long; or the bytes that follow. */
static void any_text(struct world *w, char *out, size_t size)
{
	static const char *const odd[] = {"", "cnn", "\xe4\xb8\xad\xe6\x96\x87", "e\xcc\x81\xcc\x82\xcc\x83",
		"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
		"\xe2\x80\xae"
		"abc",
		"\xff\xfe\x80", "\xf0\x9f\x98\x80", "a\nb\tc\rd", "\x1b[2J\x1b[H", "\xcc\x81", "\xe4\xb8",
		"%s%n%d", "\xe2\x80\x8b\xe2\x80\x8d", "{\"a\":[1,2]}",
		"a very long line, which nobody will read to its end, since it goes on and on: "
		"\xe4\xb8\xad\xe6\x96\x87 and then more of it, and more of it, and more of it, and more"};
	unsigned byte = take(w);
	size_t length = byte & 15;
	if (byte < sizeof odd / sizeof *odd) {
		snprintf(out, size, "%s", odd[byte]);
		return;
	}
	size_t at = 0;
	while (length-- && w->left && at + 1 < size) {
		char c = (char)take(w);
		if (c)
			out[at++] = c;
	}
	out[at] = '\0';
}

static void any_name(struct world *w, char out[LEPTON_NAME_MAX])
{
	any_text(w, out, LEPTON_NAME_MAX);
}

static struct lepton_text *any_long_text(struct world *w)
{
	char text[256];
	any_text(w, text, sizeof text);
	return lepton_text_new(text);
}

/* ---- events ---------------------------------------------------------------------------------------- */

static void any_version(struct world *w, struct lepton_event *e)
{
	any_name(w, e->u.added.name);
	any_name(w, e->u.added.learner);
	e->u.added.parent_count = (int)(take(w) % 4);
	for (int i = 0; i < e->u.added.parent_count; i++)
		e->u.added.parents[i] = any_id(w);
	e->u.added.operation = any_long_text(w);
	e->u.added.hyperparameters = any_long_text(w);
	e->u.added.priority = any_double(w);
	e->u.added.parameters = any_whole(w);
	e->u.added.bytes = any_whole(w);
	e->u.added.raw_bytes = any_whole(w);
	e->u.added.steps_per_epoch = any_whole(w);
	e->u.added.epochs = any_whole(w);
}

static void any_state(struct world *w, struct lepton_event *e)
{
	e->u.state.state = (enum lepton_version_state)(take(w) % (LEPTON_ARCHIVED + 1));
	e->u.state.reason = any_long_text(w);
	e->u.state.step = any_whole(w);
	e->u.state.seconds = any_double(w);
}

static void any_metric(struct world *w, struct lepton_event *e)
{
	e->u.metric.step = any_whole(w);
	e->u.metric.epoch = any_double(w);
	e->u.metric.seconds = any_double(w);
	e->u.metric.loss = any_double(w);
	e->u.metric.accuracy = any_double(w);
	e->u.metric.samples_per_second = any_double(w);
}

static void any_epoch(struct world *w, struct lepton_event *e)
{
	e->u.epoch.epoch = any_whole(w);
	e->u.epoch.step = any_whole(w);
	e->u.epoch.seconds = any_double(w);
	e->u.epoch.loss = any_double(w);
	e->u.epoch.accuracy = any_double(w);
	e->u.epoch.val_loss = any_double(w);
	e->u.epoch.val_accuracy = any_double(w);
}

static void any_test(struct world *w, struct lepton_event *e)
{
	e->u.test.loss = any_double(w);
	e->u.test.accuracy = any_double(w);
	e->u.test.val_loss = any_double(w);
	e->u.test.val_accuracy = any_double(w);
	e->u.test.report = take(w) & 1 ? any_long_text(w) : NULL;
}

static void any_checkpoint(struct world *w, struct lepton_event *e)
{
	e->u.checkpoint.step = any_whole(w);
	e->u.checkpoint.epoch = any_double(w);
	e->u.checkpoint.bytes = any_whole(w);
	any_text(w, e->u.checkpoint.weights_hash, LEPTON_HASH_HEX);
	e->u.checkpoint.importance = take(w) & 1 ? any_long_text(w) : NULL;
}

static void any_job(struct world *w, struct lepton_event *e)
{
	static const char *const kinds[] = {
		"compress", "fuse", "evaluate", "barrier", "preview", "clone", ""};
	e->u.job.job = any_id(w);
	snprintf(e->u.job.kind, sizeof e->u.job.kind, "%s", kinds[take(w) % 7]);
	any_name(w, e->u.job.method);
	e->u.job.state = (enum lepton_job_state)(take(w) % 3);
	e->u.job.progress = any_double(w);
	e->u.job.result = any_id(w);
	e->u.job.message = any_long_text(w);
	e->u.job.detail = take(w) & 1 ? any_long_text(w) : NULL;
}

static void any_alias(struct world *w, struct lepton_event *e)
{
	any_name(w, e->u.alias.alias);
	e->u.alias.target = any_id(w);
	e->u.alias.previous = any_id(w);
	e->u.alias.rollback = take(w) & 1;
}

static void any_log(struct world *w, struct lepton_event *e)
{
	e->u.log.level = (enum lepton_log_level)(take(w) % 3);
	e->u.log.line = any_long_text(w);
}

static void any_reply(struct world *w, struct lepton_event *e)
{
	e->u.reply.ticket = w->app->ticket - take(w) % 8;
	e->u.reply.code = take(w) & 1 ? LEPTON_E_STATE : 0;
	e->u.reply.result = any_id(w);
	e->u.reply.message = any_long_text(w);
}

static void any_run(struct world *w, struct lepton_event *e)
{
	any_name(w, e->u.run.experiment);
	e->u.run.environment = any_long_text(w);
	e->u.run.data = any_long_text(w);
	e->u.run.spec = any_long_text(w);
}

/* Rows with any figures, whole lists of them or nonsense in their place. */
static void any_node(struct world *w, struct lepton_event *e)
{
	struct lepton_worker workers[4] = {{.work = LEPTON_WORK_NONE}};
	struct lepton_sharded sharded[2] = {{.version = 0}};
	const struct lepton_node node = {.workers = workers,
		.worker_count = take(w) % 5,
		.sharded = sharded,
		.sharded_count = take(w) % 3};
	any_name(w, e->u.node.figures.host);
	any_text(w, e->u.node.figures.kernels, sizeof e->u.node.figures.kernels);
	e->u.node.figures.node = (int)(take(w) % 3);
	e->u.node.figures.cores = (int)take(w);
	e->u.node.figures.span = any_double(w);
	e->u.node.figures.busy = any_double(w);
	e->u.node.figures.used = any_double(w);
	e->u.node.figures.memory = any_double(w);
	e->u.node.figures.memory_own = any_double(w);
	for (size_t i = 0; i < node.worker_count; i++)
		workers[i] = (struct lepton_worker){(enum lepton_work)(take(w) % 6), any_id(w), any_whole(w),
			any_double(w), any_double(w), any_double(w), any_double(w), 0, any_whole(w), 0};
	for (size_t i = 0; i < node.sharded_count; i++) {
		struct lepton_sharded *s = &sharded[i];
		*s = (struct lepton_sharded){.version = any_id(w),
			.round = any_whole(w),
			.rounds = any_whole(w),
			.fused = any_double(w),
			.fuses = take(w) & 1,
			.count = (int)(take(w) % 4)};
		for (int k = 0; k < s->count; k++)
			s->shards[k] = (struct lepton_shard){any_id(w), any_whole(w), (int)take(w),
				any_whole(w), any_whole(w), take(w) & 1, any_double(w)};
	}
	e->u.node.workers = take(w) % 8 ? lepton_node_workers(&node) : any_long_text(w);
	e->u.node.sharded = take(w) % 8 ? lepton_node_sharded(&node) : any_long_text(w);
}

static void no_more(struct world *w, struct lepton_event *e)
{
	(void)w, (void)e;
}

static const struct {
	enum lepton_event_type type;
	void (*fill)(struct world *w, struct lepton_event *e);
} sayings[] = {
	{LEPTON_EVENT_VERSION, any_version},
	{LEPTON_EVENT_STATE, any_state},
	{LEPTON_EVENT_METRIC, any_metric},
	{LEPTON_EVENT_EPOCH, any_epoch},
	{LEPTON_EVENT_TEST, any_test},
	{LEPTON_EVENT_CHECKPOINT, any_checkpoint},
	{LEPTON_EVENT_JOB, any_job},
	{LEPTON_EVENT_ALIAS, any_alias},
	{LEPTON_EVENT_LOG, any_log},
	{LEPTON_EVENT_REPLY, any_reply},
	{LEPTON_EVENT_RUN, any_run},
	{LEPTON_EVENT_NODE, any_node},
	{LEPTON_EVENT_END, no_more},
};
#define SAYINGS (sizeof sayings / sizeof *sayings)

/* Numbers that no reader of events lets in do not come; texts and figures that are no numbers do. */
static void say_event(struct world *w, size_t which)
{
	struct lepton_event e = {.type = sayings[which].type,
				    .serial = w->run.serial + 1,
				    .time = 1700000178,
				    .version = any_id(w)},
			    back;
	sayings[which].fill(w, &e);
	char *json = lepton_event_to_json(&e);
	struct lepton_error err = {0};
	if (!json)
		abort();
	if (lepton_event_from_json(json, &back, &err)) {
		MUST(*err.message && !strchr(err.message, '\n'));
	} else {
		lepton__app_event(w->app, &e);
		lepton_event_clear(&back);
	}
	lepton__free(json);
	lepton_event_clear(&e);
}

static void tell_story(struct world *w, size_t from, size_t count)
{
	for (size_t i = from; i < from + count && i < story_count; i++)
		lepton__app_event(w->app, &story[i]);
}

/* ---- keys, mouse, sizes, looks --------------------------------------------------------------------- */

static void press_or_paste(struct world *w, uint32_t key, bool pasted)
{
	struct lepton__input input = {.kind = LEPTON__INPUT_KEY, .key = key, .pasted = pasted};
	if (key == '/' && w->app->popup)
		input.key = 'x'; /* no name of a file leads out of the folder */
	lepton__app_input(w->app, &input);
}

static void press(struct world *w, uint32_t key)
{
	press_or_paste(w, key, false);
}

static void point(struct world *w)
{
	struct lepton__input input = {.kind = LEPTON__INPUT_MOUSE};
	unsigned how = take(w);
	input.mouse = (enum lepton__mouse)(how % 6);
	input.button = 1 + (int)(how / 6 % 3);
	input.y = (int)take(w) * (w->screen->rows + 4) / 255 - 2;
	input.x = (int)take(w) * (w->screen->cols + 4) / 255 - 2;
	lepton__app_input(w->app, &input);
}

/* From 1x1 to 400x120, small ones more often. */
static void resize(struct world *w)
{
	struct lepton__input input = {.kind = LEPTON__INPUT_RESIZE};
	int across = (int)take(w), down = (int)take(w);
	free(w->glass);
	w->glass = NULL;
	w->layer.lost = true;
	if (lepton__screen_resize(
		    w->screen, 1 + down * down * 119 / 65025, 1 + across * across * 399 / 65025, NULL))
		abort();
	lepton__app_input(w->app, &input);
}

/* Bytes as a terminal sends them, a tenth of a second each now and then. */
static void hear_terminal(struct world *w)
{
	struct lepton__input input;
	unsigned count = take(w);
	if (count & 1)
		(void)lepton__answers_ask(&w->sequence.answers, LEPTON__ASK_KITTY, w->time);
	for (count = count / 2 + 1; count && w->left; count--) {
		unsigned byte = take(w);
		w->time += byte == 0xff ? 0.1 : 0;
		if (lepton__sequence_take(&w->sequence, byte, w->time, &input) &&
			input.kind == LEPTON__INPUT_KEY)
			press_or_paste(w, input.key, lepton__sequence_pasting(&w->sequence, w->time));
	}
	input = lepton__sequence_pause(&w->sequence, w->time);
	if (input.kind == LEPTON__INPUT_KEY)
		press_or_paste(w, input.key, lepton__sequence_pasting(&w->sequence, w->time));
	MUST(!w->sequence.answers.cell_height ||
		lepton__is_cell_size(w->sequence.answers.cell_height, w->sequence.answers.cell_width));
}

static void turn_graphics(struct world *w)
{
	struct lepton__graphics *graphics = &w->screen->graphics;
	graphics->how = (enum lepton__pictures)(take(w) % LEPTON__PICTURES);
	graphics->cell_height = 4 + (int)take(w) % 61;
	graphics->cell_width = 2 + (int)take(w) % 31;
	graphics->registers = 2 + (int)take(w) % 255;
}

static void turn_theme(struct world *w)
{
	static const char *const names[] = {
		"default", "lepton", "lepton-light", "mono", "amber", "high-contrast", "colorblind", "fjord"};
	char path[PATH_MAX];
	struct lepton_error err = {0};
	const char *name = names[take(w) % 8];
	snprintf(path, sizeof path, LEPTON_SOURCE "/themes/%s.theme", name);
	MUST(!lepton__app_set_theme(w->app, strcmp(name, "default") == 0 ? name : path, &err));
}

static void type_any(struct world *w)
{
	static const uint32_t codes[] = {
		0x4e2d, 0x301, 0x1f600, 0x5d0, 0x202e, 0xfffd, 0x10ffff, 0x200d, 0xa0, 0x80, 0xe9, 0xff21};
	press(w, codes[take(w) % (sizeof codes / sizeof *codes)]);
}

/* The mouse and the keys of the curves act on what the last picture had where. */
static bool acts_on_picture(unsigned byte)
{
	return (byte >= 0xa0 && byte < 0xa8) || (byte < 0x80 && byte && strchr(",.+-0", (int)byte));
}

static void step(struct world *w)
{
	unsigned byte = take(w);
	if (acts_on_picture(byte) && w->app->dirty)
		lepton__app_draw(w->app);
	if (byte < 0x80)
		press(w, byte);
	else if (byte < 0xa0)
		press(w, LEPTON__KEY_UP + (byte & 31) % (LEPTON__KEY_F12 - LEPTON__KEY_UP + 1));
	else if (byte < 0xa8)
		point(w);
	else if (byte < 0xac)
		resize(w);
	else if (byte == 0xac)
		turn_theme(w);
	else if (byte == 0xad)
		type_any(w);
	else if (byte == 0xae)
		fake.refuse = take(w) & 1 ? "it is not wanted" : NULL;
	else if (byte == 0xb6)
		turn_graphics(w);
	else if (byte == 0xb7)
		hear_terminal(w);
	else if (byte < 0xb8) {
		size_t from = take(w) * 2, count = take(w) % 32;
		tell_story(w, from, count);
	} else
		say_event(w, byte % SAYINGS);
	lepton__app_take_events(w->app);
	w->app->quit = w->app->detached = false;
}

/* ---- what holds ------------------------------------------------------------------------------------ */

static bool drawable(uint32_t code)
{
	return code >= ' ' && (code < 0x7f || code > 0x9f) && code <= 0x10ffff &&
	       (code < 0xd800 || code > 0xdfff);
}

static void check_cell(const struct lepton__screen *s, int y, int x)
{
	const struct lepton__cell *cell = lepton__screen_at(s, y, x),
				  *before = lepton__screen_at(s, y, x - 1);
	const struct lepton__glyph *glyph = &cell->glyph;
	if (glyph->code == 0) {
		MUST(before && before->glyph.width == 2);
		return;
	}
	MUST(!before || before->glyph.width != 2);
	MUST(drawable(glyph->code));
	MUST(glyph->width == 2 ? x + 1 < s->cols : glyph->width == 1);
	MUST(glyph->width == lepton__char_width(glyph->code) || lepton__char_width(glyph->code) == 0);
	MUST(s->glyphs != LEPTON__GLYPHS_ASCII || (glyph->code < 0x7f && !glyph->marks[0]));
	for (int i = 0; i < LEPTON__MARKS; i++)
		MUST(!glyph->marks[i] ||
			(drawable(glyph->marks[i]) && lepton__char_width(glyph->marks[i]) == 0));
	MUST(cell->style.fg >= -1 && cell->style.fg <= 0xffffff && cell->style.bg >= -1 &&
		cell->style.bg <= 0xffffff);
}

static void check_screen(const struct lepton__screen *s)
{
	for (int y = 0; y < s->rows; y++)
		for (int x = 0; x < s->cols; x++)
			check_cell(s, y, x);
}

/* A version, or the header of a group. */
static bool is_row(const struct world *w, int64_t id)
{
	return lepton__is_header(id) ? (size_t)lepton__bunch_at(id) < w->app->dash.bunches.count
				     : lepton_run_version(&w->run, id) != NULL;
}

static void check_places(const struct world *w)
{
	for (size_t i = 0; i < w->app->hit_count; i++) {
		const struct lepton__hit *hit = &w->app->hits[i];
		MUST(hit->rect.y >= 0 && hit->rect.y < w->screen->rows && hit->rect.x >= 0 &&
			hit->rect.x < w->screen->cols);
		if (hit->kind == LEPTON__HIT_ROW || hit->kind == LEPTON__HIT_MARK)
			MUST(is_row(w, hit->argument));
	}
}

static void check_model(const struct world *w)
{
	const struct lepton__dash *dash = &w->app->dash;
	MUST(dash->shown <= w->run.version_count);
	for (size_t i = 0; i < dash->shown; i++)
		MUST(dash->order[i] < w->run.version_count);
	MUST(!dash->selected || is_row(w, dash->selected));
	MUST(dash->shown == 0 || lepton__dash_row(dash) >= 0);
	for (size_t i = 0; i < w->app->saying_count; i++)
		MUST(!strchr(w->app->sayings[i].text, '\n'));
}

static void check_commands(struct world *w)
{
	struct lepton_command command;
	struct lepton_error err = {0};
	for (; w->commands_seen < fake.command_count; w->commands_seen++) {
		const char *json = fake.commands[w->commands_seen];
		if (lepton_command_from_json(json, &command, &err)) {
			fprintf(stderr, "%s: %s\n", err.message, json);
			abort();
		}
		lepton_command_clear(&command);
	}
}

static void check_same_again(struct world *w)
{
	struct lepton__screen *s = w->screen;
	size_t cells = (size_t)s->rows * (size_t)s->cols;
	struct lepton__cell *first = malloc(cells * sizeof *first);
	if (!first)
		abort();
	memcpy(first, s->cells, cells * sizeof *first);
	lepton__app_draw(w->app);
	for (size_t i = 0; i < cells; i++)
		if (!lepton__cell_same(&first[i], &s->cells[i])) {
			fprintf(stderr, "view %d, row %zu, column %zu: U+%04X at first, then U+%04X\n",
				(int)w->app->view, i / (size_t)s->cols, i % (size_t)s->cols,
				first[i].glyph.code, s->cells[i].glyph.code);
			abort();
		}
	free(first);
}

static void check_saved(const struct world *w)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1u << 24);
	lepton__screen_to_text(w->screen, &out);
	MUST(!out.failed && lepton__utf8_valid(out.data, out.size));
	lepton__buffer_free(&out);
}

static void check_pictures(struct world *w)
{
	struct lepton__screen *s = w->screen;
	const size_t size = (size_t)s->rows * (size_t)s->cols * sizeof *s->cells;
	struct lepton__cell *cells = malloc(size);
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1u << 26);
	if (!w->glass)
		w->glass = calloc(1, size);
	if (!cells || !w->glass)
		abort();
	memcpy(cells, s->cells, size);
	lepton__layer_begin(&w->layer, s, w->glass);
	memcpy(w->glass, s->cells, size);
	lepton__layer_end(&w->layer, s, &out);
	MUST(memcmp(cells, s->cells, size) == 0);
	MUST(!out.failed);
	MUST(!out.size || (memcmp(out.data,
				   "\x1b"
				   "7\x1b",
				   3) == 0 &&
				  memcmp(out.data + out.size - 2,
					  "\x1b"
					  "8",
					  2) == 0));
	lepton__buffer_free(&out);
	free(cells);
}

static void look(struct world *w, bool again)
{
	lepton__app_draw(w->app);
	check_screen(w->screen);
	check_places(w);
	check_model(w);
	check_commands(w);
	check_pictures(w);
	MUST(lepton__app_deadline(w->app) >= -1);
	if (again)
		check_same_again(w);
}

/* ---- one input ------------------------------------------------------------------------------------- */

static void begin(struct world *w, struct lepton_tui_options *options)
{
	unsigned how = take(w);
	enum lepton__glyphs glyphs = how & 1   ? LEPTON__GLYPHS_ASCII
				     : how & 2 ? LEPTON__GLYPHS_BLOCK
					       : LEPTON__GLYPHS_BRAILLE;
	options->ascii = how & 1;
	options->no_color = how & 4;
	lepton_run_init(&w->run);
	fake_init(&fake, &w->run);
	w->app = calloc(1, sizeof *w->app);
	if (!w->app || lepton__screen_new(24, 80, glyphs, &w->screen, NULL) ||
		lepton__app_start(w->app, options, &fake.link, &w->run, w->screen, options->no_color, NULL))
		abort();
	w->app->headless = true;
	tell_story(w, 0, story_count * (how >> 3 & 3) / 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct world w = {.data = data, .left = size};
	struct lepton_tui_options options = {0};
	if (!ready)
		prepare();
	ready = true;
	begin(&w, &options);
	for (int i = 1; w.left && i <= STEPS_MAX; i++) {
		step(&w);
		if (i % LOOK_EACH == 0)
			look(&w, false);
	}
	look(&w, true);
	check_saved(&w);
	lepton__app_free(w.app);
	lepton__layer_free(&w.layer);
	free(w.glass);
	fake_free(&fake);
	lepton_run_clear(&w.run);
	lepton__screen_free(w.screen);
	free(w.app);
	sweep();
	return 0;
}
