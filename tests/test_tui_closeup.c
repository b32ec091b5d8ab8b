/* tests/test_tui_closeup.c - a long history drawn from its outline, and nearer from the store.
 *
 * The oracle is the same dashboard with every point in memory. Where columns of dots hold whole buckets the
 * outline alone is the same picture, dot for dot; with a store behind it, so is every window at every zoom,
 * cell for cell.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/memory.h"
#include "train/outline.h"
#include "tui/closeup.h"
#include "tui/curves.h"
#include "tui/loop.h"
#include "tui/plot_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 20000
#define VERSIONS 3

static uint32_t random_state;

static double unit(void)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) / 16777216.0;
}

static float figure(double t)
{
	double kind = unit();
	if (kind < 0.001)
		return NAN;
	if (kind < 0.002)
		return (float)(8 * unit());
	return kind < 0.003 ? -1.0f : (float)(0.2 + 2 * exp(-6 * t) + 0.3 * unit() * unit());
}

static void make_points(struct lepton_history *all, size_t count, uint32_t seed)
{
	random_state = seed;
	for (size_t i = 0; i < count; i++)
		assert_int_equal(lepton__history_push(all, (int64_t)i, (double)i / 1000,
					 (double)i * 0.25 + 0.1 * unit(), figure((double)i / (double)count),
					 figure(1), NULL),
			0);
}

/* The first `past` points by buckets, the others as they are. */
static void make_outline(
	const struct lepton_history *all, struct lepton_history *h, size_t past, size_t width)
{
	for (size_t at = 0; at < past; at += width) {
		struct lepton__bucket bucket;
		lepton__bucket_of(&bucket, all, at, at + width < past ? at + width : past);
		assert_int_equal(lepton__history_add_bucket(h, &bucket, NULL), 0);
	}
	assert_int_equal(lepton__history_append(h, all, past, all->count, NULL), 0);
}

/* ---- the outline alone ---- */

static double x_of(const void *context, size_t i)
{
	return (double)((const struct lepton_history *)context)->step[i];
}

static void raster(struct lepton__canvas *canvas, const struct lepton_history *h,
	const struct lepton__window *window, int rows, int cols)
{
	struct lepton__trace trace;
	lepton__trace_init(&trace);
	assert_int_equal(lepton__trace_update(&trace, h->loss, h->count, 0, NULL), 0);
	struct lepton__series series = {.trace = &trace, .x = x_of, .context = h};
	assert_int_equal(lepton__canvas_init(canvas, rows, cols, LEPTON__GLYPHS_BRAILLE, NULL), 0);
	lepton__plot_raster(canvas, &series, &trace.raw, window, 1);
	lepton__trace_free(&trace);
}

static void whole_buckets_draw_the_same_dots(void **state)
{
	(void)state;
	for (int round = 0; round < 24; round++) {
		struct lepton_history all = {0}, outline = {0};
		struct lepton__canvas a, b;
		int cols = 40 + round, width = cols * 2;
		size_t bucket = round % 2 ? 16 : 256,
		       points = bucket * (1 + (size_t)round % 3); /* of a column */
		make_points(&all, POINTS, (uint32_t)round);
		make_outline(&all, &outline, POINTS - 100, bucket);
		/* column c holds steps [points * (c - 1), points * c) and half a step around */
		struct lepton__window window = {
			.x_min = -0.5 - 0.5 * (double)points, .log_y = round % 4 == 3};
		window.x_max = window.x_min + (double)points * (width - 1);
		window.y_min = window.log_y ? -2 : 0;
		window.y_max = window.log_y ? 1 : 3;
		window.from = window.x_min;
		window.to = window.x_max;
		raster(&a, &all, &window, 12, cols);
		raster(&b, &outline, &window, 12, cols);
		assert_int_equal(a.width, b.width);
		for (int y = 0; y < a.height; y++)
			for (int x = 0; x < a.width - 1; x++) /* the window ends within the last */
				if (lepton__canvas_has(&a, x, y) != lepton__canvas_has(&b, x, y))
					fail_msg("round %d: dot %d of row %d", round, x, y);
		lepton__canvas_free(&a);
		lepton__canvas_free(&b);
		lepton_history_clear(&all);
		lepton_history_clear(&outline);
	}
}

/* ---- the dashboard ---- */

struct shown { /* a dashboard, and what its store would have */
	struct lepton_run run;
	struct lepton_history stored[VERSIONS + 1];
	struct lepton_tui_options options;
	struct lepton_tui_link link;
	struct lepton__screen *screen;
	struct lepton__app *app;
	int asked;
	bool broken;
};

static int submit(void *context, const struct lepton_command *command, struct lepton_error *err)
{
	(void)context, (void)command, (void)err;
	return LEPTON_E_STATE;
}

static int next(void *context, struct lepton_event *event)
{
	(void)context, (void)event;
	return 0;
}

static int history(void *context, int64_t version, int64_t from, int64_t to, int64_t most,
	struct lepton_history *out, struct lepton_error *err)
{
	struct shown *shown = context;
	const struct lepton_history *all = &shown->stored[version];
	size_t first = 0, end = 0;
	shown->asked++;
	*out = (struct lepton_history){0};
	if (shown->broken)
		return lepton_error_set(err, LEPTON_E_IO, "the store is broken");
	while (first < all->count && all->step[first] < from)
		first++;
	for (end = first; end < all->count && all->step[end] <= to;)
		end++;
	if (most <= 0 || end - first <= (size_t)most)
		return lepton__history_append(out, all, first, end, err);
	struct lepton_history part = {0};
	assert_int_equal(lepton__history_append(&part, all, first, end, NULL), 0);
	make_outline(&part, out, part.count, 16);
	lepton_history_clear(&part);
	return 0;
}

static void add_version(struct shown *shown, int64_t id, size_t past, size_t width)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = id};
	snprintf(event.u.added.name, LEPTON_NAME_MAX, "v%d", (int)id);
	assert_int_equal(lepton_run_apply(&shown->run, &event, NULL), 0);
	make_points(&shown->stored[id], POINTS / (size_t)id, (uint32_t)id);
	struct lepton_run_version *version = shown->run.versions[id - 1];
	for (size_t i = 0; i < shown->stored[id].count; i++) /* what is no number has a sign of its own, nearer only */
		if (isnan(shown->stored[id].loss[i]))
			shown->stored[id].loss[i] = 0.5f;
	size_t count = shown->stored[id].count;
	make_outline(&shown->stored[id], &version->history, past < count ? count - 50 : 0, width);
}

static struct shown *open_dashboard(size_t past, size_t width)
{
	struct shown *shown = calloc(1, sizeof *shown);
	assert_non_null(shown);
	for (int64_t id = 1; id <= VERSIONS; id++)
		add_version(shown, id, past, width);
	shown->link = (struct lepton_tui_link){
		.submit = submit, .next = next, .history = history, .wake_fd = -1, .context = shown};
	shown->app = calloc(1, sizeof *shown->app);
	assert_non_null(shown->app);
	assert_int_equal(lepton__screen_new(45, 160, LEPTON__GLYPHS_BRAILLE, &shown->screen, NULL), 0);
	assert_int_equal(lepton__app_start(shown->app, &shown->options, &shown->link, &shown->run,
				 shown->screen, false, NULL),
		0);
	return shown;
}

static void close_dashboard(struct shown *shown)
{
	lepton__app_free(shown->app);
	lepton__screen_free(shown->screen);
	lepton_run_clear(&shown->run);
	for (int id = 0; id <= VERSIONS; id++)
		lepton_history_clear(&shown->stored[id]);
	free(shown->app);
	free(shown);
}

static char *picture(struct shown *shown)
{
	struct lepton__buffer out;
	struct lepton__rect whole = {0, 0, shown->screen->rows, shown->screen->cols}, below;
	struct lepton__rect above = lepton__rect_rows(whole, whole.rows / 2, &below);
	assert_int_equal(lepton__dash_update(&shown->app->dash, NULL), 0);
	shown->app->hit_count = 0;
	lepton__curves_draw(shown->app, above, LEPTON__LOSS, 0);
	lepton__curves_draw(shown->app, below, LEPTON__ACCURACY, 1);
	lepton__buffer_init(&out, 1 << 20);
	lepton__screen_to_ansi(shown->screen, &out);
	char *text = lepton__buffer_take(&out);
	assert_non_null(text);
	return text;
}

static void same_picture(struct shown *a, struct shown *b)
{
	char *one = picture(a), *other = picture(b);
	size_t line = 0, at = 0;
	for (; one[at] && one[at] == other[at]; at++)
		line += one[at] == '\n';
	if (one[at] || other[at])
		fail_msg("window %g wide, to %g, by %d: line %zu differs, by \"%.40s\" and \"%.40s\"",
			a->app->dash.zoom_width, a->app->dash.zoom_right, (int)a->app->dash.axis, line,
			one + at, other + at);
	lepton__free(one);
	lepton__free(other);
}

static void look(struct lepton__dash *dash, double width, double right, enum lepton__axis axis, bool log_y)
{
	dash->zoom_width = width;
	dash->zoom_right = right;
	dash->axis = axis;
	dash->log_y = log_y;
}

static void nearer_all_points_are_drawn(void **state)
{
	(void)state;
	static const double scales[] = {1, 0.001, 0.25}; /* x of a point */
	struct shown *all = open_dashboard(SIZE_MAX, 16), *some = open_dashboard(0, 256);
	random_state = 99;
	for (int round = 0; round < 60; round++) {
		enum lepton__axis axis = (enum lepton__axis)(round % 3);
		double width = 20 + 5000 * unit() * unit(), right = width + unit() * (POINTS - width);
		uint32_t kept = random_state;
		look(&all->app->dash, width * scales[axis], right * scales[axis], axis, round % 5 == 4);
		look(&some->app->dash, width * scales[axis], right * scales[axis], axis, round % 5 == 4);
		same_picture(all, some);
		random_state = kept;
	}
	assert_true(some->asked > 20);
	assert_int_equal(all->asked, 0);
	close_dashboard(all);
	close_dashboard(some);
}

static void a_window_is_asked_for_once(void **state)
{
	(void)state;
	struct shown *some = open_dashboard(0, 256);
	look(&some->app->dash, 2000, 9000, LEPTON__BY_STEP, false);
	lepton__app_draw(some->app);
	int asked = some->asked;
	assert_in_range(asked, 1, VERSIONS);
	for (int i = 0; i < 10; i++) { /* not far: within what was brought */
		look(&some->app->dash, 2000, 9000 + 40 * i, LEPTON__BY_STEP, false);
		lepton__app_draw(some->app);
	}
	assert_int_equal(some->asked, asked);
	look(&some->app->dash, 2000, 15000, LEPTON__BY_STEP, false);
	lepton__app_draw(some->app);
	assert_true(some->asked > asked);
	close_dashboard(some);
}

/* New points follow behind those from the store, and going back takes them away. */
static void what_comes_meanwhile_is_drawn_too(void **state)
{
	(void)state;
	struct shown *all = open_dashboard(SIZE_MAX, 16), *some = open_dashboard(0, 256);
	look(&all->app->dash, 3000, NAN, LEPTON__BY_STEP, false);
	look(&some->app->dash, 3000, NAN, LEPTON__BY_STEP, false);
	for (int64_t i = 0; i < 300; i++) {
		struct lepton_event event = {.type = LEPTON_EVENT_METRIC, .version = 1};
		event.u.metric.step = i == 200 ? POINTS + 40 : i > 200 ? POINTS + 41 + i : POINTS + i;
		event.u.metric.loss = (double)(i % 17) / 10;
		assert_int_equal(lepton_run_apply(&all->run, &event, NULL) |
					 lepton_run_apply(&some->run, &event, NULL),
			0);
		if (i % 20 == 0)
			same_picture(all, some);
	}
	assert_in_range(some->asked, 1, 3 * VERSIONS);
	close_dashboard(all);
	close_dashboard(some);
}

static void a_broken_store_leaves_the_outline(void **state)
{
	(void)state;
	struct shown *some = open_dashboard(0, 256);
	some->broken = true;
	look(&some->app->dash, 2000, 9000, LEPTON__BY_STEP, false);
	for (int i = 0; i < 5; i++)
		lepton__app_draw(some->app);
	assert_in_range(some->asked, 1, VERSIONS); /* not at every frame */
	assert_non_null(strstr(some->app->sayings[0].text, "is drawn in outline: the store is broken"));
	close_dashboard(some);
}

/* ---- smoothing, sparklines, files ---- */

static void smoothing_an_outline_is_near_the_points(void **state)
{
	(void)state;
	struct lepton_history all = {0}, outline = {0};
	struct lepton__trace a, b;
	make_points(&all, POINTS, 5);
	make_outline(&all, &outline, POINTS - 100, 16);
	for (int k = 1; k < LEPTON__SMOOTHINGS; k++) {
		lepton__trace_init(&a);
		lepton__trace_init(&b);
		assert_int_equal(
			lepton__trace_update(&a, all.loss, all.count, lepton__smoothings[k], NULL), 0);
		lepton__trace_outline(&b, &outline, false);
		assert_int_equal(
			lepton__trace_update(&b, outline.loss, outline.count, lepton__smoothings[k], NULL),
			0);
		double sum = 0;
		size_t at = 0, point = 0;
		for (size_t i = 0; i < outline.bucket_count; i++) {
			at += outline.buckets[i].entries;
			point += outline.buckets[i].points;
			double off = (double)b.smoothed[at - 1] - (double)a.smoothed[point - 1];
			sum += isfinite(off) ? fabs(off) : 0;
		}
		/* a bucket's points weigh the same, where the newest of them should weigh most: 0.6 forgets
		 * in two */
		assert_true(sum / (double)outline.bucket_count < (lepton__smoothings[k] < 0.9 ? 0.12 : 0.05));
		float end_a = a.smoothed[all.count - 1], end_b = b.smoothed[outline.count - 1];
		assert_true(fabsf(end_a - end_b) < 0.01f); /* a hundred points behind the outline */
		lepton__trace_free(&a);
		lepton__trace_free(&b);
	}
	lepton_history_clear(&all);
	lepton_history_clear(&outline);
}

static void parts_are_by_points(void **state)
{
	(void)state;
	struct lepton_history all = {0}, outline = {0};
	float whole[10], parts[10];
	make_points(&all, POINTS, 8);
	make_outline(&all, &outline, POINTS - 3000, 16);
	assert_int_equal(lepton__history_parts(&outline, false, parts, 10), 10);
	for (int i = 0; i < 10; i++) {
		double sum = 0, finite = 0;
		for (int k = POINTS / 10 * i; k < POINTS / 10 * (i + 1); k++)
			if (isfinite(all.loss[k])) {
				sum += (double)all.loss[k];
				finite++;
			}
		whole[i] = (float)(sum / finite);
		assert_true(
			fabsf(parts[i] - whole[i]) < (i < 8 ? 0.01f : 0.08f)); /* the last by some points */
	}
	lepton_history_clear(&all);
	lepton_history_clear(&outline);
}

static void a_file_has_all_points(void **state)
{
	(void)state;
	struct shown *some = open_dashboard(0, 256);
	struct lepton_run whole;
	assert_int_equal(lepton__whole_run(some->app, &whole, NULL), 0);
	for (int64_t id = 1; id <= VERSIONS; id++) {
		const struct lepton_history *a = &some->stored[id], *b = &whole.versions[id - 1]->history;
		assert_int_equal(a->count, b->count);
		assert_memory_equal(a->step, b->step, a->count * sizeof *a->step);
		assert_memory_equal(a->loss, b->loss, a->count * sizeof *a->loss);
		assert_memory_equal(a->seconds, b->seconds, a->count * sizeof *a->seconds);
	}
	lepton__whole_run_free(&whole);
	some->broken = true;
	assert_int_equal(lepton__whole_run(some->app, &whole, NULL), LEPTON_E_IO);
	close_dashboard(some);
}

/* ---- finer outlines ---- */

static struct shown *open_roughly(void)
{
	struct shown *some = open_dashboard(0, 256);
	for (int i = 0; i < VERSIONS; i++)
		some->run.versions[i]->history.rough = true;
	assert_false(lepton__sharpen(some->app)); /* nothing is in the list yet */
	assert_int_equal(lepton__dash_update(&some->app->dash, NULL), 0);
	return some;
}

static void rough_outlines_become_fine(void **state)
{
	(void)state;
	struct shown *fine = open_dashboard(0, 16), *some = open_roughly();
	while (lepton__sharpen(some->app))
		continue;
	assert_int_equal(some->asked, VERSIONS);
	for (int i = 0; i < VERSIONS; i++) {
		const struct lepton_history *a = &fine->run.versions[i]->history,
					    *b = &some->run.versions[i]->history;
		assert_int_equal(a->count, b->count);
		assert_int_equal(a->thinned, b->thinned);
		assert_int_equal(a->bucket_count, b->bucket_count);
		assert_memory_equal(a->step, b->step, a->count * sizeof *a->step);
		assert_memory_equal(a->loss, b->loss, a->count * sizeof *a->loss);
	}
	same_picture(fine, some);
	close_dashboard(fine);
	close_dashboard(some);
}

/* Points that came after the first frame stay behind what is fetched. */
static void points_stay_behind_a_finer_outline(void **state)
{
	(void)state;
	struct shown *some = open_roughly();
	struct lepton_history *h = &some->run.versions[0]->history;
	struct lepton_event event = {.type = LEPTON_EVENT_METRIC, .version = 1, .u.metric.step = POINTS + 7};
	assert_int_equal(lepton_run_apply(&some->run, &event, NULL), 0);
	size_t live = h->count - h->thinned, buckets = h->bucket_count;
	while (lepton__sharpen(some->app))
		continue;
	assert_true(h->bucket_count > 10 * buckets && h->count - h->thinned == live);
	assert_int_equal(h->step[h->count - 1], POINTS + 7);
	close_dashboard(some);
}

/* What the store has is no longer what was read of it, or it is broken: the coarse one stays, and is let be.
 */
static void without_a_finer_outline_the_rough_one_stays(void **state)
{
	(void)state;
	struct shown *some = open_roughly();
	size_t buckets = some->run.versions[0]->history.bucket_count;
	some->broken = true;
	while (lepton__sharpen(some->app))
		continue;
	assert_int_equal(some->asked, VERSIONS);
	some->broken = false;
	some->stored[1].count = 5000;
	some->run.versions[0]->history.rough = true;
	while (lepton__sharpen(some->app))
		continue;
	assert_int_equal(some->asked, VERSIONS + 1);
	assert_int_equal(some->run.versions[0]->history.bucket_count, buckets);
	assert_int_equal(some->app->saying_count, 0);
	close_dashboard(some);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_buckets_draw_the_same_dots),
		cmocka_unit_test(nearer_all_points_are_drawn),
		cmocka_unit_test(a_window_is_asked_for_once),
		cmocka_unit_test(what_comes_meanwhile_is_drawn_too),
		cmocka_unit_test(a_broken_store_leaves_the_outline),
		cmocka_unit_test(smoothing_an_outline_is_near_the_points),
		cmocka_unit_test(parts_are_by_points),
		cmocka_unit_test(a_file_has_all_points),
		cmocka_unit_test(rough_outlines_become_fine),
		cmocka_unit_test(points_stay_behind_a_finer_outline),
		cmocka_unit_test(without_a_finer_outline_the_rough_one_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
