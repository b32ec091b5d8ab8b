/* tests/test_tui_bands.c - bands, heat-maps, best values and gaps against plain code that looks at every
 * value.
 *
 * The plain code knows no pyramid and no search: for each dot column it goes through all points of all
 * members and through all lines between them. The pictures must be the same, dot for dot and cell for cell.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tui/plot_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 1500
#define MEMBERS 5

struct made {
	float values[POINTS];
	double x[POINTS];
	size_t count;
	struct lepton__trace trace;
};

static struct made made[MEMBERS];
static struct lepton__series series[MEMBERS];

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static double unit(uint32_t *state)
{
	return next_random(state) / 16777216.0;
}

static double made_x(const void *context, size_t i)
{
	return ((const struct made *)context)->x[i];
}

/* Members of different lengths and steps, some with values that are no numbers. */
static void make(uint32_t seed, size_t most, bool broken)
{
	double floor = seed % 5 == 1 ? -0.1 : 0.05; /* on a log axis some are not there */
	for (size_t k = 0; k < MEMBERS; k++) {
		double x = unit(&seed) * 5;
		made[k].count = 1 + next_random(&seed) % most;
		for (size_t i = 0; i < made[k].count; i++) {
			made[k].x[i] = x;
			made[k].values[i] = (float)(floor + 2 * exp(-(double)i / 90) + 0.3 * unit(&seed));
			if (broken && next_random(&seed) % 7 == 0)
				made[k].values[i] = next_random(&seed) % 2 ? NAN : INFINITY;
			x += seed % 3 == 0 ? 1 : unit(&seed) * 4;
		}
		lepton__trace_init(&made[k].trace);
		assert_int_equal(
			lepton__trace_update(&made[k].trace, made[k].values, made[k].count, 0, NULL), 0);
		series[k] = (struct lepton__series){
			.name = "made", .trace = &made[k].trace, .x = made_x, .context = &made[k], .look = k};
	}
}

static void unmake(void)
{
	for (size_t k = 0; k < MEMBERS; k++)
		lepton__trace_free(&made[k].trace);
}

/* The line between the two points around x, found by going through all; NaN outside or at a gap. */
static double on_line(const struct made *m, double x)
{
	for (size_t i = m->count; i-- > 0;) {
		if (m->x[i] > x)
			continue;
		if (x <= m->x[i])
			return (double)m->values[i];
		if (i + 1 == m->count)
			return NAN;
		double part = (x - m->x[i]) / (m->x[i + 1] - m->x[i]);
		return (double)m->values[i] + ((double)m->values[i + 1] - (double)m->values[i]) * part;
	}
	return NAN;
}

static void test_between(void **state)
{
	(void)state;
	uint32_t seed = 3;
	for (uint32_t round = 0; round < 40; round++) {
		make(round, 60, round % 2);
		for (int i = 0; i < 200; i++) {
			double x = i < 60 && (size_t)i < made[0].count ? made[0].x[i] : unit(&seed) * 160 - 5;
			double expected = on_line(&made[0], x), got = lepton__series_between(&series[0], x);
			if (isfinite(expected) ? !(fabs(expected - got) < 1e-9) : isfinite(got))
				fail_msg("at %g: %g, not %g", x, got, expected);
		}
		unmake();
	}
}

/* ---- bands ---- */

static double axis_place(double value, bool log)
{
	return log ? log10(value) : value;
}

static bool shown(float value, bool log)
{
	return isfinite(value) && (!log || value > 0);
}

static int plain_row(const struct lepton__window *w, int height, double y)
{
	double row = floor((w->y_max - axis_place(y, w->log_y)) / (w->y_max - w->y_min) * (height - 1) + 0.5);
	return row < -1 ? -1 : row > height ? height : (int)row;
}

static int plain_column(const struct lepton__window *w, int width, double x)
{
	return (int)floor((axis_place(x, w->log_x) - w->x_min) / (w->x_max - w->x_min) * (width - 1) + 0.5);
}

static double plain_middle(const struct lepton__window *w, int width, int c)
{
	if (width == 1)
		return w->log_x ? pow(10, (w->x_min + w->x_max) / 2) : (w->x_min + w->x_max) / 2;
	if (c == 0 || c == width - 1)
		return c == 0 ? w->from : w->to;
	double place = w->x_min + (double)c / (width - 1) * (w->x_max - w->x_min);
	return w->log_x ? pow(10, place) : place;
}

static void plain_band(struct lepton__canvas *canvas, const struct lepton__window *w)
{
	int width = canvas->width, height = canvas->height, before = 0;
	bool had = false;
	for (int c = 0; c < width; c++) {
		double low = INFINITY, high = -INFINITY, sum = 0, middle = plain_middle(w, width, c);
		int count = 0;
		for (size_t k = 0; k < MEMBERS; k++) {
			for (size_t i = 0; i < made[k].count; i++)
				if (made[k].x[i] >= w->from && made[k].x[i] <= w->to &&
					plain_column(w, width, made[k].x[i]) == c &&
					shown(made[k].values[i], w->log_y)) {
					low = fmin(low, (double)made[k].values[i]);
					high = fmax(high, (double)made[k].values[i]);
				}
			double y = on_line(&made[k], middle);
			if (!isfinite(y))
				continue;
			sum += y;
			count++;
			low = fmin(low, y);
			high = fmax(high, y);
		}
		for (int y = 0; low <= high && y < height; y++)
			if (y >= plain_row(w, height, high) && y <= plain_row(w, height, low) &&
				(c + y) % 2 == 0)
				lepton__canvas_dot(canvas, c, y, 1);
		int row = count ? plain_row(w, height, sum / count) : 0;
		if (count)
			lepton__canvas_line(canvas, had ? c - 1 : c, had ? before : row, c, row, 0);
		had = count > 0;
		before = row;
	}
}

static void compare_bands(int rows, int cols, const struct lepton__window *w)
{
	for (int glyphs = LEPTON__GLYPHS_BRAILLE; glyphs <= LEPTON__GLYPHS_ASCII; glyphs++) {
		struct lepton__canvas ours, plain;
		assert_int_equal(
			lepton__canvas_init(&ours, rows, cols, (enum lepton__glyphs)glyphs, NULL), 0);
		assert_int_equal(
			lepton__canvas_init(&plain, rows, cols, (enum lepton__glyphs)glyphs, NULL), 0);
		assert_int_equal(lepton__plot_band(&ours, series, MEMBERS, w, 0, 1), 0);
		plain_band(&plain, w);
		for (int y = 0; y < ours.height; y++)
			for (int x = 0; x < ours.width; x++)
				if (lepton__canvas_has(&ours, x, y) != lepton__canvas_has(&plain, x, y))
					fail_msg("%dx%d glyphs %d, %g..%g: dot %d,%d differs", cols, rows,
						glyphs, w->from, w->to, x, y);
		lepton__canvas_free(&ours);
		lepton__canvas_free(&plain);
	}
}

static void test_bands(void **state)
{
	(void)state;
	static const int sizes[][2] = {{1, 1}, {1, 40}, {8, 1}, {7, 23}, {24, 80}, {45, 160}};
	uint32_t seed = 9;
	for (uint32_t round = 0; round < 24; round++) {
		make(round, round % 3 == 0 ? 5 : round % 3 == 1 ? 80 : POINTS, round % 4 == 3);
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
			struct lepton__plot plot;
			struct lepton__window w;
			lepton__plot_init(&plot);
			plot.series = series;
			plot.series_count = MEMBERS;
			plot.log_y = (s + round) % 3 == 1;
			plot.log_x = (s + round) % 4 == 1;
			if (s % 2) {
				plot.x_min = 1 + unit(&seed) * 50;
				plot.x_max = plot.x_min * (1.01 + 4 * unit(&seed));
			}
			if (lepton__plot_window(&plot, &w))
				compare_bands(sizes[s][0], sizes[s][1], &w);
		}
		unmake();
	}
}

static void test_band_values(void **state)
{
	(void)state;
	make(5, 200, false);
	for (double x = -3; x < 500; x += 1.7) {
		struct lepton__band_value value = lepton__band_value(series, MEMBERS, x);
		double sum = 0, squares = 0, low = INFINITY, high = -INFINITY;
		size_t n = 0;
		for (size_t k = 0; k < MEMBERS; k++)
			if (isfinite(on_line(&made[k], x))) {
				sum += on_line(&made[k], x);
				low = fmin(low, on_line(&made[k], x));
				high = fmax(high, on_line(&made[k], x));
				n++;
			}
		for (size_t k = 0; k < MEMBERS; k++)
			if (isfinite(on_line(&made[k], x)))
				squares += pow(on_line(&made[k], x) - sum / (double)n, 2);
		assert_int_equal(value.count, n);
		assert_true(n == 0 ? isnan(value.mean) : fabs(value.mean - sum / (double)n) < 1e-9);
		assert_true(
			n == 0 || (fabs(value.least - low) < 1e-12 && fabs(value.greatest - high) < 1e-12));
		assert_true(n < 2 ? isnan(value.deviation)
				  : fabs(value.deviation - sqrt(squares / (double)(n - 1))) < 1e-9);
	}
	unmake();
}

/* ---- heat-maps ---- */

/* The quarter of a value among all that are shown, by counting; equals count half. */
static int plain_quarter(const float *all, size_t count, float value)
{
	double below = 0;
	for (size_t i = 0; i < count; i++)
		below += all[i] < value ? 1 : all[i] > value ? 0 : 0.5;
	int quarter = (int)(below / (double)count * 4);
	return quarter > 3 ? 3 : quarter;
}

static void compare_heat(const struct lepton__plot *plot, int rows, int cols, enum lepton__glyphs glyphs)
{
	static const uint32_t fine[] = {0x2591, 0x2592, 0x2593, 0x2588}, ascii[] = {'.', '-', '+', '#'};
	struct lepton__screen *screen;
	struct lepton__theme theme;
	struct lepton__plot_view view;
	lepton__theme_default(&theme);
	assert_int_equal(lepton__screen_new(rows, cols, glyphs, &screen, NULL), 0);
	size_t drawn = lepton__plot_heat(
		screen, &theme, (struct lepton__rect){0, 0, rows, cols}, plot, 0, MEMBERS, &view);
	float *all = calloc(drawn * (size_t)view.area.cols + 1, sizeof *all);
	size_t count = 0;
	assert_non_null(all);
	assert_true(drawn <= MEMBERS && (drawn == MEMBERS || (int)drawn == (rows > 3 ? rows - 3 : rows)));
	for (int pass = 0; pass < 2; pass++)
		for (int y = 0; y < view.area.rows; y++)
			for (int c = 0; c < view.area.cols; c++) {
				const struct made *m = &made[y];
				double x = lepton__plot_x_at(&view, view.area.x + c);
				float value = (float)on_line(m, x);
				uint32_t code = lepton__screen_at(screen, view.area.y + y, view.area.x + c)
							->glyph.code;
				if (pass == 0) {
					if (isfinite(value))
						all[count++] = value;
					continue;
				}
				uint32_t cross = glyphs == LEPTON__GLYPHS_ASCII ? 'X' : 0xd7;
				bool inside = x >= m->x[0] && x <= m->x[m->count - 1];
				uint32_t expected =
					!isfinite(value)
						? (inside ? cross : ' ')
						: (glyphs == LEPTON__GLYPHS_ASCII
								  ? ascii
								  : fine)[plain_quarter(all, count, value)];
				if (code != expected)
					fail_msg("%dx%d row %d cell %d: U+%04x, not U+%04x", cols, rows, y, c,
						(unsigned)code, (unsigned)expected);
			}
	free(all);
	lepton__screen_free(screen);
}

static void test_heat(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < 12; round++) {
		struct lepton__plot plot;
		make(round + 50, round % 2 ? 12 : 700, round % 3 == 2);
		lepton__plot_init(&plot);
		plot.series = series;
		plot.series_count = MEMBERS;
		plot.log_x = round % 4 == 1;
		for (int rows = 1; rows < 12; rows++)
			for (int cols = 24; cols < 180; cols += 37)
				compare_heat(&plot, rows, cols,
					round % 2 ? LEPTON__GLYPHS_ASCII : LEPTON__GLYPHS_BRAILLE);
		unmake();
	}
}

/* ---- best values, gaps ---- */

static void test_best(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < 60; round++) {
		make(round + 7, 400, round % 2);
		for (double until = -1; until < 1000; until += 23.3)
			for (int which = LEPTON__BEST_LEAST; which <= LEPTON__BEST_GREATEST; which++) {
				double x, y, best_x = NAN, best = NAN;
				for (size_t i = 0; i < made[0].count && made[0].x[i] <= until; i++) {
					double v = (double)made[0].values[i];
					bool better = isnan(best) ||
						      (which == LEPTON__BEST_LEAST ? v < best : v > best);
					if (isfinite(v) && better)
						best = v, best_x = made[0].x[i];
				}
				bool any = lepton__series_best(
					&series[0], (enum lepton__best)which, until, &x, &y);
				assert_int_equal(any, isfinite(best));
				if (any && (fabs(x - best_x) > 0 || fabs(y - best) > 0))
					fail_msg("until %g: %g at %g, not %g at %g", until, y, x, best,
						best_x);
			}
		unmake();
	}
}

/* However the values come, the gaps are those of all of them. */
static void test_gaps(void **state)
{
	(void)state;
	static float values[3000];
	uint32_t seed = 21;
	struct lepton__gaps gaps = {0};
	for (size_t i = 0; i < 3000; i++)
		values[i] = next_random(&seed) % 5 < 2 ? NAN : next_random(&seed) % 9 == 0 ? -INFINITY : 1;
	for (size_t count = 0; count <= 3000; count += 1 + next_random(&seed) % 40) {
		size_t at = 0, looked = next_random(&seed) % 20 == 0 ? count / 2
								     : count; /* now and then a step back */
		assert_int_equal(lepton__gaps_update(&gaps, values, looked, NULL), 0);
		for (size_t g = 0; g < gaps.count; g++) {
			assert_true(gaps.items[g].from < gaps.items[g].to && gaps.items[g].to <= looked);
			for (; at < gaps.items[g].to; at++)
				assert_int_equal(isfinite(values[at]) == 0, at >= gaps.items[g].from);
			assert_true(at == looked || isfinite(values[at]));
		}
		for (; at < looked; at++)
			assert_true(isfinite(values[at]));
	}
	lepton__gaps_free(&gaps);
}

/* A curve that is lost has a cross at the top edge over each column where it is, and nowhere else. */
static void test_crosses(void **state)
{
	(void)state;
	struct lepton__screen *screen;
	struct lepton__theme theme;
	struct lepton__plot plot;
	struct lepton__plot_view view;
	struct lepton__gaps gaps = {0};
	lepton__theme_default(&theme);
	make(2, 900, true);
	assert_int_equal(lepton__gaps_update(&gaps, made[0].values, made[0].count, NULL), 0);
	assert_true(gaps.count > 3);
	series[0].gaps = &gaps;
	lepton__plot_init(&plot);
	plot.series = series;
	plot.series_count = 1;
	plot.legend = false;
	for (int cols = 21; cols < 300; cols += 31) {
		bool lost[300] = {false};
		assert_int_equal(lepton__screen_new(12, cols, LEPTON__GLYPHS_BRAILLE, &screen, NULL), 0);
		plot.x_max = cols % 2 ? NAN : made[0].x[made[0].count / 3];
		lepton__plot_draw(screen, &theme, (struct lepton__rect){0, 0, 12, cols}, &plot, &view);
		for (size_t i = 0; i < made[0].count; i++)
			if (!isfinite(made[0].values[i]) && made[0].x[i] <= view.x_max)
				lost[(int)floor((made[0].x[i] - view.x_min) / (view.x_max - view.x_min) *
							(view.area.cols * 2 - 1) +
						0.5) /
					2] = true;
		for (int c = 0; c < view.area.cols; c++) {
			bool cross =
				lepton__screen_at(screen, view.area.y, view.area.x + c)->glyph.code == 0xd7;
			bool beside = (c > 0 && lost[c - 1]) || (c + 1 < view.area.cols && lost[c + 1]);
			if (lost[c] ? !cross : cross && !beside)
				fail_msg("%d columns: cross at %d is %d", cols, c, cross);
		}
		lepton__screen_free(screen);
	}
	lepton__gaps_free(&gaps);
	unmake();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_between),
		cmocka_unit_test(test_bands),
		cmocka_unit_test(test_band_values),
		cmocka_unit_test(test_heat),
		cmocka_unit_test(test_best),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_crosses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
