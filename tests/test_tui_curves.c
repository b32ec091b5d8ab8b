/* tests/test_tui_curves.c - the curves of the dashboard: layouts, pins, groups, axes, the mouse in them. */
#include "config.h"
#include "tui_stage.h"
#include "base/memory.h"
#include "tui/bands.h"
#include "tui/curves.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int set_up_curves(void **state)
{
	return set_up_story(state, "tests/golden/curves.jsonl");
}

static bool on_screen(const struct stage *stage, const char *text)
{
	struct lepton__buffer all;
	lepton__buffer_init(&all, 1u << 22);
	lepton__screen_to_text(stage->screen, &all);
	bool found = strstr(all.data, text) != NULL;
	lepton__buffer_free(&all);
	return found;
}

static void mouse(struct stage *stage, enum lepton__mouse what, int button, bool shift, int y, int x)
{
	struct lepton__input input = {
		.kind = LEPTON__INPUT_MOUSE, .mouse = what, .button = button, .shift = shift, .y = y, .x = x};
	lepton__app_input(stage->app, &input);
	lepton__app_draw(stage->app);
}

static void drag(struct stage *stage, int button, bool shift, int from, int to)
{
	int y = stage->app->plots[0].area.y + 1, x = stage->app->plots[0].area.x;
	mouse(stage, LEPTON__MOUSE_PRESS, button, shift, y, x + from);
	for (int at = from; at != to; at += from < to ? 1 : -1)
		mouse(stage, LEPTON__MOUSE_DRAG, button, shift, y, x + at);
	mouse(stage, LEPTON__MOUSE_DRAG, button, shift, y, x + to);
	mouse(stage, LEPTON__MOUSE_RELEASE, button, shift, y, x + to);
}

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * (1 + fabs(a));
}

/* ---- layouts ---- */

static void test_layouts_follow_each_other(void **state)
{
	struct stage *stage = *state;
	static const char *const words[] = {"y panels", "y bands", "y heat", "y lines"};
	for (size_t i = 0; i < 4; i++) {
		press(stage, "y");
		assert_true(on_screen(stage, words[i]));
	}
}

/* Every layout at every size, with and without cross-hair: nothing crashes, every hit lies on the screen, and
 * what is drawn of curves lies in the curves' frame. */
static void test_every_size(void **state)
{
	struct stage *stage = *state;
	static const int sizes[][2] = {{18, 60}, {19, 61}, {20, 75}, {24, 80}, {30, 109}, {45, 160}, {60, 60},
		{18, 400}, {120, 400}};
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		int rows = sizes[s][0], cols = sizes[s][1];
		assert_int_equal(lepton__screen_resize(stage->screen, rows, cols, NULL), 0);
		for (int round = 0; round < 16; round++) {
			press(stage, round == 8       ? ",,v"
				     : round % 5 == 0 ? "Lv"
				     : round % 5 == 3 ? "jsv"
						      : "Gv");
			for (size_t i = 0; i < stage->app->hit_count; i++) {
				const struct lepton__hit *hit = &stage->app->hits[i];
				assert_true(hit->rect.y >= 0 && hit->rect.y + hit->rect.rows <= rows);
				assert_true(hit->rect.x >= 0 && hit->rect.x + hit->rect.cols <= cols);
			}
			assert_false(lepton__rect_empty(stage->app->plots[0].area));
		}
	}
}

/* Panels compare: one window for all, one cross-hair, the page of the selected version. */
static void test_panels_share_their_axes(void **state)
{
	struct stage *stage = *state;
	assert_int_equal(lepton__screen_resize(stage->screen, 45, 160, NULL), 0);
	press(stage, "y,");
	const struct lepton__plot_view *plots = stage->app->plots;
	for (size_t i = 1; i < 10; i++) {
		assert_false(lepton__rect_empty(plots[i].area));
		assert_true(near(plots[i].x_min, plots[0].x_min) && near(plots[i].x_max, plots[0].x_max));
		assert_true(near(plots[i].y_min, plots[0].y_min) && near(plots[i].y_max, plots[0].y_max));
	}
	mouse(stage, LEPTON__MOUSE_PRESS, 1, false, plots[4].area.y, plots[4].area.x + 3);
	mouse(stage, LEPTON__MOUSE_RELEASE, 1, false, plots[4].area.y, plots[4].area.x + 3);
	assert_true(near(stage->app->dash.cursor, lepton__plot_x_at(&plots[4], plots[4].area.x + 3)));
	double width = plots[0].x_max - plots[0].x_min;
	press(stage, "+");
	assert_true(plots[7].x_max - plots[7].x_min < width * 0.6);
	assert_int_equal(lepton__screen_resize(stage->screen, 24, 80, NULL), 0);
	press(stage, "G");
	assert_true(on_screen(stage, "9 to 10 of 10"));
	press(stage, "g");
	assert_true(on_screen(stage, "1 to 2 of 10"));
}

static void test_a_panel_is_clicked(void **state)
{
	struct stage *stage = *state;
	press(stage, "y");
	struct lepton__rect second = stage->app->plots[1].area;
	mouse(stage, LEPTON__MOUSE_PRESS, 1, false, second.y - 1, second.x + 2);
	assert_string_equal(lepton__dash_selected(&stage->app->dash)->name, "cnn/2");
}

/* Beyond 32 curves the frame says how they can be read; it is not done by itself. */
static void test_many_curves_hint(void **state)
{
	struct stage *stage = *state;
	for (int64_t id = 11; id < 45; id++) {
		struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = id, .time = 1700000200};
		snprintf(event.u.added.name, sizeof event.u.added.name, "more-%d", (int)id);
		snprintf(event.u.added.learner, sizeof event.u.added.learner, "network");
		lepton__app_event(stage->app, &event);
		struct lepton_event metric = {.type = LEPTON_EVENT_METRIC, .version = id, .time = 1700000201};
		metric.u.metric.step = 5;
		metric.u.metric.loss = 1;
		metric.u.metric.accuracy = 0.5;
		lepton__app_event(stage->app, &metric);
	}
	press(stage, "j");
	assert_true(on_screen(stage, "44 curves: y shows them"));
	press(stage, "y");
	assert_false(on_screen(stage, "44 curves: y shows them"));
}

/* ---- pins ---- */

static void test_pinned_stay(void **state)
{
	struct stage *stage = *state;
	struct lepton__drawn drawn;
	choose(stage, "lr/0.003");
	press(stage, "H");
	assert_non_null(strstr(said(stage), "lr/0.003 is pinned"));
	assert_int_equal(lepton__dash_row(&stage->app->dash), 0);
	press(stage, "G<Space>"); /* only hot-c is marked */
	assert_int_equal(lepton__drawn_make(&stage->app->dash, LEPTON__LOSS, &drawn), 0);
	assert_int_equal(drawn.count, 2);
	assert_string_equal(drawn.series[0].name, "lr/0.003");
	assert_true(drawn.series[0].pinned);
	assert_string_equal(drawn.series[1].name, "hot-c");
	lepton__drawn_free(&drawn);
	for (int turn = 0; turn < 2; turn++) { /* whatever the order */
		press(stage, "O");
		assert_int_equal(
			stage->run.versions[stage->app->dash.order[0]]->id, id_of(stage, "lr/0.003"));
	}
	int64_t ids[8];
	assert_int_equal(lepton__dash_targets(&stage->app->dash, ids, 8), 1); /* a pin is no mark */
	choose(stage, "lr/0.003");
	press(stage, "H");
	assert_non_null(strstr(said(stage), "no longer"));
	assert_string_equal(stage->run.versions[stage->app->dash.order[0]]->name, "cnn/1");
}

/* ---- groups ---- */

static void expect_group(const struct lepton__bands *bands, size_t i, const char *name, size_t count)
{
	assert_true(i < bands->count);
	assert_string_equal(bands->groups[i].name, name);
	assert_int_equal(bands->groups[i].count, count);
}

static void test_kin(void **state)
{
	struct stage *stage = *state;
	struct lepton__drawn drawn;
	struct lepton__bands bands;
	stage->app->dash.turned = true; /* kin need not stand together */
	stage->app->dash.sort = LEPTON__SORT_LOSS;
	press(stage, "j");
	for (int how = 0; how < LEPTON__KINSHIPS; how++) {
		size_t members = 0;
		stage->app->dash.kinship = (enum lepton__kinship)how;
		assert_int_equal(lepton__drawn_make(&stage->app->dash, LEPTON__LOSS, &drawn), 0);
		assert_int_equal(lepton__bands_make(&stage->app->dash, drawn.series, drawn.count, &bands), 0);
		assert_int_equal(drawn.count, 10);
		for (size_t g = 0; g < bands.count; g++) {
			assert_int_equal(bands.groups[g].first, members);
			for (size_t i = 0; i < bands.groups[g].count; i++, members++)
				assert_int_equal(strncmp(drawn.series[members].name,
							 drawn.series[bands.groups[g].first].name, 3),
					0);
		}
		assert_int_equal(members, 10);
		assert_int_equal(bands.count, how == LEPTON__KIN_SEED ? 5 : 5);
		lepton__bands_free(&bands);
		lepton__drawn_free(&drawn);
	}
	stage->app->dash.turned = false;
	stage->app->dash.sort = LEPTON__SORT_MADE;
	press(stage, "j");
	stage->app->dash.kinship = LEPTON__KIN_SEED;
	assert_int_equal(lepton__drawn_make(&stage->app->dash, LEPTON__LOSS, &drawn), 0);
	assert_int_equal(lepton__bands_make(&stage->app->dash, drawn.series, drawn.count, &bands), 0);
	expect_group(&bands, 0, "cnn", 4);
	expect_group(&bands, 1, "lr/0.0003", 1);
	expect_group(&bands, 4, "hot-a", 3);
	lepton__bands_free(&bands);
	stage->app->dash.kinship = LEPTON__KIN_NAME;
	assert_int_equal(lepton__bands_make(&stage->app->dash, drawn.series, drawn.count, &bands), 0);
	expect_group(&bands, 0, "cnn", 4);
	expect_group(&bands, 1, "lr", 3);
	expect_group(&bands, 4, "hot-c", 1);
	lepton__bands_free(&bands);
	lepton__drawn_free(&drawn);
}

static void test_grouping_is_for_bands(void **state)
{
	struct stage *stage = *state;
	press(stage, "F");
	assert_non_null(strstr(said(stage), "only bands are grouped"));
	press(stage, "yyF");
	assert_int_equal(stage->app->dash.kinship, LEPTON__KIN_NAME);
}

/* ---- axes ---- */

static double last_x(const struct stage *stage, const char *name)
{
	struct lepton__drawn drawn;
	double x = NAN;
	assert_int_equal(lepton__drawn_make(&stage->app->dash, LEPTON__LOSS, &drawn), 0);
	for (size_t i = 0; i < drawn.count; i++)
		if (strcmp(drawn.series[i].name, name) == 0)
			x = drawn.series[i].x(drawn.series[i].context, drawn.series[i].trace->raw.count - 1);
	lepton__drawn_free(&drawn);
	return x;
}

/* Steps of the batch size; of a learner without one, by a step's share of the 54,000 training samples. */
static void test_samples(void **state)
{
	struct stage *stage = *state;
	struct lepton_event tree = {.type = LEPTON_EVENT_VERSION, .version = 50, .time = 1700000200};
	snprintf(tree.u.added.name, sizeof tree.u.added.name, "forest");
	snprintf(tree.u.added.learner, sizeof tree.u.added.learner, "random_forest");
	tree.u.added.steps_per_epoch = 100;
	tree.u.added.epochs = 1;
	tree.u.added.hyperparameters = lepton_text_new("{\"batch_size\":64,\"n_estimators\":100}");
	lepton__app_event(stage->app, &tree);
	lepton_event_clear(&tree);
	struct lepton_event metric = {.type = LEPTON_EVENT_METRIC, .version = 50, .time = 1700000201};
	metric.u.metric.step = 50;
	metric.u.metric.loss = 1;
	lepton__app_event(stage->app, &metric);
	assert_true(near(last_x(stage, "cnn/1"), 1688));
	press(stage, "ttt");
	assert_true(on_screen(stage, "t samples"));
	assert_true(near(last_x(stage, "cnn/1"), 1688.0 * 128));
	assert_true(near(last_x(stage, "forest"), 27000));
	press(stage, "t");
	assert_true(on_screen(stage, "t step"));
}

static void test_log_x(void **state)
{
	struct stage *stage = *state;
	const struct lepton__plot_view *view = &stage->app->plots[0];
	press(stage, "L");
	assert_true(on_screen(stage, "t log step"));
	assert_true(view->log_x && near(view->x_min, 42) && near(view->x_max, 1688));
	press(stage, ",");
	int column = 10;
	mouse(stage, LEPTON__MOUSE_PRESS, 1, false, view->area.y, view->area.x + column);
	mouse(stage, LEPTON__MOUSE_RELEASE, 1, false, view->area.y, view->area.x + column);
	double expected = 42 * pow(1688.0 / 42, (column + 0.5) / view->area.cols);
	assert_true(near(stage->app->dash.cursor, expected));
	double before = stage->app->dash.cursor;
	press(stage, ",.");
	assert_true(fabs(stage->app->dash.cursor - before) < 1e-6 * before);
	press(stage, "+"); /* half the decades, and the cross-hair stays where it is */
	assert_true(fabs(log(view->x_max / view->x_min) - 0.5 * log(1688.0 / 42)) < 1e-6);
	assert_true(view->x_min >= 42 && view->x_max <= 1688 * (1 + 1e-9));
	press(stage, "<Right><Right><Right><Right><Right><Right>");
	assert_true(near(view->x_max, 1688));
	press(stage, "L");
	assert_false(view->log_x);
	assert_true(near(view->x_min, 42) && near(view->x_max, 1688));
}

/* ---- the mouse ---- */

static void test_drag_chooses(void **state)
{
	struct stage *stage = *state;
	const struct lepton__plot_view *view = &stage->app->plots[0];
	for (int back = 0; back < 2; back++) { /* either way round */
		double from = lepton__plot_x_at(view, view->area.x + 8),
		       to = lepton__plot_x_at(view, view->area.x + 20);
		drag(stage, 1, false, back ? 20 : 8, back ? 8 : 20);
		assert_true(near(view->x_min, from) && near(view->x_max, to));
		assert_true(isnan(stage->app->dash.cursor));
		mouse(stage, LEPTON__MOUSE_DOUBLE, 1, false, view->area.y, view->area.x);
		assert_true(near(view->x_min, 42) && near(view->x_max, 1688));
	}
	drag(stage, 1, false, 5, 6); /* a click by an unsteady hand */
	assert_false(isfinite(stage->app->dash.zoom_width));
	assert_true(isfinite(stage->app->dash.cursor));
}

static void test_drag_pans(void **state)
{
	struct stage *stage = *state;
	const struct lepton__plot_view *view = &stage->app->plots[0];
	drag(stage, 3, false, 5, 15); /* nothing to move along: all is shown */
	assert_true(near(view->x_min, 42) && near(view->x_max, 1688));
	drag(stage, 1, false, 12, 24);
	for (int shift = 0; shift < 2; shift++) {
		double held = lepton__plot_x_at(view, view->area.x + 10), width = view->x_max - view->x_min;
		drag(stage, shift ? 1 : 3, shift, 10, shift ? 16 : 4);
		assert_true(near(lepton__plot_x_at(view, view->area.x + (shift ? 16 : 4)), held));
		assert_true(near(view->x_max - view->x_min, width));
	}
	for (int i = 0; i < 4; i++)
		drag(stage, 3, false, 0, 40);
	assert_true(near(view->x_min, 42)); /* no further than there are values */
}

/* A release that comes without its press, or over a window, does nothing. */
static void test_stray_releases(void **state)
{
	struct stage *stage = *state;
	int y = stage->app->plots[0].area.y, x = stage->app->plots[0].area.x;
	mouse(stage, LEPTON__MOUSE_RELEASE, 1, false, y, x + 20);
	mouse(stage, LEPTON__MOUSE_DRAG, 1, false, y, x + 20);
	assert_true(isnan(stage->app->dash.cursor) && isnan(stage->app->dash.zoom_width));
	mouse(stage, LEPTON__MOUSE_PRESS, 1, false, y, x + 3);
	mouse(stage, LEPTON__MOUSE_DRAG, 1, false, y, x + 9);
	press(stage, "?");
	mouse(stage, LEPTON__MOUSE_RELEASE, 1, false, y, x + 20);
	assert_true(isnan(stage->app->dash.zoom_width));
}

/* ---- what happened ---- */

static void test_notes_at_the_cross_hair(void **state)
{
	struct stage *stage = *state;
	struct lepton__drawn drawn;
	size_t count;
	assert_int_equal(lepton__drawn_make(&stage->app->dash, LEPTON__LOSS, &drawn), 0);
	struct lepton__plot_mark *marks = lepton__notes_make(stage->app, drawn.series, drawn.count, &count);
	assert_int_equal(count, 1);
	assert_string_equal(marks[0].text, "lr/0.001: paused");
	assert_int_equal(marks[0].sign, 0x2016);
	assert_true(near(marks[0].x, 1688));
	lepton__free(marks);
	lepton__drawn_free(&drawn);
	assert_false(on_screen(stage, "lr/0.001: paused"));
	press(stage, "."); /* the cross-hair begins at the right end */
	assert_true(on_screen(stage, "lr/0.001: paused"));
	press(stage, ",,,,");
	assert_false(on_screen(stage, "lr/0.001: paused"));
}

int main(void)
{
	setenv("LEPTON_TEST_CLOCK", "1700000178", 1);
	setenv("TZ", "UTC", 1);
	unsetenv("NO_COLOR");
#define STAGED(name) cmocka_unit_test_setup_teardown(name, set_up_curves, tear_down)
	const struct CMUnitTest tests[] = {
		STAGED(test_layouts_follow_each_other),
		STAGED(test_every_size),
		STAGED(test_panels_share_their_axes),
		STAGED(test_a_panel_is_clicked),
		STAGED(test_many_curves_hint),
		STAGED(test_pinned_stay),
		STAGED(test_kin),
		STAGED(test_grouping_is_for_bands),
		STAGED(test_samples),
		STAGED(test_log_x),
		STAGED(test_drag_chooses),
		STAGED(test_drag_pans),
		STAGED(test_stray_releases),
		STAGED(test_notes_at_the_cross_hair),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
