/* tests/test_tui_plot.c - ticks by their promises, curves against a plain point-by-point rendering.
 *
 * The naive drawing visits every point, without pyramid or search, and marks every dot of its column's
 * range and of the joining lines; the plot's raster must be the same picture, dot for dot, at many sizes,
 * windows and kinds of numbers.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/memory.h"
#include "tui/plot_parts.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 6000

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static double unit(uint32_t *state)
{
	return next_random(state) / 16777216.0;
}

/* ---- ticks ------------------------------------------------------------------------------------- */

static bool is_nice_step(double step)
{
	double mantissa = step / pow(10, floor(log10(step) + 1e-9));
	return fabs(mantissa - 1) < 1e-6 || fabs(mantissa - 2) < 1e-6 || fabs(mantissa - 5) < 1e-6;
}

static void test_nice_ticks(void **state)
{
	(void)state;
	uint32_t seed = 11;
	for (int round = 0; round < 20000; round++) {
		double ticks[64], size = pow(10, unit(&seed) * 24 - 12);
		double lo = (unit(&seed) - 0.5) * size * (round % 3 == 0 ? 100 : 2),
		       hi = lo + size * (0.1 + unit(&seed));
		int most = 3 + (int)(next_random(&seed) % 12);
		int count = lepton__nice_ticks(lo, hi, most, ticks, 64);
		assert_in_range(count, 1, most + 1);
		for (int i = 0; i < count; i++) {
			char label[32], before[32];
			assert_true(ticks[i] >= lo - (hi - lo) * 1e-9 && ticks[i] <= hi + (hi - lo) * 1e-9);
			if (i == 0)
				continue;
			double step = ticks[i] - ticks[i - 1];
			assert_true(is_nice_step(step));
			assert_true(fabs(step - (ticks[1] - ticks[0])) < 1e-6 * step);
			lepton__tick_label(label, sizeof label, ticks[i], ticks[1] - ticks[0]);
			lepton__tick_label(before, sizeof before, ticks[i - 1], ticks[1] - ticks[0]);
			if (strcmp(label, before) == 0)
				fail_msg("%.17g and %.17g are both labelled %s", ticks[i - 1], ticks[i],
					label);
		}
	}
}

static void test_odd_ticks(void **state)
{
	(void)state;
	double ticks[8];
	assert_int_equal(lepton__nice_ticks(1, 0, 5, ticks, 8), 0);
	assert_int_equal(lepton__nice_ticks(NAN, 1, 5, ticks, 8), 0);
	assert_int_equal(lepton__nice_ticks(0, INFINITY, 5, ticks, 8), 0);
	assert_int_equal(lepton__nice_ticks(-1e308, 1e308, 5, ticks, 8), 0);
	const double big[][2] = {{0, DBL_MAX}, {1e308, DBL_MAX}, {-DBL_MAX, 0}, {DBL_MAX * 0.7, DBL_MAX}};
	for (size_t i = 0; i < sizeof big / sizeof *big; i++)
		for (int most = 1; most < 8; most++) {
			int count = lepton__nice_ticks(big[i][0], big[i][1], most, ticks, 8);
			count = count ? count : lepton__nice_log_ticks(big[i][0], big[i][1], most, ticks, 8);
			for (int k = 0; k < count; k++)
				assert_true(isfinite(ticks[k]));
		}
	int count = lepton__nice_log_ticks(DBL_MAX / 50, DBL_MAX, 8, ticks, 8);
	for (int k = 0; k < count; k++)
		assert_true(isfinite(ticks[k]));
	char label[32];
	lepton__tick_label(label, sizeof label, INFINITY, 1);
	assert_string_equal(label, "inf");
	assert_int_equal(lepton__nice_ticks(3, 3, 5, ticks, 8), 1);
	assert_true(lepton__nice_ticks(1e15, 1e15 + 1, 5, ticks, 8) <= 6);
	assert_int_equal(lepton__nice_ticks(0, 100, 50, ticks, 8), 8); /* never past the room given */
	assert_int_equal(lepton__nice_log_ticks(0, 1, 5, ticks, 8), 0);
	assert_int_equal(lepton__nice_log_ticks(0.001, 1000, 6, ticks, 8), 7);
	assert_true(fabs(ticks[0] - 0.001) < 1e-12 && fabs(ticks[6] - 1000) < 1e-6);
	assert_int_equal(lepton__nice_time_ticks(0, 3600, 6, ticks, 8), 7);
	assert_true(fabs(ticks[1] - 600) < 1e-9);
}

static void check_label(double value, double step, const char *expected)
{
	char label[32];
	lepton__tick_label(label, sizeof label, value, step);
	assert_string_equal(label, expected);
}

static void test_labels(void **state)
{
	(void)state;
	check_label(0, 0.5, "0");
	check_label(0.5, 0.5, "0.5");
	check_label(2, 0.5, "2.0");
	check_label(1200, 200, "1.2k");
	check_label(20000, 10000, "20k");
	check_label(3e6, 1e6, "3M");
	check_label(0.00012, 0.00002, "0.00012");
	check_label(1.2e-7, 2e-8, "1.2e-07");
	check_label(-0.25, 0.05, "-0.25");
}

/* ---- curves ------------------------------------------------------------------------------------ */

struct made { /* a series and what it stands on */
	float values[POINTS];
	double x[POINTS];
	struct lepton__trace trace;
	struct lepton__series series;
};

static double made_x(const void *context, size_t i)
{
	const struct made *made = context;
	return made->x[i];
}

static void make(struct made *made, uint32_t seed, size_t count, int kind)
{
	double x = 0, y = 2;
	for (size_t i = 0; i < count; i++) {
		x += kind % 2 == 0 ? 1 : unit(&seed) < 0.2 ? 0 : unit(&seed) * 9;
		y = kind < 2 ? 0.1 + 2.3 * exp(-(double)i / 300) + 0.1 * unit(&seed) : y + unit(&seed) - 0.5;
		made->x[i] = kind == 3 ? x - made->x[0] : x; /* from 0 on, which a log axis does not have */
		made->x[0] = i == 0 ? x : made->x[0];
		made->values[i] = (float)y;
		if (kind >= 4 && next_random(&seed) % 9 == 0)
			made->values[i] = NAN;
	}
	if (kind == 3)
		made->x[0] = 0;
	lepton__trace_init(&made->trace);
	assert_int_equal(lepton__trace_update(&made->trace, made->values, count, 0, NULL), 0);
	made->series =
		(struct lepton__series){.name = "made", .trace = &made->trace, .x = made_x, .context = made};
}

static double place_of(const struct lepton__window *w, double x)
{
	return w->log_x ? log10(x) : x;
}

static bool shown(const struct lepton__window *w, float value)
{
	return isfinite(value) && (!w->log_y || value > 0);
}

static double height_of(const struct lepton__window *w, float value)
{
	return w->log_y ? log10((double)value) : (double)value;
}

/* The part of a line inside the window, by cutting it at each edge in turn; false if nothing is left. */
static bool cut_line(const struct lepton__window *w, double p[4])
{
	double edge[4] = {w->x_min, w->x_max, w->y_min, w->y_max}, from = 0, to = 1;
	double dx = p[2] - p[0], dy = p[3] - p[1];
	for (int i = 0; i < 4; i++) {
		double start = i < 2 ? p[0] : p[1], d = i < 2 ? dx : dy, sign = i % 2 == 0 ? 1 : -1;
		double at_start = sign * (start - edge[i]), at_end = sign * (start + d - edge[i]);
		if (at_start < 0 && at_end < 0)
			return false;
		if (at_start < 0)
			from = fmax(from, (edge[i] - start) / d);
		else if (at_end < 0)
			to = fmin(to, (edge[i] - start) / d);
	}
	if (from > to)
		return false;
	double cut[4] = {p[0] + from * dx, p[1] + from * dy, p[0] + to * dx, p[1] + to * dy};
	memcpy(p, cut, sizeof cut);
	return true;
}

static int naive_row(const struct lepton__window *w, int height, double y)
{
	return (int)floor((w->y_max - y) / (w->y_max - w->y_min) * (height - 1) + 0.5);
}

static int naive_column(const struct lepton__window *w, int width, double x)
{
	return (int)floor((x - w->x_min) / (w->x_max - w->x_min) * (width - 1) + 0.5);
}

static bool within(const struct lepton__window *w, double x)
{
	return x >= w->from && x <= w->to;
}

static void naive_join(
	struct lepton__canvas *canvas, const struct made *made, const struct lepton__window *w, size_t i)
{
	if (!shown(w, made->values[i - 1]) || !shown(w, made->values[i]) || (w->log_x && made->x[i - 1] <= 0))
		return;
	double p[4] = {place_of(w, made->x[i - 1]), height_of(w, made->values[i - 1]),
		place_of(w, made->x[i]), height_of(w, made->values[i])};
	if (cut_line(w, p))
		lepton__canvas_line(canvas, naive_column(w, canvas->width, p[0]),
			naive_row(w, canvas->height, p[1]), naive_column(w, canvas->width, p[2]),
			naive_row(w, canvas->height, p[3]), 0);
}

/* Every point in turn: each column's own least and greatest, and a line whenever the column changes. */
static void naive(
	struct lepton__canvas *canvas, const struct made *made, size_t count, const struct lepton__window *w)
{
	double low[2000], high[2000];
	int width = canvas->width;
	for (int c = 0; c < width; c++)
		low[c] = INFINITY, high[c] = -INFINITY;
	for (size_t i = 0; i < count; i++) {
		bool in = within(w, made->x[i]), was_in = i > 0 && within(w, made->x[i - 1]);
		int column = in ? naive_column(w, width, place_of(w, made->x[i])) : -1;
		if (in && shown(w, made->values[i])) {
			low[column] = fmin(low[column], height_of(w, made->values[i]));
			high[column] = fmax(high[column], height_of(w, made->values[i]));
		}
		if (i == 0)
			continue;
		bool crosses = made->x[i - 1] < w->from && made->x[i] > w->to;
		bool apart = in && was_in ? column != naive_column(w, width, place_of(w, made->x[i - 1]))
					  : in || was_in || crosses;
		if (apart)
			naive_join(canvas, made, w, i);
	}
	for (int c = 0; c < width; c++)
		for (int row = 0; row < canvas->height; row++)
			if (low[c] <= high[c] && row >= naive_row(w, canvas->height, high[c]) &&
				row <= naive_row(w, canvas->height, low[c]))
				lepton__canvas_dot(canvas, c, row, 0);
}

static void assert_same_dots(const struct lepton__canvas *ours, const struct lepton__canvas *theirs,
	const struct lepton__window *w)
{
	for (int y = 0; y < ours->height; y++)
		for (int x = 0; x < ours->width; x++)
			if (lepton__canvas_has(ours, x, y) != lepton__canvas_has(theirs, x, y))
				fail_msg("%dx%d glyphs %d window %g..%g, %g..%g, ends %sknown: dot %d,%d "
					 "differs",
					ours->cols, ours->rows, (int)ours->glyphs, w->x_min, w->x_max,
					w->y_min, w->y_max, w->ends ? "" : "un", x, y);
}

/* With every column's end looked for by points, and with all of them known before; x asked for, and as they
 * lie. */
static void compare(const struct made *made, size_t count, int rows, int cols, const struct lepton__window *w)
{
	struct lepton__canvas ours, theirs;
	for (int way = 0; way < 6; way++) {
		enum lepton__glyphs glyphs = (enum lepton__glyphs)(LEPTON__GLYPHS_BRAILLE + way % 3);
		struct lepton__window cut = *w;
		struct lepton__series series = made->series;
		assert_int_equal(lepton__canvas_init(&ours, rows, cols, glyphs, NULL), 0);
		assert_int_equal(lepton__canvas_init(&theirs, rows, cols, glyphs, NULL), 0);
		cut.ends = way < 3 ? NULL : lepton__column_ends(w, ours.width);
		series.numbers = way < 3 ? NULL : made->x;
		assert_true(way < 3 || ours.width < 2 || cut.ends);
		lepton__plot_raster(&ours, &series, &made->trace.raw, &cut, 0);
		naive(&theirs, made, count, w);
		assert_same_dots(&ours, &theirs, &cut);
		lepton__free(cut.ends);
		lepton__canvas_free(&ours);
		lepton__canvas_free(&theirs);
	}
}

/* Each end is the first double behind its column: not the one below it. */
static void test_column_ends(void **state)
{
	(void)state;
	uint32_t seed = 77;
	for (int round = 0; round < 400; round++) {
		bool log_x = round % 4 == 3;
		double size = pow(10, unit(&seed) * 12 - 4), from = (log_x ? 1 : unit(&seed) - 0.5) * size,
		       to = from + size * (round % 5 == 4 ? 1e-6 : 1 + unit(&seed));
		int width = 2 + (int)(next_random(&seed) % 500);
		struct lepton__window w = {.log_x = log_x, .from = from, .to = to, .y_max = 1};
		w.x_min = lepton__scaled(from, log_x);
		w.x_max = lepton__scaled(to, log_x);
		double *ends = lepton__column_ends(&w, width);
		assert_non_null(ends);
		for (int c = 0; c + 1 < width; c++) {
			assert_int_equal(lepton__window_column(&w, width, ends[c]), c + 1);
			assert_int_equal(lepton__window_column(&w, width, nextafter(ends[c], -INFINITY)), c);
		}
		assert_true(isinf(ends[width - 1]));
		lepton__free(ends);
	}
}

static void test_raster(void **state)
{
	(void)state;
	static struct made made;
	static const int sizes[][2] = {
		{1, 1}, {1, 40}, {12, 1}, {5, 20}, {18, 60}, {24, 80}, {45, 160}, {100, 400}};
	static const size_t counts[] = {1, 2, 3, 50, 1000, POINTS};
	uint32_t seed = 5;
	for (int kind = 0; kind < 6; kind++)
		for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
			make(&made, 100 + (uint32_t)kind, counts[c], kind);
			for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
				struct lepton__plot plot;
				struct lepton__window w;
				double last = made.x[counts[c] - 1];
				lepton__plot_init(&plot);
				plot.series = &made.series;
				plot.series_count = 1;
				plot.log_y = s % 2 == 1 && kind < 2;
				plot.log_x = (s + c) % 3 == 1;
				if (s % 3 == 2) {
					plot.x_min = unit(&seed) * last * 0.8;
					plot.x_max = plot.x_min + (0.001 + 0.4 * unit(&seed)) * (last + 1);
				}
				if (lepton__plot_window(&plot, &w))
					compare(&made, counts[c], sizes[s][0], sizes[s][1], &w);
			}
			lepton__trace_free(&made.trace);
		}
}

static void test_window(void **state)
{
	(void)state;
	static struct made made;
	struct lepton__plot plot;
	struct lepton__window w;
	make(&made, 1, 3000, 0);
	lepton__plot_init(&plot);
	plot.series = &made.series;
	plot.series_count = 1;
	assert_true(lepton__plot_window(&plot, &w));
	assert_true(w.x_min <= 1 && w.x_max >= 3000);
	plot.robust = false;
	assert_true(lepton__plot_window(&plot, &w));
	for (size_t i = 0; i < 3000; i++)
		assert_true((double)made.values[i] >= w.y_min && (double)made.values[i] <= w.y_max);
	made.values[0] = 1000; /* a spike at the start must not flatten the rest */
	lepton__trace_free(&made.trace);
	lepton__trace_init(&made.trace);
	assert_int_equal(lepton__trace_update(&made.trace, made.values, 3000, 0, NULL), 0);
	plot.robust = true;
	assert_true(lepton__plot_window(&plot, &w));
	assert_true(w.y_max < 10);
	plot.y_min = -5, plot.y_max = 5;
	assert_true(lepton__plot_window(&plot, &w));
	assert_true(fabs(w.y_min + 5) < 1e-12 && fabs(w.y_max - 5) < 1e-12);
	lepton__trace_free(&made.trace);
}

static void test_nothing_to_draw(void **state)
{
	(void)state;
	static struct made made;
	struct lepton__screen *screen;
	struct lepton__theme theme;
	struct lepton__plot plot;
	struct lepton__plot_view view;
	struct lepton__buffer out;
	lepton__theme_default(&theme);
	assert_int_equal(lepton__screen_new(10, 40, LEPTON__GLYPHS_BRAILLE, &screen, NULL), 0);
	make(&made, 1, 3, 0);
	made.values[0] = made.values[1] = made.values[2] = NAN;
	lepton__trace_free(&made.trace);
	assert_int_equal(lepton__trace_update(&made.trace, made.values, 3, 0.9, NULL), 0);
	lepton__plot_init(&plot);
	plot.series = &made.series;
	for (plot.series_count = 0; plot.series_count < 2; plot.series_count++) {
		lepton__screen_clear(screen);
		lepton__plot_draw(screen, &theme, (struct lepton__rect){0, 0, 10, 40}, &plot, &view);
		assert_true(lepton__rect_empty(view.area));
		lepton__buffer_init(&out, 1 << 16);
		lepton__screen_to_text(screen, &out);
		assert_non_null(
			strstr(out.data, plot.series_count == 0 ? "no version chosen" : "no points yet"));
		lepton__buffer_free(&out);
	}
	lepton__trace_free(&made.trace);
	lepton__screen_free(screen);
}

/* Drawing with everything switched on, at every size, must stay inside its rectangle. */
static void test_stays_inside(void **state)
{
	(void)state;
	static struct made made[3];
	struct lepton__series series[3];
	struct lepton__theme theme;
	struct lepton__plot plot;
	const struct lepton__plot_mark marks[] = {{100, 0, 1, "something happened"}, {1e9, 'x', 2, NULL}};
	static struct lepton__gap gap = {200, 300};
	struct lepton__gaps gaps = {.items = &gap, .count = 1};
	const struct lepton__plot_group groups[] = {{"two of them", 0, 2}, {"one", 2, 1}};
	lepton__theme_default(&theme);
	for (size_t k = 0; k < 3; k++) {
		make(&made[k], (uint32_t)k, 500 + 400 * k, (int)k * 2);
		assert_int_equal(lepton__trace_update(&made[k].trace, made[k].values, 500 + 400 * k,
					 k == 1 ? 0.9 : 0, NULL),
			0);
		series[k] = made[k].series;
		series[k].look = k + 20;
		series[k].pinned = k == 2;
		series[k].gaps = k == 1 ? &gaps : NULL;
		series[k].name = k == 0 ? "a rather long name for a version of a model" : "日本語";
	}
	lepton__plot_init(&plot);
	plot.series = series;
	plot.series_count = 3;
	plot.marks = marks;
	plot.mark_count = 2;
	plot.x_label = "step";
	plot.y_label = "loss";
	for (int rows = 0; rows < 40; rows++)
		for (int cols = 0; cols < 120; cols += cols < 30 ? 1 : 9) {
			struct lepton__screen *screen;
			struct lepton__plot_view view;
			struct lepton__rect rect = {2, 3, rows, cols};
			plot.cursor = rows % 3 == 0 ? 321 : NAN;
			plot.log_y = rows % 4 == 1;
			plot.log_x = rows % 7 == 3;
			plot.best = (enum lepton__best)(rows % 3);
			plot.chosen[0] = rows % 2 ? 100 : NAN;
			plot.chosen[1] = 400;
			plot.groups = rows % 8 == 5 ? groups : NULL;
			plot.group_count = 2;
			plot.x_is_time = rows % 5 == 2;
			assert_int_equal(lepton__screen_new(rows + 4, cols + 6,
						 (enum lepton__glyphs)(cols % 3), &screen, NULL),
				0);
			if (rows % 5 == 4)
				lepton__plot_heat(screen, &theme, rect, &plot, (size_t)rows % 4, 1, &view);
			else
				lepton__plot_draw(screen, &theme, rect, &plot, &view);
			for (int y = 0; y < screen->rows; y++)
				for (int x = 0; x < screen->cols; x++)
					if (!lepton__rect_has(rect, y, x) &&
						lepton__screen_at(screen, y, x)->glyph.code != ' ')
						fail_msg("a plot of %dx%d drew outside, at %d,%d", cols, rows,
							y - 2, x - 3);
			if (!lepton__rect_empty(view.area))
				assert_true(lepton__plot_x_at(&view, view.area.x) >= view.x_min &&
					    lepton__plot_x_at(&view, view.area.x + view.area.cols - 1) <=
						    view.x_max);
			lepton__screen_free(screen);
		}
	for (size_t k = 0; k < 3; k++)
		lepton__trace_free(&made[k].trace);
}

static void test_hundred_series(void **state)
{
	(void)state;
	static struct made made;
	static struct lepton__series series[200];
	struct lepton__screen *screen;
	struct lepton__theme theme;
	struct lepton__plot plot;
	lepton__theme_default(&theme);
	make(&made, 4, 2000, 2);
	for (size_t k = 0; k < 200; k++) {
		series[k] = made.series;
		series[k].look = k;
		series[k].pinned = k % 7 == 0;
	}
	lepton__plot_init(&plot);
	plot.series = series;
	plot.series_count = 200;
	assert_int_equal(lepton__screen_new(30, 100, LEPTON__GLYPHS_BRAILLE, &screen, NULL), 0);
	lepton__plot_draw(screen, &theme, (struct lepton__rect){0, 0, 30, 100}, &plot, NULL);
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 20);
	lepton__screen_to_text(screen, &out);
	assert_non_null(strstr(out.data, "and "));
	lepton__buffer_free(&out);
	lepton__screen_free(screen);
	lepton__trace_free(&made.trace);
}

/* The best value has its room, however small it is. */
static void test_legend_figures(void **state)
{
	(void)state;
	static struct made made;
	static const struct {
		float least;
		const char *figure;
	} cases[] = {
		{0.0357f, "0.0357"}, {3.57e-5f, "3.6e-05"}, {1.5e-30f, "1.5e-30"}, {-3.57e-5f, "-4e-05"}};
	struct lepton__theme theme;
	lepton__theme_default(&theme);
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		struct lepton__screen *screen;
		struct lepton__plot plot;
		struct lepton__buffer out;
		for (size_t i = 0; i < 50; i++) {
			made.x[i] = (double)i;
			made.values[i] = i == 25 ? cases[k].least : 1;
		}
		lepton__trace_init(&made.trace);
		assert_int_equal(lepton__trace_update(&made.trace, made.values, 50, 0, NULL), 0);
		made.series = (struct lepton__series){
			.name = "made", .trace = &made.trace, .x = made_x, .context = &made};
		lepton__plot_init(&plot);
		plot.series = &made.series;
		plot.series_count = 1;
		plot.best = LEPTON__BEST_LEAST;
		assert_int_equal(lepton__screen_new(30, 100, LEPTON__GLYPHS_BRAILLE, &screen, NULL), 0);
		lepton__plot_draw(screen, &theme, (struct lepton__rect){0, 0, 30, 100}, &plot, NULL);
		lepton__buffer_init(&out, 1 << 20);
		lepton__screen_to_text(screen, &out);
		assert_non_null(strstr(out.data, cases[k].figure));
		assert_null(strstr(out.data, "\xe2\x80\xa6"));
		lepton__buffer_free(&out);
		lepton__screen_free(screen);
		lepton__trace_free(&made.trace);
	}
}

static void test_zoom(void **state)
{
	(void)state;
	double lo = 0, hi = 100;
	lepton__plot_zoom(&lo, &hi, 0, 100, 30, 0.5);
	assert_true(
		fabs(lo - 15) < 1e-9 && fabs(hi - 65) < 1e-9); /* the point under the cursor stays there */
	lepton__plot_zoom(&lo, &hi, 0, 100, 15, 1.5);
	assert_true(lo >= 0 && fabs(hi - lo - 75) < 1e-9);
	lepton__plot_zoom(&lo, &hi, 0, 100, 50, 1000);
	assert_true(fabs(lo) < 1e-12 && fabs(hi - 100) < 1e-12);
	for (int i = 0; i < 200; i++)
		lepton__plot_zoom(&lo, &hi, 0, 100, 42, 0.5);
	assert_true(hi > lo && lo <= 42 && hi >= 42);
}

static void test_series_value(void **state)
{
	(void)state;
	static struct made made;
	make(&made, 8, 200, 5);
	for (double x = -1; x < made.x[199] + 3; x += 0.7) {
		double expected = NAN;
		for (size_t i = 0; i < 200 && made.x[i] <= x; i++)
			if (isfinite(made.values[i]))
				expected = (double)made.values[i];
		double got = lepton__series_value(&made.series, x);
		assert_true((isnan(expected) && isnan(got)) || fabs(expected - got) < 1e-12);
	}
	lepton__trace_free(&made.trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nice_ticks),
		cmocka_unit_test(test_odd_ticks),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_raster),
		cmocka_unit_test(test_column_ends),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_nothing_to_draw),
		cmocka_unit_test(test_stays_inside),
		cmocka_unit_test(test_hundred_series),
		cmocka_unit_test(test_legend_figures),
		cmocka_unit_test(test_zoom),
		cmocka_unit_test(test_series_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
